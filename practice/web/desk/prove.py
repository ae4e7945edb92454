"""Asking for the password once more, before what must not be done by whoever finds a desk open."""

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from practice.domain.refusal import Invalid
from practice.domain.roles import Right
from practice.forms.sign_in import ProveForm
from practice.usecases.accounts import check_proof, has_factor
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.door import caller, tools
from practice.web.security import prove as remember_proof


@desk.get("/prove")
@requires(Right.SELF)
def prove() -> str:
    """Ask for the password, and for a code where a second factor is set."""
    return _ask(ProveForm(formdata=None))


@desk.post("/prove")
@requires(Right.SELF)
def prove_it() -> Response | tuple[str, int]:
    """Check what was shown, and lead on to where it was asked for."""
    form = ProveForm()
    if not form.validate():
        return _ask(form), 422
    try:
        check_proof(seat(), form.password.data, form.code.data, caller(), tools=tools())
    except Invalid as refusal:
        form.blame(refusal)
        return _ask(form), 422
    remember_proof()
    return redirect(_next(), 303)


def _ask(form: ProveForm) -> str:
    return render_template(
        "desk/prove.html", form=form, next=_next(), with_code=has_factor(seat().user_id)
    )


def _next() -> str:
    """Return where to go on."""
    return page_of_desk(request.values.get("next", "")) or url_for("desk.account")


def page_of_desk(wanted: str) -> str:
    """Return a page of our own desk, or the nearest one above what was pressed; "" for no page."""
    path = wanted.partition("?")[0].partition("#")[0]
    while path.startswith("/desk/") and "//" not in path and "\\" not in path:
        if _is_page(path):
            return path
        path = path.rpartition("/")[0]
    return ""


def _is_page(path: str) -> bool:
    """Tell whether a path can be opened at this desk."""
    adapter = current_app.create_url_adapter(request)
    try:
        found = adapter.match(path, method="GET") if adapter else None
    except (HTTPException, RequestRedirect):
        return False
    return found is not None and found[0].startswith("desk.") and found[0] != "desk.prove"
