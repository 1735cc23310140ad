"""Hostile workbooks: how long and how much memory it takes to refuse each, with the code of the refusal.

    python benchmarks/hostile.py [PART OF A NAME]

Every file is read whole (all tables) and one cell is written, in a process of its own. Seconds and peak megabytes are
printed twice: of reading alone (of the processor), and of the whole process with the interpreter and its libraries.
The last file is an honest sheet of 150 MB, which must pass.
"""

from __future__ import annotations

import io
import json
import re
import struct
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
from openpyxl.worksheet.table import Table

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.xlsx.test_guard import HOSTILE, SHEET, in_sheet, pack  # noqa: E402

Entries = dict[str, bytes]
TABLE = "xl/tables/table1.xml"
PROBE = """
import json, re, resource, sys, time
from pathlib import Path
from xlcrm.xlsx.reading import read_tables as snapshot
from xlcrm.xlsx.writing import apply_plan as parts
from xlcrm.errors import CrmError
import pandas, fastexcel, defusedxml.ElementTree
def peak():
    if sys.platform == "linux":  # what getrusage says there includes the process that started this one
        return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)
path, before, begun = Path(sys.argv[1]), peak(), time.process_time()
try:
    for name, table in snapshot.read(path).items():
        len(table.frame)
    parts.write_cells(path, path.with_suffix(".out"), "Clients", {"B2": "x"})
    key = "accepted"
except CrmError as error:
    key = error.key
print(json.dumps([key, time.process_time() - begun, peak() - before, peak()]))
"""


def honest() -> Entries:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Clients"
    for row in (["client_id", "full_name"], ["C1", "Anna Prova"], ["C2", "Bruno Esempio"]):
        sheet.append(row)
    sheet.add_table(Table(displayName="Clients", ref="A1:B3"))
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as package:
        return {name: package.read(name) for name in package.namelist()}


def after_rows(e: Entries, more: bytes) -> Entries:
    return in_sheet(e, b"</sheetData>", b"</sheetData>" + more)


def with_table(e: Entries, old: bytes, new: bytes) -> Entries:
    assert old in e[TABLE]
    return {**e, TABLE: e[TABLE].replace(old, new)}


def comment(kilobytes: int) -> Callable[[Entries], Entries]:
    """A comment whose text doesn't compress, so that the file is as small as it says."""
    words = b"".join(b"%d " % (i * 7919 % 100_003) for i in range(kilobytes * 400))
    return lambda e: after_rows(e, b"<!--" + words + b"-->")


def nested(depth: int) -> bytes:
    """Elements inside each other that compress no better than honest ones."""
    return b"".join(b'<a i="%d">' % (i * 7919 % 100_003) for i in range(depth)) + b"</a>" * depth


def small_bombs(e: Entries) -> Entries:
    """Each part stays just below the size that is looked at."""
    return {**e, **{f"xl/worksheets/more{n}.xml": b"<x>" + b" " * 1_000_000 + b"</x>" for n in range(4000)}}


def last_row(e: Entries, value: bytes, kind: bytes = b"") -> Entries:
    """The table's last row replaced by one with this value."""
    row = b'<row r="3"><c r="A3" ' + kind + b">" + value + b"</c></row></sheetData>"
    return {**e, SHEET: re.sub(rb'<row r="3".*</sheetData>', lambda found: row, e[SHEET], flags=re.DOTALL)}


MORE: list[tuple[Callable[[Entries], Entries], str]] = [
    (comment(60), "a comment that is 42 KB in the file"),
    (lambda e: after_rows(e, nested(200_000)), "200,000 elements inside each other, in a sheet"),
    (lambda e: {**e, TABLE: nested(200_000)}, "the same in a table"),
    (lambda e: {**e, "xl/workbook.xml": nested(200_000)}, "the same in the workbook part"),
    (
        lambda e: in_sheet(e, b'<dimension ref="A1:B3"', b'<dimension ref="A1:XFD1048576"'),
        "a sheet that claims all cells",
    ),
    (small_bombs, "4,000 parts of a megabyte of spaces"),
    (lambda e: {**e, **{f"a/{n}.xml": b"" for n in range(30_000)}}, "30,000 parts"),
    (lambda e: with_table(e, b'ref="A1:B3"', b'ref="A1:XFD1048576"'), "a table as large as a sheet can be"),
    (lambda e: with_table(e, b'ref="A1:B3"', b'ref="A1:B1048576"'), "a table with a million rows and two filled"),
    (lambda e: with_table(e, b'ref="A1:B3"', b'ref="A1:B99999999999"'), "a table longer than a sheet"),
    (
        lambda e: after_rows(e, b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 200_000 + b"</mergeCells>"),
        "200,000 merged areas, each the whole sheet",
    ),
    (
        lambda e: in_sheet(e, b"<worksheet ", b"<worksheet " + b"".join(b'a%d="1" ' % n for n in range(100_000))),
        "100,000 attributes",
    ),
    (lambda e: in_sheet(e, b"<worksheet ", b'<worksheet a="' + b"x" * 40_000_000 + b'" '), "an attribute of 40 MB"),
    (lambda e: last_row(e, b"<v>" + b"9" * 900_000 + b"</v>"), "a number of 900,000 digits"),
    (lambda e: last_row(e, b"<v>4000000000</v>", b't="s"'), "a shared string far beyond the last"),
]


