"""Finding a time: other zones, other months, no time at all, a lost link, an old browser."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests import makers
from tests.people import ADA, MAYA
from tests.stories.browsing import DESK
from tests.stories.conftest import Arrive
from tests.stories.live import LiveHouse
from tests.stories.steps import (
    BOOK,
    EMAIL,
    NAME,
    book,
    button,
    expect_booked,
    open_letter,
    say_who,
    time_button,
)

pytestmark = pytest.mark.browser


def test_a_browser_in_new_york_is_offered_its_own_clock(arrive: Arrive) -> None:
    page = arrive(zone="America/New_York", size=DESK)
    page.goto("/")
    offer = page.get_by_role("status")
    expect(offer).to_contain_text("You seem to be in New York.")

    offer.get_by_role("link").click()

    page.wait_for_url("**zone=America*New_York*")
    expect(page.get_by_role("status")).to_have_count(0)
    expect(page.get_by_text("Times are in New York time")).to_be_visible()
    nine = time_button(page, "4am")
    expect(nine).to_contain_text("9am in London")
    nine.click()
    say_who(page, ADA)
    button(page, BOOK).click()
    expect(page.get_by_text("Tuesday 2 June, 4 to 4:30am")).to_be_visible()
    expect(page.get_by_text("New York time")).to_be_visible()


@pytest.mark.parametrize("zone", ["Europe/London", "Europe/Jersey"])
def test_a_browser_whose_clock_is_the_coachs_is_offered_nothing(arrive: Arrive, zone: str) -> None:
    page = arrive(zone=zone)
    page.goto("/", wait_until="load")

    expect(page.locator("#zone-offer")).to_be_hidden()


def test_without_javascript_the_zone_is_chosen_from_a_list(arrive: Arrive) -> None:
    page = arrive(js=False, zone="America/New_York")
    page.goto("/")
    page.get_by_role("link", name="Change the time zone").click()
    page.get_by_label("Time zone").select_option("Asia/Kolkata")
    button(page, "Show times there").click()

    expect(page.get_by_text("Times are in Kolkata time")).to_be_visible()
    expect(time_button(page, "1:30pm")).to_contain_text("9am in London")


def test_a_later_time_is_found_on_the_month_page(arrive: Arrive) -> None:
    page = arrive(js=False)
    page.goto("/")
    page.get_by_role("link", name="See more dates").click()
    expect(page.get_by_role("table", name="June 2026")).to_be_visible()
    page.get_by_role("link", name=re.compile("^July")).click()
    page.get_by_role("link", name="Wednesday 8 July").click()
    expect(page.get_by_role("link", name="Wednesday 8 July")).to_have_attribute(
        "aria-current", "true"
    )
    page.get_by_role("radio", name="Both of us").check()
    time_button(page, "2pm").click()
    say_who(page, ADA)
    button(page, BOOK).click()

    expect_booked(page)
    expect(page.get_by_text("Wednesday 8 July, 2 to 2:30pm")).to_be_visible()


def test_ada_asks_for_a_time_that_is_not_there(arrive: Arrive, house: LiveHouse) -> None:
    page = arrive(js=False)
    page.goto("/")
    page.get_by_role("link", name="ask for another time").click()
    page.get_by_label(NAME).fill(ADA.name)
    page.get_by_label(EMAIL).fill(ADA.email)
    page.get_by_label("When would suit you?").fill("Sunday mornings")
    button(page, "Send it").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    house.deliver()
    assert len(house.letters_to(MAYA.email)) == 1


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_a_lost_link_is_sent_again_and_strangers_learn_nothing(
    arrive: Arrive, house: LiveHouse, known: bool
) -> None:
    page = arrive(js=False)
    link = book(page, "9am")
    house.deliver()
    page.goto("/")
    page.get_by_role("link", name="Send me my link again").click()
    page.get_by_label(EMAIL).fill(ADA.email if known else "nobody@mail.example")
    button(page, "Send it").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Look in your email")
    house.deliver()
    assert house.letters_to("nobody@mail.example") == []
    letters = house.letters_to(ADA.email)
    assert len(letters) == (2 if known else 1)
    open_letter(page, letters[-1])
    page.locator("a[href*='/a/']").first.click()
    expect_booked(page)
    assert page.url == link


def test_an_old_browser_shows_the_times_of_all_days(arrive: Arrive) -> None:
    page = arrive(js=False)
    page.route("**/practice.css*", _forget_has, times=1)
    page.goto("/")

    expect(page.get_by_role("button", name=re.compile("^9am")).filter(visible=True)).to_have_count(
        10
    )
    page.get_by_role("button", name="9am, Thursday 4 June").click()
    say_who(page, ADA)
    button(page, BOOK).click()
    expect(page.get_by_text("Thursday 4 June, 9 to 9:30am")).to_be_visible()


def test_the_days_are_hidden_only_where_has_is_known(arrive: Arrive) -> None:
    page = arrive()
    page.goto("/")
    hidden_outside = page.evaluate(
        """() => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).filter(
            (rule) => rule.selectorText?.includes(".times")
                && rule.style.display === "none").length"""
    )
    guards = page.evaluate(
        """() => [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).filter(
            (rule) => rule instanceof CSSSupportsRule).map((rule) => rule.conditionText)"""
    )

    assert hidden_outside == 0
    assert "selector(:has(*))" in guards


def test_a_full_diary_is_told_and_a_time_can_be_asked_for(arrive: Arrive, house: LiveHouse) -> None:
    with house.app.app_context():
        makers.give_hours({})
    page = arrive(js=False)
    page.goto("/")
    expect(page.get_by_role("heading", name="No free times at the moment")).to_be_visible()

    page.get_by_role("link", name="Ask for a time").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Ask for another time")


def test_a_mistyped_link_is_answered_kindly(arrive: Arrive) -> None:
    page = arrive()
    answer = page.goto("/a/mistyped")

    assert answer is not None
    assert answer.status == 404
    _ways_on(page)


def _ways_on(page: Page) -> None:
    expect(page.get_by_role("link", name="Go to the front page")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="my link again")).to_be_visible()


def _forget_has(route: Route) -> None:
    """Give the style sheet as a browser reads it that does not know :has()."""
    answer = route.fetch()
    css = answer.text()
    assert "@supports selector(:has(*))" in css
    route.fulfill(
        response=answer, body=css.replace("selector(:has(*))", "selector(:unknown-to-it(*))")
    )
