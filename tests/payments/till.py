"""What a test of money does: hold, pay, hear, look; each act in an app context of its own."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import select

from practice.domain.booking import Actor, Details
from practice.domain.money import Money
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.concern import Concern
from practice.models.journal import JournalEntry
from practice.models.link import Purpose, link_of, person_token
from practice.models.outbox import OutboxLetter
from practice.models.payment import HeardNotice, Payment, Refund
from practice.ports import Post
from practice.usecases import paying, reconciling, refunding
from practice.usecases.booking import give_up
from practice.usecases.cancelling import cancel
from practice.usecases.desk_payment import refund
from practice.usecases.housekeeping import keep_house
from tests import makers
from tests.fakes import FrozenClock, Postbox
from tests.looking import Dump, dump
from tests.people import ADA, Person
from tests.stripe_server import StripeServer

T = TypeVar("T")
PRICE = 9000


@dataclass(frozen=True, slots=True)
class Held:
    """A time that somebody holds: the token of its page, and which booking it is."""

    token: str
    booking_id: int


class Till:
    """A house that takes money, seen from inside and outside."""

    def __init__(self, app: Flask, stripe: StripeServer, clock: FrozenClock) -> None:
        self.app = app
        self.stripe = stripe
        self.clock = clock

    def within(self, act: Callable[[], T]) -> T:
        """Do something in an app context, whose session is let go afterwards."""
        with self.app.app_context():
            return act()

    def offer(self, **terms: Any) -> None:
        """Offer a session that costs €90, or what is told instead."""
        usual: dict[str, Any] = {"price_minor": PRICE, "currency": "EUR", "full_refund_hours": 24}
        self.within(lambda: makers.make_offering(**(usual | terms)))

    def hold(self, person: Person = ADA, *, at: datetime, **wishes: Any) -> Held:
        """Hold a time of the paid session."""

        def act() -> Held:
            token = makers.hold_for(person, at=at, offering="session", **wishes)
            link = link_of(db.session(), Purpose.HOLD, token, now=self.clock.now())
            assert link is not None
            assert link.booking_id is not None
            return Held(token, link.booking_id)

        return self.within(act)

    def pay(self, held: Held, person: Person = ADA, **wishes: Any) -> None:
        """Give the details, as the act that leads to the payment."""
        details: dict[str, Any] = {
            "name": person.name,
            "email": person.email,
            "invite": False,
            "reminder": True,
            "caller": person.caller,
        }
        made = Details(**(details | wishes))
        self.within(lambda: paying.pay(held.token, made, tools=makers.the_tools()))

    def begin(self, person: Person = ADA, *, at: datetime, **wishes: Any) -> Held:
        """Hold a time and give the details, so that it can be paid for."""
        held = self.hold(person, at=at, **wishes)
        self.pay(held, person)
        return held

    def buy(self, person: Person = ADA, *, at: datetime) -> Held:
        """Hold, pay and be told of it: a booking that stands."""
        held = self.begin(person, at=at)
        self.stripe.pay(self.session(held))
        self.deliver()
        return held

    def deliver(self, *kinds: str, times: int = 1) -> list[int]:
        """Let Stripe send what waits, all of it or these kinds; return the answers' statuses."""
        return self.stripe.deliver(self.app, kinds=kinds, times=times)

    def come_back(self, held: Held) -> None:
        """Let her come back from Stripe's page."""
        self.within(lambda: paying.come_back(held.token, tools=makers.the_tools()))

    def pay_again(self, held: Held) -> None:
        """Let her press that she wants to pay, once more."""
        self.within(lambda: paying.pay_again(held.token, tools=makers.the_tools()))

    def give_up(self, held: Held) -> None:
        """Let her give the time up."""
        self.within(lambda: give_up(held.token, tools=makers.the_tools()))

    def work(self) -> None:
        """Do all that the worker does about money."""

        def act() -> None:
            tools = makers.the_tools()
            reconciling.release_due(tools=tools)
            reconciling.reconcile(tools=tools)
            refunding.send_refunds("worker", tools=tools)

        self.within(act)

    def refund_now(self, owner: str = "worker") -> int:
        """Let the worker ask for the refunds that are due."""
        return self.within(lambda: refunding.send_refunds(owner, tools=makers.the_tools()))

    def post(self) -> int:
        """Send what waits in the outbox, and return how many letters went."""
        return self.within(makers.deliver_all)

    def letters(self) -> list[str]:
        """Send what is due in the outbox, and return the kinds of all letters sent so far."""
        self.post()
        return [row.kind for row in self.outbox() if row.state == "sent"]

    def posted(self, person: Person) -> list[Post]:
        """What came into the postbox of a person."""
        postbox = self.within(makers.the_tools).mailer
        assert isinstance(postbox, Postbox)
        return postbox.to(person.email)

    def knock(self, body: bytes, signature: str | None = None) -> int:
        """Bring one notice to the door by hand, signed as of now unless told otherwise."""
        signed = self.stripe.signed(body) if signature is None else signature
        return self.app.test_client().post(
            "/hooks/stripe",
            data=body,
            headers={"Stripe-Signature": signed, "Content-Type": "application/json"},
            base_url=self.app.extensions["practice"].base_url,
        ).status_code  # fmt: skip

    def keep_house(self) -> None:
        """Let the worker tidy up."""
        self.within(lambda: keep_house(tools=makers.the_tools()))

    def booked(self, held: Held) -> makers.Booked:
        """The booking as its client holds it, by the link in her letter."""

        def act() -> makers.Booked:
            person = db.session.get_one(Booking, held.booking_id).people[0]
            token = person_token(db.session(), person.id, makers.the_tools().vault)
            return makers.booked(token)

        return self.within(act)

    def move(self, held: Held, *, to: datetime) -> None:
        """Let her move her booking."""
        booked = self.booked(held)
        self.within(lambda: makers.move_for(booked, to=to))

    def cancel(self, held: Held, *, by: Actor = Actor.CLIENT, back: Money | None = None) -> None:
        """Let her cancel, or the coach, who may say how much goes back."""
        booked = self.booked(held)

        def act() -> None:
            access = makers.access_to(booked, by=by)
            cancel(access, refund=back, tools=makers.the_tools())

        self.within(act)

    def give_back(self, held: Held, money: Money, *, key: str = "one") -> None:
        """Let the coach give money back from the desk."""
        attempt = self.payment(held).attempt

        def act() -> None:
            refund(
                makers.seat_of(1),
                held.booking_id,
                money,
                attempt=attempt,
                key=key,
                tools=makers.the_tools(),
            )

        self.within(act)

    def undo(self, held: Held, *, by: Actor = Actor.CLIENT) -> None:
        """Take a cancellation back."""
        booked = self.booked(held)
        self.within(lambda: makers.undo_for(booked, by=by))

    def session(self, held: Held) -> str:
        """Stripe's name of the session in which a held time is paid for."""
        found = self.payment(held).session
        assert found is not None, "there is no session"
        return found

    def payment(self, held: Held) -> Payment:
        """The last payment of a booking."""
        return self.payments(held)[-1]

    def payments(self, held: Held) -> list[Payment]:
        return self._all(
            select(Payment).where(Payment.booking_id == held.booking_id).order_by(Payment.attempt)
        )

    def refunds(self) -> list[Refund]:
        return self._all(select(Refund).order_by(Refund.id))

    def concerns(self) -> list[Concern]:
        return self._all(select(Concern).order_by(Concern.id))

    def heard(self) -> list[HeardNotice]:
        return self._all(select(HeardNotice))

    def outbox(self, kind: str = "") -> list[OutboxLetter]:
        query = select(OutboxLetter).order_by(OutboxLetter.id)
        return self._all(query.where(OutboxLetter.kind == kind) if kind else query)

    def status(self, held: Held) -> str:
        """Where a booking stands."""
        return self.within(lambda: db.session.get_one(Booking, held.booking_id).status)

    def journal(self, held: Held) -> list[str]:
        """The names of all that happened to a booking."""
        query = select(JournalEntry).where(JournalEntry.booking_id == held.booking_id)
        return [row.happening for row in self._all(query.order_by(JournalEntry.id))]

    def rows(self, *, without: Collection[str] = ()) -> Dump:
        """Every row of every table, but for the tables named."""
        return self.within(lambda: dump(without=without))

    def _all(self, query: Any) -> list[Any]:
        def act() -> list[Any]:
            found = list(db.session.scalars(query))
            for row in found:
                db.session.expunge(row)
            return found

        return self.within(act)
