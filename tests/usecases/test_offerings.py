import re
from dataclasses import replace
from typing import Any

import pytest

from practice.domain.offering import Audience, Draft, Place, PlaceKind, Questions
from practice.domain.offering import Offering as Terms
from practice.domain.refusal import Invalid, NotFound, TimeTaken
from practice.domain.roles import Role, Seat
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.journal import Happening, JournalEntry
from practice.models.offering import Offering
from practice.models.unit import unit_of_work
from practice.queries.desk_offerings import coach_choices, offering_page, offerings_page
from practice.usecases.offerings import (
    add_offering,
    archive_offering,
    change_offering,
    move_up,
    restore_offering,
)
from tests.fakes import NOW
from tests.looking import all_of
from tests.makers import at, book_for, hold_for, make_coach, make_offering, the_tools

OWNER = Seat(1, Role.OWNER, 1)
COACH = Seat(2, Role.COACH, 1)


def draft(name: str = "Long talk", **others: Any) -> Draft:
    terms = Terms(length_minutes=90, step_minutes=15, horizon_days=30)
    return replace(Draft(name, "", terms, None, is_shown=True), **others)


def add(wanted: Draft) -> Offering:
    made = add_offering(OWNER, wanted, tools=the_tools())
    db.session.remove()
    return one(made)


def change(offering_id: int, wanted: Draft) -> Offering:
    change_offering(OWNER, offering_id, wanted, tools=the_tools())
    db.session.remove()
    return one(offering_id)


def one(offering_id: int) -> Offering:
    return next(row for row in all_of(Offering) if row.id == offering_id)


def test_a_new_offering_stands_last_and_can_be_booked() -> None:
    made = add(draft(place=Place(PlaceKind.PHONE, "I call you")))

    assert [row.name for row in offerings_page(OWNER).rows] == ["Free 30-minute chat", "Long talk"]
    book_for(at=at("Tue 10:15"), offering=made.slug)
    (booking,) = all_of(Booking)
    assert (booking.place_kind, booking.place_detail) == ("phone", "I call you")
    assert Happening.OFFERING_CHANGED.name in {row.happening for row in all_of(JournalEntry)}


def test_every_term_is_kept() -> None:
    terms = Terms(45, 20, 5, 10, 120, None, 3, 9, 60, 1440, Audience.COUPLE)

    made = add(
        draft(
            terms=terms,
            about="About it",
            questions=Questions.SHORT,
            intake_cutoff_minutes=90,
        )
    )

    assert made.terms() == terms
    assert made.about == "About it"
    assert (made.questionnaire, made.intake_cutoff_minutes) == ("short", 90)


def test_the_slug_comes_from_the_name_once_and_is_unique() -> None:
    first, second = add(draft()), add(draft())

    assert (first.slug, second.slug) == ("long-talk", "long-talk-2")
    assert change(first.id, draft("Another name")).slug == "long-talk"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Couples therapy session", "session"),
        ("Relationship coaching", "session"),
        ("Разговор", "session"),
        ("x" * 200, "x" * 48),
    ],
)
def test_nothing_revealing_stands_in_the_address(name: str, slug: str) -> None:
    assert add(draft(name)).slug == slug


def test_a_secret_offering_has_a_link_that_nobody_guesses() -> None:
    one_secret, other = add(draft(is_shown=False)), add(draft(is_shown=False))

    assert re.fullmatch(r"long-talk-[0-9a-f]{20}", one_secret.slug)
    assert one_secret.slug != other.slug


def test_becoming_secret_changes_the_link_and_staying_so_does_not() -> None:
    made = add(draft())

    secret = change(made.id, draft(is_shown=False)).slug

    assert secret != made.slug
    assert change(made.id, draft("New name", is_shown=False)).slug == secret
    with pytest.raises(NotFound):
        hold_for(at=at("Tue 10:00"), offering=made.slug)


def test_a_booking_keeps_the_terms_it_was_made_on() -> None:
    made = add(draft(terms=Terms(60, 30, 0, 15, cancel_cutoff_minutes=60)))
    booked = book_for(at=at("Tue 10:00"), offering=made.slug)

    change(made.id, draft("Short", terms=Terms(30, 30, 0, 0, cancel_cutoff_minutes=2880)))

    booking = next(row for row in all_of(Booking) if row.id == booked.id)
    assert booking.offering_name == "Long talk"
    assert booking.buffer_after_minutes == 15
    assert booking.cancel_cutoff_minutes == 60
    assert booking.ends_at == at("Tue 11:00")


