"""References in formulas follow the cells that they mean."""

from __future__ import annotations

import csv

import pytest

from tests.support.paths import CASES
from xlcrm.xlsx import formulas
from xlcrm.xlsx.ranges import Area
from xlcrm.xlsx.workbook import Sheet, TableInfo
from xlcrm.xlsx.writing.row_moves import RowMap

TABLE = CASES / "formulas.csv"
ROWS = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
SHEET = Sheet("Clients", 1, "xl/worksheets/sheet1.xml", "worksheet")
# header in row 1, data in 2 to 5, totals in 6; row 3 goes, two rows come
INFO = TableInfo("Clients", "Clients", SHEET, "t.xml", Area(1, 1, 6, 6), tuple("abcdef"), 1, 1)
MAP = RowMap(INFO, removed=[3], added=2)


def move(sheet: str, area: Area, grow: bool) -> Area | None:
    return MAP.area(area, grow=grow, whole=True) if sheet.casefold() == "clients" else area


@pytest.mark.parametrize("case", ROWS, ids=[case["formula"] for case in ROWS])
def test_a_formula_follows(case: dict[str, str]) -> None:
    assert formulas.follow(case["formula"], case["sheet"], move) == case["after"], case["why"]


@pytest.mark.parametrize(
    ("formula", "rows", "columns", "after", "why"),
    [
        ("B2*2", 3, 0, "B5*2", "relative rows move along"),
        ("B$2*$C2", 3, 1, "C$2*$C5", "dollar signs hold"),
        ("SUM(B$2:B2)", 3, 0, "SUM(B$2:B5)", "a sum so far"),
        ("B1", -3, 0, "#REF!", "above the sheet there is nothing"),
        ('"B2"&B2', 1, 0, '"B2"&B3', "text stays"),
        ("Rates!B2", 1, 0, "Rates!B3", "on other sheets too"),
    ],
)
def test_a_formula_copied_down(formula: str, rows: int, columns: int, after: str, why: str) -> None:
    assert formulas.shifted(formula, rows, columns) == after, why


def test_a_sum_so_far_inside_the_table_does_not_grow() -> None:
    grown = RowMap(INFO, added=2)

    def grow(sheet: str, area: Area, grow: bool) -> Area | None:
        return grown.area(area, grow=grow, whole=True)

    assert formulas.follow("SUM(D$2:D5)", "Clients", grow, inside=True) == "SUM(D$2:D5)"
    assert formulas.follow("SUM(D$2:D$5)", "Clients", grow, inside=True) == "SUM(D$2:D$7)"


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("A2:F5", "A2:F6", "the data rows"),
        ("B5", "B4", "a single cell follows its row"),
        ("B3", None, "a removed cell"),
        ("B4:B5", "B3:B6", "formats at the bottom grow, as they do in Excel"),
        ("B6", "B7", "the totals row"),
        ("H1:H9", "H1:H9", "beside the table"),
        ("A1:XFD1048576", "A1:XFD1048576", "the whole sheet"),
    ],
)
def test_a_range_of_a_rule_follows(before: str, after: str | None, why: str) -> None:
    moved = MAP.area(Area.of(before))
    assert (moved.text if moved else None) == after, why
