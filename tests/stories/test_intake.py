"""Writing before a talk, from the booking to the coach's brief; three questions at the least."""

import pytest
from playwright.sync_api import Page, expect

from tests.makers import PASSCODE
from tests.people import ADA, BEN
from tests.stories.browsing import DESK, PHONE
from tests.stories.conftest import Arrive
from tests.stories.live import LiveHouse
from tests.stories.steps import (
    DIFFERENT,
    ask_ada_first,
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
from tests.web.writing import WORDS

pytestmark = pytest.mark.browser

_ON = "Save and continue"
_BOTH = pytest.mark.parametrize(
    ("js", "size"), [(False, PHONE), (True, DESK)], ids=["no-js", "desk"]
)


@_BOTH
def test_ada_writes_shares_and_sees_when_it_was_read(
    arrive: Arrive, house: LiveHouse, js: bool, size: tuple[int, int]
) -> None:
    open_for_notes(house)
    ada = arrive(js=js, size=size)
    link = book(ada, "9am")
    ada.get_by_role("link", name="Say how we may write to you").click()
    ada.get_by_label("What name should we use?").fill("Adela")
    button(ada, "Save").click()
    expect(ada.get_by_role("status")).to_contain_text("Saved.")
    ada.get_by_role("link", name="Back").click()
    ada.get_by_role("link", name="Write first, if you like").click()
    begin(ada, link)

    _write_all_six(ada)
    for title in ("What brings you", "Growing", "Feeling safe", "Hopes and next step"):
        section = ada.get_by_role("region", name=title)
        section.get_by_role("button", name="Share").click()
        expect(ada.get_by_role("status")).to_contain_text("Shared.")
        expect(section).to_contain_text("Shared on Monday 1 June, 10am.")

    house.clock.advance(minutes=5)
    _maya_reads(arrive(js=js, size=size), house)

    house.clock.advance(minutes=5)
    ada.goto("/write")
    expect(ada.get_by_text("opened what you shared on Monday 1 June, 10:05am.")).to_be_visible()
    expect(ada.get_by_text("opened the private part on Monday 1 June, 10:05am.")).to_be_visible()


def _write_all_six(page: Page) -> None:
    open_section(page, "What brings you")
    expect(page.get_by_text("Section 1 of 6")).to_be_visible()
    page.get_by_role("radio", name="2").check()
    page.get_by_label(DIFFERENT).fill(WORDS)
    button(page, _ON).click()
    expect_heading(page, "Reflection")
    page.get_by_label("Saying what I hope for").check()
    hopes = page.get_by_label("How could you tell your partner what you hope for")
    if not hopes.count():  # without a script, the next page asks it
        button(page, _ON).click()
    hopes.fill("Would you walk with me?")
    button(page, _ON).click()
    expect_heading(page, "Growing")
    page.get_by_role("radio", name="Sometimes").first.check()
    button(page, _ON).click()
    expect_heading(page, "What helps, and who supports you")
    page.get_by_label("Friends I trust").check()
    button(page, _ON).click()
    expect_heading(page, "Feeling safe")
    button(page, "Continue").click()
    page.get_by_role("radio", name="Not really").first.check()
    button(page, _ON).click()
    expect_heading(page, "Thank you. That is enough.")
    page.get_by_role("link", name="Continue").click()
    expect_heading(page, "Hopes and next step")
    page.get_by_label("What is one small thing").fill("Ten quiet minutes")
    button(page, _ON).click()
    expect_heading(page, "Review and share")
    expect(page.get_by_text("And to laugh again.")).to_be_visible()
    expect(page.get_by_text("Not really")).to_be_hidden()


def _maya_reads(page: Page, house: LiveHouse) -> None:
    sign_in(page, house)
    open_brief(page)
    expect(page.get_by_text("And to laugh again.")).to_have_count(0)
    button(page, "Open the folder of Adela").click()
    expect(page.get_by_text("And to laugh again.")).to_be_visible()
    expect(page.get_by_text("2 of 5")).to_be_visible()
    expect(page.get_by_text("Ten quiet minutes")).to_be_visible()
    for kept in ("Would you walk with me?", "Friends I trust", "Not really"):
        expect(page.get_by_text(kept)).to_have_count(0)
    page.get_by_role("link", name="Open when you’re alone").click()
    expect(page.get_by_text("Not really")).to_have_count(0)
    button(page, "Open the private note").click()
    expect(page.get_by_text("Not really")).to_be_visible()


def test_a_section_that_is_not_shared_or_not_any_more_is_not_read(
    arrive: Arrive, house: LiveHouse
) -> None:
    link = ask_ada_first(house)
    ada, maya = arrive(js=False), arrive(js=False, size=DESK)
    begin(ada, link)
    open_section(ada, "What brings you")
    ada.get_by_label(DIFFERENT).fill(WORDS)
    button(ada, "Save and finish later").click()
    sign_in(maya, house)
    open_brief(maya)
    button(maya, "Open the folder of Ada").click()
    expect(maya.get_by_text("Nothing was shared.")).to_be_visible()

    ada.get_by_role("link", name="Review and share").click()
    button(ada, "Share with Maya").click()
    button(ada, "Stop sharing").click()
    expect(ada.get_by_role("status")).to_contain_text("It is no longer shared.")

    maya.reload()
    expect(maya.get_by_text("Nothing was shared.")).to_be_visible()
    delete = button(ada, "Delete your answer to “What would you like to be different?”")
    expect(delete).to_be_hidden()
    ada.locator("summary", has_text="Delete your answer to “What would you like").click()
    expect(ada.get_by_text("This also removes what Maya can read of it.")).to_be_visible()
    delete.click()
    expect(ada.get_by_role("status")).to_contain_text("That answer is deleted")
    expect(ada.get_by_text("And to laugh again.")).to_have_count(0)


def test_all_that_was_written_is_deleted_from_the_link_without_a_passcode(
    arrive: Arrive, house: LiveHouse
) -> None:
    link = ask_ada_first(house)
    ada, elsewhere = arrive(js=False), arrive(js=False)
    begin(ada, link)
    open_section(ada, "What brings you")

    elsewhere.goto(f"{link}/write")
    elsewhere.get_by_role("link", name="Delete everything that was written").click()
    expect(elsewhere.get_by_role("link", name="Keep it").first).to_be_visible()
    button(elsewhere, "Delete everything").click()
    expect(elsewhere.get_by_role("status")).to_contain_text("is deleted now")

    ada.reload()
    expect_heading(ada, "Closed")
    elsewhere.get_by_label("Your passcode").fill(PASSCODE)
    button(elsewhere, "Open my notes").click()
    expect(elsewhere.get_by_role("alert")).to_contain_text("That passcode doesn’t fit.")


def test_the_reluctant_partner_answers_three_questions_and_comes_back_by_a_mailed_code(
    arrive: Arrive, house: LiveHouse
) -> None:
    open_for_notes(house)
    ada, ben = arrive(js=False), arrive(js=False)
    link = book(ada, "10am", both=True)
    ada.goto(f"{link}/partner")
    ada.get_by_label("Their email").fill(BEN.email)
    button(ada, "See the letter").click()
    expect(ada.get_by_text(f"{ADA.name} asked us to send you this.")).to_be_visible()
    button(ada, "Send it").click()
    expect(ada.get_by_role("status")).to_contain_text("Sent.")
    house.deliver()

    [invitation] = house.letters_to(BEN.email)
    follow_letter(ben, invitation, "/p/")
    expect_heading(ben, "Ada invites you to a talk")
    ben.get_by_label("What should we call you?").fill(BEN.name)
    ben.get_by_label("Your email").fill(BEN.email)
    button(ben, "Send me my link").click()
    house.deliver()
    follow_letter(ben, house.letters_to(BEN.email)[-1], "/a/")
    ben.get_by_role("link", name="Write first, if you like").click()
    expect(ben.get_by_role("radio", name="Three questions")).to_be_checked()
    begin(ben, ben.url.removesuffix("/write"), by_code=True)
    open_section(ben, "Before we talk")
    expect(ben.get_by_role("group").or_(ben.get_by_role("textbox"))).to_have_count(3)
    ben.get_by_role("radio", name="I would rather not have it").check()
    button(ben, _ON).click()
    button(ben, "Share with Maya").click()
    expect(ben.get_by_role("status")).to_contain_text("Shared.")

    house.clock.advance(minutes=31)
    ben.reload()
    expect_heading(ben, "You were away for a while")
    button(ben, "Mail me a fresh code").click()
    house.deliver()
    code = house.letters_to(BEN.email)[-1]
    assert code["Subject"] == "Sign-in link"
    follow_letter(ben, code, "/c/")
    ben.reload()  # a scanner that opens the link uses nothing up
    button(ben, "Continue").click()
    expect_heading(ben, "Your notes")
    ben.go_back()
    ben.reload()
    button(ben, "Continue").click()
    expect_heading(ben, "This link is closed")
