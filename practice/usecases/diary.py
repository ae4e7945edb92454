"""The one path by which anything comes to take a coach's time, or leaves it.

Lock the coach, replay what was done already, let dead holds go, decide again by `open_slots`,
write the booking with its letters and journal, commit. There is no other way into the diary.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from practice.domain.availability import (
    is_free,
    is_open,
    nearest_slots,
    open_slots,
    window_around,
)
from practice.domain.offering import Offering
from practice.domain.refusal import TimeTaken
from practice.domain.span import Span
from practice.models.booking import Booking
from practice.models.coach import Coach
from practice.models.diary import let_dead_holds_go, lock_diary, rules_and_taken
from practice.models.unit import persistently, reading, unit_of_work

T = TypeVar("T")

GONE = "That time has just gone."


def on_diary(
    coach_id: int,
    act: Callable[[Session], T],
    *,
    now: datetime,
    replay: Callable[[Session], T | None] = lambda _session: None,
) -> T:
    """Do an act on a coach's diary: alone, once, and all of it or nothing.

    `replay` returns the earlier receipt of the same request, if there is one. Raises what `act`
    raises, and Busy where the diary could not be locked in time.
    """

    def once() -> T:
        with unit_of_work() as session:
            lock_diary(session, coach_id)
            receipt = replay(session)
            if receipt is not None:
                return receipt
            let_dead_holds_go(session, coach_id, now)
            return act(session)

    return persistently(once)


def check_open(
    session: Session,
    coach: Coach,
    offering: Offering,
    starts_at: datetime,
    *,
    now: datetime,
    but_booking: int | None = None,
) -> None:
    """Raise TimeTaken unless `open_slots` offers this start at `now`, one booking left aside."""
    at = Span(starts_at, starts_at)
    rules, taken = rules_and_taken(session, coach, offering, at, but_booking=but_booking)
    if not is_open(rules, taken, offering, starts_at, now=now):
        raise TimeTaken(GONE)


def check_free(
    session: Session,
    coach: Coach,
    offering: Offering,
    starts_at: datetime,
    *,
    now: datetime,
    but_booking: int | None = None,
) -> None:
    """Raise TimeTaken where the meeting would meet another one, whatever the hours say."""
    at = Span(starts_at, starts_at)
    _, taken = rules_and_taken(session, coach, offering, at, but_booking=but_booking)
    if not is_free(taken, offering, starts_at, now=now):
        raise TimeTaken(GONE)


def is_to_be_had(session: Session, booking: Booking, *, now: datetime) -> bool:
    """Tell whether the booking's own time is still to come at `now`, and free of all others."""
    if booking.starts_at <= now:
        return False
    try:
        check_free(
            session,
            booking.coach,
            booking.terms(),
            booking.starts_at,
            now=now,
            but_booking=booking.id,
        )
    except TimeTaken:
        return False
    return True


def with_nearest(
    refusal: TimeTaken,
    coach: Coach,
    offering: Offering,
    wanted: datetime,
    *,
    now: datetime,
    but_booking: int | None = None,
) -> TimeTaken:
    """Return the refusal with the three open starts that lie closest to the wanted one."""
    window = window_around(wanted, now=now)
    rules, taken = rules_and_taken(reading(), coach, offering, window, but_booking=but_booking)
    starts = open_slots(rules, taken, offering, window, now=now)
    return TimeTaken(refusal.sentence, nearest=nearest_slots(starts, wanted))
