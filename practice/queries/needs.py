"""What waits for a coach: at most five things, each of them an act, and the wishes behind them."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select

from practice.domain.booking import Status
from practice.domain.busy import OLD_AFTER
from practice.domain.letters import day_line, moment_line
from practice.domain.payment import ConcernKind
from practice.domain.roles import Right, Seat
from practice.domain.span import Span
from practice.domain.zone import day_span, local_date, zone_label, zone_named
from practice.models.booking import Booking, BookingPerson
from practice.models.coach import Coach
from practice.models.hours import DateException
from practice.models.offering import Offering, offering_coaches
from practice.models.outbox import LetterState, OutboxLetter
from practice.models.source import CalendarSource
from practice.models.time_request import TimeRequest
from practice.models.unit import reading
from practice.ports import Tools
from practice.queries.checklist import steps_left
from practice.queries.desk_letters import at_desk_of
from practice.queries.desk_payments import TROUBLES, open_concerns
from practice.queries.week import initials

MOST = 5
_WISHES = 2
_CLOSED = 2
_ANSWERED_SHOWN = 20
# Nobody is told to do what is not for the own account.
_RIGHTS = {
    "money": Right.MONEY,
    "calendar": Right.CALENDARS,
    "letters": Right.DIARY,
    "request": Right.DIARY,
    "booking": Right.DIARY,
    "over": Right.DIARY,
    "prices": Right.SETTINGS,
    "setup": Right.SETTINGS,
}
_LATELY = timedelta(days=7)
_OVER = 2


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to do, and where.

    `kind` is request, letters, booking, setup, money, calendar or prices. `id` tells which booking
    it is about.
    """

    kind: str
    text: str
    more: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wrote who found no time that fits."""

    id: int
    name: str
    address: str
    mailto: str
    message: str
    zone_label: str
    when: str
    answered: str


@dataclass(frozen=True, slots=True)
class WishesPage:
    """The wishes that wait, newest first, and the last ones that were answered."""

    waiting: tuple[Wish, ...]
    answered: tuple[Wish, ...]
    zone_label: str


def needs(
    seat: Seat, *, hides_names: bool, now: datetime, can_charge: bool = True
) -> tuple[Need, ...]:
    """Return what can be done from a seat now, at most five things, the most pressing first.

    `can_charge` tells whether anything is set up to take money.
    """
    seat.require(Right.DIARY)
    coach_id = seat.coach_id
    zone = zone_named(reading().get_one(Coach, coach_id).zone)
    found = [
        *_concerns(coach_id),
        *_calendars(coach_id, now),
        *_letters(coach_id, now),
        *_wishes(coach_id, zone, now, hides_names=hides_names),
        *_on_closed_days(coach_id, zone, now, hides_names=hides_names),
        *_over(coach_id, zone, now, hides_names=hides_names),
        *(() if can_charge else _prices(coach_id)),
        *(_steps(seat) if seat.may(Right.SETTINGS) else ()),
    ]
    return tuple(need for need in found if seat.may(_RIGHTS[need.kind]))[:MOST]


def wishes_page(seat: Seat, *, tools: Tools) -> WishesPage:
    """Return the wishes for other times, opened for the coach they were written to."""
    seat.require(Right.DIARY)
    now = tools.clock.now()
    zone = zone_named(reading().get_one(Coach, seat.coach_id).zone)
    own = select(TimeRequest).where(TimeRequest.coach_id == seat.coach_id)
    waiting = reading().scalars(
        own.where(TimeRequest.answered_at.is_(None)).order_by(TimeRequest.id.desc())
    )
    answered = reading().scalars(
        own.where(TimeRequest.answered_at.is_not(None))
        .order_by(TimeRequest.answered_at.desc())
        .limit(_ANSWERED_SHOWN)
    )
    return WishesPage(
        waiting=tuple(_wish(row, zone, tools, now) for row in waiting),
        answered=tuple(_wish(row, zone, tools, now) for row in answered),
        zone_label=zone_label(zone, now),
    )


def _concerns(coach_id: int) -> list[Need]:
    """Return one thing to do for each kind of trouble about money."""
    counted = Counter(ConcernKind(kind) for kind in open_concerns(coach_id))
    return [
        Need(
            "money",
            f"{TROUBLES[kind].title}{f' ({counted[kind]})' if counted[kind] > 1 else ''}",
            "Look at it, and decide what to do",
        )
        for kind in ConcernKind
        if counted[kind]
    ]


def _calendars(coach_id: int, now: datetime) -> list[Need]:
    """Return what is to be done where other calendars were not read for a day."""
    read = func.coalesce(CalendarSource.good_at, CalendarSource.created_at)
    away = reading().scalar(
        select(func.count())
        .select_from(CalendarSource)
        .where(CalendarSource.coach_id == coach_id, read < now - OLD_AFTER)
    )
    if not away:
        return []
    text = "A calendar can’t be read" if away == 1 else f"{away} calendars can’t be read"
    return [Need("calendar", text, "Look at its address, or decide what its old picture is worth")]


def _prices(coach_id: int) -> list[Need]:
    """Return what is to be done where something costs money and none can be taken."""
    hidden = (
        select(Offering.id)
        .join(offering_coaches, offering_coaches.c.offering_id == Offering.id)
        .where(
            offering_coaches.c.coach_id == coach_id,
            Offering.archived_at.is_(None),
            Offering.price_minor > 0,
        )
    )
    if reading().scalar(hidden.limit(1)) is None:
        return []
    return [Need("prices", "Set up payments", "Nobody sees what costs something until then")]


def _letters(coach_id: int, now: datetime) -> list[Need]:
    # What came back of a meeting that is over can wait for ever, and would never leave the list.
    dead = reading().scalar(
        select(func.count())
        .select_from(OutboxLetter)
        .outerjoin(Booking, Booking.id == OutboxLetter.booking_id)
        .where(
            OutboxLetter.state == LetterState.DEAD,
            at_desk_of(coach_id),
            or_(Booking.ends_at > now, OutboxLetter.created_at > now - _LATELY),
        )
    )
    if not dead:
        return []
    text = "One letter could not be delivered" if dead == 1 else f"{dead} letters came back"
    return [Need("letters", text, "Look at the address, or send it again")]


def _wishes(coach_id: int, zone: ZoneInfo, now: datetime, *, hides_names: bool) -> list[Need]:
    rows = (
        reading()
        .execute(
            select(TimeRequest.id, TimeRequest.name, TimeRequest.created_at)
            .where(TimeRequest.coach_id == coach_id, TimeRequest.answered_at.is_(None))
            .order_by(TimeRequest.id)
            .limit(_WISHES + 1)
        )
        .all()
    )
    if len(rows) > _WISHES:
        return [Need("request", "Several people asked for another time", "Read and answer them")]
    return [
        Need(
            "request",
            f"{initials(row.name) if hides_names else row.name} asked for another time",
            f"on {day_line(row.created_at, zone, now=now)}",
            row.id,
        )
        for row in rows
    ]


def _on_closed_days(
    coach_id: int, zone: ZoneInfo, now: datetime, *, hides_names: bool
) -> list[Need]:
    """Return who is booked on a date that was closed since."""
    closed = set(
        reading().scalars(
            select(DateException.on).where(
                DateException.coach_id == coach_id,
                DateException.on >= local_date(now, zone),
                ~DateException.openings.any(),
            )
        )
    )
    if not closed:
        return []
    return [
        Need(
            "booking",
            f"{initials(name) if hides_names else name} is booked on a day off",
            moment_line(starts_at, zone, now=now),
            booking_id,
        )
        for booking_id, starts_at, name in _booked_between(coach_id, closed, zone, now)
        if local_date(starts_at, zone) in closed
    ][:_CLOSED]


def _booked_between(
    coach_id: int, dates: set[date], zone: ZoneInfo, now: datetime
) -> list[tuple[int, datetime, str]]:
    window = Span(
        max(now, day_span(min(dates), zone).starts_at), day_span(max(dates), zone).ends_at
    )
    rows = reading().execute(
        select(Booking.id, Booking.starts_at, BookingPerson.name)
        .join(BookingPerson, BookingPerson.booking_id == Booking.id)
        .where(
            Booking.coach_id == coach_id,
            Booking.status == Status.CONFIRMED,
            Booking.starts_at >= window.starts_at,
            Booking.starts_at < window.ends_at,
            BookingPerson.role == "booker",
        )
        .order_by(Booking.starts_at)
    )
    return [(row.id, row.starts_at, row.name) for row in rows]


def _over(coach_id: int, zone: ZoneInfo, now: datetime, *, hides_names: bool) -> list[Need]:
    """Ask of the last week's meetings whether they took place, the latest first."""
    rows = reading().execute(
        select(Booking.id, Booking.starts_at, BookingPerson.name)
        .join(BookingPerson, BookingPerson.booking_id == Booking.id)
        .where(
            Booking.coach_id == coach_id,
            Booking.status == Status.CONFIRMED,
            # What was never said a week later is not worth asking after any more.
            Booking.starts_at > now - _LATELY,
            Booking.ends_at <= now,
            BookingPerson.role == "booker",
        )
        .order_by(Booking.starts_at.desc())
        .limit(_OVER)
    )
    return [
        Need(
            "over",
            f"Did it take place? {initials(row.name) if hides_names else row.name}",
            moment_line(row.starts_at, zone, now=now),
            row.id,
        )
        for row in rows
    ]


def _steps(seat: Seat) -> list[Need]:
    left = steps_left(seat)
    if not left:
        return []
    return [Need("setup", "Finish setting up", f"{left} step{'' if left == 1 else 's'} left")]


def _wish(row: TimeRequest, zone: ZoneInfo, tools: Tools, now: datetime) -> Wish:
    answered = row.answered_at
    return Wish(
        id=row.id,
        name=row.name,
        address=row.address,
        mailto=f"mailto:{quote(row.address, safe='@')}",
        message=tools.vault.open(
            row.message_sealed, place=f"time_requests:{row.reference}:message"
        ),
        zone_label=zone_label(zone_named(row.zone), now),
        when=moment_line(row.created_at, zone, now=now),
        answered="" if answered is None else day_line(answered, zone, now=now),
    )
