"""The part writer: what a plan names changes, and nothing else."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import python_calamine
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.table import Table as OpenpyxlTable

from xlcrm.errors import CrmError
from xlcrm.plan import Added, NewColumn, Plan, Removed, diff
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing import apply_plan

VALUES = [
    ("007", "leading zeros stay"),
    ("+47 22 12 34 56", "a plus is no formula"),
    ("1/2", "no date is made of it"),
    ("=x", "nobody's text becomes a formula"),
    ("@x", "nor with an at sign"),
    ("12345678901234567890", "twenty digits as text"),
    ("👩‍👩‍👧 家", "beyond the basic plane"),
    ("two\nlines", "a line break"),
    (" spaced  twice ", "spaces at the ends"),
    ("a\tb", "a tab"),
    ("bell\x07", "control characters"),
    ("cr\r\nlf", "a carriage return"),
    ("_x000D_", "text that looks like an escape"),
    ("<b>&amp;\"'", "what XML would read as markup"),
    ("x" * 32_767, "the longest text that fits"),
    (12.5, "a number"),
    (0.1 + 0.2, "a number's last digit"),
    (-1e-300, "a tiny number"),
    (10**15, "the longest whole number"),
    (True, "a truth value"),
    (dt.datetime(2024, 2, 29), "a date"),
    (dt.datetime(2024, 2, 29, 13, 45, 30), "a date and time"),
    (None, "a blank"),
]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Four clients in a table with a note beside it, a second sheet, and styles of its own."""
    path = tmp_path / "book.xlsx"
    whole = openpyxl.Workbook()
    sheet = whole.active
    assert sheet is not None
    sheet.title = "Clients"
    rows: list[list[Any]] = [
        ["client_id", "full_name", "birth_date", "turnover", "Shoe size", "Twice"],
        ["C1", "Anna Prova", dt.datetime(1980, 5, 6), 10.5, "38", "=Clients!$D2*2"],
        ["C2", "Bruno Esempio", None, 20, "44", "=Clients!$D3*2"],
        ["C3", "Carla Finta", dt.datetime(1990, 1, 1), None, None, "=Clients!$D4*2"],
        ["C4", "Dora Nessuno", dt.datetime(2001, 12, 31), 40, "41", "=Clients!$D5*2"],
    ]
    for row in rows:
        sheet.append(row)
    sheet["I3"] = "a note beside"
    sheet["I9"] = "=SUM(D2:D5)"
    sheet.add_table(OpenpyxlTable(displayName="Clients", ref="A1:F5"))
    whole.create_sheet("Other")["A1"] = "untouched"
    whole.save(path)
    return path


def values(path: Path, sheet: str = "Clients") -> list[list[Any]]:
    return [list(row) for row in openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)]


def parts_that_differ(one: Path, other: Path) -> set[str]:
    with zipfile.ZipFile(one) as a, zipfile.ZipFile(other) as b:
        assert a.namelist() == b.namelist()
        return {name for name in a.namelist() if a.read(name) != b.read(name)}


@pytest.mark.parametrize(("value", "why"), VALUES, ids=[why for _, why in VALUES])
def test_every_kind_of_value_comes_back_from_three_readers(book: Path, tmp_path: Path, value: Any, why: str) -> None:
    target = tmp_path / "target.xlsx"
    apply_plan.write_cells(book, target, "clients", {"G7": value})
    loaded = openpyxl.load_workbook(target)["Clients"]["G7"].value
    if isinstance(value, str):
        loaded = unescape(str(loaded))  # openpyxl leaves Excel's escapes of inline text
    assert loaded == value, why
    calamine = python_calamine.CalamineWorkbook.from_path(target).get_sheet_by_name("Clients").to_python()
    assert len(calamine) >= 5
    if isinstance(value, str) and "\x07" not in value and "\r" not in value and "_x" not in value:
        assert calamine[6][6] == value
    elif isinstance(value, dt.datetime):
        assert pd.Timestamp(str(calamine[6][6])) == pd.Timestamp(value)


