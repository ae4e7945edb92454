"""What every way of booking has in common: the terms that are copied, and the name that is put."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from practice.domain.booking import ends_at
from practice.models.booking import Booking, BookingPerson
from practice.models.client import client_at
from practice.models.coach import Coach
from practice.models.link import new_person_link
from practice.models.offering import Offering
from practice.ports import Tools


@dataclass(frozen=True, slots=True)
class Named:
    """Who a booking is for, and which letters this person wants; `zone` is an IANA name."""

    name: str
    email: str
    zone: str
    invite: bool
    reminder: bool


def on_terms_of(offering: Offering, coach: Coach, starts_at: datetime, *, now: datetime) -> Booking:
    """Return a booking, not added yet, on the terms that an offering has at this moment."""
    place = offering.place(coach)
    return Booking(
        uid=secrets.token_hex(16),
        coach_id=coach.id,
        offering_id=offering.id,
        starts_at=starts_at,
        ends_at=ends_at(starts_at, offering.terms()),
        created_at=now,
        offering_name=offering.name,
        buffer_before_minutes=offering.buffer_before_minutes,
        buffer_after_minutes=offering.buffer_after_minutes,
        move_cutoff_minutes=offering.move_cutoff_minutes,
        cancel_cutoff_minutes=offering.cancel_cutoff_minutes,
        price_minor=offering.price_minor,
        currency=offering.currency,
        full_refund_hours=offering.full_refund_hours,
        part_refund_hours=offering.part_refund_hours,
        part_refund_percent=offering.part_refund_percent,
        place_kind=place.kind,
        place_detail=place.detail,
    )


def put_name(
    session: Session, booking: Booking, named: Named, *, tools: Tools, now: datetime
) -> str:
    """Let a booking be this person's; return the token of the private link to it."""
    person = BookingPerson(
        booking_id=booking.id,
        client_id=client_at(session, named.name, named.email, now).id,
        name=named.name,
        zone=named.zone,
        wants_invite=named.invite,
        wants_reminder=named.reminder,
    )
    booking.people.append(person)
    return new_person_link(session, person, vault=tools.vault, now=now)
