"""Without a mouse: all of it by Tab, arrows and Enter, and the focus always to be seen."""

import pytest
from playwright.sync_api import Page, expect

from tests.people import ADA
from tests.stories.browsing import DESK, PHONE
from tests.stories.conftest import Arrive
from tests.stories.steps import BOOK, book, expect_booked

pytestmark = pytest.mark.browser

_WHERE = """() => {
  const at = document.activeElement;
  const label = at.labels?.[0]?.textContent ?? at.getAttribute("aria-label") ?? at.textContent;
  // A radio lies unseen over its tile, which wears the ring.
  const ring = at.matches(".tile input") ? at.nextElementSibling : at;
  const box = ring.getBoundingClientRect();
  const style = getComputedStyle(ring);
  return {
    label: label.replace(/\\s+/g, " ").trim(),
    ringed: at.matches(":focus-visible") && style.outlineStyle !== "none"
      && parseFloat(style.outlineWidth) >= 2,
    inside: box.width > 1 && box.height > 1 && box.top >= 0 && box.bottom <= innerHeight
      && box.left >= 0 && box.right <= innerWidth,
  };
}"""


def _press(page: Page, key: str) -> str:
    """Press a key that moves the focus; see where it went, and that it can be seen there."""
    page.keyboard.press(key)
    return _look(page)


def _look(page: Page) -> str:
    where = page.evaluate(_WHERE)
    assert where["ringed"], f"the focus cannot be seen on {where['label']!r}"
    assert where["inside"], f"the focus is off the screen on {where['label']!r}"
    return str(where["label"])


def _tab_to(page: Page, label: str) -> list[str]:
    """Tab until something of this label has the focus; return what was passed."""
    passed: list[str] = []
    while not passed or not passed[-1].startswith(label):
        passed.append(_press(page, "Tab"))
        assert len(passed) < 40, f"{label} is not reached: {passed}"
    return passed


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_ada_books_moves_and_cancels_without_a_mouse(arrive: Arrive, size: tuple[int, int]) -> None:
    page = arrive(size=size)
    page.goto("/")
    assert _press(page, "Tab") == "Skip to the main part"
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()

    _tab_to(page, "Only me")
    assert _press(page, "ArrowRight") == "Both of us"
    assert _press(page, "ArrowLeft") == "Only me"
    _tab_to(page, "Tue 2 June")
    assert _press(page, "ArrowRight") == "Wed 3 June"
    assert _press(page, "ArrowRight") == "Thu 4 June"
    assert _press(page, "Tab") == "9am, Thursday 4 June"
    assert _press(page, "Tab") == "9:30am, Thursday 4 June"
    page.keyboard.press("Enter")

    page.wait_for_url("**/book/h/*")
    _tab_to(page, "What should we call you?")
    page.keyboard.type(ADA.name)
    _tab_to(page, "Your email")
    page.keyboard.type("ada at mail")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    assert _press(page, "Tab").startswith("Enter an email address")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your email")).to_be_focused()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(ADA.email)
    _tab_to(page, BOOK)
    page.keyboard.press("Enter")
    expect_booked(page)
    expect(page.get_by_text("Thursday 4 June, 9:30 to 10am")).to_be_visible()

    _tab_to(page, "Move it")
    page.keyboard.press("Enter")
    page.wait_for_url("**/move")
    _tab_to(page, "Tue 2 June")
    _press(page, "Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Tuesday 2 June, 9 to 9:30am")).to_be_visible()

    _tab_to(page, "Cancel it")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cancel")
    _tab_to(page, "Keep it")
    assert _press(page, "Tab") == "Cancel it"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("This appointment is cancelled")
    _tab_to(page, "Take it back")
    page.keyboard.press("Enter")
    expect_booked(page)


def test_the_footer_too_is_reached_and_seen(arrive: Arrive) -> None:
    page = arrive()
    book(page, "9am")

    _tab_to(page, "For the coach: sign in")
