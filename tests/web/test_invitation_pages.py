"""Inviting and being invited: pages that tell nobody what the other one chose."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from practice.domain.booking import Who
from practice.models.invitation import Invitation
from tests.browser import Browser, Page
from tests.fakes import FrozenClock, Postbox, body
from tests.looking import all_of, dump, letters, statements
from tests.makers import (
    Booked,
    at,
    book_for,
    cancel_for,
    deliver_all,
    give_password,
    hold_for,
    invitation_to,
    join_for,
    move_for,
)
from tests.people import ADA, BEN, CLEO, MAYA
from tests.web.conftest import Inside

TRIES = 10


@pytest.fixture
def ada(inside: Inside) -> Booked:
    """Ada's appointment, to which she comes as one of two."""
    with inside:
        return book_for(ADA, at=at("Thu 10:00"), who=Who.BOTH)


@pytest.fixture
def invited(inside: Inside, ada: Booked) -> str:
    """The address under which somebody may join her."""
    with inside:
        return f"/p/{invitation_to(ada)}"


def without_csrf(page: Page) -> bytes:
    return re.sub(rb'name="csrf_token"[^>]*value="[^"]*"', b"", page.raw)


def to_join(browser: Browser, path: str, *, status: int = 200, **typed: str) -> Page:
    typed = {"name": "Ben", "email": BEN.email, "zone": "Europe/London"} | typed
    return browser.press(browser.open(path), "Send me my link", status=status, **typed)


def to_decline(browser: Browser, path: str) -> Page:
    return browser.press(browser.open(path), "No, thank you")


def test_the_booked_page_of_two_leads_to_the_invitation(browser: Browser, ada: Booked) -> None:
    booked = browser.open(f"/a/{ada.token}")

    page = browser.open(booked.links["Invite the other person"])

    assert page.h1 == "Invite the other person"
    assert "Thursday 4 June, 10 to 10:30am" in page.text
    assert "or never" in page.text
    assert "/leave" in page.links.values()


def test_the_letter_is_shown_word_for_word_and_sent_by_a_second_press(
    browser: Browser, inside: Inside, postbox: Postbox, ada: Booked
) -> None:
    page = browser.open(f"/a/{ada.token}/partner")
    shown = browser.press(page, "See the letter", email=" Ben@Mail.example ")
    element = shown.find(id="letter-text")
    assert element is not None
    words = "".join(element.itertext()).strip()
    assert "Ben@mail.example" in shown.text
    with inside:
        assert letters(kind="invitation") == []

    sent = browser.press(shown, "Send it")

    assert sent.path == f"/a/{ada.token}/partner"
    assert "Sent." in sent.text
    assert BEN.email not in sent.text.casefold()
    with inside:
        deliver_all()
    (post,) = postbox.to("Ben@mail.example")
    assert body(post).strip() == words
    assert post.subject in shown.text
    assert "See the letter" not in browser.open(f"/a/{ada.token}/partner").text


def test_a_second_letter_is_refused_also_from_an_old_page(
    browser: Browser, inside: Inside, ada: Booked
) -> None:
    page = browser.open(f"/a/{ada.token}/partner")
    shown = browser.press(page, "See the letter", email=BEN.email)
    browser.press(shown, "Send it")

    again = browser.press(shown, "Send it", status=409)
    browser.press(page, "See the letter", email=CLEO.email, status=409)

    assert "One is all that we send." in again.errors
    with inside:
        assert len(letters(kind="invitation")) == 1


def test_the_link_is_shown_in_full_and_is_always_the_same(browser: Browser, ada: Booked) -> None:
    page = browser.press(browser.open(f"/a/{ada.token}/partner"), "Show me the link")
    (link,) = re.findall(r"https://practice\.example/p/\S+", page.text)

    browser.press(page, "See the letter", email=BEN.email)

    assert link in browser.open(f"/a/{ada.token}/partner").text
    assert browser.open(link.removeprefix("https://practice.example")).h1.startswith("Ada")


@pytest.mark.parametrize("address", ["", "ben", "ben@", "a@b@c", "x" * 400 + "@mail.example"])
def test_an_address_that_cannot_be_one_is_said_and_kept(
    address: str, browser: Browser, inside: Inside, ada: Booked
) -> None:
    page = browser.open(f"/a/{ada.token}/partner")
    with inside:
        before = dump()

    wrong = browser.press(page, "See the letter", email=address, status=422)

    assert wrong.errors
    assert wrong.form("See the letter").value("email") == address
    with inside:
        assert dump() == before


