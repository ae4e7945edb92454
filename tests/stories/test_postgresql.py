"""The same door on PostgreSQL: one whole story, so that no page leans on SQLite."""

import pytest
from playwright.sync_api import expect

from tests import databases
from tests.people import ADA
from tests.stories.conftest import Arrive
from tests.stories.live import LiveHouse
from tests.stories.steps import book, button, expect_booked, time_button

pytestmark = pytest.mark.browser


@pytest.fixture
def database() -> str:
    return databases.clean_postgresql()


def test_ada_books_moves_cancels_and_takes_it_back_on_postgresql(
    arrive: Arrive, house: LiveHouse
) -> None:
    page = arrive(js=False)
    book(page, "9am")
    page.get_by_role("link", name="Move it").click()
    time_button(page, "4pm").click()
    expect(page.get_by_text("Tuesday 2 June, 4 to 4:30pm")).to_be_visible()
    page.get_by_role("link", name="Cancel it").click()
    button(page, "Cancel it").click()
    button(page, "Take it back").click()

    expect_booked(page)
    house.deliver()
    assert len(house.letters_to(ADA.email)) >= 1
