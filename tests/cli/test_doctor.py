"""What the doctor says of payments: what is missing, what has stopped, and what is good to know."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from practice.adapters.stripe_objects import HEARD
from practice.cli.doctor import _remarks
from practice.domain.busy import Trouble
from practice.domain.payment import ConcernKind, PaymentState, RefundReason
from practice.models.base import db
from practice.models.booking import Booking
from practice.models.concern import raise_concern
from practice.models.payment import Payment, Refund
from practice.models.unit import unit_of_work
from practice.ports import Tools
from practice.queries.health import complaints
from practice.settings import load
from tests.fakes import NOW, FakePayments, FrozenClock
from tests.feeding import add_calendar, import_all, reading_calendars
from tests.makers import (
    at,
    book_for,
    change_offering,
    change_practice,
    make_offering,
    make_practice,
    the_tools,
)
from tests.people import ADA


@pytest.fixture
def app(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    (tmp_path / "keys.db").touch()
    (tmp_path / "keys.db").chmod(0o600)  # copied for the test, it is open to all
    with app.app_context():
        make_practice()
        yield app


def told(app: Flask, tools: Tools) -> list[str]:
    migrations = app.extensions["migrate"].directory
    try:
        return list(complaints(str(migrations), tools=tools))
    finally:
        db.session.remove()


def pay_for(*, state: str, service: str = "fake") -> int:
    """The payment of a booking as it would stand in the database."""
    booked = book_for(ADA, at=at("Tue 10:00"))
    with unit_of_work() as session:
        payment = Payment(
            booking_id=booked.id,
            coach_id=session.get_one(Booking, booked.id).coach_id,
            attempt=1,
            state=state,
            amount_minor=9000,
            currency="EUR",
            service=service,
            is_live=False,
            opened_at=NOW,
            session_expires_at=NOW,
            held_until=NOW,
            paid_at=NOW if state == PaymentState.PAID else None,
        )
        session.add(payment)
        session.flush()
        payment_id = payment.id
    db.session.remove()
    return payment_id


def give_back(payment_id: int) -> None:
    with unit_of_work() as session:
        session.add(
            Refund(
                dedupe="x",
                payment_id=payment_id,
                amount_minor=9000,
                reason=RefundReason.COACH,
                created_at=NOW,
                due_at=NOW,
            )
        )
    db.session.remove()


def test_a_price_that_nobody_can_pay_is_told_with_what_is_missing(app: Flask, tools: Tools) -> None:
    assert told(app, tools) == []
    make_offering(name="Long session", price_minor=9000)

    (sentence,) = told(app, tools)

    assert "Long session" in sentence
    assert "PRACTICE_STRIPE_SECRET_KEY and PRACTICE_STRIPE_WEBHOOK_SECRET" in sentence
    assert told(app, replace(tools, payments=FakePayments(tools.clock))) == []
    change_offering("session", is_shown=False)
    assert told(app, tools) == []


def test_words_that_no_bank_would_print_are_told(app: Flask, tools: Tools) -> None:
    change_practice(statement="<Lantern>")

    (sentence,) = told(app, tools)

    assert "“<Lantern>” cannot stand on bank statements." in sentence


def test_payments_of_a_service_that_was_taken_away_are_told(app: Flask, tools: Tools) -> None:
    payment_id = pay_for(state=PaymentState.OPEN, service="pretend")

    (sentence,) = told(app, tools)
    assert "under way by pretend, which is not set up any more" in sentence
    assert told(app, replace(tools, payments=FakePayments(tools.clock))) == [sentence]

    with unit_of_work() as session:
        session.get_one(Payment, payment_id).state = PaymentState.PAID
        session.get_one(Payment, payment_id).paid_at = NOW
    assert told(app, tools) == []
    give_back(payment_id)
    assert told(app, tools) == [sentence]


def test_refunds_that_nobody_asks_for_are_told(
    app: Flask, tools: Tools, clock: FrozenClock
) -> None:
    paying = replace(tools, payments=FakePayments(tools.clock))
    give_back(pay_for(state=PaymentState.PAID))

    assert told(app, paying) == []
    clock.advance(minutes=11)
    (sentence,) = [s for s in told(app, paying) if "refunds" in s]
    assert "1 refunds have waited for more than 10 minutes." in sentence


def test_notices_that_never_come_are_told_with_both_things_to_compare(
    app: Flask, tools: Tools
) -> None:
    with unit_of_work() as session:
        raise_concern(session, ConcernKind.NO_NOTICES, "w", now=NOW)

    (sentence,) = told(app, tools)

    assert "https://practice.example/hooks/stripe" in sentence
    assert "PRACTICE_STRIPE_WEBHOOK_SECRET" in sentence


def test_what_needs_a_coach_is_told_without_saying_whose_money_it_is(
    app: Flask, tools: Tools
) -> None:
    with unit_of_work() as session:
        raise_concern(session, ConcernKind.REFUND_FAILED, "1", now=NOW, detail="re_1 of Ada")

    (sentence,) = told(app, tools)

    assert "Something about money needs a coach." in sentence
    assert "Ada" not in sentence


def remarks(instance: Path, **environ: str) -> str:
    return "\n".join(_remarks(load({"PRACTICE_INSTANCE": str(instance)} | environ)))


KEY = "sk_test_hidden"
PRODUCTION = {
    "PRACTICE_MODE": "production",
    "PRACTICE_BASE_URL": "https://book.example.org",
    "PRACTICE_SECRET_KEY": "s" * 43,
    "PRACTICE_MASTER_KEY": "A" * 43,
    "PRACTICE_STRIPE_WEBHOOK_SECRET": "whsec_hidden",
}


def test_a_test_key_is_told_because_no_money_moves(tmp_path: Path) -> None:
    on_test = remarks(tmp_path, **PRODUCTION, PRACTICE_STRIPE_SECRET_KEY=KEY)
    live = remarks(tmp_path, **PRODUCTION, PRACTICE_STRIPE_SECRET_KEY="sk_live_hidden")

    assert "is a test key" in on_test
    assert "test key" not in live
    assert "https://book.example.org/hooks/stripe" in live
    assert "hidden" not in on_test + live


def test_a_laptop_is_told_how_notices_reach_it(tmp_path: Path) -> None:
    words = remarks(tmp_path, PRACTICE_STRIPE_SECRET_KEY="sk_live_hidden")

    assert "real money moves, on a laptop" in words
    assert "PRACTICE_STRIPE_WEBHOOK_SECRET is missing" in words
    assert "stripe listen --forward-to http://127.0.0.1:8000/hooks/stripe" in words


def test_pretended_and_switched_off_payments_are_told(tmp_path: Path) -> None:
    assert "Payments are pretended" in remarks(tmp_path, PRACTICE_PAYMENTS="pretend")
    assert "is not used" in remarks(
        tmp_path, PRACTICE_PAYMENTS="off", PRACTICE_STRIPE_SECRET_KEY=KEY
    )
    assert "ayment" not in remarks(tmp_path)


def test_the_readme_names_the_events_that_the_adapter_understands() -> None:
    words = (Path(__file__).parents[2] / "README.md").read_text()
    named = set(re.findall(r"`((?:checkout|charge|refund)\.[a-z_.]+)`", words))

    # An older name of refund.updated, which Stripe sends beside it.
    assert named == set(HEARD) - {"charge.refund.updated"}


def test_a_calendar_in_trouble_is_told_of_without_its_address_or_name(
    app: Flask, clock: FrozenClock
) -> None:
    with reading_calendars() as calendars:
        calendars.say(Trouble.GONE)
        add_calendar("Family court")
        import_all()
        clock.advance(days=2)
        found = [line for line in told(app, the_tools()) if "alendar" in line]

    assert found == [
        f"A calendar of Maya Ellis can’t be read for 2 days: {Trouble.GONE.value}",
        "Calendars have waited for more than an hour. Is practice worker running?",
    ]
