"""The worker's round: letters go out whatever else fails, and each chore at its time."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from practice.adapters.pretend import PretendPayments
from practice.cli.worker import Chore, _round, chores
from practice.domain.refusal import Busy
from practice.models.base import db
from practice.models.unit import unit_of_work
from practice.ports import Tools
from tests.fakes import FrozenClock, Postbox
from tests.makers import at, book_for
from tests.people import ADA


def test_what_cannot_be_tidied_stops_no_letters(
    app: Flask, coach: int, postbox: Postbox, caplog: pytest.LogCaptureFixture
) -> None:
    with app.app_context():
        book_for(ADA, at=at("Tue 10:00"))
        beside = chores()
        _rename("throttles", "away")
        try:
            assert _round("worker", beside)
            assert not _round("worker", beside)
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


def test_payments_that_cannot_be_asked_after_stop_no_letters(
    app: Flask,
    coach: int,
    postbox: Postbox,
    tools: Tools,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    payments = PretendPayments(tmp_path / "pretend.db", tools.clock, tools.base_url)
    app.extensions["practice"] = replace(tools, payments=payments)
    with app.app_context():
        book_for(ADA, at=at("Tue 10:00"))
        _rename("refunds", "away")
        _rename("payments", "gone")
        try:
            assert _round("worker", chores())
        finally:
            db.session.remove()
            _rename("gone", "payments")
            _rename("away", "refunds")

    assert len(postbox.posts) == 2
    assert "refunds failed" in caplog.text
    assert "asking after payments failed" in caplog.text
    assert "letting unpaid times go failed" in caplog.text


def test_each_chore_is_done_at_once_and_then_at_its_time(
    app: Flask, coach: int, clock: FrozenClock
) -> None:
    done = []
    every_ten = Chore("x", lambda **_: done.append(clock.now()), timedelta(minutes=10))
    with app.app_context():
        for _ in range(2000):  # as many rounds as a busy worker does
            _round("worker", [every_ten])
            clock.advance(seconds=1)
        assert len(done) == 4
        clock.advance(days=-2)
        _round("worker", [every_ten])
        _round("worker", [every_ten])

    assert len(done) == 5


def test_the_chores_are_due_every_minute_or_ten(app: Flask, tools: Tools) -> None:
    now = tools.clock.now()
    beside = chores()
    with app.app_context():
        for chore in beside:
            assert chore.is_due(now)
            chore.do(tools)

    assert [chore.is_due(now + timedelta(seconds=59)) for chore in beside] == [False] * 3
    assert [chore.is_due(now + timedelta(minutes=1)) for chore in beside] == [True, True, False]
    assert [chore.is_due(now + timedelta(minutes=10)) for chore in beside] == [True] * 3


def test_a_chore_for_which_the_database_was_busy_is_due_in_the_next_round(tools: Tools) -> None:
    def busy(**_: object) -> None:
        raise Busy("We are very busy this minute.")

    chore = Chore("x", busy, timedelta(minutes=10))
    with pytest.raises(Busy):
        chore.do(tools)

    assert chore.is_due(tools.clock.now())
