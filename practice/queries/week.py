"""A week of a coach's diary: columns of days, with whom and what is in them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from practice.domain.availability import Holding
from practice.domain.booking import Status, Who
from practice.domain.letters import MONTHS, WEEKDAYS, clock, time_range
from practice.domain.refusal import NotFound
from practice.domain.span import Span
from practice.domain.zone import city, day_span, local_date, offset, zone_label
from practice.models.booking import Booking, BookingPerson
from practice.models.coach import Coach
from practice.models.diary import rules_of
from practice.models.occupancy import Block, Occupancy
from practice.models.unit import reading
from practice.queries.week_rows import ROWS_AN_HOUR, Event, apart, clipped, placed, rows_shown

_WORKDAYS = 5
NO_WEEK = "There is no such week."
_WEEK = re.compile(r"(\d{4})-W(\d\d)", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1971, 9997
# No meeting is longer: an offering's length ends within a day.
_LONGEST = timedelta(days=2)

_SHOWN = (Status.HELD, Status.PENDING, Status.CONFIRMED, Status.DONE, Status.NO_SHOW)


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One column."""

    on: str
    weekday: str
    label: str
    is_today: bool
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class WeekPage:
    """A week, with the addresses of the weeks around it ("2026-W24"; "" where there is none)."""

    title: str
    week: str
    previous: str
    next: str
    is_this_week: bool
    zone_label: str
    first_hour: int
    hours: tuple[str, ...]
    days: tuple[WeekDay, ...]
    hides_names: bool
    kinds: tuple[tuple[str, str], ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all stands in this week."""
        return not any(day.events for day in self.days)


_LEGEND = (
    ("free", "Free chat"),
    ("session", "Session"),
    ("held", "Being booked or paid for"),
    ("blocked", "Blocked"),
)


def week_page(coach_id: int, week: str, *, hides_names: bool, now: datetime) -> WeekPage:
    """Return a coach's week ("" is the one to look at now); raises NotFound for what is no week."""
    session = reading()
    coach = session.get_one(Coach, coach_id)
    rules = rules_of(session, coach_id, coach.zone)
    today = local_date(now, rules.zone)
    monday = _monday(week, today)
    dates = [monday + timedelta(days=index) for index in range(7)]
    pieces = _pieces(coach_id, dates, rules.zone, now, hides_names=hides_names)
    shown = [
        on
        for index, on in enumerate(dates)
        if index < _WORKDAYS or pieces[on] or rules.openings(on.toordinal())
    ]
    if not week and today not in shown:
        # A weekend without work: what matters on a Sunday evening is the week that comes.
        following = _named(monday + timedelta(days=7))
        return week_page(coach_id, following, hides_names=hides_names, now=now)
    first, last = rows_shown(shown, pieces, rules)
    return WeekPage(
        title=_title(shown[0], shown[-1], today),
        week=_named(monday),
        previous=_named(monday - timedelta(days=7)) if monday.year > _FIRST_YEAR else "",
        next=_named(monday + timedelta(days=7)) if monday.year < _LAST_YEAR else "",
        is_this_week=monday <= today < monday + timedelta(days=7),
        zone_label=_zone_line(dates, rules.zone),
        first_hour=first // ROWS_AN_HOUR,
        hours=tuple(_hour(row) for row in range(first, last, ROWS_AN_HOUR)),
        days=tuple(_day(on, pieces[on], today, first, last) for on in shown),
        hides_names=hides_names,
        kinds=_LEGEND,
    )


def initials(name: str) -> str:
    """Return a name as a glance over the shoulder may read it: "S. R."."""
    return " ".join(f"{part[0].upper()}." for part in name.split()) or "…"


def who_label(who: str) -> str:
    """Return who comes, in the client's own words."""
    return "Both of us" if who == Who.BOTH else "Just me"


def kind_of(price_minor: int) -> str:
    """Return which of the two kinds a meeting is shown as."""
    return "session" if price_minor else "free"


# What stands in the week --------------------------------------------------------------------------


def _pieces(
    coach_id: int, dates: Sequence[date], zone: ZoneInfo, now: datetime, *, hides_names: bool
) -> Mapping[date, list[Event]]:
    """Return the events of each date, those that reach over midnight in pieces."""
    window = Span(day_span(dates[0], zone).starts_at, day_span(dates[-1], zone).ends_at)
    found: dict[date, list[Event]] = {on: [] for on in dates}
    spans = {on: day_span(on, zone) for on in dates}
    rows = [
        *_booked(coach_id, window, zone, now, hides_names=hides_names),
        *_blocked(coach_id, window, zone, now),
    ]
    for span, event in sorted(rows, key=lambda row: row[0].starts_at):
        for on, day in spans.items():
            if span.overlaps(day):
                found[on].append(placed(event, span, day, zone))
    return {on: apart(events) for on, events in found.items()}


def _booked(
    coach_id: int, window: Span, zone: ZoneInfo, now: datetime, *, hides_names: bool
) -> Iterator[tuple[Span, Event]]:
    wanted = (
        select(
            Booking.id,
            Booking.status,
            Booking.who,
            Booking.starts_at,
            Booking.ends_at,
            Booking.price_minor,
            Booking.offering_name,
            BookingPerson.name,
            Occupancy.held_until,
        )
        .outerjoin(
            BookingPerson,
            and_(BookingPerson.booking_id == Booking.id, BookingPerson.role == "booker"),
        )
        .outerjoin(Occupancy, Occupancy.booking_id == Booking.id)
        .where(
            Booking.coach_id == coach_id,
            Booking.status.in_(_SHOWN),
            # Both bounds on the start, so that the index serves past a million of old bookings.
            Booking.starts_at > window.starts_at - _LONGEST,
            Booking.starts_at < window.ends_at,
            Booking.ends_at > window.starts_at,
        )
    )
    for row in reading().execute(wanted):
        if row.status == Status.PENDING:
            yield Span(row.starts_at, row.ends_at), _paying(row, zone, hides=hides_names)
        elif row.status != Status.HELD:
            yield Span(row.starts_at, row.ends_at), _meeting(row, zone, now, hides=hides_names)
        elif row.held_until is not None and row.held_until > now:
            yield Span(row.starts_at, row.ends_at), _hold(row, zone)


def _meeting(row: Any, zone: ZoneInfo, now: datetime, *, hides: bool) -> Event:
    kind = kind_of(row.price_minor)
    who = who_label(row.who)
    name = row.name or "Somebody"
    return Event(
        kind=kind,
        at=0,
        rows=1,
        time=time_range(row.starts_at, row.ends_at, zone),
        start=clock(row.starts_at, zone),
        title=initials(name) if hides else name,
        more=_more(row, who if kind == "free" else f"{row.offering_name}, {who.lower()}"),
        booking_id=row.id,
        is_over=row.ends_at <= now,
    )


def _more(row: Any, otherwise: str) -> str:
    return "Did not come" if row.status == Status.NO_SHOW else otherwise


def _paying(row: Any, zone: ZoneInfo, *, hides: bool) -> Event:
    name = row.name or "Somebody"
    return Event(
        kind="held",
        at=0,
        rows=1,
        time=time_range(row.starts_at, row.ends_at, zone),
        start=clock(row.starts_at, zone),
        title="Being paid for",
        more=initials(name) if hides else name,
        booking_id=row.id,
    )


def _hold(row: Any, zone: ZoneInfo) -> Event:
    return Event(
        kind="held",
        at=0,
        rows=1,
        time=time_range(row.starts_at, row.ends_at, zone),
        start=clock(row.starts_at, zone),
        title="Being booked",
        more=f"until {clock(row.held_until, zone)}",
    )


def _blocked(
    coach_id: int, window: Span, zone: ZoneInfo, now: datetime
) -> Iterator[tuple[Span, Event]]:
    wanted = (
        select(Block.id, Block.note, Occupancy.starts_at, Occupancy.ends_at)
        .join(Occupancy, Occupancy.block_id == Block.id)
        .where(
            Occupancy.coach_id == coach_id,
            Occupancy.status == Holding.BLOCKED,
            Occupancy.ends_at > window.starts_at,
            Occupancy.starts_at < window.ends_at,
        )
    )
    for row in reading().execute(wanted):
        yield (
            Span(row.starts_at, row.ends_at),
            Event(
                kind="blocked",
                at=0,
                rows=1,
                time=time_range(row.starts_at, row.ends_at, zone),
                start=clock(row.starts_at, zone),
                title=row.note or "Blocked",
                more="",
                block_id=row.id,
                is_over=row.ends_at <= now,
            ),
        )


def _day(on: date, events: list[Event], today: date, first: int, last: int) -> WeekDay:
    return WeekDay(
        on=on.isoformat(),
        weekday=WEEKDAYS[on.weekday()],
        label=f"{on.day} {MONTHS[on.month - 1]}",
        is_today=on == today,
        events=tuple(clipped(event, first, last) for event in events),
    )


# Names of weeks -----------------------------------------------------------------------------------


def _monday(week: str, today: date) -> date:
    if not week:
        return today - timedelta(days=today.weekday())
    year, number = map(int, match.groups()) if (match := _WEEK.fullmatch(week)) else (0, 0)
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise NotFound(NO_WEEK)
    try:
        return date.fromisocalendar(year, number, 1)
    except ValueError as fault:
        raise NotFound(NO_WEEK) from fault


def _named(monday: date) -> str:
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"


def _zone_line(dates: Sequence[date], zone: ZoneInfo) -> str:
    """Return the zone of a week, and on which of its days the clocks change."""
    for on in dates:
        day = day_span(on, zone)
        before, after = offset(zone, day.starts_at), offset(zone, day.ends_at)
        if before != after:
            told = f"{WEEKDAYS[on.weekday()]} {on.day} {MONTHS[on.month - 1]}"
            return f"{city(zone)} time. The clocks change on {told}: {before} before, {after} after"
    return zone_label(zone, day_span(dates[0], zone).starts_at)


def _title(first: date, last: date, today: date) -> str:
    month = f" {MONTHS[first.month - 1]}" if first.month != last.month else ""
    year = f" {last.year}" if last.year != today.year else ""
    return f"{first.day}{month} to {last.day} {MONTHS[last.month - 1]}{year}"


def _hour(row: int) -> str:
    hour = row // ROWS_AN_HOUR
    return f"{(hour + 11) % 12 + 1}{'am' if hour < 12 else 'pm'}"  # noqa: PLR2004 - noon
