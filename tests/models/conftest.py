"""Models are looked at inside an app; nothing is founded unless a test asks for `coach`."""

from collections.abc import Iterator

import pytest
from flask import Flask


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    """An open app context on a clean database."""
    with app.app_context():
        yield app
