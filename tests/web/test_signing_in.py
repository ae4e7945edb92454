"""Signing in at the desk: sessions that end, a second factor, and a way to a new password."""

import re

import pytest
from flask import Flask

from practice.models.accounts import User
from practice.models.desk_session import DeskSession, RecoveryCode
from practice.models.journal import Happening, JournalEntry
from tests import totp
from tests.browser import Browser, Page
from tests.fakes import FrozenClock, Postbox, body
from tests.looking import all_of, dump
from tests.makers import PASSWORD, deliver_all, give_password
from tests.people import MAYA
from tests.web.conftest import Inside

OTHER = "seven other quiet lanterns"
CODES = re.compile(r"\b[2-9a-z]{5}-[2-9a-z]{5}\b")


@pytest.fixture
def desk(browser: Browser, inside: Inside) -> Browser:
    """Maya's browser, signed in with her password."""
    with inside:
        give_password()
    browser.sign_in(MAYA.email, PASSWORD)
    return browser


def code_of(secret: str, clock: FrozenClock, *, steps: int = 0) -> str:
    """What an app shows now, or so many steps later."""
    return totp.code_of(secret, clock.at, steps=steps)


def with_factor(desk: Browser, clock: FrozenClock) -> tuple[str, list[str]]:
    """Set a second factor up; return its secret and the recovery codes. The code is used up."""
    page = desk.press(desk.open("/desk/account"), "Set up a second factor")
    (secret,) = [e.text or "" for e in page.tree.iter("code")]
    assert page.find(**{"class": "segno"}) is not None
    page = desk.press(page, "Use it from now on", code=code_of(secret, clock))
    codes = CODES.findall(page.text)
    assert len(set(codes)) == 10
    clock.advance(minutes=2)
    return secret, codes


def happened(inside: Inside) -> list[str]:
    with inside:
        return [row.happening for row in all_of(JournalEntry)]


# Sessions -----------------------------------------------------------------------------------------


def test_a_copied_cookie_of_an_ended_session_is_worth_nothing(
    app: Flask, desk: Browser, inside: Inside
) -> None:
    """Ended by signing out, at another browser, and by a new password alike."""
    thief = Browser(app)

    def copy() -> None:
        with desk.client.session_transaction(base_url=desk.base_url) as held:
            stolen = dict(held)
        with thief.client.session_transaction(base_url=thief.base_url) as kept:
            kept.clear()
            kept.update(stolen)

    copy()
    assert thief.open("/desk/account").path == "/desk/account"
    desk.press(desk.open("/desk/account"), "Sign out")
    assert thief.open("/desk/account").path.startswith("/desk/sign-in")
    assert thief.open("/desk/").path.startswith("/desk/sign-in")

    desk.sign_in(MAYA.email, PASSWORD)
    copy()
    other = Browser(app)
    other.sign_in(MAYA.email, PASSWORD)
    page = other.open("/desk/account")
    assert page.text.count("last seen") == 2
    other.press(page, form=next(f for f in page.forms if f.action.endswith("/end")
                                and f.action != "/desk/account/sessions/end"))  # fmt: skip
    assert thief.open("/desk/account").path.startswith("/desk/sign-in")

    desk.sign_in(MAYA.email, PASSWORD)
    copy()
    other.press(other.open("/desk/account/password"), "Keep this password", password=OTHER)
    assert other.open("/desk/account").path == "/desk/account"
    assert thief.open("/desk/account").path.startswith("/desk/sign-in")
    assert {"SIGNED_IN", "SIGNED_OUT", "SESSION_ENDED", "SET_UP"} <= set(happened(inside))


def test_a_session_ends_after_twelve_idle_hours_and_after_fourteen_days(
    desk: Browser, inside: Inside, clock: FrozenClock
) -> None:
    for _ in range(40):
        clock.advance(hours=11)
        if not desk.open("/desk/account").path.startswith("/desk/account"):
            break
    with inside:
        (row,) = all_of(DeskSession)
    assert (clock.at - row.created_at).days == 14

    desk.sign_in(MAYA.email, PASSWORD)
    clock.advance(hours=12)
    assert desk.open("/desk/account").path.startswith("/desk/sign-in")


