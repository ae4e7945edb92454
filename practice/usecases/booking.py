"""Booking: hold a time, then put a name to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from practice.domain.booking import (
    BOOKINGS_PER_PERSON,
    HOLDS_PER_BROWSER,
    HOLDS_PER_CALLER,
    Actor,
    Details,
    HoldRequest,
    Status,
    admit,
    ends_at,
    held_until,
    may_replay,
)
from practice.domain.client import address_key
from practice.domain.refusal import NotAllowed, NotFound, TimeTaken
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.coach import Coach
from practice.models.diary import end_holds, occupy, renew_hold
from practice.models.journal import Happening, tell_of
from practice.models.link import (
    Link,
    Opens,
    Purpose,
    link_of,
    new_link,
    person_token,
)
from practice.models.offered import offered
from practice.models.offering import Offering
from practice.models.throttle import take
from practice.models.unit import reading
from practice.ports import Tools
from practice.usecases.diary import (
    GONE,
    check_open,
    on_diary,
    on_first_free,
    whose_turn,
    with_nearest,
    with_nearest_of,
)
from practice.usecases.letters import tell_booked
from practice.usecases.making import Named, on_terms_of, put_name
from practice.usecases.payment_session import end_session

RENEW_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an act left behind: the token of the private link to it."""

    token: str


def hold(request: HoldRequest, *, tools: Tools) -> Receipt:
    """Hold a start for a browser, 15 minutes; the same request again gives the same hold.

    Raises NotFound (offering), Invalid (who), TimeTaken with the nearest starts, TooMany, Busy.
    """
    now = tools.clock.now()
    with_paid = tools.payments is not None
    offering, coaches = offered(reading(), request.offering, with_paid=with_paid)
    terms = offering.terms()
    admit(request.who, terms)

    def replay(session: Session) -> Receipt | None:
        return _held_before(session, request, tools)

    def act(coach_id: int, session: Session) -> Receipt:
        return _hold(session, request, coach_id, tools=tools, now=now)

    try:
        # Look before taking the lock: most refusals under load need no writer at all.
        _check_coming(request.starts_at, now)
        in_turn = whose_turn(reading(), coaches, terms, request.starts_at, now=now)
        receipt = on_first_free(in_turn, act, now=now, replay=replay)
    except TimeTaken as refusal:
        # Asked after the look, not before it: a second press sees a first that came between them.
        earlier = replay(reading())
        if earlier is not None:
            return earlier
        wanted = max(request.starts_at, now)
        raise with_nearest_of(refusal, coaches, terms, wanted, now=now) from refusal
    if tools.rate_limits and len(coaches) > 1:
        _keep_few_elsewhere(request, [coach.id for coach in coaches], receipt, now)
    return receipt


def book(token: str, details: Details, *, tools: Tools) -> Receipt:
    """Turn a hold into a booking; sent twice, it is booked once and the receipt is the same.

    A hold that has ended is booked all the same where its time is still open. Raises NotFound,
    TimeTaken with the nearest starts, NotAllowed, TooMany, Busy.
    """
    now = tools.clock.now()
    booking = held_by(reading(), token, now)
    booking_id, coach = booking.id, booking.coach
    starts_at = details.instead_at or booking.starts_at
    terms = booking.terms()

    def replay(session: Session) -> Receipt | None:
        done = session.get_one(Booking, booking_id, populate_existing=True)
        return _receipt(session, done, tools) if is_booked(done, now) else None

    def act(session: Session) -> Receipt:
        held = session.get_one(Booking, booking_id, populate_existing=True)
        if held.price_minor:
            raise NotAllowed("This appointment is booked as soon as it is paid for.")
        check_can_become(session, held, starts_at, now)
        if tools.rate_limits:
            take(session, f"book:{details.caller}", burst=30, per_seconds=120, now=now)
            check_few_bookings(session, details.email, now)
        return _confirm(session, held, details, starts_at, tools=tools, now=now)

    try:
        return on_diary(coach.id, act, now=now, replay=replay)
    except TimeTaken as refusal:
        raise with_nearest(
            refusal, coach, terms, starts_at, now=now, but_booking=booking_id
        ) from refusal


def renew(token: str, *, tools: Tools) -> None:
    """Give a living hold its 15 minutes anew, for at most an hour; a dead one stays dead."""
    now = tools.clock.now()
    booking = held_by(reading(), token, now)
    booking_id, held_at = booking.id, booking.held_at
    if held_at is None or now > held_at + RENEW_FOR:
        return

    def act(session: Session) -> None:
        renew_hold(session, booking_id, held_until(now))

    on_diary(booking.coach_id, act, now=now)


