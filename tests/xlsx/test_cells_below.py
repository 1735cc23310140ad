"""What stands under a table that grows goes down, whole and with all that points at it, or the table cannot grow."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table, TableFormula
from openpyxl.worksheet.worksheet import Worksheet

from tests.support.typed_openpyxl import initialise_columns
from xlcrm.errors import CrmError
from xlcrm.plan import Added, Plan
from xlcrm.xlsx.lint import lint
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing import apply_plan

SHEET = "xl/worksheets/sheet1.xml"


def table(sheet: Worksheet, name: str, ref: str, formula: str = "") -> None:
    made = Table(displayName=name, ref=ref)
    initialise_columns(made)
    for column, cell in zip(made.tableColumns, sheet[ref][0], strict=True):
        column.name = cell.value
    if formula:
        made.tableColumns[-1].calculatedColumnFormula = TableFormula(attr_text=formula)
    sheet.add_table(made)


@pytest.fixture
def whole() -> openpyxl.Workbook:
    """Rows 1 to 3 are a table; one blank row; then, from row 5, all kinds of things down to a second table."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "S"
    upper: list[list[Any]] = [["Name", "Number", "Twice"], ["a", 1, "=B2*2"], ["b", 2, "=B3*2"], []]
    for values in [*upper, ["a note", "=SUM(B2:B3)"]]:
        sheet.append(values)
    sheet["A6"], sheet["C6"] = ' r="A6" is a text', 60
    sheet.merge_cells("A7:B8")
    sheet["A7"] = "merged"
    sheet["C9"] = ArrayFormula("C9:C10", "=B13:B14*2")
    lower: list[list[Any]] = [["Key", "Value", "Half"], ["x", 10, "=B13/2"], ["y", 20, "=B14/2"]]
    for row, values in enumerate(lower, 12):
        for column, value in enumerate(values, 1):
            sheet.cell(row, column).value = value
    table(sheet, "Upper", "A1:C3", "B2*2")
    table(sheet, "Lower", "A12:C14", "B13/2")
    sheet["A5"].comment = Comment("about the note", "me")
    sheet["A6"].hyperlink = "https://example.com/six"
    for row in range(1, 20):
        sheet.cell(row, 5).value = f"beside {row}"
    sheet["F1"], sheet["F2"], sheet["F3"] = "=A5", "=SUM($C$5:$C$6)", "=SUM(B1:B20)"
    choice = DataValidation(type="list", formula1='"a,b"')
    choice.add("A5:A6")
    sheet.add_data_validation(choice)
    sheet.conditional_formatting.add("B5:C6", FormulaRule(formula=["$C5>25"], fill=PatternFill(bgColor="FF0000")))
    book.create_sheet("Other")["A1"] = "=S!C6"
    book.defined_names["Note"] = DefinedName("Note", attr_text="S!$A$5")
    book.defined_names["Block"] = DefinedName("Block", attr_text="S!$A$1:$E$20")
    return book


def grown(book: openpyxl.Workbook, tmp_path: Path, **counts: int) -> Path:
    source, target = tmp_path / "source.xlsx", tmp_path / "target.xlsx"
    if not source.exists():
        book.save(source)
    tables = read_tables.read(source)
    added = tuple(
        Added(name, pd.DataFrame({tables[name].frame.columns[0]: [f"new {i}" for i in range(count)]}))
        for name, count in counts.items()
    )
    apply_plan.apply_plan(source, target, Plan("test", added=added), tables)
    return target


