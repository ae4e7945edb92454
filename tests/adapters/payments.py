"""What the tests of payment services share: a checkout, and a way to act as payer and bank."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

from practice.adapters.pretend import PretendPayments
from practice.adapters.stripe import StripePayments
from practice.domain.money import Money
from practice.domain.payment import Checkout
from practice.ports import Payments
from tests.fakes import NOW, FakePayments
from tests.stripe_server import KEY, SECRET, StripeServer

PRICE = Money(12_000, "EUR")


def a_checkout(**changes: Any) -> Checkout:
    """A checkout of €120 that lives for 31 minutes from NOW."""
    checkout = Checkout(
        reference="ref-1",
        booking="booking-1",
        instance="house-1",
        price=PRICE,
        product="Coaching session",
        statement="SESSION",
        email="sam@example.com",
        paid_href="https://practice.example/book/h/token/paid",
        back_href="https://practice.example/book/h/token/pay",
        expires_at=NOW + timedelta(minutes=31),
        key="cs:booking-1:1",
    )
    return replace(checkout, **changes)


def stripe_at(server: StripeServer, **options: Any) -> StripePayments:
    """The real adapter, talking to a Stripe on loopback."""
    return StripePayments(KEY, [SECRET], server.url, **options)


class Desk(Protocol):
    """A payment service and whoever pays there."""

    payments: Payments

    def pay(self, session: str) -> None:
        """Pay by card."""
        ...

    def notice(self, session: str) -> tuple[bytes, str]:
        """The last notice of a session: body and signature as of now."""
        ...


class StripeDesk:
    """Stripe, with its server on loopback."""

    def __init__(self, server: StripeServer) -> None:
        self.server = server
        self.payments: Payments = stripe_at(server)

    def pay(self, session: str) -> None:
        self.server.pay(session)

    def notice(self, session: str) -> tuple[bytes, str]:
        body = next(e.body for e in reversed(self.server.waiting) if session.encode() in e.body)
        return body, self.server.signed(body)


class FakeDesk:
    """The fake, which is its own world."""

    def __init__(self, fake: FakePayments) -> None:
        self.fake = fake
        self.payments: Payments = fake

    def pay(self, session: str) -> None:
        self.fake.pay(session)

    def notice(self, session: str) -> tuple[bytes, str]:
        body = next(one for one in reversed(self.fake.waiting) if session.encode() in one)
        return body, self.fake.sign(body)


class PretendDesk:
    """The pretend service of laptops."""

    def __init__(self, pretend: PretendPayments) -> None:
        self.pretend = pretend
        self.payments: Payments = pretend

    def pay(self, session: str) -> None:
        self.pretend.pay(session)

    def notice(self, session: str) -> tuple[bytes, str]:
        return self.pretend.notice(session)
