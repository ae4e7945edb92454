"""Invites: 25 assertions hold, each catches its mutant, and three other readers see the same."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
import vobject
from hypothesis import given
from hypothesis import strategies as st

from practice.adapters.invites import IcalInvites
from practice.adapters.letter_renderer import JinjaLetters
from practice.domain.feed import FeedEntry
from practice.domain.letters import CalendarEntry, LetterKind, clean_line
from tests.adapters.letters import END, MAYA, NOW, SAM, START, entry, letter
from tests.chromium import ARGS, chromium_or_skip
from tests.invites import check_calendar, check_invite

VENDOR = Path(__file__).parents[1] / "vendor"
OTHERS = ("alex@other.example", "Alex")
WRITER = IcalInvites()

MOVED = {
    "sequence": 1,
    "stamp_at": NOW + timedelta(hours=1),
    "starts_at": START + timedelta(days=1),
    "ends_at": END + timedelta(days=1),
}
CANCELLED = {**MOVED, "sequence": 2, "stamp_at": NOW + timedelta(hours=2), "method": "CANCEL"}

# Half an hour on either side of each change of clocks: London, then New York.
CHANGES = [
    *("2026-03-29T01:00", "2026-10-25T01:00", "2027-03-28T01:00", "2027-10-31T01:00"),
    *("2026-03-08T07:00", "2026-11-01T06:00", "2027-03-14T07:00", "2027-11-07T06:00"),
]
INSTANTS = [
    datetime.fromisoformat(change).replace(tzinfo=UTC) + timedelta(minutes=minutes)
    for change in CHANGES
    for minutes in (-60, -30, 0, 30)
]


class Altered:
    """Writes invites, then spoils them."""

    def __init__(self, change: Callable[[bytes], bytes]) -> None:
        self.change = change

    def write(self, entry: CalendarEntry) -> bytes:
        return self.change(WRITER.write(entry))

    def write_feed(self, entries: Iterable[FeedEntry]) -> bytes:
        return self.change(WRITER.write_feed(entries))


def mailed(made: CalendarEntry, change: Callable[[bytes], bytes] = bytes) -> bytes:
    """The raw message that carries an entry."""
    kind = LetterKind.CANCELLED if made.method == "CANCEL" else LetterKind.CONFIRMATION
    return JinjaLetters(Altered(change)).render(letter(kind, entry=made)).raw


def swap(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Replace what stands there; it must stand there."""

    def change(text: bytes) -> bytes:
        assert old in text
        return text.replace(old, new)

    return change


def test_request_update_and_cancel_pass_and_follow_each_other() -> None:
    first, second, third = entry(), entry(**MOVED), entry(**CANCELLED)
    request, update, cancel = mailed(first), mailed(second), mailed(third)
    assert check_invite(request, expected=first, others=OTHERS) == []
    assert check_invite(update, expected=second, previous=request, others=OTHERS) == []
    assert check_invite(cancel, expected=third, previous=update, others=OTHERS) == []


def test_the_same_invite_sent_again_keeps_its_sequence() -> None:
    again = entry(stamp_at=NOW + timedelta(minutes=4))
    assert check_invite(mailed(again), expected=again, previous=mailed(entry())) == []


def test_a_file_to_download_has_no_attendee() -> None:
    file = entry(method="PUBLISH", attendee=None)
    ics = WRITER.write(file)
    assert check_calendar(ics, expected=file, others=(*OTHERS, SAM)) == []
    assert b"ATTENDEE" not in ics
    assert b"VALARM" not in ics


def test_an_appointment_without_a_place_or_a_link_has_no_empty_lines_for_them() -> None:
    bare = entry(location="", description="")
    ics = WRITER.write(bare)
    assert check_calendar(ics, expected=bare) == []
    assert b"LOCATION" not in ics
    assert b"DESCRIPTION" not in ics


