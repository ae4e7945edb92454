"""Invites as iCalendar (RFC 5545, 5546), so that calendars file, update and remove one entry.

One VEVENT with UTC times, so no VTIMEZONE and nothing to misread. PARTSTAT=ACCEPTED with
RSVP=FALSE: the booking is the answer already, and a "no" pressed in a calendar would cancel
nothing. No VALARM: a reminder on a shared screen is the reader's to choose. CLASS:PRIVATE is a hint
that not every calendar obeys, therefore nothing in here tells what the appointment is about.
"""

from datetime import UTC, datetime
from typing import Final

from icalendar import Calendar, Event, vCalAddress

from practice.domain.letters import CalendarEntry, clean_line

PRODID: Final = "-//Practice//Appointments//EN"


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
