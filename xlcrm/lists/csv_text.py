"""CSV text that Excel opens right in every country: UTF-16 with tabs, which no locale reads otherwise.

Excel splits a comma or a semicolon only where the computer's own list separator says so, and reads UTF-8 only with a
byte-order mark; tabs in UTF-16 with a mark it always splits and reads right.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from decimal import Decimal

from xlcrm.plan import Grid

_NUMBER_OR_PHONE = re.compile(r"[+-]?[\d\s().,/-]*\Z")


def harmless(value: str) -> str:
    """Text that no spreadsheet takes for a formula: `=1+1`, `@x`, a tab in front get an apostrophe in front.

    "+47 22 12 34 56" and "-5" stay as they are: a sign followed by nothing but digits and separators is no formula.
    """
    if value[:1] in "=@\t\r\n|%" and value:
        return "'" + value
    if value[:1] in "+-" and value and not _NUMBER_OR_PHONE.match(value):
        return "'" + value
    return value


def csv_bytes(grid: Grid, *, decimal: str = ".") -> bytes:
    """The table as bytes of a .csv file; money with two decimals and the country's decimal sign, dates as ISO."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, dialect="excel-tab", lineterminator="\r\n")
    writer.writerow([harmless(title) for title in grid.header])
    for row in grid.rows:
        writer.writerow([_text(value, decimal) for value in row])
    return b"\xff\xfe" + out.getvalue().encode("utf-16-le", "surrogatepass")


def _text(value: object, decimal: str) -> str:
    """A cell: money with two decimals, other numbers in full, blanks as "", text made harmless."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:.2f}".replace(".", decimal)
    if isinstance(value, float):
        return repr(value).replace(".", decimal)
    return harmless(str(value))
