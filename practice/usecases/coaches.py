"""Coaches who come to a practice, and who leave it."""

from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from practice.domain.booking import Actor, Status
from practice.domain.refusal import NotAllowed, NotFound
from practice.domain.roles import Right, Seat
from practice.domain.zone import zone_named
from practice.models.booking import Booking
from practice.models.coach import Coach
from practice.models.diary import let_dead_holds_go
from practice.models.journal import Happening, tell
from practice.models.offered import first_coach
from practice.models.time_request import TimeRequest
from practice.ports import Tools
from practice.usecases.diary import on_all_diaries
from practice.usecases.founding import give_starting_hours, slug_of

TO_COME: Final = (Status.HELD, Status.PENDING, Status.CONFIRMED)


class StillBooked(NotAllowed):
    """A coach cannot leave yet; `booking_ids` are what is still to come, soonest first."""

    def __init__(self, sentence: str, booking_ids: tuple[int, ...]) -> None:
        super().__init__(sentence)
        self.booking_ids = booking_ids


def add_coach(seat: Seat, name: str, address: str, zone: str, *, tools: Tools) -> int:
    """Let somebody coach here, Monday to Friday 9 to 5 at first; return the coach's id.

    Nothing is offered with the new coach before somebody adds her to an offering. The account is
    not made here; within an open unit of work it can be, and both come or none. Raises Invalid
    for what is no zone.
    """
    seat.require(Right.TEAM)
    zone, now = str(zone_named(zone)), tools.clock.now()

    def act(session: Session) -> int:
        last = session.scalar(select(func.max(Coach.position))) or 0
        coach = Coach(
            slug=_new_slug(session, name),
            name=name,
            address=address,
            zone=zone,
            position=last + 1,
        )
        session.add(coach)
        session.flush()
        give_starting_hours(session, coach)
        _tell(session, Happening.COACH_ADDED, coach.id, now)
        return coach.id

    return on_all_diaries(act)


def retire_coach(seat: Seat, coach_id: int, *, tools: Tools) -> None:
    """Offer no more time of a coach; what is past stays hers, and nobody is cancelled.

    Who asked for another time and was not answered yet is now for the first coach to answer.

    Raises NotFound, StillBooked with the bookings to come, NotAllowed for the last coach, Busy.
    """
    seat.require(Right.TEAM)
    now = tools.clock.now()

    def act(session: Session) -> None:
        coach = _coach(session, coach_id)
        if not coach.is_active:
            return
        let_dead_holds_go(session, coach_id, now)
        _check_free_to_go(session, coach, now)
        coach.is_active = False
        session.flush()
        session.execute(
            update(TimeRequest)
            .where(TimeRequest.coach_id == coach_id, TimeRequest.answered_at.is_(None))
            .values(coach_id=first_coach(session).id)
        )
        _tell(session, Happening.COACH_RETIRED, coach_id, now)

    on_all_diaries(act)


def bring_back_coach(seat: Seat, coach_id: int, *, tools: Tools) -> None:
    """Offer a retired coach's time again, by the hours and offerings of before; raises NotFound."""
    seat.require(Right.TEAM)
    now = tools.clock.now()

    def act(session: Session) -> None:
        coach = _coach(session, coach_id)
        if coach.is_active:
            return
        coach.is_active = True
        _tell(session, Happening.COACH_ADDED, coach_id, now)

    on_all_diaries(act)


def _coach(session: Session, coach_id: int) -> Coach:
    coach = session.get(Coach, coach_id, populate_existing=True)
    if coach is None:
        raise NotFound("There is no such coach.")
    return coach


def _check_free_to_go(session: Session, coach: Coach, now: datetime) -> None:
    """Raise StillBooked or NotAllowed where somebody would come to nobody."""
    to_come = tuple(
        session.scalars(
            select(Booking.id)
            .where(Booking.coach_id == coach.id, Booking.status.in_(TO_COME), Booking.ends_at > now)
            .order_by(Booking.starts_at)
        )
    )
    if to_come:
        one = len(to_come) == 1
        told = "1 appointment is" if one else f"{len(to_come)} appointments are"
        raise StillBooked(
            f"{told} still to come with {coach.name}. Please move or cancel "
            f"{'it' if one else 'them'} first: nothing is cancelled by itself.",
            to_come,
        )
    others = select(Coach.id).where(Coach.is_active, Coach.id != coach.id).limit(1)
    if session.scalar(others) is None:
        raise NotAllowed("Nobody else is here to take bookings, so this coach stays.")


def _new_slug(session: Session, name: str) -> str:
    base = slug_of(name)
    taken = set(session.scalars(select(Coach.slug).where(Coach.slug.startswith(base))))
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


def _tell(session: Session, happening: Happening, coach_id: int, now: datetime) -> None:
    tell(session, happening, actor=Actor.COACH, now=now, coach_id=coach_id)
