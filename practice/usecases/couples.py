"""Couples: a link between two files, which stay apart; nothing of one shows on the other."""

from sqlalchemy.orm import Session

from practice.domain.booking import Actor
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Seat
from practice.models.clients import NO_CLIENT, client_of
from practice.models.couple import Couple, couple_of
from practice.models.journal import Happening, tell
from practice.models.unit import persistently, unit_of_work
from practice.models.upsert import add_unless_there
from practice.ports import Tools
from practice.queries.client_file import shares_a_booking


def link(seat: Seat, client_id: int, other_id: int, *, tools: Tools) -> None:
    """Link two clients who shared an appointment; linked already, they stay so. NotFound, Busy."""
    seat.require(Right.CLIENTS)
    now = tools.clock.now()

    def act() -> None:
        with unit_of_work() as session:
            first, second = _both(session, seat, client_id, other_id)
            if not shares_a_booking(client_id, other_id, seat.coach_id):
                raise NotFound(NO_CLIENT)
            if couple_of(session, seat.coach_id, first, second) is not None:
                return
            add_unless_there(
                session,
                Couple,
                coach_id=seat.coach_id,
                first_id=first,
                second_id=second,
                linked_at=now,
            )
            _tell(session, seat, (first, second), Happening.LINKED, tools)

    persistently(act)


def unlink(seat: Seat, client_id: int, other_id: int, *, tools: Tools) -> None:
    """Take the link between two clients away, if there is one. Raises NotFound, Busy."""
    seat.require(Right.CLIENTS)

    def act() -> None:
        with unit_of_work() as session:
            first, second = _both(session, seat, client_id, other_id)
            couple = couple_of(session, seat.coach_id, first, second)
            if couple is not None:
                session.delete(couple)
                _tell(session, seat, (first, second), Happening.UNLINKED, tools)

    persistently(act)


def _both(session: Session, seat: Seat, client_id: int, other_id: int) -> tuple[int, int]:
    """Return both ids, the smaller one first, locked in this order; raises NotFound."""
    if client_id == other_id:
        raise NotFound(NO_CLIENT)
    first, second = sorted((client_id, other_id))
    for each in (first, second):
        client_of(session, each, seat.coach_id, lock=True)
    return first, second


def _tell(
    session: Session, seat: Seat, both: tuple[int, int], happening: Happening, tools: Tools
) -> None:
    for client_id in both:
        tell(
            session,
            happening,
            actor=Actor.COACH,
            now=tools.clock.now(),
            coach_id=seat.coach_id,
            client_id=client_id,
        )
