"""Handing out a table for spreadsheets."""

from flask import Response

# Without it, spreadsheets of one maker read UTF-8 as something else.
_BOM = "\ufeff"


def as_file(table: str, name: str) -> Response:
    """Return a table as a file of this name, to be kept and not shown."""
    answer = Response(_BOM + table, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
