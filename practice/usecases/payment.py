"""What was paid: one `record` for whoever brings the news, in one transaction under the lock.

A signed notice, the client coming back from paying, and our own look all end here, in any order
and any number (https://docs.stripe.com/checkout/fulfillment).
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.domain.booking import Actor
from practice.domain.payment import (
    DISPUTE_OVER,
    ConcernKind,
    PaymentNotice,
    RefundSeen,
    RefundState,
    Seen,
)
from practice.domain.refusal import NoPayment
from practice.models.concern import raise_concern
from practice.models.journal import Happening, tell_of
from practice.models.payment import (
    HeardNotice,
    Payment,
    Refund,
    has_heard,
    payment_of,
    payment_of_intent,
    undecided_sessions,
)
from practice.models.practice import Practice
from practice.models.unit import reading, unit_of_work
from practice.models.upsert import add_unless_there
from practice.ports import Payments, PaymentsRefuse, Tools
from practice.usecases.diary import on_diary
from practice.usecases.refunding import note_outside, take_news
from practice.usecases.verdicts import take

log = logging.getLogger("practice.payments")

NOTICE, RETURN, LOOK = "notice", "return", "look"


def hear(body: bytes, signature: str, *, tools: Tools) -> None:
    """Take a notice of the payment service; heard again, it means nothing more.

    Raises NotGenuine, PaymentsAway where the service has to be asked and cannot be, and Busy.
    """
    payments = service(tools)
    notice = payments.heard(body, signature, now=tools.clock.now())
    if notice.is_live != payments.is_live:
        log.warning("a notice of the other mode was not taken")
        return
    if has_heard(reading(), notice.id):
        return
    if notice.seen is not None:
        _hear_of_session(notice, notice.seen, payments, tools)
    elif notice.refunded:
        _hear_of_refunds(notice, payments, tools)
    elif notice.disputed:
        _hear_of_dispute(notice, payments, tools)


def record(seen: Seen, *, by: str, notice: PaymentNotice | None = None, tools: Tools) -> None:
    """Record what the service says of a session: booked, let go, or paid back, and all of it once.

    `by` tells who brought it: notice, return or look. Raises Busy.
    """
    known = payment_of(reading(), session_name=seen.session, reference=seen.reference)
    if known is None or known.session not in {None, seen.session}:
        _record_unknown(seen, notice, tools)
        return
    payment_id = known.id

    def act(session: Session, payment: Payment, now: datetime) -> None:
        take(session, payment, seen, by=by, instance=_instance(session), now=now, tools=tools)

    _on_payment(payment_id, notice, act, tools)


def service(tools: Tools) -> Payments:
    """Return the payment service; raises NoPayment where none is set up."""
    if tools.payments is None:
        raise NoPayment("Paying isn’t possible here at the moment. Nothing was charged.")
    return tools.payments


# What a notice is about ---------------------------------------------------------------------------


def _hear_of_session(notice: PaymentNotice, told: Seen, payments: Payments, tools: Tools) -> None:
    if not _is_ours(told):
        log.info("a notice of a session that is not ours was not taken")
        return
    seen = told
    reading().rollback()  # nothing is kept open in the database while the service is asked
    if not told.is_paid:
        # Notices come in any order. Paid is final; all else is asked for as it is by now.
        try:
            seen = payments.look(told.session)
        except PaymentsRefuse:
            log.warning("a notice of a session that nobody knows was not taken")
            return
        has_failed = (told.has_failed or seen.has_failed) and not seen.is_paid
        seen = replace(seen, has_failed=has_failed)
    record(seen, by=NOTICE, notice=notice, tools=tools)


def _is_ours(seen: Seen) -> bool:
    if payment_of(reading(), session_name=seen.session, reference=seen.reference) is not None:
        return True
    return seen.instance == _instance(reading())


def _hear_of_refunds(notice: PaymentNotice, payments: Payments, tools: Tools) -> None:
    known = _payment_of(notice.refunded, payments, tools)
    if known is None:
        return
    payment_id = known.id
    reading().rollback()
    seen = payments.refunds(notice.refunded)

    def act(session: Session, payment: Payment, now: datetime) -> None:
        for refund in seen:
            _mirror(session, payment, refund, now)

    _on_payment(payment_id, notice, act, tools)


def _hear_of_dispute(notice: PaymentNotice, payments: Payments, tools: Tools) -> None:
    known = _payment_of(notice.disputed, payments, tools)
    if known is None:
        return

    def act(session: Session, payment: Payment, now: datetime) -> None:
        if not payment.dispute:
            booking = payment.booking
            tell_of(session, booking, Happening.DISPUTED, actor=Actor.HOUSE, now=now)
        # Notices come in any order: older news does not open again what has been decided.
        if payment.dispute in DISPUTE_OVER and notice.dispute not in DISPUTE_OVER:
            return
        payment.dispute = notice.dispute[:40]
        raise_concern(
            session, ConcernKind.DISPUTED, str(payment.id), now=now, payment=payment, anew=True
        )

    _on_payment(known.id, notice, act, tools)


def _payment_of(intent: str, payments: Payments, tools: Tools) -> Payment | None:
    """Return the payment of an intent; that it was paid at all may not have been told yet."""
    known = payment_of_intent(reading(), intent)
    if known is not None:
        return known
    sessions = undecided_sessions(reading())
    reading().rollback()
    for name in sessions:
        try:
            seen = payments.look(name)
        except PaymentsRefuse:
            continue
        if seen.intent == intent:
            record(seen, by=LOOK, tools=tools)
            break
    return payment_of_intent(reading(), intent)


def _on_payment(
    payment_id: int,
    notice: PaymentNotice | None,
    act: Callable[[Session, Payment, datetime], None],
    tools: Tools,
) -> None:
    """Do an act on a payment whose diary is locked; a notice's id is kept with its effect."""
    now = tools.clock.now()
    coach_id = reading().get_one(Payment, payment_id).coach_id

    def once(session: Session) -> None:
        payment = session.get_one(Payment, payment_id, populate_existing=True)
        if notice is not None:
            if has_heard(session, notice.id):
                return
            session.add(
                HeardNotice(
                    id=notice.id, kind=notice.kind[:80], payment_id=payment_id, heard_at=now
                )
            )
            payment.noticed_at = payment.noticed_at or now
        act(session, payment, now)

    on_diary(coach_id, once, now=now)


