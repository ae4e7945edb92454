"""Leaving at once: by click, by Shift three times, without a script; and what is left behind."""

import pytest
from playwright.sync_api import Page, expect

from tests.stories.conftest import Arrive
from tests.stories.live import LiveHouse
from tests.stories.steps import (
    AFTER_LEAVING,
    DIFFERENT,
    ask_ada_first,
    begin,
    button,
    expect_heading,
    open_section,
)

pytestmark = pytest.mark.browser

_WORDS = "Words that nobody else is to see"
_GONE = f"**{AFTER_LEAVING}"


@pytest.fixture
def link(house: LiveHouse) -> str:
    """Ada's private link."""
    return ask_ada_first(house)


def _writing(page: Page, link: str) -> Page:
    begin(page, link)
    open_section(page, "What brings you")
    page.get_by_label(DIFFERENT).fill(_WORDS)
    return page


def test_what_is_on_the_screen_is_gone_before_anything_is_fetched(
    arrive: Arrive, link: str
) -> None:
    page = _writing(arrive(), link)
    at_once = page.evaluate(
        """() => {
            document.querySelector(".button[href='/leave']").click();
            return [getComputedStyle(document.body).display, document.title];
        }"""
    )
    assert at_once == ["none", "…"]
    page.wait_for_url(_GONE)


@pytest.mark.parametrize(
    ("gaps", "leaves"),
    [((0.3, 0.3), True), ((2.4, 2.4), True), ((0.3,), False), ((2.6, 2.6), False)],
    ids=["three", "three-in-five-seconds", "two", "three-but-slowly"],
)
def test_shift_three_times_within_five_seconds_leaves_and_nothing_less(
    arrive: Arrive, link: str, gaps: tuple[float, ...], leaves: bool
) -> None:
    page = arrive()
    page.goto(f"{link}/write")
    page.clock.install()
    page.reload()
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))

    page.keyboard.press("Shift")
    for seconds in gaps:
        page.clock.run_for(round(seconds * 1000))
        page.keyboard.press("Shift")

    if leaves:
        page.wait_for_url(_GONE)
    else:
        expect(page.get_by_role("main")).to_be_visible()
        assert page.evaluate("!document.documentElement.classList.contains('leaving')")


def test_what_is_typed_with_shift_does_not_count(arrive: Arrive, link: str) -> None:
    page = _writing(arrive(), link)
    page.get_by_label(DIFFERENT).press_sequentially(" AND LOUD WORDS!")
    page.keyboard.down("Shift")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.up("Shift")
    for key in ("Shift", "a", "Shift", "b", "Shift"):
        page.keyboard.press(key)
    expect(page.get_by_role("main")).to_be_visible()
    assert "/write/section/1" in page.url


@pytest.mark.parametrize("js", [True, False], ids=["js", "no-js"])
def test_neither_back_nor_forward_shows_a_word_after_leaving(
    arrive: Arrive, link: str, js: bool
) -> None:
    page = _writing(arrive(js=js), link)
    button(page, "Save and continue").click()
    expect_heading(page, "Reflection")
    page.get_by_role("link", name="Leave this page").last.click()
    page.wait_for_url(_GONE)
    assert page.context.cookies() == []

    behind = []
    for _ in range(4):
        page.go_back()
        behind.append(page.url)
        expect(page.get_by_text(_WORDS)).to_have_count(0)
        expect(page.get_by_label(DIFFERENT)).to_have_count(0)
        expect(page.get_by_role("heading", name="Reflection")).to_have_count(0)
    left_behind = any("/section/2" in url for url in behind)
    assert left_behind is not js, "with the script, the page left is out of the history"
    page.go_forward()
    expect(page.get_by_text(_WORDS)).to_have_count(0)
    page.goto("/write/section/1")
    expect_heading(page, "Closed")


def test_every_private_page_offers_to_leave_and_the_appointment_itself_does_not(
    arrive: Arrive, link: str
) -> None:
    page = arrive(js=False)
    page.goto(link)
    expect(page.get_by_role("link", name="Leave this page")).to_have_count(0)
    begin(page, link)
    private = ("section/1", "section/5", "review", "consent")
    for path in (*(f"/write/{each}" for each in private), f"{link}/contact"):
        page.goto(path)
        expect(page.get_by_role("link", name="Leave this page").last).to_be_in_viewport()
        page.mouse.wheel(0, 5_000)
        expect(page.get_by_role("link", name="Leave this page").last).to_be_in_viewport()
