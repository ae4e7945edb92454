"""Who coaches here: what each offers, who is still to come, and whether she takes bookings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from practice.domain.booking import Status
from practice.domain.letters import moment_line
from practice.domain.roles import Right, Seat
from practice.domain.zone import city, zone_named
from practice.models.booking import Booking
from practice.models.coach import Coach
from practice.models.offering import Offering, offering_coaches
from practice.models.unit import reading


@dataclass(frozen=True, slots=True)
class CoachLine:
    """A coach as the owner sees her; `to_come` counts the appointments that stand."""

    id: int
    name: str
    city: str
    offers: tuple[str, ...]
    to_come: int
    is_active: bool


def coaches_page(seat: Seat, *, now: datetime) -> tuple[CoachLine, ...]:
    """Return all coaches in the order of the team's list, those who take no bookings last."""
    seat.require(Right.TEAM)
    offers: dict[int, tuple[str, ...]] = {}
    for coach_id, name in reading().execute(
        select(offering_coaches.c.coach_id, Offering.name)
        .join(Offering, Offering.id == offering_coaches.c.offering_id)
        .where(Offering.archived_at.is_(None))
        .order_by(Offering.position, Offering.id)
    ):
        offers[coach_id] = (*offers.get(coach_id, ()), name)
    rows = reading().execute(
        select(Booking.coach_id, func.count())
        .where(Booking.status == Status.CONFIRMED, Booking.starts_at > now)
        .group_by(Booking.coach_id)
    )
    coming = {coach_id: count for coach_id, count in rows}  # noqa: C416 - rows are no pairs to mypy
    coaches = reading().scalars(
        select(Coach).order_by(Coach.is_active.desc(), Coach.position, Coach.id)
    )
    return tuple(
        CoachLine(
            id=coach.id,
            name=coach.name,
            city=city(zone_named(coach.zone)),
            offers=offers.get(coach.id, ()),
            to_come=coming.get(coach.id, 0),
            is_active=coach.is_active,
        )
        for coach in coaches
    )


def when_they_come(
    seat: Seat, booking_ids: Sequence[int], *, now: datetime
) -> tuple[tuple[int, str], ...]:
    """Return when these bookings are, soonest first, on the owner's clock; nothing else of them."""
    seat.require(Right.TEAM)
    zone = zone_named(reading().get_one(Coach, seat.coach_id).zone)
    rows = reading().execute(
        select(Booking.id, Booking.starts_at)
        .where(Booking.id.in_(booking_ids))
        .order_by(Booking.starts_at)
    )
    return tuple((row.id, moment_line(row.starts_at, zone, now=now)) for row in rows)
