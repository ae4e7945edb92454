"""Booking by hand at the desk."""

import secrets

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import Invalid, NotAllowed, TimeTaken
from practice.domain.roles import Right
from practice.domain.why import Unusual
from practice.forms.by_hand import ByHandForm, first_values
from practice.forms.diary import typed_date, typed_minute
from practice.queries.appointment import near_times
from practice.queries.by_hand import ByHandPage, Kind, by_hand_page
from practice.queries.clients import whom_to_book
from practice.queries.why_not import warning_sentences
from practice.usecases.by_hand import book_by_hand, known_as
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.desk.diary_names import names
from practice.web.door import tools

Answer = Response | str | tuple[str, int]

_TAKEN = "That time is taken, or too close to something else in your diary. Nothing was booked."


@desk.get("/bookings/new")
@requires(Right.DIARY)
def new_booking() -> Answer:
    """Ask whom to book, and for when; the query may fill them in."""
    page = _page()
    client_id = request.args.get("client", type=int)
    name, address = ("", "") if client_id is None else whom_to_book(seat(), client_id)
    known = {
        "on": request.args.get("on") if typed_date(request.args.get("on")) else "",
        "at": request.args.get("at") if typed_minute(request.args.get("at")) is not None else "",
        "name": name,
        "email": address,
        "key": secrets.token_hex(16),
    }
    form = ByHandForm(formdata=None, data=first_values(**known))
    return _ask(page, form)


@desk.post("/bookings/new")
@requires(Right.DIARY)
def add_booking() -> Answer:
    """Book it; what speaks against the time is shown before it is booked all the same."""
    page, form = _page(), ByHandForm()
    if page.kind is None:
        return _ask(page, form), 409
    form.meet(page.kind.audience)
    if not form.validate():
        return _ask(page, form), 422
    return _book(page, page.kind, form)


def _book(page: ByHandPage, kind: Kind, form: ByHandForm) -> Answer:
    try:
        start = form.start(page.zone)
        form.show(start, page.zone)
        made = book_by_hand(seat(), form.to_request(kind.id, start), tools=tools())
    except Invalid as refusal:
        form.blame(refusal)
        return _ask(page, form), 422
    except Unusual as refusal:
        form.knows.data = " ".join(sorted(known_as(refusal.reasons)))
        now = tools().clock.now()
        told = warning_sentences(seat(), kind.id, refusal.reasons, start, now=now)
        return _ask(page, form, warnings=told), 409
    except TimeTaken as refusal:
        near = near_times(refusal.nearest, str(page.zone))
        return _ask(page, form, error=_TAKEN, near=near), 409
    except NotAllowed as refusal:
        return _ask(page, form, error=refusal.sentence), 409
    note = "booked" if form.confirms.data else "booked-quietly"
    return redirect(url_for("desk.booking", booking_id=made, note=note, names=names()), 303)


def _page() -> ByHandPage:
    wanted = request.args.get("offering", type=int)
    return by_hand_page(seat(), wanted, now=tools().clock.now())


def _ask(
    page: ByHandPage,
    form: ByHandForm,
    *,
    error: str = "",
    warnings: tuple[str, ...] = (),
    near: tuple[object, ...] = (),
) -> str:
    if page.kind is not None:
        form.meet(page.kind.audience)
    return render_template(
        "desk/by_hand.html", page=page, form=form, error=error, warnings=warnings, near=near
    )
