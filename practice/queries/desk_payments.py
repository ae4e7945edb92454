"""All payments of a coach by month, and what stands strange about money."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import selectinload

from practice.domain.letters import MONTHS, day_line, moment_line
from practice.domain.money import Money, plain
from practice.domain.payment import ConcernKind, PaymentState
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Seat
from practice.domain.span import Span
from practice.domain.zone import day_span, local_date, zone_label, zone_named
from practice.models.booking import Booking
from practice.models.coach import Coach
from practice.models.concern import Concern
from practice.models.payment import Payment, is_undecided
from practice.models.unit import reading
from practice.queries.desk_money import summary_of
from practice.queries.table import csv_of, inert
from practice.queries.week import initials

NO_MONTH = "There is no such month."
_MONTH = re.compile(r"(\d{4})-(\d\d)", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 2000, 8999
# What ended without money is no payment; all else is worth a line.
_UNPAID_SHOWN = (PaymentState.OPEN, PaymentState.PROCESSING, PaymentState.FAILED)
_HEAD = (
    *("Day", "Client", "Offering", "Appointment", "Currency", "Paid", "Refunded", "Kept"),
    *("State", "Reference"),
)


class Trouble(NamedTuple):
    """What can stand strange about money: what it is, and what to do."""

    title: str
    told: str


TROUBLES: Final = {
    ConcernKind.AMOUNT_DIFFERS: Trouble(
        "A payment differs from what was asked for",
        "Decide on the page of the booking: take the payment as it is, or give it back. Until then "
        "its time stays held.",
    ),
    ConcernKind.UNKNOWN_SESSION: Trouble(
        "Money came that belongs to no booking",
        "It was paid for this practice, but nothing here asked for it. Look it up in your payment "
        "account by the name below, and give it back there if it isn’t yours.",
    ),
    ConcernKind.REFUND_FAILED: Trouble(
        "Money could not go back",
        "The page of the booking says why. You can give it back from there once more, or in "
        "another way, such as a bank transfer.",
    ),
    ConcernKind.DISPUTED: Trouble(
        "A payment is disputed at the bank",
        "Answer it in your payment account: banks give you a few days only. Nothing here is "
        "cancelled by it, and the bank may not let the money go back from here.",
    ),
    ConcernKind.NO_NOTICES: Trouble(
        "The payment service was not heard for long",
        "Payments are still found, up to a quarter of an hour late, because this house asks for "
        "them. Look in your payment account whether its webhook leads here and is switched on, "
        "and whether PRACTICE_STRIPE_WEBHOOK_SECRET is its secret.",
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One payment; `refunded` is "" where nothing goes back, `is_wrong` is for a coach to look."""

    booking_id: int
    day: str
    client: str
    offering: str
    amount: str
    state: str
    refunded: str
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class Total:
    """The sums of a month in one currency."""

    paid: str
    refunded: str
    kept: str


@dataclass(frozen=True, slots=True)
class PaymentsPage:
    """The payments of a month, newest first; `previous` and `next` name the months around it.

    `next` is "" for the month of now. `concerns` counts what a coach has to look at.
    """

    month: str
    title: str
    previous: str
    next: str
    zone_label: str
    rows: tuple[Row, ...]
    totals: tuple[Total, ...]
    hides_names: bool
    concerns: int


@dataclass(frozen=True, slots=True)
class Worry:
    """Something about money to look at: what it is, what to do, and where.

    `may_settle` is False as long as it is decided on the booking's page.
    """

    id: int
    title: str
    told: str
    detail: str
    when: str
    who: str
    booking_id: int
    may_settle: bool


def payments_page(seat: Seat, month: str, *, hides_names: bool, now: datetime) -> PaymentsPage:
    """Return a month of a coach's payments ("" is that of now); raises NotFound for no month."""
    seat.require(Right.MONEY)
    coach = reading().get_one(Coach, seat.coach_id)
    zone = zone_named(coach.zone)
    first = _first_day(month, zone, now)
    payments = _of_month(seat.coach_id, first, zone)
    following = _next(first)
    return PaymentsPage(
        month=_named(first),
        title=f"{MONTHS[first.month - 1]} {first.year}",
        previous=_named(_previous(first)) if first.year > _FIRST_YEAR else "",
        next=_named(following) if following <= local_date(now, zone) else "",
        zone_label=zone_label(zone, now),
        rows=tuple(_row(payment, zone, now, hides_names=hides_names) for payment in payments),
        totals=_totals(payments),
        hides_names=hides_names,
        concerns=len(open_concerns(seat.coach_id)),
    )


