"""openpyxl with types: where its stubs lack something or leave open what is always there."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet


def bounds(ref: str) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of an area such as A1:C5."""
    left, top, right, bottom = range_boundaries(ref)
    assert left is not None and top is not None and right is not None and bottom is not None
    return left, top, right, bottom


def initialise_columns(table: Table) -> None:
    """Give a new table its columns, which openpyxl does itself only when it saves."""
    table._initialise_columns()  # type: ignore[attr-defined]  # the stubs lack it


def first_sheet(book: openpyxl.Workbook) -> Worksheet:
    """The first sheet of a workbook that has cells."""
    return book.worksheets[0]


def loaded_sheet(path: Path) -> Worksheet:
    return first_sheet(openpyxl.load_workbook(path))
