"""Buying behind the counter: people who hold and pay where no money moves, without a browser."""

from dataclasses import dataclass
from datetime import datetime

from practice.adapters.pretend import PretendPayments
from practice.domain.booking import Details, Who
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.link import Purpose, link_of, person_token
from practice.models.payment import current_payment
from practice.usecases import paying
from practice.usecases.payment import hear
from tests import makers
from tests.people import ADA, Person


@dataclass(frozen=True, slots=True)
class Sale:
    """A time that somebody pays for: its page, its booking, and the session at the service."""

    token: str
    booking_id: int
    session: str


def pretend() -> PretendPayments:
    """The payment service of the house whose context is open."""
    payments = makers.the_tools().payments
    assert isinstance(payments, PretendPayments), "this house takes no money"
    return payments


def begin_to_pay(person: Person = ADA, *, at: datetime, who: Who = Who.ME) -> Sale:
    """Hold a time of the paid session and give the details; she could pay now."""
    token = makers.hold_for(person, at=at, offering="session", who=who)
    details = Details(person.name, person.email, False, True, person.caller)
    paying.pay(token, details, tools=makers.the_tools())
    link = link_of(db.session(), Purpose.HOLD, token, now=makers.the_tools().clock.now())
    assert link is not None
    assert link.booking_id is not None
    payment = current_payment(db.session(), link.booking_id)
    assert payment is not None
    assert payment.session is not None
    sale = Sale(token, link.booking_id, payment.session)
    db.session.remove()
    return sale


def tell_of(sale: Sale) -> None:
    """Let the house hear of a session as it is now."""
    hear(*pretend().notice(sale.session), tools=makers.the_tools())
    db.session.remove()


def buy(person: Person = ADA, *, at: datetime, who: Who = Who.ME) -> makers.Booked:
    """Hold and pay for a time of the paid session, and be told of it; return the booking."""
    sale = begin_to_pay(person, at=at, who=who)
    pretend().pay(sale.session)
    tell_of(sale)
    booker = db.session.get_one(Booking, sale.booking_id).people[0]
    return makers.booked(person_token(db.session(), booker.id, makers.the_tools().vault))
