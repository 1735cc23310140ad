"""Every rule of the lint finds the fault that it is about, and honest workbooks have none."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table as OpenpyxlTable

from xlcrm.errors import CrmError
from xlcrm.xlsx.lint import RULES, LintFinding, lint
from xlcrm.xlsx.writing import apply_plan

SHEET, TABLE, BOOK, STYLES = "xl/worksheets/sheet1.xml", "xl/tables/table1.xml", "xl/workbook.xml", "xl/styles.xml"
TYPES, RELS = "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
CHAIN = b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="E2" i="1"/>%s</calcChain>'


@pytest.fixture
def book(tmp_path: Path) -> Path:
    whole = openpyxl.Workbook()
    sheet = whole.active
    assert sheet is not None
    sheet.title = "Clients"
    for row in [["client_id", "full_name"], ["C1", "Anna Prova"], ["C2", "Bruno Esempio"]]:
        sheet.append(row)
    sheet["A2"].fill = PatternFill("solid", fgColor="FF0000")
    sheet["E2"] = "=1+1"
    sheet["F2"] = 5
    sheet.merge_cells("D8:E9")
    sheet.add_table(OpenpyxlTable(displayName="Clients", ref="A1:B3"))
    choice = DataValidation(type="list", formula1='"lead,client"')
    choice.add("C2")
    sheet.add_data_validation(choice)
    whole.create_sheet("Other")
    path = tmp_path / "book.xlsx"
    whole.save(path)
    return path


def broken(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(path) as package:
        entries = {name: package.read(name) for name in package.namelist()}
    change(entries)
    target = path.with_name("broken.xlsx")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in entries.items():
            package.writestr(name, data)
    return target


def swap(part: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(entries: dict[str, bytes]) -> None:
        entries[part] = entries[part].replace(b" />", b"/>")  # with a blank or not, as the library at hand writes
        assert old in entries[part], entries[part]
        entries[part] = entries[part].replace(old, new, 1)

    return change


def drop(part: str) -> Callable[[dict[str, bytes]], None]:
    def change(entries: dict[str, bytes]) -> None:
        del entries[part]

    return change


def chain(extra: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(entries: dict[str, bytes]) -> None:
        entries["xl/calcChain.xml"] = CHAIN % extra
        kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
        rel = b'<Relationship Id="rId99" Type="%s" Target="calcChain.xml"/></Relationships>' % kind
        entries[RELS] = entries[RELS].replace(b"</Relationships>", rel)
        content = b"application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
        override = b'<Override PartName="/xl/calcChain.xml" ContentType="%s"/></Types>' % content
        entries[TYPES] = entries[TYPES].replace(b"</Types>", override)

    return change


ROW20 = b'<row r="20"><c r="A20"%s</row></sheetData>'
FAULTS: list[tuple[str, Callable[[dict[str, bytes]], None], str]] = [
    ("content-type", lambda e: e.update({"xl/media/x.odd": b""}), "a part of no known type"),
    ("content-type", swap(TYPES, b"/xl/styles.xml", b"/xl/gone.xml"), "a type for a part that is not there"),
    ("relationship", drop("xl/theme/theme1.xml"), "a part that is gone"),
    ("well-formed", swap("docProps/core.xml", b"<", b"<\x01"), "a control character"),
    ("sheet-name", swap(BOOK, b'"Other"', b'"clients"'), "two sheets of one name"),
    ("sheet-name", swap(BOOK, b'"Other"', b'"a/b"'), "a slash in a sheet's name"),
    ("sheet-name", swap(BOOK, b'"Other"', b'"%s"' % (b"x" * 32)), "32 characters"),
    ("sheet-id", swap(BOOK, b'sheetId="2"', b'sheetId="1"'), "two sheets of one id"),
    (
        "defined-name",
        swap(BOOK, b"<definedNames/>", b'<definedNames><definedName name="A1">1</definedName></definedNames>'),
        "a name like a cell",
    ),
    ("table-name", swap(TABLE, b'displayName="Clients"', b'displayName="My clients"'), "a space in a table's name"),
    ("table-columns", swap(TABLE, b'name="full_name"', b'name="Client_ID"'), "two columns of one name"),
    ("table-columns", swap(TABLE, b'tableColumns count="2"', b'tableColumns count="3"'), "a wrong count"),
    ("table-header", swap(TABLE, b'name="full_name"', b'name="Full name"'), "a header that is not its cell's"),
    ("table-filter", swap(TABLE, b'autoFilter ref="A1:B3"', b'autoFilter ref="A1:B4"'), "a filter beyond the table"),
    ("table-merged", swap(SHEET, b'ref="D8:E9"', b'ref="B3:C3"'), "merged cells in a table"),
    (
        "merged-overlap",
        swap(SHEET, b'<mergeCell ref="D8:E9"/>', b'<mergeCell ref="D8:E9"/><mergeCell ref="E9:F10"/>'),
        "merged cells over others",
    ),
    ("style-index", swap(SHEET, b"</sheetData>", ROW20 % b' s="99"/>'), "a format that is not there"),
    ("style-index", swap(STYLES, b'fillId="2"', b'fillId="9"'), "a fill that is not there"),
    ("calc-chain", chain(b'<c r="F2"/>'), "a number in the calculation chain"),
    ("calc-chain", chain(b'<c r="A1" i="7"/>'), "a sheet that is not there"),
    ("row-order", swap(SHEET, b"</sheetData>", b'<row r="2"/></sheetData>'), "a row that comes again"),
    (
        "cell-order",
        swap(SHEET, b"</sheetData>", b'<row r="20"><c r="B20"/><c r="A20"/></row></sheetData>'),
        "cells from right to left",
    ),
    ("cell-value", swap(SHEET, b"</sheetData>", ROW20 % b"><v>NaN</v></c>"), "no number"),
    ("cell-value", swap(SHEET, b"</sheetData>", ROW20 % b' t="b"><v>yes</v></c>'), "no truth value"),
    ("string-index", swap(SHEET, b"</sheetData>", ROW20 % b' t="s"><v>9999</v></c>'), "a text that is not there"),
    (
        "text-length",
        swap(SHEET, b"</sheetData>", ROW20 % (b' t="inlineStr"><is><t>%s</t></is></c>' % (b"x" * 32_768))),
        "too long a text",
    ),
    ("list-length", swap(SHEET, b"lead,client", b"lead," * 60), "300 characters of choices"),
    (
        "dxf-index",
        swap(TABLE, b'<tableColumn id="1"', b'<tableColumn dataDxfId="4" id="1"'),
        "a format that is not there",
    ),
]


def test_an_honest_workbook_has_no_finding(book: Path) -> None:
    assert lint(book) == []
    assert lint(broken(book, chain(b""))) == []


@pytest.mark.parametrize(("rule", "change", "why"), FAULTS, ids=[f"{rule}: {why}" for rule, _, why in FAULTS])
def test_a_fault_is_found(book: Path, rule: str, change: Callable[[dict[str, bytes]], None], why: str) -> None:
    assert rule in {finding.rule for finding in lint(broken(book, change))}, why


def test_two_tables_that_meet(book: Path) -> None:
    def change(entries: dict[str, bytes]) -> None:
        table = entries[TABLE].replace(b'displayName="Clients"', b'displayName="Second"')
        entries["xl/tables/table2.xml"] = table
        rels = "xl/worksheets/_rels/sheet1.xml.rels"
        entries[rels] = entries[rels].replace(
            b"</Relationships>", entries[rels][entries[rels].index(b"<Relationship ") :]
        )
        entries[rels] = entries[rels].replace(b"table1.xml", b"table2.xml", 1).replace(b"rId1", b"rId8", 1)

    assert {"table-overlap", "table-id"} <= {finding.rule for finding in lint(broken(book, change))}


def test_every_rule_says_where_it_comes_from() -> None:
    assert all(rule.source and rule.check.__doc__ for rule in RULES)


def test_what_excel_saved_has_no_finding(shared_data: Path) -> None:
    found: dict[str, list[LintFinding | CrmError]] = {}
    for path in sorted((shared_data / "workbooks").glob("*.xls*")):
        try:
            found[path.name] = [*lint(path)]
        except CrmError as refused:
            found[path.name] = [] if refused.key == "file.encrypted" else [refused]
    assert {name: findings for name, findings in found.items() if findings} == {}
    assert len(found) >= 28


def test_a_row_without_cells_is_not_written_twice(book: Path, tmp_path: Path) -> None:
    empty = broken(book, swap(SHEET, b"</sheetData>", b'<row r="20" ht="30"/></sheetData>'))
    apply_plan.write_cells(empty, tmp_path / "t.xlsx", "Clients", {"C20": 1, "C21": 2})
    assert lint(tmp_path / "t.xlsx") == []
