"""The checklist of a new practice."""

from flask import redirect, render_template, request, session, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from practice.domain.roles import Right
from practice.forms.booking import PressForm
from practice.queries.checklist import KEYS, is_fresh
from practice.queries.checklist import checklist as checklist_of
from practice.usecases.words import put_off, take_up
from practice.web.desk.blueprint import desk, requires, seat

_SEEN = "checklist"
_NOTES = {
    "later": "That can wait. You find it here whenever you like.",
    "back": "That is back on your list.",
}


@desk.get("/checklist")
@requires(Right.SETTINGS)
def checklist() -> str:
    """Show what is set, what is not yet, and what was put off."""
    session[_SEEN] = True
    return render_template(
        "desk/checklist.html",
        page=checklist_of(seat()),
        may_put_off=seat().may(Right.PRACTICE),
        form=PressForm(formdata=None),
        note=_NOTES.get(request.args.get("note", ""), ""),
    )


@desk.post("/checklist/<key>/later")
@requires(Right.PRACTICE)
def put_step_off(key: str) -> Response:
    """Leave a step for later."""
    put_off(seat(), [_known(key)])
    return redirect(url_for("desk.checklist", note="later"), 303)


@desk.post("/checklist/<key>/now")
@requires(Right.PRACTICE)
def take_step_up(key: str) -> Response:
    """Put a step back on the list."""
    take_up(seat(), [_known(key)])
    return redirect(url_for("desk.checklist", note="back"), 303)


def wants_checklist() -> bool:
    """Tell whether a coach who comes in should see the checklist first, once."""
    if session.get(_SEEN) or not seat().may(Right.SETTINGS):
        return False
    session[_SEEN] = not is_fresh(seat())
    return not session[_SEEN]


def _known(key: str) -> str:
    if key not in KEYS:
        raise NotFound
    return key
