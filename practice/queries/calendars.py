"""Other calendars at the desk: what each says and since when, and the feed of the own diary."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import select

from practice.domain.busy import OLD_AFTER, OldCalendar, Trouble, WhenOld, is_old
from practice.domain.letters import Letter, moment_line
from practice.domain.refusal import NotFound
from practice.domain.roles import Right, Seat
from practice.domain.span import Span
from practice.domain.zone import zone_label, zone_named
from practice.models.coach import Coach
from practice.models.link import Link, Purpose
from practice.models.outbox import OutboxLetter
from practice.models.source import BusySpan, CalendarSource
from practice.models.unit import reading
from practice.ports import Tools
from practice.queries.coach_letter import coach_letter

NO_CALENDAR: Final = "There is no such calendar in your diary."
_AHEAD: Final = timedelta(days=60)
_NEW, _READ, _TROUBLE, _OLD = "new", "read", "trouble", "old"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One calendar. `state` is new (never read), read, trouble, or old (not read for a day).

    `trouble` is a sentence or "", and `since` since when; `busy` says how many hours of the next 60
    days are taken, "" where nobody knows. `closes` tells whether the diary is closed by it now.
    """

    id: int
    name: str
    shown: str
    state: str
    age: str
    trouble: str
    since: str
    busy: str
    warnings: tuple[str, ...]
    when_old: str
    closes: bool


@dataclass(frozen=True, slots=True)
class CalendarsPage:
    """All calendars of a diary; `feed_since` is "" where there is no feed."""

    sources: tuple[SourceLine, ...]
    feed_since: str
    zone_label: str


@dataclass(frozen=True, slots=True)
class FeedPage:
    """The feed; `href` is its secret address and `webcal` the same for calendar programs, or ""."""

    href: str
    webcal: str
    since: str
    names: str


@dataclass(frozen=True, slots=True)
class OldLine:
    """A calendar that could not be read for a day, for the banner; `id` is 0 for who may not."""

    id: int
    name: str
    age: str
    closes: bool


def calendars_page(seat: Seat, *, now: datetime) -> CalendarsPage:
    """Return the calendars that are read into a diary, and whether it has a feed."""
    seat.require(Right.CALENDARS)
    zone = _zone(seat)
    rows = reading().scalars(
        select(CalendarSource)
        .where(CalendarSource.coach_id == seat.coach_id)
        .order_by(CalendarSource.id)
    )
    seconds = _busy_seconds(seat, now)
    link = _feed_link(seat)
    return CalendarsPage(
        sources=tuple(_line(row, seconds.get(row.id, 0), zone, now) for row in rows),
        feed_since=moment_line(link.created_at, zone, now=now) if link is not None else "",
        zone_label=zone_label(zone, now),
    )


def source_page(seat: Seat, source_id: int, *, now: datetime) -> SourceLine:
    """Return one calendar of a diary; raises NotFound for another's."""
    seat.require(Right.CALENDARS)
    row = reading().get(CalendarSource, source_id, populate_existing=True)
    if row is None or row.coach_id != seat.coach_id:
        raise NotFound(NO_CALENDAR)
    return _line(row, _busy_seconds(seat, now).get(row.id, 0), _zone(seat), now)


def feed_page(seat: Seat, *, tools: Tools) -> FeedPage:
    """Return the feed of a diary with its secret address."""
    seat.require(Right.CALENDARS)
    names = reading().get_one(Coach, seat.coach_id, populate_existing=True).feed_names
    link = _feed_link(seat)
    if link is None:
        return FeedPage("", "", "", names)
    href = f"{tools.base_url}/feed/{link.token(tools.vault)}.ics"
    since = moment_line(link.created_at, _zone(seat), now=tools.clock.now())
    return FeedPage(href, f"webcal://{urlsplit(href).netloc}{urlsplit(href).path}", since, names)


def old_calendars(seat: Seat, *, now: datetime) -> tuple[OldLine, ...]:
    """Return the calendars of a diary that were not read for a day: every page of the desk asks.

    Who may not see them learns that there are some, by no name.
    """
    seat.require(Right.DIARY)
    rows = reading().execute(
        select(
            CalendarSource.id,
            CalendarSource.name,
            CalendarSource.good_at,
            CalendarSource.created_at,
            CalendarSource.when_old,
        )
        .where(CalendarSource.coach_id == seat.coach_id)
        .order_by(CalendarSource.id)
    )
    may = seat.may(Right.CALENDARS)
    return tuple(
        OldLine(
            row.id if may else 0,
            row.name if may else "",
            ago(row.good_at, now) if row.good_at is not None else "",
            row.good_at is not None and row.when_old == WhenOld.CLOSE,
        )
        for row in rows
        if is_old(row.good_at or row.created_at, now=now)
    )