def payments_csv(seat: Seat, month: str, *, hides_names: bool, now: datetime) -> str:
    """Return a month of payments as a table for spreadsheets: CRLF, commas, amounts as numbers.

    No cell of it is a formula, whatever people wrote into names. Raises NotFound for no month.
    """
    seat.require(Right.MONEY)
    zone = zone_named(reading().get_one(Coach, seat.coach_id).zone)
    rows = (
        (
            local_date(_at(payment), zone).isoformat(),
            inert(_client(payment.booking, hides_names=hides_names)),
            inert(payment.booking.offering_name),
            local_date(payment.booking.starts_at, zone).isoformat(),
            payment.received.currency,
            plain(payment.received),
            plain(payment.refunded),
            plain(payment.kept),
            inert(summary_of(payment).told),
            inert(payment.reference),
        )
        for payment in _of_month(seat.coach_id, _first_day(month, zone, now), zone)
    )
    return csv_of(_HEAD, rows)


def month_named(seat: Seat, month: str, *, now: datetime) -> str:
    """Return the month that is meant ("" is that of now) as "2026-06"; raises NotFound."""
    seat.require(Right.MONEY)
    zone = zone_named(reading().get_one(Coach, seat.coach_id).zone)
    return _named(_first_day(month, zone, now))


def open_concerns(coach_id: int) -> Sequence[str]:
    """Return the kinds of all that a coach has to look at, one for each case."""
    return reading().scalars(select(Concern.kind).where(*_open(coach_id))).all()


def concerns_page(seat: Seat, *, now: datetime) -> tuple[Worry, ...]:
    """Return all that a coach has to look at, newest first."""
    seat.require(Right.MONEY)
    zone = zone_named(reading().get_one(Coach, seat.coach_id).zone)
    rows = reading().scalars(
        select(Concern)
        .where(*_open(seat.coach_id))
        .order_by(Concern.raised_at.desc(), Concern.id.desc())
    )
    return tuple(_worry(row, zone, now) for row in rows)


def _open(coach_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        or_(Concern.coach_id == coach_id, Concern.coach_id.is_(None)),
        Concern.settled_at.is_(None),
    )


def _worry(row: Concern, zone: ZoneInfo, now: datetime) -> Worry:
    payment = reading().get(Payment, row.payment_id) if row.payment_id else None
    booking = payment.booking if payment else None
    kind = ConcernKind(row.kind)
    undecided = payment is not None and is_undecided(reading(), payment)
    return Worry(
        id=row.id,
        title=TROUBLES[kind].title,
        told=TROUBLES[kind].told,
        detail=row.detail,
        when=moment_line(row.raised_at, zone, now=now),
        who=_client(booking, hides_names=False) if booking else "",
        booking_id=booking.id if booking else 0,
        may_settle=not (kind is ConcernKind.AMOUNT_DIFFERS and undecided),
    )


def _of_month(coach_id: int, first: date, zone: ZoneInfo) -> list[Payment]:
    last = _next(first) - timedelta(days=1)
    span = Span(day_span(first, zone).starts_at, day_span(last, zone).ends_at)
    at = func.coalesce(Payment.paid_at, Payment.opened_at)
    return list(
        reading().scalars(
            select(Payment)
            .where(
                Payment.coach_id == coach_id,
                at >= span.starts_at,
                at < span.ends_at,
                or_(Payment.paid_at.is_not(None), Payment.state.in_(_UNPAID_SHOWN)),
            )
            .options(
                selectinload(Payment.refunds),
                selectinload(Payment.booking).selectinload(Booking.people),
            )
            .order_by(at.desc(), Payment.id.desc())
        )
    )


def _row(payment: Payment, zone: ZoneInfo, now: datetime, *, hides_names: bool) -> Row:
    booking = payment.booking
    came = payment.received if payment.paid_at is not None else payment.price
    state = summary_of(payment)
    return Row(
        booking_id=booking.id,
        day=day_line(_at(payment), zone, now=now),
        client=_client(booking, hides_names=hides_names),
        offering=booking.offering_name,
        amount=str(came),
        state=state.told,
        refunded=str(payment.refunded) if payment.refunded.minor else "",
        is_wrong=state.is_wrong,
    )


def _totals(payments: Sequence[Payment]) -> tuple[Total, ...]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for payment in payments:
        if payment.paid_at is not None:
            total = sums[payment.received.currency]
            for at, money in enumerate((payment.received, payment.refunded, payment.kept)):
                total[at] += money.minor
    return tuple(
        Total(*(str(Money(minor, currency)) for minor in total))
        for currency, total in sorted(sums.items())
    )


def _client(booking: Booking, *, hides_names: bool) -> str:
    names = [person.name for person in booking.people]
    return " and ".join(initials(name) if hides_names else name for name in names) or "Somebody"


def _at(payment: Payment) -> datetime:
    return payment.paid_at or payment.opened_at


def _first_day(month: str, zone: ZoneInfo, now: datetime) -> date:
    if not month:
        return local_date(now, zone).replace(day=1)
    match = _MONTH.fullmatch(month)
    year, number = map(int, match.groups()) if match else (0, 0)
    if not (_FIRST_YEAR <= year <= _LAST_YEAR and 1 <= number <= len(MONTHS)):
        raise NotFound(NO_MONTH)
    return date(year, number, 1)


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _previous(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _named(first: date) -> str:
    return f"{first.year}-{first.month:02}"
