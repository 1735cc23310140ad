"""Clicks in a row, cold and warm: how long one takes from start to end, and whether memory and results stay right.

    python benchmarks/clicks.py [--clicks 1000] [--cold 10] [--folder FOLDER]

On the demo, in a home of its own: some commands, each a process that is timed from start to end, cold and then warm (a
click in Excel differs by what Excel takes). Last, notes are logged by as many warm commands: each must be there once,
and so must each run; the worker's memory is shown along the way. `tests/worker` has a short form of it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
COMMANDS: tuple[tuple[str, ...], ...] = (("check", "BOOK", "--dry-run"), ("refresh", "BOOK"), ("history", "BOOK"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clicks", type=int, default=1000)
    parser.add_argument("--cold", type=int, default=10, help="how often each command is measured")
    parser.add_argument("--folder", type=Path, help="where the demo is, or is made to be used again")
    chosen = parser.parse_args()
    from tests.support.worker_help import worker_home

    with worker_home() as home:
        folder = chosen.folder or home.place.parent / "demo"
        book = folder / "DemoClients.xlsm"
        off = {**home.environment, "HOME": "/nowhere", "XDG_STATE_HOME": "/nowhere"}
        if not book.exists():
            timed(["demo", str(folder)], folder.parent, off)
        copy = Path(shutil.copy(book, home.place.parent / "Clicks.xlsm"))
        timed(["refresh", copy.name], copy.parent, off)
        print("seconds from start to end, processor seconds of the click's own process; the median and the fastest")
        compare("cold", copy, off, chosen.cold)
        home.start()
        compare("warm", copy, home.environment, chosen.cold)
        print(f"bare start of Python: {middle([bare() for _ in range(chosen.cold)])}")
        log(copy, home.environment, chosen.clicks, home.state)


def compare(name: str, book: Path, environment: dict[str, str], times: int) -> None:
    """A line for each command."""
    for command in COMMANDS:
        words = [book.name if word == "BOOK" else word for word in command]
        took = [timed(words, book.parent, environment) for _ in range(times)]
        print(f"{name} {command[0]:8} {middle([one[0] for one in took])}   {middle([one[1] for one in took])}")


def timed(words: Sequence[str], folder: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds by the clock and of the processor, of one command."""
    before, begun = os.times(), time.perf_counter()
    program = [sys.executable, "-m", "xlcrm", *words]
    code = subprocess.run(program, cwd=folder, env=environment, check=False, stdout=subprocess.DEVNULL).returncode
    took, after = time.perf_counter() - begun, os.times()
    assert code in (0, 1), (words, code)
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return took, used


def bare() -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - begun


def middle(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.3f} ({min(seconds):.3f})"


def log(book: Path, environment: dict[str, str], clicks: int, state: object) -> None:
    """Log a note with each click; nothing may be lost or be there twice."""
    from xlcrm.files.file_book import FileBook

    assert callable(state)
    client = FileBook(book).look()["Clients"].frame["client_id"].iloc[0]
    there = len(FileBook(book).look()["Interactions"].frame)
    before, took = state()["runs"], []
    for number in range(1, clicks + 1):
        took.append(timed(["log", book.name, str(client), "call", f"call {number}"], book.parent, environment)[0])
        if number in (1, 10, 100) or number % max(clicks // 10, 1) == 0:
            now = state()
            print(f"after {number:5} clicks: {now['memory'] // 2**20} MB, {middle(took)} s")
    lines = FileBook(book).look()["Interactions"].frame["subject"].tolist()[there:]
    assert lines == [f"call {number}" for number in range(1, clicks + 1)]
    assert state()["runs"] - before == clicks
    print(f"{clicks} clicks, {clicks} runs of the worker, {len(lines)} lines, each once")


if __name__ == "__main__":
    main()
