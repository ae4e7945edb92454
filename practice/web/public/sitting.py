"""The sitting of a browser: which notes are open in it, leaving them, and coming back."""

from collections.abc import Mapping

from flask import Response as Answered
from flask import jsonify, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import Away, Closed, NotAllowed, TooMany
from practice.domain.writing import spoken_wait
from practice.forms.booking import PressForm
from practice.forms.intake import BackForm
from practice.queries.intake import away_page, leave_href
from practice.usecases import sittings
from practice.usecases.sittings import Began
from practice.web.door import caller, tools
from practice.web.problems import when_again
from practice.web.public.blueprint import public

Answer = Response | str | tuple[str, int] | tuple[str, int, dict[str, str]]
_KEY = "w"
# What a page says once, and whether the private section's own page was passed: both lie in the
# cookie and in no address, which a browser would remember. Leaving clears them.
_NOTE = "n"
_PASSED = "o"
_NOTES = {"code": "A letter with a code is on its way."}


def sitting() -> str:
    """Return the token of this browser's sitting, "" where it has none."""
    return str(session.get(_KEY, ""))


def sit_down(began: Began) -> None:
    """Keep the sitting that was begun in this browser, in place of any other, which ends."""
    left = sitting()
    session[_KEY] = began.token
    session.pop(_PASSED, None)
    if left:
        sittings.leave(left, tools=tools())


def meant() -> str:
    """Return the reference of the intake whose page was pressed, "" where it names none."""
    return request.form.get("intake", "")


def leave_note(note: str) -> None:
    """Have the next page say what was done."""
    session[_NOTE] = note


def note_left(notes: Mapping[str, str]) -> str:
    """Return the sentence of a note that was left for this page, once, or ""."""
    return notes.get(str(session.pop(_NOTE, "")), "")


def pass_intro() -> None:
    """Remember for this sitting that the private section's own page was passed."""
    session[_PASSED] = True


def has_passed_intro() -> bool:
    """Tell whether the private section's own page was passed in this sitting."""
    return bool(session.get(_PASSED))


def here() -> str:
    """Return the token of a living sitting, seen again; raises NotFound, Away."""
    token = sitting()
    sittings.touch(token, tools=tools())
    return token


def wants_json() -> bool:
    """Tell whether the script asks, which shows a line and not a page."""
    return request.headers.get("Accept") == "application/json"


def told(sentence: str, status: int) -> tuple[Answered, int]:
    """Answer the script with a sentence."""
    return jsonify(error=sentence), status


def slow_down(refusal: TooMany) -> str:
    """Say to whom a throttle said no how long to wait."""
    wait = spoken_wait(refusal.retry_after)
    return f"That was a lot of tries in a short time. Please try again {wait}."


@public.get("/leave")
def leave() -> Response:
    """End the sitting and lead away, to an everyday page."""
    response = redirect(leave_href(), 303)
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return response  # a picture on a strange page must not close anybody's notes
    sittings.leave(sitting(), tools=tools())
    session.clear()
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@public.get("/write/back")
def back() -> Answer:
    """Ask who was idle for long for the way back."""
    return _away(BackForm(formdata=None))


@public.post("/write/back")
def come_back_here() -> Answer:
    """Open an idle sitting again with its passcode."""
    form = BackForm()
    if not form.validate():
        return _away(form), 422
    try:
        sit_down(sittings.come_back_here(sitting(), form.passcode.data, caller(), tools=tools()))
    except NotAllowed as refusal:
        form.passcode.errors = [refusal.sentence]
        return _away(form), 403
    except TooMany as refusal:
        form.passcode.errors = [slow_down(refusal)]
        return _away(form), 429, when_again(refusal)
    return redirect(url_for("public.notes"), 303)


@public.post("/write/code")
def ask_code_here() -> Answer:
    """Have a code mailed to whoever writes here."""
    sittings.ask_code_here(sitting(), caller(), tools=tools())
    leave_note("code")
    return redirect(url_for("public.back"), 303)


@public.post("/write/switch/<reference>")
def switch(reference: str) -> Answer:
    """Go over to other notes of the same person."""
    sit_down(sittings.switch(sitting(), reference, meant=meant(), tools=tools()))
    return redirect(url_for("public.notes"), 303)


@public.post("/write/close")
def close_everywhere() -> Answer:
    """Close the notes in every browser, this one too."""
    sittings.close_everywhere(sitting(), meant=meant(), tools=tools())
    session.clear()
    # Shown at once: an address of its own would tell of it in the history.
    return render_template("public/intake/everywhere.html")


@public.errorhandler(Away)
def was_away(refusal: Away) -> Answer | tuple[Answered, int]:
    """Answer whoever was idle for long, wherever that shows."""
    if wants_json():
        return told(refusal.sentence, 403)
    return _away(BackForm(formdata=None)), 403


@public.errorhandler(Closed)
def is_closed(refusal: Closed) -> Answer | tuple[Answered, int]:
    """Answer a browser in which no notes are open, whatever there once was."""
    if wants_json():
        return told(refusal.sentence, 404)
    return render_template("public/intake/closed.html"), 404


def _away(form: BackForm) -> str:
    return render_template(
        "public/intake/away.html",
        page=away_page(sitting()),
        form=form,
        press_form=PressForm(formdata=None),
        note=note_left(_NOTES),
    )
