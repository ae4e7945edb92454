"""All payments by month, as a page and as a table to keep, and what stands strange about money."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from practice.domain.roles import Right
from practice.forms.booking import PressForm
from practice.queries.desk_payments import (
    concerns_page,
    month_named,
    payments_csv,
    payments_page,
)
from practice.usecases.desk_payment import settle_concern
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.desk.table import as_file
from practice.web.door import tools


@desk.get("/payments")
@requires(Right.MONEY)
def payments() -> Response | str:
    """Show a month of payments with its totals, or hand it out as a table."""
    now, month = tools().clock.now(), request.args.get("month", "")
    hides = request.args.get("names") == "hidden"
    if request.args.get("format") == "csv":
        table = payments_csv(seat(), month, hides_names=hides, now=now)
        return as_file(table, f"payments-{month_named(seat(), month, now=now)}")
    return render_template(
        "desk/payments.html",
        page=payments_page(seat(), month, hides_names=hides, now=now),
        can_charge=tools().payments is not None,
    )


@desk.get("/payments/concerns")
@requires(Right.MONEY)
def concerns() -> str:
    """Show what stands strange about money, and what to do about it."""
    return render_template(
        "desk/concerns.html",
        worries=concerns_page(seat(), now=tools().clock.now()),
        form=PressForm(formdata=None),
    )


@desk.post("/payments/concerns/<int:concern_id>/settled")
@requires(Right.MONEY)
def concern_settled(concern_id: int) -> Response:
    """Note that somebody has looked at it."""
    settle_concern(seat(), concern_id, tools=tools())
    return redirect(url_for("desk.concerns"), 303)
