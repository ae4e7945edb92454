"""Paying for a time that is held: the session is made outside of any transaction, and found again.

A time whose session can be paid in is `pending`, and no timer frees it: only the payment service
can say that nobody has paid and nobody can any more.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from practice.domain.booking import (
    HOLDS_PER_CALLER,
    Actor,
    Details,
    Status,
    ends_at,
)
from practice.domain.client import address_key
from practice.domain.payment import (
    PAY_MINUTES,
    PENDING_PER_PERSON,
    SESSION_MINUTES,
    UNDECIDED,
    Checkout,
    PaymentState,
)
from practice.domain.refusal import NoPayment, NotAllowed, TimeTaken
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client, client_at
from practice.models.diary import occupy
from practice.models.journal import Happening, tell_of
from practice.models.payment import Payment, count_pending, current_payment
from practice.models.practice import Practice
from practice.models.throttle import take
from practice.models.unit import reading
from practice.ports import PaymentsAway, PaymentsRefuse, Tools
from practice.usecases.booking import (
    check_can_become,
    check_few_bookings,
    held_by,
    is_booked,
)
from practice.usecases.diary import GONE, on_diary, with_nearest
from practice.usecases.payment import LOOK, RETURN, record, service
from practice.usecases.payment_session import end_session, look_at

log = logging.getLogger("practice.payments")

PRODUCT = "Appointment"
_FRESH = timedelta(minutes=SESSION_MINUTES - 30)


def pay(token: str, details: Details, *, tools: Tools) -> None:
    """Put a name to a held time and make the session in which it is paid for.

    Sent twice, there is one session. Raises NotFound, TimeTaken with the nearest starts,
    NotAllowed, TooMany, Busy, and NoPayment, after which the time is held all the same.
    """
    service(tools)
    now = tools.clock.now()
    booking = held_by(reading(), token, now)
    starts_at = details.instead_at or booking.starts_at

    def act(session: Session, held: Booking) -> None:
        if tools.rate_limits:
            take(session, f"book:{details.caller}", burst=30, per_seconds=120, now=now)
            check_few_bookings(session, details.email, now)
            _check_few_pending(session, held, details.email)
        _name(session, held, details, now)

    _begin(booking, starts_at, act, tools=tools, now=now)
    _open(booking.id, token, tools)


def pay_again(token: str, *, tools: Tools) -> None:
    """Make it possible to pay, once more: a session that is open is kept, an ended one replaced.

    Raises NotFound, TimeTaken with the nearest starts, NotAllowed, Busy and NoPayment.
    """
    service(tools)
    now = tools.clock.now()
    booking = held_by(reading(), token, now)
    if not booking.people:
        raise NotAllowed("Please tell us first where we can reach you.")
    if booking.status == Status.PENDING:
        _look(booking.id, by=RETURN, tools=tools)

    def act(session: Session, held: Booking) -> None:
        if tools.rate_limits:
            take(session, f"pay:{held.id}", burst=6, per_seconds=120, now=now)
            # As many as before she gave this one up: taking up again must not hold a week.
            email = held.people[0].client.address
            check_few_bookings(session, email, now)
            _check_few_pending(session, held, email)

    _begin(booking, booking.starts_at, act, tools=tools, now=now)
    _open(booking.id, token, tools)


def come_back(token: str, *, tools: Tools) -> None:
    """Ask the service what became of the payment, and record it; nothing is told to anybody else.

    A service that cannot be reached is no fault: notices and the worker bring the same news later.
    Raises NotFound and Busy.
    """
    booking = held_by(reading(), token, tools.clock.now())
    try:
        _look(booking.id, by=RETURN, tools=tools)
    except NoPayment:
        log.warning("the payment service could not be asked")


def _begin(
    booking: Booking,
    starts_at: datetime,
    prepare: Callable[[Session, Booking], None],
    *,
    tools: Tools,
    now: datetime,
) -> None:
    """Hold the time for as long as paying takes, and write down what is to be paid."""
    booking_id, coach, terms = booking.id, booking.coach, booking.terms()

    def replay(session: Session) -> bool | None:
        done = session.get_one(Booking, booking_id, populate_existing=True)
        # Where it is pending, there is a session, and it is for this very time.
        return True if is_booked(done, now) or done.status == Status.PENDING else None

    def act(session: Session) -> bool:
        held = session.get_one(Booking, booking_id, populate_existing=True)
        check_can_become(session, held, starts_at, now)
        prepare(session, held)
        _hold(session, held, starts_at, tools=tools, now=now)
        return True

    try:
        on_diary(coach.id, act, now=now, replay=replay)
    except TimeTaken as refusal:
        raise with_nearest(
            refusal, coach, terms, starts_at, now=now, but_booking=booking_id
        ) from refusal


def _hold(
    session: Session, held: Booking, starts_at: datetime, *, tools: Tools, now: datetime
) -> None:
    before = current_payment(session, held.id)
    # Nobody is to pay for what has begun: the worker ends the session by then.
    until = min(now + timedelta(minutes=PAY_MINUTES), starts_at)
    held.ends_at = ends_at(starts_at, held.terms())  # first: its length is in the old span
    held.starts_at = starts_at
    held.status = Status.HELD
    occupy(session, held, held_until=until)
    if before is not None and before.state == PaymentState.OPENING:
        if now < before.opened_at + _FRESH:
            before.held_until = until
            return  # asked for again under the same key, it is the same session
        before.state = PaymentState.EXPIRED  # nobody was ever led to that session
    session.add(
        Payment(
            booking_id=held.id,
            coach_id=held.coach_id,
            attempt=1 + (before.attempt if before is not None else 0),
            amount_minor=held.price_minor,
            currency=held.currency,
            service=service(tools).service,
            is_live=service(tools).is_live,
            opened_at=now,
            session_expires_at=now + timedelta(minutes=SESSION_MINUTES),
            held_until=until,
        )
    )
    tell_of(session, held, Happening.PAYING, actor=Actor.CLIENT, now=now)


def _open(booking_id: int, token: str, tools: Tools) -> None:
    """Make the session of a booking's payment; the time is then held until that is over."""
    payment = current_payment(reading(), booking_id)
    if payment is None or payment.state != PaymentState.OPENING:
        return
    payments, checkout = service(tools), _checkout(payment, token, tools)
    payment_id = payment.id
    reading().rollback()
    try:
        seen = payments.open(checkout)
    except PaymentsAway as fault:
        raise NoPayment from fault
    except PaymentsRefuse as fault:
        log.error("the payment service refuses: %s", fault)  # noqa: TRY400
        raise NoPayment(
            "Paying isn’t possible at the moment. Nothing was charged. Please write to us."
        ) from fault
    record(seen, by=LOOK, tools=tools)
    _check_kept(booking_id, payment_id, tools)


