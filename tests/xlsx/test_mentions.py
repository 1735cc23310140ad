"""Which sheets are looked through for references to cells that move: never one too few."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast
from zipfile import ZipFile

import pytest

from xlcrm.xlsx import sheet_scan
from xlcrm.xlsx.package import Package
from xlcrm.xlsx.ranges import Area
from xlcrm.xlsx.workbook import Sheet
from xlcrm.xlsx.writing.references import mentions
from xlcrm.xlsx.writing.sheet_changes import SheetWork
from xlcrm.xlsx.writing.table_changes import TableWork


def moving(title: str) -> SheetWork:
    """Work on a sheet of some title whose cells move; nobody asks here where they go."""
    table = SimpleNamespace(info=SimpleNamespace(area=Area(1, 1, 9, 9)), rowmap=SimpleNamespace(moves=True))
    return SheetWork(Sheet(title, 1, "xl/worksheets/sheet1.xml", "worksheet"), tables=[cast(TableWork, table)])


@pytest.mark.parametrize(
    ("title", "xml", "expected", "why"),
    [
        ("Problems", b"<f>SUM(Problems!A1:A9)</f>", True, "a plain title"),
        ("Problems", b"<f>SUM(PROBLEMS!A1:A9)</f>", True, "case does not count"),
        ("My list", b"<f>SUM('My list'!A1:A9)</f>", True, "a title in quotes"),
        ("My list", b"<f>SUM(&apos;My list&apos;!A1)</f>", True, "quotes as entities"),
        ("Ann's", b"<f>'Ann&#39;&#39;s'!A1</f>", True, "a quote inside"),
        ("A & B", b"<f>'A &amp; B'!A1</f>", True, "an ampersand"),
        ("Problems", b"<t>Hello! No Problems here!</t>", False, "an exclamation"),
        ("Problems", b"<t>!</t><f>Other!A1</f>", False, "another sheet"),
        ("Problems", b"", False, "nothing"),
        ("L\u00edneas", b"<t>nothing</t>", True, "letters that some writers spell as entities"),
    ],
)
def test_a_sheet_that_names_another(title: str, xml: bytes, expected: bool, why: str) -> None:
    assert mentions([xml], [moving("Unnamed"), moving(title)]) == expected, why
    for cut in range(len(xml)):
        assert mentions([xml[:cut], xml[cut:]], [moving(title)]) == expected, (why, cut)


@pytest.mark.parametrize(
    ("xml", "formulas", "calculates", "names", "why"),
    [
        (b"<c><v>1</v></c>", False, False, False, "no formula"),
        (b"<t>Wine!</t>", False, False, True, "a sign that may part title and cell"),
        (b"<cfRule><formula>A1</formula></cfRule>", True, False, False, "a rule"),
        (b"<formula1>Lists!A1</formula1>", True, False, True, "a rule that names a sheet"),
        (b"<c><f>A1</f></c>", True, True, True, "a cell"),
        (b'<c><f t="shared" si="0"/></c>', True, True, True, "a cell that shares one"),
        (b"<c><f/></c>", True, True, True, "a blank one"),
        (b"<x:c><x:f>A1</x:f></x:c>", True, True, True, "with a prefix"),
        (b'<x:c><x:f\nt="shared" si="0"/></x:c>', True, True, True, "with a prefix and a line break"),
        (b"<x:c><x:f/></x:c>", True, True, True, "with a prefix, blank"),
    ],
)
def test_signs_of_formulas(tmp_path: Path, xml: bytes, formulas: bool, calculates: bool, names: bool, why: str) -> None:
    path = tmp_path / "book.zip"
    for before in range(12):  # wherever a piece of a megabyte ends
        with ZipFile(path, "w") as made:
            made.writestr("sheet.xml", b" " * ((1 << 20) - before) + xml)
        sheet_scan.forget()
        with Package(path) as package:
            assert sheet_scan.may_name_sheets(package, "sheet.xml"), "nobody has looked yet"
            assert sheet_scan.has_formulas(package, "sheet.xml") == formulas, (why, before)
            assert sheet_scan.calculates(package, "sheet.xml") == calculates, (why, before)
            assert sheet_scan.may_name_sheets(package, "sheet.xml") == names, (why, before)
