"""The desk and money: payments of a booking, refunds, no-shows, the list, and what is strange."""

import csv
import io
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from practice.domain.money import Money
from practice.domain.payment import ConcernKind, RefundState
from practice.models.booking import Booking
from practice.models.concern import Concern, raise_concern
from practice.models.occupancy import Occupancy
from practice.models.payment import Payment
from practice.models.unit import unit_of_work
from practice.ports import PaymentsRefuse, Tools
from practice.queries.table import inert
from tests.browser import Browser, Page
from tests.fakes import FakePayments, FrozenClock
from tests.looking import all_of, dump, letters
from tests.makers import (
    at,
    book_for,
    change_offering,
    make_coach,
    make_offering,
)
from tests.people import ADA, BEN, Person
from tests.shop import Shop
from tests.web.conftest import Inside

EUR = "EUR"


@pytest.fixture
def bank(clock: FrozenClock) -> FakePayments:
    """Where people pay."""
    return FakePayments(clock)


@pytest.fixture
def tools(tools: Tools, bank: FakePayments) -> Tools:
    """The tools of a house that can take money."""
    return replace(tools, payments=bank)


@pytest.fixture
def shop(inside: Inside, bank: FakePayments) -> Shop:
    """The house with its paid session."""
    with inside:
        make_offering(
            price_minor=9000,
            full_refund_hours=48,
            part_refund_hours=24,
            part_refund_percent=50,
        )
    return Shop(inside, bank)


@pytest.fixture
def ada(shop: Shop) -> int:
    """Ada's booking, paid for."""
    return shop.buy(at=at("Thu 10:00"))


def open_refund(maya: Browser, booking_id: int) -> Page:
    return maya.open(maya.open(f"/desk/bookings/{booking_id}").links["Give money back"])


def sure_of(maya: Browser, booking_id: int, **typed: Any) -> Page:
    return maya.press(open_refund(maya, booking_id), "Go on", **typed)


# A booking and its payment ------------------------------------------------------------------------


def test_a_booking_tells_its_price_its_terms_and_where_the_payment_stands(
    maya: Browser, shop: Shop, clock: FrozenClock
) -> None:
    booking_id = shop.begin(at=at("Thu 10:00"))
    path = f"/desk/bookings/{booking_id}"

    page = maya.open(path)
    assert "Being paid for" in page.text
    assert "€90. “If you cancel at least 2 days before, you get all of it back." in page.text
    assert "Waiting for payment." in page.text
    assert "Give money back" not in page.links
    assert not {"Move", "Cancel", "Before the call"} & page.links.keys()

    shop.bank.pay(shop.session(booking_id))
    shop.hear()

    page = maya.open(path)
    assert "Paid on Monday 1 June, 10am." in page.text
    assert page.links["Give money back"] == f"{path}/refund?payment=1"
    assert "The payment came." in page.text


def test_a_free_booking_says_nothing_of_money(maya: Browser, inside: Inside) -> None:
    with inside:
        booking = book_for(ADA, at=at("Thu 10:00"))
    page = maya.open(f"/desk/bookings/{booking.id}")
    assert page.find(id="money") is None
    refused = maya.open(f"/desk/bookings/{booking.id}/refund", status=409)
    assert "no money of this booking" in refused.errors


def test_a_payment_that_takes_days_and_one_that_fails_are_said_in_words(
    maya: Browser, shop: Shop
) -> None:
    booking_id = shop.begin(at=at("Thu 10:00"))
    shop.bank.pay_later(shop.session(booking_id))
    shop.hear()
    path = f"/desk/bookings/{booking_id}"
    assert "The bank is still at it; this can take days." in maya.open(path).text

    shop.bank.fail_later(shop.session(booking_id))
    shop.hear()
    page = maya.open(path)
    assert "The bank said no, and nothing was paid." in page.text
    assert "The hold ended without a booking" in page.text


