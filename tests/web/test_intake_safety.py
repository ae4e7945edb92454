"""What the notes tell to nobody: the gate's sameness, leaving, caches, scripts, other people."""

import re

import pytest
from flask import Flask

from practice.models.intake import Intake
from practice.models.sitting import Sitting
from tests.browser import Browser, Page
from tests.fakes import FrozenClock
from tests.looking import all_of, dump, statements
from tests.makers import at, book_for, change_practice
from tests.people import BEN
from tests.web.conftest import Inside
from tests.web.writing import (
    PASSCODE,
    WORDS,
    answers,
    asks_first,
    begin,
    begun,
    come_back,
    section,
    write,
)

PAGES = ("", "?note=code", "?clock")


@pytest.fixture
def token(inside: Inside) -> str:
    """Ada's private link, before a talk that asks the long questionnaire."""
    with inside:
        return asks_first()


def bare(page: Page) -> str:
    return re.sub(r'name="csrf_token"[^>]*value="[^"]*"', "", page.source)


def as_stranger(app: Flask, token: str) -> list[str]:
    """Every answer that a holder of the link alone can get, without the tokens of its forms."""
    stranger = Browser(app)
    gate = stranger.open(f"/a/{token}/write")
    seen = [stranger.open(f"/a/{token}/write{query}") for query in PAGES]
    seen.append(stranger.open(f"/a/{token}/delete"))
    seen.append(stranger.press(gate, form="/back", status=403, passcode="not the one"))
    seen.append(stranger.press(gate, form="/code"))
    seen.append(stranger.open(f"/a/{token}"))
    seen.append(stranger.open("/write", status=404))
    return [bare(page) for page in seen]


def test_the_gate_is_the_same_before_and_after_anything_was_begun(
    app: Flask, browser: Browser, token: str
) -> None:
    before = as_stranger(app, token)
    begun(browser, token)
    write(browser, "brings", different=WORDS)
    browser.press(browser.open("/write/review"), "Share with Maya")
    after = as_stranger(app, token)

    for one, other in zip(before, after, strict=True):
        assert one == other


def test_a_holder_of_the_link_makes_the_house_work_as_hard_either_way(
    app: Flask, browser: Browser, token: str, inside: Inside
) -> None:
    with inside:
        other = book_for(BEN, at=at("Fri 10:00")).token
    begun(browser, other)
    write(browser, "brings", different=WORDS)

    def work(link: str, address: str) -> list[list[str]]:
        stranger = Browser(app, address=address)
        gate = stranger.open(f"/a/{link}/write")
        done = []
        for press in ("/back", "/code"):
            with inside, statements() as sent:
                typed = {"passcode": "not the one"} if press == "/back" else {}
                stranger.press(gate, form=press, status=None, **typed)
            done.append(list(sent))
        return done

    idle, busy = work(token, "198.51.100.1"), work(other, "198.51.100.2")
    assert [len(each) for each in idle] == [len(each) for each in busy]
    for mine, theirs in zip(idle, busy, strict=True):
        for one, other_one in zip(mine, theirs, strict=True):
            assert one == other_one


def test_deleting_from_the_link_says_the_same_whether_anything_was_there(
    app: Flask, browser: Browser, token: str
) -> None:
    def delete() -> str:
        stranger = Browser(app)
        return bare(stranger.press(stranger.open(f"/a/{token}/delete"), "Delete everything"))

    nothing = delete()
    begun(browser, token)
    write(browser, "brings", different=WORDS)

    assert delete() == nothing


def test_leaving_ends_the_sitting_and_takes_the_browser_elsewhere(
    browser: Browser, token: str, inside: Inside
) -> None:
    begun(browser, token)
    kept = browser.client.get_cookie("__Host-practice", "practice.example")
    answer = browser.send("/leave", method="GET")
    gone = browser.client.get_cookie("__Host-practice", "practice.example")
    assert kept is not None
    browser.client.set_cookie(
        kept.key, kept.value, domain="practice.example", secure=True, path="/"
    )
    dead = browser.open("/write", status=404)

    assert answer.status == 303
    assert answer.headers["Location"] == "https://www.bbc.com/weather"
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert gone is None
    assert dead.h1 == "Closed"
    with inside:
        assert all_of(Sitting) == []


