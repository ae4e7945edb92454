"""What a coach does about money: giving it back, deciding on what differs, and having looked."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from practice.domain.booking import Status
from practice.domain.money import Money
from practice.domain.payment import ConcernKind, PaymentState, RefundReason
from practice.domain.refusal import NotAllowed, NotFound
from practice.domain.roles import Right, Seat
from practice.models.booking import Booking
from practice.models.concern import Concern
from practice.models.payment import Payment, is_undecided, is_waited_for
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.usecases.appointment import by_coach
from practice.usecases.diary import is_to_be_had, on_diary
from practice.usecases.refunding import ask_refund
from practice.usecases.verdicts import confirm_paid, let_go

T = TypeVar("T")

_DECIDED = "This payment was decided on already."
_NOTHING_LEFT = "This payment has gone back already, so the booking can’t stand on it."
_GONE = (
    "Somebody else has this time by now, or it has begun, so the payment can’t be accepted. Please "
    "give it back."
)


def refund(
    seat: Seat, booking_id: int, money: Money, *, attempt: int, key: str, tools: Tools
) -> None:
    """Give money of one payment of a booking back; the same `key` again gives it back once.

    `attempt` tells which payment it is. Raises NotFound, NotAllowed where less is left, Busy.
    """
    now = tools.clock.now()

    def act(session: Session) -> None:
        payment = _payment(session, booking_id, attempt)
        if payment.state != PaymentState.PAID:
            raise NotAllowed("Nothing of this payment can go back.")
        dedupe = f"coach:{payment.id}:{key}"
        ask_refund(session, payment, money, RefundReason.COACH, dedupe, due_at=now, now=now)

    _on_own(seat, booking_id, act, now=now)


def accept_strange(seat: Seat, booking_id: int, attempt: int, *, tools: Tools) -> None:
    """Take a payment that is not what was asked for as it is: the booking stands.

    Raises NotFound, NotAllowed where it was decided on already or the time is gone, Busy.
    """
    now = tools.clock.now()

    def act(session: Session) -> None:
        payment = _strange(session, booking_id, attempt)
        booking = payment.booking
        if payment.kept.minor <= 0:
            raise NotAllowed(_NOTHING_LEFT)
        _check_to_be_had(session, booking, now)
        confirm_paid(session, payment, booking, now=now, tools=tools)
        _settle_of(session, payment, now)

    _on_own(seat, booking_id, act, now=now)


def return_strange(seat: Seat, booking_id: int, attempt: int, *, tools: Tools) -> None:
    """Give a payment that is not what was asked for back; a time that waits for it is let go.

    Raises NotFound, NotAllowed where it was decided on already, Busy.
    """
    now = tools.clock.now()

    def act(session: Session) -> None:
        payment = _strange(session, booking_id, attempt)
        booking = payment.booking
        if payment.kept.minor > 0:
            # Where one has failed, the next is another one.
            dedupe = f"strange:{payment.id}:{len(payment.refunds)}"
            back = payment.kept
            ask_refund(session, payment, back, RefundReason.COACH, dedupe, due_at=now, now=now)
        if is_waited_for(session, payment):
            let_go(session, booking)
        _settle_of(session, payment, now)

    _on_own(seat, booking_id, act, now=now)


def settle_concern(seat: Seat, concern_id: int, *, tools: Tools) -> None:
    """Note that a coach has looked at something; raises NotFound for what is another's."""
    seat.require(Right.MONEY)
    now = tools.clock.now()
    with unit_of_work() as session:
        concern = session.get(Concern, concern_id, populate_existing=True)
        if concern is None or concern.coach_id not in {None, seat.coach_id}:
            raise NotFound("There is nothing to look at here.")
        concern.settled_at = concern.settled_at or now


def _on_own(seat: Seat, booking_id: int, act: Callable[[Session], T], *, now: datetime) -> T:
    """Do an act on the diary of a coach, about a booking in it; raises NotFound for all others."""
    seat.require(Right.MONEY)
    access = by_coach(seat, booking_id)
    return on_diary(access.coach_id, act, now=now)


def _payment(session: Session, booking_id: int, attempt: int) -> Payment:
    payment = session.scalars(
        select(Payment)
        .where(Payment.booking_id == booking_id, Payment.attempt == attempt)
        .execution_options(populate_existing=True)
    ).first()
    if payment is None:
        raise NotFound("There is no such payment.")
    session.refresh(payment, ["booking", "refunds"])
    return payment


def _strange(session: Session, booking_id: int, attempt: int) -> Payment:
    payment = _payment(session, booking_id, attempt)
    session.refresh(payment.booking)
    if not is_undecided(session, payment):
        raise NotAllowed(_DECIDED)
    return payment


def _check_to_be_had(session: Session, booking: Booking, now: datetime) -> None:
    """Raise NotAllowed unless the booking can stand: its time is held, or free and to come."""
    if booking.status == Status.PENDING:
        return
    if booking.status not in {Status.HELD, Status.EXPIRED}:
        raise NotAllowed("This appointment was decided on already. Please give the payment back.")
    if not is_to_be_had(session, booking, now=now, over_hers=True):
        raise NotAllowed(_GONE)


def _settle_of(session: Session, payment: Payment, now: datetime) -> None:
    session.execute(
        update(Concern)
        .where(
            Concern.payment_id == payment.id,
            Concern.kind == ConcernKind.AMOUNT_DIFFERS,
            Concern.settled_at.is_(None),
        )
        .values(settled_at=now)
    )
