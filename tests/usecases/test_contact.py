"""Safe contact: every letter obeys what its reader wished, also one that waits already."""

from datetime import timedelta
from typing import Any

import pytest

from practice.domain.booking import Actor, Status
from practice.domain.contact import (
    HELD_BACK,
    MAILBOX_SHARED,
    NO_LETTERS,
    NO_REMINDER,
    OUTSIDE_HOURS,
    TOO_LATE,
    Wishes,
    opens_the_way,
)
from practice.domain.letters import LetterKind
from practice.domain.refusal import NotFound, TooMany
from practice.models.base import db
from practice.models.booking import Booking, BookingPerson
from practice.models.journal import JournalEntry
from practice.models.outbox import About, OutboxLetter, write_letter
from practice.models.unit import unit_of_work
from practice.ports import Post
from practice.queries.desk_booking import booking_page, cancel_page, move_page
from practice.queries.desk_letters import letter_page
from practice.usecases.contact import set_contact
from practice.usecases.links import send_again
from tests.fakes import FrozenClock, Postbox, body, opened
from tests.looking import all_of, letters
from tests.makers import (
    Booked,
    at,
    book_for,
    cancel_for,
    deliver_all,
    hold_for,
    move_for,
    seat_of,
    the_tools,
)
from tests.people import ADA, MAYA

CLIENT_KINDS = [
    kind for kind in LetterKind if not kind.for_coach and kind is not LetterKind.INVITATION
]
TIMED = [kind for kind in CLIENT_KINDS if kind.names_a_time]
EVENING = {"from_minute": 18 * 60, "until_minute": 20 * 60}


def wish(booking: Booked, **wishes: Any) -> None:
    set_contact(booking.token, Wishes(**wishes), tools=the_tools())
    db.session.remove()


def bring_about(kind: LetterKind, ada: Booked, clock: FrozenClock) -> None:
    """Have a letter of this kind to Ada wait, and all before it gone."""
    if kind is LetterKind.CONFIRMATION:
        return
    deliver_all()
    if kind is LetterKind.REMINDER:
        clock.at = at("Wed 10:00")
    elif kind is LetterKind.MOVED:
        move_for(ada, to=at("Fri 10:00"))
    elif kind is LetterKind.CANCELLED:
        cancel_for(ada)
    elif kind is LetterKind.LINK:
        send_again(ADA.email, "caller", tools=the_tools())
    else:
        with unit_of_work() as session:
            about = About(person_id=ada.person_id, booking_id=ada.id)
            write_letter(session, kind, f"raw:{ada.id}", about, due_at=clock.now(), now=clock.now())
            if kind in {LetterKind.TOO_LATE, LetterKind.PAYMENT_FAILED}:
                session.get_one(Booking, ada.id).status = Status.EXPIRED
    db.session.remove()


def outcome(kind: LetterKind, postbox: Postbox) -> tuple[OutboxLetter, list[Post]]:
    """What became of the letter of this kind to Ada."""
    before = len(postbox.to(ADA.email))
    deliver_all()
    mine = [row for row in letters(kind=kind) if row.coach_id is None]
    return mine[-1], postbox.to(ADA.email)[before:]


@pytest.mark.parametrize("kind", CLIENT_KINDS)
def test_who_wants_no_letters_gets_none(
    kind: LetterKind, clock: FrozenClock, postbox: Postbox
) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    bring_about(kind, ada, clock)
    wish(ada, letters_ok=False)

    row, posts = outcome(kind, postbox)

    assert posts == []
    assert (row.state, row.why) == ("dropped", NO_LETTERS)


@pytest.mark.parametrize("kind", CLIENT_KINDS)
def test_a_mailbox_that_others_read_gets_a_time_and_nothing_else(
    kind: LetterKind, clock: FrozenClock, postbox: Postbox
) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"), invite=True)
    bring_about(kind, ada, clock)
    wish(ada, mailbox_shared=True)

    row, posts = outcome(kind, postbox)

    if opens_the_way(kind):
        assert posts == []
        assert (row.state, row.why) == ("dropped", MAILBOX_SHARED)
        return
    (post,) = posts
    assert {part.get_content_type() for part in opened(post).walk()} == {
        "multipart/alternative",
        "text/plain",
        "text/html",
    }
    for text in (body(post), body(post, "html")):
        assert "10 to 10:30am" in text
        assert "London time (BST, UTC+1)" in text
        for secret in ("http", "meet.example", "Maya", "Ellis", "Video", ada.token, "/a/"):
            assert secret not in text, secret


