"""The clocks of a feed: what a TZID, X-WR-TIMEZONE or VTIMEZONE in it means."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from dateutil.rrule import rrulestr
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from practice.adapters.feed_lines import Part
from practice.domain.refusal import Invalid
from practice.domain.zone import zone_named

_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?")
_ONSET = re.compile(r"(\d{8}T\d{6})Z?")
_RARE_RULE = re.compile(r"(?=.*FREQ=(YEARLY|MONTHLY)(;|$))[A-Z0-9=;,+-]+")
_YEAR: Final = timedelta(days=366)
_LONGEST_SUFFIX: Final = 3
_MOST_ONSETS: Final = 5_000


@cache
def _folded() -> Mapping[str, str]:
    names = {name.casefold(): name for name in available_timezones()}
    return {**names, "z": "UTC"}


@cache
def _windows() -> Mapping[str, str]:
    return {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}


def iana(name: str) -> tzinfo | None:
    """Return the zone of an IANA name in any case, or None."""
    try:
        return zone_named(_folded().get(name.strip().casefold(), ""))
    except Invalid:
        return None


class FeedZone(tzinfo):
    """A zone that a feed defines itself; what comes twice is the first, as RFC 5545 says."""

    def __init__(self, first: timedelta, changes: list[tuple[datetime, timedelta, timedelta]]):
        """Take the offset before all, and (clock at the change, offset before, offset after)."""
        self._changes = sorted(changes, key=lambda change: change[0] - change[1])
        self._offsets = [first, *(after for _, _, after in self._changes)]
        # A skipped time is read by the offset before the gap; a repeated one is the first of two.
        zero = timedelta()
        self._first = [at + max(zero, after - before) for at, before, after in self._changes]
        self._second = [at + min(zero, after - before) for at, before, after in self._changes]
        self._instants = [at - before for at, before, _ in self._changes]

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """Return how far the clock is ahead of UTC."""
        if dt is None:
            return None
        thresholds = self._second if dt.fold else self._first
        return self._offsets[bisect_right(thresholds, dt.replace(tzinfo=None, fold=0))]

    def dst(self, dt: datetime | None) -> timedelta | None:
        """Return None: a feed does not say."""
        del dt
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        """Return None: names in feeds mean nothing to us."""
        del dt
        return None

    def fromutc(self, dt: datetime) -> datetime:
        """Return what the clock shows at an instant."""
        naive = dt.replace(tzinfo=None)
        local = naive + self._offsets[bisect_right(self._instants, naive)]
        shown = local.replace(tzinfo=self)
        return shown if shown.utcoffset() == local - naive else shown.replace(fold=1)


class Zones:
    """Answers which clock a line means; `home` is that of floating times and whole days."""

    def __init__(self, calendar: Part, coach: tzinfo, around: tuple[datetime, datetime]) -> None:
        said = calendar.first("X-WR-TIMEZONE")
        self._coach = coach
        self.home = (said and iana(said.value)) or coach
        self._around = around
        self._known: dict[str, tzinfo | None] = {}
        self._parts = {
            tzid.value.strip('"').casefold(): part
            for part in calendar.parts
            if part.kind == "VTIMEZONE" and (tzid := part.first("TZID"))
        }

    def named(self, tzid: str) -> tzinfo | None:
        """Return the clock of a TZID; None where nothing tells it.

        In this order: an IANA name, a VTIMEZONE of the feed, a name of Windows, the end of a
        globally unique name such as /mozilla.org/20050126_1/Europe/Berlin.
        """
        if tzid not in self._known:
            self._known[tzid] = self._find(tzid.casefold().strip())
        return self._known[tzid]

    @property
    def instead(self) -> tzinfo:
        """The clock in place of one that nothing tells: the coach's own, never silently UTC."""
        return self._coach

    def _find(self, tzid: str) -> tzinfo | None:
        part = self._parts.get(tzid)
        return (
            iana(tzid)
            or (_defined(part, self._around) if part else None)
            or iana(_windows().get(tzid, ""))
            or next(filter(None, map(iana, _suffixes(tzid))), None)
        )


def _suffixes(tzid: str) -> Iterator[str]:
    pieces = [piece for piece in tzid.split("/") if piece]
    for count in range(min(_LONGEST_SUFFIX, len(pieces)), 1, -1):
        yield "/".join(pieces[-count:])
    # Of one piece, as tzone://Microsoft/Utc, only where the name says that it is unique.
    if pieces and (tzid.startswith("/") or "://" in tzid):
        yield pieces[-1]


def _defined(part: Part, around: tuple[datetime, datetime]) -> tzinfo | None:
    """Return the zone of a VTIMEZONE, or None where any of it cannot be understood."""
    changes: list[tuple[datetime, timedelta, timedelta]] = []
    try:
        for observance in part.parts:
            before, after = _ahead(observance, "TZOFFSETFROM"), _ahead(observance, "TZOFFSETTO")
            changes += [(onset, before, after) for onset in _onsets(observance, around)]
        changes.sort(key=lambda change: change[0] - change[1])
        first = changes[0][1]
    except (ValueError, LookupError, OverflowError, TypeError, AttributeError):
        return None
    if all(before == after == first for _, before, after in changes):
        return timezone(first)
    return FeedZone(first, changes)


def _ahead(observance: Part, name: str) -> timedelta:
    line = observance.first(name)
    found = _OFFSET.fullmatch(line.value if line else "")
    if not found:
        raise ValueError(f"{name} is no offset")
    hours, minutes, seconds = (int(found[number] or 0) for number in (2, 3, 4))
    ahead = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if ahead >= timedelta(days=1):
        raise ValueError(f"{name} is a day or more")
    return -ahead if found[1] == "-" else ahead


def _onsets(observance: Part, around: tuple[datetime, datetime]) -> Iterator[datetime]:
    start = _onset(observance.values("DTSTART")[0])
    yield start
    for line in observance.all("RDATE"):
        for piece in line.value.split(","):
            yield _onset(piece)
    for line in observance.all("RRULE"):
        rule = line.value.upper().replace(" ", "")
        if not _RARE_RULE.fullmatch(rule):
            raise ValueError("a clock does not change that often")
        yield from _repeated(start, rule, around)


def _repeated(start: datetime, rule: str, around: tuple[datetime, datetime]) -> Iterator[datetime]:
    low, high = (at.astimezone(UTC).replace(tzinfo=None) for at in around)
    # UNTIL is in UTC, the clock here is local: a day more changes nothing that lies years apart.
    rule = re.sub(r"(UNTIL=\d{8})(T\d{6})?Z?", r"\1T235959", rule)
    for number, onset in enumerate(rrulestr(rule, dtstart=start)):
        if onset > high + _YEAR:
            return
        if number > _MOST_ONSETS:
            raise ValueError("a clock does not change that often")
        if onset > low - 2 * _YEAR:
            yield onset


def _onset(text: str) -> datetime:
    found = _ONSET.fullmatch(text.strip().upper())
    if not found:
        raise ValueError("no onset")
    return datetime.strptime(found[1], "%Y%m%dT%H%M%S")  # noqa: DTZ007 - a clock's own time
