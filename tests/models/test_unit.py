from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, insert, text, update
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from practice.domain.refusal import Busy, TimeTaken
from practice.models.base import db
from practice.models.coach import Coach
from practice.models.diary import lock_diary
from practice.models.occupancy import Block, Occupancy
from practice.models.throttle import Bucket
from practice.models.unit import commit_joined, persistently, reading, unit_of_work
from tests.fakes import NOW
from tests.looking import all_of
from tests.makers import make_coach

TEN = datetime(2026, 6, 2, 10, 0, tzinfo=UTC)


def bucket(key: str) -> Bucket:
    return Bucket(key=key, tokens=1.0, refilled_at=NOW)


def fail_after(*acts: Callable[[Session], object]) -> None:
    """Do some acts in one unit of work, and fail before its end."""
    with unit_of_work() as session:
        for act in acts:
            act(session)
        raise ZeroDivisionError


def test_what_fails_half_way_leaves_nothing(inside: Flask) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_after(lambda session: session.add(bucket("a")), Session.flush)

    assert all_of(Bucket) == []


def test_an_inner_unit_joins_the_outer_one(inside: Flask) -> None:
    def inner_act(outer: Session) -> None:
        with unit_of_work() as inner:
            assert inner is outer
            inner.add(bucket("a"))

    with pytest.raises(ZeroDivisionError):
        fail_after(inner_act)

    assert all_of(Bucket) == []


def test_a_librarys_commit_waits_for_the_unit_it_happens_in(inside: Flask) -> None:
    with pytest.raises(ZeroDivisionError):
        fail_after(lambda session: session.add(bucket("a")), lambda _: commit_joined())

    assert all_of(Bucket) == []


def test_a_librarys_commit_outside_of_a_unit_is_one(inside: Flask) -> None:
    reading().add(bucket("a"))
    commit_joined()
    db.session.remove()

    assert len(all_of(Bucket)) == 1


def test_after_a_failure_the_next_unit_works(inside: Flask) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work():
        raise ZeroDivisionError

    with unit_of_work() as session:
        session.add(bucket("a"))

    assert len(all_of(Bucket)) == 1


@pytest.mark.usefixtures("coach")
def test_the_databases_own_refusal_of_an_overlap_means_that_the_time_has_gone(
    inside: Flask,
) -> None:
    def block() -> None:
        with unit_of_work() as session:
            block = Block(coach_id=1, created_at=NOW)
            session.add(block)
            session.flush()
            session.execute(
                insert(Occupancy).values(
                    coach_id=1,
                    block_id=block.id,
                    status="blocked",
                    starts_at=TEN,
                    ends_at=TEN + timedelta(hours=1),
                )
            )

    block()

    with pytest.raises(TimeTaken):
        block()
    assert len(all_of(Block)) == 1


@pytest.mark.usefixtures("coach")
def test_a_diary_that_another_writer_holds_is_busy(inside: Flask, database: str) -> None:
    _be_impatient()
    with _a_writer_in_the_diary(database), pytest.raises(Busy), unit_of_work() as session:
        lock_diary(session, 1)

    with unit_of_work() as session:
        lock_diary(session, 1)


@pytest.mark.usefixtures("coach")
def test_readers_wait_for_no_writer(inside: Flask, database: str) -> None:
    _be_impatient()
    with _a_writer_in_the_diary(database):
        assert len(all_of(Coach)) == 1


@pytest.mark.usefixtures("coach")
def test_another_coachs_diary_is_not_held_up_on_postgresql(inside: Flask, database: str) -> None:
    noor = make_coach()
    if db.engine.dialect.name == "postgresql":
        _be_impatient()
        with _a_writer_in_the_diary(database), unit_of_work() as session:
            lock_diary(session, noor)


def test_what_was_busy_is_tried_three_times() -> None:
    tries = []

    def act() -> None:
        tries.append(1)
        raise Busy("busy")

    with pytest.raises(Busy):
        persistently(act)
    assert len(tries) == 3


def test_what_was_busy_once_is_done_in_the_end() -> None:
    answers = [Busy("busy"), None]

    def act() -> str:
        trouble = answers.pop(0)
        if trouble:
            raise trouble
        return "done"

    assert persistently(act) == "done"


def _be_impatient() -> None:
    """Wait for milliseconds instead of half a minute, on the one connection of the pool."""
    patience = (
        "PRAGMA busy_timeout = 20"
        if db.engine.dialect.name == "sqlite"
        else "SET lock_timeout = '20ms'"
    )
    db.session.remove()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(patience)


class _a_writer_in_the_diary:  # noqa: N801 - it reads as a with-statement does
    """Another process in the middle of a write to Maya's diary."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url, poolclass=NullPool)

    def __enter__(self) -> None:
        self._connection = self._engine.connect()
        if self._engine.dialect.name == "sqlite":
            self._connection.execute(text("BEGIN IMMEDIATE"))
        self._connection.execute(update(Coach).where(Coach.id == 1).values(position=1))

    def __exit__(self, *_: object) -> None:
        self._connection.rollback()
        self._connection.close()
