"""One booking at the desk: see, move, cancel, take back."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import Invalid, Refusal, TimeTaken
from practice.forms.booking import PressForm
from practice.forms.diary import MoveToForm, SuggestedForm
from practice.queries.appointment import near_times
from practice.queries.desk_booking import booking_page, cancel_page, change_page, move_page
from practice.usecases import cancelling, moving
from practice.usecases.appointment import by_coach
from practice.web.desk.blueprint import coach_id, desk, may_read
from practice.web.door import tools

Answer = Response | str | tuple[str, int]

_NOTES = {
    "moved": "The appointment has moved. The letters about it stand below.",
    "cancelled": "The appointment is cancelled. The letters about it stand below.",
    "restored": "The appointment stands again. The letters about it stand below.",
}
_TAKEN = "That time is taken, or too close to something else in your diary. Nothing was moved."
_UNCHANGEABLE = "This appointment can’t be changed any more."


@desk.get("/bookings/<int:booking_id>")
def booking(booking_id: int) -> Answer:
    """Show all about a booking."""
    return _show(booking_id, note=_NOTES.get(request.args.get("note", ""), ""))


@desk.get("/bookings/<int:booking_id>/move")
def move(booking_id: int) -> Answer:
    """Ask for the new time, and show the letter that will go."""
    return _ask(booking_id, MoveToForm(formdata=None))


@desk.post("/bookings/<int:booking_id>/move")
def move_to(booking_id: int) -> Answer:
    """Move the booking to a suggested time that was pressed, or to the typed one."""
    access = by_coach(booking_id, coach_id())
    page = change_page(booking_id, coach_id(), now=tools().clock.now())
    if not page.may_change:
        return _show(booking_id, error=_UNCHANGEABLE), 409
    suggested, form = SuggestedForm(), MoveToForm()
    pressed = "t" in request.form
    if not (suggested if pressed else form).validate():
        return _ask(booking_id, suggested if pressed else form), 422
    try:
        at = suggested.to_request() if pressed else form.to_request(page.zone)
        moving.move(access, at, tools=tools())
    except Invalid as refusal:
        form.blame(refusal)
        return _ask(booking_id, form), 422
    except TimeTaken as refusal:
        near = near_times(refusal.nearest, str(page.zone))
        return _ask(booking_id, form, error=_TAKEN, near=near), 409
    except Refusal as refusal:
        return _show(booking_id, error=refusal.sentence), 409
    return _back(booking_id, "moved")


@desk.get("/bookings/<int:booking_id>/cancel")
def cancel(booking_id: int) -> Answer:
    """Ask once more, with the letter that will go."""
    page = cancel_page(booking_id, coach_id(), tools=tools())
    if not page.may_change:
        return _show(booking_id)
    return render_template("desk/cancel.html", page=page, form=PressForm(formdata=None))


@desk.post("/bookings/<int:booking_id>/cancel")
def cancel_it(booking_id: int) -> Answer:
    """Cancel the booking; one that is over stays as it was."""
    access = by_coach(booking_id, coach_id())
    page = change_page(booking_id, coach_id(), now=tools().clock.now())
    if page.state not in {"booked", "cancelled"}:
        return _show(booking_id, error=_UNCHANGEABLE), 409
    try:
        cancelling.cancel(access, tools=tools())
    except Refusal as refusal:
        return _show(booking_id, error=refusal.sentence), 409
    return _back(booking_id, "cancelled")


@desk.post("/bookings/<int:booking_id>/undo")
def undo_cancel(booking_id: int) -> Answer:
    """Take the coach's own cancellation back."""
    access = by_coach(booking_id, coach_id())
    try:
        cancelling.undo(access, tools=tools())
    except Refusal as refusal:
        return _show(booking_id, error=refusal.sentence), 409
    return _back(booking_id, "restored")


def _show(booking_id: int, *, note: str = "", error: str = "") -> str:
    return render_template(
        "desk/booking.html",
        page=booking_page(booking_id, coach_id(), tools=tools()),
        form=PressForm(formdata=None),
        note=note,
        error=error,
        may_read=may_read(),
    )


def _ask(
    booking_id: int,
    form: MoveToForm | SuggestedForm,
    *,
    error: str = "",
    near: tuple[object, ...] = (),
) -> str:
    page = move_page(booking_id, coach_id(), tools=tools())
    if not page.may_change:
        return _show(booking_id)
    if isinstance(form, SuggestedForm):
        form, error = MoveToForm(formdata=None), "Please choose one of the times."
    return render_template("desk/move.html", page=page, form=form, error=error, near=near)


def _back(booking_id: int, note: str) -> Response:
    return redirect(url_for("desk.booking", booking_id=booking_id, note=note), 303)
