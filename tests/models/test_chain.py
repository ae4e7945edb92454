"""The journal's chain: whatever is taken out, changed, put in or cut off shows, by its number."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from practice.domain.booking import Actor
from practice.domain.refusal import NotAllowed
from practice.models.base import db
from practice.models.chain import breaks
from practice.models.journal import Happening, JournalEntry, JournalHead, redact, tell
from practice.models.unit import unit_of_work
from tests.fakes import NOW
from tests.looking import all_of
from tests.makers import at, book_for, make_coach
from tests.people import ADA


def told(count: int = 1, coach_id: int | None = 1) -> None:
    for _ in range(count):
        with unit_of_work() as session:
            tell(session, Happening.BOOKED, actor=Actor.COACH, now=NOW, coach_id=coach_id)
    db.session.remove()


def broken() -> dict[int, str]:
    found = {chain: each.sentence for chain, each in breaks(db.session()).items()}
    db.session.remove()
    return found


def sql(statement: str, **values: Any) -> None:
    with db.engine.begin() as connection:
        connection.execute(text(statement), values)


@pytest.fixture
def lines(app: Flask, coach: int) -> Any:
    """Five lines in the chain of Maya, and two in the house's own."""
    with app.app_context():
        told(5)
        told(2, None)
        assert broken() == {}
        yield


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM journal WHERE chain = 1 AND number = 3", "Line 3 is missing."),
        ("DELETE FROM journal WHERE chain = 1 AND number = 1", "Line 1 is missing."),
        ("UPDATE journal SET user_id = 1 WHERE chain = 1 AND number = 4", "Line 4 was changed."),
        ("UPDATE journal SET happening = 'MOVED' WHERE chain = 1 AND number = 2",
         "Line 2 was changed."),
        ("DELETE FROM journal WHERE chain = 1 AND number > 3", "The end is cut off: line 4 and"),
        ("DELETE FROM journal_heads WHERE chain = 1", "The end is cut off: line 6 and"),
    ],
)  # fmt: skip
def test_it_shows_which_line_was_touched(lines: None, statement: str, says: str) -> None:
    sql(statement)
    assert list(broken()) == [1]
    assert broken()[1].startswith(says)


def test_whoever_cuts_the_end_off_cannot_make_the_head_that_stood_there(lines: None) -> None:
    third = all_of(JournalEntry, JournalEntry.chain == 1, JournalEntry.number == 3)[0]
    sql("DELETE FROM journal WHERE chain = 1 AND number > 3")
    sql("UPDATE journal_heads SET number = 3, link = :link WHERE chain = 1", link=third.link)
    assert broken()[1].startswith("The end is cut off")


def test_two_lines_that_changed_places_show(lines: None) -> None:
    for was, becomes in ((2, 99), (3, 2), (99, 3)):
        sql(f"UPDATE journal SET number = {becomes} WHERE chain = 1 AND number = {was}")
    assert broken() == {1: "Line 2 was changed."}


def test_a_line_that_was_put_in_shows_with_and_without_a_number(lines: None) -> None:
    columns = "at, happening, actor, coach_id"
    copied = f"SELECT {columns} FROM journal WHERE chain = 1 AND number = 2"
    sql(f"INSERT INTO journal ({columns}) {copied}")
    assert broken() == {1: "A line without a number was put in."}
    sql("DELETE FROM journal WHERE number IS NULL")
    sql(
        f"INSERT INTO journal ({columns}, chain, number, digest, link) "
        f"SELECT {columns}, chain, 6, digest, link FROM journal WHERE chain = 1 AND number = 2"
    )
    assert broken() == {1: "Line 6 was changed."}


def test_what_is_forgotten_on_purpose_leaves_the_chain_whole(lines: None) -> None:
    sql("UPDATE journal SET booking_id = NULL WHERE chain = 1")
    with unit_of_work() as session:
        redact(session, [1])
    assert broken() == {}


def test_a_unit_that_comes_to_nothing_leaves_no_line_and_no_gap(lines: None) -> None:
    def fails() -> None:
        with unit_of_work() as session:
            tell(session, Happening.BOOKED, actor=Actor.COACH, now=NOW, coach_id=1)
            raise NotAllowed("No.")

    with pytest.raises(NotAllowed):
        fails()
    told()
    assert broken() == {}
    assert all_of(JournalHead)[-1].number == 6


def test_writers_of_several_chains_at_once_leave_no_gap_and_wait_for_nobody_twice(
    app: Flask, coach: int
) -> None:
    with app.app_context():
        noor = make_coach()
    begin, faults = threading.Barrier(6), []

    def writer(order: tuple[int | None, ...]) -> Callable[[], None]:
        def act() -> None:
            with app.app_context():
                begin.wait()
                try:
                    for _ in range(8):
                        with unit_of_work() as session:
                            for coach_id in order:
                                tell(session, Happening.BOOKED, actor=Actor.COACH,
                                     now=NOW, coach_id=coach_id)  # fmt: skip
                except Exception as fault:  # noqa: BLE001 - told by the test's own thread
                    faults.append(fault)

        return act

    orders = [(1, noor, None), (None, noor, 1), (noor, 1, None)] * 2
    threads = [threading.Thread(target=writer(order)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with app.app_context():
        assert broken() == {}
        assert {head.chain: head.number for head in all_of(JournalHead)} == {0: 48, 1: 48, noor: 48}


@pytest.mark.parametrize("place", ["1, -1", "1, 0", "NULL, 99", "1, NULL"])
def test_a_line_that_stands_in_no_chain_shows(lines: None, place: str) -> None:
    columns = "at, happening, actor, coach_id"
    sql(
        f"INSERT INTO journal ({columns}, chain, number) "
        f"SELECT {columns}, {place} FROM journal WHERE chain = 1 AND number = 2"
    )
    assert list(broken()) == [1]


def test_a_journal_that_was_taken_away_as_a_whole_shows_by_what_it_told_of(lines: None) -> None:
    book_for(ADA, at=at("Tue 10:00"))
    assert broken() == {}
    sql("DELETE FROM journal")
    sql("DELETE FROM journal_heads")
    told()
    assert broken() == {1: "Appointments stand of which no line tells any more."}
