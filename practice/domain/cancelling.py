"""Moving and cancelling: until when a client may, and how long a cancellation can be undone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from practice.domain.booking import Actor
from practice.domain.offering import Offering
from practice.domain.refusal import TooLate

UNDO_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Cancellation:
    """When a booking was cancelled, and by whom."""

    at: datetime
    by: Actor


def may_move(offering: Offering, starts_at: datetime, *, by: Actor, now: datetime) -> bool:
    """Tell whether a meeting at `starts_at` may be moved at `now`; the coach is exempt."""
    return _in_time(offering.move_cutoff_minutes, starts_at, by=by, now=now)


def may_cancel(offering: Offering, starts_at: datetime, *, by: Actor, now: datetime) -> bool:
    """Tell whether a meeting at `starts_at` may be cancelled at `now`; the coach is exempt."""
    return _in_time(offering.cancel_cutoff_minutes, starts_at, by=by, now=now)


def check_move(offering: Offering, starts_at: datetime, *, by: Actor, now: datetime) -> None:
    """Raise TooLate, with a sentence, where the meeting may no longer be moved."""
    if not may_move(offering, starts_at, by=by, now=now):
        raise TooLate(_sentence("moved", offering.move_cutoff_minutes, starts_at, now))


def check_cancel(offering: Offering, starts_at: datetime, *, by: Actor, now: datetime) -> None:
    """Raise TooLate, with a sentence, where the meeting may no longer be cancelled."""
    if not may_cancel(offering, starts_at, by=by, now=now):
        raise TooLate(_sentence("cancelled", offering.cancel_cutoff_minutes, starts_at, now))


def may_undo(cancellation: Cancellation, starts_at: datetime, *, by: Actor, now: datetime) -> bool:
    """Tell whether a cancellation can still be taken back at `now`: only by who cancelled."""
    return (
        cancellation.by is by
        and now <= cancellation.at + timedelta(minutes=UNDO_MINUTES)
        and now < starts_at
    )


def spoken_minutes(minutes: int) -> str:
    """Return a length as people say it: "45 minutes", "3 hours", "2 days"."""
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size and minutes % size == 0:
            count = minutes // size
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "0 minutes"


def _in_time(cutoff_minutes: int, starts_at: datetime, *, by: Actor, now: datetime) -> bool:
    if by is Actor.COACH:
        return True
    return now < starts_at and now <= starts_at - timedelta(minutes=cutoff_minutes)


def _sentence(done: str, cutoff_minutes: int, starts_at: datetime, now: datetime) -> str:
    if now >= starts_at:
        return f"This appointment has begun, so it can’t be {done} any more."
    return (
        f"Online, an appointment can be {done} until {spoken_minutes(cutoff_minutes)} before it "
        "starts. Please write to your coach: you don’t have to give a reason."
    )