def _mirror(session: Session, payment: Payment, seen: RefundSeen, now: datetime) -> None:
    """Write down a refund that the service tells of, whoever made it."""
    ours = session.scalars(
        select(Refund).where(
            Refund.payment_id == payment.id,
            (Refund.refund == seen.refund) | (Refund.reference == (seen.reference or "-")),
        )
    ).first()
    if ours is not None:
        if ours.state == RefundState.FAILED and not seen.has_failed:
            ours.state = RefundState.WAITING  # it went back after all: taken up anew below
        take_news(session, ours, seen, now=now)
        return
    if not seen.has_failed:
        note_outside(session, payment, seen, now=now)


def _record_unknown(seen: Seen, notice: PaymentNotice | None, tools: Tools) -> None:
    """Tell the coach of money that came to this house in a session that nobody asked for."""
    if not seen.is_paid or seen.instance != _instance(reading()):
        return
    now = tools.clock.now()
    with unit_of_work() as session:
        if notice is not None:
            if has_heard(session, notice.id):
                return
            # No diary is locked here, so another copy of it may be heard at this very moment.
            add_unless_there(
                session, HeardNotice, id=notice.id, kind=notice.kind[:80], heard_at=now
            )
        raise_concern(
            session,
            ConcernKind.UNKNOWN_SESSION,
            seen.session,
            now=now,
            detail=f"{seen.price}, {seen.session}",
        )


def _instance(session: Session) -> str:
    return session.get_one(Practice, 1).uid
