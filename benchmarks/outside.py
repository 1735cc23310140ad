"""Hostile environments x every command that changes something: exit codes must be true, and everything said somewhere.

    python benchmarks/outside.py [PART OF AN ENVIRONMENT'S NAME] [COMMAND]

Each pair runs in a process of its own on a fresh copy of a client file (`tests/support/outside.py` has the
environments), each command once more with an interrupt at a moment that moves on from run to run. A line a fault, and
at the end the figure: how many runs, how many ended otherwise than they said.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.live_help import three_clients  # noqa: E402
from tests.support.outside import OUTSIDES, Ended, Outside, run_in  # noqa: E402

COMMANDS: dict[str, tuple[str, ...]] = {
    "import": ("more.csv",),
    "check": (),
    "correct": (),
    "split": (),
    "refresh": (),
    "search": ("--where", "kind = person"),
    "lists": (),
    "undo": (),
    "restore": ("1",),
}
INTERRUPTS = 12  # moments, from the start of a run to its end


def made(folder: Path) -> Path:
    """A client file with a run behind it, so that undo and restore have something to do."""
    book = three_clients(folder / "My.xlsm")
    (folder / "more.csv").write_text("Full name;Phone\nOla Li;+47 22 12 34 56\n", encoding="utf-8")
    ended = run_in(Outside("plain", ""), ["import", str(book), "more.csv"], book)
    assert ended.code in (0, 1), ended
    return book


def run(start: Path, outside: Outside, command: str, interrupt: float = 0) -> Ended:
    """One command in one environment, on a copy."""
    with tempfile.TemporaryDirectory(prefix="outside-") as name:
        folder = Path(name) / "there"
        shutil.copytree(start.parent, folder)
        book = folder / start.name
        words = [str(folder / word) if word.endswith(".csv") else word for word in COMMANDS[command]]
        return run_in(outside, [command, str(book), *words, *outside.extra], book, interrupt_after=interrupt)


def main() -> None:
    wanted, only = [*sys.argv[1:], "", ""][:2]
    codes: Counter[int] = Counter()
    faults = 0
    with tempfile.TemporaryDirectory(prefix="outside-") as name:
        start = made(Path(name))
        runs = [(outside, command, 0.0) for outside in OUTSIDES if wanted in outside.name for command in COMMANDS]
        if not wanted:
            plain = Outside("interrupt", "Ctrl-C")
            runs += [(plain, command, 0.2 * (n + 1)) for command in COMMANDS for n in range(INTERRUPTS)]
        for outside, command, interrupt in runs:
            if only and command != only:
                continue
            ended = run(start, outside, command, interrupt)
            codes[ended.code] += 1
            found = ended.faults()
            faults += bool(found)
            for fault in found:
                print(f"{outside.name} {interrupt or ''} / {command}: {fault}\n{ended.said[-300:]!r}", flush=True)
    print(f"{codes.total()} runs, exit codes {dict(sorted(codes.items()))}: {faults} ended otherwise than they said")


if __name__ == "__main__":
    main()
