"""Invites as iCalendar (RFC 5545, 5546), so that calendars file, update and remove one entry.

One VEVENT with UTC times, so no VTIMEZONE and nothing to misread. PARTSTAT=ACCEPTED with
RSVP=FALSE: the booking is the answer already, and a "no" pressed in a calendar would cancel
nothing. No VALARM: a reminder on a shared screen is the reader's to choose. CLASS:PRIVATE is a hint
that not every calendar obeys, therefore nothing in here tells what the appointment is about.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from icalendar import Calendar, Event, vCalAddress, vText

from practice.domain.feed import FeedEntry
from practice.domain.letters import CalendarEntry, clean_line

PRODID: Final = "-//Practice//Appointments//EN"
_OCTETS: Final = 75


def _person(name: str, address: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    # A quotation mark cannot stand in a parameter, and not every calendar knows RFC 6868's "^'".
    shown = clean_line(name).replace('"', "'").replace("^", "")
    person.params["CN"] = shown or address
    return person


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _event(entry: CalendarEntry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", _utc(entry.stamp_at))
    event.add("last-modified", _utc(entry.stamp_at))
    event.add("dtstart", _utc(entry.starts_at))
    event.add("dtend", _utc(entry.ends_at))
    event.add("summary", clean_line(entry.title))
    if entry.location:
        event.add("location", clean_line(entry.location))
    if entry.description:
        event.add("description", clean_line(entry.description))
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    event.add("status", "CANCELLED" if entry.method == "CANCEL" else "CONFIRMED")
    event.add("organizer", _person(*entry.organizer))
    if entry.attendee is not None:
        attendee = _person(*entry.attendee)
        attendee.params["ROLE"] = "REQ-PARTICIPANT"
        attendee.params["PARTSTAT"] = "ACCEPTED"
        attendee.params["RSVP"] = "FALSE"
        event.add("attendee", attendee)
    return event


# Calendars read a feed again when they like; an hour is what we ask for (RFC 7986, 5.7, and
# MS-OXCICAL 2.1.3.1.1.15 for Outlook). No METHOD: a feed asks nobody for an answer.
_FEED_HEAD: Final = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    f"PRODID:{PRODID}",
    "CALSCALE:GREGORIAN",
    "NAME:Practice",
    "X-WR-CALNAME:Practice",
    "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    "X-PUBLISHED-TTL:PT1H",
)


def _feed_lines(entries: Iterable[FeedEntry]) -> Iterator[str]:
    """Yield the lines of a feed, none of them folded.

    By hand: icalendar takes two seconds for 5,000 events, and all but one of these are fixed forms.
    """
    yield from _FEED_HEAD
    for entry in entries:
        stamp = f"{_utc(entry.stamp_at):%Y%m%dT%H%M%SZ}"
        yield "BEGIN:VEVENT"
        yield f"UID:{entry.uid}"
        yield f"SEQUENCE:{entry.sequence}"
        yield f"DTSTAMP:{stamp}"
        yield f"LAST-MODIFIED:{stamp}"
        yield f"DTSTART:{_utc(entry.starts_at):%Y%m%dT%H%M%SZ}"
        yield f"DTEND:{_utc(entry.ends_at):%Y%m%dT%H%M%SZ}"
        yield f"SUMMARY:{vText(clean_line(entry.title)).to_ical().decode()}"
        if entry.href:
            yield f"URL:{entry.href}"
        yield "CLASS:PRIVATE"
        yield "TRANSP:OPAQUE"
        yield "STATUS:CONFIRMED"
        yield "END:VEVENT"
    yield "END:VCALENDAR"


def _folded(line: str) -> str:
    """Return the line in pieces of at most 75 octets, none of which ends within a character."""
    if len(line) <= _OCTETS and line.isascii():
        return line
    pieces, length = [""], 0
    for letter in line:
        size = len(letter.encode())
        if length + size > _OCTETS:
            pieces.append(" ")
            length = 1
        pieces[-1] += letter
        length += size
    return "\r\n".join(pieces)


class IcalInvites:
    """Writes calendar entries with icalendar."""

    def write(self, entry: CalendarEntry) -> bytes:
        """Write the whole calendar object, UTF-8 with CRLF and lines of at most 75 octets."""
        calendar = Calendar()  # Calendar.new() would add a random UID to the calendar itself
        calendar.add("version", "2.0")
        calendar.add("prodid", PRODID)
        calendar.add("calscale", "GREGORIAN")
        calendar.add("method", entry.method)
        calendar.add_component(_event(entry))
        return bytes(calendar.to_ical())

    def write_feed(self, entries: Iterable[FeedEntry]) -> bytes:
        """Write a feed to subscribe to, UTF-8 with CRLF and lines of at most 75 octets."""
        return "".join(f"{_folded(line)}\r\n" for line in _feed_lines(entries)).encode()
