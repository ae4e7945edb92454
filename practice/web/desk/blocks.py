"""Blocking time at the desk, and opening it again."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.refusal import Invalid, Refusal
from practice.domain.repeating import Repeat, Stretch
from practice.domain.roles import Right
from practice.forms.booking import PressForm
from practice.forms.diary import BlockForm, typed_date
from practice.queries.blocks import block_desk, block_page, in_the_way
from practice.usecases import blocking
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.desk.diary_names import hides_names, names
from practice.web.door import tools

Answer = Response | str | tuple[str, int]

_NOTES = {
    "blocked": "These times are blocked.",
    "left-out": "These times are blocked. The others were taken already, and stay as they are.",
    "opened": "This time is open again.",
}


@desk.get("/blocks/new")
@requires(Right.DIARY)
def new_block() -> Answer:
    """Ask which time to keep free; `on` in the query fills in the date."""
    page = block_desk(seat(), now=tools().clock.now())
    wanted = request.args.get("on", "")
    on = wanted if typed_date(wanted) else page.today
    return render_template("desk/block.html", page=page, form=BlockForm(formdata=None, on=on))


@desk.post("/blocks/new")
@requires(Right.DIARY)
def add_block() -> Answer:
    """Block the time; where somebody is booked in it, say who, and offer to go around them."""
    page = block_desk(seat(), now=tools().clock.now())
    form = BlockForm()
    if not form.validate():
        return render_template("desk/block.html", page=page, form=form), 422
    try:
        stretch, repeat = form.to_request(page.zone)
    except Invalid as refusal:
        form.blame(refusal)
        return render_template("desk/block.html", page=page, form=form), 422
    return _add(form, stretch, repeat)


@desk.get("/blocks/<int:block_id>")
@requires(Right.DIARY)
def block(block_id: int) -> Answer:
    """Show a block."""
    page = block_page(seat(), block_id, now=tools().clock.now())
    note = _NOTES.get(request.args.get("note", ""), "")
    return render_template("desk/blocked.html", page=page, note=note, form=PressForm(formdata=None))


@desk.post("/blocks/<int:block_id>/remove")
@requires(Right.DIARY)
def remove_block(block_id: int) -> Answer:
    """Open the time again."""
    page = block_page(seat(), block_id, now=tools().clock.now())
    blocking.unblock(seat(), block_id, tools=tools())
    return redirect(url_for("desk.week", week=page.week, note="opened", names=names()), 303)


@desk.post("/blocks/<int:block_id>/spans/<int:span_id>/remove")
@requires(Right.DIARY)
def remove_span(block_id: int, span_id: int) -> Answer:
    """Open one time of several again."""
    page = block_page(seat(), block_id, now=tools().clock.now())
    if blocking.open_one(seat(), block_id, span_id, tools=tools()):
        here = url_for("desk.block", block_id=block_id, note="opened", names=names())
        return redirect(here, 303)
    return redirect(url_for("desk.week", week=page.week, note="opened", names=names()), 303)


def _add(form: BlockForm, stretch: Stretch, repeat: Repeat | None) -> Answer:
    now = tools().clock.now()
    around = bool(form.around.data)
    try:
        made = blocking.block_often(
            seat(), stretch, repeat, form.note.data, around=around, tools=tools()
        )
    except Invalid as refusal:
        form.blame(refusal)
        page = block_desk(seat(), now=now)
        return render_template("desk/block.html", page=page, form=form), 422
    except Refusal as refusal:
        return render_template(
            "desk/block.html",
            page=block_desk(seat(), now=now),
            form=form,
            error=refusal.sentence,
            in_the_way=in_the_way(seat(), stretch, repeat, hides_names=hides_names(), now=now),
        ), 409
    if repeat is not None:
        note = "left-out" if made.left_out else "blocked"
        here = url_for("desk.block", block_id=made.block_id, note=note, names=names())
        return redirect(here, 303)
    week = block_page(seat(), made.block_id, now=now).week
    return redirect(url_for("desk.week", week=week, note="blocked", names=names()), 303)
