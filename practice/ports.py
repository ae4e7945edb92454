"""What the practice needs from outside, as small protocols: adapters or, in tests, fakes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from practice.domain.busy import FeedAsk, Picture
from practice.domain.feed import FeedEntry
from practice.domain.letters import CalendarEntry, Letter
from practice.domain.money import Money
from practice.domain.payment import Checkout, PaymentNotice, RefundSeen, Seen


@dataclass(frozen=True, slots=True)
class Post:
    """A finished letter: `raw` is the whole message with CRLF, the addresses are the envelope's."""

    message_id: str
    from_address: str
    to_address: str
    subject: str
    raw: bytes


class MailRefused(Exception):
    """The letter will never be taken as it is; trying again is useless. Names no address."""


class MailDelayed(Exception):
    """The letter could not be handed over now; try again later. Names no address."""


class PaymentsAway(Exception):
    """The payment service could not be asked now, or nobody knows what it did; ask again later."""


class PaymentsRefuse(Exception):
    """The payment service said no, and did nothing; the message is fit for the coach."""


class NotGenuine(Exception):
    """A notice that nobody signed for us, or that is garbled, too old or from the future."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Tell the present instant, aware, in UTC."""
        ...


class LetterRenderer(Protocol):
    """Writes letters out."""

    def render(self, letter: Letter) -> Post:
        """Write the finished message; MailRefused when no letter can be addressed so."""
        ...


class Mailer(Protocol):
    """Hands letters over to whoever delivers them."""

    def send(self, post: Post) -> None:
        """Return once the letter is accepted; raise MailRefused for ever, MailDelayed for now."""
        ...


class Invites(Protocol):
    """Writes calendar entries as iCalendar."""

    def write(self, entry: CalendarEntry) -> bytes:
        """Write the whole calendar object, UTF-8 with CRLF."""
        ...

    def write_feed(self, entries: Iterable[FeedEntry]) -> bytes:
        """Write a feed to subscribe to, UTF-8 with CRLF: the same bytes for the same entries."""
        ...


class Vault(Protocol):
    """Seals private text so that it opens in its own place only; `place` is "table:row:field".

    `key_id` names the key behind it, at most 32 letters, so that rows can say what sealed them.
    """

    @property
    def key_id(self) -> str:
        """Name the key."""
        ...

    def seal(self, text: str, *, place: str) -> bytes:
        """Encrypt the text, bound to the place."""
        ...

    def open(self, sealed: bytes, *, place: str) -> str:
        """Give back the text that was sealed for this place; Unreadable for any other."""
        ...


class MainVault(Vault, Protocol):
    """The vault of the master key, which can also stamp data as no other key does."""

    def stamp(self, data: bytes, *, place: str) -> bytes:
        """Return 32 bytes that only who holds the key can make of the data, for one place."""
        ...


class Payments(Protocol):
    """Lets people pay on pages of a payment service, and gives money back.

    Every call that asks the service raises PaymentsAway where it cannot be had or its answer got
    lost, and PaymentsRefuse where it said no.
    """

    @property
    def service(self) -> str:
        """Name the service, at most 20 letters."""
        ...

    @property
    def is_live(self) -> bool:
        """Whether real money moves."""
        ...

    def open(self, checkout: Checkout) -> Seen:
        """Make a session in which the checkout can be paid; the same key gives the same one."""
        ...

    def look(self, session: str) -> Seen:
        """Return the session as it is now; PaymentsRefuse for one that is not there."""
        ...

    def find(self, reference: str, *, since: datetime) -> Seen | None:
        """Return the session of a checkout by its reference, made at `since` or later, if any."""
        ...

    def expire(self, session: str) -> Seen:
        """End the session, if it is open still, and return it as it is then."""
        ...

    def refund(self, intent: str, money: Money, *, reference: str, key: str) -> RefundSeen:
        """Give money of a paid intent back; the same key gives the same refund."""
        ...

    def refunds(self, intent: str) -> tuple[RefundSeen, ...]:
        """Return all refunds of an intent, whoever made them."""
        ...

    def heard(self, body: bytes, signature: str, *, now: datetime) -> PaymentNotice:
        """Return the notice that a signed body is; raises NotGenuine and nothing else."""
        ...


class BusyFeeds(Protocol):
    """Asks other calendars when they are busy; whatever they are, the answer is a picture."""

    def picture(self, ask: FeedAsk, *, now: datetime) -> Picture:
        """Return when the calendar is busy, within 20 seconds; FeedTrouble and nothing else."""
        ...


class CalendarWriter(Protocol):
    """Writes bookings into a calendar of the coach's own."""

    def put(self, entry: CalendarEntry) -> None:
        """Write an entry, in place of an older one with its UID; raises FeedTrouble."""
        ...

    def remove(self, uid: str) -> None:
        """Remove the entry with this UID, if it is there; raises FeedTrouble."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """All that a use case may reach for; `base_url` is the configured address, no last slash.

    `payments` is None where nothing is set up to take money: paid offerings are not offered then.
    `feeds` is None where nobody reads calendars: a web process never does.
    `rate_limits` is off only where a battery or a benchmark drives the house.
    """

    clock: Clock
    mailer: Mailer
    letters: LetterRenderer
    invites: Invites
    vault: MainVault
    base_url: str
    rate_limits: bool = True
    payments: Payments | None = None
    feeds: BusyFeeds | None = None
