"""Counts and sums by week and coach, as pictures with a table twin, and as a table to keep."""

from flask import Response, render_template, request
from werkzeug.wrappers import Response as Answer

from practice.domain.roles import Right
from practice.forms.texts import is_whole
from practice.queries.figures import WEEKS, figures_csv, figures_page
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.door import tools

# Without it, spreadsheets of one maker read UTF-8 as something else.
_BOM = "\ufeff"


@desk.get("/figures")
@requires(Right.FIGURES)
def figures() -> Answer | str:
    """Show the figures of the last weeks, or hand them out as a table."""
    now, whose = tools().clock.now(), request.args.get("whose", "")
    asked = request.args.get("weeks", "")
    weeks = int(asked) if is_whole(asked) else WEEKS[0]
    if request.args.get("format") == "csv":
        table = figures_csv(seat(), weeks, whose, now=now)
        answer = Response(_BOM + table, content_type="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = 'attachment; filename="figures.csv"'
        return answer
    page = figures_page(seat(), weeks, whose, now=now)
    return render_template("desk/figures.html", page=page)
