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
    assert kept_tables.encoded({"a": pd.Series([1 + 2j, "x"], dtype=object)}, facts, str) is None
    assert kept_tables.encoded({"a": pd.Series([True, False])}, facts, str) is None
    assert kept_tables.encoded({}, facts, str) is None


# How numbers show is not in the key: kept is up to which style the cells go, and what those styles said.

CELL_FORMATS = re.compile(r"(<cellXfs count=\")(\d+)(\">.*?)(</cellXfs>)", re.DOTALL)


def with_date_style(text: str) -> str:
    """The style part with one more style at the end, that of a date."""
    found = CELL_FORMATS.search(text)
    assert found is not None
    xf = '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    return CELL_FORMATS.sub(lambda m: f"{m[1]}{int(m[2]) + 1}{m[3]}{xf}{m[4]}", text)


def last_style(path: Path) -> int:
    with zipfile.ZipFile(path) as package:
        found = CELL_FORMATS.search(package.read(STYLES).decode())
    assert found is not None
    return int(found[2])


def as_numbers(text: str) -> str:
    return re.sub('formatCode="[^"]*"', 'formatCode="0.00"', text)


def test_a_style_that_shows_otherwise_reads_the_sheet_anew(tmp_path: Path) -> None:
    before, keeper = book(tmp_path / "a.xlsx", ROWS), HeldBytes()
    after = edited(Path(shutil.copy(before, tmp_path / "b.xlsx")), STYLES, as_numbers)
    first, cold = looked(before, keeper), looked(after)
    assert keeper.held
    with pytest.raises(AssertionError):
        assert_same(first, cold)
    assert_same(cold, looked(after, keeper))


def test_a_style_that_no_cell_names_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, keeper = book(tmp_path / "a.xlsx", ROWS), HeldBytes()
    after = edited(Path(shutil.copy(before, tmp_path / "b.xlsx")), STYLES, with_date_style)
    looked(before, keeper)
    cold = looked(after)
    monkeypatch.setattr(read_tables, "_read", lambda *_: pytest.fail("the sheet was read"))
    assert_same(cold, looked(after, keeper))


# why -> what the cell of the turnover "5" is written like; the style is one that the workbook gets only afterwards
NAMED_EARLIER = {
    "as Excel has it": ' s="{style}"><v>5</v>',
    "behind the type": ' t="n" s="{style}"><v>5</v>',
    "other quotes": " s='{style}'><v>5</v>",
    "another attribute before it": ' cm="1" s="{style}"><v>5</v>',
    "doubled blank": '  s="{style}"><v>5</v>',
}


@pytest.mark.parametrize("written", NAMED_EARLIER.values(), ids=list(NAMED_EARLIER))
def test_a_style_that_a_cell_names_before_it_is_there(tmp_path: Path, written: str) -> None:
    before, keeper = book(tmp_path / "a.xlsx", ROWS), HeldBytes()
    cell = written.format(style=last_style(before))
    edited(before, SHEET, lambda text: re.sub(r'(<c r="[A-Z]+\d+")[^<]*<v>5</v>', lambda m: m[1] + cell, text))
    after = edited(Path(shutil.copy(before, tmp_path / "b.xlsx")), STYLES, with_date_style)
    first, cold = looked(before, keeper), looked(after)
    with pytest.raises(AssertionError):
        assert_same(first, cold)
    assert_same(cold, looked(after, keeper))


@pytest.mark.parametrize(
    ("cells", "style"),
    [
        ('<c r="A1" s="3"><v>1</v></c><c r="B1"/>', 3),
        ('<c r="A1"><v>1</v></c>', 0),
        ('<c r="A1" s="12" t="s"><v>1</v></c><c r="B1" t="str"><v>s="99"</v></c>', 12),
        ('<c r="A1" t="inlineStr"><is><t>x</t></is></c><c r="B1" s="1234567"/>', 1234567),
        ('<c r="A1" t="n" s="3"><v>1</v></c>', sheet_scan.UNTOLD),
        ('<c r="A1" t="d"><v>2024-01-01</v></c>', sheet_scan.UNTOLD),
        ('<c r="A1" cm="1" s="3"><v>1</v></c>', sheet_scan.UNTOLD),
        ("<c r=\"A1\" s='3'><v>1</v></c>", sheet_scan.UNTOLD),
        ('<c r="A1" s="x3"><v>1</v></c>', sheet_scan.UNTOLD),
        ('<c r="A1"\ns="3"><v>1</v></c>', sheet_scan.UNTOLD),
        ('<c r="A1" t="string" s="3"><v>1</v></c>', sheet_scan.UNTOLD),
    ],
)
def test_the_highest_style_of_cells(cells: str, style: int) -> None:
    found = sheet_scan.extent(f'<row r="1">{cells}</row>'.encode())
    assert found is not None
    assert found.style == style
