"""What a story needs: a Chromium, an open house, and visitors whose pages are watched."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests import databases, makers
from tests.chromium import chromium_or_skip
from tests.stories.browsing import Visit, chromium, visit
from tests.stories.live import LiveHouse, open_house
from tests.stories.scenes import set_stage
from tests.stories.staging import Stage

Arrive = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium; every visitor gets a window without memory of the others."""
    with chromium(chromium_or_skip()) as started:
        yield started


@pytest.fixture
def database(tmp_path: Path) -> str:
    """A clean SQLite: the same stories on PostgreSQL would test Chromium twice."""
    return databases.clean_sqlite(tmp_path)


@pytest.fixture
def house(browser: Browser, database: str, tmp_path: Path) -> Iterator[LiveHouse]:
    """Maya's house, open, on Monday 1 June at 10: Monday to Friday 9 to 5, a free chat."""
    with open_house(database, tmp_path) as live:
        with live.app.app_context():
            makers.make_practice()
        yield live


@pytest.fixture
def arrive(browser: Browser, house: LiveHouse) -> Iterator[Arrive]:
    """Somebody at the house's door, in a browser of her own; nothing may be complained about."""
    visits: list[Visit] = []

    def come(**options: Any) -> Page:
        visits.append(visit(browser, house.url, **options))
        return visits[-1].page

    yield come
    for visitor in visits:
        visitor.page.context.close()
    for visitor in visits:
        visitor.check()


@pytest.fixture(scope="package")
def stage(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The furnished houses in which every page is looked at."""
    with set_stage(tmp_path_factory.mktemp("stage"), browser) as stage:
        yield stage