def test_the_golden_invite_is_written_exactly_so() -> None:
    long = "https://practice.example/a/8J2mQ0kVx3TzR7bWn5LdYg"
    assert WRITER.write(entry(description=long)).decode() == (
        "BEGIN:VCALENDAR\r\n"
        "VERSION:2.0\r\n"
        "PRODID:-//Practice//Appointments//EN\r\n"
        "CALSCALE:GREGORIAN\r\n"
        "METHOD:REQUEST\r\n"
        "BEGIN:VEVENT\r\n"
        "SUMMARY:Appointment – Maya\r\n"
        "DTSTART:20260609T163000Z\r\n"
        "DTEND:20260609T170000Z\r\n"
        "DTSTAMP:20260601T090000Z\r\n"
        "UID:q7ZpXw4Tn2@practice.example\r\n"
        "SEQUENCE:0\r\n"
        "ATTENDEE;CN=Sam;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:s\r\n"
        " am@client.example\r\n"
        "CLASS:PRIVATE\r\n"
        "DESCRIPTION:https://practice.example/a/8J2mQ0kVx3TzR7bWn5LdYg\r\n"
        "LAST-MODIFIED:20260601T090000Z\r\n"
        "LOCATION:Video call\r\n"
        'ORGANIZER;CN="Maya Ellis":mailto:maya@practice.example\r\n'
        "STATUS:CONFIRMED\r\n"
        "TRANSP:OPAQUE\r\n"
        "END:VEVENT\r\n"
        "END:VCALENDAR\r\n"
    )


END_EVENT = b"END:VEVENT\r\n"
NO_TRIGGER = b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM\r\n"
ALARM = NO_TRIGGER.replace(b"END", b"TRIGGER:-PT15M\r\nEND")
IN_CALENDAR = [
    (3, "another method than expected", swap(b"METHOD:REQUEST", b"METHOD:PUBLISH")),
    (4, "two PRODIDs", swap(b"PRODID:", b"PRODID:-//x//EN\r\nPRODID:")),
    (4, "no VERSION", swap(b"VERSION:2.0\r\n", b"")),
    (5, "LF only", swap(b"\r\n", b"\n")),
    (5, "a doubled CR", swap(b"CLASS:PRIVATE\r\n", b"CLASS:PRIVATE\r\r\n")),
    (5, "a cut end", swap(b"END:VCALENDAR\r\n", b"END:VCALENDAR")),
    (6, "a long line", swap(b"\r\n ", b"")),
    (7, "a split UTF-8 character", swap("–".encode(), b"\xe2\r\n \x80\x93")),
    (8, "a control character", swap(b"Maya\r\n", b"Maya\x07\r\n")),
    (8, "a line separator", swap(b"Maya\r\n", b"Maya\xe2\x80\xa8\r\n")),
    (9, "a second event", swap(END_EVENT, END_EVENT + b"BEGIN:VEVENT\r\n" + END_EVENT)),
    (10, "a duplicate UID", swap(b"UID:", b"UID:other@practice.example\r\nUID:")),
    (10, "no SEQUENCE", swap(b"SEQUENCE:0\r\n", b"")),
    (11, "an address as UID", swap(b"UID:q7ZpXw4Tn2@practice.example", b"UID:" + SAM.encode())),
    (11, "a UID without a domain", swap(b"UID:q7ZpXw4Tn2@practice.example", b"UID:41")),
    (12, "a floating DTSTAMP", swap(b"DTSTAMP:20260601T090000Z", b"DTSTAMP:20260601T090000")),
    (13, "a floating start", swap(b"DTSTART:20260609T163000Z", b"DTSTART:20260609T163000")),
    (14, "another time", swap(b"DTEND:20260609T170000Z", b"DTEND:20260609T173000Z")),
    (14, "an end before the start", swap(b"DTEND:20260609T17", b"DTEND:20260609T15")),
    (15, "no organizer", lambda text: re.sub(rb"ORGANIZER[^\r]*\r\n", b"", text)),
    (15, "an organizer that is no mailto", swap(b"mailto:maya", b"https:maya")),
    (16, "somebody else's letter", swap(b"mailto:maya@", b"mailto:mia@")),
    (18, "the partner leaked", swap(b"CLASS:", b"ATTENDEE:mailto:alex@other.example\r\nCLASS:")),
    (19, "no RSVP", swap(b";RSVP=FALSE", b"")),
    (20, "the partner's name", swap(b"LOCATION:", b"LOCATION:with Alex\\, ")),
    (20, "a telling title", swap(b"SUMMARY:", b"SUMMARY:Couples ")),
    (20, "an address in a comment", swap(b"CLASS:", b"COMMENT:see kim@third.example\r\nCLASS:")),
    (21, "no CLASS", swap(b"CLASS:PRIVATE\r\n", b"")),
    (21, "no TRANSP", swap(b"TRANSP:OPAQUE\r\n", b"")),
    (22, "a status that does not fit", swap(b"STATUS:CONFIRMED", b"STATUS:CANCELLED")),
    (23, "three alarms", swap(END_EVENT, ALARM * 3 + END_EVENT)),
    (23, "an alarm without a trigger", swap(END_EVENT, NO_TRIGGER + END_EVENT)),
    (24, "an unescaped comma", swap(b"Video call", b"Video call, at home")),
]  # fmt: skip


