"""Faults on the way from paying to being booked, by their numbers in the study: S1 to S10.

Stripe's own library talks over HTTP to a Stripe on loopback; notices come in by the real route.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from practice.domain.refusal import TimeTaken
from practice.models.base import db
from practice.queries.paying import Standing, pay_page
from tests.browser import Browser
from tests.makers import at, the_tools
from tests.payments.another import Another
from tests.payments.crowd import together
from tests.payments.outcomes import THU, expect_booked_once, expect_given_back_once, paid_unheard
from tests.payments.till import Held, Till
from tests.people import ADA, BEN, CLEO
from tests.stripe_server import Ended, Trouble

COMPLETED = "checkout.session.completed"
EXPIRED = "checkout.session.expired"
SUCCEEDED = "checkout.session.async_payment_succeeded"
FAILED = "checkout.session.async_payment_failed"

Learn = Callable[[Till, Held], None]


def by_notice(till: Till, held: Held) -> None:
    assert till.deliver(COMPLETED) == [200]


def by_return(till: Till, held: Held) -> None:
    till.come_back(held)


def by_look(till: Till, held: Held) -> None:
    till.work()


LEARN: list[Learn] = [by_notice, by_return, by_look]


# S1 to S6: a card, and news that comes twice, late, in any order or not at all ------------------


def test_s1_the_same_notice_five_times_in_a_row_books_once(till: Till) -> None:
    held = till.begin(at=THU)
    till.stripe.pay(till.session(held))

    assert till.deliver(times=5) == [200] * 5

    expect_booked_once(till, held)
    assert len(till.heard()) == 1


def test_s1_the_same_notice_at_eight_doors_at_once_books_once(till: Till) -> None:
    held = till.begin(at=THU)
    till.stripe.pay(till.session(held))
    (notice,) = till.stripe.waiting

    assert together(*[lambda: till.knock(notice.body)] * 8) == [200] * 8

    expect_booked_once(till, held)
    assert len(till.heard()) == 1


def test_s1_two_notices_of_the_same_payment_book_once(till: Till) -> None:
    held = till.begin(at=THU)
    session = till.session(held)
    till.stripe.pay(session)
    till.stripe.happen(COMPLETED, till.stripe.sessions[session])

    assert till.deliver() == [200, 200]

    expect_booked_once(till, held)


def test_s2_three_notices_and_three_pages_of_success_at_once_book_once(till: Till) -> None:
    held = till.begin(at=THU)
    till.stripe.pay(till.session(held))
    (notice,) = till.stripe.waiting

    def come_back() -> int:
        return Browser(till.app).send(f"/book/h/{held.token}/paid", method="GET").status

    def tell() -> int:
        return till.knock(notice.body)

    assert together(come_back, tell, come_back, tell, come_back, tell) == [303, 200] * 3

    expect_booked_once(till, held)


def test_s2_a_notice_between_two_looks_of_one_page_leaves_nobody_waiting(till: Till) -> None:
    held = till.begin(at=THU)
    till.stripe.pay(till.session(held))
    told: list[list[int]] = []

    def tell(*args: object) -> None:
        if "FROM payments" in str(args[2]) and not told:
            told.append([])
            with ThreadPoolExecutor(1) as elsewhere:
                told[0] = elsewhere.submit(till.deliver).result()

    with till.app.app_context():
        event.listen(db.engine, "before_cursor_execute", tell)
        page = pay_page(held.token, tools=the_tools())
        event.remove(db.engine, "before_cursor_execute", tell)

    assert told == [[200]]
    assert page.standing in {Standing.OPEN, Standing.BOOKED}
    expect_booked_once(till, held)


def test_s3_no_notice_ever_comes_and_coming_back_books(till: Till) -> None:
    held = till.begin(at=THU)
    till.stripe.pay(till.session(held))
    till.stripe.lose()

    till.come_back(held)
    till.come_back(held)

    expect_booked_once(till, held)
    assert till.payment(held).learnt_by == "return"


def test_s4_she_never_comes_back_and_the_notice_books(till: Till) -> None:
    held = till.begin(at=THU)
    till.stripe.pay(till.session(held))

    assert till.deliver() == [200]

    expect_booked_once(till, held)
    assert till.payment(held).learnt_by == "notice"


def test_s5_neither_comes_and_the_worker_books_within_a_quarter_of_an_hour(till: Till) -> None:
    till.work()
    till.clock.advance(minutes=5, seconds=1)
    held = till.begin(at=THU)
    till.stripe.pay(till.session(held))
    till.stripe.lose()

    till.clock.advance(minutes=4, seconds=59)
    till.work()  # ten minutes after the last time
    assert till.status(held) == "pending"
    till.clock.advance(minutes=10)
    till.work()

    expect_booked_once(till, held)
    assert till.payment(held).learnt_by == "look"


def test_s5_who_looks_while_the_service_is_away_learns_it_the_next_time(till: Till) -> None:
    held = till.begin(at=THU)
    till.stripe.pay(till.session(held))
    till.stripe.lose()
    till.clock.advance(minutes=6)
    till.stripe.trouble(Trouble.FAIL, times=3)

    till.work()
    assert till.status(held) == "pending"
    till.clock.advance(minutes=10)
    till.work()

    expect_booked_once(till, held)


@pytest.mark.parametrize("oddity", ["unreadable", "somebody else’s"])
def test_s5_one_payment_that_cannot_be_read_or_kept_does_not_stop_the_others(
    till: Till, oddity: str
) -> None:
    other = till.payment(till.buy(CLEO, at=at("Thu 15:00")))
    odd, held = till.begin(BEN, at=at("Thu 13:00")), till.begin(at=THU)
    for one in (odd, held):
        till.stripe.pay(till.session(one))
    session = till.stripe.sessions[till.session(odd)]
    if oddity == "unreadable":
        session["amount_total"] = "a lot"
    else:
        session["payment_intent"] = other.intent
    till.clock.advance(minutes=36)

    till.work()

    assert (till.status(odd), till.status(held)) == ("pending", "confirmed")


def test_s5_the_coach_is_told_once_when_no_notice_of_any_payment_ever_came(till: Till) -> None:
    for start in (THU, at("Thu 13:00")):
        held = till.begin(at=start)
        till.stripe.pay(till.session(held))
        till.stripe.lose()
        till.come_back(held)

    for _ in range(3):
        till.clock.advance(hours=1)
        till.work()

    assert [row.kind for row in till.concerns()] == ["no_notices"]


def test_s6_an_end_that_is_heard_before_the_payment_does_not_win(till: Till) -> None:
    held = till.begin(at=THU)
    session = till.session(held)
    ended = till.stripe.sessions[session] | {"status": "expired", "url": None}
    till.stripe.happen(EXPIRED, ended)
    till.stripe.pay(session)

    assert till.deliver(EXPIRED) == [200]
    assert till.status(held) == "confirmed"
    assert till.deliver(COMPLETED) == [200]

    expect_booked_once(till, held)


def test_s6_an_end_that_is_heard_after_the_payment_takes_nothing_away(till: Till) -> None:
    held = till.begin(at=THU)
    first = till.session(held)
    till.clock.advance(minutes=32)
    till.come_back(held)
    assert till.status(held) == "expired"
    till.pay_again(held)
    till.stripe.pay(till.session(held))
    ended = till.stripe.sessions[first] | {"status": "expired", "url": None}
    till.stripe.happen(EXPIRED, ended)

    assert till.deliver(COMPLETED) == [200]
    assert till.deliver() == [200, 200]

    expect_booked_once(till, held)
    assert [row.state for row in till.payments(held)] == ["expired", "paid"]


# S7, S8: ways to pay that take days -------------------------------------------------------------


@pytest.mark.parametrize("learn", [by_return, by_look])
def test_s7_a_bank_that_takes_days_keeps_the_time_until_it_says_yes(
    till: Till, learn: Learn
) -> None:
    held = till.begin(at=at("Thu 10:00", week=1))
    session = till.session(held)
    till.stripe.pay_later(session)
    assert till.deliver() == [200]
    for _ in range(3):
        till.clock.advance(days=1)
        learn(till, held)
        till.keep_house()
        till.give_up(held)
        assert (till.status(held), till.payment(held).state) == ("pending", "processing")
    assert till.outbox() == []

    till.stripe.succeed_later(session)
    assert till.deliver(SUCCEEDED) == [200]

    expect_booked_once(till, held)


def test_s7_the_yes_is_heard_before_the_maybe(till: Till) -> None:
    held = till.begin(at=THU)
    session = till.session(held)
    till.stripe.pay_later(session)
    till.stripe.succeed_later(session)

    assert till.deliver(SUCCEEDED) == [200]
    assert till.deliver(COMPLETED) == [200]

    expect_booked_once(till, held)


def test_s7_the_yes_is_never_heard_and_the_worker_looks(till: Till) -> None:
    held = till.begin(at=THU)
    session = till.session(held)
    till.stripe.pay_later(session)
    till.deliver()
    till.clock.advance(days=1)
    till.stripe.succeed_later(session)

    till.work()

    expect_booked_once(till, held)


def by_failure_notice(till: Till, held: Held) -> None:
    assert till.deliver(FAILED, COMPLETED, times=2) == [200] * 4


@pytest.mark.parametrize("learn", [by_failure_notice, by_return, by_look])
def test_s8_a_bank_that_says_no_frees_the_time_and_she_is_told_once(
    till: Till, learn: Learn
) -> None:
    held = till.begin(at=THU)
    session = till.session(held)
    till.stripe.pay_later(session)
    till.clock.advance(days=1)
    till.stripe.fail_later(session)
    till.stripe.waiting.reverse()  # the end is heard before the beginning

    learn(till, held)
    till.deliver()
    till.come_back(held)
    till.work()

    assert (till.status(held), till.payment(held).state) == ("expired", "failed")
    assert till.letters() == ["payment_failed"]
    till.buy(BEN, at=THU)


# S9, S10: money that is learnt of when the hold has ended ---------------------------------------


@pytest.mark.parametrize(
    ("learn", "is_tidied"),
    [(by_notice, True), (by_notice, False), (by_return, True), (by_look, False)],
)
def test_s9_paid_in_time_and_learnt_after_the_hold_ended_it_is_booked_if_the_time_is_free(
    till: Till, learn: Learn, is_tidied: bool
) -> None:
    held = paid_unheard(till)
    till.clock.advance(minutes=26)
    if is_tidied:
        till.keep_house()
        assert till.status(held) == "expired"

    learn(till, held)

    expect_booked_once(till, held)
    assert till.deliver() in ([], [200])
    expect_booked_once(till, held)


def test_s9_the_notice_that_was_asked_for_before_does_not_count_any_more(till: Till) -> None:
    # Ten minutes before it begins nobody could hold it: but she has paid, and it is free.
    held = paid_unheard(till)
    till.clock.at = at("Thu 09:50")
    till.keep_house()

    by_notice(till, held)

    expect_booked_once(till, held)


def test_s9_learnt_when_it_has_begun_the_money_goes_back(till: Till) -> None:
    held = paid_unheard(till)
    till.clock.at = THU
    till.keep_house()

    by_notice(till, held)
    till.refund_now()

    expect_given_back_once(till, held)


@pytest.mark.parametrize("learn", LEARN)
def test_s10_where_the_time_is_taken_the_money_goes_back_once_and_a_letter_says_why(
    till: Till, learn: Learn
) -> None:
    held = paid_unheard(till)
    till.clock.advance(minutes=26)
    till.hold(BEN, at=THU)

    learn(till, held)
    till.refund_now()
    till.deliver(times=2)
    till.come_back(held)
    till.work()

    expect_given_back_once(till, held)
    letters = [post for post in till.posted(ADA) if post.subject == "About your payment"]
    assert len(letters) == 1


def test_s10_money_for_a_time_that_has_gone_pays_for_the_time_she_took_instead(till: Till) -> None:
    held = paid_unheard(till)
    till.clock.advance(minutes=26)
    till.hold(BEN, at=THU)
    till.stripe.calm()
    till.pay(held, instead_at=at("Thu 14:00"))
    second = till.session(held)

    by_notice(till, held)
    till.work()

    expect_booked_once(till, held)
    with pytest.raises(Ended):
        till.stripe.pay(second)


def test_s10_the_worker_dies_between_the_refund_and_its_mark(till: Till, another: Another) -> None:
    held = paid_unheard(till)
    till.clock.advance(minutes=26)
    till.hold(BEN, at=THU)
    by_notice(till, held)

    another.dies("refund", asking="POST /v1/refunds", is_done=True)

    assert len(till.stripe.refunds) == 1
    assert [row.state for row in till.refunds()] == ["leased"]
    till.clock.advance(minutes=4, seconds=59)
    assert till.refund_now("the next one") == 0
    till.clock.advance(seconds=1)
    assert till.refund_now("the next one") == 1
    expect_given_back_once(till, held)
    till.deliver(times=2)
    expect_given_back_once(till, held)


def test_s10_a_refund_of_which_every_answer_is_lost_is_known_by_its_notice(till: Till) -> None:
    held = paid_unheard(till)
    till.clock.advance(minutes=26)
    till.hold(BEN, at=THU)
    by_notice(till, held)
    till.stripe.trouble(Trouble.LOSE, on="POST /v1/refunds", times=3)

    till.refund_now()
    assert [row.state for row in till.refunds()] == ["waiting"]
    assert set(till.deliver()) == {200}

    expect_given_back_once(till, held)
    till.clock.advance(hours=1)
    assert till.refund_now() == 0


@pytest.mark.parametrize("trouble", [Trouble.LOSE, Trouble.FAIL])
def test_s10_a_refund_that_nobody_answers_for_is_asked_for_until_somebody_does(
    till: Till, trouble: Trouble
) -> None:
    held = paid_unheard(till)
    till.clock.advance(minutes=26)
    till.hold(BEN, at=THU)
    by_notice(till, held)
    till.stripe.lose()
    till.stripe.trouble(trouble, on="POST /v1/refunds", times=3)

    for _ in range(4):
        till.refund_now()
        till.clock.advance(minutes=10)

    expect_given_back_once(till, held)


def test_s10_two_workers_at_once_give_it_back_once(till: Till) -> None:
    held = paid_unheard(till)
    till.clock.advance(minutes=26)
    till.hold(BEN, at=THU)
    by_notice(till, held)

    counts = together(*[lambda n=n: till.refund_now(f"worker {n}") for n in range(4)])

    assert sum(counts) == 1
    assert till.stripe.count("POST /v1/refunds") == 1
    expect_given_back_once(till, held)


def test_s10_who_pays_late_and_who_books_anew_race_for_the_time_and_one_has_it(till: Till) -> None:
    held = paid_unheard(till)
    till.clock.advance(minutes=26)
    till.keep_house()
    (notice,) = till.stripe.waiting

    def want() -> int:
        try:
            till.hold(BEN, at=THU)
        except TimeTaken:
            return 409
        return 303

    answer, wish = together(lambda: till.knock(notice.body), want)
    till.refund_now()

    assert answer == 200
    if wish == 409:
        expect_booked_once(till, held)
    else:
        expect_given_back_once(till, held)