def made(folder: Path) -> dict[str, Callable[[], Path]]:
    """Every file by its name; each is made when it is its turn, because some are large."""
    plain = honest()
    files: dict[str, Callable[[], Path]] = {}
    for make, _, name in HOSTILE:
        files[name] = lambda make=make: pack(folder / "a.xlsx", make(plain))  # type: ignore[misc]
    for make, name in MORE:
        files[name] = lambda make=make: pack(folder / "a.xlsx", make(plain))  # type: ignore[misc]
    files["two entries of one name"] = lambda: twice(pack(folder / "a.xlsx", plain))
    files["a directory that lies about a size"] = lambda: lying(folder / "a.xlsx", plain)
    files["sheets that share one piece of the file"] = lambda: overlapping(folder / "a.xlsx", plain)
    files["an honest sheet of 150 MB"] = lambda: large(folder / "a.xlsx", plain)
    return files


def twice(path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(path, "a") as package:
            package.writestr("xl/workbook.xml", b"<other/>")
    return path


def lying(path: Path, plain: Entries) -> Path:
    data = bytearray(pack(path, after_rows(plain, b" " * (50 << 20))).read_bytes())
    at = data.rindex(b"PK\1\2", 0, data.rindex(SHEET.encode()))
    struct.pack_into("<L", data, at + 24, 4_000)
    path.write_bytes(data)
    return path


def overlapping(path: Path, plain: Entries) -> Path:
    data = bytearray(pack(path, plain).read_bytes())
    second = data.index(b"PK\1\2", data.index(b"PK\1\2") + 4)
    struct.pack_into("<L", data, second + 42, 0)
    path.write_bytes(data)
    return path


def large(path: Path, plain: Entries) -> Path:
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>%d</v></c><c r="B%d" t="inlineStr"><is><t>Name %d of %d</t></is></c></row>'
        % (i, i, i * 7919 % 100_003, i, i * 104_729 % 1_000_003, i * 31 % 9_973)
        for i in range(4, 1_048_570)
    )
    notes = b"".join(b'<hyperlink ref="C%d" tooltip="%x"/>' % (i, i * 2654435761 % 2**64) for i in range(1_000_000))
    sheet = in_sheet(plain, b"</sheetData>", rows + b"</sheetData>")
    return pack(path, {**sheet, "xl/notes.xml": b"<x>" + notes + b"</x>"})


def main() -> None:
    wanted = " ".join(sys.argv[1:])
    print(f"{'':52}{'file':>9}  {'refused as':24}{'CPU s':>8}{'MB':>6}   whole process: seconds, MB")
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        for title, make in made(Path(name)).items():
            if wanted not in title:
                continue
            path = make()
            begun = time.perf_counter()
            command = [sys.executable, "-c", PROBE, str(path)]
            try:
                done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=ROOT)
            except subprocess.TimeoutExpired:
                print(f"{title:52}{path.stat().st_size / 1e6:6.2f} MB  NOT DONE AFTER 120 s", flush=True)
                continue
            whole = time.perf_counter() - begun
            if done.returncode:
                print(
                    f"{title:52}{path.stat().st_size / 1e6:6.2f} MB  {done.stderr.strip().splitlines()[-1:]}",
                    flush=True,
                )
                continue
            key, seconds, extra, peak = json.loads(done.stdout)
            print(
                f"{title:52}{path.stat().st_size / 1e6:6.2f} MB  {key:24}{seconds:8.2f}{extra:6.0f}"
                f"{whole:20.1f}{peak:6.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
