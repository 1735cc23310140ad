"""Rows that come and go: everything that points at a table's cells follows, and no calculated value lies."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table as OpenpyxlTable
from openpyxl.worksheet.table import TableColumn, TableFormula

from tests.support.typed_openpyxl import initialise_columns
from xlcrm.plan import Added, Change, Plan, Removed
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing import apply_plan

CLIENTS = "xl/worksheets/sheet1.xml"
ROWS: list[list[Any]] = [
    ["client_id", "full_name", "turnover", "Twice"],
    ["C1", "Anna Prova", 10, "=C2*2"],
    ["C2", "Bruno Esempio", 20, "=C3*2"],
    ["C3", "Carla Finta", 30, "=C4*2"],
    ["C4", "Dora Nessuno", 40, "=C5*2"],
]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Four clients with totals, rules, notes, links, names and formulas elsewhere that point at them."""
    whole = openpyxl.Workbook()
    sheet = whole.active
    assert sheet is not None
    sheet.title = "Clients"
    for row in [*ROWS, ["Total", None, "=SUBTOTAL(109,Clients[turnover])", None]]:
        sheet.append(row)
    table = OpenpyxlTable(displayName="Clients", ref="A1:D6", totalsRowCount=1)
    initialise_columns(table)
    for column, header in zip(table.tableColumns, ROWS[0], strict=True):
        column.name = header
    twice: TableColumn = table.tableColumns[3]
    twice.calculatedColumnFormula = TableFormula(attr_text="C2*2")
    table.tableColumns[0].totalsRowLabel = "Total"
    table.tableColumns[2].totalsRowFunction = "sum"
    sheet.add_table(table)
    sheet["B4"].comment = Comment("about Carla", "me")
    sheet["B3"].comment = Comment("about Bruno", "me")
    sheet["B5"].hyperlink = "https://example.com/dora"
    sheet["B5"].font = Font(bold=True)
    sheet["F5"] = "beside Dora's row"
    sheet["G1"] = "=SUM(C2:C5)"
    sheet["G2"] = "=C5"
    sheet.merge_cells("F8:G9")
    sheet.row_dimensions[4].height = 30
    choice = DataValidation(type="list", formula1='"a,b"')
    choice.add("A2:A5")
    sheet.add_data_validation(choice)
    fill = PatternFill(bgColor="FF0000")
    sheet.conditional_formatting.add("C2:C5", FormulaRule(formula=["$C2>25"], fill=fill))
    sheet.conditional_formatting.add("B3", FormulaRule(formula=["$B3=1"], fill=fill))
    other = whole.create_sheet("Other")
    for place, value in {"A1": "=Clients!C5", "A2": "=SUM(Clients!C2:C5)", "A3": "=1+1", "A4": "=Clients!B3"}.items():
        other[place] = value
    whole.defined_names["Turnovers"] = DefinedName("Turnovers", attr_text="Clients!$C$2:$C$5")
    path = tmp_path / "book.xlsx"
    whole.save(path)
    return with_values(path)


def with_values(path: Path) -> Path:
    """Give every formula a value that was calculated some day."""
    rewrite(path, lambda name, data: re.sub(r"<v ?/>|<v></v>", "<v>77</v>", data) if "/sheet" in name else data)
    return path


