"""From the front page to the private link, as a client's browser goes."""

import re
from typing import Any

import pytest
from flask import Flask

from practice.models.booking import Booking, BookingPerson
from tests.browser import Browser, Page
from tests.fakes import FrozenClock, Postbox
from tests.looking import all_of, the_booking
from tests.makers import (
    at,
    book_for,
    booked,
    change_offering,
    deliver_all,
    give_hours,
    hold_for,
    make_offering,
)
from tests.people import ADA, BEN
from tests.web.conftest import Inside

TUESDAY_TEN = "2026-06-02T09:00:00Z"


def details_of(browser: Browser, t: str = TUESDAY_TEN, **picked: Any) -> Page:
    return browser.press(browser.open("/"), t, **picked)


def book(browser: Browser, t: str = TUESDAY_TEN, **typed: Any) -> Page:
    page = details_of(browser, t)
    return browser.press(page, form="name", **({"name": "Ada", "email": ADA.email} | typed))


def token_of(page: Page) -> str:
    found = re.fullmatch(r"/a/([\w-]{22})", page.path.partition("?")[0])
    assert found, page.path
    return found[1]


def test_the_front_page_is_one_form_of_who_day_and_time(browser: Browser) -> None:
    page = browser.open("/")

    (form,) = page.forms
    assert (form.method, form.action) == ("post", "/book/hold")
    assert {"who", "d", "t"} <= form.names
    assert form.value("who") == "me"
    assert form.choices("who") == ["me", "both"]
    assert len(form.choices("d")) == 10
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00Z", t) for t in form.choices("t"))
    assert "London time (BST, UTC+1)" in page.text


def test_the_front_page_leads_to_what_else_is_shown_and_not_to_the_secret(
    browser: Browser, inside: Inside
) -> None:
    with inside:
        make_offering("long-talk", name="Long talk", is_shown=True)
        make_offering("hidden", name="Hidden", is_shown=False)

    page = browser.open("/")
    all_of_them = browser.open(page.links["Sessions and prices"])
    other = browser.open(all_of_them.links["See times for Long talk"])

    assert "Hidden" not in all_of_them.text
    assert (other.h1, other.form().value("offering")) == ("Long talk", "long-talk")
    assert browser.open("/sessions/hidden").h1 == "Hidden"


@pytest.mark.parametrize("which", [0, -1])
def test_what_is_shown_can_be_held(browser: Browser, which: int) -> None:
    page = browser.open("/")

    held = browser.press(page, page.form().choices("t")[which])

    assert re.fullmatch(r"/book/h/[\w-]{22}", held.path)


def test_two_presses_and_two_fields_make_a_booking(
    browser: Browser, inside: Inside, postbox: Postbox
) -> None:
    details = details_of(browser)
    form = details.form("name")
    assert form.action == details.path
    assert {"name", "email", "invite", "reminder"} <= form.names
    assert form.value("invite") is None
    assert form.value("reminder") is not None

    done = browser.press(details, form=form, name="Ada", email=ADA.email)

    assert "Ada" in done.h1
    assert "https://meet.example/maya" in done.links.values()
    assert any(href.endswith("appointment.ics") for href in done.links.values())
    assert any("calendar.google.com" in href for href in done.links.values())
    assert any("outlook.live.com" in href for href in done.links.values())
    assert "What happens next" in done.text
    with inside:
        booking = the_booking(booked(token_of(done)))
        assert (booking.status, booking.starts_at) == ("confirmed", at("Tue 10:00"))
        (person,) = all_of(BookingPerson)
        assert (person.wants_invite, person.wants_reminder) == (False, True)
        deliver_all()
    assert len(postbox.to(ADA.email)) == 1


def test_both_of_us_book_together(browser: Browser, inside: Inside) -> None:
    details = details_of(browser, who="both")
    assert "Both of us" in details.text

    done = browser.press(details, form="name", name="Ada", email=ADA.email)

    with inside:
        assert the_booking(booked(token_of(done))).who == "both"


def test_wishes_for_letters_are_kept(browser: Browser, inside: Inside) -> None:
    book(browser, invite=True, reminder=False)

    with inside:
        (person,) = all_of(BookingPerson)
    assert (person.wants_invite, person.wants_reminder) == (True, False)


