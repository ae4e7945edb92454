"""The pretend payment page, from picking a time to being booked, as on a laptop without keys."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from practice.adapters.pretend import PretendPayments
from practice.models.booking import Booking
from practice.models.payment import HeardNotice, Payment, Refund
from practice.ports import Tools
from practice.usecases.refunding import send_refunds
from tests import databases, makers
from tests.browser import Browser, Page, words
from tests.fakes import FrozenClock, Postbox
from tests.looking import all_of
from tests.people import ADA, BEN
from tests.web.conftest import Inside

TUESDAY_TEN = "2026-06-02T09:00:00Z"


@pytest.fixture
def app(database: str, tools: Tools, tmp_path: Path) -> Iterator[Flask]:
    payments = PretendPayments(tmp_path / "pretend.db", tools.clock, tools.base_url)
    with databases.house_on(database, tmp_path, replace(tools, payments=payments)) as house:
        yield house


@pytest.fixture
def coach(app: Flask) -> int:
    with app.app_context():
        coach_id = makers.make_practice()
        makers.make_offering(price_minor=9000, currency="EUR")
        return coach_id


@pytest.fixture
def pay_page(browser: Browser) -> Page:
    """Where Ada is sent to pay €90 for Tuesday at ten."""
    return to_payment(browser)


def to_payment(browser: Browser, name: str = "Ada", email: str = ADA.email) -> Page:
    details = browser.press(browser.open("/sessions/session"), TUESDAY_TEN)
    going = browser.press(details, form="name", name=name, email=email)
    assert going.path.endswith("/to-payment"), going.path
    (href,) = (href for href in going.links.values() if "/pretend/" in href)
    return browser.open(href.removeprefix(browser.base_url))


def test_the_page_says_that_no_money_moves_and_what_is_to_be_paid(pay_page: Page) -> None:
    assert "This is a pretend payment page. No money moves." in pay_page.text
    assert pay_page.h1 == "Pay €90"
    assert ADA.email not in pay_page.source
    buttons = {words(button) for form in pay_page.forms for button in form.buttons}
    assert buttons == {
        "Pay",
        "Let the card be declined",
        "Pay and be told twice",
        "Pay late",
        "Let the time for paying run out",
    }


def test_who_pays_is_booked(browser: Browser, inside: Inside, pay_page: Page) -> None:
    booked = browser.press(pay_page, form="/pay")

    assert booked.path.startswith("/a/")
    with inside:
        (payment,), (booking,) = all_of(Payment), all_of(Booking)
    assert (booking.status, payment.state, payment.learnt_by) == ("confirmed", "paid", "notice")


def test_a_notice_that_comes_twice_books_once(
    browser: Browser, inside: Inside, pay_page: Page, postbox: Postbox
) -> None:
    assert browser.press(pay_page, form="/pay-twice").path.startswith("/a/")

    with inside:
        makers.deliver_all()
        assert len(all_of(HeardNotice)) == 1
    assert len(postbox.to(ADA.email)) == 1


def test_a_declined_card_leaves_her_where_she_can_try_again(
    browser: Browser, inside: Inside, pay_page: Page
) -> None:
    declined = browser.press(pay_page, form="/decline", status=402)

    assert "The card was declined. Nothing was paid." in declined.text
    assert browser.press(declined, form="/pay").path.startswith("/a/")


def test_leaving_leads_back_to_the_held_time_and_from_there_to_paying(
    browser: Browser, inside: Inside, pay_page: Page
) -> None:
    back = pay_page.links["Leave without paying"].removeprefix(browser.base_url)

    left = browser.open(back)

    assert left.path.endswith("/pay")
    with inside:
        assert [row.status for row in all_of(Booking)] == ["pending"]
    going = browser.press(left, form="/pay")
    assert going.path.endswith("/to-payment")


def test_money_that_comes_late_books_a_time_that_is_free_still(
    browser: Browser, inside: Inside, pay_page: Page
) -> None:
    ended = browser.press(pay_page, form="/end")

    assert "The time for paying has run out" in ended.text
    with inside:
        assert [row.status for row in all_of(Booking)] == ["expired"]
    assert browser.press(ended, form="/pay-late").path.startswith("/a/")
    with inside:
        assert [row.status for row in all_of(Booking)] == ["confirmed"]
        assert all_of(Refund) == []


def test_money_that_comes_late_can_come_in_one_press(browser: Browser, pay_page: Page) -> None:
    assert browser.press(pay_page, form="/pay-late").path.startswith("/a/")


def test_money_that_comes_when_somebody_else_has_the_time_goes_back(
    app: Flask, browser: Browser, inside: Inside, pay_page: Page, clock: FrozenClock
) -> None:
    ended = browser.press(pay_page, form="/end")
    other = Browser(app, address="203.0.113.9")
    assert other.press(to_payment(other, "Ben", BEN.email), form="/pay").path.startswith("/a/")

    late = browser.press(ended, form="/pay-late")

    assert late.path.endswith("/paid")
    clock.advance(minutes=30)
    with inside:
        tools = makers.the_tools()
        send_refunds("worker", tools=tools)
        (refund,) = all_of(Refund)
        assert (refund.state, refund.amount_minor) == ("done", 9000)
        assert sorted(row.status for row in all_of(Booking)) == ["confirmed", "expired"]


def test_an_ended_session_can_neither_be_paid_in_nor_declined(
    browser: Browser, inside: Inside, pay_page: Page
) -> None:
    browser.press(pay_page, form="/end")

    for button in ("/pay", "/pay-twice", "/decline"):
        refused = browser.press(pay_page, form=button, status=409)
        assert "Not paid" in refused.text
    with inside:
        assert [row.state for row in all_of(Payment)] == ["expired"]


def test_who_comes_back_to_the_page_later_is_shown_the_way_to_the_booking(
    browser: Browser, pay_page: Page
) -> None:
    browser.press(pay_page, form="/pay")

    again = browser.open(pay_page.path)

    assert again.text.count("Pay late") == 0
    assert browser.press(pay_page, form="/pay").path.startswith("/a/")
    assert browser.open(
        again.links["Back to the booking"].removeprefix(browser.base_url)
    ).path.startswith("/a/")


def test_a_press_counts_only_from_a_page_of_ours(browser: Browser, pay_page: Page) -> None:
    for button in ("pay", "pay-twice", "pay-late", "end", "decline"):
        assert browser.send(f"{pay_page.path}/{button}").status == 403


def test_there_is_no_page_of_a_session_that_is_not_there(browser: Browser, pay_page: Page) -> None:
    browser.open("/pretend/ps_none", status=404)
    for form in pay_page.forms:
        form.action = form.action.replace(pay_page.path, "/pretend/ps_none")
        browser.press(pay_page, form=form, status=404)


def test_a_file_that_cannot_be_had_is_no_defect(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "pretend.db").write_text("no database, and long enough to be read as one" * 99)

    browser.open("/pretend/ps_none", status=503)


def test_there_is_no_such_page_where_nothing_is_pretended(tmp_path: Path, tools: Tools) -> None:
    with databases.house_on("sqlite://", tmp_path, tools) as house:
        assert not [rule for rule in house.url_map.iter_rules() if "pretend" in str(rule)]
