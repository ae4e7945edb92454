"""A letter of every kind, for the tests of what carries letters."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from practice.domain.busy import OldCalendar, Trouble
from practice.domain.letters import CalendarEntry, Letter, LetterKind, LinkTo

LONDON = ZoneInfo("Europe/London")
START = datetime(2026, 6, 9, 16, 30, tzinfo=UTC)
END = datetime(2026, 6, 9, 17, 0, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
PRIVATE = "https://practice.example/a/8J2mQ0kVx3TzR7bWn5LdYg"
DESK = "https://practice.example/desk/bookings/41"
SAM = "sam@client.example"
MAYA = "maya@practice.example"
OLD = OldCalendar("Family", Trouble.REFUSED.value, "Sunday 31 May, 8am", closes=True)


def entry(**changes: Any) -> CalendarEntry:
    """The invite of Sam's appointment."""
    made = CalendarEntry(
        uid="q7ZpXw4Tn2@practice.example",
        sequence=0,
        method="REQUEST",
        starts_at=START,
        ends_at=END,
        stamp_at=NOW,
        title="Appointment – Maya",
        organizer=("Maya Ellis", MAYA),
        attendee=("Sam", SAM),
        description=PRIVATE,
        location="Video call",
    )
    return replace(made, **changes)


def letter(kind: LetterKind = LetterKind.CONFIRMATION, **changes: Any) -> Letter:
    """Sam's letter of a kind, or Maya's if the kind is for the coach."""
    timed = kind.names_a_time
    made = Letter(
        kind=kind,
        reference="out-4k2j9",
        now=NOW,
        to_name="Maya" if kind.for_coach else "Sam",
        to_address=MAYA if kind.for_coach else SAM,
        from_name="Maya Ellis",
        from_address=MAYA,
        coach_name="Maya",
        practice_name="Ellis Couples Coaching",
        zone=LONDON,
        link=DESK if kind.for_coach else PRIVATE,
        starts_at=START if timed else None,
        ends_at=END if timed else None,
        links=(LinkTo(START, PRIVATE),) if kind is LetterKind.LINK else (),
        place_lines=("Video call", "Camera optional"),
        join_href="https://meet.example/maya?room=1&lang=en",
        client_name="Sam" if kind.for_coach else "",
        offering_name="First call for couples" if kind.for_coach else "",
        asker="Robin" if kind is LetterKind.INVITATION else "",
        calendar=OLD if kind is LetterKind.COACH_CALENDAR else None,
    )
    return replace(made, **changes)
