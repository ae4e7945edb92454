"""The week: who comes when, what is next, and what waits for the coach."""

from flask import render_template, request

from practice.queries.desk_booking import next_card
from practice.queries.needs import needs
from practice.queries.week import week_page
from practice.web.desk.blueprint import coach_id, desk
from practice.web.door import tools

_NOTES = {
    "blocked": "This time is blocked.",
    "opened": "This time is open again.",
}


@desk.get("/")
def week() -> str:
    """Show a week of the diary."""
    now, coach = tools().clock.now(), coach_id()
    hides = request.args.get("names") == "hidden"
    return render_template(
        "desk/week.html",
        page=week_page(coach, request.args.get("week", ""), hides_names=hides, now=now),
        card=next_card(coach, hides_names=hides, now=now),
        needs=needs(coach, hides_names=hides, now=now),
        note=_NOTES.get(request.args.get("note", ""), ""),
    )
