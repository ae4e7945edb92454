"""Counts and sums by week and coach, as pictures with a table twin, and as a table to keep."""

from flask import render_template, request
from werkzeug.wrappers import Response

from practice.domain.roles import Right
from practice.forms.texts import is_whole
from practice.queries.figures import WEEKS, figures_csv, figures_page
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.desk.table import as_file
from practice.web.door import tools


@desk.get("/figures")
@requires(Right.FIGURES)
def figures() -> Response | str:
    """Show the figures of the last weeks, or hand them out as a table."""
    now, whose = tools().clock.now(), request.args.get("whose", "")
    asked = request.args.get("weeks", "")
    weeks = int(asked) if is_whole(asked) else WEEKS[0]
    if request.args.get("format") == "csv":
        table = figures_csv(seat(), weeks, whose, now=now)
        return as_file(table, "figures")
    page = figures_page(seat(), weeks, whose, now=now)
    return render_template("desk/figures.html", page=page)