def test_blank_rows_are_used_up_first(whole: openpyxl.Workbook, tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(grown(whole, tmp_path, Upper=1))["S"]
    assert [sheet.cell(row, 1).value for row in range(1, 6)] == ["Name", "a", "b", "new 0", "a note"]
    assert sheet["F1"].value == "=A5"


def test_all_under_a_table_goes_down_with_its_references(
    whole: openpyxl.Workbook, tmp_path: Path, validate_ooxml: Callable[..., list[str]], soffice: Callable[..., Path]
) -> None:
    target = grown(whole, tmp_path, Upper=3)
    book = openpyxl.load_workbook(target)
    sheet = book["S"]
    names = ["Name", "a", "b", "new 0", "new 1", "new 2", "a note", ' r="A6" is a text', "merged"]
    assert [sheet.cell(row, 1).value for row in range(1, 10)] == names
    assert [sheet.cell(row, 1).value for row in range(14, 18)] == ["Key", "x", "y", None]
    assert sheet["B7"].value == "=SUM(B2:B6)" and sheet["C8"].value == 60
    assert [sheet.cell(row, 3).value for row in range(15, 17)] == ["=B15/2", "=B16/2"]
    assert [sheet.cell(row, 5).value for row in range(1, 20)] == [f"beside {row}" for row in range(1, 20)]
    assert dict(sheet.tables.items()) == {"Upper": "A1:C6", "Lower": "A14:C16"}
    assert sheet.tables["Lower"].tableColumns[2].calculatedColumnFormula.attr_text == "B15/2"
    assert [str(merged) for merged in sheet.merged_cells.ranges] == ["A9:B10"]
    assert (sheet["C11"].value.ref, sheet["C11"].value.text) == ("C11:C12", "=B15:B16*2")
    assert sheet["A7"].comment.text == "about the note" and sheet["A5"].comment is None
    assert sheet["A8"].hyperlink.target == "https://example.com/six" and sheet["A6"].hyperlink is None
    assert [str(v.sqref) for v in sheet.data_validations.dataValidation] == ["A7:A8"]
    rules = {str(f.sqref): f.rules[0].formula for f in sheet.conditional_formatting}
    assert rules == {"B7:C8": ["$C7>25"]}
    assert [sheet.cell(row, 6).value for row in (1, 2, 3)] == ["=A7", "=SUM($C$7:$C$8)", "=SUM(B1:B22)"]
    assert book["Other"]["A1"].value == "=S!C8"
    assert book.defined_names["Note"].attr_text == "S!$A$7"
    assert book.defined_names["Block"].attr_text == "S!$A$1:$E$20", "it had all of it before, and has it now"
    assert lint(target) == []
    assert set(validate_ooxml(target)) <= set(validate_ooxml(tmp_path / "source.xlsx"))
    values = openpyxl.load_workbook(soffice(target), data_only=True)["S"]
    assert [values[cell].value for cell in ("B7", "C11", "C16", "F1", "F2")] == [3, 20, 10, "a note", 60]


def test_two_tables_grow_in_one_plan(whole: openpyxl.Workbook, tmp_path: Path, soffice: Callable[..., Path]) -> None:
    whole["S"]["A16"] = "the end"
    target = grown(whole, tmp_path, Upper=2, Lower=3)
    sheet = openpyxl.load_workbook(target)["S"]
    texts = ["Key", "x", "y", "new 0", "new 1", "new 2", "the end", None]
    assert [sheet.cell(row, 1).value for row in range(13, 21)] == texts
    assert [sheet.cell(row, 3).value for row in range(2, 6)] == ["=B2*2", "=B3*2", "=B4*2", "=B5*2"]
    assert [sheet.cell(row, 3).value for row in range(14, 19)] == [f"=B{row}/2" for row in range(14, 19)]
    assert dict(sheet.tables.items()) == {"Upper": "A1:C5", "Lower": "A13:C18"}
    assert lint(target) == []
    assert openpyxl.load_workbook(soffice(target), data_only=True)["S"]["C14"].value == 5


@pytest.mark.parametrize(
    ("change", "cell", "why"),
    [
        (lambda sheet: sheet.__setitem__("D6", "x"), "A6", "a row of cells reaches beside the table"),
        (lambda sheet: sheet.merge_cells("C18:D18"), "C18", "merged cells reach beside it"),
        (lambda sheet: table(put(sheet, "C20", "D20"), "Wide", "C20:D22"), "C20", "another table reaches beside it"),
        (lambda sheet: sheet.row_dimensions.__getitem__(6).__setattr__("hidden", True), "A6", "a row is hidden"),
        (lambda sheet: sheet.__setitem__("F5", "=SUM(A6:E6)"), "A6", "a formula reads cells of which some stay"),
        (lambda sheet: sheet.__setitem__("F6", ArrayFormula("C11:G11", "=A1")), "C11", "a formula fills such cells"),
        (lambda sheet: sheet.auto_filter.__setattr__("ref", "A5:C6"), "A5", "filtered rows hide what they hold"),
    ],
)
def test_a_table_cannot_grow_over_what_would_be_torn_or_hidden(
    whole: openpyxl.Workbook, tmp_path: Path, change: Callable[[Worksheet], None], cell: str, why: str
) -> None:
    change(whole["S"])
    with pytest.raises(CrmError) as refused:
        grown(whole, tmp_path, Upper=3)
    assert (refused.value.key, refused.value.values["cell"]) == ("apply.no_room", cell), why
    assert not (tmp_path / "target.xlsx").exists()


def put(sheet: Worksheet, *cells: str) -> Worksheet:
    for cell in cells:
        sheet[cell] = f"header {cell}"
    return sheet


def test_a_pivot_table_under_a_table_stays(whole: openpyxl.Workbook, tmp_path: Path) -> None:
    whole.save(tmp_path / "source.xlsx")
    with zipfile.ZipFile(tmp_path / "source.xlsx") as package:
        entries = {name: package.read(name) for name in package.namelist()}
    rels = "xl/worksheets/_rels/sheet1.xml.rels"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/pivotTable"
    link = f'<Relationship Id="rId99" Type="{office}" Target="/xl/pivotTables/pivotTable1.xml"/></Relationships>'
    entries[rels] = entries[rels].replace(b"</Relationships>", link.encode())
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    pivot = f'<pivotTableDefinition xmlns="{main}"><location ref="B17:C19"/></pivotTableDefinition>'
    entries["xl/pivotTables/pivotTable1.xml"] = pivot.encode()
    with zipfile.ZipFile(tmp_path / "source.xlsx", "w") as package:
        for name, data in entries.items():
            package.writestr(name, data)
    with pytest.raises(CrmError) as refused:
        grown(whole, tmp_path, Upper=3)
    assert (refused.value.key, refused.value.values["cell"]) == ("apply.no_room", "A17")


def test_a_what_if_table_goes_down_with_its_input_cells(whole: openpyxl.Workbook, tmp_path: Path) -> None:
    whole.save(tmp_path / "source.xlsx")
    with zipfile.ZipFile(tmp_path / "source.xlsx") as package:
        entries = {name: package.read(name) for name in package.namelist()}
    what_if = b'<f t="dataTable" ref="C9:C10" dt2D="0" dtr="0" r1="C6"/>'
    entries[SHEET] = re.sub(rb'<f t="array"[^>]*>[^<]*</f>', what_if, entries[SHEET])
    with zipfile.ZipFile(tmp_path / "source.xlsx", "w") as package:
        for name, data in entries.items():
            package.writestr(name, data)
    with zipfile.ZipFile(grown(whole, tmp_path, Upper=3)) as package:
        assert b'<f t="dataTable" ref="C11:C12" dt2D="0" dtr="0" r1="C8"' in package.read(SHEET)


def test_text_boxes_and_form_controls_keep_their_cells(whole: openpyxl.Workbook, tmp_path: Path) -> None:
    whole.save(tmp_path / "source.xlsx")
    with zipfile.ZipFile(tmp_path / "source.xlsx") as package:
        entries = {name: package.read(name) for name in package.namelist()}
    rels = "xl/worksheets/_rels/sheet1.xml.rels"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    for kind, part, link in [
        ("ctrlProp", "xl/ctrlProps/ctrlProp1.xml", 'fmlaLink="$A$6" fmlaRange="Other!$A$1:$A$6"'),
        ("drawing", "xl/drawings/drawing1.xml", "textlink=\"'S'!$A$5\""),
    ]:
        entries[part] = f'<part xmlns="x" {link}/>'.encode()
        target = f'<Relationship Id="{kind}" Type="{office}/{kind}" Target="/{part}"/></Relationships>'
        entries[rels] = entries[rels].replace(b"</Relationships>", target.encode())
    with zipfile.ZipFile(tmp_path / "source.xlsx", "w") as package:
        for name, data in entries.items():
            package.writestr(name, data)
    with zipfile.ZipFile(grown(whole, tmp_path, Upper=3)) as package:
        control = package.read("xl/ctrlProps/ctrlProp1.xml")
        box = package.read("xl/drawings/drawing1.xml")
    assert control == b'<part xmlns="x" fmlaLink="$A$8" fmlaRange="Other!$A$1:$A$6"/>'
    assert box == b'<part xmlns="x" textlink="\'S\'!$A$7"/>'
