"""Why a start is not offered: every reason, as a value, by the functions that decide the starts.

Each reason is asked with all the others out of the way, so that none hides behind another.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from practice.domain.availability import (
    Holding,
    Rules,
    Taken,
    admission_of,
    bounds_of,
    grid_of,
    refused_by,
)
from practice.domain.hours import Run, open_runs
from practice.domain.offering import Offering
from practice.domain.refusal import Invalid, NotAllowed
from practice.domain.span import Span, as_utc, instant_of, second_from, second_of
from practice.domain.zone import local_date, resolve_local


class Why(StrEnum):
    """Whether a start is offered, and if not, what stands in its way, the first first.

    SKIPPED   The clock never shows this time.
    PAST      It is over.
    CLOSED    Outside of the hours, of the week or of that date.
    CLOSING   It begins within the hours and would run past their end.
    STEP      Between two starts.
    HORIZON   Further ahead than can be booked.
    NOTICE    Closer than can be booked.
    DAY_FULL, WEEK_FULL  As many as there may be in a day or a week.
    TAKEN     Something else takes the time.
    CLOSE     Too close to something else, for the pauses about it.
    """

    OFFERED = "offered"
    SKIPPED = "skipped"
    PAST = "past"
    CLOSED = "closed"
    CLOSING = "closing"
    STEP = "step"
    HORIZON = "horizon"
    NOTICE = "notice"
    DAY_FULL = "day_full"
    WEEK_FULL = "week_full"
    TAKEN = "taken"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `by` is what takes the time, and `is_date` tells of hours of that date alone.

    `reach` is the instant at which the hours end, where a meeting would run past them.
    """

    why: Why
    by: Taken | None = None
    is_date: bool = False
    reach: datetime | None = None

    @property
    def is_lasting(self) -> bool:
        """Whether not even the coach can set a meeting there by hand."""
        if self.why in {Why.TAKEN, Why.CLOSE}:
            # Her other calendar is hers: she may know better than it does.
            return self.by is not None and self.by.kind is not Holding.EXTERNAL
        return self.why in {Why.SKIPPED, Why.PAST}


OFFERED: Final = Reason(Why.OFFERED)


class Unusual(NotAllowed):
    """The coach's own rules speak against a time; she may want it all the same."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__("Clients are not offered this time. Please look at why, and confirm it.")
        self.reasons = reasons


def why_not(
    rules: Rules, taken: Iterable[Taken], offering: Offering, start: datetime, *, now: datetime
) -> Reason:
    """Return the first reason why a start is not offered, or that it is; as `open_slots` decides.

    `taken` holds at least what overlaps `span_to_load` of the start.
    """
    return next(_reasons(rules, tuple(taken), offering, as_utc(start), now), OFFERED)


def all_reasons(
    rules: Rules, taken: Iterable[Taken], offering: Offering, start: datetime, *, now: datetime
) -> tuple[Reason, ...]:
    """Return everything that speaks against a start, the first first; nothing if it is offered."""
    return tuple(_reasons(rules, tuple(taken), offering, as_utc(start), now))


def start_or_reason(on: date, minute: int, zone: ZoneInfo) -> datetime | Reason:
    """Return the instant of a clock time, or that the clock skips it."""
    try:
        return resolve_local(on, minute, zone)
    except Invalid:
        return Reason(Why.SKIPPED)


def _reasons(
    rules: Rules, taken: tuple[Taken, ...], offering: Offering, start: datetime, now: datetime
) -> Iterator[Reason]:
    second, begin = second_of(start), second_from(now)
    if second < begin:
        yield Reason(Why.PAST)
    run = _run_of(rules, second, offering)
    yield from _hours(rules, run, offering, start)
    day = run or _a_run(rules, second)
    yield from _limits(rules, taken, offering, day, now)
    if begin <= second < _first(rules, offering, start, now):
        yield Reason(Why.NOTICE)
    yield from _meetings(taken, offering, second, now)


def _run_of(rules: Rules, second: int, offering: Offering) -> Run | None:
    """Return the open time in which a second lies."""
    last = second + max(offering.length_minutes, 0) * 60 + 1
    return next(
        (run for run in open_runs(rules, second, last) if run.since <= second < run.until), None
    )


def _a_run(rules: Rules, second: int) -> Run:
    """Return a closed second as if it were open: its day is what the limits ask for."""
    day = local_date(instant_of(second), rules.zone).toordinal()
    return Run(second, second + 1, day, second + 1)


def _hours(rules: Rules, run: Run | None, offering: Offering, start: datetime) -> Iterator[Reason]:
    is_date = local_date(start, rules.zone) in rules.exceptions
    if run is None:
        yield Reason(Why.CLOSED, is_date=is_date)
        return
    if offering.length_minutes < 1 or offering.step_minutes < 1:
        yield Reason(Why.STEP)
        return
    second = second_of(start)
    # A grid that begins here can fail by its end alone; one that never ends, by its steps alone.
    from_here = run._replace(since=second)
    without_end = run._replace(reach=second + offering.length_minutes * 60)
    if not _has(grid_of([from_here], offering, second, second + 1)):
        yield Reason(Why.CLOSING, is_date=is_date, reach=instant_of(run.reach))
    is_whole = second == second_from(start)
    if not is_whole or not _has(grid_of([without_end], offering, second, second + 1)):
        yield Reason(Why.STEP)


def _has(starts: Iterator[int]) -> bool:
    return next(starts, None) is not None


def _limits(
    rules: Rules, taken: tuple[Taken, ...], offering: Offering, run: Run, now: datetime
) -> Iterator[Reason]:
    no_limit = replace(offering, horizon_days=None, daily_cap=None, weekly_cap=None)
    for why, alone in (
        (Why.HORIZON, replace(no_limit, horizon_days=offering.horizon_days)),
        (Why.DAY_FULL, replace(no_limit, daily_cap=offering.daily_cap)),
        (Why.WEEK_FULL, replace(no_limit, weekly_cap=offering.weekly_cap)),
    ):
        if not admission_of(rules.zone, taken, alone, now)(run):
            yield Reason(why)


def _first(rules: Rules, offering: Offering, start: datetime, now: datetime) -> int:
    """Return the first second that the notice lets be booked."""
    first, _ = bounds_of(rules.zone, offering, Span(start, start), now)
    return first


def _meetings(
    taken: tuple[Taken, ...], offering: Offering, second: int, now: datetime
) -> Iterator[Reason]:
    """Tell of everything that is in the way, what takes the time itself before what is close."""
    bare = replace(offering, buffer_before_minutes=0, buffer_after_minutes=0)
    close = []
    for each in sorted(taken, key=lambda one: (one.kind is Holding.EXTERNAL, one.span.starts_at)):
        without_pads = replace(each, pad_before_minutes=0, pad_after_minutes=0)
        if refused_by([without_pads], bare, second, second + 1, now):
            yield Reason(Why.TAKEN, by=each)
        elif refused_by([each], offering, second, second + 1, now):
            close.append(Reason(Why.CLOSE, by=each))
    yield from close
