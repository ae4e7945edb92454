"""Taking everything about one person out, and erasing her: after the password, and on purpose."""

import json

from flask import Response as Answered
from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import NotAllowed
from practice.domain.roles import Right
from practice.forms.clients import EraseForm, ExportForm
from practice.queries.client_notes import new_note_page
from practice.queries.erasure import erase_page
from practice.queries.export_page import readable
from practice.usecases.erasing_person import erase_client as erase
from practice.usecases.exporting import export
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.door import tools

Answer = Response | str | tuple[str, int]

_FILE = "/clients/<int:client_id>"


@desk.get(f"{_FILE}/export")
@requires(Right.EXPORT, proof=True)
def export_client(client_id: int) -> str:
    """Ask in which form to take everything out."""
    return _ask_export(client_id, ExportForm(formdata=None))


@desk.post(f"{_FILE}/export")
@requires(Right.EXPORT, proof=True)
def send_export(client_id: int) -> Answer:
    """Hand everything out as a file, on record."""
    form = ExportForm()
    if not form.validate():
        return _ask_export(client_id, form), 422
    found = export(seat(), client_id, with_notes=bool(form.notes.data), tools=tools())
    if form.kind.data == "json":
        body = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
        answer = Answered(body, content_type="application/json; charset=utf-8")
    else:
        answer = Answered(render_template("desk/client_export.html", page=readable(found)))
    # No name in it: folders of downloads are looked at by others.
    name = f"person-{client_id}-{tools().clock.now():%Y-%m-%d}.{form.kind.data}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@desk.get(f"{_FILE}/erase")
@requires(Right.EXPORT, proof=True)
def erase_client(client_id: int) -> str:
    """Say what an erasure takes and what it leaves, before anybody presses."""
    return _ask_erase(client_id, EraseForm(formdata=None))


@desk.post(f"{_FILE}/erase")
@requires(Right.EXPORT, proof=True)
def erase_client_now(client_id: int) -> Answer:
    """Erase a person; one who is erased already stays so."""
    form = EraseForm()
    if not form.validate():
        return _ask_erase(client_id, form), 422
    try:
        erase(seat(), client_id, tools=tools())
    except NotAllowed as refusal:
        return _ask_erase(client_id, form, error=refusal.sentence), 409
    return redirect(url_for("desk.clients", note="erased"), 303)


def _ask_export(client_id: int, form: ExportForm) -> str:
    about = new_note_page(seat(), client_id)
    return render_template("desk/client_take.html", page=about, form=form)


def _ask_erase(client_id: int, form: EraseForm, *, error: str = "") -> str:
    page = erase_page(seat(), client_id, now=tools().clock.now())
    return render_template("desk/client_erase.html", page=page, form=form, error=error)
