"""Live workbook in Excel through xlwings: read from a saved copy, written cell block by cell block.

This is the only module that imports xlwings. Nothing is selected, activated or filtered, so the person's view stays.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import weakref
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from xlcrm.errors import CrmError
from xlcrm.excel.live_table import LiveTable, find_all
from xlcrm.excel.retry import ExcelLostError, UnfinishedError, patient, unfinished
from xlcrm.files import encryption
from xlcrm.plan import Added, Change, NewColumn, Plan, Removed, Resized
from xlcrm.tables import Tables
from xlcrm.xlsx.identity import NAME
from xlcrm.xlsx.reading import read_tables

if TYPE_CHECKING:
    import xlwings as xw

MAC_GROUP = "UBF8T346G9.Office"  # where all programs of Office for Mac may write
SETTINGS = ("screen_updating", "enable_events", "calculation")
MOST_ROWS = 500  # of a selection that is looked at row by row
QUIET = {"screen_updating": False, "enable_events": False, "calculation": "manual"}


@dataclass(eq=False)
class LiveBook:
    """A workbook open in Excel; implements `Book`.

    book   the xlwings book
    local  where backups and journal stand, for a workbook that Excel knows by an https address only
    password  opens the copies that Excel saves of a locked workbook
    """

    book: xw.Book
    local: Path | None = None
    password: str = ""
    is_file: bool = False
    snapshot_is_seen: bool = False
    _folder: str = field(default_factory=lambda: copies_folder(sys.platform, Path.home()))
    _copy: Path | None = None

    def __post_init__(self) -> None:
        """The folder of copies goes when nobody holds the book any more, at the latest when Python ends."""
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    @property
    def path(self) -> Path:
        """The workbook's file. CrmError "live.no_folder" where Excel knows only an address (OneDrive, SharePoint)."""
        if self.local:
            return self.local
        try:
            name = str(patient(lambda: self.book.fullname))
        except CrmError:
            raise
        except Exception:  # noqa: BLE001 (xlwings has several ways of not finding the folder behind an address)
            name = "https:"
        if name.lower().startswith(("http:", "https:")):
            raise CrmError("live.no_folder", name=str(patient(lambda: self.book.name)))
        return Path(name)

    def look(self) -> Tables:
        """The tables as they stand on the screen, from a copy that `snapshot` then hands over: one saving for both."""
        self._copy = self._save_copy()
        return read_tables.read(encryption.readable_for(self, self._copy, self.password))

    def snapshot(self, target: Path) -> None:
        """Save a copy of the workbook as it stands on the screen; the open workbook and its name stay as they are."""
        self.snapshot_is_seen = self._copy is not None
        shutil.copyfile(self._copy or self._save_copy(), target)
        self._copy = None
        with target.open("rb+") as file:
            os.fsync(file.fileno())

    def _save_copy(self) -> Path:
        """A new file each time: tables that were looked at before are still read from theirs."""
        copy = Path(mkdtemp(dir=self._folder)) / f"copy{self.path.suffix}"
        own = patient(lambda: getattr(self.book.api, "SaveCopyAs", None))
        if own and sys.platform != "darwin":
            patient(lambda: own(str(copy)))
        else:  # Excel for Mac offers it to macros only
            patient(lambda: self.book.macro("XlcrmSaveCopy")(str(copy)))
        return copy

    def apply(self, plan: Plan, tables: Tables) -> Plan:
        """Write what the plan names; every cell is compared first, and where one moved nothing is written.

        Excel's settings are as they were afterwards, whatever happens. UnfinishedError where something stops it midway
        (Excel goes away or stays busy): what was written by then is found again by undo.
        """
        self._copy = None
        parts: tuple[Change | NewColumn | Added | Removed | Resized, ...]
        parts = (*plan.changes, *plan.new_columns, *plan.added, *plan.removed, *plan.resized)
        names = {part.table for part in parts}
        live = find_all(self.book, (tables[name] for name in tables if name in names))
        exact, gone = _checked(plan, live)
        with self._quiet(), unfinished():
            for resized in plan.resized:
                live[resized.table].take_in(resized)
            for column in plan.new_columns:
                live[column.table].add_column(column.header)
            for name, table in live.items():
                table.write([change for change in exact if change.table == name])
            for rows in gone:
                live[rows.table].remove(rows)
            for part in plan.added:
                live[part.table].add(part)
            if plan.identity:
                self._identify(plan.identity)
        return replace(plan, changes=exact, removed=gone)

    def _identify(self, identity: str) -> None:
        """Give the workbook its identity: a name that no list of names shows, where this Excel can hide it."""
        name = patient(lambda: self.book.names.add(NAME, f'="{identity}"'))
        with suppress(Exception):  # hidden or not, it is read
            hidden = name.api
            if sys.platform == "darwin":
                hidden.visible.set(False)
            else:
                hidden.Visible = False

    def tell(self, sentence: str, code: int) -> None:
        """Leave a sentence where the button's macro finds it; on a Mac, where nothing waits, call the macro too."""
        patient(lambda: setattr(self.book.app, "status_bar", sentence))
        if sys.platform == "darwin":
            patient(lambda: self.book.macro("XlcrmDone")(code))

    def progress(self, sentence: str) -> None:
        """Say in the status bar how far it is; an Excel that doesn't listen now is not asked twice. Ends with "...", by
        which the macro knows that this is not yet what came of it."""
        with suppress(Exception):
            self.book.app.status_bar = f"{sentence}..."

    def show(self, titles: Collection[str]) -> bool:
        """Bring the first sheet with one of these titles to the front; False where there is none."""
        for sheet in patient(lambda: list(self.book.sheets)):
            if patient(lambda sheet=sheet: sheet.name) in titles:  # type: ignore[misc]
                patient(lambda sheet=sheet: setattr(sheet, "visible", True))  # type: ignore[misc]
                patient(lambda sheet=sheet: sheet.activate())  # type: ignore[misc]
                return True
        return False

    def selected_rows(self) -> tuple[str, tuple[int, ...]]:
        """The title of the sheet in front, and the rows that are selected there and seen: a filter hides its own.

        No rows where this workbook isn't in front, something else than cells is selected, or more than `MOST_ROWS`.
        """
        try:
            selected: Any = patient(lambda: self.book.app.selection)
            address, sheet = patient(lambda: selected.address), selected.sheet
            ours = patient(lambda: sheet.book.name) == patient(lambda: self.book.name)
        except CrmError:
            raise
        except Exception:  # noqa: BLE001 (a chart or a picture is selected: each Excel says so in its own way)
            return "", ()
        return (patient(lambda: sheet.name), _seen_rows(sheet, address)) if ours else ("", ())

    def ask_file(self) -> str:
        """The file that the person chooses in Excel's own dialog, "" where none was chosen."""
        self._copy = None  # what was looked at before somebody took their time is not what a run may work on
        return _text(patient(lambda: self.book.macro("XlcrmAskFile")()))

    def ask(self, question: str) -> str:
        """What the person types as an answer, "" where the question was dismissed."""
        self._copy = None
        return _text(patient(lambda: self.book.macro("XlcrmAsk")(question)))

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """No redrawing, no events, no calculation while cells are written; each setting is put back by itself."""
        app = patient(lambda: self.book.app)
        before = {name: patient(lambda name=name: getattr(app, name)) for name in SETTINGS}  # type: ignore[misc]
        try:
            for name, value in QUIET.items():
                patient(lambda name=name, value=value: setattr(app, name, value))  # type: ignore[misc]
            yield
        finally:
            _put_back(app, before)


