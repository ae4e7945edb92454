"""Blocking time: what is free is kept, who is booked stays, and the diary's one way holds."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from practice.domain.refusal import Invalid, NotAllowed, NotFound, Refusal, TimeTaken
from practice.domain.repeating import Repeat, Stretch
from practice.domain.roles import Role, Seat
from practice.domain.span import Span
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.journal import JournalEntry
from practice.models.occupancy import Block, Occupancy
from practice.models.unit import unit_of_work
from practice.usecases.blocking import block, block_often, unblock, without
from tests.fakes import NOW, FrozenClock
from tests.looking import all_of, dump
from tests.makers import at, book_for, hold_for, make_coach, seat_of, the_tools
from tests.people import ADA, BEN


def kept(coach: int, begin: str, end: str, *, note: str = "", around: bool = False) -> int:
    made = block(seat_of(coach), Span(at(begin), at(end)), note, around=around, tools=the_tools())
    db.session.remove()
    return made


def spans(block_id: int) -> list[tuple[datetime, datetime]]:
    rows = all_of(Occupancy, Occupancy.block_id == block_id)
    return sorted((row.starts_at, row.ends_at) for row in rows)


def test_blocked_time_cannot_be_booked_until_it_is_opened_again(coach: int) -> None:
    lunch = kept(coach, "Tue 12:00", "Tue 13:00", note="Lunch")

    with pytest.raises(TimeTaken) as refused:
        book_for(ADA, at=at("Tue 12:30"))
    assert at("Tue 12:30") not in refused.value.nearest
    assert [(row.note, row.coach_id) for row in all_of(Block)] == [("Lunch", coach)]
    assert spans(lunch) == [(at("Tue 12:00"), at("Tue 13:00"))]

    assert unblock(seat_of(coach), lunch, tools=the_tools()) == at("Tue 12:00")
    db.session.remove()

    assert all_of(Block) == []
    assert all_of(Occupancy) == []
    assert book_for(ADA, at=at("Tue 12:30"))


def test_blocking_and_opening_are_told_in_the_journal(coach: int) -> None:
    lunch = kept(coach, "Tue 12:00", "Tue 13:00")
    unblock(seat_of(coach), lunch, tools=the_tools())
    db.session.remove()

    told = [
        (row.happening, row.actor, row.coach_id, row.starts_at)
        for row in all_of(JournalEntry, JournalEntry.happening.in_(["BLOCKED", "UNBLOCKED"]))
    ]
    assert told == [
        ("BLOCKED", "coach", coach, at("Tue 12:00")),
        ("UNBLOCKED", "coach", coach, at("Tue 12:00")),
    ]


@pytest.mark.parametrize("somebody", ["booked", "holding"])
def test_who_is_there_is_never_blocked_over(coach: int, somebody: str) -> None:
    (book_for if somebody == "booked" else hold_for)(ADA, at=at("Tue 10:00"))
    before = dump(without={"throttles"})

    with pytest.raises(NotAllowed):
        kept(coach, "Tue 09:00", "Tue 12:00")

    assert dump(without={"throttles"}) == before


def test_around_who_is_booked_the_free_time_is_blocked(coach: int) -> None:
    book_for(ADA, at=at("Tue 10:00"))
    book_for(BEN, at=at("Tue 12:00"))

    made = kept(coach, "Tue 09:00", "Tue 12:30", around=True)

    assert spans(made) == [
        (at("Tue 09:00"), at("Tue 10:00")),
        (at("Tue 10:30"), at("Tue 12:00")),
    ]
    assert {row.status for row in all_of(Booking)} == {"confirmed"}


def test_a_hold_that_has_ended_is_not_in_the_way(coach: int, clock: FrozenClock) -> None:
    hold_for(ADA, at=at("Tue 10:00"))
    clock.advance(minutes=16)

    made = kept(coach, "Tue 09:00", "Tue 12:00")

    assert spans(made) == [(at("Tue 09:00"), at("Tue 12:00"))]
    assert [row.status for row in all_of(Booking)] == ["expired"]


def test_what_is_blocked_already_stays_as_it_was(coach: int) -> None:
    first = kept(coach, "Tue 10:00", "Tue 11:00", note="First")

    second = kept(coach, "Tue 09:00", "Tue 12:00", note="Second")

    assert spans(first) == [(at("Tue 10:00"), at("Tue 11:00"))]
    assert spans(second) == [
        (at("Tue 09:00"), at("Tue 10:00")),
        (at("Tue 11:00"), at("Tue 12:00")),
    ]
    with pytest.raises(NotAllowed):
        kept(coach, "Tue 09:30", "Tue 11:30")


def test_the_rest_of_a_day_can_be_kept_after_somebody_was_there(
    coach: int, clock: FrozenClock
) -> None:
    book_for(ADA, at=at("Tue 10:00"))
    clock.at = at("Tue 10:30")

    made = kept(coach, "Tue 00:00", "Wed 00:00")

    assert spans(made) == [
        (at("Tue 00:00"), at("Tue 10:00")),
        (at("Tue 10:30"), at("Wed 00:00")),
    ]


@pytest.mark.parametrize(
    ("begin", "end", "field"),
    [
        (NOW - timedelta(hours=2), NOW, "on"),
        (NOW + timedelta(hours=2), NOW + timedelta(hours=2), "until"),
        (NOW, NOW + timedelta(days=367), "last"),
    ],
)
def test_a_span_that_makes_no_sense_is_named_by_its_field(
    coach: int, begin: datetime, end: datetime, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        block(seat_of(coach), Span(begin, end), "", around=True, tools=the_tools())

    assert refused.value.field == field
    assert all_of(Block) == []


def test_another_coachs_block_is_not_there(coach: int) -> None:
    other = make_coach()
    lunch = kept(coach, "Tue 12:00", "Tue 13:00")

    with pytest.raises(NotFound):
        unblock(seat_of(other), lunch, tools=the_tools())
    assert spans(kept(other, "Tue 12:00", "Tue 13:00"))
    assert spans(lunch)


def test_the_database_itself_refuses_a_block_over_somebody(coach: int) -> None:
    book_for(ADA, at=at("Tue 10:00"))
    lunch = kept(coach, "Tue 12:00", "Tue 13:00")

    with pytest.raises((TimeTaken, IntegrityError)), unit_of_work() as session:
        session.add(
            Occupancy(
                coach_id=coach,
                block_id=lunch,
                status="blocked",
                starts_at=at("Tue 10:15"),
                ends_at=at("Tue 10:45"),
            )
        )
    db.session.remove()
    assert len(all_of(Occupancy)) == 2


def test_of_a_block_and_a_booking_at_one_moment_one_wins(app: Flask, coach: int) -> None:
    for number in range(4):
        _race(app, coach, at("Tue 10:00") + timedelta(hours=number))

    rows = sorted(all_of(Occupancy), key=lambda row: row.starts_at)
    assert len(rows) == 4
    assert all(a.ends_at <= b.starts_at for a, b in pairwise(rows))


def _race(app: Flask, coach: int, start: datetime) -> None:
    ready = Barrier(2)
    won: list[str] = []

    def run(name: str) -> None:
        with app.app_context():
            ready.wait()
            try:
                if name == "block":
                    span = Span(start, start + timedelta(minutes=30))
                    block(seat_of(coach), span, "", around=False, tools=the_tools())
                else:
                    hold_for(BEN, at=start, browser=f"browser-{start}"[:40])
            except Refusal:
                return
            finally:
                db.session.remove()
            won.append(name)

    threads = [Thread(target=run, args=(name,)) for name in ("block", "hold")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1, won


def test_what_is_left_of_a_span() -> None:
    def hour(begin: int, end: int) -> Span:
        return Span(datetime(2026, 6, 2, begin, tzinfo=UTC), datetime(2026, 6, 2, end, tzinfo=UTC))

    assert without(hour(9, 12), []) == [hour(9, 12)]
    assert without(hour(9, 12), [hour(8, 13)]) == []
    assert without(hour(9, 12), [hour(8, 10)]) == [hour(10, 12)]
    assert without(hour(9, 12), [hour(11, 13), hour(8, 10)]) == [hour(10, 11)]
    assert without(hour(9, 12), [hour(9, 10), hour(10, 11)]) == [hour(11, 12)]


def test_a_repeated_block_leaves_out_what_is_taken_between_two_of_its_times() -> None:
    for start in ("Tue 10:00", "Wed 10:00", "Thu 10:00"):
        book_for(at=at(start))
    stretch = Stretch(NOW.date(), 12 * 60, NOW.date(), 13 * 60)
    weekly = Repeat(1, NOW.date() + timedelta(weeks=1))

    made = block_often(Seat(1, Role.OWNER, 1), stretch, weekly, "", around=False, tools=the_tools())
    db.session.remove()

    assert made.left_out == 0
    blocked = all_of(Occupancy, Occupancy.block_id.is_not(None))
    assert [row.starts_at for row in blocked] == [at("Mon 12:00"), at("Mon 12:00", week=1)]
