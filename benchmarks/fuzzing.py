"""Readers that are fuzzed: for each the sound files that faults are planted in, and how such a file is read."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.resumable import Proof
from tests.support.fuzz_readers import RIGHT, outcomes, spoilt
from tests.support.paths import ROOT
from xlcrm.backups import checksums
from xlcrm.backups.journal_file import Journal
from xlcrm.errors import CrmError
from xlcrm.files import list_files
from xlcrm.plan import Added, Change, NewColumn, Plan, Removed
from xlcrm.xlsx.reading import read_tables

SEEDS = ROOT / "tests" / "cases" / "fuzz"
BATCH = 100
CLIENT_FILE = ROOT / "workbook" / "ClientFile.xlsm"


def read_list(path: Path) -> object:
    return list_files.read(path)


def read_workbook(path: Path) -> object:
    return [len(table.frame) for table in read_tables.read(path).values()]


def read_journal(path: Path) -> object:
    """All that undo reads of a journal."""
    journal = Journal(path)
    journal.kinds()
    plans = []
    for entry in journal.entries():
        try:
            plans.append(journal.plan(entry.number))
        except CrmError:
            plans.append(Plan(""))
    return plans


def read_checksums(path: Path) -> object:
    return checksums.read(path)


# kind of file: how it is read, and the sound files, made in a folder or there already
READERS: dict[str, Callable[[Path], object]] = {
    "xlsx": read_list,
    "client file": read_workbook,
    "xls": read_list,
    "ods": read_list,
    "csv": read_list,
    "vcf": read_list,
    "journal": read_journal,
    "checksums": read_checksums,
}


def seeds(kind: str, folder: Path) -> list[Path]:
    """The sound files of a kind."""
    if kind == "client file":
        return [CLIENT_FILE, SEEDS / "list.xlsx"]
    if kind == "journal":
        return [journal(folder / "A journal.jsonl")]
    if kind == "checksums":
        lines = "".join(f"{n:064x}  A 2026-11-22 14300{n} before split.xlsm\n" for n in range(9))
        (folder / "A checksums.sha256").write_text(lines)
        return [folder / "A checksums.sha256"]
    return [SEEDS / f"list.{kind}"]


def some_plan(number: int = 1) -> Plan:
    """A plan with every kind of part and of value."""
    index = pd.Index([3, 7])
    keys = pd.Series(["C4", "C8"], index=index, dtype="str")
    odd = pd.Series([dt.date(2026, 1, 2), np.inf], index=index, dtype=object)
    added = pd.DataFrame({"client_id": [f"C9{number}"], "registered_on": [pd.Timestamp(2026, 1, 1)]})
    return Plan(
        "import",
        changes=(
            Change("Clients", "email", pd.Series(["a@", None], index=index, dtype=object), keys + "@example.com", keys),
            Change("Clients", "total_spend", pd.Series([np.nan, 5.0], index), pd.Series([1.5, number], index), keys),
            Change("Clients", "notes", odd, pd.Series(["x", True], index=index, dtype=object), keys),
        ),
        added=(Added("Clients", added),),
        removed=(Removed("Purchases", pd.DataFrame({"invoice": ["007"], "amount": [9.5]}, index=[12])),),
        new_columns=(NewColumn("Clients", "Shoe size"),),
        notes=(("import.done", {"rows": 3, "day": dt.date(2026, 1, 2)}),),
    )


def journal(path: Path, runs: int = 4) -> Path:
    """A journal of some runs: done, done with other befores, begun, undone."""
    path.unlink(missing_ok=True)
    book = Journal(path)
    for number in range(1, runs + 1):
        now = dt.datetime(2026, 11, 22, 14, number)
        plan = some_plan(number)
        begun = book.begin(plan, now=now, who="Anna", backup=f"A {number}.xlsm", undoes=1 if number == runs else 0)
        if number != 3:
            book.done(begun, some_plan(number + 10) if number == 2 else plan, now=now)
    return path


class Fuzzed:
    """One reader with its sound files; `folder` is where spoilt ones stand."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.folder = kind, folder
        self.seeds = seeds(kind, folder)
        self.sound = [path.read_bytes() for path in self.seeds]
        for path in self.seeds:
            READERS[kind](path)  # sound files are read, and what is imported late is imported now

        self._known: dict[int, str] = {}

    def trial(self, number: int) -> str:
        """read, refused, or what is wrong with the file of that number."""
        if number not in self._known:
            self._known = outcomes(self.one, range(number, number + BATCH))
        return self._known[number]

    def one(self, number: int) -> str:
        """Read the file of that number, in this process."""
        chance = random.Random(f"{self.kind} {number}")
        which = chance.randrange(len(self.seeds))
        path = self.folder / f"spoilt{self.seeds[which].suffix}"
        path.write_bytes(spoilt(self.sound[which], chance))
        try:
            READERS[self.kind](path)
        except CrmError:
            return "refused"
        return "read"


def proofs(folder: Path) -> list[Proof]:
    """One for each kind of file."""
    return [Proof(kind, RIGHT, lambda kind=kind: Fuzzed(kind, folder).trial) for kind in READERS]  # type: ignore[misc]
