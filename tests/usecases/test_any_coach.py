"""Offerings of several coaches: the times of all, one of them for each booking, spread evenly."""

from collections import Counter
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from practice.domain.refusal import Refusal, TimeTaken
from practice.domain.roles import Role, Seat
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.coach import Coach
from practice.models.diary import lock_diary
from practice.models.link import Purpose, link_of
from practice.models.unit import unit_of_work
from practice.queries.picking import pick_page
from practice.usecases.booking import give_up, renew
from practice.usecases.coaches import bring_back_coach, retire_coach
from tests.fakes import FrozenClock
from tests.makers import (
    at,
    book_for,
    book_hold,
    cancel_for,
    change_offering,
    give_hours,
    hold_for,
    make_coach,
    move_for,
    the_tools,
    undo_for,
)
from tests.people import ADA, BEN, CLEO

OWNER = Seat(1, Role.OWNER, 1)
WEEK = {"Tue": ["09:00-12:00"], "Wed": ["09:00-12:00"]}


@pytest.fixture(autouse=True)
def noor(_inside: None) -> int:
    """Noor offers the free chat too, on two mornings as Maya does."""
    noor = make_coach(offers="free-chat", position=1)
    give_hours(WEEK)
    give_hours(WEEK, coach_id=noor)
    return noor


def starts(zone: str = "") -> list[str]:
    page = pick_page("", zone, who="", chosen=None, now=the_tools().clock.now(), with_paid=False)
    db.session.remove()
    return [slot.t for day in page.days for part in day.parts for slot in part.slots]


def sent(start: datetime) -> str:
    return f"{start:%Y-%m-%dT%H:%M:%SZ}"


def coach_of(token: str) -> int:
    now = the_tools().clock.now()
    for purpose in (Purpose.HOLD, Purpose.APPOINTMENT):
        link = link_of(db.session(), purpose, token, now=now)
        if link is not None:
            coach_id = db.session.get_one(Booking, link.booking_id).coach_id
            db.session.remove()
            return coach_id
    raise AssertionError("this opens nothing")


def standing() -> Counter[int]:
    rows = db.session.execute(
        select(Booking.coach_id, func.count())
        .where(Booking.status.in_(("held", "confirmed")))
        .group_by(Booking.coach_id)
    ).all()
    db.session.remove()
    return Counter(dict(rows))


def test_all_times_that_any_coach_has_are_offered_once_each(noor: int) -> None:
    give_hours({"Tue": ["10:00-12:00"]}, coach_id=noor)
    give_hours({"Tue": ["09:00-11:00"]})

    first_day = [start for start in starts() if start.startswith(sent(at("Tue 09:00"))[:10])]

    wanted = [at("Tue 09:00") + timedelta(minutes=30) * number for number in range(6)]
    assert first_day == [sent(start) for start in wanted]


def test_a_time_stays_offered_until_nobody_has_it_any_more(noor: int) -> None:
    ada = hold_for(ADA, at=at("Tue 10:00"))
    assert sent(at("Tue 10:00")) in starts()
    ben = hold_for(BEN, at=at("Tue 10:00"))

    assert {coach_of(ada), coach_of(ben)} == {1, noor}
    assert sent(at("Tue 10:00")) not in starts()
    with pytest.raises(TimeTaken) as refused:
        hold_for(CLEO, at=at("Tue 10:00"))
    assert refused.value.nearest[:2] == (at("Tue 09:00"), at("Tue 11:00"))


def test_the_nearest_times_are_those_of_anybody(noor: int) -> None:
    give_hours({"Tue": ["10:00-10:30"], "Wed": ["09:00-09:30"]})
    give_hours({"Tue": ["10:00-11:00"]}, coach_id=noor)
    hold_for(ADA, at=at("Tue 10:00"))
    hold_for(BEN, at=at("Tue 10:00"))

    with pytest.raises(TimeTaken) as refused:
        hold_for(CLEO, at=at("Tue 10:00"))

    # Noor's buffer takes half past ten; what is left are Maya's and both of their next weeks.
    assert refused.value.nearest == (
        at("Wed 09:00"), at("Tue 10:00", week=1), at("Tue 10:30", week=1),
    )  # fmt: skip


