"""The way from before payments to them, and back, with money on the way."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from practice.adapters.pretend import PretendPayments
from practice.domain.booking import Details
from practice.models.base import db
from practice.usecases.paying import pay
from practice.usecases.payment import record
from tests import databases, makers, postgres
from tests.fakes import make_tools
from tests.makers import at, book_for, hold_for, the_tools
from tests.people import ADA, BEN, CLEO, Person


@pytest.fixture(params=databases.DIALECTS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """A practice with a paid session on offer, on a database that was migrated."""
    url = f"sqlite:///{tmp_path / 'house.db'}"
    name = f"{databases.worker()}_migration_0003"
    if request.param == "postgresql":
        url = postgres.new_database(name)
    tools = make_tools()
    pretend = PretendPayments(tmp_path / "pretend.db", tools.clock, tools.base_url)
    tools = replace(tools, payments=pretend)
    with databases.house_on(url, tmp_path, tools) as made, made.app_context():
        upgrade()
        makers.make_practice()
        makers.make_offering(price_minor=9000)
        yield made
        db.session.remove()
    if request.param == "postgresql":
        postgres.drop_database(name)


def values(statement: str) -> list[Any]:
    with db.engine.connect() as connection:
        return [row[0] for row in connection.execute(text(statement))]


def begin(person: Person, when: str) -> str:
    """Let somebody begin to pay; returns the name of the session."""
    token = hold_for(person, at=at(when), offering="session")
    details = Details(person.name, person.email, invite=False, reminder=True, caller="caller")
    pay(token, details, tools=the_tools())
    db.session.remove()
    return str(values("SELECT session FROM payments ORDER BY id DESC")[0])


def test_bookings_go_back_to_before_payments_and_no_time_stays_held_for_ever(house: Flask) -> None:
    book_for(CLEO, at=at("Wed 10:00"))
    payments = the_tools().payments
    assert isinstance(payments, PretendPayments)
    record(payments.pay(begin(ADA, "Tue 10:00")), by="look", tools=the_tools())
    db.session.remove()
    begin(BEN, "Tue 12:00")
    ids = "SELECT id FROM bookings ORDER BY id"
    bookings = values(ids)
    assert values("SELECT status FROM bookings ORDER BY id") == [
        "confirmed",
        "confirmed",
        "pending",
    ]

    downgrade(revision="0002")

    assert values(ids) == bookings
    assert values("SELECT status FROM bookings ORDER BY id") == [
        "confirmed",
        "confirmed",
        "expired",
    ]
    assert values("SELECT status FROM occupancies ORDER BY id") == ["confirmed", "confirmed"]
    assert not {"PAYING", "PAID"} & set(values("SELECT happening FROM journal"))

    upgrade()

    assert values(ids) == bookings
    assert values("SELECT id FROM payments") == []
    assert set(values("SELECT full_refund_hours FROM bookings")) == {24}
    assert len(values("SELECT uid FROM practices")[0]) == 32


def test_the_name_of_a_house_is_another_one_in_every_house(house: Flask) -> None:
    downgrade(revision="0002")
    upgrade()
    first = values("SELECT uid FROM practices")
    downgrade(revision="0002")
    upgrade()

    assert values("SELECT uid FROM practices") != first
