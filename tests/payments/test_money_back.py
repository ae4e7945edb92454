"""Letters of money go out, and money goes back, whatever becomes of the appointment."""

from practice.domain.money import Money
from practice.domain.payment import REFUND_TRIES
from practice.usecases import desk_payment
from tests.makers import at, seat_of, the_tools
from tests.payments.till import PRICE, Till


def test_what_a_booking_costs_is_what_its_offering_costs(till: Till) -> None:
    held = till.begin(at=at("Thu 10:00"))

    assert till.payment(held).price == Money(PRICE, "EUR")


def test_word_of_a_refund_that_waits_in_the_post_goes_though_all_is_cancelled(till: Till) -> None:
    held = till.buy(at=at("Thu 10:00"))
    till.post()

    def give_back() -> None:
        part = Money(1000, "EUR")
        desk_payment.refund(
            seat_of(1), held.booking_id, part, attempt=1, key="once", tools=the_tools()
        )

    till.within(give_back)
    till.refund_now()
    (letter,) = till.outbox("refunded")
    assert letter.state == "waiting"

    till.cancel(held)

    (letter,) = till.outbox("refunded")
    assert letter.state == "waiting"


def test_odd_money_that_could_not_go_back_is_given_back_by_another_press(till: Till) -> None:
    held = till.begin(at=at("Thu 10:00"))
    till.stripe.pay(till.session(held), amount=8000)
    till.deliver()

    def give_back() -> None:
        desk_payment.return_strange(seat_of(1), held.booking_id, 1, tools=the_tools())

    till.within(give_back)
    till.stripe.balance_is_short = True
    for _ in range(REFUND_TRIES):
        till.clock.advance(hours=2)
        till.refund_now()
    assert [refund.state for refund in till.refunds()] == ["failed"]
    till.stripe.balance_is_short = False

    till.within(give_back)
    till.refund_now()

    assert [refund.state for refund in till.refunds()] == ["failed", "done"]
    assert sum(refund["amount"] for refund in till.stripe.refunds.values()) == 8000
