"""Her own calendar: read into the diary so that nobody books over it, and the diary's feed."""

import pytest
from playwright.sync_api import Page, expect

from tests import makers
from tests.feeding import URL, busy, import_all, reading_calendars
from tests.makers import at
from tests.people import MAYA
from tests.stories.browsing import DESK, PHONE
from tests.stories.conftest import Arrive
from tests.stories.keyboard import tab_to
from tests.stories.live import LiveHouse

pytestmark = pytest.mark.browser


def _press(page: Page, label: str) -> None:
    tab_to(page, label)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("size", "js"), [(PHONE, False), (DESK, True)], ids=["phone-no-js", "desk"]
)
def test_with_the_keyboard_alone_a_calendar_is_added_and_its_times_are_offered_no_more(
    arrive: Arrive, house: LiveHouse, size: tuple[int, int], js: bool
) -> None:
    visitor, page = arrive(js=False), arrive(size=size, js=js)
    visitor.goto("/")
    ten = visitor.get_by_role("button", name="10am, Tuesday 2 June")
    expect(ten).to_have_count(1)
    with house.app.app_context():
        password = makers.give_password()
    page.goto("/desk/sign-in")
    page.get_by_label("Your email").fill(MAYA.email)
    page.get_by_label("Your password").fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your practice")
    page.goto("/desk/calendars")

    tab_to(page, "Name")
    page.keyboard.type("Private")
    tab_to(page, "Secret address")
    page.keyboard.type("calendar.example")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    _press(page, "This is not the address of a calendar, or it names a port.")
    expect(page.get_by_label("Secret address")).to_be_focused()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(URL)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Private")
    expect(page.get_by_text("It was never read until now")).to_be_visible()

    with house.app.app_context(), reading_calendars() as calendars:
        calendars.say(busy((at("Tue 10:00"), at("Tue 11:00"))))
        import_all()
    page.reload()
    expect(page.get_by_text("1 hour in the next 60 days")).to_be_visible()
    visitor.reload()
    expect(ten).to_have_count(0)
    page.goto("/desk/")
    expect(page.get_by_text("Busy elsewhere").last).to_be_visible()

    page.goto("/desk/calendars")
    _press(page, "Make an address")
    page.wait_for_url("**/feed")
    _press(page, "Make a private address")
    address = page.locator("code")
    expect(address).to_be_visible()
    feed = page.request.get(address.inner_text())
    assert feed.ok
    assert feed.text().startswith("BEGIN:VCALENDAR")
    page.goto("/desk/calendars")
    _press(page, "Private")
    page.wait_for_url("**/calendars/*")
    _press(page, "Remove this calendar")
    page.wait_for_url("**/remove")
    _press(page, "Remove it")
    expect(page.get_by_role("status")).to_contain_text("The calendar is removed.")
    visitor.reload()
    expect(ten).to_have_count(1)
