from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from threading import Barrier, Thread

import pytest
from flask import Flask

from practice.domain.money import Money
from practice.domain.refunding import refund_left
from practice.domain.refusal import NotAllowed, NotFound
from practice.domain.roles import Role
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.payment import Refund
from practice.ports import Tools
from practice.usecases import no_show
from practice.usecases.appointment import by_coach
from practice.usecases.cancelling import cancel
from practice.usecases.desk_payment import accept_strange, refund, return_strange, settle_concern
from tests.fakes import FakePayments, FrozenClock
from tests.looking import all_of, letters
from tests.makers import at, make_offering, seat_of, the_tools
from tests.shop import Shop

THIRTY, NINETY = Money(3000, "EUR"), Money(9000, "EUR")


@pytest.fixture
def bank(clock: FrozenClock) -> FakePayments:
    """Where people pay."""
    return FakePayments(clock)


@pytest.fixture
def tools(tools: Tools, bank: FakePayments) -> Tools:
    """The tools of a house that can take money."""
    return replace(tools, payments=bank)


@pytest.fixture
def shop(app: Flask, coach: int, bank: FakePayments) -> Shop:
    """The house with its paid session, €90 for an hour."""
    make_offering(price_minor=9000)
    return Shop(nullcontext(), bank)


@pytest.fixture
def ada(shop: Shop) -> int:
    """Ada's booking, paid for."""
    return shop.buy(at=at("Thu 10:00"))


def at_once(app: Flask, *acts: Callable[[], object]) -> list[NotAllowed]:
    """Do all of this at the same moment; return the refusals."""
    ready, refused = Barrier(len(acts)), list[NotAllowed]()

    def press(act: Callable[[], object]) -> None:
        with app.app_context():
            ready.wait()
            try:
                act()
            except NotAllowed as refusal:
                refused.append(refusal)
            finally:
                db.session.remove()

    threads = [Thread(target=press, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.remove()
    return refused


def give(booking_id: int, money: Money, key: str) -> None:
    refund(seat_of(1), booking_id, money, attempt=1, key=key, tools=the_tools())


def test_one_page_pressed_eight_times_at_once_gives_back_once(
    app: Flask, shop: Shop, ada: int
) -> None:
    refused = at_once(app, *[lambda: give(ada, THIRTY, "one")] * 8)

    assert refused == []
    assert shop.refunds() == [(3000, "coach", "waiting")]


def test_many_refunds_at_once_never_give_back_more_than_was_paid(
    app: Flask, shop: Shop, ada: int
) -> None:
    acts = [lambda key=f"page-{n}": give(ada, THIRTY, key) for n in range(8)]
    refused = at_once(app, *acts)

    assert len(refused) == 5
    assert shop.refunds() == [(3000, "coach", "waiting")] * 3


def test_a_refund_and_a_cancellation_at_once_never_give_back_more_than_was_paid(
    app: Flask, shop: Shop, ada: int
) -> None:
    def cancels() -> None:
        cancel(by_coach(seat_of(), ada), refund=NINETY, tools=the_tools())

    at_once(app, lambda: give(ada, NINETY, "page"), cancels)

    assert sum(minor for minor, *_ in shop.refunds()) == 9000


def test_of_a_cancellation_and_a_no_show_at_once_one_is_refused(
    app: Flask, shop: Shop, ada: int, clock: FrozenClock
) -> None:
    clock.at = at("Thu 10:05")

    def cancels() -> None:
        cancel(by_coach(seat_of(), ada), refund=NINETY, tools=the_tools())

    def marks() -> None:
        no_show.mark(seat_of(1), ada, NINETY, tools=the_tools())

    refused = at_once(app, cancels, marks)

    assert len(refused) == 1
    assert [minor for minor, *_ in shop.refunds()] == [9000]


def test_deciding_twice_at_once_books_or_gives_back_and_never_both(app: Flask, shop: Shop) -> None:
    booking_id = shop.buy(at=at("Thu 10:00"), price=Money(4000, "EUR"))

    refused = at_once(
        app,
        lambda: accept_strange(seat_of(1), booking_id, 1, tools=the_tools()),
        lambda: return_strange(seat_of(1), booking_id, 1, tools=the_tools()),
    )

    assert len(refused) == 1
    is_booked = shop.status(booking_id) == "confirmed"
    assert is_booked is (shop.refunds() == [])
    assert len(letters(kind="confirmation")) == int(is_booked)


def test_what_is_not_paid_gives_nothing_back(shop: Shop) -> None:
    booking_id = shop.begin(at=at("Thu 10:00"))
    for money in (THIRTY, Money(0, "EUR"), Money(-1, "EUR")):
        with pytest.raises(NotAllowed):
            give(booking_id, money, "page")
    with pytest.raises(NotFound):
        refund(seat_of(1), booking_id, THIRTY, attempt=2, key="page", tools=the_tools())
    with pytest.raises(NotAllowed):
        accept_strange(seat_of(1), booking_id, 1, tools=the_tools())
    with pytest.raises(NotFound):
        settle_concern(seat_of(1), 1, tools=the_tools())
    db.session.remove()
    assert all_of(Refund) == []


def test_neither_nothing_nor_less_nor_other_money_goes_back(shop: Shop, ada: int) -> None:
    for money in (Money(0, "EUR"), Money(-1, "EUR"), Money(9001, "EUR"), Money(100, "USD")):
        with pytest.raises(NotAllowed):
            give(ada, money, "page")
    db.session.remove()
    assert all_of(Refund) == []


def test_a_no_show_that_is_refused_changes_nothing(
    shop: Shop, ada: int, clock: FrozenClock
) -> None:
    with pytest.raises(NotAllowed):
        no_show.mark(seat_of(1), ada, None, tools=the_tools())
    clock.at = at("Thu 10:05")
    with pytest.raises(NotAllowed):
        no_show.mark(seat_of(1), ada, Money(9001, "EUR"), tools=the_tools())
    with pytest.raises(NotFound):
        no_show.mark(seat_of(2), ada, None, tools=the_tools())
    no_show.take_back(seat_of(1), ada, tools=the_tools())
    db.session.remove()
    assert [row.status for row in all_of(Booking)] == ["confirmed"]
    assert all_of(Refund) == []


def test_an_assistant_decides_nothing_about_money_and_cancels_by_the_terms(
    ada: int, clock: FrozenClock, tools: Tools
) -> None:
    assistant = seat_of(1, Role.ASSISTANT)
    acts: tuple[Callable[[], object], ...] = (
        lambda: refund(assistant, ada, THIRTY, attempt=1, key="page", tools=tools),
        lambda: accept_strange(assistant, ada, 1, tools=tools),
        lambda: return_strange(assistant, ada, 1, tools=tools),
        lambda: settle_concern(assistant, 1, tools=tools),
        lambda: no_show.mark(assistant, ada, THIRTY, tools=tools),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act()
    terms = db.session.get_one(Booking, ada).terms().cancellation
    clock.at = at("Thu 09:00")
    due = refund_left(terms, NINETY, Money(0, "EUR"), at("Thu 10:00"), now=clock.at)
    db.session.remove()

    with pytest.raises(NotFound):
        cancel(by_coach(assistant, ada), refund=NINETY, tools=tools)
    db.session.remove()
    cancel(by_coach(assistant, ada), tools=tools)
    db.session.remove()

    assert due.minor < NINETY.minor
    assert sum(row.amount_minor for row in all_of(Refund)) == due.minor
