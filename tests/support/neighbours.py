"""Workbooks of two firms in situations where their backups could be mixed up, and what must hold afterwards.

Every client's name begins with its firm's, so a workbook or a backup that holds another firm's client is seen at once.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.worksheet.table import Table as SheetTable

from tests.support.session_help import plan_with
from xlcrm.actions import ACTIONS
from xlcrm.backups import belonging
from xlcrm.backups.store import Store
from xlcrm.errors import CrmError
from xlcrm.files.durable import sha256_of
from xlcrm.plan import Added, Plan
from xlcrm.run import run
from xlcrm.session import Call, open_session
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.undo import journal
from xlcrm.xlsx import identity
from xlcrm.xlsx.reading import read_tables

NOW = dt.datetime(2026, 11, 22, 14, 30)
CHANGES = ("undo_number", "when", "who", "action", "cells", "rows_added", "rows_removed", "what")


def make(path: Path, firm: str, *, folder: str = "", clients: int = 6) -> Path:
    """A small client file of a firm, with a folder of backups in its Settings."""
    book = openpyxl.Workbook()
    rows = [(f"C{n}", f"{firm} {n}", "Oslo") for n in range(clients)]
    _sheet(book, "Clients", ("client_id", "full_name", "city"), rows)
    _sheet(book, "Changes", CHANGES, [])
    _sheet(book, "Settings", ("setting", "value"), [("backup_folder", folder), ("language", "en")])
    book.remove(book.worksheets[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def _sheet(book: openpyxl.Workbook, name: str, header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    sheet = book.create_sheet(name)
    for row in (header, *(rows or [("",) * len(header)])):
        sheet.append([cell or None for cell in row])
    end = f"{openpyxl.utils.get_column_letter(len(header))}{max(2, len(rows) + 1)}"
    sheet.add_table(SheetTable(displayName=name, name=name, ref=f"A1:{end}"))


@dataclass
class Town:
    """A situation: the workbooks in it with the firms whose clients each may hold, and a clock.

    stood_here  the firm of the one workbook that is known to have stood where now nothing is
    """

    folder: Path
    firms: dict[Path, set[str]] = field(default_factory=dict)
    now: dt.datetime = NOW
    told: list[str] = field(default_factory=list)
    stood_here: set[str] = field(default_factory=set)

    def call(self) -> Call:
        self.now += dt.timedelta(minutes=1)
        return Call(self.now, "Ann", warn=self.told.append)

    def add(self, book: Path, client: str) -> None:
        """A run that puts a client under the table."""

        def operation(tables: Tables, settings: Settings, today: dt.date) -> Plan:
            row = pd.DataFrame({"client_id": [client.replace(" ", "")], "full_name": [client]})
            return Plan("import", added=(Added("Clients", row),))

        call = self.call()
        plan_with(open_session(book, call).book, operation, call, "import")

    def number(self, book: Path, client: str) -> int:
        """Such a run; its number for undo."""
        self.add(book, client)
        return self.store(book).journal.entries()[-1].number

    def do(self, book: Path, action: str, **options: Any) -> str:
        """An action of the registry; what it said, or the key of the refusal."""
        try:
            outcome = run(open_session(book, self.call(), anyway=ACTIONS[action].heals), ACTIONS[action], **options)
        except CrmError as fault:
            return fault.key
        return " ".join(outcome.sentences())

    def store(self, book: Path) -> Store:
        """The store of a workbook, as a command finds it."""
        return open_session(book, self.call(), anyway=True).store

    def names(self, book: Path) -> list[str]:
        """The backups that the workbook has, newest first."""
        return [made.name for made in self.store(book).backups()[::-1]]


def clients(path: Path) -> set[str]:
    """The firms whose clients a workbook holds."""
    frame = read_tables.read(path)["Clients"].frame
    return {str(name).split(" ")[0] for name in frame["full_name"] if str(name).strip()}


def old_version(town: Town, *books: Path) -> None:
    """Makes workbooks and their stores what an earlier version left: no identity, one list and journal a name."""
    records: list[dict[str, Any]] = []
    for book in books:
        store = open_session(book, town.call()).store
        label, old = store.label, belonging.label(store.folder, book.stem, "")
        if label.journal.exists():
            records += [found for text in label.journal.read_bytes().splitlines() if (found := journal.read(text))]
        label.journal.unlink(missing_ok=True)
        label.list.unlink(missing_ok=True)
        drop_identity(book)
        for made in store.folder.glob(f"{book.stem} *{book.suffix}"):
            drop_identity(made)
        text = "".join(f"{sha256_of(p)}  {p.name}\n" for p in sorted(store.folder.glob(f"{book.stem} *.xls[xm]")))
        old.list.write_text(text, encoding="utf-8")
        old.journal.write_bytes(_in_turn(records))


def _in_turn(records: list[dict[str, Any]]) -> bytes:
    """Journals of several workbooks as one, run by run as they were made, without the numbers of today."""
    begun = {record["id"]: record["at"] for record in records if record["record"] == "begun"}
    runs = sorted((record for record in records if "id" in record), key=lambda record: begun[record["id"]])
    plain = ({k: v for k, v in record.items() if k not in ("number", "book")} for record in runs)
    return b"".join(journal.line(record) + b"\n" for record in plain)


def drop_identity(path: Path) -> None:
    """What a program does that keeps no names."""
    book = openpyxl.load_workbook(path, keep_vba=False)
    if identity.NAME in book.defined_names:
        del book.defined_names[identity.NAME]
        book.save(path)


# The situations. Each returns a town in which every workbook has had two runs of its own at least.


def _two(town: Town, acme: Path, beta: Path) -> Town:
    town.firms = {acme: {"Acme"}, beta: {"Beta"}}
    for turn in "12":
        for book, firm in ((acme, "Acme"), (beta, "Beta")):
            town.add(book, f"{firm} new{turn}")
    return town


def one_store(folder: Path) -> Town:
    """two workbooks of one name with one folder of backups"""
    (folder / "acme").mkdir()
    books = [make(folder / firm.lower() / "ClientFile.xlsm", firm, folder="../shared") for firm in ("Acme", "Beta")]
    return _two(Town(folder), *books)


def mixed_suffixes(folder: Path) -> Town:
    """My.xlsm and My.xlsx in one folder"""
    return _two(Town(folder), make(folder / "My.xlsm", "Acme"), make(folder / "My.xlsx", "Beta"))


def old_name(folder: Path) -> Town:
    """a renamed workbook, and a new one that got the old name"""
    town = Town(folder)
    first = make(folder / "ClientFile.xlsm", "Acme")
    town.add(first, "Acme new1")
    town.add(first, "Acme new2")
    renamed = first.rename(folder / "Customers.xlsm")
    fresh = make(folder / "ClientFile.xlsm", "Beta")
    town.firms = {renamed: {"Acme"}, fresh: {"Beta"}}
    return town


def copied(folder: Path) -> Town:
    """a copy beside the workbook, in which another firm is worked on"""
    town = Town(folder)
    first = make(folder / "ClientFile.xlsm", "Acme")
    town.add(first, "Acme new1")
    copy = Path(shutil.copy(first, folder / "ClientFile copy.xlsm"))
    town.firms = {first: {"Acme"}, copy: {"Acme", "Beta"}}
    town.add(copy, "Beta new1")
    town.add(first, "Acme new2")
    town.add(copy, "Beta new2")
    return town


def copied_store(folder: Path) -> Town:
    """copies of one workbook with one folder of backups, each worked on"""
    town = Town(folder)
    first = make(folder / "a" / "ClientFile.xlsm", "Acme", folder="../shared")
    town.add(first, "Acme new1")
    (folder / "b").mkdir()
    copy = Path(shutil.copy(first, folder / "b" / "ClientFile.xlsm"))
    town.firms = {first: {"Acme"}, copy: {"Acme", "Beta"}}
    town.add(copy, "Beta new1")
    town.add(first, "Acme new2")
    return town


def foreign_journal(folder: Path) -> Town:
    """a sync program put the other firm's journal, list and backups into the folder"""
    town = _two(
        Town(folder), make(folder / "a" / "ClientFile.xlsm", "Acme"), make(folder / "b" / "ClientFile.xlsm", "Beta")
    )
    for path in (folder / "b" / "ClientFile backups").iterdir():
        if not path.name.startswith("."):
            there = folder / "a" / "ClientFile backups" / path.name
            shutil.copy(path, there if not there.exists() else there.with_stem(f"{there.stem} (2)"))
    return town


