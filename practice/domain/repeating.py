"""A stretch of a coach's clock, once or every so many weeks, as spans of real time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from practice.domain.refusal import Invalid
from practice.domain.span import Span
from practice.domain.zone import day_span, resolve_local

EVERY: Final = (1, 2, 4)
LONGEST_DAYS: Final = 366
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Stretch:
    """From a minute of a first date to before a minute of a last one; 1440 is its end."""

    first: date
    since_minute: int
    last: date
    until_minute: int

    def later(self, days: int) -> "Stretch":
        """Return the same stretch so many days later, at the same times of the clock."""
        by = timedelta(days=days)
        return Stretch(self.first + by, self.since_minute, self.last + by, self.until_minute)

    def span(self, zone: ZoneInfo) -> Span:
        """Return when it is; what the clock skips at an end of it is left out."""
        starts_at = _instant(self.first, self.since_minute, zone)
        ends_at = _instant(self.last, self.until_minute, zone)
        return Span(starts_at, max(starts_at, ends_at))


@dataclass(frozen=True, slots=True)
class Repeat:
    """Every so many weeks (1, 2 or 4), up to a date within."""

    every_weeks: int
    until_on: date


def spans_of(stretch: Stretch, repeat: Repeat | None, zone: ZoneInfo) -> list[Span]:
    """Return the spans of a stretch in order, each at the same times of the coach's clock.

    Raises Invalid (fields `every`, `until_on`) where they would overlap or go on for too long.
    """
    if repeat is not None:
        _check(stretch, repeat)
    return [
        span
        for each in _each(stretch, repeat)
        if (span := each.span(zone)).starts_at < span.ends_at
    ]


def _each(stretch: Stretch, repeat: Repeat | None) -> Iterator[Stretch]:
    yield stretch
    if repeat is None:
        return
    step = 7 * repeat.every_weeks
    for days in range(step, (repeat.until_on - stretch.first).days + 1, step):
        yield stretch.later(days)


def _check(stretch: Stretch, repeat: Repeat) -> None:
    if repeat.every_weeks not in EVERY:
        raise Invalid("Choose how often from the list.", field="every")
    if repeat.until_on < stretch.first:
        raise Invalid("It ends before it begins.", field="until_on")
    if (repeat.until_on - stretch.first).days > LONGEST_DAYS:
        raise Invalid("Choose a date at most a year later.", field="until_on")
    if (stretch.last - stretch.first).days >= 7 * repeat.every_weeks:
        raise Invalid("It is longer than the time from one to the next.", field="every")


def _instant(on: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the instant of a clock time; of one that is skipped, when the clock goes on."""
    if minute == _DAY:
        return day_span(on, zone).ends_at
    for later in range(minute, _DAY):
        try:
            return resolve_local(on, later, zone)
        except Invalid:
            continue
    return day_span(on, zone).ends_at
