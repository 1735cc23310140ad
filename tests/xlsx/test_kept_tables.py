"""A table that an earlier run kept reads as the sheet itself does, or is not taken at all."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.xlsx.test_read_tables import SHEET, book, edited
from xlcrm.tables import Table
from xlcrm.xlsx import sheet_scan
from xlcrm.xlsx.reading import kept_tables, parallel, read_tables

TABLE, STYLES, BOOK = "xl/tables/table1.xml", "xl/styles.xml", "xl/workbook.xml"
STRINGS = "xl/sharedStrings.xml"
ROWS: list[list[Any]] = [
    ["client_id", "full_name", "turnover", "birth_date", "Shoe", "Seen", "Blank", "Mixed", "twice"],
    ["C1", "Anna", 5, dt.datetime(1980, 5, 6), 38, dt.datetime(2024, 1, 2), None, True, "=1+1"],
    ["'007", None, "'abt 7", "'in May", 41.5, None, None, dt.time(7, 5), "=1+2"],
    ["C3", "Ærø <&>", 0.1, dt.datetime(1990, 1, 1), None, None, None, "#N/A", 3],
]


@dataclass
class HeldBytes:
    """A keeper in memory, which counts how often it was of use."""

    held: dict[tuple[str, str], bytes] = field(default_factory=dict)
    hits: int = 0

    def get(self, table: str, key: str) -> bytes | None:
        found = self.held.get((table, key))
        self.hits += found is not None
        return found

    def put(self, table: str, key: str, body: bytes) -> None:
        self.held[table, key] = body


@pytest.fixture(autouse=True)
def always_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_tables, "WORTH", 0)
    monkeypatch.setattr(sheet_scan, "_facts", type(sheet_scan._facts)())


def looked(path: Path, keeper: HeldBytes | None = None) -> Table:
    sheet_scan._facts.clear()
    return next(iter(read_tables.read(path, keeper=keeper).values()))


def assert_same(one: Table, other: Table) -> None:
    pd.testing.assert_frame_equal(one.frame, other.frame, check_exact=True)
    kinds = [[type(cell) for cell in table.frame[c]] for table in (one, other) for c in table.frame if c == "Mixed"]
    assert kinds[: len(kinds) // 2] == kinds[len(kinds) // 2 :]
    for name in ("name", "sheet", "headers", "first_row", "formulas", "problems"):
        assert getattr(one, name) == getattr(other, name), name
    assert one.below is not None and other.below is not None
    pd.testing.assert_frame_equal(one.below, other.below)


@pytest.mark.parametrize("block", [0, 1], ids=["whole", "in blocks"])
def test_a_kept_table_is_the_one_that_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(parallel, "BIG", 0 if block else 1 << 40)
    path, keeper = book(tmp_path / "b.xlsx", ROWS), HeldBytes()
    cold, first, second = looked(path), looked(path, keeper), looked(path, keeper)
    assert keeper.hits == 1
    assert_same(cold, first)
    assert_same(cold, second)
    assert sheet_scan._facts, "writing asks for them again"


def test_the_facts_of_the_sheet_come_back(tmp_path: Path) -> None:
    path, keeper = book(tmp_path / "b.xlsx", ROWS, after=lambda s: s.merge_cells("L1:M2")), HeldBytes()
    looked(path, keeper)
    read = dict(sheet_scan._facts)
    looked(path, keeper)
    assert keeper.hits == 1
    assert dict(sheet_scan._facts) == read


def shared(path: Path) -> Path:
    """The workbook with one of its texts in the list that cells share, as Excel has them."""
    relation = '<Relationship Id="rIdS" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    entry = f'{relation}sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    edited(path, SHEET, lambda text: text.replace('t="inlineStr"><is><t>Anna</t></is>', 't="s"><v>0</v>'))
    edited(path, f"xl/_rels/{BOOK[3:]}.rels", lambda text: text.replace("</Relationships>", entry))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        package.writestr(STRINGS, f'<sst xmlns="{main}" count="1" uniqueCount="1"><si><t>Anna</t></si></sst>')
    return path


def as_1904(text: str) -> str:
    return text.replace("<workbookPr", '<workbookPr date1904="1"', 1)


# part of the key -> what changes in the workbook, and nothing else that the key names
ANOTHER: dict[str, tuple[str, Callable[[str], str]]] = {
    "sheet": (SHEET, lambda text: text.replace("<v>5</v>", "<v>6</v>")),
    "strings": (STRINGS, lambda text: text.replace("Anna", "Emma")),
    "styles": (STYLES, lambda text: re.sub('formatCode="[^"]*"', 'formatCode="0.00"', text)),
    "dates": (BOOK, as_1904),
    "table": (TABLE, lambda text: text.replace('"turnover"', '"Umsatz!"')),
}  # fmt: skip


def test_every_part_of_the_key_has_a_case() -> None:
    assert set(ANOTHER) == set(kept_tables.PARTS)


@pytest.mark.parametrize("part", ANOTHER)
def test_what_reading_depends_on_is_in_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    entry, change = ANOTHER[part]
    before, keeper = shared(book(tmp_path / "a.xlsx", ROWS)), HeldBytes()
    after = edited(Path(shutil.copy(before, tmp_path / "b.xlsx")), entry, change)
    looked(before, keeper)
    cold = looked(after)
    assert_same(cold, looked(after, keeper))
    # without this part the older table would be taken: so the case can fail
    monkeypatch.setitem(kept_tables.PARTS, part, lambda book, info: "")
    keeper = HeldBytes()
    looked(before, keeper)
    stale = looked(after, keeper)
    assert keeper.hits == 1
    with pytest.raises(AssertionError):
        assert_same(cold, stale)


@pytest.mark.parametrize("library", ["xlcrm", "fastexcel", "pandas", "pyarrow"])
def test_another_version_reads_the_sheet_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    path, keeper = book(tmp_path / "b.xlsx", ROWS), HeldBytes()
    looked(path, keeper)
    now = kept_tables._versions()
    what = f"version of {library}"
    assert what in now
    monkeypatch.setattr(kept_tables, "_versions", lambda: {**now, what: "0"})
    looked(path, keeper)
    assert keeper.hits == 0


def test_changed_code_reads_the_sheet_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, keeper = book(tmp_path / "b.xlsx", ROWS), HeldBytes()
    looked(path, keeper)
    assert "read_tables.py" in kept_tables._code() and "values.py" in kept_tables._code()
    monkeypatch.setattr(kept_tables, "_code", lambda: "other")
    looked(path, keeper)
    assert keeper.hits == 0


def test_a_column_of_another_kind_reads_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, keeper = book(tmp_path / "b.xlsx", ROWS), HeldBytes()
    looked(path, keeper)
    spec = read_tables._spec
    monkeypatch.setattr(read_tables, "_spec", lambda info: {n: c for n, c in spec(info).items() if n != "turnover"})
    cold = looked(path)
    assert_same(cold, looked(path, keeper))
    assert keeper.hits == 0


def test_part_of_a_table_is_neither_kept_nor_taken(tmp_path: Path) -> None:
    path, keeper = book(tmp_path / "b.xlsx", ROWS), HeldBytes()
    frame = read_tables.read(path, columns={"Clients": ["turnover"]}, keeper=keeper)["Clients"].frame
    assert list(frame) == ["turnover"]
    assert not keeper.held


@pytest.mark.parametrize("body", [b"", b"xx", b"ARROW1\0\0" + b"\0" * 64], ids=["blank", "short", "other bytes"])
def test_bytes_that_are_no_table_are_not_taken(tmp_path: Path, body: bytes) -> None:
    path, keeper = book(tmp_path / "b.xlsx", ROWS), HeldBytes()
    cold = looked(path, keeper)
    keeper.held = dict.fromkeys(keeper.held, body)
    assert_same(cold, looked(path, keeper))


def test_cells_that_would_not_come_back_are_not_kept() -> None:
    facts = sheet_scan.SheetFacts()
    assert kept_tables.encoded({"a": pd.Series([1 + 2j, "x"], dtype=object)}, facts) is None
    assert kept_tables.encoded({"a": pd.Series([True, False])}, facts) is None
    assert kept_tables.encoded({}, facts) is None
