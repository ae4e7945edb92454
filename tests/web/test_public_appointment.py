"""The private link: seen, moved, cancelled, taken back, made one for two."""

import re

import pytest
from flask import Flask
from icalendar import Calendar

from practice.domain.booking import Actor
from tests.browser import Browser
from tests.fakes import FrozenClock, Postbox, body
from tests.looking import dump, the_booking
from tests.makers import (
    Booked,
    at,
    book_for,
    cancel_for,
    change_offering,
    deliver_all,
    make_offering,
    move_for,
)
from tests.people import ADA, BEN
from tests.web.conftest import Inside


@pytest.fixture
def ada(inside: Inside) -> Booked:
    with inside:
        return book_for(ADA, at=at("Thu 10:00"))


def test_a_booking_is_moved_from_its_own_page(
    browser: Browser, inside: Inside, ada: Booked
) -> None:
    page = browser.open(f"/a/{ada.token}/move")
    assert "Thursday 4 June" in page.text
    assert "2026-06-04T09:00:00Z" not in page.form("t").choices("t")

    moved = browser.press(page, "2026-06-05T13:00:00Z")

    assert moved.path.startswith(f"/a/{ada.token}")
    assert "has moved" in moved.text
    assert "Friday 5 June" in moved.text
    with inside:
        assert the_booking(ada).starts_at == at("Fri 14:00")


def test_a_move_to_a_time_that_has_gone_keeps_the_old_one(
    browser: Browser, inside: Inside, ada: Booked
) -> None:
    page = browser.open(f"/a/{ada.token}/move")
    with inside:
        book_for(BEN, at=at("Fri 14:00"))

    gone = browser.press(page, "2026-06-05T13:00:00Z", status=409)
    nearest = gone.form("t").choices("t")
    moved = browser.press(gone, nearest[0])

    assert len(nearest) == 3
    assert "has moved" in moved.text
    with inside:
        assert the_booking(ada).sequence == 1


def test_a_booking_is_cancelled_on_one_page_without_a_reason(
    browser: Browser, inside: Inside, ada: Booked
) -> None:
    page = browser.open(f"/a/{ada.token}/cancel")
    assert page.form().names == {"csrf_token"}

    gone = browser.press(page, "Cancel it")

    assert "cancelled" in gone.h1
    with inside:
        assert the_booking(ada).status == "cancelled"


def test_a_cancellation_is_taken_back_from_the_same_page(
    browser: Browser, inside: Inside, ada: Booked
) -> None:
    gone = browser.press(browser.open(f"/a/{ada.token}/cancel"), "Cancel it")

    back = browser.press(gone, "Take it back")

    assert "stands again" in back.text
    with inside:
        assert the_booking(ada).status == "confirmed"


def test_the_button_to_take_back_is_there_for_ten_minutes(
    browser: Browser, clock: FrozenClock, ada: Booked
) -> None:
    gone = browser.press(browser.open(f"/a/{ada.token}/cancel"), "Cancel it")
    clock.advance(minutes=10, seconds=1)

    assert browser.open(f"/a/{ada.token}").forms == []
    late = browser.press(gone, "Take it back", status=409)
    assert "too late" in late.errors


def test_nobody_takes_back_what_somebody_else_has_booked(
    browser: Browser, inside: Inside, ada: Booked
) -> None:
    gone = browser.press(browser.open(f"/a/{ada.token}/cancel"), "Cancel it")
    with inside:
        book_for(BEN, at=at("Thu 10:00"))
        before = dump()

    refused = browser.press(gone, "Take it back", status=409)

    assert "Somebody else" in refused.errors
    with inside:
        assert dump() == before


def test_what_the_coach_cancelled_has_no_button_to_take_back(
    browser: Browser, inside: Inside, ada: Booked
) -> None:
    with inside:
        cancel_for(ada, by=Actor.COACH)

    page = browser.open(f"/a/{ada.token}")

    assert "cancelled" in page.h1
    assert page.forms == []


def test_only_me_becomes_both_of_us(browser: Browser, inside: Inside, ada: Booked) -> None:
    page = browser.open(f"/a/{ada.token}")

    two = browser.press(page, "both come")

    assert "coming as two" in two.text
    with inside:
        assert the_booking(ada).who == "both"
    assert all("/both" not in form.action for form in two.forms)


def test_an_offering_for_one_has_no_button_for_two(browser: Browser, inside: Inside) -> None:
    with inside:
        make_offering("session", audience="one")
        ada = book_for(ADA, at=at("Thu 10:00"), offering="session")

    page = browser.open(f"/a/{ada.token}")

    assert page.forms == []


