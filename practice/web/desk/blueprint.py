"""The blueprint of the desk: closed to strangers, opened by name for setting a password."""

from flask import Blueprint, redirect, request, url_for
from flask_security import current_user
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from practice.web.security import keep_signed_in

desk = Blueprint("desk", __name__, url_prefix="/desk")

# An assistant keeps the diary, and learns nothing of what people write.
_READERS = {"owner", "coach"}
_OPEN = {"desk.set_up", "desk.set_up_done"}


@desk.before_request
def coaches_only() -> Response | None:
    """Send strangers to the sign-in."""
    if request.endpoint in _OPEN:
        return None
    if not current_user.is_authenticated or current_user.coach_id is None:
        return redirect(url_for("security.login", next=request.path), 302)
    keep_signed_in()
    return None


def coach_id() -> int:
    """Return the coach who is signed in."""
    return int(current_user.coach_id)


def may_read() -> bool:
    """Tell whether who is signed in may read what people share: no assistant may."""
    return any(current_user.has_role(role) for role in _READERS)


def readers_only() -> None:
    """Show everybody else that there is nothing here."""
    if not may_read():
        raise NotFound
