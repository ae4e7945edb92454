"""The diary by day, week and month: who comes when, what is next, what waits for the coach."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import NotFound
from practice.domain.roles import Right
from practice.forms.diary import typed_date
from practice.queries.day import NO_DAY, day_page
from practice.queries.desk_booking import next_card
from practice.queries.month import month_page
from practice.queries.needs import needs
from practice.queries.week import week_page
from practice.web.desk.blueprint import desk, may_read, requires, seat
from practice.web.desk.checklist import wants_checklist
from practice.web.desk.diary_names import hides_names
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
    now = tools().clock.now()
    hides = hides_names()
    return render_template(
        "desk/week.html",
        page=week_page(seat(), request.args.get("week", ""), hides_names=hides, now=now),
        **_side(),
        note=_NOTES.get(request.args.get("note", ""), ""),
    )


@desk.get("/day")
@requires(Right.DIARY)
def day() -> str:
    """Show a day of the diary as a list, with what is free between."""
    wanted = request.args.get("on", "")
    on = typed_date(wanted)
    if wanted and on is None:
        raise NotFound(NO_DAY)
    now = tools().clock.now()
    page = day_page(seat(), on, hides_names=hides_names(), now=now)
    return render_template("desk/day.html", page=page, **_side())


@desk.get("/month")
@requires(Right.DIARY)
def month() -> str:
    """Show a month of the diary: how much is on each day."""
    now = tools().clock.now()
    wanted = request.args.get("month", "")
    page = month_page(seat(), wanted, hides_names=hides_names(), now=now)
    return render_template("desk/month.html", page=page)


def _side() -> dict[str, Any]:
    """Return what stands beside a day and a week: what is next, and what waits."""
    now, hides = tools().clock.now(), hides_names()
    return {
        "card": next_card(seat(), hides_names=hides, now=now),
        "needs": needs(seat(), hides_names=hides, now=now, can_charge=tools().payments is not None),
        "may_read": may_read(),
    }