def test_the_week_shows_what_is_being_paid_for(maya: Browser, shop: Shop, ada: int) -> None:
    booking_id = shop.begin(BEN, at=at("Tue 14:00"))

    page = maya.open("/desk/")

    assert "Being paid for Ben" in page.text
    assert page.find(href=f"/desk/bookings/{booking_id}") is not None
    assert "event held at-14 q-0 for-1 r-0" in page.source
    assert "Being paid for B." in maya.open("/desk/?names=hidden").text
    assert "Next, on Thursday 4 June at 10am" in page.text


# Giving money back --------------------------------------------------------------------------------


def test_the_exact_amount_is_shown_before_it_goes_back_and_the_booking_stays(
    maya: Browser, shop: Shop, ada: int
) -> None:
    page = open_refund(maya, ada)
    assert "€90 of it can go back" in page.text

    sure = maya.press(page, "Go on", choice="part", amount="22,50")
    assert sure.h1 == "Give €22.50 back?"
    assert "€22.50 goes back to the card of Ada" in sure.text
    assert shop.refunds() == []

    done = maya.press(sure, "Give €22.50 back")
    assert "Refund of €22.50 asked for, as you asked." in done.text
    assert shop.refunds() == [(2250, "coach", "waiting")]
    shop.send()

    page = maya.open(f"/desk/bookings/{ada}")
    assert "Refunded €22.50 on Monday 1 June, 10am, as you asked." in page.text
    assert "Up to €67.50" in page.text
    assert shop.status(ada) == "confirmed"
    assert "€67.50 of it can go back" in open_refund(maya, ada).text
    with shop.inside:
        assert [row.kind for row in letters(kind="refunded")] == ["refunded"]


def test_pressed_twice_it_goes_back_once(maya: Browser, shop: Shop, ada: int) -> None:
    sure = sure_of(maya, ada, choice="part", amount="60")

    maya.press(sure, "Give €60 back")
    again = maya.press(sure, "Give €60 back")

    assert "That money goes back now." in again.text
    assert shop.refunds() == [(6000, "coach", "waiting")]


def test_never_more_than_is_left(maya: Browser, shop: Shop, ada: int) -> None:
    first, second = sure_of(maya, ada, choice="all"), sure_of(maya, ada, choice="part", amount="1")
    maya.press(first, "Give €90 back")

    late = maya.press(second, "Give €1 back", status=409)

    assert "Of this payment, €0 can still go back." in late.errors
    assert "Give money back" not in late.links
    assert shop.refunds() == [(9000, "coach", "waiting")]
    assert maya.open(f"/desk/bookings/{ada}/refund", status=409)


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("", "Please write how much goes back."),
        ("0", "Please write how much goes back."),
        ("-5", "Please write an amount like 120 or 75.50."),
        ("NaN", "Please write an amount like 120 or 75.50."),
        ("90.01", "Of this payment, €90 can still go back."),
        ("9" * 19, "The most that can be charged at once"),
        ("22.505", "Amounts in EUR have at most 2 decimals."),
    ],
)
def test_an_amount_that_is_none_is_named_beside_its_field_and_kept(
    maya: Browser, shop: Shop, ada: int, amount: str, told: str
) -> None:
    page = open_refund(maya, ada)
    wrong = maya.press(page, "Go on", choice="part", amount=amount, status=422)
    assert told in wrong.errors
    assert wrong.form("Go on").value("amount") == amount
    assert wrong.form("Go on").value("choice") == "part"


