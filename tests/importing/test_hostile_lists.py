"""Lists made to exhaust the machine are refused in a sentence, quickly; honest ones that look like them pass."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from xlcrm.errors import CrmError
from xlcrm.files.list_files import read

SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)
CELL = 'table:table-cell office:value-type="string"'
HEAD = f"<table:table-row><{CELL}><text:p>Name</text:p></table:table-cell></table:table-row>"
ROW = "<table:table-row{}><" + CELL + "{}><text:p>Anna</text:p></table:table-cell></table:table-row>"
BLANK = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell{}/></table:table-row>'


def many(rows: str = "1", columns: str = "1") -> str:
    return ROW.format(f' table:number-rows-repeated="{rows}"', f' table:number-columns-repeated="{columns}"')


def ods(path: Path, rows: str, before: str = "") -> Path:
    content = (
        f"{before}<office:document-content {SPACES}><office:body><office:spreadsheet>"
        f'<table:table table:name="S">{HEAD}{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        package.writestr("META-INF/manifest.xml", "<manifest:manifest/>")
        package.writestr("content.xml", content)
    return path


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
HOSTILE: list[tuple[str, Callable[[Path], object], str]] = [
    ("a.ods", lambda p: ods(p, many("1048576", "16384")), "a cell for every place of a sheet"),
    ("a.ods", lambda p: ods(p, many("99999999999999", "1")), "more rows than a number holds"),
    ("a.ods", lambda p: ods(p, many("1", "99999999")), "a row wider than a sheet"),
    ("a.ods", lambda p: ods(p, many("1000000", "1000")), "a thousand columns, a million times"),
    ("a.ods", lambda p: ods(p, BLANK.format("") * 2 + many()), "a cell far below the last row of a sheet"),
    ("a.ods", lambda p: ods(p, many(), LAUGHS), "entities"),
    ("a.ods", lambda p: ods(p, " " * 50_000_000), "50 MB of blanks in 50 KB"),
    ("a.ods", lambda p: ods(p, "<table:table-row>"), "no XML"),
    ("a.csv", lambda p: p.write_bytes(b"Name;Phone\n" + b"x" * 100_000_000), "one line of 100 MB"),
    ("a.csv", lambda p: p.write_bytes(b'Name;Phone\n"' + b"x;" * 20_000_000), "a quote that opens 40 MB"),
    ("a.csv", lambda p: p.write_bytes(b";".join(b"c%d" % i for i in range(20_000)) + b"\nx\n"), "20,000 columns"),
    ("a.xls", lambda p: p.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 4096), "a container of nothing"),
    ("a.xls", lambda p: p.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096), "a container of zeros"),
]


@pytest.mark.parametrize(("name", "make", "why"), HOSTILE, ids=[case[-1] for case in HOSTILE])
def test_a_list_that_would_exhaust_the_machine(
    tmp_path: Path, name: str, make: Callable[[Path], object], why: str
) -> None:
    make(tmp_path / name)
    begun = time.process_time()
    with pytest.raises(CrmError) as refused:
        read(tmp_path / name)
    assert time.process_time() - begun < 5
    assert refused.value.key.startswith(("import.", "workbook.", "file."))


HONEST: list[tuple[str, Callable[[Path], object], str]] = [
    ("a.ods", lambda p: ods(p, many() + BLANK.format(' table:number-columns-repeated="16384"')), "blanks to the end"),
    ("a.ods", lambda p: ods(p, many("500", "2")), "five hundred rows alike"),
    ("a.csv", lambda p: p.write_text("Name;Notes\nAnna;" + "x" * 1_000_000 + "\n"), "a cell of 1 MB"),
    ("a.csv", lambda p: p.write_text("Name" + ";" * 16_383 + "\nAnna" + ";" * 16_383 + "\n"), "blanks to column XFD"),
]


@pytest.mark.parametrize(("name", "make", "why"), HONEST, ids=[case[-1] for case in HONEST])
def test_an_odd_and_honest_list_passes(tmp_path: Path, name: str, make: Callable[[Path], object], why: str) -> None:
    make(tmp_path / name)
    (found,) = read(tmp_path / name)
    assert found.frame.iloc[0, 0] == "Anna"
