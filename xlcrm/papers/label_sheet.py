"""Label sheets: the measures of sheets of sticky labels, and where each label lies on which page.

Millimetres from the upper left corner of the sheet. The sheets that come along (`data/label_sheets.csv`) are facts
that makers of labels publish (Avery, Avery Zweckform); sources differ by up to 2 mm on some, hence the offset and the
test page. Own sheets are rows of the table LabelSheets, with the same columns.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from xlcrm.errors import CrmError
from xlcrm.text import fold

FILE = Path(__file__).parent.parent / "data" / "label_sheets.csv"
PAPERS = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4), "A5": (148.0, 210.0), "Legal": (215.9, 355.6)}
SLACK = 1.0  # mm that a row or a column of labels may reach over the edge: makers round
EDGE = 5.0  # mm along the edge of the paper that printers leave white
LEAST = 5.0  # mm of a label's width and height
MOST = 1000  # labels on a sheet


@dataclass(frozen=True)
class LabelSheet:
    """One kind of sheet: how many labels, how large, where the first lies and how far it is to the next one."""

    sheet: str
    paper: str
    columns: int
    rows: int
    label_width: float
    label_height: float
    left: float
    top: float
    pitch_x: float
    pitch_y: float

    @property
    def count(self) -> int:
        """Labels on one sheet."""
        return self.columns * self.rows


@dataclass(frozen=True)
class TextBox:
    """The part of a label that text may take: its corner from that of the label, its size, and the largest letters.

    `largest` is in points: 10.5, and more on labels for parcels.
    """

    left: float
    top: float
    width: float
    height: float
    largest: float


@dataclass(frozen=True)
class LabelPlace:
    """Where a label lies: the page (from 0), and its upper left corner in mm."""

    page: int
    left: float
    top: float


@cache
def label_sheets() -> dict[str, LabelSheet]:
    """The sheets that come along, by name."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["sheet"]: own_sheet(row) for row in csv.DictReader(file)}


def label_sheet(name: str, own: Mapping[str, LabelSheet] | None = None) -> LabelSheet:
    """The sheet of this name, of the team's `own` or ours; "Avery L7160" and "l7160" are L7160.

    CrmError "papers.unknown_sheet" that names those there are.
    """
    known = {**label_sheets(), **(own or {})}
    by_name = {fold(sheet): found for sheet, found in known.items()}
    words = fold(name)
    found = by_name.get(words) or by_name.get(words.rpartition(" ")[2])
    if found is None:
        raise CrmError("papers.unknown_sheet", sheet=name, sheets=", ".join(known))
    return found


def own_sheet(row: Mapping[str, object]) -> LabelSheet:
    """A row of the table LabelSheets as a sheet; decimal commas are understood.

    CrmError "papers.sheet_measure" names the column that is no number or can't be (nothing negative, labels of 5 mm at
    least), "papers.sheet_paper" an unknown paper, "papers.sheet_too_large" labels that lie over each other or beyond
    the edge of the paper by over 1 mm.
    """
    name = str(row.get("sheet", "")).strip()
    paper = {key.casefold(): key for key in PAPERS}.get(str(row.get("paper", "")).strip().casefold())
    if paper is None:
        raise CrmError("papers.sheet_paper", sheet=name, paper=row.get("paper", ""), papers=", ".join(PAPERS))
    numbers = {field.name: _number(name, field.name, row.get(field.name, "")) for field in fields(LabelSheet)[2:]}
    columns, rows = int(numbers.pop("columns")), int(numbers.pop("rows"))
    sheet = LabelSheet(name, paper, columns, rows, **numbers)
    _check(sheet)
    return sheet


SMALLEST = {"columns": 1.0, "rows": 1.0, "left": 0.0, "top": 0.0}  # every other measure: LEAST


def _number(sheet: str, column: str, typed: object) -> float:
    """A measure as a number; CrmError where it is none or too small."""
    try:
        number = float(str(typed).strip().replace(",", "."))
    except ValueError:
        number = math.nan
    counted = column in ("columns", "rows")
    if not SMALLEST.get(column, LEAST) <= number <= MOST or (counted and number % 1):  # never true for nan
        raise CrmError("papers.sheet_measure", sheet=sheet, column=column, value=typed)
    return number


def _check(sheet: LabelSheet) -> None:
    """CrmError where labels overlap or don't fit on the paper."""
    width, height = PAPERS[sheet.paper]
    across = sheet.left + (sheet.columns - 1) * sheet.pitch_x + sheet.label_width
    down = sheet.top + (sheet.rows - 1) * sheet.pitch_y + sheet.label_height
    lying = {
        "pitch_x": sheet.columns == 1 or sheet.pitch_x >= sheet.label_width - 0.01,
        "pitch_y": sheet.rows == 1 or sheet.pitch_y >= sheet.label_height - 0.01,
        "columns": across <= width + SLACK,
        "rows": down <= height + SLACK,
        "count": sheet.count <= MOST,
    }
    wrong = [column for column, good in lying.items() if not good]
    if wrong:
        raise CrmError("papers.sheet_too_large", sheet=sheet.sheet, column=wrong[0], paper=sheet.paper)


def place(
    sheet: LabelSheet, k: int, *, start_at: int = 1, offset: tuple[float, float] = (0.0, 0.0), by_column: bool = False
) -> LabelPlace:
    """Where label `k` (from 0) lies if the first one takes place `start_at` (from 1) of the first sheet.

    Places count along the rows, or down the columns with `by_column`. `offset` moves all, in mm right and down.
    """
    page, slot = divmod(k + start_at - 1, sheet.count)
    column, row = divmod(slot, sheet.rows) if by_column else reversed(divmod(slot, sheet.columns))
    left = sheet.left + column * sheet.pitch_x + offset[0]
    return LabelPlace(page, round(left, 4), round(sheet.top + row * sheet.pitch_y + offset[1], 4))


def text_box(sheet: LabelSheet) -> TextBox:
    """Where text stands in every label of a sheet: 4 mm inside (less on small ones), 5 mm from the paper's edge."""
    paper_width, paper_height = PAPERS[sheet.paper]
    across = sheet.left + (sheet.columns - 1) * sheet.pitch_x + sheet.label_width
    down = sheet.top + (sheet.rows - 1) * sheet.pitch_y + sheet.label_height
    inside_x, inside_y = min(4.0, 0.06 * sheet.label_width), min(3.0, 0.05 * sheet.label_height)
    left, top = max(inside_x, EDGE - sheet.left), max(inside_y, EDGE - sheet.top)
    width = sheet.label_width - left - max(inside_x, EDGE - (paper_width - across))
    height = sheet.label_height - top - max(inside_y, EDGE - (paper_height - down))
    largest = min(22.0, max(10.5, round(0.36 * sheet.label_height) / 2))
    return TextBox(round(left, 4), round(top, 4), round(width, 4), round(height, 4), largest)
