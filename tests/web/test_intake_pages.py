"""Writing before a talk, as it is done: pages, buttons, and what is never lost or told."""

from datetime import timedelta

import pytest
from flask import Flask

from practice.models.intake import Intake
from practice.models.practice import Practice
from practice.models.unit import unit_of_work
from tests.browser import Browser, Page
from tests.fakes import FrozenClock
from tests.looking import all_of, dump
from tests.makers import at, book_for, cancel_for, change_offering
from tests.people import ADA
from tests.web.conftest import Inside

PASSCODE = "quiet otter 7"
WORDS = "I would like us to talk more calmly.\n\nAnd to laugh again."


@pytest.fixture
def token(inside: Inside) -> str:
    """Ada's private link, before a talk that asks the long questionnaire."""
    with inside:
        change_offering(questionnaire="full")
        with unit_of_work() as session:
            practice = session.get_one(Practice, 1)
            practice.help_lines = "Example line: 000 000"
            practice.safety_approved_by = "Dr Example"
        return book_for(ADA, at=at("Thu 10:00")).token


def begin(browser: Browser, token: str, **chosen: str) -> Page:
    """Begin to write from a private link; return the consent page."""
    typed = {"questionnaire": "full", "way_back": "passcode", "passcode": PASSCODE}
    typed |= {"again": PASSCODE} | chosen
    return browser.press(browser.open(f"/a/{token}/write"), form="/begin", **typed)


def agree(browser: Browser, page: Page) -> Page:
    return browser.press(page, "Agree and go on", agree=True)


def write(browser: Browser, section: str = "brings", button: str = "later", **typed: str) -> Page:
    page = browser.open(f"/write/section/{section}")
    return browser.press(page, button, form=f"/{section}", **typed)


def test_the_whole_walk_without_a_script(browser: Browser, token: str) -> None:
    booked = browser.open(f"/a/{token}")
    gate = browser.open(booked.links["Write first, if you like"])
    consent = begin(browser, token)
    hub = agree(browser, consent)
    first = browser.open(hub.links["What brings you"])
    second = browser.press(first, "Save and continue", form="/brings", different=WORDS, now="2")
    again = browser.press(
        second, "Save and continue", form="/reflection", **{"reflect-pick": "hopes"}
    )
    third = browser.press(
        again, "Save and continue", form="/reflection", **{"reflect-hopes": "Come for a walk?"}
    )

    assert "Leave this page" in gate.links
    assert gate.h1 == "Write first, if you like"
    assert consent.h1 == "Before you write"
    assert hub.h1 == "Your notes"
    assert "Section 1 of 6" in first.text
    assert second.h1 == "Reflection"
    assert "reflect-hopes" in again.form("/reflection")
    assert again.h1 == "Reflection"
    assert third.h1 != "Reflection"
    hub = browser.open("/write")
    assert hub.text.count("Done") == 2
    assert browser.open("/write/section/brings").form("/brings").value("different") == WORDS
