"""Faults while a time is held and a session asked for: S11 to S14, S20, S26, S27, and giving up."""

from collections.abc import Callable
from dataclasses import replace
from threading import Thread

import pytest

from practice.adapters.stripe import StripePayments
from practice.domain.booking import HOLDS_PER_CALLER
from practice.domain.refusal import NoPayment, NotAllowed, TimeTaken, TooMany
from practice.ports import Payments
from tests.browser import Browser, Page
from tests.makers import at, change_offering
from tests.payments.another import Another
from tests.payments.crowd import together
from tests.payments.outcomes import (
    CREATE,
    THU,
    expect_booked_once,
    paid_unheard,
)
from tests.payments.till import Held, Till
from tests.people import ADA, BEN, Person
from tests.stripe_server import KEY, SECRET, Ended, Trouble


def use(till: Till, payments: Payments) -> None:
    """Let the house ask another service."""
    tools = till.app.extensions["practice"]
    till.app.extensions["practice"] = replace(tools, payments=payments)


def expect_free(till: Till, held: Held) -> None:
    """Nothing was paid, the time is anybody's, and nobody was written to."""
    assert till.status(held) == "expired"
    assert {row.state for row in till.payments(held)} <= {"expired"}
    assert till.outbox() == []
    till.hold(BEN, at=THU)


# S11: the session was made, and the answer got lost ---------------------------------------------


@pytest.mark.parametrize("trouble", [Trouble.LOSE, Trouble.DROP, Trouble.FAIL])
def test_s11_one_answer_that_is_lost_is_asked_for_again_and_she_does_not_notice(
    till: Till, trouble: Trouble
) -> None:
    held = till.hold(at=THU)
    till.stripe.trouble(trouble, on=CREATE)

    till.pay(held)

    assert till.stripe.count(CREATE) == 2
    assert list(till.stripe.sessions) == [till.session(held)]
    till.stripe.pay(till.session(held))
    till.deliver()
    expect_booked_once(till, held)


@pytest.mark.parametrize("trouble", [Trouble.LOSE, Trouble.GARBLE])
def test_s11_all_answers_are_lost_and_pressing_once_more_leads_to_the_same_session(
    till: Till, trouble: Trouble
) -> None:
    held = till.hold(at=THU)
    till.stripe.trouble(trouble, on=CREATE, times=3)
    with pytest.raises(NoPayment):
        till.pay(held)
    till.stripe.calm()
    till.clock.advance(seconds=50)

    till.pay(held)

    assert list(till.stripe.sessions) == [till.session(held)]
    assert len(till.payments(held)) == 1
    till.stripe.pay(till.session(held))
    till.deliver()
    expect_booked_once(till, held)


def test_s11_a_session_too_old_to_be_asked_for_again_is_replaced_and_paid_in_once(
    till: Till,
) -> None:
    held = till.hold(at=THU)
    till.stripe.trouble(Trouble.LOSE, on=CREATE, times=3)
    with pytest.raises(NoPayment):
        till.pay(held)
    till.stripe.calm()
    till.clock.advance(minutes=5)

    till.pay_again(held)

    first, second = till.stripe.sessions
    assert till.session(held) == second
    till.stripe.pay(second)
    till.deliver()
    expect_booked_once(till, held)
    till.clock.advance(minutes=40)
    till.work()
    with pytest.raises(Ended):
        till.stripe.pay(first)


def test_s11_pressed_six_times_at_once_there_is_one_session(till: Till) -> None:
    held = till.hold(at=THU)

    together(*[lambda: till.pay(held)] * 6)

    assert list(till.stripe.sessions) == [till.session(held)]
    assert len(till.payments(held)) == 1


# S12, S13: the process dies ---------------------------------------------------------------------


def test_s12_killed_between_the_hold_and_the_session_the_time_frees_at_its_end(
    till: Till, another: Another
) -> None:
    held = till.hold(at=THU)

    another.dies("pay", held.token, asking=CREATE, is_done=False)

    assert till.stripe.sessions == {}
    assert (till.status(held), till.payment(held).state) == ("held", "opening")
    till.clock.advance(minutes=34, seconds=59)
    till.work()
    till.keep_house()
    assert till.status(held) == "held"
    with pytest.raises(TimeTaken):
        till.hold(BEN, at=THU)
    till.clock.advance(seconds=1)
    till.keep_house()
    till.work()

    expect_free(till, held)
    assert till.stripe.intents == {}


