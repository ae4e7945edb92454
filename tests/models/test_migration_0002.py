"""The way from before the intake to it, and back, with rows on the way."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from practice.models.base import db
from practice.models.link import Purpose
from practice.usecases import sittings
from practice.usecases.demo import seed
from tests import databases, postgres
from tests.makers import at, book_for, both_for, join_for, the_tools
from tests.people import ADA, BEN, CLEO

_OLD_LINKS = {Purpose.HOLD, Purpose.APPOINTMENT, Purpose.SET_UP}


@pytest.fixture(params=databases.DIALECTS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """A demo with people who wrote, on a database that was migrated."""
    url = f"sqlite:///{tmp_path / 'house.db'}"
    name = f"{databases.worker()}_migration_0002"
    if request.param == "postgresql":
        url = postgres.new_database(name)
    with databases.house_on(url, tmp_path) as made, made.app_context():
        upgrade()
        seed("quiet-lantern-42", tools=the_tools())
        db.session.remove()
        yield made
        db.session.remove()
    if request.param == "postgresql":
        postgres.drop_database(name)


def values(statement: str) -> list[Any]:
    with db.engine.connect() as connection:
        return [row[0] for row in connection.execute(text(statement))]


def test_bookings_go_back_to_before_the_intake_and_come_again(house: Flask) -> None:
    booking = book_for(ADA, at=at("Fri 10:00"))
    both_for(booking)
    joined = [join_for(booking, person).person_id for person in (BEN, CLEO)]
    sittings.ask_code(booking.token, "caller", tools=the_tools())
    db.session.remove()
    bookings = values("SELECT id FROM bookings ORDER BY id")
    people = values("SELECT id FROM booking_people ORDER BY id")

    downgrade(revision="0001")

    assert values("SELECT id FROM bookings ORDER BY id") == bookings
    assert set(people) - set(values("SELECT id FROM booking_people")) == {joined[1]}
    assert set(values("SELECT purpose FROM links")) <= _OLD_LINKS
    assert not {"sign_in", "invitation"} & set(values("SELECT kind FROM outbox"))

    upgrade()

    assert values("SELECT id FROM bookings ORDER BY id") == bookings
    assert all(values("SELECT letters_ok FROM booking_people"))
    assert not any(values("SELECT mailbox_shared FROM booking_people"))
    assert set(values("SELECT keep_answers_months FROM practices")) == {12}
    assert set(values("SELECT intake_cutoff_minutes FROM offerings")) == {0}
    assert values("SELECT id FROM intakes") == []


def test_nothing_that_was_written_can_be_read_once_the_intake_was_left_behind(house: Flask) -> None:
    assert values("SELECT id FROM keys.person_keys")

    downgrade(revision="0001")
    upgrade()

    assert values("SELECT id FROM keys.person_keys") == []
