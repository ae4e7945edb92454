"""What every command needs at hand."""

from typing import cast

from flask import current_app

from practice.ports import Tools


def tools() -> Tools:
    """Return the tools that the app was made with."""
    return cast("Tools", current_app.extensions["practice"])
