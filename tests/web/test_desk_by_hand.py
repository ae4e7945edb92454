"""Booking by hand at the desk, and asking why a time is not offered."""

from datetime import timedelta
from typing import Any

import pytest

from practice.domain.booking import ByHand, Who
from practice.domain.refusal import NotFound
from practice.domain.roles import Role, Seat
from practice.domain.span import Span
from practice.models.booking import Booking, BookingPerson
from practice.models.journal import JournalEntry
from practice.models.outbox import OutboxLetter
from practice.usecases.blocking import block
from practice.usecases.by_hand import book_by_hand
from tests.browser import Browser, Page
from tests.fakes import Postbox
from tests.looking import all_of, dump
from tests.makers import (
    at,
    book_for,
    change_offering,
    deliver_all,
    hold_for,
    make_coach,
    make_offering,
    seat_of,
    the_tools,
)
from tests.people import ADA, BEN
from tests.web.conftest import Inside

NEW = "/desk/bookings/new"
CLEO_AT = "cleo@mail.example"


def by_hand(maya: Browser, path: str = NEW, **typed: Any) -> Page:
    wanted: dict[str, Any] = {"name": "Cleo", "email": CLEO_AT, "on": "2026-06-04", "at": "10:00"}
    return maya.press(maya.open(path), "Book it", status=None, **(wanted | typed))


def test_the_coach_books_somebody_and_the_usual_letters_go(
    maya: Browser, inside: Inside, postbox: Postbox
) -> None:
    page = by_hand(maya)

    assert page.h1 == "Cleo"
    assert "The appointment is booked." in page.text
    with inside:
        (booking,) = all_of(Booking)
        assert (booking.starts_at, booking.status) == (at("Thu 10:00"), "confirmed")
        assert (booking.made_by, booking.offering_name) == ("coach", "Free 30-minute chat")
        told = all_of(JournalEntry, JournalEntry.booking_id == booking.id)
        assert [(row.happening, row.actor) for row in told] == [("BOOKED", "coach")]
        deliver_all()
    assert len(postbox.to(CLEO_AT)) == 1


def test_a_file_leads_to_the_form_filled_in_and_somebody_else_s_client_to_nothing(
    maya: Browser, inside: Inside
) -> None:
    with inside:
        booking = book_for(ADA, at=at("Tue 10:00"))
        (person,) = all_of(BookingPerson, BookingPerson.booking_id == booking.id)
        client_id = person.client_id
    page = maya.open(maya.open(f"/desk/clients/{client_id}").links["Add by hand"])

    assert f'value="{ADA.email}"' in page.source
    assert maya.open(f"{NEW}?client=999", status=404)


def test_what_is_missing_is_told_of_the_person_who_comes(maya: Browser) -> None:
    page = by_hand(maya, name="", email="")

    assert page.status == 422
    assert "Enter the name of this person." in page.text
    assert "Enter the email address of this person." in page.text


def test_without_the_ticks_no_letter_goes_to_the_client(maya: Browser, inside: Inside) -> None:
    page = by_hand(maya, confirms=None, reminds=None)

    assert "No confirmation goes out." in page.text
    with inside:
        assert {row.kind for row in all_of(OutboxLetter)} == {"coach_booked", "coach_reminder"}


def test_outside_of_the_hours_it_is_shown_first_and_booked_by_a_second_press(
    maya: Browser, inside: Inside
) -> None:
    with inside:
        change_offering(daily_cap=1, notice_minutes=7 * 24 * 60)
        book_for(ADA, at=at("Wed 10:00", week=1))
    page = by_hand(maya, at="20:00")

    assert page.status == 409
    assert "On Thursdays your hours are 9am to 5pm." in page.text
    assert "It can be booked until 7 days before it starts, and that is over." in page.text
    with inside:
        assert len(all_of(Booking)) == 1
    # Another time has other warnings: those have to be seen as well.
    again = "Book it all the same"
    other = maya.press(page, again, on="2026-06-10", at="20:00", status=None)
    assert other.status == 409
    assert "There may be 1 a day, and that day has as many." in other.text
    page = maya.press(other, again)
    assert page.h1 == "Cleo"
    with inside:
        assert at("Wed 20:00", week=1) in {row.starts_at for row in all_of(Booking)}


@pytest.mark.parametrize("whose", ["booking", "hold"])
def test_never_over_another_booking_or_hold_and_the_nearest_are_offered(
    maya: Browser, inside: Inside, whose: str
) -> None:
    with inside:
        (book_for if whose == "booking" else hold_for)(ADA, at=at("Thu 10:00"))
    page = by_hand(maya, at="10:15")

    assert page.status == 409
    assert "Nothing was booked." in page.text
    near = [time for form in page.forms for time in form.choices("t")][:3]
    assert len(near) == 3
    with inside:
        assert len(all_of(Booking)) == 1


def test_one_press_on_an_open_time_books_it(maya: Browser, inside: Inside) -> None:
    page = maya.open(NEW)
    (form,) = (form for form in page.forms if form.choices("t"))
    first = form.choices("t")[0]
    page = by_hand(maya, t=first, on="", at="")

    assert page.h1 == "Cleo"
    with inside:
        (booking,) = all_of(Booking)
        assert f"{booking.starts_at:%Y-%m-%dT%H:%M:%SZ}" == first


