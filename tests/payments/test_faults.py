"""Every fault of the table in the study, each by its number, at Stripe's own library."""

from tests.makers import at
from tests.payments.till import Till
from tests.stripe_server import StripeServer

TUE = "Tue 10:00"


def test_s4_who_never_comes_back_is_booked_by_the_notice(till: Till) -> None:
    held = till.begin(at=at(TUE))
    assert till.status(held) == "pending"

    till.stripe.pay(till.session(held))
    assert till.deliver() and set(till.heard()) is not None

    assert till.status(held) == "confirmed"
    assert [row.kind for row in till.outbox()][:2] == ["confirmation", "coach_booked"]


def test_s3_no_notice(till: Till) -> None:
    held = till.begin(at=at(TUE))
    till.stripe.pay(till.session(held))
    till.come_back(held)
    assert till.status(held) == "confirmed"


def test_s5(till: Till) -> None:
    held = till.begin(at=at(TUE))
    till.stripe.pay(till.session(held))
    till.clock.advance(minutes=6)
    till.work()
    assert till.status(held) == "confirmed"


def test_end(till: Till) -> None:
    held = till.begin(at=at(TUE))
    till.clock.advance(minutes=36)
    till.work()
    assert till.status(held) == "expired"
    assert till.payment(held).state == "expired"


def test_give_up(till: Till) -> None:
    held = till.begin(at=at(TUE))
    till.give_up(held)
    assert till.status(held) == "expired"
    till.pay_again(held)
    assert till.status(held) == "pending"
    assert till.payment(held).attempt == 2
