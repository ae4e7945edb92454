"""Payments by Stripe Checkout, on Stripe's own pages.

Stripe's library is slow to load, so whoever has no keys must not import this module. Where Stripe
says no, only the names of its codes are told on: its sentences quote what clients typed.
Rules: https://docs.stripe.com/checkout/fulfillment and https://docs.stripe.com/webhooks.
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import stripe
from stripe.params import RefundCreateParams
from stripe.params.checkout import SessionCreateParams

from practice.domain.money import Money
from practice.domain.payment import Checkout, PaymentNotice, RefundSeen, Seen
from practice.ports import NotGenuine, PaymentsAway, PaymentsRefuse

# What it would tell Stripe of this machine, and write into a home directory, is nobody's business;
# what it would log quotes clients.
stripe.enable_telemetry = False
logging.getLogger("stripe").setLevel(logging.WARNING)

_TOLERANCE_SECONDS: Final = 300
_SLACK: Final = timedelta(minutes=1)
"""How far Stripe's clock may be behind ours when sessions are looked for by when they were made."""
_PAGE: Final = 100
_LONGEST: Final = 5000
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


class _Garbled(Exception):
    """What came is not what Stripe documents."""


class StripePayments:
    """Asks Stripe's API with one secret key, and knows notices by any of several secrets.

    A call takes at most three tries of `timeout` seconds each.
    """

    service = "stripe"

    def __init__(
        self,
        secret_key: str,
        webhook_secrets: Sequence[str],
        api_base: str = "",
        *,
        timeout: float = 10.0,
    ) -> None:
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base.rstrip("/")} if api_base else None,
            max_network_retries=2,
            http_client=stripe.RequestsClient(timeout=timeout),
        )
        self._secrets = tuple(webhook_secrets)
        self._is_live = secret_key.startswith(("sk_live_", "rk_live_"))

    def __repr__(self) -> str:
        return f"StripePayments({'live' if self._is_live else 'test'})"

    @property
    def is_live(self) -> bool:
        """Whether real money moves: the key's beginning tells (https://docs.stripe.com/keys)."""
        return self._is_live

    def open(self, checkout: Checkout) -> Seen:
        """Make a session: https://docs.stripe.com/api/checkout/sessions/create.

        A key that was used before gives the answer that was saved then, so that one is looked at
        anew: https://docs.stripe.com/api/idempotent_requests.
        """
        with _asking():
            made = self._client.v1.checkout.sessions.create(
                params=_params(checkout), options={"idempotency_key": checkout.key}
            )
            seen = _seen(_data(made))
            return self.look(seen.session) if _is_replayed(made) else seen

    def look(self, session: str) -> Seen:
        """Return the session as it is now, with its intent: a bank's late "no" shows only there.

        https://docs.stripe.com/payments/paymentintents/lifecycle.
        """
        with _asking():
            return _seen(
                _data(
                    self._client.v1.checkout.sessions.retrieve(
                        session, params={"expand": ["payment_intent"]}
                    )
                )
            )

    def find(self, reference: str, *, since: datetime) -> Seen | None:
        """Return the session of a reference, by a list: Stripe cannot be asked for one by it.

        Of several the paid one counts: https://docs.stripe.com/api/checkout/sessions/list.
        """
        made_since = int((since - _SLACK).timestamp())
        found: Seen | None = None
        with _asking():
            sessions = self._client.v1.checkout.sessions.list(
                params={"created": {"gte": made_since}, "limit": _PAGE}
            )
            for session in sessions.auto_paging_iter():
                seen = _seen(_data(session))
                if seen.reference == reference and (found is None or seen.is_paid):
                    found = seen
            # The list shows no intents, and a session may have moved on while we read.
            return self.look(found.session) if found else None

    def expire(self, session: str) -> Seen:
        """End an open session: https://docs.stripe.com/api/checkout/sessions/expire.

        Stripe says no where it is not open any more: then it is returned as it is.
        """
        try:
            with _asking():
                return _seen(_data(self._client.v1.checkout.sessions.expire(session)))
        except PaymentsRefuse:
            seen = self.look(session)
            if seen.status == "open":
                raise
            return seen

    def refund(self, intent: str, money: Money, *, reference: str, key: str) -> RefundSeen:
        """Give money back: https://docs.stripe.com/api/refunds/create.

        Where all has gone back already, the refund that stands with our reference is returned, or
        else the newest of others: what was asked for has come to pass.
        """
        params: RefundCreateParams = {
            "payment_intent": intent,
            "amount": money.minor,
            "metadata": {"refund": reference},
        }
        try:
            with _asking(but="charge_already_refunded"):
                made = self._client.v1.refunds.create(
                    params=params, options={"idempotency_key": key}
                )
                if _is_replayed(made):
                    made = self._client.v1.refunds.retrieve(made.id)
                return _refund(_data(made))
        except stripe.InvalidRequestError:
            return self._gone_back(intent, reference)

    def refunds(self, intent: str) -> tuple[RefundSeen, ...]:
        """Return all refunds, newest first: https://docs.stripe.com/api/refunds/list."""
        with _asking():
            made = self._client.v1.refunds.list(params={"payment_intent": intent, "limit": _PAGE})
            return tuple(_refund(_data(refund)) for refund in made.auto_paging_iter())

    def heard(self, body: bytes, signature: str, *, now: datetime) -> PaymentNotice:
        """Return the event that Stripe signed: https://docs.stripe.com/webhooks/signatures.

        Stripe's own code compares the signatures, but takes stamps of the future: we look at the
        stamp ourselves.
        """
        try:
            self._verify(body, signature, now)
            return _notice(json.loads(body.decode()))
        except stripe.SignatureVerificationError:
            raise NotGenuine("The signature is not ours.") from None
        except (_Garbled, ValueError, RecursionError):
            raise NotGenuine("It is garbled.") from None

    def _verify(self, body: bytes, signature: str, now: datetime) -> None:
        if not signature.isascii():
            raise _Garbled  # the comparison in constant time knows no other letters
        for at, secret in enumerate(self._secrets, start=1):
            try:
                stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=None)
                break
            except stripe.SignatureVerificationError:
                if at == len(self._secrets):
                    raise
        else:
            raise NotGenuine("There is no secret to know it by.")
        # Stripe's code has taken the first stamp for the signed one; whole numbers, as it may be
        # larger than any float.
        stamps = [item.split("=")[1] for item in signature.split(",") if item.startswith("t=")]
        if abs(int(now.timestamp()) - int(stamps[0])) > _TOLERANCE_SECONDS:
            raise NotGenuine("It is too old, or from the future.")

    def _gone_back(self, intent: str, reference: str) -> RefundSeen:
        standing = [refund for refund in self.refunds(intent) if not refund.has_failed]
        mine = [refund for refund in standing if refund.reference == reference]
        if not standing:
            raise PaymentsRefuse("Stripe says that all of it has gone back, and shows no refund.")
        return (mine or standing)[0]


