from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from practice.adapters.pretend import PretendPayments
from practice.forms.sign_in import DEMO_PASSWORD
from practice.models.base import db
from practice.models.booking import Booking, BookingPerson
from practice.models.concern import Concern
from practice.models.intakes import safety_is_on
from practice.models.offering import Offering
from practice.models.payment import Payment, Refund
from practice.models.practice import Practice
from practice.ports import Tools
from practice.queries.brief import folder_page
from practice.usecases.demo import seed
from practice.usecases.reading import open_folder
from practice.usecases.reconciling import reconcile, release_due
from practice.usecases.refunding import send_refunds
from tests.fakes import NOW, FakePayments, FrozenClock
from tests.looking import all_of, dump
from tests.makers import seat_of


@pytest.fixture
def coach(app: Flask) -> None:
    """Nobody: the demo founds its own practice."""


def test_the_demo_shows_bookings_of_every_kind(tools: Tools) -> None:
    made = seed(DEMO_PASSWORD, tools=tools)

    bookings = all_of(Booking)
    assert made.is_new
    assert all_of(Practice)[0].is_demo
    assert {row.status for row in bookings} == {"confirmed", "cancelled"}
    assert {row.who for row in bookings} == {"me", "both"}
    assert any(row.moved_at for row in bookings)


def test_the_demo_has_briefs_to_open(tools: Tools) -> None:
    seed(DEMO_PASSWORD, tools=tools)

    assert safety_is_on(all_of(Practice)[0])
    pages = []
    for person in all_of(BookingPerson):
        open_folder(seat_of(1), person.booking_id, person.id, tools=tools)
        db.session.remove()
        pages.append(folder_page(seat_of(1), person.booking_id, person.id, tools=tools))
        db.session.remove()

    shared = {page.person.name: page for page in pages if page.sheets}
    assert shared.keys() == {"Sam", "Priya"}
    assert (shared["Sam"].has_note, shared["Priya"].has_note) == (True, False)
    assert [part.title for part in shared["Sam"].sheets[0].parts] == [
        "What brings you",
        "Growing",
        "Hopes and next step",
    ]
    assert "canal" not in str(pages)
    couple = shared["Priya"].room
    assert couple.is_for_two
    assert [guest.name for guest in couple.people] == ["Priya", "Arun"]


def test_run_twice_the_demo_is_made_once(tools: Tools) -> None:
    seed(DEMO_PASSWORD, tools=tools)
    before = dump()

    again = seed(DEMO_PASSWORD, tools=tools)

    assert not again.is_new
    assert dump() == before


@pytest.mark.parametrize("days", [4, 147, 298])
def test_the_demo_can_be_made_on_any_day(days: int, tools: Tools, clock: FrozenClock) -> None:
    clock.at = NOW + timedelta(days=days, hours=days % 24)

    assert seed(DEMO_PASSWORD, tools=tools).is_new


@pytest.fixture
def paying(tools: Tools, tmp_path: Path) -> Tools:
    payments = PretendPayments(tmp_path / "pretend.db", tools.clock, tools.base_url)
    return replace(tools, payments=payments)


def test_the_demos_session_costs_something_where_there_is_a_way_to_pay(paying: Tools) -> None:
    seed(DEMO_PASSWORD, tools=paying)

    prices = {row.slug: str(row.terms().price) for row in all_of(Offering)}
    assert prices == {"free-chat": "€0", "session": "€90"}
    assert sorted((row.price_minor, row.status) for row in all_of(Booking) if row.price_minor) == [
        (9000, "cancelled"),
        (9000, "confirmed"),
        (9000, "confirmed"),
    ]
    assert {(row.state, row.learnt_by) for row in all_of(Payment)} == {("paid", "notice")}


def test_of_the_demos_money_some_has_gone_back_and_some_is_on_its_way(
    paying: Tools, clock: FrozenClock
) -> None:
    seed(DEMO_PASSWORD, tools=paying)

    assert sorted((row.amount_minor, row.state) for row in all_of(Refund)) == [
        (4500, "done"),
        (9000, "waiting"),
    ]
    clock.advance(hours=2)
    assert send_refunds("worker", tools=paying) == 1
    release_due(tools=paying)
    reconcile(tools=paying)
    db.session.remove()
    assert {row.state for row in all_of(Refund)} == {"done"}
    assert all_of(Concern) == []


def test_nobody_of_the_demo_pays_where_money_could_move(tools: Tools) -> None:
    payments = FakePayments(tools.clock)

    seed(DEMO_PASSWORD, tools=replace(tools, payments=payments))

    assert payments.calls == []
    assert all_of(Payment) == []


@pytest.mark.parametrize("days", [4, 147, 298])
def test_the_paid_demo_can_be_made_on_any_day(days: int, paying: Tools, clock: FrozenClock) -> None:
    clock.at = NOW + timedelta(days=days, hours=days % 24)

    seed(DEMO_PASSWORD, tools=paying)

    assert len(all_of(Payment)) == 3
