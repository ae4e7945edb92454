"""A payment service that moves no money: for a laptop, a demonstration and whole journeys.

It keeps its sessions in a small file of its own, as a real service keeps them elsewhere, and
follows the rules of the real one: a key asks for the same thing once, a session ends by its time,
and no more goes back than came. What a person does on its page are the methods below `heard`.
"""

import hmac
import json
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from practice.domain.money import Money
from practice.domain.payment import Checkout, PaymentNotice, RefundSeen, Seen
from practice.ports import Clock, NotGenuine, PaymentsAway, PaymentsRefuse

FILE = "pretend-payments.db"
"""How the file is called in a house's instance."""
_TOLERANCE = timedelta(seconds=300)
_SHORTEST = timedelta(minutes=30)
_LONGEST = timedelta(hours=24)
_PATIENCE_SECONDS = 10
_SHAPE = (
    "CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS sessions (
        id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, asked TEXT NOT NULL,
        reference TEXT NOT NULL, instance TEXT NOT NULL, minor INTEGER NOT NULL,
        currency TEXT NOT NULL, product TEXT NOT NULL, paid_href TEXT NOT NULL,
        back_href TEXT NOT NULL, made_at TEXT NOT NULL, expires_at TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'open', intent TEXT UNIQUE
    )""",
    """CREATE TABLE IF NOT EXISTS refunds (
        id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, asked TEXT NOT NULL,
        intent TEXT NOT NULL, minor INTEGER NOT NULL, reference TEXT NOT NULL
    )""",
)


@dataclass(frozen=True, slots=True)
class PretendSession:
    """What the pretend page shows: the session, what it is for, and where its ways lead."""

    seen: Seen
    product: str
    paid_href: str
    back_href: str


class PretendPayments:
    """Payments in a file that only its owner reads; any number of processes may share it.

    `base_url` is the house's own address, no last slash: its page stands at /pretend/<session>.
    """

    service = "pretend"
    is_live = False

    def __init__(self, path: Path, clock: Clock, base_url: str) -> None:
        self._path = path
        self._clock = clock
        self._base_url = base_url

    def open(self, checkout: Checkout) -> Seen:
        """Make a session; the same key gives the same one, and refuses another checkout."""
        asked = sha256(repr(checkout).encode()).hexdigest()
        with self._books() as books:
            row = books.execute("SELECT * FROM sessions WHERE key = ?", (checkout.key,)).fetchone()
            if row is None:
                ahead = checkout.expires_at - self._clock.now()
                if not _SHORTEST <= ahead <= _LONGEST or checkout.price.minor <= 0:
                    raise PaymentsRefuse("A session lives 30 minutes to 24 hours and costs money.")
                row = _add_session(books, checkout, asked, self._clock.now())
            elif row["asked"] != asked:
                raise PaymentsRefuse("This key was used for something else.")
            return self._seen(row)

    def look(self, session: str) -> Seen:
        """Return the session as it is now; PaymentsRefuse for one that is not there."""
        with self._books() as books:
            return self._seen(_session(books, session))

    def find(self, reference: str, *, since: datetime) -> Seen | None:
        """Return the newest session of this reference that was made at `since` or later."""
        with self._books() as books:
            row = books.execute(
                "SELECT * FROM sessions WHERE reference = ? AND made_at >= ? "
                "ORDER BY made_at DESC, rowid DESC LIMIT 1",
                (reference, _stamp(since)),
            ).fetchone()
            return self._seen(row) if row else None

    def expire(self, session: str) -> Seen:
        """End the session, if it is open still, and return it as it is then."""
        with self._books() as books:
            books.execute(
                "UPDATE sessions SET status = 'expired' WHERE id = ? AND status = 'open'",
                (session,),
            )
            return self._seen(_session(books, session))

    def refund(self, intent: str, money: Money, *, reference: str, key: str) -> RefundSeen:
        """Give money back, never more than came; the same key gives the same refund."""
        asked = f"{intent} {money.minor} {money.currency} {reference}"
        with self._books() as books:
            paid = books.execute("SELECT * FROM sessions WHERE intent = ?", (intent,)).fetchone()
            row = books.execute("SELECT * FROM refunds WHERE key = ?", (key,)).fetchone()
            if paid is None or (row is not None and row["asked"] != asked):
                raise PaymentsRefuse("There is no such payment, or the key was used already.")
            if row is None:
                gone = books.execute(
                    "SELECT coalesce(sum(minor), 0) FROM refunds WHERE intent = ?", (intent,)
                ).fetchone()[0]
                left = Money(paid["minor"] - gone, paid["currency"])
                if money.currency != left.currency or not 0 < money.minor <= left.minor:
                    raise PaymentsRefuse(f"No more than {left} can go back of this payment.")
                books.execute(
                    "INSERT INTO refunds VALUES (?, ?, ?, ?, ?, ?)",
                    (_name("re"), key, asked, intent, money.minor, reference),
                )
                row = books.execute("SELECT * FROM refunds WHERE key = ?", (key,)).fetchone()
            return _refund_seen(row, paid["currency"])

    def refunds(self, intent: str) -> tuple[RefundSeen, ...]:
        """Return all refunds of an intent, in the order in which they were asked for."""
        with self._books() as books:
            rows = books.execute(
                "SELECT refunds.*, currency FROM refunds JOIN sessions USING (intent) "
                "WHERE intent = ? ORDER BY refunds.rowid",
                (intent,),
            ).fetchall()
            return tuple(_refund_seen(row, row["currency"]) for row in rows)

    def heard(self, body: bytes, signature: str, *, now: datetime) -> PaymentNotice:
        """Return the notice that a signed body is; raises NotGenuine and nothing else."""
        stamp, _, proof = signature.partition(",")
        try:
            key = self._signing_key()
            said_at = datetime.fromtimestamp(int(stamp.removeprefix("t=")), UTC)
            is_ours = hmac.compare_digest(
                _proof(key, stamp, body).encode(), proof.removeprefix("v1=").encode()
            )
            if not is_ours or abs(now - said_at) > _TOLERANCE:
                raise NotGenuine("Nobody signed this notice for us, or its time is another.")
            return _notice(json.loads(body))
        except (PaymentsAway, ValueError, KeyError, TypeError, OverflowError, OSError) as fault:
            raise NotGenuine("This notice cannot be read.") from fault

    def page(self, session: str) -> PretendSession:
        """Return what the page of a session shows; PaymentsRefuse for one that is not there."""
        with self._books() as books:
            row = _session(books, session)
            return PretendSession(
                self._seen(row), row["product"], row["paid_href"], row["back_href"]
            )

    def pay(self, session: str) -> Seen:
        """Pay in an open session, or show again that it was; PaymentsRefuse once it has ended."""
        with self._books() as books:
            seen = self._seen(_session(books, session))
            if seen.status == "expired":
                raise PaymentsRefuse("This session has ended.")
            return self._paid(books, session)

    def fail(self, session: str) -> Seen:
        """Let the card be declined: nothing is paid and the session stays open, as it was."""
        seen = self.look(session)
        if seen.status != "open":
            raise PaymentsRefuse("This session is over.")
        return seen

    def pay_late(self, session: str) -> Seen:
        """Pay in a session that has ended, as no real service lets one: money learnt too late."""
        with self._books() as books:
            return self._paid(books, session)

    def notice(self, session: str) -> tuple[bytes, str]:
        """Write what would be told of a session as it is now: body and signature.

        The same state has the same notice, with the same id.
        """
        seen = self.look(session)
        kind = {"open": "created", "complete": "completed"}.get(seen.status, seen.status)
        told = {
            "id": f"evt_{sha256(f'{session} {seen.status}'.encode()).hexdigest()[:24]}",
            "kind": f"checkout.session.{kind}",
            "session": {
                "session": seen.session,
                "status": seen.status,
                "is_paid": seen.is_paid,
                "minor": seen.price.minor,
                "currency": seen.price.currency,
                "reference": seen.reference,
                "instance": seen.instance,
                "intent": seen.intent,
                "href": seen.href,
            },
        }
        body = json.dumps(told, separators=(",", ":")).encode()
        stamp = f"t={int(self._clock.now().timestamp())}"
        return body, f"{stamp},v1={_proof(self._signing_key(), stamp, body)}"

    def _paid(self, books: sqlite3.Connection, session: str) -> Seen:
        books.execute(
            "UPDATE sessions SET status = 'complete', intent = ? WHERE id = ? AND intent IS NULL",
            (_name("pi"), session),
        )
        return self._seen(_session(books, session))

    def _seen(self, row: sqlite3.Row) -> Seen:
        status = row["status"]
        if status == "open" and _stamp(self._clock.now()) >= row["expires_at"]:
            status = "expired"
        return Seen(
            session=row["id"],
            status=status,
            is_paid=row["intent"] is not None,
            price=Money(row["minor"], row["currency"]),
            is_live=self.is_live,
            reference=row["reference"],
            instance=row["instance"],
            intent=row["intent"] or "",
            href=f"{self._base_url}/pretend/{row['id']}" if status == "open" else "",
        )

    def _signing_key(self) -> bytes:
        with self._books() as books:
            books.execute(
                "INSERT OR IGNORE INTO keys VALUES ('notices', ?)", (secrets.token_hex(32),)
            )
            row = books.execute("SELECT value FROM keys WHERE name = 'notices'").fetchone()
            return bytes.fromhex(row["value"])

    @contextmanager
    def _books(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one act, kept as a whole or not at all; raises PaymentsAway."""
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            with closing(sqlite3.connect(self._path, timeout=_PATIENCE_SECONDS)) as books:
                books.isolation_level = None
                books.row_factory = sqlite3.Row
                books.execute("BEGIN IMMEDIATE")
                for statement in _SHAPE:
                    books.execute(statement)
                yield books
                books.execute("COMMIT")
        except (sqlite3.Error, OSError) as fault:
            raise PaymentsAway("The file of the pretend payments cannot be had.") from fault


