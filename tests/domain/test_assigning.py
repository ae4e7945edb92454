"""Whose turn it is, among coaches who are all free at a start."""

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from practice.domain.assigning import Load, in_turn, with_whom

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
ENDS = st.none() | st.integers(-500, 500).map(lambda hours: NOW + timedelta(hours=hours))
LOADS = st.lists(
    st.builds(Load, st.integers(1, 50), st.integers(0, 4), ENDS, st.integers(0, 3)),
    unique_by=lambda load: load.coach_id,
    max_size=8,
)


def test_fewest_upcoming_comes_first_then_the_longest_idle_then_the_place_on_the_list() -> None:
    late, early = NOW + timedelta(days=2), NOW - timedelta(days=2)
    loads = [
        Load(1, 1, early, 0),
        Load(2, 0, late, 0),
        Load(3, 0, early, 2),
        Load(4, 0, early, 1),
        Load(5, 0, None, 9),
    ]

    assert in_turn(loads) == [5, 4, 3, 2, 1]


def test_who_it_will_be_is_said_by_name_or_as_the_first_who_is_free() -> None:
    assert with_whom([]) == ""
    assert with_whom(["Maya Ellis"]) == "With Maya Ellis"
    assert with_whom(["Maya", "Noor", "Sam"]) == (
        "With the first of us who is free: Maya, Noor or Sam"
    )


@given(LOADS, st.randoms())
def test_everybody_has_one_turn_and_the_order_is_that_of_the_loads_alone(
    loads: list[Load], draw: random.Random
) -> None:
    shuffled = list(loads)
    draw.shuffle(shuffled)

    order = in_turn(loads)

    assert sorted(order) == sorted(load.coach_id for load in loads)
    assert in_turn(shuffled) == order
    upcoming = {load.coach_id: load.upcoming for load in loads}
    assert [upcoming[coach_id] for coach_id in order] == sorted(upcoming.values())


@given(st.integers(1, 6), st.lists(st.integers(0, 40), max_size=80))
def test_of_those_who_are_always_free_nobody_has_two_more_to_come_than_another(
    coaches: int, days: list[int]
) -> None:
    booked: dict[int, list[datetime]] = {coach: [] for coach in range(coaches)}

    for day in days:
        chosen = in_turn(_load(coach, ends, NOW) for coach, ends in booked.items())[0]
        booked[chosen].append(NOW + timedelta(days=day, hours=1))
        counts = [len(ends) for ends in booked.values()]
        assert max(counts) - min(counts) <= 1


@given(st.integers(1, 6), st.integers(0, 60))
def test_of_those_who_are_idle_each_time_nobody_meets_two_more_than_another(
    coaches: int, meetings: int
) -> None:
    met: dict[int, list[datetime]] = {coach: [] for coach in range(coaches)}

    for number in range(meetings):
        now = NOW + timedelta(days=number)  # all that was before is over by then
        chosen = in_turn(_load(coach, ends, now) for coach, ends in met.items())[0]
        met[chosen].append(now + timedelta(hours=1))
        counts = [len(ends) for ends in met.values()]
        assert max(counts) - min(counts) <= 1


def _load(coach: int, ends: list[datetime], now: datetime) -> Load:
    return Load(coach, sum(end > now for end in ends), max(ends, default=None), coach)
