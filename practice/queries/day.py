"""A day of a coach's diary: what is in it in order, and what is free between."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from practice.domain.availability import Rules
from practice.domain.hours import open_runs
from practice.domain.letters import MONTHS, WEEKDAYS, time_range
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Seat
from practice.domain.span import Span, instant_of, second_of
from practice.domain.zone import day_span, local_date, zone_label
from practice.models.coach import Coach
from practice.models.diary import rules_of, taken_of
from practice.models.unit import reading
from practice.queries.week import Around, around, legend_of, pieces_of
from practice.queries.week_rows import Event

FIRST, LAST = date(1971, 1, 1), date(9997, 12, 31)
NO_DAY = "There is no such day."
_SHORTEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in a day, or where `event` is None, free time in the hours from `at` on."""

    event: Event | None
    time: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class DayPage:
    """A day, with the dates around it; `has_hours` tells whether there are any on it."""

    title: str
    on: str
    previous: str
    next: str
    is_today: bool
    has_hours: bool
    zone_label: str
    entries: tuple[Entry, ...]
    count: int
    hides_names: bool
    kinds: tuple[tuple[str, str], ...]
    around: Around


def day_page(seat: Seat, on: date | None, *, hides_names: bool, now: datetime) -> DayPage:
    """Return a day of a diary, None is today; raises NotFound for what no diary reaches."""
    seat.require(Right.DIARY)
    coach = reading().get_one(Coach, seat.coach_id)
    rules = rules_of(reading(), coach.id, coach.zone)
    today = local_date(now, rules.zone)
    on = on or today
    if not FIRST <= on <= LAST:
        raise NotFound(NO_DAY)
    events = pieces_of(coach.id, [on], rules.zone, now, hides_names=hides_names)[on]
    gaps = _gaps(coach.id, rules, on, now)
    return DayPage(
        title=day_title(on, today),
        on=on.isoformat(),
        previous=(on - timedelta(days=1)).isoformat() if on > FIRST else "",
        next=(on + timedelta(days=1)).isoformat() if on < LAST else "",
        is_today=on == today,
        has_hours=bool(rules.openings(on.toordinal())),
        zone_label=zone_label(rules.zone, day_span(on, rules.zone).starts_at),
        entries=tuple(_in_order(events, gaps, rules.zone)),
        count=sum(1 for event in events if event.booking_id),
        hides_names=hides_names,
        kinds=legend_of([events]),
        around=around(on),
    )


def day_title(on: date, today: date) -> str:
    """Return a date as the heading of a day: "Thursday 4 June"."""
    year = f" {on.year}" if on.year != today.year else ""
    return f"{WEEKDAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]}{year}"


def _gaps(coach_id: int, rules: Rules, on: date, now: datetime) -> list[Span]:
    """Return the parts of a date's hours that nothing takes, from now on."""
    day = day_span(on, rules.zone)
    taken = [each.span for each in taken_of(reading(), coach_id, day) if each.blocks(now)]
    runs = open_runs(rules, second_of(day.starts_at), second_of(day.ends_at))
    own = [
        Span(max(instant_of(run.since), now), instant_of(run.until))
        for run in runs
        if run.day == on.toordinal() and instant_of(run.until) > now
    ]
    return [
        gap
        for span in own
        for gap in span.without(taken)
        if gap.ends_at - gap.starts_at >= _SHORTEST
    ]


def _in_order(events: list[Event], gaps: list[Span], zone: ZoneInfo) -> Iterator[Entry]:
    rows = [(event.at, 0, Entry(event)) for event in events]
    for gap in gaps:
        local = gap.starts_at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        told = time_range(gap.starts_at, gap.ends_at, zone)
        rows.append((minute // 15, 1, Entry(None, told, f"{local:%H:%M}")))
    for _, _, entry in sorted(rows, key=lambda row: row[:2]):
        yield entry
