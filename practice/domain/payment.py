"""A payment: what was asked for, what the payment service says of it, and what follows from both.

The service keeps the truth about money; we keep what we asked for. Whoever brings news (a signed
notice, the client coming back, our own look) brings it as a `Seen`, and `judge` alone decides what
it means. Rules: https://docs.stripe.com/checkout/fulfillment.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from practice.domain.booking import Status
from practice.domain.money import Money

PAY_MINUTES: Final = 35
"""How long a time is held while it is paid for: longer than the session can live."""
SESSION_MINUTES: Final = 31
"""How long a session lives; 30 minutes is the least that Stripe admits."""
LOOK_AFTER: Final = timedelta(minutes=5)
"""How old a session is when we ask for it ourselves, should nobody tell us."""
PENDING_PER_PERSON: Final = 2
"""How many bookings of one person, or from one browser, may wait to be paid for at once."""
REFUND_TRIES: Final = 8
"""After how many refusals of the service a refund has failed."""
DISPUTE_OVER: Final = frozenset(("won", "lost", "warning_closed", "prevented"))
"""How a dispute can end: https://docs.stripe.com/api/disputes/object#dispute_object-status."""


class PaymentState(StrEnum):
    """Where a payment stands.

    opening     a session is being made; nobody can pay in it yet
    open        there is a session in which she can pay
    processing  she has paid by a way that takes days; the time stays hers
    paid        the money is there
    expired     the session has ended and nothing was paid
    failed      the bank said no, days later
    strange     the money that came is not what was asked for; a coach decides
    """

    OPENING = "opening"
    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    EXPIRED = "expired"
    FAILED = "failed"
    STRANGE = "strange"


UNDECIDED: Final = (PaymentState.OPENING, PaymentState.OPEN, PaymentState.PROCESSING)


class RefundState(StrEnum):
    """Where a refund stands: waiting to be asked for, leased, taken by the service, or failed."""

    WAITING = "waiting"
    LEASED = "leased"
    DONE = "done"
    FAILED = "failed"


class RefundReason(StrEnum):
    """Why money goes back."""

    CANCELLED = "cancelled"
    LATE = "late"
    TWICE = "twice"
    COACH = "coach"
    NO_SHOW = "no_show"
    OUTSIDE = "outside"


class ConcernKind(StrEnum):
    """What can stand strange about money, so that a coach has to look."""

    AMOUNT_DIFFERS = "amount_differs"
    UNKNOWN_SESSION = "unknown_session"
    REFUND_FAILED = "refund_failed"
    DISPUTED = "disputed"
    NO_NOTICES = "no_notices"


@dataclass(frozen=True, slots=True)
class Checkout:
    """What somebody is to pay, as the payment service is asked for it.

    `reference` is the payment's public id, `booking` the booking's; `instance` names this house.
    The same `key` asks for the same session again. Instants are aware UTC.
    """

    reference: str
    booking: str
    instance: str
    price: Money
    product: str
    statement: str
    email: str
    paid_href: str
    back_href: str
    expires_at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A payment session as the service has it at this moment.

    `status` is open, complete or expired; `is_paid` tells whether the money is there. `href` is
    where she pays, "" once it is over. `reference` and `instance` are "" where it is not ours.
    """

    session: str
    status: str
    is_paid: bool
    price: Money
    is_live: bool
    mode: str = "payment"
    reference: str = ""
    instance: str = ""
    intent: str = ""
    href: str = ""
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class RefundSeen:
    """A refund as the service has it; `reference` is ours, "" where it was made elsewhere.

    `status` is pending, requires_action, succeeded, failed or canceled.
    """

    refund: str
    intent: str
    money: Money
    status: str
    reference: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether this money will not go back after all."""
        return self.status in {"failed", "canceled"}


@dataclass(frozen=True, slots=True)
class PaymentNotice:
    """News from the payment service, proved genuine; `id` is the same for every copy of it.

    At most one of the rest is set: the session as it was when the notice was written, the intent
    whose refunds changed, or the intent that is disputed (with the dispute's status).
    """

    id: str
    kind: str
    is_live: bool
    seen: Seen | None = None
    refunded: str = ""
    disputed: str = ""
    dispute: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What we asked for, and where it stands with us."""

    state: PaymentState
    price: Money
    instance: str
    is_live: bool


class Verdict(StrEnum):
    """What follows from what was seen.

    nothing   it tells nothing new
    wait      it is not decided yet; the time stays held
    confirm   she has paid and the time is hers
    again     she has paid, the time was let go meanwhile: hers again if it is free, else refund
    refund    she has paid for what she has already, or what is no more: the money goes back
    strange   money came that is not what was asked for
    release   nothing was paid and nothing can be any more: the time is free
    fail      the bank said no, days later: the time is free and she is told
    """

    NOTHING = "nothing"
    WAIT = "wait"
    CONFIRM = "confirm"
    AGAIN = "again"
    REFUND = "refund"
    STRANGE = "strange"
    RELEASE = "release"
    FAIL = "fail"


def is_as_asked(asked: Asked, seen: Seen) -> bool:
    """Tell whether the session is the one that we asked for: amount, currency, mode and house."""
    return (
        seen.price == asked.price
        and seen.mode == "payment"
        and seen.instance == asked.instance
        and seen.is_live == asked.is_live
    )


def judge(asked: Asked, seen: Seen, booking: Status, *, is_current: bool) -> Verdict:
    """Decide what news of a session means for a booking; the same news twice means nothing more.

    `is_current` tells whether this is the payment that the booking waits for. Paid wins over
    whatever was told before, in whichever order it is heard.
    """
    if asked.state in {PaymentState.PAID, PaymentState.STRANGE}:
        return Verdict.NOTHING
    if seen.is_paid:
        return _paid(asked, seen, booking, is_current=is_current)
    if seen.has_failed or seen.status == "expired":
        if asked.state not in UNDECIDED:
            return Verdict.NOTHING
        return Verdict.FAIL if seen.has_failed else Verdict.RELEASE
    return Verdict.WAIT if asked.state in UNDECIDED else Verdict.NOTHING


def _paid(asked: Asked, seen: Seen, booking: Status, *, is_current: bool) -> Verdict:
    if not is_as_asked(asked, seen):
        return Verdict.STRANGE
    if booking in {Status.HELD, Status.PENDING} and is_current:
        return Verdict.CONFIRM
    if booking in {Status.HELD, Status.PENDING, Status.EXPIRED}:
        return Verdict.AGAIN
    return Verdict.REFUND
