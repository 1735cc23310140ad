"""Read lists from files: CSV, Excel, OpenDocument, vCard; the only place that reads them from the disk."""

from __future__ import annotations

import datetime as dt
import shutil
import stat
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from xlcrm.errors import CrmError
from xlcrm.fields import money
from xlcrm.files import encryption
from xlcrm.importing import delimited, own_workbook, vcard
from xlcrm.importing.incoming import Incoming
from xlcrm.importing.layout import gather
from xlcrm.os_errors import refusing
from xlcrm.problems import Problem
from xlcrm.text import caseless
from xlcrm.xlsx import guard, panics, ranges, xls_guard
from xlcrm.xlsx.sheet_scan import SheetFacts, scan
from xlcrm.xlsx.workbook import open_workbook

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".xltx", ".xltm"})
WIDE = 300  # columns from which blank ones at the end are cut off
WIDEST = 4_000  # columns; a sheet of Excel has 16,384, and no list a tenth of that
LONGEST_LINE = 8 << 20
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"


def read(path: Path | str, *, sheet: str | None = None, skip_rows: int = 0) -> list[Incoming]:
    """The lists in a file: one for a CSV, text or vCard file, one for each visible sheet of a workbook that holds one.

    The kind is told by the content, then by the name: a CSV called .xls is read as what it is. `sheet` picks one
    sheet by its title (also a hidden one); `skip_rows` rows at the top of each list are not looked at. A pipe is read
    once, whole; a device is refused. CrmError in the user's words: file.missing and such (the file can't be read),
    import.empty, import.encrypted, import.not_a_list, import.damaged, import.no_sheet,
    import.too_wide, import.line_too_long, and those of `xlsx.guard`.
    """
    path = Path(path)
    with refusing(path):
        if path.is_dir():
            raise IsADirectoryError(21, "is a folder", str(path))
        kind = path.stat().st_mode
    if stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind):
        return _piped(path, sheet, skip_rows)
    if not stat.S_ISREG(kind):
        raise CrmError("import.not_a_list", name=path.name)
    return _regular(path, sheet, skip_rows)


def _piped(path: Path, sheet: str | None, skip_rows: int) -> list[Incoming]:
    """What a pipe holds can be read only once, and a workbook needs more: it is kept in a file for as long."""
    with TemporaryDirectory(prefix="xlcrm-") as folder:
        copy = Path(folder) / ("pipe" if path.name.isdecimal() else path.name)  # /dev/fd/63 tells nobody
        with refusing(path), path.open("rb") as pipe, copy.open("wb") as file:
            shutil.copyfileobj(pipe, file)
        return _regular(copy, sheet, skip_rows)


def _regular(path: Path, sheet: str | None, skip_rows: int) -> list[Incoming]:
    with refusing(path), path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise CrmError("import.empty", name=path.name)
    if start.startswith((_ZIP, _OLE)):
        found = _workbook(path, start, sheet, skip_rows)
    elif path.suffix.lower() in WORKBOOKS and not _looks_text(path):
        raise CrmError("import.damaged", name=path.name)
    else:
        found = _text(path, skip_rows)
    if not found:
        raise CrmError("import.empty", name=path.name)
    return found


def _looks_text(path: Path) -> bool:
    """Whether a file named as a workbook is text in truth, as many exports called .xls are."""
    with path.open("rb") as file:
        return delimited.is_text(file.read(4096))


def _text(path: Path, skip_rows: int) -> list[Incoming]:
    """A CSV, text or vCard file; CrmError for web pages and RTF, and where a quote is never closed."""
    with refusing(path):
        data = path.read_bytes()
    if not delimited.is_text(data):
        raise CrmError("import.not_a_list", name=path.name)
    _refuse_long_line(data, path)
    text = delimited.decode(data)
    del data
    if vcard.is_vcard(text):
        return _cards(path, text)
    if text.lstrip()[:200].lower().startswith(("<!doctype html", "<html", "<table", "<?xml", "{\\rtf")):
        raise CrmError("import.not_a_list", name=path.name)
    sign = delimited.separator(text)
    line = delimited.open_quote(text, sign)
    if line:
        raise CrmError("import.open_quote", name=path.name, row=line)
    rows = _narrow(islice(delimited.rows(text, sign), skip_rows, None), path)
    found = gather(rows, file=path.name, first=1 + skip_rows)
    return [replace(found, separator=sign)] if found else []