def _add_session(
    books: sqlite3.Connection, checkout: Checkout, asked: str, now: datetime
) -> sqlite3.Row:
    session = _name("ps")
    books.execute(
        "INSERT INTO sessions (id, key, asked, reference, instance, minor, currency, product, "
        "paid_href, back_href, made_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            session,
            checkout.key,
            asked,
            checkout.reference,
            checkout.instance,
            checkout.price.minor,
            checkout.price.currency,
            checkout.product,
            checkout.paid_href,
            checkout.back_href,
            _stamp(now),
            _stamp(checkout.expires_at),
        ),
    )
    return _session(books, session)


def _session(books: sqlite3.Connection, session: str) -> sqlite3.Row:
    row: sqlite3.Row | None = books.execute(
        "SELECT * FROM sessions WHERE id = ?", (session,)
    ).fetchone()
    if row is None:
        raise PaymentsRefuse("There is no such session.")
    return row


def _refund_seen(row: sqlite3.Row, currency: str) -> RefundSeen:
    return RefundSeen(
        row["id"], row["intent"], Money(row["minor"], currency), "succeeded", row["reference"]
    )


def _notice(told: dict[str, dict[str, str | int | bool]]) -> PaymentNotice:
    said = told["session"]
    seen = Seen(
        session=str(said["session"]),
        status=str(said["status"]),
        is_paid=bool(said["is_paid"]),
        price=Money(int(said["minor"]), str(said["currency"])),
        is_live=False,
        reference=str(said["reference"]),
        instance=str(said["instance"]),
        intent=str(said["intent"]),
        href=str(said["href"]),
    )
    return PaymentNotice(str(told["id"]), str(told["kind"]), is_live=False, seen=seen)


def _proof(key: bytes, stamp: str, body: bytes) -> str:
    return hmac.new(key, stamp.encode() + b"." + body, "sha256").hexdigest()


def _name(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(12)}"


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
