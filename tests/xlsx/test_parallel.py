"""A sheet read in blocks beside its check gives the very frames that it gives when it is read whole."""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.support.paths import CASES
from tests.xlsx.test_read_tables import SHEET, book, edited
from xlcrm.errors import CrmError
from xlcrm.xlsx import sheet_scan, worksheet_xml
from xlcrm.xlsx.reading import parallel, read_tables

ROWS = list(csv.DictReader((CASES / "bulk.csv").read_text("utf-8").splitlines()))


def value(text: str) -> Any:
    """'x is text; the rest is what Excel would make of it."""
    if text.startswith("'"):
        return text
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return dt.datetime.fromisoformat(text)
    if text in {"TRUE", "FALSE"}:
        return text == "TRUE"
    try:
        return float(text)
    except ValueError:
        return text or None


def frames(path: Path, monkeypatch: pytest.MonkeyPatch, *, block: int) -> dict[str, pd.DataFrame]:
    """All tables, in blocks of about so many bytes; 0 reads the sheets whole."""
    monkeypatch.setattr(parallel, "BIG", 0 if block else 1 << 40)
    monkeypatch.setattr(parallel, "BLOCK", block)
    return {name: table.frame for name, table in read_tables.read(path).items()}


def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A piece for every row: as they come from a sheet of many megabytes, but for the size."""
    whole = worksheet_xml.read

    def split(*given: Any) -> Any:
        for kind, block in whole(*given):
            if kind == worksheet_xml.ROWS:
                yield from ((kind, row + b"</row>") for row in block.split(b"</row>")[:-1])
            else:
                yield kind, block

    monkeypatch.setattr(worksheet_xml, "read", split)


def read_in_blocks(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each reading in blocks gave something."""
    done: list[bool] = []
    read = parallel.read

    def noted(*args: Any) -> Any:
        found = read(*args)
        done.append(found is not None)
        return found

    monkeypatch.setattr(parallel, "read", noted)
    return done


@pytest.mark.parametrize("case", ROWS, ids=[case["why"] for case in ROWS])
def test_a_column_is_the_same_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: dict[str, str]) -> None:
    cells = case["cells"].split("|")
    cells += [""] * (8 - len(cells))
    path = book(tmp_path / "b.xlsx", [["Key", case["column"]], *([f"'k{i}", value(c)] for i, c in enumerate(cells))])
    whole = frames(path, monkeypatch, block=0)
    in_small_pieces(monkeypatch)
    done = read_in_blocks(monkeypatch)
    for block in (1, 200, 1 << 20):
        pd.testing.assert_frame_equal(frames(path, monkeypatch, block=block)["Clients"], whole["Clients"])
    assert done == [True] * 3


def test_blank_rows_at_both_ends_and_a_table_lower_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[list[Any]] = [["client_id", "turnover"], [None, None], ["C1", 1], [None, None], ["C2", 2], [None, None]]
    path = book(tmp_path / "b.xlsx", rows, at="C7", after=lambda sheet: sheet.__setitem__("A1", "Our clients"))
    whole = frames(path, monkeypatch, block=0)["Clients"]
    in_small_pieces(monkeypatch)
    assert len(whole) == 5
    pd.testing.assert_frame_equal(frames(path, monkeypatch, block=1)["Clients"], whole)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (r'<row r="3"(.*?</row>)<row r="4"(.*?</row>)', r'<row r="4"\2<row r="3"\1', "rows out of order"),
        (r'<row r="2"(.*?)<row r="3"', r'<row r="1"\1<row r="2"', "tags of rows that say another number than cells"),
        (r'="([^"\']*)"', r"='\1'", "single quotes"),
        (r'<c r="A3"', '<c\nr="A3"', "a line end in a tag"),
        (r'<row r="(\d)"(.*?)<c r="\w+"', r'<row r="\1"\2<c', "cells without addresses"),
    ],
)
def test_what_is_written_in_other_ways_is_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str, why: str
) -> None:
    turnover = [0, "one", 2, 3, 4, 5]  # a text among numbers: the column is read again, cell by cell
    rows: list[list[Any]] = [["client_id", "turnover"], *([f"C{i}", cell] for i, cell in enumerate(turnover))]
    path = book(tmp_path / "b.xlsx", rows)
    edited(path, SHEET, lambda xml: re.sub(before, after, xml))
    whole = frames(path, monkeypatch, block=0)["Clients"]
    in_small_pieces(monkeypatch)
    pd.testing.assert_frame_equal(frames(path, monkeypatch, block=1)["Clients"], whole)
    assert whole["client_id"].tolist() == [f"C{i}" for i in range(6)], why
    assert whole["turnover"].tolist() == turnover, why


def test_the_real_workbooks_are_the_same_in_blocks(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = read_in_blocks(monkeypatch)
    for path in sorted((shared_data / "workbooks").glob("*.xls*")):
        try:
            whole = frames(path, monkeypatch, block=0)
        except CrmError:
            continue
        for name, frame in frames(path, monkeypatch, block=2000).items():
            pd.testing.assert_frame_equal(frame, whole[name])
    assert sum(done) > 10


@pytest.mark.parametrize(
    ("block", "found", "why"),
    [
        (b'<row r="2"><c r="B2"/><c r="AA2" s="1"><v>5</v></c></row>', (2, 2, 27, 2, True), "two cells"),
        (b'<row r="7"><c r="XFD1048576"/></row>', (1048576, 1048576, 16384, 1, True), "the last corner"),
        (b'<row r="3"><c r="A3"/></row><row r="2"><c r="A2"/></row>', (2, 3, 1, 2, False), "a row above the last"),
        (b'<row r="2"/>', (1, 0, 0, 0, True), "no cells"),
        (b"", (1, 0, 0, 0, True), "nothing"),
        (b'<row r="2"><c s="1" r="B2"/></row>', None, "the address later"),
        (b"<row r='2'><c r='B2'/></row>", None, "single quotes"),
        (b'<row r="2"><c\nr="B2"/></row>', None, "a line end for a space"),
        (b'<row r="2"><x:c r="B2"/></row>', None, "a prefix"),
        (b'<row r="2"><c r="b2"/></row>', None, "a small letter"),
        (b'<row r="2"><c r="B0"/></row>', None, "no such row"),
        (b'<row r="2"><c r="B12345678"/></row>', None, "too many digits"),
        (b'<row r="2"><c r="ABCD1"/></row>', None, "too many letters"),
        (b'<row r="2"><c>', None, "a cell without anything"),
        (b'<row r="2"><c r="A', None, "cut off"),
    ],
)
def test_how_far_a_block_reaches(block: bytes, found: tuple[int, ...] | None, why: str) -> None:
    extent = sheet_scan.extent(block)
    assert (extent and extent[:5]) == found, why