def test_a_strange_page_that_leads_to_leaving_closes_nothing(browser: Browser, token: str) -> None:
    begun(browser, token)

    answer = browser.send("/leave", method="GET", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status == 303
    assert answer.headers["Location"] == "https://www.bbc.com/weather"
    assert "Clear-Site-Data" not in answer.headers
    assert browser.open("/write").h1 == "Your notes"


def test_leaving_leads_where_the_practice_wishes_and_never_refuses(
    browser: Browser, inside: Inside
) -> None:
    with inside:
        change_practice(leave_href="https://weather.example/today")

    for _ in range(2):
        answer = browser.send("/leave", method="GET")
        assert (answer.status, answer.headers["Location"]) == (303, "https://weather.example/today")


def test_no_page_of_the_notes_is_cached_or_names_the_booking(browser: Browser, token: str) -> None:
    begun(browser, token)
    write(browser, "brings", button="next", different=WORDS)
    paths = ["", "/consent", "/section/1", "/section/5"]
    paths += ["/support", "/review", "/words.txt", "/delete", "/back"]

    for path in paths:
        page = browser.send(f"/write{path}", method="GET")
        assert page.status == 200, path
        assert page.headers["Cache-Control"] == "no-store", path
        assert token not in page.source, path
        assert "Ada" not in page.source, path
        if page.is_html:
            leaving = [link for link in page.find_all(href="/leave") if link.tag == "a"]
            assert len(leaving) == 2, path
            assert all(link.get("rel") == "noreferrer" for link in leaving)


def test_no_address_of_the_notes_tells_what_was_done(browser: Browser, token: str) -> None:
    # Whoever opens the browser later reads its history.
    gate = f"/a/{token}/write"
    hub = begun(browser, token)
    saved = write(browser, "brings", different=WORDS)
    private = write(browser, "safe", **answers(safe_signs="trust"))
    review = browser.press(browser.open("/write/review"), form="/share/5")
    kept = [section(browser, "safe")]
    unshared = browser.press(review, form="/unshare/5")
    withdrawn = browser.press(browser.open("/write/consent"), "Take it back")
    code = browser.press(browser.open(gate), form="/code")
    gone = browser.press(browser.open(f"/a/{token}/delete"), "Delete everything")

    pages = (hub, saved, private, review, *kept, unshared, withdrawn, code, gone)
    assert [page.path for page in pages] == [
        "/write", "/write", "/write", "/write/review", "/write/section/5", "/write/review",
        "/write", gate, gate,
    ]  # fmt: skip
    for page, note in ((saved, "Saved."), (review, "Shared."), (withdrawn, "taken it back")):
        assert note in page.text
    assert "a letter is on its way" in code.text
    assert "is deleted now" in gone.text
    assert "is deleted now" not in browser.open(gate).text  # it is said once


def test_leaving_takes_along_what_the_next_page_would_have_said(
    browser: Browser, token: str
) -> None:
    begun(browser, token)
    page = section(browser, "brings")
    fields = [(name, value) for name, value in page.form("/section/1").values() if name != "then"]
    browser.send("/write/section/1", [*fields, ("then", "later")])
    browser.send("/leave", method="GET")

    assert "Saved." not in come_back(browser, token).text


def test_no_field_of_the_notes_is_remembered_by_the_browser(browser: Browser, token: str) -> None:
    gate = browser.open(f"/a/{token}/write")
    begun(browser, token)
    for page in (gate, section(browser, "brings"), section(browser, "safe")):
        for element in page.tree.iter():
            if element.tag in {"input", "textarea"} and element.get("type") != "hidden":
                assert element.get("autocomplete") == "off", element.get("name")


def test_reading_the_notes_writes_nothing_but_that_somebody_is_there(
    browser: Browser, token: str, inside: Inside
) -> None:
    begun(browser, token)
    write(browser, "brings", different=WORDS)
    with inside:
        before = dump(without=["sittings"])
    for path in ("", "/consent", "/section/1", "/section/5", "/review", "/words.txt"):
        browser.send(f"/write{path}", method="GET")
    with inside:
        assert dump(without=["sittings"]) == before


def test_a_press_without_its_token_changes_nothing(
    browser: Browser, token: str, inside: Inside
) -> None:
    begun(browser, token)
    write(browser, "brings", different=WORDS)
    reference = section(browser, "brings").form("/section/1").value("intake") or ""
    with inside:
        before = dump(without=["sittings"])
    for path in (
        "/write/section/1",
        "/write/share/1",
        "/write/unshare/1",
        "/write/answers/different/delete",
        "/write/withdraw",
        "/write/delete",
        "/write/consent",
        f"/write/switch/{reference}",
        f"/a/{token}/delete",
        f"/a/{token}/begin",
        f"/a/{token}/code",
    ):
        fields = [("intake", reference), ("seen-different", ""), ("different", "forged")]
        assert browser.send(path, fields).status == 403, path
    with inside:
        assert dump(without=["sittings"]) == before


def test_the_notes_of_another_person_are_nowhere_to_be_found(
    app: Flask, browser: Browser, token: str, inside: Inside
) -> None:
    with inside:
        bens = book_for(BEN, at=at("Fri 10:00")).token
    begun(browser, token)
    write(browser, "brings", different=WORDS)
    with inside:
        ada = all_of(Intake)[0].reference
    ben = Browser(app)
    begun(ben, bens)
    page = section(ben, "brings")
    fields = [(n, v) for n, v in page.form("/section/1").values() if n != "intake"]
    forged = ben.send("/write/section/1", [*fields, ("intake", ada), ("then", "later")])
    csrf = ("csrf_token", page.form("/section/1").value("csrf_token"))
    own = ("intake", page.form("/section/1").value("intake"))
    switched = ben.send(f"/write/switch/{ada}", [csrf, own])
    come_back(ben, bens, status=200)
    come_back(Browser(app), token, "wrong code 1", status=403)

    assert forged.status == 409
    assert switched.status == 404
    for found in (forged, page, ben.open("/write"), ben.open("/write/review")):
        assert "calmly" not in found.source


def test_what_was_typed_is_shown_as_words_wherever_it_stands(app: Flask, token: str) -> None:
    canary = """</textarea><script>alert(1)</script>"'><img src=x onerror=alert(2)>{{7*7}}"""
    browser = Browser(app, braces=True)
    begun(browser, token)
    write(browser, "support", **answers(glad_first=canary, helped="\n\n" + canary))
    page = section(browser, "support")
    review = browser.open("/write/review")

    assert page.form("/section/4").value("glad-first") == canary
    assert page.form("/section/4").value("helped") == "\n\n" + canary
    assert canary in review.text
    for found in (page, review):
        assert "<script>alert" not in found.source
        assert "<img src=x" not in found.source


def test_guessing_passcodes_is_slow(app: Flask, browser: Browser, token: str) -> None:
    begin(browser, token)
    guesser = Browser(app, address="198.51.100.9")
    for _ in range(5):
        come_back(guesser, token, "a wrong guess", status=403)

    late = come_back(guesser, token, status=429)
    assert int(late.headers["Retry-After"]) > 0
    assert "Please try again in about a minute." in late.errors
    assert late.links["Leave this page"] == "/leave"
    assert late.form("/back").value("passcode") == ""
    assert come_back(browser, token).h1 == "Your notes"


def test_beginning_again_and_again_stays_on_the_gate_and_says_how_long_to_wait(
    browser: Browser, token: str
) -> None:
    for _ in range(10):
        begin(browser, token)
    gate = browser.open(f"/a/{token}/write")
    late = browser.press(gate, form="/begin", status=429, way_back="code")

    assert late.h1 == gate.h1
    assert int(late.headers["Retry-After"]) > 240
    assert "Please try again in about 5 minutes." in late.text
    assert late.form("/begin").value("way_back") == "code"


def test_guessing_at_a_closed_page_stays_there_and_says_how_long_to_wait(
    browser: Browser, token: str, clock: FrozenClock
) -> None:
    begun(browser, token)
    clock.advance(minutes=30)
    page = browser.open("/write", status=403)
    for _ in range(5):
        page = browser.press(page, form="/write/back", status=403, passcode="a wrong guess")
    late = browser.press(page, form="/write/back", status=429, passcode=PASSCODE)

    assert "Please try again in about a minute." in late.errors
    assert int(late.headers["Retry-After"]) > 0


def test_guessing_in_an_idle_section_is_as_slow_and_says_how_long_to_wait(
    browser: Browser, token: str, clock: FrozenClock
) -> None:
    begun(browser, token)
    page = section(browser, "brings")
    clock.advance(minutes=30)
    kept = browser.press(page, "later", form="/section/1", status=403, different=WORDS)
    for _ in range(5):
        kept = browser.press(kept, "later", form="/section/1", status=403, passcode="a wrong guess")

    late = browser.press(kept, "later", form="/section/1", status=429, passcode=PASSCODE)
    clock.advance(seconds=int(late.headers["Retry-After"]))

    assert late.form("/section/1").value("different") == WORDS
    assert browser.press(late, "later", form="/section/1", passcode=PASSCODE).h1 == "Your notes"
