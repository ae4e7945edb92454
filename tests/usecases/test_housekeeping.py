from practice.models.booking import Booking
from practice.models.occupancy import Occupancy
from practice.models.throttle import Bucket
from practice.usecases.guessing import count_guess
from practice.usecases.housekeeping import keep_house
from tests.fakes import FrozenClock
from tests.looking import all_of, dump
from tests.makers import at, book_for, hold_for, the_tools
from tests.people import ADA, BEN


def test_dead_holds_go_and_all_else_stays(clock: FrozenClock) -> None:
    hold_for(ADA, at=at("Tue 10:00"))
    clock.advance(minutes=10)
    hold_for(BEN, at=at("Tue 12:00"))
    book_for(ADA, at=at("Tue 14:00"))
    clock.advance(minutes=5)

    keep_house(tools=the_tools())

    assert [row.starts_at for row in all_of(Occupancy)] == [at("Tue 12:00"), at("Tue 14:00")]
    assert [row.status for row in all_of(Booking)] == ["expired", "held", "confirmed"]


def test_throttles_of_yesterday_are_forgotten(clock: FrozenClock) -> None:
    count_guess("yesterday", tools=the_tools())
    clock.advance(hours=24, seconds=1)
    count_guess("today", tools=the_tools())

    keep_house(tools=the_tools())

    assert [row.key for row in all_of(Bucket)] == ["guess:today"]


def test_a_tidy_house_is_left_as_it_is() -> None:
    book_for(ADA, at=at("Tue 14:00"))
    before = dump()

    keep_house(tools=the_tools())

    assert dump() == before
