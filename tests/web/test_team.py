"""The team and the journal: who may sign in, whose diaries are kept, and what the owner reads."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from practice.domain.refusal import Invalid, NotAllowed, NotFound
from practice.domain.roles import Role, Seat
from practice.models.accounts import User
from practice.models.coach import Coach
from practice.models.journal import JournalEntry
from practice.usecases import team
from tests.browser import Browser
from tests.fakes import FrozenClock, Postbox, body
from tests.looking import all_of, dump
from tests.makers import PASSWORD, at, book_for, deliver_all, make_coach, the_tools
from tests.people import ADA, MAYA
from tests.signing_in import sign_in_as
from tests.web.conftest import Inside

NOOR = "noor@lantern.example"
OWNER = Seat(1, Role.OWNER, 1)


@pytest.fixture
def owner(browser: Browser, inside: Inside) -> Browser:
    """Maya's browser, signed in, her password shown this minute."""
    with inside:
        maya = all_of(User)[0]
    sign_in_as(browser, maya, proved=True)
    return browser


def account(inside: Inside, address: str) -> User:
    with inside:
        return all_of(User, User.email == address)[0]


def test_a_coach_is_invited_sets_a_password_and_sees_the_own_diary_alone(
    app: Flask, owner: Browser, inside: Inside, postbox: Postbox
) -> None:
    with inside:
        booking = book_for(ADA, at=at("Tue 10:00"))
    page = owner.press(
        owner.open("/desk/team/coach"), "Invite", name="Noor Haddad", address=NOOR.upper()
    )
    (link,) = re.findall(r"https://practice\.example(/desk/set-up/\S+)", page.text)
    with inside:
        deliver_all()
    assert link in body(postbox.to(NOOR)[-1])
    noor = Browser(app)
    noor.press(noor.open(link), "Keep this password", password=PASSWORD)
    assert noor.sign_in(NOOR, PASSWORD).path == "/desk/checklist"
    noor.open(f"/desk/bookings/{booking.id}", status=404)
    for path in ("/desk/team", "/desk/journal", "/desk/team/coach"):
        noor.open(path, status=404)


def test_an_address_that_has_an_account_is_never_overwritten(
    owner: Browser, inside: Inside
) -> None:
    with inside:
        before = dump(without=["desk_sessions"])
    for path in ("/desk/team/coach", "/desk/team/assistant"):
        more = {"diaries": "1"} if path.endswith("assistant") else {}
        page = owner.press(
            owner.open(path), "Invite", status=422, name="Mallory", address=MAYA.email, **more
        )
        assert "There is an account with this address already." in page.errors
    with inside:
        assert dump(without=["desk_sessions"]) == before


def test_an_assistant_keeps_the_diaries_that_were_chosen_and_switches_between_them(
    app: Flask, owner: Browser, inside: Inside
) -> None:
    with inside:
        noor, third = make_coach(), make_coach(name="Third Person")
        team.invite_assistant(OWNER, "Ola", "ola@lantern.example", [1, noor], tools=the_tools())
    ola = Browser(app)
    sign_in_as(ola, account(inside, "ola@lantern.example"))
    page = ola.open("/desk/account")
    assert "Maya Ellis" in page.text
    page = ola.press(page, "Noor Haddad")
    assert page.path == "/desk/"
    assert ola.open("/desk/account").find(action="/desk/diaries/1") is not None
    token = [("csrf_token", page.forms[0].value("csrf_token"))]
    assert ola.send(f"/desk/diaries/{third}", token).status == 404
    ola.open("/desk/payments", status=404)
    assert ola.send("/desk/diaries/1", token).status == 303


def test_an_owner_at_another_diary_is_an_assistant_there(owner: Browser, inside: Inside) -> None:
    with inside:
        noor = make_coach()
        team.set_diaries(OWNER, 1, [1, noor], tools=the_tools())
    owner.press(owner.open("/desk/account"), "Noor Haddad")
    owner.open("/desk/payments", status=404)
    owner.open("/desk/team")


