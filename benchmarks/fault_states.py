"""The commands that the fault benchmark tries, the folder as it is before each, and a referee for what is left after.

Kept apart from faults.py so that what counts as right can be read without the machinery that breaks things.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import shutil
import time
import zipfile
from collections.abc import Callable, Collection
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from tests.support.faults import injected
from xlcrm.backups.store import Store
from xlcrm.backups.verify import verify
from xlcrm.cli import options
from xlcrm.cli.commands import main as xlcrm
from xlcrm.demo.generate import make
from xlcrm.files import encryption
from xlcrm.values import text_of
from xlcrm.xlsx.reading import read_tables

NOW = dt.datetime(2026, 11, 22, 14, 30)
NAME = "Clients of ours.xlsm"
_BACKUP = "Clients of ours 2026-11-22 143000 before {}.xlsm"
# in the order in which they are done to one workbook
COMMANDS = {
    "import": ["import", "{book}", "{folder}/customers.csv"],
    "orders": ["import", "{book}", "{folder}/orders.csv", "--table", "Purchases"],
    "split": ["split", "{book}"],
    "check": ["check", "{book}"],
    "correct": ["correct", "{book}"],
    "refresh": ["refresh", "{book}"],
    "merge": ["merge", "{book}", "C0003", "C0004", "C0009"],
    "undo": ["undo", "{book}"],
    "search": ["search", "{book}"],
    "lists": ["lists", "{book}", "--mark-invoiced"],
    "rows": ["restore", "{book}", _BACKUP.format("split"), "--rows", "C0001,C0002,C0003"],
    "restore": ["restore", "{book}", _BACKUP.format("check")],
}
# one moment for all runs, so that a command always writes the same bytes; --today still says the day
options.now = lambda today=None: dt.datetime.combine(today.date(), NOW.time()) if today else NOW


def call(words: list[str], folder: Path) -> tuple[int, str]:
    """One command as a user types it: exit code and everything it said."""
    said = io.StringIO()
    filled = [word.format(book=folder / NAME, folder=folder) for word in words]
    try:
        with redirect_stdout(said), redirect_stderr(said):
            xlcrm(filled)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


def child(work: Callable[[], object]) -> int:
    """Runs `work` in a process of its own; its id. What it returns goes to its standard output, which is a file."""
    number = os.fork()
    if number == 0:
        try:
            work()
        finally:
            os._exit(0)
    return number


def prepare(
    folder: Path, *, clients: int = 80, purchases: int = 400, commands: Collection[str] = tuple(COMMANDS)
) -> dict[str, Path]:
    """The folder as it is before each of `commands`, by its name, those done to it that come before the last of them.

    The workbook is locked where XLCRM_PASSWORD is set.
    """
    demo = make(NOW.date(), clients=clients, purchases=purchases)
    live = folder / "live"
    live.mkdir()
    (live / "customers.csv").write_text(demo.clients, encoding="utf-8-sig")
    (live / "orders.csv").write_text(demo.purchases, encoding="utf-8-sig")
    assert call(["new", "{book}", "--language", "en", "--country", "IT"], live)[0] == 0
    if options.password():
        (live / NAME).write_bytes(encryption.encrypt((live / NAME).read_bytes(), options.password()))
    states = {}
    last = max(list(COMMANDS).index(name) for name in commands)
    for name, words in list(COMMANDS.items())[: last + 1]:
        states[name] = folder / f"before {name}"
        shutil.copytree(live, states[name])
        before = (live / NAME).read_bytes()
        code, said = call(words, live)
        assert code in (0, 1), said
        changed = name not in commands or (live / NAME).read_bytes() != before
        assert changed, f"{name} changes nothing, so it shows nothing: {said}"
    return states


def content(book: Path) -> dict[str, list[tuple[str, ...]]]:
    """Every table's cells as text, but for the numbers of the runs: they count the runs that were killed, too."""
    with encryption.readable(book, options.password()) as path:
        tables = read_tables.read(path)
        frames = {name: tables[name].frame.drop(columns="undo_number", errors="ignore") for name in tables}
    return {name: [tuple(map(text_of, row)) for row in frame.itertuples(index=False)] for name, frame in frames.items()}


class Referee:
    """Knows the state before a command and the one after it, and judges what an accident left."""

    def __init__(self, state: Path, words: list[str], scratch: Path) -> None:
        self.state, self.words, self.scratch = state, words, scratch
        self.old = (state / NAME).read_bytes()
        self.folder = scratch / "run"
        self.reset()
        begun = time.perf_counter()
        os.waitpid(child(lambda: call(words, self.folder)), 0)
        self.seconds = time.perf_counter() - begun
        self.reset()
        with injected(under=str(self.folder)) as counted:
            self.code, said = call(words, self.folder)
        self.calls = counted.calls
        assert self.code in (0, 1), said
        self.new = (self.folder / NAME).read_bytes()
        self.cells = content(self.folder / NAME)

    def places(self) -> list[int]:
        """The calls to fail at: all, and of the many writes that fill one temporary file every tenth."""
        writes = [at for at, name in enumerate(self.calls, 1) if name == "file.write"]
        return sorted(set(range(1, len(self.calls) + 1)) - set(writes) | set(writes[::10]) | set(writes[-1:]))

    def reset(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.state, self.folder)

    def verdict(self) -> str:
        """old, new, or what is wrong."""
        book = self.folder / NAME
        now = book.read_bytes()
        if now == self.old:
            which = "old"
        elif now == self.new:
            which = "new"
        else:
            with encryption.readable(book, options.password()) as path, zipfile.ZipFile(path) as package:
                if package.testzip() is not None:
                    return "TORN WORKBOOK"
            if encryption.is_encrypted(book) != bool(options.password()):
                return "UNLOCKED"
            which = "new" if content(book) == self.cells else "NEITHER OLD NOR NEW"
        codes = {problem.code for problem in verify(Store(book))}
        if codes - {"backup.unlisted"}:
            return f"BACKUPS: {', '.join(sorted(codes))}"
        return which
