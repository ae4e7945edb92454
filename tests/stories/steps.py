"""Steps that stories share: pressing and typing (counted), booking, opening a letter."""

from dataclasses import dataclass
from email.message import EmailMessage

from playwright.sync_api import Locator, Page, expect

from tests.people import ADA, Person

BOOK = "Book my free chat"
NAME = "What should we call you?"
EMAIL = "Your email"


@dataclass
class Hands:
    """What somebody does with a page, counted: presses and fields typed into."""

    page: Page
    presses: int = 0
    fields: int = 0

    def press(self, what: Locator) -> None:
        self.presses += 1
        what.click()

    def type(self, label: str, text: str) -> None:
        self.fields += 1
        self.page.get_by_label(label).fill(text)


def time_button(page: Page, label: str) -> Locator:
    """The button of this time among those that are shown."""
    return page.get_by_role("button", name=label).filter(visible=True).first


def button(page: Page, label: str) -> Locator:
    """The one button of this name."""
    return page.get_by_role("button", name=label, exact=True)


def pick(page: Page, label: str) -> None:
    """Press a time on the front page, and wait for the details."""
    page.goto("/")
    time_button(page, label).click()
    page.wait_for_url("**/book/h/*")


def say_who(page: Page, person: Person) -> None:
    """Type name and address on the page of the details."""
    page.get_by_label(NAME).fill(person.name)
    page.get_by_label(EMAIL).fill(person.email)


def book(page: Page, label: str, person: Person = ADA) -> str:
    """Book a time of the first day; return the address of the private page."""
    pick(page, label)
    say_who(page, person)
    button(page, BOOK).click()
    expect_booked(page, person)
    return page.url


def expect_booked(page: Page, person: Person = ADA) -> None:
    """See that the appointment stands, on its private page."""
    expect(page.get_by_role("heading", level=1)).to_have_text(f"You’re booked, {person.name}.")
    assert "/a/" in page.url


def open_letter(page: Page, letter: EmailMessage) -> None:
    """Show a letter as her mail program does, pictures and scripts off."""
    body = letter.get_body(("html",))
    assert body is not None, "the letter has no HTML"
    page.goto("about:blank")  # her mail program is not our house: our rules do not hold there
    page.set_content(body.get_content())
