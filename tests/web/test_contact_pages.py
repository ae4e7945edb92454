"""Safe contact from the private link: one page, all of it optional, and it can be changed."""

from typing import Any

import pytest

from practice.domain.booking import Actor, Who
from practice.models.booking import BookingPerson
from tests.browser import Browser, Page
from tests.fakes import Postbox
from tests.looking import all_of, dump
from tests.makers import (
    Booked,
    at,
    book_for,
    cancel_for,
    deliver_all,
    give_password,
    hold_for,
    join_for,
)
from tests.people import ADA, BEN, MAYA
from tests.web.conftest import Inside

WISHES: dict[str, Any] = {
    "letters": "yes",
    "reminder": "no",
    "shared": "yes",
    "opens": "18:00",
    "closes": "20:30",
    "called": "Addie",
}


@pytest.fixture
def ada(inside: Inside) -> Booked:
    with inside:
        return book_for(ADA, at=at("Thu 10:00"))


def the_person(inside: Inside) -> BookingPerson:
    with inside:
        return all_of(BookingPerson)[0]


def saved(browser: Browser, ada: Booked, **wishes: Any) -> Page:
    return browser.press(browser.open(f"/a/{ada.token}/contact"), "Save", **wishes)


def test_the_booked_page_leads_to_one_page_of_wishes_and_back(
    browser: Browser, ada: Booked
) -> None:
    booked = browser.open(f"/a/{ada.token}")
    (way,) = [href for href in booked.links.values() if href.endswith("/contact")]

    page = browser.open(way)

    assert page.h1 == "How may we reach you?"
    assert "optional" in page.text
    assert dict(page.form().values()) | {"csrf_token": ""} == {
        "csrf_token": "",
        "letters": "yes",
        "reminder": "yes",
        "opens": "",
        "closes": "",
        "called": "",
    }
    assert f"/a/{ada.token}" in page.links.values()
    assert "/leave" in page.links.values()


def test_what_was_wished_is_kept_and_stands_on_the_page(
    browser: Browser, inside: Inside, ada: Booked
) -> None:
    page = saved(browser, ada, **WISHES)

    assert page.path.startswith(f"/a/{ada.token}/contact")
    assert "Saved." in page.text
    person = the_person(inside)
    assert (person.letters_ok, person.wants_reminder, person.mailbox_shared) == (True, False, True)
    assert (person.letters_from_minute, person.letters_until_minute) == (1080, 1230)
    assert person.called == "Addie"
    again = browser.open(f"/a/{ada.token}/contact")
    shown = {name: value for name, value in WISHES.items() if name != "shared"}
    assert {name: again.form().value(name) for name in shown} == shown
    assert browser.open(f"/a/{ada.token}").h1 == "You’re booked, Addie."


def test_all_of_it_can_be_taken_back(browser: Browser, inside: Inside, ada: Booked) -> None:
    saved(browser, ada, **WISHES)

    saved(browser, ada, reminder="yes", shared="no", opens="", closes="", called="")

    person = the_person(inside)
    assert (person.letters_ok, person.wants_reminder, person.mailbox_shared) == (True, True, False)
    assert (person.letters_from_minute, person.letters_until_minute) == (None, None)
    assert person.called == ""


def test_without_letters_the_page_says_that_its_address_is_the_way_back(
    browser: Browser, inside: Inside, ada: Booked, postbox: Postbox
) -> None:
    page = saved(browser, ada, letters="no")

    assert f"https://practice.example/a/{ada.token}" in page.text
    assert "Keep it" in page.text
    booked = browser.open(f"/a/{ada.token}")
    assert "No letters come, as you asked." in booked.text
    assert "reminder" not in booked.text
    with inside:
        deliver_all()
    assert {post.to_address for post in postbox.posts} == {MAYA.email}


def test_a_shared_mailbox_makes_the_address_the_way_back_as_well(
    browser: Browser, ada: Booked
) -> None:
    page = saved(browser, ada, shared="yes")

    assert f"https://practice.example/a/{ada.token}" in page.text


def test_no_page_tells_that_the_mailbox_is_shared(browser: Browser, ada: Booked) -> None:
    # Whoever reads it may hold the link as well.
    def pages() -> list[str]:
        return [browser.open(f"/a/{ada.token}{path}").text for path in ("", "/contact", "/write")]

    others = [saved(browser, ada, shared="no").text, *pages()]

    assert [saved(browser, ada, shared="yes").text, *pages()] == others
    assert "shared" not in dict(browser.open(f"/a/{ada.token}/contact").form().values())


