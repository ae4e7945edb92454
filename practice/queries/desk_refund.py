"""Where a coach decides about money of a booking: giving back, and who did not come."""

from dataclasses import dataclass
from datetime import datetime

from practice.domain.letters import moment_line
from practice.domain.money import Money, plain, share
from practice.domain.refusal import NotAllowed
from practice.domain.roles import Right, Seat
from practice.domain.zone import zone_named
from practice.queries.desk_booking import may_mark, names_of, own
from practice.queries.desk_money import Back, back_of, can_go_back, is_disputed, payments_of

HALF = 50
"""Percent of what is left, as an example of what can be typed."""
NOTHING_LEFT = "There is no money of this booking that can still go back."


@dataclass(frozen=True, slots=True)
class RefundPage:
    """What can still go back of one payment of a booking; `example` is an amount as it is typed."""

    id: int
    attempt: int
    name: str
    paid: str
    paid_at: str
    left: Money
    example: str
    is_disputed: bool


@dataclass(frozen=True, slots=True)
class NoShowPage:
    """Somebody who did not come, and what can go back; `back` is None where it was free."""

    id: int
    name: str
    when: str
    may_mark: bool
    back: Back | None
    example: str


def refund_page(seat: Seat, booking_id: int, attempt: int | None, *, now: datetime) -> RefundPage:
    """Return what can still go back of a payment; without an attempt, of the first that has any.

    Raises NotFound for bookings of others, and NotAllowed where nothing can go back.
    """
    seat.require(Right.MONEY)
    booking = own(seat, booking_id)
    zone = zone_named(booking.coach.zone)
    found = [
        payment
        for payment in reversed(payments_of(booking_id))
        if can_go_back(payment) and attempt in {None, payment.attempt}
    ]
    if not found:
        raise NotAllowed(NOTHING_LEFT)
    payment = found[0]
    return RefundPage(
        id=booking_id,
        attempt=payment.attempt,
        name=names_of(booking),
        paid=str(payment.received),
        paid_at=moment_line(payment.paid_at or payment.opened_at, zone, now=now),
        left=payment.kept,
        example=plain(share(payment.kept, HALF)),
        is_disputed=is_disputed(payment),
    )


def no_show_page(seat: Seat, booking_id: int, *, now: datetime) -> NoShowPage:
    """Return what is to be decided of a booking whose client did not come; raises NotFound.

    Whoever has nothing to do with money decides nothing about it: all of it is kept.
    """
    seat.require(Right.DIARY)
    booking = own(seat, booking_id)
    back = back_of(booking, now) if seat.may(Right.MONEY) else None
    return NoShowPage(
        id=booking_id,
        name=names_of(booking),
        when=moment_line(booking.starts_at, zone_named(booking.coach.zone), now=now),
        may_mark=may_mark(booking, now),
        back=back if back and back.is_any else None,
        example=plain(share(back.all, HALF)) if back else "",
    )
