"""Where things stand in a week: which rows of a quarter of an hour they take of a date.

Rows follow the coach's clock. An hour that the clock skips stays an empty row; one that comes
twice has its rows once, and what stands in it second is moved on to the next free row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from practice.domain.availability import Rules
from practice.domain.letters import clock
from practice.domain.span import Span

ROWS_AN_HOUR = 4
_QUARTER = 15
_ROWS = 96
_FILLING = {"blocked", "elsewhere"}
_NINE, _FIVE = 9 * ROWS_AN_HOUR, 17 * ROWS_AN_HOUR


@dataclass(frozen=True, slots=True)
class Event:
    """What stands in a day: `at` is its first row after midnight, `rows` how many it takes.

    `time` says from when to when, `start` only when it begins, for small boxes. `kind` is free,
    session, held, blocked or elsewhere; of the two ids at most one is set.
    `join_href` leads to the call of what is not over; `initials` stand on paper for the title.
    """

    kind: str
    at: int
    rows: int
    time: str
    start: str
    title: str
    more: str
    booking_id: int | None = None
    block_id: int | None = None
    is_over: bool = False
    join_href: str = ""
    initials: str = ""


def placed(event: Event, span: Span, day: Span, zone: ZoneInfo) -> Event:
    """Return the event with the rows it takes of one date."""
    begin, end = max(span.starts_at, day.starts_at), min(span.ends_at, day.ends_at)
    first = 0 if begin == day.starts_at else _row(begin, zone)
    until = _ROWS if end == day.ends_at else _row(end, zone, up=True)
    if until <= first:  # the clocks went back in between: what counts is how long it takes
        until = first + max(1, int((end - begin) / timedelta(minutes=_QUARTER)))
    told = _told(event, span, day, zone)
    return replace(told, at=first, rows=min(until, _ROWS) - first)


def _told(event: Event, span: Span, day: Span, zone: ZoneInfo) -> Event:
    """Return the event with its times as they stand under one date."""
    begins, ends = span.starts_at >= day.starts_at, span.ends_at <= day.ends_at
    if span.starts_at <= day.starts_at and span.ends_at >= day.ends_at:
        told = "All day"
    elif begins and ends:
        return event
    elif begins:
        told = f"from {clock(span.starts_at, zone)}"
    else:
        told = f"until {clock(span.ends_at, zone)}"
    return replace(event, time=told, start=told)


def _row(at: datetime, zone: ZoneInfo, *, up: bool = False) -> int:
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    return -(-minute // _QUARTER) if up else minute // _QUARTER


def apart(events: list[Event]) -> list[Event]:
    """Return events, in order of time, that share no row, so that each can be read."""
    found: list[Event] = []
    free = 0
    # The last has none after it; pairwise needs a neighbour for each.
    for event, following in pairwise([*events, None]):
        if event is None:
            break
        at = max(event.at, free)
        until = max(event.at + event.rows, at + 1)
        if following is not None and following.at < until:
            until = max(following.at, at + 1)
        found.append(replace(event, at=min(at, _ROWS - 1), rows=until - at))
        free = until
    return found


def rows_shown(
    dates: Iterable[date], pieces: Mapping[date, list[Event]], rules: Rules
) -> tuple[int, int]:
    """Return the first row and the one after the last, at whole hours."""
    firsts, lasts = [], []
    for on in dates:
        for opens, closes in rules.openings(on.toordinal()):
            firsts.append(opens // _QUARTER)
            lasts.append(-(-closes // _QUARTER))
        for event in pieces[on]:
            # What is blocked from or to midnight fills the page without making it longer.
            end = event.at + event.rows
            if event.kind not in _FILLING or event.at > 0:
                firsts.append(event.at)
            if event.kind not in _FILLING or end < _ROWS:
                lasts.append(end)
    first = min(firsts, default=_NINE) // ROWS_AN_HOUR * ROWS_AN_HOUR
    last = -(-max(lasts, default=_FIVE) // ROWS_AN_HOUR) * ROWS_AN_HOUR
    return first, max(last, first + ROWS_AN_HOUR)


def clipped(event: Event, first: int, last: int) -> Event:
    """Return the event within the rows that the page shows."""
    begin = min(max(event.at, first), last - 1)
    end = max(min(event.at + event.rows, last), begin + 1)
    return replace(event, at=begin, rows=end - begin)
