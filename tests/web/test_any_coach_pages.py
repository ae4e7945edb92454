"""A practice of two: what visitors read of who it will be, before, while and after they book."""

from dataclasses import replace

import pytest
from flask import Flask

from practice.domain.roles import Role, Seat
from practice.models.base import db
from practice.models.coach import Coach
from practice.models.payment import Payment
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.usecases import payment
from practice.usecases.coaches import retire_coach
from practice.usecases.verdicts import let_go
from tests.browser import Browser
from tests.fakes import FakePayments, FrozenClock, Postbox, body
from tests.looking import all_of, statements
from tests.makers import (
    at,
    book_for,
    cancel_for,
    deliver_all,
    give_hours,
    hold_for,
    make_coach,
    make_offering,
    the_tools,
)
from tests.people import ADA, BEN
from tests.web.conftest import Inside

WEEK = {day: ["09:00-17:00"] for day in ("Mon", "Tue", "Wed", "Thu", "Fri")}
TUESDAY_TEN = "2026-06-02T09:00:00Z"
THURSDAY_TEN = "2026-06-04T09:00:00Z"
NOORS_ROOM = "https://meet.example/noor"


@pytest.fixture
def payments(clock: FrozenClock) -> FakePayments:
    return FakePayments(clock)


@pytest.fixture
def tools(tools: Tools, payments: FakePayments) -> Tools:
    return replace(tools, payments=payments)


@pytest.fixture
def browser(app: Flask, coach: int) -> Browser:
    with app.app_context():
        noor = make_coach(offers="free-chat", position=1, place_detail=NOORS_ROOM)
        give_hours(WEEK, coach_id=noor)
        make_offering(price_minor=9000, position=1, coaches=[1, noor])
        make_offering("noors", name="With colours", position=2, coaches=[noor])
    return Browser(app)


def test_before_a_time_is_held_it_is_the_first_who_is_free_and_then_she_has_a_name(
    browser: Browser, inside: Inside, postbox: Postbox
) -> None:
    with inside:
        hold_for(BEN, at=at("Tue 10:00"))  # Maya's turn was first

    front = browser.open("/")
    assert "You’ll talk with the first of us who is free" in front.text
    assert "Maya Ellis or Noor Haddad" in front.text
    details = browser.press(front, TUESDAY_TEN)
    assert "With Noor Haddad" in details.text
    done = browser.press(details, form="name", name="Ada", email=ADA.email)

    assert "Noor Haddad" in done.text
    assert "Maya" not in done.text
    assert NOORS_ROOM in done.source
    assert "It shows as “Appointment”." in done.text
    with inside:
        deliver_all()
    letter = postbox.to(ADA.email)[0]
    assert "You're booked with Noor Haddad." in body(letter)
    assert b"From: Lantern <" in letter.raw
    assert [post.subject for post in postbox.to("noor-haddad@lantern.example")]
    moving = browser.open(f"{done.path}/move")
    assert TUESDAY_TEN not in moving.form("t").choices("t")


def test_the_sessions_say_with_whom_each_is(browser: Browser, inside: Inside) -> None:
    page = browser.open("/sessions")

    assert page.text.count("With the first of us who is free: Maya Ellis or Noor Haddad") == 2
    assert "With Noor Haddad" in page.text
    assert "You’ll talk with" not in page.text
    hers = browser.open("/sessions/noors")
    assert "You’ll talk with Noor Haddad" in hers.text
    with inside:
        retire_coach(Seat(1, Role.OWNER, 1), 2, tools=the_tools())
    alone = browser.open("/sessions")
    assert "first of us" not in alone.text
    assert "You’ll talk with Maya Ellis" in alone.text
    assert browser.open("/sessions/noors", status=404)


def test_a_second_coach_costs_the_front_page_two_statements_and_one_alone_none(
    browser: Browser, inside: Inside
) -> None:
    def asked() -> int:
        browser.open("/")  # drawn by now
        with inside, statements() as sent:
            browser.open("/")
        return len(sent)

    with_two = asked()
    with inside, unit_of_work() as session:
        session.get_one(Coach, 2).is_active = False
    assert with_two - asked() == 2


@pytest.mark.parametrize(("taken", "ends"), [("Noor", "booked"), ("Maya", "given back")])
def test_late_money_is_booked_with_the_same_coach_or_goes_back(
    browser: Browser, inside: Inside, payments: FakePayments, taken: str, ends: str
) -> None:
    details = browser.press(browser.open("/sessions/session"), THURSDAY_TEN)
    browser.press(details, form="name", name="Ada", email=ADA.email)
    session = list(payments.sessions)[-1]
    with inside:
        (row,) = all_of(Payment)
        with unit_of_work() as unit:
            booking = unit.merge(row).booking
            assert booking.coach_id == 1
            let_go(unit, booking)
            unit.get_one(Payment, row.id).state = "expired"
        db.session.remove()
        first = book_for(BEN, at=at("Thu 10:00"))  # Maya's time, for nobody has more to come
        if taken == "Noor":
            second = book_for(BEN, at=at("Thu 10:00"), browser="another")
            assert second.id != first.id
            cancel_for(first)
    payments.pay(session)
    with inside:
        for notice in payments.waiting:
            payment.hear(notice, payments.sign(notice), tools=the_tools())
            db.session.remove()

    page = browser.open(f"{details.path}/paid")

    if ends == "booked":
        assert page.path.startswith("/a/")
        assert "Maya Ellis" in page.text
    else:
        assert page.h1 == "This time is no longer free"
        nearest = page.form("t").choices("t")
        assert THURSDAY_TEN in nearest  # Noor has it still, and nobody is booked yet
        assert browser.press(page, THURSDAY_TEN).path.startswith("/book/h/")