def give_up(token: str, *, tools: Tools) -> None:
    """Let a hold go before its time, so that all can choose the time again; a booking stays.

    Where it is being paid for, that is ended first: one who has paid meanwhile has her booking.
    Raises NotFound, Busy, and NoPayment where the payment service cannot be told.
    """
    now = tools.clock.now()
    booking = held_by(reading(), token, now)
    booking_id = booking.id
    if booking.status == Status.PENDING:
        end_session(booking_id, tools=tools)
        return

    def act(session: Session) -> None:
        end_holds(session, [booking_id])

    on_diary(booking.coach_id, act, now=now)


def is_booked(done: Booking, now: datetime) -> bool:
    """Tell whether a hold was booked by the same person just now; raises NotAllowed later on."""
    if done.confirmed_at is None:
        return False
    if not may_replay(done.confirmed_at, now=now):
        raise NotAllowed("This time is booked. Its private link is in the letter we sent.")
    return True


def check_can_become(session: Session, held: Booking, starts_at: datetime, now: datetime) -> None:
    """Raise TimeTaken or NotAllowed unless a hold can be booked, or paid for, at this start.

    A living hold was granted by the notice of its own moment, and keeps it.
    """
    is_alive = held.status == Status.HELD and starts_at == held.starts_at
    judged_at = held.held_at if is_alive and held.held_at is not None else now
    _check_same_terms(session, held, now)
    _check_coming(starts_at, now)
    check_open(session, held.coach, held.terms(), starts_at, now=judged_at, but_booking=held.id)


def _check_same_terms(session: Session, held: Booking, now: datetime) -> None:
    """Raise NotAllowed where a hold that ended long ago was of a price that is offered no more.

    As long as a hold can live, its terms are kept; after that it must not sell at an old price.
    """
    if held.status == Status.HELD or held.held_at is None or now <= held.held_at + RENEW_FOR:
        return
    offering = held.offering
    session.refresh(offering)
    was, is_now = held.terms(), offering.terms()
    if offering.archived_at is not None:
        raise NotAllowed("This is not offered any more. Please choose another time.")
    is_other = (was.price, was.cancellation) != (is_now.price, is_now.cancellation)
    if is_other and (was.is_paid or is_now.is_paid):
        raise NotAllowed("The price has changed since. Please choose your time once more.")


def _check_coming(starts_at: datetime, now: datetime) -> None:
    """Raise TimeTaken where the start is over at `now`."""
    if starts_at <= now:
        raise TimeTaken("That time has begun meanwhile.")


def _held_before(session: Session, request: HoldRequest, tools: Tools) -> Receipt | None:
    key = _request_key(request)
    if key is None:
        return None
    booking = session.scalar(select(Booking).where(Booking.request_key == key))
    if booking is None or booking.status == Status.EXPIRED:
        return None
    link = session.scalars(
        select(Link).where(Link.booking_id == booking.id, Link.purpose == Purpose.HOLD)
    ).one()
    return Receipt(link.token(tools.vault))


def _hold(
    session: Session, request: HoldRequest, coach_id: int, *, tools: Tools, now: datetime
) -> Receipt:
    # Read again under the lock: what is checked and what is written are the same terms.
    offering, coaches = offered(session, request.offering, with_paid=tools.payments is not None)
    coach = next((each for each in coaches if each.id == coach_id), None)
    if coach is None:
        raise TimeTaken(GONE)
    check_open(session, coach, offering.terms(), request.starts_at, now=now)
    if tools.rate_limits:
        take(session, f"hold:{request.caller}", burst=60, per_seconds=20, now=now)
        _keep_few_holds(session, request, coach_id)
    booking = _held(session, request, offering, coach, now)
    occupy(session, booking, held_until=held_until(now))
    tell_of(session, booking, Happening.HELD, actor=Actor.CLIENT, now=now)
    return Receipt(
        new_link(session, Purpose.HOLD, Opens(booking_id=booking.id), vault=tools.vault, now=now)
    )


def _request_key(request: HoldRequest) -> str | None:
    """Return what a repeated press of one page in one browser shares; None where no page told."""
    if not request.key:
        return None
    told = f"{request.key}:{request.browser}:{request.starts_at:%Y%m%dT%H%M}"
    return sha256(told.encode()).hexdigest()


def _held(
    session: Session, request: HoldRequest, offering: Offering, coach: Coach, now: datetime
) -> Booking:
    booking = on_terms_of(offering, coach, request.starts_at, now=now)
    booking.status = Status.HELD
    booking.who = request.who
    booking.zone = request.zone
    booking.request_key = _request_key(request)
    booking.held_by = request.browser
    booking.held_from = request.caller
    booking.held_at = now
    session.add(booking)
    session.flush()
    return booking