def test_pressed_twice_the_same_page_leads_to_the_same_hold(browser: Browser) -> None:
    page = browser.open("/")

    first = browser.press(page, TUESDAY_TEN)
    second = browser.press(page, TUESDAY_TEN)

    assert first.path == second.path


def test_pressed_twice_before_the_first_answer_came_it_is_the_same_hold(browser: Browser) -> None:
    for path in ("/", f"/times/2026-06?d={TUESDAY_TEN[:10]}"):
        page = browser.open(path)
        crossing = Browser(browser.client.application)
        crossing.client._cookies = dict(browser.client._cookies or {})

        first = browser.press(page, TUESDAY_TEN)
        second = crossing.press(page, TUESDAY_TEN)

        assert first.path == second.path
        browser.press(first, form="/change")


def test_a_page_drawn_once_has_a_token_and_a_key_for_every_visitor(
    browser: Browser, inside: Inside
) -> None:
    mine = browser.open("/")
    hers = Browser(browser.client.application).open("/")
    again = browser.open("/")

    for name in ("csrf_token", "key"):
        values = [page.form().value(name) or "" for page in (mine, hers, again)]
        assert all(values)
        assert values[0] != values[1]
    assert mine.form().value("key") != again.form().value("key")
    assert browser.press(again, TUESDAY_TEN).h1 == "Where can we reach you?"
    with inside:
        change_offering(name="A first talk")
    assert "A first talk" in browser.open("/").text


def test_whoever_changes_her_mind_finds_her_own_time_in_the_list_again(browser: Browser) -> None:
    details = details_of(browser)
    assert TUESDAY_TEN not in browser.open("/").source

    times = browser.press(details, "Change the time")

    assert times.path.startswith("/?")
    assert browser.press(times, TUESDAY_TEN).h1 == "Where can we reach you?"


def test_a_booking_is_not_given_up_by_the_page_of_its_hold(browser: Browser) -> None:
    details = details_of(browser)
    booked = browser.press(details, form="name", name="Ada", email=ADA.email)

    browser.press(details, "Change the time")

    assert "cancelled" not in browser.open(booked.path).h1


def test_sent_twice_the_details_lead_to_the_same_booking(browser: Browser) -> None:
    details = details_of(browser)

    first = browser.press(details, form="name", name="Ada", email=ADA.email)
    second = browser.press(details, form="name", name="Ada", email=ADA.email)

    assert first.path == second.path


def test_gone_back_after_booking_the_booking_is_shown_for_half_an_hour(
    browser: Browser, clock: FrozenClock
) -> None:
    details = details_of(browser)
    done = browser.press(details, form="name", name="Ada", email=ADA.email)
    clock.advance(minutes=30)
    assert browser.open(details.path).path == done.path

    clock.advance(seconds=1)
    late = browser.open(details.path)

    assert token_of(done) not in late.source
    assert ADA.email not in late.source


def test_a_time_that_has_gone_is_409_with_the_nearest_three(
    browser: Browser, inside: Inside
) -> None:
    page = browser.open("/")
    with inside:
        book_for(BEN, at=at("Tue 10:00"))

    gone = browser.press(page, TUESDAY_TEN, status=409)
    nearest = gone.form("t").choices("t")
    held = browser.press(gone, nearest[0])

    assert nearest == ["2026-06-02T08:00:00Z", "2026-06-02T10:00:00Z", "2026-06-02T10:30:00Z"]
    assert held.path.startswith("/book/h/")