def test_bookings_go_to_whom_fewest_are_to_come_then_to_the_longest_idle(
    noor: int, clock: FrozenClock
) -> None:
    tokens = [book_for(ADA, at=at(f"Tue {hour}:00")).token for hour in ("09", "10")]
    assert [coach_of(token) for token in tokens] == [1, noor]

    clock.advance(days=3)  # both are done; Maya's was over first
    first = book_for(ADA, at=at("Tue 09:00", week=1))
    second = book_for(ADA, at=at("Tue 10:00", week=1))
    cancel_for(first)
    third = book_for(ADA, at=at("Tue 11:00", week=1))

    assert coach_of(first.token) == 1
    assert coach_of(second.token) == noor
    assert coach_of(third.token) == 1  # hers was cancelled, so she has fewer to come


def test_caps_and_rules_are_each_coachs_own(noor: int) -> None:
    change_offering(daily_cap=1)
    for hour in ("09", "10"):
        book_for(BEN, at=at(f"Tue {hour}:00"))

    assert standing() == {1: 1, noor: 1}
    with pytest.raises(TimeTaken):
        hold_for(CLEO, at=at("Tue 11:00"))
    assert not [start for start in starts() if start.startswith("2026-06-02")]


def test_each_coachs_hours_are_on_her_own_clock_and_no_other_clock_is_told(noor: int) -> None:
    with unit_of_work() as session:
        session.get_one(Coach, noor).zone = "America/New_York"
    give_hours({"Tue": ["09:00-10:00"]}, coach_id=noor)
    give_hours({"Tue": ["09:00-10:00"]})

    page = pick_page("", "", who="", chosen=None, now=the_tools().clock.now(), with_paid=False)
    slots = [slot for part in page.days[0].parts for slot in part.slots]

    assert page.zone == "Europe/London"
    assert [slot.label for slot in slots] == ["9am", "9:30am", "2pm", "2:30pm"]
    assert {slot.also for slot in slots} == {""}
    assert coach_of(hold_for(ADA, at=at("Tue 14:00"))) == noor
    tokyo = pick_page(
        "", "Asia/Tokyo", who="", chosen=None, now=the_tools().clock.now(), with_paid=False
    )
    also = {slot.also for day in tokyo.days for part in day.parts for slot in part.slots}
    assert also == {""}


def test_who_rests_or_has_left_is_given_nobody(noor: int) -> None:
    retire_coach(OWNER, 1, tools=the_tools())
    db.session.remove()

    assert coach_of(hold_for(ADA, at=at("Tue 10:00"))) == noor
    with pytest.raises(TimeTaken):
        hold_for(BEN, at=at("Tue 10:00"))
    bring_back_coach(OWNER, 1, tools=the_tools())
    db.session.remove()
    assert coach_of(hold_for(BEN, at=at("Tue 10:00"))) == 1


def test_a_dead_hold_of_one_who_has_left_books_nobody(noor: int, clock: FrozenClock) -> None:
    token = hold_for(ADA, at=at("Tue 10:00"))
    clock.advance(minutes=16)
    retire_coach(OWNER, 1, tools=the_tools())
    db.session.remove()

    with pytest.raises(TimeTaken) as refused:
        book_hold(token, ADA)
    assert refused.value.nearest == ()


def test_a_cancellation_cannot_be_taken_back_with_one_who_has_left(noor: int) -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))
    cancel_for(ada)
    retire_coach(OWNER, 1, tools=the_tools())
    db.session.remove()

    with pytest.raises(Refusal):
        undo_for(ada)


