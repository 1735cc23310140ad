"""Every single byte of a journal and of a list of checksums changed: never another run, never a wrong restore."""

from __future__ import annotations

import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.table import Table

from benchmarks.fuzzing import journal
from benchmarks.resumable import Proof
from xlcrm.backups.journal_file import Journal
from xlcrm.backups.store import Store
from xlcrm.errors import CrmError
from xlcrm.undo.plan_json import encode

RIGHT = frozenset({"same", "refused", "less known"})
OTHERS = (1, 0x20, 0x80, 0xFF)  # what a byte is changed by


def flipped(content: bytes, number: int) -> bytes:
    """The bytes with one of them changed: `number` counts through all bytes, then again with another change.

    They come in an order in which any beginning is a fair sample.
    """
    step = next(prime for prime in (7919, 7907, 7901) if len(content) % prime)
    place, again = number * step % len(content), number // len(content)
    by = OTHERS[again] if again < len(OTHERS) else random.Random(number).randrange(1, 256)
    return content[:place] + bytes([content[place] ^ by]) + content[place + 1 :]


class JournalFlips:
    """A journal of four runs, one byte of it changed each time."""

    def __init__(self, folder: Path) -> None:
        self.path = journal(folder / "A journal.jsonl")
        self.sound = self.path.read_bytes()
        self.ids = {entry.number: entry.id for entry in Journal(self.path).entries()}
        self.plans = {number: self._plan(number) for number in self.ids}

    def _plan(self, number: int) -> str:
        return json.dumps(encode(Journal(self.path).plan(number)), sort_keys=True)

    def trial(self, number: int) -> str:
        """same, less known (a run or what it did can't be told), or what is wrong."""
        self.path.write_bytes(flipped(self.sound, number))
        try:
            entries = Journal(self.path).entries()
        except CrmError:
            return "refused"
        if wrong := [entry.number for entry in entries if self.ids.get(entry.number) != entry.id]:
            return f"ANOTHER NUMBER: {wrong}"
        kinds = {self._told(number) for number in self.ids}
        if "wrong" in kinds:
            return "ANOTHER PLAN"
        return "same" if kinds == {"same"} else "less known"

    def _told(self, number: int) -> str:
        """Whether `undo NUMBER` would take back what the run did."""
        try:
            told, who = self._plan(number), Journal(self.path).entry(number).id
        except CrmError:
            return "refused"
        return "same" if told == self.plans[number] and who == self.ids[number] else "wrong"


class ChecksumFlips:
    """Backups of a workbook, one byte of the list of their checksums changed each time."""

    def __init__(self, folder: Path) -> None:
        self.book = plain(folder / "A.xlsx")
        store = Store(self.book)
        for number in range(4):
            plain(self.book, f"state {number}")
            store.take(_copied(self.book), dt.datetime(2026, 11, 22, 14, 30 + number), "before split")
        self.index, self.sound = store.index, store.index.read_bytes()
        self.held = {backup.name: backup.path.read_bytes() for backup in store.backups()}
        self.order = [backup.name for backup in store.backups()]

    def trial(self, number: int) -> str:
        """same, less known (a backup has no checksum any more), refused, or what is wrong."""
        self.index.write_bytes(flipped(self.sound, number))
        store = Store(self.book)
        if [backup.name for backup in store.backups()] != self.order:
            return "ANOTHER ORDER"
        outcomes = {self._restored(store, str(which)) for which in range(1, 5)}
        wrong = [outcome for outcome in outcomes if outcome not in RIGHT]
        return wrong[0] if wrong else next(kind for kind in ("refused", "less known", "same") if kind in outcomes)

    def _restored(self, store: Store, which: str) -> str:
        backup = store.find(which)
        if backup.name != self.order[-int(which)]:
            return f"ANOTHER BACKUP: {which}"
        try:
            content = store.content(backup)
        except CrmError:
            return "refused"
        if content != self.held[backup.name]:
            return f"OTHER BYTES: {which}"
        return "same" if backup.sha256 else "less known"


def plain(path: Path, text: str = "") -> Path:
    """A workbook of one sheet with one table."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    people = [[f"C{n}", f"Anna Prova {n}"] for n in range(1, 8)]
    for row in (["client_id", "full_name"], *people, ["C8", text or "Bruno Esempio"]):
        sheet.append(row)
    sheet.add_table(Table(displayName="Clients", ref="A1:B9"))
    book.save(path)
    return path


def _copied(book: Path) -> Any:
    return lambda target: target.write_bytes(book.read_bytes())


def proofs(folder: Path) -> list[Proof]:
    """One for the journal, one for the checksums."""
    return [
        Proof("journal", RIGHT, lambda: JournalFlips(folder).trial),
        Proof("checksums", RIGHT, lambda: ChecksumFlips(folder).trial),
    ]
