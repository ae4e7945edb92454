"""Reading what somebody shared: it stands in the journal first, and where it cannot, nothing opens.

The journal is written in a unit of its own, committed before any word is opened. So whoever shared
something can see every time that it was read, and a journal that is full or away keeps it closed.
"""

from practice.domain.booking import Actor
from practice.models.journal import Happening, tell
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.queries.brief import person_in


def open_folder(booking_id: int, person_id: int, coach_id: int, *, tools: Tools) -> None:
    """Note that a coach opens what a person shared; raises NotFound, Busy."""
    _note(Happening.INTAKE_READ, booking_id, person_id, coach_id, tools)


def open_note(booking_id: int, person_id: int, coach_id: int, *, tools: Tools) -> None:
    """Note that a coach opens the private note of a person; raises NotFound, Busy."""
    _note(Happening.PRIVATE_READ, booking_id, person_id, coach_id, tools)


def _note(
    happening: Happening, booking_id: int, person_id: int, coach_id: int, tools: Tools
) -> None:
    now = tools.clock.now()
    person_in(booking_id, person_id, coach_id)
    with unit_of_work() as session:
        tell(
            session,
            happening,
            actor=Actor.COACH,
            now=now,
            coach_id=coach_id,
            booking_id=booking_id,
            person_id=person_id,
        )
