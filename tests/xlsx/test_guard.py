"""Files that would exhaust the machine, or are no workbooks, are refused at once and say why; honest ones pass."""

from __future__ import annotations

import io
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.table import Table as OpenpyxlTable

from xlcrm.errors import CrmError
from xlcrm.xlsx import guard
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing import apply_plan

SHEET = "xl/worksheets/sheet1.xml"
MEMORY = 200 << 20
PROBE = """
import re, resource, sys
from pathlib import Path
from xlcrm.xlsx.reading import read_tables as snapshot
from xlcrm.xlsx.writing import apply_plan as parts
from xlcrm.errors import CrmError
import pandas, fastexcel, defusedxml.ElementTree
def peak():  # what getrusage says on Linux includes the process that started this one
    if sys.platform == "linux":
        return int(re.search("VmHWM:[^0-9]*([0-9]+)", Path("/proc/self/status").read_text())[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
try:
    for name, table in snapshot.read(Path(sys.argv[1])).items():
        len(table.frame)
    parts.write_cells(sys.argv[1], sys.argv[1] + ".out", "Clients", {"B2": "x"})
    key = "accepted"
except CrmError as error:
    key = error.key
print(key, peak() - before)
"""


@pytest.fixture
def entries(tmp_path: Path) -> dict[str, bytes]:
    """The parts of a small honest workbook."""
    whole = openpyxl.Workbook()
    sheet = whole.active
    assert sheet is not None
    sheet.title = "Clients"
    for row in [["client_id", "full_name"], ["C1", "Anna Prova"], ["C2", "Bruno Esempio"]]:
        sheet.append(row)
    sheet.add_table(OpenpyxlTable(displayName="Clients", ref="A1:B3"))
    stream = io.BytesIO()
    whole.save(stream)
    with zipfile.ZipFile(stream) as package:
        return {name: package.read(name) for name in package.namelist()}


def pack(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in entries.items():
            package.writestr(name, data)
    return path


def in_sheet(entries: dict[str, bytes], old: bytes, new: bytes) -> dict[str, bytes]:
    assert old in entries[SHEET]
    return {**entries, SHEET: entries[SHEET].replace(old, new, 1)}


def bomb(e: dict[str, bytes]) -> dict[str, bytes]:
    return in_sheet(e, b"</sheetData>", b"</sheetData>" + b" " * (300 << 20))


def style_bomb(e: dict[str, bytes]) -> dict[str, bytes]:
    return {**e, "xl/styles.xml": e["xl/styles.xml"] + b" " * (300 << 20)}


def entities(e: dict[str, bytes]) -> dict[str, bytes]:
    lines = b"".join(b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 10))
    doctype = b'<!DOCTYPE x [<!ENTITY a0 "lol">' + lines + b"]>"
    return {**e, "xl/workbook.xml": re.sub(rb"<workbook", doctype + b"<workbook", e["xl/workbook.xml"], count=1)}


def sheet_entities(e: dict[str, bytes]) -> dict[str, bytes]:
    return in_sheet(e, b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "lol">]><worksheet')


def utf16_entities(e: dict[str, bytes]) -> dict[str, bytes]:
    text = e[SHEET].decode().replace("<worksheet", '<!DOCTYPE x [<!ENTITY a "lol">]><worksheet', 1)
    return {**e, SHEET: ('<?xml version="1.0" encoding="UTF-16"?>' + text).encode("utf-16")}


def long_comment(e: dict[str, bytes]) -> dict[str, bytes]:
    words = b"".join(b"%d " % (i * 7919 % 100_003) for i in range(10**6))
    return in_sheet(e, b"</sheetData>", b"</sheetData><!--" + words + b"-->")


def open_comment(e: dict[str, bytes]) -> dict[str, bytes]:
    return in_sheet(e, b"</sheetData>", b"</sheetData><!-- never ends ")


def corner(e: dict[str, bytes]) -> dict[str, bytes]:
    return in_sheet(e, b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')


def far_column(e: dict[str, bytes]) -> dict[str, bytes]:
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (i, i) for i in range(10, 60_000))
    return in_sheet(e, b"</sheetData>", rows + b'<row r="60000"><c r="XFD60000"><v>1</v></c></row></sheetData>')


