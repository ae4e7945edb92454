"""At the desk: the coach signs in and finds in her week what was booked at the front door."""

from contextlib import nullcontext
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests import makers
from tests.fakes import FakePayments
from tests.people import ADA, MAYA
from tests.shop import Shop
from tests.stories.browsing import DESK, PHONE
from tests.stories.conftest import Arrive
from tests.stories.keyboard import press_key, tab_to
from tests.stories.live import LiveHouse
from tests.stories.steps import book

pytestmark = pytest.mark.browser


def _sign_in(page: Page, house: LiveHouse) -> None:
    with house.app.app_context():
        password = makers.give_password()
    page.goto("/")
    page.get_by_role("link", name="For the coach: sign in").click()
    page.get_by_label("Your email").fill(MAYA.email)
    page.get_by_label("Your password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    # A practice in which nothing is set yet shows its checklist first, once.
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your practice")
    page.get_by_role("link", name="Diary", exact=True).click()
    page.wait_for_url("**/desk/")


@pytest.mark.parametrize(
    ("size", "js"), [(PHONE, False), (DESK, True)], ids=["phone-no-js", "desk"]
)
def test_the_coach_finds_the_booking_in_her_week_and_opens_it(
    arrive: Arrive, house: LiveHouse, size: tuple[int, int], js: bool
) -> None:
    book(arrive(js=False), "9am")
    maya = arrive(size=size, js=js)
    _sign_in(maya, house)

    entry = maya.locator(".week").get_by_role("link", name=ADA.name)
    expect(entry).to_be_visible()
    entry.click()

    expect(maya.get_by_role("heading", level=1)).to_contain_text(ADA.name)
    expect(maya.get_by_text("Tuesday 2 June").first).to_be_visible()


def test_what_the_coach_cancels_her_client_sees_cancelled(arrive: Arrive, house: LiveHouse) -> None:
    ada = arrive(js=False)
    book(ada, "9am")
    maya = arrive(size=DESK)
    _sign_in(maya, house)
    maya.locator(".week").get_by_role("link", name=ADA.name).click()
    maya.get_by_role("main").get_by_role("link", name="Cancel").first.click()
    maya.wait_for_url("**/cancel")
    maya.get_by_role("main").get_by_role("button", name="Cancel").click()

    ada.reload()
    expect(ada.get_by_role("heading", level=1)).to_have_text("This appointment is cancelled")


def test_a_stranger_is_sent_to_the_sign_in(arrive: Arrive) -> None:
    page = arrive()
    page.goto("/desk/")

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to your desk")


def _sell(house: LiveHouse) -> tuple[Shop, int]:
    """Let Ada pay for an hour with Maya."""
    extensions = house.app.extensions
    bank = FakePayments(house.clock)
    extensions["practice"] = replace(extensions["practice"], payments=bank)
    with house.app.app_context():
        makers.make_offering(price_minor=9000)
        shop = Shop(nullcontext(), bank)
        return shop, shop.buy(ADA, at=makers.at("Thu 10:00"))


def test_the_coach_gives_half_of_it_back_with_the_keyboard_alone(
    arrive: Arrive, house: LiveHouse
) -> None:
    shop, booking_id = _sell(house)
    maya = arrive(size=DESK)
    _sign_in(maya, house)
    maya.goto(f"/desk/bookings/{booking_id}")

    tab_to(maya, "Give money back")
    maya.keyboard.press("Enter")
    expect(maya.get_by_role("heading", level=1)).to_have_text("Give money back")
    tab_to(maya, "All of it, €90")
    press_key(maya, "ArrowRight")
    tab_to(maya, "Amount")
    maya.keyboard.type("45")
    maya.keyboard.press("Enter")
    expect(maya.get_by_role("heading", level=1)).to_have_text("Give €45 back?")
    tab_to(maya, "Give €45 back")
    maya.keyboard.press("Enter")

    expect(maya.get_by_role("status")).to_contain_text("That money goes back now.")
    with house.app.app_context():
        shop.send()
    maya.reload()
    expect(maya.get_by_text("Refunded €45 on Monday 1 June")).to_be_visible()
    expect(maya.get_by_text("Up to €45")).to_be_visible()


def test_on_a_phone_the_coach_notes_that_nobody_came_and_keeps_the_money(
    arrive: Arrive, house: LiveHouse
) -> None:
    _, booking_id = _sell(house)
    house.clock.at = makers.at("Thu 10:20")
    maya = arrive(size=PHONE, js=False)
    _sign_in(maya, house)
    maya.goto(f"/desk/bookings/{booking_id}")

    maya.get_by_role("link", name="They did not come").click()
    maya.get_by_role("button", name="They did not come").click()

    expect(maya.get_by_role("status")).to_have_text("It is noted that nobody came.")
    expect(maya.get_by_text("Up to €90")).to_be_visible()
    maya.get_by_role("link", name="Payments", exact=True).click()
    expect(maya.get_by_role("heading", level=1)).to_have_text("Payments, June 2026")
    expect(maya.get_by_text("Kept €90")).to_be_visible()
