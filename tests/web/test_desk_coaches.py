"""Who takes bookings, as the owner sees and decides it, and nobody else."""

import pytest
from flask import Flask
from sqlalchemy import select

from practice.models.accounts import Role, User
from practice.models.coach import Coach
from practice.models.offering import Offering
from practice.models.unit import unit_of_work
from tests.browser import Browser, Form, Page
from tests.looking import all_of
from tests.makers import at, book_for, cancel_for, give_hours, make_coach
from tests.web.conftest import Inside


@pytest.fixture
def noor(inside: Inside) -> int:
    with inside:
        noor = make_coach(offers="free-chat", position=1)
        give_hours({"Tue": ["09:00-12:00"]}, coach_id=noor)
        return noor


def test_a_coach_takes_no_more_bookings_once_nobody_is_to_come(
    maya: Browser, inside: Inside, noor: int
) -> None:
    with inside:
        book_for(at=at("Tue 09:00"))
        hers = book_for(at=at("Tue 10:00"))
    page = maya.open(maya.open("/desk/team").links["Who takes bookings"])
    assert "London time · 1 to come" in page.text
    rest = f"/desk/coaches/{noor}/rest"

    refused = maya.press(page, form=_to(page, rest), status=409)
    assert "1 appointment is still to come with Noor Haddad." in refused.text
    assert "Tuesday 2 June, 10am" in refused.text
    with inside:
        assert all(coach.is_active for coach in all_of(Coach))
        cancel_for(hers)
    done = maya.press(page, form=_to(page, rest))
    assert "No time of this coach is offered any more." in done.text
    back = maya.press(done, form=_to(done, f"/desk/coaches/{noor}/back"))
    assert "offered again" in back.text
    with inside, unit_of_work() as session:
        coach = session.scalars(select(Role).where(Role.name == "coach")).one()
        session.get_one(User, 1).roles = [coach]
    assert maya.open("/desk/coaches", status=404)
    assert rest not in maya.open("/desk/offerings").source


def _to(page: Page, action: str) -> Form:
    return next(form for form in page.forms if form.action == action)


def test_the_owner_ticks_who_offers_something(maya: Browser, inside: Inside, noor: int) -> None:
    page = maya.open("/desk/offerings/1")
    form = page.form("coaches")
    assert form.choices("coaches") == ["1", "2"]
    assert [value for name, value in form.values() if name == "coaches"] == ["1", "2"]

    nobody = maya.press(page, form="coaches", coaches=None, status=422)
    assert "Choose at least one coach." in nobody.text
    maya.press(page, form="coaches", coaches=str(noor))

    with inside, unit_of_work() as session:
        assert [coach.id for coach in session.get_one(Offering, 1).coaches] == [noor]


def test_who_is_alone_is_not_asked_who_offers_something(maya: Browser, app: Flask) -> None:
    assert "Who offers it?" not in maya.open("/desk/offerings/1").text
