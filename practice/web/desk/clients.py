"""Clients: finding them, the file of one, and the link between two."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import NotFound
from practice.domain.roles import Right
from practice.forms.booking import PressForm
from practice.forms.clients import SearchForm
from practice.queries.client_file import client_file
from practice.queries.client_notes import notes_of
from practice.queries.clients import clients_page
from practice.usecases import couples
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.door import tools

Answer = Response | str | tuple[str, int]

_FILE = "/clients/<int:client_id>"
_LAST_PAGE = 10_000
_NOTES = {
    "linked": "They are linked as a couple. Their files stay apart.",
    "unlinked": "They are not linked any more.",
    "erased": "This person is erased.",
}


@desk.get("/clients")
@requires(Right.CLIENTS)
def clients() -> Answer:
    """List the clients of this diary: those who came last, or whom a search finds."""
    form = SearchForm(request.args)
    is_good = form.validate()
    query = (form.q.data or "").strip() if is_good else ""
    page = clients_page(
        seat(),
        query,
        page_number(),
        hides_names=hides_names(),
        now=tools().clock.now(),
    )
    note = _NOTES.get(request.args.get("note", ""), "")
    shown = render_template("desk/clients.html", page=page, form=form, note=note)
    return shown if is_good else (shown, 422)


@desk.get(_FILE)
@requires(Right.CLIENTS)
def client(client_id: int) -> Answer:
    """Show the file of a client; what was shared or noted stays closed."""
    now, here = tools().clock.now(), seat()
    page = client_file(
        here,
        client_id,
        request.args.get("show", ""),
        page_number(),
        hides_names=hides_names(),
        now=now,
    )
    return render_template(
        "desk/client.html",
        page=page,
        own_notes=notes_of(here, client_id, now=now) if here.may(Right.NOTES) else (),
        may_note=here.may(Right.NOTES),
        may_export=here.may(Right.EXPORT),
        form=PressForm(formdata=None),
        note=_NOTES.get(request.args.get("note", ""), ""),
    )


@desk.post(f"{_FILE}/couple/<int:other_id>")
@requires(Right.CLIENTS)
def link_couple(client_id: int, other_id: int) -> Response:
    """Link two clients as a couple."""
    couples.link(seat(), client_id, other_id, tools=tools())
    return redirect(url_for("desk.client", client_id=client_id, note="linked"), 303)


@desk.post(f"{_FILE}/couple/<int:other_id>/apart")
@requires(Right.CLIENTS)
def unlink_couple(client_id: int, other_id: int) -> Response:
    """Take the link between two clients away."""
    couples.unlink(seat(), client_id, other_id, tools=tools())
    return redirect(url_for("desk.client", client_id=client_id, note="unlinked"), 303)


def hides_names() -> bool:
    """Tell whether names are to be hidden on the page that is asked for."""
    return request.args.get("names") == "hidden"


def page_number() -> int:
    """Return which page of a list is asked for; raises NotFound for what is none."""
    typed = request.args.get("page", "1")
    if not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:6]) <= _LAST_PAGE):
        raise NotFound("There is nothing on this page.")
    return int(typed[:6])
