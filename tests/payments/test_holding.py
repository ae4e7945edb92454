"""A time is held for as long as was promised, whatever is pressed meanwhile."""

import pytest

from practice.domain.refusal import NoPayment, TimeTaken
from practice.usecases.booking import renew
from tests.makers import at, the_tools
from tests.payments.till import Till
from tests.people import BEN
from tests.stripe_server import Trouble

THU = at("Thu 10:00")


def test_a_slip_of_the_pen_makes_no_hold_shorter_that_waits_to_be_paid_for(till: Till) -> None:
    held = till.hold(at=THU)
    till.stripe.trouble(Trouble.FAIL, on="POST /v1/checkout/sessions", times=9)
    with pytest.raises(NoPayment):
        till.pay(held)

    till.within(lambda: renew(held.token, tools=the_tools()))

    till.clock.advance(minutes=20)
    with pytest.raises(TimeTaken):
        till.hold(BEN, at=THU)
