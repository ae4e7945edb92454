"""Attacks on money: a session for nothing, at an old price, or paid for when it has begun."""

import socket
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Thread

import pytest

from practice.adapters.stripe import StripePayments
from practice.domain.money import Money
from practice.domain.refusal import NotAllowed
from practice.queries.desk_booking import booking_page
from practice.queries.desk_payments import payments_page
from practice.usecases import desk_payment
from tests.makers import at, book_hold, change_offering, seat_of, the_tools
from tests.payments.outcomes import THU
from tests.payments.till import PRICE, Held, Till
from tests.stripe_server import KEY, SECRET, Ended

FRI = at("Fri 14:00")
ALL = Money(PRICE, "EUR")


def accept(till: Till, held: Held, *, attempt: int = 1) -> None:
    """Let the coach take a payment that differs as it is."""
    booking = held.booking_id
    till.within(
        lambda: desk_payment.accept_strange(seat_of(1), booking, attempt, tools=the_tools())
    )


def give_back_strange(till: Till, held: Held) -> None:
    """Let the coach give the first payment of a booking back, as it differs."""
    till.within(
        lambda: desk_payment.return_strange(seat_of(1), held.booking_id, 1, tools=the_tools())
    )
    till.refund_now()
    till.deliver()


def paid_strangely(till: Till) -> Held:
    """Somebody has paid one euro in place of ninety."""
    held = till.begin(at=THU)
    till.stripe.pay(till.session(held), amount=100)
    till.deliver()
    assert till.payment(held).state == "strange"
    return held


# Cancelled, given back by hand, and taken back --------------------------------------------------


@pytest.mark.parametrize("is_sent", [True, False])
def test_a_late_cancellation_stands_once_the_coach_gave_the_money_back(
    till: Till, is_sent: bool
) -> None:
    held = till.buy(at=THU)
    till.clock.at = THU - timedelta(hours=2)
    till.cancel(held)  # too late by the terms: nothing goes back
    till.clock.advance(minutes=1)
    till.give_back(held, ALL)  # but the coach is kind, and quick
    if is_sent:
        till.refund_now()
    till.clock.advance(minutes=5)

    with pytest.raises(NotAllowed, match="on its way back"):
        till.undo(held)

    till.refund_now()
    assert till.status(held) == "cancelled"
    assert [one["amount"] for one in till.stripe.refunds.values()] == [PRICE]


def test_a_cancellation_stands_once_its_money_went_back_from_the_dashboard(till: Till) -> None:
    held = till.buy(at=THU)
    till.cancel(held)
    till.stripe.refund_in_dashboard(till.payment(held).intent or "")
    till.deliver()

    with pytest.raises(NotAllowed, match="on its way back"):
        till.undo(held)

    assert till.status(held) == "cancelled"
    assert {row.reason for row in till.refunds()} == {"cancelled", "outside"}


def test_what_the_coach_gave_back_before_does_not_make_a_cancellation_final(till: Till) -> None:
    held = till.buy(at=THU)
    till.give_back(held, Money(1_000, "EUR"))
    till.refund_now()
    till.clock.advance(hours=1)
    till.cancel(held)

    till.undo(held)

    assert till.status(held) == "confirmed"
    assert [row.amount_minor for row in till.refunds()] == [1_000]


def test_a_refund_of_the_coach_that_failed_does_not_make_a_cancellation_final(till: Till) -> None:
    held = till.buy(at=THU)
    till.clock.at = THU - timedelta(hours=2)
    till.cancel(held)
    till.give_back(held, ALL)
    till.refund_now()
    (sent,) = till.stripe.refunds
    till.stripe.fail_refund(sent)
    till.deliver()

    till.undo(held)

    assert till.status(held) == "confirmed"


# What differs, decided on twice -----------------------------------------------------------------


def test_an_old_page_cannot_accept_what_went_back_while_she_pays_anew(till: Till) -> None:
    held = paid_strangely(till)
    give_back_strange(till, held)
    till.pay_again(held)
    assert till.status(held) == "pending"

    with pytest.raises(NotAllowed):
        accept(till, held)

    assert till.status(held) == "pending"
    assert [row.state for row in till.payments(held)] == ["strange", "open"]


def test_the_desk_asks_for_no_decision_on_what_went_back_while_she_pays_anew(till: Till) -> None:
    held = paid_strangely(till)
    give_back_strange(till, held)
    till.pay_again(held)

    money = till.within(lambda: booking_page(seat_of(), held.booking_id, tools=the_tools()).money)
    rows = till.within(
        lambda: payments_page(seat_of(1), "", hides_names=False, now=till.clock.now()).rows
    )

    assert money is not None
    assert [line.strange for line in money.payments] == ["", ""]
    assert [row.state for row in rows] == ["Waiting for payment", "Refunded"]


def test_what_went_back_from_the_dashboard_cannot_be_accepted(till: Till) -> None:
    held = paid_strangely(till)
    till.stripe.refund_in_dashboard(till.payment(held).intent or "")
    till.deliver()

    with pytest.raises(NotAllowed, match="gone back already"):
        accept(till, held)

    give_back_strange(till, held)  # that is how its time is let go
    assert till.status(held) == "expired"


# An old hold, kept for the day on which the price goes up ---------------------------------------