def _keep_few_holds(session: Session, request: HoldRequest, coach_id: int) -> None:
    """Let the oldest holds of a browser, and of a caller, go: nobody can hold a whole week."""
    # In the locked diary only: another coach's holds are not ours to touch under this lock.
    mine = Booking.coach_id == coach_id
    _keep(session, mine & (Booking.held_by == request.browser), HOLDS_PER_BROWSER - 1)
    _keep(session, mine & (Booking.held_from == request.caller), HOLDS_PER_CALLER - 1)


def _keep(session: Session, whose: ColumnElement[bool], count: int) -> None:
    newest_first = (
        select(Booking.id)
        .where(whose, Booking.status == Status.HELD)
        .order_by(Booking.held_at.desc(), Booking.id.desc())
    )
    too_many = list(session.scalars(newest_first.offset(count)))
    if too_many:
        end_holds(session, too_many)


def _keep_few_elsewhere(
    request: HoldRequest, coach_ids: list[int], receipt: Receipt, now: datetime
) -> None:
    """Let older holds of a browser, and of a caller, go with all coaches of an offering.

    So anybody's time can be held no more often than one coach's; and of one start a browser keeps
    the last hold only. Every diary has its own turn: no two are ever locked at once here.
    """
    made_id = held_by(reading(), receipt.token, now).id
    for booking_id, coach_id in list(_older_holds(request, coach_ids, made_id)):
        on_diary(coach_id, partial(end_holds, booking_ids=[booking_id]), now=now)


def _older_holds(
    request: HoldRequest, coach_ids: list[int], made_id: int
) -> Iterator[tuple[int, int]]:
    """Yield the holds, with their coaches, that a newer one leaves no room for."""
    for whose, count in (
        (Booking.held_by == request.browser, HOLDS_PER_BROWSER - 1),
        (Booking.held_from == request.caller, HOLDS_PER_CALLER - 1),
    ):
        older = reading().execute(
            select(Booking.id, Booking.coach_id, Booking.starts_at, Booking.held_by)
            .where(
                Booking.coach_id.in_(coach_ids),
                whose,
                Booking.status == Status.HELD,
                # Of two at the same moment, one is the newer: they must not end each other.
                Booking.id < made_id,
            )
            .order_by(Booking.id.desc())
        )
        kept = 0
        for row in older:
            is_again = row.held_by == request.browser and row.starts_at == request.starts_at
            kept += not is_again
            if is_again or kept > count:
                yield row.id, row.coach_id


def held_by(session: Session, token: str, now: datetime) -> Booking:
    """Return the booking that the page of a hold is about; raises NotFound."""
    link = link_of(session, Purpose.HOLD, token, now=now)
    if link is None or link.booking_id is None:
        raise NotFound("There is nothing at this address.")
    return session.get_one(Booking, link.booking_id)


def check_few_bookings(session: Session, email: str, now: datetime) -> None:
    """Raise NotAllowed where an address has as many coming appointments as one may have."""
    upcoming = session.scalar(
        select(func.count())
        .select_from(BookingPerson)
        .join(Client)
        .join(Booking)
        .where(
            Client.address_key == address_key(email),
            # What she was asked along to does not count: booking would tell whether she joined.
            BookingPerson.role == "booker",
            Booking.status == Status.CONFIRMED,
            Booking.starts_at > now,
        )
    )
    if (upcoming or 0) >= BOOKINGS_PER_PERSON:
        raise NotAllowed(
            "That is a lot of appointments at once. Please write to us to book another one."
        )


def _confirm(
    session: Session,
    booking: Booking,
    details: Details,
    starts_at: datetime,
    *,
    tools: Tools,
    now: datetime,
) -> Receipt:
    booking.status = Status.CONFIRMED
    booking.ends_at = ends_at(starts_at, booking.terms())  # first: its length is in the old span
    booking.starts_at = starts_at
    booking.confirmed_at = now
    occupy(session, booking)
    named = Named(details.name, details.email, booking.zone, details.invite, details.reminder)
    token = put_name(session, booking, named, tools=tools, now=now)
    tell_booked(session, booking, now=now)
    tell_of(session, booking, Happening.BOOKED, actor=Actor.CLIENT, now=now)
    return Receipt(token)


def _receipt(session: Session, booking: Booking, tools: Tools) -> Receipt:
    return Receipt(person_token(session, booking.people[0].id, tools.vault))
