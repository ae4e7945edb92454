"""The gate of a booking's link: beginning to write, coming back, a fresh code, deleting all.

Whoever holds the link may be somebody else than who writes. So these pages are the same, and cost
the same, whether anything was ever begun from the link or not.
"""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import Invalid, NotAllowed, NotFound, TooLate, TooMany
from practice.forms.booking import PressForm
from practice.forms.intake import BackForm, BeginForm
from practice.queries.appointment import person_of
from practice.queries.code import closes_others, notes_to_choose
from practice.queries.intake import gate_page
from practice.usecases import intake, sittings
from practice.usecases.guessing import count_guess
from practice.web.door import caller, tools
from practice.web.problems import when_again
from practice.web.public.blueprint import public
from practice.web.public.sitting import (
    leave_note,
    meant,
    note_left,
    sit_down,
    sitting,
    slow_down,
)

Answer = Response | str | tuple[str, int] | tuple[str, int, dict[str, str]]

_NOTES = {
    "code": (
        "If something was begun here that comes back by code, a letter is on its way. "
        "Its link works for 30 minutes."
    ),
    "deleted": "Whatever was written from this link is deleted now.",
}


@public.get("/a/<token>/write")
def gate(token: str) -> Answer:
    """Show the ways in, all of them, whatever was begun."""
    return _gate(token, note=note_left(_NOTES))


@public.post("/a/<token>/begin")
def begin(token: str) -> Answer:
    """Begin new notes, and go on to what becomes of them."""
    form = BeginForm()
    if not form.validate():
        return _gate(token, begin=form), 422
    try:
        began = sittings.begin(token, form.to_start(), caller(), tools=tools())
    except Invalid as refusal:
        form.way_back.errors = [refusal.sentence]
        return _gate(token, begin=form), 422
    except (NotAllowed, TooLate) as refusal:
        return _gate(token, error=refusal.sentence), 409
    except TooMany as refusal:
        return _gate(token, begin=form, error=slow_down(refusal)), 429, when_again(refusal)
    sit_down(began)
    return redirect(url_for("public.consent"), 303)


@public.post("/a/<token>/back")
def come_back(token: str) -> Answer:
    """Open the notes that a passcode opens."""
    form = BackForm()
    if not form.validate():
        return _gate(token, back=form), 422
    try:
        began = sittings.come_back(token, form.passcode.data, caller(), tools=tools())
    except NotAllowed as refusal:
        form.passcode.errors = [refusal.sentence]
        return _gate(token, back=form), 403
    except TooMany as refusal:
        form.passcode.errors = [slow_down(refusal)]
        return _gate(token, back=form), 429, when_again(refusal)
    sit_down(began)
    return redirect(url_for("public.notes"), 303)


@public.post("/a/<token>/code")
def ask_code(token: str) -> Answer:
    """Have a fresh code mailed, where there is a use for one."""
    try:
        sittings.ask_code(token, caller(), tools=tools())
    except TooMany as refusal:
        return _gate(token, error=slow_down(refusal)), 429, when_again(refusal)
    leave_note("code")
    return redirect(url_for("public.gate", token=token), 303)


@public.get("/a/<token>/delete")
def erase(token: str) -> Answer:
    """Ask once more before all is deleted; the same whether anything is there."""
    person_of(token, tools=tools())
    return render_template(
        "public/intake/erase.html",
        form=PressForm(formdata=None),
        action=url_for("public.erase_it", token=token),
        keep=url_for("public.gate", token=token),
    )


@public.post("/a/<token>/delete")
def erase_it(token: str) -> Answer:
    """Delete all that was ever written from the link."""
    intake.delete_everything(token, tools=tools())
    leave_note("deleted")
    return redirect(url_for("public.gate", token=token), 303)


@public.get("/c/<token>")
def code(token: str) -> str:
    """Show the button that spends a mailed code; opening the page alone spends nothing."""
    return render_template(
        "public/intake/code.html",
        token=token,
        form=PressForm(formdata=None),
        closes_others=closes_others(token, sitting(), tools=tools()),
    )


@public.post("/c/<token>")
def spend_code(token: str) -> Answer:
    """Open the notes to which a mailed code leads, or ask which of them."""
    try:
        began = sittings.spend_code(token, meant(), tools=tools())
    except NotFound:
        count_guess(caller(), tools=tools())
        return render_template("public/intake/closed.html", was_code=True), 404
    if began is None:
        return render_template(
            "public/intake/choose.html",
            token=token,
            form=PressForm(formdata=None),
            notes=notes_to_choose(token, tools=tools()),
        )
    sit_down(began)
    return redirect(url_for("public.notes"), 303)


def _gate(
    token: str,
    *,
    begin: BeginForm | None = None,
    back: BackForm | None = None,
    note: str = "",
    error: str = "",
) -> str:
    page = gate_page(token, tools=tools())
    pressed = begin or back  # whose faults the title tells
    begin = begin or BeginForm(formdata=None)
    return render_template(
        "public/intake/gate.html",
        page=page,
        form=pressed or begin,
        begin=begin,
        back=back or BackForm(formdata=None),
        chosen_length=begin.questionnaire.data or page.preselected,
        note=note,
        error=error,
    )
