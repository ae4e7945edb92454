"""A month of a coach's diary: how much is on each day, and the first things of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from practice.domain.letters import MONTHS, WEEKDAYS
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Seat
from practice.domain.span import Span
from practice.domain.zone import day_span, local_date, zone_label
from practice.models.coach import Coach
from practice.models.diary import rules_of
from practice.models.unit import reading
from practice.queries.week import LEGEND, Around, around, blocked_in, booked_in
from practice.queries.week_rows import Event

NO_MONTH = "There is no such month."
SHOWN = 3
_MONTH = re.compile(r"(\d{4})-(\d\d)", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1972, 9996
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class MonthDay:
    """One date: how many are booked, the first of them, and how many more there are."""

    on: str
    number: int
    label: str
    is_today: bool
    is_inside: bool
    is_closed: bool
    count: int
    events: tuple[Event, ...]
    more: int
    blocked: bool


@dataclass(frozen=True, slots=True)
class MonthWeek:
    """One row, with the week's own address."""

    week: str
    label: str
    days: tuple[MonthDay, ...]


@dataclass(frozen=True, slots=True)
class MonthPage:
    """A month in weeks, with the months around it."""

    title: str
    month: str
    previous: str
    next: str
    is_this_month: bool
    zone_label: str
    weekdays: tuple[str, ...]
    weeks: tuple[MonthWeek, ...]
    count: int
    hides_names: bool
    kinds: tuple[tuple[str, str], ...]
    around: Around


def month_page(seat: Seat, month: str, *, hides_names: bool, now: datetime) -> MonthPage:
    """Return a month ("2026-06", "" is this one) of a diary; raises NotFound for what is none."""
    seat.require(Right.DIARY)
    coach = reading().get_one(Coach, seat.coach_id)
    rules = rules_of(reading(), coach.id, coach.zone)
    today = local_date(now, rules.zone)
    first = _first(month, today)
    following = _after(first)
    begin = first - timedelta(days=first.weekday())
    dates = [begin + timedelta(days=index) for index in range((following - begin).days)]
    while len(dates) % 7:
        dates.append(dates[-1] + timedelta(days=1))
    window = Span(day_span(dates[0], rules.zone).starts_at, day_span(dates[-1], rules.zone).ends_at)
    booked: dict[date, list[tuple[datetime, Event]]] = {}
    for span, event in booked_in(coach.id, window, rules.zone, now, hides_names=hides_names):
        on = local_date(span.starts_at, rules.zone)
        booked.setdefault(on, []).append((span.starts_at, event))
    blocked = _blocked_dates(coach.id, window, rules.zone, now, dates)
    days = [
        _day(
            on,
            booked,
            today,
            is_inside=first <= on < following,
            is_blocked=on in blocked,
            is_closed=not rules.openings(on.toordinal()),
        )
        for on in dates
    ]
    return MonthPage(
        title=f"{MONTHS[first.month - 1]} {first.year}",
        month=f"{first:%Y-%m}",
        previous=f"{first - timedelta(days=1):%Y-%m}" if first.year > _FIRST_YEAR else "",
        next=f"{following:%Y-%m}" if first.year < _LAST_YEAR else "",
        is_this_month=first <= today < following,
        zone_label=zone_label(rules.zone, day_span(first, rules.zone).starts_at),
        weekdays=WEEKDAYS,
        weeks=tuple(_week(days[index : index + 7]) for index in range(0, len(days), 7)),
        count=sum(day.count for day in days if day.is_inside),
        hides_names=hides_names,
        kinds=LEGEND,
        around=around(today if first <= today < following else first),
    )


def _first(month: str, today: date) -> date:
    if not month:
        return today.replace(day=1)
    year, number = map(int, match.groups()) if (match := _MONTH.fullmatch(month)) else (0, 0)
    if not (_FIRST_YEAR <= year <= _LAST_YEAR and 1 <= number <= _MONTHS):
        raise NotFound(NO_MONTH)
    return date(year, number, 1)


def _after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _blocked_dates(
    coach_id: int, window: Span, zone: ZoneInfo, now: datetime, dates: list[date]
) -> set[date]:
    """Return the dates on which any time is blocked."""
    found: set[date] = set()
    for span, _ in blocked_in(coach_id, window, zone, now):
        on = max(local_date(span.starts_at, zone), dates[0])
        last = min(local_date(span.ends_at - timedelta(seconds=1), zone), dates[-1])
        while on <= last:
            found.add(on)
            on += timedelta(days=1)
    return found


def _day(
    on: date,
    booked: Mapping[date, list[tuple[datetime, Event]]],
    today: date,
    *,
    is_inside: bool,
    is_blocked: bool,
    is_closed: bool,
) -> MonthDay:
    events = [event for _, event in sorted(booked.get(on, []), key=lambda row: row[0])]
    return MonthDay(
        on=on.isoformat(),
        number=on.day,
        label=f"{WEEKDAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]}",
        is_today=on == today,
        is_inside=is_inside,
        is_closed=is_closed,
        # A time that somebody is only about to book is none yet.
        count=sum(1 for event in events if event.booking_id),
        events=tuple(events[:SHOWN]),
        more=max(0, len(events) - SHOWN),
        blocked=is_blocked,
    )


def _week(days: list[MonthDay]) -> MonthWeek:
    year, number, _ = date.fromisoformat(days[0].on).isocalendar()
    return MonthWeek(f"{year}-W{number:02}", f"Week {number}", tuple(days))
