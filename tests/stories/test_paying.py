"""Paying: to the payment page and back, in time and late, once and twice, and money that goes back.

The payment page is the pretend one, which the house serves itself: no money moves.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from practice.models.booking import Booking
from practice.models.payment import Payment, Refund
from tests import makers
from tests.looking import all_of
from tests.people import ADA, BEN, Person
from tests.stories.browsing import DESK, PHONE
from tests.stories.buying import buy, pretend
from tests.stories.conftest import Arrive
from tests.stories.keyboard import press_key, tab_to
from tests.stories.live import LiveHouse, open_house
from tests.stories.steps import (
    button,
    expect_booked,
    expect_heading,
    open_letter,
    say_who,
    sign_in,
    time_button,
)

pytestmark = pytest.mark.browser

GO_ON = "Go on to payment"
GIVE_UP = "Give this time up"
DECLINE = "Let the card be declined"
END = "Let the time for paying run out"
EVERYBODY = pytest.mark.parametrize(
    ("js", "size"), [(False, PHONE), (True, DESK)], ids=["phone-no-js", "desk"]
)
ON_A_PHONE = pytest.mark.parametrize(("js", "size"), [(False, PHONE)], ids=["phone-no-js"])
EVERY_SIZE = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])


@pytest.fixture
def house(database: str, tmp_path: Path) -> Iterator[LiveHouse]:
    """Maya's house, which sells an hour for €90: all back until 2 days, half until 1 day before."""
    with open_house(database, tmp_path, takes_money=True) as live:
        with live.app.app_context():
            makers.make_practice()
            makers.make_offering(
                name="A long talk",
                notice_minutes=12 * 60,
                price_minor=9000,
                full_refund_hours=48,
                part_refund_hours=24,
                part_refund_percent=50,
                position=1,
            )
        yield live


# To the payment page and back ---------------------------------------------------------------------


@EVERYBODY
def test_ada_chooses_among_the_prices_pays_and_is_booked(
    arrive: Arrive, house: LiveHouse, js: bool, size: tuple[int, int]
) -> None:
    page = arrive(js=js, size=size)
    page.goto("/")
    page.get_by_role("link", name="Sessions and prices").first.click()
    expect_heading(page, "Sessions and prices")
    page.get_by_role("link", name="See times for A long talk").click()
    time_button(page, "9am").click()
    expect(page.get_by_text("you get all of it back").first).to_be_visible()
    say_who(page, ADA)
    button(page, GO_ON).click()
    _expect_to_pay(page)
    button(page, "Pay").click()

    expect_booked(page)
    expect(page.get_by_text("Paid: €90 on Monday 1 June.")).to_be_visible()
    assert len(page.context.pages) == 1, "she stays in the tab in which she began"
    house.deliver()
    [letter] = house.letters_to(ADA.email)
    open_letter(page, letter)
    expect(page.get_by_text("€90").first).to_be_visible()


@EVERYBODY
def test_ada_leaves_the_payment_page_and_pays_after_all(
    arrive: Arrive, house: LiveHouse, js: bool, size: tuple[int, int]
) -> None:
    page = arrive(js=js, size=size)
    _go_to_pay(page)
    _leave(page)
    assert _states(house) == [("pending", "open")]
    expect(page.get_by_text("Tuesday 2 June, 9 to 10am")).to_be_visible()
    expect(page.get_by_text("€90", exact=True)).to_be_visible()

    button(page, "Pay now").click()
    _expect_to_pay(page)
    button(page, "Pay").click()

    expect_booked(page)
    assert _states(house) == [("confirmed", "paid")]


