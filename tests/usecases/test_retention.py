from datetime import UTC, datetime, timedelta

import pytest

from practice.domain.booking import Actor
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.intake import Intake, IntakeSection
from practice.models.intakes import reads_of
from practice.models.journal import Happening, tell
from practice.models.link import Link, Purpose
from practice.models.person_key import PersonKey
from practice.models.sitting import Sitting
from practice.models.unit import unit_of_work
from practice.usecases import sittings
from practice.usecases.housekeeping import keep_house
from tests.fakes import FrozenClock
from tests.looking import all_of, dump
from tests.makers import (
    Booked,
    at,
    begin_for,
    book_for,
    cancel_for,
    change_practice,
    drafts_of,
    share_for,
    shared_by,
    the_tools,
    write_for,
)
from tests.people import ADA, BEN

ENDED = at("Tue 10:30")
A_YEAR_LATER = datetime(2027, 6, 2, 9, 30, tzinfo=UTC)  # Tuesday 2 June 2026, 10:30 in London


@pytest.fixture
def booking(coach: int) -> Booked:
    return book_for(ADA, at=at("Tue 10:00"))


@pytest.fixture
def sitting(booking: Booked) -> str:
    sitting = begin_for(booking)
    write_for(sitting, "brings", {"different": "Kept for a while."})
    share_for(sitting, "brings")
    return sitting


def tidy() -> None:
    keep_house(tools=the_tools())
    db.session.remove()


def is_kept(booking: Booked) -> bool:
    rows = all_of(Intake, Intake.person_id == booking.person_id)
    kept = {row.id for row in all_of(PersonKey)}
    there = {row.key_id in kept for row in rows} | {row.private_key_id in kept for row in rows}
    assert there == {all(row.erased_at is None for row in rows)}
    return there == {True}


def move_end(booking: Booked, ends_at: datetime) -> None:
    """Let a booking have been at another time, as no hours of the coach allow to book it."""
    with unit_of_work() as session:
        row = session.get_one(Booking, booking.id)
        row.ends_at = max(ends_at, row.ends_at)
        row.starts_at = ends_at - timedelta(minutes=30)
        row.ends_at = ends_at
    db.session.remove()


def test_answers_are_kept_for_a_year_after_the_appointment_and_no_longer(
    booking: Booked, sitting: str, clock: FrozenClock
) -> None:
    assert ENDED + timedelta(days=365) == A_YEAR_LATER
    clock.at = A_YEAR_LATER - timedelta(seconds=1)
    tidy()
    assert is_kept(booking)

    clock.at = A_YEAR_LATER
    tidy()

    assert not is_kept(booking)
    assert not [*all_of(PersonKey), *all_of(IntakeSection), *all_of(Sitting)]
    assert shared_by(booking) == []
    before = dump()
    tidy()
    assert dump() == before


def test_the_practice_says_for_how_many_months(
    booking: Booked, sitting: str, clock: FrozenClock
) -> None:
    change_practice(keep_answers_months=1)
    clock.at = datetime(2026, 7, 2, 9, 29, tzinfo=UTC)
    tidy()
    assert is_kept(booking)

    clock.advance(minutes=1)
    tidy()

    assert not is_kept(booking)


def test_a_longer_span_holds_for_nobody_who_has_not_agreed_to_it(
    booking: Booked, sitting: str, clock: FrozenClock
) -> None:
    change_practice(keep_answers_months=24)
    clock.at = A_YEAR_LATER

    tidy()

    assert not is_kept(booking)


def test_a_later_appointment_of_the_same_person_keeps_them(
    booking: Booked, sitting: str, clock: FrozenClock
) -> None:
    later = book_for(ADA, at=at("Thu 10:00"))
    move_end(later, datetime(2027, 3, 1, 10, tzinfo=UTC))
    bens = book_for(BEN, at=at("Wed 10:00"))
    begin_for(bens, BEN)
    clock.at = A_YEAR_LATER + timedelta(days=30)
    tidy()
    assert is_kept(booking)
    assert not is_kept(bens)

    clock.at = datetime(2028, 3, 1, 10, tzinfo=UTC)
    tidy()

    assert not is_kept(booking)


def test_a_cancelled_appointment_keeps_nothing_longer(
    booking: Booked, sitting: str, clock: FrozenClock
) -> None:
    cancel_for(book_for(ADA, at=at("Thu 10:00")))
    cancel_for(booking)
    clock.at = A_YEAR_LATER
    tidy()

    assert not is_kept(booking)


def test_sittings_are_forgotten_after_a_day(
    booking: Booked, sitting: str, clock: FrozenClock
) -> None:
    clock.advance(hours=1)
    begin_for(booking)
    clock.advance(hours=23, seconds=1)

    tidy()

    assert len(all_of(Sitting)) == 1
    clock.advance(hours=1)
    tidy()
    assert all_of(Sitting) == []
    assert is_kept(booking)


def test_codes_are_forgotten_once_they_are_late_spent_or_not(
    booking: Booked, clock: FrozenClock
) -> None:
    def codes() -> list[Link]:
        return all_of(Link, Link.purpose == Purpose.WAY_BACK)

    begin_for(booking, passcode="")
    for _ in range(2):
        sittings.ask_code(booking.token, "caller", tools=the_tools())
        db.session.remove()
    sittings.spend_code(codes()[0].token(the_tools().vault), tools=the_tools())
    db.session.remove()

    tidy()
    assert len(codes()) == 2
    clock.advance(minutes=30)
    tidy()

    assert codes() == []
    assert {row.purpose for row in all_of(Link)} == {Purpose.HOLD, Purpose.APPOINTMENT}


def test_a_house_where_somebody_writes_is_left_as_it_is(booking: Booked, sitting: str) -> None:
    before = dump()

    tidy()

    assert dump() == before
    assert drafts_of(sitting)["brings"].answers == {"different": "Kept for a while."}


def test_the_writer_can_see_when_it_was_read(
    booking: Booked, sitting: str, clock: FrozenClock
) -> None:
    bens = book_for(BEN, at=at("Wed 10:00"))
    for happening in (Happening.INTAKE_READ, Happening.PRIVATE_READ, Happening.ERASED):
        with unit_of_work() as session:
            now, whose = clock.now(), booking.person_id
            tell(session, happening, actor=Actor.COACH, now=now, person_id=whose)
        db.session.remove()
        clock.advance(minutes=1)

    assert reads_of(db.session(), booking.person_id) == [
        (at("Mon 10:00"), Happening.INTAKE_READ),
        (at("Mon 10:01"), Happening.PRIVATE_READ),
    ]
    assert reads_of(db.session(), bens.person_id) == []
