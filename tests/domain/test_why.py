"""Why a start is not offered: the same verdict as that of the starts, and the right reason."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from practice.domain.availability import Holding, Opening, Rules, Taken, is_open
from practice.domain.offering import Offering
from practice.domain.span import Span
from practice.domain.why import OFFERED, Reason, Why, all_reasons, start_or_reason, why_not

LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 6, 15, tzinfo=UTC)
NOW = MONDAY + timedelta(hours=6)
NINE_TO_NOON = Rules(ZoneInfo("UTC"), {0: (Opening(540, 720),)}, {date(2026, 6, 22): ()})
HOUR = Offering(length_minutes=60, step_minutes=30)


def at(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    return MONDAY.replace(hour=hour, minute=minute) + timedelta(days=days)


def taken(kind: Holding, hour: int, **more: Any) -> Taken:
    until = at(23) if kind is Holding.HELD else None
    return Taken(Span(at(hour), at(hour + 1)), kind, until, **more)


BOOKED = taken(Holding.CONFIRMED, 10)


@pytest.mark.parametrize(
    ("why", "start", "terms", "others"),
    [
        (Why.OFFERED, at(9), {}, ()),
        (Why.PAST, at(5), {}, ()),
        (Why.CLOSED, at(8), {}, ()),
        (Why.CLOSED, at(9, days=1), {}, ()),
        (Why.CLOSED, at(9, days=7), {}, ()),
        (Why.CLOSING, at(11, 30), {}, ()),
        (Why.STEP, at(9, 10), {}, ()),
        (Why.HORIZON, at(9, days=14), {"horizon_days": 13}, ()),
        (Why.NOTICE, at(9), {"notice_minutes": 181}, ()),
        (Why.OFFERED, at(9), {"notice_minutes": 180}, ()),
        (Why.DAY_FULL, at(9), {"daily_cap": 1}, (BOOKED,)),
        (Why.WEEK_FULL, at(9), {"weekly_cap": 1}, (BOOKED,)),
        (Why.TAKEN, at(9, 30), {}, (BOOKED,)),
        (Why.TAKEN, at(10), {}, (taken(Holding.HELD, 10),)),
        (Why.TAKEN, at(10), {}, (taken(Holding.BLOCKED, 10),)),
        (Why.TAKEN, at(10), {}, (taken(Holding.EXTERNAL, 10),)),
        (Why.CLOSE, at(9), {"buffer_after_minutes": 5}, (BOOKED,)),
        (Why.CLOSE, at(9), {}, (replace(BOOKED, pad_before_minutes=5),)),
    ],
)
def test_each_reason_is_found(
    why: Why, start: datetime, terms: dict[str, Any], others: tuple[Taken, ...]
) -> None:
    reason = why_not(NINE_TO_NOON, others, replace(HOUR, **terms), start, now=NOW)

    assert reason.why is why
    assert reason.by == (others[0] if why in {Why.TAKEN, Why.CLOSE} else None)
    assert reason.is_date == (start == at(9, days=7))
    assert (reason.reach == at(12)) == (why is Why.CLOSING)


def test_all_that_speaks_against_a_start_is_told_the_hours_first() -> None:
    terms = replace(HOUR, horizon_days=0, daily_cap=1, notice_minutes=9000)
    calendar = taken(Holding.EXTERNAL, 8)
    found = all_reasons(NINE_TO_NOON, [calendar, BOOKED], terms, at(8), now=NOW)

    assert [each.why for each in found] == [Why.CLOSED, Why.DAY_FULL, Why.NOTICE, Why.TAKEN]
    assert not any(each.is_lasting for each in found)
    over = all_reasons(NINE_TO_NOON, [BOOKED], HOUR, at(10), now=NOW)
    assert [each.is_lasting for each in over] == [True]


def test_a_time_that_the_clock_skips_is_said_to_be_skipped() -> None:
    assert start_or_reason(date(2026, 3, 29), 90, LONDON) == Reason(Why.SKIPPED)
    assert start_or_reason(date(2026, 3, 29), 120, LONDON) == datetime(2026, 3, 29, 1, tzinfo=UTC)


_MINUTES = st.integers(0, 4 * 24 * 60)
_OPENINGS = st.lists(
    st.tuples(st.integers(0, 47), st.integers(1, 24)).map(
        lambda pair: Opening(pair[0] * 30, min(1440, (pair[0] + pair[1]) * 30))
    ),
    max_size=2,
).map(tuple)


@st.composite
def diaries(draw: st.DrawFn) -> tuple[Rules, list[Taken], Offering, datetime, datetime]:
    # Days about a change of clocks, in a zone that has one.
    begin = datetime(2026, 3, 27, tzinfo=UTC)
    weekly = {day: draw(_OPENINGS) for day in range(7)}
    exceptions = draw(st.dictionaries(st.just(date(2026, 3, 29)), _OPENINGS))
    spans = draw(st.lists(st.tuples(_MINUTES, st.integers(0, 180)), max_size=3))
    others = [
        Taken(
            Span(begin + timedelta(minutes=since), begin + timedelta(minutes=since + length)),
            kind,
            draw(st.none() | st.just(begin)) if kind is Holding.HELD else None,
            draw(st.sampled_from([0, 15])),
            draw(st.sampled_from([0, 15])),
        )
        for since, length in spans
        for kind in [draw(st.sampled_from(list(Holding)))]
    ]
    terms = Offering(
        length_minutes=draw(st.sampled_from([0, 30, 60, 90])),
        step_minutes=draw(st.sampled_from([15, 30, 45])),
        buffer_before_minutes=draw(st.sampled_from([0, 30])),
        buffer_after_minutes=draw(st.sampled_from([0, 30])),
        notice_minutes=draw(st.sampled_from([0, 0, 600])),
        horizon_days=draw(st.sampled_from([None, None, 0, 2])),
        daily_cap=draw(st.sampled_from([None, 1, 2])),
        weekly_cap=draw(st.sampled_from([None, 2])),
    )
    start = begin + timedelta(
        minutes=draw(_MINUTES) // 15 * 15, seconds=draw(st.sampled_from([0] * 9 + [1]))
    )
    now = begin + draw(st.sampled_from([timedelta(0), timedelta(days=1, microseconds=5)]))
    return Rules(LONDON, weekly, exceptions), others, terms, start, now


@settings(max_examples=400)
@given(diaries())
def test_a_start_has_no_reason_against_it_if_and_only_if_it_is_offered(
    diary: tuple[Rules, list[Taken], Offering, datetime, datetime],
) -> None:
    rules, others, terms, start, now = diary
    assert (why_not(rules, others, terms, start, now=now) == OFFERED) == is_open(
        rules, others, terms, start, now=now
    )
