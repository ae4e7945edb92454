"""What is withheld, when a letter may go, and how plain a letter can be."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.domain.contact import (
    MAILBOX_SHARED,
    NO_LETTERS,
    NO_REMINDER,
    OUTSIDE_HOURS,
    TOO_LATE,
    Wishes,
    opens_the_way,
    plainest,
    send_at,
    strictest,
    untimely,
    withheld,
)
from practice.domain.letters import LetterKind, spoken
from tests.adapters.letters import entry, letter

LONDON, APIA = ZoneInfo("Europe/London"), ZoneInfo("Pacific/Apia")
CLIENT_KINDS = [
    kind for kind in LetterKind if not kind.for_coach and kind is not LetterKind.INVITATION
]
OTHERS = [kind for kind in LetterKind if kind not in CLIENT_KINDS]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(opens: str, closes: str) -> Wishes:
    def minute(text: str) -> int:
        return int(text[:2]) * 60 + int(text[3:])

    return Wishes(from_minute=minute(opens), until_minute=minute(closes))


@pytest.mark.parametrize("kind", CLIENT_KINDS)
def test_nothing_is_withheld_that_nobody_asked_to_withhold(kind: LetterKind) -> None:
    assert withheld(kind, Wishes()) == ""


@pytest.mark.parametrize("kind", CLIENT_KINDS)
def test_no_letters_means_none_of_any_kind(kind: LetterKind) -> None:
    assert withheld(kind, Wishes(letters_ok=False)) == NO_LETTERS
    assert withheld(kind, Wishes(letters_ok=False, mailbox_shared=True)) == NO_LETTERS


@pytest.mark.parametrize("kind", CLIENT_KINDS)
def test_no_reminder_withholds_the_reminder_alone(kind: LetterKind) -> None:
    wanted = NO_REMINDER if kind is LetterKind.REMINDER else ""
    assert withheld(kind, Wishes(reminder_ok=False)) == wanted


@pytest.mark.parametrize("kind", CLIENT_KINDS)
def test_a_shared_mailbox_gets_no_letter_that_is_only_a_way_in(kind: LetterKind) -> None:
    wanted = MAILBOX_SHARED if opens_the_way(kind) else ""
    assert withheld(kind, Wishes(mailbox_shared=True)) == wanted
    assert opens_the_way(kind) == (not kind.names_a_time)


@pytest.mark.parametrize("kind", OTHERS)
def test_letters_to_the_coach_and_to_the_invited_know_no_wishes(kind: LetterKind) -> None:
    wishes = Wishes(letters_ok=False, reminder_ok=False, mailbox_shared=True)
    assert withheld(kind, wishes) == ""


@pytest.mark.parametrize(
    ("window", "due", "goes"),
    [
        (("18:00", "20:00"), "2026-06-01T09:00", "2026-06-01T17:00"),
        (("18:00", "20:00"), "2026-06-01T17:00", "2026-06-01T17:00"),
        (("18:00", "20:00"), "2026-06-01T18:59", "2026-06-01T18:59"),
        (("18:00", "20:00"), "2026-06-01T19:00", "2026-06-02T17:00"),
        # past midnight
        (("22:00", "02:00"), "2026-06-01T22:30", "2026-06-01T22:30"),
        (("22:00", "02:00"), "2026-06-02T00:59", "2026-06-02T00:59"),
        (("22:00", "02:00"), "2026-06-02T01:00", "2026-06-02T21:00"),
        (("00:00", "00:01"), "2026-06-01T12:00", "2026-06-01T23:00"),
        # the clock goes forward at 1am UTC on 29 March: the hour from 1am does not come
        (("18:00", "20:00"), "2026-03-28T21:00", "2026-03-29T17:00"),
        (("01:15", "01:45"), "2026-03-29T00:30", "2026-03-30T00:15"),
        (("01:15", "02:30"), "2026-03-29T00:30", "2026-03-29T01:00"),
        # and back at 1am UTC on 25 October: the hour from 1am comes twice
        (("18:00", "20:00"), "2026-10-24T20:00", "2026-10-25T18:00"),
        (("01:15", "01:45"), "2026-10-25T00:00", "2026-10-25T00:15"),
        (("01:15", "01:45"), "2026-10-25T00:50", "2026-10-25T01:15"),
        (("01:15", "01:45"), "2026-10-25T01:45", "2026-10-26T01:15"),
    ],
)
def test_a_letter_waits_for_the_next_of_the_hours(
    window: tuple[str, str], due: str, goes: str
) -> None:
    assert send_at(utc(due), hours(*window), LONDON) == utc(goes)


def test_a_date_that_was_skipped_is_waited_over() -> None:
    # Samoa had no 30 December 2011.
    due = utc("2011-12-30T08:00")  # 10pm of the 29th

    assert send_at(due, hours("18:00", "20:00"), APIA) == utc("2011-12-31T04:00")


def test_without_hours_a_letter_goes_at_once() -> None:
    assert send_at(utc("2026-06-01T03:00"), Wishes(), LONDON) == utc("2026-06-01T03:00")


@given(
    opens=st.integers(0, 1439),
    closes=st.integers(0, 1439),
    minutes=st.integers(0, 60 * 24 * 400),
    zone=st.sampled_from([LONDON, ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")]),
)
def test_a_letter_goes_within_the_hours_and_never_early(
    opens: int, closes: int, minutes: int, zone: ZoneInfo
) -> None:
    if opens == closes:
        return
    due = utc("2026-01-01T00:00") + timedelta(minutes=minutes)

    at = send_at(due, Wishes(from_minute=opens, until_minute=closes), zone)

    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    assert at >= due
    assert at - due < timedelta(days=2, hours=2)
    inside = opens <= minute < closes if opens < closes else not closes <= minute < opens
    assert inside


def test_hours_have_two_ends_that_differ() -> None:
    with pytest.raises(ValueError, match="a begin and an end"):
        Wishes(from_minute=60)
    with pytest.raises(ValueError, match="are none"):
        Wishes(from_minute=60, until_minute=60)


def test_a_reminder_that_would_come_too_late_does_not_come() -> None:
    now, start = utc("2026-06-01T09:00"), utc("2026-06-01T12:00")
    reminder = LetterKind.REMINDER

    assert untimely(reminder, now, now=now, starts_at=start) == ""
    assert untimely(reminder, utc("2026-06-01T11:44"), now=now, starts_at=start) == ""
    assert untimely(reminder, utc("2026-06-01T11:45"), now=now, starts_at=start) == TOO_LATE
    for kind in (LetterKind.CONFIRMATION, LetterKind.MOVED, LetterKind.CANCELLED):
        assert untimely(kind, utc("2026-06-02T11:00"), now=now, starts_at=start) == ""


def test_a_way_in_that_lasts_minutes_does_not_wait_for_hours() -> None:
    now = utc("2026-06-01T09:00")
    late = now + timedelta(minutes=1)

    assert untimely(LetterKind.SIGN_IN, late, now=now, starts_at=None) == OUTSIDE_HOURS
    assert untimely(LetterKind.LINK, late, now=now, starts_at=None) == ""


def test_the_plainest_letter_holds_nothing_but_a_time() -> None:
    full = letter(
        LetterKind.MOVED,
        was_at=utc("2026-06-02T09:00"),
        entry=entry(),
        with_reminder=True,
        paid="€90 on Monday 1 June",
        receipt="4f2a9c1e",
        back="€45",
        nearest=(utc("2026-06-02T09:00"),),
        pick_href="https://practice.example/sessions/session",
    )

    plain = plainest(full)

    assert plain.is_plain
    assert (plain.starts_at, plain.ends_at, plain.zone) == (full.starts_at, full.ends_at, full.zone)
    assert (plain.to_name, plain.to_address) == (full.to_name, full.to_address)
    assert not any(
        (plain.link, plain.links, plain.coach_name, plain.place_lines, plain.join_href, plain.entry)
    )
    assert not any((plain.was_at, plain.with_reminder))
    assert not any((plain.paid, plain.receipt, plain.back, plain.nearest, plain.pick_href))


def test_who_has_said_nothing_yet_is_written_to_as_carefully_as_the_same_mailbox() -> None:
    own = Wishes(reminder_ok=False, called="Addie")

    assert strictest(own, []) == own
    both = strictest(own, [Wishes(mailbox_shared=True), hours("18:00", "20:00")])
    assert both == Wishes(
        reminder_ok=False, mailbox_shared=True, from_minute=1080, until_minute=1200, called="Addie"
    )
    assert strictest(own, [Wishes(letters_ok=False, reminder_ok=True, called="X")]) == Wishes(
        letters_ok=False, reminder_ok=False, called="Addie"
    )


def test_a_minute_of_the_day_is_said_as_a_time() -> None:
    assert [spoken(minute) for minute in (0, 90, 720, 1110)] == [
        "12 midnight",
        "1:30am",
        "12 midday",
        "6:30pm",
    ]
