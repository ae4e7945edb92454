"""Giving money back: asked for in the transaction of its cause, done by the worker afterwards.

A refund whose outcome nobody knows is asked for again under the same key, so that it happens once.
One that was refused is asked for under a new key, because a refusal is repeated for its key
(https://docs.stripe.com/api/idempotent_requests), and first looked for under its reference.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from practice.domain.booking import Actor
from practice.domain.defect import where_raised
from practice.domain.money import Money
from practice.domain.payment import (
    REFUND_TRIES,
    ConcernKind,
    RefundReason,
    RefundSeen,
    RefundState,
)
from practice.domain.refusal import NotAllowed
from practice.models.concern import raise_concern
from practice.models.journal import Happening, tell_of
from practice.models.payment import Payment, Refund, anything_to_refund, lease_refund
from practice.models.unit import look, reading, unit_of_work
from practice.ports import Payments, PaymentsAway, PaymentsRefuse, Tools
from practice.usecases.diary import on_diary
from practice.usecases.letters import tell_refunded
from practice.usecases.retrying import next_try

log = logging.getLogger("practice.refunds")

_AT_ONCE = 10
_LEASE = timedelta(minutes=5)
# So often without any answer: it goes on every hour, but somebody should know.
_SILENCES = 12
_TOLD_ELSEWHERE = {RefundReason.CANCELLED, RefundReason.LATE, RefundReason.OUTSIDE}


def ask_refund(
    session: Session,
    payment: Payment,
    money: Money,
    reason: RefundReason,
    dedupe: str,
    *,
    due_at: datetime,
    now: datetime,
) -> Refund:
    """Write down, in the open unit of a locked diary, that money is to go back at `due_at`.

    The same `dedupe` again gives the same refund. Raises NotAllowed where less is left.
    """
    before = session.scalars(select(Refund).where(Refund.dedupe == dedupe)).first()
    if before is not None:
        return before
    session.refresh(payment, ["refunds"])
    if not 0 < money.minor <= payment.kept.minor or money.currency != payment.kept.currency:
        raise NotAllowed(f"Of this payment, {payment.kept} can still go back.")
    refund = Refund(
        dedupe=dedupe,
        payment=payment,
        amount_minor=money.minor,
        reason=reason,
        state=RefundState.WAITING,
        created_at=now,
        due_at=due_at,
    )
    session.add(refund)
    session.flush()
    actor = Actor.COACH if reason in {RefundReason.COACH, RefundReason.NO_SHOW} else Actor.HOUSE
    tell_of(session, payment.booking, Happening.REFUND_ASKED, actor=actor, now=now)
    return refund


def drop_waiting_refunds(session: Session, booking_id: int, reason: RefundReason) -> bool:
    """Take back the refunds of a booking that nobody was asked for yet; False if one has gone."""
    own = (Refund.reason == reason) & Refund.payment_id.in_(
        select(Payment.id).where(Payment.booking_id == booking_id)
    )
    # Locked, for a worker takes refunds up without the diary: what it has taken up has gone.
    found = session.scalars(
        select(Refund).where(own).with_for_update().execution_options(populate_existing=True)
    ).all()
    if any(refund.may_have_gone for refund in found):
        return False
    session.execute(delete(Refund).where(own, Refund.state == RefundState.WAITING))
    return True


def send_refunds(owner: str, *, tools: Tools) -> int:
    """Ask the payment service for due refunds, at most ten, for a worker; return how many."""
    payments = tools.payments
    if payments is None:
        return 0
    for done in range(_AT_ONCE):
        refund_id = _lease(owner, tools)
        if refund_id is None:
            return done
        _send(refund_id, owner, payments, tools)
    return _AT_ONCE


def _lease(owner: str, tools: Tools) -> int | None:
    now = tools.clock.now()
    with look() as session:
        if not anything_to_refund(session, now):
            return None
    with unit_of_work() as session:
        return lease_refund(session, owner=owner, now=now, leased_until=now + _LEASE)


def _send(refund_id: int, owner: str, payments: Payments, tools: Tools) -> None:
    refund = reading().get_one(Refund, refund_id, populate_existing=True)
    payment = refund.payment
    intent, money, reference = payment.intent, refund.money, refund.reference
    key = f"re:{intent}:{payment.booking_id}:{refund.id}:{refund.tries}"
    is_first = refund.attempts == 1
    reading().rollback()  # nothing of ours is open while the outside world is spoken to
    now = tools.clock.now()
    try:
        seen = None if is_first else _found(payments, intent or "", reference)
        if seen is None:
            seen = payments.refund(intent or "", money, reference=reference, key=key)
    except PaymentsAway:
        _mark(refund_id, owner, tools, lambda session, row: _later(session, row, now))
    except PaymentsRefuse as refusal:
        why = str(refusal)
        _mark(refund_id, owner, tools, lambda session, row: _refused(session, row, why, now))
    except Exception as fault:  # noqa: BLE001 - one that fails must not stop the others
        log.error("refund %s failed\n%s", refund_id, where_raised(fault))  # noqa: TRY400
        _mark(refund_id, owner, tools, lambda session, row: _later(session, row, now))
    else:
        news = seen
        _mark(refund_id, owner, tools, lambda session, row: take_news(session, row, news, now=now))


def _found(payments: Payments, intent: str, reference: str) -> RefundSeen | None:
    """Return a refund that came through although nobody told us."""
    return next(
        (
            seen
            for seen in payments.refunds(intent)
            if seen.reference == reference and not seen.has_failed
        ),
        None,
    )


def _mark(
    refund_id: int, owner: str, tools: Tools, write: Callable[[Session, Refund], None]
) -> None:
    """Write down what became of a refund, unless another worker has taken it over since."""
    coach_id = reading().get_one(Refund, refund_id).payment.coach_id

    def act(session: Session) -> None:
        row = session.get_one(Refund, refund_id, populate_existing=True)
        if row.state == RefundState.LEASED and row.leased_by == owner:
            row.leased_by = row.leased_until = None
            write(session, row)

    on_diary(coach_id, act, now=tools.clock.now())


def take_news(session: Session, row: Refund, seen: RefundSeen, *, now: datetime) -> None:
    """Write down, in the open unit of a locked diary, what the service says of our refund."""
    if seen.has_failed:
        _fail(session, row, "The bank sent it back.", now)
        return
    if row.state == RefundState.DONE:
        return
    if seen.reference != row.reference and not _is_instead(session, row, seen, now):
        row.state, row.why = RefundState.FAILED, "It had gone back already."
        return
    row.state, row.refund, row.done_at, row.why = RefundState.DONE, seen.refund, now, ""
    tell_of(session, row.payment.booking, Happening.REFUNDED, actor=Actor.HOUSE, now=now)
    if row.reason not in _TOLD_ELSEWHERE:
        tell_refunded(session, row.payment.booking, row.id, now=now)


def note_outside(session: Session, payment: Payment, seen: RefundSeen, *, now: datetime) -> None:
    """Write down, in the open unit of a locked diary, a refund that was made elsewhere."""
    session.add(
        Refund(
            dedupe=f"outside:{seen.refund}"[:200],
            payment=payment,
            amount_minor=seen.money.minor,
            reason=RefundReason.OUTSIDE,
            state=RefundState.DONE,
            refund=seen.refund,
            created_at=now,
            due_at=now,
            done_at=now,
        )
    )
    tell_of(session, payment.booking, Happening.REFUNDED, actor=Actor.HOUSE, now=now)


def _is_instead(session: Session, row: Refund, seen: RefundSeen, now: datetime) -> bool:
    """Tell whether a refund made elsewhere did what ours was to do; another one is noted."""
    other = select(Refund.id).where(Refund.refund == seen.refund, Refund.id != row.id)
    if session.scalar(other) is not None:
        return False
    if seen.money == row.money:
        return True
    note_outside(session, row.payment, seen, now=now)
    return False


def _later(session: Session, row: Refund, now: datetime) -> None:
    row.state = RefundState.WAITING
    row.why = "The payment service could not be reached."
    row.due_at = next_try(row.attempts, now)
    if row.attempts == _SILENCES:
        _concern(session, row, now)


def _refused(session: Session, row: Refund, why: str, now: datetime) -> None:
    row.tries += 1
    row.why = why[:200]
    if row.tries >= REFUND_TRIES:
        _fail(session, row, why, now)
        return
    row.state = RefundState.WAITING
    row.due_at = next_try(row.tries, now)


def _fail(session: Session, row: Refund, why: str, now: datetime) -> None:
    if row.state == RefundState.FAILED:
        return
    row.state, row.why = RefundState.FAILED, why[:200]
    tell_of(session, row.payment.booking, Happening.REFUND_FAILED, actor=Actor.HOUSE, now=now)
    _concern(session, row, now)


def _concern(session: Session, row: Refund, now: datetime) -> None:
    raise_concern(
        session,
        ConcernKind.REFUND_FAILED,
        str(row.id),
        now=now,
        payment=row.payment,
        detail=row.why,
    )
