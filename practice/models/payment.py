"""Payments of bookings, what went back of them, and what was heard of them."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from practice.domain.booking import Status
from practice.domain.money import Money
from practice.domain.payment import (
    UNDECIDED,
    Asked,
    PaymentState,
    RefundReason,
    RefundState,
)
from practice.models.base import Base
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client

_UNDECIDED = text("state IN ('opening', 'open', 'processing')")


class Payment(Base):
    """One try to pay for a booking; `attempt` counts them from 1. The price is that of the hold.

    `reference` is what the payment service knows it by; `session` and `intent` are its names
    there. `held_until` is when the time would be let go. What was received may differ from what
    was asked for. `learnt_by` tells who brought the news that it was paid (notice, return, look);
    `noticed_at` is when a signed notice was heard of it. `dispute` is the service's status of one.
    """

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("booking_id", "attempt"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(
            "state IN ('opening', 'open', 'processing', 'paid', 'expired', 'failed', 'strange')",
            name="state",
        ),
        Index("ix_payments_coach_id_paid_at", "coach_id", "paid_at"),
        Index(
            "ix_payments_undecided",
            "opened_at",
            sqlite_where=_UNDECIDED,
            postgresql_where=_UNDECIDED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(
        String(64), unique=True, default=lambda: secrets.token_hex(16)
    )
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    coach_id: Mapped[int] = mapped_column(ForeignKey("coaches.id"))
    attempt: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), default=PaymentState.OPENING)
    amount_minor: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    service: Mapped[str] = mapped_column(String(20))
    is_live: Mapped[bool]
    session: Mapped[str | None] = mapped_column(String(255), unique=True)
    intent: Mapped[str | None] = mapped_column(String(255), unique=True)
    opened_at: Mapped[datetime]
    session_expires_at: Mapped[datetime]
    held_until: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    received_minor: Mapped[int | None]
    received_currency: Mapped[str | None] = mapped_column(String(3))
    learnt_by: Mapped[str] = mapped_column(String(20), default="")
    noticed_at: Mapped[datetime | None]
    dispute: Mapped[str] = mapped_column(String(40), default="")
    booking: Mapped[Booking] = relationship()
    refunds: Mapped[list["Refund"]] = relationship(back_populates="payment", order_by="Refund.id")

    @property
    def price(self) -> Money:
        """What was asked for."""
        return Money(self.amount_minor, self.currency)

    @property
    def received(self) -> Money:
        """What came; nothing as long as it is not paid."""
        return Money(self.received_minor or 0, self.received_currency or self.currency)

    @property
    def refunded(self) -> Money:
        """What goes back or has gone back, all refunds that have not failed together."""
        minor = sum(
            refund.amount_minor for refund in self.refunds if refund.state != RefundState.FAILED
        )
        return Money(minor, self.received.currency)

    @property
    def kept(self) -> Money:
        """What is left, and can still go back."""
        return Money(self.received.minor - self.refunded.minor, self.received.currency)

    def asked(self, instance: str) -> Asked:
        """Return what the domain judges news by; `instance` is the name of this house."""
        return Asked(PaymentState(self.state), self.price, instance, self.is_live)


class Refund(Base):
    """Money on its way back, written in the transaction of its cause; the worker asks for it.

    `dedupe` keeps it from being written twice. `reference` is told to the service, so that a
    refund which came through without our hearing of it is known again. `tries` counts definite
    refusals: the next try has another key, for a key's refusal would be repeated for a day
    (https://docs.stripe.com/api/idempotent_requests). `refund` is the service's name for it.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("state IN ('waiting', 'leased', 'done', 'failed')", name="state"),
        Index("ix_refunds_state_due_at", "state", "due_at"),
        Index("ix_refunds_payment_id", "payment_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(
        String(64), unique=True, default=lambda: secrets.token_hex(16)
    )
    dedupe: Mapped[str] = mapped_column(String(200), unique=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    amount_minor: Mapped[int]
    reason: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20), default=RefundState.WAITING)
    refund: Mapped[str | None] = mapped_column(String(255), unique=True)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    leased_by: Mapped[str | None] = mapped_column(String(64))
    done_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(String(200), default="")
    payment: Mapped[Payment] = relationship(back_populates="refunds")

    @property
    def money(self) -> Money:
        """What goes back."""
        return Money(self.amount_minor, self.payment.received.currency)

    @property
    def may_have_gone(self) -> bool:
        """Whether the service may have sent it: what was asked for and not answered may have."""
        is_tried = self.state == RefundState.WAITING and self.attempts > 0
        return is_tried or self.state in {RefundState.LEASED, RefundState.DONE}


class HeardNotice(Base):
    """A payment notice that took effect: its id stands here in the transaction of that effect."""

    __tablename__ = "heard_notices"
    __table_args__ = (Index("ix_heard_notices_heard_at", "heard_at"),)

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(String(80))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    heard_at: Mapped[datetime]


