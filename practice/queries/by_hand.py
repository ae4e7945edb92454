"""The page on which a coach books by hand: what is offered, and which of its times are open."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from practice.domain.cancelling import spoken_minutes
from practice.domain.offering import REMINDERS, Audience
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Seat
from practice.domain.zone import local_date, zone_label, zone_named
from practice.models.coach import Coach
from practice.models.offering import Offering, offering_coaches
from practice.models.unit import reading
from practice.queries.picking import diary_of
from practice.queries.times import Day, days_of, next_starts

_DAYS_SUGGESTED = 3
NOT_OFFERED = "There is no such offering of yours."


@dataclass(frozen=True, slots=True)
class Kind:
    """An offering that can be booked by hand; `price` and `reminder` are "" without."""

    id: int
    name: str
    length: str
    price: str
    audience: Audience
    reminder: str


@dataclass(frozen=True, slots=True)
class ByHandPage:
    """What can be booked by hand; `kind` is what is being booked, None where nothing is offered."""

    kinds: tuple[Kind, ...]
    kind: Kind | None
    days: tuple[Day, ...]
    zone: ZoneInfo
    zone_label: str
    today: str


def by_hand_page(seat: Seat, offering_id: int | None, *, now: datetime) -> ByHandPage:
    """Return what booking by hand needs; without an id it is about the first offering.

    Raises NotFound for what this coach doesn't offer.
    """
    seat.require(Right.DIARY)
    session = reading()
    coach = session.get_one(Coach, seat.coach_id)
    zone = zone_named(coach.zone)
    offered = list(
        session.scalars(
            select(Offering)
            .join(offering_coaches, offering_coaches.c.offering_id == Offering.id)
            .where(offering_coaches.c.coach_id == coach.id, Offering.archived_at.is_(None))
            .order_by(Offering.position, Offering.id)
        )
    )
    chosen = next((each for each in offered if offering_id in {each.id, None}), None)
    if chosen is None and offering_id is not None:
        raise NotFound(NOT_OFFERED)
    return ByHandPage(
        kinds=tuple(_kind(each) for each in offered),
        kind=_kind(chosen) if chosen else None,
        days=_days(chosen, coach, now) if chosen else (),
        zone=zone,
        zone_label=zone_label(zone, now),
        today=local_date(now, zone).isoformat(),
    )


def _days(offering: Offering, coach: Coach, now: datetime) -> tuple[Day, ...]:
    diary = diary_of(offering, coach, "")
    return days_of(next_starts(diary, now), diary, now=now)[:_DAYS_SUGGESTED]


def _kind(offering: Offering) -> Kind:
    terms = offering.terms()
    return Kind(
        id=offering.id,
        name=offering.name,
        length=spoken_minutes(terms.length_minutes),
        price=str(terms.price) if terms.is_paid else "",
        audience=terms.audience,
        reminder=REMINDERS.get(offering.reminder_hours, ""),
    )