def test_what_no_page_offers_gives_nothing_back(maya: Browser, shop: Shop, ada: int) -> None:
    sure = sure_of(maya, ada, choice="all")
    good = dict(sure.form("Give €90 back").values())
    path = f"/desk/bookings/{ada}/refund"
    wrong: list[dict[str, str | None]] = [
        {"key": None},
        {"key": "x" * 32},
        {"minor": "-1"},
        {"minor": "0"},
        {"minor": "9" * 30},
        {"minor": "1.5"},
        {"attempt": "one"},
    ]
    for change in wrong:
        fields = [(name, value) for name, value in (good | change).items() if value is not None]
        assert maya.send(path, fields).status == 422, change
    other = [(name, "USD" if name == "currency" else value) for name, value in good.items()]
    assert maya.send(path, other).status == 409
    gone = [(name, "7" if name == "attempt" else value) for name, value in good.items()]
    assert maya.send(path, gone).status == 404
    assert maya.send(path, [pair for pair in good.items() if pair[0] != "csrf_token"]).status >= 400
    assert maya.open(f"{path}?payment=7", status=409)
    assert maya.open(f"{path}?payment=x", status=404)
    assert shop.refunds() == []


def test_a_refund_that_fails_says_why_and_can_be_asked_for_again(
    maya: Browser, shop: Shop, ada: int, bank: FakePayments, clock: FrozenClock
) -> None:
    maya.press(sure_of(maya, ada, choice="all"), "Give €90 back")
    for _ in range(8):
        bank.troubles = [PaymentsRefuse("The balance is too low.")] * 2
        shop.send()
        clock.advance(minutes=90)
    bank.troubles = []
    assert shop.refunds() == [(9000, "coach", RefundState.FAILED)]

    page = maya.open(f"/desk/bookings/{ada}")
    assert "Refund of €90 failed: The balance is too low." in page.text
    week = maya.open("/desk/")
    assert week.links["Money could not go back"] == "/desk/payments/concerns"

    maya.press(sure_of(maya, ada, choice="all"), "Give €90 back")
    shop.send()
    assert "Refunded €90" in maya.open(f"/desk/bookings/{ada}").text


def test_what_was_given_back_elsewhere_stands_there_too(
    maya: Browser, shop: Shop, ada: int, bank: FakePayments
) -> None:
    bank.refund_in_dashboard("fi_fs_1", Money(4000, EUR))
    shop.hear()
    page = maya.open(f"/desk/bookings/{ada}")
    assert "Refunded €40 on Monday 1 June, 10am, from your payment account." in page.text
    assert "Up to €50" in page.text


# Cancelling ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "choice", "label", "refunds"),
    [
        ("Mon 12:00", "9000", "All of it, €90", [(9000, "cancelled", "waiting")]),
        ("Tue 12:00", "4500", "By the terms, €45", [(4500, "cancelled", "waiting")]),
        ("Wed 12:00", "0", "Nothing", []),
    ],
)
def test_the_coach_chooses_what_goes_back_with_a_cancellation(
    maya: Browser,
    shop: Shop,
    ada: int,
    clock: FrozenClock,
    when: str,
    choice: str,
    label: str,
    refunds: list[tuple[int, str, str]],
) -> None:
    clock.at = at(when)
    page = maya.open(f"/desk/bookings/{ada}/cancel")
    form = page.form("/cancel")
    assert form.value("back") == "9000"
    assert label in page.text
    assert ("By the terms" in page.text) is (when == "Tue 12:00")

    done = maya.press(page, "Cancel it", form="/cancel", back=choice)

    assert "The appointment is cancelled." in done.text
    assert shop.refunds() == refunds
    again = maya.press(page, "Cancel it", form="/cancel", back=choice)
    assert "The appointment is cancelled." in again.text
    assert shop.refunds() == refunds
    if refunds:
        assert "It goes out at 12:10pm." in done.text
        maya.press(done, "Take it back")
        assert shop.refunds() == []
        assert shop.status(ada) == "confirmed"


def test_an_amount_that_the_page_did_not_show_cancels_nothing(
    maya: Browser, shop: Shop, ada: int
) -> None:
    page = maya.open(f"/desk/bookings/{ada}/cancel")
    for wrong in ("9001", "1", "-1", "", None):
        answer = maya.press(page, "Cancel it", form="/cancel", back=wrong, status=422)
        assert "Please choose one of these." in answer.errors
    assert shop.status(ada) == "confirmed"
    assert shop.refunds() == []