def out_of_order(e: dict[str, bytes]) -> dict[str, bytes]:
    rows = b'<row r="1048576"><c r="A1048576"><v>1</v></c></row><row r="9"><c\nr="xfd9"><v>1</v></c></row>'
    return in_sheet(e, b"</sheetData>", rows + b"</sheetData>")


def beyond(e: dict[str, bytes]) -> dict[str, bytes]:
    return in_sheet(e, b"</sheetData>", b'<row r="99999999"><c r="A99999999"><v>1</v></c></row></sheetData>')


def climbing(e: dict[str, bytes]) -> dict[str, bytes]:
    return {**e, "xl/../../evil.xml": b"<x/>"}


def cut_sheet(e: dict[str, bytes]) -> dict[str, bytes]:
    return {**e, SHEET: e[SHEET][: len(e[SHEET]) // 2]}


def no_workbook(e: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in e.items() if name != "xl/workbook.xml"}


def document(e: dict[str, bytes]) -> dict[str, bytes]:
    return {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}


def promising(e: dict[str, bytes]) -> dict[str, bytes]:
    texts = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="4000000000"/>'
    return {**e, "xl/sharedStrings.xml": texts}  # calamine reads the part by its name


HOSTILE: list[tuple[Callable[[dict[str, bytes]], dict[str, bytes]], str, str]] = [
    (bomb, "workbook.bomb", "300 MB of spaces in 300 KB"),
    (style_bomb, "workbook.bomb", "the same in the styles"),
    (entities, "workbook.hostile_xml", "a billion laughs"),
    (sheet_entities, "workbook.hostile_xml", "a document type in a sheet"),
    (utf16_entities, "workbook.hostile_xml", "the same hidden in another encoding"),
    (long_comment, "workbook.hostile_xml", "the comment that kept an old expat busy for minutes"),
    (open_comment, "workbook.hostile_xml", "a comment without an end"),
    (corner, "workbook.absurd_size", "one cell in the last corner"),
    (far_column, "workbook.absurd_size", "a long thin list and one cell far right"),
    (out_of_order, "workbook.absurd_size", "far cells hidden in rows out of order"),
    (beyond, "workbook.absurd_size", "a row that no sheet has"),
    (climbing, "workbook.bad_part_name", "a part that climbs out of the package"),
    (cut_sheet, "workbook.damaged_part", "a sheet cut in half"),
    (promising, "workbook.damaged_part", "4,000,000,000 texts are announced: the reader would be killed"),
    (no_workbook, "workbook.not_excel", "a package without a workbook"),
    (document, "workbook.not_excel", "another program's document"),
]


@pytest.mark.parametrize(("make", "key", "why"), HOSTILE, ids=[case[2] for case in HOSTILE])
def test_a_hostile_file_is_refused(
    entries: dict[str, bytes], tmp_path: Path, make: Callable[[dict[str, bytes]], dict[str, bytes]], key: str, why: str
) -> None:
    path = pack(tmp_path / "hostile.xlsx", make(entries))
    assert refusal(path) == key, why


def refusal(path: Path) -> str:
    """The refusal in a process of its own, which may take 200 MB (benchmarks/writer.py has the times)."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    key, kilobytes = done.stdout.split()
    assert int(kilobytes) << 10 < MEMORY
    assert not path.with_name(path.name + ".out").exists() or key == "accepted"
    return key


def test_an_honest_file_is_accepted(entries: dict[str, bytes], tmp_path: Path) -> None:
    assert refusal(pack(tmp_path / "honest.xlsx", entries)) == "accepted"


def test_two_entries_of_one_name(entries: dict[str, bytes], tmp_path: Path) -> None:
    path = pack(tmp_path / "b.xlsx", entries)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as package:
        package.writestr("xl/workbook.xml", b"<other/>")
    assert key_of(path) == "workbook.part_twice"
    path = pack(tmp_path / "c.xlsx", {**entries, "XL/workbook.xml": b"<other/>"})
    assert key_of(path) == "workbook.part_twice", "part names are equal whatever their case"


def test_a_directory_that_lies_about_sizes(entries: dict[str, bytes], tmp_path: Path) -> None:
    """The directory says that the sheet is small; its compressed bytes unpack to a hundred times that."""
    big = in_sheet(entries, b"</sheetData>", b"</sheetData>" + b" " * (50 << 20))
    path = pack(tmp_path / "b.xlsx", big)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\1\2", 0, data.rindex(SHEET.encode()))
    struct.pack_into("<L", data, at + 24, 4_000)
    path.write_bytes(data)
    assert refusal(path) in ("workbook.damaged", "workbook.bomb")


def test_overlapping_entries(entries: dict[str, bytes], tmp_path: Path) -> None:
    path = pack(tmp_path / "b.xlsx", entries)
    data = bytearray(path.read_bytes())
    first = data.index(b"PK\1\2")
    second = data.index(b"PK\1\2", first + 4)
    struct.pack_into("<L", data, second + 42, 0)
    path.write_bytes(data)
    assert key_of(path) == "workbook.damaged"


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "workbook.empty_file"),
        (b"client_id;name\nC1;Anna\n", "workbook.not_excel"),
        (b"PK\3\4 and nothing more", "workbook.damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "workbook.old_format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "file.encrypted"),
    ],
)
def test_what_is_no_workbook(tmp_path: Path, content: bytes, key: str) -> None:
    path = tmp_path / "clients.xlsx"
    path.write_bytes(content)
    assert key_of(path) == key


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert key_of(tmp_path / "missing.xlsx") == "file.missing"
    assert key_of(tmp_path) == "file.is_folder"


def test_a_binary_workbook(entries: dict[str, bytes], tmp_path: Path) -> None:
    renamed = {name.replace("workbook.xml", "workbook.bin"): data for name, data in entries.items()}
    renamed["_rels/.rels"] = renamed["_rels/.rels"].replace(b"workbook.xml", b"workbook.bin")
    assert key_of(pack(tmp_path / "b.xlsb", renamed)) == "workbook.binary"


def key_of(path: Path) -> str:
    with pytest.raises(CrmError) as refused:
        read_tables.read_names(path)
    text = refused.value.text()
    assert refused.value.key not in text, "the message has a sentence"
    return refused.value.key


def test_comments_and_cdata_are_read_and_written(entries: dict[str, bytes], tmp_path: Path) -> None:
    """Odd XML that means the same is no attack."""
    odd = in_sheet(entries, b"</sheetData>", b"<!-- a row <row> --></sheetData>")
    odd = in_sheet(
        odd,
        b"</sheetData>",
        b'<row r="5"><c r="D5" t="inlineStr"><is><t><![CDATA[a<b>&c]]></t></is></c></row></sheetData>',
    )
    path = pack(tmp_path / "odd.xlsx", odd)
    apply_plan.write_cells(path, tmp_path / "t.xlsx", "Clients", {"E5": 1})
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["Clients"]
    assert (sheet["D5"].value, sheet["E5"].value) == ("a<b>&c", 1)


def test_sizes_alone_refuse_nothing(entries: dict[str, bytes], tmp_path: Path) -> None:
    """A sheet of 150 MB that compresses like a real one passes the directory's check and the scan."""
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>%d</v></c><c r="B%d" t="inlineStr"><is><t>name %d of %d</t></is></c></row>'
        % (i, i, i * 7919 % 100_003, i, i * 104_729 % 1_000_003, i * 31 % 9_973)
        for i in range(4, 1_000_004)
    )
    path = pack(tmp_path / "big.xlsx", in_sheet(entries, b"</sheetData>", rows + b"</sheetData>"))
    with zipfile.ZipFile(path) as package:
        assert package.getinfo(SHEET).file_size > 90 << 20
    guard.check(path)
    apply_plan.write_cells(path, tmp_path / "t.xlsx", "Clients", {"A1000003": 5})
    assert read_tables.read(tmp_path / "t.xlsx")["Clients"].frame.shape == (2, 2)
