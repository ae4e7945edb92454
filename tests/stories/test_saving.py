"""Nothing typed is lost: two tabs, a server that is away, half an hour away from the desk."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.makers import PASSCODE
from tests.people import ADA
from tests.stories.browsing import visit
from tests.stories.conftest import Arrive
from tests.stories.live import LiveHouse
from tests.stories.steps import (
    DIFFERENT,
    ask_ada_first,
    begin,
    button,
    expect_heading,
    follow_letter,
    open_section,
)

pytestmark = pytest.mark.browser

_SAVE = "Save and finish later"
_JUST_BEFORE, _JUST_AFTER = 1_900, 200  # ms, around the two seconds after typing stops


def test_a_pause_of_two_seconds_saves_and_so_does_leaving_a_field(
    arrive: Arrive, house: LiveHouse
) -> None:
    page = _at_the_first_section(arrive(), ask_ada_first(house))
    said, field = page.get_by_role("status"), page.get_by_label(DIFFERENT)
    page.clock.install()
    page.reload()
    field.wait_for()
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))

    field.press_sequentially("Once")
    page.clock.run_for(_JUST_BEFORE)
    field.press_sequentially(" more")
    page.clock.run_for(_JUST_BEFORE)
    expect(said).to_have_text("")
    page.clock.run_for(_JUST_AFTER)
    expect(said).to_have_text("Saved at 10am")
    house.clock.advance(minutes=42)
    field.press_sequentially(", and on")
    page.get_by_label("What would make this chat worthwhile?").focus()
    expect(said).to_contain_text("You were away for a while. What you typed is still here")


def test_the_later_of_two_tabs_sees_both_texts_and_nothing_is_lost(
    arrive: Arrive, house: LiveHouse
) -> None:
    first = _at_the_first_section(arrive(js=False), ask_ada_first(house))
    second = first.context.new_page()
    second.goto(first.url)
    first.get_by_label(DIFFERENT).fill("Typed in the first")
    button(first, _SAVE).click()
    expect_heading(first, "Your notes")

    second.get_by_label(DIFFERENT).fill("Typed in the second")
    second.get_by_label("What would make this chat worthwhile?").fill("One thing to try")
    button(second, _SAVE).click()
    expect(second.get_by_role("alert")).to_be_focused()
    expect(second.get_by_role("alert")).to_contain_text("Nothing was overwritten")
    expect(second.get_by_text("Typed in the first")).to_be_visible()
    expect(second.get_by_label(DIFFERENT)).to_have_value("Typed in the second")
    expect(second.get_by_label("What would make")).to_have_value("One thing to try")
    open_section(first, "What brings you")
    expect(first.get_by_label(DIFFERENT)).to_have_value("Typed in the first")

    second.get_by_label(DIFFERENT).fill("Typed in the first, and in the second")
    button(second, _SAVE).click()
    expect_heading(second, "Your notes")
    first.reload()
    expect(first.get_by_label(DIFFERENT)).to_have_value("Typed in the first, and in the second")
    expect(first.get_by_label("What would make")).to_have_value("One thing to try")


def test_what_another_tab_saved_meanwhile_is_told_by_the_script_and_shown_by_the_button(
    arrive: Arrive, house: LiveHouse
) -> None:
    first = _at_the_first_section(arrive(), ask_ada_first(house))
    second = first.context.new_page()
    second.goto(first.url)
    first.get_by_label(DIFFERENT).fill("Typed in the first")
    first.get_by_label(DIFFERENT).blur()
    expect(first.get_by_role("status")).to_have_text("Saved at 10am")

    second.get_by_label(DIFFERENT).fill("Typed in the second")
    second.get_by_label(DIFFERENT).blur()
    expect(second.get_by_role("status")).to_contain_text("Press Save to see both texts.")
    button(second, _SAVE).click()
    expect(second.get_by_text("Typed in the first")).to_be_visible()
    expect(second.get_by_label(DIFFERENT)).to_have_value("Typed in the second")


def test_words_outlive_a_server_that_is_away_and_are_saved_when_it_is_back(
    browser: Browser, house: LiveHouse
) -> None:
    visitor = visit(browser, house.url)
    page = _at_the_first_section(visitor.page, ask_ada_first(house))
    said, field = page.get_by_role("status"), page.get_by_label(DIFFERENT)
    page.context.set_offline(True)
    field.fill("Typed on a train")
    field.blur()
    expect(said).to_have_text("Not saved yet. Your words are still here.")
    expect(field).to_have_value("Typed on a train")

    page.context.set_offline(False)
    expect(said).to_have_text("Saved at 10am", timeout=5_000)
    page.reload()
    expect(field).to_have_value("Typed on a train")
    page.context.close()
    _only_about_requests(visitor.complaints)


@pytest.mark.parametrize("js", [False, True], ids=["no-js", "js"])
def test_words_typed_by_who_was_away_for_long_are_kept_and_saved_with_the_passcode(
    arrive: Arrive, house: LiveHouse, js: bool
) -> None:
    page = _at_the_first_section(arrive(js=js), ask_ada_first(house))
    page.get_by_role("radio", name="4").check()
    page.get_by_label(DIFFERENT).fill("Typed before a long call")
    house.clock.advance(minutes=30)
    button(page, _SAVE).click()
    expect(page.get_by_role("alert")).to_contain_text("What you typed is still here.")
    expect(page.get_by_label(DIFFERENT)).to_have_value("Typed before a long call")
    expect(page.get_by_role("radio", name="4")).to_be_checked()

    page.get_by_label("Your passcode").fill("not the passcode")
    button(page, _SAVE).click()
    expect(page.get_by_role("alert")).to_contain_text("That passcode doesn’t fit.")
    expect(page.get_by_label(DIFFERENT)).to_have_value("Typed before a long call")
    page.get_by_label("Your passcode").fill(PASSCODE)
    button(page, _SAVE).click()
    expect_heading(page, "Your notes")
    open_section(page, "What brings you")
    expect(page.get_by_label(DIFFERENT)).to_have_value("Typed before a long call")
    expect(page.get_by_role("radio", name="4")).to_be_checked()


def test_words_typed_by_who_comes_back_by_code_wait_in_their_tab(
    arrive: Arrive, house: LiveHouse
) -> None:
    page = _at_the_first_section(arrive(js=False), ask_ada_first(house), by_code=True)
    page.get_by_label(DIFFERENT).fill("Typed before a long call")
    house.clock.advance(minutes=31)
    button(page, _SAVE).click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Have a fresh code mailed").click()
    other = opened.value
    button(other, "Mail me a fresh code").click()
    expect(other.get_by_role("status")).to_contain_text("on its way")
    house.deliver()
    follow_letter(other, house.letters_to(ADA.email)[-1], "/c/")
    button(other, "Continue").click()
    expect_heading(other, "Your notes")

    button(page, _SAVE).click()
    expect_heading(page, "Your notes")
    open_section(page, "What brings you")
    expect(page.get_by_label(DIFFERENT)).to_have_value("Typed before a long call")


@pytest.mark.parametrize("js", [False, True], ids=["no-js", "js"])
def test_an_answer_that_is_too_long_is_told_and_kept(
    arrive: Arrive, house: LiveHouse, js: bool
) -> None:
    page = _at_the_first_section(arrive(js=js), ask_ada_first(house))
    long = "a word, " * 1_300
    page.get_by_label(DIFFERENT).fill(long)
    if js:
        page.get_by_label(DIFFERENT).blur()
        expect(page.get_by_role("status")).to_have_text("Not saved yet: one answer is too long.")
    button(page, _SAVE).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing you typed is lost.")
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label(DIFFERENT)).to_be_focused()
    expect(page.get_by_label(DIFFERENT)).to_have_value(long)


def _at_the_first_section(page: Page, link: str, *, by_code: bool = False) -> Page:
    begin(page, link, by_code=by_code)
    open_section(page, "What brings you")
    return page


def _only_about_requests(complaints: list[str]) -> None:
    """The browser itself writes a line for each request that failed; nothing else is said."""
    assert complaints
    assert all("Failed to load resource" in line for line in complaints), complaints
