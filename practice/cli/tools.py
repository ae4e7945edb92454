"""What every command needs at hand."""

from dataclasses import replace
from typing import cast

from flask import current_app

from practice.ports import Tools


def tools() -> Tools:
    """Return the tools that the app was made with."""
    return cast("Tools", current_app.extensions["practice"])


def read_no_calendars() -> None:
    """Take away what reads calendars: from here on this process serves pages, and none may wait."""
    current_app.extensions["practice"] = replace(tools(), feeds=None)
