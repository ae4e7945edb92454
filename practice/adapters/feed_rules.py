"""When a rule of a feed repeats: recurring-ical-events behind guards of our own.

The library drops events whose rule it cannot read, runs for minutes through rules of seconds, and
gets lengths wrong where a clock changes. So it is given one rule at a time, put right before, in
plain clock time near the window; zones, lengths and exceptions stay with us.
"""

import contextlib
import re
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final

import icalendar
from recurring_ical_events import CalendarQuery, Occurrence
from recurring_ical_events.selection.name import ComponentsWithName

from practice.domain.busy import FeedTrouble, Trouble

MOST_STARTS: Final = 20_000
"""A rule with more starts in the window is refused."""
PATIENCE_SECONDS: Final = 1.0
"""So much of the processor one rule may take, before it counts as one that nobody understands."""
_LONGEST_RULE: Final = 2_000
_MOST_A_DAY: Final = 24
_MOST_COUNTED: Final = 5_000
_LAST_SAFE_DAY: Final = 28
_MONTHS: Final = {"MONTHLY": 1, "YEARLY": 12}
_UNITS: Final = {
    "HOURLY": timedelta(hours=1),
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(weeks=1),
}
_SUB_HOURLY = re.compile(r"FREQ=(SECONDLY|MINUTELY)")
_DAYS = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_DATE_LIKE = re.compile(r"\d{8}(T\d{0,6})?Z?")
_WEEKDAY = re.compile(r"MO|TU|WE|TH|FR|SA|SU")
_WEEKS: Final = range(1, 54)
_LISTS: Final = {
    "BYSECOND": range(60),
    "BYMINUTE": range(60),
    "BYHOUR": range(24),
    "BYMONTH": range(1, 13),
    "BYMONTHDAY": range(-31, 32),
    "BYYEARDAY": range(-366, 367),
    "BYWEEKNO": range(-53, 54),
    "BYSETPOS": range(-366, 367),
}
_NEVER_ZERO: Final = {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"}


class _Start(Occurrence):  # type: ignore[misc]
    """A repetition of which nobody needs more than the start; the copy of an event takes long."""

    def as_component(self, _keep_recurrence_attributes: bool) -> datetime:  # noqa: FBT001
        """Return the start."""
        assert isinstance(self.start, datetime)  # noqa: S101 - it is what it was made from
        return self.start


_STARTS: Final = ComponentsWithName("VEVENT", occurrence=_Start)


class NotUnderstood(Exception):
    """Nobody can tell when this rule repeats."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that can be counted on; `until` is what the clock shows, and still inside.

    `loose` tells that a part could not be read and was left out, so that it repeats rather more.
    """

    freq: str
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    by: tuple[tuple[str, str], ...] = ()
    loose: bool = False


def read_rule(raw: str, until_of: Callable[[str], datetime | None]) -> Rule:
    """Return the rule as far as it only repeats more than meant, never less; else NotUnderstood.

    `until_of` tells what the event's clock shows at a value of UNTIL, None for one that cannot be
    read. A rule that repeats more often than hourly is FeedTrouble, however broken it is besides.
    """
    text = re.sub(r"\s+", "", raw).upper().strip(";")
    if _SUB_HOURLY.search(text):
        raise FeedTrouble(Trouble.TOO_MUCH)
    if len(text) > _LONGEST_RULE:
        raise NotUnderstood
    given: dict[str, str] = {}
    for piece in filter(None, text.split(";")):
        name, equals, value = piece.partition("=")
        if not equals or given.get(name, value) != value:
            raise NotUnderstood
        given[name] = value
    if given.get("FREQ") not in {*_UNITS, *_MONTHS}:
        raise NotUnderstood
    rule = _limits(given, until_of)
    _refuse_crowds(rule)
    return rule


def _limits(given: dict[str, str], until_of: Callable[[str], datetime | None]) -> Rule:
    rule = Rule(given.pop("FREQ"), by=tuple(_by(given)))
    if (until := given.pop("UNTIL", None)) is not None:
        ends = until_of(until)
        rule = replace(rule, until=ends, loose=ends is None)
    count, interval = given.pop("COUNT", None), given.pop("INTERVAL", "1")
    if not _is_number(interval):
        # By steps of one, a count would be over too soon.
        interval, count, rule = "1", None, replace(rule, loose=True)
    if count is not None and not _is_number(count):
        count, rule = None, replace(rule, loose=True)
    if _leave_out(given):
        rule = replace(rule, loose=True)
    return replace(rule, interval=int(interval), count=int(count) if count else None)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"0*[1-9][0-9]{0,8}", text))


def _leave_out(given: dict[str, str]) -> bool:
    """Tell whether parts must be left out; NotUnderstood where the rule would repeat less then.

    A mistyped UNTIL (as UNTL=20260710) can only end the rule: without it, it repeats for ever.
    """
    unknown = {
        name: value
        for name, value in given.items()
        if not name.startswith("X-") and (name, value) not in _HARMLESS
    }
    if not all(_DATE_LIKE.fullmatch(value) for value in unknown.values()):
        raise NotUnderstood
    return bool(unknown)