def current_payment(session: Session, booking_id: int) -> Payment | None:
    """Return the last try to pay for a booking, or None for one that costs nothing."""
    return session.scalars(
        select(Payment)
        .where(Payment.booking_id == booking_id)
        .order_by(Payment.attempt.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()


def is_current(session: Session, payment: Payment) -> bool:
    """Tell whether this is the last try to pay for its booking."""
    current = current_payment(session, payment.booking_id)
    return current is not None and current.id == payment.id


def is_waited_for(session: Session, payment: Payment) -> bool:
    """Tell whether its booking waits, held or pending, for this very payment."""
    waits = payment.booking.status in {Status.HELD, Status.PENDING}
    return waits and is_current(session, payment)


def is_undecided(session: Session, payment: Payment) -> bool:
    """Tell whether a coach has to decide still on a payment that is not what was asked for."""
    if payment.state != PaymentState.STRANGE:
        return False
    return payment.kept.minor > 0 or is_waited_for(session, payment)


def paid_payment(session: Session, booking_id: int) -> Payment | None:
    """Return the payment that a booking stands on, or None for one that costs nothing."""
    return session.scalars(
        select(Payment)
        .where(
            Payment.booking_id == booking_id,
            Payment.state == PaymentState.PAID,
            # One that was paid twice stands on the payment that was not to go back for that, even
            # where it could not.
            ~Payment.refunds.any(Refund.reason.in_((RefundReason.TWICE, RefundReason.LATE))),
        )
        .order_by(Payment.attempt)
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()


def payment_of(session: Session, *, session_name: str, reference: str) -> Payment | None:
    """Return the payment of a session by its name, or by the reference that was told to it."""
    found = session.scalars(select(Payment).where(Payment.session == session_name)).first()
    if found is None and reference:
        found = session.scalars(select(Payment).where(Payment.reference == reference)).first()
    return found


def payment_of_intent(session: Session, intent: str) -> Payment | None:
    """Return the payment of an intent, by the service's name for it."""
    return session.scalars(select(Payment).where(Payment.intent == intent)).first()


def refunds_since(session: Session, booking_id: int, at: datetime) -> Sequence[Refund]:
    """Return what was asked to go back of a booking since `at`, and has not failed."""
    return session.scalars(
        select(Refund)
        .join(Payment)
        .where(
            Payment.booking_id == booking_id,
            Refund.state != RefundState.FAILED,
            Refund.created_at >= at,
        )
    ).all()


def undecided_before(session: Session, opened_before: datetime) -> Sequence[int]:
    """Return the ids of payments that were opened by then and are not decided, oldest first."""
    return session.scalars(
        select(Payment.id)
        .where(Payment.state.in_(UNDECIDED), Payment.opened_at <= opened_before)
        .order_by(Payment.opened_at, Payment.id)
    ).all()


def undecided_sessions(session: Session) -> Sequence[str]:
    """Return the sessions that people may have paid in without our knowing, newest first."""
    found = session.scalars(
        select(Payment.session)
        .where(Payment.state.in_(UNDECIDED))
        .order_by(Payment.opened_at.desc(), Payment.id.desc())
    )
    return [name for name in found if name is not None]


def to_release(session: Session, now: datetime) -> Sequence[int]:
    """Return the ids of payments whose time is over at `now`, or whose booking waits no more."""
    return session.scalars(
        select(Payment.id)
        .join(Booking)
        .where(
            Payment.state.in_((PaymentState.OPENING, PaymentState.OPEN)),
            or_(
                Payment.held_until <= now,
                Booking.status.not_in((Status.HELD, Status.PENDING)),
            ),
        )
        .order_by(Payment.opened_at, Payment.id)
    ).all()


def unnoticed_between(session: Session, since: datetime, until: datetime) -> bool:
    """Tell whether a payment was paid in that time of which no signed notice was ever heard."""
    found = select(Payment.id).where(
        Payment.paid_at > since, Payment.paid_at <= until, Payment.noticed_at.is_(None)
    )
    return session.scalar(found.limit(1)) is not None


def has_heard(session: Session, notice_id: str) -> bool:
    """Tell whether a notice took effect before."""
    return session.get(HeardNotice, notice_id) is not None


def count_pending(session: Session, *whose: ColumnElement[bool]) -> int:
    """Count the bookings that wait to be paid for, of a client, a browser or a caller.

    A hold with a name waits too: its session is being made.
    """
    return (
        session.scalar(
            select(func.count(Booking.id.distinct()))
            .select_from(Booking)
            .join(BookingPerson)
            .join(Client)
            .where(Booking.status.in_((Status.HELD, Status.PENDING)), *whose)
        )
        or 0
    )


def anything_to_refund(session: Session, now: datetime) -> bool:
    """Tell whether a refund is due at `now`, without taking any lock."""
    return session.scalar(select(Refund.id).where(_is_due(now)).limit(1)) is not None


def lease_refund(
    session: Session, *, owner: str, now: datetime, leased_until: datetime
) -> int | None:
    """Lease one due refund for `owner` and return its id; an abandoned lease is due again."""
    found = session.scalars(
        select(Refund)
        .where(_is_due(now))
        .order_by(Refund.due_at, Refund.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        return None
    found.state = RefundState.LEASED
    found.attempts += 1
    found.leased_until = leased_until
    found.leased_by = owner
    return found.id


def _is_due(now: datetime) -> ColumnElement[bool]:
    waiting = (Refund.state == RefundState.WAITING) & (Refund.due_at <= now)
    abandoned = (Refund.state == RefundState.LEASED) & (Refund.leased_until <= now)
    return waiting | abandoned