def _cards(path: Path, text: str) -> list[Incoming]:
    """The contacts of a vCard file, one a row; columns in the order of `vcard.COLUMNS`, then others as they come."""
    cards = vcard.cards(text)
    others = list(dict.fromkeys(name for card in cards for name in card if name not in vcard.COLUMNS))
    used = {name for card in cards for name in card}
    names = [name for name in (*vcard.COLUMNS, *others) if name in used]
    frame = pd.DataFrame({n: pd.Series([card.get(n, "") for card in cards], dtype="str") for n in names})
    groups = vcard.groups(text)
    left_out = [Problem("import.card_of_group", value=name, level="note") for name in groups]
    return [Incoming(path.name, "", frame, 1, tuple(left_out))] if len(frame) else []


def _workbook(path: Path, start: bytes, sheet: str | None, skip_rows: int) -> list[Incoming]:
    """The lists of a workbook; checked before it is read, because the reader itself believes any package."""
    if start.startswith(_OLE) and encryption.is_encrypted(path):
        raise CrmError("import.encrypted", name=path.name)
    if start.startswith(_ZIP):
        _refuse_other_archives(path)
    elif xls_guard.is_hostile(path):
        raise CrmError("import.damaged", name=path.name)
    with _damaged(path):
        try:
            with refusing(path):
                book = CalamineWorkbook.from_path(str(path))
        except PasswordError as error:
            raise CrmError("import.encrypted", name=path.name) from error
    titles = _titles(book, path, sheet)
    if own_workbook.is_own(book.sheet_names) and (sheet is None or own_workbook.record_sheets(titles)):
        if sheet is None:  # a copy of a client file: what somebody did in it is combined, not laid over
            raise CrmError("import.client_file", name=path.name)
        found = [(title, _sheet(book, path, title, 0)) for title in own_workbook.record_sheets(titles)]
        return [own_workbook.without_calculated(one, title) for title, one in found if one]
    return [one for title in titles if (one := _sheet(book, path, title, skip_rows))]


@contextmanager
def _damaged(path: Path) -> Iterator[None]:
    """What the reader makes of a file that is none of its own; it also panics, which Python knows as no Exception."""
    try:
        with panics.caught(ValueError):
            yield
    except (CalamineError, ValueError) as error:
        raise CrmError("import.damaged", name=path.name) from error


def _narrow(rows: Iterable[Sequence[object]], path: Path) -> Iterator[Sequence[object]]:
    """The rows as they are; CrmError where one has more columns than any list, beside blank ones at its end."""
    for number, row in enumerate(rows, 1):
        if len(row) > WIDEST and any(cell not in ("", None) for cell in row[WIDEST:]):
            raise CrmError("import.too_wide", name=path.name, row=number, columns=WIDEST)
        yield _without_blank_end(row) if len(row) > WIDE else row


def _without_blank_end(row: Sequence[object]) -> Sequence[object]:
    """A wide row up to its last filled cell: exports fill every row to the last column of a sheet."""
    filled = next((place for place in range(len(row), 0, -1) if row[place - 1] not in ("", None)), 0)
    return row[:filled]


def _refuse_long_line(data: bytes, path: Path) -> None:
    """CrmError where a line is over 8 MB, surely where it is twice as long: a block of it holds no line end."""
    for start in range(0, len(data) - LONGEST_LINE + 1, LONGEST_LINE):
        if all(data.find(end, start, start + LONGEST_LINE) < 0 for end in (b"\n", b"\r")):
            row = data.count(b"\n", 0, start) + 1
            raise CrmError("import.line_too_long", name=path.name, row=row)


def _refuse_other_archives(path: Path) -> None:
    """A Word document or a plain zip is no workbook; a hostile package is refused by the guard."""
    try:
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise CrmError("import.damaged", name=path.name) from error
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        raise CrmError("import.not_a_list", name=path.name)
    guard.check(path)
    if "content.xml" in names:
        guard.check_opendocument(path)


def _titles(book: CalamineWorkbook, path: Path, sheet: str | None) -> list[str]:
    """Which sheets to read: the one asked for (case does not count), else the visible ones, else all."""
    if sheet is not None:
        for title in book.sheet_names:
            if caseless(title) == caseless(sheet):
                return [title]
        raise CrmError("import.no_sheet", name=path.name, sheet=sheet, sheets=", ".join(book.sheet_names))
    lists = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
    visible = [meta.name for meta in lists if meta.visible == SheetVisibleEnum.Visible]
    return visible or [meta.name for meta in lists]


