"""The database has the last word: raw SQL, past all of our own code, cannot overlap either."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from practice.models.base import WRITING, db
from practice.models.occupancy import NO_OVERLAP, Block, Occupancy
from tests.looking import all_of
from tests.makers import at, book_for, make_coach

pytestmark = pytest.mark.usefixtures("coach")

TEN = datetime(2026, 6, 2, 10, 0, tzinfo=UTC)


def add(starts: int, ends: int, *, coach_id: int = 1, **values: Any) -> None:
    """Insert a span in minutes after ten, by a statement of its own."""
    with db.engine.connect().execution_options(**{WRITING: True}) as connection:
        block = connection.execute(
            insert(Block).values(coach_id=coach_id, created_at=TEN).returning(Block.id)
        ).scalar()
        row = {
            "coach_id": coach_id,
            "block_id": block,
            "status": "blocked",
            "starts_at": TEN + timedelta(minutes=starts),
            "ends_at": TEN + timedelta(minutes=ends),
        }
        connection.execute(insert(Occupancy).values(row | values))
        connection.commit()


@pytest.mark.parametrize(
    ("starts", "ends"),
    [(0, 60), (-10, 10), (50, 70), (10, 20), (-10, 70), (59, 61), (-1, 1), (0, 10), (50, 60)],
)
def test_an_overlap_is_refused_by_the_database(inside: Flask, starts: int, ends: int) -> None:
    add(0, 60)

    with pytest.raises(IntegrityError, match=NO_OVERLAP):
        add(starts, ends)

    assert len(all_of(Occupancy)) == 1


@pytest.mark.parametrize(("starts", "ends"), [(60, 120), (-60, 0), (600, 660)])
def test_spans_that_touch_or_lie_apart_are_taken(inside: Flask, starts: int, ends: int) -> None:
    add(0, 60)

    add(starts, ends)

    assert len(all_of(Occupancy)) == 2


def test_another_coachs_time_is_another_coachs(inside: Flask) -> None:
    noor = make_coach()
    add(0, 60)

    add(0, 60, coach_id=noor)

    assert len(all_of(Occupancy)) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"starts_at": TEN + timedelta(minutes=30), "ends_at": TEN + timedelta(minutes=90)},
        {"starts_at": TEN, "ends_at": TEN + timedelta(minutes=60)},
        {"starts_at": TEN + timedelta(minutes=59)},
    ],
)
def test_a_span_cannot_be_moved_into_another(inside: Flask, change: dict[str, datetime]) -> None:
    add(0, 60)
    add(60, 120)

    with (
        db.engine.connect().execution_options(**{WRITING: True}) as connection,
        pytest.raises(IntegrityError, match=NO_OVERLAP),
    ):
        connection.execute(update(Occupancy).where(Occupancy.id == 2).values(change))


def test_a_span_cannot_be_given_to_a_coach_who_has_something_else(inside: Flask) -> None:
    noor = make_coach()
    add(0, 60)
    add(0, 60, coach_id=noor)

    with (
        db.engine.connect().execution_options(**{WRITING: True}) as connection,
        pytest.raises(IntegrityError, match=NO_OVERLAP),
    ):
        connection.execute(update(Occupancy).where(Occupancy.id == 2).values(coach_id=1))


def test_a_span_can_be_moved_over_its_own_old_place(inside: Flask) -> None:
    add(0, 60)

    with db.engine.connect().execution_options(**{WRITING: True}) as connection:
        connection.execute(
            update(Occupancy).values(
                starts_at=TEN + timedelta(minutes=30), ends_at=TEN + timedelta(minutes=90)
            )
        )
        connection.commit()

    assert all_of(Occupancy)[0].starts_at == TEN + timedelta(minutes=30)


@pytest.mark.parametrize(
    "values",
    [
        {"ends_at": TEN},  # as long as nothing
        {"ends_at": TEN - timedelta(minutes=1)},
        {"status": "cancelled"},
        {"status": "held"},  # without an end
        {"held_until": TEN},  # an end, but not held
        {"block_id": None},  # for no reason
        {"coach_id": 999},
        {"block_id": 999},
    ],
)
def test_what_makes_no_sense_is_refused_by_the_database(
    inside: Flask, values: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError):
        add(0, 60, **values)


def test_a_span_belongs_to_a_booking_or_a_block_and_never_both(inside: Flask) -> None:
    ada = book_for(at=at("Tue 10:00"))

    with pytest.raises(IntegrityError):
        add(600, 660, booking_id=ada.id)


def test_there_is_one_practice(inside: Flask) -> None:
    from practice.models.practice import Practice

    with (
        db.engine.connect().execution_options(**{WRITING: True}) as connection,
        pytest.raises(IntegrityError),
    ):
        connection.execute(insert(Practice).values(id=2, name="Another"))
    with db.engine.connect() as connection:
        assert connection.scalars(select(Practice.id)).all() == [1]
