"""25 assertions about an invite, read from the raw bytes by hand, without a calendar library.

`check_invite` looks at a whole message, `check_calendar` at a calendar file alone. Each finding
starts with the number of its assertion.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses

from practice.domain.letters import CalendarEntry, discreet

ADDRESS = re.compile(rb"[\w.+-]+@[\w-]+\.[\w.-]+")
ESCAPED = re.compile(r"(?:[^\\;,\n]|\\[\\;,nN])*")


@dataclass(frozen=True)
class Line:
    name: str
    params: dict[str, str]
    value: str


def read_lines(ics: bytes) -> list[Line]:
    """Unfold, then cut each line at the first colon and semicolons that stand outside of quotes."""
    unfolded = re.sub(rb"\r?\n[ \t]", b"", ics)
    found = []
    for text in filter(None, unfolded.decode("utf-8", "replace").replace("\r", "").split("\n")):
        cut = re.fullmatch(r'((?:"[^"]*"|[^":])*):(.*)', text, re.DOTALL)
        head, value = (cut[1], cut[2]) if cut else (text, "")
        name, *params = re.findall(r'(?:"[^"]*"|[^";])+', head) or [""]
        pairs = (param.partition("=") for param in params)
        found.append(Line(name.upper(), {k.upper(): v.strip('"') for k, _, v in pairs}, value))
    return found


def _of(lines: Sequence[Line], name: str) -> list[Line]:
    return [line for line in lines if line.name == name]


def _value(lines: Sequence[Line], name: str) -> str:
    return next((line.value for line in _of(lines, name)), "")


def _mailto(line: Line) -> str:
    return line.value.lower().removeprefix("mailto:")


def _instant(text: str) -> datetime | None:
    if not re.fullmatch(r"\d{8}T\d{6}Z", text):
        return None
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _bytes_findings(ics: bytes) -> Iterator[str]:
    """Look at 5 to 8: ends of lines, their lengths, folds and controls."""
    if re.search(rb"(?<!\r)\n|\r(?!\n)|\r\r", ics) or not ics.endswith(b"END:VCALENDAR\r\n"):
        yield "5: lines end otherwise than with CRLF, or the end is missing"
    lines = ics.split(b"\r\n")
    if any(len(line) > 75 for line in lines):
        yield "6: a line is longer than 75 octets"
    for line in lines:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            yield "7: a fold stands inside of a UTF-8 character"
            break
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8\xa9]", ics):
        yield "8: there is a control character"


def _identity_findings(lines: Sequence[Line]) -> Iterator[str]:
    """Look at 4, 9, 10 and 11: the calendar's head, one event, its identity."""
    if [x.value for x in _of(lines, "VERSION")] != ["2.0"] or len(_of(lines, "PRODID")) != 1:
        yield "4: VERSION:2.0 and one PRODID are wanted"
    if sum(line.name == "BEGIN" and line.value == "VEVENT" for line in lines) != 1:
        yield "9: exactly one VEVENT is wanted"
    ends = len(_of(lines, "DTEND")) + len(_of(lines, "DURATION"))
    once = ("UID", "DTSTAMP", "DTSTART", "SEQUENCE")
    if ends != 1 or any(len(_of(lines, name)) != 1 for name in once):
        yield "10: UID, DTSTAMP, DTSTART, an end and SEQUENCE are wanted once each"
    uid = _value(lines, "UID")
    people = {_mailto(line) for line in (*_of(lines, "ORGANIZER"), *_of(lines, "ATTENDEE"))}
    if not re.fullmatch(r"[\w.-]+@[\w.-]+", uid) or uid.lower() in people:
        yield "11: the UID is not an opaque x@domain"


def _time_findings(lines: Sequence[Line], expected: CalendarEntry) -> Iterator[str]:
    """Look at 12, 13 and 14: every time in UTC and the appointment's own."""
    if _instant(_value(lines, "DTSTAMP")) is None:
        yield "12: DTSTAMP is not in UTC"
    start, end = _instant(_value(lines, "DTSTART")), _instant(_value(lines, "DTEND"))
    if start is None or end is None:
        yield "13: a time is floating"
    elif not start < end or (start, end) != (expected.starts_at, expected.ends_at):
        yield "14: the times are not the appointment's"


def _state_findings(lines: Sequence[Line], expected: CalendarEntry) -> Iterator[str]:
    """Look at 15, 18, 19, 21, 22, 23 and 24: people, privacy, status, alarms, escapes."""
    organizers, attendees = _of(lines, "ORGANIZER"), _of(lines, "ATTENDEE")
    method = _value(lines, "METHOD")
    named = all(line.value.lower().startswith("mailto:") for line in (*organizers, *attendees))
    if len(organizers) != 1 or not named or bool(attendees) == (method == "PUBLISH"):
        yield "15: ORGANIZER and ATTENDEE do not fit the method"
    wanted = {expected.attendee[1].lower()} if expected.attendee else set()
    if {_mailto(line) for line in attendees} != wanted:
        yield "18: the attendees are not the one reader"
    if any(not {"ROLE", "PARTSTAT", "RSVP"} <= line.params.keys() for line in attendees):
        yield "19: ROLE, PARTSTAT or RSVP is missing"
    if _value(lines, "CLASS") != "PRIVATE" or _value(lines, "TRANSP") != "OPAQUE":
        yield "21: CLASS:PRIVATE and TRANSP:OPAQUE are wanted"
    if _value(lines, "STATUS") != ("CANCELLED" if method == "CANCEL" else "CONFIRMED"):
        yield "22: STATUS does not fit METHOD"
    alarms = sum(line.name == "BEGIN" and line.value == "VALARM" for line in lines)
    triggers = len(_of(lines, "TRIGGER"))
    if alarms > (0 if method == "CANCEL" else 2) or triggers != alarms:
        yield "23: the alarms are too many or malformed"
    texts = [
        line.value for name in ("SUMMARY", "LOCATION", "DESCRIPTION") for line in _of(lines, name)
    ]
    if not all(ESCAPED.fullmatch(text) for text in texts):
        yield "24: a text is not escaped"


