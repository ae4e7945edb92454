from datetime import timedelta

import pytest
from flask import Flask

from practice.forms.sign_in import DEMO_PASSWORD
from practice.models.base import db
from practice.models.booking import Booking, BookingPerson
from practice.models.intakes import safety_is_on
from practice.models.practice import Practice
from practice.ports import Tools
from practice.queries.brief import folder_page
from practice.usecases.demo import seed
from practice.usecases.reading import open_folder
from tests.fakes import NOW, FrozenClock
from tests.looking import all_of, dump


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
        open_folder(person.booking_id, person.id, 1, tools=tools)
        db.session.remove()
        pages.append(folder_page(person.booking_id, person.id, 1, tools=tools))
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
