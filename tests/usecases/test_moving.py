import pytest

from practice.domain.booking import Actor, Who
from practice.domain.refusal import Invalid, NotAllowed, NotFound, TimeTaken, TooLate, TooMany
from practice.models.occupancy import Occupancy
from practice.usecases.appointment import by_coach, by_link
from tests.fakes import FrozenClock, Postbox
from tests.looking import all_of, dump, letters, the_booking
from tests.makers import (
    at,
    book_for,
    both_for,
    cancel_for,
    change_offering,
    deliver_all,
    hold_for,
    make_coach,
    make_offering,
    move_for,
    seat_of,
    the_tools,
)
from tests.people import ADA, BEN


def test_a_moved_booking_keeps_its_link_and_frees_the_old_time() -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))

    move_for(ada, to=at("Wed 14:00"))

    booking = the_booking(ada)
    assert (booking.starts_at, booking.ends_at) == (at("Wed 14:00"), at("Wed 14:30"))
    assert booking.sequence == 1
    assert by_link(ada.token, tools=the_tools()).booking_id == ada.id
    assert book_for(BEN, at=at("Tue 10:00"))


def test_a_move_tells_client_and_coach_and_drops_what_told_of_the_old_time(
    postbox: Postbox,
) -> None:
    ada = book_for(ADA, at=at("Thu 10:00"))
    deliver_all()

    move_for(ada, to=at("Fri 14:00"))
    deliver_all()

    assert len(postbox.to(ADA.email)) == 2
    assert postbox.to(ADA.email)[1].subject == "Your appointment has moved"
    assert {row.state for row in letters(kind="reminder") if row.sequence == 0} == {"dropped"}
    assert {row.state for row in letters(kind="reminder") if row.sequence == 1} == {"waiting"}
    assert len(letters(kind="coach_moved", state="sent")) == 1


def test_a_booking_can_be_moved_to_overlap_its_own_old_time() -> None:
    make_offering("session")
    ada = book_for(ADA, at=at("Tue 10:00"), offering="session")

    move_for(ada, to=at("Tue 10:30"))

    assert the_booking(ada).starts_at == at("Tue 10:30")
    assert len(all_of(Occupancy)) == 1


def test_moved_away_and_back_again_everybody_is_told_each_time(postbox: Postbox) -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))
    deliver_all()

    move_for(ada, to=at("Wed 10:00"))
    deliver_all()
    move_for(ada, to=at("Tue 10:00"))
    deliver_all()

    assert the_booking(ada).sequence == 2
    moved = [post for post in postbox.to(ADA.email) if "moved" in post.subject]
    assert len(moved) == 2
    assert len({post.message_id for post in postbox.posts}) == len(postbox.posts)


def test_moved_twice_before_the_worker_comes_one_letter_tells_the_last_time(
    postbox: Postbox,
) -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))
    deliver_all()

    move_for(ada, to=at("Wed 10:00"))
    move_for(ada, to=at("Fri 10:00"))
    deliver_all()

    assert len(postbox.to(ADA.email)) == 2
    assert b"Friday 5 June" in postbox.to(ADA.email)[1].raw


def test_asked_twice_it_moves_once() -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))

    move_for(ada, to=at("Wed 10:00"))
    move_for(ada, to=at("Wed 10:00"))

    assert the_booking(ada).sequence == 1


def test_a_taken_time_is_no_place_to_move_to_and_the_old_one_is_kept() -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))
    book_for(BEN, at=at("Wed 10:00"))
    before = dump()

    with pytest.raises(TimeTaken) as refused:
        move_for(ada, to=at("Wed 10:00"))

    assert len(refused.value.nearest) == 3
    assert dump() == before


def test_a_held_time_is_no_place_to_move_to_until_the_hold_ends(clock: FrozenClock) -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))
    hold_for(BEN, at=at("Wed 10:00"))
    with pytest.raises(TimeTaken):
        move_for(ada, to=at("Wed 10:00"))

    clock.advance(minutes=15)
    move_for(ada, to=at("Wed 10:00"))

    assert the_booking(ada).starts_at == at("Wed 10:00")


