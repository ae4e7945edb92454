"""What the machine of money once found by chance, made to happen every time."""

from dataclasses import replace

from practice.domain.money import Money
from practice.models.payment import paid_payment
from practice.models.unit import reading
from practice.usecases import desk_payment
from practice.usecases.appointment import by_coach
from practice.usecases.cancelling import cancel
from tests import makers
from tests.makers import at, seat_of
from tests.payments.till import PRICE, Held, Till
from tests.people import BEN

TUE = "Tue 10:00"
ALL = Money(PRICE, "EUR")


def give_back(till: Till, held: Held, minor: int) -> None:
    """Press at the desk that money shall go back."""
    till.within(
        lambda: desk_payment.refund(
            seat_of(1),
            held.booking_id,
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

    till.within(lambda: cancel(by_coach(seat_of(), held.booking_id), tools=makers.the_tools()))
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


def test_a_booking_stands_on_the_payment_that_made_it_though_an_earlier_ones_refund_failed(
    till: Till,
) -> None:
    held = till.begin(at=at(TUE))
    till.stripe.pay(till.session(held))
    late, till.stripe.waiting = till.stripe.waiting, []
    till.stripe.sessions[till.session(held)].update(status="expired", payment_status="unpaid")
    till.clock.advance(minutes=36)
    till.work()
    till.stripe.sessions[till.session(held)].update(status="complete", payment_status="paid")
    other = till.hold(BEN, at=at(TUE))
    till.stripe.waiting = late
    till.deliver()
    till.refund_now()
    [refund] = till.refunds()
    till.stripe.fail_refund(str(refund.refund))
    till.deliver()
    till.give_up(other)

    till.pay_again(held)
    till.stripe.pay(till.session(held))
    till.deliver()
    assert till.status(held) == "confirmed"

    def stood_on() -> int:
        found = paid_payment(reading(), held.booking_id)
        assert found is not None
        return found.attempt

    assert till.within(stood_on) == 2


def test_a_refund_by_hand_is_heard_of_before_its_payment_is(till: Till) -> None:
    held = till.begin(at=at(TUE))
    till.stripe.pay(till.session(held))
    till.stripe.refund_in_dashboard(intent_of(till, held), 3000)
    till.stripe.lose("checkout.session.completed")
    till.deliver()

    assert till.status(held) == "confirmed"
    assert [(row.reason, row.amount_minor) for row in till.refunds()] == [("outside", 3000)]


def test_a_dispute_is_heard_of_before_its_payment_is(till: Till) -> None:
    held = till.begin(at=at(TUE))
    till.stripe.pay(till.session(held))
    till.stripe.dispute(intent_of(till, held))
    till.stripe.lose("checkout.session.completed")
    till.deliver()

    assert till.payment(held).dispute == "needs_response"
    assert [row.kind for row in till.concerns()] == ["disputed"]