def test_what_went_back_before_is_left_out_of_the_cancellation(
    maya: Browser, shop: Shop, ada: int, clock: FrozenClock
) -> None:
    maya.press(sure_of(maya, ada, choice="part", amount="60"), "Give €60 back")
    shop.send()
    clock.at = at("Tue 12:00")
    page = maya.open(f"/desk/bookings/{ada}/cancel")
    assert "All of it, €30" in page.text
    assert "By the terms" not in page.text  # they would be €45, and €60 has gone back
    maya.press(sure_of(maya, ada, choice="all"), "Give €30 back")
    page = maya.open(f"/desk/bookings/{ada}/cancel")
    assert "No money of it can go back any more." in page.text
    maya.press(page, "Cancel it", form="/cancel")
    assert shop.status(ada) == "cancelled"


# Who did not come ---------------------------------------------------------------------------------


def mark(maya: Browser, booking_id: int, **typed: Any) -> Page:
    page = maya.open(maya.open(f"/desk/bookings/{booking_id}").links["They did not come"])
    return maya.press(page, "They did not come", **typed)


def test_that_nobody_came_can_be_said_once_it_has_begun_and_taken_back(
    maya: Browser, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        booking = book_for(ADA, at=at("Thu 10:00"))
    path = f"/desk/bookings/{booking.id}"
    assert "They did not come" not in maya.open(path).links
    early = maya.open("/desk/").form("sign-out").value("csrf_token")
    assert maya.send(f"{path}/no-show", [("csrf_token", early)]).status == 409
    clock.at = at("Thu 10:05")

    page = mark(maya, booking.id)

    assert "It is noted that nobody came." in page.text
    assert "They did not come" in page.text
    assert "Nobody came. You" in page.text
    assert "Did not come" in maya.open("/desk/").text
    back = maya.press(page, "They came")
    assert "It is noted that they came after all." in back.text
    assert "That nobody came was taken back. You" in back.text
    with inside:
        assert all_of(Booking)[0].status == "confirmed"


@pytest.mark.parametrize(
    ("typed", "refunds"),
    [
        ({"choice": "keep"}, []),
        ({"choice": "all"}, [(9000, "no_show", "waiting")]),
        ({"choice": "part", "amount": "45"}, [(4500, "no_show", "waiting")]),
    ],
)
def test_the_coach_chooses_what_becomes_of_the_money_of_who_did_not_come(
    maya: Browser,
    shop: Shop,
    ada: int,
    clock: FrozenClock,
    typed: dict[str, str],
    refunds: list[tuple[int, str, str]],
) -> None:
    clock.at = at("Thu 10:20")
    page = mark(maya, ada, **typed)
    assert shop.refunds() == refunds
    assert shop.status(ada) == "no_show"

    maya.press(page, "They came")
    assert shop.refunds() == []
    assert shop.status(ada) == "confirmed"

    mark(maya, ada, **typed)
    assert shop.refunds() == refunds
    clock.advance(minutes=11)
    shop.send()
    page = maya.open(f"/desk/bookings/{ada}")
    assert ("They came" in [button.text for button in page.tree.iter("button")]) is (not refunds)
    if refunds:
        assert shop.refunds()[0][2] == "done"
        token = page.form("sign-out").value("csrf_token")
        came = maya.send(f"/desk/bookings/{ada}/came", [("csrf_token", token)])
        assert came.status == 409
        assert "Money has gone back for it already" in came.errors


def test_a_wrong_amount_marks_nobody(
    maya: Browser, shop: Shop, ada: int, clock: FrozenClock
) -> None:
    clock.at = at("Thu 12:00")
    page = maya.open(f"/desk/bookings/{ada}/no-show")
    for typed in ({"choice": "part", "amount": "91"}, {"choice": "part"}, {"choice": "half"}):
        answer = maya.press(page, "They did not come", status=422, **typed)
        assert answer.errors
    assert shop.status(ada) == "confirmed"


# What differs -------------------------------------------------------------------------------------


def strange(shop: Shop, person: Person = ADA, *, at: datetime) -> int:
    return shop.buy(person, at=at, price=Money(4000, EUR))


def test_a_payment_that_differs_needs_the_coach_and_can_be_taken_as_it_is(
    maya: Browser, shop: Shop
) -> None:
    booking_id = strange(shop, at=at("Thu 10:00"))

    week = maya.open("/desk/")
    concerns = maya.open(week.links["A payment differs from what was asked for"])
    assert "€40 instead of €90" in concerns.text
    assert not [form for form in concerns.forms if "settled" in form.action]
    page = maya.open(concerns.links["See booking of Ada"])
    assert "Something differs. €40 came instead of €90." in page.text
    done = maya.press(page, "Take it as it is")

    assert "the appointment is booked" in done.text
    assert shop.status(booking_id) == "confirmed"
    assert "Paid on Monday 1 June, 10am. €40 came instead of €90." in done.text
    assert "Up to €40" in done.text
    assert "Nothing stands strange" in maya.open("/desk/payments/concerns").text
    with shop.inside:
        assert [row.kind for row in letters(kind="confirmation")] == ["confirmation"]
    again = maya.press(page, "Take it as it is", status=409)
    assert "decided on already" in again.errors


def test_a_payment_that_differs_can_be_given_back_and_its_time_is_free(
    maya: Browser, shop: Shop
) -> None:
    booking_id = strange(shop, at=at("Thu 10:00"))
    page = maya.open(f"/desk/bookings/{booking_id}")

    done = maya.press(page, "Give it back")

    assert "The payment goes back." in done.text
    assert shop.refunds() == [(4000, "coach", "waiting")]
    assert shop.status(booking_id) == "expired"
    with shop.inside:
        assert all_of(Occupancy) == []
    shop.send()
    assert "Refunded €40" in maya.open(f"/desk/bookings/{booking_id}").text
    assert maya.press(page, "Give it back", status=409).errors
    assert maya.press(page, "Take it as it is", status=409).errors
    assert shop.refunds() == [(4000, "coach", "done")]
    assert shop.buy(BEN, at=at("Thu 10:00"))


def test_a_payment_that_differs_is_not_taken_where_the_time_is_somebody_elses(
    maya: Browser, shop: Shop, clock: FrozenClock
) -> None:
    booking_id = shop.begin(at=at("Thu 10:00"))
    session = shop.session(booking_id)
    with shop.inside, unit_of_work() as rows:  # it was let go, and the news came late
        rows.get_one(Booking, booking_id).status = "expired"
        rows.query(Occupancy).delete()
    shop.buy(BEN, at=at("Thu 10:00"))
    shop.bank.pay(session, price=Money(4000, EUR))
    shop.hear()
    page = maya.open(f"/desk/bookings/{booking_id}")

    refused = maya.press(page, "Take it as it is", status=409)

    assert "Somebody else has this time by now" in refused.errors
    maya.press(page, "Give it back")
    assert shop.refunds() == [(4000, "coach", "waiting")]


# What stands strange ------------------------------------------------------------------------------


def test_every_trouble_is_one_thing_to_do_and_leaves_once_looked_at(
    maya: Browser, shop: Shop, ada: int, bank: FakePayments, inside: Inside, clock: FrozenClock
) -> None:
    bank.dispute("fi_fs_1")
    shop.hear()
    with inside, unit_of_work() as session:
        for kind in (ConcernKind.UNKNOWN_SESSION, ConcernKind.NO_NOTICES):
            raise_concern(session, kind, "1", now=clock.now(), detail="cs_1")
        raise_concern(session, ConcernKind.UNKNOWN_SESSION, "2", now=clock.now())

    week = maya.open("/desk/")
    for title in (
        "A payment is disputed at the bank",
        "Money came that belongs to no booking (2)",
        "The payment service was not heard for long",
    ):
        assert week.links[title] == "/desk/payments/concerns"
    assert "It is disputed at the bank." in maya.open(f"/desk/bookings/{ada}").text
    assert "The bank decides" in open_refund(maya, ada).text
    assert maya.open("/desk/payments").links["4 to look at"] == "/desk/payments/concerns"

    for left in (3, 2, 1, 0):
        page = maya.open("/desk/payments/concerns")
        form = next(form for form in page.forms if form.action.endswith("/settled"))
        page = maya.press(page, "I have looked at it", form=form)
        assert len([f for f in page.forms if f.action.endswith("/settled")]) == left
    assert "Nothing stands strange" in page.text


def test_something_that_costs_money_and_cannot_be_paid_needs_the_coach(
    maya: Browser, shop: Shop, inside: Inside
) -> None:
    assert "Set up payments" not in maya.open("/desk/").links
    app = maya.client.application
    app.extensions["practice"] = replace(app.extensions["practice"], payments=None)
    try:
        page = maya.open("/desk/")
        assert page.links["Set up payments"] == "/desk/offerings"
        with inside:
            change_offering("session", price_minor=0)
        assert "Set up payments" not in maya.open("/desk/").links
    finally:
        app.extensions["practice"] = replace(app.extensions["practice"], payments=shop.bank)


# The list -----------------------------------------------------------------------------------------


def table(maya: Browser, query: str = "") -> list[list[str]]:
    answer = maya.send(f"/desk/payments?format=csv{query}", method="GET")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    text = answer.raw.decode("utf-8-sig")
    assert answer.raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_payments_are_listed_by_month_with_totals_for_each_currency(
    maya: Browser, shop: Shop, ada: int, clock: FrozenClock
) -> None:
    with shop.inside:
        change_offering("session", price_minor=9000, currency="JPY")
    clock.advance(minutes=1)
    ben = shop.buy(BEN, at=at("Fri 10:00"))
    maya.press(sure_of(maya, ada, choice="part", amount="30"), "Give €30 back")
    shop.begin(Person("Cleo", "cleo2@mail.example"), at=at("Fri 14:00"))

    page = maya.open("/desk/payments")

    assert page.h1 == "Payments, June 2026"
    rows = [" ".join("".join(row.itertext()).split()) for row in page.tree.iter("tr")]
    assert "Kept €60 Paid €90 Refunded €30" in rows
    assert "Kept ¥9,000 Paid ¥9,000 Refunded ¥0" in rows
    assert rows[-3:] == [
        "Monday 1 June Cleo Session ¥9,000 Waiting for payment",
        "Monday 1 June Ben Session ¥9,000 Paid",
        "Monday 1 June Ada Session €90 Refund asked for Refunded €30",
    ]
    assert page.links["Ben"] == f"/desk/bookings/{ben}"
    hidden = maya.open(page.links["Hide names"])
    assert "Ada" not in hidden.text
    assert "A. Session" in hidden.text
    assert "names=hidden" in hidden.links["Download as a table (CSV)"]
    assert "Ada" not in str(table(maya, "&names=hidden"))


def test_months_are_turned_over_on_the_coachs_clock(
    maya: Browser, shop: Shop, clock: FrozenClock
) -> None:
    clock.at = datetime.fromisoformat("2026-06-30T23:30:00+00:00")  # 1 July in London
    shop.buy(at=at("Thu 10:00", week=5))
    clock.advance(days=1)

    page = maya.open("/desk/payments")
    assert page.h1 == "Payments, July 2026"
    assert "Wednesday 1 July" in page.text
    before = maya.open("/desk/payments?month=2026-06")
    assert "Nothing was paid in this month." in before.text
    assert before.find(**{"aria-label": "Next month"}) is not None
    assert page.find(**{"aria-label": "Next month"}) is None


@pytest.mark.parametrize("month", ["june", "2026-13", "2026-00", "0000-01", "9999-12", "٢٠٢٦-01"])
def test_what_is_no_month_is_not_there(maya: Browser, month: str) -> None:
    assert maya.open(f"/desk/payments?month={month}", status=404)
    assert maya.open(f"/desk/payments?month={month}&format=csv", status=404)


def test_the_table_is_for_spreadsheets_and_no_cell_of_it_is_a_formula(
    maya: Browser, shop: Shop
) -> None:
    booking_id = shop.buy(replace(ADA, name="=1+1;@SUM(A1)"), at=at("Thu 10:00"))
    maya.press(sure_of(maya, booking_id, choice="part", amount="22.50"), "Give €22.50 back")

    head, row = table(maya)

    assert head[:8] == [
        *("Day", "Client", "Offering", "Appointment", "Currency", "Paid", "Refunded", "Kept"),
    ]
    assert row[:9] == [
        *("2026-06-01", "'=1+1;'@SUM(A1)", "Session", "2026-06-04", "EUR", "90.00", "22.50"),
        *("67.50", "Refund asked for"),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Ada", "Ada"),
        ("Ada-Mae + Ben", "Ada-Mae + Ben"),
        ("", ""),
        ("=1", "'=1"),
        ("+44", "'+44"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        (" =1", "' =1"),
        ("a;=1", "a;'=1"),
        ("a\n=1", "a\n'=1"),
        ("\uff1d1", "'\uff1d1"),
    ],
)
def test_a_cell_that_would_be_a_formula_is_led_by_an_apostrophe(text: str, told: str) -> None:
    assert inert(text) == told


# Whose it is --------------------------------------------------------------------------------------


def test_another_coachs_money_is_not_there(
    maya: Browser, shop: Shop, ada: int, clock: FrozenClock
) -> None:
    sure = sure_of(maya, ada, choice="all")
    with shop.inside:
        other = make_coach()
        with unit_of_work() as session:
            session.query(Occupancy).update({"coach_id": other})
            session.get_one(Booking, ada).coach_id = other
            session.query(Payment).update({"coach_id": other})
            payment = session.scalars(select(Payment)).one()
            raise_concern(session, ConcernKind.DISPUTED, "1", now=clock.now(), payment=payment)
        concern = all_of(Concern)[0].id
    clock.at = at("Thu 12:00")
    before = _still(shop)

    token = maya.open("/desk/").form("sign-out").value("csrf_token")
    for path in ("refund", "no-show"):
        assert maya.open(f"/desk/bookings/{ada}/{path}", status=404)
    assert maya.send(f"/desk/bookings/{ada}/refund", sure.form("key").values()).status == 404
    for path in (
        f"bookings/{ada}/no-show",
        f"bookings/{ada}/came",
        f"bookings/{ada}/payments/1/accept",
        f"bookings/{ada}/payments/1/return",
        f"payments/concerns/{concern}/settled",
    ):
        assert maya.send(f"/desk/{path}", [("csrf_token", token)]).status == 404, path
    assert "Ada" not in maya.open("/desk/payments").text
    assert len(table(maya)) == 1
    assert "Nothing stands strange" in maya.open("/desk/payments/concerns").text
    assert _still(shop) == before


def test_strangers_see_nothing_of_money_and_tokens_are_asked_for(
    browser: Browser, shop: Shop
) -> None:
    for path in (
        "payments",
        "payments?format=csv",
        "payments/concerns",
        "bookings/1/refund",
        "bookings/1/no-show",
    ):
        assert browser.open(f"/desk/{path}").path.startswith("/desk/sign-in")


def test_without_a_token_nothing_is_done(maya: Browser, shop: Shop, ada: int) -> None:
    before = _still(shop)
    for path in (
        f"bookings/{ada}/refund",
        f"bookings/{ada}/no-show",
        f"bookings/{ada}/came",
        f"bookings/{ada}/payments/1/accept",
        f"bookings/{ada}/payments/1/return",
        "payments/concerns/1/settled",
    ):
        assert maya.send(f"/desk/{path}", []).status >= 400, path
    assert _still(shop) == before


def _still(shop: Shop) -> Any:
    with shop.inside:
        return dump(without={"users", "throttles"})