def old_store(folder: Path) -> Town:
    """an earlier version mixed two workbooks in one store"""
    town = one_store(folder)
    old_version(town, *town.firms)
    return town


def old_single(folder: Path) -> Town:
    """a workbook and its store of an earlier version"""
    town = Town(folder)
    book = make(folder / "ClientFile.xlsm", "Acme")
    town.firms = {book: {"Acme"}}
    town.add(book, "Acme new1")
    town.add(book, "Acme new2")
    old_version(town, book)
    return town


def dropped(folder: Path) -> Town:
    """another program saved the workbook and kept no names; a neighbour has the same folder"""
    town = one_store(folder)
    drop_identity(next(iter(town.firms)))
    return town


def replaced(folder: Path) -> Town:
    """another firm's workbook without identity was put over the file"""
    town = Town(folder)
    book = make(folder / "ClientFile.xlsm", "Acme")
    town.add(book, "Acme new1")
    town.add(book, "Acme new2")
    make(book, "Beta")
    town.firms, town.stood_here = {book: {"Beta"}}, {"Acme"}
    return town


def posted(folder: Path) -> Town:
    """sent by e-mail, changed there with a store of its own, and put back"""
    town = Town(folder)
    here = make(folder / "here" / "ClientFile.xlsm", "Acme")
    town.add(here, "Acme new1")
    (folder / "there").mkdir()
    there = Path(shutil.copy(here, folder / "there" / "ClientFile.xlsm"))
    town.add(here, "Acme new2")
    town.add(there, "Acme new3")
    shutil.copy(there, here)
    town.firms = {here: {"Acme"}, there: {"Acme"}}
    return town


