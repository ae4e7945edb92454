"""Payments of bookings, what went back of them, what was heard of them, and what stands strange."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from practice.domain.booking import Status
from practice.domain.money import Money
from practice.domain.payment import (
    UNDECIDED,
    Asked,
    ConcernKind,
    PaymentState,
    RefundReason,
    RefundState,
)
from practice.models.base import Base
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.upsert import add_unless_there

_UNDECIDED = text("state IN ('opening', 'open', 'processing')")


class Payment(Base):
    """One try to pay for a booking; `attempt` counts them from 1. The price is that of the hold.

    `reference` is what the payment service knows it by; `session` and `intent` are its names
    there. `held_until` is when the time would be let go. `learnt_by` tells who brought the news
    that it was paid (notice, return, look); `noticed_at` is when a signed notice was heard of it.
    `dispute` is the service's status of one, "" without.
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
    looked_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
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
    def refunded(self) -> Money:
        """What goes back or has gone back, all refunds that have not failed together."""
        minor = sum(
            refund.amount_minor for refund in self.refunds if refund.state != RefundState.FAILED
        )
        return Money(minor, self.currency)

    @property
    def kept(self) -> Money:
        """What is left to go back: nothing of what was never paid."""
        if self.paid_at is None:
            return Money(0, self.currency)
        return Money(self.amount_minor - self.refunded.minor, self.currency)

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
        return Money(self.amount_minor, self.payment.currency)


class HeardNotice(Base):
    """A payment notice that took effect: its id stands here in the transaction of that effect."""

    __tablename__ = "heard_notices"
    __table_args__ = (Index("ix_heard_notices_heard_at", "heard_at"),)

    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    kind: Mapped[str] = mapped_column(String(80))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    heard_at: Mapped[datetime]


class Concern(Base):
    """Something about money that a coach has to look at; every coach, where `coach_id` is unset.

    `dedupe` is the same for the same trouble. `detail` is the service's own name of the thing.
    """

    __tablename__ = "concerns"
    __table_args__ = (Index("ix_concerns_settled_at", "settled_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dedupe: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    coach_id: Mapped[int | None] = mapped_column(ForeignKey("coaches.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    detail: Mapped[str] = mapped_column(String(255), default="")
    raised_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


def current_payment(session: Session, booking_id: int) -> Payment | None:
    """Return the last try to pay for a booking, or None for one that costs nothing."""
    return session.scalars(
        select(Payment)
        .where(Payment.booking_id == booking_id)
        .order_by(Payment.attempt.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()


def paid_payment(session: Session, booking_id: int) -> Payment | None:
    """Return the payment that a booking stands on, or None for one that costs nothing."""
    return session.scalars(
        select(Payment)
        .where(
            Payment.booking_id == booking_id,
            Payment.state == PaymentState.PAID,
            # One that was paid twice stands on the payment that does not go back for that.
            ~Payment.refunds.any(
                Refund.reason.in_((RefundReason.TWICE, RefundReason.LATE))
                & (Refund.state != RefundState.FAILED)
            ),
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


def undecided_before(session: Session, opened_before: datetime) -> Sequence[int]:
    """Return the ids of payments that were opened by then and are not decided, oldest first."""
    return session.scalars(
        select(Payment.id)
        .where(Payment.state.in_(UNDECIDED), Payment.opened_at <= opened_before)
        .order_by(Payment.opened_at, Payment.id)
    ).all()


def has_heard(session: Session, notice_id: str) -> bool:
    """Tell whether a notice took effect before."""
    return session.get(HeardNotice, notice_id) is not None


def raise_concern(
    session: Session,
    kind: ConcernKind,
    dedupe: str,
    *,
    now: datetime,
    payment: Payment | None = None,
    detail: str = "",
) -> None:
    """Write down that a coach has to look at something, once for the same trouble."""
    add_unless_there(
        session,
        Concern,
        dedupe=f"{kind}:{dedupe}"[:200],
        kind=kind,
        coach_id=payment.coach_id if payment else None,
        payment_id=payment.id if payment else None,
        detail=detail[:255],
        raised_at=now,
    )


def count_pending(session: Session, client_key: str) -> int:
    """Count the bookings of an address (`address_key`) that wait to be paid for."""
    return (
        session.scalar(
            select(func.count())
            .select_from(BookingPerson)
            .join(Client)
            .join(Booking)
            .where(Client.address_key == client_key, Booking.status == Status.PENDING)
        )
        or 0
    )
