"""Word tables of the import: the CSV files of `xlcrm/data/importing/`, read in one place, one row a kind.

What a sum is called, what a credit note or a firm: in any language, so that a further word is a cell and no code.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from xlcrm.text import fold

FOLDER = Path(__file__).parents[1] / "data" / "importing"


@cache
def rows_of(table: str) -> tuple[dict[str, str], ...]:
    """The rows of a table by its file name without the ending."""
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def words_of(table: str, kind: str) -> frozenset[str]:
    """The words of a kind, folded; a cell of the column `words` holds several, parted by "|"."""
    cells = [row["words"] for row in rows_of(table) if row["kind"] == kind]
    return frozenset(fold(word) for cell in cells for word in cell.split("|"))