@ON_A_PHONE
def test_ada_gives_the_time_up_and_ben_can_have_it(
    arrive: Arrive, house: LiveHouse, js: bool, size: tuple[int, int]
) -> None:
    page = arrive(js=js, size=size)
    _go_to_pay(page)
    payment_page = page.url
    _leave(page)

    button(page, GIVE_UP).click()
    expect_heading(page, "A long talk")

    page.goto(payment_page)
    expect(button(page, "Pay")).to_have_count(0)
    ben = arrive(js=js, size=size)
    _go_to_pay(ben, person=BEN)
    button(ben, "Pay").click()
    expect_booked(ben, BEN)
    assert _states(house) == [("expired", "expired"), ("confirmed", "paid")]


@ON_A_PHONE
def test_a_card_that_is_declined_costs_neither_money_nor_the_time(
    arrive: Arrive, house: LiveHouse, js: bool, size: tuple[int, int]
) -> None:
    page = arrive(js=js, size=size)
    _go_to_pay(page)

    button(page, DECLINE).click()
    expect(page.get_by_role("alert")).to_contain_text("The card was declined. Nothing was paid.")
    assert _states(house) == [("pending", "open")]
    button(page, "Pay").click()

    expect_booked(page)


def test_a_time_that_ran_out_while_she_was_away_can_be_paid_for_if_it_is_free(
    arrive: Arrive, house: LiveHouse
) -> None:
    page = arrive(js=False)
    _go_to_pay(page)
    _leave(page)
    house.clock.advance(minutes=36)
    house.work()
    page.reload()
    expect_heading(page, "Your time is not held any more")

    button(page, "Pay now").click()
    _expect_to_pay(page)
    button(page, "Pay").click()

    expect_booked(page)
    assert _states(house) == [("confirmed", "expired"), ("confirmed", "paid")]


# Late, and twice ----------------------------------------------------------------------------------


@ON_A_PHONE
def test_money_that_comes_late_books_a_time_that_is_free_still(
    arrive: Arrive, house: LiveHouse, js: bool, size: tuple[int, int]
) -> None:
    page = arrive(js=js, size=size)
    _go_to_pay(page)
    button(page, END).click()
    expect(page.get_by_text("the time held is free again")).to_be_visible()

    button(page, "Pay late").click()

    expect_booked(page)
    house.work()
    assert _refunds(house) == []


@ON_A_PHONE
def test_money_that_comes_after_ben_took_the_time_goes_back_and_ada_is_told(
    arrive: Arrive, house: LiveHouse, js: bool, size: tuple[int, int]
) -> None:
    page = arrive(js=js, size=size)
    _go_to_pay(page)
    button(page, END).click()
    ben = arrive(js=js, size=size)
    _go_to_pay(ben, person=BEN)
    button(ben, "Pay").click()
    expect_booked(ben, BEN)

    button(page, "Pay late").click()

    expect_heading(page, "This time is no longer free")
    expect(page.get_by_text("All of your money goes back: €90")).to_be_visible()
    nearest = page.locator("button.time")
    expect(nearest).to_have_count(3)
    nearest.first.click()
    page.wait_for_url("**/book/h/*")
    expect(button(page, GO_ON)).to_be_visible()
    house.work()
    assert _refunds(house) == [(9000, "late", "done")]
    [letter] = house.letters_to(ADA.email)
    assert letter["Subject"] == "About your payment"
    open_letter(page, letter)
    expect(page.get_by_text("All of your money goes back").first).to_contain_text("€90")
    [booked] = house.letters_to(BEN.email)
    assert booked["Subject"] == "Your appointment on Tuesday 2 June"


def test_who_pays_and_is_told_of_twice_is_booked_once(arrive: Arrive, house: LiveHouse) -> None:
    page = arrive(js=False)
    _go_to_pay(page)

    button(page, "Pay and be told twice").click()

    expect_booked(page)
    house.work()
    assert _states(house) == [("confirmed", "paid")]
    assert _refunds(house) == []
    assert len(house.letters_to(ADA.email)) == 1


