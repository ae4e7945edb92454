"""Taking out everything about one person: it stands in the journal first, and is opened then."""

from typing import Any

from practice.domain.booking import Actor
from practice.domain.roles import Right, Seat
from practice.models.clients import client_of
from practice.models.journal import Happening, tell
from practice.models.unit import persistently, unit_of_work
from practice.ports import Tools
from practice.queries.export import export_of, people_who_shared


def export(seat: Seat, client_id: int, *, with_notes: bool, tools: Tools) -> dict[str, Any]:
    """Return everything about a client of this diary; with the coach's own notes where wished.

    Where something was shared, the one who shared it sees that it was read. Raises NotFound,
    Unreadable, Busy.
    """
    seat.require(Right.EXPORT)
    now = tools.clock.now()

    def note() -> None:
        with unit_of_work() as session:
            client_of(session, client_id, seat.coach_id)
            tell(
                session,
                Happening.EXPORTED,
                actor=Actor.COACH,
                now=now,
                coach_id=seat.coach_id,
                client_id=client_id,
            )
            for person in people_who_shared(seat, client_id):
                tell(
                    session,
                    Happening.INTAKE_READ,
                    actor=Actor.COACH,
                    now=now,
                    coach_id=seat.coach_id,
                    booking_id=person.booking_id,
                    person_id=person.id,
                )

    persistently(note)
    return export_of(seat, client_id, with_notes=with_notes, tools=tools)