@pytest.mark.parametrize("instead", [None, FRI])
def test_a_hold_that_ended_long_ago_does_not_book_for_nothing_what_costs_by_now(
    till: Till, instead: datetime | None
) -> None:
    till.within(lambda: change_offering("session", price_minor=0))
    held = till.hold(at=THU)
    till.clock.advance(hours=30)
    till.within(lambda: change_offering("session", price_minor=PRICE))

    with pytest.raises(NotAllowed, match="price has changed"):
        till.within(lambda: book_hold(held.token, instead_at=instead))

    assert till.status(held) in {"held", "expired"}


@pytest.mark.parametrize("change", [{"price_minor": 20_000}, {"full_refund_hours": 48}])
def test_a_hold_that_ended_long_ago_is_not_paid_for_on_old_terms(
    till: Till, change: dict[str, int]
) -> None:
    held = till.hold(at=THU)
    till.clock.advance(hours=30)
    till.within(lambda: change_offering("session", **change))

    with pytest.raises(NotAllowed, match="price has changed"):
        till.pay(held, instead_at=FRI)

    assert till.payments(held) == []
    assert till.stripe.sessions == {}


def test_a_session_that_ended_long_ago_is_not_made_anew_at_an_old_price(till: Till) -> None:
    held = till.begin(at=THU)
    till.clock.advance(minutes=40)
    till.work()
    assert till.status(held) == "expired"
    till.clock.advance(hours=3)
    till.within(lambda: change_offering("session", price_minor=20_000))

    with pytest.raises(NotAllowed, match="price has changed"):
        till.pay_again(held)

    assert len(till.payments(held)) == 1


def test_what_is_offered_no_more_cannot_be_booked_by_an_old_hold(till: Till) -> None:
    held = till.hold(at=THU)
    till.clock.advance(hours=3)
    now = till.clock.now()
    till.within(lambda: change_offering("session", archived_at=now))

    with pytest.raises(NotAllowed, match="not offered any more"):
        till.pay(held)

    assert till.payments(held) == []


def test_a_hold_that_ended_long_ago_books_on_unchanged_terms(till: Till) -> None:
    held = till.hold(at=THU)
    till.clock.advance(hours=30)

    till.pay(held)
    till.stripe.pay(till.session(held))
    till.deliver()

    assert till.status(held) == "confirmed"


# Paying for what has begun ----------------------------------------------------------------------


def test_nobody_can_pay_for_what_has_begun(till: Till) -> None:
    till.within(lambda: change_offering("session", notice_minutes=0))
    till.clock.at = THU - timedelta(minutes=10)
    held = till.begin(at=THU)
    till.work()
    assert till.status(held) == "pending"
    till.clock.at = THU

    till.work()

    with pytest.raises(Ended):
        till.stripe.pay(till.session(held))
    assert till.status(held) == "expired"


def test_one_who_paid_just_before_it_began_is_booked(till: Till) -> None:
    till.within(lambda: change_offering("session", notice_minutes=0))
    till.clock.at = THU - timedelta(minutes=10)
    held = till.begin(at=THU)
    till.clock.advance(minutes=9)
    till.stripe.pay(till.session(held))
    till.clock.at = THU

    till.work()

    assert till.status(held) == "confirmed"
    assert till.refunds() == []


# Times that nobody can free any more ------------------------------------------------------------


def test_a_time_held_by_a_payment_on_trial_is_free_again_once_real_money_is_taken(
    till: Till,
) -> None:
    held = till.begin(at=THU)
    tools = till.within(the_tools)
    live = StripePayments("sk_live_another", [SECRET], api_base=till.stripe.url)
    till.app.extensions["practice"] = replace(tools, payments=live)
    till.work()
    assert till.status(held) == "pending"  # her time is hers until its end all the same

    till.clock.advance(minutes=36)
    till.work()

    assert till.status(held) == "expired"
    assert till.payment(held).state == "expired"


def test_times_whose_sessions_are_being_made_count_as_those_that_wait(till: Till) -> None:
    """Else many presses at one moment hold more than two times."""
    starts = [at(f"Fri {hour}:00") for hour in (9, 11, 14)]
    first, second, third = [
        till.hold(at=start, browser=f"browser {start:%H}") for start in starts
    ]  # fmt: skip
    with till.stripe.gate("POST /v1/checkout/sessions") as gate:
        pressing = Thread(target=lambda: till.pay(first))
        pressing.start()
        gate.wait()
        till.pay(second)

        with pytest.raises(NotAllowed, match="wait to be paid for"):
            till.pay(third)

        gate.open()
        pressing.join()
    assert [till.status(one) for one in (first, second, third)] == ["pending", "pending", "held"]


# A silent Stripe, and somebody who asks and asks ------------------------------------------------


def test_a_silent_stripe_does_not_take_every_thread_of_the_server(till: Till) -> None:
    held = till.begin(at=THU)
    tools = till.within(the_tools)
    with socket.create_server(("127.0.0.1", 0), backlog=50) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        silent.settimeout(30)
        asked = StripePayments(KEY, [SECRET], api_base=address, timeout=4)
        till.app.extensions["practice"] = replace(tools, payments=asked)

        def look() -> int:
            client, base = till.app.test_client(), tools.base_url
            return client.get(f"/book/h/{held.token}/to-payment", base_url=base).status_code

        waiting = [Thread(target=look) for _ in range(4)]
        for thread in waiting:
            thread.start()
        unanswered = [silent.accept()[0] for _ in waiting]  # all of them have asked by now

        assert look() == 503

        assert all(thread.is_alive() for thread in waiting)  # nobody has been answered meanwhile
        for asked_there in unanswered:
            asked_there.close()
    for thread in waiting:
        thread.join()
