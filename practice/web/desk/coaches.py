"""Who takes bookings here: the owner lets a coach take none any more, or take them again."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import NotAllowed
from practice.domain.roles import Right
from practice.forms.booking import PressForm
from practice.queries.coaches import coaches_page, when_they_come
from practice.usecases.coaches import StillBooked, bring_back_coach, retire_coach
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.door import tools

Answer = Response | str | tuple[str, int]

_ONE = "/coaches/<int(max=2147483647):coach_id>"
_NOTES = {
    "rests": "No time of this coach is offered any more. What was booked before stays on record.",
    "back": "The times of this coach are offered again.",
}


@desk.get("/coaches")
@requires(Right.TEAM)
def coaches() -> str:
    """List who coaches here."""
    return _page()


@desk.post(f"{_ONE}/rest")
@requires(Right.TEAM)
def rest_coach(coach_id: int) -> Answer:
    """Offer no more time of a coach, unless somebody is still to come."""
    try:
        retire_coach(seat(), coach_id, tools=tools())
    except StillBooked as refusal:
        return _page(refusal.sentence, refusal.booking_ids), 409
    except NotAllowed as refusal:
        return _page(refusal.sentence), 409
    return redirect(url_for("desk.coaches", note="rests"), 303)


@desk.post(f"{_ONE}/back")
@requires(Right.TEAM)
def back_coach(coach_id: int) -> Answer:
    """Offer a coach's time again."""
    bring_back_coach(seat(), coach_id, tools=tools())
    return redirect(url_for("desk.coaches", note="back"), 303)


def _page(error: str = "", booking_ids: tuple[int, ...] = ()) -> str:
    now = tools().clock.now()
    return render_template(
        "desk/coaches.html",
        lines=coaches_page(seat(), now=now),
        to_come=when_they_come(seat(), booking_ids, now=now),
        form=PressForm(formdata=None),
        note=_NOTES.get(request.args.get("note", ""), ""),
        error=error,
    )
