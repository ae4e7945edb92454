"""Letters: how times are told, what may stand outside of an envelope, and what a letter is.

Times are spoken as people write them ("Tuesday 9 June, 5:30 to 6pm"); pages use the same words.
A letter is a value with all that its renderer needs, made from the state of the moment it is sent.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final, Literal, NamedTuple
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from practice.domain.busy import OldCalendar
from practice.domain.zone import local_date, offset

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


# How times are spoken -----------------------------------------------------------------------------


@cache
def _spoken(hour: int, minute: int) -> tuple[str, str]:
    """Say the figures and the half of the day: ("5:30", "pm"), ("12", " midday")."""
    if minute == 0 and hour in {0, 12}:
        return "12", " midday" if hour else " midnight"
    figures = str((hour + 11) % 12 + 1) + (f":{minute:02}" if minute else "")
    return figures, "am" if hour < 12 else "pm"  # noqa: PLR2004 (noon)


@lru_cache(maxsize=4096)
def _day(day: date, *, with_year: bool) -> str:
    words = f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"
    return f"{words} {day.year}" if with_year else words


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    if at.tzinfo is None:
        raise ValueError("An instant without a zone cannot be told to anybody.")
    # Through UTC: a wall-clock time of the same zone would otherwise be taken as it stands.
    return at.astimezone(UTC).astimezone(zone)


def clock(at: datetime, zone: ZoneInfo) -> str:
    """Say the time of day at an aware instant: "5:30pm", "6pm", "12 midday", "12 midnight"."""
    local = _local(at, zone)
    return "".join(_spoken(local.hour, local.minute))


def spoken(minute: int) -> str:
    """Say a minute of a day as its time: "5:30pm", "12 midnight"."""
    return "".join(_spoken(minute // 60 % 24, minute % 60))


def day_line(at: datetime, zone: ZoneInfo, *, now: datetime | None = None) -> str:
    """Say the date at an aware instant: "Tuesday 9 June"; with the year if not that of `now`."""
    local = _local(at, zone)
    with_year = now is not None and _local(now, zone).year != local.year
    return _day(local.date(), with_year=with_year)


def time_range(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """Say from when to when: "5:30 to 6pm", "11:30am to 1pm", "11:45pm to 12:15am (Wednesday)"."""
    start, end = _local(starts_at, zone), _local(ends_at, zone)
    figures, half = _spoken(start.hour, start.minute)
    end_figures, end_half = _spoken(end.hour, end.minute)
    first, last = figures + half, end_figures + end_half
    if start.utcoffset() != end.utcoffset():  # the clocks change, and an hour may come twice
        first, last = f"{first} ({offset(zone, start)})", f"{last} ({offset(zone, end)})"
    elif half == end_half and half in {"am", "pm"} and start.date() == end.date():
        first = figures
    # "11:30pm to 12 midnight" needs no day: nobody reads it as another night's.
    closes_at_midnight = end_half == " midnight" and end.date() - start.date() == timedelta(days=1)
    if end.date() != start.date() and not closes_at_midnight:
        last = f"{last} ({WEEKDAYS[end.weekday()]})"
    return f"{first} to {last}"


def when_line(
    starts_at: datetime, ends_at: datetime, zone: ZoneInfo, *, now: datetime | None = None
) -> str:
    """Say day and times together: "Tuesday 9 June, 5:30 to 6pm"; the year as in `day_line`."""
    return f"{day_line(starts_at, zone, now=now)}, {time_range(starts_at, ends_at, zone)}"


def moment_line(at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """Say a day and a time: "Tuesday 9 June, 5:30pm"; the year as in `day_line`."""
    return f"{day_line(at, zone, now=now)}, {clock(at, zone)}"


# What may stand outside ---------------------------------------------------------------------------

OUTSIDE_WORDS: Final = (
    "couple",
    "relationship",
    "therap",
    "coaching",
    "intake",
    "safety",
    "partner",
)
_OUTSIDE = re.compile(rf"\w*(?:{'|'.join(OUTSIDE_WORDS)})\w*")
# C0, C1 and the separators some mailers take for the end of a line.
_BREAKING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Zero-width, soft hyphen, direction marks and overrides; half surrogates, which nothing encodes.
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ud800-\udfff]"
)


def clean_line(text: str) -> str:
    """Make one line that is safe in a header: no controls, nothing hidden, NFC, single spaces."""
    seen = _UNSEEN.sub("", _BREAKING.sub(" ", text))
    return " ".join(unicodedata.normalize("NFC", seen).split())


def discreet(text: str) -> tuple[str, ...]:
    """Find words that must not be read outside (sender, subject, calendar title); () if none."""
    plain = unicodedata.normalize("NFKC", clean_line(text)).casefold()
    return tuple(dict.fromkeys(_OUTSIDE.findall(plain)))


# The entry in a calendar --------------------------------------------------------------------------

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One appointment as a calendar sees it, for one reader; instants are aware.

    `description` is the reader's private link or "". `organizer` and `attendee` are (name,
    address); a file to download (PUBLISH) has no attendee, an invite has one. `sequence` grows
    with each change.
    """

    uid: str
    sequence: int
    method: Method
    starts_at: datetime
    ends_at: datetime
    stamp_at: datetime
    title: str
    organizer: tuple[str, str]
    attendee: tuple[str, str] | None = None
    description: str = ""
    location: str = ""

    def __post_init__(self) -> None:
        if any(at.tzinfo is None for at in (self.starts_at, self.ends_at, self.stamp_at)):
            raise ValueError("A calendar entry is made from aware instants.")
        if self.ends_at <= self.starts_at:
            raise ValueError("A calendar entry ends after it starts.")
        if (self.attendee is None) != (self.method == "PUBLISH"):
            raise ValueError("An invite has one attendee, a file to download has none.")


