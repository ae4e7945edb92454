"""Looking over what was written: sharing it, taking it back, deleting it; and the consent."""

from flask import make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import NotAllowed, Refusal, TooLate
from practice.forms.booking import PressForm
from practice.forms.intake import AgreeForm
from practice.queries.intake import section_at
from practice.queries.review import consent_page, review_page
from practice.queries.review import words_file as words_of
from practice.queries.writing import open_reference
from practice.usecases import intake
from practice.web.door import tools
from practice.web.public.blueprint import public
from practice.web.public.sitting import here, leave_note, meant, note_left, sitting

Answer = Response | str | tuple[str, int]

_NOTES = {
    "shared": "Shared. You can stop sharing at any time.",
    "unshared": "It is no longer shared. What was read already can’t be unread.",
    "deleted": "That answer is deleted, here and from what you shared.",
}


@public.get("/write/consent")
def consent() -> Answer:
    """Show what somebody agrees to before the first answer."""
    return _consent(AgreeForm(formdata=None))


@public.post("/write/consent")
def agree() -> Answer:
    """Keep that somebody agreed to this very text."""
    form = AgreeForm()
    if not form.validate():
        return _consent(form), 422
    try:
        intake.agree(sitting(), form.version.data or "", meant=meant(), tools=tools())
    except NotAllowed as refusal:
        form.agree.errors = [refusal.sentence]
        return _consent(form), 409
    leave_note("agreed")
    return redirect(url_for("public.notes"), 303)


@public.post("/write/withdraw")
def withdraw() -> Answer:
    """Take the consent back."""
    intake.withdraw(sitting(), meant=meant(), tools=tools())
    leave_note("withdrawn")
    return redirect(url_for("public.notes"), 303)


@public.get("/write/review")
def review() -> Answer:
    """Show everything that was written."""
    return _review(note=note_left(_NOTES))


@public.get("/write/words.txt")
def words_file() -> Response:
    """Give what was written as plain text, without the private part."""
    response = make_response(words_of(here(), tools=tools()))
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="notes.txt"'
    return response


@public.post("/write/share/<int:number>")
def share(number: int) -> Answer:
    """Share one section as it stands."""
    try:
        intake.share(sitting(), _section(number), meant=meant(), tools=tools())
    except (NotAllowed, TooLate) as refusal:
        return _review(error=refusal), 409
    leave_note("shared")
    return redirect(url_for("public.review"), 303)


@public.post("/write/unshare/<int:number>")
def unshare(number: int) -> Answer:
    """Stop sharing one section."""
    intake.unshare(sitting(), _section(number), meant=meant(), tools=tools())
    leave_note("unshared")
    return redirect(url_for("public.review"), 303)


@public.post("/write/answers/<question>/delete")
def delete_answer(question: str) -> Answer:
    """Delete one answer, shared or not."""
    intake.delete_answer(sitting(), question, meant=meant(), tools=tools())
    leave_note("deleted")
    return redirect(url_for("public.review"), 303)


@public.get("/write/delete")
def erase_here() -> Answer:
    """Ask once more before all is deleted."""
    return render_template(
        "public/intake/erase.html",
        intake=open_reference(here(), tools=tools()),
        form=PressForm(formdata=None),
        action=url_for("public.erase_all"),
        keep=url_for("public.notes"),
    )


@public.post("/write/delete")
def erase_all() -> Answer:
    """Delete all that this person ever wrote, and close the notes."""
    intake.delete_everything_here(sitting(), meant=meant(), tools=tools())
    # Shown at once: an address of its own would tell of it in the history.
    return render_template("public/intake/erased.html")


def _section(number: int) -> str:
    return section_at(sitting(), number, tools=tools())


def _consent(form: AgreeForm) -> str:
    page = consent_page(here(), tools=tools())
    return render_template(
        "public/intake/consent.html", page=page, form=form, press_form=PressForm(formdata=None)
    )


def _review(*, note: str = "", error: Refusal | None = None) -> str:
    page = review_page(here(), tools=tools())
    return render_template(
        "public/intake/review.html",
        page=page,
        form=PressForm(formdata=None),
        note=note,
        error=error.sentence if error else "",
    )
