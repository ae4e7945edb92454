from dataclasses import replace

import pytest

from practice.domain.refusal import TooMany
from practice.models.throttle import Bucket
from practice.usecases.guessing import count_guess, count_sign_in
from tests.fakes import FrozenClock
from tests.looking import all_of
from tests.makers import the_tools
from tests.people import MAYA


def test_twenty_wrong_links_are_looked_up_and_then_ten_a_minute(clock: FrozenClock) -> None:
    for _ in range(20):
        count_guess("caller", tools=the_tools())

    with pytest.raises(TooMany) as refused:
        count_guess("caller", tools=the_tools())
    assert 1 <= refused.value.retry_after <= 7
    clock.advance(minutes=1)
    for _ in range(10):
        count_guess("caller", tools=the_tools())
    with pytest.raises(TooMany):
        count_guess("caller", tools=the_tools())


def test_one_callers_guesses_slow_nobody_else() -> None:
    for _ in range(20):
        count_guess("caller", tools=the_tools())

    count_guess("another", tools=the_tools())


def test_a_refused_try_costs_nothing_more(clock: FrozenClock) -> None:
    for _ in range(20):
        count_guess("caller", tools=the_tools())
    for _ in range(50):
        with pytest.raises(TooMany):
            count_guess("caller", tools=the_tools())
    clock.advance(seconds=7)

    count_guess("caller", tools=the_tools())


def test_an_hour_of_rest_fills_the_bucket_to_its_brim_and_no_further(clock: FrozenClock) -> None:
    count_guess("caller", tools=the_tools())
    clock.advance(hours=10)

    for _ in range(20):
        count_guess("caller", tools=the_tools())
    with pytest.raises(TooMany):
        count_guess("caller", tools=the_tools())


def test_a_clock_that_is_set_back_gives_no_tokens(clock: FrozenClock) -> None:
    for _ in range(20):
        count_guess("caller", tools=the_tools())
    clock.advance(hours=-1)

    with pytest.raises(TooMany):
        count_guess("caller", tools=the_tools())


def test_a_guesser_does_not_lock_the_coach_out() -> None:
    for _ in range(8):
        count_sign_in("guesser1", MAYA.email, tools=the_tools())
    with pytest.raises(TooMany):
        count_sign_in("guesser1", MAYA.email, tools=the_tools())

    count_sign_in("maya", MAYA.email, tools=the_tools())


def test_a_caller_tries_ten_accounts_and_then_waits() -> None:
    for number in range(10):
        count_sign_in("caller", f"person-{number}@mail.example", tools=the_tools())

    with pytest.raises(TooMany):
        count_sign_in("caller", "another@mail.example", tools=the_tools())


def test_no_address_lies_in_the_buckets() -> None:
    count_sign_in("caller", MAYA.email, tools=the_tools())

    assert MAYA.email not in repr([row.key for row in all_of(Bucket)])


def test_a_battery_may_turn_the_limits_off() -> None:
    free = replace(the_tools(), rate_limits=False)

    for _ in range(30):
        count_guess("caller", tools=free)

    assert all_of(Bucket) == []
