"""The second page of the sign-in, and the way to a new password."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import Invalid, NotAllowed
from practice.forms.booking import PressForm
from practice.forms.sign_in import CodeForm, ForgotForm, SetPasswordForm
from practice.queries.account import address_of
from practice.usecases.accounts import ask_reset, reset_address, reset_password
from practice.usecases.second_factor import check_code
from practice.web.desk.blueprint import desk, open_to_all
from practice.web.desk.prove import page_of_desk
from practice.web.door import caller, tools
from practice.web.security import pending, sit_down

Answer = Response | str | tuple[str, int]


@desk.get("/sign-in/code")
@open_to_all
def sign_in_code() -> Answer:
    """Ask for a code, for five minutes after the password was shown."""
    if _waiting() is None:
        return redirect(url_for("security.login"), 303)
    return _ask(CodeForm(formdata=None))


@desk.post("/sign-in/code")
@open_to_all
def sign_in_with_code() -> Answer:
    """Let somebody in whose code is right; a code that was used before is not."""
    waiting = _waiting()
    if waiting is None:
        return redirect(url_for("security.login"), 303)
    user_id, stamp = waiting
    form = CodeForm()
    if not form.validate():
        return _ask(form), 422
    try:
        check_code(user_id, form.code.data, caller(), tools=tools())
    except Invalid as refusal:
        form.blame(refusal)
        return _ask(form), 422
    except NotAllowed:  # taken away meanwhile, by the owner: the password is asked for again
        return redirect(url_for("security.login"), 303)
    sit_down(stamp, user_id)
    return redirect(page_of_desk(request.form.get("next", "")) or url_for("desk.week"), 303)


@desk.get("/forgot")
@open_to_all
def forgot() -> str:
    """Ask whose password is forgotten."""
    return render_template("desk/forgot.html", form=ForgotForm(formdata=None), asked=False)


@desk.post("/forgot")
@open_to_all
def forgot_it() -> Answer:
    """Have a way to a new password sent; the answer is the same for every address."""
    form = ForgotForm()
    if not form.validate():
        return render_template("desk/forgot.html", form=form, asked=False), 422
    ask_reset(form.email.data, caller(), tools=tools())
    return redirect(url_for("desk.forgot_asked"), 303)


@desk.get("/forgot/asked")
@open_to_all
def forgot_asked() -> str:
    """Say that a letter is on its way, if anybody is there to get it."""
    return render_template("desk/forgot.html", form=PressForm(formdata=None), asked=True)


@desk.get("/reset/<token>")
@open_to_all
def reset(token: str) -> str:
    """Ask for a new password; looking at the page uses the link not up."""
    return _new_password(SetPasswordForm(formdata=None), token)


@desk.post("/reset/<token>")
@open_to_all
def reset_done(token: str) -> Answer:
    """Set the new password, and go on to the sign-in."""
    form = SetPasswordForm()
    reset_address(token, tools=tools())
    if not form.validate():
        return _new_password(form, token), 422
    reset_password(token, form.password.data, tools=tools())
    return redirect(url_for("security.login"), 303)


def _waiting() -> tuple[int, str] | None:
    """Return the account whose code is waited for in this browser, unless it changed meanwhile."""
    waits = pending()
    return waits if waits is not None and address_of(*waits) is not None else None


def _ask(form: CodeForm) -> str:
    wanted = request.values.get("next", "")
    return render_template("desk/sign_in_code.html", form=form, next=page_of_desk(wanted))


def _new_password(form: SetPasswordForm, token: str) -> str:
    address = reset_address(token, tools=tools())
    action = url_for("desk.reset_done", token=token)
    return render_template("desk/set_up.html", form=form, address=address, action=action)
