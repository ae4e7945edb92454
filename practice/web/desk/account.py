"""The own account: password, second factor, recovery codes, and where one is signed in."""

import segno
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import Invalid, NotAllowed
from practice.domain.roles import Right
from practice.forms.booking import PressForm
from practice.forms.sign_in import CodeForm, SetPasswordForm
from practice.queries.account import account_page
from practice.queries.house import house
from practice.usecases import second_factor, sessions
from practice.usecases.accounts import change_password
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.door import caller, tools
from practice.web.security import here, stay

Answer = Response | str | tuple[str, int]

_SAVED = {
    "password": "Your password is changed. You are signed out everywhere else.",
    "factor-removed": "The second factor is removed. Your password alone signs you in.",
    "ended": "That session is ended.",
    "others-ended": "You are signed out everywhere else.",
}


@desk.get("/account")
@requires(Right.SELF)
def account() -> str:
    """Show the own account."""
    page = account_page(seat(), _session_id(), now=tools().clock.now())
    note = _SAVED.get(request.args.get("saved", ""), "")
    return render_template("desk/account.html", page=page, note=note, form=PressForm(formdata=None))


@desk.get("/account/password")
@requires(Right.SELF, proof=True)
def password() -> str:
    """Ask for another password."""
    return render_template("desk/account_password.html", form=SetPasswordForm(formdata=None))


@desk.post("/account/password")
@requires(Right.SELF, proof=True)
def save_password() -> Answer:
    """Set another password; every other session ends."""
    form = SetPasswordForm()
    if not form.validate():
        return render_template("desk/account_password.html", form=form), 422
    stay(change_password(seat(), form.password.data, keep=_session_id(), tools=tools()))
    return _to_account("password")


@desk.post("/account/factor")
@requires(Right.SELF, proof=True)
def begin_factor() -> Answer:
    """Make a secret for an app."""
    second_factor.begin_factor(seat(), tools=tools())
    return redirect(url_for("desk.factor"), 303)


@desk.get("/account/factor")
@requires(Right.SELF, proof=True)
def factor() -> Answer:
    """Show the secret that waits for its first code, to be scanned or typed."""
    return _factor(CodeForm(formdata=None))


@desk.post("/account/factor/confirm")
@requires(Right.SELF, proof=True)
def confirm_factor() -> Answer:
    """Put the secret in use, and show the recovery codes this once."""
    form = CodeForm()
    if not form.validate():
        return _with_status(_factor(form), 422)
    try:
        codes = second_factor.confirm_factor(
            seat(), form.code.data, keep=_session_id(), tools=tools()
        )
    except Invalid as refusal:
        form.blame(refusal)
        return _with_status(_factor(form), 422)
    except NotAllowed:
        return redirect(url_for("desk.account"), 303)
    return render_template("desk/recovery_codes.html", codes=codes)


@desk.get("/account/factor/change")
@requires(Right.SELF, proof=True)
def change_factor() -> Answer:
    """Ask for a code before the factor is removed or its recovery codes are made anew."""
    return _change(CodeForm(formdata=None))


@desk.post("/account/factor/remove")
@requires(Right.SELF, proof=True)
def remove_factor() -> Answer:
    """Ask for no second factor any more."""
    form = CodeForm()
    if not form.validate():
        return _with_status(_change(form), 422)
    try:
        second_factor.remove_factor(seat(), form.code.data, caller(), tools=tools())
    except Invalid as refusal:
        form.blame(refusal)
        return _with_status(_change(form), 422)
    return _to_account("factor-removed")


@desk.post("/account/factor/codes")
@requires(Right.SELF, proof=True)
def renew_codes() -> Answer:
    """Make new recovery codes in place of the old ones, and show them this once."""
    form = CodeForm()
    if not form.validate():
        return _with_status(_change(form), 422)
    try:
        codes = second_factor.renew_codes(seat(), form.code.data, caller(), tools=tools())
    except Invalid as refusal:
        form.blame(refusal)
        return _with_status(_change(form), 422)
    return render_template("desk/recovery_codes.html", codes=codes)


@desk.post("/account/sessions/<int:session_id>/end")
@requires(Right.SELF)
def end_session(session_id: int) -> Answer:
    """End one session of the own account."""
    sessions.end_session(seat(), session_id, tools=tools())
    return _to_account("ended")


@desk.post("/account/sessions/end")
@requires(Right.SELF)
def end_sessions() -> Answer:
    """End every session but this one."""
    sessions.end_others(seat(), _session_id(), tools=tools())
    return _to_account("others-ended")


def _session_id() -> int:
    it = here()
    return it.session_id if it is not None else 0


def _factor(form: CodeForm) -> Response | str:
    secret = second_factor.secret_to_confirm(seat(), house().name, tools=tools())
    if secret is None:
        return redirect(url_for("desk.account"), 303)
    code = segno.make(secret.address, micro=False).svg_inline(scale=5, border=4, light="#fff")
    return render_template("desk/factor.html", form=form, secret=secret, code=code)


def _change(form: CodeForm) -> Response | str:
    page = account_page(seat(), _session_id(), now=tools().clock.now())
    if not page.factor_since:
        return redirect(url_for("desk.account"), 303)
    return render_template("desk/factor_change.html", form=form, page=page)


def _with_status(answer: Response | str, status: int) -> Answer:
    return (answer, status) if isinstance(answer, str) else answer


def _to_account(saved: str) -> Response:
    return redirect(url_for("desk.account", saved=saved), 303)