def test_signing_in_changes_the_session_and_the_database_holds_no_number_of_it(
    browser: Browser, inside: Inside
) -> None:
    with inside:
        give_password()
    with browser.client.session_transaction(base_url=browser.base_url) as kept:
        kept.update(desk="chosen by somebody else", csrf_token="fixed")
    browser.sign_in(MAYA.email, PASSWORD)
    with browser.client.session_transaction(base_url=browser.base_url) as kept:
        assert kept["desk"] != "chosen by somebody else"
        assert kept.get("csrf_token") != "fixed"
        number = kept["desk"]
    with inside:
        assert number not in repr(dump())
        assert all_of(DeskSession)[0].device == "A browser" or all_of(DeskSession)[0].device


def test_a_look_writes_that_it_was_seen_at_most_once_a_minute(
    desk: Browser, inside: Inside, clock: FrozenClock
) -> None:
    for _ in range(3):
        clock.advance(seconds=20)
        desk.open("/desk/account")
    with inside:
        assert all_of(DeskSession)[0].seen_at == clock.at
    clock.advance(seconds=59)
    with inside:
        before = dump()
    desk.open("/desk/account")
    with inside:
        assert dump() == before


def test_somebody_else_s_session_cannot_be_ended(desk: Browser, inside: Inside) -> None:
    page = desk.open("/desk/account")
    sent = [("csrf_token", page.forms[0].value("csrf_token"))]
    assert desk.send("/desk/account/sessions/9999/end", sent).status == 404


# The second factor --------------------------------------------------------------------------------


def test_a_code_signs_in_once_and_a_recovery_code_too(
    desk: Browser, inside: Inside, clock: FrozenClock
) -> None:
    secret, codes = with_factor(desk, clock)
    desk.press(desk.open("/desk/account"), "Sign out")

    page = desk.sign_in(MAYA.email, PASSWORD)
    assert page.h1 == "Your code"
    assert desk.open("/desk/account").path.startswith("/desk/sign-in")  # half way is not in
    page = desk.sign_in(MAYA.email, PASSWORD)
    right = code_of(secret, clock)
    assert desk.press(page, "Sign in", form="code", code=right).path == "/desk/"

    for shown in (right, code_of(secret, clock, steps=-1), code_of(secret, clock, steps=2)):
        desk.press(desk.open("/desk/account"), "Sign out") if shown == right else None
        page = desk.sign_in(MAYA.email, PASSWORD)
        page = desk.press(page, "Sign in", form="code", code=shown, status=422)
        assert "That code is not right, or it was used already." in page.errors

    page = desk.press(page, "Sign in", form="code", code=f" {codes[0].upper()} ")
    assert page.path == "/desk/"
    desk.press(desk.open("/desk/account"), "Sign out")
    page = desk.sign_in(MAYA.email, PASSWORD)
    desk.press(page, "Sign in", form="code", code=codes[0], status=422)
    assert "CODE_USED" in happened(inside)
    with inside:
        kept = repr(dump())
        assert len([row for row in all_of(RecoveryCode) if row.used_at is None]) == 9
    assert all(code not in kept for code in (*codes, secret.replace(" ", "")))


def test_guessing_codes_is_slow_and_the_password_is_asked_again_after_five_minutes(
    desk: Browser, clock: FrozenClock
) -> None:
    secret, _ = with_factor(desk, clock)
    desk.press(desk.open("/desk/account"), "Sign out")
    page = desk.sign_in(MAYA.email, PASSWORD)
    for _ in range(10):
        desk.press(page, "Sign in", form="code", code="000000", status=422)
    desk.press(page, "Sign in", form="code", code=code_of(secret, clock), status=429)

    clock.advance(minutes=5, seconds=1)
    ended = desk.press(page, "Sign in", form="code", code=code_of(secret, clock))
    assert ended.path == "/desk/sign-in"


