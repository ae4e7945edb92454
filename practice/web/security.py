"""Signing in at the desk: Flask-Security's settings, the throttle around its view, sessions."""

import ipaddress
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import OK, SEE_OTHER, UNPROCESSABLE_ENTITY
from typing import Any

from flask import (
    Flask,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    request,
    session,
    url_for,
)
from flask_security import current_user, logout_user
from flask_security.utils import set_request_attr

from practice.forms.sign_in import SignInForm
from practice.usecases.accounts import begin_signing_in, finish_signing_in
from practice.usecases.guessing import count_sign_in, forgive_sign_in
from practice.usecases.sessions import SignedIn, begin_session, signed_in
from practice.usecases.sessions import sign_out as end_row
from practice.web.door import caller, tools

PROVED_FOR = timedelta(minutes=10)
PENDING_FOR = timedelta(minutes=5)
# What a browser's session says of who is signed in, and all that came with it.
_WHO = {"_user_id", "desk", "pending"}
_AT_DESK = _WHO | {"_fresh", "_id", "proved_at", "diary", "csrf_token", "fs_cc", "fs_paa"}


def _now() -> datetime:
    return tools().clock.now()


SECURITY: dict[str, Any] = {
    "SECURITY_LOGIN_URL": "/desk/sign-in",
    "SECURITY_LOGOUT_URL": "/desk/sign-out",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_POST_LOGIN_VIEW": "/desk/",
    "SECURITY_POST_LOGOUT_VIEW": "/",
    "SECURITY_UNAUTHORIZED_VIEW": "/desk/sign-in",
    "SECURITY_LOGIN_USER_TEMPLATE": "desk/sign_in.html",
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_PASSWORD_HASH": "argon2",
    # Argon2 salts by itself; a second, keyed hash would tie every password to one secret.
    "SECURITY_PASSWORD_SINGLE_HASH": True,
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    # Its view puts this sentence in place of the form's own.
    "SECURITY_MSG_GENERIC_AUTHN_FAILED": (
        "That email and password don’t go together.",
        "error",
    ),
    "SECURITY_FLASH_MESSAGES": False,
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SECURITY_STATIC_FOLDER": None,
    # Acts that ask for the password again do so by our own page, `desk.prove`.
    "SECURITY_FRESHNESS": timedelta(-1),
    "SECURITY_DATETIME_FACTORY": _now,
}


class DeskSignInForm(SignInForm):
    """The sign-in form as the desk asks it: the demo's password is for this machine only."""

    def may_demo(self) -> bool:
        """Tell whether the request comes from this machine."""
        return on_this_machine()


def guard_sign_in(app: Flask) -> None:
    """Throttle the sign-in view, ask for the second factor after it, and keep sessions in rows."""
    views = app.view_functions
    views["security.login"] = _guarded_sign_in(views["security.login"])
    views["security.logout"] = _guarded_sign_out(views["security.logout"])
    app.login_manager.user_loader(_whose)  # type: ignore[attr-defined]


def _guarded_sign_in(view: Callable[..., Any]) -> Callable[..., Response]:
    def sign_in() -> Response:
        if request.method != "POST":
            return make_response(view())
        count_sign_in(caller(), request.form.get("email", ""), tools=tools())
        begin_signing_in()
        was_there = current_user.is_authenticated
        answer = make_response(view())
        if current_user.is_authenticated and not was_there:
            finish_signing_in()
            forgive_sign_in(caller(), request.form.get("email", ""), tools=tools())
            return _after_password(answer)
        if answer.status_code == OK:
            answer.status_code = UNPROCESSABLE_ENTITY  # the form again, with its sentence
        return answer

    return sign_in


def _guarded_sign_out(view: Callable[..., Any]) -> Callable[..., Response]:
    def sign_out() -> Response:
        it = here()
        if it is not None:
            end_row(it.session_id, tools=tools())
        answer = make_response(view())
        end_here()
        # What the desk showed must not come back by the button that leads back.
        answer.headers["Clear-Site-Data"] = '"cache"'
        return answer

    return sign_out


def here() -> SignedIn | None:
    """Return who is signed in in this browser and in which session, or None."""
    if not current_user.is_authenticated:
        return None
    it: SignedIn | None = g.get("signed_in")
    return it


def end_here() -> None:
    """Forget in this browser that anybody was signed in; what clients have open here stays."""
    if not session.keys().isdisjoint(_WHO):
        for key in _AT_DESK:
            session.pop(key, None)


def sit_down(stamp: str, user_id: int) -> None:
    """Begin a session of an account that has shown all it must, under a number of its own."""
    token = begin_session(user_id, request.user_agent.string, tools=tools())
    end_here()
    session.update(_user_id=stamp, _fresh=True, desk=token)
    prove()


def stay(stamp: str) -> None:
    """Go on in this browser after the account's stamp has changed."""
    session["_user_id"] = stamp


def pending() -> tuple[int, str] | None:
    """Return the account (id, stamp) whose password was shown here, while its code is waited for.

    It is waited for five minutes.
    """
    waits = session.get("pending")
    if waits is None or _now() - waits["at"] > PENDING_FOR:
        return None
    return waits["user"], waits["stamp"]


def _after_password(answer: Response) -> Response:
    """Sit down, or ask for the code first where the account has a second factor."""
    user_id, stamp = int(current_user.id), str(current_user.fs_uniquifier)
    if not current_user.has_factor:
        sit_down(stamp, user_id)
        return answer
    leads = answer.headers.get("Location", "")
    logout_user()
    end_here()
    session["pending"] = {"user": user_id, "stamp": stamp, "at": _now()}
    return make_response(redirect(url_for("desk.sign_in_code", next=leads), SEE_OTHER))


def _whose(stamp: str) -> object | None:
    """Find who is signed in, by one statement; nobody whose session has ended."""
    it = signed_in(session.get("desk", ""), stamp, now=_now()) if stamp else None
    g.signed_in = it
    if it is None:
        return None
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    return it.user


def on_this_machine() -> bool:
    """Tell whether the house is for this machine only and the request comes from it."""
    try:
        near = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    return near and bool(current_app.config["PRACTICE_LOOPBACK"])


def was_proved() -> bool:
    """Tell whether the password was shown in this browser within ten minutes."""
    proved_at = session.get("proved_at")
    return proved_at is not None and _now() - proved_at <= PROVED_FOR


def prove() -> None:
    """Remember that the password was shown in this browser now."""
    session["proved_at"] = _now()


def keep_signed_in() -> None:
    """Let a coach's session end twelve hours after its last use, not with the browser."""
    session.permanent = True