@pytest.mark.parametrize(("number", "what", "change"), IN_CALENDAR, ids=[m[1] for m in IN_CALENDAR])
def test_a_spoilt_calendar_is_caught(
    number: int, what: str, change: Callable[[bytes], bytes]
) -> None:
    made = entry()
    found = check_invite(mailed(made, change), expected=made, others=OTHERS)
    assert any(finding.startswith(f"{number}:") for finding in found), (what, found)


def second_calendar(raw: bytes) -> bytes:
    return raw.replace(b"application/ics", b"text/calendar; charset=utf-8")


IN_MESSAGE = [
    (1, "two calendar parts", second_calendar),
    (1, "no calendar part", swap(b"text/calendar", b"text/x-calendar")),
    (2, "no charset", lambda raw: re.sub(rb'(text/calendar;) charset="utf-8";', rb"\1", raw)),
    (3, "a method that does not match", swap(b'method="REQUEST"', b'method="PUBLISH"')),
    (16, "another sender", swap(b"From: Maya Ellis <maya@", b"From: Maya Ellis <mia@")),
    (17, "a second reader", swap(b"To: Sam <", b"To: kim@third.example, Sam <")),
    (17, "a Cc", swap(b"To: Sam", b"Cc: kim@third.example\r\nTo: Sam")),
    (18, "another reader", swap(b"To: Sam <sam@", b"To: Sam <kim@")),
    (20, "a telling subject", swap(b"Subject: Your", b"Subject: Your couples")),
    (20, "the partner in the letter", swap(b"Subject: Your", b"Subject: Alex, your")),
]


@pytest.mark.parametrize(("number", "what", "change"), IN_MESSAGE, ids=[m[1] for m in IN_MESSAGE])
def test_a_spoilt_message_is_caught(
    number: int, what: str, change: Callable[[bytes], bytes]
) -> None:
    made = entry()
    raw = mailed(made)
    assert change(raw) != raw
    found = check_invite(change(raw), expected=made, others=OTHERS)
    assert any(finding.startswith(f"{number}:") for finding in found), (what, found)


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 0},
        {"uid": "another@practice.example"},
        {"stamp_at": NOW - timedelta(hours=1)},
        {"organizer": ("Mia", "mia@practice.example")},
        {"starts_at": START, "ends_at": END},  # a bump for nothing
    ],
    ids=["SEQUENCE not bumped", "another UID", "older", "another organizer", "bumped for nothing"],
)
def test_an_update_that_does_not_follow_is_caught(change: dict[str, Any]) -> None:
    second = entry(**{**MOVED, **change})
    found = check_invite(mailed(second), expected=second, previous=mailed(entry()))
    assert any(finding.startswith("25:") for finding in found), found


def test_a_cancel_with_an_alarm_is_caught() -> None:
    third = entry(**CANCELLED)
    found = check_invite(mailed(third, swap(END_EVENT, ALARM + END_EVENT)), expected=third)
    assert [finding[:3] for finding in found] == ["23:"]


TRICKS = ['A, b; c\\d: "e" ^f', "Zoë – 名前 " * 12, "line\r\none", "x" * 200, "é" * 100]


