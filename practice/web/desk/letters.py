"""The letters of the house: where each stands, how it reads, and sending it once more."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import NotFound, Refusal
from practice.domain.roles import Right
from practice.forms.booking import PressForm
from practice.queries.desk_letters import letter_page, letters_page
from practice.usecases import answering
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.door import tools

Answer = Response | str | tuple[str, int]

_LAST_PAGE = 10_000


@desk.get("/letters")
@requires(Right.DIARY)
def letters() -> Answer:
    """List the letters, newest first."""
    page = letters_page(seat(), _page_number(), now=tools().clock.now())
    return render_template("desk/letters.html", page=page)


@desk.get("/letters/<int:letter_id>")
@requires(Right.DIARY)
def letter(letter_id: int) -> Answer:
    """Show how a letter reads now."""
    return _show(letter_id, note="again" if request.args.get("note") == "again" else "")


@desk.post("/letters/<int:letter_id>/again")
@requires(Right.DIARY)
def letter_again(letter_id: int) -> Answer:
    """Put a letter that came back into the post once more."""
    try:
        answering.send_again(seat(), letter_id, tools=tools())
    except NotFound:
        raise
    except Refusal as refusal:
        return _show(letter_id, error=refusal.sentence), 409
    return redirect(url_for("desk.letter", letter_id=letter_id, note="again"), 303)


def _page_number() -> int:
    typed = request.args.get("page", "1")
    if not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:6]) <= _LAST_PAGE):
        raise NotFound("There are no letters on this page.")
    return int(typed[:6])


def _show(letter_id: int, *, note: str = "", error: str = "") -> str:
    return render_template(
        "desk/letter.html",
        page=letter_page(seat(), letter_id, tools=tools()),
        form=PressForm(formdata=None),
        note=note,
        error=error,
    )
