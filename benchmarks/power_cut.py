"""Power cuts judged: what a run leaves is the old or the new workbook, with whole backups and a right undo."""

from __future__ import annotations

import random
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.fault_states import NAME, call, content
from benchmarks.resumable import Proof
from benchmarks.small_book import COMMANDS, prepared
from tests.support.power_cut import Recording, State, put, recorded, states
from xlcrm.backups.store import Store
from xlcrm.backups.verify import verify
from xlcrm.settings import read_settings
from xlcrm.xlsx.reading import read_tables

RIGHT = frozenset({"old", "new"})
Cells = dict[str, list[tuple[str, ...]]]


@contextmanager
def same_numbers() -> Iterator[None]:
    """The random names of runs and temporary files are the same each time, so that a state has a number."""
    chance, kept = random.Random(7), secrets.token_hex
    secrets.token_hex = lambda nbytes=None: chance.randbytes(nbytes or 8).hex()
    try:
        yield
    finally:
        secrets.token_hex = kept


def cells(book: Path) -> Cells:
    """The rows of every table but the list of runs, in any order: rows that come back stand under the others."""
    return {name: sorted(rows) for name, rows in content(book).items() if name != "Changes"}


def _store(book: Path) -> Store:
    """The backups of the workbook, where its sheet Settings has them."""
    return Store(book, read_settings(read_tables.read(book)).backup_folder)


def last_run(book: Path) -> int:
    """The number of the run that began last, 0 for none."""
    return max((entry.number for entry in _store(book).journal.entries()), default=0)


def _ends(path: Path) -> tuple[bytes, int]:
    """How a list of lines ends, which decides how the next line is put to it, and how many lines it has."""
    content = path.read_bytes() if path.exists() else b""
    return content[-1:], content.count(b"\n")


class Judge:
    """Knows a folder before and after a command, and judges any state in between.

    state     the folder before the command
    words     the command
    scratch   a folder for states to stand in
    """

    def __init__(self, state: Path, words: list[str], scratch: Path) -> None:
        self.words = words
        self.folder = scratch / "run"
        self._fresh()
        shutil.copytree(state, self.folder)
        self.book = self.folder / NAME
        self.old, self.old_cells = self.book.read_bytes(), cells(self.book)
        self.runs = last_run(self.book)
        with same_numbers(), recorded(self.folder) as recording:
            self.code, said = call(words, self.folder)
        assert self.code in (0, 1), said
        self.recording: Recording = recording
        self.new, self.new_cells = self.book.read_bytes(), cells(self.book)
        self._known: dict[str, str] = {}
        self._states = states(recording)
        self.at = 0

    def _fresh(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def trial(self, number: int) -> str:
        """The verdict on the state of that number; numbers only go up."""
        while self.at < number:
            next(self._states)
            self.at += 1
        self.at += 1
        return self.verdict(next(self._states))

    def verdict(self, state: State) -> str:
        """old, new, or what is wrong."""
        self._fresh()
        put(state, self.folder)
        if not self.book.exists():
            return "WORKBOOK GONE"
        now = self.book.read_bytes()
        if now not in (self.old, self.new):
            return "WORKBOOK TORN"
        which = "new" if now == self.new else "old"
        store = _store(self.book)
        codes = {problem.code for problem in verify(store)} - {"backup.unlisted"}
        if codes:
            return f"BACKUPS: {', '.join(sorted(codes))}"
        entries, backups = store.journal.entries(), store.backups()
        there = {backup.name for backup in backups}
        if gone := [entry.backup for entry in entries[self.runs :] if entry.backup and entry.backup not in there]:
            return f"BACKUP OF A RUN GONE: {gone}"
        ends = _ends(store.index), _ends(store.journal_path)
        read = repr((which, entries, backups, *ends, sorted(self._others(state))))
        if read not in self._known:
            self._known[read] = self._goes_on(which)
        return self._known[read]

    @staticmethod
    def _others(state: State) -> frozenset[str]:
        """Which files and folders are there, but for temporary ones, which no command reads."""
        return frozenset(path for path in state if ".~xlcrm-" not in path)

    @property
    def judged(self) -> int:
        """How many states are different to a program that reads them: those in which the next command was tried."""
        return len(self._known)

    def _goes_on(self, which: str) -> str:
        """Whether the next command works: after the new state undo, after the old one the command again, and undo."""
        if which == "old":
            code, said = call(self.words, self.folder)
            if code != self.code or cells(self.book) != self.new_cells:
                return f"AGAIN: exit {code}, {said}"
        code, said = call(["undo", "{book}", str(last_run(self.book))], self.folder)
        if code or cells(self.book) != self.old_cells:
            return f"UNDO of {which}: exit {code}, {said}"
        codes = {problem.code for problem in verify(_store(self.book))} - {"backup.unlisted"}
        return f"BACKUPS LATER: {', '.join(sorted(codes))}" if codes else which


def proofs(folder: Path) -> list[Proof]:
    """One for each command."""

    def trial(command: str) -> Callable[[int], str]:
        scratch, (runs, words) = folder / command, COMMANDS[command]
        return Judge(prepared(scratch / "state", runs), words, scratch).trial

    return [Proof(command, RIGHT, partial(trial, command)) for command in COMMANDS]
