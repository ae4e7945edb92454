"""A coach's week without a mouse: by hand, moved, blocked again and again, done, and why not."""

import pytest
from playwright.sync_api import Page, expect

from practice.models.booking import Booking
from tests import makers
from tests.looking import all_of
from tests.stories.browsing import DESK, PHONE
from tests.stories.conftest import Arrive
from tests.stories.keyboard import press_key, tab_to
from tests.stories.live import LiveHouse
from tests.stories.steps import sign_in

pytestmark = pytest.mark.browser

# Chromium's fields for date and time take figures, the month first.
SATURDAY, WEDNESDAY = "06062026", "06032026"


def press(page: Page, label: str, *, key: str = "Tab") -> None:
    """Go to something by Tab and press it."""
    tab_to(page, label, key=key)
    page.keyboard.press("Enter")


def type_into(page: Page, label: str, text: str) -> None:
    """Go to a field by Tab and type."""
    tab_to(page, label)
    page.keyboard.type(text)


def begin_at(page: Page) -> None:
    """Skip to the main part, as somebody with a keyboard does."""
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_maya_runs_her_week_with_the_keyboard_alone(
    arrive: Arrive, house: LiveHouse, size: tuple[int, int]
) -> None:
    page = arrive(size=size)
    sign_in(page, house)

    # By hand, on a Saturday: first the warning, then the booking.
    page.goto("/desk/")
    begin_at(page)
    press(page, "Add by hand")
    heading(page, "Add by hand")
    begin_at(page)
    type_into(page, "Name", "Cleo")
    type_into(page, "Email", "cleo@mail.example")
    type_into(page, "Date", SATURDAY)
    type_into(page, "Time", "0700AM")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("On Saturdays you have no hours.")
    expect(page.get_by_role("alert")).to_be_focused()
    press(page, "Book it all the same")
    heading(page, "Cleo")
    expect(page.get_by_role("status")).to_contain_text("The appointment is booked.")

    # Moved to a time of her own.
    begin_at(page)
    press(page, "Move")
    heading(page, "Move Cleo")
    begin_at(page)
    type_into(page, "Date", WEDNESDAY)
    type_into(page, "Time", "0200PM")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Wednesday 3 June, 2 to 2:30pm").first).to_be_visible()

    # Lunch, every week: on Wednesday somebody is booked in it.
    page.goto("/desk/blocks/new?on=2026-06-03")
    begin_at(page)
    type_into(page, "From", "0130PM")
    type_into(page, "To", "0230PM")
    tab_to(page, "How often")
    page.keyboard.press("ArrowDown")
    type_into(page, "Until, if it repeats", "06172026")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Somebody is booked in this time.")
    press(page, "Block the free time around them")
    expect(page.get_by_text("Every week, until Wednesday 17 June")).to_be_visible()
    expect(page.get_by_text("Wednesday 3 June, 1:30 to 2pm")).to_be_visible()
    begin_at(page)
    press(page, "Open again: Wednesday 10 June")
    expect(page.get_by_text("Wednesday 10 June")).to_have_count(0)

    # Why is Wednesday at 2 not offered?
    page.goto("/desk/day?on=2026-06-03")
    begin_at(page)
    press(page, "Why is a time not offered?")
    heading(page, "Why is this time not offered?")
    begin_at(page)
    type_into(page, "Time", "0200PM")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2).first).to_have_text(
        "Cleo is booked Wednesday 3 June, 2 to 2:30pm."
    )

    # It took place.
    house.clock.at = makers.at("Wed 14:40")
    sign_in(page, house)
    expect(page.get_by_text("Needs you")).to_be_visible()
    begin_at(page)
    press(page, "Did it take place? Cleo")
    page.wait_for_url("**#over")
    # The link led right to the question: the next key reaches its answer.
    assert press_key(page, "Tab") == "It took place"
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("It is noted that this took place.")
    with house.app.app_context():
        assert [row.status for row in all_of(Booking)] == ["done"]
