"""Where this machine's Chromium is; never a download."""

import os
import shutil

import pytest

ARGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run"]
ABSENT = "There is no Chromium here: apt-get install chromium, or set PRACTICE_CHROMIUM."


def find_chromium() -> str | None:
    """The path of a Chromium: PRACTICE_CHROMIUM, else the first on PATH, else None."""
    names = (os.environ.get("PRACTICE_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)


def chromium_or_skip() -> str:
    """The path of a Chromium, else the test is skipped; it fails if everything is demanded."""
    path = find_chromium()
    if path is None and os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(ABSENT)
    return path or pytest.skip(ABSENT)