def _check_kept(booking_id: int, payment_id: int, tools: Tools) -> None:
    """Close a session again whose time was let go while it was being made."""
    booking = reading().get_one(Booking, booking_id, populate_existing=True)
    current = current_payment(reading(), booking_id)
    if booking.status in {Status.PENDING, Status.CONFIRMED} or (
        current is not None and current.id != payment_id
    ):
        return
    end_session(booking_id, tools=tools)
    raise TimeTaken(GONE)


def _checkout(payment: Payment, token: str, tools: Tools) -> Checkout:
    booking, practice = payment.booking, reading().get_one(Practice, 1)
    page = f"{tools.base_url}/book/h/{token}"
    return Checkout(
        reference=payment.reference,
        booking=booking.uid,
        instance=practice.uid,
        price=payment.price,
        product=PRODUCT,
        statement=practice.statement,
        email=booking.people[0].client.address,
        paid_href=f"{page}/paid",
        back_href=f"{page}/pay",
        expires_at=payment.session_expires_at,
        key=f"cs:{booking.uid}:{payment.attempt}:{booking.people[0].client_id}",
    )


def _look(booking_id: int, *, by: str, tools: Tools) -> None:
    payment = current_payment(reading(), booking_id)
    if payment is None or payment.state not in UNDECIDED:
        return
    try:
        look_at(payment, by=by, tools=tools)
    except (PaymentsAway, PaymentsRefuse) as fault:
        raise NoPayment from fault


def _name(session: Session, held: Booking, details: Details, now: datetime) -> None:
    client = client_at(session, details.name, details.email, now)
    person = held.people[0] if held.people else BookingPerson(zone=held.zone)
    person.client_id = client.id
    person.name = details.name
    person.wants_invite = details.invite
    person.wants_reminder = details.reminder
    if not held.people:
        held.people.append(person)
    session.flush()


def _check_few_pending(session: Session, held: Booking, email: str) -> None:
    whose: tuple[tuple[ColumnElement[bool], int], ...] = (
        (Client.address_key == address_key(email), PENDING_PER_PERSON),
        (Booking.held_by == held.held_by, PENDING_PER_PERSON),
        (Booking.held_from == held.held_from, HOLDS_PER_CALLER),
    )
    others = Booking.id != held.id
    if any(count_pending(session, which, others) >= most for which, most in whose):
        raise NotAllowed(
            "There are times already that wait to be paid for. Please pay for those first, or "
            "give them up."
        )