def _leaks(readable: bytes, lines: Sequence[Line], expected: CalendarEntry) -> Iterator[str]:
    """Look at 20 in a calendar: nobody else's address, no word that tells."""
    own = {
        expected.organizer[1],
        expected.uid,
        *([expected.attendee[1]] if expected.attendee else []),
    }
    met = {found.decode().lower() for found in ADDRESS.findall(readable)}
    words = " ".join(
        line.value
        for name in ("SUMMARY", "LOCATION", "CATEGORIES", "COMMENT")
        for line in _of(lines, name)
    )
    if met - {address.lower() for address in own} or discreet(words):
        yield "20: somebody else's address or a telling word is in the calendar"


def _change_findings(lines: Sequence[Line], before: Sequence[Line]) -> Iterator[str]:
    """Look at 25: how this one follows the one before."""

    def differs(*names: str) -> bool:
        return any(_value(lines, name) != _value(before, name) for name in names)

    changed = differs("DTSTART", "DTEND", "STATUS", "LOCATION", "SUMMARY")
    growth = int(_value(lines, "SEQUENCE") or 0) - int(_value(before, "SEQUENCE") or 0)
    older = _value(lines, "DTSTAMP") < _value(before, "DTSTAMP")
    if differs("UID", "ORGANIZER") or older or (growth > 0) != changed or growth < 0:
        yield "25: it does not follow from the one before"


def check_calendar(
    ics: bytes,
    *,
    expected: CalendarEntry,
    previous: bytes | None = None,
    others: Sequence[str] = (),
) -> list[str]:
    """What is wrong with a calendar file alone; `previous` is the calendar file before it."""
    lines = read_lines(ics)
    found = [*_bytes_findings(ics), *_identity_findings(lines), *_time_findings(lines, expected)]
    if _value(lines, "METHOD") != expected.method:
        found.append("3: METHOD is not the one expected")
    unfolded = ics.replace(b"\r\n ", b"")
    found += [*_state_findings(lines, expected), *_leaks(unfolded, lines, expected)]
    if any(other.encode().lower() in unfolded.lower() for other in others):
        found.append("20: somebody else is named in the calendar")
    if previous is not None:
        found += _change_findings(lines, read_lines(previous))
    return found


def _calendar_parts(message: EmailMessage) -> list[EmailMessage]:
    parts = (part for part in message.walk() if isinstance(part, EmailMessage))
    return [part for part in parts if part.get_content_type() == "text/calendar"]


def calendar_of(raw: bytes) -> bytes:
    """The bytes of the one calendar part of a message."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    payload = _calendar_parts(message)[0].get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def _readable(message: EmailMessage) -> str:
    parts = [part for part in message.walk() if not part.is_multipart()]
    bodies = [(part.get_payload(decode=True) or b"") for part in parts]
    return "\n".join(str(value) for value in message.values()) + "\n".join(
        payload.decode("utf-8", "replace") for payload in bodies if isinstance(payload, bytes)
    )


def _message_findings(
    message: EmailMessage, lines: Sequence[Line], expected: CalendarEntry, others: Sequence[str]
) -> Iterator[str]:
    """Look at 2, 3, 16, 17 and 20 in the message around the calendar."""
    (part,) = _calendar_parts(message)
    encoding = str(part["Content-Transfer-Encoding"] or "").lower()
    if str(part.get_param("charset", "")).lower() != "utf-8" or encoding not in {
        "base64",
        "quoted-printable",
    }:
        yield "2: the part has no charset utf-8 or no safe encoding"
    method = _value(lines, "METHOD")
    if part.get_param("method") != method or method not in {"REQUEST", "CANCEL", "PUBLISH"}:
        yield "3: the part's method is not METHOD"
    sender = [address for _, address in getaddresses([str(x) for x in message.get_all("From", [])])]
    organizers = [_mailto(line) for line in _of(lines, "ORGANIZER")]
    if sender != [expected.organizer[1]] or organizers != sender:
        yield "16: ORGANIZER is not who the letter is from"
    readers = getaddresses([str(x) for x in message.get_all("To", [])])
    if len(readers) != 1 or message["Cc"] is not None or message["Bcc"] is not None:
        yield "17: there is more than one reader"
    if expected.attendee and [address for _, address in readers] != [expected.attendee[1]]:
        yield "18: the letter's reader is not the attendee"
    outside = f"{message['Subject']} {message['From']}"
    everything = _readable(message).lower()
    if discreet(outside) or any(other.lower() in everything for other in others):
        yield "20: somebody else's address or a telling word is in the letter"


def check_invite(
    raw: bytes,
    *,
    expected: CalendarEntry,
    previous: bytes | None = None,
    others: Sequence[str] = (),
) -> list[str]:
    """What is wrong with an invite by mail; `others` are names that may not appear."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    if len(_calendar_parts(message)) != 1:
        return ["1: exactly one text/calendar part is wanted"]
    ics = calendar_of(raw)
    before = calendar_of(previous) if previous is not None else None
    return [
        *_message_findings(message, read_lines(ics), expected, others),
        *check_calendar(ics, expected=expected, previous=before, others=others),
    ]
