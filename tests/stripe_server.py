"""Stripe on loopback: sessions, keys, intents, refunds and disputes by its documented rules.

The real library talks to it over HTTP. It shares no code with our adapter nor with Stripe's
library, and signs its events by hand. What a person does on Stripe's pages or a coach in Stripe's
dashboard are methods here (`pay`, `refund_in_dashboard` …), and so is every trouble that a network
or Stripe can make (`trouble`, `gate`). Events wait in `waiting`, a plain list that a test may
reorder, double or thin out before it calls `deliver`.

Rules: https://docs.stripe.com/api/checkout/sessions, https://docs.stripe.com/api/refunds,
https://docs.stripe.com/api/idempotent_requests, https://docs.stripe.com/api/errors,
https://docs.stripe.com/api/pagination, https://docs.stripe.com/webhooks.
"""

import copy
import hmac
import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe
from flask import Flask

from practice.ports import Clock

Data = dict[str, Any]
Door = Flask | str | Callable[[bytes, str], int]
"""Who hears events: the app itself, the address of a hook, or whatever takes body and signature."""

KEY = "sk_test_loopback"
SECRET = "whsec_loopback"
_DAY = 86_400
_SESSION_FIELDS = {
    "adaptive_pricing", "allowed_payment_method_types", "cancel_url", "client_reference_id",
    "customer_email", "expand", "expires_at", "line_items", "locale", "metadata", "mode",
    "payment_intent_data", "submit_type", "success_url",
}  # fmt: skip


class Trouble(StrEnum):
    """What can happen to a request.

    drop    the line breaks before anything is done
    lose    it is done, and the line breaks before the answer
    silent  nothing is done and nothing said until the caller has given up
    fail    500 before anything began: nothing is kept of it
    crash   500 after it began: that answer is kept for the key
    busy    429
    garble  it is done, and a proxy answers with a page of its own
    """

    DROP = "drop"
    LOSE = "lose"
    SILENT = "silent"
    FAIL = "fail"
    CRASH = "crash"
    BUSY = "busy"
    GARBLE = "garble"


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...]
    key: str

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Event:
    """Something that happened, as it was when it happened."""

    id: str
    kind: str
    body: bytes


_UNDONE = {
    Trouble.FAIL: (500, {"type": "api_error", "message": "Sorry."}),
    Trouble.BUSY: (429, {"type": "invalid_request_error", "code": "rate_limit"}),
}


class Gate:
    """Holds one request up before it is done, until the test opens it."""

    def __init__(self, on: str) -> None:
        self.on = on
        self._reached = threading.Event()
        self._open = threading.Event()

    def wait(self) -> None:
        """Return once a request stands at the gate."""
        assert self._reached.wait(10), f"nobody asked {self.on}"

    def open(self) -> None:
        self._open.set()

    def pass_through(self) -> None:
        self._reached.set()
        self._open.wait(30)


class Ended(Exception):
    """The session's page says that there is nothing to pay here (any more)."""


@dataclass
class _Answer:
    status: int
    data: Data
    is_kept: bool = True
    headers: dict[str, str] = field(default_factory=dict)