@contextmanager
def _asking(*, but: str = "") -> Iterator[None]:
    """Turn Stripe's errors into the port's, but let the one with a certain code pass.

    https://docs.stripe.com/error-handling. Whatever nobody knows the outcome of is "away".
    """
    try:
        yield
    except (stripe.InvalidRequestError, stripe.CardError, stripe.IdempotencyError) as error:
        if but and error.code == but:
            raise
        raise PaymentsRefuse(f"Stripe refused this ({_named(error)}).") from None
    except stripe.AuthenticationError:
        raise PaymentsRefuse("Stripe does not know the secret key.") from None
    except stripe.PermissionError:
        raise PaymentsRefuse("Stripe does not let the secret key do this.") from None
    except stripe.StripeError as error:  # no line, too many requests, a fault of theirs
        raise PaymentsAway(f"Stripe could not be asked ({type(error).__name__}).") from None
    except _Garbled:
        raise PaymentsAway("Stripe’s answer could not be read.") from None


def _named(error: stripe.StripeError) -> str:
    """Return what went wrong in Stripe's own short names; never a sentence of Stripe's."""
    names = [error.code, getattr(error, "param", None)]
    told = [name for name in names if name and re.fullmatch(r"[\w\[\].]{1,60}", name, re.ASCII)]
    return ", ".join(told) or type(error).__name__


