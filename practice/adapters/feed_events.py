"""One event of a feed, read as far as it can be: what cannot be read blocks more, never less."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from typing import Final

from practice.adapters.feed_lines import Line, Part
from practice.adapters.feed_times import (
    Length,
    Moment,
    Unreadable,
    day_in,
    lasting,
    longest,
    read_duration,
    read_moment,
)
from practice.adapters.feed_zones import Zones
from practice.domain.busy import FeedTrouble, Trouble

MOST_DATES: Final = 20_000
"""An event with more extra or left-out dates is refused."""
_LONGEST_SALVAGE: Final = 62
_SKIPPED: Final = {"VALARM", "VTODO", "VJOURNAL"}
_MORE_THAN_ONE: Final = {"RRULE", "RDATE", "RECURRENCE-ID"}

NOWHERE: Final = "was passed over. Please look for it in the calendar itself."
EVERY_DAY: Final = "repeats; nobody can tell when, so that every day is blocked."
NO_START: Final = "does not say readably when it starts; all of that date is blocked."
NO_END: Final = "does not say readably when it ends; the rest of its day is blocked."
NO_RULE: Final = "repeats by a rule that could not be understood; it is blocked every day."
LOOSE_RULE: Final = "repeats by a rule of which a part could not be understood, and was left out."
NO_CLOCK: Final = "is on a clock that could not be found; it was read by your own."
NO_EXCEPTION: Final = "has an exception that could not be understood; it is blocked as if without."
NO_DATE: Final = "has an extra date that could not be understood."


@dataclass(slots=True)
class Event:
    """An event or, with `instead_of`, what stands in place of one repetition of a series.

    `start` is None where no date at all can be read. `extra` are further starts, each with its own
    length. `onwards` puts it in place of all repetitions from that one on. `doubts` say what was
    blocked on doubt, in the second half of a sentence.
    """

    uid: str
    sequence: int | None
    busy: bool
    start: Moment | None = None
    length: Length = field(default_factory=Length)
    rules: list[str] = field(default_factory=list)
    extra: list[tuple[Moment, Length]] = field(default_factory=list)
    left_out: list[Moment] = field(default_factory=list)
    is_instead: bool = False
    instead_of: Moment | None = None
    onwards: bool = False
    is_placed: bool = True
    doubts: list[str] = field(default_factory=list)


class EventReader:
    """Reads the events of one calendar."""

    def __init__(self, zones: Zones) -> None:
        self._zones = zones

    def read(self, part: Part) -> Event:
        """Return the event; whatever is broken in it is in its doubts."""
        event = self.outline(part)
        self._place(part, event)
        if event.is_placed and event.start is not None:
            event.length = self._length(part, event, event.start)
        event.rules = [line.value for line in part.all("RRULE")]
        event.extra = list(self._extra(part, event))
        event.left_out = list(self._left_out(part, event))
        return event

    def outline(self, part: Part) -> Event:
        """Return who the event is and whether it keeps anybody busy, without its times."""
        uid = part.first("UID")
        return Event(
            uid=uid.value if uid else "", sequence=_sequence(part), busy=not _is_free(part)
        )

    def _zone(self, line: Line, event: Event) -> tzinfo:
        tzid = line.params.get("TZID")
        if not tzid:
            return self._zones.home
        zone = self._zones.named(tzid)
        if zone is None and not line.value.upper().endswith("Z"):
            _doubt(event, NO_CLOCK)
        return zone or self._zones.instead

    def _moment(self, line: Line, event: Event) -> Moment:
        return read_moment(line, self._zone(line, event), self._zones.home)

    def _place(self, part: Part, event: Event) -> None:
        event.is_instead = "RECURRENCE-ID" in part.lines
        if line := part.first("RECURRENCE-ID"):
            event.onwards = line.params.get("RANGE", "").upper() == "THISANDFUTURE"
            try:
                event.instead_of = self._moment(line, event)
            except Unreadable:
                _doubt(event, NO_EXCEPTION)
        starts = []
        for line in part.all("DTSTART"):
            try:
                starts.append(self._moment(line, event))
            except Unreadable:
                self._salvage(part, event)
                return
        if not starts:
            self._salvage(part, event)
            return
        event.start = min(starts, key=lambda moment: moment.at)
        if len(starts) > 1:
            event.extra += [(each, self._length(part, event, each)) for each in starts]

    def _salvage(self, part: Part, event: Event) -> None:
        """Place an event whose start cannot be read on all dates that its lines begin with."""
        event.is_placed = False
        texts = [line.value for name in ("DTSTART", "DTEND") for line in part.all(name)]
        days = sorted({day for text in [*texts, *part.stamps()] if (day := day_in(text))})
        if not days:
            _doubt(event, EVERY_DAY if "RRULE" in part.lines else NOWHERE)
            return
        _doubt(event, NO_START)
        event.start = self.whole(days[0])
        reach = (days[-1] - days[0]).days + 1
        event.length = Length(days=reach if reach <= _LONGEST_SALVAGE else 1)
        event.extra += [(self.whole(day), Length(days=1)) for day in days[1:]]

    def whole(self, day: date) -> Moment:
        """Return the moment that stands for a whole date."""
        return Moment(datetime.combine(day, time()), self._zones.home, is_day=True)

    def _length(self, part: Part, event: Event, start: Moment) -> Length:
        found: Length | None = None
        for name in ("DTEND", "DURATION"):
            for line in part.all(name):
                try:
                    one = self._one_length(name, line, event, start)
                except Unreadable:
                    _doubt(event, NO_END)
                    one = Length(rest_of_day=True)
                found = longest(found, one) if found else one
        if start.is_day:
            return longest(found or Length(), Length(days=1))
        return found or Length()

    def _one_length(self, name: str, line: Line, event: Event, start: Moment) -> Length:
        if name == "DURATION":
            return read_duration(line.value)
        return lasting(start, self._moment(line, event))

    def _extra(self, part: Part, event: Event) -> Iterator[tuple[Moment, Length]]:
        yield from event.extra
        for count, (line, piece) in enumerate(_pieces(part, "RDATE")):
            if count >= MOST_DATES:
                raise FeedTrouble(Trouble.TOO_MUCH)
            try:
                yield self._extra_date(line, piece, event)
            except Unreadable as unreadable:
                _doubt(event, NO_DATE)
                if unreadable.day:
                    yield self.whole(unreadable.day), Length(days=1)

    def _extra_date(self, line: Line, piece: str, event: Event) -> tuple[Moment, Length]:
        if "/" in piece:
            return self.period(line, piece, event)
        moment = self._moment(Line(line.params, piece), event)
        if moment.is_day and event.start is not None and not event.start.is_day:
            raise Unreadable(moment.wall.date())
        return moment, event.length

    def period(self, line: Line, piece: str, event: Event) -> tuple[Moment, Length]:
        """Return a start and a length from a period; Unreadable with the date, where there is one.

        A period whose end cannot be read takes the rest of its day.
        """
        since, _, until = piece.partition("/")
        params = {name: value for name, value in line.params.items() if name != "VALUE"}
        start = self._moment(Line(params, since.strip()), event)
        is_length = until.strip().upper().startswith(("P", "+P"))
        try:
            name = "DURATION" if is_length else "DTEND"
            return start, self._one_length(name, Line(params, until.strip()), event, start)
        except Unreadable:
            _doubt(event, NO_END)
            return start, Length(rest_of_day=True)

    def _left_out(self, part: Part, event: Event) -> Iterator[Moment]:
        for count, (line, piece) in enumerate(_pieces(part, "EXDATE")):
            if count >= MOST_DATES:
                raise FeedTrouble(Trouble.TOO_MUCH)
            try:
                yield self._moment(Line(line.params, piece), event)
            except Unreadable:
                _doubt(event, NO_EXCEPTION)

    def until(self, start: Moment, text: str) -> datetime | None:
        """Return what the event's clock shows at a value of UNTIL, the last that is still inside.

        A date where there should be a time is taken with the whole of that date.
        """
        try:
            moment = read_moment(Line({}, text), start.zone, start.zone)
        except Unreadable:
            return None
        wall = start.on_clock(moment.at)
        if start.is_day or moment.is_day:
            # Of the dates that clock and UTC show, the later one.
            return datetime.combine(max(wall.date(), moment.wall.date()), time.max).replace(
                microsecond=0
            )
        return wall


def _doubt(event: Event, doubt: str) -> None:
    if doubt not in event.doubts:
        event.doubts.append(doubt)


def _pieces(part: Part, name: str) -> Iterator[tuple[Line, str]]:
    for line in part.all(name):
        for piece in line.value.split(","):
            if piece.strip():
                yield line, piece.strip()


def _is_free(part: Part) -> bool:
    """Tell whether the event keeps nobody busy; where lines contradict each other, it does."""
    statuses = [line.value.upper() for line in part.all("STATUS")]
    shows = [line.value.upper() for line in part.all("TRANSP")]
    is_cancelled = bool(statuses) and all(each == "CANCELLED" for each in statuses)
    return is_cancelled or (bool(shows) and all(each == "TRANSPARENT" for each in shows))


def _sequence(part: Part) -> int | None:
    """Return the number of the version, 0 where none is given, None for one nobody can read."""
    line = part.first("SEQUENCE")
    if line is None:
        return 0
    return int(line.value) if re.fullmatch(r"[0-9]{1,9}", line.value) else None


def matters(part: Part, low: datetime, high: datetime) -> bool:
    """Tell, by the dates in its text alone, whether a part may matter between both.

    Only what surely does not is False: alarms, tasks, and events that stand for themselves and lie
    outside. Both bounds are days beyond the window, whatever the zone.
    """
    if part.kind != "VEVENT":
        return part.kind not in _SKIPPED
    lines = part.lines
    # A later version matters wherever it lies, for it replaces an earlier one.
    if not _MORE_THAN_ONE.isdisjoint(lines) or part.values("SEQUENCE") not in ([], ["0"]):
        return True
    starts, ends = _dates(part, "DTSTART"), _dates(part, "DTEND")
    if starts is None or ends is None or not starts:
        return True
    if min(starts) > f"{high:%Y%m%d}":
        return bool(ends) and min(ends) < min(starts)
    return "DURATION" in lines or max([*starts, *ends]) >= f"{low:%Y%m%d}"


def _dates(part: Part, name: str) -> list[str] | None:
    found = [value[:8] for value in part.values(name)]
    return found if all(re.fullmatch("[0-9]{8}", each) for each in found) else None