def other_machine(folder: Path) -> Town:
    """the folder was brought to another computer, and a neighbour of the same name came to the old place"""
    town = Town(folder)
    book = make(folder / "old" / "ClientFile.xlsm", "Acme")
    town.add(book, "Acme new1")
    town.add(book, "Acme new2")
    (folder / "old").rename(folder / "new")
    other = make(folder / "old" / "ClientFile.xlsm", "Beta")
    town.firms = {folder / "new" / "ClientFile.xlsm": {"Acme"}, other: {"Beta"}}
    return town


SITUATIONS: tuple[Callable[[Path], Town], ...] = (
    one_store, mixed_suffixes, old_name, copied, copied_store, foreign_journal, old_store, old_single, dropped,
    replaced, posted, other_machine,
)  # fmt: skip


def steps(town: Town, book: Path) -> Iterator[tuple[str, Callable[[], str]]]:
    """What a person may do with one of the workbooks, each with its name."""
    yield "undo", lambda: town.do(book, "undo", number=0)
    for number in (1, 2, 3, 4):
        yield f"undo {number}", lambda number=number: town.do(book, "undo", number=number)  # type: ignore[misc]
    for which in ("1", "2", "3"):
        yield f"restore {which}", lambda which=which: town.do(book, "restore", which=which, rows=())  # type: ignore[misc]
    for name in sorted({path.name for path in town.folder.rglob("* before *")}):
        yield f"restore {name}", lambda name=name: town.do(book, "restore", which=name, rows=())  # type: ignore[misc]
    yield "restore, gone", lambda: (book.unlink(), town.do(book, "restore", which="1", rows=()))[1]  # type: ignore[func-returns-value]


def wrong(town: Town, book: Path, before: dict[Path, bytes], step: str = "") -> str:
    """What a step did wrong; "" where every workbook and every backup is its own."""
    for path, own in town.firms.items():
        firms = own | town.stood_here if step == "restore, gone" else own
        if path != book and path.read_bytes() != before[path]:
            return f"{path.name} of another was changed"
        if path.exists() and not clients(path) <= firms:
            return f"{path} holds clients of {clients(path) - firms}"
        store = open_session(path, town.call(), anyway=True).store
        for made in store.backups():
            if not clients(made.path) <= firms:
                return f"{made.name} counts as a backup of {path}"
    return ""
