"""A coach's own notes about a client: beginning one, going on, and changing a locked one."""

from flask import Response as Answered
from flask import jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.letters import clock
from practice.domain.note import HEADINGS
from practice.domain.refusal import Busy, NotAllowed
from practice.domain.roles import Right
from practice.forms.clients import NoteForm
from practice.queries.client_notes import NotePage, diary_zone, new_note_page, note_page
from practice.usecases import notes as acts
from practice.usecases.notes import Draft, Saved
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.door import tools
from practice.web.problems import status_of, when_again

Answer = Response | str | tuple[str, int] | tuple[str, int, dict[str, str]]
ScriptAnswer = Answered | tuple[Answered, int] | tuple[Answered, int, dict[str, str]]

_NOTES = "/clients/<int:client_id>/notes"
_CLASH = "This was changed in another tab meanwhile. Nothing was overwritten: both stand below."
_STALE = "This page was open for a long while. Nothing you typed is lost. Please save once more."
_LOOK = "Nothing you typed is lost. Please look at this:"
# The script shows one line; whatever else there is to see is on the page that the button brings.
_ON_THE_LINE = {
    _CLASH: "Changed in another tab, not saved here. Press Save to see both texts.",
    _STALE: "Not saved yet. Press Save once more.",
}


@desk.get(f"{_NOTES}/new")
@requires(Right.NOTES)
def new_note(client_id: int) -> str:
    """Offer an empty note with its headings."""
    about = new_note_page(seat(), client_id)
    begun = {"uid": acts.new_uid(), "seen": "0", "text": HEADINGS}
    return _show(client_id, about.client, NoteForm(formdata=None, data=begun))


@desk.get(f"{_NOTES}/<int:note_id>")
@requires(Right.NOTES)
def client_note(client_id: int, note_id: int) -> str:
    """Show a note, open to be gone on with, or locked with all that it said before."""
    page = note_page(seat(), client_id, note_id, tools=tools())
    stands = {"uid": page.uid, "seen": str(page.seen), "text": page.text}
    form = NoteForm(formdata=None, data=stands)
    return _show(client_id, page.client, form, page=page, saved=request.args.get("note") == "saved")


@desk.post(_NOTES)
@requires(Right.NOTES)
def save_note(client_id: int) -> Answer | ScriptAnswer:
    """Save what was typed; what cannot be saved stays on the page."""
    # The token is checked with the form, so that a stale one loses nothing.
    form = NoteForm()
    about = new_note_page(seat(), client_id)
    if not form.validate():
        if form.csrf_token.errors:
            return _unsaved(client_id, about.client, form, _STALE, 403)
        return _unsaved(client_id, about.client, form, _LOOK, 422)
    draft = Draft(form.uid.data, int(form.seen.data), form.text.data, by_itself=_wants_json())
    try:
        saved = acts.save(seat(), client_id, draft, tools=tools())
    except (NotAllowed, Busy) as refusal:
        no = refusal.sentence, status_of(refusal)
        return *_unsaved(client_id, about.client, form, *no), when_again(refusal)
    if saved.theirs is not None:
        form.seen.data = str(saved.seen)
        return _unsaved(client_id, about.client, form, _CLASH, 409, theirs=saved.theirs)
    if _wants_json():
        return _told(saved)
    return redirect(
        url_for("desk.client_note", client_id=client_id, note_id=saved.note_id, note="saved"), 303
    )


def _told(saved: Saved) -> Answered:
    at = clock(saved.at, diary_zone(seat()))
    return jsonify(saved=at, seen={"text": str(saved.seen)}, shown=[])


def _unsaved(
    client_id: int, client: str, form: NoteForm, sentence: str, status: int, *, theirs: str = ""
) -> tuple[str, int] | tuple[Answered, int]:
    if _wants_json():
        told = next(iter(form.text.errors), "") or _ON_THE_LINE.get(sentence, sentence)
        return jsonify(error=told), status
    return _show(client_id, client, form, error=sentence, theirs=theirs), status


def _wants_json() -> bool:
    return request.headers.get("Accept") == "application/json"


def _show(
    client_id: int,
    client: str,
    form: NoteForm,
    *,
    page: NotePage | None = None,
    saved: bool = False,
    error: str = "",
    theirs: str = "",
) -> str:
    return render_template(
        "desk/client_note.html",
        client_id=client_id,
        client=client,
        form=form,
        page=page,
        saved=saved,
        error=error,
        theirs=theirs,
    )
