"""What follows from what was seen of a payment: one short act for each verdict of the domain."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from practice.domain.booking import Actor, Status
from practice.domain.payment import (
    ConcernKind,
    PaymentState,
    RefundReason,
    Seen,
    Verdict,
    judge,
)
from practice.models.booking import Booking
from practice.models.concern import raise_concern
from practice.models.diary import is_held, occupy, vacate
from practice.models.journal import Happening, tell_of
from practice.models.link import new_person_link
from practice.models.payment import Payment, Refund, is_current
from practice.ports import Tools
from practice.usecases.diary import is_to_be_had
from practice.usecases.letters import tell_booked, tell_payment_failed, tell_too_late
from practice.usecases.refunding import ask_refund


@dataclass(frozen=True, slots=True)
class News:
    """What was seen of a payment, with all that it bears on, in the open unit of a locked diary.

    `is_current` tells whether this is the payment that the booking waits for.
    """

    session: Session
    payment: Payment
    booking: Booking
    seen: Seen
    is_current: bool
    now: datetime
    tools: Tools

    def tell(self, happening: Happening) -> None:
        """Add a happening of the booking to the journal; the house caused it."""
        tell_of(self.session, self.booking, happening, actor=Actor.HOUSE, now=self.now)


def take(
    session: Session,
    payment: Payment,
    seen: Seen,
    *,
    by: str,
    instance: str,
    now: datetime,
    tools: Tools,
) -> None:
    """Judge what was seen of a payment and do what follows; the diary is locked.

    `by` tells who brought it, `instance` names this house.
    """
    booking = session.get_one(Booking, payment.booking_id, populate_existing=True)
    waited_for = is_current(session, payment)
    asked = payment.asked(instance)
    verdict = judge(asked, seen, Status(booking.status), is_current=waited_for)
    payment.session = payment.session or seen.session
    if seen.is_paid and verdict is not Verdict.NOTHING:
        payment.intent = seen.intent or None
        payment.paid_at = now
        payment.received_minor, payment.received_currency = seen.price.minor, seen.price.currency
        payment.learnt_by = by
    if verdict in _EFFECTS:
        _EFFECTS[verdict](News(session, payment, booking, seen, waited_for, now, tools))


def confirm_paid(
    session: Session, payment: Payment, booking: Booking, *, now: datetime, tools: Tools
) -> None:
    """Make the booking stand, in the open unit of a locked diary, as it is paid now."""
    payment.state = PaymentState.PAID
    booking.status = Status.CONFIRMED
    booking.confirmed_at = now
    occupy(session, booking)
    new_person_link(session, booking.people[0], vault=tools.vault, now=now)
    tell_booked(session, booking, now=now)
    tell_of(session, booking, Happening.PAID, actor=Actor.HOUSE, now=now)
    tell_of(session, booking, Happening.BOOKED, actor=Actor.CLIENT, now=now)


def let_go(session: Session, booking: Booking) -> None:
    """End a booking that waits for its payment, in the open unit of a locked diary."""
    booking.status = Status.EXPIRED
    booking.request_key = None
    vacate(session, booking)


def _confirm(news: News) -> None:
    confirm_paid(news.session, news.payment, news.booking, now=news.now, tools=news.tools)


def _confirm_late(news: News) -> None:
    """Book what was let go meanwhile, if it is still to come and free; else all goes back."""
    is_let_go = news.booking.status == Status.EXPIRED
    if is_let_go and not is_to_be_had(news.session, news.booking, now=news.now):
        news.payment.state = PaymentState.PAID
        news.tell(Happening.PAID_LATE)
        refund = _give_back(news, RefundReason.LATE)
        tell_too_late(news.session, news.booking, refund.id, now=news.now)
    else:
        _confirm(news)


def _refund(news: News) -> None:
    news.payment.state = PaymentState.PAID
    news.tell(Happening.PAID_TWICE)
    _give_back(news, RefundReason.TWICE)


def _strange(news: News) -> None:
    news.payment.state = PaymentState.STRANGE
    news.tell(Happening.PAID_STRANGELY)
    raise_concern(
        news.session,
        ConcernKind.AMOUNT_DIFFERS,
        str(news.payment.id),
        now=news.now,
        payment=news.payment,
        detail=f"{news.seen.price} instead of {news.payment.price}",
    )


def _release(news: News) -> None:
    news.payment.state = PaymentState.EXPIRED
    _free(news)


def _fail(news: News) -> None:
    news.payment.state = PaymentState.FAILED
    _free(news)
    news.tell(Happening.PAYMENT_FAILED)
    tell_payment_failed(news.session, news.booking, news.payment.id, now=news.now)


def _free(news: News) -> None:
    # A hold that was never paid for in any session ends by its own time.
    if news.is_current and news.booking.status == Status.PENDING:
        let_go(news.session, news.booking)
        news.tell(Happening.PAYMENT_ENDED)


def _wait(news: News) -> None:
    payment, booking = news.payment, news.booking
    if news.seen.status == "complete":
        payment.state = PaymentState.PROCESSING
        payment.intent = payment.intent or news.seen.intent or None
    elif payment.state == PaymentState.OPENING:
        payment.state = PaymentState.OPEN
    # From here on no timer may free the time: only the service can say that nobody has paid.
    if booking.status == Status.HELD and is_held(news.session, booking.id, news.now):
        booking.status = Status.PENDING
        occupy(news.session, booking)


def _give_back(news: News, reason: RefundReason) -> Refund:
    news.session.flush()
    return ask_refund(
        news.session,
        news.payment,
        news.payment.kept,
        reason,
        f"{reason}:{news.payment.id}",
        due_at=news.now,
        now=news.now,
    )


_EFFECTS: Mapping[Verdict, Callable[[News], None]] = {
    Verdict.WAIT: _wait,
    Verdict.CONFIRM: _confirm,
    Verdict.AGAIN: _confirm_late,
    Verdict.REFUND: _refund,
    Verdict.STRANGE: _strange,
    Verdict.RELEASE: _release,
    Verdict.FAIL: _fail,
}
