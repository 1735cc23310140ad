"""Traces in the parts of a workbook's file: a mark where somebody typed, and nothing where it would break the file."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.support.paths import CASES
from xlcrm.forgetting import part_traces
from xlcrm.forgetting.traces import Erasure, Who

FOUND = Erasure(
    Who(frozenset({"C0042"})), frozenset({"Kari Olsen", "kari@example.com", "Smith & Olsen"}), frozenset({"22555540"})
)
CASE = pd.read_csv(CASES / "part_traces.csv", dtype=str, keep_default_na=False)


@pytest.mark.parametrize("case", list(CASE.itertuples()), ids=CASE["why"].tolist())
def test_a_part_gets_a_mark_where_it_is_safe(case) -> None:  # type: ignore[no-untyped-def]
    assert part_traces.scrubbed_part(case.part.encode(), FOUND).decode() == case.left


def with_parts(book: Path, target: Path, more: dict[str, bytes]) -> Path:
    """A copy of a workbook with parts added."""
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        for name, data in more.items():
            new.writestr(name, data)
    return target


SHEET = (
    '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>{}</v></c><c r="B1"><v>0</v></c></row></sheetData></worksheet>'
)
STRINGS = "<sst><si><t>Olsen</t></si><si><r><t>Ada</t></r></si><si/><si><t>Kari Olsen</t></si></sst>"


@pytest.mark.parametrize(
    ("cell", "left"),
    [
        ("1", "<sst><si><t/></si><si><r><t>Ada</t></r></si><si><t/></si><si><t/></si></sst>"),
        ("0", "<sst><si><t>Olsen</t></si><si><t/></si><si><t/></si><si><t/></si></sst>"),
        ("3", "<sst><si><t/></si><si><t/></si><si><t/></si><si><t>***</t></si></sst>"),
        ("x", "<sst><si><t>Olsen</t></si><si><r><t>Ada</t></r></si><si/><si><t>***</t></si></sst>"),
    ],
    ids=["used", "another used", "a telling one used", "not sure: none is taken for unused"],
)
def test_strings_that_no_cell_uses_get_blank(tmp_path: Path, cell: str, left: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as package:
        package.writestr("xl/worksheets/sheet1.xml", SHEET.format(cell))
        package.writestr("xl/sharedStrings.xml", STRINGS)
    assert part_traces.scrub(tmp_path / "a.xlsx", tmp_path / "b.xlsx", FOUND) == ()
    with zipfile.ZipFile(tmp_path / "b.xlsx") as package:
        assert package.read("xl/sharedStrings.xml").decode() == left
        assert package.read("xl/worksheets/sheet1.xml").decode() == SHEET.format(cell)


@pytest.mark.parametrize("coding", ["utf-8", "utf-16-le"])
def test_what_cannot_be_written_is_named(made: Path, tmp_path: Path, coding: str) -> None:
    more = {"xl/embeddings/a.bin": b"\x01" + "about Kari Olsen".encode(coding), "xl/model/item.data": b"\x00"}
    book = with_parts(made, tmp_path / "b.xlsm", more)
    assert set(part_traces.scrub(book, tmp_path / "c.xlsm", FOUND)) == set(more)


def test_a_scrubbed_workbook_is_valid(made: Path, tmp_path: Path, validate_ooxml: Callable[..., list[str]]) -> None:
    found = Erasure(Who(frozenset({"C2"})), frozenset({"Mario Rossi", "Milano"}))
    target = tmp_path / "c.xlsm"
    part_traces.scrub(made, target, found)
    assert validate_ooxml(target) == validate_ooxml(made)
