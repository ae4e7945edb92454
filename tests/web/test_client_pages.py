"""Clients at the desk: finding them, their file, and who may see what."""

import pytest
from flask import Flask

from practice.models.couple import Couple
from practice.models.journal import Happening, JournalEntry
from tests.browser import Browser, Page
from tests.looking import all_of
from tests.makers import (
    Booked,
    at,
    book_for,
    both_for,
    cancel_for,
    deliver_all,
    join_for,
    make_coach,
    make_offering,
)
from tests.people import ADA, BEN, CLEO, Person
from tests.sharing import BRINGS, SAFE, write_for
from tests.web.conftest import Inside


@pytest.fixture
def ada(inside: Inside) -> Booked:
    with inside:
        return book_for(ADA, at=at("Thu 10:00"))


def rows(page: Page) -> list[str]:
    table = page.tree.find(".//table")
    if table is None:
        return []
    return [" ".join("".join(r.itertext()).split()) for r in table.iter("tr")][1:]


def names(maya: Browser, query: str) -> list[str]:
    page = maya.press(maya.open("/desk/clients"), "Search", form="q", q=query)
    return [row.split(" ")[0] for row in rows(page)]


def test_the_tab_leads_to_clients_and_a_name_to_the_file(maya: Browser, ada: Booked) -> None:
    page = maya.open(maya.open("/desk/?week=2026-W23").links["Clients"])
    assert "Ada" in page.text
    file = maya.open(page.links["Ada"])

    assert file.h1 == "Ada"
    assert "ada@mail.example" in file.text
    assert "Thursday 4 June" in file.text
