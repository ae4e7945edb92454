"""Writing and sharing by the acts that clients do, for whoever looks at it from the desk."""

from collections.abc import Collection
from typing import Final

from practice.domain.questionnaire import Answer
from tests.makers import Booked, begin_for, share_for
from tests.makers import write_for as write_section

Written = dict[str, dict[str, Answer]]

BRINGS: Final[Written] = {
    "brings": {"now": "2", "different": "To talk without it\nturning into a fight."}
}
GROWING: Final[Written] = {"growing": {"growing-me": "sometimes", "growing-ahead": "yes"}}
SAFE: Final[Written] = {"safe": {"safe-needs": "not-really", "safe-signs": ("trust",)}}


def write_for(
    booked: Booked,
    written: Written,
    *,
    shared: Collection[str] | None = None,
    questionnaire: str = "full",
) -> str:
    """Begin an intake, write and share (all of it unless told); return the sitting's token.

    With nothing written, nothing is agreed to either: it is only begun.
    """
    agrees = bool(written)
    sitting = begin_for(booked, passcode="", questionnaire=questionnaire, agrees=agrees)
    for section, answers in written.items():
        write_section(sitting, section, answers)
    share_for(sitting, *(written if shared is None else shared))
    return sitting
