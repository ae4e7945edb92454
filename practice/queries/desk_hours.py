"""The pages of the hours: the week, the dates that differ, and what comes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from practice.domain.booking import Status
from practice.domain.hours import DateHours, Opening, Rules, is_within
from practice.domain.letters import when_line
from practice.domain.roles import Right, Seat
from practice.domain.span import Span
from practice.domain.zone import local_date, zone_label, zone_named
from practice.models.booking import Booking
from practice.models.coach import Coach
from practice.models.diary import rules_of
from practice.models.hours import DateException, WeeklyHours
from practice.models.unit import reading
from practice.queries.desk_offerings import Seen, seen_by_clients

_STANDING = (Status.PENDING, Status.CONFIRMED)
_DAY = timedelta(days=1)
_MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Stranded:
    """An appointment that lies outside the hours, and stays booked."""

    booking_id: int
    when: str
    name: str


@dataclass(frozen=True, slots=True)
class Dates:
    """Dates in a row on which the same other hours hold; none is closed."""

    first: date
    last: date
    label: str
    hours: str
    note: str
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class HoursPage:
    """The hours of a coach, and what clients see of them."""

    weekly: dict[int, tuple[Opening, ...]]
    dates: tuple[Dates, ...]
    stranded: tuple[Stranded, ...]
    seen: Seen | None
    zone_label: str
    today: date


def hours_page(seat: Seat, *, now: datetime) -> HoursPage:
    """Return the hours of a coach as they hold now."""
    seat.require(Right.SETTINGS)
    session, coach_id = reading(), seat.coach_id
    coach = session.get_one(Coach, coach_id)
    zone = zone_named(coach.zone)
    today = local_date(now, zone)
    weekly: dict[int, tuple[Opening, ...]] = {}
    for row in session.scalars(
        select(WeeklyHours)
        .where(WeeklyHours.coach_id == coach_id)
        .order_by(WeeklyHours.weekday, WeeklyHours.opens_minute)
    ):
        opening = Opening(row.opens_minute, row.closes_minute)
        weekly[row.weekday] = (*weekly.get(row.weekday, ()), opening)
    return HoursPage(
        weekly=weekly,
        dates=_dates(coach_id, today),
        stranded=stranded(seat, now=now),
        seen=seen_by_clients(coach_id, now=now),
        zone_label=zone_label(zone, now),
        today=today,
    )


def stranded(seat: Seat, *, now: datetime) -> tuple[Stranded, ...]:
    """Return the coming appointments of a coach that lie outside the hours of today."""
    seat.require(Right.SETTINGS)
    coach = reading().get_one(Coach, seat.coach_id)
    return _outside(coach.id, rules_of(reading(), coach.id, coach.zone), now)


def would_strand(seat: Seat, dates: DateHours, *, now: datetime) -> tuple[Stranded, ...]:
    """Return the coming appointments that would lie outside the hours only because of these."""
    seat.require(Right.SETTINGS)
    coach = reading().get_one(Coach, seat.coach_id)
    rules = rules_of(reading(), coach.id, coach.zone)
    days = range(min((dates.last - dates.first).days + 1, _MOST_DAYS))
    other = {dates.first + timedelta(days=day): dates.openings for day in days}
    before = {row.booking_id for row in _outside(coach.id, rules, now)}
    after = replace(rules, exceptions={**rules.exceptions, **other})
    return tuple(row for row in _outside(coach.id, after, now) if row.booking_id not in before)


def _outside(coach_id: int, rules: Rules, now: datetime) -> tuple[Stranded, ...]:
    bookings = reading().scalars(
        select(Booking)
        .where(
            Booking.coach_id == coach_id,
            Booking.starts_at > now,
            Booking.status.in_(_STANDING),
        )
        .options(selectinload(Booking.people))
        .order_by(Booking.starts_at)
    )
    return tuple(
        Stranded(
            booking_id=booking.id,
            when=when_line(booking.starts_at, booking.ends_at, rules.zone, now=now),
            name=booking.people[0].name if booking.people else "",
        )
        for booking in bookings
        if not is_within(rules, Span(booking.starts_at, booking.ends_at))
    )


def _dates(coach_id: int, today: date) -> tuple[Dates, ...]:
    rows = reading().scalars(
        select(DateException)
        .where(DateException.coach_id == coach_id, DateException.on >= today)
        .options(selectinload(DateException.openings))
        .order_by(DateException.on)
    )
    runs: list[list[DateException]] = []
    for row in rows:
        if runs and _goes_on(runs[-1][-1], row):
            runs[-1].append(row)
        else:
            runs.append([row])
    return tuple(_of_run(run, today) for run in runs)


def _goes_on(before: DateException, row: DateException) -> bool:
    same = before.note == row.note and _openings(before) == _openings(row)
    return same and row.on - before.on == _DAY


def _of_run(run: Sequence[DateException], today: date) -> Dates:
    first, last = run[0].on, run[-1].on
    openings = _openings(run[0])
    return Dates(
        first=first,
        last=last,
        label=_range(first, last, today),
        hours=", ".join(map(_spoken, openings)) or "Closed",
        note=run[0].note,
        openings=openings,
    )


def _openings(row: DateException) -> tuple[Opening, ...]:
    return tuple(Opening(each.opens_minute, each.closes_minute) for each in row.openings)


def _range(first: date, last: date, today: date) -> str:
    return _day(first, today) if first == last else f"{_day(first, today)} to {_day(last, today)}"


def _day(on: date, today: date) -> str:
    return f"{on:%A} {on.day} {on:%B}" + (f" {on.year}" if on.year != today.year else "")


def _spoken(opening: Opening) -> str:
    return f"{_clock(opening.opens_minute)} to {_clock(opening.closes_minute)}"


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
