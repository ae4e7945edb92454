"""People who hold and pay at a house whose payment service is in memory, for pages to be seen."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from practice.domain.booking import Details
from practice.domain.money import Money
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.link import Purpose, link_of
from practice.models.payment import Payment, Refund
from practice.usecases import paying
from practice.usecases import payment as payment_acts
from practice.usecases.refunding import send_refunds
from tests.fakes import FakePayments
from tests.looking import all_of
from tests.makers import hold_for, the_tools
from tests.people import ADA, Person


@dataclass(frozen=True, slots=True)
class Shop:
    """A house that takes money, seen from inside and outside; `offering` names what is sold."""

    inside: AbstractContextManager[None]
    bank: FakePayments
    offering: str = "session"

    def begin(self, person: Person = ADA, *, at: datetime) -> int:
        """Hold a time and go on to the payment; return the booking's id."""
        with self.inside:
            token = hold_for(person, at=at, offering=self.offering)
            link = link_of(db.session(), Purpose.HOLD, token, now=the_tools().clock.now())
            assert link is not None
            assert link.booking_id is not None
            booking_id = link.booking_id
            details = Details(person.name, person.email, False, True, person.caller)
            paying.pay(token, details, tools=the_tools())
            db.session.remove()
        return booking_id

    def session(self, booking_id: int) -> str:
        """The name of the last session of a booking."""
        with self.inside:
            return all_of(Payment, Payment.booking_id == booking_id)[-1].session or ""

    def hear(self) -> None:
        """Hear all notices that wait."""
        while self.bank.waiting:
            body = self.bank.waiting.pop(0)
            with self.inside:
                payment_acts.hear(body, self.bank.sign(body), tools=the_tools())
                db.session.remove()

    def buy(self, person: Person = ADA, *, at: datetime, price: Money | None = None) -> int:
        """Hold, pay (the price, or what is told instead), and be heard of."""
        booking_id = self.begin(person, at=at)
        self.bank.pay(self.session(booking_id), price=price)
        self.hear()
        return booking_id

    def send(self) -> None:
        """Let the worker give money back, and hear of it."""
        with self.inside:
            send_refunds("worker", tools=the_tools())
            db.session.remove()
        self.hear()

    def refunds(self) -> list[tuple[int, str, str]]:
        """All refunds: amount, reason and state."""
        with self.inside:
            return [(row.amount_minor, row.reason, row.state) for row in all_of(Refund)]

    def status(self, booking_id: int) -> str:
        """Where a booking stands."""
        with self.inside:
            return all_of(Booking, Booking.id == booking_id)[0].status
