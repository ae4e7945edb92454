"""The times that can be picked, in days and parts of days, as a viewer's clock shows them."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from practice.domain.letters import clock, day_line
from practice.domain.offering import Offering
from practice.domain.span import Span, moved
from practice.domain.zone import city, local_date, offset
from practice.models.coach import Coach
from practice.models.diary import open_starts
from practice.models.unit import reading

DAYS_SHOWN = 10
_LOOK_AT_ONCE = timedelta(days=21)
_LOOK_AHEAD = timedelta(days=126)
_NOON, _EVENING = 12, 17


@dataclass(frozen=True, slots=True)
class Slot:
    """One start: `t` is what the button sends, `also` the coach's clock where it differs."""

    t: str
    label: str
    spoken: str
    also: str


@dataclass(frozen=True, slots=True)
class Part:
    """Morning, afternoon or evening of a day."""

    name: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One day with its open times."""

    on: str
    weekday: str
    number: int
    month: str
    label: str
    checked: bool
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Diary:
    """Whose open times are looked for: of any of these, by an offering's terms, for a viewer.

    `coach_zone` is the viewer's own where the coaches are in several: whose clock it will be is
    open until somebody is found.
    """

    coaches: tuple[Coach, ...]
    terms: Offering
    viewer: ZoneInfo
    coach_zone: ZoneInfo
    but_booking: int | None = None


def next_starts(diary: Diary, now: datetime) -> list[datetime]:
    """Return the open starts (aware UTC) of the next ten days that have any."""
    found: list[datetime] = []
    begin, end = now, moved(now, _LOOK_AHEAD)
    days: set[date] = set()
    while begin < end and len(days) <= DAYS_SHOWN:
        until = min(moved(begin, _LOOK_AT_ONCE), end)
        starts = starts_in(diary, Span(begin, until), now)
        found += starts
        days |= {_date_of(start, diary.viewer) for start in starts}
        begin = until
    last = set(sorted(days)[:DAYS_SHOWN])
    return [start for start in found if _date_of(start, diary.viewer) in last]


def starts_in(diary: Diary, window: Span, now: datetime) -> list[datetime]:
    """Return the open starts of a window, each by the one function that decides them."""
    if window.ends_at <= now:
        return []
    # What has passed cannot be booked, and a coach's whole past is long.
    window = Span(max(window.starts_at, now), window.ends_at)
    return open_starts(
        reading(),
        diary.coaches,
        diary.terms,
        window,
        now=now,
        but_booking=diary.but_booking,
    )


def days_of(
    starts: Iterable[datetime], diary: Diary, *, now: datetime, chosen: date | None = None
) -> tuple[Day, ...]:
    """Return the starts as days of the viewer, one of them checked: the chosen or the first."""
    by_day = [
        (on, tuple(group))
        for on, group in groupby(starts, key=lambda start: _date_of(start, diary.viewer))
    ]
    checked = chosen if chosen in {on for on, _ in by_day} else None
    return tuple(
        _day(
            on,
            group,
            day_line(group[0], diary.viewer, now=now),
            diary.viewer,
            diary.coach_zone,
            checked=on == (checked or by_day[0][0]),
        )
        for on, group in by_day
    )


# Every visitor is shown the same few days, most in one zone: how they read is remembered.
@lru_cache(maxsize=16_384)
def _date_of(start: datetime, zone: ZoneInfo) -> date:
    return local_date(start, zone)


@lru_cache(maxsize=1024)
def _day(
    on: date,
    starts: tuple[datetime, ...],
    label: str,
    viewer: ZoneInfo,
    coach_zone: ZoneInfo,
    *,
    checked: bool,
) -> Day:
    return Day(
        on=on.isoformat(),
        weekday=calendar.day_abbr[on.weekday()],
        number=on.day,
        month=calendar.month_name[on.month],
        label=label,
        checked=checked,
        parts=tuple(
            Part(name, tuple(_slot(start, label, viewer, coach_zone) for start in group))
            for name, group in groupby(starts, key=lambda start: _part(start, viewer))
        ),
    )


def _slot(start: datetime, day: str, viewer: ZoneInfo, coach_zone: ZoneInfo) -> Slot:
    """Return a start as a button shows and says it."""
    label = clock(start, viewer)
    if _comes_twice(start, viewer):
        label = f"{label} ({offset(viewer, start)})"
    also = ""
    if viewer is not coach_zone and label != clock(start, coach_zone):
        also = f"{clock(start, coach_zone)} in {city(coach_zone)}"
    return Slot(sent(start), label, f"{label}, {day}", also)


def _comes_twice(start: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the clock shows this time twice on that night, when it is put back."""
    local = start.astimezone(zone)
    return local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()


def sent(start: datetime) -> str:
    """Return an instant as forms send it: 2026-06-09T16:30:00Z."""
    return start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def months_label(days: Sequence[Day]) -> str:
    """Return the months of some days: "June", or "June and July"."""
    return " and ".join(dict.fromkeys(day.month for day in days))


def _part(start: datetime, zone: ZoneInfo) -> str:
    return _part_of_hour(start.astimezone(zone).hour)


@lru_cache(maxsize=24)
def _part_of_hour(hour: int) -> str:
    if hour < _NOON:
        return "Morning"
    return "Afternoon" if hour < _EVENING else "Evening"