_HARMLESS: Final = {("RSCALE", "GREGORIAN"), ("SKIP", "OMIT")}


def _by(given: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name in [name for name in given if name in _LISTS or name in {"BYDAY", "WKST"}]:
        value = given.pop(name).strip(",")
        pieces = [piece for piece in value.split(",") if piece]
        if name == "WKST":
            well = bool(_WEEKDAY.fullmatch(value))
        elif name == "BYDAY":
            well = all(_is_day(piece) for piece in pieces)
        else:
            well = all(_is_listed(name, piece) for piece in pieces)
        if not pieces or not well:
            raise NotUnderstood
        yield name, ",".join(dict.fromkeys(pieces))


def _is_day(piece: str) -> bool:
    found = _DAYS.fullmatch(piece)
    return found is not None and (not found[1] or abs(int(found[1])) in _WEEKS)


def _is_listed(name: str, piece: str) -> bool:
    if not re.fullmatch(r"[+-]?[0-9]{1,3}", piece):
        return False
    number = int(piece)
    return number in _LISTS[name] and (number != 0 or name not in _NEVER_ZERO)


def _refuse_crowds(rule: Rule) -> None:
    by = {name: len(value.split(",")) for name, value in rule.by}
    hours = by.get("BYHOUR", _MOST_A_DAY if rule.freq == "HOURLY" else 1)
    if hours * by.get("BYMINUTE", 1) * by.get("BYSECOND", 1) > _MOST_A_DAY:
        raise FeedTrouble(Trouble.TOO_MUCH)


def starts_of(start: datetime, rule: Rule, low: datetime, high: datetime) -> list[datetime]:
    """Return when the clock shows a repetition between both, all without a zone.

    NotUnderstood for a rule that the library refuses or that takes it too long.
    """
    rule = _uncounted(start, rule)
    if rule.until is not None and rule.until < low:
        return []
    try:
        near = _nearer(start, rule, low) if rule.count is None else start
    except OverflowError:
        # A step that leads beyond the calendar: it never repeats.
        return []
    event = icalendar.Event()
    event.add("UID", "it")
    event.add("DTSTART", near)
    event.add("DTEND", near)
    try:
        event.add("RRULE", icalendar.vRecur.from_ical(_written(rule)))
        calendar = icalendar.Calendar()
        calendar.add_component(event)
        with _patience():
            # The library leaves out what starts at the very end.
            end = high + timedelta(seconds=1)
            starts = CalendarQuery(calendar, components=[_STARTS]).between(low, end)
    except (ValueError, LookupError, TypeError, ArithmeticError, AttributeError) as error:
        raise NotUnderstood from error
    if len(starts) > MOST_STARTS:
        raise FeedTrouble(Trouble.TOO_MUCH)
    # With a count as well, which RFC 5545 forbids and some write, what ends first ends it.
    return sorted(each for each in starts if rule.until is None or each <= rule.until)


def every_day(start: datetime, low: datetime, high: datetime) -> list[datetime]:
    """Return the start's time of day on every day from it on, between both."""
    day = max(start.date(), low.date())
    at: time = start.time()
    days = (high.date() - day).days + 1
    return [datetime.combine(day + timedelta(days=each), at) for each in range(max(0, days))]


def _written(rule: Rule) -> str:
    pieces = [f"FREQ={rule.freq}", f"INTERVAL={rule.interval}"]
    if rule.count is not None:
        pieces.append(f"COUNT={rule.count}")
    elif rule.until is not None:
        pieces.append(f"UNTIL={rule.until:%Y%m%dT%H%M%S}")
    return ";".join([*pieces, *(f"{name}={value}" for name, value in rule.by)])


def _uncounted(start: datetime, rule: Rule) -> Rule:
    """Turn a COUNT into an UNTIL where that is the same, and forget one of thousands."""
    if rule.count is None or (rule.by and rule.count <= _MOST_COUNTED):
        return rule
    unit = _UNITS.get(rule.freq)
    if rule.by or unit is None:
        return replace(rule, count=None) if rule.count > _MOST_COUNTED else rule
    try:
        last = start + (rule.count - 1) * rule.interval * unit
    except OverflowError:
        return replace(rule, count=None)
    return replace(rule, count=None, until=min(last, rule.until or last))


def _nearer(start: datetime, rule: Rule, low: datetime) -> datetime:
    """Return a later start of the same rhythm, before `low`: the library counts from there.

    The library takes a start for an occurrence, so the new one must lie outside of what is asked.
    """
    unit = _UNITS.get(rule.freq)
    if unit is not None:
        step = rule.interval * unit
        # One step more to spare: the week of a start may begin before it.
        return start + max(0, (low - start) // step - 2) * step
    if start.day > _LAST_SAFE_DAY:
        return start
    months = rule.interval * _MONTHS[rule.freq]
    between = (low.year - start.year) * 12 + low.month - start.month
    index = start.year * 12 + start.month - 1 + max(0, between // months - 2) * months
    return start.replace(year=index // 12, month=index % 12 + 1)


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """Stop what takes too long; only where signals can be had, which is where feeds are read."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _tired)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _tired(_number: int, _frame: object) -> None:
    raise NotUnderstood
