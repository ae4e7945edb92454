"""Reads a feed: the body of a calendar in, busy spans out.

What is busy: every VEVENT but cancelled and transparent ones, and every VFREEBUSY but its free
periods. What cannot be read never frees:

- A rule of which a part cannot be read repeats without that part, where this can only be more
  often; any other broken rule blocks the event's time of day on every day from its start on.
- An end that cannot be read, or lies before the start, blocks the rest of that day.
- A start that cannot be read blocks the whole dates that its lines begin with. Where the event has
  no date at all, it blocks nothing: it could be anywhere, and closing the whole diary for it would
  make a calendar with one broken entry useless. If it has a rule, it is sure to come: then every
  day is blocked.
- An exception (EXDATE, RECURRENCE-ID) that cannot be read, or is a date where a time should be,
  takes nothing away.
- A clock that nothing tells is the coach's own.

Each comes with a sentence that names the event by its date only.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from practice.adapters.feed_events import (
    LOOSE_RULE,
    NO_RULE,
    NO_START,
    NOWHERE,
    Event,
    EventReader,
    matters,
)
from practice.adapters.feed_lines import Line, Part, read_parts
from practice.adapters.feed_rules import NotUnderstood, every_day, read_rule, starts_of
from practice.adapters.feed_times import Length, Moment, Unreadable
from practice.adapters.feed_zones import Zones
from practice.domain.busy import FeedAsk, FeedTrouble, Picture, Trouble, merged
from practice.domain.span import Span, moved
from practice.domain.zone import local_date, zone_named

MOST_SPANS: Final = 100_000
"""A calendar with more repetitions in the window is refused."""
_MOST_WARNINGS: Final = 20
_ONE_DAY: Final = Length(days=1)
_KINDS: Final = {"VEVENT", "VFREEBUSY"}

Found = Iterator[tuple[datetime, datetime]]


def read_calendar(body: bytes, ask: FeedAsk) -> Picture:
    """Return when the calendar in a body is busy in the window; FeedTrouble and nothing else."""
    try:
        reading = _Reading(ask)
        for calendar in read_parts(body, reading.matters):
            reading.take(calendar)
        spans = merged(Span(since, until) for since, until in sorted(reading.spans))
        return Picture(tuple(spans), warnings=reading.warnings())
    except MemoryError:
        raise FeedTrouble(Trouble.TOO_MUCH) from None
    except FeedTrouble:
        raise
    except Exception as error:  # whatever a feed may do, who asked hears a sentence
        raise FeedTrouble(Trouble.BROKEN) from error


class _Reading:
    """What was found so far."""

    def __init__(self, ask: FeedAsk) -> None:
        self._ask = ask
        self._zone = zone_named(ask.zone)
        self._low, self._high = ask.window.starts_at, ask.window.ends_at
        self._outer = (moved(self._low, -timedelta(days=3)), moved(self._high, timedelta(days=3)))
        self._warned: dict[str, None] = {}
        self.spans: list[tuple[datetime, datetime]] = []

    def matters(self, part: Part) -> bool:
        return matters(part, *self._outer)

    def take(self, calendar: Part) -> None:
        reader = EventReader(Zones(calendar, self._zone, self._outer))
        families: dict[object, list[Part]] = defaultdict(list)
        for part in _within(calendar):
            uid = part.first("UID")
            if self._ask.own and uid and uid.value.endswith(self._ask.own):
                continue
            if part.kind == "VFREEBUSY":
                self._take_periods(reader, part)
                continue
            # Without a UID nothing belongs together.
            families[(uid and uid.value) or id(part)].append(part)
        for family in families.values():
            self._take_family(reader, family)

    def warnings(self) -> tuple[str, ...]:
        said = list(self._warned)
        if len(said) <= _MOST_WARNINGS:
            return tuple(said)
        kept = said[: _MOST_WARNINGS - 1]
        return (*kept, f"There are {len(said) - len(kept)} more such events.")

    def _take_periods(self, reader: EventReader, part: Part) -> None:
        for line in part.all("FREEBUSY"):
            if line.params.get("FBTYPE", "BUSY").upper() == "FREE":
                continue
            for piece in filter(None, map(str.strip, line.value.split(","))):
                event, before = reader.outline(part), len(self.spans)
                event.start, length = self._period(reader, line, piece, event)
                if event.start:
                    self._add(*length.span(event.start))
                self._tell(event, before)

    def _period(
        self, reader: EventReader, line: Line, piece: str, event: Event
    ) -> tuple[Moment | None, Length]:
        try:
            return reader.period(line, piece, event)
        except Unreadable as unreadable:
            event.doubts.append(NO_START if unreadable.day else NOWHERE)
            day = unreadable.day
            return reader.whole(day) if day else None, _ONE_DAY

    def _take_family(self, reader: EventReader, parts: list[Part]) -> None:
        events = _latest([reader.read(part) for part in parts])
        instead = [event for event in events if event.is_instead]
        for event in events:
            before = len(self.spans)
            others = instead if not event.is_instead else []
            for since, until in _Series(reader, event, others, self._outer).spans():
                self._add(since, until)
            self._tell(event, before)

    def _tell(self, event: Event, before: int) -> None:
        """Keep the doubts of an event, if it blocked anything since, or could not be placed."""
        which = "An event without a readable date"
        if event.start is not None or not event.busy:
            if not event.doubts or len(self.spans) == before:
                return
            on = local_date(self.spans[before][0], self._zone)
            which = f"An event on {on.day} {on:%B %Y}"
        for doubt in event.doubts:
            self._warned.setdefault(f"{which} {doubt}")

    def _add(self, since: datetime, until: datetime) -> None:
        since, until = max(since, self._low), min(until, self._high)
        if since < until:
            self.spans.append((since, until))
            if len(self.spans) > MOST_SPANS:
                raise FeedTrouble(Trouble.TOO_MUCH)


def _within(calendar: Part) -> Iterator[Part]:
    """Go through the events and free/busy answers of a calendar, wherever they stand in it."""
    waiting = [calendar]
    while waiting:
        part = waiting.pop()
        if part.kind in _KINDS:
            yield part
        waiting += reversed([each for each in part.parts if each.kind != "VTIMEZONE"])


def _latest(events: list[Event]) -> list[Event]:
    """Leave out what a later version of the same event, by its SEQUENCE, has replaced.

    A version of which nobody knows where it is, or which number it has, replaces nothing.
    """
    top: dict[object, int] = {}
    for event in events:
        if event.sequence is not None and (event.is_placed or not event.busy):
            top[_place(event)] = max(event.sequence, top.get(_place(event), 0))
    return [
        event
        for event in events
        if event.sequence is None or event.sequence >= top.get(_place(event), 0)
    ]


def _place(event: Event) -> object:
    if not event.is_instead:
        return None
    return event.instead_of.at if event.instead_of else id(event)


@dataclass(frozen=True, slots=True)
class _Onwards:
    """From `since` on, a series stands somewhere else: as if `since` were `to`; None is nowhere."""

    since: datetime
    to: datetime | None
    length: Length

    @property
    def far(self) -> timedelta:
        """How far repetitions are moved, either way."""
        return abs(self.to - self.since) + timedelta(days=1) if self.to else timedelta()

    def instead_of(self, start: Moment) -> Moment:
        """Return where a repetition stands now; the clock's hands are moved, not the time."""
        if self.to is None:
            return start
        shift = start.on_clock(self.to) - start.on_clock(self.since)
        return start.moved_by(shift)


