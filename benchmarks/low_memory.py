"""Memory refused at every stage of a command: the old workbook or the new one, an exit code that is true, a sentence.

Two ways: a MemoryError at one call of one of our functions (the first call of each, and others), and a limit on the
process that its libraries run into as well.
"""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType

from benchmarks.fault_states import NAME, call, child
from benchmarks.power_cut import cells
from benchmarks.resumable import Proof
from benchmarks.small_book import COMMANDS, prepared
from tests.support.fuzz_readers import data_now
from xlcrm.backups.store import Store
from xlcrm.backups.verify import verify

RIGHT = frozenset({"refused, old", "done, new"})
MEGABYTES = 12  # below this a limit is hit somewhere


class Refused:
    """Counts the calls of our functions; the one of number `at` (from 1) gets a MemoryError. 0: none does."""

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.count = 0
        self.first: dict[object, int] = {}

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        if event != "call" or "/xlcrm/" not in frame.f_code.co_filename:
            return
        self.count += 1
        self.first.setdefault(frame.f_code, self.count)
        if self.count == self.at:
            sys.setprofile(None)
            raise MemoryError


class Starved:
    """One command on the folder `state`, run in `scratch` with too little memory."""

    def __init__(self, state: Path, words: list[str], scratch: Path) -> None:
        self.state, self.words, self.scratch = state, words, scratch
        self.folder = scratch / "run"
        self.book = self.folder / NAME
        self._reset()
        self.old = self.book.read_bytes()
        call(words, self.folder)  # what is imported late is imported now
        self._reset()
        watched = Refused()
        sys.setprofile(watched)
        self.code, said = call(words, self.folder)
        sys.setprofile(None)
        assert self.code in (0, 1), said
        self.cells = cells(self.book)
        self.places = list(watched.first.values())
        random.Random(1).shuffle(self.places)  # any beginning is a fair sample
        self.count = watched.count

    def _reset(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.state, self.folder)

    def at_a_call(self, number: int) -> str:
        """A MemoryError at the first call of some function, or, when all had theirs, at any call."""
        at = self.places[number] if number < len(self.places) else random.Random(number).randrange(1, self.count + 1)
        return self._tried(partial(_at, at))

    def at_a_limit(self, number: int) -> str:
        """So many bytes more than now, from none to enough."""
        return self._tried(partial(_limited, random.Random(number).randrange(MEGABYTES << 20)))

    def _tried(self, starve: Callable[[], None]) -> str:
        self._reset()
        report = self.scratch / "report.json"
        report.unlink(missing_ok=True)
        status = _wait(child(partial(_starving, starve, self.words, self.folder, report)))
        return self.verdict(json.loads(report.read_text()) if report.exists() else [None, f"status {status}"])

    def verdict(self, answer: list[object]) -> str:
        """refused, old; done, new; or what is wrong."""
        code, said = answer[0], str(answer[1])
        now = self.book.read_bytes()
        which = "old" if now == self.old else "new" if _cells_of(self.book) == self.cells else "TORN"
        codes = {problem.code for problem in verify(Store(self.book))} - {"backup.unlisted"}
        if codes or which == "TORN":
            return f"{which} {sorted(codes)}: exit {code}, {said[-300:]}"
        if code is None:
            return f"NO ANSWER, {which}: {said}"
        outcome = f"{'refused' if code == 2 else 'done'}, {which}"
        unclear = len(said.split()) < 5 or "Traceback" in said
        return f"UNCLEAR: {said[-300:]}" if unclear else outcome if outcome in RIGHT else f"{outcome}: {said[-300:]}"


def _cells_of(book: Path) -> object:
    try:
        return cells(book)
    except Exception as fault:  # noqa: BLE001 - whatever it is, it is no workbook
        return fault


def _wait(number: int) -> int:
    return os.waitpid(number, 0)[1]


def _at(at: int) -> None:
    sys.setprofile(Refused(at))


def _limited(more: int) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (data_now() + more, -1))


def _unlimited() -> None:
    sys.setprofile(None)
    resource.setrlimit(resource.RLIMIT_DATA, (-1, -1))


def _starving(starve: Callable[[], None], words: list[str], folder: Path, report: Path) -> None:
    starve()
    try:
        answer: tuple[int | None, str] = call(words, folder)
    except BaseException as fault:  # noqa: BLE001 - that is what is looked for
        answer = None, f"{type(fault).__name__}"
    _unlimited()
    report.write_text(json.dumps(answer))


def proofs(folder: Path) -> list[Proof]:
    """Two for each command."""

    def starved(command: str, how: str) -> Callable[[int], str]:
        scratch, (runs, words) = folder / f"{command} {how}", COMMANDS[command]
        trial: Callable[[int], str] = getattr(Starved(prepared(scratch / "state", runs), words, scratch), how)
        return trial

    ways = ("at_a_call", "at_a_limit")
    return [Proof(f"{c} {how}", RIGHT, partial(starved, c, how)) for c in COMMANDS for how in ways]
