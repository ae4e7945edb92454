"""Noting that an appointment took place, and taking that back."""

from sqlalchemy.orm import Session

from practice.domain.booking import Actor, Status
from practice.domain.refusal import NotAllowed
from practice.domain.roles import Right, Seat
from practice.models.journal import Happening, tell_of
from practice.ports import Tools
from practice.usecases.appointment import by_coach, fresh
from practice.usecases.diary import on_diary


def mark_done(seat: Seat, booking_id: int, *, tools: Tools) -> None:
    """Note that an appointment took place; asked twice, it is noted once.

    Raises NotFound for bookings of others, NotAllowed before its end and where it doesn't stand,
    and Busy.
    """
    seat.require(Right.DIARY)
    access, now = by_coach(seat, booking_id), tools.clock.now()

    def act(session: Session) -> None:
        booking = fresh(session, access)
        if booking.status == Status.DONE:
            return
        if booking.status == Status.NO_SHOW:
            raise NotAllowed("It is noted that nobody came. Take that back first.")
        if booking.status != Status.CONFIRMED:
            raise NotAllowed("This appointment doesn’t stand, so it could not take place.")
        if booking.ends_at > now:
            raise NotAllowed("It isn’t over yet.")
        booking.status = Status.DONE
        tell_of(session, booking, Happening.DONE, actor=Actor.COACH, now=now)

    on_diary(access.coach_id, act, now=now)


def take_done_back(seat: Seat, booking_id: int, *, tools: Tools) -> None:
    """Take back that an appointment took place; raises NotFound, NotAllowed, Busy."""
    seat.require(Right.DIARY)
    access, now = by_coach(seat, booking_id), tools.clock.now()

    def act(session: Session) -> None:
        booking = fresh(session, access)
        if booking.status == Status.CONFIRMED:
            return
        if booking.status != Status.DONE:
            raise NotAllowed("This appointment is not one that took place.")
        booking.status = Status.CONFIRMED
        tell_of(session, booking, Happening.NOT_DONE, actor=Actor.COACH, now=now)

    on_diary(access.coach_id, act, now=now)
