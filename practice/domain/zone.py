"""A zone: its name, what people call it, and which instants its dates and clock times are.

A `day` is a date's number (`date.toordinal()`), so that days can be counted and divided; a
`second` is one since 1970 in UTC. Everything is computed in these: adding a timedelta to a datetime
in a zone moves the hands of its clock, not the time.
"""

import re
from datetime import date, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from practice.domain.refusal import Invalid
from practice.domain.span import Span, as_utc, instant_of, moved, second_of

DAY_SECONDS = 86_400
FIRST_DAY, LAST_DAY = date.min.toordinal(), date.max.toordinal()
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MINUS = "\N{MINUS SIGN}"
_REGIONS = "Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific"
_WORTH_CHOOSING = re.compile(rf"UTC|({_REGIONS})/.+")


@cache
def _names() -> frozenset[str]:
    # "localtime" is the server's own zone and "Factory" is none: neither says where a person is.
    return frozenset(available_timezones() - {"localtime", "Factory"})


@cache
def _loaded(name: str) -> ZoneInfo:
    # ZoneInfo keeps only eight zones by itself; the names are finite, so all may stay.
    return ZoneInfo(name)


def zone_named(name: str) -> ZoneInfo:
    """Return the zone of an IANA name; anything else that was typed is Invalid."""
    # Not try and except: ZoneInfo raises many kinds of error, IsADirectoryError among them.
    if name not in _names():
        raise Invalid("Please choose a time zone from the list.", field="zone")
    return _loaded(name)


@cache
def known_zones() -> tuple[str, ...]:
    """Return the names worth choosing from, sorted: UTC and every Region/City."""
    return tuple(sorted(name for name in _names() if _WORTH_CHOOSING.fullmatch(name)))


def city(zone: ZoneInfo) -> str:
    """Return what people call the zone: "Buenos Aires" for America/Argentina/Buenos_Aires."""
    return str(zone).rpartition("/")[2].replace("_", " ")


def offset(zone: ZoneInfo, at: datetime) -> str:
    """Return how far the zone's clock is from UTC at that instant: "UTC" or "UTC+5:30"."""
    minutes = int(_offset_at(zone, second_of(as_utc(at))) / 60)
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    sign = _MINUS if minutes < 0 else "+"
    return f"UTC{sign}{hours}:{rest:02}" if rest else f"UTC{sign}{hours}"


def zone_label(zone: ZoneInfo, at: datetime) -> str:
    """Return the zone as a person reads it: "London time (BST, UTC+1)"."""
    if city(zone) == "UTC":
        return "UTC"
    # Many zones have no abbreviation and answer "-03", which repeats the offset.
    short = _on_clock(zone, as_utc(at)).tzname() or ""
    names = [short] if short[:1].isalpha() else []
    return f"{city(zone)} time ({', '.join([*names, offset(zone, at)])})"


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """Return the date that the zone's calendar shows at that instant."""
    return _on_clock(zone, as_utc(at)).date()


def midnight(on: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of the date, or where the zone skipped it, of the next date."""
    return instant_of(_midnight_second(zone, on.toordinal()))


def day_span(on: date, zone: ZoneInfo) -> Span:
    """Return the date as a span: 24 hours, or 23 or 25 where the clock changes, 0 if skipped."""
    day = on.toordinal()
    return Span(midnight(on, zone), instant_of(_midnight_second(zone, day + 1)))


def resolve_local(on: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the instant of a wall-clock minute (0 to 1440) of a date.

    What comes twice means its first occurrence; what the clock skips is Invalid. 1440 is the
    end of the date.
    """
    if minute == DAY_SECONDS // 60:
        return day_span(on, zone).ends_at
    for since, until, ahead in stretches(zone, on.toordinal()):
        second = wall_second(on.toordinal(), minute) - ahead
        if since <= second < until:
            return instant_of(second)
    raise Invalid(_skipped(on, minute, zone), field="time")


def _skipped(on: date, minute: int, zone: ZoneInfo) -> str:
    shown = f"{minute // 60:02}:{minute % 60:02}"
    return (
        f"There is no {shown} on {on.day} {on:%B %Y} in {city(zone)}. Please choose another time."
    )


def wall_second(day: int, minute: int) -> int:
    """Return the second of a wall-clock minute of a day, as if the clock showed UTC."""
    return (day - _EPOCH_DAY) * DAY_SECONDS + minute * 60


def utc_day(second: int) -> int:
    """Return the day, in UTC, of a second."""
    return second // DAY_SECONDS + _EPOCH_DAY


@lru_cache(maxsize=16_384)
def stretches(zone: ZoneInfo, day: int) -> tuple[tuple[int, int, int], ...]:
    """Return the (since, until, seconds ahead of UTC) of which the zone's day is made, in order.

    One for most days, two where the clock changes, none for a date that was skipped.
    """
    # An offset is less than a day, so the date lies within these bounds wherever the zone is.
    lower, upper = wall_second(day - 1, 0), wall_second(day + 2, 0)
    before, after = _offset_at(zone, lower), _offset_at(zone, upper)
    # No zone ever changed twice within three days, so equal ends mean no change between them.
    change = upper if before == after else _change_between(zone, lower, upper)
    clipped = [
        (
            max(since, wall_second(day, 0) - ahead),
            min(until, wall_second(day + 1, 0) - ahead),
            ahead,
        )
        for since, until, ahead in ((lower, change, before), (change, upper, after))
    ]
    return tuple(stretch for stretch in clipped if stretch[0] < stretch[1])


def _change_between(zone: ZoneInfo, lower: int, upper: int) -> int:
    before = _offset_at(zone, lower)
    while upper - lower > 1:
        middle = (lower + upper) // 2
        lower, upper = (middle, upper) if _offset_at(zone, middle) == before else (lower, middle)
    return upper


def _midnight_second(zone: ZoneInfo, day: int) -> int:
    # No zone skipped two dates in a row.
    return (stretches(zone, day) or stretches(zone, day + 1))[0][0]


def _offset_at(zone: ZoneInfo, second: int) -> int:
    return _seconds_ahead(_on_clock(zone, instant_of(second)))


def _seconds_ahead(local: datetime) -> int:
    ahead = local.utcoffset()
    return 0 if ahead is None else ahead // timedelta(seconds=1)


def _on_clock(zone: tzinfo, at: datetime) -> datetime:
    try:
        return at.astimezone(zone)
    except OverflowError:
        # A clock cannot show the year 0 or 10000; a day nearer, it shows the same offset.
        inward = timedelta(days=1) if at.year == 1 else -timedelta(days=1)
        return moved(at, inward).astimezone(zone)