def test_s13_killed_before_the_session_was_written_down_it_is_found_by_its_reference(
    till: Till, another: Another
) -> None:
    held = till.hold(at=THU)

    another.dies("pay", held.token, asking=CREATE, is_done=True)

    (session,) = till.stripe.sessions
    assert till.payment(held).session is None
    till.clock.advance(minutes=6)
    till.work()
    assert (till.status(held), till.session(held)) == ("pending", session)
    till.stripe.pay(session)
    till.work()
    expect_booked_once(till, held)


def test_s13_a_session_that_was_found_and_is_not_paid_in_is_ended_with_the_hold(
    till: Till,
) -> None:
    held = till.hold(at=THU)
    till.stripe.trouble(Trouble.LOSE, on=CREATE, times=3)
    with pytest.raises(NoPayment):
        till.pay(held)
    (session,) = till.stripe.sessions
    till.clock.advance(minutes=6)
    till.work()
    assert (till.status(held), till.session(held)) == ("pending", session)
    till.clock.advance(minutes=29)

    till.work()

    expect_free(till, held)
    with pytest.raises(Ended):
        till.stripe.pay(session)


def test_s13_she_comes_back_before_the_worker_looks(till: Till) -> None:
    held = paid_unheard(till)

    till.come_back(held)

    expect_booked_once(till, held)


# S14: Stripe is away ----------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", [Trouble.FAIL, Trouble.BUSY, Trouble.LOSE, Trouble.GARBLE])
def test_s14_a_session_that_cannot_be_made_is_a_page_that_says_so_and_the_time_is_held(
    till: Till, trouble: Trouble
) -> None:
    held = till.hold(at=THU)
    till.stripe.trouble(trouble, on=CREATE, times=3)

    page = type_details(till, held)

    expect_no_payment(till, held, page)
    till.stripe.calm()
    page = type_details(till, held)
    assert (page.status, page.path) == (200, f"/book/h/{held.token}/to-payment")


@pytest.mark.parametrize("where", ["http://127.0.0.1:9", "http://stripe.invalid", "silent"])
def test_s14_a_service_that_is_not_there_is_a_page_that_says_so(till: Till, where: str) -> None:
    held = till.hold(at=THU)
    address = till.stripe.url if where == "silent" else where
    use(till, StripePayments(KEY, [SECRET], address, timeout=0.1))
    if where == "silent":
        till.stripe.trouble(Trouble.SILENT, on=CREATE, times=3)

    page = type_details(till, held)

    expect_no_payment(till, held, page)


def test_s14_an_answer_of_500_that_is_kept_for_the_key_is_left_behind_after_a_minute(
    till: Till,
) -> None:
    held = till.hold(at=THU)
    till.stripe.trouble(Trouble.CRASH, on=CREATE)
    for _ in range(2):
        with pytest.raises(NoPayment):
            till.pay(held)
    till.clock.advance(minutes=1)

    till.pay_again(held)

    till.stripe.pay(till.session(held))
    till.deliver()
    expect_booked_once(till, held)


def test_s14_a_key_that_stripe_does_not_know_is_a_page_too(till: Till) -> None:
    held = till.hold(at=THU)
    use(till, StripePayments("sk_test_wrong", [SECRET], till.stripe.url))

    page = type_details(till, held)

    expect_no_payment(till, held, page)


def test_s14_a_time_that_could_not_be_paid_for_frees_at_its_end(till: Till) -> None:
    held = till.hold(at=THU)
    till.stripe.trouble(Trouble.FAIL, on=CREATE, times=3)
    with pytest.raises(NoPayment):
        till.pay(held)

    till.clock.advance(minutes=35)
    till.keep_house()
    till.work()

    expect_free(till, held)


def type_details(till: Till, held: Held) -> Page:
    browser = Browser(till.app)
    page = browser.open(f"/book/h/{held.token}", status=None)
    if page.path != f"/book/h/{held.token}":
        page = browser.open(f"/book/h/{held.token}/pay")
        return browser.press(page, "Pay now", status=None)
    return browser.press(page, form="email", status=None, name=ADA.name, email=ADA.email)


def expect_no_payment(till: Till, held: Held, page: Page) -> None:
    assert page.status == 503
    assert "Nothing was charged" in page.text
    assert till.status(held) == "held"
    assert till.outbox() == []
    with pytest.raises(TimeTaken):
        till.hold(BEN, at=THU)


# The end of a session: asked for at Stripe first ------------------------------------------------


