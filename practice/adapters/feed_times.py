"""Times in a feed: a moment on some clock, how long something lasts, and both read from lines."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final

from practice.adapters.feed_lines import Line
from practice.domain.span import moved

DAY: Final = timedelta(days=1)
_PLAIN = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
_LEAP = re.compile(r"(\d{8}T\d{4})60(Z?)")
_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_DURATION = re.compile(
    r"\+?P(?=[\dT])(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=\d)(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,10})S)?)?"
)


class Unreadable(Exception):
    """A time or length that nobody can read; `day` is the date that it begins with, if any."""

    def __init__(self, day: date | None = None) -> None:
        super().__init__()
        self.day = day


@dataclass(frozen=True, slots=True)
class Moment:
    """What a clock shows; `is_day` where it stands for a whole date."""

    wall: datetime
    zone: tzinfo
    is_day: bool = False

    @property
    def at(self) -> datetime:
        """The instant; a skipped time is read by the clock before, a repeated one is the first."""
        try:
            return self.wall.replace(tzinfo=self.zone).astimezone(UTC)
        except OverflowError:
            # Within a day of the calendar's ends, where UTC may have no such date.
            return self.wall.replace(tzinfo=UTC)

    def moved_to(self, wall: datetime) -> "Moment":
        """Return the same with the clock showing something else."""
        return Moment(wall, self.zone, self.is_day)

    def moved_by(self, by: timedelta) -> "Moment":
        """Return the same with the clock so much later, stopping at the ends of the calendar."""
        return self.moved_to(moved(self.wall.replace(tzinfo=UTC), by).replace(tzinfo=None))

    def on_clock(self, at: datetime) -> datetime:
        """Return what this moment's clock shows at an instant, without a zone."""
        try:
            return at.astimezone(self.zone).replace(tzinfo=None)
        except OverflowError:
            return at.replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Length:
    """How long something lasts: until the clock shows so much more, or so much time, if longer.

    `days` are counted by the calendar, and after them `exact` by a stopwatch: P1D is 23 hours
    where the clock goes forward, PT24H is 24. For an event with an end, RFC 5545 counts repetitions
    by the stopwatch, most calendars by the clock: the longer of both is right by either.
    `rest_of_day` is for an end that nobody can read.
    """

    days: int = 0
    exact: timedelta = timedelta()
    wall: timedelta = timedelta()
    rest_of_day: bool = False

    def span(self, start: Moment) -> tuple[datetime, datetime]:
        """Return the instants of the start and of the end."""
        at = start.at
        nominal = start.moved_by(self.days * DAY).at if self.days else at
        ends = [at, moved(nominal, self.exact)]
        if self.wall:
            ends.append(start.moved_by(self.wall).at)
        if self.rest_of_day:
            midnight = start.moved_to(datetime.combine(start.wall.date(), time()))
            ends.append(midnight.moved_by(DAY).at)
        return at, max(ends)

    @property
    def most(self) -> timedelta:
        """The longest that it can be."""
        return max(self.days * DAY + self.exact, self.wall) + 2 * DAY


def read_moment(line: Line, zone: tzinfo, home: tzinfo) -> Moment:
    """Return the moment of a line; `zone` is that of its TZID, `home` the one of whole days.

    What is written in another way than iCalendar's, with dashes or an offset, is read as well.
    A date whose time nobody can read, or that says so wrongly, raises Unreadable with the date.
    """
    text = line.value.upper()
    text = _LEAP.sub(r"\g<1>59\2", text)
    found = _PLAIN.fullmatch(text)
    try:
        moment = _plain(found, zone, home) if found else _other(text, zone, home)
    except (ValueError, OverflowError):
        raise Unreadable(day_in(text)) from None
    if line.params.get("VALUE", "").upper() == "DATE" and not moment.is_day:
        raise Unreadable(moment.wall.date())
    return moment


def _plain(found: re.Match[str], zone: tzinfo, home: tzinfo) -> Moment:
    day, clock, in_utc = found.groups()
    if clock is None:
        return Moment(datetime(int(day[:4]), int(day[4:6]), int(day[6:])), home, is_day=True)  # noqa: DTZ001
    hour, minute, second = int(clock[:2]), int(clock[2:4]), int(clock[4:])
    wall = datetime(int(day[:4]), int(day[4:6]), int(day[6:]), hour, minute, second)  # noqa: DTZ001
    return Moment(wall, UTC if in_utc else zone)


def _other(text: str, zone: tzinfo, home: tzinfo) -> Moment:
    if _DATE.fullmatch(text):
        return Moment(datetime.combine(date.fromisoformat(text), time()), home, is_day=True)
    if not _DATE.match(text):
        raise ValueError("no date")
    read = datetime.fromisoformat(text)
    ahead = read.utcoffset()
    return Moment(
        read.replace(tzinfo=None, microsecond=0), zone if ahead is None else timezone(ahead)
    )


def day_in(text: str) -> date | None:
    """Return the date that a text begins with, if it is one."""
    found = _DATE.match(text.strip())
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def read_duration(text: str) -> Length:
    """Return a length as RFC 5545 writes it; Unreadable for any other, and one that goes back."""
    found = _DURATION.fullmatch(re.sub(r"\s+", "", text).upper())
    if not found:
        raise Unreadable
    weeks, days, hours, minutes, seconds = (int(group or 0) for group in found.groups())
    return Length(
        days=7 * weeks + days, exact=timedelta(hours=hours, minutes=minutes, seconds=seconds)
    )


def lasting(start: Moment, end: Moment) -> Length:
    """Return the length from one moment to another; Unreadable where that goes back."""
    if start.is_day and end.is_day:
        return Length(days=max(1, (end.wall - start.wall).days))
    exact = end.at - start.at
    if exact < timedelta():
        raise Unreadable
    wall = start.on_clock(end.at) - start.wall
    if start.is_day:
        # Whole dates end with a whole date: the one in which the end lies.
        return Length(days=max(1, -(-wall // DAY)))
    return Length(exact=exact, wall=wall)


def longest(one: Length, other: Length) -> Length:
    """Return a length that covers both."""
    return Length(
        max(one.days, other.days),
        max(one.exact, other.exact),
        max(one.wall, other.wall),
        one.rest_of_day or other.rest_of_day,
    )
