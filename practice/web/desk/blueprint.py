"""The blueprint of the desk: each page says which right it needs, and is closed until it does."""

from collections.abc import Callable
from http.client import FOUND
from typing import TypeVar

from flask import Blueprint, current_app, g, redirect, request, session, url_for
from flask_security import current_user
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from practice.domain.roles import Right, Role, Seat
from practice.usecases.sessions import come_in
from practice.web.door import tools
from practice.web.security import end_here, here, keep_signed_in, was_proved

View = TypeVar("View", bound=Callable[..., object])

desk = Blueprint("desk", __name__, url_prefix="/desk")

_OPEN = "open"
_TABS = (
    ("week", "Diary", Right.DIARY),
    ("clients", "Clients", Right.CLIENTS),
    ("letters", "Letters", Right.DIARY),
    ("hours", "Hours", Right.SETTINGS),
    ("offerings", "Offerings", Right.SETTINGS),
    ("calendars", "Calendars", Right.CALENDARS),
    ("payments", "Payments", Right.MONEY),
    ("figures", "Figures", Right.FIGURES),
    ("words", "Practice", Right.SETTINGS),
    ("account", "Account", Right.SELF),
)


def requires(right: Right, *, proof: bool = False) -> Callable[[View], View]:
    """Say which right a page needs; with `proof`, also that the password was shown lately."""

    def mark(view: View) -> View:
        view.requires, view.proof = right, proof  # type: ignore[attr-defined]
        return view

    return mark


def open_to_all(view: View) -> View:
    """Say that a page is for people who cannot sign in yet."""
    view.requires = _OPEN  # type: ignore[attr-defined]
    return view


@desk.before_request
def let_in() -> Response | None:
    """Send strangers to the sign-in, and show what is not for an account as if it were not there.

    A page that says nothing of its right is shown to nobody.
    """
    view = current_app.view_functions[request.endpoint or ""]
    right = getattr(view, "requires", None)
    if right is _OPEN:
        return None
    it = here()
    if it is None or current_user.coach_id is None:
        end_here()
        return redirect(url_for("security.login", next=request.path), FOUND)
    if right is None:
        raise NotFound
    come_in(it, now=tools().clock.now())
    seat().require(right)
    keep_signed_in()
    if getattr(view, "proof", False) and not was_proved():
        return redirect(url_for("desk.prove", next=request.path), FOUND)
    return None


@desk.context_processor
def tabs() -> dict[str, list[tuple[str, str]]]:
    """Give every page of the desk its tabs, as (endpoint, label): those that may be opened."""
    if not current_user.is_authenticated or current_user.coach_id is None:
        return {"tabs": []}
    known = current_app.view_functions
    return {
        "tabs": [
            (f"desk.{name}", label)
            for name, label, right in _TABS
            if f"desk.{name}" in known and seat().may(right)
        ]
    }


def seat() -> Seat:
    """Return from where whoever is signed in acts: the own diary, or another that is kept."""
    if "seat" not in g:
        g.seat = _seat()
    return g.seat  # type: ignore[no-any-return]


def coach_id() -> int:
    """Return the coach whose diary lies open."""
    return seat().coach_id


def may_read() -> bool:
    """Tell whether who is signed in may read what people share: no assistant may."""
    return seat().may(Right.ANSWERS)


def _seat() -> Seat:
    held = {Role(role.name) for role in current_user.roles}
    role = next((each for each in Role if each in held), Role.ASSISTANT)
    own = int(current_user.coach_id)
    wanted = session.get("diary", own)
    kept = {coach.id for coach in current_user.diaries} if wanted != own else set()
    return Seat(
        user_id=current_user.id,
        role=role,
        coach_id=wanted if wanted in kept else own,
        is_own=wanted not in kept,
    )
