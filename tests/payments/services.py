"""Two payment services behind one face, for a machine that drives either: Stripe, and the fake."""

import json
from dataclasses import dataclass
from typing import Protocol

from practice.adapters.stripe import StripePayments
from practice.domain.money import Money
from practice.ports import Payments, PaymentsAway
from tests.fakes import FakePayments, FrozenClock, Lost
from tests.stripe_server import KEY, SECRET, StripeServer


@dataclass(frozen=True)
class Told:
    """A notice: what it is about (session, refunds, dispute or nothing) and the name of that."""

    id: str
    about: str
    name: str
    status: str
    body: bytes


class Service(Protocol):
    """A payment service, from the side of people, banks and the coach's dashboard."""

    payments: Payments
    is_quick: bool  # whether troubles cost no time, and disputes keep nothing from going back

    def pay(self, session: str, minor: int) -> str: ...
    def pay_later(self, session: str) -> str: ...
    def succeed_later(self, session: str) -> None: ...
    def fail_later(self, session: str) -> None: ...
    def refund_by_hand(self, intent: str, minor: int) -> str: ...
    def fail_refund(self, refund: str) -> None: ...
    def dispute(self, intent: str, status: str) -> None: ...
    def expire_due(self) -> None: ...
    def trouble(self, kind: str) -> None: ...
    def sign(self, told: Told) -> str: ...
    def take_waiting(self) -> list[Told]: ...
    def session_of(self, reference: str) -> str: ...
    def truth(self, session: str) -> str: ...
    def taken(self, session: str) -> int: ...
    def given(self, intent: str) -> dict[str, tuple[int, bool]]: ...
    def names(self) -> list[str]: ...


class Fake:
    """The fake."""

    is_quick = True

    def __init__(self, clock: FrozenClock) -> None:
        self.payments: Payments
        self.payments = self._fake = FakePayments(clock)

    def pay(self, session: str, minor: int) -> str:
        return self._fake.pay(session, price=Money(minor, "EUR"))

    def pay_later(self, session: str) -> str:
        return self._fake.pay_later(session)

    def succeed_later(self, session: str) -> None:
        self._fake.succeed_later(session)

    def fail_later(self, session: str) -> None:
        self._fake.fail_later(session)

    def refund_by_hand(self, intent: str, minor: int) -> str:
        return self._fake.refund_in_dashboard(intent, Money(minor, "EUR"))

    def fail_refund(self, refund: str) -> None:
        self._fake.fail_refund(refund)

    def dispute(self, intent: str, status: str) -> None:
        self._fake.dispute(intent, status)

    def expire_due(self) -> None:
        self._fake.expire_due()

    def trouble(self, kind: str) -> None:
        away = PaymentsAway("The line broke.")
        self._fake.troubles = [Lost(away) if kind == "lost" else away] if kind else []

    def sign(self, told: Told) -> str:
        return self._fake.sign(told.body)

    def take_waiting(self) -> list[Told]:
        bodies, self._fake.waiting = self._fake.waiting, []
        return [self._read(body) for body in bodies]

    def _read(self, body: bytes) -> Told:
        data = json.loads(body)
        if data["seen"]:
            return Told(data["id"], "session", data["seen"]["session"], "", body)
        if data.get("refunded"):
            return Told(data["id"], "refunds", data["refunded"], "", body)
        return Told(data["id"], "dispute", data["disputed"], data["dispute"], body)

    def session_of(self, reference: str) -> str:
        sessions = self._fake.sessions.values()
        found = [seen.session for seen in sessions if seen.reference == reference]
        assert len(found) <= 1, "one payment, one session"
        return found[0] if found else ""

    def truth(self, session: str) -> str:
        seen = self._fake.sessions[session]
        if seen.has_failed:
            return "failed"
        return _truth(seen.status, is_paid=seen.is_paid)

    def taken(self, session: str) -> int:
        seen = self._fake.sessions[session]
        return seen.price.minor if seen.is_paid else 0

    def given(self, intent: str) -> dict[str, tuple[int, bool]]:
        return {
            seen.refund: (seen.money.minor, not seen.has_failed)
            for seen in self._fake.given_back.values()
            if seen.intent == intent
        }

    def names(self) -> list[str]:
        return list(self._fake.given_back)


class Loopback:
    """Stripe's own library, and a Stripe that it talks to over HTTP."""

    is_quick = False

    def __init__(self, server: StripeServer) -> None:
        self._server = server
        self.payments: Payments
        self.payments = StripePayments(KEY, [SECRET], api_base=server.url)

    def pay(self, session: str, minor: int) -> str:
        return self._server.pay(session, amount=minor)

    def pay_later(self, session: str) -> str:
        return self._server.pay_later(session)

    def succeed_later(self, session: str) -> None:
        self._server.succeed_later(session)

    def fail_later(self, session: str) -> None:
        self._server.fail_later(session)

    def refund_by_hand(self, intent: str, minor: int) -> str:
        return self._server.refund_in_dashboard(intent, minor)

    def fail_refund(self, refund: str) -> None:
        self._server.fail_refund(refund)

    def dispute(self, intent: str, status: str) -> None:
        self._server.dispute(intent, status)

    def expire_due(self) -> None:
        self._server.expire_due()

    def trouble(self, kind: str) -> None:
        assert not kind, "Stripe's library tries again by itself, and waits between"

    def sign(self, told: Told) -> str:
        return self._server.signed(told.body)

    def take_waiting(self) -> list[Told]:
        events = list(self._server.waiting)
        self._server.lose()
        return [self._read(event.body) for event in events]

    def _read(self, body: bytes) -> Told:
        data = json.loads(body)
        thing = data["data"]["object"]
        match thing["object"]:
            case "checkout.session":
                return Told(data["id"], "session", thing["id"], "", body)
            case "dispute":
                intent, status = thing["payment_intent"], thing["status"]
                return Told(data["id"], "dispute", intent, status, body)
        return Told(data["id"], "refunds", thing["payment_intent"], "", body)

    def session_of(self, reference: str) -> str:
        sessions = self._server.sessions.items()
        found = [name for name, one in sessions if one["client_reference_id"] == reference]
        assert len(found) <= 1, "one payment, one session"
        return found[0] if found else ""

    def truth(self, session: str) -> str:
        one = self._server.sessions[session]
        intent = self._server.intents.get(one["payment_intent"])
        if intent is not None and intent["status"] == "requires_payment_method":
            return "failed"
        return _truth(one["status"], is_paid=one["payment_status"] == "paid")

    def taken(self, session: str) -> int:
        intent = self._server.sessions[session]["payment_intent"]
        charges = self._server.charges.values()
        return sum(one["amount"] for one in charges if one["payment_intent"] == intent)

    def given(self, intent: str) -> dict[str, tuple[int, bool]]:
        return {
            name: (one["amount"], one["status"] not in {"failed", "canceled"})
            for name, one in self._server.refunds.items()
            if one["payment_intent"] == intent
        }

    def names(self) -> list[str]:
        return list(self._server.refunds)


def _truth(status: str, *, is_paid: bool) -> str:
    if is_paid:
        return "paid"
    return {"open": "open", "complete": "processing", "expired": "ended"}[status]
