"""Pages are looked at in a browser, at a practice that is founded."""

from types import TracebackType

import pytest
from flask import Flask

from practice.models.accounts import User
from tests.browser import Browser
from tests.looking import all_of
from tests.signing_in import sign_in_as


class Inside:
    """`with inside:` looks at the database or makes something, between two requests."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __enter__(self) -> None:
        self._context = self._app.app_context()
        self._context.push()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._context.pop(exc)


@pytest.fixture
def browser(app: Flask, coach: int) -> Browser:
    """The browser of somebody who has never been here."""
    return Browser(app)


@pytest.fixture
def inside(app: Flask, coach: int) -> Inside:
    """The house from inside, for a look between two requests."""
    return Inside(app)


@pytest.fixture
def maya(browser: Browser, inside: Inside) -> Browser:
    """Maya's own browser, signed in, her checklist seen; without the slow hash of a password."""
    with inside:
        maya = all_of(User)[0]
    sign_in_as(browser, maya)
    return browser