def test_nothing_was_paid_and_the_time_frees_when_stripe_says_so(till: Till) -> None:
    held = till.begin(at=THU)
    till.clock.advance(minutes=34)
    till.keep_house()
    till.stripe.expire_due()
    assert till.status(held) == "pending"

    assert till.deliver("checkout.session.expired", times=2) == [200, 200]

    expect_free(till, held)


def test_nobody_says_anything_and_the_worker_ends_the_session_and_frees_the_time(
    till: Till,
) -> None:
    held = till.begin(at=THU)
    till.clock.advance(minutes=35)

    till.work()

    expect_free(till, held)


def test_no_timer_frees_a_time_while_stripe_cannot_be_asked(till: Till) -> None:
    held = till.begin(at=THU)
    till.stripe.pay(till.session(held))
    till.stripe.lose()
    for _ in range(20):
        till.clock.advance(minutes=10)
        till.stripe.trouble(Trouble.DROP, times=6)
        till.work()
        till.stripe.calm()
        till.keep_house()
    assert till.status(held) == "pending"
    with pytest.raises(TimeTaken):
        till.hold(BEN, at=THU)

    till.work()

    expect_booked_once(till, held)


def test_paid_at_the_last_moment_the_end_is_refused_and_she_is_booked(till: Till) -> None:
    held = till.begin(at=THU)
    till.clock.advance(minutes=30, seconds=59)
    till.stripe.pay(till.session(held))
    till.clock.advance(minutes=5)

    till.work()

    expect_booked_once(till, held)


# S20: she leaves Stripe's page ------------------------------------------------------------------


def test_s20_the_page_she_comes_back_to_changes_nothing_however_often_it_is_opened(
    till: Till,
) -> None:
    held = till.begin(at=THU)
    till.clock.advance(minutes=3)
    before, asked = till.rows(), len(till.stripe.asked)

    for _ in range(2):
        page = Browser(till.app).open(f"/book/h/{held.token}/pay")
        assert "€90" in page.text

    assert till.rows() == before
    assert len(till.stripe.asked) == asked
    with pytest.raises(TimeTaken):
        till.hold(BEN, at=THU)


def test_s20_given_up_by_her_own_button_the_time_is_free_at_once(till: Till) -> None:
    held = till.begin(at=THU)
    session = till.session(held)
    browser = Browser(till.app)

    browser.press(browser.open(f"/book/h/{held.token}/pay"), "Give this time up")

    with pytest.raises(Ended):
        till.stripe.pay(session)
    expect_free(till, held)


def test_s20_given_up_when_she_has_paid_meanwhile_she_keeps_her_booking(till: Till) -> None:
    held = till.begin(at=THU)
    till.stripe.pay(till.session(held))
    till.stripe.lose()

    till.give_up(held)

    expect_booked_once(till, held)


def test_s20_given_up_while_stripe_is_away_the_time_stays_held(till: Till) -> None:
    held = till.begin(at=THU)
    till.stripe.trouble(Trouble.FAIL, times=3)

    with pytest.raises(NoPayment):
        till.give_up(held)

    assert till.status(held) == "pending"
    till.give_up(held)
    expect_free(till, held)


def test_s20_given_up_while_the_session_is_being_made_nobody_can_pay_in_it(till: Till) -> None:
    held = till.hold(at=THU)
    faults = []

    def pay() -> None:
        try:
            till.pay(held)
        except TimeTaken as fault:
            faults.append(fault)

    with till.stripe.gate(CREATE) as gate:
        paying = Thread(target=pay)
        paying.start()
        gate.wait()
        till.give_up(held)
        gate.open()
        paying.join(20)

    assert len(faults) == 1
    (session,) = till.stripe.sessions
    with pytest.raises(Ended):
        till.stripe.pay(session)
    expect_free(till, held)


def test_s20_given_up_and_taken_up_again_she_pays_in_a_new_session(till: Till) -> None:
    held = till.begin(at=THU)
    till.give_up(held)

    till.pay_again(held)

    assert len(till.payments(held)) == 2
    till.stripe.pay(till.session(held))
    till.deliver()
    expect_booked_once(till, held)


# Paid twice, by two sessions --------------------------------------------------------------------