def test_a_text_too_long_for_a_cell_is_refused(book: Path, tmp_path: Path) -> None:
    with pytest.raises(CrmError) as refused:
        apply_plan.write_cells(book, tmp_path / "t.xlsx", "Clients", {"A9": "x" * 32_768})
    assert refused.value.key == "cell.too_long"
    assert not (tmp_path / "t.xlsx").exists()


def test_one_cell_changes_one_part(book: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.xlsx"
    apply_plan.write_cells(book, target, "Other", {"A1": "x"})
    assert parts_that_differ(book, target) <= {"xl/worksheets/sheet2.xml", "xl/workbook.xml"}
    with zipfile.ZipFile(book) as a, zipfile.ZipFile(target) as b:
        assert [info.date_time for info in a.infolist()] == [info.date_time for info in b.infolist()]


def test_a_plan_changes_removes_and_adds(book: Path, tmp_path: Path, validate_ooxml: Callable[..., list[str]]) -> None:
    target = tmp_path / "target.xlsx"
    tables = read_tables.read(book)
    table = tables["Clients"]
    frame = table.frame.astype(object)
    frame.loc[0, "full_name"] = "Anna Prova-Rossi"
    frame.loc[3, "birth_date"] = dt.datetime(2001, 12, 30)
    added = pd.DataFrame({"client_id": ["C5", "C6"], "turnover": [5.0, None], "Shoe size": ["39", "=x"]})
    plan = Plan(
        "test",
        changes=diff(table, frame),
        removed=(Removed("Clients", table.frame.iloc[[1]]),),
        added=(Added("Clients", added),),
    )
    done = apply_plan.apply_plan(book, target, plan, tables)
    rows = values(target)
    assert [row[0] for row in rows[1:6]] == ["C1", "C3", "C4", "C5", "C6"]
    assert rows[1][1] == "Anna Prova-Rossi"
    assert rows[3][2] == dt.datetime(2001, 12, 30)
    assert rows[5][4] == "=x"
    assert openpyxl.load_workbook(target)["Clients"]["E6"].data_type == "s"
    assert rows[2][8] == "a note beside"
    assert openpyxl.load_workbook(target)["Clients"].tables["Clients"].ref == "A1:F6"
    assert list(done.removed[0].rows.loc[1, ["client_id", "turnover", "Shoe size"]]) == ["C2", 20.0, "44"]
    assert set(validate_ooxml(target)) <= set(validate_ooxml(book))
    again = read_tables.read(target)["Clients"]
    assert again.frame["client_id"].tolist() == ["C1", "C3", "C4", "C5", "C6"]
    assert "Twice" in again.formulas


def test_a_cell_that_moved_is_named_and_nothing_is_written(book: Path, tmp_path: Path) -> None:
    tables = read_tables.read(book)
    table = tables["Clients"]
    frame = table.frame.copy()
    frame["full_name"] = "x"
    plan = Plan("test", changes=diff(table, frame))
    moved = tmp_path / "moved.xlsx"
    apply_plan.write_cells(book, moved, "Clients", {"B3": "Somebody else"})
    with pytest.raises(CrmError) as refused:
        apply_plan.apply_plan(moved, tmp_path / "t.xlsx", plan, tables)
    assert refused.value.key == "apply.moved"
    assert (refused.value.values["row"], refused.value.values["column"]) == (3, "full_name")
    assert not (tmp_path / "t.xlsx").exists()


def test_a_new_column_stands_at_the_right(book: Path, tmp_path: Path, validate_ooxml: Callable[..., list[str]]) -> None:
    tables = read_tables.read(book)
    index = pd.Index([0, 2])
    from xlcrm.plan import Change

    change = Change(
        "Clients",
        "Fax",
        pd.Series([None, None], index=index, dtype=object),
        pd.Series(["1", "2"], index=index),
        pd.Series(["C1", "C3"], index=index),
    )
    plan = Plan("test", new_columns=(NewColumn("Clients", "Fax"),), changes=(change,))
    apply_plan.apply_plan(book, tmp_path / "t.xlsx", plan, tables)
    again = read_tables.read(tmp_path / "t.xlsx")["Clients"]
    assert again.frame["Fax"].tolist() == ["1", "", "2", ""]
    assert set(validate_ooxml(tmp_path / "t.xlsx")) <= set(validate_ooxml(book))


def test_data_under_a_table_is_never_overwritten(book: Path, tmp_path: Path) -> None:
    apply_plan.write_cells(book, tmp_path / "b.xlsx", "Clients", {"C6": "mine"})
    tables = read_tables.read(tmp_path / "b.xlsx")
    plan = Plan("test", added=(Added("Clients", pd.DataFrame({"client_id": ["C5"]})),))
    apply_plan.apply_plan(tmp_path / "b.xlsx", tmp_path / "t.xlsx", plan, tables)
    assert [row[:3] for row in values(tmp_path / "t.xlsx")[5:7]] == [["C5", None, None], [None, None, "mine"]]


def entries(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(path: Path, parts_: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts_.items():
            package.writestr(name, data)
    return path


def test_strict_workbooks_are_read_and_written(book: Path, tmp_path: Path, soffice: Callable[..., Path]) -> None:
    names = {
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main": b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
            b"http://purl.oclc.org/ooxml/officeDocument/relationships"
        ),
    }
    strict = entries(book)
    for name, data in strict.items():
        for old, new in names.items():
            data = data.replace(old, new)
        strict[name] = data
    path = packed(tmp_path / "strict.xlsx", strict)
    tables = read_tables.read(path)
    assert tables["Clients"].frame["client_id"].tolist() == ["C1", "C2", "C3", "C4"]
    plan = Plan("test", added=(Added("Clients", pd.DataFrame({"client_id": ["C5"], "turnover": [7.0]})),))
    apply_plan.apply_plan(path, tmp_path / "t.xlsx", plan, tables)
    assert read_tables.read(tmp_path / "t.xlsx")["Clients"].frame["client_id"].tolist()[-1] == "C5"
    assert openpyxl.load_workbook(soffice(tmp_path / "t.xlsx"))["Clients"]["A6"].value == "C5"


def test_a_prefix_is_kept(book: Path, tmp_path: Path) -> None:
    sheet = "xl/worksheets/sheet1.xml"
    odd = entries(book)
    xml = re.sub(rb"<(/?)(?![?!])(\w+)(?=[\s/>])", rb"<\1x:\2", odd[sheet])
    odd[sheet] = xml.replace(b'xmlns="http://schemas.openxml', b'xmlns:x="http://schemas.openxml')
    path = packed(tmp_path / "odd.xlsx", odd)
    tables = read_tables.read(path)
    plan = Plan(
        "test",
        removed=(Removed("Clients", tables["Clients"].frame.iloc[[0]]),),
        added=(Added("Clients", pd.DataFrame({"client_id": ["C5", "C6"]})),),
    )
    apply_plan.apply_plan(path, tmp_path / "t.xlsx", plan, tables)
    assert [row[0] for row in values(tmp_path / "t.xlsx")[1:6]] == ["C2", "C3", "C4", "C5", "C6"]
    assert values(tmp_path / "t.xlsx")[5][5] == "=Clients!$D6*2"


def test_shared_strings_stay_as_they_are(book: Path, tmp_path: Path) -> None:
    """Texts come from the shared table and go inline: the table itself is never rewritten."""
    shared = "xl/sharedStrings.xml"
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    odd = entries(book)
    cell = b'<c r="B2" t="inlineStr"><is><t>Anna Prova</t></is></c>'
    assert cell in odd["xl/worksheets/sheet1.xml"]
    odd["xl/worksheets/sheet1.xml"] = odd["xl/worksheets/sheet1.xml"].replace(cell, b'<c r="B2" t="s"><v>1</v></c>')
    bold = b'<r><t xml:space="preserve">Anna </t></r><r><rPr><b/></rPr><t>Prova</t></r>'
    rich = b'<si>%s<rPh sb="0" eb="1"><t>x</t></rPh></si>' % bold
    odd[shared] = b'<sst xmlns="%s"><si><t>other</t></si>%s</sst>' % (main, rich)
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    types = "[Content_Types].xml"
    odd[types] = odd[types].replace(
        b"</Types>", b'<Override PartName="/%s" ContentType="%s"/></Types>' % (shared.encode(), kind)
    )
    rels = "xl/_rels/workbook.xml.rels"
    office = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    link = b'<Relationship Id="rId77" Type="%s" Target="sharedStrings.xml"/></Relationships>' % office
    odd[rels] = odd[rels].replace(b"</Relationships>", link)
    path = packed(tmp_path / "shared.xlsx", odd)
    tables = read_tables.read(path)
    frame = tables["Clients"].frame.copy()
    assert frame.loc[0, "full_name"] == "Anna Prova"
    frame.loc[0, "full_name"] = "Anna Nuova"
    done = apply_plan.apply_plan(
        path, tmp_path / "t.xlsx", Plan("test", changes=diff(tables["Clients"], frame)), tables
    )
    assert done.changes[0].before.tolist() == ["Anna Prova"]
    assert shared not in parts_that_differ(path, tmp_path / "t.xlsx")
    assert values(tmp_path / "t.xlsx")[1][1] == "Anna Nuova"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (b"<sheetData>", b"<sheetData>", ""),
        (b"</sheetData>", b'</sheetData><sheetProtection sheet="1" objects="1"/>', "workbook.protected"),
        (b"</sheetData>", b'</sheetData><sheetProtection sheet="0"/>', ""),
    ],
)
def test_a_protected_sheet_is_refused(book: Path, tmp_path: Path, old: bytes, new: bytes, key: str) -> None:
    sheet = "xl/worksheets/sheet1.xml"
    odd = entries(book)
    odd[sheet] = odd[sheet].replace(old, new, 1)
    assert refusal(packed(tmp_path / "b.xlsx", odd), tmp_path) == key


