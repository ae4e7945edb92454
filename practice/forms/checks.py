"""What several forms ask of a field: one value, clean text, an address, an instant, a zone."""

import re
from datetime import UTC, datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms.validators import StopValidation, ValidationError

from practice.domain.letters import clean_line
from practice.domain.refusal import Invalid
from practice.domain.zone import zone_named

_LINK = re.compile(r"://|www\.|@|\.[a-z]{2,}/", re.IGNORECASE)
_YEARS = range(2000, 9000)  # where no length or zone leads out of the calendar
_INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):00Z", re.ASCII)


def once(_form: Any, field: Any) -> None:
    """Refuse a field that was sent more than once."""
    if field.raw_data and len(field.raw_data) > 1:
        raise StopValidation("This was sent twice with different values. Please choose once more.")


def tidy(text: str | None) -> str:
    """Return a line of text without controls and doubled spaces."""
    return clean_line(text or "")


def instant(text: str | None) -> datetime | None:
    """Return the aware UTC instant of a text like 2026-06-09T16:30:00Z, or None."""
    match = _INSTANT.fullmatch(text or "")
    if match is None:
        return None
    year, month, day, hour, minute = map(int, match.groups())
    if year not in _YEARS:
        return None
    try:
        return datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None


def an_instant(_form: Any, field: Any) -> None:
    """Refuse what is no instant."""
    if instant(field.data) is None:
        raise ValidationError("Please choose one of the times.")


def a_zone(_form: Any, field: Any) -> None:
    """Refuse what names no time zone."""
    try:
        zone_named(field.data or "")
    except Invalid as refusal:
        raise ValidationError(refusal.sentence) from refusal


def a_name(_form: Any, field: Any) -> None:
    """Refuse a missing name, or one of more than 200 letters."""
    if not field.data:
        raise ValidationError("Enter the name we should call you by.")
    _a_fair_name(field)


def another_s_name(_form: Any, field: Any) -> None:
    """Refuse what cannot be the name of somebody whom the desk writes down."""
    if not field.data:
        raise ValidationError("Enter the name of this person.")
    _a_fair_name(field)


def another_s_address(form: Any, field: Any) -> None:
    """Refuse what cannot be the address of somebody whom the desk writes down."""
    if not field.data:
        raise ValidationError("Enter the email address of this person.")
    an_address(form, field)


def _a_fair_name(field: Any) -> None:
    if len(field.data) > 200:  # noqa: PLR2004 - the limit that the sentence names
        raise ValidationError("Enter a name of at most 200 letters.")
    if _LINK.search(field.data):
        # Our letter greets with it: nobody is to send links to strangers under our name.
        raise ValidationError("Enter a name without addresses or links.")


def an_address(_form: Any, field: Any) -> None:
    """Refuse what cannot be an e-mail address; leaves the address in its normal form."""
    if not field.data:
        raise ValidationError("Enter an email address.")
    try:
        found = validate_email(
            field.data, check_deliverability=False, allow_smtputf8=False, strict=False
        )
    except EmailNotValidError as fault:
        raise ValidationError("Enter an email address, like name@example.com.") from fault
    # The ASCII form (IDNA 2008): two domains that only look alike stay two.
    field.checked = found.ascii_email or found.normalized


def empty(_form: Any, field: Any) -> None:
    """Refuse a field that no person sees, filled in by a machine."""
    if field.data:
        raise ValidationError("Please leave this field empty.")
