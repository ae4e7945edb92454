import pytest

from practice.domain.booking import Actor
from practice.domain.refusal import NotAllowed, TimeTaken, TooLate
from practice.models.journal import JournalEntry
from practice.models.occupancy import Occupancy
from tests.fakes import FrozenClock, Postbox
from tests.looking import all_of, dump, letters, the_booking
from tests.makers import (
    at,
    book_for,
    cancel_for,
    change_offering,
    deliver_all,
    hold_for,
    undo_for,
)
from tests.people import ADA, BEN


def test_a_cancelled_booking_leaves_the_diary_and_says_by_whom(clock: FrozenClock) -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))

    cancel_for(ada)

    booking = the_booking(ada)
    assert (booking.status, booking.cancelled_by, booking.sequence) == ("cancelled", "client", 1)
    assert booking.cancelled_at == clock.now()
    assert all_of(Occupancy) == []
    assert book_for(BEN, at=at("Tue 10:00"))


def test_a_cancellation_is_told_once_and_the_reminder_never_comes(
    clock: FrozenClock, postbox: Postbox
) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    deliver_all()

    cancel_for(ada)
    cancel_for(ada)
    deliver_all()
    clock.at = at("Thu 09:00")
    deliver_all()

    assert [post.subject for post in postbox.to(ADA.email)] == [
        "Your appointment on Thursday 4 June",
        "Your appointment is cancelled",
    ]
    assert the_booking(ada).sequence == 1
    assert {row.state for row in letters(kind="reminder")} == {"dropped"}


def test_a_booking_cancelled_before_the_worker_came_sends_no_confirmation(
    postbox: Postbox,
) -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))
    cancel_for(ada)
    deliver_all()

    assert [post.subject for post in postbox.to(ADA.email)] == ["Your appointment is cancelled"]


def test_a_client_cancels_until_the_cut_off_and_the_coach_after_it(clock: FrozenClock) -> None:
    change_offering(cancel_cutoff_minutes=24 * 60)
    ada = book_for(ADA, at=at("Thu 10:00"))
    clock.at = at("Wed 10:01")
    before = dump()

    with pytest.raises(TooLate, match="until 1 day before"):
        cancel_for(ada)
    assert dump() == before

    cancel_for(ada, by=Actor.COACH)
    assert the_booking(ada).cancelled_by == "coach"


def test_a_client_cancels_on_the_last_minute_of_the_cut_off(clock: FrozenClock) -> None:
    change_offering(cancel_cutoff_minutes=24 * 60)
    ada = book_for(ADA, at=at("Thu 10:00"))
    clock.at = at("Wed 10:00")

    cancel_for(ada)

    assert the_booking(ada).status == "cancelled"


def test_what_has_begun_is_cancelled_by_no_client(clock: FrozenClock) -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))
    clock.at = at("Tue 10:00")

    with pytest.raises(TooLate, match="has begun"):
        cancel_for(ada)


def test_a_cancellation_is_taken_back_within_ten_minutes(
    clock: FrozenClock, postbox: Postbox
) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    deliver_all()
    cancel_for(ada)
    deliver_all()
    clock.advance(minutes=10)

    undo_for(ada)
    deliver_all()

    booking = the_booking(ada)
    assert (booking.status, booking.cancelled_at, booking.sequence) == ("confirmed", None, 2)
    assert len(all_of(Occupancy)) == 1
    assert postbox.to(ADA.email)[-1].subject == "Your appointment on Thursday 4 June"
    assert len(letters(kind="reminder", state="waiting")) == 1
    assert [row.happening for row in all_of(JournalEntry)][-2:] == ["CANCELLED", "RESTORED"]


def test_taken_back_before_the_worker_came_nobody_reads_of_a_cancellation(
    postbox: Postbox,
) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    cancel_for(ada)
    undo_for(ada)
    deliver_all()

    assert [post.subject for post in postbox.to(ADA.email)] == [
        "Your appointment on Thursday 4 June"
    ]


def test_taken_back_twice_is_taken_back_once() -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    cancel_for(ada)
    undo_for(ada)
    undo_for(ada)

    assert the_booking(ada).sequence == 2


def test_after_ten_minutes_a_cancellation_stands(clock: FrozenClock) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    cancel_for(ada)
    clock.advance(minutes=10, seconds=1)
    before = dump()

    with pytest.raises(NotAllowed, match="too late"):
        undo_for(ada)

    assert dump() == before


def test_a_cancellation_is_not_taken_back_once_somebody_has_the_time() -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    cancel_for(ada)
    book_for(BEN, at=at("Thu 10:00"))
    before = dump()

    with pytest.raises(TimeTaken, match="Somebody else"):
        undo_for(ada)

    assert dump() == before


def test_a_time_that_somebody_holds_is_not_taken_back_either() -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    cancel_for(ada)
    hold_for(BEN, at=at("Thu 10:00"))

    with pytest.raises(TimeTaken):
        undo_for(ada)


def test_what_the_coach_cancelled_no_client_takes_back() -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    cancel_for(ada, by=Actor.COACH)

    with pytest.raises(NotAllowed):
        undo_for(ada)
    undo_for(ada, by=Actor.COACH)

    assert the_booking(ada).status == "confirmed"


def test_what_a_client_cancelled_the_coach_does_not_take_back() -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    cancel_for(ada)

    with pytest.raises(NotAllowed):
        undo_for(ada, by=Actor.COACH)


def test_a_cancellation_is_not_taken_back_after_the_start(clock: FrozenClock) -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))
    clock.at = at("Tue 09:55")
    cancel_for(ada)
    clock.at = at("Tue 10:00")

    with pytest.raises(NotAllowed):
        undo_for(ada)
