"""Faults of money that goes back, and of who sees what: S21 to S23, S25, and what is forgotten."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import text

from practice.domain.booking import Actor, Status
from practice.domain.money import Money
from practice.domain.payment import REFUND_TRIES
from practice.domain.refusal import NotAllowed, Refusal
from practice.models.base import db
from practice.models.booking import Booking, BookingPerson
from practice.models.client import Client
from practice.models.payment import HeardNotice, Payment, lease_refund
from practice.models.unit import unit_of_work
from tests.battery.web import until
from tests.browser import Browser
from tests.looking import all_of
from tests.makers import at, change_offering
from tests.payments.crowd import together
from tests.payments.outcomes import (
    THU,
    expect_booked_once,
    expect_given_back_once,
    paid_unheard,
)
from tests.payments.till import Held, Till
from tests.people import ADA, BEN
from tests.stripe_server import Trouble

FRI = at("Fri 14:00")


def after_undo(till: Till) -> None:
    """Let the ten minutes pass in which a cancellation can be taken back, and the worker work."""
    till.clock.advance(minutes=10)
    till.refund_now()
    till.deliver()


def went_back(till: Till) -> list[int]:
    """What went back at Stripe, and only once what our rows say as well."""
    sent = [one["amount"] for one in till.stripe.refunds.values()]
    assert sent == [row.amount_minor for row in till.refunds() if row.state == "done"]
    return sent


# S21: moving ------------------------------------------------------------------------------------


def test_s21_moving_a_paid_booking_asks_for_no_second_payment(till: Till) -> None:
    held = till.buy(at=THU)
    asked = len(till.stripe.asked)

    till.move(held, to=FRI)
    till.move(held, to=at("Thu 10:00", week=1))
    till.work()

    assert till.status(held) == "confirmed"
    assert len(till.stripe.asked) == asked
    (payment,) = till.payments(held)
    assert (payment.state, payment.amount_minor) == ("paid", 9000)
    assert till.refunds() == []


def test_s21_moving_after_the_price_has_changed_charges_and_returns_nothing(till: Till) -> None:
    held = till.buy(at=THU)
    till.within(lambda: change_offering("session", price_minor=20_000))
    asked = len(till.stripe.asked)

    till.move(held, to=FRI)

    assert len(till.stripe.asked) == asked
    till.cancel(held)
    after_undo(till)
    assert went_back(till) == [9000]


def test_s21_the_terms_count_from_the_time_it_was_moved_to(till: Till) -> None:
    held = till.buy(at=THU)
    till.clock.at = THU - timedelta(hours=25)
    till.move(held, to=FRI)
    till.clock.at = THU - timedelta(hours=1)

    till.cancel(held)
    after_undo(till)

    assert went_back(till) == [9000]


def test_s21_moving_late_and_then_cancelling_early_brings_nothing_back(till: Till) -> None:
    held = till.buy(at=THU)
    till.clock.at = THU - timedelta(hours=1)
    till.move(held, to=FRI + timedelta(days=7))

    till.cancel(held)
    after_undo(till)

    assert went_back(till) == []


# S22: cancelling --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "goes_back"),
    [
        (timedelta(hours=48), [9000]),
        (timedelta(hours=24), [9000]),
        (timedelta(hours=24) - timedelta(seconds=1), []),
        (timedelta(minutes=30), []),
    ],
)
def test_s22_all_goes_back_until_a_day_before_and_nothing_after(
    till: Till, before: timedelta, goes_back: list[int]
) -> None:
    held = till.buy(at=THU)
    till.clock.at = THU - before

    till.cancel(held)
    till.refund_now()
    assert till.stripe.refunds == {}
    after_undo(till)

    assert till.status(held) == "cancelled"
    assert went_back(till) == goes_back
    assert till.letters().count("cancelled") == 1
    assert till.outbox("refunded") == []


def test_s22_a_part_goes_back_where_the_terms_say_so(till: Till) -> None:
    till.within(_part)
    held = till.buy(at=THU)
    till.clock.at = THU - timedelta(hours=6)

    till.cancel(held)
    after_undo(till)

    assert went_back(till) == [4500]


def test_s22_the_terms_that_were_shown_before_she_paid_are_those_that_count(till: Till) -> None:
    held = till.buy(at=THU)
    till.within(_part)
    till.clock.at = THU - timedelta(hours=6)

    till.cancel(held)
    after_undo(till)

    assert went_back(till) == []


def _part() -> None:
    change_offering("session", full_refund_hours=24, part_refund_hours=6, part_refund_percent=50)


@pytest.mark.parametrize(("hours", "goes_back"), [(30, [9000]), (3, [])])
def test_s22_cancelled_by_six_presses_at_once_it_goes_back_once(
    till: Till, hours: int, goes_back: list[int]
) -> None:
    held = till.buy(at=THU)
    till.clock.at = THU - timedelta(hours=hours)
    token = till.booked(held).token
    browsers = [Browser(till.app) for _ in range(6)]
    pages = [browser.open(f"/a/{token}/cancel") for browser in browsers]

    def press(number: int) -> int:
        form = pages[number].form()
        return browsers[number].send(form.action, form.values()).status

    assert together(*[lambda n=n: press(n) for n in range(6)]) == [303] * 6
    after_undo(till)
    after_undo(till)

    assert went_back(till) == goes_back
    assert till.letters().count("cancelled") == 1


def test_s22_cancelled_by_her_and_the_coach_at_once_it_goes_back_once(till: Till) -> None:
    held = till.buy(at=THU)

    together(*[lambda who=who: till.cancel(held, by=who) for who in Actor if who != Actor.HOUSE])
    after_undo(till)

    assert went_back(till) == [9000]


def test_s22_taken_back_in_time_nothing_goes_back(till: Till) -> None:
    held = till.buy(at=THU)
    till.cancel(held)
    till.clock.advance(minutes=9)

    till.undo(held)
    after_undo(till)

    assert till.status(held) == "confirmed"
    assert till.refunds() == []
    assert till.stripe.refunds == {}


def test_s22_taken_back_and_cancelled_again_it_goes_back_once(till: Till) -> None:
    held = till.buy(at=THU)
    for _ in range(3):
        till.cancel(held)
        till.clock.advance(minutes=1)
        till.undo(held)
    till.cancel(held)
    after_undo(till)

    assert went_back(till) == [9000]


def test_s22_it_cannot_be_taken_back_when_the_money_has_gone(till: Till) -> None:
    held = till.buy(at=THU)
    till.cancel(held)
    till.clock.advance(minutes=10)
    till.refund_now()

    with pytest.raises(NotAllowed):
        till.undo(held)

    assert till.status(held) == "cancelled"
    assert went_back(till) == [9000]


def test_s22_it_cannot_be_taken_back_when_nobody_knows_whether_the_money_has_gone(
    till: Till,
) -> None:
    held = till.buy(at=THU)
    till.cancel(held)
    till.clock.advance(minutes=10)
    till.stripe.trouble(Trouble.LOSE, on="POST /v1/refunds", times=3)
    till.refund_now()
    assert [row.state for row in till.refunds()] == ["waiting"]

    with pytest.raises(NotAllowed):
        till.undo(held)

    till.clock.advance(minutes=5)
    till.refund_now()
    assert (till.status(held), went_back(till)) == ("cancelled", [9000])


def test_s22_taken_back_at_the_moment_it_goes_she_has_either_her_time_or_her_money(
    till: Till,
) -> None:
    held = till.buy(at=THU)
    till.cancel(held)
    till.clock.advance(minutes=10)

    def undo() -> int:
        try:
            till.undo(held)
        except Refusal:
            return 0
        return 1

    together(undo, lambda: till.refund_now("one"), lambda: till.refund_now("two"))
    after_undo(till)

    expected = [] if till.status(held) == "confirmed" else [9000]
    assert went_back(till) == expected


def test_s22_taken_back_while_the_refund_is_on_its_way_it_stays_cancelled(till: Till) -> None:
    held = till.buy(at=THU)
    till.cancel(held)
    till.clock.advance(minutes=10)

    with till.stripe.gate("POST /v1/refunds") as gate:
        worker = Thread(target=till.refund_now)
        worker.start()
        gate.wait()
        with pytest.raises(NotAllowed):
            till.undo(held)
        gate.open()
        worker.join(20)

    assert (till.status(held), went_back(till)) == ("cancelled", [9000])


def test_s22_taken_back_while_a_worker_takes_the_refund_up_it_stays_cancelled(till: Till) -> None:
    held = till.buy(at=THU)
    till.cancel(held)
    now = till.clock.advance(minutes=10)
    refusals = []

    def undo() -> None:
        try:
            till.undo(held)
        except NotAllowed as refusal:
            refusals.append(refusal)

    def take_up() -> None:
        with unit_of_work() as session:
            lease_refund(session, owner="one", now=now, leased_until=now + timedelta(minutes=5))
            session.flush()
            undoing.start()
            until(lambda: is_waiting(till), seconds=20, what="she waits for the worker")

    undoing = Thread(target=undo)
    till.within(take_up)
    undoing.join(20)

    assert len(refusals) == 1
    assert till.status(held) == "cancelled"


def is_waiting(till: Till) -> bool:
    """Somebody waits for a lock in the database; SQLite lets nobody look, nor two write at once."""

    def look() -> bool:
        if db.engine.dialect.name == "sqlite":
            return True
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        with db.engine.connect() as connection:
            return bool(connection.execute(waiting).scalar())

    return till.within(look)


# The coach --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("back", "goes_back"),
    [(None, [9000]), (Money(4000, "EUR"), [4000]), (Money(0, "EUR"), [])],
)
def test_cancelled_by_the_coach_what_the_coach_says_goes_back_whatever_the_terms(
    till: Till, back: Money | None, goes_back: list[int]
) -> None:
    held = till.buy(at=THU)
    till.clock.at = THU - timedelta(hours=1)

    till.cancel(held, by=Actor.COACH, back=back)
    till.cancel(held, by=Actor.COACH, back=back)
    after_undo(till)

    assert till.status(held) == "cancelled"
    assert went_back(till) == goes_back


@pytest.mark.parametrize("back", [Money(9001, "EUR"), Money(9000, "USD"), Money(10**15, "EUR")])
def test_cancelled_by_the_coach_no_more_goes_back_than_was_paid(till: Till, back: Money) -> None:
    held = till.buy(at=THU)

    with pytest.raises(NotAllowed):
        till.cancel(held, by=Actor.COACH, back=back)

    assert till.status(held) == "confirmed"
    assert till.refunds() == []


def test_given_back_from_the_desk_at_four_doors_at_once_it_goes_once(till: Till) -> None:
    held = till.buy(at=THU)

    together(*[lambda: till.give_back(held, Money(3000, "EUR"))] * 4)
    till.refund_now()
    till.deliver()

    assert went_back(till) == [3000]
    assert till.letters().count("refunded") == 1


def test_given_back_from_two_desks_at_once_no_more_goes_than_was_paid(till: Till) -> None:
    held = till.buy(at=THU)

    def give(number: int) -> int:
        try:
            till.give_back(held, Money(6000, "EUR"), key=str(number))
        except NotAllowed:
            return 0
        return 1

    assert sum(together(*[lambda n=n: give(n) for n in range(4)])) == 1
    till.refund_now()

    assert went_back(till) == [6000]


def test_what_the_coach_gave_back_counts_when_she_cancels(till: Till) -> None:
    held = till.buy(at=THU)
    till.give_back(held, Money(2000, "EUR"))
    till.refund_now()

    till.cancel(held)
    after_undo(till)

    assert went_back(till) == [2000, 7000]


# S23: a refund that fails -----------------------------------------------------------------------


def test_s23_too_little_on_the_account_is_tried_again_and_goes_through_later(till: Till) -> None:
    held = till.buy(at=THU)
    till.cancel(held)
    till.clock.advance(minutes=10)
    till.stripe.balance_is_short = True
    for tries in range(1, 4):
        assert till.refund_now() == 1
        (row,) = till.refunds()
        assert (row.state, row.tries) == ("waiting", tries)
        assert till.refund_now() == 0
        till.clock.advance(hours=1)
    assert till.concerns() == []
    till.stripe.balance_is_short = False

    till.refund_now()

    assert went_back(till) == [9000]
    assert till.concerns() == []


def test_s23_refused_eight_times_the_coach_is_told_once_and_can_give_it_back_later(
    till: Till,
) -> None:
    held = till.buy(at=THU)
    till.cancel(held)
    till.stripe.balance_is_short = True
    for _ in range(REFUND_TRIES + 3):
        till.clock.advance(hours=2)
        till.refund_now()
    (row,) = till.refunds()
    assert (row.state, row.tries) == ("failed", REFUND_TRIES)
    assert till.stripe.count("POST /v1/refunds") == REFUND_TRIES
    (concern,) = till.concerns()
    assert (concern.kind, concern.coach_id) == ("refund_failed", 1)
    till.stripe.balance_is_short = False

    till.give_back(held, Money(9000, "EUR"))
    till.refund_now()
    till.deliver()

    assert went_back(till) == [9000]
    assert till.letters().count("refunded") == 1


def test_s23_given_up_here_and_made_in_the_dashboard_it_is_mirrored(till: Till) -> None:
    held = till.buy(at=THU)
    till.cancel(held)
    till.stripe.balance_is_short = True
    for _ in range(REFUND_TRIES):
        till.clock.advance(hours=2)
        till.refund_now()
    till.stripe.balance_is_short = False

    till.stripe.refund_in_dashboard(till.payment(held).intent or "")
    till.deliver(times=2)

    assert went_back(till) == [9000]
    with pytest.raises(NotAllowed):
        till.give_back(held, Money(1, "EUR"))


def test_s23_one_that_fails_does_not_stop_the_others(till: Till) -> None:
    first, second = till.buy(at=THU), till.buy(BEN, at=FRI)
    till.cancel(first)
    till.clock.advance(seconds=1)
    till.cancel(second)
    till.clock.advance(minutes=11)
    till.stripe.trouble(Trouble.FAIL, on="POST /v1/refunds", times=3)

    till.refund_now()

    assert [row.state for row in till.refunds()] == ["waiting", "done"]


def test_s23_money_that_came_late_and_cannot_go_back_is_told_to_the_coach(till: Till) -> None:
    held = paid_unheard(till)
    till.clock.advance(minutes=26)
    till.hold(BEN, at=THU)
    till.deliver()
    till.stripe.balance_is_short = True
    for _ in range(REFUND_TRIES):
        till.clock.advance(hours=2)
        till.refund_now()
    assert [row.kind for row in till.concerns()] == ["refund_failed"]
    till.stripe.balance_is_short = False

    till.give_back(held, Money(9000, "EUR"))
    till.refund_now()

    assert went_back(till) == [9000]


# S25: a success page with somebody else's session -----------------------------------------------


def test_s25_a_success_page_opened_with_the_session_of_another_shows_and_changes_nothing_of_hers(
    till: Till,
) -> None:
    hers, mine = till.begin(at=THU), till.begin(BEN, at=FRI)
    session = till.session(hers)
    intent = till.stripe.pay(session)
    till.stripe.lose()
    asked = till.stripe.count(session)
    for query in (f"session_id={session}", f"payment_intent={intent}", f"token={hers.token}"):
        page = Browser(till.app).open(f"/book/h/{mine.token}/paid?{query}")

        assert page.path == f"/book/h/{mine.token}/pay"
        for secret in (session, intent, ADA.name, ADA.email, hers.token, "4 June"):
            assert secret not in page.source

    assert till.stripe.count(session) == asked
    assert (till.status(hers), till.status(mine)) == ("pending", "pending")
    assert {row.paid_at for row in till.payments(hers) + till.payments(mine)} == {None}
    till.come_back(hers)
    expect_booked_once(till, hers)


def test_s25_a_link_that_nobody_was_given_is_a_page_that_is_not_there(till: Till) -> None:
    held = till.begin(at=THU)
    till.stripe.pay(till.session(held))
    before = till.rows(without=["throttles"])

    for name in ("paid", "pay", "to-payment"):
        page = Browser(till.app).open(f"/book/h/{till.session(held)}/{name}", status=404)
        assert "€" not in page.text

    assert till.rows(without=["throttles"]) == before


# What is forgotten, and what is kept ------------------------------------------------------------


def rows_of(till: Till, held: Held) -> int:
    def count() -> int:
        return len(all_of(Booking, Booking.id == held.booking_id))

    return till.within(count)


def test_who_did_not_pay_is_forgotten_after_a_week(till: Till) -> None:
    held = till.begin(at=THU)
    till.clock.advance(minutes=40)
    till.work()
    till.deliver()
    assert till.status(held) == "expired"
    till.clock.advance(days=6, hours=23)
    till.keep_house()
    assert rows_of(till, held) == 1
    till.clock.advance(hours=2)

    till.keep_house()

    left = till.rows()
    for model in (Booking, Payment, BookingPerson, Client):
        assert left[model.__tablename__] == []
    # Heard once more, it still means nothing.
    assert len(till.within(lambda: all_of(HeardNotice))) == 1


def test_who_tried_twice_and_failed_at_the_bank_is_forgotten_as_well(till: Till) -> None:
    held = till.begin(at=at("Thu 10:00", week=1))
    till.give_up(held)
    till.pay_again(held)
    session = till.session(held)
    till.stripe.pay_later(session)
    till.stripe.fail_later(session)
    till.deliver()
    till.letters()
    till.clock.advance(days=8)

    till.keep_house()

    assert rows_of(till, held) == 0
    assert till.within(lambda: all_of(Client)) == []


@pytest.mark.parametrize("state", ["processing", "strange"])
def test_what_is_not_decided_is_never_forgotten(till: Till, state: str) -> None:
    held = till.begin(at=THU)
    session = till.session(held)
    if state == "processing":
        till.stripe.pay_later(session)
    else:
        till.stripe.pay(session, amount=1)
    till.deliver()
    till.clock.advance(days=30)

    till.work()
    till.keep_house()

    assert (rows_of(till, held), till.payment(held).state) == (1, state)


def test_who_paid_is_kept_though_the_money_went_back(till: Till) -> None:
    held = paid_unheard(till)
    till.clock.advance(minutes=26)
    till.hold(BEN, at=THU)
    till.deliver()
    till.refund_now()
    till.deliver()
    till.clock.advance(days=30)

    till.keep_house()

    assert rows_of(till, held) == 1
    assert [row.state for row in till.payments(held)] == ["paid"]
    expect_given_back_once(till, held)


def test_a_booking_that_was_paid_for_is_kept(till: Till) -> None:
    held = till.buy(at=THU)
    till.clock.advance(days=30)

    till.work()
    till.keep_house()

    assert till.status(held) == Status.CONFIRMED
    assert till.payment(held).state == "paid"
