"""Second versions of a workbook beside it: which names and which contents are, and which only look alike."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.table import Table

from tests.support.paths import CASES
from xlcrm.backups import conflict_copies as looking
from xlcrm.backups.conflict_copies import FORMS, conflict_copies
from xlcrm.xlsx import identity

OURS, OTHER = "4f1c22a09b7e55aa", "0123456789abcdef"


def cases() -> list[dict[str, str]]:
    with (CASES / "conflict_copies.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def content(holds: str) -> bytes:
    """A workbook of our identity ("same"), of another, of none yet ("young"), one without clients, or what is none."""
    if holds == "garbage":
        return b"PK\x03\x04 half a file"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Client ID", "Full name"])
    sheet.append(["C1", "Kari Olsen"])
    if holds != "list":
        sheet.add_table(Table(name="Clients", displayName="Clients", ref="A1:B2"))
    plain, made = BytesIO(), BytesIO()
    book.save(plain)
    known = {"same": OURS, "other": OTHER}.get(holds, "")
    with ZipFile(plain) as source, ZipFile(made, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, identity.put(data, known) if known and name == "xl/workbook.xml" else data)
    return made.getvalue()


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case['file']} {case['holds']}")
def test_conflict_copies(tmp_path: Path, case: dict[str, str]) -> None:
    book = tmp_path / case["book"]
    book.write_bytes(content("same"))
    form: Literal["NFC", "NFD"] = "NFD" if "taken apart" in case["why"] else "NFC"
    other = tmp_path / unicodedata.normalize(form, case["file"])
    if case["holds"] == "folder":
        other.mkdir()
    elif other != book:
        other.write_bytes(content(case["holds"]))
    assert conflict_copies(book, OURS) == ([other] if case["reported"] == "yes" else []), case["why"]


def test_only_files_whose_name_fits_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []

    def noted(path: Path, *_: object) -> bool:
        opened.append(path)
        return True

    monkeypatch.setattr(looking, "_may_be", noted)
    for name in ("My.xlsm", "My (1).xlsm", "My 2027.xlsm", "Other.xlsm", "Kopie von My.xlsm", "list.csv"):
        (tmp_path / name).write_bytes(b"x")
    found = conflict_copies(tmp_path / "My.xlsm", OURS)
    assert [path.name for path in found] == ["Kopie von My.xlsm", "My (1).xlsm"] and opened == found


def test_a_name_with_signs_of_patterns(tmp_path: Path) -> None:
    (tmp_path / "A (b) [c] {d}+.xlsx").write_bytes(content("same"))
    copy = tmp_path / "A (b) [c] {d}+ (1).xlsx"
    copy.write_bytes(content("same"))
    assert conflict_copies(tmp_path / "A (b) [c] {d}+.xlsx", OURS) == [copy]
    assert conflict_copies(tmp_path / "gone" / "A.xlsx", OURS) == []


def test_every_form_is_tried_and_says_who_makes_it() -> None:
    names = [case["file"] for case in cases() if case["reported"] == "yes"]
    for form in FORMS:
        pattern = re.compile(form.pattern.replace("{name}", "ClientFile"), re.IGNORECASE)
        assert form.why and any(pattern.fullmatch(Path(name).stem) for name in names), form.why
