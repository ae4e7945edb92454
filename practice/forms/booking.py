"""The forms of booking: a time to hold, and the details that make it a booking."""

from datetime import date, datetime

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import ValidationError

from practice.domain.booking import Details, HoldRequest, Who
from practice.forms.checks import a_name, a_zone, an_address, an_instant, empty, instant, once, tidy

_KNOWN_HOSTS = (
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com",
    "proton.me", "gmx.de", "gmx.net", "web.de", "live.com", "aol.com", "hotmail.co.uk",
    "yahoo.co.uk", "btinternet.com",
)  # fmt: skip


class HoldForm(FlaskForm):
    """The picker: who comes, which day is shown, and the time that was pressed."""

    who = StringField(default=Who.ME, validators=[once])
    d = StringField(validators=[once])
    t = StringField(validators=[once, an_instant])
    zone = HiddenField(validators=[once, a_zone])
    offering = HiddenField(validators=[once])
    key = HiddenField(validators=[once])

    def validate_who(self, field: StringField) -> None:
        """Refuse anything but the two answers."""
        if field.data not in set(Who):
            raise ValidationError("Please choose who is coming.")

    def validate_d(self, field: StringField) -> None:
        """Refuse a day that is none."""
        try:
            date.fromisoformat(field.data or "2026-01-01")
        except ValueError as fault:
            raise ValidationError("Please choose one of the days.") from fault

    def validate_key(self, field: HiddenField) -> None:
        """Refuse a key that this house did not make."""
        if field.data and not (field.data.isalnum() and len(field.data) <= 40):  # noqa: PLR2004
            raise ValidationError("Please open this page again.")

    def to_request(self, *, browser: str, caller: str) -> HoldRequest:
        """Return the wish as the domain knows it."""
        return HoldRequest(
            offering=self.offering.data or "",
            starts_at=_sure(instant(self.t.data)),
            who=Who(self.who.data),
            zone=self.zone.data,
            key=self.key.data or "",
            browser=browser,
            caller=caller,
        )


class DetailsForm(FlaskForm):
    """Name and address of who books, and which letters she wants."""

    name = StringField(filters=[tidy], validators=[once, a_name])
    email = StringField(filters=[tidy], validators=[once, an_address])
    invite = BooleanField(default=False)
    reminder = BooleanField(default=True)
    website = StringField(validators=[empty])
    t = HiddenField(validators=[once])

    def validate_t(self, field: HiddenField) -> None:
        """Refuse another time that is no instant."""
        if field.data and instant(field.data) is None:
            raise ValidationError("Please choose one of the times.")

    def to_request(self, *, caller: str) -> Details:
        """Return what was typed as the domain knows it."""
        return Details(
            name=self.name.data,
            email=self.email.checked,
            invite=bool(self.invite.data),
            reminder=bool(self.reminder.data),
            caller=caller,
            instead_at=instant(self.t.data),
        )

    def email_suggestion(self) -> str:
        """Return the host that was probably meant by a mistyped one ("gmail.com"), or ""."""
        host = (self.email.data or "").rpartition("@")[2].casefold()
        if not host or host in _KNOWN_HOSTS:
            return ""
        return next((known for known in _KNOWN_HOSTS if _one_slip(host, known)), "")


class MoveForm(FlaskForm):
    """The picker for another time."""

    d = StringField(validators=[once])
    t = StringField(validators=[once, an_instant])

    def to_request(self) -> datetime:
        """Return the new start, aware UTC."""
        return _sure(instant(self.t.data))


class PressForm(FlaskForm):
    """A button alone: nothing is typed, but only a press on our own page counts."""


def _sure(at: datetime | None) -> datetime:
    if at is None:
        raise ValueError("A form that was not checked has no instant.")
    return at


def _one_slip(typed: str, meant: str) -> bool:
    """Tell whether one letter was missed, doubled, changed, or two were swapped."""
    if typed == meant or abs(len(typed) - len(meant)) > 1:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b),
        min(len(typed), len(meant)),
    )
    a, b = typed[start:], meant[start:]
    swapped = len(a) > 1 and len(b) > 1 and a[1] + a[0] + a[2:] == b
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or swapped
