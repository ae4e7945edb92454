"""How tests write before a talk: begin, agree, write, come back, as a person would."""

from typing import Any

from tests.browser import Browser, Page
from tests.makers import at, book_for, change_offering, change_practice
from tests.people import ADA, Person

PASSCODE = "quiet otter 7"
NUMBERS = {
    "brings": 1,
    "reflection": 2,
    "growing": 3,
    "support": 4,
    "safe": 5,
    "hopes": 6,
    "before": 1,
}
WORDS = "I would like us to talk more calmly.\n\nAnd to laugh again."


def asks_first(person: Person = ADA, *, when: str = "Thu 10:00", **wishes: Any) -> str:
    """Book a talk that asks the long questionnaire, all sections on; return the private link."""
    change_offering(questionnaire="full")
    change_practice(help_lines="Example line: 000 000", safety_approved_by="Dr Example")
    return book_for(person, at=at(when), **wishes).token


def begin(browser: Browser, token: str, **chosen: str) -> Page:
    """Begin to write from a private link; return the consent page."""
    typed: dict[str, Any] = {"way_back": "passcode", "passcode": PASSCODE, "again": PASSCODE}
    return browser.press(browser.open(f"/a/{token}/write"), form="/begin", **(typed | chosen))


def agree(browser: Browser, page: Page) -> Page:
    """Tick the box and go on; return the list of sections."""
    return browser.press(page, "Agree and go on", agree=True)


def begun(browser: Browser, token: str) -> Page:
    """Begin and agree; return the list of sections."""
    return agree(browser, begin(browser, token))


def come_back(browser: Browser, token: str, passcode: str = PASSCODE, *, status: int = 200) -> Page:
    """Come back with a passcode."""
    page = browser.open(f"/a/{token}/write")
    return browser.press(page, form="/back", status=status, passcode=passcode)


def answers(**typed: str) -> dict[str, Any]:
    """Answers by the ids of their questions: `reflect_pick` for "reflect-pick"."""
    return {name.replace("_", "-"): answer for name, answer in typed.items()}


def section(browser: Browser, name: str) -> Page:
    """Open one section, and go on from the private one's own page."""
    page = browser.open(address(name))
    return browser.press(page, "Continue") if "Skip this section" in page.links else page


def address(name: str) -> str:
    """Where a section stands: by number, for its name would tell whoever reads the history."""
    return f"/write/section/{NUMBERS[name]}"


def write(
    browser: Browser,
    name: str,
    *,
    button: str = "later",
    status: int = 200,
    **typed: Any,
) -> Page:
    """Write in one section and save."""
    page = section(browser, name)
    return browser.press(page, button, form=address(name), status=status, **typed)
