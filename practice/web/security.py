"""Signing in at the desk: Flask-Security's settings, and the throttle around its view."""

import ipaddress
from datetime import datetime, timedelta
from http.client import OK, UNPROCESSABLE_ENTITY
from typing import Any

from flask import Flask, Response, current_app, make_response, request, session
from flask_security import current_user

from practice.forms.sign_in import SignInForm
from practice.usecases.accounts import begin_signing_in, finish_signing_in
from practice.usecases.guessing import count_sign_in, forgive_sign_in
from practice.web.door import caller, tools

PROVED_FOR = timedelta(minutes=10)


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
    # No act at the desk asks for the password again, so there is no page that does.
    "SECURITY_FRESHNESS": timedelta(-1),
    "SECURITY_DATETIME_FACTORY": _now,
}


class DeskSignInForm(SignInForm):
    """The sign-in form as the desk asks it: the demo's password is for this machine only."""

    def may_demo(self) -> bool:
        """Tell whether the request comes from this machine."""
        return on_this_machine()


def guard_sign_in(app: Flask) -> None:
    """Throttle the sign-in view, and give it a writing transaction from its beginning."""
    view = app.view_functions["security.login"]

    def sign_in() -> Response:
        if request.method == "POST":
            count_sign_in(caller(), request.form.get("email", ""), tools=tools())
            begin_signing_in()
        answer = make_response(view())
        if request.method != "POST":
            return answer
        if current_user.is_authenticated:
            finish_signing_in()
            prove()
            forgive_sign_in(caller(), request.form.get("email", ""), tools=tools())
        elif answer.status_code == OK:
            answer.status_code = UNPROCESSABLE_ENTITY  # the form again, with its sentence
        return answer

    app.view_functions["security.login"] = sign_in


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