@pytest.mark.parametrize("wanted", ["Sat 10:00", "Tue 10:07", "Mon 09:00", "Tue 16:45"])
def test_a_client_moves_to_offered_times_only(wanted: str) -> None:
    ada = book_for(ADA, at=at("Wed 10:00"))

    with pytest.raises(TimeTaken):
        move_for(ada, to=at(wanted))


def test_a_client_moves_until_the_cut_off_and_to_the_minute(clock: FrozenClock) -> None:
    change_offering(move_cutoff_minutes=24 * 60)
    ada = book_for(ADA, at=at("Thu 10:00"))

    clock.at = at("Wed 10:00")
    move_for(ada, to=at("Thu 14:00"))
    clock.at = at("Wed 14:01")

    with pytest.raises(TooLate, match="until 1 day before"):
        move_for(ada, to=at("Fri 10:00"))


def test_a_later_cut_off_does_not_bind_who_booked_before() -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))

    change_offering(move_cutoff_minutes=30 * 24 * 60)
    move_for(ada, to=at("Wed 10:00"))

    assert the_booking(ada).starts_at == at("Wed 10:00")


def test_the_coach_is_exempt_from_cut_off_hours_and_notice(clock: FrozenClock) -> None:
    change_offering(move_cutoff_minutes=24 * 60)
    ada = book_for(ADA, at=at("Tue 10:00"))
    clock.at = at("Tue 09:30")

    move_for(ada, to=at("Sat 21:10"), by=Actor.COACH)

    assert the_booking(ada).starts_at == at("Sat 21:10")


def test_even_the_coach_puts_no_two_people_in_one_place() -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))
    book_for(BEN, at=at("Wed 10:00"))

    with pytest.raises(TimeTaken):
        move_for(ada, to=at("Wed 10:10"), by=Actor.COACH)


def test_even_the_coach_moves_nobody_into_the_past() -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))

    with pytest.raises(Invalid):
        move_for(ada, to=at("Mon 09:00"), by=Actor.COACH)


def test_what_has_begun_is_moved_by_no_client(clock: FrozenClock) -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))
    clock.at = at("Tue 10:00")

    with pytest.raises(TooLate, match="has begun"):
        move_for(ada, to=at("Fri 10:00"))


def test_what_is_cancelled_cannot_be_moved() -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))
    cancel_for(ada)
    before = dump()

    with pytest.raises(NotAllowed, match="is cancelled"):
        move_for(ada, to=at("Fri 10:00"))

    assert dump() == before


def test_a_coach_reaches_the_own_diary_only() -> None:
    noor = make_coach()
    ada = book_for(ADA, at=at("Tue 10:00"))

    with pytest.raises(NotFound):
        by_coach(seat_of(noor), ada.id)
    with pytest.raises(NotFound):
        by_coach(seat_of(), 999_999)


def test_coming_as_two_is_told_to_nobody(postbox: Postbox) -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))
    deliver_all()
    before = len(letters())

    both_for(ada)
    deliver_all()

    booking = the_booking(ada)
    assert (booking.who, booking.sequence) == (Who.BOTH, 0)
    assert len(letters()) == before
    assert len(postbox.to(ADA.email)) == 1


def test_coming_as_two_is_refused_where_the_offering_is_for_one() -> None:
    make_offering("session", audience="one")
    ada = book_for(ADA, at=at("Tue 10:00"), offering="session")

    with pytest.raises(Invalid):
        both_for(ada)


def test_what_is_cancelled_cannot_become_a_booking_for_two() -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))
    cancel_for(ada)

    with pytest.raises(NotAllowed):
        both_for(ada)


def test_a_link_moves_ten_times_in_a_row_and_then_waits(clock: FrozenClock) -> None:
    ada = book_for(ADA, at=at("Tue 10:00"))
    for turn in range(10):
        move_for(ada, to=at(("Wed 10:00", "Wed 14:00")[turn % 2]))

    with pytest.raises(TooMany) as refused:
        move_for(ada, to=at("Thu 10:00"))
    clock.advance(seconds=refused.value.retry_after)

    move_for(ada, to=at("Thu 10:00"))
    assert the_booking(ada).starts_at == at("Thu 10:00")
