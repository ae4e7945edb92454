"""Noting that nobody came to an appointment, what becomes of the money, and taking that back."""

from datetime import timedelta

from sqlalchemy.orm import Session

from practice.domain.booking import Actor, Status
from practice.domain.cancelling import UNDO_MINUTES
from practice.domain.money import Money
from practice.domain.payment import RefundReason
from practice.domain.refusal import NotAllowed
from practice.domain.roles import Right, Seat
from practice.models.journal import Happening, tell_of
from practice.models.payment import paid_payment
from practice.ports import Tools
from practice.usecases.appointment import by_coach, fresh
from practice.usecases.diary import on_diary
from practice.usecases.refunding import ask_refund, drop_waiting_refunds


def mark(seat: Seat, booking_id: int, money: Money | None, *, tools: Tools) -> None:
    """Note that nobody came; `money` goes back, None keeps all of it. Asked twice, it is once.

    Raises NotFound for bookings of others, NotAllowed before the start, where it doesn't stand and
    where less money is left, and Busy.
    """
    seat.require(Right.DIARY)
    if money is not None:
        seat.require(Right.MONEY)
    access, now = by_coach(seat, booking_id), tools.clock.now()

    def act(session: Session) -> None:
        booking = fresh(session, access)
        if booking.status == Status.NO_SHOW:
            return
        if booking.status != Status.CONFIRMED:
            raise NotAllowed("This appointment doesn’t stand, so nobody could come.")
        if booking.starts_at > now:
            raise NotAllowed("It hasn’t begun yet.")
        booking.status = Status.NO_SHOW
        if money is not None and money.minor > 0:
            payment = paid_payment(session, booking.id)
            if payment is None:
                raise NotAllowed("Nothing was paid, so nothing can go back.")
            ask_refund(
                session,
                payment,
                money,
                RefundReason.NO_SHOW,
                # One more each time that it was taken back meanwhile.
                f"no-show:{payment.id}:{now:%Y%m%dT%H%M%S.%f}",
                # A slip of the finger costs nothing.
                due_at=now + timedelta(minutes=UNDO_MINUTES),
                now=now,
            )
        tell_of(session, booking, Happening.NO_SHOW, actor=Actor.COACH, now=now)

    on_diary(access.coach_id, act, now=now)


def take_back(seat: Seat, booking_id: int, *, tools: Tools) -> None:
    """Note that somebody came after all, as long as no money was sent back for it.

    Raises NotFound, NotAllowed, Busy.
    """
    seat.require(Right.DIARY)
    access, now = by_coach(seat, booking_id), tools.clock.now()

    def act(session: Session) -> None:
        booking = fresh(session, access)
        if booking.status == Status.CONFIRMED:
            return
        if booking.status != Status.NO_SHOW:
            raise NotAllowed("This appointment doesn’t stand.")
        if not drop_waiting_refunds(session, booking.id, RefundReason.NO_SHOW):
            raise NotAllowed("Money has gone back for it already, so this stays as it is.")
        booking.status = Status.CONFIRMED
        tell_of(session, booking, Happening.CAME_AFTER_ALL, actor=Actor.COACH, now=now)

    on_diary(access.coach_id, act, now=now)
