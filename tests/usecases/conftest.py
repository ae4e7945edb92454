"""Use cases are called inside an app whose practice is founded; `coach` is Maya."""

from collections.abc import Iterator

import pytest
from flask import Flask


@pytest.fixture(autouse=True)
def _inside(app: Flask, coach: int) -> Iterator[None]:
    with app.app_context():
        yield
