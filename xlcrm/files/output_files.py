"""Output files of a run (lists, documents), never written over a file that somebody may have worked on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from xlcrm import messages
from xlcrm.building import macro_workbook
from xlcrm.errors import CrmError
from xlcrm.files.replace import replace_file
from xlcrm.os_errors import expanded, refusing
from xlcrm.plan import Grid, OutFile

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

TEXT, MONEY, DATE = "@", "#,##0.00", "yyyy-mm-dd"


def folder(book: Path, language: str, now: dt.datetime) -> Path:
    """Where lists go: "<workbook> lists/<day>" beside it, in its language; an English folder that is there stays."""
    english = book.parent / f"{book.stem} {messages.text('outbox.folder', 'en')}"
    own = book.parent / f"{book.stem} {messages.text('outbox.folder', language)}"
    return (english if english.is_dir() else own) / f"{now:%Y-%m-%d}"


def asked(path: Path) -> Path:
    """The whole path of a file that a person named from the current folder; CrmError where its folder isn't there."""
    with refusing(path):
        whole = expanded(path).resolve()
    if not whole.parent.is_dir():
        raise CrmError("file.no_folder", name=whole.name, folder=str(whole.parent))
    return whole


@contextmanager
def written(
    inside: Path, files: tuple[OutFile, ...], now: dt.datetime, *, keep: Callable[[], bool]
) -> Iterator[tuple[Path, ...]]:
    """The paths of `files`, each written into the folder `inside`, whole or not at all, for the block.

    A number tells a file from another of its name. Where the block or one of the files fails, those written are taken
    away again, so that "nothing was changed" stays true, unless `keep` says that the workbook knows of them by then.
    CrmError as of `files.replace` where the disk takes one of them not.
    """
    there = _there(inside, files)
    made: list[Path] = []
    try:
        for file in files:
            made.append(_write(inside / file.name, file, now))
        yield tuple(made)
    except BaseException:
        if not keep():
            _take_back(made, there)
        raise


def _there(inside: Path, files: tuple[OutFile, ...]) -> frozenset[Path]:
    """The folders that `files` go to from `inside`, where they are there already, and what stands in them."""
    folders = {(inside / file.name).parent for file in files}
    return frozenset(path for one in folders if one.is_dir() for path in (one, *one.iterdir()))


def _write(path: Path, file: OutFile, now: dt.datetime) -> Path:
    content = file.content if isinstance(file.content, bytes) else spreadsheet(file.content, now)
    with refusing(path):
        path = _free(path, content)
        path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, lambda target: _put(target, content))
    return path


def _take_back(files: Sequence[Path], there: frozenset[Path]) -> None:
    """Remove files that were not `there` before, and their folders where these are new and empty again."""
    for path in set(files) - there:
        with suppress(OSError):
            path.unlink(missing_ok=True)
            if path.parent not in there:
                path.parent.rmdir()  # the day's folder


def _put(target: Path, content: bytes) -> None:
    """Write the bytes of a file."""
    target.write_bytes(content)


def _free(path: Path, content: bytes) -> Path:
    """The path itself, or "name (2)" and so on where a file with other content has it already."""
    number, free = 2, path
    while free.exists() and free.read_bytes() != content:
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
        number += 1
    return free


def spreadsheet(grids: tuple[Grid, ...], now: dt.datetime) -> bytes:
    """An .xlsx file: text cells stay text (`007`, `=1+1`, `+47 22`), the header is frozen and filtered."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    made = Workbook(write_only=True)
    made.properties.created = made.properties.modified = now.replace(microsecond=0)
    for grid in grids:
        sheet = made.create_sheet(_title(grid.title))
        sheet.freeze_panes = "A2"
        for index, title in enumerate(grid.header):
            longest = max([len(title), *(len(_shown(row[index])) for row in grid.rows[:500])])
            sheet.column_dimensions[get_column_letter(index + 1)].width = min(max(longest + 2, 9), 48)
        head = []
        for title in grid.header:
            cell = WriteOnlyCell(sheet, title)
            cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="12355B")
            head.append(cell)
        sheet.append(head)
        formats = {**dict.fromkeys(grid.dates, DATE), **dict.fromkeys(grid.money, MONEY)}
        for row in grid.rows:
            sheet.append([_cell(sheet, value, formats.get(index, "")) for index, value in enumerate(row)])
        if grid.header:
            sheet.auto_filter.ref = f"A1:{get_column_letter(len(grid.header))}{len(grid.rows) + 1}"
    out = BytesIO()
    made.save(out)
    return _with_fonts_in_order(out)


def _cell(sheet: Worksheet, value: object, number_format: str) -> Cell:
    """A cell with its number format, "" for whatever suits the value.

    Text gets the format of text, and loses control characters and what is beyond Excel's 32,767 characters.
    """
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub(" ", value)[:32767])
        cell.data_type, cell.number_format = "s", TEXT
        return cell
    cell = WriteOnlyCell(sheet, value)  # type: ignore[arg-type] # numbers, dates and None are left
    if number_format:  # else a date keeps the one that openpyxl gives it
        cell.number_format = number_format
    return cell


def _with_fonts_in_order(plain: BytesIO) -> bytes:
    """The package with the children of its fonts in the schema's order, which openpyxl does not keep."""
    out = BytesIO()
    with ZipFile(plain) as package, ZipFile(out, "w", ZIP_DEFLATED) as ordered:
        for info in package.infolist():
            content = package.read(info)
            ordered.writestr(info, macro_workbook.in_order(content) if info.filename == "xl/styles.xml" else content)
    return out.getvalue()


def _title(title: str) -> str:
    """A sheet title that Excel accepts: no []:*?/\\ and at most 31 characters."""
    return "".join(" " if c in "[]:*?/\\" else c for c in title).strip("' ")[:31] or "Sheet1"


def _shown(value: object) -> str:
    """About what a cell shows, to measure its column."""
    return "" if value is None else str(value)
