"""Hostile environments x every command that changes something: exit codes must be true, and everything said somewhere.

Each pair runs in a process of its own on a fresh copy of a client file (`tests/support/outside.py` has the
environments), and each command once more with an interrupt at a moment that moves on from run to run.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks.resumable import Proof
from tests.support.live_help import three_clients
from tests.support.outside import OUTSIDES, Ended, Outside, run_in

COMMANDS: dict[str, tuple[str, ...]] = {
    "import": ("more.csv",),
    "check": (),
    "correct": (),
    "split": (),
    "refresh": (),
    "search": ("--where", "kind = person"),
    "lists": (),
    "doubles": (),
    "merge": ("C1", "C2"),
    "upgrade": (),
    "backup": (),
    "undo": (),
    "restore": ("1",),
}
UNDATED = {"backup"}  # commands that know no --today
RIGHT = frozenset({"done", "problems", "refused"})
MOMENTS = tuple(0.25 * (n + 1) for n in range(12))  # seconds, from the start of a run to its end
INTERRUPT = Outside("interrupt", "Ctrl-C")


def made(folder: Path) -> Path:
    """A client file with a run behind it, so that undo and restore have something to do."""
    folder.mkdir(parents=True)
    book = three_clients(folder / "My.xlsm")
    (folder / "more.csv").write_text("Full name;Phone\nOla Li;+47 22 12 34 56\n", encoding="utf-8")
    ended = run_in(Outside("plain", ""), ["import", str(book), "more.csv"], book)
    assert ended.code in (0, 1), ended
    return book


class Environment:
    """One environment: a trial is a command in it, interrupted after so many seconds (0 for not at all)."""

    def __init__(self, outside: Outside, folder: Path, moments: tuple[float, ...] = (0.0,)) -> None:
        self.outside, self.folder = outside, folder
        self.start = made(folder / "start")
        self.runs = planned(moments)

    def trial(self, number: int) -> str:
        """done, problems or refused, as its exit code says, or what of it isn't true."""
        command, interrupt = self.runs[number]
        ended = self._run(command, interrupt)
        faults = ended.faults()
        if faults:
            return f"FALSE: {command} {interrupt or ''}: {'; '.join(faults)} {ended.said[-300:]!r}"
        return ("done", "problems", "refused")[ended.code]

    def _run(self, command: str, interrupt: float) -> Ended:
        there = self.folder / "there"
        shutil.rmtree(there, ignore_errors=True)
        shutil.copytree(self.start.parent, there)
        book = there / self.start.name
        words = [str(there / word) if word.endswith(".csv") else word for word in COMMANDS[command]]
        extra = () if command in UNDATED else self.outside.extra
        return run_in(self.outside, [command, str(book), *words, *extra], book, interrupt_after=interrupt)


def planned(moments: tuple[float, ...]) -> list[tuple[str, float]]:
    """Every command at every moment."""
    return [(command, moment) for command in COMMANDS for moment in moments]


def proofs(folder: Path) -> list[Proof]:
    """One for each environment, and one for the interrupts."""

    def row(outside: Outside, moments: tuple[float, ...] = (0.0,)) -> Proof:
        def make() -> Callable[[int], str]:
            return Environment(outside, folder / outside.name, moments).trial

        return Proof(outside.name, RIGHT, make, len(planned(moments)))

    return [*map(row, OUTSIDES), row(INTERRUPT, MOMENTS)]