def is_busy_elsewhere(coach_id: int, span: Span) -> bool:
    """Tell whether another calendar of a coach is busy at any moment of a span."""
    met = select(BusySpan.id).where(
        BusySpan.coach_id == coach_id,
        BusySpan.ends_at > span.starts_at,
        BusySpan.starts_at < span.ends_at,
    )
    return reading().scalar(met.limit(1)) is not None


def calendar_letter(row: OutboxLetter, tools: Tools, now: datetime) -> Letter | None:
    """Return the letter that a calendar is not to be read; None where it is read again, or gone."""
    source = reading().get(CalendarSource, row.source_id or 0, populate_existing=True)
    coach = reading().get(Coach, row.coach_id or 0)
    if source is None or coach is None or not source.trouble:
        return None
    zone = zone_named(coach.zone)
    return coach_letter(
        row,
        coach,
        link=f"{tools.base_url}/desk/calendars/{source.id}",
        now=now,
        calendar=OldCalendar(
            name=source.name,
            why=Trouble[source.trouble].value,
            read=moment_line(source.good_at, zone, now=now) if source.good_at else "",
            closes=source.when_old == WhenOld.CLOSE,
        ),
    )


def ago(at: datetime, now: datetime) -> str:
    """Say how long ago an instant was: "a moment ago", "4 minutes ago", "2 days ago"."""
    minutes = int((now - at).total_seconds()) // 60
    if minutes < 1:
        return "a moment ago"
    for size, word in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        count = minutes // size
        if count and (size == 1 or count > 1 or minutes < 2 * size):
            return f"{count} {word}{'' if count == 1 else 's'} ago"
    return "a moment ago"


def _line(row: CalendarSource, seconds: int, zone: ZoneInfo, now: datetime) -> SourceLine:
    good_at = row.good_at
    state = _state(row, now)
    return SourceLine(
        id=row.id,
        name=row.name,
        shown=row.shown,
        state=state,
        age=f"Read {ago(good_at, now)}" if good_at is not None else "Not read yet",
        trouble=Trouble[row.trouble].value if row.trouble else "",
        since=moment_line(row.troubled_at, zone, now=now) if row.troubled_at else "",
        busy=_hours(seconds) if good_at is not None else "",
        warnings=tuple(row.warnings.splitlines()),
        when_old=row.when_old,
        closes=state == _OLD and row.when_old == WhenOld.CLOSE,
    )


def _state(row: CalendarSource, now: datetime) -> str:
    if row.good_at is None:
        return _NEW
    if now - row.good_at > OLD_AFTER:
        return _OLD
    return _TROUBLE if row.trouble else _READ


def _hours(seconds: int) -> str:
    hours = round(seconds / 3600)
    if not seconds:
        return "Nothing in the next 60 days"
    return f"{max(hours, 1)} hour{'' if hours <= 1 else 's'} in the next 60 days"


def _busy_seconds(seat: Seat, now: datetime) -> dict[int, int]:
    until = now + _AHEAD
    found: dict[int, int] = {}
    rows = reading().execute(
        select(BusySpan.source_id, BusySpan.starts_at, BusySpan.ends_at).where(
            BusySpan.coach_id == seat.coach_id,
            BusySpan.ends_at > now,
            BusySpan.starts_at < until,
        )
    )
    for source_id, starts_at, ends_at in rows:
        span = min(ends_at, until) - max(starts_at, now)
        found[source_id] = found.get(source_id, 0) + int(span.total_seconds())
    return found


def _feed_link(seat: Seat) -> Link | None:
    return reading().scalar(
        select(Link)
        .where(Link.coach_id == seat.coach_id, Link.purpose == Purpose.FEED)
        .order_by(Link.id.desc())
        .limit(1)
    )


def _zone(seat: Seat) -> ZoneInfo:
    return zone_named(reading().get_one(Coach, seat.coach_id).zone)
