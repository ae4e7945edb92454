"""What the desk's forms ask of texts and numbers: their length, plainness and kind."""

import re
from collections.abc import Callable
from typing import Any

from wtforms import RadioField
from wtforms.validators import StopValidation, ValidationError

from practice.domain.letters import clean_line, discreet

_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
Check = Callable[[Any, Any], None]


class Choice(RadioField):
    """Some answers, of which exactly one is given."""

    def pre_validate(self, _form: Any) -> None:
        """Refuse what is none of the answers."""
        if self.data not in self.choices:
            raise StopValidation("Please choose one of these.")


def tidy_lines(text: str | None) -> str:
    """Return some lines of text without controls, doubled spaces and empty ends."""
    lines = re.split(r"\r\n|[\r\n]", text or "")
    return "\n".join(clean_line(line) for line in lines).strip("\n")


def at_most(letters: int) -> Check:
    """Refuse a text of more letters."""

    def check(_form: Any, field: Any) -> None:
        length = len(field.data or "")
        if length > letters:
            raise ValidationError(f"Use at most {letters:,} letters. This has {length:,}.")

    return check


def said(sentence: str) -> Check:
    """Refuse an empty field with this sentence."""

    def check(_form: Any, field: Any) -> None:
        if not field.data:
            raise StopValidation(sentence)

    return check


def plain_outside(_form: Any, field: Any) -> None:
    """Refuse words that must not be read outside by somebody else."""
    found = discreet(field.data or "")
    if found:
        named = " and ".join(f"“{word}”" for word in found)
        raise ValidationError(f"Leave out {named}. Others can read this line.")


def whole(lowest: int, highest: int, *, may_miss: bool = False) -> Check:
    """Refuse what is no whole number from lowest to highest; may be empty if `may_miss`."""

    def check(_form: Any, field: Any) -> None:
        text = field.data or ""
        if may_miss and not text:
            return
        if not is_whole(text) or not lowest <= int(text) <= highest:
            empty = ", or leave this empty" if may_miss else ""
            raise StopValidation(f"Enter a whole number from {lowest} to {highest:,}{empty}.")

    return check


def is_whole(text: str | None) -> bool:
    """Tell whether a text is a whole number in plain figures, of at most nine."""
    return _WHOLE.fullmatch(text or "") is not None


def number(field: Any) -> int:
    """Return the whole number of a checked field."""
    return int(field.data)


def number_if_any(field: Any) -> int | None:
    """Return the whole number of a checked field, None where it is empty."""
    return int(field.data) if field.data else None
