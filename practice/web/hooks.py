"""What other services tell us: notices of the payment service, signed, and in any order."""

import logging

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from practice.domain.refusal import NoPayment
from practice.ports import NotGenuine, PaymentsAway, PaymentsRefuse
from practice.usecases.payment import hear
from practice.web.door import tools

log = logging.getLogger("practice.web")

hooks = Blueprint("hooks", __name__)


@hooks.post("/hooks/stripe")
def stripe() -> Response:
    """Take a notice: 400 for what nobody signed, 503 where it has to be sent again, else 200."""
    try:
        # The bytes as they came: read as anything else, they would not fit their signature.
        body = request.get_data(cache=False)
        hear(body, request.headers.get("Stripe-Signature", ""), tools=tools())
    except RequestEntityTooLarge:
        return _said(400, "That is too large for a notice.")
    except NotGenuine as fault:
        log.warning("a payment notice was not taken: %s", fault)
        return _said(400, str(fault))
    except NoPayment:
        return _said(404, "No payments are taken here.")
    except (PaymentsAway, PaymentsRefuse) as fault:
        log.warning("a payment notice has to come again: %s", fault)
        return _said(503, "Please send it again later.")
    return _said(200, "Thank you.")


def _said(status: int, words: str) -> Response:
    return Response(f"{words}\n", status, mimetype="text/plain")
