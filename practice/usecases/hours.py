"""Setting when a coach works: the weekly hours, and dates that differ from them.

It goes through the coach's lock: a booking is either made before, and stays, or is decided by the
new hours. Nothing is ever cancelled here.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from practice.domain.booking import Actor
from practice.domain.hours import DateHours, Opening
from practice.domain.refusal import Invalid
from practice.domain.roles import Right, Seat
from practice.domain.zone import local_date, zone_named
from practice.models.coach import Coach
from practice.models.hours import DateException, ExceptionHours, WeeklyHours
from practice.models.journal import Happening, tell
from practice.ports import Tools
from practice.usecases.diary import on_diary

LONGEST_RANGE = 366
_FURTHEST = timedelta(days=5 * 366)


def set_weekly_hours(seat: Seat, weekly: Mapping[int, Sequence[Opening]], *, tools: Tools) -> None:
    """Let these openings by weekday (0 is Monday) hold instead of those before."""
    seat.require(Right.SETTINGS)
    coach_id, now = seat.coach_id, tools.clock.now()

    def act(session: Session) -> None:
        session.execute(delete(WeeklyHours).where(WeeklyHours.coach_id == coach_id))
        session.add_all(
            WeeklyHours(
                coach_id=coach_id,
                weekday=weekday,
                opens_minute=opening.opens_minute,
                closes_minute=opening.closes_minute,
            )
            for weekday, openings in weekly.items()
            for opening in openings
        )
        _tell(session, coach_id, now)

    on_diary(coach_id, act, now=now)


def set_dates(seat: Seat, dates: DateHours, *, tools: Tools) -> None:
    """Let other hours hold on some dates, in place of what was said of them before.

    Raises Invalid (fields `first`, `last`) for dates that are past, too many or too far away.
    """
    seat.require(Right.SETTINGS)
    coach_id, now = seat.coach_id, tools.clock.now()

    def act(session: Session) -> None:
        _admit(dates, _today(session, coach_id, now))
        _forget(session, coach_id, dates.first, dates.last)
        days = (dates.last - dates.first).days + 1
        session.add_all(
            DateException(
                coach_id=coach_id,
                on=dates.first + timedelta(days=day),
                note=dates.note,
                openings=[
                    ExceptionHours(opens_minute=opens, closes_minute=closes)
                    for opens, closes in dates.openings
                ],
            )
            for day in range(days)
        )
        _tell(session, coach_id, now)

    on_diary(coach_id, act, now=now)


def remove_dates(seat: Seat, first: date, last: date, *, tools: Tools) -> None:
    """Let the weekly hours hold again on the dates from first to last; past ones stay as told."""
    seat.require(Right.SETTINGS)
    coach_id, now = seat.coach_id, tools.clock.now()

    def act(session: Session) -> None:
        _forget(session, coach_id, max(first, _today(session, coach_id, now)), last)
        _tell(session, coach_id, now)

    on_diary(coach_id, act, now=now)


def _admit(dates: DateHours, today: date) -> None:
    if dates.first < today:
        raise Invalid("This date is past. Choose today or a later one.", field="first")
    if dates.last < dates.first:
        raise Invalid("The last date is before the first one.", field="last")
    if dates.last - today > _FURTHEST:
        raise Invalid("Choose dates within the next five years.", field="last")
    if (dates.last - dates.first).days >= LONGEST_RANGE:
        raise Invalid("Choose at most 366 days at once.", field="last")


def _today(session: Session, coach_id: int, now: datetime) -> date:
    return local_date(now, zone_named(session.get_one(Coach, coach_id).zone))


def _forget(session: Session, coach_id: int, first: date, last: date) -> None:
    wanted = (
        DateException.coach_id == coach_id,
        DateException.on >= first,
        DateException.on <= last,
    )
    ids = select(DateException.id).where(*wanted)
    session.execute(delete(ExceptionHours).where(ExceptionHours.exception_id.in_(ids)))
    session.execute(delete(DateException).where(*wanted))


def _tell(session: Session, coach_id: int, now: datetime) -> None:
    tell(session, Happening.HOURS_CHANGED, actor=Actor.COACH, now=now, coach_id=coach_id)