class _No(Exception):
    """Stripe's "no"; answers to what was wrong with the request itself are not kept for keys."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str = "",
        param: str = "",
        kind: str = "invalid_request_error",
        is_kept: bool = False,
    ) -> None:
        super().__init__(message)
        told = {"type": kind, "message": message, "code": code, "param": param}
        error = {name: value for name, value in told.items() if value}
        self.answer = _Answer(status, {"error": error}, is_kept)


class StripeServer:
    """One Stripe account, in memory; every method may be called from any thread."""

    def __init__(
        self,
        clock: Clock,
        *,
        key: str = KEY,
        secrets: Sequence[str] = (SECRET,),
        is_live: bool = False,
    ) -> None:
        self.clock = clock
        self.key = key
        self.secrets = tuple(secrets)
        self.is_live = is_live
        self.url = ""
        self.asked: list[Asked] = []
        self.headers: list[dict[str, str]] = []
        self.waiting: list[Event] = []
        self.sessions: dict[str, Data] = {}
        self.intents: dict[str, Data] = {}
        self.charges: dict[str, Data] = {}
        self.refunds: dict[str, Data] = {}
        self.disputes: dict[str, Data] = {}
        self.refund_status = "succeeded"
        self.balance_is_short = False
        self._wishes: dict[str, Data] = {}
        self._kept: dict[str, tuple[int, Asked, _Answer]] = {}
        self._troubles: list[tuple[str, Trouble]] = []
        self._gates: list[Gate] = []
        self._numbers = count(1)
        self._lock = threading.RLock()

    # What a client does on the page of a session.

    def pay(self, session: str, *, amount: int | None = None, currency: str = "") -> str:
        """Pay by card, and return the intent; `amount` and `currency` tamper with what is paid."""
        with self._lock:
            found = self._payable(session)
            if amount is not None:
                found["amount_total"] = found["amount_subtotal"] = amount
            found["currency"] = currency or found["currency"]
            intent = self._make_intent(found, "succeeded")
            self._charge(intent)
            self._complete(found, intent, "paid")
            return str(intent["id"])

    def pay_later(self, session: str) -> str:
        """Pay by a way that takes days, and return the intent."""
        with self._lock:
            found = self._payable(session)
            intent = self._make_intent(found, "processing")
            self._complete(found, intent, "unpaid")
            return str(intent["id"])

    def succeed_later(self, session: str) -> None:
        """Days later, the bank says yes."""
        with self._lock:
            found, intent = self._processing(session)
            intent["status"] = "succeeded"
            self._charge(intent)
            found["payment_status"] = "paid"
            self.happen("checkout.session.async_payment_succeeded", found)

    def fail_later(self, session: str) -> None:
        """Days later, the bank says no."""
        with self._lock:
            found, intent = self._processing(session)
            intent["status"] = "requires_payment_method"
            self.happen("checkout.session.async_payment_failed", found)

    def expire_due(self, now: datetime | None = None) -> None:
        """End the sessions whose time is over; every request does so by the clock as well."""
        stamp = int((now or self.clock.now()).timestamp())
        with self._lock:
            for session in self.sessions.values():
                if session["status"] == "open" and session["expires_at"] <= stamp:
                    self._end(session)

    # What a coach does in the dashboard, and banks do.

    def refund_in_dashboard(self, intent: str, amount: int | None = None) -> str:
        """Give money back by hand, all that is left unless told, and return the refund."""
        with self._lock:
            return str(self._refund(intent, amount, {})["id"])

    def settle_refund(self, refund: str) -> None:
        """A pending refund has arrived."""
        with self._lock:
            self.refunds[refund]["status"] = "succeeded"
            self.happen("refund.updated", self.refunds[refund])

    def fail_refund(self, refund: str) -> None:
        """The bank sends a refund back, days later."""
        with self._lock:
            found = self.refunds[refund]
            found.update(status="failed", failure_reason="expired_or_canceled_card")
            self._count_refunded(self.charges[found["charge"]])
            self.happen("refund.updated", found)
            self.happen("charge.refund.updated", found)
            self.happen("refund.failed", found)

    def dispute(self, intent: str, status: str = "needs_response") -> str:
        """The cardholder disputes a charge, or the dispute moves on ("won", "lost")."""
        with self._lock:
            charge = self._charge_of(intent)
            dispute = next((d for d in self.disputes.values() if d["charge"] == charge["id"]), None)
            kind = "closed" if status in {"won", "lost"} else "updated"
            if dispute is None:
                kind = "created"
                dispute = self._new(
                    "dispute", "du", self.disputes, amount=charge["amount"],
                    charge=charge["id"], currency=charge["currency"], payment_intent=intent,
                    reason="fraudulent",
                )  # fmt: skip
            dispute["status"] = status
            charge["disputed"] = status != "won"
            self.happen(f"charge.dispute.{kind}", dispute)
            return str(dispute["id"])

    # Events.

    def happen(self, kind: str, about: Mapping[str, Any]) -> Event:
        """Write an event down as of now, to be delivered; also for kinds and things of others."""
        with self._lock:
            name = self._name("evt")
            data = {
                "id": name,
                "object": "event",
                "api_version": "2026-10-28.endive",
                "created": self._now(),
                "data": {"object": about},
                "livemode": about.get("livemode", self.is_live),
                "pending_webhooks": 1,
                "request": {"id": None, "idempotency_key": None},
                "type": kind,
            }
            event = Event(name, kind, json.dumps(data, indent=2).encode())
            self.waiting.append(event)
            return event

    def signed(
        self, body: bytes, *, at: int | None = None, secrets: Sequence[str] | None = None
    ) -> str:
        """Return the signature of a body, stamped `at` seconds since 1970, by each secret."""
        stamp = self._now() if at is None else at
        told = f"{stamp}.".encode() + body
        marks = [
            hmac.new(secret.encode(), told, sha256).hexdigest()
            for secret in (self.secrets if secrets is None else secrets)
        ]
        return ",".join([f"t={stamp}", *(f"v1={mark}" for mark in marks)])

    def deliver(self, door: Door, *, kinds: Sequence[str] = (), times: int = 1) -> list[int]:
        """Send what waits, in its order and each so many times; what is not taken waits on.

        `kinds` picks some. Returns the status of every answer.
        """
        with self._lock:
            chosen = [event for event in self.waiting if not kinds or event.kind in kinds]
        statuses = []
        for event in chosen:
            told = [_knock(door, event.body, self.signed(event.body)) for _ in range(times)]
            statuses += told
            if any(200 <= status < 300 for status in told):
                with self._lock:
                    self.waiting = [one for one in self.waiting if one.id != event.id]
        return statuses

    def lose(self, *kinds: str) -> int:
        """Never deliver what waits, or only what is of these kinds; returns how many."""
        with self._lock:
            before = len(self.waiting)
            self.waiting = [one for one in self.waiting if kinds and one.kind not in kinds]
            return before - len(self.waiting)

    # Troubles.

    def trouble(self, trouble: Trouble, *, on: str = "", times: int = 1) -> None:
        """Let it happen to the next requests whose line ("POST /v1/refunds") has `on` in it."""
        with self._lock:
            self._troubles += [(on, trouble)] * times

    def calm(self) -> None:
        """Forget the troubles that have not come to pass."""
        with self._lock:
            self._troubles.clear()

    @contextmanager
    def gate(self, on: str) -> Iterator[Gate]:
        """Hold up the next request whose line has `on` in it, at most until the block is over."""
        gate = Gate(on)
        with self._lock:
            self._gates.append(gate)
        try:
            yield gate
        finally:
            gate.open()

    def count(self, on: str) -> int:
        """Tell how many requests came whose line has `on` in it."""
        with self._lock:
            return sum(on in asked.line for asked in self.asked)

    # Requests.

    def come_in(self, asked: Asked) -> tuple[Trouble | None, Gate | None]:
        """Note a request and return what is to happen to it."""
        with self._lock:
            self.asked.append(asked)
            gate = next((one for one in self._gates if one.on in asked.line), None)
            if gate is not None:
                self._gates.remove(gate)
            found = next((one for one in self._troubles if one[0] in asked.line), None)
            if found is None:
                return None, gate
            self._troubles.remove(found)
            return found[1], gate

    def answer(self, asked: Asked, authorization: str, *, crash: bool = False) -> _Answer:
        """Do what is asked, once for a key; `crash` fails in the middle of it."""
        with self._lock:
            if authorization != f"Bearer {self.key}":
                return _No("Invalid API Key provided: sk_test_****", status=401).answer
            self.expire_due()
            if asked.method == "POST" and asked.key:
                return self._once(asked, crash=crash)
            return self._did(asked, crash=crash)

    def _once(self, asked: Asked, *, crash: bool) -> _Answer:
        if len(asked.key) > 255:
            return _No("Idempotency keys can be up to 255 characters long.").answer
        kept_at, first, answer = self._kept.get(asked.key, (0, asked, None))
        if answer is None or self._now() - kept_at >= _DAY:
            made = self._did(asked, crash=crash)
            if made.is_kept:
                self._kept[asked.key] = (self._now(), asked, made)
            return made
        if first != asked:
            message = "Keys for idempotent requests can only be used with the same parameters."
            return _No(message, kind="idempotency_error").answer
        headers = {"Idempotent-Replayed": "true"}
        if answer.status >= 500:
            headers["Stripe-Should-Retry"] = "false"
        return _Answer(answer.status, answer.data, headers=headers)

    def _did(self, asked: Asked, *, crash: bool) -> _Answer:
        if crash:
            return _Answer(500, {"error": {"type": "api_error", "message": "Sorry."}})
        do = self._write if asked.method == "POST" else self._read
        try:
            # A copy, for what is kept for a key must stay as it is now.
            return _Answer(200, copy.deepcopy(do(asked, _nested(asked.params))))
        except _No as no:
            return no.answer

    def _write(self, asked: Asked, params: Data) -> Data:
        match asked.path.split("/")[2:]:
            case ["checkout", "sessions"]:
                return self._create_session(params)
            case ["checkout", "sessions", name, "expire"]:
                return self._expire(name)
            case ["refunds"]:
                return self._ask_refund(params)
        raise _No(f"Unrecognized request URL ({asked.line}).", status=404)

    def _read(self, asked: Asked, params: Data) -> Data:
        match asked.path.split("/")[2:]:
            case ["checkout", "sessions"]:
                return _page(asked.path, self.sessions, params)
            case ["checkout", "sessions", name]:
                return self._expanded(_one(self.sessions, name, "checkout.session"), params)
            case ["payment_intents", name]:
                return _one(self.intents, name, "payment_intent")
            case ["refunds"]:
                return _page(asked.path, self.refunds, params)
            case ["refunds", name]:
                return _one(self.refunds, name, "refund")
        raise _No(f"Unrecognized request URL ({asked.line}).", status=404)

    def _create_session(self, params: Data) -> Data:
        _check_session(params, self._now())
        item = params["line_items"]["0"]
        amount = int(item["price_data"]["unit_amount"]) * int(item["quantity"])
        if amount < 50:
            raise _No("The total must add up to at least 0.50.", code="amount_too_small")
        adapts = params.get("adaptive_pricing", {}).get("enabled") != "false"
        ways = params.get("allowed_payment_method_types", {"0": "card"})
        session = self._new(
            "checkout.session", f"cs_{'live' if self.is_live else 'test'}", self.sessions,
            adaptive_pricing={"enabled": adapts},
            amount_subtotal=amount,
            amount_total=amount,
            cancel_url=params.get("cancel_url"),
            client_reference_id=params.get("client_reference_id"),
            currency=item["price_data"]["currency"].lower(),
            customer_email=params.get("customer_email"),
            expires_at=int(params.get("expires_at", self._now() + _DAY)),
            metadata=params.get("metadata", {}),
            mode=params["mode"],
            payment_intent=None,
            payment_method_types=list(ways.values()),
            payment_status="unpaid",
            status="open",
            success_url=params["success_url"],
        )  # fmt: skip
        session["url"] = f"{self.url}/c/pay/{session['id']}"
        # Not part of Stripe's object: what the intent will be made from.
        self._wishes[session["id"]] = params.get("payment_intent_data", {})
        return session

    def _expire(self, name: str) -> Data:
        session = _one(self.sessions, name, "checkout.session")
        if session["status"] != "open":
            raise _No(
                'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
                f"Session has a status of `{session['status']}`.",
                is_kept=True,
            )
        self._end(session)
        return session

    def _ask_refund(self, params: Data) -> Data:
        intent = params.get("payment_intent")
        if not intent:
            raise _No("One of: charge, payment_intent is needed.", code="parameter_missing")
        amount = params.get("amount")
        if amount is not None and not re.fullmatch(r"[1-9]\d*", amount):
            raise _No("Invalid positive integer", param="amount", code="parameter_invalid_integer")
        wanted = int(amount) if amount is not None else None
        return self._refund(intent, wanted, params.get("metadata", {}))

    def _refund(self, intent: str, amount: int | None, metadata: Data) -> Data:
        charge = self._charge_of(intent)
        left = charge["amount"] - charge["amount_refunded"]
        if charge["disputed"]:
            raise _No("It has been charged back.", code="charge_disputed", is_kept=True)
        if left == 0:
            message = f"Charge {charge['id']} has already been refunded."
            raise _No(message, code="charge_already_refunded", is_kept=True)
        if amount is not None and amount > left:
            message = f"Refund amount ({amount}) is greater than unrefunded amount ({left})"
            raise _No(message, code="amount_too_large", param="amount", is_kept=True)
        if self.balance_is_short:
            message = "You have insufficient funds in your Stripe account."
            raise _No(message, code="balance_insufficient", is_kept=True)
        refund = self._new(
            "refund", "re", self.refunds, amount=left if amount is None else amount,
            charge=charge["id"], currency=charge["currency"], metadata=metadata,
            payment_intent=intent, reason=None, status=self.refund_status,
        )  # fmt: skip
        self._count_refunded(charge)
        self.happen("refund.created", refund)
        self.happen("charge.refunded", charge)
        return refund

    def _expanded(self, session: Data, params: Data) -> Data:
        if "payment_intent" not in params.get("expand", {}).values():
            return session
        return session | {"payment_intent": self.intents.get(session["payment_intent"])}

    # Small steps.

    def _payable(self, session: str) -> Data:
        self.expire_due()
        found = self.sessions[session]
        if found["status"] != "open":
            raise Ended(found["status"])
        return found

    def _processing(self, session: str) -> tuple[Data, Data]:
        found = self.sessions[session]
        intent = self.intents[found["payment_intent"]]
        assert intent["status"] == "processing", intent["status"]
        return found, intent

    def _make_intent(self, session: Data, status: str) -> Data:
        wishes = self._wishes[session["id"]]
        return self._new(
            "payment_intent", "pi", self.intents, amount=session["amount_total"],
            currency=session["currency"], latest_charge=None, status=status,
            metadata=wishes.get("metadata", {}), receipt_email=wishes.get("receipt_email"),
            statement_descriptor_suffix=wishes.get("statement_descriptor_suffix"),
        )  # fmt: skip

    def _charge(self, intent: Data) -> None:
        charge = self._new(
            "charge", "ch", self.charges, amount=intent["amount"], amount_refunded=0,
            currency=intent["currency"], disputed=False, metadata=intent["metadata"],
            paid=True, payment_intent=intent["id"], refunded=False, status="succeeded",
        )  # fmt: skip
        intent["latest_charge"] = charge["id"]

    def _complete(self, session: Data, intent: Data, payment_status: str) -> None:
        session.update(
            status="complete", payment_status=payment_status, payment_intent=intent["id"], url=None
        )
        self.happen("checkout.session.completed", session)

    def _end(self, session: Data) -> None:
        session.update(status="expired", url=None)
        self.happen("checkout.session.expired", session)

    def _charge_of(self, intent: str) -> Data:
        found = _one(self.intents, intent, "payment_intent", param="payment_intent")
        if found["latest_charge"] is None:
            message = "This PaymentIntent does not have a successful charge to refund."
            raise _No(message, code="payment_intent_unexpected_state", is_kept=True)
        return self.charges[found["latest_charge"]]

    def _count_refunded(self, charge: Data) -> None:
        charge["amount_refunded"] = sum(
            refund["amount"]
            for refund in self.refunds.values()
            if refund["charge"] == charge["id"] and refund["status"] not in {"failed", "canceled"}
        )
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]

    def _new(self, kind: str, prefix: str, shelf: dict[str, Data], **fields: Any) -> Data:
        name = self._name(prefix)
        made = {"id": name, "object": kind, "created": self._now(), "livemode": self.is_live}
        shelf[name] = made | fields
        return shelf[name]

    def _name(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):08d}"

    def _now(self) -> int:
        return int(self.clock.now().timestamp())


@contextmanager
def serving(clock: Clock, **options: Any) -> Iterator[StripeServer]:
    """A running Stripe; `options` are those of StripeServer, and its address is `.url`."""
    server = StripeServer(clock, **options)
    stripe.HTTPClient.INITIAL_DELAY = 0.0  # the library would sleep before it tries again

    class Handler(_Handler):
        stripe = server

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as door:
        door.daemon_threads = True
        server.url = f"http://127.0.0.1:{door.server_address[1]}"
        thread = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            door.shutdown()
            thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    stripe: StripeServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._serve(Asked("GET", parts.path, tuple(parse_qsl(parts.query)), ""))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        pairs = tuple(sorted(parse_qsl(body, keep_blank_values=True)))
        key = self.headers.get("Idempotency-Key", "")
        self._serve(Asked("POST", urlsplit(self.path).path, pairs, key))

    def log_message(self, *args: Any) -> None:
        """Say nothing on the screen."""

    def _serve(self, asked: Asked) -> None:
        self.stripe.headers.append(dict(self.headers))
        trouble, gate = self.stripe.come_in(asked)
        if gate is not None:
            gate.pass_through()
        if trouble is Trouble.SILENT:
            self.connection.recv(1)  # comes back when the caller hangs up
        if trouble in {Trouble.SILENT, Trouble.DROP}:
            return
        if trouble in _UNDONE:
            status, error = _UNDONE[trouble]
            self._say(status, json.dumps({"error": error}).encode())
            return
        authorization = self.headers.get("Authorization", "")
        answer = self.stripe.answer(asked, authorization, crash=trouble is Trouble.CRASH)
        if trouble is Trouble.GARBLE:
            self._say(200, b"<html>Welcome to the hotel</html>")
        elif trouble is not Trouble.LOSE:
            self._say(answer.status, json.dumps(answer.data).encode(), answer.headers)

    def _say(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Request-Id", "req_loopback")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _knock(door: Door, body: bytes, signature: str) -> int:
    headers = {
        "Stripe-Signature": signature,
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }
    if isinstance(door, Flask):
        base = door.extensions["practice"].base_url
        return door.test_client().post(
            "/hooks/stripe", data=body, headers=headers, base_url=base
        ).status_code  # fmt: skip
    if isinstance(door, str):
        request = urllib.request.Request(door, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
    return door(body, signature)


def _nested(pairs: Sequence[tuple[str, str]]) -> Data:
    """Read "a[b][0]=c" as {"a": {"b": {"0": "c"}}}."""
    found: Data = {}
    for name, value in pairs:
        *way, last = re.findall(r"[^\[\]]+", name)
        place = found
        for step in way:
            place = place.setdefault(step, {})
        place[last] = value
    return found


def _one(shelf: Mapping[str, Data], name: str, kind: str, *, param: str = "id") -> Data:
    if name not in shelf:
        message = f"No such {kind}: '{name}'"
        raise _No(message, status=404, code="resource_missing", param=param)
    return shelf[name]


def _page(path: str, shelf: Mapping[str, Data], params: Data) -> Data:
    """List newest first, by what was asked for, from one on."""
    limit = int(params.get("limit", "10"))
    if not 1 <= limit <= 100:
        raise _No("limit is between 1 and 100", param="limit", code="parameter_invalid_integer")
    rows = list(reversed(list(shelf.values())))
    created = params.get("created", {})
    if "gte" in created:
        rows = [row for row in rows if row["created"] >= int(created["gte"])]
    if "payment_intent" in params:
        rows = [row for row in rows if row["payment_intent"] == params["payment_intent"]]
    if "starting_after" in params:
        names = [row["id"] for row in rows]
        rows = rows[names.index(params["starting_after"]) + 1 :]
    return {"object": "list", "url": path, "has_more": len(rows) > limit, "data": rows[:limit]}


def _check_session(params: Data, now: int) -> None:
    for name in params.keys() - _SESSION_FIELDS:
        raise _No(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)
    for name in ("mode", "line_items", "success_url"):
        if name not in params:
            raise _No(f"Missing required param: {name}.", code="parameter_missing", param=name)
    _check_price(params["line_items"]["0"]["price_data"])
    expires_at = int(params.get("expires_at", now + _DAY))
    if not now + 30 * 60 <= expires_at <= now + _DAY:
        raise _No("It must be between 30 minutes and 24 hours from now.", param="expires_at")
    email = params.get("customer_email")
    if email is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        raise _No(f"Invalid email address: {email}", code="email_invalid", param="customer_email")
    _check_texts(params)


def _check_price(price: Data) -> None:
    if not re.fullmatch(r"\d{1,8}", price["unit_amount"]):
        raise _No("Invalid integer", param="unit_amount", code="parameter_invalid_integer")
    if not re.fullmatch(r"[a-z]{3}", price["currency"]):
        raise _No("Invalid currency", param="currency")
    if not price["product_data"]["name"].strip():
        raise _No("You passed an empty string", param="name", code="parameter_invalid_empty")


def _check_texts(params: Data) -> None:
    if len(params.get("client_reference_id", "")) > 200:
        raise _No("Too long", param="client_reference_id")
    wishes = params.get("payment_intent_data", {})
    for metadata in (params.get("metadata", {}), wishes.get("metadata", {})):
        long = any(len(name) > 40 or len(value) > 500 for name, value in metadata.items())
        if long or len(metadata) > 50:
            raise _No("Metadata is limited.", param="metadata")
    suffix = wishes.get("statement_descriptor_suffix", "X")
    if len(suffix) > 22 or not re.search("[A-Za-z]", suffix) or re.search(r"[<>\\'\"*]", suffix):
        raise _No("Invalid statement descriptor", param="statement_descriptor_suffix")
    for name in ("success_url", "cancel_url"):
        if not params.get(name, "https://").startswith(("https://", "http://")):
            raise _No("Not a valid URL", code="url_invalid", param=name)
