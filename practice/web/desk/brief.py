"""The brief before a talk: the shared room, each person's folder, and the private note."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from practice.domain.roles import Right
from practice.forms.booking import PressForm
from practice.queries.brief import folder_page, note_page, room_page
from practice.usecases import reading
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.door import tools

_ROOM = "/bookings/<int:booking_id>/brief"
_FOLDER = f"{_ROOM}/<int:person_id>"
_NOTE = f"{_FOLDER}/private"


@desk.get(_ROOM)
@requires(Right.ANSWERS)
def brief(booking_id: int) -> str:
    """Show who comes and how to reach them, with a closed folder for each."""
    page = room_page(seat(), booking_id, now=tools().clock.now())
    return render_template("desk/brief.html", page=page, form=PressForm(formdata=None))


@desk.get(_FOLDER)
@requires(Right.ANSWERS)
def folder(booking_id: int, person_id: int) -> str:
    """Show a folder: open for a while after it was opened, and closed otherwise."""
    page = folder_page(seat(), booking_id, person_id, tools=tools())
    return render_template("desk/brief_folder.html", page=page, form=PressForm(formdata=None))


@desk.post(_FOLDER)
@requires(Right.ANSWERS)
def open_folder(booking_id: int, person_id: int) -> Response:
    """Open a folder, on purpose and on record."""
    reading.open_folder(seat(), booking_id, person_id, tools=tools())
    return redirect(url_for("desk.folder", booking_id=booking_id, person_id=person_id), 303)


@desk.get(_NOTE)
@requires(Right.ANSWERS)
def note(booking_id: int, person_id: int) -> str:
    """Show the private note, as a folder of its own."""
    page = note_page(seat(), booking_id, person_id, tools=tools())
    return render_template("desk/brief_note.html", page=page, form=PressForm(formdata=None))


@desk.post(_NOTE)
@requires(Right.ANSWERS)
def open_note(booking_id: int, person_id: int) -> Response:
    """Open the private note, on purpose and on record."""
    reading.open_note(seat(), booking_id, person_id, tools=tools())
    return redirect(url_for("desk.note", booking_id=booking_id, person_id=person_id), 303)
