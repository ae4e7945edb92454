"""The lines of a feed: bytes become calendars and their parts, without a calendar library.

A library reads every line of every event, which took 13 seconds for 5,000 of them. Here a single
pass picks the lines that say when somebody is busy, and nothing else is looked at.
"""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from practice.domain.busy import FeedTrouble, Trouble

MOST_PARTS: Final = 50_000
"""A calendar with more events, zones and the like is refused."""

_LONGEST_HEAD: Final = 2_000
_BOM = b"\xef\xbb\xbf"
_STARTS = re.compile(rb"BEGIN:VCALENDAR[ \t]*(\n|\Z)", re.IGNORECASE)
_WANTED = re.compile(
    rb"^(BEGIN|END|UID|STATUS|TRANSP|SEQUENCE|DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE"
    rb"|RECURRENCE-ID|FREEBUSY|TZID|TZOFFSETFROM|TZOFFSETTO|X-WR-TIMEZONE)[ \t]*([;:].*)$",
    re.IGNORECASE | re.MULTILINE,
)
_OUTSIDE_QUOTES = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')
_BEFORE_DATE = re.compile(r":\s*(?=\d{8}|\d{4}-\d\d-)")
_ANY_PART = re.compile(rb"^BEGIN[ \t]*[;:](?![ \t]*VCALENDAR)", re.IGNORECASE | re.MULTILINE)
_NO_PROPERTY = re.compile(rb"^(?![\w.-]+[ \t]*[;:])[^\n]*\S", re.MULTILINE)
_STAMP = re.compile(
    rb"^(?!DTSTAMP|CREATED|LAST-MODIFIED|COMPLETED|EXDATE|RECURRENCE-ID|X-|UID|SUMMARY|DESCRIPTION|LOCATION"
    rb"|COMMENT|URL|ATT|ORGANIZER|CATEGORIES|TRIGGER|ACKNOWLEDGED)"
    rb"[A-Z][^:\n]*:[ \t]*(\d{8})(?!\d)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A property: its parameters under capital names, its value without spaces around it."""

    params: dict[str, str]
    value: str


@dataclass(slots=True)
class Part:
    """A component: the lines in it that matter, under their capital names.

    It stands in `body`, which all parts share, from `begins` to `ends`.
    """

    kind: str
    body: bytes = field(default=b"", repr=False)
    begins: int = 0
    ends: int = 0
    lines: dict[str, list[str]] = field(default_factory=dict)
    parts: list["Part"] = field(default_factory=list)

    def all(self, name: str) -> Iterator[Line]:
        """Go through the lines of a name, in their order."""
        for raw in self.lines.get(name, ()):
            yield _line(raw)

    def values(self, name: str) -> list[str]:
        """Return the values of the lines of a name, without looking at their parameters."""
        return [_split(raw)[1].strip() for raw in self.lines.get(name, ())]

    def first(self, name: str) -> Line | None:
        """Return the first line of a name."""
        return next(self.all(name), None)

    def stamps(self) -> list[str]:
        """Return what looks like a date in any line that may say when the event is: salvage."""
        found = _STAMP.finditer(self.body, self.begins, self.ends)
        return [each[1].decode() for each in found]


def _line(raw: str) -> Line:
    if raw.startswith(":"):
        return Line({}, raw[1:].strip())
    head, value = _split(raw)
    params = {}
    # What is longer is no list of parameters, and to split it would take long.
    for piece in _OUTSIDE_QUOTES.split(head)[1:] if len(head) < _LONGEST_HEAD else ():
        name, _, given = piece.partition("=")
        params[name.strip().upper()] = given.strip().strip('"')
    return Line(params, value.strip())


def _split(raw: str) -> tuple[str, str]:
    """Part the parameters of a line from its value.

    Not at the first colon, since Outlook writes TZID=(UTC+01:00) Berlin without quotes; and not at
    the last, since some write times with colons: at the one before what begins like a date.
    """
    if found := _BEFORE_DATE.search(raw):
        return raw[: found.start()], raw[found.end() :]
    head, _, value = raw.rpartition(":")
    return head, value


def read_parts(body: bytes, matters: Callable[[Part], bool] = lambda _part: True) -> list[Part]:
    """Return the calendars in a body; FeedTrouble where it is none, ends too soon or has too many.

    Folds go before decoding, since a fold may stand inside of a letter. A stray line is passed
    over. Every BEGIN needs its END: what is cut off anywhere is no calendar with fewer events.
    Parts that do not matter are forgotten at their END, so that years of them take no memory.
    """
    text = body.removeprefix(_BOM).lstrip(b" \t\r\n\x0b\x0c")
    # Not by patterns: they would keep every piece between in memory at once.
    for ends_line in (b"\r\r\n", b"\r\n", b"\r"):
        text = text.replace(ends_line, b"\n")
    if not _STARTS.match(text):
        raise FeedTrouble(Trouble.NO_CALENDAR)
    text = text.replace(b"\n ", b"").replace(b"\n\t", b"")
    if not _ANY_PART.search(text) and _NO_PROPERTY.search(text):
        raise FeedTrouble(Trouble.NO_CALENDAR)  # nothing is in it but a page, or a complaint
    return _scan(text, matters)


def _scan(text: bytes, matters: Callable[[Part], bool]) -> list[Part]:
    root = Part("")
    open_parts, count = [root], 0
    for found in _WANTED.finditer(text):
        name, raw = found[1].upper(), found[2].decode("utf-8", "replace")
        if name == b"BEGIN":
            count += 1
            if count > MOST_PARTS:
                raise FeedTrouble(Trouble.TOO_MUCH)
            open_parts.append(Part(_kind(raw), text, found.start()))
        elif name == b"END":
            done = open_parts.pop()
            if not open_parts or _kind(raw) != done.kind:
                raise FeedTrouble(Trouble.CUT_OFF)
            done.ends = found.start()
            if matters(done):
                open_parts[-1].parts.append(done)
        else:
            open_parts[-1].lines.setdefault(sys.intern(name.decode()), []).append(raw)
    if len(open_parts) > 1 or not root.parts:
        raise FeedTrouble(Trouble.CUT_OFF)
    return root.parts


def _kind(raw: str) -> str:
    # One string for all of a kind, not one for each.
    return sys.intern(raw[1:].strip().upper())
