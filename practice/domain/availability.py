"""Which starts exist: the coach's opening hours, less what is taken, by the offering's rules.

Inside, a `day` is a date's number on the coach's calendar and every time is a whole second since
1970 in UTC: whole numbers sort, divide and compare many times faster than datetimes, and cannot be
moved by the hands of a clock. Datetimes come in and go out only in `open_slots`.
"""

import heapq
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from practice.domain.hours import Opening, Rules, Run, open_runs
from practice.domain.offering import Offering
from practice.domain.span import Span, as_utc, instant_of, moved, second_from, second_of
from practice.domain.zone import FIRST_DAY, LAST_DAY, local_date, midnight, wall_second

__all__ = [
    "Holding",
    "Opening",
    "Rules",
    "Taken",
    "is_open",
    "nearest_slots",
    "open_slots",
    "span_to_load",
    "window_around",
]

_LOOK_AROUND = timedelta(days=28)
_WEEK = 7


class Holding(StrEnum):
    """What kind of thing takes the time."""

    HELD = "held"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    BLOCKED = "blocked"
    EXTERNAL = "external"


_COUNTED = frozenset({Holding.PENDING, Holding.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Taken:
    """Time that is not free, with the buffers in minutes that it was sold with.

    With `blocks_from` it is free all the same up to that instant of the present.
    """

    span: Span
    kind: Holding
    held_until: datetime | None = None
    pad_before_minutes: int = 0
    pad_after_minutes: int = 0
    transparent: bool = False
    blocks_from: datetime | None = None

    def blocks(self, now: datetime) -> bool:
        """Whether nobody else can have this time; at its very end a hold no longer blocks."""
        if self.transparent or self.span.starts_at == self.span.ends_at:
            return False
        if self.blocks_from is not None and now <= self.blocks_from:
            return False
        # A hold without an end is a defect; it blocks: better an hour lost than two people.
        return self.kind is not Holding.HELD or self.held_until is None or self.held_until > now


def open_slots(
    rules: Rules, taken: Iterable[Taken], offering: Offering, window: Span, *, now: datetime
) -> list[datetime]:
    """Return every start (aware UTC, ascending) in the window at which the offering can be booked.

    Nothing else decides which starts exist. `taken`, in any order, holds at least what overlaps
    `span_to_load`, without the booking that is being moved.
    """
    taken = tuple(taken)
    first, last = bounds_of(rules.zone, offering, window, now)
    if first >= last or offering.length_minutes < 1 or offering.step_minutes < 1:
        return []
    length = offering.length_minutes * 60
    runs = open_runs(rules, first, last + length)
    admits = admission_of(rules.zone, taken, offering, now)
    grid = grid_of(filter(admits, runs), offering, first, last)
    refused = refused_by(taken, offering, first, last, now)
    return [instant_of(start) for start in _outside(grid, refused)]


def is_open(
    rules: Rules, taken: Iterable[Taken], offering: Offering, start: datetime, *, now: datetime
) -> bool:
    """Whether the offering can be booked at exactly this start."""
    # In UTC first: Python calls a repeated clock time unequal to the same instant in another zone.
    start = as_utc(start)
    window = Span(start, moved(start, timedelta(seconds=1)))
    return start in open_slots(rules, taken, offering, window, now=now)


def is_free(taken: Iterable[Taken], offering: Offering, start: datetime, *, now: datetime) -> bool:
    """Whether a meeting at this start would meet nothing that is taken, whatever the hours say."""
    second = second_of(start)
    return not refused_by(taken, offering, second, second + 1, now)


def window_around(wanted: datetime, *, now: datetime) -> Span:
    """Return where to look for starts closest to a wanted one: four weeks about it, not the past.

    All instants are aware UTC.
    """
    begin = max(now, moved(wanted, -_LOOK_AROUND))
    return Span(begin, moved(max(begin, wanted), _LOOK_AROUND))


def nearest_slots(
    starts: Sequence[datetime], wanted: datetime, count: int = 3
) -> tuple[datetime, ...]:
    """Return the starts closest to the wanted one, closest first and of two the earlier first."""
    return tuple(heapq.nsmallest(count, starts, key=lambda start: (abs(start - wanted), start)))


def span_to_load(rules: Rules, offering: Offering, window: Span) -> Span:
    """Return the span whose taken times decide the window: whole ISO weeks and a day's margin.

    The weeks are for the caps, the margin for buffers that older bookings were sold with.
    """
    monday = _week(local_date(window.starts_at, rules.zone).toordinal()) * _WEEK + 1
    after = _week(local_date(window.ends_at, rules.zone).toordinal()) * _WEEK + _WEEK + 1
    first, last = max(monday, FIRST_DAY), min(after, LAST_DAY)
    weeks = Span(
        midnight(date.fromordinal(first), rules.zone), midnight(date.fromordinal(last), rules.zone)
    )
    day = 24 * 60
    ahead = offering.length_minutes + offering.buffer_after_minutes
    return weeks.widened(day + offering.buffer_before_minutes, day + ahead)


def bounds_of(zone: ZoneInfo, offering: Offering, window: Span, now: datetime) -> tuple[int, int]:
    """Return the seconds between which a start may lie, by window, notice and (roughly) horizon."""
    first = max(second_from(window.starts_at), second_from(now) + offering.notice_minutes * 60)
    last = second_from(window.ends_at)
    if offering.horizon_days is not None:
        # Rough by a day or two: it only saves work, for a window may reach to the year 9999.
        last = min(last, wall_second(_last_day(zone, offering.horizon_days, now) + 2, 0))
    return first, last


def _last_day(zone: ZoneInfo, horizon_days: int, now: datetime) -> int:
    return local_date(now, zone).toordinal() + horizon_days


def _week(day: int) -> int:
    # The first of January of the year 1 was a Monday, so ISO weeks count on across years.
    return (day - 1) // _WEEK


def admission_of(
    zone: ZoneInfo, taken: Iterable[Taken], offering: Offering, now: datetime
) -> Callable[[Run], bool]:
    """Return what tells whether horizon and caps let anything start in a run."""
    daily, weekly, horizon = offering.daily_cap, offering.weekly_cap, offering.horizon_days
    last_day = LAST_DAY if horizon is None else _last_day(zone, horizon, now)
    if daily is None and weekly is None:
        return lambda run: run.day <= last_day
    days = Counter(
        local_date(each.span.starts_at, zone).toordinal() for each in taken if each.kind in _COUNTED
    )
    weeks = Counter(_week(day) for day in days.elements())

    def admits(run: Run) -> bool:
        free_day = daily is None or days[run.day] < daily
        free_week = weekly is None or weeks[_week(run.day)] < weekly
        return run.day <= last_day and free_day and free_week

    return admits


def grid_of(runs: Iterable[Run], offering: Offering, first: int, last: int) -> Iterator[int]:
    """Yield the starts of every run from which a whole session is open time."""
    length, step = offering.length_minutes * 60, offering.step_minutes * 60
    for run in runs:
        # Whole steps from the run's own beginning: the window must not move the grid.
        skipped = max(0, -((run.since - first) // step))
        end = min(run.until, run.reach - length + 1, last)
        yield from range(run.since + skipped * step, end, step)


def refused_by(
    taken: Iterable[Taken], offering: Offering, first: int, last: int, now: datetime
) -> list[tuple[int, int]]:
    """Return the (since, until) in which a session cannot start because of what is taken, sorted.

    Turning what is taken into refused starts makes the test of each start one comparison. The gap
    to a neighbour is the larger of both buffers: either person's need is met, not their sum.
    """
    length = offering.length_minutes * 60
    before, after = offering.buffer_before_minutes, offering.buffer_after_minutes
    refused = []
    for each in taken:
        if each.blocks(now):
            lead = length + max(after, each.pad_before_minutes) * 60
            since = second_of(each.span.starts_at) - lead + 1
            until = second_from(each.span.ends_at) + max(before, each.pad_after_minutes) * 60
            if since < last and until > first:
                refused.append((since, until))
    return sorted(refused)


def _outside(starts: Iterable[int], refused: Iterable[tuple[int, int]]) -> Iterator[int]:
    """Yield the starts that lie in none of the refused spans; both come in order."""
    never = (sys.maxsize, sys.maxsize)
    ahead = iter(refused)
    since, until = next(ahead, never)
    for start in starts:
        while until <= start:
            since, until = next(ahead, never)
        if start < since:
            yield start
