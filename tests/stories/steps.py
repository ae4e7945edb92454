"""Steps that stories share: pressing and typing (counted), booking, letters, writing, reading."""

from dataclasses import dataclass
from email.message import EmailMessage

from playwright.sync_api import Locator, Page, expect

from tests import makers
from tests.makers import PASSCODE
from tests.people import ADA, MAYA, Person
from tests.stories.live import LiveHouse

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


def pick(page: Page, label: str, *, both: bool = False) -> None:
    """Press a time on the front page, and wait for the details."""
    page.goto("/")
    if both:
        page.get_by_role("radio", name="Both of us").check()
    time_button(page, label).click()
    page.wait_for_url("**/book/h/*")


def say_who(page: Page, person: Person) -> None:
    """Type name and address on the page of the details."""
    page.get_by_label(NAME).fill(person.name)
    page.get_by_label(EMAIL).fill(person.email)


def book(page: Page, label: str, person: Person = ADA, *, both: bool = False) -> str:
    """Book a time of the first day, alone or for two; return the address of the private page."""
    pick(page, label, both=both)
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


# Writing first ------------------------------------------------------------------------------------

AFTER_LEAVING = "/how-it-works"  # leaving leads out of the house; a story stays on this machine
DIFFERENT = "What would you like to be different?"


def open_for_notes(house: LiveHouse) -> None:
    """Have the house ask first, all sections on, and lead to an own page who leaves."""
    with house.app.app_context():
        makers.turn_safety_on()
        makers.change_practice(leave_href=f"{house.url}{AFTER_LEAVING}")


def ask_ada_first(house: LiveHouse) -> str:
    """Have the house ask first; return Ada's private link."""
    open_for_notes(house)
    with house.app.app_context():
        return f"/a/{makers.book_for(ADA, at=makers.at('Thu 10:00')).token}"


def begin(page: Page, link: str, *, by_code: bool = False, agrees: bool = True) -> None:
    """Begin to write from a private link, and agree; see the list of sections."""
    page.goto(f"{link}/write")
    if by_code:
        page.get_by_label("With a fresh code by email each time").check()
    else:
        page.get_by_label("With a passcode that only I know").check()
        page.get_by_label("Choose a passcode").fill(PASSCODE)
        page.get_by_label("The same once more").fill(PASSCODE)
    button(page, "Begin").click()
    expect(page).to_have_title("Notes – Lantern")
    expect_heading(page, "Before you write")
    if agrees:
        page.get_by_label("I have read this").check()
        button(page, "Agree and go on").click()
        expect_heading(page, "Your notes")


def open_section(page: Page, title: str) -> None:
    """Open a section from the list."""
    page.get_by_role("link", name=title, exact=True).click()
    expect_heading(page, title)


def expect_heading(page: Page, text: str) -> None:
    """See what the page is called."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def follow_letter(page: Page, letter: EmailMessage, address: str) -> None:
    """Open a letter, and the link in it whose address holds this."""
    open_letter(page, letter)
    page.locator(f"a[href*='{address}']").first.click()


def sign_in(page: Page, house: LiveHouse) -> None:
    """Let the coach come to her week."""
    with house.app.app_context():
        password = makers.give_password()
    page.goto("/desk/sign-in")
    page.get_by_label("Your email").fill(MAYA.email)
    page.get_by_label("Your password").fill(password)
    button(page, "Sign in").click()
    # A practice in which nothing is set yet shows its checklist first, once.
    page.get_by_role("link", name="Diary", exact=True).click()
    page.wait_for_url("**/desk/")


def open_brief(page: Page) -> None:
    """Go from the week's one booking to what there is to know before the call."""
    page.locator(".week").get_by_role("link").first.click()
    page.get_by_role("main").get_by_role("link", name="Before the call").first.click()
    page.wait_for_url("**/brief")
