"""The worker's round: letters go out whatever else fails, and each chore at its time."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import text

from practice.adapters.pretend import PretendPayments
from practice.cli.worker import Chore, _round, calendars_aside, chores
from practice.domain.busy import FeedAsk, Picture
from practice.domain.refusal import Busy
from practice.models.base import db
from practice.models.unit import unit_of_work
from practice.ports import Tools
from tests.fakes import FrozenClock, Postbox
from tests.feeding import URL, Slow, add_calendar, busy, spans_of
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


def test_letters_go_out_while_a_calendar_hangs(
    app: Flask, coach: int, postbox: Postbox, tools: Tools
) -> None:
    hanging, stop = Slow(busy((at("Wed 10:00"), at("Wed 11:00")))), Event()
    app.extensions["practice"] = replace(tools, feeds=hanging)
    with app.app_context():
        made = add_calendar()
        book_for(ADA, at=at("Tue 10:00"))
        reader = calendars_aside(stop)
        try:
            assert hanging.asked.wait(30)
            assert _round("worker", chores())
            assert len(postbox.posts) == 2
            assert spans_of(made) == []
        finally:
            stop.set()
            hanging.go.set()
            reader.join(30)

        assert spans_of(made) == [(at("Wed 10:00"), at("Wed 11:00"))]


def test_a_calendar_with_a_defect_stops_no_other(
    app: Flask, coach: int, tools: Tools, caplog: pytest.LogCaptureFixture
) -> None:
    other = "https://other.example/b.ics"
    answering = Slow(busy())
    answering.go.set()

    class Odd:
        def picture(self, ask: FeedAsk, *, now: datetime) -> Picture:
            if ask.url == URL:
                raise RuntimeError(f"our own fault at {ask.url}")
            return answering.picture(ask, now=now)

    stop = Event()
    app.extensions["practice"] = replace(tools, feeds=Odd())
    with app.app_context():
        add_calendar()
        add_calendar("B", other)
        reader = calendars_aside(stop)
        try:
            assert answering.asked.wait(30)
        finally:
            stop.set()
            reader.join(30)

    assert "reading calendars failed" in caplog.text
    assert "secret-part" not in caplog.text
