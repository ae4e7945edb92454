from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError

from practice.app import create_app
from practice.models.base import WRITING, db
from practice.models.throttle import Bucket
from practice.models.unit import reading, unit_of_work
from tests import databases
from tests.fakes import NOW
from tests.looking import all_of, statements

SUMMER_GAP = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
FOLD = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/London"), fold=1)


def keep(instant: datetime) -> None:
    with unit_of_work() as session:
        session.add(Bucket(key="k", tokens=1.0, refilled_at=instant))


def test_a_naive_datetime_is_refused(inside: Flask) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        keep(NOW.replace(tzinfo=None))

    assert all_of(Bucket) == []


def test_a_naive_datetime_is_no_question_either(inside: Flask) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        reading().scalars(select(Bucket).where(Bucket.refilled_at < NOW.replace(tzinfo=None))).all()


@pytest.mark.parametrize(
    "instant",
    [
        NOW,
        SUMMER_GAP,
        FOLD,
        datetime(2026, 6, 1, 23, 30, tzinfo=timezone(timedelta(hours=-11))),
        datetime(2026, 6, 1, 9, 0, 0, 123_456, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, tzinfo=UTC),
    ],
)
def test_an_instant_comes_back_as_the_same_one_in_utc(inside: Flask, instant: datetime) -> None:
    keep(instant)
    db.session.remove()

    (bucket,) = all_of(Bucket)

    assert bucket.refilled_at == instant.astimezone(UTC)
    assert bucket.refilled_at.utcoffset() == timedelta(0)


def test_the_session_of_postgresql_counts_in_utc(inside: Flask) -> None:
    if db.engine.dialect.name == "postgresql":
        assert reading().scalar(text("SHOW timezone")) in {"UTC", "utc"}
        assert reading().scalar(text("SHOW lock_timeout")) == "10s"


def test_sqlite_is_durable_and_watches_its_keys(tmp_path: Path) -> None:
    # The houses of other tests do not wait for the disk; this one is as it is made for a coach.
    house = create_app(databases.settings_for(databases.clean_sqlite(tmp_path), tmp_path))
    pragmas = ("journal_mode", "foreign_keys", "synchronous", "secure_delete", "keys.synchronous")
    with house.app_context():
        said = {name: reading().scalar(text(f"PRAGMA {name}")) for name in pragmas}
        db.session.remove()
        db.engine.dispose()
    assert said == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 2,
        "secure_delete": 1,
        "keys.synchronous": 3,
    }


def test_writers_on_sqlite_are_alone_from_their_beginning(inside: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        with statements() as sent:
            reading().execute(select(Bucket))
            keep(NOW)

        assert [s for s in sent if s.startswith("BEGIN")] == ["BEGIN", "BEGIN IMMEDIATE"]


def test_a_connection_that_wrote_reads_without_the_lock_again(inside: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        keep(NOW)
        with statements() as sent:
            reading().execute(select(Bucket))

        assert sent[0] == "BEGIN"
        with db.engine.connect().execution_options(**{WRITING: True}) as another:
            another.execute(insert(Bucket).values(key="j", tokens=1.0, refilled_at=NOW))
            another.commit()
