"""New spreadsheets: every kind of cell as openpyxl wrote it, read by openpyxl, calamine, fastexcel and LibreOffice."""

from __future__ import annotations

import csv
import datetime as dt
import zipfile
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from python_calamine import CalamineWorkbook

from tests.support.paths import CASES
from xlcrm.plan import Grid
from xlcrm.xlsx import lint, xml_parts
from xlcrm.xlsx.new_spreadsheet import spreadsheet

NOW = dt.datetime(2026, 11, 28, 12)
KINDS: dict[str, Callable[[str], object]] = {
    "text": lambda text: text.encode("latin-1", "backslashreplace").decode("unicode-escape"),
    "blank": lambda _: None,
    "int": int,
    "float": float,
    "decimal": Decimal,
    "bool": lambda text: bool(int(text)),
    "date": dt.date.fromisoformat,
    "moment": dt.datetime.fromisoformat,
    "time": dt.time.fromisoformat,
}
FORMATS = {"money": "#,##0.00", "dates": "yyyy-mm-dd"}
FIXED = {"text:_x0041_", "float:nan"}  # what openpyxl wrote wrong


def _rows() -> list[dict[str, str]]:
    with (CASES / "new_spreadsheet.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


ROWS = _rows()


def _value(row: dict[str, str]) -> object:
    kind, _, text = row["value"].partition(":")
    return KINDS[kind](text)


def _grid(rows: list[dict[str, str]]) -> Grid:
    """A row of the table is a column of the sheet, because formats belong to columns."""
    placed = {kind: frozenset(i for i, row in enumerate(rows) if row["column"] == kind) for kind in FORMATS}
    header = tuple(f"{i} {row['why']}" for i, row in enumerate(rows))
    return Grid("All kinds", header, (tuple(map(_value, rows)),), money=placed["money"], dates=placed["dates"])


def _by_openpyxl(grid: Grid) -> bytes:
    """The file as openpyxl's cells make it, which is how lists were written before."""
    made = openpyxl.Workbook(write_only=True)
    sheet = made.create_sheet(grid.title)
    sheet.append(grid.header)
    formats = {**dict.fromkeys(grid.dates, "yyyy-mm-dd"), **dict.fromkeys(grid.money, "#,##0.00")}
    for row in grid.rows:
        sheet.append([_cell(sheet, value, formats.get(place, "")) for place, value in enumerate(row)])
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: Any, number_format: str) -> Any:
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub(" ", value)[:32767])
        cell.data_type, cell.number_format = "s", "@"
        return cell
    cell = WriteOnlyCell(sheet, value)
    if number_format:
        cell.number_format = number_format
    return cell


def _seen(content: bytes) -> list[tuple[object, str]]:
    """Values as Excel reads them, and number formats."""
    sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    return [(xml_parts.from_excel(v) if isinstance(v := c.value, str) else v, c.number_format) for c in sheet[2]]


def _calamine(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


def _plain_breaks(value: object) -> object:
    """LibreOffice knows one kind of line break."""
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _shown(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['value'][:20]}-{row['column']}" for row in ROWS])
def test_each_kind_of_cell(row: dict[str, str]) -> None:
    ((value, number_format),) = _seen(spreadsheet((_grid([row]),), NOW)) or [(None, "")]
    expected = row["shown"].encode("latin-1", "backslashreplace").decode("unicode-escape")
    assert _shown(value) == expected, row["why"]
    if row["format"]:
        assert number_format == row["format"], row["why"]


def test_cells_are_those_that_openpyxl_wrote() -> None:
    grid = _grid([row for row in ROWS if row["value"] not in FIXED])
    ours, theirs = spreadsheet((grid,), NOW), _by_openpyxl(grid)
    assert _seen(ours) == _seen(theirs)
    assert _calamine(ours) == _calamine(theirs)


def test_blocks_follow_each_other() -> None:
    rows = tuple((f"C{i:05}", None if i % 7 else i, Decimal(i) / 100, f"=A{i}") for i in range(2500))
    grid = Grid("Many", ("Client", "", "Amount", "=Formula"), rows, money=frozenset({2}))
    content = spreadsheet((grid,), NOW)
    found = _calamine(content)
    assert found[0] == ["Client", "", "Amount", "=Formula"]
    assert found[1:] == [[a, "" if b is None else b, float(c), d] for a, b, c, d in rows]
    sheet = openpyxl.load_workbook(BytesIO(content)).worksheets[0]
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.max_row) == ("A2", "A1:D2501", 2501)
    assert sheet["D1"].data_type == "s"
    assert sheet["A1"].font.b
    assert sheet["A1"].fill.fgColor.rgb == "FF12355B"


TITLES = [
    (("A:b/c", "a b c"), ["A b c", "a b c1"], "what Excel forbids, and one title twice"),
    (("", "'"), ["Sheet1", "Sheet2"], "nothing left"),
    (("x" * 40, "x" * 40), ["x" * 31, "x" * 28 + "1"], "too long"),
    (("Tom's & <Co>",), ["Tom's & <Co>"], "marks of XML and of formulas"),
]


@pytest.mark.parametrize(("titles", "expected", "why"), TITLES, ids=[why for _, _, why in TITLES])
def test_titles_of_sheets(titles: tuple[str, ...], expected: list[str], why: str) -> None:
    content = spreadsheet([Grid(title, ("One",), ()) for title in titles], NOW)
    assert [name.lower() for name in openpyxl.load_workbook(BytesIO(content)).sheetnames] == [
        name.lower() for name in expected
    ], why


def test_long_texts_end_where_a_cell_is_full() -> None:
    rows = (("x" * 40_000, "y" + "😀" * 20_000, ""),)
    ((first, second, _),) = _calamine(spreadsheet((Grid("Long", ("a", "b", "c"), rows),), NOW))[1:]
    assert first == "x" * 32_767
    assert second == "y" + "😀" * 16_383


def test_same_grids_give_same_bytes() -> None:
    grids = (_grid(ROWS), Grid("", (), ()))
    assert spreadsheet(grids, NOW) == spreadsheet(grids, NOW)


def test_validator_and_lint_have_nothing_to_say(tmp_path: Path, validate_ooxml: Callable[..., list[str]]) -> None:
    path = tmp_path / "List.xlsx"
    path.write_bytes(spreadsheet((_grid(ROWS), Grid("Tom's & Co", ("One",), (("a",),)), Grid("", (), ())), NOW))
    assert validate_ooxml(path) == []
    assert lint.lint(path) == []


def test_libreoffice_reads_the_same(tmp_path: Path, soffice: Callable[..., Path]) -> None:
    path = tmp_path / "List.xlsx"
    path.write_bytes(spreadsheet((_grid(ROWS),), NOW))
    assert zipfile.is_zipfile(path)
    kept = _calamine(soffice(path, "xlsx").read_bytes())
    assert kept[1] == [_plain_breaks(value) for value in _calamine(path.read_bytes())[1]]
