from datetime import timedelta

import pytest

from practice.domain.offering import Place, PlaceKind
from practice.domain.refusal import NotFound
from practice.domain.roles import Role, Seat
from practice.domain.words import (
    BeforeWords,
    ClockWish,
    CoachWords,
    FrontWords,
    HelpWords,
    LetterWish,
    OutsideWords,
    PlaceWish,
    PrivacyWords,
    SafetyWords,
    Words,
)
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.coach import Coach
from practice.models.journal import Happening, JournalEntry
from practice.models.practice import Practice
from practice.queries.checklist import checklist, is_fresh, steps_left
from practice.queries.desk_hours import stranded
from practice.queries.house import house
from practice.queries.photo import photo
from practice.usecases.words import change_words, put_off, remove_photo, set_photo, take_up
from tests.fakes import NOW
from tests.looking import all_of
from tests.makers import at, book_for, make_coach, the_tools

OWNER = Seat(1, Role.OWNER, 1)


def change(words: Words) -> None:
    change_words(OWNER, words, tools=the_tools())
    db.session.remove()


def test_every_kind_of_words_is_kept_where_it_belongs() -> None:
    for words in (
        FrontWords("Quiet Room", "Come in", "There is tea."),
        CoachWords("Maya E.", "In her fifteenth year."),
        ClockWish("Asia/Kathmandu"),
        PlaceWish(Place(PlaceKind.ADDRESS, "1 Long Lane\nLondon")),
        PrivacyWords("We keep little."),
        HelpWords("Emergency: 112"),
        BeforeWords("https://news.example/", "Kept apart.", 6),
        SafetyWords("Dr Ruth Hale", ("hurt", "afraid")),
        OutsideWords("Maya", "hello@lantern.example", "Appointment"),
        LetterWish("maya@other.example", wants_reminders=False),
    ):
        change(words)

    (practice,), (coach,) = all_of(Practice), all_of(Coach)
    assert (practice.name, practice.headline, practice.lead) == (
        "Quiet Room",
        "Come in",
        "There is tea.",
    )
    assert (practice.privacy_text, practice.help_lines) == ("We keep little.", "Emergency: 112")
    assert (practice.leave_href, practice.secrets_text, practice.keep_answers_months) == (
        "https://news.example/",
        "Kept apart.",
        6,
    )
    assert practice.safety_approved_by == "Dr Ruth Hale"
    assert practice.safety_extras == ["afraid", "hurt"]
    assert (coach.name, coach.about, coach.zone) == (
        "Maya E.",
        "In her fifteenth year.",
        "Asia/Kathmandu",
    )
    assert coach.place == Place(PlaceKind.ADDRESS, "1 Long Lane\nLondon")
    assert (coach.address, coach.wants_reminders) == ("maya@other.example", False)
    seen = house()
    assert (seen.sender_name, seen.sender_address, seen.calendar_title) == (
        "Maya",
        "hello@lantern.example",
        "Appointment",
    )
    told = [row.happening for row in all_of(JournalEntry)]
    assert told.count(Happening.WORDS_CHANGED.name) == 10


def test_another_zone_keeps_the_hours_on_the_clock_and_the_bookings_where_they_are() -> None:
    book_for(at=at("Tue 10:00"))

    change(ClockWish("America/New_York"))

    (booking,) = all_of(Booking)
    assert booking.starts_at == at("Tue 10:00")
    assert [row.when for row in stranded(OWNER, now=NOW)] == ["Tuesday 2 June, 5 to 5:30am"]
    book_for(at=at("Tue 14:00") + timedelta(days=1))  # 9am in New York


def test_a_photo_is_shown_until_it_is_removed() -> None:
    set_photo(OWNER, b"picture", "image/webp", tools=the_tools())
    db.session.remove()
    shown = photo()
    assert shown is not None
    assert (shown.content, shown.kind) == (b"picture", "image/webp")

    remove_photo(OWNER, tools=the_tools())
    db.session.remove()

    assert photo() is None
    assert not house().has_photo


def test_the_checklist_counts_what_is_neither_done_nor_put_off() -> None:
    states = {step.key: step.state for step in checklist(OWNER).steps}
    assert states == {
        "front": "Done",
        "photo": "To do",
        "coach": "To do",
        "zone": "Done",
        "place": "Done",
        "hours": "To do",
        "privacy": "To do",
        "help": "To do",
        "before": "To do",
        "safety": "To do",
        "outside": "To do",
    }
    assert steps_left(OWNER) == 8

    change(CoachWords("Maya Ellis", "Hello"))
    put_off(OWNER, ["photo", "coach"])
    db.session.remove()

    assert steps_left(OWNER) == 6
    states = {step.key: step.state for step in checklist(OWNER).steps}
    assert (states["photo"], states["coach"]) == ("Put off", "Done")

    take_up(OWNER, ["photo"])
    db.session.remove()
    assert steps_left(OWNER) == 7


@pytest.mark.parametrize("first", ["words", "put off"])
def test_a_practice_is_fresh_until_something_is_set_or_put_off(first: str) -> None:
    assert is_fresh(OWNER)

    if first == "words":
        change(HelpWords("Emergency: 112"))
    else:
        put_off(OWNER, ["photo"])
        db.session.remove()

    assert not is_fresh(OWNER)


def test_a_coach_sets_her_own_words_and_not_those_of_the_practice() -> None:
    noor = Seat(2, Role.COACH, make_coach())

    change_words(noor, CoachWords("Noor Haddad", "With colours."), tools=the_tools())
    set_photo(noor, b"noor", "image/webp", tools=the_tools())
    db.session.remove()

    for words in (FrontWords("Mine now", "", ""), HelpWords(""), SafetyWords("Me", ())):
        with pytest.raises(NotFound):
            change_words(noor, words, tools=the_tools())
    with pytest.raises(NotFound):
        put_off(noor, ["help"])
    assert all_of(Practice)[0].name == "Lantern"
    assert [step.key for step in checklist(noor).steps] == [
        "photo", "coach", "zone", "place", "hours",
    ]  # fmt: skip
    hers = photo("noor-haddad")
    assert hers is not None
    assert hers.content == b"noor"
    assert photo() is None
