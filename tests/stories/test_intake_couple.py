"""Two who come together: each writes alone, and neither learns anything of the other."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.people import ADA, BEN
from tests.stories.browsing import DESK
from tests.stories.conftest import Arrive
from tests.stories.live import LiveHouse
from tests.stories.steps import (
    DIFFERENT,
    begin,
    book,
    button,
    expect_heading,
    follow_letter,
    open_brief,
    open_for_notes,
    open_section,
    sign_in,
)

pytestmark = pytest.mark.browser

_HERS, _HIS = "More quiet evenings.", "Not to be talked about."


def test_a_couple_writes_apart_and_the_coach_has_two_folders(
    arrive: Arrive, house: LiveHouse
) -> None:
    open_for_notes(house)
    ada, ben = arrive(js=False), arrive(js=False)
    link = book(ada, "9am", both=True)
    ada.get_by_role("link", name="Invite the other person").click()
    button(ada, "Show me the link").click()
    copied = ada.get_by_text(re.compile(r"^http\S+/p/\S+$")).inner_text()
    begin(ada, link)
    _write(ada, "What brings you", DIFFERENT, _HERS)
    before = _all_pages(ada, link)

    ben.goto(copied)
    ben.get_by_role("link", name="Change the time zone").click()
    ben.get_by_label("Time zone").select_option("America/New_York")
    button(ben, "Use this clock").click()
    expect(ben.get_by_text("Tuesday 2 June, 4 to 4:30am")).to_be_visible()
    ben.get_by_label("What should we call you?").fill(BEN.name)
    ben.get_by_label("Your email").fill(BEN.email)
    button(ben, "Send me my link").click()
    expect_heading(ben, "Thank you")
    house.deliver()
    [letter] = house.letters_to(BEN.email)
    follow_letter(ben, letter, "/a/")
    expect(ben.get_by_text("Tuesday 2 June, 4 to 4:30am")).to_be_visible()
    begin(ben, ben.url)
    _write(ben, "Before we talk", "What would help you feel at ease?", _HIS)
    # From another browser the pages of who booked are the same as before, word for word.
    assert _all_pages(ada, link) == before
    assert len(house.letters_to(ADA.email)) == 1

    maya = arrive(js=False, size=DESK)
    sign_in(maya, house)
    open_brief(maya)
    expect(maya.get_by_text("Offer each of them some minutes alone")).to_be_visible()
    room = maya.url
    for name, own, other in ((ADA.name, _HERS, _HIS), (BEN.name, _HIS, _HERS)):
        maya.goto(room)
        expect(maya.get_by_text(own)).to_have_count(0)
        button(maya, f"Open the folder of {name}").click()
        expect(maya.get_by_text(own)).to_be_visible()
        expect(maya.get_by_text(other)).to_have_count(0)


def _write(page: Page, section: str, label: str, words: str) -> None:
    open_section(page, section)
    page.get_by_label(label).fill(words)
    button(page, "Save and finish later").click()
    page.get_by_role("link", name="Review and share").click()
    button(page, "Share with Maya").click()
    expect(page.get_by_role("status")).to_contain_text("Shared.")


def _all_pages(page: Page, link: str) -> dict[str, str]:
    own = ("", "/contact", "/partner", "/write", "/move", "/cancel")
    notes = ("/write", "/write/review", "/write/consent", "/write/section/1")
    seen = {}
    for path in (*(f"{link}{end}" for end in own), *notes):
        page.goto(path)
        seen[path] = page.get_by_role("main").inner_html()
    return {path: re.sub(r'value="[^"]{60,}"', "", html) for path, html in seen.items()}
