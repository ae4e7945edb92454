"""A coach's diary as the domain sees it: when it is open, and what is taken in a window."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Date,
    Integer,
    String,
    bindparam,
    cast,
    delete,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from practice.domain.availability import Holding, Opening, Rules, Taken, open_slots, span_to_load
from practice.domain.booking import Status
from practice.domain.offering import Offering
from practice.domain.span import Span
from practice.domain.zone import zone_named
from practice.models.booking import Booking
from practice.models.busy import PictureMark, busy_elsewhere
from practice.models.coach import Coach
from practice.models.hours import DateException, ExceptionHours, WeeklyHours
from practice.models.occupancy import Occupancy
from practice.models.source import CalendarSource


def lock_diary(session: Session, coach_id: int, *, waits: bool = True) -> bool:
    """Lock a coach's diary until the transaction ends; tell whether it is locked.

    Without `waits` a diary that somebody else has locked is left alone. PostgreSQL: FOR NO KEY
    UPDATE on the coach's row, which lets foreign keys to it be checked. SQLite: the writing
    transaction was begun IMMEDIATE and is alone already.
    """
    wanted = select(Coach.id).where(Coach.id == coach_id)
    found = session.execute(wanted.with_for_update(key_share=True, skip_locked=not waits))
    return (found.one() if waits else found.first()) is not None


def lock_all_diaries(session: Session) -> None:
    """Lock the diaries of all coaches until the transaction ends, in the order of their ids."""
    session.execute(select(Coach.id).order_by(Coach.id).with_for_update(key_share=True)).all()


# One statement for both, made once: this is read for every page and every write.
_HOURS = union_all(
    select(
        WeeklyHours.weekday,
        cast(null(), Date).label("on"),
        WeeklyHours.opens_minute,
        WeeklyHours.closes_minute,
    ).where(WeeklyHours.coach_id == bindparam("coach_id")),
    select(
        cast(null(), Integer),
        DateException.on,
        ExceptionHours.opens_minute,
        ExceptionHours.closes_minute,
    )
    .outerjoin(ExceptionHours, ExceptionHours.exception_id == DateException.id)
    .where(DateException.coach_id == bindparam("coach_id")),
)


def rules_of(session: Session, coach_id: int, zone: str) -> Rules:
    """Return when a coach works."""
    weekly: dict[int, tuple[Opening, ...]] = {}
    exceptions: dict[date, tuple[Opening, ...]] = {}
    rows: Iterable[Any] = session.execute(_HOURS, {"coach_id": coach_id})
    for weekday, on, opens, closes in rows:
        opening = () if opens is None else (Opening(opens, closes),)
        if on is None:
            weekly[weekday] = (*weekly.get(weekday, ()), *opening)
        else:
            exceptions[on] = (*exceptions.get(on, ()), *opening)
    return Rules(zone=zone_named(zone), weekly=weekly, exceptions=exceptions)


# One statement for what lies in the diary and for the names of the pictures of other calendars.
_TAKEN: CompoundSelect[Any] = union_all(
    select(
        Occupancy.starts_at,
        Occupancy.ends_at,
        Occupancy.status,
        Occupancy.held_until,
        Occupancy.pad_before_minutes,
        Occupancy.pad_after_minutes,
        Occupancy.booking_id,
        cast(null(), String).label("picture"),
    ).where(
        Occupancy.coach_id == bindparam("coach_id"),
        Occupancy.ends_at > bindparam("since"),
        Occupancy.starts_at < bindparam("until"),
    ),
    select(
        CalendarSource.good_at,
        CalendarSource.known_until_at,
        CalendarSource.when_old,
        CalendarSource.known_from_at,
        cast(null(), Integer),
        cast(null(), Integer),
        cast(null(), Integer),
        CalendarSource.picture,
    ).where(
        CalendarSource.coach_id == bindparam("coach_id"),
        CalendarSource.good_at.is_not(None),
    ),
)


def taken_of(
    session: Session,
    coach_id: int,
    window: Span,
    *,
    but_booking: int | None = None,
    near: Span | None = None,
) -> list[Taken]:
    """Return what takes a coach's time in a window, without one booking.

    What her other calendars say is in it as Holding.EXTERNAL, of a smaller span where `near` is
    given: it counts towards no cap, so that only what meets a start is of any use.
    """
    wanted = {"coach_id": coach_id, "since": window.starts_at, "until": window.ends_at}
    taken: list[Taken] = []
    marks: list[PictureMark] = []
    rows: Iterable[Any] = session.execute(_TAKEN, wanted)
    for starts_at, ends_at, status, held_until, before, after, booking, picture in rows:
        if picture is not None:
            marks.append(PictureMark(picture, status, starts_at, held_until, ends_at))
        elif booking is None or booking != but_booking:
            span = Span(starts_at, ends_at)
            taken.append(Taken(span, Holding(status), held_until, before, after))
    if marks:
        taken += busy_elsewhere(session, coach_id, marks, near or window)
    return taken


def rules_and_taken(
    session: Session,
    coach: Coach,
    offering: Offering,
    window: Span,
    *,
    but_booking: int | None = None,
) -> tuple[Rules, list[Taken]]:
    """Return when a coach works and all that bears on starts in a window, without one booking."""
    rules = rules_of(session, coach.id, coach.zone)
    around = span_to_load(rules, offering, window)
    near = window.widened(
        offering.buffer_before_minutes, offering.length_minutes + offering.buffer_after_minutes
    )
    return rules, taken_of(session, coach.id, around, but_booking=but_booking, near=near)


def open_starts(
    session: Session,
    coaches: Sequence[Coach],
    offering: Offering,
    window: Span,
    *,
    now: datetime,
    but_booking: int | None = None,
) -> list[datetime]:
    """Return every start in a window that any of these coaches has, each by the one rule.

    Ascending, aware UTC, and each instant once however many coaches have it.
    """
    each = [
        open_slots(
            *rules_and_taken(session, coach, offering, window, but_booking=but_booking),
            offering,
            window,
            now=now,
        )
        for coach in coaches
        if coach.is_active
    ]
    return each[0] if len(each) == 1 else sorted({start for starts in each for start in starts})


def let_dead_holds_go(session: Session, coach_id: int, now: datetime) -> None:
    """End every hold of a coach whose time is up at `now`, so that its span is free."""
    dead = list(
        session.scalars(
            select(Occupancy.booking_id).where(
                Occupancy.coach_id == coach_id,
                Occupancy.status == Holding.HELD,
                Occupancy.held_until <= now,
            )
        )
    )
    if dead:
        end_holds(session, [booking_id for booking_id in dead if booking_id is not None])


def end_holds(session: Session, booking_ids: list[int]) -> None:
    """End these holds, as far as they are holds still, and free their spans."""
    session.execute(
        delete(Occupancy).where(
            Occupancy.booking_id.in_(booking_ids), Occupancy.status == Holding.HELD
        )
    )
    session.execute(
        update(Booking)
        .where(Booking.id.in_(booking_ids), Booking.status == Status.HELD)
        .values(status=Status.EXPIRED, request_key=None)
    )


def renew_hold(session: Session, booking_id: int, until: datetime) -> None:
    """Let a hold that is still there end at `until` instead, and never earlier than before."""
    session.execute(
        update(Occupancy)
        .where(
            Occupancy.booking_id == booking_id,
            Occupancy.status == Holding.HELD,
            Occupancy.held_until < until,
        )
        .values(held_until=until)
    )


def is_held(session: Session, booking_id: int, now: datetime) -> bool:
    """Tell whether the hold of a booking is alive at `now`."""
    alive = select(Occupancy.id).where(
        Occupancy.booking_id == booking_id,
        Occupancy.status == Holding.HELD,
        Occupancy.held_until > now,
    )
    return session.scalar(alive) is not None


def occupy(session: Session, booking: Booking, *, held_until: datetime | None = None) -> None:
    """Make the booking take its span of the coach's time, in place of what it took before.

    Raises, through the unit of work, TimeTaken where the database finds an overlap.
    """
    row = session.scalar(select(Occupancy).where(Occupancy.booking_id == booking.id))
    if row is None:
        row = Occupancy(coach_id=booking.coach_id, booking_id=booking.id)
        session.add(row)
    row.starts_at = booking.starts_at
    row.ends_at = booking.ends_at
    row.status = booking.status
    row.held_until = held_until
    row.pad_before_minutes = booking.buffer_before_minutes
    row.pad_after_minutes = booking.buffer_after_minutes
    session.flush()


def vacate(session: Session, booking: Booking) -> None:
    """Free the span that the booking took."""
    session.execute(delete(Occupancy).where(Occupancy.booking_id == booking.id))