def test_the_house_finds_out_by_itself_when_nobody_comes_back(
    arrive: Arrive, house: LiveHouse
) -> None:
    page = arrive()
    _go_to_pay(page)
    _pay_unseen(house)
    page.close()
    assert _states(house) == [("pending", "open")]

    house.clock.advance(minutes=6)
    house.work()

    assert _states(house) == [("confirmed", "paid")]
    assert [letter["Subject"] for letter in house.letters_to(ADA.email)] == [
        "Your appointment on Tuesday 2 June"
    ]


# Double presses and the way back ------------------------------------------------------------------


def test_a_double_click_pays_once(arrive: Arrive, house: LiveHouse) -> None:
    page = arrive()
    page.goto("/sessions/session")
    time_button(page, "9am").dblclick(no_wait_after=True)
    page.wait_for_url("**/book/h/*")
    say_who(page, ADA)
    button(page, GO_ON).dblclick(no_wait_after=True)
    _expect_to_pay(page)
    button(page, "Pay").dblclick(no_wait_after=True)

    expect_booked(page)
    house.work()
    assert _states(house) == [("confirmed", "paid")]
    assert _refunds(house) == []
    assert len(house.letters_to(ADA.email)) == 1


def test_going_back_leads_to_no_second_payment(arrive: Arrive, house: LiveHouse) -> None:
    page = arrive()
    _go_to_pay(page)
    page.go_back()
    expect_heading(page, "Your time is still held")
    button(page, "Pay now").click()
    _expect_to_pay(page)
    button(page, "Pay").click()
    expect_booked(page)
    link = page.url

    page.go_back()
    if "/pretend/" in page.url:  # as Stripe's own page would say
        expect(page.get_by_text("Paid", exact=True)).to_be_visible()
        page.get_by_role("link", name="Back to the booking").click()

    expect_booked(page)
    assert page.url == link
    assert _states(house) == [("confirmed", "paid")]


def test_two_tabs_of_one_payment_are_one_payment(arrive: Arrive, house: LiveHouse) -> None:
    page = arrive()
    _go_to_pay(page)
    other = page.context.new_page()
    other.goto(page.url)
    button(page, "Pay").click()
    expect_booked(page)

    button(other, "Pay").click()

    expect_booked(other)
    assert _states(house) == [("confirmed", "paid")]


# Cancelling ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ahead", "asked", "told", "minor", "js", "size"),
    [
        (
            72,
            "If you cancel now, €90 goes back to the card that was paid with.",
            "€90 goes back to the card you paid with.",
            [9000],
            *(True, DESK),
        ),
        (
            36,
            "If you cancel now, €45 of €90 goes back to the card that was paid with.",
            "€45 goes back to the card you paid with.",
            [4500],
            *(False, PHONE),
        ),
        (
            12,
            "If you cancel now, nothing of what was paid comes back.",
            "Nothing of it comes back.",
            [],
            *(True, PHONE),
        ),
    ],
    ids=["all", "half", "nothing"],
)
def test_ada_sees_what_comes_back_before_she_cancels_and_that_is_what_comes_back(
    arrive: Arrive,
    house: LiveHouse,
    ahead: int,
    asked: str,
    told: str,
    minor: list[int],
    js: bool,
    size: tuple[int, int],
) -> None:
    page = arrive(js=js, size=size)
    page.goto(_bought(house, "Thu 10:00"))
    house.clock.at = makers.at("Thu 10:00")
    house.clock.advance(hours=-ahead)

    page.get_by_role("link", name="Cancel it").click()
    expect(page.get_by_text(asked)).to_be_visible()
    button(page, "Cancel it").click()

    expect_heading(page, "This appointment is cancelled")
    expect(page.get_by_text(told)).to_be_visible()
    house.work()
    assert {state for _, _, state in _refunds(house)} <= {"waiting"}
    house.clock.advance(minutes=11)
    house.work()
    assert _refunds(house) == [(each, "cancelled", "done") for each in minor]
    letter = house.letters_to(ADA.email)[-1]
    assert letter["Subject"] == "Your appointment is cancelled"
    open_letter(page, letter)
    words = f"€{minor[0] // 100} goes back" if minor else "nothing goes back"
    expect(page.get_by_text(words).first).to_be_visible()


