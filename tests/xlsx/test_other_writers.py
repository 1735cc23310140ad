"""Other programs write the same workbook in other ways; every one that Excel reads is changed as safely as Excel's."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.worksheet.table import Table, TableFormula

from tests.support.typed_openpyxl import initialise_columns
from tests.support.workbook_trials import tried
from xlcrm.errors import CrmError
from xlcrm.plan import Plan, Removed
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing import apply_plan

MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = {
    MAIN: b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships"
    ),
}
_ATTRIBUTES = re.compile(rb'<([\w:]+)((?: [\w:]+="[^"]*")+) ?(/?)>')
Entries = dict[str, bytes]
Writer = Callable[[str, bytes], bytes]


@pytest.fixture
def entries(tmp_path: Path) -> Entries:
    """A table with totals and a calculated column, cells around it, another sheet that counts on it."""
    whole = openpyxl.Workbook()
    sheet = whole.active
    assert sheet is not None
    sheet.title = "Über uns"
    rows: list[list[Any]] = [["Anna", 1, "=B2*2"], ["007", 2.5, "=B3*2"], [None, True, "=B4*2"]]
    for row in [["Name", "Turnover", "Twice"], *rows]:
        sheet.append(row)
    sheet.append(["Total", "=SUM(B2:B4)"])
    sheet["E2"], sheet["E3"], sheet["F9"] = "beside", "=B3", "below & <beside>"
    sheet["A3"].comment = Comment("about 007", "me")
    table = Table(displayName="Kunden", ref="A1:C5", totalsRowCount=1)
    initialise_columns(table)
    for column, header in zip(table.tableColumns, ["Name", "Turnover", "Twice"], strict=True):
        column.name = header
    table.tableColumns[2].calculatedColumnFormula = TableFormula(attr_text="B2*2")
    sheet.add_table(table)
    other = whole.create_sheet("Other")
    other["A1"], other["B7"], other["C7"] = "=SUM('Über uns'!B2:B4)", "='Über uns'!B3", "text"
    path = tmp_path / "excel.xlsx"
    whole.save(path)
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def prefixed(_: str, data: bytes) -> bytes:
    if b'xmlns="' + MAIN not in data:
        return data
    data = re.sub(rb"<(/?)(?![?!])(\w+)(?=[\s/>])", rb"<\1x:\2", data)
    return data.replace(b'xmlns="' + MAIN, b'xmlns:x="' + MAIN)


def attributes(change: Callable[[list[bytes]], list[bytes]]) -> Writer:
    """A writer that writes the attributes of sheets and tables in another way."""

    def tag(found: re.Match[bytes]) -> bytes:
        return b"<%s%s %s>" % (found[1], b"".join(change(re.findall(rb'[\w:]+="[^"]*"', found[2]))), found[3])

    return lambda name, data: _ATTRIBUTES.sub(tag, data) if "sheets/" in name or "tables/" in name else data


def without_addresses(name: str, data: bytes) -> bytes:
    """Rows and cells say where they stand only where it is not right after the one before."""
    if "worksheets/" not in name:
        return data
    last = [0, 0]

    def placed(found: re.Match[bytes]) -> bytes:
        if found[1]:
            column, row = found[1][0] - 64, int(found[2])
            follows = column == (last[1] + 1 if row == last[0] else 1)
            last[:] = [row, column]
            return b"<c" if follows else found[0]
        row = int(found[3])
        follows, last[:] = row == last[0] + 1, [row, 0]
        return b"<row" if follows else found[0]

    return re.sub(rb'<c r="([A-Z])(\d+)"|<row r="(\d+)"', placed, data)


def utf16(_: str, data: bytes) -> bytes:
    return ("\ufeff" + re.sub("encoding=[\"']UTF-8[\"']", 'encoding="UTF-16"', data.decode())).encode("utf-16-le")


def latin1(name: str, data: bytes) -> bytes:
    text = re.sub(r"^<\?xml[^>]*\?>\s*", "", data.decode())
    if "tables/" not in name and not name.endswith("workbook.xml"):
        return data
    return ('<?xml version="1.0" encoding="ISO-8859-1"?>' + text).encode("latin-1")


def strict(_: str, data: bytes) -> bytes:
    for old, new in STRICT.items():
        data = data.replace(old, new)
    return data


def commented(name: str, data: bytes) -> bytes:
    if "worksheets/" not in name:
        return data
    data = data.replace(b"<sheetData>", b"<!-- <row r='1'> --><sheetData><!-- c -->")
    return data.replace(b"</row>", b"</row><!-- </sheetData> -->", 1)


WRITERS: dict[str, Writer] = {
    "a prefix for every element": prefixed,
    "single quotes": lambda _, data: re.sub(rb'="([^"\']*)"', rb"='\1'", data),
    "attributes in another order": attributes(lambda found: [b" " + one for one in reversed(found)]),
    "an attribute a line": attributes(lambda found: [b"\n   " + one for one in found]),
    "spaces around the equals signs": attributes(lambda found: [b" " + one.replace(b"=", b" = ", 1) for one in found]),
    "no addresses": without_addresses,
    "no dimension": lambda _, data: re.sub(rb"<dimension[^>]*/>", b"", data),
    "UTF-16": utf16,
    "a byte order mark": lambda name, data: b"\xef\xbb\xbf" + data if "xl/" in name else data,
    "Latin-1": latin1,
    "the strict edition": strict,
    "comments": commented,
    "indented": lambda name, data: re.sub(rb"><", b">\r\n  <", data) if "worksheets/" in name else data,
    "an absolute target": lambda name, data: data.replace(b'Target="../', b'Target="/xl/'),
}


def packed(path: Path, entries: Entries, renamed: Callable[[str], str] = str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name)
            info.filename = renamed(name)
            package.writestr(info, data, zipfile.ZIP_DEFLATED)
    return path


@pytest.mark.parametrize("how", WRITERS)
def test_every_way_of_writing_a_workbook(entries: Entries, tmp_path: Path, how: str) -> None:
    markup = {n: WRITERS[how](n, d) if n.endswith((".xml", ".rels")) else d for n, d in entries.items()}
    trial = tried(packed(tmp_path / "b.xlsx", markup), tmp_path)
    # what another sheet's formulas are is written anew with them, and so is the way in which it was written
    wrong = [w for w in trial.wrong if w.rpartition(": ")[2] != "changed" or "/worksheets/" not in w]
    assert (wrong, trial.refused, len(trial.written)) == ([], [], 4)


@pytest.mark.parametrize(
    ("renamed", "why"),
    [
        (lambda name: name.replace("/", "\\"), "backslashes, as .NET once wrote them"),
        (lambda name: name if name.startswith("[") else name.upper(), "part names know no case"),
    ],
)
def test_names_of_parts(entries: Entries, tmp_path: Path, renamed: Callable[[str], str], why: str) -> None:
    trial = tried(packed(tmp_path / "b.xlsx", entries, renamed), tmp_path)
    assert (trial.wrong, trial.refused, len(trial.written)) == ([], [], 4), why


def test_a_row_of_two_writers_keeps_all_cells(entries: Entries, tmp_path: Path) -> None:
    """A row in which one cell is written as Excel does it and others are not, as our own writing leaves it."""
    odd = {n: attributes(lambda found: [b"\n " + one for one in found])(n, d) for n, d in entries.items()}
    path = packed(tmp_path / "b.xlsx", odd)
    one, two = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    apply_plan.write_cells(path, one, "Über uns", {"H3": 1})
    apply_plan.write_cells(one, two, "Über uns", {"B3": 3, "J3": 2})
    row = next(openpyxl.load_workbook(two)["Über uns"].iter_rows(min_row=3, max_row=3, values_only=True))
    assert row == ("007", 3, "=B3*2", None, "=B3", None, None, 1, None, 2)


def test_rows_out_of_order_are_refused(entries: Entries, tmp_path: Path) -> None:
    """Excel offers to repair such a sheet; an editor that looks for row 3 after row 4 would write a second one."""
    name = "xl/worksheets/sheet1.xml"
    rows = re.findall(rb"<row .*?</row>", entries[name])
    entries[name] = entries[name].replace(rows[2] + rows[3], rows[3] + rows[2])
    with pytest.raises(CrmError) as refused:
        apply_plan.write_cells(packed(tmp_path / "b.xlsx", entries), tmp_path / "t.xlsx", "Über uns", {"A3": 1})
    assert refused.value.key == "workbook.rows_unordered"
    assert not (tmp_path / "t.xlsx").exists()


@pytest.mark.parametrize("how", WRITERS)
def test_formulas_follow_however_they_are_written(entries: Entries, tmp_path: Path, how: str) -> None:
    markup = {n: WRITERS[how](n, d) if n.endswith((".xml", ".rels")) else d for n, d in entries.items()}
    path = packed(tmp_path / "b.xlsx", markup)
    tables = read_tables.read(path)
    assert tables["Clients"].formulas == {"Twice"}
    gone = Removed("Clients", tables["Clients"].frame.iloc[[0]])
    apply_plan.apply_plan(path, tmp_path / "t.xlsx", Plan("test", removed=(gone,)), tables)
    with zipfile.ZipFile(tmp_path / "t.xlsx") as package:
        sheet, other = (package.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2))
    formulas = re.compile(r"<(?:x:)?f>([^<]*)</")
    assert formulas.findall(sheet) == ["B2*2", "B3*2", "B2", "SUM(B2:B3)"]
    assert [text.replace("&apos;", "'") for text in formulas.findall(other)] == [
        "SUM('Über uns'!B2:B3)",
        "'Über uns'!B2",
    ]
