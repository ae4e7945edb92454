"""The form of an appointment that a coach writes down by hand."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import ValidationError

from practice.domain.booking import ByHand, Who
from practice.domain.offering import Audience
from practice.domain.zone import resolve_local
from practice.forms.checks import another_s_address, another_s_name, instant, once, tidy
from practice.forms.diary import DiaryForm, a_clock_time, a_date, typed_date, typed_minute
from practice.forms.texts import Choice

_WHO = {
    Audience.EITHER: {Who.ME.value: "One person", Who.BOTH.value: "Two people"},
    Audience.ONE: {Who.ME.value: "One person"},
    Audience.COUPLE: {Who.BOTH.value: "Two people"},
}
_KNOWN = re.compile(r"[a-z_ ]{0,120}")
_KEY = re.compile(r"[0-9a-f]{0,40}")


class ByHandForm(DiaryForm):
    """Who comes, when, and which letters go; `t` is a suggested time that was pressed."""

    blamed: ClassVar[Mapping[str, str]] = {"on": "on", "time": "at", "who": "who"}

    name = StringField(filters=[tidy], validators=[once, another_s_name])
    email = StringField(filters=[tidy], validators=[once, another_s_address])
    who = Choice(choices=_WHO[Audience.EITHER], validators=[once])
    on = StringField(filters=[tidy], validators=[once])
    at = StringField(filters=[tidy], validators=[once])
    t = StringField(validators=[once])
    confirms = BooleanField(default=True)
    reminds = BooleanField(default=True)
    key = HiddenField(validators=[once])
    knows = HiddenField(validators=[once])

    def meet(self, audience: Audience) -> None:
        """Offer only those answers that go with an offering."""
        self.who.choices = _WHO[audience]
        if self.who.data not in self.who.choices and len(_WHO[audience]) == 1:
            self.who.data = next(iter(_WHO[audience]))

    def validate_on(self, field: StringField) -> None:
        """Refuse what is no date, unless a time was pressed."""
        if not self.t.data:
            a_date(self, field)

    def validate_at(self, field: StringField) -> None:
        """Refuse what is no time of day, unless a time was pressed."""
        if not self.t.data:
            a_clock_time(self, field)

    def validate_t(self, field: StringField) -> None:
        """Refuse a pressed time that is no instant."""
        if field.data and instant(field.data) is None:
            raise ValidationError("Please choose one of the times.")

    def validate_key(self, field: HiddenField) -> None:
        """Refuse a key that this house did not make."""
        if not _KEY.fullmatch(field.data or ""):
            raise ValidationError("Please open this page again.")

    def validate_knows(self, field: HiddenField) -> None:
        """Refuse warnings that this house did not write."""
        if not _KNOWN.fullmatch(field.data or ""):
            raise ValidationError("Please open this page again.")

    def start(self, zone: ZoneInfo) -> datetime:
        """Return the start, aware UTC; raises Invalid where the clock skips it."""
        pressed = instant(self.t.data)
        if pressed is not None:
            return pressed
        on, minute = typed_date(self.on.data), typed_minute(self.at.data)
        if on is None or minute is None:
            raise ValueError("A form that was not checked has no start.")
        return resolve_local(on, minute, zone)

    def show(self, start: datetime, zone: ZoneInfo) -> None:
        """Let the fields show a start that was pressed."""
        local = start.astimezone(zone)
        self.on.data, self.at.data = f"{local:%Y-%m-%d}", f"{local:%H:%M}"

    def to_request(self, offering_id: int, start: datetime) -> ByHand:
        """Return what was typed as the use case knows it."""
        return ByHand(
            offering_id=offering_id,
            starts_at=start,
            who=Who(self.who.data),
            name=self.name.data,
            email=self.email.checked,
            confirms=bool(self.confirms.data),
            reminds=bool(self.reminds.data),
            key=self.key.data or "",
            knows=frozenset((self.knows.data or "").split()),
        )


def first_values(**known: Any) -> dict[str, Any]:
    """Return what the form shows first, with what is known already."""
    return {"confirms": True, "reminds": True, "who": Who.ME.value} | known
