"""Her own calendar: those that are read into the diary, and the feed that goes out of it."""

from flask import redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response

from practice.domain.refusal import Invalid, Refusal
from practice.domain.roles import Right
from practice.forms.booking import PressForm
from practice.forms.calendars import FeedNamesForm, NewSourceForm, SourceForm
from practice.queries.calendars import (
    OldLine,
    calendars_page,
    feed_page,
    old_calendars,
    source_page,
)
from practice.usecases import feeding, sources
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.door import tools

Answer = Response | str | tuple[str, int]

_NOTES = {
    "added": "The calendar is added. It is read within a minute or two.",
    "saved": "That is saved.",
    "asked": "It will be read within a minute or two. Load this page again to see what came.",
    "removed": "The calendar is removed. What it blocked is free again.",
    "made": "The address is made.",
    "replaced": "The address is new. The one before it leads nowhere now.",
    "revoked": "The address is gone. Nobody can read your diary by it any more.",
    "names": "That is saved. Calendars show it when they read your diary again.",
}


@desk.context_processor
def old_ones() -> dict[str, object]:
    """Let a page of the desk tell of calendars that were not read for a day, if it asks."""
    return {"calendars_away": _away}


def _away() -> tuple[OldLine, ...]:
    if not current_user.is_authenticated or current_user.coach_id is None:
        return ()
    return old_calendars(seat(), now=tools().clock.now())


@desk.get("/calendars")
@requires(Right.CALENDARS)
def calendars() -> Answer:
    """Show the calendars that are read, and ask for more."""
    return _all(NewSourceForm(formdata=None))


@desk.post("/calendars")
@requires(Right.CALENDARS)
def add_calendar() -> Answer:
    """Have one more read."""
    form = NewSourceForm()
    if not form.validate():
        return _all(form), 422
    wanted = sources.NewSource(form.name.data, form.url.data or "", form.chosen())
    try:
        made = sources.add_source(seat(), wanted, tools=tools())
    except Invalid as refusal:
        form.blame(refusal)
        return _all(form), 422
    except Refusal as refusal:
        return _all(form, error=refusal.sentence), 409
    return redirect(url_for("desk.calendar", source_id=made, note="added"), 303)


@desk.get("/calendars/<int:source_id>")
@requires(Right.CALENDARS)
def calendar(source_id: int) -> Answer:
    """Show what came of one calendar, and what it is used for."""
    page = source_page(seat(), source_id, now=tools().clock.now())
    return _one(page.id, SourceForm(formdata=None, name=page.name, when_old=page.when_old))


@desk.post("/calendars/<int:source_id>")
@requires(Right.CALENDARS)
def save_calendar(source_id: int) -> Answer:
    """Call it something else, or choose anew what its old picture means."""
    form = SourceForm()
    if not form.validate():
        return _one(source_id, form), 422
    try:
        sources.change_source(seat(), source_id, form.name.data, form.chosen(), tools=tools())
    except Invalid as refusal:
        form.blame(refusal)
        return _one(source_id, form), 422
    return redirect(url_for("desk.calendar", source_id=source_id, note="saved"), 303)


@desk.post("/calendars/<int:source_id>/read")
@requires(Right.CALENDARS)
def read_calendar(source_id: int) -> Answer:
    """Let it be read as soon as can be."""
    sources.read_now(seat(), source_id, tools=tools())
    return redirect(url_for("desk.calendar", source_id=source_id, note="asked"), 303)


@desk.get("/calendars/<int:source_id>/remove")
@requires(Right.CALENDARS)
def leave_calendar(source_id: int) -> Answer:
    """Ask once more before it is removed."""
    page = source_page(seat(), source_id, now=tools().clock.now())
    return render_template("desk/calendar_remove.html", page=page, form=PressForm(formdata=None))


@desk.post("/calendars/<int:source_id>/remove")
@requires(Right.CALENDARS)
def remove_calendar(source_id: int) -> Answer:
    """Read it no more."""
    sources.remove_source(seat(), source_id, tools=tools())
    return redirect(url_for("desk.calendars", note="removed"), 303)


@desk.get("/calendars/feed")
@requires(Right.CALENDARS, proof=True)
def diary_feed() -> Answer:
    """Show the secret address of the own feed, and how calendars subscribe to it."""
    page = feed_page(seat(), tools=tools())
    return _feed(FeedNamesForm(formdata=None, names=page.names))


@desk.post("/calendars/feed")
@requires(Right.CALENDARS, proof=True)
def make_diary_feed() -> Answer:
    """Make the address, or another one in its place."""
    note = "replaced" if feeding.make_feed(seat(), tools=tools()) else "made"
    return redirect(url_for("desk.diary_feed", note=note), 303)


@desk.post("/calendars/feed/revoke")
@requires(Right.CALENDARS, proof=True)
def revoke_diary_feed() -> Answer:
    """Let the address lead nowhere."""
    feeding.revoke_feed(seat(), tools=tools())
    return redirect(url_for("desk.diary_feed", note="revoked"), 303)


@desk.post("/calendars/feed/names")
@requires(Right.CALENDARS, proof=True)
def name_diary_feed() -> Answer:
    """Choose how names stand in the feed."""
    form = FeedNamesForm()
    if not form.validate():
        return _feed(form), 422
    feeding.choose_feed_names(seat(), form.chosen(), tools=tools())
    return redirect(url_for("desk.diary_feed", note="names"), 303)


def _note() -> str:
    return _NOTES.get(request.args.get("note", ""), "")


def _all(form: NewSourceForm, *, error: str = "") -> str:
    page = calendars_page(seat(), now=tools().clock.now())
    return render_template(
        "desk/calendars.html", page=page, form=form, error=error, note=_note(), most=sources.MOST
    )


def _one(source_id: int, form: SourceForm) -> str:
    page = source_page(seat(), source_id, now=tools().clock.now())
    press = PressForm(formdata=None)
    return render_template(
        "desk/calendar.html", page=page, form=form, press_form=press, note=_note()
    )


def _feed(form: FeedNamesForm) -> str:
    page = feed_page(seat(), tools=tools())
    press = PressForm(formdata=None)
    return render_template("desk/feed.html", page=page, form=form, press_form=press, note=_note())
