"""Writing before a talk, with the scripts: what is saved, what is said, and how one leaves."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.makers import change_practice
from tests.stories.conftest import Arrive
from tests.stories.live import LiveHouse
from tests.web.writing import PASSCODE, asks_first

pytestmark = pytest.mark.browser


@pytest.fixture
def token(house: LiveHouse) -> str:
    """Ada's private link; leaving leads to a page of this machine."""
    with house.app.app_context():
        made = asks_first()
        change_practice(leave_href=f"{house.url}/how-it-works")
        return made


@pytest.fixture
def writing(arrive: Arrive, token: str) -> Page:
    """Ada's browser at the first section."""
    return at_first_section(arrive(), token)


def at_first_section(page: Page, token: str) -> Page:
    """Begin, agree, and open the first section."""
    page.goto(f"/a/{token}/write")
    page.get_by_label("With a passcode that only I know").check()
    page.get_by_label("Choose a passcode").fill(PASSCODE)
    page.get_by_label("The same once more").fill(PASSCODE)
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Agree and go on").click()
    page.get_by_role("link", name="What brings you").click()
    page.wait_for_url("**/write/section/1")
    return page


def test_what_is_typed_is_saved_by_itself_and_kept_by_no_browser(writing: Page) -> None:
    field = writing.get_by_label("What would you like to be different?")
    field.fill("More calm")
    expect(writing.get_by_role("status")).to_have_text("Saved at 10am")
    field.fill("More calm, and more laughter")
    field.blur()
    expect(writing.get_by_role("status")).to_have_text("Saved at 10am")
    writing.get_by_role("button", name="Save and finish later").click()
    expect(writing.get_by_role("heading", level=1)).to_have_text("Your notes")

    kept = writing.evaluate(
        """async () => [localStorage.length, sessionStorage.length,
            (await indexedDB.databases()).length]"""
    )
    assert kept == [0, 0, 0]
    writing.get_by_role("link", name="What brings you").click()
    expect(field).to_have_value("More calm, and more laughter")


def test_a_save_that_fails_says_so_and_is_tried_again(writing: Page) -> None:
    def fail(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(body="no answer of ours")
        else:
            route.continue_()

    field = writing.get_by_label("What would you like to be different?")
    writing.route("**/write/section/*", fail, times=1)
    field.fill("First")
    expect(writing.get_by_role("status")).to_have_text("Not saved yet. Your words are still here.")
    field.press_sequentially(" and more")
    expect(writing.get_by_role("status")).to_have_text("Saved at 10am")
    expect(field).to_have_value("First and more")


def test_what_is_asked_next_appears_without_a_press(writing: Page) -> None:
    writing.goto("/write/section/2")
    writing.get_by_label("Saying what I hope for").check()
    hidden = writing.get_by_label("How could you tell your partner what you hope for")
    expect(hidden).to_be_visible()
    hidden.fill("Come for a walk?")
    writing.get_by_label("Saying what I hope for").uncheck()
    expect(hidden).to_be_hidden()
    writing.get_by_label("Saying what I hope for").check()
    expect(hidden).to_have_value("Come for a walk?")
    writing.get_by_role("button", name="Save and continue").click()
    expect(writing.get_by_role("heading", level=1)).to_have_text("Growing")


def test_what_is_typed_while_more_questions_are_fetched_is_saved_as_well(writing: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "GET" and route.request.resource_type == "fetch":
            held.append(route)
        else:
            route.continue_()

    writing.get_by_role("link", name="All sections").click()
    writing.get_by_role("link", name="Reflection").click()
    writing.route("**/write/section/*", hold)
    writing.get_by_label("Saying what I hope for").check()
    said, late = writing.get_by_role("status"), writing.get_by_role("checkbox").last
    expect(said).to_have_text("Saved at 10am")
    while not held:
        writing.wait_for_timeout(20)
    late.check()
    held[0].continue_()
    expect(said).to_contain_text("There is more to answer now.")
    expect(said).to_have_text("Saved at 10am")
    writing.reload()
    expect(late).to_be_checked()


def test_what_became_of_a_save_is_in_sight_on_a_small_phone(arrive: Arrive, token: str) -> None:
    page = at_first_section(arrive(size=(320, 568)), token)
    said, field = page.get_by_role("status"), page.get_by_label("What would you like to be")
    field.fill("More calm")
    expect(said).to_have_text("Saved at 10am")
    expect(said).to_be_in_viewport(ratio=1)
    field.fill("a word, " * 1_300)
    expect(said).to_have_text("Not saved yet: one answer is too long.")
    expect(said).to_be_in_viewport(ratio=1)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(said).to_be_in_viewport(ratio=1)
    leaving = page.get_by_role("banner").get_by_role("link", name="Leave this page")
    expect(leaving).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_save_that_failed_is_tried_again_though_nothing_more_is_typed(writing: Page) -> None:
    field = writing.get_by_label("What would you like to be different?")
    writing.clock.install()
    writing.reload()
    field.wait_for()
    writing.clock.pause_at(writing.evaluate("Date.now() + 1000"))

    def fail(route: Route) -> None:
        route.fulfill(body="no answer of ours")

    writing.route("**/write/section/*", fail, times=2)
    said = writing.get_by_role("status")
    field.fill("First")
    writing.clock.run_for(2_000)
    expect(said).to_have_text("Not saved yet. Your words are still here.")
    with writing.expect_response("**/write/section/*"):
        writing.clock.run_for(10_000)
    expect(said).to_have_text("Not saved yet. Your words are still here.")
    writing.clock.run_for(10_000)
    expect(said).to_have_text("Saved at 10am")


@pytest.mark.parametrize("way", ["link", "keys"])
def test_leaving_goes_elsewhere_at_once_and_back_shows_nothing(writing: Page, way: str) -> None:
    if way == "link":
        writing.get_by_role("banner").get_by_role("link", name="Leave this page").last.click()
    else:
        for _ in range(3):
            writing.keyboard.press("Shift")
    writing.wait_for_url("**/how-it-works")
    writing.go_back()
    expect(writing.get_by_text("What would you like to be different?")).to_have_count(0)
    writing.goto("/write")
    expect(writing.get_by_role("heading", level=1)).to_have_text("Closed")


def test_capital_letters_do_not_make_one_leave(writing: Page) -> None:
    field = writing.get_by_label("What would you like to be different?")
    field.focus()
    for letter in "ABCDE":
        writing.keyboard.press(f"Shift+{letter}")
    expect(field).to_have_value("ABCDE")
    expect(writing.get_by_role("heading", level=1)).to_have_text("What brings you")


def test_without_a_script_leaving_is_a_link(arrive: Arrive, token: str) -> None:
    page = arrive(js=False)
    page.goto(f"/a/{token}/write")
    page.get_by_role("banner").get_by_role("link", name="Leave this page").last.click()
    page.wait_for_url("**/how-it-works")
