"""Stand-ins behind the ports, for what a test must steer: the time, the post, the vault."""

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256

from practice.adapters.invites import IcalInvites
from practice.adapters.letter_renderer import JinjaLetters
from practice.domain.money import Money
from practice.domain.payment import Checkout, PaymentNotice, RefundSeen, Seen
from practice.domain.refusal import Unreadable
from practice.ports import (
    Clock,
    Mailer,
    MainVault,
    NotGenuine,
    Payments,
    PaymentsRefuse,
    Post,
    Tools,
)

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)


class FrozenClock:
    """Stands still until it is told to move."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **delta: float) -> datetime:
        """Go on by a timedelta's keywords: `clock.advance(hours=2)`."""
        self.at += timedelta(**delta)
        return self.at


@dataclass
class Postbox:
    """Takes letters in; `troubles` are raised first, one a letter; None means that it goes well."""

    posts: list[Post] = field(default_factory=list)
    troubles: list[Exception | None] = field(default_factory=list)

    def send(self, post: Post) -> None:
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is not None:
            raise trouble
        self.posts.append(post)

    @property
    def subjects(self) -> list[str]:
        return [post.subject for post in self.posts]

    def to(self, address: str) -> list[Post]:
        return [post for post in self.posts if post.to_address == address]


def opened(post: Post) -> EmailMessage:
    """The message as a mail program reads it."""
    message = message_from_bytes(post.raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body(post: Post, kind: str = "plain") -> str:
    """The words of a letter, "plain" or "html", with LF."""
    part = opened(post).get_body((kind,))
    assert part is not None, f"the letter has no {kind} body"
    return str(part.get_content()).replace("\r\n", "\n")


class OpenVault:
    """Hides nothing, but holds text to its place as the real one does."""

    key_id = "open"

    def seal(self, text: str, *, place: str) -> bytes:
        return base64.b64encode(f"{place}\n{text}".encode())

    def open(self, sealed: bytes, *, place: str) -> str:
        where, _, text = base64.b64decode(sealed).decode().partition("\n")
        if where != place:
            raise Unreadable
        return text

    def stamp(self, data: bytes, *, place: str) -> bytes:
        return sha256(place.encode() + data).digest()


@dataclass
class Lost:
    """A trouble that comes after the thing is done: the answer never arrives."""

    error: Exception


class FakePayments:
    """A payment service in memory, by the rules of the real ones; it tells the time by `clock`.

    `troubles` come first, one a call that asks: an error is raised before anything is done, one
    that is Lost afterwards; None means that it goes well. What people and banks do are methods;
    each tells of itself by a notice that waits, body by body, in `waiting`.
    """

    service = "fake"

    def __init__(self, clock: Clock, *, is_live: bool = False) -> None:
        self.is_live = is_live
        self.troubles: list[Exception | Lost | None] = []
        self.calls: list[str] = []
        self.waiting: list[bytes] = []
        self.checkouts: dict[str, Checkout] = {}
        self.sessions: dict[str, Seen] = {}
        self.given_back: dict[str, RefundSeen] = {}
        self.refund_status = "succeeded"
        self._clock = clock
        self._made: dict[str, datetime] = {}
        self._keys: dict[str, tuple[object, str]] = {}
        self._notices = 0
        self._lock = threading.RLock()

    # The port.

    def open(self, checkout: Checkout) -> Seen:
        with self._asked("open"):
            known = self._known(checkout.key, checkout)
            if known is None:
                ahead = checkout.expires_at - self._clock.now()
                if not timedelta(minutes=30) <= ahead <= timedelta(hours=24):
                    raise PaymentsRefuse("A session lives 30 minutes to 24 hours.")
                known = f"fs_{len(self.sessions) + 1}"
                self._keys[checkout.key] = (checkout, known)
                self._made[known] = self._clock.now()
                self.checkouts[known] = checkout
                self.sessions[known] = Seen(
                    session=known,
                    status="open",
                    is_paid=False,
                    price=checkout.price,
                    is_live=self.is_live,
                    reference=checkout.reference,
                    instance=checkout.instance,
                    href=f"https://pay.example/{known}",
                )
            return self._session(known)

    def look(self, session: str) -> Seen:
        with self._asked("look"):
            return self._session(session)

    def find(self, reference: str, *, since: datetime) -> Seen | None:
        with self._asked("find"):
            self.expire_due()
            found = [
                seen
                for name, seen in self.sessions.items()
                if seen.reference == reference and self._made[name] >= since
            ]
        return max(found, key=lambda seen: seen.is_paid, default=None)

    def expire(self, session: str) -> Seen:
        with self._asked("expire"):
            if self._session(session).status == "open":
                self._tell_of(session, "expired", status="expired", href="")
            return self.sessions[session]

    def refund(self, intent: str, money: Money, *, reference: str, key: str) -> RefundSeen:
        with self._asked("refund"):
            asked = (intent, money, reference)
            known = self._known(key, asked)
            if known is None:
                known = self._refund(intent, money, reference)
                self._keys[key] = (asked, known)
            return self.given_back[known]

    def refunds(self, intent: str) -> tuple[RefundSeen, ...]:
        with self._asked("refunds"):
            return tuple(seen for seen in self.given_back.values() if seen.intent == intent)

    def heard(self, body: bytes, signature: str, *, now: datetime) -> PaymentNotice:
        stamp, _, proof = signature.partition(".")
        try:
            right = hmac.compare_digest(_proof(stamp, body).encode(), proof.encode())
            if not right or abs(int(now.timestamp()) - int(stamp)) > 300:
                raise NotGenuine("Nobody signed this now.")
            told = json.loads(body)
            seen = told.pop("seen")
            if seen is not None:
                seen = Seen(**(seen | {"price": Money(**seen["price"])}))
            return PaymentNotice(seen=seen, **told)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise NotGenuine("This cannot be read.") from None

    # What people and banks do.

    def pay(self, session: str, *, price: Money | None = None) -> str:
        """Pay by card, and return the intent; `price` tampers with the amount."""
        assert self._session(session).status == "open", "there is nothing to pay here"
        paid = price or self.sessions[session].price
        return self._complete(session, is_paid=True, price=paid)

    def pay_later(self, session: str) -> str:
        """Pay by a way that takes days, and return the intent."""
        assert self._session(session).status == "open", "there is nothing to pay here"
        return self._complete(session, is_paid=False, price=self.sessions[session].price)

    def succeed_later(self, session: str) -> None:
        """Days later, the bank says yes."""
        self._tell_of(session, "async_payment_succeeded", is_paid=True)

    def fail_later(self, session: str) -> None:
        """Days later, the bank says no."""
        self._tell_of(session, "async_payment_failed", has_failed=True)

    def expire_due(self) -> None:
        """End the sessions whose time is over; every look does so as well."""
        for session, checkout in self.checkouts.items():
            is_over = checkout.expires_at <= self._clock.now()
            if is_over and self.sessions[session].status == "open":
                self._tell_of(session, "expired", status="expired", href="")

    def refund_in_dashboard(self, intent: str, money: Money) -> str:
        """Somebody gives money back by hand; returns the refund."""
        return self._refund(intent, money, "")

    def fail_refund(self, refund: str) -> None:
        """The bank sends a refund back."""
        self.given_back[refund] = replace(self.given_back[refund], status="failed")
        self.tell("refund.failed", refunded=self.given_back[refund].intent)

    def dispute(self, intent: str, status: str = "needs_response") -> None:
        """The cardholder disputes a payment, or the dispute moves on."""
        self.tell("charge.dispute.updated", disputed=intent, dispute=status)

    def tell(self, kind: str, **about: object) -> bytes:
        """Write a notice that waits, as of now; also of kinds that nobody knows."""
        self._notices += 1
        told = {"id": f"note_{self._notices}", "kind": kind, "is_live": self.is_live, "seen": None}
        body = json.dumps(told | about).encode()
        self.waiting.append(body)
        return body

    def sign(self, body: bytes, *, at: datetime | None = None) -> str:
        """Return the signature of a body, stamped now or `at` another instant."""
        stamp = str(int((at or self._clock.now()).timestamp()))
        return f"{stamp}.{_proof(stamp, body)}"

    # Small steps.

    @contextmanager
    def _asked(self, what: str) -> Iterator[None]:
        with self._lock:
            self.calls.append(what)
            trouble = self.troubles.pop(0) if self.troubles else None
            if isinstance(trouble, Exception):
                raise trouble
            yield
            if isinstance(trouble, Lost):
                raise trouble.error

    def _known(self, key: str, asked: object) -> str | None:
        before, name = self._keys.get(key, (asked, None))
        if before != asked:
            raise PaymentsRefuse("This key was used for something else.")
        return name

    def _session(self, session: str) -> Seen:
        self.expire_due()
        if session not in self.sessions:
            raise PaymentsRefuse("There is no such session.")
        return self.sessions[session]

    def _complete(self, session: str, *, is_paid: bool, price: Money) -> str:
        intent = f"fi_{session}"
        self._tell_of(
            session,
            "completed",
            status="complete",
            is_paid=is_paid,
            price=price,
            intent=intent,
            href="",
        )
        return intent

    def _tell_of(self, session: str, kind: str, **changes: object) -> None:
        self.sessions[session] = replace(self.sessions[session], **changes)  # type: ignore[arg-type]
        self.tell(f"checkout.session.{kind}", seen=asdict(self.sessions[session]))

    def _refund(self, intent: str, money: Money, reference: str) -> str:
        paid = next((seen for seen in self.sessions.values() if seen.intent == intent), None)
        if paid is None or not paid.is_paid:
            raise PaymentsRefuse("There is no such payment.")
        standing = [
            seen
            for seen in self.given_back.values()
            if seen.intent == intent and not seen.has_failed
        ]
        left = paid.price.minor - sum(seen.money.minor for seen in standing)
        if left == 0:  # it has come to pass already
            mine = [seen.refund for seen in standing if seen.reference == reference]
            return (mine or [standing[-1].refund])[0]
        if money.currency != paid.price.currency or not 0 < money.minor <= left:
            raise PaymentsRefuse("That is more than is left.")
        name = f"fr_{len(self.given_back) + 1}"
        self.given_back[name] = RefundSeen(name, intent, money, self.refund_status, reference)
        self.tell("refund.created", refunded=intent)
        return name


def _proof(stamp: str, body: bytes) -> str:
    return hmac.new(b"a secret of the fake", f"{stamp}.".encode() + body, sha256).hexdigest()


def make_tools(
    *,
    clock: Clock | None = None,
    mailer: Mailer | None = None,
    vault: MainVault | None = None,
    payments: Payments | None = None,
) -> Tools:
    """Tools with a still clock and a postbox; letters and invites are the real ones."""
    invites = IcalInvites()
    return Tools(
        clock=clock or FrozenClock(),
        mailer=mailer or Postbox(),
        letters=JinjaLetters(invites),
        invites=invites,
        vault=vault or OpenVault(),
        base_url="https://practice.example",
        payments=payments,
    )
