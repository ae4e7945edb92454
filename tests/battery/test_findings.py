"""What the battery once found by chance, made to happen every time."""

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from benchmarks.past import add_past
from practice.app import create_app
from practice.models.base import db
from practice.models.unit import reading
from practice.usecases.housekeeping import keep_house
from tests.battery.ground import Ground, booked, execute, ground, house, the_tools, tomorrow


@pytest.mark.battery
def test_a_booking_costs_sqlite_the_same_after_a_long_past() -> None:
    with ground("sqlite") as place:
        young = _steps_of_a_booking(place, tomorrow() + timedelta(days=10))
    with ground("sqlite") as place:
        add_past(place.url, 5000)
        old = _steps_of_a_booking(place, tomorrow() + timedelta(days=10))
    assert old < 1.2 * young


def _steps_of_a_booking(place: Ground, starts_at: datetime) -> int:
    """How many times SQLite's engine did a hundred steps for a hold, a booking and the tidying."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    app = create_app(replace(place.settings(), rate_limits=True))
    with app.app_context():
        link = db.session.connection().connection.driver_connection
        assert isinstance(link, sqlite3.Connection)
        link.set_progress_handler(count, 100)
        booked(starts_at)
        keep_house(tools=the_tools())
        db.session.remove()
        db.engine.dispose()
    return counted


@pytest.mark.battery
def test_an_answer_stands_though_the_database_went_after_it_was_written() -> None:
    with ground("postgresql") as place, house(place) as app:
        with app.app_context():
            backend = reading().execute(text("SELECT pg_backend_pid()")).scalar_one()
            execute(place.url, f"SELECT pg_terminate_backend({backend})")
        with app.app_context():
            assert db.session.execute(text("SELECT 1")).scalar_one() == 1
