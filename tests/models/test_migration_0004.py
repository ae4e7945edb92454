"""The way from before the desk to it, and back, with clients and notes on the way."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from practice.domain.roles import Role, Seat
from practice.models.base import db
from practice.usecases.notes import Draft, save
from tests import databases, makers, postgres
from tests.makers import at, book_for, the_tools
from tests.people import Person

ZOE = Person("Zoë Ångström", "Zoe@Mail.Example")


@pytest.fixture(params=databases.DIALECTS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """A practice on a database that was migrated."""
    url = f"sqlite:///{tmp_path / 'house.db'}"
    name = f"{databases.worker()}_migration_0004"
    if request.param == "postgresql":
        url = postgres.new_database(name)
    with databases.house_on(url, tmp_path) as made, made.app_context():
        upgrade()
        makers.make_practice()
        yield made
        db.session.remove()
    if request.param == "postgresql":
        postgres.drop_database(name)


def values(statement: str) -> list[Any]:
    with db.engine.connect() as connection:
        return [row[0] for row in connection.execute(text(statement))]


def test_clients_of_before_are_found_and_notes_go_with_their_keys(house: Flask) -> None:
    book_for(ZOE, at=at("Tue 10:00"))
    save(Seat(1, Role.OWNER, 1), 1, Draft("a" * 32, 0, "A note."), tools=the_tools())
    db.session.remove()
    assert len(values("SELECT id FROM keys.person_keys")) == 1

    downgrade(revision="0003")

    assert values("SELECT name FROM clients") == [ZOE.name]
    assert values("SELECT id FROM keys.person_keys") == []
    assert "NOTE_WRITTEN" not in values("SELECT happening FROM journal")

    upgrade()

    assert values("SELECT search_key FROM clients") == ["zoe angstrom zoe@mail.example"]
    assert values("SELECT id FROM notes") == []
