"""Reading what somebody shared: it stands in the journal first, and where it cannot, nothing opens.

The journal is written in a unit of its own, committed before any word is opened. So whoever shared
something can see every time that it was read, and a journal that is full or away keeps it closed.
"""

from practice.domain.booking import Actor
from practice.domain.roles import Right, Seat
from practice.models.journal import Happening, tell
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.queries.brief import person_in


def open_folder(seat: Seat, booking_id: int, person_id: int, *, tools: Tools) -> None:
    """Note that a coach opens what a person shared; raises NotFound, Busy."""
    _note(seat, Happening.INTAKE_READ, booking_id, person_id, tools)


def open_note(seat: Seat, booking_id: int, person_id: int, *, tools: Tools) -> None:
    """Note that a coach opens the private note of a person; raises NotFound, Busy."""
    _note(seat, Happening.PRIVATE_READ, booking_id, person_id, tools)


def _note(seat: Seat, happening: Happening, booking_id: int, person_id: int, tools: Tools) -> None:
    seat.require(Right.ANSWERS)
    now = tools.clock.now()
    person_in(booking_id, person_id, seat.coach_id)
    with unit_of_work() as session:
        tell(
            session,
            happening,
            actor=Actor.COACH,
            now=now,
            coach_id=seat.coach_id,
            booking_id=booking_id,
            person_id=person_id,
        )
