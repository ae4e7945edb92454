"""What every view needs at hand: the tools it was given, and who is asking, as hashes only."""

import hmac
import ipaddress
import secrets
from typing import cast

from flask import current_app, request, session

from practice.ports import Tools


def tools() -> Tools:
    """Return the tools that this app was made with."""
    return cast("Tools", current_app.extensions["practice"])


def caller() -> str:
    """Return a hash of the address that the request comes from; the address is kept nowhere."""
    return _hashed(_network(request.remote_addr or ""))


def browser() -> str:
    """Return a hash of this browser's own random number, made at its first visit."""
    if "b" not in session:
        session["b"] = secrets.token_urlsafe(16)
    return _hashed(session["b"])


def _network(address: str) -> str:
    """Return what one caller cannot change at will: an IPv6 host owns a whole /64."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((int(found), 64), strict=False))


def _hashed(text: str) -> str:
    key = str(current_app.secret_key).encode()
    return hmac.new(key, text.encode(), "sha256").hexdigest()[:40]