def test_what_was_said_of_the_mailbox_holds_unless_it_is_said_again(
    browser: Browser, inside: Inside, ada: Booked
) -> None:
    saved(browser, ada, shared="yes")

    saved(browser, ada, reminder="no")

    assert the_person(inside).mailbox_shared
    saved(browser, ada, shared="no")
    assert not the_person(inside).mailbox_shared


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"opens": "18:00"}, "Enter until when as well"),
        ({"closes": "18:00"}, "Enter from when as well"),
        ({"opens": "18:00", "closes": "18:00"}, "two different times"),
        ({"opens": "25:00", "closes": "18:00"}, "Enter a time like 18:00."),
        ({"opens": "in the evening", "closes": "20:00"}, "Enter a time like 18:00."),
        ({"called": "see www.evil.example"}, "without addresses or links"),
        ({"called": "x" * 201}, "at most 200"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_typed_is_lost(
    typed: dict[str, str], said: str, browser: Browser, inside: Inside, ada: Booked
) -> None:
    page = browser.open(f"/a/{ada.token}/contact")
    with inside:
        before = dump()

    wrong = browser.press(page, "Save", status=422, letters="no", **typed)

    assert said in wrong.errors
    assert wrong.title.startswith("Error")
    for name, value in (typed | {"letters": "no"}).items():
        assert wrong.form().value(name) == value
    with inside:
        assert dump() == before


@pytest.mark.parametrize("name", ["letters", "shared", "reminder"])
def test_only_the_answers_that_stand_there_can_be_given(
    name: str, browser: Browser, ada: Booked
) -> None:
    page = browser.open(f"/a/{ada.token}/contact")
    fields = [(key, value) for key, value in page.form().values() if key != name]

    # The one about the mailbox may be left as it is.
    none: list[list[tuple[str, str]]] = [] if name == "shared" else [[]]
    for forged in (*none, [(name, "perhaps")], [(name, "yes"), (name, "no")]):
        answer = browser.send(f"/a/{ada.token}/contact", [*fields, *forged])
        assert answer.status == 422
        assert answer.errors


def test_hours_may_go_past_midnight(browser: Browser, inside: Inside, ada: Booked) -> None:
    saved(browser, ada, opens="22:00", closes="02:00")

    person = the_person(inside)
    assert (person.letters_from_minute, person.letters_until_minute) == (1320, 120)


def test_the_page_is_there_after_the_appointment_was_cancelled(
    browser: Browser, inside: Inside, ada: Booked
) -> None:
    with inside:
        cancel_for(ada, by=Actor.COACH)

    assert "Saved." in saved(browser, ada, letters="no").text


def test_a_stranger_finds_nothing(browser: Browser, inside: Inside, ada: Booked) -> None:
    with inside:
        hold = hold_for(ADA, at=at("Fri 10:00"))
        before = dump(without=["throttles"])
    token = browser.open("/ask").form().value("csrf_token")

    for wrong in (hold, "mistyped", ada.token[:-1]):
        browser.open(f"/a/{wrong}/contact", status=404)
        posted = browser.send(f"/a/{wrong}/contact", [("csrf_token", token), ("letters", "no")])
        assert posted.status == 404
    with inside:
        assert dump(without=["throttles"]) == before


def test_saving_again_and_again_is_slowed_down(browser: Browser, ada: Booked) -> None:
    page = browser.open(f"/a/{ada.token}/contact")
    for _ in range(20):
        browser.press(page, "Save")

    slow = browser.press(page, "Save", status=429)

    assert int(slow.headers["Retry-After"]) > 0


def test_the_desk_shows_how_to_reach_somebody_and_warns(
    browser: Browser, inside: Inside, ada: Booked
) -> None:
    saved(browser, ada, letters="no", called="Addie")
    with inside:
        deliver_all()
        password = give_password()
    browser.sign_in(MAYA.email, password)

    page = browser.open(f"/desk/bookings/{ada.id}")

    assert "How to reach Ada" in page.text
    assert "Name to use: Addie." in page.text
    assert "Withheld: asked for no letters." in page.text
    for act in ("cancel", "move"):
        change = browser.open(f"/desk/bookings/{ada.id}/{act}")
        assert "No letter goes to Ada: asked for none." in change.text
        assert "tell Ada" not in change.text
        assert "gets a letter" not in change.text
    assert (
        "Ada gets"
        not in browser.press(browser.open(f"/desk/bookings/{ada.id}/cancel"), "Cancel it").text
    )


def test_wishes_of_one_are_on_no_page_of_the_other(browser: Browser, inside: Inside) -> None:
    with inside:
        ada = book_for(ADA, at=at("Fri 10:00"), who=Who.BOTH)
        ben = join_for(ada)
    before = browser.open(f"/a/{ben.token}").text, browser.open(f"/a/{ben.token}/contact").text

    browser.press(browser.open(f"/a/{ada.token}/contact"), "Save", **WISHES)

    after = browser.open(f"/a/{ben.token}").text, browser.open(f"/a/{ben.token}/contact").text
    assert before == after
    assert BEN.name in after[0]
