"""Rows typed right below a table: they look as if they belonged to it, and no command sees them until it grows."""

from __future__ import annotations

from xlcrm.checks.view import CheckedBook
from xlcrm.problems import Problem
from xlcrm.tables import Table
from xlcrm.values import text_of

ROW_BELOW = "table.row_below"
RECORDS = (
    "Clients",
    "Purchases",
    "Interactions",
    "Opportunities",
    "Suppression",
    "Segments",
    "Lists",
)  # tables that people type into


def check_below(book: CheckedBook) -> list[Problem]:
    """A problem for each such row; a line with one filled cell may be a note, and is asked about."""
    return [problem for name in RECORDS if name in book.tables for problem in _of_table(book.tables[name])]


def _of_table(table: Table) -> list[Problem]:
    if table.below is None:
        return []
    found = []
    for number, (position, row) in enumerate(table.below.iterrows()):
        values = [text_of(value) for value in row if text_of(value)]
        place = {"row": table.excel_row(int(str(position))), "value": "; ".join(values)[:80]}
        if number < table.typed_below:
            found.append(Problem("table.row_below", table.name, **place, level="error"))  # type: ignore[arg-type]
        else:
            found.append(Problem("table.line_below", table.name, **place, level="doubt"))  # type: ignore[arg-type]
    return found
