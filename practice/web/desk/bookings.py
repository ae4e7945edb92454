"""One booking at the desk: see, move, cancel, take back."""

from dataclasses import replace

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import Invalid, NotAllowed, TimeTaken, TooLate
from practice.domain.roles import Right
from practice.forms.booking import PressForm
from practice.forms.desk_money import CancelForm
from practice.forms.diary import MoveToForm, SuggestedForm
from practice.queries.appointment import near_times
from practice.queries.desk_booking import (
    ChangePage,
    booking_page,
    cancel_page,
    change_page,
    move_page,
)
from practice.queries.desk_money import Back
from practice.usecases import cancelling, done, moving
from practice.usecases.appointment import by_coach
from practice.web.desk.blueprint import desk, may_read, requires, seat
from practice.web.desk.diary_names import names
from practice.web.door import tools

Answer = Response | str | tuple[str, int]

_NOTES = {
    "moved": "The appointment has moved. The letters about it stand below.",
    "booked": "The appointment is booked. The letters about it stand below.",
    "booked-quietly": "The appointment is booked. No confirmation goes out.",
    "cancelled": "The appointment is cancelled. The letters about it stand below.",
    "restored": "The appointment stands again. The letters about it stand below.",
    "refund": "That money goes back now. The payment below says when it has.",
    "no-show": "It is noted that nobody came.",
    "done": "It is noted that this took place.",
    "not-done": "It is no longer noted that this took place.",
    "came": "It is noted that they came after all.",
    "accepted": "The payment is taken as it is, and the appointment is booked.",
    "returned": "The payment goes back. The payment below says when it has.",
}
_TAKEN = "That time is taken, or too close to something else in your diary. Nothing was moved."
_UNCHANGEABLE = "This appointment can’t be changed any more."


@desk.get("/bookings/<int:booking_id>")
@requires(Right.DIARY)
def booking(booking_id: int) -> Answer:
    """Show all about a booking."""
    return show_booking(booking_id, note=_NOTES.get(request.args.get("note", ""), ""))


@desk.get("/bookings/<int:booking_id>/move")
@requires(Right.DIARY)
def move(booking_id: int) -> Answer:
    """Ask for the new time, and show the letter that will go."""
    return _ask(booking_id, MoveToForm(formdata=None))


@desk.post("/bookings/<int:booking_id>/move")
@requires(Right.DIARY)
def move_to(booking_id: int) -> Answer:
    """Move the booking to a suggested time that was pressed, or to the typed one."""
    access = by_coach(seat(), booking_id)
    page = change_page(seat(), booking_id, now=tools().clock.now())
    if not page.may_change:
        return show_booking(booking_id, error=_UNCHANGEABLE), 409
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
    except (NotAllowed, TooLate) as refusal:
        return show_booking(booking_id, error=refusal.sentence), 409
    return back_to_booking(booking_id, "moved")


@desk.get("/bookings/<int:booking_id>/cancel")
@requires(Right.DIARY)
def cancel(booking_id: int) -> Answer:
    """Ask once more, with the letter that will go."""
    page = cancel_page(seat(), booking_id, tools=tools())
    if not page.may_change:
        return show_booking(booking_id)
    all_of_it = page.back.all.minor if page.back else 0
    return _ask_cancel(page, CancelForm(formdata=None, data={"back": str(all_of_it)}))


@desk.post("/bookings/<int:booking_id>/cancel")
@requires(Right.DIARY)
def cancel_it(booking_id: int) -> Answer:
    """Cancel the booking; one that is over stays as it was."""
    access = by_coach(seat(), booking_id)
    page = cancel_page(seat(), booking_id, tools=tools())
    if page.state not in {"booked", "cancelled"}:
        return show_booking(booking_id, error=_UNCHANGEABLE), 409
    money = None
    if page.back is not None:
        form = CancelForm()
        form.offer(_amounts(page.back))
        if page.back.is_any and not form.validate():
            return _ask_cancel(page, form), 422
        money = form.to_request(page.back.all.currency) if page.back.is_any else page.back.all
    try:
        cancelling.cancel(access, refund=money, tools=tools())
    except (NotAllowed, TooLate, TimeTaken) as refusal:
        return show_booking(booking_id, error=refusal.sentence), 409
    return back_to_booking(booking_id, "cancelled")


@desk.post("/bookings/<int:booking_id>/undo")
@requires(Right.DIARY)
def undo_cancel(booking_id: int) -> Answer:
    """Take the coach's own cancellation back."""
    access = by_coach(seat(), booking_id)
    try:
        cancelling.undo(access, tools=tools())
    except (NotAllowed, TooLate, TimeTaken) as refusal:
        return show_booking(booking_id, error=refusal.sentence), 409
    return back_to_booking(booking_id, "restored")


@desk.post("/bookings/<int:booking_id>/done")
@requires(Right.DIARY)
def note_done(booking_id: int) -> Answer:
    """Note that it took place."""
    try:
        done.mark_done(seat(), booking_id, tools=tools())
    except NotAllowed as refusal:
        return show_booking(booking_id, error=refusal.sentence), 409
    return back_to_booking(booking_id, "done")


@desk.post("/bookings/<int:booking_id>/not-done")
@requires(Right.DIARY)
def note_not_done(booking_id: int) -> Answer:
    """Take back that it took place."""
    try:
        done.take_done_back(seat(), booking_id, tools=tools())
    except NotAllowed as refusal:
        return show_booking(booking_id, error=refusal.sentence), 409
    return back_to_booking(booking_id, "not-done")


def show_booking(booking_id: int, *, note: str = "", error: str = "") -> str:
    """Return the page of a booking, with a note or a sentence on what did not work."""
    page = booking_page(seat(), booking_id, tools=tools())
    if not seat().may(Right.MONEY):
        page = replace(page, money=None)
    return render_template(
        "desk/booking.html",
        page=page,
        form=PressForm(formdata=None),
        note=note,
        error=error,
        may_read=may_read(),
    )


def _amounts(back: Back) -> dict[int, str]:
    """Return what can go back with a cancellation: minor units, and what each is called."""
    if not back.is_any:
        return {}
    named = {back.all.minor: f"All of it, {back.all}"}
    if back.terms is not None:
        named[back.terms.minor] = f"By the terms, {back.terms}"
    return named | {0: "Nothing"}


def _ask_cancel(page: ChangePage, form: CancelForm) -> str:
    if page.back is not None:
        form.offer(_amounts(page.back))
    return render_template("desk/cancel.html", page=page, form=form)


def _ask(
    booking_id: int,
    form: MoveToForm | SuggestedForm,
    *,
    error: str = "",
    near: tuple[object, ...] = (),
) -> str:
    page = move_page(seat(), booking_id, tools=tools())
    if not page.may_change:
        return show_booking(booking_id)
    if isinstance(form, SuggestedForm):
        form, error = MoveToForm(formdata=None), "Please choose one of the times."
    return render_template("desk/move.html", page=page, form=form, error=error, near=near)


def back_to_booking(booking_id: int, note: str) -> Response:
    """Lead to the page of a booking, with the note of this name."""
    here = url_for("desk.booking", booking_id=booking_id, note=note, names=names())
    return redirect(here, 303)
