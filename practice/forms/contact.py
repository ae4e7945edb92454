"""The form of safe contact: whether, when and how a person may be written to."""

import re
from typing import Any

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import StopValidation, ValidationError

from practice.domain.contact import Wishes
from practice.forms.checks import a_name, once, tidy
from practice.forms.texts import Choice

_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)(?::00)?", re.ASCII)
_ANSWERS = ("yes", "no")


class _MaybeChoice(Choice):
    """Some answers, of which one or none is given."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what is none of the answers, where there is one."""
        if self.raw_data:
            super().pre_validate(form)


class ContactForm(FlaskForm):
    """Everything on one page; each answer stands as it was until it is changed.

    Whether others read the mailbox is never shown as it stands: they may be reading this as well.
    """

    letters = Choice(choices=_ANSWERS, validators=[once])
    reminder = Choice(choices=_ANSWERS, validators=[once])
    shared = _MaybeChoice(choices=_ANSWERS, validators=[once])
    opens = StringField(filters=[tidy], validators=[once])
    closes = StringField(filters=[tidy], validators=[once])
    called = StringField(filters=[tidy], validators=[once])

    @classmethod
    def showing(cls, wishes: Wishes) -> "ContactForm":
        """Return the form as it stands with these wishes."""
        return cls(
            formdata=None,
            letters=_answer(yes=wishes.letters_ok),
            reminder=_answer(yes=wishes.reminder_ok),
            opens=_shown(wishes.from_minute),
            closes=_shown(wishes.until_minute),
            called=wishes.called,
        )

    def validate_opens(self, field: StringField) -> None:
        """Refuse what is no time, and an end without a begin."""
        _check_time(field, self.closes, "Enter from when as well, or leave both empty.")

    def validate_closes(self, field: StringField) -> None:
        """Refuse what is no time, a begin without an end, and hours that are none."""
        _check_time(field, self.opens, "Enter until when as well, or leave both empty.")
        if field.data and _minute(field.data) == _minute(self.opens.data):
            raise ValidationError("Enter two different times, or leave both empty.")

    def validate_called(self, field: StringField) -> None:
        """Refuse links and very long names; none at all is fine."""
        if field.data:
            a_name(self, field)

    @property
    def tells_of_mailbox(self) -> bool:
        """Whether it was said now who reads the mailbox."""
        return self.shared.data is not None

    def to_request(self) -> Wishes:
        """Return what was chosen as the domain knows it."""
        return Wishes(
            letters_ok=self.letters.data == "yes",
            reminder_ok=self.reminder.data == "yes",
            mailbox_shared=self.shared.data == "yes",
            from_minute=_minute(self.opens.data),
            until_minute=_minute(self.closes.data),
            called=self.called.data,
        )


def _check_time(field: Any, other: Any, missing: str) -> None:
    if not field.data and other.data:
        raise StopValidation(missing)
    if field.data and _minute(field.data) is None:
        raise StopValidation("Enter a time like 18:00.")


def _minute(text: str | None) -> int | None:
    match = _TIME.fullmatch(text or "")
    return int(match[1]) * 60 + int(match[2]) if match else None


def _shown(minute: int | None) -> str:
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"


def _answer(*, yes: bool) -> str:
    return "yes" if yes else "no"
