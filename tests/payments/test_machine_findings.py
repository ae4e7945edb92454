"""What the machine of money once found by chance, made to happen every time."""

from dataclasses import replace

from practice.domain.money import Money
from practice.models.payment import paid_payment
from practice.models.unit import reading
from practice.usecases import desk_payment
from practice.usecases.appointment import by_coach
from practice.usecases.cancelling import cancel
from tests import makers
from tests.makers import at
from tests.payments.till import PRICE, Held, Till
from tests.people import BEN

TUE = "Tue 10:00"
ALL = Money(PRICE, "EUR")


def give_back(till: Till, held: Held, minor: int) -> None:
    """Press at the desk that money shall go back."""
    till.within(
        lambda: desk_payment.refund(
            held.booking_id,
            1,
            replace(ALL, minor=minor),
            attempt=till.payment(held).attempt,
            key=f"press-{minor}",
            tools=makers.the_tools(),
        )
    )


def intent_of(till: Till, held: Held) -> str:
    return str(till.stripe.sessions[till.session(held)]["payment_intent"])


def test_a_coach_can_cancel_though_more_is_on_its_way_back_than_came(till: Till) -> None:
    held = till.buy(at=at(TUE))
    give_back(till, held, 6000)
    till.stripe.refund_in_dashboard(intent_of(till, held), 6000)
    till.deliver()

    till.within(lambda: cancel(by_coach(held.booking_id, 1), tools=makers.the_tools()))
    assert till.status(held) == "cancelled"


def test_a_refund_that_came_too_late_is_not_taken_for_a_larger_one_made_by_hand(
    till: Till,
) -> None:
    held = till.buy(at=at(TUE))
    give_back(till, held, 1000)
    till.stripe.refund_in_dashboard(intent_of(till, held))
    till.refund_now()
    till.deliver()

    told = [(row.reason, row.amount_minor, row.state) for row in till.refunds()]
    assert told == [("coach", 1000, "failed"), ("outside", PRICE, "done")]
    assert till.concerns() == []


