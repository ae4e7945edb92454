"""The journal, for the owner: who did what, and whether a line is missing."""

from flask import Response, render_template, request
from werkzeug.exceptions import NotFound

from practice.domain.roles import Right
from practice.forms.texts import is_whole
from practice.queries.journal import Wanted, journal_csv, journal_page
from practice.web.desk.blueprint import desk, requires, seat
from practice.web.desk.table import as_file
from practice.web.door import tools


@desk.get("/journal")
@requires(Right.JOURNAL)
def journal() -> str | Response:
    """Show a page of the journal, or hand all of what is asked for out as a table."""
    now, wanted = tools().clock.now(), _wanted()
    if request.args.get("format") == "csv":
        return as_file(journal_csv(seat(), wanted, now=now), f"journal-{now:%Y-%m-%d}")
    checks = request.args.get("check") == "yes"
    page = journal_page(seat(), wanted, checks=checks, now=now)
    return render_template("desk/journal.html", page=page, asked=_asked())


def _wanted() -> Wanted:
    return Wanted(
        coach_id=_number("coach"),
        user_id=_number("account"),
        kind=request.args.get("kind", "")[:40],
        page=_number("page") or 1,
    )


def _asked() -> dict[str, str]:
    """Return what narrows the journal, as it stands in the address."""
    names = ("coach", "account", "kind")
    return {name: value for name in names if (value := request.args.get(name, ""))}


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return None
    if not is_whole(text) or not 0 < int(text) < 2**31:
        raise NotFound
    return int(text)