def test_a_time_that_goes_while_she_types_loses_nothing_that_was_typed(
    browser: Browser, inside: Inside, clock: FrozenClock
) -> None:
    details = details_of(browser, who="both")
    clock.advance(minutes=15)
    with inside:
        book_for(BEN, at=at("Tue 10:00"))

    gone = browser.press(
        details,
        form="name",
        status=409,
        name="Ada & “Co” <b>",
        email=ADA.email,
        invite=True,
        reminder=False,
    )
    form = gone.form("t")
    assert (form.value("name"), form.value("email")) == ("Ada & “Co” <b>", ADA.email)
    assert len(form.choices("t")) == 3
    done = browser.press(gone, form=form)

    assert "Ada & “Co” <b>" in done.h1
    with inside:
        ada = booked(token_of(done))
        (person,) = all_of(BookingPerson, BookingPerson.id == ada.person_id)
        assert (person.wants_invite, person.wants_reminder) == (True, False)
        assert the_booking(ada).who == "both"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Enter the name"),
        ({"name": " \t "}, "Enter the name"),
        ({"name": "x" * 201}, "at most 200"),
        ({"email": ""}, "Enter an email"),
        ({"email": "ada"}, "like name@example.com"),
        ({"email": "ada@"}, "like name@example.com"),
        ({"email": "ada@mail.example\r\nBcc: x@y.example"}, "like name@example.com"),
        ({"email": "a" * 400 + "@mail.example"}, "like name@example.com"),
    ],
)
def test_invalid_details_are_422_with_a_sentence_and_nothing_lost(
    browser: Browser, typed: dict[str, str], sentence: str
) -> None:
    details = details_of(browser)
    good = {"name": "Zoë O’Brien", "email": "zoe@mail.example"}

    wrong = browser.press(
        details, form="name", status=422, invite=True, reminder=False, **(good | typed)
    )

    assert sentence in wrong.errors
    (field,) = typed
    assert sentence in (page_words := wrong.text)
    assert page_words.count(sentence) == 2  # in the summary, and beside the field
    box = wrong.find(id=field)
    assert box is not None
    assert box.get("aria-invalid") == "true"
    assert wrong.title.startswith("Error:")
    form = wrong.form("name")
    for name in good.keys() - typed.keys():
        assert form.value(name) == good[name]
    assert form.value("invite") is not None
    assert form.value("reminder") is None


def test_a_slip_in_a_well_known_host_is_pointed_out(browser: Browser) -> None:
    details = details_of(browser)

    wrong = browser.press(details, form="name", status=422, name="", email="ada@gmial.com")

    assert "gmail.com" in wrong.text


def test_a_page_that_was_open_too_long_loses_nothing_that_was_typed(
    browser: Browser, app: Flask
) -> None:
    details = details_of(browser)
    stranger = Browser(app)  # has no session to which the page's token belongs

    stale = stranger.press(details, form="name", status=403, name="Ada", email=ADA.email)
    done = stranger.press(stale, form="name")

    assert done.path.startswith("/a/")
    assert "Ada" in done.h1


def test_who_day_and_time_are_enough_to_hold(browser: Browser, inside: Inside) -> None:
    token = browser.open("/").form().value("csrf_token")
    bare = {"csrf_token": token, "who": "me", "d": "2026-06-02", "t": TUESDAY_TEN}

    held = browser.send("/book/hold", bare.items())

    assert held.status == 303
    with inside:
        (booking,) = all_of(Booking)
        assert booking.zone == "Europe/London"


def test_a_press_without_a_key_is_handed_no_hold_of_somebody_else(
    app: Flask, browser: Browser
) -> None:
    bare = {"who": "me", "d": "2026-06-02", "t": TUESDAY_TEN}
    token = browser.open("/").form().value("csrf_token")
    assert browser.send("/book/hold", (bare | {"csrf_token": token}).items()).status == 303
    another = Browser(app)
    token = another.open("/").form().value("csrf_token")

    refused = another.send("/book/hold", (bare | {"csrf_token": token}).items())

    assert refused.status == 409
    assert "Location" not in refused.headers


def test_a_held_time_is_shown_to_nobody_else(browser: Browser, inside: Inside) -> None:
    with inside:
        hold_for(BEN, at=at("Tue 10:00"))

    assert TUESDAY_TEN not in browser.open("/").form().choices("t")


def test_six_appointments_are_enough(browser: Browser, inside: Inside) -> None:
    with inside:
        for number, day in enumerate(("Tue", "Wed", "Thu", "Fri")):
            book_for(ADA, at=at(f"{day} 14:00"), browser=f"a{number}")
        for number, day in enumerate(("Tue", "Wed")):
            book_for(ADA, at=at(f"{day} 16:00"), browser=f"b{number}")
    details = details_of(browser)

    refused = browser.press(details, form="name", status=409, name="Ada", email=ADA.email)

    assert "a lot of appointments" in refused.errors
    assert refused.form("name").value("name") == "Ada"