@pytest.mark.parametrize("which", ["the first", "the second"])
def test_paid_in_two_sessions_the_one_that_is_heard_of_later_goes_back(
    till: Till, which: str
) -> None:
    held = till.hold(at=THU)
    till.stripe.trouble(Trouble.LOSE, on=CREATE, times=3)
    with pytest.raises(NoPayment):
        till.pay(held)
    till.stripe.calm()
    till.clock.advance(minutes=2)
    till.pay_again(held)
    paid = list(till.stripe.sessions)
    if which == "the second":
        paid.reverse()
    for session in paid:
        till.stripe.pay(session)

    assert till.deliver(times=2) == [200] * 4
    till.refund_now()
    till.deliver()
    till.work()

    assert till.status(held) == "confirmed"
    assert [row.state for row in till.payments(held)] == ["paid", "paid"]
    (refund,) = till.refunds()
    assert (refund.reason, refund.state, refund.amount_minor) == ("twice", "done", 9000)
    (seen,) = till.stripe.refunds.values()
    assert seen["payment_intent"] == till.stripe.sessions[paid[1]]["payment_intent"]
    kinds = till.letters()
    assert kinds.count("confirmation") == kinds.count("refunded") == 1


def test_paid_after_she_was_booked_by_another_session_that_one_is_ended(till: Till) -> None:
    held = till.hold(at=THU)
    till.stripe.trouble(Trouble.LOSE, on=CREATE, times=3)
    with pytest.raises(NoPayment):
        till.pay(held)
    till.stripe.calm()
    till.clock.advance(minutes=2)
    till.pay_again(held)
    first, second = till.stripe.sessions
    till.stripe.pay(first)
    till.deliver()

    till.work()

    with pytest.raises(Ended):
        till.stripe.pay(second)
    expect_booked_once(till, held)


# S26, S27 ---------------------------------------------------------------------------------------


def test_s26_the_price_of_the_hold_is_charged_whatever_it_is_changed_to(till: Till) -> None:
    held = till.hold(at=THU)
    till.within(lambda: change_offering("session", price_minor=20_000, currency="USD"))
    till.pay(held)
    till.give_up(held)
    till.within(lambda: change_offering("session", price_minor=1_000))
    till.pay_again(held)
    session = till.session(held)
    assert {one["amount_total"] for one in till.stripe.sessions.values()} == {9000}
    assert {one["currency"] for one in till.stripe.sessions.values()} == {"eur"}
    till.within(lambda: change_offering("session", price_minor=30_000))

    till.stripe.pay(session)
    till.deliver()

    expect_booked_once(till, held)
    assert (till.payment(held).received.minor, till.payment(held).received.currency) == (
        9000,
        "EUR",
    )


def test_s27_two_hundred_unpaid_holds_of_one_client_keep_two_times(till: Till) -> None:
    assert spam(till, 200, lambda _number: ADA) == 2


def test_s27_one_address_in_many_browsers_keeps_two_times(till: Till) -> None:
    assert spam(till, 20, lambda number: Person(f"Ada {number}", ADA.email)) == 2


def test_s27_many_addresses_in_one_browser_keep_two_times(till: Till) -> None:
    def who(number: int) -> Person:
        return Person(f"Ada {number}", f"ada{number}@mail.example")

    assert spam(till, 20, who, browser="hers") == 2


def test_s27_many_browsers_of_one_caller_keep_twelve_times(till: Till) -> None:
    def who(number: int) -> Person:
        return Person(f"Ada {number}", f"ada{number}@mail.example")

    assert spam(till, 20, who, caller="hers") == HOLDS_PER_CALLER


def test_s27_giving_up_and_taking_up_again_keeps_no_more_than_two_times(till: Till) -> None:
    starts = [at(f"{day} {hour}:00") for day in ("Wed", "Thu") for hour in ("10", "12", "14")]
    given_up = []
    for start in starts:
        held = till.begin(at=start)
        till.give_up(held)
        given_up.append(held)

    for held in given_up:
        try:
            till.pay_again(held)
        except NotAllowed:
            continue

    assert [till.status(held) for held in given_up].count("pending") == 2


def spam(till: Till, tries: int, who: Callable[[int], Person], **wishes: str) -> int:
    """Begin to pay for time after time and pay for none; return how many wait to be paid for."""
    held = []
    starts = [
        at(f"{day} {hour:02}:00", week=week)
        for week in (1, 2, 3)
        for day in ("Mon", "Tue", "Wed", "Thu", "Fri")
        for hour in (9, 11, 13, 15)
    ]
    for number in range(tries):
        till.clock.advance(seconds=1)
        person = who(number)
        try:
            one = till.hold(person, at=starts[number % len(starts)], **wishes)
            held.append(one)
            till.pay(one, person)
        except (NotAllowed, TimeTaken, TooMany):
            continue
    assert len(held) >= 20
    return [till.status(one) for one in held].count("pending")
