"""The scenes of money at the desk: what was paid, goes back, or differs, and who did not come."""

from contextlib import nullcontext
from dataclasses import replace
from typing import Any, Final

from practice.domain.money import Money
from practice.domain.payment import ConcernKind
from practice.models.concern import raise_concern
from practice.models.unit import unit_of_work
from practice.usecases.desk_payment import refund
from tests import makers
from tests.fakes import FakePayments
from tests.people import Person
from tests.shop import Shop
from tests.stories.staging import Scene, Stage, at

_SLUG = "paid-session"


def sell(stage: Stage) -> None:
    """Furnish the demo with people who paid at another service than the one it has."""
    tools, clock, tokens = makers.the_tools(), stage.demo.clock, stage.tokens
    extensions = stage.demo.app.extensions
    bank = FakePayments(clock)
    extensions["practice"] = replace(tools, payments=bank)
    terms: dict[str, Any] = {"full_refund_hours": 48, "part_refund_percent": 50}
    makers.make_offering(_SLUG, name="A long talk", price_minor=9000, is_shown=False, **terms)
    shop = Shop(nullcontext(), bank, _SLUG)
    paid = shop.buy(Person("Iris", "iris2@mail.example"), at=makers.at("Tue 10:00", week=4))
    strange = shop.buy(
        Person("Jonas", "jonas@mail.example"),
        at=makers.at("Wed 10:00", week=4),
        price=Money(4000, "EUR"),
    )
    waiting = shop.begin(Person("Kit", "kit@mail.example"), at=makers.at("Thu 10:00", week=4))
    half = Money(4500, "EUR")
    refund(makers.seat_of(1), paid, half, attempt=1, key="a" * 32, tools=makers.the_tools())
    shop.send()
    bank.dispute("fi_fs_1")
    shop.hear()
    with unit_of_work() as session:
        told = "€90, cs_live_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6"
        raise_concern(session, ConcernKind.UNKNOWN_SESSION, "1", now=clock.at, detail=told)
    extensions["practice"] = tools
    tokens |= {"paid": str(paid), "strange": str(strange), "waiting": str(waiting)}
    tokens["gone"] = str(makers.booked(tokens["past"]).id)


MONEY: Final = (
    Scene("desk-booking-paid", at("/desk/bookings/{paid}"), at_desk=True),
    Scene("desk-booking-strange", at("/desk/bookings/{strange}"), at_desk=True),
    Scene("desk-booking-waiting", at("/desk/bookings/{waiting}"), at_desk=True),
    Scene("desk-cancel-paid", at("/desk/bookings/{paid}/cancel"), at_desk=True),
    Scene("desk-refund", at("/desk/bookings/{paid}/refund"), at_desk=True),
    Scene(
        "desk-refund-wrong",
        at("/desk/bookings/{paid}/refund?choice=part&amount=900"),
        at_desk=True,
        status=422,
    ),
    Scene(
        "desk-refund-sure",
        at("/desk/bookings/{paid}/refund?choice=part&amount=22.50"),
        at_desk=True,
    ),
    Scene("desk-no-show", at("/desk/bookings/{gone}/no-show"), at_desk=True),
    Scene("desk-payments-empty", at("/desk/payments?month=2026-01"), at_desk=True),
)
