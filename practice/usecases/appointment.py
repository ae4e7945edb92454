"""Finding the booking of a private link, or of the desk, for whoever wants to change it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from practice.domain.booking import Actor, Status
from practice.domain.refusal import NotAllowed, NotFound
from practice.domain.roles import Right, Seat
from practice.models.booking import Booking
from practice.models.link import private_link
from practice.models.throttle import take
from practice.models.unit import reading
from practice.ports import Tools


@dataclass(frozen=True, slots=True)
class Access:
    """Who reaches a booking: a client by the private link, or a coach by its id.

    `person_id` is whose link it was: of two who come, neither uses up what the other may do.
    `decides_money` tells whether a coach's side may say what goes back; else the terms do.
    """

    booking_id: int
    coach_id: int
    actor: Actor
    person_id: int | None = None
    decides_money: bool = True


def by_link(token: str, *, tools: Tools) -> Access:
    """Return what a private link gives access to; raises NotFound, the same for every reason."""
    link = private_link(reading(), token, now=tools.clock.now())
    booking = reading().get_one(Booking, link.booking_id)
    return Access(booking.id, booking.coach_id, Actor.CLIENT, link.person_id)


def by_coach(seat: Seat, booking_id: int) -> Access:
    """Return the access to a booking of a seat's diary; raises NotFound for all others."""
    seat.require(Right.DIARY)
    booking = reading().get(Booking, booking_id)
    if booking is None or booking.coach_id != seat.coach_id:
        raise NotFound("There is no such booking in your diary.")
    decides = seat.may(Right.MONEY)
    return Access(booking.id, booking.coach_id, Actor.COACH, decides_money=decides)


def fresh(session: Session, access: Access) -> Booking:
    """Return the booking as it stands now that its diary is locked."""
    return session.get_one(Booking, access.booking_id, populate_existing=True)


def check_stands(booking: Booking, *, now: datetime) -> None:
    """Raise NotAllowed where the booking is not one that can be changed any more at `now`."""
    if booking.status == Status.CANCELLED:
        raise NotAllowed("This appointment is cancelled, so it can’t be changed.")
    if booking.status != Status.CONFIRMED or booking.ends_at <= now:
        raise NotAllowed("This appointment can’t be changed any more.")


def count_change(session: Session, access: Access, *, tools: Tools, now: datetime) -> None:
    """Count a client's change of a booking: each writes letters. Raises TooMany after ten."""
    if tools.rate_limits and access.actor is Actor.CLIENT:
        key = f"change:{access.booking_id}:{access.person_id}"
        take(session, key, burst=10, per_seconds=120, now=now)
