"""The Stripe on loopback itself: what tests of money lean on must be true."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import stripe as library

from practice.adapters.stripe import StripePayments
from tests.adapters.payments import a_checkout, stripe_at
from tests.fakes import FrozenClock
from tests.stripe_server import SECRET, Ended, StripeServer, Trouble, serving


@pytest.fixture
def server(clock: FrozenClock) -> Iterator[StripeServer]:
    with serving(clock) as server:
        yield server


@pytest.fixture
def payments(server: StripeServer) -> StripePayments:
    return stripe_at(server)


def kinds(server: StripeServer) -> list[str]:
    return [event.kind.removeprefix("checkout.session.") for event in server.waiting]


def test_its_events_are_genuine_to_stripes_own_code(server: StripeServer) -> None:
    event = server.happen("customer.created", {"id": "cus_1"})

    signature = server.signed(event.body)
    made = library.Webhook.construct_event(event.body, signature, SECRET, tolerance=10**10)

    assert (made.id, made.type) == (event.id, "customer.created")


def test_an_event_shows_the_thing_as_it_was_then(
    server: StripeServer, payments: StripePayments
) -> None:
    session = payments.open(a_checkout()).session
    server.pay_later(session)
    server.succeed_later(session)

    assert kinds(server) == ["completed", "async_payment_succeeded"]
    assert b'"payment_status": "unpaid"' in server.waiting[0].body
    assert b'"payment_status": "paid"' in server.waiting[1].body


def test_what_is_not_taken_waits_and_what_is_taken_does_not(server: StripeServer) -> None:
    answers = iter([500, 200, 503, 200, 200])
    for number in range(3):
        server.happen(f"kind.{number}", {})

    assert server.deliver(lambda *_: next(answers)) == [500, 200, 503]
    assert kinds(server) == ["kind.0", "kind.2"]
    assert server.deliver(lambda *_: next(answers)) == [200, 200]
    assert kinds(server) == []


def test_events_can_be_reordered_doubled_picked_and_lost(server: StripeServer) -> None:
    heard: list[bytes] = []

    def door(body: bytes, signature: str) -> int:
        heard.append(body)
        return 200

    events = [server.happen(kind, {}) for kind in ("a", "b", "c", "d")]
    server.waiting.reverse()

    assert server.lose("c") == 1
    assert server.deliver(door, kinds=["a"], times=2) == [200, 200]
    assert server.deliver(door) == [200, 200]

    bodies = {event.kind: event.body for event in events}
    assert heard == [bodies[kind] for kind in "aadb"]


def test_a_session_ends_once_and_is_paid_once(
    server: StripeServer, payments: StripePayments, clock: FrozenClock
) -> None:
    paid, left = (payments.open(a_checkout(key=key)).session for key in "12")
    server.pay(paid)
    clock.advance(hours=2)

    server.expire_due()
    server.expire_due()

    assert kinds(server) == ["completed", "expired"]
    for session in (paid, left):
        with pytest.raises(Ended):
            server.pay(session)


def test_a_gate_holds_one_request_until_it_is_opened(
    server: StripeServer, payments: StripePayments
) -> None:
    session = payments.open(a_checkout()).session
    with ThreadPoolExecutor(1) as pool, server.gate("/expire") as gate:
        ending = pool.submit(payments.expire, session)
        gate.wait()
        server.pay(session)
        gate.open()

        assert ending.result(10).is_paid


def test_a_trouble_finds_the_request_that_it_is_meant_for(
    server: StripeServer, payments: StripePayments
) -> None:
    server.trouble(Trouble.FAIL, on="/expire", times=2)

    session = payments.open(a_checkout()).session

    assert payments.expire(session).status == "expired"
    assert server.count("/expire") == 3


def test_the_old_list_of_ways_to_pay_is_an_error(server: StripeServer) -> None:
    # As of API 2026-09-30, and easily overlooked: most of what is written about Stripe has it.
    client = library.StripeClient("sk_test_loopback", base_addresses={"api": server.url})

    with pytest.raises(library.InvalidRequestError, match="payment_method_types"):
        client.raw_request("post", "/v1/checkout/sessions", **{"payment_method_types[0]": "card"})


def test_it_delivers_to_an_address_as_well(server: StripeServer) -> None:
    heard: list[tuple[str, bytes]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((self.headers["Stripe-Signature"], body))
            self.send_response(200 if len(heard) > 1 else 400)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    event = server.happen("a", {})
    with HTTPServer(("127.0.0.1", 0), Hook) as door:
        thread = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            url = f"http://127.0.0.1:{door.server_address[1]}/"
            assert server.deliver(url) == [400]
            assert server.deliver(url) == [200]
        finally:
            door.shutdown()
            thread.join(5)

    assert heard == [(server.signed(event.body), event.body)] * 2
