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
from threading import BoundedSemaphore
from typing import Any, Final

import stripe
from stripe.params import RefundCreateParams
from stripe.params.checkout import SessionCreateParams

from practice.adapters.stripe_objects import Garbled, notice_of, refund_of, seen_of
from practice.domain.money import Money
from practice.domain.payment import Checkout, PaymentNotice, RefundSeen, Seen
from practice.ports import NotGenuine, PaymentsAway, PaymentsRefuse

# What it would tell Stripe of this machine, and write into a home directory, is nobody's business;
# what it would log quotes clients.
stripe.enable_telemetry = False
logging.getLogger("stripe").setLevel(logging.WARNING)

_AT_ONCE: Final = 4
"""How many threads ask Stripe at once: half of those that a server has (`practice serve`)."""
_ROOM_SECONDS: Final = 1.0
_TOLERANCE_SECONDS: Final = 300
_SLACK: Final = timedelta(minutes=1)
"""How far Stripe's clock may be behind ours when sessions are looked for by when they were made."""
_PAGE: Final = 100


class _FewAtOnce(stripe.RequestsClient):
    """Asks Stripe for a few at once, so that a slow Stripe never takes every thread of a server.

    Whoever finds no room in a second is told that Stripe is away.
    """

    def __init__(self, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._room = BoundedSemaphore(_AT_ONCE)

    def request(  # type: ignore[override] # narrower than the base, as Stripe's own is
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Do one try of a request, once there is room for it."""
        if not self._room.acquire(timeout=_ROOM_SECONDS):
            raise stripe.APIConnectionError("Others are asking.")  # type: ignore[no-untyped-call]
        try:
            return super().request(method, url, headers, post_data)
        finally:
            self._room.release()


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
            http_client=_FewAtOnce(timeout),
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
            seen = seen_of(_data(made))
            return self.look(seen.session) if _is_replayed(made) else seen

    def look(self, session: str) -> Seen:
        """Return the session as it is now, with its intent: a bank's late "no" shows only there.

        https://docs.stripe.com/payments/paymentintents/lifecycle.
        """
        with _asking():
            return seen_of(
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
                seen = seen_of(_data(session))
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
                return seen_of(_data(self._client.v1.checkout.sessions.expire(session)))
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
                return refund_of(_data(made))
        except stripe.InvalidRequestError:
            return self._gone_back(intent, reference)

    def refunds(self, intent: str) -> tuple[RefundSeen, ...]:
        """Return all refunds, newest first: https://docs.stripe.com/api/refunds/list."""
        with _asking():
            made = self._client.v1.refunds.list(params={"payment_intent": intent, "limit": _PAGE})
            return tuple(refund_of(_data(refund)) for refund in made.auto_paging_iter())

    def heard(self, body: bytes, signature: str, *, now: datetime) -> PaymentNotice:
        """Return the event that Stripe signed: https://docs.stripe.com/webhooks/signatures.

        Stripe's own code compares the signatures, but takes stamps of the future: we look at the
        stamp ourselves.
        """
        try:
            self._verify(body, signature, now)
            return notice_of(json.loads(body.decode()))
        except stripe.SignatureVerificationError:
            raise NotGenuine("The signature is not ours.") from None
        except (Garbled, ValueError, RecursionError):
            raise NotGenuine("It is garbled.") from None

    def _verify(self, body: bytes, signature: str, now: datetime) -> None:
        if not signature.isascii():
            raise Garbled  # the comparison in constant time knows no other letters
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
    except Garbled:
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
        raise Garbled
    return found.to_dict()


def _is_replayed(found: stripe.StripeObject) -> bool:
    answer = found.last_response
    return answer is not None and (answer.headers or {}).get("Idempotent-Replayed") == "true"