def test_a_write_reserved_workbook_is_refused(book: Path, tmp_path: Path) -> None:
    odd = entries(book)
    reserved = rb'\1<fileSharing userName="me" reservationPassword="CE4B"/><workbookPr'
    odd["xl/workbook.xml"] = re.sub(rb"(<workbook [^>]*>)<workbookPr", reserved, odd["xl/workbook.xml"])
    assert b"fileSharing" in odd["xl/workbook.xml"]
    assert refusal(packed(tmp_path / "b.xlsx", odd), tmp_path) == "workbook.write_reserved"


def refusal(path: Path, tmp_path: Path) -> str:
    """The key of the refusal to write a cell, "" for none."""
    try:
        apply_plan.write_cells(path, tmp_path / "t.xlsx", "Clients", {"H2": 1})
    except CrmError as refused:
        assert refused.text("de") != refused.text("en")
        assert not (tmp_path / "t.xlsx").exists()
        return refused.key
    return ""


@pytest.mark.parametrize(
    ("place", "value", "key"),
    [
        ("E1", "Size", ""),
        ("E1", "full_name", "apply.bad_header"),
        ("E1", None, "apply.bad_header"),
        ("E1", 5, "apply.bad_header"),
    ],
)
def test_a_header_and_its_column_agree(book: Path, tmp_path: Path, place: str, value: Any, key: str) -> None:
    try:
        apply_plan.write_cells(book, tmp_path / "t.xlsx", "Clients", {place: value})
    except CrmError as refused:
        assert refused.key == key
    else:
        assert key == ""
        assert value in read_tables.read(tmp_path / "t.xlsx")["Clients"].frame.columns


def test_a_header_that_formulas_use_is_refused(book: Path, tmp_path: Path) -> None:
    odd = entries(book)
    sheet = "xl/worksheets/sheet2.xml"
    total = b'<row r="2"><c r="A2"><f>SUM(Clients[turnover])</f></c></row></sheetData>'
    odd[sheet] = odd[sheet].replace(b"</sheetData>", total)
    with pytest.raises(CrmError) as refused:
        apply_plan.write_cells(packed(tmp_path / "b.xlsx", odd), tmp_path / "t.xlsx", "Clients", {"D1": "x"})
    assert refused.value.key == "apply.header_used"


def test_nothing_is_there_to_write_to(book: Path, tmp_path: Path) -> None:
    for sheet, place, key in [("Nowhere", "A1", "workbook.no_sheet"), ("Clients", "A0", "cell.no_address")]:
        with pytest.raises(CrmError) as refused:
            apply_plan.write_cells(book, tmp_path / "t.xlsx", sheet, {place: 1})
        assert refused.value.key == key
