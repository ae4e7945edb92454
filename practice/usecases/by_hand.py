"""Booking by hand: a coach writes down whom she will meet, also where clients could not book.

What speaks against a time by her own rules is shown to her first, and is hers to decide. What
takes the time already, another booking, a hold or blocked time, is in nobody's power.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from practice.domain.booking import Actor, ByHand, Status, admit
from practice.domain.client import address_key
from practice.domain.refusal import Invalid, NotAllowed, NotFound, TimeTaken
from practice.domain.roles import Right, Seat
from practice.domain.span import Span
from practice.domain.why import Reason, Unusual, Why, all_reasons
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.coach import Coach
from practice.models.diary import occupy, rules_and_taken
from practice.models.journal import Happening, tell_of
from practice.models.offering import Offering
from practice.models.unit import reading
from practice.ports import Tools
from practice.usecases.diary import check_free, on_diary, with_nearest
from practice.usecases.letters import tell_booked
from practice.usecases.making import Named, on_terms_of, put_name

NOT_OFFERED = "There is no such offering of yours."


def book_by_hand(seat: Seat, wanted: ByHand, *, tools: Tools) -> int:
    """Book it and return the booking's id; pressed twice, it is booked once. Nothing is charged.

    Raises NotFound, Invalid (past, who), Unusual with what speaks against the time and was not
    known yet, TimeTaken with the nearest starts, NotAllowed, Busy.
    """
    seat.require(Right.DIARY)
    now = tools.clock.now()
    offering, coach = offered_by(reading(), seat, wanted.offering_id)
    terms = offering.terms()
    key = _key_of(seat, wanted)

    def replay(session: Session) -> int | None:
        return session.scalar(select(Booking.id).where(Booking.request_key == key))

    def act(session: Session) -> int:
        offering, coach = offered_by(session, seat, wanted.offering_id)
        if offering.archived_at is not None:
            raise NotAllowed("This is not offered any more, so it can’t be booked.")
        admit(wanted.who, offering.terms())
        _check_time(session, coach, offering, wanted, now)
        return _book(session, offering, coach, wanted, key, tools=tools, now=now)

    try:
        return on_diary(seat.coach_id, act, now=now, replay=replay)
    except TimeTaken as refusal:
        raise with_nearest(refusal, coach, terms, wanted.starts_at, now=now) from refusal


def offered_by(session: Session, seat: Seat, offering_id: int) -> tuple[Offering, Coach]:
    """Return an offering that the coach of a seat offers or has offered; raises NotFound."""
    offering = session.get(Offering, offering_id, populate_existing=True)
    coach = session.get_one(Coach, seat.coach_id)
    if offering is None or coach not in offering.coaches:
        raise NotFound(NOT_OFFERED)
    return offering, coach


def warnings_of(
    session: Session, coach: Coach, offering: Offering, starts_at: datetime, *, now: datetime
) -> tuple[Reason, ...]:
    """Return what speaks against a start, and is for the coach to decide."""
    terms = offering.terms()
    rules, taken = rules_and_taken(session, coach, terms, Span(starts_at, starts_at))
    found = all_reasons(rules, taken, terms, starts_at, now=now)
    return tuple(each for each in found if not each.is_lasting)


def known_as(reasons: Iterable[Reason]) -> frozenset[str]:
    """Return warnings as a page sends them back once they were seen."""
    return frozenset(str(reason.why) for reason in reasons)


def _check_time(
    session: Session, coach: Coach, offering: Offering, wanted: ByHand, now: datetime
) -> None:
    if wanted.starts_at <= now:
        raise Invalid("Please choose a time that is still to come.", field="on")
    check_free(session, coach, offering.terms(), wanted.starts_at, now=now, over_hers=True)
    # Only what the coach cannot tell from the clock on the wall is to be confirmed.
    reasons = warnings_of(session, coach, offering, wanted.starts_at, now=now)
    if not known_as(reasons) - {Why.STEP} <= wanted.knows:
        raise Unusual(reasons)


def _book(
    session: Session,
    offering: Offering,
    coach: Coach,
    wanted: ByHand,
    key: str,
    *,
    tools: Tools,
    now: datetime,
) -> int:
    booking = on_terms_of(offering, coach, wanted.starts_at, now=now)
    booking.status = Status.CONFIRMED
    booking.confirmed_at = now
    booking.made_by = Actor.COACH
    booking.who = wanted.who
    booking.zone = _zone_of(session, wanted.email, coach)
    booking.request_key = key
    session.add(booking)
    session.flush()
    occupy(session, booking)
    named = Named(wanted.name, wanted.email, booking.zone, invite=False, reminder=wanted.reminds)
    put_name(session, booking, named, tools=tools, now=now)
    tell_booked(session, booking, now=now, confirms=wanted.confirms)
    tell_of(session, booking, Happening.BOOKED, actor=Actor.COACH, now=now)
    return booking.id


def _zone_of(session: Session, email: str, coach: Coach) -> str:
    """Return the clock of somebody who was here before, or else the coach's."""
    last = (
        select(BookingPerson.zone)
        .join(Client)
        .join(Booking, Booking.id == BookingPerson.booking_id)
        .where(Client.address_key == address_key(email), Booking.coach_id == coach.id)
        .order_by(BookingPerson.id.desc())
        .limit(1)
    )
    return session.scalar(last) or coach.zone


def _key_of(seat: Seat, wanted: ByHand) -> str:
    told = f"by-hand:{seat.coach_id}:{wanted.key}:{wanted.starts_at:%Y%m%dT%H%M}:{wanted.email}"
    return sha256(told.encode()).hexdigest()