def test_a_cancellation_that_is_taken_back_moves_no_money(arrive: Arrive, house: LiveHouse) -> None:
    page = arrive(js=False)
    page.goto(_bought(house, "Thu 10:00"))
    page.get_by_role("link", name="Cancel it").click()
    button(page, "Cancel it").click()

    button(page, "Take it back").click()

    expect_booked(page)
    house.clock.advance(minutes=11)
    house.work()
    assert _refunds(house) == []
    assert _states(house) == [("confirmed", "paid")]


def test_moving_costs_nothing_more(arrive: Arrive, house: LiveHouse) -> None:
    page = arrive(js=False)
    page.goto(_bought(house, "Thu 10:00"))

    page.get_by_role("link", name="Move it").click()
    time_button(page, "4pm").click()

    expect(page.get_by_role("status")).to_contain_text("Your appointment has moved.")
    assert _states(house) == [("confirmed", "paid")]


# At the desk --------------------------------------------------------------------------------------


@EVERYBODY
def test_maya_gives_a_part_back_and_finds_it_in_the_list_and_the_table(
    arrive: Arrive, house: LiveHouse, js: bool, size: tuple[int, int]
) -> None:
    link = _bought(house, "Thu 10:00")
    maya = arrive(js=js, size=size)
    sign_in(maya, house)
    maya.locator(".week").get_by_role("link", name=ADA.name).first.click()
    maya.get_by_role("link", name="Give money back").click()
    maya.get_by_label("An amount").check()
    maya.get_by_label("Amount", exact=True).fill("22.50")
    button(maya, "Go on").click()
    expect_heading(maya, "Give €22.50 back?")
    button(maya, "Give €22.50 back").click()
    expect(maya.get_by_role("status")).to_contain_text("That money goes back now.")
    house.work()
    maya.reload()
    expect(maya.get_by_text("Refunded €22.50 on Monday 1 June")).to_be_visible()

    maya.goto("/desk/payments")
    row = maya.get_by_role("row").filter(has=maya.get_by_role("link", name=ADA.name))
    expect(row).to_contain_text("Refunded in part")
    with maya.expect_download() as download:
        maya.get_by_role("link", name="Download as a table (CSV)").click()
    assert download.value.suggested_filename == "payments-2026-06.csv"
    written = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    [line] = csv.DictReader(written)
    assert (line["Client"], line["Paid"], line["Refunded"], line["Kept"]) == (
        *(ADA.name, "90.00", "22.50", "67.50"),
    )
    ada = arrive(js=js, size=size)
    ada.goto(link)
    expect(ada.get_by_text("€22.50 goes back to the card you paid with.")).to_be_visible()
    letter = house.letters_to(ADA.email)[-1]
    assert letter["Subject"] == "Your money is on its way back"


@pytest.mark.parametrize(
    ("choice", "back", "js", "size"),
    [
        ("Keep the money", [], True, DESK),
        ("Give all of it back, €90", [(9000, "no_show", "done")], False, PHONE),
    ],
    ids=["kept", "given back"],
)
def test_maya_decides_what_becomes_of_the_money_when_nobody_came(
    arrive: Arrive,
    house: LiveHouse,
    choice: str,
    back: list[tuple[int, str, str]],
    js: bool,
    size: tuple[int, int],
) -> None:
    _bought(house, "Thu 10:00")
    house.clock.at = makers.at("Thu 11:30")
    maya = arrive(js=js, size=size)
    sign_in(maya, house)
    maya.locator(".week").get_by_role("link", name=ADA.name).first.click()

    maya.get_by_role("link", name="They did not come").click()
    maya.get_by_label(choice).check()
    button(maya, "They did not come").click()

    expect(maya.get_by_role("status")).to_contain_text("It is noted that nobody came.")
    house.clock.advance(minutes=11)
    house.work()
    assert _refunds(house) == back
    assert _states(house) == [("no_show", "paid")]


