from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from practice.domain.span import Span, instant_of, second_from, second_of

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def span(since: int, until: int) -> Span:
    """A span of so many minutes after noon."""
    return Span(NOON + timedelta(minutes=since), NOON + timedelta(minutes=until))


def test_a_span_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        Span(NOON.replace(tzinfo=None), NOON)
    with pytest.raises(ValueError, match="zone"):
        Span(NOON, NOON.replace(tzinfo=None))


def test_a_span_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="before"):
        span(1, 0)


def test_a_span_beyond_the_calendar_is_a_value_error() -> None:
    last = datetime.max.replace(tzinfo=ZoneInfo("America/New_York"))
    with pytest.raises(ValueError, match="years"):
        Span(NOON, last)


def test_a_span_over_a_repeated_hour_is_measured_in_elapsed_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
    second = datetime(2026, 10, 25, 2, 15, fold=1, tzinfo=berlin)
    berlins = Span(first, second)
    assert berlins.ends_at - berlins.starts_at == timedelta(minutes=45)
    assert berlins.starts_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 60), (30, 90), True),
        ((0, 60), (10, 20), True),
        ((0, 60), (60, 90), False),
        ((0, 60), (30, 30), False),
        ((30, 30), (30, 30), False),
        ((0, 60), (90, 120), False),
    ],
)
def test_spans_overlap_only_if_they_share_time(
    one: tuple[int, int], other: tuple[int, int], expected: bool
) -> None:
    assert span(*one).overlaps(span(*other)) is expected
    assert span(*other).overlaps(span(*one)) is expected


def test_a_span_is_widened_on_either_side() -> None:
    assert span(0, 60).widened(5, 10) == span(-5, 70)


def test_widening_stops_at_the_ends_of_the_calendar() -> None:
    everything = Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert everything.widened(1, 1) == everything


def test_part_of_a_second_counts_down_or_up() -> None:
    part = NOON + timedelta(microseconds=1)
    assert instant_of(second_of(part)) == NOON
    assert instant_of(second_from(part)) == NOON + timedelta(seconds=1)
    assert second_of(NOON) == second_from(NOON)


def test_seconds_beyond_the_calendar_stop_at_its_ends() -> None:
    assert instant_of(-(10**12)).year == 1
    assert instant_of(10**12).year == 9999