def rewrite(path: Path, change: Callable[[str, str], str]) -> None:
    with zipfile.ZipFile(path) as package:
        entries = {name: package.read(name) for name in package.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in entries.items():
            package.writestr(name, change(name, data.decode()).encode() if name.endswith(".xml") else data)


def xml(path: Path, part: str) -> str:
    with zipfile.ZipFile(path) as package:
        return package.read(part).decode()


def applied(
    book: Path, tmp_path: Path, *, remove: tuple[int, ...] = (), add: Mapping[str, list[Any]] | None = None
) -> Path:
    tables = read_tables.read(book)
    frame = tables["Clients"].frame
    plan = Plan(
        "test",
        removed=(Removed("Clients", frame.iloc[list(remove)]),) if remove else (),
        added=(Added("Clients", pd.DataFrame(add)),) if add else (),
    )
    target = tmp_path / "target.xlsx"
    apply_plan.apply_plan(book, target, plan, tables)
    return target


def test_everything_follows_a_removed_row(book: Path, tmp_path: Path, validate_ooxml: Callable[..., list[str]]) -> None:
    target = applied(book, tmp_path, remove=(1,))
    whole = openpyxl.load_workbook(target)
    sheet = whole["Clients"]
    assert [sheet.cell(row, 1).value for row in range(1, 7)] == ["client_id", "C1", "C3", "C4", "Total", None]
    assert [sheet.cell(row, 4).value for row in range(2, 5)] == ["=C2*2", "=C3*2", "=C4*2"]
    assert sheet.tables["Clients"].ref == "A1:D5"
    assert sheet["B3"].comment.text == "about Carla"
    assert sheet["B2"].comment is None and sheet["B4"].comment is None
    assert sheet["B4"].hyperlink.target == "https://example.com/dora"
    assert sheet["B4"].font.bold and not sheet["B3"].font.bold
    assert sheet["F5"].value == "beside Dora's row"
    assert [str(m) for m in sheet.merged_cells.ranges] == ["F8:G9"]
    assert sheet.row_dimensions[3].height == 30
    assert [str(v.sqref) for v in sheet.data_validations.dataValidation] == ["A2:A4"]
    assert [str(f.sqref) for f in sheet.conditional_formatting] == ["C2:C4"]
    assert sheet["G1"].value == "=SUM(C2:C4)" and sheet["G2"].value == "=C4"
    assert whole["Other"]["A1"].value == "=Clients!C4"
    assert whole["Other"]["A4"].value == "=Clients!#REF!"
    assert whole.defined_names["Turnovers"].attr_text == "Clients!$C$2:$C$4"
    assert set(validate_ooxml(target)) <= set(validate_ooxml(book))


def test_everything_grows_with_added_rows(book: Path, tmp_path: Path, validate_ooxml: Callable[..., list[str]]) -> None:
    target = applied(book, tmp_path, add={"client_id": ["C5", "C6"], "turnover": [50.0, 60.0]})
    whole = openpyxl.load_workbook(target)
    sheet = whole["Clients"]
    assert [sheet.cell(row, 1).value for row in range(5, 9)] == ["C4", "C5", "C6", "Total"]
    assert [sheet.cell(row, 4).value for row in range(5, 8)] == ["=C5*2", "=C6*2", "=C7*2"]
    assert sheet["C8"].value == "=SUBTOTAL(109,Clients[turnover])"
    assert sheet.tables["Clients"].ref == "A1:D8"
    assert sheet["B6"].font.bold, "a new row takes the styles of the last one"
    assert sheet["B6"].hyperlink is None
    assert [str(v.sqref) for v in sheet.data_validations.dataValidation] == ["A2:A7"]
    assert "C2:C7" in [str(f.sqref) for f in sheet.conditional_formatting]
    assert sheet["G1"].value == "=SUM(C2:C7)" and sheet["G2"].value == "=C5"
    assert whole["Other"]["A2"].value == "=SUM(Clients!C2:C7)"
    assert whole.defined_names["Turnovers"].attr_text == "Clients!$C$2:$C$7"
    assert 'ref="A1:G9"' in xml(target, CLIENTS), "the dimension"
    assert set(validate_ooxml(target)) <= set(validate_ooxml(book))


def test_values_that_no_longer_hold_are_dropped_and_others_kept(book: Path, tmp_path: Path) -> None:
    tables = read_tables.read(book)
    one = pd.Index([3])
    change = Change("Clients", "turnover", pd.Series([40.0], one), pd.Series([41.0], one), pd.Series(["C4"], one))
    target = tmp_path / "target.xlsx"
    apply_plan.apply_plan(book, target, Plan("test", changes=(change,)), tables)
    sheet = openpyxl.load_workbook(target, data_only=True)["Clients"]
    other = openpyxl.load_workbook(target, data_only=True)["Other"]
    assert [sheet.cell(row, 4).value for row in range(2, 6)] == [77, 77, 77, None]
    assert (sheet["C6"].value, sheet["G1"].value, sheet["G2"].value) == (None, None, None)
    assert [other.cell(row, 1).value for row in range(1, 5)] == [None, None, 77, 77]
    assert 'fullCalcOnLoad="1"' in xml(target, "xl/workbook.xml")


def test_libreoffice_calculates_what_was_dropped(book: Path, tmp_path: Path, soffice: Callable[..., Path]) -> None:
    target = applied(book, tmp_path, remove=(0,), add={"client_id": ["C5"], "turnover": [50.0]})
    sheet = openpyxl.load_workbook(soffice(target), data_only=True)
    assert [sheet["Clients"].cell(row, 4).value for row in range(2, 6)] == [77, 77, 80, 100]
    assert sheet["Clients"]["C6"].value == 140
    assert (sheet["Other"]["A1"].value, sheet["Other"]["A2"].value) == (40, 140)


def test_a_table_keeps_one_blank_row(book: Path, tmp_path: Path) -> None:
    target = applied(book, tmp_path, remove=(0, 1, 2, 3))
    sheet = openpyxl.load_workbook(target)["Clients"]
    assert sheet.tables["Clients"].ref == "A1:D3"
    assert [sheet.cell(row, 1).value for row in range(2, 5)] == [None, "Total", None]
    assert read_tables.read(target)["Clients"].frame.empty
    again = tmp_path / "again.xlsx"
    tables = read_tables.read(target)
    added = Added("Clients", pd.DataFrame({"client_id": ["C9", "C10"]}))
    apply_plan.apply_plan(target, again, Plan("test", added=(added,)), tables)
    assert read_tables.read(again)["Clients"].frame["client_id"].tolist() == ["C9", "C10"]
    assert openpyxl.load_workbook(again)["Clients"].tables["Clients"].ref == "A1:D4"


def test_shared_formulas_are_written_out_where_rows_move(book: Path, tmp_path: Path) -> None:
    def share(name: str, data: str) -> str:
        if name != CLIENTS:
            return data
        data = data.replace("<f>C2*2</f>", '<f t="shared" ref="D2:D5" si="0">C2*2</f>')
        return re.sub(r"<f>C[345]\*2</f>", '<f t="shared" si="0"/>', data)

    rewrite(book, share)
    target = applied(book, tmp_path, remove=(0,), add={"client_id": ["C5"]})
    sheet = openpyxl.load_workbook(target)["Clients"]
    assert [sheet.cell(row, 4).value for row in range(2, 6)] == ["=C2*2", "=C3*2", "=C4*2", "=C5*2"]


def test_a_shared_formula_survives_without_its_first_cell(book: Path, tmp_path: Path) -> None:
    def share(name: str, data: str) -> str:
        if name != CLIENTS:
            return data
        data = data.replace("<f>C2*2</f>", '<f t="shared" ref="D2:D5" si="0">C2*2</f>')
        return re.sub(r"<f>C[345]\*2</f>", '<f t="shared" si="0"/>', data)

    rewrite(book, share)
    apply_plan.write_cells(book, tmp_path / "t.xlsx", "Clients", {"D2": 5})
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["Clients"]
    assert [sheet.cell(row, 4).value for row in range(2, 6)] == [5, "=C3*2", "=C4*2", "=C5*2"]


def test_a_formula_in_the_way_is_kept_and_said(book: Path, tmp_path: Path) -> None:
    apply_plan.write_cells(book, tmp_path / "b.xlsx", "Clients", {"A9": None})
    rewrite(tmp_path / "b.xlsx", lambda n, d: d.replace("<v>20</v>", "<f>10+10</f><v>20</v>") if n == CLIENTS else d)
    tables = read_tables.read(tmp_path / "b.xlsx")
    assert "turnover" not in tables["Clients"].formulas
    rows = pd.Index([1, 2])
    change = Change(
        "Clients", "turnover", pd.Series([20.0, 30.0], rows), pd.Series([1.0, 2.0], rows), pd.Series(["C2", "C3"], rows)
    )
    done = apply_plan.apply_plan(tmp_path / "b.xlsx", tmp_path / "t.xlsx", Plan("test", changes=(change,)), tables)
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["Clients"]
    assert (sheet["C3"].value, sheet["C4"].value) == ("=10+10", 2)
    assert [(p.code, p.row) for p in done.problems] == [("apply.formula_kept", 3)]
    assert done.changes[0].after.tolist() == [2.0]


def test_filtered_rows_stay_with_their_clients(book: Path, tmp_path: Path) -> None:
    rewrite(book, lambda n, d: re.sub(r'<row r="5"', '<row r="5" hidden="1"', d) if n == CLIENTS else d)
    target = applied(book, tmp_path, remove=(0,), add={"client_id": ["C5"]})
    sheet = openpyxl.load_workbook(target)["Clients"]
    assert [sheet.row_dimensions[row].hidden for row in range(2, 6)] == [False, False, True, False]


@pytest.mark.parametrize("date1904", [False, True])
def test_dates_in_both_calendars(tmp_path: Path, date1904: bool) -> None:
    whole = openpyxl.Workbook()
    sheet = whole.active
    assert sheet is not None
    sheet.title = "Clients"
    rows: list[list[Any]] = [["client_id", "birth_date"], ["C1", 20_000], ["C2", None]]
    for row in rows:
        sheet.append(row)
    sheet["B2"].number_format = "dd/mm/yyyy"
    sheet.add_table(OpenpyxlTable(displayName="Clients", ref="A1:B3"))
    whole.epoch = dt.datetime(1904, 1, 1) if date1904 else whole.epoch
    path = tmp_path / "b.xlsx"
    whole.save(path)
    rewrite(
        path,
        lambda n, d: (
            d.replace("<workbookPr ", f'<workbookPr date1904="{int(date1904)}" ')
            if n.endswith("workbook.xml") and "date1904" not in d
            else d
        ),
    )
    tables = read_tables.read(path)
    frame = tables["Clients"].frame
    expected = dt.datetime(1904, 1, 1) if date1904 else dt.datetime(1899, 12, 30)
    assert frame["birth_date"][0] == expected + dt.timedelta(days=20_000)
    after = pd.Series([dt.datetime(1985, 3, 4), dt.datetime(1985, 3, 4)], pd.Index([0, 1]))
    change = Change("Clients", "birth_date", frame["birth_date"], after, frame["client_id"])
    apply_plan.apply_plan(path, tmp_path / "t.xlsx", Plan("test", changes=(change,)), tables)
    again = read_tables.read(tmp_path / "t.xlsx")["Clients"].frame
    assert again["birth_date"].tolist() == [pd.Timestamp(1985, 3, 4)] * 2
    assert openpyxl.load_workbook(tmp_path / "t.xlsx")["Clients"]["B3"].value == dt.datetime(1985, 3, 4)
