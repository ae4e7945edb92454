"""Notices of payments over HTTP: what it costs to hear that somebody has paid, and hear it again.

Stripe stands on loopback; each notice is signed, verified by Stripe's own library, and books a time
with its link, its letters and its journal in one durable commit. Heard again, it only is known.
"""

import contextlib
import http.client
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from benchmarks.visiting import Sample, cpu_seconds
from practice.adapters.clock import SystemClock
from practice.app import create_app
from practice.models.base import db
from practice.models.coach import Coach
from practice.models.offering import Offering
from practice.models.unit import unit_of_work
from practice.settings import PaidBy, PaymentSettings
from practice.usecases import paying
from practice.usecases.booking import hold
from tests.battery.ground import Ground, somebody, the_tools, wish
from tests.battery.web import WebServer
from tests.stripe_server import KEY, SECRET, Event, StripeServer, serving

_PAID = "checkout.session.completed"
_SLUG = "bench-session"


@dataclass
class Told:
    """One server with keys, the notices that wait for it, and what they cost."""

    name: str
    server: WebServer
    stripe: StripeServer
    waiting: list[Event]
    link: http.client.HTTPConnection
    first: list[Sample] = field(default_factory=list)
    again: list[Sample] = field(default_factory=list)

    def hear_some(self, count: int) -> None:
        """Send so many notices for the first time, and then all of them once more."""
        told, self.waiting = self.waiting[:count], self.waiting[count:]
        if told:
            self.first.append(self._sent(told))
            self.again.append(self._sent(told))

    def _sent(self, events: Sequence[Event]) -> Sample:
        sample = Sample()
        before = cpu_seconds(self.server.pid)
        for event in events:
            headers = {
                "Content-Type": "application/json",
                "Stripe-Signature": self.stripe.signed(event.body),
            }
            began = time.perf_counter()
            self.link.request("POST", "/hooks/stripe", event.body, headers)
            answer = self.link.getresponse()
            answer.read()
            sample.seconds.append(time.perf_counter() - began)
            assert answer.status == 200, answer.status
        sample.cpu = cpu_seconds(self.server.pid) - before
        return sample


@contextmanager
def told_at(name: str, ground: Ground, starts: Sequence[datetime]) -> Iterator[Told]:
    """Start a server with keys, where these times are paid for but nobody told it so."""
    with contextlib.ExitStack() as stack:
        stripe = stack.enter_context(serving(SystemClock()))
        _pay(ground, stripe, starts)
        keys = {
            "PRACTICE_STRIPE_SECRET_KEY": KEY,
            "PRACTICE_STRIPE_WEBHOOK_SECRET": SECRET,
            "PRACTICE_STRIPE_API_BASE": stripe.url,
        }
        server = stack.enter_context(WebServer(ground, 1, environ=keys))
        link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        stack.callback(link.close)
        waiting = [event for event in stripe.waiting if event.kind == _PAID]
        yield Told(name, server, stripe, waiting, link)


def _pay(ground: Ground, stripe: StripeServer, starts: Sequence[datetime]) -> None:
    keys = PaymentSettings(PaidBy.STRIPE, KEY, (SECRET,), api_base=stripe.url)
    app = create_app(replace(ground.settings(), payments=keys))
    with app.app_context():
        _offer()
        for at in starts:
            held = hold(wish(at, offering=_SLUG), tools=the_tools())
            paying.pay(held.token, somebody(), tools=the_tools())
            db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    for session in list(stripe.sessions):
        stripe.pay(session)


def _offer() -> None:
    with unit_of_work() as session:
        coaches = [session.get_one(Coach, 1)]
        # Not shown, so that the pages beside it stay what they were.
        session.add(
            Offering(slug=_SLUG, name="Session", price_minor=9000, is_shown=False, coaches=coaches)
        )
