"""Migrations build what the models say, on both databases, and can be gone back over with data."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import Config, downgrade, upgrade
from sqlalchemy import inspect, text

from practice.migrations import __path__ as _migrations  # type: ignore[attr-defined]
from practice.models.base import KEYS, Base, UTCDateTime, db
from practice.usecases.demo import seed
from tests import databases, postgres
from tests.looking import dump
from tests.makers import the_tools

MIGRATIONS = Path(next(iter(_migrations)))


@pytest.fixture(params=databases.DIALECTS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An app on a database in which nothing was made yet."""
    name = f"{databases.worker()}_migrations"
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    if request.param == "postgresql":
        url = postgres.new_database(name)
    with databases.house_on(url, tmp_path) as house, house.app_context():
        yield house
        db.session.remove()
    if request.param == "postgresql":
        postgres.drop_database(name)


def schema() -> dict[str, Any]:
    """All that the database itself says of its tables."""
    with db.engine.connect() as connection:
        found = inspect(connection)
        tables = {
            name: {
                "columns": {
                    column["name"]: (str(column["type"]), column["nullable"], column["default"])
                    for column in found.get_columns(name)
                },
                "primary": found.get_pk_constraint(name),
                "foreign": _sorted(found.get_foreign_keys(name)),
                "unique": _sorted(found.get_unique_constraints(name)),
                "checks": _sorted(found.get_check_constraints(name)),
                "indexes": _sorted(found.get_indexes(name)),
            }
            for name in found.get_table_names()
            if name != "alembic_version"
        }
        own = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            if connection.dialect.name == "sqlite"
            else "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'x'"
        )
        guards = {name: " ".join(sql.split()) for name, sql in connection.execute(text(own))}
    return {"tables": tables, "guards": guards}


def _sorted(things: Any) -> list[str]:
    return sorted(repr(_plain(thing)) for thing in things)


def _plain(thing: Any) -> Any:
    """A thing as text that does not depend on where in memory it lies."""
    if isinstance(thing, dict):
        return sorted((name, _plain(value)) for name, value in thing.items())
    return str(thing)


def test_migrations_build_what_the_models_say(empty: Flask) -> None:
    upgrade()

    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": _same_instants,
                "compare_server_default": True,
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name in {None, KEYS},
            },
        )
        assert compare_metadata(context, Base.metadata) == []


def test_migrated_and_created_databases_are_the_same(empty: Flask) -> None:
    upgrade()
    migrated = schema()
    downgrade(revision="base")

    db.create_all()

    assert migrated["guards"]
    assert schema() == migrated


def test_a_filled_database_can_go_down_and_up_again(empty: Flask) -> None:
    upgrade()
    before = schema()
    seed("quiet-lantern-42", tools=the_tools())
    assert dump()["bookings"]
    db.session.remove()

    downgrade(revision="base")
    with db.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    upgrade()

    assert schema() == before
    assert set(map(len, dump().values())) == {0}
    seed("quiet-lantern-42", tools=the_tools())


def test_migrating_twice_changes_nothing_and_keeps_all_rows(empty: Flask) -> None:
    upgrade()
    seed("quiet-lantern-42", tools=the_tools())
    db.session.remove()
    before = dump()

    upgrade()

    assert dump() == before


def test_migrating_leaves_foreign_keys_watched(empty: Flask) -> None:
    upgrade()

    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_migrations_stand_in_one_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)

    numbers = [script.revision for script in scripts.walk_revisions()][::-1]

    assert len(scripts.get_heads()) == 1
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def _same_instants(_context: Any, _there: Any, _meta: Any, there: Any, wanted: Any) -> bool | None:
    return False if isinstance(wanted, UTCDateTime) and "TIME" in str(there) else None
