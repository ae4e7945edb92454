"""The money of one booking at the desk: what was asked for, what came, and what went back."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from practice.domain.letters import clock, moment_line
from practice.domain.money import Money
from practice.domain.payment import DISPUTE_OVER, PaymentState, RefundReason, RefundState
from practice.domain.refunding import refund_left, spoken_terms
from practice.models.booking import Booking
from practice.models.payment import Payment, Refund, is_undecided, paid_payment
from practice.models.unit import reading

# What is said of a dispute that is over, by how it ended.
_ENDED = {
    "won": "You won a dispute about it.",
    "lost": "You lost a dispute about it.",
    "warning_closed": "The bank asked about it, and has closed that.",
    "prevented": "A dispute about it was prevented.",
}
_DIFFERS = "Something differs"
_UNPAID = {
    PaymentState.OPENING: "Waiting for payment",
    PaymentState.OPEN: "Waiting for payment",
    PaymentState.PROCESSING: "The bank is still at it; this can take days",
    PaymentState.EXPIRED: "Nothing was paid",
    PaymentState.FAILED: "The bank said no, and nothing was paid",
}
_WHY = {
    RefundReason.CANCELLED: "for the cancellation",
    RefundReason.LATE: "because the time was somebody else’s by then",
    RefundReason.TWICE: "because it was paid twice",
    RefundReason.COACH: "as you asked",
    RefundReason.NO_SHOW: "although they did not come",
    RefundReason.OUTSIDE: "from your payment account",
}


class Summary(NamedTuple):
    """Where a payment and its refunds stand, in a few words; `is_wrong` is for a coach to look."""

    told: str
    is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class RefundLine:
    """Money that goes back, in words; `is_wrong` where it did not."""

    told: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """One try to pay, in words; `left` is what can still go back, "" for nothing.

    `strange` says what came and what was asked for, where a coach has to decide; else it is "".
    """

    attempt: int
    told: str
    is_wrong: bool
    refunds: tuple[RefundLine, ...]
    left: str
    strange: str


@dataclass(frozen=True, slots=True)
class BookingMoney:
    """What a booking costs, the terms it was made on, and every try to pay for it, newest first."""

    price: str
    terms: str
    payments: tuple[PaymentLine, ...]


@dataclass(frozen=True, slots=True)
class Back:
    """What can go back when a booking ends: all that is left, and the part by the terms.

    `terms` is None where it is the same as all, or as nothing.
    """

    all: Money
    terms: Money | None

    @property
    def is_any(self) -> bool:
        """Whether anything can go back."""
        return self.all.minor > 0


def money_of(booking: Booking, zone: ZoneInfo, now: datetime) -> BookingMoney | None:
    """Return the money of a booking, or None where it costs nothing."""
    terms = booking.terms()
    payments = payments_of(booking.id)
    if not terms.is_paid and not payments:
        return None
    return BookingMoney(
        price=str(terms.price),
        terms=spoken_terms(terms.cancellation),
        payments=tuple(_line(payment, zone, now) for payment in payments),
    )


def back_of(booking: Booking, now: datetime) -> Back | None:
    """Return what can go back when a booking is cancelled at `now`; None where it costs nothing."""
    terms = booking.terms()
    if not terms.is_paid:
        return None
    paid = paid_payment(reading(), booking.id)
    if paid is None:
        return Back(Money(0, terms.price.currency), None)
    left = paid.kept
    due = refund_left(terms.cancellation, paid.received, paid.refunded, booking.starts_at, now=now)
    return Back(left, due if 0 < due.minor < left.minor else None)


def payments_of(booking_id: int) -> list[Payment]:
    """Return every try to pay for a booking, the newest first."""
    return list(
        reading().scalars(
            select(Payment)
            .where(Payment.booking_id == booking_id)
            .options(selectinload(Payment.refunds))
            .order_by(Payment.attempt.desc())
        )
    )


def no_show_money_went(booking_id: int) -> bool:
    """Tell whether money that was given back because nobody came was asked for already."""
    return any(
        refund.may_have_gone
        for payment in payments_of(booking_id)
        for refund in payment.refunds
        if refund.reason == RefundReason.NO_SHOW
    )


def can_go_back(payment: Payment) -> bool:
    """Tell whether the coach can still give money of a payment back."""
    return payment.state == PaymentState.PAID and payment.kept.minor > 0


def is_disputed(payment: Payment) -> bool:
    """Tell whether a dispute about a payment is going on."""
    return bool(payment.dispute) and payment.dispute not in DISPUTE_OVER


def summary_of(payment: Payment) -> Summary:
    """Say in a few words where a payment and its refunds stand, what presses most first."""
    if is_disputed(payment):
        return Summary("Disputed at the bank", is_wrong=True)
    states = {refund.state for refund in payment.refunds}
    if RefundState.FAILED in states and payment.kept.minor > 0:
        return Summary("Refund failed", is_wrong=True)
    if states & {RefundState.WAITING, RefundState.LEASED}:
        return Summary("Refund asked for")
    if RefundState.DONE in states:
        return Summary("Refunded" if payment.kept.minor <= 0 else "Refunded in part")
    if is_undecided(reading(), payment):
        return Summary(_DIFFERS, is_wrong=True)
    return Summary(_UNPAID.get(PaymentState(payment.state), "Paid"))


def _line(payment: Payment, zone: ZoneInfo, now: datetime) -> PaymentLine:
    undecided = is_undecided(reading(), payment)
    told = f"{_state(payment, zone, now, undecided=undecided)}."
    if payment.paid_at is not None and payment.received != payment.price and not undecided:
        told = f"{told} {payment.received} came instead of {payment.price}."
    dispute = _ENDED.get(payment.dispute, "It is disputed at the bank.") if payment.dispute else ""
    return PaymentLine(
        attempt=payment.attempt,
        told=f"{told} {dispute}".strip(),
        is_wrong=undecided or is_disputed(payment),
        refunds=tuple(_refund(refund, zone, now) for refund in payment.refunds),
        left=str(payment.kept) if can_go_back(payment) else "",
        strange=_strange(payment) if undecided else "",
    )


def _state(payment: Payment, zone: ZoneInfo, now: datetime, *, undecided: bool) -> str:
    if undecided:
        return _DIFFERS
    paid = f"Paid on {moment_line(payment.paid_at or payment.opened_at, zone, now=now)}"
    return _UNPAID.get(PaymentState(payment.state), paid)


def _strange(payment: Payment) -> str:
    if payment.received == payment.price:
        return f"{payment.received} came in another way than it was asked for."
    return f"{payment.received} came instead of {payment.price}."


def _refund(refund: Refund, zone: ZoneInfo, now: datetime) -> RefundLine:
    why = _WHY.get(RefundReason(refund.reason), "")
    if refund.state == RefundState.DONE:
        on = moment_line(refund.done_at or refund.created_at, zone, now=now)
        return RefundLine(f"Refunded {refund.money} on {on}, {why}.", is_wrong=False)
    if refund.state == RefundState.FAILED:
        told = refund.why.rstrip(".") or "the payment service did not say why"
        return RefundLine(f"Refund of {refund.money} failed: {told}.", is_wrong=True)
    trouble = f" It has not worked so far: {refund.why}" if refund.why else ""
    told = f"Refund of {refund.money} asked for, {why}."
    if refund.due_at > now and not refund.why:
        told = f"{told} It goes out at {clock(refund.due_at, zone)}."
    return RefundLine(f"{told}{trouble}", is_wrong=bool(refund.why))
