"""Workbooks in shapes that programs other than Excel write: written right and as the schema wants, or refused."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import CASES
from xlcrm.errors import CrmError
from xlcrm.xlsx import worksheet_xml
from xlcrm.xlsx.lint import lint
from xlcrm.xlsx.reading import exact_cells
from xlcrm.xlsx.workbook import open_workbook
from xlcrm.xlsx.writing.apply_plan import write_cells

CELL = re.compile(
    rb"""<(?:\w+:)?c(\s(?:[^>]*?\s)?r=["']([A-Z]+\d+)["'][^>]*?)(?:/>|>(.*?)</(?:\w+:)?c\s*>)""", re.DOTALL
)
with (CASES / "odd_workbooks.csv").open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))


def values(row: dict[str, str]) -> dict[str, Any]:
    cells = json.loads(row["cells"].replace("LONG", "x" * 300))
    dated = {c: dt.date.fromisoformat(v) for c, v in cells.items() if re.fullmatch(r"\d{4}-\d\d-\d\d", str(v))}
    return {**cells, **dated}


def cells_of(path: Path, sheet: str) -> dict[str, Any]:
    """The cells of a sheet by address, each as the value that its type and style make it; dates without a time."""
    book = open_workbook(path)
    found: dict[str, Any] = {}
    with book.package:
        decode = exact_cells.decoder(book, exact_cells.read_styles(book))
        for kind, block in worksheet_xml.read(book.package, book.sheet(sheet).part):
            for cell in CELL.findall(block) if kind == worksheet_xml.ROWS else ():
                value = decode.value(cell[0], cell[2])
                found[cell[1].decode()] = value.date() if isinstance(value, dt.datetime) else value
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['file']} {row['cells']}")
def test_an_odd_workbook_is_written_right_or_refused(
    row: dict[str, str], tmp_path: Path, validate_ooxml: Callable[..., list[str]]
) -> None:
    source, target = CASES / "workbooks" / f"{row['file']}.xlsx", tmp_path / "written.xlsx"
    cells = values(row)
    if row["outcome"]:
        with pytest.raises(CrmError) as refusal:
            write_cells(source, target, row["sheet"], cells)
        assert refusal.value.key == row["outcome"], row["why"]
        assert not target.exists()
        return
    write_cells(source, target, row["sheet"], cells)
    found = cells_of(target, row["sheet"])
    assert {place: found[place] for place in cells} == cells, row["why"]
    assert set(validate_ooxml(target)) <= set(validate_ooxml(source))
    assert {f.rule for f in lint(target)} <= {f.rule for f in lint(source)}


def test_a_new_style_part_is_named_where_it_must_be(tmp_path: Path) -> None:
    target = tmp_path / "dated.xlsx"
    write_cells(CASES / "workbooks" / "nostyles_date.xlsx", target, "Sheet1", {"A1": dt.date(2026, 1, 2)})
    with zipfile.ZipFile(target) as package:
        assert b"/xl/styles.xml" in package.read("[Content_Types].xml")
        assert b'Target="styles.xml"' in package.read("xl/_rels/workbook.xml.rels")
    book = open_workbook(target)
    with book.package:
        assert exact_cells.read_styles(book).is_date(1)


def test_volatile_formulas_of_other_sheets_keep_their_value(tmp_path: Path) -> None:
    source, target = tmp_path / "volatile.xlsx", tmp_path / "written.xlsx"
    formulas = {'INDIRECT("B1")': 5, "OFFSET(C1,1,0)": 6, "OFFSET(Sheet1!A1,0,0)": 1, "Sheet1!A1*2": 2}
    formulas |= {"ROW()-1": 4, "ROW(Sheet1!B9)": 9}  # a value that is written moves no row
    cells = "".join(
        f'<row r="{n}"><c r="A{n}"><f>{formula}</f><v>{value}</v></c></row>'
        for n, (formula, value) in enumerate(formulas.items(), 1)
    )
    with (
        zipfile.ZipFile(CASES / "workbooks" / "definednames_selfclosed.xlsx") as old,
        zipfile.ZipFile(source, "w") as new,
    ):
        for name in old.namelist():
            filled = b"<sheetData>%s</sheetData>" % cells.encode()
            data = old.read(name)
            new.writestr(name, data.replace(b"<sheetData/>", filled) if name.endswith("sheet2.xml") else data)
    write_cells(source, target, "Sheet1", {"A1": 7})
    assert list(cells_of(target, "Two").values()) == [5, 6, None, None, 4, 9]
    with zipfile.ZipFile(target) as package:
        assert b"fullCalcOnLoad" in package.read("xl/workbook.xml")
