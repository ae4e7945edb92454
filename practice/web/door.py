"""What every view needs at hand: the tools it was given, and who is asking, as hashes only."""

import hmac
import secrets
from typing import cast

from flask import current_app, request, session

from practice.ports import Tools


def tools() -> Tools:
    """Return the tools that this app was made with."""
    return cast("Tools", current_app.extensions["practice"])


def caller() -> str:
    """Return a hash of the address that the request comes from; the address is kept nowhere."""
    return _hashed(request.remote_addr or "")


def browser() -> str:
    """Return a hash of this browser's own random number, made at its first visit."""
    if "b" not in session:
        session["b"] = secrets.token_urlsafe(16)
    return _hashed(session["b"])


def _hashed(text: str) -> str:
    key = str(current_app.secret_key).encode()
    return hmac.new(key, text.encode(), "sha256").hexdigest()[:40]
