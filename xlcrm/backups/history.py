"""History of the backups, newest first, each with the rows that changed since the one before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import ExitStack, closing
from typing import NamedTuple

import numpy as np
import pandas as pd

from xlcrm import messages
from xlcrm.backups.store import Backup, Store
from xlcrm.errors import CrmError
from xlcrm.row_matching import fingerprints, key_column, match
from xlcrm.tables import Table, Tables
from xlcrm.undo.journal import Entry
from xlcrm.xlsx.reading import read_tables

_COUNTS = ("cells", "added", "removed", "files")  # of a run, in the order in which they are told

# What changed between two backups, row by row, so that a person can tell which one to put back.


class Difference(NamedTuple):
    """How many rows of a table were added, removed and changed. `state` is "differs", "came" or "went" (the table).

    `table` is what the user calls it: the name of its sheet.
    """

    table: str
    added: int
    removed: int
    changed: int
    state: str = "differs"

    def note(self) -> tuple[str, dict[str, object]]:
        """The message that says so: backup.differs, backup.table_came or backup.table_went."""
        if self.state == "differs":
            fill: dict[str, object] = {"added": self.added, "removed": self.removed, "changed": self.changed}
            return "backup.differs", {"table": self.table, **fill}
        return f"backup.table_{self.state}", {"table": self.table, "rows": self.added + self.removed}


def differences(before: Tables, after: Tables) -> list[Difference]:
    """The tables that differ, in the order of `after`, then those that are gone. A new order of rows is no difference.

    Equal rows are paired first. Of those left over, two with one key (the schema's key column, else the table's first)
    are one changed row, the others were added or removed. Columns of formulas are not looked at; a column that only
    one side has counts as blank on the other.
    """
    found = []
    for name in after:
        if name not in before:
            found.append(Difference(after[name].sheet, len(after[name].frame), 0, 0, "came"))
            continue
        added, removed, changed = _counts(before[name], after[name])
        if added or removed or changed:
            found.append(Difference(after[name].sheet, added, removed, changed))
    gone = [table for name, table in before.items() if name not in after]
    found += [Difference(table.sheet, 0, len(table.frame), 0, "went") for table in gone]
    return found


def _counts(before: Table, after: Table) -> tuple[int, int, int]:
    if before.formulas == after.formulas and before.frame.equals(after.frame):
        return 0, 0, 0  # the usual case, told without a look at each cell
    formulas = before.formulas | after.formulas
    columns = [c for c in dict.fromkeys([*before.frame.columns, *after.frame.columns]) if c not in formulas]
    old, new = (_with(table.frame, columns) for table in (before, after))
    old_rows, new_rows = fingerprints(old, columns), fingerprints(new, columns)
    paired = match(old_rows, new_rows)
    old_left = old[paired < 0]
    new_left = new[~np.isin(np.arange(len(new)), paired)]
    key = _key(before, columns)
    changed = int((match(fingerprints(old_left, key), fingerprints(new_left, key)) >= 0).sum()) if key else 0
    return len(new_left) - changed, len(old_left) - changed, changed


def _with(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return frame.reindex(columns=columns).reset_index(drop=True)


def _key(table: Table, columns: list[str]) -> list[str]:
    wanted = key_column(table.name)
    return [wanted] if wanted in columns else columns[:1]


def history(store: Store, language: str, *, newest: int = 10) -> list[tuple[Backup, str]]:
    """Every backup, newest first, with a sentence about what changed since the one before it ("" for the first taken).

    Only the `newest` are read and compared, because each comparison reads two workbooks; the others say so, unless
    their checksums show that nothing changed. A backup that can't be read says so instead of hiding the others.
    """
    everything = store.backups()[::-1]
    older = [*everything[1:], None][: len(everything)]
    with closing(_Reader(store)) as reader:
        return [
            (made, _changed(reader, before, made, language, compare=place < newest) if before else "")
            for place, (made, before) in enumerate(zip(everything, older, strict=True))
        ]


class _Reader:
    """The tables of backups, the last two of them kept open: a backup is compared with the one after it and before."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: list[tuple[str, Tables, ExitStack]] = []

    def tables(self, backup: Backup) -> Tables:
        """The tables of a backup; CrmError where it can't be read."""
        for name, tables, _ in self._open:
            if name == backup.name:
                return tables
        with ExitStack() as stack:
            tables = read_tables.read(stack.enter_context(self._store.opened(backup)))
            self._open.append((backup.name, tables, stack.pop_all()))
        if len(self._open) > 2:
            self._open.pop(0)[2].close()
        return tables

    def close(self) -> None:
        for _, _, stack in self._open:
            stack.close()


def _by_sheet(found: list[Difference]) -> list[Difference]:
    """One difference a sheet, also where several tables of it differ."""
    sheets: dict[tuple[str, str], Difference] = {}
    for one in found:
        place = (one.table, one.state)
        other = sheets.get(place, Difference(one.table, 0, 0, 0, one.state))
        sums = (other.added + one.added, other.removed + one.removed, other.changed + one.changed)
        sheets[place] = Difference(one.table, *sums, one.state)
    return list(sheets.values())


def runs_told(runs: Sequence[Entry], language: str, *, newest: int = 0, elsewhere: Collection[int] = ()) -> list[str]:
    """The runs of a journal in plain words, newest first: number, when, who, what it did, whether it was taken back.

    `newest` are as many lines as wanted, 0 for all; `elsewhere` are the numbers of runs of another copy. A run that
    failed changed nothing and is left out.
    """
    shown = [entry for entry in reversed(runs) if entry.state != "failed"]
    return [
        _told(entry, language, elsewhere=entry.number in elsewhere) for entry in (shown[:newest] if newest else shown)
    ]


def _told(entry: Entry, language: str, *, elsewhere: bool) -> str:
    """One run as a line."""

    def say(key: str, **values: object) -> str:
        return messages.text(key, language, **values)

    done = [say(f"history.{what}", n=entry.counts.get(what, 0)) for what in _COUNTS if entry.counts.get(what, 0)]
    after = [("history.undone", entry.undone_by), ("history.undoes", max(entry.undoes, 0))]
    rest = [say(key, number=number) for key, number in after if number]
    rest += [say("history.unfinished")] if entry.state == "begun" else []
    rest += [say("history.elsewhere")] if elsewhere else []
    what = "; ".join([", ".join(done) or say("history.nothing"), *rest])
    when = f"{entry.at:%Y-%m-%d %H:%M}"
    return say("history.run", number=entry.number, when=when, who=entry.who, action=_action(entry, language), what=what)


def _action(entry: Entry, language: str) -> str:
    """What the sheet Changes calls the run."""
    return messages.text(f"action.{entry.action}", language)


def _changed(reader: _Reader, before: Backup, after: Backup, language: str, *, compare: bool) -> str:
    if before.sha256 and before.sha256 == after.sha256:
        return messages.text("backup.same", language)
    if not compare:
        return messages.text("backup.not_compared", language)
    try:
        new = reader.tables(after)
        notes = [found.note() for found in _by_sheet(differences(reader.tables(before), new))]
    except CrmError as fault:
        return fault.text(language)
    told = "; ".join(messages.text(key, language, **values) for key, values in notes)
    return told or messages.text("backup.no_rows", language)