def test_what_is_paid_elsewhere_is_booked_and_nothing_is_charged(
    maya: Browser, inside: Inside
) -> None:
    with inside:
        made = make_offering(price_minor=9000)
    asked = maya.open(f"{NEW}?offering={made}")
    assert "nothing is charged here" in asked.text
    page = by_hand(maya, f"{NEW}?offering={made}")

    assert page.h1 == "Cleo"
    with inside:
        assert [(row.status, row.price_minor) for row in all_of(Booking)] == [("confirmed", 9000)]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Enter the name"),
        ({"email": "cleo at"}, "Enter an email address"),
        ({"on": "tomorrow"}, "Enter a date"),
        ({"at": "25:00"}, "Enter a time"),
        ({"on": "2026-05-04"}, "still to come"),
        ({"who": "crowd"}, "Please choose one of these"),
        ({"knows": "<b>"}, "Please open this page again"),
    ],
)
def test_what_cannot_be_used_is_said_beside_it_and_the_rest_is_kept(
    maya: Browser, inside: Inside, wrong: dict[str, str], sentence: str
) -> None:
    page = by_hand(maya, **wrong)

    assert page.status == 422
    assert sentence in page.errors
    with inside:
        assert all_of(Booking) == []


def wanted(**other: object) -> ByHand:
    fields = {
        "offering_id": 1,
        "starts_at": at("Thu 10:00"),
        "who": Who.ME,
        "name": "Cleo",
        "email": CLEO_AT,
        "confirms": True,
        "reminds": True,
        "key": "ab" * 16,
    }
    return ByHand(**(fields | other))  # type: ignore[arg-type]


def test_pressed_twice_it_is_booked_once(inside: Inside, coach: int) -> None:
    seat = Seat(1, Role.ASSISTANT, coach)
    with inside:
        first = book_by_hand(seat, wanted(), tools=the_tools())
        assert book_by_hand(seat, wanted(), tools=the_tools()) == first
        assert len(all_of(BookingPerson)) == 1


def test_one_who_was_here_before_keeps_the_own_clock(inside: Inside, coach: int) -> None:
    with inside:
        book_for(BEN, at=at("Tue 10:00"), zone="America/New_York")
        made = book_by_hand(Seat(1, Role.OWNER, coach), wanted(email=BEN.email), tools=the_tools())
        assert {row.zone for row in all_of(BookingPerson, BookingPerson.booking_id == made)} == {
            "America/New_York"
        }


def test_what_another_coach_offers_is_not_to_be_had(
    maya: Browser, inside: Inside, coach: int
) -> None:
    with inside:
        noor = make_coach()
        theirs = make_offering("theirs", coaches=[noor])
        with pytest.raises(NotFound):
            book_by_hand(Seat(1, Role.OWNER, coach), wanted(offering_id=theirs), tools=the_tools())
    maya.open(f"{NEW}?offering={theirs}", status=404)
    maya.open(f"/desk/why-not?offering={theirs}&on=2026-06-04&at=10:00", status=422)


# Why is this time not offered?


REASONS = [
    ("2026-06-04", "09:00", "It is offered"),
    ("2026-06-04", "08:00", "On Thursdays your hours are 9am to 5pm."),
    ("2026-06-06", "10:00", "On Saturdays you have no hours."),
    ("2026-06-04", "10:00", "Ada is booked Thursday 4 June, 10 to 10:30am."),
    ("2026-06-04", "10:10", "There is a start every 30 minutes"),
    ("2026-06-04", "11:00", "Somebody is booking Thursday 4 June, 11 to 11:30am"),
    ("2026-06-04", "14:00", "You blocked Thursday 4 June, 2 to 3pm (Dentist)."),
    ("2026-06-01", "09:00", "This time is over."),
    ("2027-03-28", "01:30", "The clock skips 1:30am"),
]


def test_why_not_is_told_in_a_sentence_and_changes_nothing(maya: Browser, inside: Inside) -> None:
    with inside:
        book_for(ADA, at=at("Thu 10:00"))
        hold_for(BEN, at=at("Thu 11:00"))
        two = at("Thu 14:00")
        block(
            seat_of(),
            Span(two, two + timedelta(hours=1)),
            "Dentist",
            around=False,
            tools=the_tools(),
        )
        before = dump()
    for on, clock_time, sentence in REASONS:
        page = maya.open(f"/desk/why-not?offering=1&on={on}&at={clock_time}")
        assert sentence in page.text, (on, clock_time)
    with inside:
        assert dump() == before


def test_hidden_names_stay_hidden_in_the_answer(maya: Browser, inside: Inside) -> None:
    with inside:
        book_for(ADA, at=at("Thu 10:00"))
    page = maya.open("/desk/why-not?offering=1&on=2026-06-04&at=10:00&names=hidden")

    assert "A. is booked" in page.text
    assert "Ada" not in page.text
    assert all("names=hidden" in href for href in page.links.values() if "/desk/bookings/" in href)


def test_an_unusable_moment_is_said_so(maya: Browser) -> None:
    page = maya.open("/desk/why-not?offering=1&on=soon&at=", status=422)

    assert "Enter a date" in page.errors
