"""The hours: the week, and the dates that differ from it."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import Invalid
from practice.domain.roles import Right
from practice.forms.booking import PressForm
from practice.forms.hours import DatesForm, RemoveDatesForm, WeekForm
from practice.queries.desk_hours import HoursPage, Stranded, hours_page, would_strand
from practice.usecases.hours import remove_dates, set_dates, set_weekly_hours
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.door import tools

Answer = Response | str | tuple[str, int]

_NOTES = {
    "saved": "Your hours are saved. Clients see them from now on.",
    "dates": "These dates are saved. Clients see them from now on.",
    "removed": "Your weekly hours hold on these dates again.",
}


@desk.get("/hours")
@requires(Right.SETTINGS)
def hours() -> Answer:
    """Show the weekly hours."""
    page = _page()
    form = WeekForm(formdata=None)
    for weekday, openings in page.weekly.items():
        form.fill(str(weekday), openings)
    return _week(form, page)


@desk.post("/hours")
@requires(Right.SETTINGS)
def save_hours() -> Answer:
    """Save the weekly hours, or show one window more or less and save nothing."""
    form = WeekForm()
    if form.rearranged(request.form.get("add", ""), request.form.get("remove", "")):
        return _week(form, _page())
    if not form.validate():
        return _week(form, _page()), 422
    set_weekly_hours(seat(), form.to_request(), tools=tools())
    return redirect(url_for("desk.hours", note="saved"), 303)


@desk.get("/hours/dates")
@requires(Right.SETTINGS)
def dates() -> Answer:
    """Show the dates that differ, and ask for more; `first` in the query fills one of them in."""
    page = _page()
    form = DatesForm(formdata=None)
    wanted = request.args.get("first", "")
    for entry in page.dates:
        if entry.first.isoformat() == wanted:
            form.first.data, form.last.data = wanted, entry.last.isoformat()
            form.note.data = entry.note
            form.kind.data = "other" if entry.openings else "closed"
            form.fill("x", entry.openings)
    return _dates(form, page)


@desk.post("/hours/dates")
@requires(Right.SETTINGS)
def save_dates() -> Answer:
    """Save some dates, or show one window more or less and save nothing."""
    form = DatesForm()
    if form.rearranged(request.form.get("add", ""), request.form.get("remove", "")):
        return _dates(form, _page())
    if not form.validate():
        return _dates(form, _page()), 422
    wanted = form.to_request()
    if "sure" not in request.form:
        lost = would_strand(seat(), wanted, now=tools().clock.now())
        if lost:
            return _dates(form, _page(), would_strand=lost), 409
    try:
        set_dates(seat(), wanted, tools=tools())
    except Invalid as refusal:
        form[refusal.field or "first"].errors = [refusal.sentence]
        return _dates(form, _page()), 422
    return redirect(url_for("desk.dates", note="dates"), 303)


@desk.post("/hours/dates/remove")
@requires(Right.SETTINGS)
def drop_dates() -> Answer:
    """Let the weekly hours hold on some dates again."""
    form = RemoveDatesForm()
    if not form.validate():
        return _dates(DatesForm(formdata=None), _page()), 422
    first, last = form.to_request()
    remove_dates(seat(), first, last, tools=tools())
    return redirect(url_for("desk.dates", note="removed"), 303)


def _page() -> HoursPage:
    return hours_page(seat(), now=tools().clock.now())


def _note() -> str:
    return _NOTES.get(request.args.get("note", ""), "")


def _week(form: WeekForm, page: HoursPage) -> str:
    return render_template("desk/hours.html", form=form, page=page, note=_note())


def _dates(form: DatesForm, page: HoursPage, *, would_strand: tuple[Stranded, ...] = ()) -> str:
    press = PressForm(formdata=None)
    return render_template(
        "desk/exception.html",
        form=form,
        page=page,
        note=_note(),
        press_form=press,
        would_strand=would_strand,
    )