def copies_folder(system: str, home: Path) -> str:
    """A new folder for copies that Excel saves. On a Mac Excel lives in a sandbox and would ask the person for each
    folder, except those of its own group, where this program may be asked about once instead."""
    own = home / "Library" / "Group Containers" / MAC_GROUP
    if system == "darwin" and own.is_dir():
        with suppress(OSError):  # the person refused: then Excel asks for the temporary folder
            return mkdtemp(prefix="xlcrm-", dir=own)
    return mkdtemp(prefix="xlcrm-")


def _seen_rows(sheet: xw.Sheet, address: str) -> tuple[int, ...]:
    """The rows of an address that no filter hides; one alone is what the person is at."""
    rows = rows_of_address(address)
    if len(rows) < 2:
        return rows
    return tuple(row for row in rows if patient(lambda row=row: sheet.range((row, 1)).row_height))  # type: ignore[misc]


def rows_of_address(address: str) -> tuple[int, ...]:
    """The rows of "$A$2:$C$3,$F$9"; none where they are whole columns or more than `MOST_ROWS`: that is everybody."""
    ends = [re.findall(r"\d+", part) for part in address.replace("$", "").split(",")]
    spans = [range(int(found[0]), int(found[-1]) + 1) for found in ends if found]
    if len(spans) < len(ends) or sum(map(len, spans)) > MOST_ROWS:
        return ()
    return tuple(dict.fromkeys(row for span in spans for row in span))


