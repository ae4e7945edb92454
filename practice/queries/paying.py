"""The pages of paying: where a held time stands on its way to being paid and booked."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from practice.domain.availability import nearest_slots, window_around
from practice.domain.booking import Status, may_replay
from practice.domain.letters import when_line
from practice.domain.payment import PaymentState
from practice.domain.refunding import spoken_terms
from practice.domain.refusal import NoPayment, NotFound
from practice.domain.zone import zone_label, zone_named
from practice.models.booking import Booking
from practice.models.diary import is_held
from practice.models.link import person_token
from practice.models.offered import offered
from practice.models.payment import Payment, current_payment
from practice.models.unit import reading
from practice.ports import PaymentsAway, PaymentsRefuse, Tools
from practice.queries.appointment import NearTime, found_coach, held_by, near_times, service_name
from practice.queries.picking import diary_of_any
from practice.queries.times import starts_in


class Standing(StrEnum):
    """Where somebody stands who pays.

    unasked     no payment was begun: her details are still to come
    open        she can pay, or try again
    wait        the payment service did not say yet whether she has paid
    processing  her bank takes days over it; the time stays hers
    late        she has paid, and somebody else had the time by then: all goes back
    strange     the money is not what was asked for; a coach looks at it
    booked      the time is hers
    past        all of this was a while ago: what there is to know is in the letters
    """

    UNASKED = "unasked"
    OPEN = "open"
    WAIT = "wait"
    PROCESSING = "processing"
    LATE = "late"
    STRANGE = "strange"
    BOOKED = "booked"
    PAST = "past"


_OF_STATE = {
    PaymentState.PAID: Standing.LATE,
    PaymentState.STRANGE: Standing.STRANGE,
    PaymentState.PROCESSING: Standing.PROCESSING,
}


@dataclass(frozen=True, slots=True)
class PayPage:
    """A held time on its way to being paid; `booked` is the appointment's token once it has one.

    `nearest` are free times in place of one that somebody else has, `coach` is who has this one,
    "" where it could be nobody else.
    """

    standing: Standing
    when: str
    zone_label: str
    zone: str
    who: str
    price: str
    terms: str
    service: str
    is_held: bool
    offering: str
    booked: str = ""
    coach: str = ""
    nearest: tuple[NearTime, ...] = ()


@dataclass(frozen=True, slots=True)
class WayToPay:
    """Where to send somebody who wants to pay: to `href`, or to the page for `standing`."""

    standing: Standing
    href: str = ""


def pay_page(token: str, *, tools: Tools) -> PayPage:
    """Return where the payment of a hold stands, by what we know ourselves; raises NotFound."""
    now = tools.clock.now()
    booking, payment = _held_and_paid(token, now)
    standing = _standing(booking, payment, now)
    zone, terms = zone_named(booking.zone), booking.terms()
    page = PayPage(
        standing=standing,
        when=when_line(booking.starts_at, booking.ends_at, zone, now=now),
        zone_label=zone_label(zone, booking.starts_at),
        zone=booking.zone,
        who=booking.who,
        price=str(terms.price) if terms.is_paid else "",
        terms=spoken_terms(terms.cancellation) if terms.is_paid else "",
        service=service_name(tools),
        is_held=booking.status == Status.PENDING or is_held(reading(), booking.id, now),
        offering=booking.offering.slug,
        coach=found_coach(booking),
    )
    if standing is Standing.BOOKED:
        return replace(page, booked=person_token(reading(), booking.people[0].id, tools.vault))
    if standing is Standing.LATE:
        starts = nearest_starts(booking, now=now)
        return replace(page, nearest=near_times(starts, booking.zone))
    return page


def paid_page(token: str, *, tools: Tools) -> PayPage:
    """Return where somebody stands who comes back from paying; raises NotFound.

    What is open by our rows is asked once more: she must not be told to pay what she may have paid.
    """
    page = pay_page(token, tools=tools)
    if page.standing is not Standing.OPEN:
        return page
    payment = current_payment(reading(), held_by(token, now=tools.clock.now()).id)
    if payment is None or payment.state != PaymentState.OPEN or payment.session is None:
        return page
    try:
        is_open = _looked_at(payment.session, tools).standing is not Standing.WAIT
    except NoPayment:
        is_open = False
    return page if is_open else replace(page, standing=Standing.WAIT)


def payment_href(token: str, *, tools: Tools) -> WayToPay:
    """Return where the hold of this page can be paid for now, as the payment service says.

    Raises NotFound, and NoPayment where the service cannot be asked.
    """
    now = tools.clock.now()
    booking, payment = _held_and_paid(token, now)
    standing = _standing(booking, payment, now)
    if payment is None or standing is not Standing.OPEN:
        return WayToPay(standing)
    if payment.state != PaymentState.OPEN or payment.session is None:
        return WayToPay(Standing.OPEN)
    return _looked_at(payment.session, tools)


def nearest_starts(booking: Booking, *, now: datetime) -> tuple[datetime, ...]:
    """Return the three open starts (aware UTC) of the same offering that are closest to a gone one.

    They are of any coach who offers it: nobody is booked yet. There are none where nobody does.
    """
    offering = booking.offering
    try:
        _, coaches = offered(reading(), offering.slug, with_paid=True)
    except NotFound:
        return ()
    diary = diary_of_any(offering, coaches, booking.zone)
    window = window_around(booking.starts_at, now=now)
    return nearest_slots(starts_in(diary, window, now), booking.starts_at)


def _held_and_paid(token: str, now: datetime) -> tuple[Booking, Payment | None]:
    """Return the booking of a hold's page and its payment, as they are together.

    PostgreSQL shows each statement what is committed by then: a notice that came between the two
    would leave a paid booking that is booked by nobody.
    """
    booking = held_by(token, now=now)
    payment = current_payment(reading(), booking.id)
    if payment is not None and payment.paid_at is not None and booking.confirmed_at is None:
        booking = held_by(token, now=now)
    return booking, payment


def _standing(booking: Booking, payment: Payment | None, now: datetime) -> Standing:
    if booking.confirmed_at is not None:
        is_fresh = may_replay(booking.confirmed_at, now=now)
        return Standing.BOOKED if is_fresh else Standing.PAST
    if payment is None:
        return Standing.UNASKED
    standing = _OF_STATE.get(PaymentState(payment.state), Standing.OPEN)
    # As with a booking: for half an hour it is surely the same person at the device.
    if standing is Standing.LATE and not may_replay(payment.paid_at or now, now=now):
        return Standing.PAST
    return standing


def _looked_at(session_name: str, tools: Tools) -> WayToPay:
    """Ask the payment service for a session that is open by what we know."""
    if tools.payments is None:
        raise NoPayment
    reading().rollback()  # nothing is kept open in the database while the service is asked
    try:
        seen = tools.payments.look(session_name)
    except (PaymentsAway, PaymentsRefuse) as fault:
        raise NoPayment from fault
    if seen.is_paid or seen.status == "complete":
        return WayToPay(Standing.WAIT)
    return WayToPay(Standing.OPEN, seen.href if seen.status == "open" else "")
