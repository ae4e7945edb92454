"""Tables for spreadsheets, which take more for a formula than they should."""

import csv
import re
from collections.abc import Iterable
from io import StringIO
from typing import Final

# A spreadsheet takes a cell for a formula by its first letter, and may split cells at ";" or tab
# (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA: Final = re.compile(r"(^|[;\t\r\n])(?=\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")


def csv_of(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table as text: commas, and CRLF at the end of each row.

    Whoever makes a row passes what people wrote through `inert`.
    """
    written = StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(head)
    table.writerows(rows)
    return written.getvalue()


def inert(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe leads what would be."""
    return _FORMULA.sub(r"\1'", text)
