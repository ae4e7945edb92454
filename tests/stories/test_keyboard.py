"""Without a mouse: all of it by Tab, arrows and Enter, and the focus always to be seen."""

import pytest
from playwright.sync_api import expect

from tests.makers import PASSCODE
from tests.people import ADA
from tests.stories.browsing import DESK, PHONE
from tests.stories.conftest import Arrive
from tests.stories.keyboard import press_key, tab_to
from tests.stories.live import LiveHouse
from tests.stories.steps import (
    AFTER_LEAVING,
    BOOK,
    DIFFERENT,
    ask_ada_first,
    book,
    expect_booked,
    expect_heading,
)

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_ada_books_moves_and_cancels_without_a_mouse(arrive: Arrive, size: tuple[int, int]) -> None:
    page = arrive(size=size)
    page.goto("/")
    assert press_key(page, "Tab") == "Skip to the main part"
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()

    tab_to(page, "Only me")
    assert press_key(page, "ArrowRight") == "Both of us"
    assert press_key(page, "ArrowLeft") == "Only me"
    tab_to(page, "Tue 2 June")
    assert press_key(page, "ArrowRight") == "Wed 3 June"
    assert press_key(page, "ArrowRight") == "Thu 4 June"
    assert press_key(page, "Tab") == "9am, Thursday 4 June"
    assert press_key(page, "Tab") == "9:30am, Thursday 4 June"
    page.keyboard.press("Enter")

    page.wait_for_url("**/book/h/*")
    tab_to(page, "What should we call you?")
    page.keyboard.type(ADA.name)
    tab_to(page, "Your email")
    page.keyboard.type("ada at mail")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    assert press_key(page, "Tab").startswith("Enter an email address")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your email")).to_be_focused()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(ADA.email)
    tab_to(page, BOOK)
    page.keyboard.press("Enter")
    expect_booked(page)
    expect(page.get_by_text("Thursday 4 June, 9:30 to 10am")).to_be_visible()

    tab_to(page, "Move it")
    page.keyboard.press("Enter")
    page.wait_for_url("**/move")
    tab_to(page, "Tue 2 June")
    press_key(page, "Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Tuesday 2 June, 9 to 9:30am")).to_be_visible()

    tab_to(page, "Cancel it")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cancel")
    tab_to(page, "Keep it")
    assert press_key(page, "Tab") == "Cancel it"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("This appointment is cancelled")
    tab_to(page, "Take it back")
    page.keyboard.press("Enter")
    expect_booked(page)


def test_the_footer_too_is_reached_and_seen(arrive: Arrive) -> None:
    page = arrive()
    book(page, "9am")

    tab_to(page, "For the coach: sign in")


def test_ada_writes_and_shares_without_a_mouse(arrive: Arrive, house: LiveHouse) -> None:
    page = arrive()
    page.goto(f"{ask_ada_first(house)}/write")
    assert press_key(page, "Tab") == "Skip to the main part"
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    tab_to(page, "Six short sections")
    tab_to(page, "With a passcode that only I know")
    page.keyboard.press("Space")
    for label in ("Choose a passcode", "The same once more"):
        tab_to(page, label)
        page.keyboard.type(PASSCODE)
    page.keyboard.press("Enter")
    expect_heading(page, "Before you write")
    tab_to(page, "I have read this")
    page.keyboard.press("Space")
    tab_to(page, "Agree and go on")
    page.keyboard.press("Enter")
    expect_heading(page, "Your notes")

    tab_to(page, "What brings you")
    page.keyboard.press("Enter")
    expect_heading(page, "What brings you")
    tab_to(page, "1")
    page.keyboard.press("Space")
    assert press_key(page, "ArrowRight").startswith("2")
    tab_to(page, DIFFERENT)
    page.keyboard.type("More Calm, And MORE Laughter")
    tab_to(page, "Save and finish later")
    tab_to(page, "What would make this chat worthwhile?", key="Shift+Tab")
    tab_to(page, "Save and finish later")
    page.keyboard.press("Enter")
    expect_heading(page, "Your notes")
    tab_to(page, "Review and share")
    page.keyboard.press("Enter")
    expect(page.get_by_text("More Calm, And MORE Laughter")).to_be_visible()
    tab_to(page, "Share with Maya")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Shared.")


def test_leaving_is_the_second_thing_that_the_keyboard_reaches(
    arrive: Arrive, house: LiveHouse
) -> None:
    page = arrive(js=False)
    page.goto(f"{ask_ada_first(house)}/write")
    assert press_key(page, "Tab") == "Skip to the main part"
    assert press_key(page, "Tab").startswith("Leave")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{AFTER_LEAVING}")