def _onwards(kept: list[Event]) -> Iterator[_Onwards]:
    for event in kept:
        if event.onwards and event.instead_of:
            to = event.start.at if event.start and event.busy else None
            yield _Onwards(event.instead_of.at, to, event.length)


class _Series:
    """An event with all its repetitions, and what stands instead of some of them."""

    def __init__(
        self,
        reader: EventReader,
        event: Event,
        instead: list[Event],
        outer: tuple[datetime, datetime],
    ) -> None:
        self._reader, self._event, self._outer = reader, event, outer
        # Where what stands instead cannot be placed, the original stays as well.
        kept = [each for each in instead if each.is_placed or not each.busy]
        self._gone = {_key(each.instead_of) for each in kept if each.instead_of}
        self._gone |= {_key(moment) for moment in event.left_out}
        self._onwards = sorted(_onwards(kept), key=lambda each: each.since)

    def spans(self) -> Found:
        """Go through when the event is busy, not clipped."""
        if not self._event.busy and not any(each.to for each in self._onwards):
            return
        for start, length in self._starts():
            if self._gone and _key(start) in self._gone:
                continue
            if later := [each for each in self._onwards if each.since <= start.at]:
                if later[-1].to is not None:
                    yield later[-1].length.span(later[-1].instead_of(start))
            elif self._event.busy:
                yield length.span(start)

    def _starts(self) -> Iterator[tuple[Moment, Length]]:
        event = self._event
        if event.start is not None:
            yield event.start, event.length
        elif event.rules:
            for wall in every_day(self._outer[0].replace(tzinfo=None), *self._bounds(Length())):
                yield self._reader.whole(wall.date()), _ONE_DAY
        yield from event.extra
        if event.start is not None:
            for raw in event.rules:
                for wall in self._repetitions(event.start, raw):
                    yield event.start.moved_to(wall), event.length

    def _bounds(self, length: Length) -> tuple[datetime, datetime]:
        far = max((each.far for each in self._onwards), default=timedelta())
        longest = max([length.most, *(each.length.most for each in self._onwards)])
        low = moved(self._outer[0], -(far + longest))
        return low.replace(tzinfo=None), moved(self._outer[1], far).replace(tzinfo=None)

    def _repetitions(self, start: Moment, raw: str) -> list[datetime]:
        low, high = self._bounds(self._event.length)
        try:
            rule = read_rule(raw, lambda text: self._reader.until(start, text))
            if rule.loose:
                self._event.doubts.append(LOOSE_RULE)
            walls = starts_of(start.wall, rule, low, high)
            # Every hour is also the second of two that the clock shows alike.
            return [*walls, *_again(start, walls)] if rule.freq == "HOURLY" else walls
        except NotUnderstood:
            self._event.doubts.append(NO_RULE)
            return self._every_day(start, raw)

    def _every_day(self, start: Moment, raw: str) -> list[datetime]:
        wall = start.wall
        if "BYHOUR" in raw.upper() or "BYMINUTE" in raw.upper():
            # The times of day are in what cannot be read, so that they are all doubtful.
            self._event.length = _ONE_DAY
            wall = datetime.combine(wall.date(), datetime.min.time())
        elif self._event.length.most > _ONE_DAY.most:
            # What lasts for days and comes every day is always there: a day each says the same.
            self._event.length = _ONE_DAY
        return every_day(wall, *self._bounds(self._event.length))


def _again(start: Moment, walls: list[datetime]) -> Iterator[datetime]:
    for wall in walls:
        second = wall.replace(fold=1)
        if start.moved_to(second).at > start.moved_to(wall).at:
            yield second


def _key(moment: Moment) -> tuple[bool, datetime]:
    return moment.is_day, moment.at
