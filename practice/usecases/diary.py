"""The one path by which anything comes to take a coach's time, or leaves it.

Lock the coach, replay what was done already, let dead holds go, decide again by `open_slots`,
write the booking with its letters and journal, commit. There is no other way into the diary.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session

from practice.domain.assigning import in_turn
from practice.domain.availability import (
    Holding,
    is_free,
    is_open,
    nearest_slots,
    window_around,
)
from practice.domain.offering import Offering
from practice.domain.refusal import TimeTaken
from practice.domain.span import Span
from practice.models.booking import Booking
from practice.models.clients import was_erased
from practice.models.coach import Coach
from practice.models.diary import (
    let_dead_holds_go,
    lock_all_diaries,
    lock_diary,
    open_starts,
    rules_and_taken,
)
from practice.models.offered import loads_of
from practice.models.unit import persistently, reading, unit_of_work

T = TypeVar("T")

GONE = "That time has just gone."


class _InUse(Exception):
    """Somebody else writes in this diary, and nobody waited."""


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
    return _on(coach_id, act, now=now, replay=replay, waits=True)


def on_all_diaries(act: Callable[[Session], T]) -> T:
    """Do an act while nobody books with anybody: what is offered, and who is here to offer it."""

    def once() -> T:
        with unit_of_work() as session:
            lock_all_diaries(session)
            return act(session)

    return persistently(once)


def on_first_free(
    coach_ids: Sequence[int],
    act: Callable[[int, Session], T],
    *,
    now: datetime,
    replay: Callable[[Session], T | None] = lambda _session: None,
) -> T:
    """Do an act on the diary of one of these coaches: the first whom nobody else keeps busy.

    A diary that somebody writes in is left for later, and one whose time is taken gives way to the
    next; only where none is left the busy ones are waited for, in the same order. `replay` is asked
    in every diary. Raises TimeTaken where none had the time, otherwise what `act` raises, and Busy.
    """
    queue = [(coach_id, len(coach_ids) == 1) for coach_id in coach_ids]
    for coach_id, waits in queue:
        try:
            return _on(coach_id, partial(act, coach_id), now=now, replay=replay, waits=waits)
        except _InUse:
            queue.append((coach_id, True))  # comes again, after all whom nobody keeps busy
        except TimeTaken:
            continue
    raise TimeTaken(GONE)


def _on(
    coach_id: int,
    act: Callable[[Session], T],
    *,
    now: datetime,
    replay: Callable[[Session], T | None],
    waits: bool,
) -> T:
    def once() -> T:
        with unit_of_work() as session:
            if not lock_diary(session, coach_id, waits=waits):
                raise _InUse
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
    _check_here(coach)
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
    over_hers: bool = True,
) -> None:
    """Raise TimeTaken where the meeting would meet another one, whatever the hours say.

    `over_hers` lets it lie over what stands in the coach's other calendars: those are her own, and
    whoever asks for her has been warned.
    """
    _check_here(coach)
    at = Span(starts_at, starts_at)
    _, taken = rules_and_taken(session, coach, offering, at, but_booking=but_booking)
    if over_hers:
        taken = [each for each in taken if each.kind is not Holding.EXTERNAL]
    if not is_free(taken, offering, starts_at, now=now):
        raise TimeTaken(GONE)


def _check_here(coach: Coach) -> None:
    # Who has left takes nobody any more, not even who held her time before, or paid late for it.
    if not coach.is_active:
        raise TimeTaken(GONE)


def whose_turn(
    session: Session,
    coaches: Sequence[Coach],
    offering: Offering,
    starts_at: datetime,
    *,
    now: datetime,
) -> list[int]:
    """Return the ids of those who have this start open, whose turn it is first.

    Raises TimeTaken where nobody has.
    """
    free = [coach for coach in coaches if _has_open(session, coach, offering, starts_at, now=now)]
    if not free:
        raise TimeTaken(GONE)
    if len(free) == 1:
        return [free[0].id]
    return in_turn(loads_of(session, free, now))


def _has_open(
    session: Session, coach: Coach, offering: Offering, starts_at: datetime, *, now: datetime
) -> bool:
    try:
        check_open(session, coach, offering, starts_at, now=now)
    except TimeTaken:
        return False
    return True


def is_to_be_had(
    session: Session, booking: Booking, *, now: datetime, over_hers: bool = False
) -> bool:
    """Tell whether the booking's own time is still to come at `now`, and free of all others.

    Whoever was erased takes no time any more, not even one that is paid for late.
    """
    if booking.starts_at <= now or was_erased(session, booking.id):
        return False
    try:
        check_free(
            session,
            booking.coach,
            booking.terms(),
            booking.starts_at,
            now=now,
            but_booking=booking.id,
            over_hers=over_hers,
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
    return with_nearest_of(refusal, [coach], offering, wanted, now=now, but_booking=but_booking)


def with_nearest_of(
    refusal: TimeTaken,
    coaches: Sequence[Coach],
    offering: Offering,
    wanted: datetime,
    *,
    now: datetime,
    but_booking: int | None = None,
) -> TimeTaken:
    """Return the refusal with the three starts closest to the wanted one that any of these has."""
    window = window_around(wanted, now=now)
    starts = open_starts(reading(), coaches, offering, window, now=now, but_booking=but_booking)
    return TimeTaken(refusal.sentence, nearest=nearest_slots(starts, wanted))
