"""Asking the payment service about one session: what became of it, or that it shall end."""

from sqlalchemy.orm import Session

from practice.domain.payment import UNDECIDED, PaymentState, Seen
from practice.domain.refusal import NoPayment
from practice.models.diary import is_held
from practice.models.payment import Payment, current_payment
from practice.models.unit import reading
from practice.ports import PaymentsAway, PaymentsRefuse, Tools
from practice.usecases.diary import on_diary
from practice.usecases.payment import LOOK, record, service


def end_session(booking_id: int, *, tools: Tools) -> None:
    """End the session of a booking at the service, so that nobody can pay in it, and record it.

    Raises NoPayment where the service cannot be reached: the time stays held then. Raises Busy.
    """
    payment = current_payment(reading(), booking_id)
    if payment is None or payment.session is None or payment.state not in UNDECIDED:
        return
    payments, name = service(tools), payment.session
    reading().rollback()
    try:
        seen = payments.expire(name)
    except (PaymentsAway, PaymentsRefuse) as fault:
        raise NoPayment from fault
    record(seen, by=LOOK, tools=tools)


def look_at(payment: Payment, *, by: str, tools: Tools) -> None:
    """Ask the service about a payment, and record what it says.

    One whose session was never heard of is looked for by its reference. Raises PaymentsAway,
    PaymentsRefuse and Busy.
    """
    payments, payment_id, name = service(tools), payment.id, payment.session
    reference, opened_at = payment.reference, payment.opened_at
    reading().rollback()
    seen: Seen | None
    seen = payments.find(reference, since=opened_at) if name is None else payments.look(name)
    if seen is not None:
        record(seen, by=by, tools=tools)
    else:
        _forget_unmade(payment_id, tools)


def _forget_unmade(payment_id: int, tools: Tools) -> None:
    """End a payment for which no session was ever made, once its time is over."""
    now = tools.clock.now()
    known = reading().get_one(Payment, payment_id)

    def act(session: Session) -> None:
        payment = session.get_one(Payment, payment_id, populate_existing=True)
        is_unmade = payment.state == PaymentState.OPENING and payment.session is None
        waits = is_held(session, payment.booking_id, now) and now < payment.held_until
        if is_unmade and not waits:
            payment.state = PaymentState.EXPIRED

    on_diary(known.coach_id, act, now=now)
