"""The pages of a mailed code: what its button closes, and which notes it opens."""

from dataclasses import dataclass

from practice.domain.letters import moment_line
from practice.domain.refusal import Away, NotFound
from practice.domain.writing import WayBack
from practice.domain.zone import zone_named
from practice.models.intakes import intakes_by_code
from practice.models.link import Purpose, link_of, unspent
from practice.models.sitting import living_sitting
from practice.models.unit import reading
from practice.ports import Tools


@dataclass(frozen=True, slots=True)
class Begun:
    """An intake that the code opens, by its reference, and when it was begun."""

    reference: str
    begun: str


def closes_others(code: str, sitting_token: str, *, tools: Tools) -> bool:
    """Tell whether other notes are open in this browser than those to which a code leads."""
    now = tools.clock.now()
    link = link_of(reading(), Purpose.WAY_BACK, code, now=now)
    try:
        intake = living_sitting(reading(), sitting_token, now=now).intake
    except (NotFound, Away):
        return False
    opens = (link.person_id, WayBack.CODE) if link is not None else None
    return opens is not None and opens != (intake.person_id, intake.way_back)


def notes_to_choose(code: str, *, tools: Tools) -> list[Begun]:
    """Return the notes that a code opens, newest first, with the day and time of each."""
    now = tools.clock.now()
    link = unspent(reading(), Purpose.WAY_BACK, code, now)
    found = []
    for intake in intakes_by_code(reading(), link.person_id) if link is not None else []:
        zone = zone_named(intake.person.zone)
        begun = moment_line(intake.created_at, zone, now=now)
        found.append(Begun(intake.reference, begun))
    return found
