"""Without a mouse: all of it by Tab, arrows and Enter, and the focus always to be seen."""

import pytest
from playwright.sync_api import Page, expect

from tests.makers import PASSCODE
from tests.people import ADA
from tests.stories.browsing import DESK, PHONE
from tests.stories.conftest import Arrive
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

_WHERE = """() => {
  const at = document.activeElement;
  const label = at.labels?.[0]?.textContent ?? at.getAttribute("aria-label") ?? at.textContent;
  // A radio lies unseen over its tile, which wears the ring.
  const ring = at.matches(".tile input") ? at.nextElementSibling : at;
  const box = ring.getBoundingClientRect();
  const style = getComputedStyle(ring);
  const seen = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const bar = seen?.closest(".top");
  // Of a field for many lines, those count that are typed into first.
  const bottom = at.matches("textarea") ? box.top + 48 : box.bottom;
  return {
    label: label.replace(/\\s+/g, " ").trim(),
    ringed: at.matches(":focus-visible") && style.outlineStyle !== "none"
      && parseFloat(style.outlineWidth) >= 2,
    covered: Boolean(bar) && !bar.contains(at),
    inside: box.width > 1 && box.height > 1 && box.top >= 0 && bottom <= innerHeight
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
    assert not where["covered"], f"the focus is under the bar on {where['label']!r}"
    return str(where["label"])


def _tab_to(page: Page, label: str, *, key: str = "Tab") -> list[str]:
    """Tab until something of this label has the focus; return what was passed."""
    passed: list[str] = []
    while not passed or not passed[-1].startswith(label):
        passed.append(_press(page, key))
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


def test_ada_writes_and_shares_without_a_mouse(arrive: Arrive, house: LiveHouse) -> None:
    page = arrive()
    page.goto(f"{ask_ada_first(house)}/write")
    assert _press(page, "Tab") == "Skip to the main part"
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    _tab_to(page, "Six short sections")
    _tab_to(page, "With a passcode that only I know")
    page.keyboard.press("Space")
    for label in ("Choose a passcode", "The same once more"):
        _tab_to(page, label)
        page.keyboard.type(PASSCODE)
    page.keyboard.press("Enter")
    expect_heading(page, "Before you write")
    _tab_to(page, "I have read this")
    page.keyboard.press("Space")
    _tab_to(page, "Agree and go on")
    page.keyboard.press("Enter")
    expect_heading(page, "Your notes")

    _tab_to(page, "What brings you")
    page.keyboard.press("Enter")
    expect_heading(page, "What brings you")
    _tab_to(page, "1")
    page.keyboard.press("Space")
    assert _press(page, "ArrowRight").startswith("2")
    _tab_to(page, DIFFERENT)
    page.keyboard.type("More Calm, And MORE Laughter")
    _tab_to(page, "Save and finish later")
    _tab_to(page, "What would make this chat worthwhile?", key="Shift+Tab")
    _tab_to(page, "Save and finish later")
    page.keyboard.press("Enter")
    expect_heading(page, "Your notes")
    _tab_to(page, "Review and share")
    page.keyboard.press("Enter")
    expect(page.get_by_text("More Calm, And MORE Laughter")).to_be_visible()
    _tab_to(page, "Share with Maya")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Shared.")


def test_leaving_is_the_second_thing_that_the_keyboard_reaches(
    arrive: Arrive, house: LiveHouse
) -> None:
    page = arrive(js=False)
    page.goto(f"{ask_ada_first(house)}/write")
    assert _press(page, "Tab") == "Skip to the main part"
    assert _press(page, "Tab").startswith("Leave")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{AFTER_LEAVING}")
