"""Examples, properties, and an oracle that knows no trick: it looks at every single minute."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from practice.domain.availability import (
    Holding,
    Opening,
    Rules,
    Taken,
    is_open,
    nearest_slots,
    open_slots,
    span_to_load,
)
from practice.domain.offering import Offering
from practice.domain.span import Span

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MONDAY = datetime(2026, 6, 15, tzinfo=UTC)
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
ALL_DAY = {weekday: (Opening(0, 1440),) for weekday in range(7)}
NINE_TO_NOON = Rules(ZoneInfo("UTC"), {0: (Opening(540, 720),)}, {})
HOUR = Offering(length_minutes=60, step_minutes=60)


def at(hour: int, minute: int = 0) -> datetime:
    return MONDAY.replace(hour=hour, minute=minute)


def length(span: Span) -> timedelta:
    return span.ends_at - span.starts_at


def holds(span: Span, instant: datetime) -> bool:
    return span.starts_at <= instant < span.ends_at


def test_a_hold_that_has_ended_blocks_nothing() -> None:
    hold = Taken(Span(at(9), at(10)), Holding.HELD, held_until=at(8))
    assert hold.blocks(at(7, 59))
    assert not hold.blocks(at(8))
    assert not hold.blocks(at(8, 1))


def test_a_hold_without_an_end_blocks() -> None:
    assert Taken(Span(at(9), at(10)), Holding.HELD).blocks(at(8))


@pytest.mark.parametrize("kind", [each for each in Holding if each is not Holding.HELD])
def test_all_but_holds_block_always_unless_transparent_or_of_no_length(kind: Holding) -> None:
    taken = Taken(Span(at(9), at(10)), kind)
    assert taken.blocks(at(23))
    assert not replace(taken, transparent=True).blocks(at(8))
    assert not replace(taken, span=Span(at(9), at(9))).blocks(at(8))


def test_what_is_taken_may_come_once_and_in_any_order() -> None:
    taken = (Taken(Span(at(hour), at(hour + 1)), Holding.CONFIRMED) for hour in (11, 9))
    window = Span(MONDAY, MONDAY + DAY)
    offering = replace(HOUR, daily_cap=3)
    assert open_slots(NINE_TO_NOON, taken, offering, window, now=LONG_AGO) == [at(10)]


def test_the_window_has_its_start_and_not_its_end() -> None:
    window = Span(at(9), at(11))
    assert open_slots(NINE_TO_NOON, [], HOUR, window, now=LONG_AGO) == [at(9), at(10)]


def test_only_a_start_on_the_grid_is_open() -> None:
    assert is_open(NINE_TO_NOON, [], HOUR, at(10), now=LONG_AGO)
    assert not is_open(NINE_TO_NOON, [], HOUR, at(10, 1), now=LONG_AGO)
    assert not is_open(NINE_TO_NOON, [], HOUR, at(12), now=LONG_AGO)


def test_the_second_of_two_equal_clock_times_is_open_too() -> None:
    london = ZoneInfo("Europe/London")
    second = datetime(2026, 10, 25, 1, 30, fold=1, tzinfo=london)
    rules, half = Rules(london, ALL_DAY, {}), Offering(30, 30)
    assert is_open(rules, [], half, second, now=LONG_AGO)


@pytest.mark.parametrize("offering", [Offering(0, 30), Offering(30, 0), Offering(-5, 30)])
def test_an_offering_without_length_or_step_offers_nothing(offering: Offering) -> None:
    window = Span(MONDAY, MONDAY + DAY)
    assert open_slots(NINE_TO_NOON, [], offering, window, now=LONG_AGO) == []


def test_the_nearest_starts_come_closest_first_and_earlier_of_two() -> None:
    starts = [at(9), at(10), at(12), at(15)]
    assert nearest_slots(starts, at(11)) == (at(10), at(12), at(9))
    assert nearest_slots(starts, at(11), count=1) == (at(10),)
    assert nearest_slots([], at(11)) == ()


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_the_ends_of_the_calendar_raise_nothing(zone: str) -> None:
    rules = Rules(ZoneInfo(zone), ALL_DAY, {date.max: (), date.min: ()})
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    capped = replace(HOUR, daily_cap=1, weekly_cap=1, buffer_before_minutes=30)
    for edge in (Span(first, first + 20 * DAY), Span(last - 20 * DAY, last), Span(last, last)):
        taken = [Taken(edge, Holding.CONFIRMED, pad_after_minutes=60)]
        assert open_slots(rules, taken, capped, edge, now=first) == []
        assert len(open_slots(rules, [], capped, edge, now=first)) <= 20 * 24
        assert length(span_to_load(rules, capped, edge)) >= length(edge)
    assert open_slots(rules, [], replace(HOUR, horizon_days=9), Span(first, last), now=last) == []
    assert not is_open(rules, [], HOUR, last, now=first)


def test_a_horizon_keeps_even_an_endless_window_short() -> None:
    everything = Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    offering = replace(HOUR, horizon_days=7)
    starts = open_slots(NINE_TO_NOON, [], offering, everything, now=MONDAY)
    assert starts == [at(9), at(10), at(11), at(9) + 7 * DAY, at(10) + 7 * DAY, at(11) + 7 * DAY]


def test_whole_iso_weeks_of_the_coach_are_to_be_loaded() -> None:
    rules = Rules(ZoneInfo("Pacific/Auckland"), {}, {})
    offering = Offering(60, 60, buffer_before_minutes=10, buffer_after_minutes=20)
    loaded = span_to_load(rules, offering, Span(at(9), at(10)))
    # Monday 15 June begins in Auckland at 12:00 UTC on Sunday.
    week = Span(at(12) - DAY, at(12) + 6 * DAY)
    assert loaded == week.widened(24 * 60 + 10, 24 * 60 + 60 + 20)


# The zone, the coach's date, opening hours, and the half-hour starts as the coach's clock shows.
CLOCK_CHANGES = [
    ("Europe/London", "2026-03-29", (0, 180), "00:00 00:30 02:00 02:30"),
    ("Europe/London", "2026-03-29", (60, 120), ""),
    ("Europe/London", "2026-03-29", (30, 150), "00:30 02:00"),
    ("Europe/London", "2026-10-25", (0, 180), "00:00 00:30 01:00 01:30 01:00 01:30 02:00 02:30"),
    ("Europe/London", "2026-10-25", (90, 120), "01:30 01:30"),
    ("Australia/Lord_Howe", "2026-10-04", (90, 180), "01:30 02:30"),
    ("Australia/Lord_Howe", "2026-04-05", (60, 120), "01:00 01:30 01:30"),
    ("Africa/Casablanca", "2026-02-15", (120, 240), "02:00 02:30 02:00 02:30 03:00 03:30"),
    ("Africa/Casablanca", "2026-03-22", (60, 240), "01:00 01:30 03:00 03:30"),
    ("America/Santiago", "2026-09-06", (0, 120), "01:00 01:30"),
    ("America/Santiago", "2026-04-04", (1380, 1440), "23:00 23:30 23:00 23:30"),
    ("Asia/Beirut", "2026-03-29", (0, 120), "01:00 01:30"),
    ("Pacific/Apia", "2011-12-30", (0, 1440), ""),
    ("Asia/Kathmandu", "2026-03-29", (60, 120), "01:00 01:30"),
]


@pytest.mark.parametrize(("zone", "on", "hours", "shown"), CLOCK_CHANGES)
def test_skipped_time_gives_no_start_and_repeated_time_gives_two(
    zone: str, on: str, hours: tuple[int, int], shown: str
) -> None:
    coach = ZoneInfo(zone)
    day = date.fromisoformat(on)
    around = datetime(day.year, day.month, day.day, tzinfo=UTC)
    rules = Rules(coach, {}, {day: (Opening(*hours),)})
    window = Span(around - 2 * DAY, around + 2 * DAY)
    starts = open_slots(rules, [], Offering(30, 30), window, now=LONG_AGO)
    assert " ".join(f"{start.astimezone(coach):%H:%M}" for start in starts) == shown


def test_openings_that_touch_are_one_run_with_one_grid() -> None:
    rules = Rules(ZoneInfo("UTC"), {0: (Opening(585, 660), Opening(540, 585))}, {})
    window = Span(MONDAY, MONDAY + DAY)
    assert open_slots(rules, [], HOUR, window, now=LONG_AGO) == [at(9), at(10)]


def test_caps_and_horizon_hold_together() -> None:
    offering = replace(HOUR, daily_cap=1, horizon_days=7)
    taken = [Taken(Span(at(9), at(10)), Holding.PENDING)]
    starts = open_slots(NINE_TO_NOON, taken, offering, Span(MONDAY, MONDAY + 30 * DAY), now=MONDAY)
    assert starts == [at(hour) + 7 * DAY for hour in (9, 10, 11)]


def test_a_clock_set_back_over_midnight_shows_the_day_before_again() -> None:
    # In 2010 St John's went from 7 November 00:01 back to 6 November 23:01, at 02:31 UTC.
    rules = Rules(ZoneInfo("America/St_Johns"), ALL_DAY, {})
    window = Span(datetime(2010, 11, 7, 1, tzinfo=UTC), datetime(2010, 11, 7, 5, tzinfo=UTC))
    starts = open_slots(rules, [], HOUR, window, now=LONG_AGO)
    assert [f"{start:%H:%M}" for start in starts] == ["01:30", "02:30", "02:31", "03:30", "04:30"]


# The rest is checked against every minute around a change of the clock.

CHANGES = {
    "Australia/Lord_Howe": ["2026-04-04T15:00", "2026-10-03T15:30"],
    "Africa/Casablanca": ["2026-02-15T02:00", "2026-03-22T02:00"],
    "Pacific/Apia": ["2011-12-30T10:00", "2020-04-04T14:00"],
    "America/St_Johns": ["2010-11-07T02:31", "2026-03-08T05:30"],
    "Europe/London": ["2026-03-29T01:00", "2026-10-25T01:00", "2026-12-31T12:00"],
    "Asia/Kathmandu": ["1985-12-31T18:30", "2026-06-15T00:00"],
    "America/Santiago": ["2026-04-05T03:00", "2026-09-06T04:00"],
}
PLACES = [(name, datetime.fromisoformat(f"{t}Z")) for name, ts in CHANGES.items() for t in ts]

Situation = tuple[Rules, list[Taken], Offering, Span, datetime]

openings = st.lists(
    st.tuples(st.integers(0, 90), st.integers(-1, 600)).map(
        lambda pair: Opening(pair[0] * 15, min(pair[0] * 15 + pair[1], 1440))
    ),
    max_size=3,
).map(tuple)
weekly = st.one_of(st.just(ALL_DAY), st.fixed_dictionaries(dict.fromkeys(range(7), openings)))
offerings = st.builds(
    Offering,
    length_minutes=st.sampled_from([15, 30, 50, 60, 90, 200]),
    step_minutes=st.sampled_from([10, 15, 25, 30, 60]),
    buffer_before_minutes=st.integers(0, 45),
    buffer_after_minutes=st.integers(0, 45),
    notice_minutes=st.sampled_from([0, 0, 45, 1440]),
    horizon_days=st.sampled_from([None, None, 0, 1, 2]),
    daily_cap=st.sampled_from([None, None, 0, 1, 2]),
    weekly_cap=st.sampled_from([None, None, 1, 2, 3]),
)


def taken_near(middle: datetime, now: datetime) -> st.SearchStrategy[Taken]:
    def build(since: int, seconds: int, kind: Holding, pads: tuple[int, int], left: int) -> Taken:
        start = middle + timedelta(seconds=since)
        ends = now + timedelta(minutes=left)
        return Taken(Span(start, start + timedelta(seconds=seconds)), kind, ends, *pads, left == 5)

    return st.builds(
        build,
        st.integers(-96, 96).map(lambda quarters: quarters * 900 + quarters % 3),
        st.sampled_from([0, 899, 900, 3600, 5401]),
        st.sampled_from(Holding),
        st.tuples(st.integers(0, 45), st.integers(0, 45)),
        st.sampled_from([-1, 0, 1, 5]),
    )


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    name, middle = draw(st.sampled_from(PLACES))
    dates = st.integers(-1, 1).map(lambda days: (middle + days * DAY).date())
    rules = Rules(ZoneInfo(name), draw(weekly), draw(st.dictionaries(dates, openings, max_size=1)))
    now = middle + timedelta(seconds=draw(st.sampled_from([-200_000, -60_000, -59_999, 0, 9_000])))
    taken = draw(st.lists(taken_near(middle, now), max_size=5))
    window = Span(middle - draw(st.integers(60, 1000)) * MINUTE, middle + 900 * MINUTE)
    return rules, taken, draw(offerings), window, now


def slots(situation: Situation, window: Span | None = None) -> list[datetime]:
    rules, taken, offering, usual, now = situation
    return open_slots(rules, taken, offering, window or usual, now=now)


def minute_is_open(rules: Rules, instant: datetime) -> bool:
    local = instant.astimezone(rules.zone)
    windows = rules.exceptions.get(local.date(), rules.weekly.get(local.weekday(), ()))
    now = local.hour * 60 + local.minute
    return any(opens <= now < closes for opens, closes in windows)


def collides(old: Taken, start: datetime, offering: Offering, now: datetime) -> bool:
    if old.transparent or not length(old.span):
        return False
    if old.kind is Holding.HELD and old.held_until is not None and old.held_until <= now:
        return False
    new = Span(start, start + offering.length_minutes * MINUTE)
    wide = new.widened(offering.buffer_before_minutes, offering.buffer_after_minutes)
    old_wide = old.span.widened(old.pad_before_minutes, old.pad_after_minutes)
    return wide.overlaps(old.span) or new.overlaps(old_wide)


def admitted(situation: Situation, start: datetime) -> bool:
    """Notice, horizon and caps, said once more and more slowly."""
    rules, taken, offering, _, now = situation
    on = start.astimezone(rules.zone).date()
    booked = [
        old.span.starts_at.astimezone(rules.zone).date()
        for old in taken
        if old.kind in (Holding.PENDING, Holding.CONFIRMED)
    ]
    weeks = Counter(each.isocalendar()[:2] for each in booked)
    today = now.astimezone(rules.zone).date()
    return (
        start - now >= offering.notice_minutes * MINUTE
        and (offering.horizon_days is None or (on - today).days <= offering.horizon_days)
        and (offering.daily_cap is None or booked.count(on) < offering.daily_cap)
        and (offering.weekly_cap is None or weeks[on.isocalendar()[:2]] < offering.weekly_cap)
    )


def grid_of_every_minute(rules: Rules, offering: Offering, window: Span) -> list[datetime]:
    """Walk from two days before the window, minute by minute."""
    count = (length(window) + 4 * DAY) // MINUTE
    minutes = [window.starts_at - 2 * DAY + n * MINUTE for n in range(count)]
    is_open_at = [minute_is_open(rules, instant) for instant in minutes]
    dates = [instant.astimezone(rules.zone).date() for instant in minutes]
    still_open, run, starts = [0] * (count + 1), 0, []
    for n in reversed(range(count)):
        still_open[n] = still_open[n + 1] + 1 if is_open_at[n] else 0
    for n in range(1, count):
        goes_on = is_open_at[n - 1] and dates[n - 1] == dates[n]
        run = run + 1 if goes_on else 0
        on_grid = is_open_at[n] and run % offering.step_minutes == 0
        if on_grid and still_open[n] >= offering.length_minutes and holds(window, minutes[n]):
            starts.append(minutes[n])
    return starts


@settings(max_examples=60, deadline=None)
@given(situations())
def test_the_starts_are_those_found_by_looking_at_every_minute(situation: Situation) -> None:
    rules, taken, offering, window, now = situation
    expected = [
        start
        for start in grid_of_every_minute(rules, offering, window)
        if admitted(situation, start)
        and not any(collides(old, start, offering, now) for old in taken)
    ]
    assert slots(situation) == expected


@settings(max_examples=100, deadline=None)
@given(situations())
def test_no_start_comes_too_near_to_anything_taken(situation: Situation) -> None:
    _, taken, offering, _, now = situation
    for start in slots(situation):
        assert not any(collides(old, start, offering, now) for old in taken)


@settings(max_examples=100, deadline=None)
@given(situations())
def test_whatever_is_offered_can_be_booked(situation: Situation) -> None:
    rules, taken, offering, _, now = situation
    for start in slots(situation):
        assert is_open(rules, taken, offering, start, now=now)


@settings(max_examples=100, deadline=None)
@given(situations(), st.lists(st.floats(0, 1), max_size=4))
def test_the_answer_does_not_depend_on_how_the_window_is_cut(
    situation: Situation, cuts: Sequence[float]
) -> None:
    window = situation[3]
    borders = sorted([window.starts_at + cut * length(window) for cut in cuts])
    edges = [window.starts_at, *borders, window.ends_at]
    pieces = [Span(since, until) for since, until in pairwise(edges)]
    assert [start for piece in pieces for start in slots(situation, piece)] == slots(situation)
    wider = slots(situation, window.widened(600, 600))
    assert [start for start in wider if holds(window, start)] == slots(situation)


@settings(max_examples=100, deadline=None)
@given(situations(), st.data())
def test_taking_more_time_never_adds_a_start(situation: Situation, data: st.DataObject) -> None:
    rules, taken, offering, window, now = situation
    more = data.draw(taken_near(window.starts_at + 600 * MINUTE, now))
    after = open_slots(rules, [*taken, more], offering, window, now=now)
    assert set(after) <= set(slots(situation))
    assert not [start for start in after if more.blocks(now) and holds(more.span, start)]


@settings(max_examples=60, deadline=None)
@given(situations())
def test_what_lies_outside_the_span_to_load_changes_nothing(situation: Situation) -> None:
    rules, taken, offering, window, now = situation
    assume(taken)
    loaded = span_to_load(rules, offering, window)
    near = [each for each in taken if each.span.overlaps(loaded) or not length(each.span)]
    assert open_slots(rules, near, offering, window, now=now) == slots(situation)
