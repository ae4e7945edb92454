"""A coach's opening hours, as runs of open time.

A `day` is a date's number on the coach's calendar (`date.toordinal()`), a `second` one since 1970
in UTC. A minute is open if the coach's clock stands in an opening at that instant.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from practice.domain.span import Span, second_from, second_of
from practice.domain.zone import FIRST_DAY, LAST_DAY, stretches, utc_day, wall_second


class Opening(NamedTuple):
    """Opening hours of one date in minutes of the coach's clock, 0 to 1440, without the last."""

    opens_minute: int
    closes_minute: int


@dataclass(frozen=True, slots=True)
class DateHours:
    """Dates from `first` to `last`, both within, on which these openings hold, or none at all."""

    first: date
    last: date
    openings: tuple[Opening, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Rules:
    """When a coach works: by weekday (0 is Monday), unless the date has an exception."""

    zone: ZoneInfo
    weekly: Mapping[int, tuple[Opening, ...]]
    exceptions: Mapping[date, tuple[Opening, ...]]

    def openings(self, day: int) -> tuple[Opening, ...]:
        """Return the opening hours of a day (`date.toordinal()`)."""
        usual = self.weekly.get((day - 1) % 7, ())
        return self.exceptions.get(date.fromordinal(day), usual) if self.exceptions else usual


class Run(NamedTuple):
    """Open time within one day; `reach` is where it ends if it goes on beyond midnight."""

    since: int
    until: int
    day: int
    reach: int


def open_runs(rules: Rules, first: int, last: int) -> list[Run]:
    """Return, in order, at least all runs that share time with the seconds from first to last."""
    # A day more on either side: cheaper than asking the zone, and no offset is longer than a day.
    days = range(max(utc_day(first) - 1, FIRST_DAY), min(utc_day(last) + 1, LAST_DAY) + 1)
    return _reaching(
        # Sorted, since a clock set back over midnight shows a piece of the day before again.
        sorted(
            (since, until, day)
            for day in days
            for since, until in _day_runs(rules.zone, day, rules.openings(day))
        )
    )


def is_within(rules: Rules, span: Span) -> bool:
    """Tell whether a whole span is open time."""
    first, last = second_of(span.starts_at), second_from(span.ends_at)
    return any(
        run.since <= first < run.until and run.reach >= last
        for run in open_runs(rules, first, last)
    )


@lru_cache(maxsize=16_384)
def _day_runs(
    zone: ZoneInfo, day: int, openings: tuple[Opening, ...]
) -> tuple[tuple[int, int], ...]:
    """Return the (since, until) in which the coach's clock, on that day, stands in an opening.

    A skipped hour gives nothing and a repeated one comes twice, because each stretch of the day
    is asked on its own; converting the two ends of an opening would lose the hour between.
    """
    pieces = sorted(
        (max(since, wall_second(day, opens) - ahead), min(until, wall_second(day, closes) - ahead))
        for since, until, ahead in stretches(zone, day)
        for opens, closes in openings
    )
    return tuple(_joined(piece for piece in pieces if piece[0] < piece[1]))


def _joined(pieces: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return sorted pieces with those that touch or overlap made one."""
    joined: list[tuple[int, int]] = []
    for since, until in pieces:
        if joined and since <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((since, until))
    return joined


def _reaching(runs: Sequence[tuple[int, int, int]]) -> list[Run]:
    """Return the runs with their reach: a grid ends at midnight, a session need not."""
    reaching: list[Run] = []
    after, reach = None, 0
    for since, until, day in reversed(runs):
        reach = reach if until == after else until
        after = since
        reaching.append(Run(since, until, day, reach))
    return reaching[::-1]
