"""The private link: see, move, cancel, take back, come as two."""

from dataclasses import replace
from hashlib import sha256

from flask import make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import Busy, Refusal, TimeTaken, TooMany
from practice.forms.booking import MoveForm, PressForm
from practice.queries.appointment import (
    appointment_file as file_of,
)
from practice.queries.appointment import appointment_page, move_page, near_times
from practice.usecases import cancelling, moving
from practice.usecases.appointment import by_link
from practice.web.door import tools
from practice.web.public.blueprint import public
from practice.web.public.picking import chosen_day

Answer = Response | str | tuple[str, int]

# Which booking was cancelled from this browser, and not taken back since.
_CANCELLED = "cancelled"
_NOTES = {
    "moved": "Your appointment has moved. The old time is free again.",
    "same": "This is the time of your appointment.",
    "restored": "Your appointment stands again.",
    "both": "You are coming as two. We write to nobody but you.",
}


@public.get("/a/<token>")
def appointment(token: str) -> Answer:
    """Show the booking, whatever became of it."""
    return _show(token, note=_NOTES.get(request.args.get("note", ""), ""))


@public.get("/a/<token>/appointment.ics")
def appointment_file(token: str) -> Response:
    """Give the booking as a calendar file."""
    response = make_response(file_of(token, tools=tools()))
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


@public.get("/a/<token>/move")
def move(token: str) -> Answer:
    """Show the times to which the booking can be moved."""
    page = move_page(token, chosen=chosen_day(), tools=tools())
    return render_template("public/booking/move.html", page=page, form=MoveForm(formdata=None))


@public.post("/a/<token>/move")
def move_to(token: str) -> Answer:
    """Move the booking to the pressed time."""
    access = by_link(token, tools=tools())
    form = MoveForm()
    if not form.validate():
        page = move_page(token, chosen=chosen_day(), tools=tools())
        error = next(iter(form.errors.values()))[0]
        return render_template("public/booking/move.html", page=page, form=form, error=error), 422
    try:
        moved = moving.move(access, form.to_request(), tools=tools())
    except TimeTaken as refusal:
        page = move_page(token, chosen=chosen_day(), tools=tools())
        return render_template(
            "public/booking/taken.html",
            sentence=refusal.sentence,
            times=near_times(refusal.nearest, page.zone),
            form=form,
            action=url_for("public.move_to", token=token),
            typed=False,
            back=url_for("public.move", token=token),
        ), 409
    except (TooMany, Busy):
        raise  # with their Retry-After
    except Refusal as refusal:
        return _show(token, error=refusal.sentence), 409
    return _back(token, "moved" if moved else "same")


@public.get("/a/<token>/cancel")
def cancel(token: str) -> Answer:
    """Ask once more, on one page, before cancelling."""
    page = appointment_page(token, tools=tools())
    if not page.may_cancel:
        return _show(token)
    return render_template("public/booking/cancel.html", page=page, form=PressForm(formdata=None))


@public.post("/a/<token>/cancel")
def cancel_it(token: str) -> Answer:
    """Cancel the booking."""
    access = by_link(token, tools=tools())
    try:
        if cancelling.cancel(access, tools=tools()):
            session[_CANCELLED] = _name_of(token)
    except (TooMany, Busy):
        raise  # with their Retry-After
    except Refusal as refusal:
        return _show(token, error=refusal.sentence), 409
    return _back(token, "")


@public.post("/a/<token>/undo")
def undo(token: str) -> Answer:
    """Take the cancellation back."""
    access = by_link(token, tools=tools())
    try:
        cancelling.undo(access, is_own=_was_cancelled_here(token), tools=tools())
    except (TooMany, Busy):
        raise  # with their Retry-After
    except Refusal as refusal:
        return _show(token, error=refusal.sentence), 409
    session.pop(_CANCELLED, None)
    return _back(token, "restored")


@public.post("/a/<token>/both")
def both(token: str) -> Answer:
    """Make it a booking for two."""
    access = by_link(token, tools=tools())
    try:
        moving.become_both(access, tools=tools())
    except (TooMany, Busy):
        raise  # with their Retry-After
    except Refusal as refusal:
        return _show(token, error=refusal.sentence), 409
    return _back(token, "both")


def _show(token: str, *, note: str = "", error: str = "") -> str:
    page = appointment_page(token, tools=tools())
    if page.who == "both" and not _was_cancelled_here(token):
        # Else it would tell one of two that it was the other, and not the coach.
        page = replace(page, may_undo=False)
    return render_template(
        "public/booking/booked.html",
        page=page,
        form=PressForm(formdata=None),
        note=note,
        error=error,
    )


def _was_cancelled_here(token: str) -> bool:
    return bool(session.get(_CANCELLED) == _name_of(token))


def _name_of(token: str) -> str:
    """Return what stands for a private link in a cookie, which must not hold the link itself."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _back(token: str, note: str) -> Response:
    return redirect(url_for("public.appointment", token=token, note=note or None), 303)
