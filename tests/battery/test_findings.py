"""What the battery once found by chance, made to happen every time."""

import pytest
from sqlalchemy import text

from practice.models.base import db
from practice.models.unit import reading
from tests.battery.ground import execute, ground, house


@pytest.mark.battery
def test_an_answer_stands_though_the_database_went_after_it_was_written() -> None:
    with ground("postgresql") as place, house(place) as app:
        with app.app_context():
            backend = reading().execute(text("SELECT pg_backend_pid()")).scalar_one()
            execute(place.url, f"SELECT pg_terminate_backend({backend})")
        with app.app_context():
            assert db.session.execute(text("SELECT 1")).scalar_one() == 1