def _text(answer: object) -> str:
    """A macro's answer; a dialog that was dismissed answers False."""
    return answer if isinstance(answer, str) else ""


def _checked(plan: Plan, live: dict[str, LiveTable]) -> tuple[tuple[Change, ...], tuple[Removed, ...]]:
    """The plan's changes and rows to go as the cells really are; CrmError for the first thing in the way."""
    fresh = {(column.table, column.header) for column in plan.new_columns}
    old = [change for change in plan.changes if (change.table, change.column) not in fresh]
    for name, table in live.items():
        table.check_size()
        going = [part for part in plan.removed if part.table == name]
        _look(table, [change.column for change in old if change.table == name], going)
    exact = tuple(live[change.table].check(change) if change in old else change for change in plan.changes)
    gone = tuple(live[part.table].check_removed(part) for part in plan.removed)
    for resized in plan.resized:
        live[resized.table].check_resized(resized)
    for part in plan.added:
        live[part.table].check_room(len(part.rows))
    for column in plan.new_columns:
        live[column.table].check_free_column()
    return exact, gone


def _look(table: LiveTable, changing: list[str], going: list[Removed]) -> None:
    """Read what will be compared; a table that only gets longer fills the blank rows at its end first."""
    columns = [str(column) for part in going for column in part.rows.columns]
    table.look_at([*changing, *columns], changing)
    if not (changing or columns):
        table.take_up_blank_end()


def _put_back(app: Any, before: dict[str, Any]) -> None:
    """Each by itself, and what was refused once more: the person may have left the cell meanwhile."""
    asked = len(before)
    for last in (False, True):
        for name, value in list(before.items()):
            try:
                patient(lambda name=name, value=value: setattr(app, name, value))  # type: ignore[misc]
            except ExcelLostError:
                return  # an Excel that is gone has no settings
            except CrmError as fault:
                if last or (name == SETTINGS[-1] and len(before) == asked):
                    raise UnfinishedError("live.busy_midway", **fault.values) from fault
            else:
                del before[name]


def attach(name: str, hwnd: int = 0) -> LiveBook:
    """The open workbook called `name`, in the Excel window `hwnd` where that is known (Windows).

    CrmError "live.not_open" where no Excel has it open, "live.twice" where two have and no window tells them apart.
    """
    import xlwings as xw

    _leave_other_excels_alone()
    _wait_no_longer_than_we_do()
    found = []
    for app in patient(lambda: list(xw.apps)):
        if hwnd and patient(lambda app=app: app.hwnd) not in (0, hwnd):  # type: ignore[misc]
            continue
        for book in patient(lambda app=app: list(app.books)):  # type: ignore[misc]
            if patient(lambda book=book: book.name) == name:  # type: ignore[misc]
                found.append(book)
    if not found:
        raise CrmError("live.not_open", name=name)
    if len(found) > 1:
        raise CrmError("live.twice", name=name)
    return LiveBook(found[0])


def _wait_no_longer_than_we_do() -> None:
    """xlwings itself tries a busy Excel again for ever, unless it is told to try once."""
    windows = sys.modules.get("xlwings._xlwindows")
    if windows is not None:
        windows.N_COM_ATTEMPTS = 1  # type: ignore[attr-defined]


def _leave_other_excels_alone() -> None:
    """xlwings ends Excel processes that it can't see when Python exits; those are somebody's work (issue 2456)."""
    import atexit

    for name in ("xlwings._xlwindows", "xlwings._xlmac"):
        cleanup = getattr(sys.modules.get(name), "cleanup", None)
        if cleanup is not None:
            atexit.unregister(cleanup)