def test_another_zone_shows_both_clocks_and_is_kept_to_the_end(
    browser: Browser, postbox: Postbox, inside: Inside
) -> None:
    page = browser.open("/?zone=America/New_York")
    assert "New York time (EDT, UTC−4)" in page.text
    assert "10am in London" in page.text

    details = browser.press(page, TUESDAY_TEN)
    done = browser.press(details, form="name", name="Ada", email=ADA.email)

    assert "5 to 5:30am" in done.text
    with inside:
        deliver_all()
    assert b"New York" in postbox.to(ADA.email)[0].raw


def test_a_zone_is_chosen_from_a_list(browser: Browser) -> None:
    page = browser.open("/zone?zone=Asia/Tokyo")
    assert page.forms[0].value("zone") == "Asia/Tokyo"

    shown = browser.press(page, form=page.forms[0], zone="Asia/Kolkata")

    assert "Kolkata time (IST, UTC+5:30)" in shown.text


@pytest.mark.parametrize("zone", ["GMT+25", "../../etc/passwd", "x" * 10_000, "Europe/Nowhere"])
def test_what_is_no_zone_is_answered_with_the_coachs_and_a_sentence(
    browser: Browser, zone: str
) -> None:
    page = browser.open("/", query=[("zone", zone)], status=422)

    assert "time zone" in page.errors
    assert "London time" in page.text
    assert page.form("t").choices("t")


def test_a_month_shows_its_days_and_the_times_of_one(browser: Browser) -> None:
    page = browser.open("/times/2026-07?d=2026-07-09&who=both")

    assert "July 2026" in page.text
    form = page.form("t")
    assert form.value("who") == "both"
    held = browser.press(page, "2026-07-09T09:00:00Z")
    assert held.path.startswith("/book/h/")
    assert "Both of us" in held.text


@pytest.mark.parametrize(
    "month", ["2026-13", "0000-01", "9999-12", "1200-01", "soon", "2026-6", "2026-06-01", "٢٠٢٦-٠٦"]
)
def test_what_is_no_month_is_not_found(browser: Browser, month: str) -> None:
    browser.open(f"/times/{month}", status=404)


def test_another_offering_has_a_page_of_its_own(browser: Browser, inside: Inside) -> None:
    with inside:
        make_offering("session", is_shown=False, position=1)

    page = browser.open("/sessions/session")
    details = browser.press(page, TUESDAY_TEN)
    done = browser.press(details, form="name", name="Ada", email=ADA.email)

    assert "10 to 11am" in done.text
    browser.open("/sessions/nothing", status=404)


def test_an_offering_for_two_does_not_ask_who_comes(browser: Browser, inside: Inside) -> None:
    with inside:
        change_offering(audience="couple")

    form = browser.open("/").form()

    assert form.value("who") == "both"
    assert form.choices("who") == ["both"]


def test_a_full_diary_says_so_and_another_time_can_be_asked_for(
    browser: Browser, inside: Inside
) -> None:
    with inside:
        give_hours({})

    page = browser.open("/")

    assert page.forms == []
    assert any(href.startswith("/ask") for href in page.links.values())


def test_where_nothing_is_offered_the_page_rests(browser: Browser, inside: Inside) -> None:
    with inside:
        change_offering(is_shown=False)

    page = browser.open("/")

    assert page.forms == []
    browser.open("/times/2026-06", status=404)


def test_a_practice_that_was_not_founded_shows_a_quiet_page(app: Flask) -> None:
    page = Browser(app).open("/")

    assert page.forms == []


def test_words_at_the_foot_of_every_page(browser: Browser) -> None:
    for path in ("/", "/ask", "/my-link", "/how-it-works", "/privacy", "/help", "/zone"):
        page = browser.open(path)
        assert "no emergency" in page.text
        assert page.links["For the coach: sign in"] == "/desk/sign-in"
        assert "/help" in page.links.values()
        assert "/privacy" in page.links.values()
        assert "/how-it-works" in page.links.values()
