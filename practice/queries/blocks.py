"""Blocked time at the desk: one block, and who is booked where one is wanted."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from practice.domain.availability import Holding
from practice.domain.letters import day_line, when_line
from practice.domain.refusal import NotFound
from practice.domain.repeating import Repeat, Stretch, spans_of
from practice.domain.roles import Right, Seat
from practice.domain.span import Span
from practice.domain.zone import day_span, local_date, zone_label, zone_named
from practice.models.booking import BookingPerson
from practice.models.coach import Coach
from practice.models.occupancy import Block, Occupancy
from practice.models.unit import reading
from practice.queries.week import initials

NO_BLOCK = "There is no such blocked time in your diary."


@dataclass(frozen=True, slots=True)
class BlockDesk:
    """Where time is blocked: on which clock, and which date it is there."""

    zone: ZoneInfo
    zone_label: str
    today: str


@dataclass(frozen=True, slots=True)
class BlockedSpan:
    """One span of a block in words; `id` is what opens it alone."""

    id: int
    when: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class BlockPage:
    """One block with its spans; `repeats` says how it does, "" for once."""

    id: int
    note: str
    repeats: str
    spans: tuple[BlockedSpan, ...]
    week: str
    zone_label: str


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A booking, or somebody booking just now (`booking_id` is 0), where time is to be blocked."""

    booking_id: int
    name: str
    when: str


def block_desk(seat: Seat, *, now: datetime) -> BlockDesk:
    """Return the clock on which a coach blocks time."""
    seat.require(Right.DIARY)
    zone = zone_named(reading().get_one(Coach, seat.coach_id).zone)
    return BlockDesk(zone, zone_label(zone, now), local_date(now, zone).isoformat())


def block_page(seat: Seat, block_id: int, *, now: datetime) -> BlockPage:
    """Return a block of a seat's diary; raises NotFound for all others."""
    seat.require(Right.DIARY)
    block = reading().get(Block, block_id)
    if block is None or block.coach_id != seat.coach_id:
        raise NotFound(NO_BLOCK)
    zone = zone_named(reading().get_one(Coach, seat.coach_id).zone)
    spans = (
        reading()
        .execute(
            select(Occupancy.id, Occupancy.starts_at, Occupancy.ends_at)
            .where(Occupancy.block_id == block_id)
            .order_by(Occupancy.starts_at)
        )
        .all()
    )
    began = spans[0].starts_at if spans else block.created_at
    return BlockPage(
        id=block.id,
        note=block.note,
        repeats=_repeats(block, zone, now),
        spans=tuple(
            BlockedSpan(
                row.id, _spoken(Span(row.starts_at, row.ends_at), zone, now), row.ends_at <= now
            )
            for row in spans
        ),
        week=_week(began, zone),
        zone_label=zone_label(zone, began),
    )


def in_the_way(
    seat: Seat, stretch: Stretch, repeat: Repeat | None, *, hides_names: bool, now: datetime
) -> tuple[InTheWay, ...]:
    """Return who is booked, or booking, within what a coach wants to block."""
    seat.require(Right.DIARY)
    zone = zone_named(reading().get_one(Coach, seat.coach_id).zone)
    spans = spans_of(stretch, repeat, zone)
    rows = reading().execute(
        select(
            Occupancy.booking_id,
            Occupancy.status,
            Occupancy.held_until,
            Occupancy.starts_at,
            Occupancy.ends_at,
            BookingPerson.name,
        )
        .outerjoin(
            BookingPerson,
            and_(BookingPerson.booking_id == Occupancy.booking_id, BookingPerson.role == "booker"),
        )
        .where(
            Occupancy.coach_id == seat.coach_id,
            Occupancy.status != Holding.BLOCKED,
            Occupancy.ends_at > max(spans[0].starts_at, now),
            Occupancy.starts_at < spans[-1].ends_at,
        )
        .order_by(Occupancy.starts_at)
    )
    return tuple(
        InTheWay(
            booking_id=0 if row.status == Holding.HELD else row.booking_id,
            name=_called(row.name, hides=hides_names),
            when=_spoken(Span(row.starts_at, row.ends_at), zone, now),
        )
        for row in rows
        if row.held_until is None or row.held_until > now
        if any(span.overlaps(Span(row.starts_at, row.ends_at)) for span in spans)
    )


def _called(name: str | None, *, hides: bool) -> str:
    if not name:
        return "Somebody is booking now"
    return initials(name) if hides else name


def _spoken(span: Span, zone: ZoneInfo, now: datetime) -> str:
    return when_line(span.starts_at, span.ends_at, zone, now=now)


def _repeats(block: Block, zone: ZoneInfo, now: datetime) -> str:
    if block.every_weeks is None or block.until_on is None:
        return ""
    often = "week" if block.every_weeks == 1 else f"{block.every_weeks} weeks"
    return (
        f"Every {often}, until {day_line(day_span(block.until_on, zone).starts_at, zone, now=now)}"
    )


def _week(at: datetime, zone: ZoneInfo) -> str:
    year, week, _ = local_date(at, zone).isocalendar()
    return f"{year}-W{week:02}"
