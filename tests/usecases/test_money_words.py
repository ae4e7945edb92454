"""What pages and letters say of money is what came and what goes back, to the cent."""

from contextlib import nullcontext, suppress
from dataclasses import replace
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import select

from practice.domain.booking import Actor
from practice.domain.money import Money
from practice.domain.payment import DISPUTE_OVER, RefundState
from practice.domain.refusal import NotAllowed
from practice.domain.zone import zone_named
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.link import person_token
from practice.models.payment import Payment, Refund
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.queries.appointment import appointment_page
from practice.queries.desk_booking import booking_page
from practice.queries.desk_money import money_of
from practice.usecases import no_show
from practice.usecases.appointment import Access
from practice.usecases.cancelling import cancel
from practice.usecases.desk_payment import accept_strange, refund
from tests.fakes import FakePayments, FrozenClock, Postbox, body
from tests.makers import at, deliver_all, make_offering, seat_of, the_tools
from tests.people import ADA
from tests.shop import Shop


@pytest.fixture
def bank(clock: FrozenClock) -> FakePayments:
    return FakePayments(clock)


@pytest.fixture
def tools(tools: Tools, bank: FakePayments) -> Tools:
    return replace(tools, payments=bank)


@pytest.fixture
def shop(app: Flask, coach: int, bank: FakePayments) -> Shop:
    """A house whose €90 come back by half from two days to one day before."""
    make_offering(
        price_minor=9000, full_refund_hours=48, part_refund_hours=24, part_refund_percent=50
    )
    return Shop(nullcontext(), bank)


def token_of(booking_id: int) -> str:
    person = db.session.get_one(Booking, booking_id).people[0]
    return person_token(db.session(), person.id, the_tools().vault)


@pytest.mark.parametrize(
    ("gave_back", "told", "goes_back"),
    [
        (0, "If you cancel now, €45 of €90 goes back to the card", [4500]),
        (2000, "If you cancel now, €25 of €90 goes back to the card", [2000, 2500]),
        (4500, "If you cancel now, nothing of what was paid comes back.", [4500]),
        (7000, "If you cancel now, nothing of what was paid comes back.", [7000]),
    ],
)
def test_the_page_before_cancelling_promises_what_then_goes_back(
    shop: Shop, clock: FrozenClock, gave_back: int, told: str, goes_back: list[int]
) -> None:
    ada = shop.buy(at=at("Thu 10:00"))
    if gave_back:
        money = Money(gave_back, "EUR")
        refund(seat_of(1), ada, money, attempt=1, key="by hand", tools=the_tools())
    clock.at = at("Wed 09:00")

    page = appointment_page(token_of(ada), tools=the_tools())
    cancel(Access(ada, 1, Actor.CLIENT), tools=the_tools())

    assert page.if_cancelled[0].startswith(told)
    assert [minor for minor, _, _ in shop.refunds()] == goes_back


def test_of_a_payment_that_the_coach_took_as_it_is_everything_says_what_came(
    shop: Shop, clock: FrozenClock, postbox: Postbox
) -> None:
    ada = shop.buy(at=at("Thu 10:00"), price=Money(3000, "EUR"))
    accept_strange(seat_of(1), ada, 1, tools=the_tools())
    deliver_all()

    page = appointment_page(token_of(ada), tools=the_tools())
    letter = body(postbox.to(ADA.email)[-1])

    assert page.paid.startswith("€30 on ")
    assert page.if_cancelled[0].startswith("If you cancel now, €30 goes back to the card")
    assert "€30" in letter
    assert "€90" not in letter


@pytest.mark.parametrize("ended", sorted(DISPUTE_OVER))
def test_a_dispute_that_is_over_is_told_at_the_desk_as_over(shop: Shop, ended: str) -> None:
    ada = shop.buy(at=at("Thu 10:00"))
    with unit_of_work() as session:
        session.scalars(select(Payment)).one().dispute = ended

    booking = db.session.get_one(Booking, ada)
    money = money_of(booking, zone_named("Europe/London"), the_tools().clock.now())

    assert money is not None
    (payment,) = money.payments
    assert not payment.is_wrong
    assert "It is disputed" not in payment.told


@pytest.mark.parametrize(("state", "attempts"), [*product(RefundState, (0, 1))])
def test_the_desk_offers_that_they_came_exactly_where_it_can_be_said(
    shop: Shop, clock: FrozenClock, state: RefundState, attempts: int
) -> None:
    ada = shop.buy(at=at("Thu 10:00"))
    clock.at = at("Thu 10:30")
    no_show.mark(seat_of(1), ada, Money(9000, "EUR"), tools=the_tools())
    with unit_of_work() as session:
        row = session.scalars(select(Refund)).one()
        row.state, row.attempts = state, attempts

    is_offered = booking_page(seat_of(), ada, tools=the_tools()).may_unmark
    with suppress(NotAllowed):
        no_show.take_back(seat_of(1), ada, tools=the_tools())

    assert is_offered is (shop.status(ada) == "confirmed")
