"""Wishes for another time, from people who found none that fits."""

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from practice.domain.roles import Right
from practice.forms.booking import PressForm
from practice.queries.needs import wishes_page
from practice.usecases import answering
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.door import tools


@desk.get("/requests")
@requires(Right.DIARY)
def requests() -> str:
    """List the wishes, those that wait first."""
    page = wishes_page(seat(), tools=tools())
    return render_template("desk/requests.html", page=page, form=PressForm(formdata=None))


@desk.post("/requests/<int:request_id>/answered")
@requires(Right.DIARY)
def request_answered(request_id: int) -> Response:
    """Note that a wish was answered."""
    answering.mark_answered(seat(), request_id, tools=tools())
    return redirect(url_for("desk.requests"), 303)