@pytest.mark.parametrize("kind", TIMED)
def test_who_wants_no_reminder_gets_all_but_that(
    kind: LetterKind, clock: FrozenClock, postbox: Postbox
) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    bring_about(kind, ada, clock)
    wish(ada, reminder_ok=False)

    row, posts = outcome(kind, postbox)

    if kind is LetterKind.REMINDER:
        assert posts == []
        assert (row.state, row.why) == ("dropped", NO_REMINDER)
    else:
        assert (row.state, len(posts)) == ("sent", 1)


@pytest.mark.parametrize("kind", CLIENT_KINDS)
def test_a_letter_waits_for_the_hours_and_that_is_no_try(
    kind: LetterKind, clock: FrozenClock, postbox: Postbox
) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    bring_about(kind, ada, clock)
    wish(ada, **EVENING)

    row, posts = outcome(kind, postbox)

    assert posts == []
    if not (kind.names_a_time or kind is LetterKind.LINK):
        assert (row.state, row.why) == ("dropped", OUTSIDE_HOURS)
        return
    day = "Wed" if kind is LetterKind.REMINDER else "Mon"
    assert (row.state, row.why, row.attempts) == ("waiting", HELD_BACK, 0)
    assert row.due_at == at(f"{day} 18:00")
    clock.at = at(f"{day} 18:00") - timedelta(seconds=1)
    assert outcome(kind, postbox)[1] == []
    clock.at = at(f"{day} 18:00")
    row, posts = outcome(kind, postbox)
    assert (row.state, row.why, len(posts)) == ("sent", "", 1)


@pytest.mark.parametrize("kind", CLIENT_KINDS)
def test_letters_greet_with_the_name_to_use(
    kind: LetterKind, clock: FrozenClock, postbox: Postbox
) -> None:
    if not (kind.names_a_time or kind is LetterKind.LINK):
        pytest.skip("a sign-in link is asked for only where something was written")
    ada = book_for(ADA, at=at("Thu 10:00"), invite=True)
    bring_about(kind, ada, clock)
    wish(ada, called="Addie")

    _, (post,) = outcome(kind, postbox)

    assert "Hello Addie,\n" in body(post)
    assert "Hello Addie," in body(post, "html")
    assert opened(post)["To"].addresses[0].display_name == "Addie"


def test_a_reminder_for_which_the_hours_come_too_late_is_dropped(
    clock: FrozenClock, postbox: Postbox
) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    deliver_all()
    wish(ada, from_minute=9 * 60 + 45, until_minute=9 * 60 + 55)
    clock.at = at("Wed 10:00")

    row, posts = outcome(LetterKind.REMINDER, postbox)

    assert posts == []
    assert (row.state, row.why) == ("dropped", TOO_LATE)


def test_hours_hold_through_a_change_of_clocks(clock: FrozenClock, postbox: Postbox) -> None:
    clock.at = at("Sat 22:00", week=20)  # 24 October; the clock goes back in the night
    ada = book_for(ADA, at=at("Thu 10:00", week=21) + timedelta(hours=1))
    wish(ada, **EVENING)
    deliver_all()

    (row,) = letters(kind="confirmation")

    assert row.due_at == at("Sun 18:00", week=20) + timedelta(hours=1)


def test_what_waits_for_hours_goes_when_they_are_taken_back(
    clock: FrozenClock, postbox: Postbox
) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    wish(ada, **EVENING)
    deliver_all()
    assert postbox.to(ADA.email) == []

    wish(ada)
    deliver_all()

    assert postbox.to(ADA.email)[0].subject == "Your appointment on Thursday 4 June"
    assert {row.state for row in letters(kind="reminder")} == {"waiting"}


def test_a_reminder_that_was_declined_can_still_be_asked_for(
    clock: FrozenClock, postbox: Postbox
) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"), reminder=False)
    wish(ada)
    wish(ada)
    deliver_all()

    assert len(letters(kind="reminder")) == 1
    clock.at = at("Wed 10:00")
    assert len(outcome(LetterKind.REMINDER, postbox)[1]) == 1


def test_wishes_outlast_a_move_and_a_cancellation(clock: FrozenClock, postbox: Postbox) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    wish(ada, letters_ok=False)
    move_for(ada, to=at("Fri 10:00"))
    cancel_for(ada, by=Actor.COACH)
    clock.at = at("Fri 09:00")
    deliver_all()

    assert postbox.to(ADA.email) == []
    assert postbox.to(MAYA.email) != []


