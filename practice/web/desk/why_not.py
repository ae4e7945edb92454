"""Why is this time not offered? The answer, and the way to where it can be changed."""

from flask import render_template, request

from practice.domain.roles import Right
from practice.forms.diary import typed_date, typed_minute
from practice.forms.why_not import WhyForm
from practice.queries.why_not import why_desk, why_page
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.desk.diary_names import hides_names
from practice.web.door import tools


@desk.get("/why-not")
@requires(Right.DIARY)
def why_not() -> str | tuple[str, int]:
    """Ask about which offering and moment, and answer; changes nothing."""
    now = tools().clock.now()
    page = why_desk(seat(), now=now)
    asked = "at" in request.args
    form = WhyForm(formdata=request.args if asked else None, data=_first(page.today))
    form.offer({each.id: each.name for each in page.offerings})
    found, status = None, 200
    if asked and form.validate():
        found = why_page(
            seat(),
            int(form.offering.data),
            *form.to_request(),
            now=now,
            can_charge=tools().payments is not None,
            hides_names=hides_names(),
        )
    elif asked:
        status = 422
    told = render_template("desk/why_not.html", page=page, form=form, found=found, may=_may())
    return told, status


def _first(today: str) -> dict[str, str]:
    on = request.args.get("on", "")
    at = request.args.get("at", "")
    return {
        "on": on if typed_date(on) else today,
        "at": at if typed_minute(at) is not None else "",
        "offering": request.args.get("offering", ""),
    }


def _may() -> dict[str, bool]:
    """Return which of the places where something can be changed are open to who asks."""
    settings = seat().may(Right.SETTINGS)
    return {
        "hours": settings,
        "date": settings,
        "offering": settings,
        "payments": settings,
        "booking": True,
        "block": True,
        "calendars": seat().may(Right.CALENDARS),
    }