def test_an_archived_offering_is_offered_no_more_until_it_is_restored() -> None:
    made = add(draft())
    book_for(at=at("Tue 10:00"), offering=made.slug)

    archive_offering(OWNER, made.id, tools=the_tools())
    db.session.remove()

    assert [row.name for row in offerings_page(OWNER).archived] == ["Long talk"]
    assert all_of(Booking)[0].status == "confirmed"
    with pytest.raises(NotFound):
        hold_for(at=at("Wed 10:00"), offering=made.slug, browser="another")

    restore_offering(OWNER, made.id, tools=the_tools())
    db.session.remove()
    hold_for(at=at("Wed 10:00"), offering=made.slug, browser="another")


def test_moving_up_makes_another_one_first() -> None:
    made = add(draft())

    move_up(OWNER, made.id, tools=the_tools())
    db.session.remove()

    assert [row.name for row in offerings_page(OWNER).rows] == ["Long talk", "Free 30-minute chat"]
    with pytest.raises(TimeTaken):
        hold_for(at=at("Tue 16:00"))  # 90 minutes do not fit before 5


def test_what_clients_see_is_the_next_five_starts() -> None:
    page = offering_page(OWNER, 1, now=NOW)

    assert page.seen is not None
    assert page.seen.starts == (
        "Tuesday 2 June, 9am",
        "Tuesday 2 June, 9:30am",
        "Tuesday 2 June, 10am",
        "Tuesday 2 June, 10:30am",
        "Tuesday 2 June, 11am",
    )


def test_another_coachs_offering_is_not_found() -> None:
    other = make_offering("hers", coaches=(make_coach(),))

    with pytest.raises(NotFound):
        offering_page(COACH, other, now=NOW)
    with pytest.raises(NotFound):
        change_offering(COACH, other, draft(), tools=the_tools())
    with pytest.raises(NotFound):
        archive_offering(COACH, other, tools=the_tools())


def test_the_owner_says_who_offers_what_and_everybody_who_does_may_change_it() -> None:
    noor, sam = make_coach(), make_coach(name="Sam Okafor")
    made = add_offering(OWNER, draft(), offered_by=[noor, 1], tools=the_tools())
    db.session.remove()
    hers, his = Seat(2, Role.COACH, noor), Seat(3, Role.COACH, sam)

    change_offering(hers, made, draft("Longer talk"), tools=the_tools())
    db.session.remove()

    assert one(made).name == "Longer talk"
    assert offering_page(OWNER, made, now=NOW).coach_ids == (1, noor)
    assert [row.whom for row in offerings_page(hers).rows] == [
        "With the first of us who is free: Maya Ellis or Noor Haddad"
    ]
    with pytest.raises(NotFound):
        change_offering(his, made, draft(), tools=the_tools())
    with pytest.raises(NotFound):  # who else offers it is not hers to say
        change_offering(hers, made, draft(), offered_by=[noor], tools=the_tools())
    with pytest.raises(NotFound):
        change_offering(Seat(4, Role.ASSISTANT, 1), made, draft(), tools=the_tools())
    assert (coach_choices(hers), len(coach_choices(OWNER))) == ((), 3)


def test_the_owner_changes_what_she_does_not_offer_herself_but_not_from_anothers_diary() -> None:
    noor = make_coach()
    other = make_offering("hers", coaches=(noor,))

    change_offering(OWNER, other, draft("By Noor"), offered_by=[noor], tools=the_tools())
    db.session.remove()

    assert "By Noor" in [row.name for row in offerings_page(OWNER).rows]
    with pytest.raises(NotFound):
        change_offering(
            replace(OWNER, coach_id=noor, is_own=False), other, draft(), tools=the_tools()
        )


def test_nobody_is_left_out_by_mistake_and_who_has_left_stays_with_what_she_offered() -> None:
    noor = make_coach(is_active=False)
    other = make_offering("hers", coaches=(1, noor))

    for nobody in ([], [noor], [99]):
        with pytest.raises(Invalid):
            change_offering(OWNER, other, draft(), offered_by=nobody, tools=the_tools())
    change_offering(OWNER, other, draft(), offered_by=[1], tools=the_tools())
    db.session.remove()

    with unit_of_work() as session:
        assert [coach.id for coach in session.get_one(Offering, other).coaches] == [1, noor]


def test_moving_up_changes_places_with_the_own_one_before_and_leaves_others_in_place() -> None:
    noor = make_coach()
    for number, (slug, coach) in enumerate((("a", noor), ("b", 1), ("c", noor)), start=1):
        make_offering(slug, position=number, coaches=(coach,))
    third = next(row.id for row in all_of(Offering) if row.slug == "c")

    move_up(Seat(2, Role.COACH, noor), third, tools=the_tools())
    move_up(Seat(2, Role.COACH, noor), third, tools=the_tools())  # it is her first by now
    db.session.remove()

    order = sorted(all_of(Offering), key=lambda row: row.position)
    assert [row.slug for row in order] == ["free-chat", "c", "b", "a"]