def test_the_last_owner_stays(owner: Browser, inside: Inside) -> None:
    with inside:
        with pytest.raises(NotAllowed):
            team.set_role(OWNER, 1, Role.COACH, tools=the_tools())
        with pytest.raises(NotAllowed):
            team.close_account(OWNER, 1, tools=the_tools())
        team.invite_coach(OWNER, "Noor", NOOR, "Europe/London", tools=the_tools())
        team.set_role(OWNER, 2, Role.OWNER, tools=the_tools())
    owner.press(owner.open("/desk/team/1"), "Make a coach")
    owner.open("/desk/team", status=404)
    with inside, pytest.raises(NotAllowed):
        team.close_account(replace(OWNER, user_id=2), 2, tools=the_tools())


def test_a_closed_account_is_out_at_once_and_cannot_come_back(
    app: Flask, owner: Browser, inside: Inside
) -> None:
    with inside:
        link = team.invite_coach(OWNER, "Noor", NOOR, "Europe/London", tools=the_tools())
    noor = Browser(app)
    sign_in_as(noor, account(inside, NOOR))
    owner.press(owner.open("/desk/team/2"), "Close the account")
    assert noor.open("/desk/").path.startswith("/desk/sign-in")
    noor.press(
        noor.open(link.removeprefix("https://practice.example")),
        "Keep this password", password=PASSWORD, status=404,
    )  # fmt: skip
    with inside:
        assert len(all_of(Coach)) == 2


def test_nobody_but_an_owner_changes_the_team(inside: Inside) -> None:
    tools = the_tools
    with inside:
        noor = make_coach()
        before = dump()
        acts: tuple[Callable[[Seat], object], ...] = (
            lambda s: team.invite_coach(s, "X", "x@x.example", "UTC", tools=tools()),
            lambda s: team.invite_assistant(s, "X", "x@x.example", [noor], tools=tools()),
            lambda s: team.send_set_up(s, 1, tools=tools()),
            lambda s: team.set_role(s, 1, Role.COACH, tools=tools()),
            lambda s: team.set_diaries(s, 1, [noor], tools=tools()),
            lambda s: team.reset_factor(s, 1, tools=tools()),
            lambda s: team.close_account(s, 1, tools=tools()),
        )
        for seat in (Seat(1, Role.COACH, 1), Seat(1, Role.ASSISTANT, 1)):
            for act in acts:
                with pytest.raises(NotFound):
                    act(seat)
        with pytest.raises(Invalid):
            team.invite_assistant(OWNER, "X", "x@x.example", [99], tools=tools())
        assert dump() == before


def test_changing_the_team_needs_the_password_once_more(browser: Browser, inside: Inside) -> None:
    sign_in_as(browser, account(inside, MAYA.email))
    assert browser.open("/desk/team").path == "/desk/team"
    assert browser.open("/desk/team/coach").path.startswith("/desk/prove")
    form = browser.open("/desk/team/1").form("/close")
    answer = browser.send("/desk/team/1/close", form.values())
    assert answer.headers["Location"].startswith("/desk/prove")


# The journal --------------------------------------------------------------------------------------


def test_the_owner_reads_who_did_what_and_takes_it_along(
    owner: Browser, inside: Inside, clock: FrozenClock
) -> None:
    with inside:
        book_for(ADA, at=at("Tue 10:00"))
    clock.advance(minutes=1)
    owner.press(owner.open("/desk/team/coach"), "Invite", name="=Noor", address=NOOR)
    page = owner.open("/desk/journal")
    assert "The journal is whole" in page.text
    assert "The appointment was booked. A client" in page.text
    assert "An account was made. Maya Ellis" in page.text
    page = owner.open("/desk/journal?kind=ACCOUNT_MADE&account=1&coach=2")
    assert "The appointment was booked. A client" not in page.text
    table = owner.send("/desk/journal", method="GET", query=[("format", "csv")])
    lines = table.raw.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "number,at,who,what,diary,booking"
    assert "=Noor" in table.raw.decode()
    assert ",=Noor" not in table.raw.decode()
    for bad in ("coach=x", "page=0", "account=99999999999"):
        owner.open(f"/desk/journal?{bad}", status=404)


def test_the_page_names_the_line_that_is_missing(owner: Browser, inside: Inside) -> None:
    from practice.models.base import db

    with inside:
        book_for(ADA, at=at("Tue 10:00"))
        (gone,) = all_of(JournalEntry, JournalEntry.happening == "BOOKED")
        db.session.delete(db.session.get_one(JournalEntry, gone.id))
        db.session.commit()
    page = owner.open("/desk/journal")
    assert "The journal is not whole." in page.text
    assert f"line {gone.number} and what followed is missing." in page.text
