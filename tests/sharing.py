"""Writing and sharing by the acts that clients do, for whoever looks at it from the desk."""

from collections.abc import Collection
from typing import Final

from practice.domain.questionnaire import Answer
from practice.domain.writing import Start
from practice.models.base import db
from practice.models.booking import BookingPerson
from practice.models.consent import current_consent
from practice.models.practice import Practice
from practice.models.unit import unit_of_work
from practice.usecases.intake import agree, save_section, share
from practice.usecases.sittings import begin
from tests.makers import Booked, the_tools

Written = dict[str, dict[str, Answer]]

BRINGS: Final[Written] = {
    "brings": {"now": "2", "different": "To talk without it\nturning into a fight."}
}
GROWING: Final[Written] = {"growing": {"growing-me": "sometimes", "growing-ahead": "yes"}}
SAFE: Final[Written] = {"safe": {"safe-needs": "not-really", "safe-signs": ("trust",)}}


def turn_safety_on() -> None:
    """Enter help lines and the name of who approved the wording of the private section."""
    with unit_of_work() as session:
        practice = session.get_one(Practice, 1)
        practice.help_lines, practice.safety_approved_by = "Emergency: 112", "Dr Ruth Hale"
    db.session.remove()


def write_for(
    booked: Booked,
    written: Written,
    *,
    shared: Collection[str] | None = None,
    questionnaire: str = "full",
) -> str:
    """Begin an intake, agree, write and share (all of it unless told); return the sitting's token.

    With nothing written, nothing is agreed to either: it is only begun.
    """
    start = Start(questionnaire, "code")
    sitting = begin(booked.token, start, "caller", tools=the_tools()).token
    if written:
        person = db.session.get_one(BookingPerson, booked.person_id)
        agree(sitting, current_consent(db.session(), person).version, tools=the_tools())
    for section, answers in written.items():
        save_section(sitting, section, answers, {}, done=True, tools=the_tools())
    for section in written if shared is None else shared:
        share(sitting, section, tools=the_tools())
    db.session.remove()
    return sitting
