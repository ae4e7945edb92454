"""The week: who comes when, what is next, and what waits for the coach."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.roles import Right
from practice.queries.desk_booking import next_card
from practice.queries.needs import needs
from practice.queries.week import week_page
from practice.web.desk.blueprint import coach_id, desk, may_read, requires
from practice.web.desk.checklist import wants_checklist
from practice.web.door import tools

_NOTES = {
    "blocked": "This time is blocked.",
    "opened": "This time is open again.",
}


@desk.get("/")
@requires(Right.DIARY)
def week() -> Response | str:
    """Show a week of the diary, and to a coach who has set nothing yet the checklist, once."""
    if not request.args and wants_checklist():
        return redirect(url_for("desk.checklist"), 302)
    now, coach = tools().clock.now(), coach_id()
    hides = request.args.get("names") == "hidden"
    return render_template(
        "desk/week.html",
        page=week_page(coach, request.args.get("week", ""), hides_names=hides, now=now),
        card=next_card(coach, hides_names=hides, now=now),
        needs=needs(coach, hides_names=hides, now=now, can_charge=tools().payments is not None),
        may_read=may_read(),
        note=_NOTES.get(request.args.get("note", ""), ""),
    )
