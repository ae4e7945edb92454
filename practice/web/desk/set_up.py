"""Setting the first password, by a one-time link."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from practice.forms.sign_in import SetPasswordForm
from practice.usecases.accounts import set_password, set_up_address
from practice.web.desk.blueprint import desk, open_to_all
from practice.web.door import tools


@desk.get("/set-up/<token>")
@open_to_all
def set_up(token: str) -> str:
    """Ask for a password."""
    address = set_up_address(token, tools=tools())
    return _ask(SetPasswordForm(formdata=None), address, token)


@desk.post("/set-up/<token>")
@open_to_all
def set_up_done(token: str) -> Response | tuple[str, int]:
    """Set the password, and go on to the sign-in."""
    address = set_up_address(token, tools=tools())
    form = SetPasswordForm()
    if not form.validate():
        return _ask(form, address, token), 422
    set_password(token, form.password.data, tools=tools())
    return redirect(url_for("security.login"), 303)


def _ask(form: SetPasswordForm, address: str, token: str) -> str:
    action = url_for("desk.set_up_done", token=token)
    return render_template("desk/set_up.html", form=form, address=address, action=action)
