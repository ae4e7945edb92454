"""How paying can end: booked once, or everything back once; and never neither."""

import pytest

from practice.domain.refusal import NoPayment
from tests.makers import at
from tests.payments.till import Held, Till
from tests.stripe_server import Trouble

THU = at("Thu 10:00")
CREATE = "POST /v1/checkout/sessions"


def expect_booked_once(till: Till, held: Held) -> None:
    """She has her time by one payment, nothing goes back, and one letter tells her so."""
    assert till.status(held) == "confirmed"
    assert [row.state for row in till.payments(held)].count("paid") == 1
    assert till.journal(held).count("PAID") == till.journal(held).count("BOOKED") == 1
    assert till.refunds() == []
    assert till.stripe.refunds == {}
    assert till.concerns() == []
    kinds = till.letters()
    assert kinds.count("confirmation") == kinds.count("coach_booked") == 1


def expect_given_back_once(till: Till, held: Held) -> None:
    """All her money went back, once, and one letter tells her why."""
    assert till.status(held) == "expired"
    (refund,) = till.refunds()
    assert (refund.reason, refund.state, refund.amount_minor) == ("late", "done", 9000)
    (seen,) = till.stripe.refunds.values()
    assert (seen["id"], seen["amount"]) == (refund.refund, 9000)
    assert till.letters().count("too_late") == 1
    assert till.outbox("confirmation") == []
    assert till.outbox("refunded") == []


def paid_unheard(till: Till) -> Held:
    """She has paid in time, in a session of which every answer got lost on the way to us."""
    held = till.hold(at=THU)
    till.stripe.trouble(Trouble.LOSE, on=CREATE, times=3)
    with pytest.raises(NoPayment):
        till.pay(held)
    (session,) = till.stripe.sessions
    till.clock.advance(minutes=10)
    till.stripe.pay(session)
    return held
