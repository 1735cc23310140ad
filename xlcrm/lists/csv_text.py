"""CSV text: for Excel, which opens UTF-16 with tabs right in every country, and for other programs, which want UTF-8.

Excel splits a comma or a semicolon only where the computer's own list separator says so, and reads UTF-8 only with a
byte-order mark; tabs in UTF-16 with a mark it always splits and reads right.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from decimal import Decimal

from xlcrm.plan import Grid

# a sign and a number: no operator after it
_NUMBER = re.compile(r"[+-][\d\s().,]*\Z")
# a phone number with hyphens or slashes, of which two groups of digits stand side by side: no program calculates that
_PHONE = re.compile(r"\+(?=[\d\s().,/-]*\Z)(?=.*(?:\d\s+\(?\d|\)\s*\d|\d\s*\())")


def harmless(value: str) -> str:
    """Text that no spreadsheet takes for a formula: `=1+1`, `@x`, `+39-06-1`, a tab in front get an apostrophe.

    "+47 22 12 34 56" and "-5" stay as they are: a sign followed by a plain number is no formula, and neither are
    figures without an operator between them. Wide signs (`＝`) count as those that they are widths of.
    """
    if value[:1].isalnum():
        return value
    plain = unicodedata.normalize("NFKC", value).lstrip("\ufeff\u200b\u200e\u200f \u00a0")
    if plain.startswith(("=", "@", "\t", "\r", "\n", "|", "%")):
        return "'" + value
    if plain.startswith(("+", "-")) and not (_NUMBER.match(plain) or _PHONE.match(plain)):
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


def utf8_csv_bytes(grid: Grid) -> bytes:
    """The table as other programs read it: UTF-8 without a mark, commas, a decimal point, dates as ISO."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(title) for title in grid.header])
    for row in grid.rows:
        writer.writerow([_text(value, ".") for value in row])
    return out.getvalue().encode("utf-8", "replace")


def _text(value: object, decimal: str) -> str:
    """A cell: fractions with two decimals or all that they have, whole numbers without, blanks as "", text harmless."""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return _decimal(value).replace(".", decimal)
    if isinstance(value, float):
        return repr(value).replace(".", decimal)
    return harmless(str(value))


def _decimal(value: Decimal) -> str:
    """A number in full: "0.30", "18.333", "10"; never with an exponent."""
    exponent = value.as_tuple().exponent
    return f"{value:.2f}" if exponent in (-1, -2) else f"{value:f}"
