"""A booking: from the held time to the confirmed one, and what may become of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from practice.domain.offering import Audience, Offering
from practice.domain.refusal import Invalid

HOLD_MINUTES = 15
REPLAY_MINUTES = 30
HOLDS_PER_BROWSER = 2
HOLDS_PER_CALLER = 12
BOOKINGS_PER_PERSON = 6


class Status(StrEnum):
    """Where a booking stands; held, pending and confirmed take the coach's time."""

    HELD = "held"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DONE = "done"
    NO_SHOW = "no_show"


class Who(StrEnum):
    """Who comes: the booker alone, or both of a couple."""

    ME = "me"
    BOTH = "both"


class Actor(StrEnum):
    """Who did something: a client, a coach, or the house itself."""

    CLIENT = "client"
    COACH = "coach"
    HOUSE = "house"


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """A wish to have a start held: `starts_at` aware UTC, `key` the same for a repeated press.

    `browser` and `caller` are hashes: of the browser's cookie, and of the address it calls from.
    """

    offering: str
    starts_at: datetime
    who: Who
    zone: str
    key: str
    browser: str
    caller: str


@dataclass(frozen=True, slots=True)
class Details:
    """What the person who books says of herself, and which letters she wants.

    `caller` is a hash of the address that the request comes from.
    """

    name: str
    email: str
    invite: bool
    reminder: bool
    caller: str
    instead_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ByHand:
    """An appointment as a coach writes it down; `key` is the same for a repeated press.

    `knows` holds the warnings that she has seen; with others it is not booked yet. `confirms` and
    `reminds` say which letters go to the client.
    """

    offering_id: int
    starts_at: datetime
    who: Who
    name: str
    email: str
    confirms: bool
    reminds: bool
    key: str
    knows: frozenset[str] = frozenset()


def may_replay(confirmed_at: datetime, *, now: datetime) -> bool:
    """Tell whether the page of a hold may still lead to the booking it became.

    For half an hour it is surely the same person at the device; later only the letter's link leads
    there, for the page's address stands in the history of a browser that others may use.
    """
    return now <= confirmed_at + timedelta(minutes=REPLAY_MINUTES)


def held_until(now: datetime) -> datetime:
    """Return the instant at which a hold made or renewed at `now` ends."""
    return now + timedelta(minutes=HOLD_MINUTES)


def ends_at(starts_at: datetime, offering: Offering) -> datetime:
    """Return the end of a meeting that starts at `starts_at` (aware UTC)."""
    return starts_at + timedelta(minutes=offering.length_minutes)


def admit(who: Who, offering: Offering) -> None:
    """Raise Invalid (field `who`) where the offering is not for this many people."""
    if who is Who.BOTH and offering.audience is Audience.ONE:
        raise Invalid("This meeting is for one person.", field="who")
    if who is Who.ME and offering.audience is Audience.COUPLE:
        raise Invalid("This meeting is for two people together.", field="who")