def test_a_second_booking_keeps_to_what_was_said_of_the_mailbox(
    clock: FrozenClock, postbox: Postbox
) -> None:
    wish(book_for(ADA, at=at("Thu 10:00")), mailbox_shared=True, called="Addie")
    deliver_all()
    before = len(postbox.posts)

    again = book_for(ADA, at=at("Fri 10:00"))
    deliver_all()

    (post,) = [one for one in postbox.posts[before:] if one.to_address == ADA.email]
    assert again.token not in body(post)
    assert "Hello Ada,\n" in body(post)


@pytest.mark.parametrize("kind", sorted(filter(opens_the_way, CLIENT_KINDS)))
def test_a_mailbox_that_others_once_read_gets_no_way_in_whatever_is_said_later(
    kind: LetterKind, clock: FrozenClock, postbox: Postbox
) -> None:
    # Whoever holds the link may say that nobody else reads it, and then read the letter there.
    ada = book_for(ADA, at=at("Thu 10:00"))
    wish(ada, mailbox_shared=True)
    again = book_for(ADA, at=at("Fri 10:00"))
    for booking in (ada, again):
        wish(booking)
    for booking in (ada, again):
        bring_about(kind, booking, clock)
        row, posts = outcome(kind, postbox)
        assert posts == []
        assert (row.state, row.why) == ("dropped", MAILBOX_SHARED)
        db.session.remove()
        clock.advance(hours=1)


def test_the_coach_is_told_that_others_could_read_the_mailbox_once(clock: FrozenClock) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    wish(ada, mailbox_shared=True)
    wish(ada)

    (line,) = booking_page(seat_of(), ada.id, tools=the_tools()).people[0].reach

    assert line.startswith("Others could read this mailbox once.")


def test_the_desk_says_what_was_withheld_and_why(clock: FrozenClock) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    wish(ada, letters_ok=False, called="Addie", **EVENING)
    deliver_all()

    page = booking_page(seat_of(), ada.id, tools=the_tools())
    line = next(one for one in page.letters if one.kind == "Confirmation" and one.to == "Ada")

    assert line.state == NO_LETTERS
    assert letter_page(seat_of(), line.id, tools=the_tools()).silence == NO_LETTERS
    assert page.people[0].reach == (
        "Name to use: Addie.",
        "No letters, please. None goes out.",
        "Letters from 6pm to 8pm only, London time (BST, UTC+1).",
    )
    told = next(one for one in page.timeline if "wishes for letters" in one.sentence)
    assert told.who == "Ada"


def test_the_coach_is_warned_where_no_letter_will_go(clock: FrozenClock) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    assert cancel_page(seat_of(), ada.id, tools=the_tools()).told == "Ada"
    wish(ada, letters_ok=False)

    for page in (cancel_page, move_page):
        shown = page(seat_of(), ada.id, tools=the_tools())
        assert shown.silences == ("No letter goes to Ada: asked for none.",)
        assert (shown.words, shown.told) == (None, "")


def test_the_coach_is_told_until_when_a_letter_would_wait(clock: FrozenClock) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    wish(ada, **EVENING)

    page = cancel_page(seat_of(), ada.id, tools=the_tools())
    assert page.told == "Ada"
    assert page.silences == (
        "The letter to Ada waits until Monday 1 June, 6pm, for the hours asked for.",
    )
    clock.at = at("Mon 18:00")
    assert cancel_page(seat_of(), ada.id, tools=the_tools()).silences == ()


def test_the_preview_at_the_desk_is_as_plain_as_the_letter(clock: FrozenClock) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    wish(ada, mailbox_shared=True)

    words = cancel_page(seat_of(), ada.id, tools=the_tools()).words

    assert words is not None
    assert "does not take place" in words.text
    assert "Maya" not in words.text


def test_setting_wishes_is_journalled_without_what_they_are() -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))

    wish(ada, letters_ok=False)

    entry = all_of(JournalEntry)[-1]
    assert (entry.happening, entry.booking_id, entry.person_id) == (
        "CONTACT_SET",
        ada.id,
        ada.person_id,
    )
    (person,) = all_of(BookingPerson)
    assert person.contact_set_at is not None
    assert not person.letters_ok


def test_only_an_appointment_link_sets_wishes() -> None:
    hold = hold_for(ADA, at=at("Thu 10:00"))

    for token in (hold, "mistyped", ""):
        with pytest.raises(NotFound):
            set_contact(token, Wishes(), tools=the_tools())


def test_wishes_are_changed_twenty_times_and_then_wait() -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    for _ in range(20):
        wish(ada)

    with pytest.raises(TooMany):
        wish(ada)
