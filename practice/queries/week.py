"""A week of a coach's diary: columns of days, with whom and what is in them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from practice.domain.availability import Holding
from practice.domain.booking import Status, Who
from practice.domain.busy import merged
from practice.domain.letters import MONTHS, WEEKDAYS, clock, time_range
from practice.domain.offering import is_web_link
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Seat
from practice.domain.span import Span
from practice.domain.zone import city, day_span, local_date, offset, zone_label
from practice.models.booking import Booking, BookingPerson
from practice.models.coach import Coach
from practice.models.diary import rules_of
from practice.models.occupancy import Block, Occupancy
from practice.models.source import BusySpan
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
class Around:
    """The day, week and month to which the tabs of a diary lead from where it is open."""

    day: str
    week: str
    month: str


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
    around: Around

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all stands in this week."""
        return not any(day.events for day in self.days)


LEGEND = (
    ("free", "Free chat"),
    ("session", "Session"),
    ("held", "Being booked or paid for"),
    ("blocked", "Blocked"),
)
_LEGEND_ELSEWHERE = (*LEGEND, ("elsewhere", "Busy elsewhere"))


def week_page(seat: Seat, week: str, *, hides_names: bool, now: datetime) -> WeekPage:
    """Return a coach's week ("" is the one to look at now); raises NotFound for what is no week."""
    seat.require(Right.DIARY)
    session, coach_id = reading(), seat.coach_id
    coach = session.get_one(Coach, coach_id)
    rules = rules_of(session, coach_id, coach.zone)
    today = local_date(now, rules.zone)
    monday = _monday(week, today)
    dates = [monday + timedelta(days=index) for index in range(7)]
    pieces = pieces_of(coach_id, dates, rules.zone, now, hides_names=hides_names)
    shown = [
        on
        for index, on in enumerate(dates)
        if index < _WORKDAYS
        or any(event.kind != "elsewhere" for event in pieces[on])
        or rules.openings(on.toordinal())
    ]
    if not week and today not in shown:
        # A weekend without work: what matters on a Sunday evening is the week that comes.
        following = _named(monday + timedelta(days=7))
        return week_page(seat, following, hides_names=hides_names, now=now)
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
        kinds=legend_of(pieces.values()),
        around=around(today if monday <= today < monday + timedelta(days=7) else monday),
    )


def legend_of(days: Iterable[Sequence[Event]]) -> tuple[tuple[str, str], ...]:
    """Return what the colours of some days mean."""
    is_elsewhere = any(event.kind == "elsewhere" for events in days for event in events)
    return _LEGEND_ELSEWHERE if is_elsewhere else LEGEND


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


def pieces_of(
    coach_id: int, dates: Sequence[date], zone: ZoneInfo, now: datetime, *, hides_names: bool
) -> Mapping[date, list[Event]]:
    """Return the events of each date, those that reach over midnight in pieces."""
    window = Span(day_span(dates[0], zone).starts_at, day_span(dates[-1], zone).ends_at)
    found: dict[date, list[Event]] = {on: [] for on in dates}
    spans = {on: day_span(on, zone) for on in dates}
    rows = [
        *booked_in(coach_id, window, zone, now, hides_names=hides_names),
        *blocked_in(coach_id, window, zone, now),
    ]
    rows += _elsewhere(coach_id, window, zone, now, besides=[span for span, _ in rows])
    for span, event in sorted(rows, key=lambda row: row[0].starts_at):
        for on, day in spans.items():
            if span.overlaps(day):
                found[on].append(placed(event, span, day, zone))
    return {on: apart(events) for on, events in found.items()}


def booked_in(
    coach_id: int, window: Span, zone: ZoneInfo, now: datetime, *, hides_names: bool
) -> Iterator[tuple[Span, Event]]:
    """Yield what is booked, being booked or paid for in a window."""
    wanted = (
        select(
            Booking.id,
            Booking.status,
            Booking.who,
            Booking.starts_at,
            Booking.ends_at,
            Booking.price_minor,
            Booking.offering_name,
            Booking.place_detail,
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
        join_href=row.place_detail if _may_join(row, now) else "",
        initials=initials(name),
    )


def _may_join(row: Any, now: datetime) -> bool:
    is_on = row.status == Status.CONFIRMED and row.ends_at > now
    return is_on and is_web_link(row.place_detail)


def _more(row: Any, otherwise: str) -> str:
    said = {Status.NO_SHOW: "Did not come", Status.DONE: "Took place"}
    return said.get(row.status, otherwise)


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


def blocked_in(
    coach_id: int, window: Span, zone: ZoneInfo, now: datetime
) -> Iterator[tuple[Span, Event]]:
    """Yield what a coach blocked in a window."""
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


def _elsewhere(
    coach_id: int, window: Span, zone: ZoneInfo, now: datetime, *, besides: Iterable[Span]
) -> Iterator[tuple[Span, Event]]:
    """Yield when the coach's other calendars are busy, where nothing of our own stands."""
    rows = reading().execute(
        select(BusySpan.starts_at, BusySpan.ends_at)
        .where(
            BusySpan.coach_id == coach_id,
            BusySpan.ends_at > window.starts_at,
            BusySpan.starts_at < window.ends_at,
        )
        .order_by(BusySpan.starts_at)
    )
    for busy in merged(Span(starts_at, ends_at) for starts_at, ends_at in rows):
        for span in busy.without(besides):
            yield (
                span,
                Event(
                    kind="elsewhere",
                    at=0,
                    rows=1,
                    time=time_range(span.starts_at, span.ends_at, zone),
                    start=clock(span.starts_at, zone),
                    title="Busy elsewhere",
                    more="",
                    is_over=span.ends_at <= now,
                ),
            )


def around(on: date) -> Around:
    """Return where the tabs of a diary lead from a date."""
    return Around(on.isoformat(), _named(on), f"{on:%Y-%m}")


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