def test_who_did_come_after_all_keeps_all_as_it_was(arrive: Arrive, house: LiveHouse) -> None:
    _bought(house, "Thu 10:00")
    house.clock.at = makers.at("Thu 11:30")
    maya = arrive(js=False)
    sign_in(maya, house)
    maya.locator(".week").get_by_role("link", name=ADA.name).first.click()
    maya.get_by_role("link", name="They did not come").click()
    maya.get_by_label("Give all of it back, €90").check()
    button(maya, "They did not come").click()

    button(maya, "They came").click()

    expect(maya.get_by_role("status")).to_contain_text("they came after all")
    house.clock.advance(minutes=11)
    house.work()
    assert _refunds(house) == []
    assert _states(house) == [("confirmed", "paid")]


# Without a mouse ----------------------------------------------------------------------------------


@EVERY_SIZE
def test_ada_pays_and_cancels_without_a_mouse(
    arrive: Arrive, house: LiveHouse, size: tuple[int, int]
) -> None:
    page = arrive(size=size)
    page.goto("/sessions")
    tab_to(page, "See times for A long talk")
    page.keyboard.press("Enter")
    expect_heading(page, "A long talk")
    tab_to(page, "Tue 2 June")
    assert press_key(page, "Tab") == "9am, Tuesday 2 June"
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/h/*")
    tab_to(page, "What should we call you?")
    page.keyboard.type(ADA.name)
    tab_to(page, "Your email")
    page.keyboard.type(ADA.email)
    tab_to(page, GO_ON)
    page.keyboard.press("Enter")
    _expect_to_pay(page)
    tab_to(page, "Leave without paying")
    page.keyboard.press("Enter")
    expect_heading(page, "Your time is still held")
    tab_to(page, "Pay now")
    page.keyboard.press("Enter")
    _expect_to_pay(page)
    tab_to(page, "Pay")
    page.keyboard.press("Enter")
    expect_booked(page)
    tab_to(page, "Cancel it")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cancel")
    tab_to(page, "Cancel it")
    page.keyboard.press("Enter")
    expect_heading(page, "This appointment is cancelled")


# Small steps --------------------------------------------------------------------------------------


def _go_to_pay(page: Page, label: str = "9am", person: Person = ADA) -> None:
    """Take a time of the first day, give name and address, and be led to the payment page."""
    page.goto("/sessions/session")
    time_button(page, label).click()
    page.wait_for_url("**/book/h/*")
    say_who(page, person)
    button(page, GO_ON).click()
    _expect_to_pay(page)


def _expect_to_pay(page: Page) -> None:
    expect_heading(page, "Pay €90")
    assert "/pretend/" in page.url


def _leave(page: Page) -> None:
    page.get_by_role("link", name="Leave without paying").click()
    expect_heading(page, "Your time is still held")


def _bought(house: LiveHouse, at: str) -> str:
    """Ada's paid booking, made behind the counter; return the address of its private page."""
    with house.app.app_context():
        return f"/a/{buy(ADA, at=makers.at(at)).token}"


def _pay_unseen(house: LiveHouse) -> None:
    """Let the money come at the payment service, and nobody tell the house of it."""
    with house.app.app_context():
        [payment] = all_of(Payment)
        pretend().pay(payment.session or "")


def _states(house: LiveHouse) -> list[tuple[str, str]]:
    """Where each try to pay stands, with its booking."""
    with house.app.app_context():
        bookings = {row.id: row.status for row in all_of(Booking)}
        return [(bookings[row.booking_id], row.state) for row in all_of(Payment)]


def _refunds(house: LiveHouse) -> list[tuple[int, str, str]]:
    """All money that went back or is to: amount, reason and state."""
    with house.app.app_context():
        return [(row.amount_minor, row.reason, row.state) for row in all_of(Refund)]