def test_removing_it_needs_a_proof_and_a_code(
    desk: Browser, inside: Inside, clock: FrozenClock
) -> None:
    secret, codes = with_factor(desk, clock)
    clock.advance(minutes=11)
    page = desk.open("/desk/account/factor/change")
    assert page.path.startswith("/desk/prove")
    desk.press(page, "Go on", password=PASSWORD, code="000000", status=422)
    page = desk.press(page, "Go on", password=PASSWORD, code=code_of(secret, clock))
    assert page.path == "/desk/account/factor/change"

    desk.press(page, "Make new recovery codes", code=codes[1])
    page = desk.open("/desk/account/factor/change")
    desk.press(page, "Make new recovery codes", code=codes[2], status=422)  # replaced by now
    clock.advance(minutes=1)
    form = page.form("code")
    sent = form.filled(None, {"code": code_of(secret, clock)})
    assert desk.send("/desk/account/factor/remove", sent).status == 303
    with inside:
        user = all_of(User)[0]
        assert (user.totp_sealed, user.totp_step, all_of(RecoveryCode)) == (None, None, [])
    desk.press(desk.open("/desk/account"), "Sign out")
    assert desk.sign_in(MAYA.email, PASSWORD).path == "/desk/"
    assert {"FACTOR_SET", "FACTOR_REMOVED"} <= set(happened(inside))


# A new password -----------------------------------------------------------------------------------


def ask(browser: Browser, address: str) -> Page:
    return browser.press(browser.open("/desk/forgot"), "Send the link", email=address)


def test_a_forgotten_password_is_replaced_once_and_passes_no_second_factor(
    desk: Browser, inside: Inside, clock: FrozenClock, postbox: Postbox
) -> None:
    secret, _ = with_factor(desk, clock)
    stranger = Browser(desk.client.application)
    ask(stranger, f" {MAYA.email.upper()} ")
    with inside:
        deliver_all()
    (link,) = re.findall(r"https://practice\.example(/desk/reset/\S+)", body(postbox.posts[-1]))
    assert stranger.open(link).status == 200  # a look by a mail scanner uses nothing up

    page = stranger.press(stranger.open(link), "Keep this password", password=OTHER)
    assert page.path == "/desk/sign-in"
    dead = stranger.open(link, status=404)
    assert "This link was used already" in dead.text
    assert {"/desk/sign-in", "/desk/forgot"} <= set(re.findall(r'href="([^"]+)"', dead.source))
    assert desk.open("/desk/account").path.startswith("/desk/sign-in")
    old = {"email": MAYA.email, "password": PASSWORD}
    desk.press(desk.open("/desk/sign-in"), form="password", status=422, **old)
    page = desk.sign_in(MAYA.email, OTHER)
    assert page.h1 == "Your code"
    assert desk.press(page, "Sign in", form="code", code=code_of(secret, clock)).path == "/desk/"
    assert {"RESET_ASKED", "SET_UP"} <= set(happened(inside))


def test_known_and_unknown_addresses_get_the_same_page_and_the_same_work(
    browser: Browser, inside: Inside, postbox: Postbox
) -> None:
    def asked(address: str) -> tuple[str, dict[str, int]]:
        with inside:
            before = {name: len(rows) for name, rows in dump().items()}
        page = ask(browser, address)
        with inside:
            after = {name: len(rows) for name, rows in dump().items()}
        return page.text, {n: after[n] - before[n] for n in after if n != "throttles"}

    known, unknown = asked(MAYA.email), asked("nobody@mail.example")
    assert known[0] == unknown[0]
    assert {**known[1], "journal_heads": 0} == {**unknown[1], "journal_heads": 0}
    with inside:
        deliver_all()
    assert [post.to_address for post in postbox.posts] == [MAYA.email]


def test_a_way_to_a_new_password_is_short_and_asked_for_rarely(
    browser: Browser, inside: Inside, clock: FrozenClock, postbox: Postbox
) -> None:
    for _ in range(3):
        ask(browser, MAYA.email)
    form = browser.open("/desk/forgot")
    browser.press(form, "Send the link", email=MAYA.email, status=429)
    with inside:
        deliver_all()
    link = re.findall(r"https://practice\.example(/desk/reset/\S+)", body(postbox.posts[-1]))[0]
    clock.advance(minutes=30)
    browser.open(link, status=404)
    assert Happening.RESET_ASKED.name in happened(inside)