@pytest.mark.parametrize("text", TRICKS)
def test_any_text_in_any_place_is_read_back_as_it_was(text: str) -> None:
    made = entry(title=text, location=text, organizer=(text, MAYA), attendee=(text, SAM))
    ics = WRITER.write(made)
    assert check_calendar(ics, expected=made) == []
    event = icalendar.Calendar.from_ical(ics).events[0]
    other = vobject.readOne(ics.decode()).vevent
    assert str(event["SUMMARY"]) == str(event["LOCATION"]) == clean_line(text)
    assert other.summary.value == other.location.value == clean_line(text)


@given(title=st.text(max_size=150), name=st.text(max_size=80), place=st.text(max_size=150))
def test_nothing_that_is_typed_breaks_an_invite(title: str, name: str, place: str) -> None:
    made = entry(title=title, location=place, attendee=(name, SAM))
    findings = check_calendar(WRITER.write(made), expected=made)
    # What a coach types may hold a telling word or an address: the desk's lint speaks of that.
    assert [finding for finding in findings if not finding.startswith("20:")] == []
    event = icalendar.Calendar.from_ical(WRITER.write(made)).events[0]
    assert str(event["SUMMARY"]) == clean_line(title)
    assert event["ATTENDEE"] == f"mailto:{SAM}"


def around(instant: datetime) -> CalendarEntry:
    return entry(starts_at=instant, ends_at=instant + timedelta(minutes=30))


@pytest.mark.parametrize("instant", INSTANTS, ids=str)
def test_icalendar_and_vobject_read_the_same_instants(instant: datetime) -> None:
    made = around(instant)
    ics = WRITER.write(made)
    assert check_calendar(ics, expected=made) == []
    event: Any = icalendar.Calendar.from_ical(ics).events[0]
    other = vobject.readOne(ics.decode()).vevent
    for start, end in ((event.start, event.end), (other.dtstart.value, other.dtend.value)):
        assert (start.astimezone(UTC), end.astimezone(UTC)) == (made.starts_at, made.ends_at)


def test_the_kept_reader_is_the_one_that_was_kept() -> None:
    wanted, name = (VENDOR / "ical.min.js.sha256").read_text(encoding="utf-8").split()
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == wanted


READ = """async ([library, calendars]) => {
  const ICAL = (await import(library)).default;
  return calendars.map((text) => {
    const calendar = new ICAL.Component(ICAL.parse(text));
    const event = new ICAL.Event(calendar.getFirstSubcomponent("vevent"));
    return {
      method: calendar.getFirstPropertyValue("method"),
      start: event.startDate.toJSDate().toISOString(),
      end: event.endDate.toJSDate().toISOString(),
      uid: event.uid,
      sequence: event.sequence,
      summary: event.summary,
      location: event.location,
      attendees: event.attendees.map((one) => one.getFirstValue()),
      organizer: event.organizer,
    };
  });
}"""


@pytest.mark.browser
# Playwright leaves its loop's sockets to the collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_reader_of_another_make_in_a_browser_sees_the_same() -> None:
    from playwright.sync_api import sync_playwright

    tricks = [entry(title=text, location=text, attendee=(text, SAM)) for text in TRICKS]
    made = [entry(), entry(**MOVED), entry(**CANCELLED), *map(around, INSTANTS), *tricks]
    library = base64.b64encode((VENDOR / "ical.min.js").read_bytes()).decode()
    calendars = [WRITER.write(one).decode() for one in made]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium_or_skip(), args=ARGS)
        try:
            # A zone with changes of its own, so that a floating time would be seen.
            page = browser.new_context(timezone_id="America/New_York").new_page()
            read = page.evaluate(READ, [f"data:text/javascript;base64,{library}", calendars])
        finally:
            browser.close()
    for one, seen in zip(made, read, strict=True):
        assert seen == {
            "method": one.method,
            "start": f"{one.starts_at:%Y-%m-%dT%H:%M:%S.000Z}",
            "end": f"{one.ends_at:%Y-%m-%dT%H:%M:%S.000Z}",
            "uid": one.uid,
            "sequence": one.sequence,
            "summary": clean_line(one.title),
            "location": clean_line(one.location),
            "attendees": [f"mailto:{SAM}"],
            "organizer": f"mailto:{MAYA}",
        }