def _params(checkout: Checkout) -> SessionCreateParams:
    metadata = {
        "payment": checkout.reference,
        "booking": checkout.booking,
        "instance": checkout.instance,
    }
    params: SessionCreateParams = {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": checkout.price.currency.lower(),
                    "unit_amount": checkout.price.minor,
                    "product_data": {"name": checkout.product},
                },
            }
        ],
        "client_reference_id": checkout.reference,
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
        # Ways to pay that take days would keep a time from everybody else meanwhile. The older
        # list "payment_method_types" is an error since API 2026-09-30:
        # https://docs.stripe.com/changelog/endive/2026-09-30/remove-payment-method-types-checkout-sessions
        "allowed_payment_method_types": ["card"],
        # Else people may pay another amount in their own currency than what we asked for.
        "adaptive_pricing": {"enabled": False},
        "success_url": checkout.paid_href,
        "cancel_url": checkout.back_href,
        "expires_at": int(checkout.expires_at.timestamp()),
    }
    if checkout.statement:
        params["payment_intent_data"]["statement_descriptor_suffix"] = checkout.statement
    if checkout.email:
        params["customer_email"] = checkout.email
        params["payment_intent_data"]["receipt_email"] = checkout.email
    return params


def _data(found: object) -> Mapping[str, Any]:
    if not isinstance(found, stripe.StripeObject):
        raise _Garbled
    return found.to_dict()


def _is_replayed(found: stripe.StripeObject) -> bool:
    answer = found.last_response
    return answer is not None and (answer.headers or {}).get("Idempotent-Replayed") == "true"


def _notice(event: object) -> PaymentNotice:
    data = _dict(event)
    kind, is_live, name = _text(data, "type"), data.get("livemode"), _name(data, "id")
    if not isinstance(is_live, bool) or not kind:
        raise _Garbled
    about = _dict(_dict(data.get("data")).get("object"))
    notice = PaymentNotice(name, kind[:80], is_live)
    if kind in _SESSIONS:
        seen = _seen(about, has_failed=kind == _FAILED)
        return PaymentNotice(name, kind, is_live, seen=seen)
    if kind in _CHARGES | _REFUNDS and (intent := _intent(about)):
        return PaymentNotice(name, kind, is_live, refunded=intent)
    if kind in _DISPUTES and (intent := _intent(about)):
        status = _text(about, "status")[:40]
        return PaymentNotice(name, kind, is_live, disputed=intent, dispute=status)
    return notice


def _seen(data: Mapping[str, Any], *, has_failed: bool = False) -> Seen:
    """Return a session from Stripe's object: https://docs.stripe.com/api/checkout/sessions/object.

    It is paid when Stripe says "paid" and nothing else: "no_payment_required" is not what we asked
    for. Our reference counts only where our own metadata says the same: anybody can write one into
    the address of a payment link of the same account.
    """
    told = data.get("metadata") or {}
    metadata = _dict(told)
    reference = _text(metadata, "payment")
    paid, status = _text(data, "payment_status"), _text(data, "status")
    intent = data.get("payment_intent")
    if isinstance(intent, dict) and status == "complete" and paid == "unpaid":
        has_failed = has_failed or _text(intent, "status") in _UNPAYABLE
    is_live = data.get("livemode")
    if not isinstance(is_live, bool):
        raise _Garbled
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


def _refund(data: Mapping[str, Any]) -> RefundSeen:
    """Return a refund from Stripe's object: https://docs.stripe.com/api/refunds/object."""
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
    if not isinstance(minor, int) or isinstance(minor, bool):
        raise _Garbled
    return Money(minor, currency.upper())


def _intent(data: Mapping[str, Any]) -> str:
    """Return the name of the intent, whether it stands there as a name or as a whole."""
    intent = data.get("payment_intent")
    if isinstance(intent, dict):
        return _name(intent, "id")
    return _text(data, "payment_intent")


def _dict(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Garbled
    return value


def _name(data: Mapping[str, Any], field: str) -> str:
    name = _text(data, field)
    if not name or len(name) > _LONGEST_NAME:
        raise _Garbled
    return name


def _text(data: Mapping[str, Any], field: str) -> str:
    """Return a text, "" for none; what no database can keep is garbled."""
    text = data.get(field)
    if text is None:
        return ""
    if not isinstance(text, str) or len(text) > _LONGEST or "\x00" in text:
        raise _Garbled
    text.encode()  # half of a pair of surrogates is a ValueError
    return text