def test_after_the_cut_off_the_page_says_so_and_offers_no_button(
    browser: Browser, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        change_offering(move_cutoff_minutes=1440, cancel_cutoff_minutes=1440)
        ada = book_for(ADA, at=at("Thu 10:00"))
    cancel = browser.open(f"/a/{ada.token}/cancel")
    clock.at = at("Wed 10:01")

    page = browser.open(f"/a/{ada.token}")
    refused = browser.press(cancel, "Cancel it", status=409)

    assert not [href for href in page.links.values() if href.endswith(("/move", "/cancel"))]
    assert "can’t be changed here" in page.text
    assert "until 1 day before" in refused.errors
    assert browser.open(f"/a/{ada.token}/move").forms == []


def test_a_past_booking_still_answers_and_says_so(
    browser: Browser, clock: FrozenClock, ada: Booked
) -> None:
    clock.at = at("Thu 10:30")

    page = browser.open(f"/a/{ada.token}")

    assert "passed" in page.h1
    assert page.forms == []
    for path in ("move", "cancel"):
        assert browser.open(f"/a/{ada.token}/{path}").forms == []


def test_a_cancelled_booking_still_answers_at_every_address(
    browser: Browser, inside: Inside, ada: Booked
) -> None:
    with inside:
        cancel_for(ada)

    assert "cancelled" in browser.open(f"/a/{ada.token}").h1
    assert "cancelled" in browser.open(f"/a/{ada.token}/cancel").h1
    assert browser.open(f"/a/{ada.token}/move").forms == []
    assert browser.send(f"/a/{ada.token}/appointment.ics", method="GET").status == 200


def test_a_moved_booking_keeps_its_address(browser: Browser, inside: Inside, ada: Booked) -> None:
    with inside:
        move_for(ada, to=at("Fri 14:00"))

    assert "Friday 5 June" in browser.open(f"/a/{ada.token}").text


def test_the_calendar_file_is_neutral_and_opens_nothing_but_the_appointment(
    browser: Browser, ada: Booked
) -> None:
    answer = browser.send(f"/a/{ada.token}/appointment.ics", method="GET")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="appointment.ics"'
    (event,) = Calendar.from_ical(answer.raw).events
    assert str(event["SUMMARY"]) == "Appointment – Maya"
    assert event.start == at("Thu 10:00")


def test_the_page_names_zone_place_and_half_of_the_address(browser: Browser, ada: Booked) -> None:
    page = browser.open(f"/a/{ada.token}")

    assert "London time (BST, UTC+1)" in page.text
    assert "a…@mail.example" in page.text
    assert ADA.email not in page.source


def test_known_and_unknown_addresses_are_answered_by_the_same_page(
    app: Flask, inside: Inside, postbox: Postbox, ada: Booked
) -> None:
    with inside:
        deliver_all()
    one, another = Browser(app), Browser(app)

    known = one.press(one.open("/my-link"), form="email", email=ADA.email)
    unknown = another.press(another.open("/my-link"), form="email", email="nobody@mail.example")

    assert known.source == unknown.source
    assert [name for name, _ in known.headers] == [name for name, _ in unknown.headers]
    with inside:
        before = len(postbox.posts)
        deliver_all()
    (letter,) = postbox.posts[before:]
    assert f"https://practice.example/a/{ada.token}" in body(letter)


def test_asking_for_links_too_often_is_429_and_says_when_to_come_back(browser: Browser) -> None:
    page = browser.open("/my-link")
    for _ in range(3):
        browser.press(page, form="email", email=ADA.email)

    slow = browser.press(page, form="email", email=ADA.email, status=429)

    assert 0 < int(slow.headers["Retry-After"]) <= 1201


def test_another_time_is_asked_for(browser: Browser, inside: Inside, postbox: Postbox) -> None:
    page = browser.open("/ask")

    sent = browser.press(
        page, form="message", name="Ada", email=ADA.email, message="Evenings.\nOr Saturdays."
    )

    assert sent.status == 200
    with inside:
        deliver_all()
    assert [post.to_address for post in postbox.posts] == ["maya@lantern.example"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Enter the name"),
        ({"email": "ada"}, "like name@example.com"),
        ({"message": "  "}, "roughly when"),
        ({"message": "x" * 2001}, "at most 2,000"),
    ],
)
def test_an_incomplete_wish_is_422_and_keeps_what_was_typed(
    browser: Browser, typed: dict[str, str], sentence: str
) -> None:
    good = {"name": "Ada", "email": ADA.email, "message": "Evenings.\n<b>Or</b> Saturdays."}

    wrong = browser.press(browser.open("/ask"), form="message", status=422, **(good | typed))

    assert sentence in wrong.errors
    form = wrong.form("message")
    for name in good.keys() - typed.keys():
        assert (form.value(name) or "").strip() == good[name]


def test_twenty_mistyped_links_are_told_apart_from_none_and_then_slowed(browser: Browser) -> None:
    for number in range(20):
        browser.open(f"/a/mistyped-{number}", status=404)

    slow = browser.open("/a/mistyped", status=429)

    assert re.fullmatch(r"\d+", slow.headers["Retry-After"])


def test_a_right_link_opens_even_for_who_mistyped_it_often(browser: Browser, ada: Booked) -> None:
    for number in range(25):
        browser.open(f"/a/mistyped-{number}", status=None)

    assert "booked" in browser.open(f"/a/{ada.token}").h1
