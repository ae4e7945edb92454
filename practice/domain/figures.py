"""Figures of a practice: counts, shares, waiting times and sums, by week.

A week begins on Monday by the coach's clock and is named by that date. A meeting counts in the week
in which it takes place, money in the week in which it was paid. Nothing is counted that was not
shared: whoever writes and keeps it, leaves no trace here.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from practice.domain.booking import Status
from practice.domain.money import Money
from practice.domain.zone import local_date

_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting that stood: `booked_at` is when it was booked.

    `was_asked` tells whether a questionnaire goes with it, `has_shared` whether anybody shared any
    of it.
    """

    coach_id: int
    starts_at: datetime
    ends_at: datetime
    booked_at: datetime
    status: Status
    was_asked: bool
    has_shared: bool


@dataclass(frozen=True, slots=True)
class Income:
    """What is kept of one payment, and when it was paid."""

    coach_id: int
    paid_at: datetime
    kept: Money


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of some meetings; `over` have ended and `came` is how many of those took place.

    `wait_minutes` is the median from booking to meeting, None where there is none. `asked` had a
    questionnaire, and in `shared` somebody shared some of it. `income` has one sum a currency.
    """

    bookings: int
    over: int
    came: int
    wait_minutes: int | None
    asked: int
    shared: int
    income: tuple[Money, ...]

    @property
    def show_percent(self) -> int | None:
        """How many of a hundred meetings took place, None where none has ended."""
        return _percent(self.came, self.over)

    @property
    def shared_percent(self) -> int | None:
        """Of how many of a hundred questionnaires some was shared, None where there was none."""
        return _percent(self.shared, self.asked)


def monday_of(at: datetime, zone: ZoneInfo) -> date:
    """Return the Monday that names the week of an aware instant on this clock."""
    on = local_date(at, zone)
    return on - timedelta(days=on.weekday())


def figures_of(meetings: Iterable[Meeting], incomes: Iterable[Income], *, now: datetime) -> Figures:
    """Return the figures of these meetings and payments as of `now`."""
    all_of_them = list(meetings)
    over = [each for each in all_of_them if each.ends_at <= now]
    waits = [(each.starts_at - each.booked_at).total_seconds() for each in all_of_them]
    asked = [each for each in all_of_them if each.was_asked]
    return Figures(
        bookings=len(all_of_them),
        over=len(over),
        came=sum(each.status is not Status.NO_SHOW for each in over),
        wait_minutes=int(median(waits)) // _MINUTES if waits else None,
        asked=len(asked),
        shared=sum(each.has_shared for each in asked),
        income=_sums(incomes),
    )


def by_week(
    meetings: Iterable[Meeting],
    incomes: Iterable[Income],
    mondays: Iterable[date],
    zone: ZoneInfo,
    *,
    now: datetime,
) -> dict[date, Figures]:
    """Return the figures of each of these weeks, in their order."""
    met: dict[date, list[Meeting]] = defaultdict(list)
    for each in meetings:
        met[monday_of(each.starts_at, zone)].append(each)
    paid: dict[date, list[Income]] = defaultdict(list)
    for income in incomes:
        paid[monday_of(income.paid_at, zone)].append(income)
    return {week: figures_of(met[week], paid[week], now=now) for week in mondays}


def _percent(part: int, whole: int) -> int | None:
    return None if whole == 0 else (200 * part + whole) // (2 * whole)


def _sums(incomes: Iterable[Income]) -> tuple[Money, ...]:
    sums: dict[str, int] = defaultdict(int)
    for each in incomes:
        sums[each.kept.currency] += each.kept.minor
    return tuple(Money(minor, currency) for currency, minor in sorted(sums.items()))