def test_who_is_invited_reads_when_with_whom_and_that_nothing_must_be(
    browser: Browser, invited: str
) -> None:
    page = browser.open(invited)

    assert page.h1 == "Ada invites you to a talk"
    assert "Thursday 4 June, 10 to 10:30am" in page.text
    assert "With Maya Ellis" in page.text
    assert "You don’t have to come." in page.text
    assert "isn’t told what you choose" in page.text
    for secret in (ADA.email, "a…@", "meet.example"):
        assert secret not in page.source


def test_joining_answers_with_a_neutral_page_and_the_link_comes_by_letter_only(
    browser: Browser, inside: Inside, postbox: Postbox, ada: Booked, invited: str
) -> None:
    page = to_join(browser, invited)

    assert page.h1 == "Thank you"
    assert "on its way to the address you gave" in page.text
    assert "/a/" not in page.source
    with inside:
        deliver_all()
    (post,) = postbox.to(BEN.email)
    (href,) = re.findall(r"https://practice\.example(/a/\S+)", body(post))
    own = browser.open(href)
    assert own.h1 == "You’re booked, Ben."
    assert "Invite the other person" not in own.text
    for path in ("contact", "move", "cancel"):
        assert browser.open(f"{href}/{path}").status == 200
    browser.open(f"{href}/partner", status=404)
    file = browser.send(f"{href}/appointment.ics", method="GET")
    assert file.status == 200
    assert b"ATTENDEE" not in file.raw
    assert ada.token.encode() not in file.raw


def test_every_answer_is_one_page_whatever_came_before(
    app: Flask, browser: Browser, invited: str
) -> None:
    other = Browser(app)
    joined = [
        without_csrf(to_join(browser, invited)),
        without_csrf(to_join(other, invited)),
        without_csrf(to_join(other, invited, name="Somebody", email=CLEO.email)),
    ]
    declined = [without_csrf(to_decline(each, invited)) for each in (browser, other)]
    after = [without_csrf(to_join(browser, invited)), without_csrf(to_join(other, invited))]

    assert len({*joined, *after}) == 1
    assert len(set(declined)) == 1


@pytest.mark.parametrize("by_letter", [True, False])
def test_what_the_booker_can_open_is_the_same_to_the_byte_and_costs_the_same(
    by_letter: bool, app: Flask, browser: Browser, inside: Inside, ada: Booked, invited: str
) -> None:
    if by_letter:
        page = browser.open(f"/a/{ada.token}/partner")
        browser.press(browser.press(page, "See the letter", email=BEN.email), "Send it")
    own = f"/a/{ada.token}"
    paths = [own, *(f"{own}/{name}" for name in ("partner", "contact", "move", "cancel"))]
    paths += [f"{own}/appointment.ics", f"{own}/write", invited]
    partner = Browser(app)

    def look() -> list[tuple[str, bytes, list[str]]]:
        found = []
        for path in paths:
            with inside, statements() as sent:
                page = browser.send(path, method="GET")
            assert page.status == 200, path
            found.append((path, without_csrf(page), sent))
        return found

    look()  # what is asked for once and then remembered
    untouched = look()
    to_decline(partner, invited)
    declined = look()
    to_join(partner, invited)
    joined = look()

    for before, after, last in zip(untouched, declined, joined, strict=True):
        assert before == after == last, before[0]


def test_the_booker_learns_the_time_and_the_end_and_never_who_acted(
    browser: Browser, inside: Inside, ada: Booked
) -> None:
    with inside:
        ben = join_for(ada)
        move_for(ben, to=at("Fri 10:00"))
    moved = browser.open(f"/a/{ada.token}")
    assert "Friday 5 June" in moved.text

    with inside:
        cancel_for(ben)
    hers, his = browser.open(f"/a/{ada.token}"), browser.open(f"/a/{ben.token}")

    assert hers.h1 == his.h1 == "This appointment is cancelled"
    assert hers.text == his.text
    for page in (moved, hers):
        assert "Ben" not in page.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Enter the name"),
        ({"name": "www.evil.example"}, "without addresses"),
        ({"email": "ben"}, "Enter an email address"),
        ({"email": ""}, "Enter an email address"),
        ({"zone": "Nowhere/Land"}, "choose a time zone"),
        ({"website": "x"}, "leave this field empty"),
    ],
)
def test_what_cannot_be_used_to_join_is_said_and_kept(
    typed: dict[str, str], said: str, browser: Browser, inside: Inside, invited: str
) -> None:
    page = browser.open(invited)
    with inside:
        before = dump()

    wrong = browser.press(
        page,
        "Send me my link",
        status=422,
        **({"name": "Ben", "email": BEN.email, "zone": "Asia/Tokyo"} | typed),
    )

    assert said in wrong.errors
    kept = {"name": "Ben", "email": BEN.email} | typed
    for name in ("name", "email"):
        assert wrong.form("Send me my link").value(name) == kept[name]
    if "zone" not in typed:
        assert wrong.form("Send me my link").value("zone") == "Asia/Tokyo"
    with inside:
        assert dump() == before


