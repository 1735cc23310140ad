"""Every command that works through a big workbook beside the bare reading of its two big sheets, in one run.

    python benchmarks/commands.py [--clients 50000] [--lines 500000] [--book FILE] [--only check --only split ...]

Each is a process of its own, timed from start to end: seconds by the clock, seconds of processor time, peak memory, and
how many times the bare readings before and after it that is. A command has a copy of its own, or goes on with that of
another: then the tables that this one read are kept (`backups.table_cache`), and what a refresh made of them. The
workbook is the one of `refresh.py` (with --book one that is there, or is made there to be used again).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import refresh  # type: ignore[import-not-found] # a script beside this one

SEARCH = ["--where", "spend > 0"]
COMMANDS: dict[str, tuple[str, list[str]]] = {  # what is shown -> command, options
    "check, first run": ("check", []),
    "split, first run": ("split", []),
    "lists, first run": ("lists", []),
    "search, first run": ("search", SEARCH),
    "refresh, first run": ("refresh", []),
    "refresh, the day after": ("refresh", ["--today", str(refresh.TODAY + timedelta(days=1))]),
    "refresh, tables kept": ("refresh", []),
    "refresh, all new": ("refresh", []),
    "refresh again": ("refresh", []),
    "refresh, nothing new": ("refresh", []),
    "check": ("check", []),
    "check again": ("check", []),
    "search, most clients": ("search", SEARCH),
    "lists": ("lists", []),
    "split": ("split", []),
}
AFTER = {  # goes on with the copy that the other one left
    "refresh, the day after": "refresh, first run",
    "refresh, tables kept": "check, first run",
    "refresh, all new": "split, first run",
    "refresh again": "refresh, all new",
    "refresh, nothing new": "refresh again",
    "check": "refresh, nothing new",
    "check again": "check",
    "search, most clients": "check again",
    "lists": "search, most clients",
    "split": "lists",
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=50_000)
    parser.add_argument("--lines", type=int, default=500_000)
    parser.add_argument("--book", type=Path, help="a client file, or where to make one")
    parser.add_argument("--only", action="append", choices=list(COMMANDS), help="only this one")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        book = chosen.book or Path(folder) / "Big.xlsm"
        if not book.exists():
            size = ["--clients", str(chosen.clients), "--lines", str(chosen.lines)]
            refresh.measured([*refresh.THIS, "make", *size, str(book)])
        compare(book, chosen.only or list(COMMANDS), Path(folder))


def compare(book: Path, names: list[str], folder: Path) -> None:
    """A line for each command, beside the mean of the bare readings before and after it: other work on the machine
    comes and goes."""
    before = _bare(book)
    for name in names:
        command, options = COMMANDS[name]
        copy = folder / _first(name) / "Book.xlsm"
        if not copy.exists():
            copy.parent.mkdir()
            shutil.copyfile(book, copy)
        one = refresh.measured([refresh.REFRESH[0], command, str(copy), *options])
        after = _bare(book)
        clock, busy = (before.clock + after.clock) / 2, (before.processor + after.processor) / 2
        ratios = f"{one.clock / clock:5.2f} times the bare {clock:4.1f} s (processor {one.processor / busy:5.2f})"
        print(f"{name:22}{one}   {ratios}", flush=True)
        before = after
        if name not in AFTER.values():
            shutil.rmtree(copy.parent)


def _bare(book: Path) -> refresh.Measured:
    """The fastest of two readings of the two sheets."""
    return min((refresh.measured([*refresh.THIS, "bare", str(book)]) for _ in range(2)), key=lambda one: one.processor)


def _first(name: str) -> str:
    """The command that a chain of them began with."""
    return _first(AFTER[name]) if name in AFTER else name


if __name__ == "__main__":
    main()
