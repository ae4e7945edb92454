"""The worker's round: letters go out whatever else fails."""

import pytest
from flask import Flask
from sqlalchemy import text

from practice.cli.worker import _round
from practice.models.base import db
from practice.models.unit import unit_of_work
from tests.fakes import Postbox
from tests.makers import at, book_for
from tests.people import ADA


def test_what_cannot_be_tidied_stops_no_letters(
    app: Flask, coach: int, postbox: Postbox, caplog: pytest.LogCaptureFixture
) -> None:
    with app.app_context():
        book_for(ADA, at=at("Tue 10:00"))
        _rename("throttles", "away")
        try:
            assert _round("worker", keep=True)
            assert not _round("worker", keep=True)
        finally:
            db.session.remove()
            _rename("away", "throttles")

    assert len(postbox.posts) == 2
    assert "housekeeping failed" in caplog.text
    assert ADA.email not in caplog.text


def _rename(old: str, new: str) -> None:
    with unit_of_work() as session:
        session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
    db.session.remove()
