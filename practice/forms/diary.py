"""The forms of the diary: a time to move to, and time to block, on the coach's own clock."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import ValidationError

from practice.domain.refusal import Invalid
from practice.domain.repeating import Repeat, Stretch
from practice.domain.zone import resolve_local
from practice.forms.checks import an_instant, instant, once, tidy

T = TypeVar("T")

_CLOCK = re.compile(r"(\d\d?):(\d\d)(?::00)?", re.ASCII)
_YEARS = range(1971, 9998)
_DAY = 24 * 60
_LONGEST_NOTE = 200
_ONCE = "once"


def a_date(_form: Any, field: Any) -> None:
    """Refuse what is no date."""
    if typed_date(field.data) is None:
        raise ValidationError("Enter a date, like 2026-06-09.")


def a_clock_time(_form: Any, field: Any) -> None:
    """Refuse what is no time of day."""
    if typed_minute(field.data) is None:
        raise ValidationError("Enter a time, like 17:30.")


def typed_date(text: str | None) -> date | None:
    """Return the date of a text like 2026-06-09, or None."""
    try:
        on = date.fromisoformat(text or "")
    except ValueError:
        return None
    return on if on.year in _YEARS else None


def typed_minute(text: str | None) -> int | None:
    """Return the minutes after midnight of a text like 17:30, up to 24:00, or None."""
    match = _CLOCK.fullmatch(text or "")
    if match is None:
        return None
    hour, minute = map(int, match.groups())
    total = hour * 60 + minute
    return total if minute < 60 and total <= _DAY else None  # noqa: PLR2004 - minutes of an hour


class DiaryForm(FlaskForm):
    """A form whose answers may still be refused by the clock or the diary, beside their fields."""

    blamed: ClassVar[Mapping[str, str]] = {}

    def blame(self, refusal: Invalid) -> None:
        """Put the sentence of a refusal beside the field that it is about."""
        name = self.blamed.get(refusal.field or "", next(iter(self.blamed.values())))
        field = self[name]
        field.errors = [*field.errors, refusal.sentence]


class MoveToForm(DiaryForm):
    """A date and a time of day to move a booking to, typed by the coach."""

    blamed: ClassVar[Mapping[str, str]] = {"on": "on", "time": "at"}

    on = StringField(filters=[tidy], validators=[once, a_date])
    at = StringField(filters=[tidy], validators=[once, a_clock_time])

    def to_request(self, zone: ZoneInfo) -> datetime:
        """Return the start, aware UTC; raises Invalid where the clock skips it."""
        on, minute = _sure(typed_date(self.on.data)), _sure(typed_minute(self.at.data))
        return resolve_local(on, minute, zone)


class SuggestedForm(FlaskForm):
    """One of the suggested times, pressed."""

    t = StringField(validators=[once, an_instant])

    def to_request(self) -> datetime:
        """Return the start, aware UTC."""
        return _sure(instant(self.t.data))


class BlockForm(DiaryForm):
    """Time to block: from a date and time to a date and time, or whole days."""

    blamed: ClassVar[Mapping[str, str]] = {
        "on": "on",
        "until": "until",
        "last": "last",
        "time": "since",
        "every": "every",
        "until_on": "until_on",
    }

    on = StringField(filters=[tidy], validators=[once, a_date])
    last = StringField(filters=[tidy], validators=[once])
    all_day = BooleanField(default=False)
    since = StringField(filters=[tidy], validators=[once])
    until = StringField(filters=[tidy], validators=[once])
    note = StringField(filters=[tidy], validators=[once])
    around = BooleanField(default=False)
    every = SelectField(
        choices={
            _ONCE: "Once",
            "1": "Every week",
            "2": "Every 2 weeks",
            "4": "Every 4 weeks",
        },
        default=_ONCE,
        validators=[once],
    )
    until_on = StringField(filters=[tidy], validators=[once])

    def validate_last(self, field: StringField) -> None:
        """Refuse a last day that is none, or comes before the first."""
        if not field.data:
            return
        last, first = typed_date(field.data), typed_date(self.on.data)
        if last is None:
            raise ValidationError("Enter a date, like 2026-06-12, or leave it empty.")
        if first is not None and last < first:
            raise ValidationError("The last day comes before the first.")

    def validate_since(self, field: StringField) -> None:
        """Refuse a beginning that is no time, unless whole days are wanted."""
        if not self.all_day.data:
            a_clock_time(self, field)

    def validate_until(self, field: StringField) -> None:
        """Refuse an end that is no time, unless whole days are wanted."""
        if not self.all_day.data:
            a_clock_time(self, field)

    def validate_until_on(self, field: StringField) -> None:
        """Refuse, for what repeats, what is no date."""
        if self.every.data != _ONCE and typed_date(field.data) is None:
            raise ValidationError("Enter the date until which it repeats, like 2026-12-18.")

    def validate_note(self, field: StringField) -> None:
        """Refuse a long note."""
        if len(field.data) > _LONGEST_NOTE:
            raise ValidationError("Use at most 200 letters, please.")

    def to_request(self, zone: ZoneInfo) -> tuple[Stretch, Repeat | None]:
        """Return what is to be blocked and how it repeats; raises Invalid where it has no length.

        "00:00" as the end is the end of its date. Of what repeats, only the first time may not
        begin or end where the clock skips an hour.
        """
        on = _sure(typed_date(self.on.data))
        last = typed_date(self.last.data) or on
        if self.all_day.data:
            stretch = Stretch(on, 0, last, _DAY)
        else:
            until = _sure(typed_minute(self.until.data)) or _DAY
            stretch = Stretch(on, _sure(typed_minute(self.since.data)), last, until)
            _check_ends(stretch, zone)
        return stretch, self._repeat()

    def _repeat(self) -> Repeat | None:
        if self.every.data in {_ONCE, None}:
            return None
        return Repeat(int(self.every.data), _sure(typed_date(self.until_on.data)))


def _check_ends(stretch: Stretch, zone: ZoneInfo) -> None:
    starts_at = resolve_local(stretch.first, stretch.since_minute, zone)
    try:
        ends_at = resolve_local(stretch.last, stretch.until_minute, zone)
    except Invalid as refusal:
        raise Invalid(refusal.sentence, field="until") from refusal
    if ends_at <= starts_at:
        raise Invalid("The end comes after the beginning, please.", field="until")


def _sure(value: T | None) -> T:
    if value is None:
        raise ValueError("A form that was not checked has no values.")
    return value