def _query(entry: CalendarEntry, pairs: dict[str, str]) -> str:
    # Nobody else's server is to learn the private link, wherever it may have been written.
    if entry.location and not (entry.description and entry.description in entry.location):
        pairs["location"] = entry.location
    return urlencode(pairs, quote_via=quote, safe="/:")


def google_link(entry: CalendarEntry) -> str:
    """Make the address that opens Google Calendar filled in, never with the private link."""
    span = "/".join(
        f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" for at in (entry.starts_at, entry.ends_at)
    )
    pairs = {"action": "TEMPLATE", "text": entry.title, "dates": span}
    return f"https://calendar.google.com/calendar/render?{_query(entry, pairs)}"


def outlook_link(entry: CalendarEntry) -> str:
    """Make the address that opens Outlook filled in, never with the private link."""
    start, end = (
        f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for at in (entry.starts_at, entry.ends_at)
    )
    pairs = {"rru": "addevent", "subject": entry.title, "startdt": start, "enddt": end}
    return f"https://outlook.live.com/calendar/0/action/compose?{_query(entry, pairs)}"


# The letters --------------------------------------------------------------------------------------


class LetterKind(StrEnum):
    """Every letter that goes out; the value is also the name of its template folder.

    To the client:
    CONFIRMATION     The time is booked: when, where, and the private link.
    REMINDER         The appointment is near.
    MOVED            It is at another time now.
    CANCELLED        It does not take place; who cancelled is nobody's business.
    LINK             Somebody asked for their links again.
    SIGN_IN          A fresh way back to what was begun, for half an hour, and nothing else.
    INVITATION       Somebody who has an appointment asks another person along; that one knows
                     nothing of it yet, and the letter tells no more than a first name.
    REFUNDED         Money goes back to the card that was paid with.
    TOO_LATE         A payment came when somebody else had the time already: all of it goes back.
    PAYMENT_FAILED   The bank said no, days later; nothing was charged and nothing is booked.
    To the coach:
    COACH_BOOKED     Somebody has booked.
    COACH_REMINDER   An appointment is near.
    COACH_MOVED      An appointment is at another time now.
    COACH_CANCELLED  An appointment does not take place.
    COACH_ASKED      Somebody asked for another time; what they wrote stays at the desk.
    COACH_RESET      A way to a new password, for who asked for it at the sign-in.
    COACH_CALENDAR   Another calendar of the coach could not be read for a day.
    """

    CONFIRMATION = "confirmation"
    REMINDER = "reminder"
    MOVED = "moved"
    CANCELLED = "cancelled"
    LINK = "link"
    SIGN_IN = "sign_in"
    INVITATION = "invitation"
    REFUNDED = "refunded"
    TOO_LATE = "too_late"
    PAYMENT_FAILED = "payment_failed"
    COACH_BOOKED = "coach_booked"
    COACH_REMINDER = "coach_reminder"
    COACH_MOVED = "coach_moved"
    COACH_CANCELLED = "coach_cancelled"
    COACH_ASKED = "coach_asked"
    COACH_RESET = "coach_reset"
    COACH_CALENDAR = "coach_calendar"

    @property
    def for_coach(self) -> bool:
        """Whether the reader is the coach, who may be told names."""
        return self.value.startswith("coach_")

    @property
    def names_a_time(self) -> bool:
        """Whether the letter is about one appointment, with a start and an end."""
        return self not in {
            LetterKind.LINK,
            LetterKind.SIGN_IN,
            LetterKind.INVITATION,
            LetterKind.COACH_ASKED,
            LetterKind.COACH_RESET,
            LetterKind.COACH_CALENDAR,
        }


