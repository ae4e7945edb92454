"""How times are told, what may stand outside, and what each subject says."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.domain.letters import (
    LetterKind,
    clean_line,
    clock,
    day_line,
    discreet,
    google_link,
    outlook_link,
    subject,
    time_range,
    when_line,
)
from tests.adapters.letters import END, NOW, PRIVATE, SAM, START, entry, letter

LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
TOKYO, KATHMANDU = ZoneInfo("Asia/Tokyo"), ZoneInfo("Asia/Kathmandu")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "spoken"),
    [
        ("2026-06-09T16:30", LONDON, "5:30pm"),
        ("2026-06-09T17:00", LONDON, "6pm"),
        ("2026-06-09T11:00", LONDON, "12 midday"),
        ("2026-06-09T23:00", LONDON, "12 midnight"),
        ("2026-06-09T11:05", LONDON, "12:05pm"),
        ("2026-06-09T23:15", LONDON, "12:15am"),
        ("2026-06-09T00:00", LONDON, "1am"),
        ("2026-06-09T16:30", NEW_YORK, "12:30pm"),
        ("2026-06-09T00:15", KATHMANDU, "6am"),
        ("2026-01-09T12:00", LONDON, "12 midday"),
        ("2026-01-09T12:59", LONDON, "12:59pm"),
    ],
)
def test_the_clock_is_told_as_people_write_it(at: str, zone: ZoneInfo, spoken: str) -> None:
    assert clock(utc(at), zone) == spoken


@pytest.mark.parametrize(
    ("starts", "minutes", "zone", "spoken"),
    [
        ("2026-06-09T16:30", 30, LONDON, "5:30 to 6pm"),
        ("2026-06-09T16:00", 60, LONDON, "5 to 6pm"),
        ("2026-06-09T08:00", 45, LONDON, "9 to 9:45am"),
        ("2026-06-09T10:30", 45, LONDON, "11:30am to 12:15pm"),
        ("2026-06-09T10:30", 30, LONDON, "11:30am to 12 midday"),
        ("2026-06-09T11:00", 30, LONDON, "12 midday to 12:30pm"),
        ("2026-06-09T11:30", 30, LONDON, "12:30 to 1pm"),
        ("2026-06-09T22:45", 30, LONDON, "11:45pm to 12:15am (Wednesday)"),
        ("2026-06-09T22:30", 30, LONDON, "11:30pm to 12 midnight"),
        ("2026-06-09T23:00", 30, LONDON, "12 midnight to 12:30am"),
        ("2026-06-09T23:15", 30, LONDON, "12:15 to 12:45am"),
        ("2026-06-09T16:30", 24 * 60, LONDON, "5:30pm to 5:30pm (Wednesday)"),
        ("2026-06-09T10:00", 37 * 60, LONDON, "11am to 12 midnight (Thursday)"),
        ("2026-06-09T16:30", 30, TOKYO, "1:30 to 2am"),
        # the hour that comes twice, and the one that does not come
        ("2026-10-25T00:30", 60, LONDON, "1:30am (UTC+1) to 1:30am (UTC)"),
        ("2026-10-25T00:45", 30, LONDON, "1:45am (UTC+1) to 1:15am (UTC)"),
        ("2026-10-25T01:15", 30, LONDON, "1:15 to 1:45am"),
        ("2026-03-29T00:30", 60, LONDON, "12:30am (UTC) to 2:30am (UTC+1)"),
        ("2026-11-01T05:30", 60, NEW_YORK, "1:30am (UTC−4) to 1:30am (UTC−5)"),
    ],
)
def test_a_span_says_no_more_than_it_must(
    starts: str, minutes: int, zone: ZoneInfo, spoken: str
) -> None:
    start = utc(starts)
    assert time_range(start, start + timedelta(minutes=minutes), zone) == spoken


def test_the_year_stands_only_where_it_is_another() -> None:
    assert day_line(START, LONDON) == "Tuesday 9 June"
    assert day_line(START, LONDON, now=NOW) == "Tuesday 9 June"
    assert day_line(START, LONDON, now=utc("2025-12-31T23:59")) == "Tuesday 9 June 2026"
    # the year, too, is the reader's
    assert (
        day_line(utc("2026-12-31T20:00"), TOKYO, now=utc("2026-12-31T16:00")) == "Friday 1 January"
    )
    assert day_line(utc("2026-12-31T20:00"), LONDON, now=NOW) == "Thursday 31 December"


def test_day_and_time_together_are_the_readers_own() -> None:
    assert when_line(START, END, LONDON) == "Tuesday 9 June, 5:30 to 6pm"
    assert when_line(START, END, TOKYO) == "Wednesday 10 June, 1:30 to 2am"
    assert when_line(START, END, LONDON, now=utc("2025-06-01T00:00")).startswith(
        "Tuesday 9 June 2026,"
    )


def test_the_same_instant_is_told_alike_however_it_is_written() -> None:
    for zone in (LONDON, NEW_YORK, TOKYO):
        for at in (START, START.astimezone(LONDON), START.astimezone(TOKYO)):
            assert clock(at, zone) == clock(START, zone)


def test_both_halves_of_a_repeated_hour_are_kept_apart_elsewhere() -> None:
    first = datetime(2026, 10, 25, 1, 30, tzinfo=LONDON)
    second = first.replace(fold=1)
    assert clock(first, TOKYO) == "9:30am"
    assert clock(second, TOKYO) == "10:30am"


def test_a_time_without_a_zone_is_told_to_nobody() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        clock(datetime(2026, 6, 9, 17, 30), LONDON)  # noqa: DTZ001 (that is the point)


@given(minutes=st.integers(0, 60 * 24 * 365), zone=st.sampled_from([LONDON, NEW_YORK, TOKYO]))
def test_what_is_told_can_be_read_back(minutes: int, zone: ZoneInfo) -> None:
    at = utc("2026-01-01T00:00") + timedelta(minutes=minutes)
    told = clock(at, zone).replace("12 midday", "12pm").replace("12 midnight", "12am")
    figures = re.fullmatch(r"(\d+)(?::(\d\d))?(am|pm)", told)
    assert figures is not None
    hour = int(figures[1]) % 12 + (12 if figures[3] == "pm" else 0)
    local = at.astimezone(zone)
    assert (hour, int(figures[2] or 0)) == (local.hour, local.minute)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (LetterKind.CONFIRMATION, "Your appointment on Tuesday 9 June"),
        (LetterKind.REMINDER, "Reminder: Tuesday 9 June at 5:30pm"),
        (LetterKind.MOVED, "Your appointment has moved"),
        (LetterKind.CANCELLED, "Your appointment is cancelled"),
        (LetterKind.LINK, "Your link"),
        (LetterKind.SIGN_IN, "Sign-in link"),
        (LetterKind.REFUNDED, "Your money is on its way back"),
        (LetterKind.TOO_LATE, "About your payment"),
        (LetterKind.PAYMENT_FAILED, "About your payment"),
        (LetterKind.COACH_BOOKED, "New appointment: Tuesday 9 June, 5:30pm"),
        (LetterKind.COACH_REMINDER, "Reminder: Tuesday 9 June at 5:30pm"),
        (LetterKind.COACH_MOVED, "Appointment moved: Tuesday 9 June, 5:30pm"),
        (LetterKind.COACH_CANCELLED, "Appointment cancelled: Tuesday 9 June, 5:30pm"),
        (LetterKind.COACH_ASKED, "Somebody asked for another time"),
    ],
)
def test_every_subject_is_plain_and_names_nobody(kind: LetterKind, words: str) -> None:
    assert subject(letter(kind)) == words
    assert discreet(words) == ()


@pytest.mark.parametrize(
    ("now", "zone", "words"),
    [
        ("2026-06-08T16:30", LONDON, "Reminder: tomorrow at 5:30pm"),
        ("2026-06-07T22:59", LONDON, "Reminder: Tuesday 9 June at 5:30pm"),
        ("2026-06-07T23:00", LONDON, "Reminder: tomorrow at 5:30pm"),
        ("2026-06-09T09:00", LONDON, "Reminder: Tuesday 9 June at 5:30pm"),
        ("2026-06-09T09:00", TOKYO, "Reminder: tomorrow at 1:30am"),
    ],
)
def test_tomorrow_is_the_readers_tomorrow(now: str, zone: ZoneInfo, words: str) -> None:
    assert subject(letter(LetterKind.REMINDER, now=utc(now), zone=zone)) == words


def test_a_letter_that_names_a_time_is_not_made_without_one() -> None:
    for kind in LetterKind:
        if kind.names_a_time:
            with pytest.raises(ValueError, match="names a time"):
                letter(kind, starts_at=None)
    assert letter(LetterKind.LINK).starts_at is None


def test_an_invite_goes_to_nobody_but_its_attendee() -> None:
    for attendee, method in ((("Alex", "alex@other.example"), "REQUEST"), (None, "PUBLISH")):
        with pytest.raises(ValueError, match="nobody else"):
            letter(entry=entry(attendee=attendee, method=method))
    assert letter(entry=entry()).to_address == SAM


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Appointment – Maya", ()),
        ("Lantern", ()),
        ("Maya Ellis, COUPLES' Coaching", ("couples", "coaching")),
        ("Sam's partner", ("partner",)),
        ("Re\u200blation\u00adship talk", ("relationship",)),
        ("Ｔｈｅｒａｐｙ", ("therapy",)),  # noqa: RUF001 (wide letters)
        ("hello@couplescoaching.example", ("couplescoaching",)),
        ("Intake and safety and intake", ("intake", "safety")),
        ("", ()),
    ],
)
def test_words_that_tell_are_found_however_they_are_written(
    text: str, found: tuple[str, ...]
) -> None:
    assert discreet(text) == found


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  Maya   Ellis ", "Maya Ellis"),
        ("Maya\r\nBcc: evil@x.example", "Maya Bcc: evil@x.example"),
        ("a\u2028b\u2029c\x85d\x0be\x00f\x1cg", "a b c d e f g"),
        ("\u202eayaM\u202c \u2066x\u2069\ufeff", "ayaM x"),
        ("Zoe\u0308", "Zoë"),
        ("\u200b\u200d", ""),
        ("\ud83d", ""),
        ("O'Neil-Smith, 名前 🙂", "O'Neil-Smith, 名前 🙂"),
    ],
)
def test_a_line_keeps_its_words_and_loses_its_tricks(text: str, clean: str) -> None:
    assert clean_line(text) == clean


@given(st.text())
def test_a_clean_line_is_clean_already(text: str) -> None:
    clean = clean_line(text)
    assert clean_line(clean) == clean
    assert len(clean.splitlines()) <= 1
    clean.encode("utf-8")


def test_the_links_to_calendars_carry_the_instants_and_never_the_private_link() -> None:
    made = entry(title="Appointment – Maya & co", location="12 High St, #4 + garden")
    google, outlook = urlsplit(google_link(made)), urlsplit(outlook_link(made))
    assert (google.netloc, google.path) == ("calendar.google.com", "/calendar/render")
    assert parse_qs(google.query) == {
        "action": ["TEMPLATE"],
        "text": [made.title],
        "dates": ["20260609T163000Z/20260609T170000Z"],
        "location": [made.location],
    }
    assert (outlook.netloc, outlook.path) == ("outlook.live.com", "/calendar/0/action/compose")
    assert parse_qs(outlook.query) == {
        "rru": ["addevent"],
        "subject": [made.title],
        "startdt": ["2026-06-09T16:30:00Z"],
        "enddt": ["2026-06-09T17:00:00Z"],
        "location": [made.location],
    }


def test_a_private_link_that_strayed_into_the_place_goes_to_no_other_server() -> None:
    strayed = entry(location=f"Video call, {PRIVATE}")
    for link in (google_link(strayed), outlook_link(strayed)):
        assert "location" not in link
        assert PRIVATE.rpartition("/")[2] not in link
    assert "location" not in google_link(entry(location=""))


def test_an_entry_that_makes_no_sense_is_not_made() -> None:
    made = entry()
    with pytest.raises(ValueError, match="aware"):
        replace(made, stamp_at=datetime(2026, 6, 1))  # noqa: DTZ001 (that is the point)
    with pytest.raises(ValueError, match="ends after"):
        replace(made, ends_at=made.starts_at)
    with pytest.raises(ValueError, match="one attendee"):
        replace(made, attendee=None)
    with pytest.raises(ValueError, match="one attendee"):
        replace(made, method="PUBLISH")
