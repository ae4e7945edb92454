"""A coach writes a note: it saves itself, two tabs keep both texts, and no script is needed."""

import pytest
from playwright.sync_api import Page, expect

from practice.models.accounts import User
from tests import makers
from tests.looking import all_of
from tests.people import ADA
from tests.signing_in import desk_cookie
from tests.stories.conftest import Arrive
from tests.stories.live import LiveHouse
from tests.stories.steps import button

pytestmark = pytest.mark.browser

_JUST_BEFORE, _JUST_AFTER = 1_900, 200  # ms, around the two seconds after typing stops


def _at_a_new_note(arrive: Arrive, house: LiveHouse, *, js: bool = True) -> Page:
    with house.app.app_context():
        makers.book_for(ADA, at=makers.at("Thu 10:00"))
        held = desk_cookie(all_of(User)[0])
    page = arrive(js=js)
    interface = house.app.session_interface
    serializer = interface.get_signing_serializer(house.app)  # type: ignore[attr-defined]
    cookie = {"name": house.app.config["SESSION_COOKIE_NAME"], "value": serializer.dumps(held)}
    page.context.add_cookies([{**cookie, "url": house.url}])  # type: ignore[typeddict-item]
    page.goto("/desk/clients")
    page.get_by_role("link", name="Ada").click()
    page.get_by_role("link", name="Write a note").click()
    return page


def test_a_note_saves_itself_two_seconds_after_the_last_word(
    arrive: Arrive, house: LiveHouse
) -> None:
    page = _at_a_new_note(arrive, house)
    said, field = page.locator("#saved"), page.get_by_label("Note", exact=True)
    page.clock.install()
    page.reload()
    field.wait_for()
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))

    field.press("Control+End")
    field.press_sequentially("Once")
    page.clock.run_for(_JUST_BEFORE)
    field.press_sequentially(" more")
    page.clock.run_for(_JUST_BEFORE)
    expect(said).to_have_text("")
    page.clock.run_for(_JUST_AFTER)
    expect(said).to_have_text("Saved at 10am")
    house.clock.advance(minutes=42)
    field.press_sequentially(", and left")
    page.get_by_role("link", name="The file").focus()
    expect(said).to_have_text("Saved at 10:42am")
    for _ in range(3):
        page.keyboard.press("Shift")  # leaves the private pages of clients, and no desk

    page.goto("/desk/clients/1")
    expect(page.locator("section", has_text="Your notes").get_by_role("listitem")).to_have_count(1)
    page.get_by_role("link", name="Monday 1 June, 10am").first.click()
    expect(page.get_by_label("Note", exact=True)).to_have_value(
        "What mattered:\n\n\nAgreed step:\n\n\nFor next time:\nOnce more, and left"
    )


def test_without_script_the_later_of_two_tabs_sees_both_texts(
    arrive: Arrive, house: LiveHouse
) -> None:
    first = _at_a_new_note(arrive, house, js=False)
    first.get_by_label("Note", exact=True).fill("As it was")
    button(first, "Save").click()
    expect(first.get_by_role("status").first).to_have_text("Saved.")
    second = first.context.new_page()
    second.goto(first.url)
    first.get_by_label("Note", exact=True).fill("Typed in the first")
    button(first, "Save").click()

    second.get_by_label("Note", exact=True).fill("Typed in the second")
    button(second, "Save").click()
    expect(second.get_by_role("alert")).to_contain_text("Nothing was overwritten")
    expect(second.get_by_text("Typed in the first")).to_be_visible()
    expect(second.get_by_label("Note", exact=True)).to_have_value("Typed in the second")