@pytest.mark.parametrize("ending", ["over", "cancelled"])
def test_an_invitation_that_has_ended_says_so(
    ending: str,
    browser: Browser,
    inside: Inside,
    clock: FrozenClock,
    ada: Booked,
    invited: str,
) -> None:
    page, own = browser.open(invited), browser.open(f"/a/{ada.token}/partner")
    with inside:
        if ending == "cancelled":
            cancel_for(ada)
        else:
            clock.at = at("Thu 10:30")

    ended = browser.open(invited)
    late = browser.press(page, "Send me my link", status=409, name="Ben", email=BEN.email)
    browser.press(page, "No, thank you", status=409)
    browser.press(own, "See the letter", status=409, email=BEN.email)
    over = browser.open(f"/a/{ada.token}/partner")

    assert ended.h1 == late.h1 == "This invitation has ended"
    assert over.forms == []
    with inside:
        assert letters(kind="invitation") == []


def test_strangers_and_the_joined_find_nothing(
    browser: Browser, inside: Inside, ada: Booked, invited: str
) -> None:
    with inside:
        alone = book_for(CLEO, at=at("Fri 10:00"))
        hold = hold_for(CLEO, at=at("Fri 12:00"))
        ben = join_for(ada)
        before = dump(without=["throttles"])
    csrf = browser.open("/ask").form().value("csrf_token")
    fields = [("csrf_token", csrf), ("email", BEN.email), ("name", "Ben"), ("zone", "UTC")]

    for token in (ben.token, alone.token, hold):
        browser.open(f"/a/{token}/partner", status=404)
        for path in ("", "/send", "/link"):
            assert browser.send(f"/a/{token}/partner{path}", fields).status == 404
    for token in (ada.token, ben.token, hold):
        browser.open(f"/p/{token}", status=404)
        for path in ("join", "decline"):
            assert browser.send(f"/p/{token}/{path}", fields).status in {404, 429}
    browser.open(f"/a/{invited.rpartition('/')[2]}", status=None)

    with inside:
        assert dump(without=["throttles"]) == before


@pytest.mark.parametrize("what", ["invite", "join"])
def test_inviting_and_joining_over_and_over_is_slowed_down(
    what: str, browser: Browser, ada: Booked, invited: str
) -> None:
    page = browser.open(f"/a/{ada.token}/partner")
    acts: dict[str, Callable[[int], Page]] = {
        "invite": lambda status: browser.press(
            page, "See the letter", status=status, email=BEN.email
        ),
        "join": lambda status: to_join(browser, invited, status=status),
    }
    for _ in range(TRIES):
        acts[what](200)

    assert int(acts[what](429).headers["Retry-After"]) > 0


def test_the_desk_shows_both_once_they_come_and_no_invitation(
    browser: Browser, inside: Inside, ada: Booked
) -> None:
    page = browser.open(f"/a/{ada.token}/partner")
    browser.press(browser.press(page, "See the letter", email=BEN.email), "Send it")
    with inside:
        deliver_all()
        password = give_password()
    browser.sign_in(MAYA.email, password)
    before = browser.open(f"/desk/bookings/{ada.id}")
    listed = browser.open("/desk/letters")
    with inside:
        join_for(ada)

    after = browser.open(f"/desk/bookings/{ada.id}")

    for shown in (before, listed):
        assert "nvit" not in shown.text
        assert BEN.email not in shown.text
    assert after.h1 == "Ada and Ben"
    assert "How to reach Ben" in after.text
    assert "The other person joined. Ben" in after.text


def test_the_address_is_gone_once_somebody_declined(
    browser: Browser, inside: Inside, ada: Booked, invited: str
) -> None:
    page = browser.open(f"/a/{ada.token}/partner")
    browser.press(browser.press(page, "See the letter", email=BEN.email), "Send it")

    to_decline(browser, invited)

    with inside:
        (made,) = all_of(Invitation)
    assert made.address_sealed is None
    assert made.answered_at is not None
