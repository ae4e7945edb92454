"""Cancelling a booking, and taking the cancellation back while the time is still free."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from practice.domain.booking import Actor, Status, Who
from practice.domain.cancelling import UNDO_MINUTES, check_cancel, may_undo
from practice.domain.money import Money
from practice.domain.payment import RefundReason
from practice.domain.refunding import refund_left
from practice.domain.refusal import NotAllowed, NotFound, TimeTaken
from practice.domain.roles import NOTHING
from practice.models.booking import Booking
from practice.models.clients import was_erased
from practice.models.diary import occupy, vacate
from practice.models.journal import Happening, tell_of
from practice.models.payment import paid_payment, refunds_since
from practice.ports import Tools
from practice.usecases.appointment import Access, check_stands, count_change, fresh
from practice.usecases.diary import check_free, on_diary
from practice.usecases.letters import tell_cancelled, tell_restored
from practice.usecases.refunding import ask_refund, drop_waiting_refunds

_MONEY_WENT = "Your money is on its way back already. You can book a new time."


def cancel(access: Access, *, refund: Money | None = None, tools: Tools) -> bool:
    """Cancel a booking, no reason asked, and tell whether this did; asked twice, it is once.

    What was paid goes back by the booking's own terms, or as the coach says by `refund`; None is
    all of it for a coach, and what the terms say for whoever at the desk may not choose, who is
    refused with any `refund`. Raises TooLate (clients only), NotFound, NotAllowed, Busy.
    """
    if refund is not None and not access.decides_money:
        raise NotFound(NOTHING)
    now = tools.clock.now()

    def act(session: Session) -> bool:
        booking = fresh(session, access)
        count_change(session, access, tools=tools, now=now)
        if booking.status == Status.CANCELLED:
            return False
        check_stands(booking, now=now)
        check_cancel(booking.terms(), booking.starts_at, by=access.actor, now=now)
        teller = access.actor if access.decides_money else Actor.CLIENT
        _give_back(session, booking, teller, refund, now)
        booking.status = Status.CANCELLED
        booking.cancelled_at = now
        booking.cancelled_by = access.actor
        booking.sequence += 1
        vacate(session, booking)
        tell_cancelled(session, booking, now=now)
        tell_of(session, booking, Happening.CANCELLED, actor=access.actor, now=now)
        return True

    return on_diary(access.coach_id, act, now=now)


def _give_back(
    session: Session, booking: Booking, actor: Actor, refund: Money | None, now: datetime
) -> None:
    payment = paid_payment(session, booking.id)
    if payment is None:
        return
    money = payment.kept
    if actor is Actor.CLIENT:
        terms, gone = booking.terms().cancellation, payment.refunded
        money = refund_left(terms, payment.received, gone, booking.starts_at, now=now)
    elif refund is not None:
        money = refund
    # Less than nothing is left while a refund waits that was made by hand as well.
    if money.minor > 0:
        ask_refund(
            session,
            payment,
            money,
            RefundReason.CANCELLED,
            f"cancelled:{booking.id}:{booking.sequence}",
            # As long as it can be taken back, no money moves.
            due_at=now + timedelta(minutes=UNDO_MINUTES),
            now=now,
        )


def undo(access: Access, *, is_own: bool = True, tools: Tools) -> None:
    """Take a cancellation back within 10 minutes, if the time is still free.

    Only who cancelled may take it back. `is_own` tells whether that was done from here, which is
    written down nowhere: of two who come, neither learns whether it was the other or the coach.
    Raises TimeTaken, NotAllowed, Busy.
    """
    now = tools.clock.now()

    def act(session: Session) -> None:
        booking = fresh(session, access)
        count_change(session, access, tools=tools, now=now)
        if booking.status == Status.CONFIRMED:
            return
        gone = booking.cancellation
        mine = is_own or booking.who != Who.BOTH
        if not (mine and gone and may_undo(gone, booking.starts_at, by=access.actor, now=now)):
            raise NotAllowed("It is too late to take this back. You can book a new time.")
        if was_erased(session, booking.id):
            raise NotAllowed("Somebody who was to come was erased since, so it can’t stand again.")
        if not drop_waiting_refunds(session, booking.id, RefundReason.CANCELLED):
            raise NotAllowed(_MONEY_WENT)
        if refunds_since(session, booking.id, gone.at):  # given back by hand, whatever the terms
            raise NotAllowed(_MONEY_WENT)
        terms = booking.terms()
        check_free(
            session,
            booking.coach,
            terms,
            booking.starts_at,
            now=now,
            but_booking=booking.id,
            over_hers=access.actor is Actor.COACH,
        )
        booking.status = Status.CONFIRMED
        booking.cancelled_at = None
        booking.cancelled_by = None
        booking.sequence += 1
        occupy(session, booking)
        tell_restored(session, booking, now=now)
        tell_of(session, booking, Happening.RESTORED, actor=access.actor, now=now)

    try:
        on_diary(access.coach_id, act, now=now)
    except TimeTaken as refusal:
        raise TimeTaken("Somebody else has booked this time since. You can book another.") from (
            refusal
        )