def test_moving_stays_with_the_same_coach(noor: int) -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))
    ben = book_for(BEN, at=at("Tue 10:00"))

    move_for(ben, to=at("Wed 10:00"))

    assert [coach_of(ada.token), coach_of(ben.token)] == [1, noor]
    with pytest.raises(TimeTaken):  # Noor is free then, and that is not whom she booked
        move_for(book_for(CLEO, at=at("Wed 10:00")), to=at("Tue 10:00"))


def test_renewing_and_giving_up_reach_the_coach_of_the_hold(noor: int, clock: FrozenClock) -> None:
    hold_for(ADA, at=at("Tue 10:00"))
    ben = hold_for(BEN, at=at("Tue 10:00"))
    clock.advance(minutes=14)
    renew(ben, tools=the_tools())
    db.session.remove()
    clock.advance(minutes=10)

    assert coach_of(hold_for(CLEO, at=at("Tue 10:00"))) == 1
    with pytest.raises(TimeTaken):
        hold_for(BEN, at=at("Tue 10:00"), browser="another")
    give_up(ben, tools=the_tools())
    db.session.remove()
    assert coach_of(hold_for(BEN, at=at("Tue 10:00"), browser="another")) == noor


def test_the_same_press_again_is_the_same_hold_whoever_is_free_by_then(noor: int) -> None:
    first = hold_for(ADA, at=at("Tue 10:00"), key="one")
    hold_for(BEN, at=at("Wed 10:00"))

    assert hold_for(ADA, at=at("Tue 10:00"), key="one") == first
    assert standing().total() == 2


def test_one_press_sent_twice_at_once_is_one_hold(app: Flask, noor: int) -> None:
    together(app, ["one"] * 6)
    assert standing().total() == 1


def test_as_many_as_are_free_get_a_time_at_once_and_the_next_one_does_not(
    app: Flask, noor: int
) -> None:
    sam = make_coach(name="Sam Okafor", offers="free-chat", position=2)
    give_hours(WEEK, coach_id=sam)

    results = together(app, [f"key{number}" for number in range(4)])

    assert Counter(results) == {"held": 3, "TimeTaken": 1}
    assert standing() == {1: 1, noor: 1, sam: 1}


def together(app: Flask, keys: list[str]) -> list[str]:
    """Hold one start for all keys at once, a browser for each; return how each ended."""
    barrier, results = Barrier(len(keys)), []

    def press(key: str) -> None:
        with app.app_context():
            barrier.wait()
            try:
                hold_for(ADA, at=at("Tue 10:00"), key=key, browser=key, caller=key)
                results.append("held")
            except Exception as fault:  # noqa: BLE001 - whatever it is, it is a finding
                results.append(type(fault).__name__)

    threads = [Thread(target=press, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def test_a_diary_that_is_locked_is_left_alone_for_the_next_one(app: Flask, noor: int) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer for all diaries")
    held: list[str] = []

    def press() -> None:
        with app.app_context():
            held.append(hold_for(ADA, at=at("Tue 10:00")))

    with unit_of_work() as session:
        lock_diary(session, 1)
        other = Thread(target=press)
        other.start()
        other.join(timeout=10)
    assert [coach_of(token) for token in held] == [noor]


def test_a_browser_holds_no_more_times_of_all_coaches_than_of_one(noor: int) -> None:
    tokens = [hold_for(ADA, at=at(f"Tue {hour}")) for hour in ("09:00", "10:00", "11:00")]
    assert standing().total() == 2

    again = hold_for(ADA, at=at("Tue 11:00"))  # the same start once more, from a fresh page

    assert again not in tokens
    held = db.session.scalars(select(Booking.starts_at).where(Booking.status == "held")).all()
    assert sorted(held) == [at("Tue 10:00"), at("Tue 11:00")]


def test_a_start_that_is_nobodys_is_refused(noor: int) -> None:
    with pytest.raises(TimeTaken):
        hold_for(ADA, at=at("Sun 10:00"))
    change_offering(is_shown=False)
    with pytest.raises(Refusal):
        hold_for(ADA, at=at("Tue 10:00"))
