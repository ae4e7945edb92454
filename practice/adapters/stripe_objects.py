"""What Stripe's objects say, as our own values; whatever is not as documented is garbled.

Rules: https://docs.stripe.com/api/checkout/sessions/object, https://docs.stripe.com/api/events.
"""

from collections.abc import Mapping
from typing import Any, Final

from practice.domain.money import Money
from practice.domain.payment import PaymentNotice, RefundSeen, Seen

_LARGEST: Final = 2**31 - 1  # what a database keeps as an amount; Stripe takes eight digits
_LONGEST: Final = 5000
# Names that Stripe gives never exceed this (https://docs.stripe.com/upgrades), nor do our columns.
_LONGEST_NAME: Final = 255
_FAILED: Final = "checkout.session.async_payment_failed"
_SESSIONS: Final = frozenset(
    (
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        _FAILED,
        "checkout.session.expired",
    )
)
_CHARGES: Final = frozenset(("charge.refunded",))
_REFUNDS: Final = frozenset(
    ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")
)
_DISPUTES: Final = frozenset(
    ("charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed")
)
HEARD: Final = tuple(sorted(_SESSIONS | _CHARGES | _REFUNDS | _DISPUTES))
"""The kinds of events that the endpoint at Stripe has to be told to send."""

_UNPAYABLE: Final = frozenset(("requires_payment_method", "canceled"))


class Garbled(Exception):
    """What came is not what Stripe documents."""


def notice_of(event: object) -> PaymentNotice:
    """Return the notice that an event is, of a kind that we hear or of another; raises Garbled."""
    data = _dict(event)
    kind, is_live, name = _text(data, "type"), data.get("livemode"), _name(data, "id")
    if not isinstance(is_live, bool) or not kind:
        raise Garbled
    about = _dict(_dict(data.get("data")).get("object"))
    if kind in _SESSIONS:
        seen = seen_of(about, has_failed=kind == _FAILED)
        return PaymentNotice(name, kind, is_live, seen=seen)
    if kind in _CHARGES | _REFUNDS and (intent := _intent(about)):
        return PaymentNotice(name, kind, is_live, refunded=intent)
    if kind in _DISPUTES and (intent := _intent(about)):
        status = _text(about, "status")[:40]
        return PaymentNotice(name, kind, is_live, disputed=intent, dispute=status)
    return PaymentNotice(name, kind[:80], is_live)


def seen_of(data: Mapping[str, Any], *, has_failed: bool = False) -> Seen:
    """Return a session from Stripe's object: https://docs.stripe.com/api/checkout/sessions/object.

    It is paid when Stripe says "paid" and nothing else: "no_payment_required" is not what we asked
    for. Our reference counts only where our own metadata says the same: anybody can write one into
    the address of a payment link of the same account. Raises Garbled.
    """
    metadata = _dict(data.get("metadata") or {})
    reference = _text(metadata, "payment")
    paid, status = _text(data, "payment_status"), _text(data, "status")
    intent = data.get("payment_intent")
    if isinstance(intent, dict) and status == "complete" and paid == "unpaid":
        has_failed = has_failed or _text(intent, "status") in _UNPAYABLE
    is_live = data.get("livemode")
    if not isinstance(is_live, bool):
        raise Garbled
    return Seen(
        session=_name(data, "id"),
        status=status,
        is_paid=paid == "paid",
        price=_money(data.get("amount_total"), _text(data, "currency")),
        is_live=is_live,
        mode=_text(data, "mode"),
        reference=reference if reference == _text(data, "client_reference_id") else "",
        instance=_text(metadata, "instance"),
        intent=_intent(data),
        href=_text(data, "url") if status == "open" else "",
        has_failed=has_failed,
    )


def refund_of(data: Mapping[str, Any]) -> RefundSeen:
    """Return a refund from Stripe's object: https://docs.stripe.com/api/refunds/object.

    Raises Garbled.
    """
    return RefundSeen(
        refund=_name(data, "id"),
        intent=_intent(data),
        money=_money(data.get("amount"), _text(data, "currency")),
        status=_text(data, "status"),
        reference=_text(_dict(data.get("metadata") or {}), "refund"),
    )


def _money(minor: object, currency: str) -> Money:
    if minor is None:
        minor = 0  # a session that only keeps a card has no amount
    if not isinstance(minor, int) or isinstance(minor, bool) or abs(minor) > _LARGEST:
        raise Garbled
    return Money(minor, currency.upper())


def _intent(data: Mapping[str, Any]) -> str:
    """Return the name of the intent, whether it stands there as a name or as a whole."""
    intent = data.get("payment_intent")
    if isinstance(intent, dict):
        return _name(intent, "id")
    return _text(data, "payment_intent")


def _dict(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Garbled
    return value


def _name(data: Mapping[str, Any], field: str) -> str:
    name = _text(data, field)
    if not name or len(name) > _LONGEST_NAME:
        raise Garbled
    return name


def _text(data: Mapping[str, Any], field: str) -> str:
    """Return a text, "" for none; what no database can keep is garbled."""
    text = data.get(field)
    if text is None:
        return ""
    if not isinstance(text, str) or len(text) > _LONGEST or "\x00" in text:
        raise Garbled
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a pair of surrogates
        raise Garbled from None
    return text