def _sheet(book: CalamineWorkbook, path: Path, title: str, skip_rows: int) -> Incoming | None:
    """The list on one sheet, None where it holds none, with the doubts that its cells raise."""
    facts = _facts(path, title)
    with _damaged(path):
        sheet = book.get_sheet_by_name(title)
        if facts is None and sheet.end and (sheet.end[0] + 1) * (sheet.end[1] + 1) > 60_000_000:
            raise CrmError("import.damaged", name=path.name)
        rows = sheet.to_python(skip_empty_area=False)
    one_of = title if len(book.sheet_names) > 1 else ""
    found = gather(_narrow(rows[skip_rows:], path), file=path.name, sheet=one_of, first=1 + skip_rows)
    if found is None:
        return None
    areas = _areas(sheet, found)
    said_of_all = [area for area in areas if _is_said_of_all(area, rows)]
    if said_of_all:
        rows = _filled(rows, said_of_all)
        found = gather(rows[skip_rows:], file=path.name, sheet=one_of, first=1 + skip_rows) or found
    problems = (*found.problems, *_merged(areas, said_of_all), *_oddities(facts, rows, found))
    return replace(found, problems=problems)


def _facts(path: Path, title: str) -> SheetFacts | None:
    """What only the sheet's XML tells (error values, formulas); None for other kinds of workbook."""
    if path.suffix.lower() not in {".xlsx", ".xlsm", ".xltx", ".xltm"} or not zipfile.is_zipfile(path):
        return None
    book = open_workbook(path)
    with book.package:
        part = next((s.part for s in book.sheets if s.name == title and s.kind == "worksheet"), "")
        return scan(book.package, part) if part else None


Area = tuple[tuple[int, int], tuple[int, int]]


def _areas(sheet: CalamineSheet, found: Incoming) -> list[Area]:
    """The merged areas below the header."""
    return [area for area in sheet.merged_cell_ranges or () if area[0][0] + 1 >= found.first_row]


def _is_said_of_all(area: Area, rows: Sequence[Sequence[object]]) -> bool:
    """A name, a word or a day merged over several rows of one column; a figure would count once a row."""
    (top, left), (bottom, right) = area
    value = rows[top][left] if top < len(rows) and left < len(rows[top]) else None
    word = isinstance(value, dt.date) or (isinstance(value, str) and bool(value.strip()) and not money.is_valid(value))
    return word and left == right and bottom > top


def _filled(rows: Sequence[Sequence[Any]], areas: Sequence[Area]) -> list[list[Any]]:
    """The rows with the value of each merged area in all of its rows."""
    whole = [list(row) for row in rows]
    for (top, column), (bottom, _) in areas:
        for row in whole[top + 1 : bottom + 1]:
            row[column] = whole[top][column]
    return whole


def _merged(areas: Sequence[Area], filled: Sequence[Area]) -> list[Problem]:
    """Merged cells: only the first of them holds the value; words and days were taken for all their rows."""
    others = [area for area in areas if area not in filled]
    told = [("import.merged_filled", filled, "note"), ("import.merged", others, "doubt")]
    return [
        _problem(code, some[0][0][0] + 1, some[0][0][1] + 1, len(some))._replace(level=level)
        for code, some, level in told
        if some
    ]


def _oddities(facts: SheetFacts | None, rows: Sequence[Sequence[object]], found: Incoming) -> list[Problem]:
    """Doubts about a list: cells that show an error, and formulas whose value was never calculated."""
    if facts is None:
        return []
    problems = []
    errors = [place for place in facts.errors if place[0] >= found.first_row]
    if errors:
        row, column, text = errors[0]
        problems.append(_problem("import.error_values", row, column, len(errors), text))
    shown = {(row, column) for row, column, _ in errors}
    empty = [place for place in _blank_formulas(facts, rows, found) if place not in shown]
    if empty:
        row, column = min(empty)
        problems.append(_problem("import.formula_without_value", row, column, len(empty)))
    return problems


def _blank_formulas(facts: SheetFacts, rows: Sequence[Sequence[object]], found: Incoming) -> Iterator[tuple[int, int]]:
    """(row, column) of the list's formulas without a value: a program wrote them that does not calculate."""
    for column, numbers in facts.formulas.items():
        for row in numbers:
            cells = rows[row - 1] if found.first_row <= row <= len(rows) else ()
            if column <= len(cells) and cells[column - 1] in ("", None):
                yield row, column


def _problem(code: str, row: int, column: int, count: int, value: str = "") -> Problem:
    """A doubt that is told once for all `count` cells; `row` and `column` are the first one."""
    cell = f"{ranges.letters(column)}{row}"
    return Problem(code, row=row, value=value, level="doubt", values=(("cell", cell), ("count", str(count))))