class LinkTo(NamedTuple):
    """One line of a LINK letter: the start of an appointment (aware) and its private link."""

    starts_at: datetime
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter to one reader, with all that its renderer needs; instants are aware.

    `reference` is the outbox row's public id, and becomes the Message-ID. `now` is when it is sent.
    `zone` is the reader's. `link` is the reader's private page, or the desk's for a coach.
    `client_name` and `offering_name` are for coaches only; `practice_name` never stands in a
    client's letter. `was_at` is the old start of a moved one, if known. `entry` is set where the
    reader chose to have invites by mail. `asker` is the first name of who invites. `is_plain` is a
    letter to a mailbox that others read. `paid` says amount and day of a payment ("€90 on Monday 1
    June") and `receipt` its reference; `back` is the amount that goes back; all are "" without.
    `nearest` are starts (aware) that are free in place of one that is gone, and `pick_href` is
    where to choose one. `calendar` is the one that a COACH_CALENDAR letter is about.
    `words` are lines of the coach's own, in a confirmation.
    """

    kind: LetterKind
    reference: str
    now: datetime
    to_name: str
    to_address: str
    from_name: str
    from_address: str
    coach_name: str
    practice_name: str
    zone: ZoneInfo
    link: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    was_at: datetime | None = None
    links: tuple[LinkTo, ...] = ()
    place_lines: tuple[str, ...] = ()
    join_href: str = ""
    client_name: str = ""
    offering_name: str = ""
    with_reminder: bool = False
    words: str = ""
    entry: CalendarEntry | None = None
    asker: str = ""
    is_plain: bool = False
    paid: str = ""
    receipt: str = ""
    back: str = ""
    nearest: tuple[datetime, ...] = ()
    pick_href: str = ""
    calendar: OldCalendar | None = None

    def __post_init__(self) -> None:
        if self.kind.names_a_time:
            self.span()
        if self.entry is not None and (
            self.entry.attendee is None or self.entry.attendee[1] != self.to_address
        ):
            raise ValueError("An invite by mail goes to its own attendee and to nobody else.")
        if (self.calendar is None) == (self.kind is LetterKind.COACH_CALENDAR):
            raise ValueError("A letter about a calendar names one, and no other letter does.")

    def span(self) -> tuple[datetime, datetime]:
        """Give start and end of the appointment (aware); ValueError where the letter names none."""
        if self.starts_at is None or self.ends_at is None:
            raise ValueError(f"A {self.kind} letter names a time.")
        return self.starts_at, self.ends_at


def _reminder(letter: Letter) -> str:
    start, _ = letter.span()
    days = local_date(start, letter.zone) - local_date(letter.now, letter.zone)
    day = "tomorrow" if days == timedelta(days=1) else day_line(start, letter.zone, now=letter.now)
    return f"Reminder: {day} at {clock(start, letter.zone)}"


_FIXED: Final = {
    LetterKind.MOVED: "Your appointment has moved",
    LetterKind.CANCELLED: "Your appointment is cancelled",
    LetterKind.LINK: "Your link",
    LetterKind.SIGN_IN: "Sign-in link",
    LetterKind.INVITATION: "An invitation to talk",
    LetterKind.COACH_ASKED: "Somebody asked for another time",
    LetterKind.COACH_RESET: "A new password",
    LetterKind.COACH_CALENDAR: "A calendar can’t be read",
    LetterKind.REFUNDED: "Your money is on its way back",
    LetterKind.TOO_LATE: "About your payment",
    LetterKind.PAYMENT_FAILED: "About your payment",
}
_DATED: Final = {
    LetterKind.COACH_BOOKED: "New appointment",
    LetterKind.COACH_MOVED: "Appointment moved",
    LetterKind.COACH_CANCELLED: "Appointment cancelled",
}


def subject(letter: Letter) -> str:
    """Write the one subject line: neutral for whoever sees it, without any name."""
    if letter.kind in _FIXED:
        return _FIXED[letter.kind]
    if letter.kind in {LetterKind.REMINDER, LetterKind.COACH_REMINDER}:
        return _reminder(letter)
    start, _ = letter.span()
    day = day_line(start, letter.zone, now=letter.now)
    if letter.kind is LetterKind.CONFIRMATION:
        return f"Your appointment on {day}"
    return f"{_DATED[letter.kind]}: {day}, {clock(start, letter.zone)}"
