"""Nothing is ever lost: commands killed and disks that fail, tried over and over, and what was left each time.

    python benchmarks/faults.py [--kills 200] [--only kills,faults,flips,prune,journal]

Every command runs on the demo clients, in a child process that is killed (SIGKILL) at a random moment, and again at
each of its calls that change the disk (after half of a write); or one of those calls fails with "no space",
"permission" or "input/output error". The workbook must then be the old one, byte for byte, or the new one whole.
Linux and macOS only: it forks.
"""

from __future__ import annotations

import argparse
import datetime as dt
import errno
import io
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import test_prune  # noqa: E402
from faults import ERRORS, injected  # noqa: E402

from xlcrm import door  # noqa: E402
from xlcrm.adapters import snapshot  # noqa: E402
from xlcrm.adapters.journal_file import Journal  # noqa: E402
from xlcrm.adapters.store import Store  # noqa: E402
from xlcrm.adapters.verify import verify  # noqa: E402
from xlcrm.backups.prune import prune  # noqa: E402
from xlcrm.cli import main as xlcrm  # noqa: E402
from xlcrm.demo.generate import make  # noqa: E402
from xlcrm.plan import Plan, diff  # noqa: E402
from xlcrm.tables import Table, Tables  # noqa: E402
from xlcrm.undo import inverse  # noqa: E402
from xlcrm.values import text_of  # noqa: E402

NOW = dt.datetime(2026, 11, 22, 14, 30)
COMMANDS = {
    "import": ["import", "{book}", "{folder}/customers.csv"],
    "split": ["split", "{book}"],
    "check": ["check", "{book}"],
    "correct": ["correct", "{book}"],
    "refresh": ["refresh", "{book}"],
    "undo": ["undo", "{book}"],
    "restore": ["restore", "{book}", "Clients of ours 2026-11-22 143000 before check.xlsm"],
}
NAME = "Clients of ours.xlsm"
# one moment for all runs, so that a command always writes the same bytes
door.now = lambda today=None: NOW


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


def prepare(folder: Path) -> dict[str, Path]:
    """The folder as it is before each command, by its name."""
    demo = make(NOW.date(), clients=80, purchases=400)
    live = folder / "live"
    live.mkdir()
    (live / "customers.csv").write_text(demo.clients, encoding="utf-8-sig")
    (live / "orders.csv").write_text(demo.purchases, encoding="utf-8-sig")
    assert call(["new", "{book}", "--language", "en", "--country", "IT"], live)[0] == 0
    states = {}
    for name, words in COMMANDS.items():
        states[name] = folder / f"before {name}"
        shutil.copytree(live, states[name])
        code, said = call(words, live)
        assert code in (0, 1), said
        if name == "import":
            assert call(["import", "{book}", "{folder}/orders.csv", "--table", "Purchases"], live)[0] in (0, 1)
    return states


def content(book: Path) -> dict[str, list[tuple[str, ...]]]:
    """Every table's cells as text, but for the list of runs: its numbers count the runs that were killed, too."""
    tables = snapshot.read(book)
    return {name: [tuple(map(text_of, row)) for row in tables[name].frame.itertuples(index=False)] for name in tables}


class Referee:
    """Knows the state before a command and the one after it, and judges what an accident left."""

    def __init__(self, state: Path, words: list[str], scratch: Path) -> None:
        self.state, self.words, self.scratch = state, words, scratch
        self.old = (state / NAME).read_bytes()
        self.folder = scratch / "run"
        self.reset()
        begun = time.perf_counter()
        with injected(under=str(self.folder)) as counted:
            self.code, said = call(words, self.folder)
        self.seconds = time.perf_counter() - begun
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
            with zipfile.ZipFile(book) as package:
                if package.testzip() is not None:
                    return "TORN WORKBOOK"
            which = "new" if content(book) == self.cells else "NEITHER OLD NOR NEW"
        codes = {problem.code for problem in verify(Store(book))}
        if codes - {"backup.unlisted"}:
            return f"BACKUPS: {', '.join(sorted(codes))}"
        return which


def kills(states: dict[str, Path], scratch: Path, count: int) -> None:
    print(f"\nSIGKILL at {count} random moments of each command, and at each of its calls that change the disk")
    print(
        f"{'command':10}{'seconds':>8}  {'random moments: old / new / wrong':36}"
        f"{'calls: old / new / wrong':30}and then, once more"
    )
    chance = random.Random(1)
    for name, state in states.items():
        referee = Referee(state, COMMANDS[name], scratch)
        outcomes: Counter[str] = Counter()
        again: Counter[str] = Counter()
        for _ in range(count):
            referee.reset()
            number = child(partial(call, referee.words, referee.folder))
            time.sleep(chance.uniform(0, referee.seconds * 2))
            os.kill(number, signal.SIGKILL)
            os.waitpid(number, 0)
            outcomes[referee.verdict()] += 1
        at_calls: Counter[str] = Counter()
        for at in referee.places():
            referee.reset()
            os.waitpid(child(partial(killed_at, at, referee.words, referee.folder)), 0)
            verdict = referee.verdict()
            at_calls[verdict] += 1
            if verdict == "old":
                code, _ = call(referee.words, referee.folder)
                again[referee.verdict() if code == referee.code else f"exit {code}"] += 1
        strays = [path.name for path in referee.folder.rglob(".~xlcrm-*")]
        print(
            f"{name:10}{referee.seconds:8.2f}  {tell(outcomes):36}{tell(at_calls):30}"
            f"{dict(again)}{' STRAYS' if strays else ''}",
            flush=True,
        )


def killed_at(at: int, words: list[str], folder: Path) -> None:
    with injected(at, under=str(folder)) as faults:
        faults.failure = lambda: os.kill(os.getpid(), signal.SIGKILL) or OSError()  # type: ignore[method-assign]
        call(words, folder)


def failing(at: int, error: int, words: list[str], folder: Path, report: Path) -> None:
    with injected(at, error, under=str(folder)):
        answer = call(words, folder)
    report.write_text(json.dumps(answer))


def tell(outcomes: Counter[str]) -> str:
    wrong = {name: n for name, n in outcomes.items() if name not in ("old", "new")}
    return f"{outcomes['old']} / {outcomes['new']} / {wrong or 0}"


def faults(states: dict[str, Path], scratch: Path) -> None:
    print("\nA fault at every call that changes the disk (open, write, fsync, replace, link, ...), three errors each")
    print(f"{'command':10}{'faults':>7}{'refused, old intact':>21}{'done whole':>12}{'clear':>7}  wrong")
    for name, state in states.items():
        referee = Referee(state, COMMANDS[name], scratch)
        outcomes: Counter[str] = Counter()
        clear = 0
        for at in referee.places():
            for error in ERRORS:
                referee.reset()
                report = scratch / "report.json"
                report.unlink(missing_ok=True)
                os.waitpid(child(partial(failing, at, error, referee.words, referee.folder, report)), 0)
                code, said = json.loads(report.read_text())
                verdict = referee.verdict()
                clear += len(said.split()) > 5 and "Traceback" not in said and "unexpected" not in said.lower()
                if (verdict, code) == ("old", 2):
                    outcomes["refused"] += 1
                elif verdict == "new" and code == referee.code:
                    outcomes["done"] += 1
                else:
                    outcomes[f"{referee.calls[at - 1]} {errno.errorcode[error]}: exit {code}, {verdict}"] += 1
        wrong = {what: n for what, n in outcomes.items() if what not in ("refused", "done")}
        total = len(ERRORS) * len(referee.places())
        print(
            f"{name:10}{total:7}{outcomes['refused']:21}{outcomes['done']:12}{clear:7}  {wrong or 0}",
            flush=True,
        )


def flips(states: dict[str, Path], scratch: Path) -> None:
    referee = Referee(states["undo"], COMMANDS["undo"], scratch)
    store = Store(referee.folder / NAME)
    backups = store.backups()
    chance = random.Random(2)
    found = 0
    for _ in range(1000):
        backup = chance.choice(backups)
        with backup.path.open("r+b") as file:
            place = chance.randrange(backup.path.stat().st_size)
            file.seek(place)
            was = file.read(1)
            file.seek(place)
            file.write(bytes([was[0] ^ chance.randrange(1, 256)]))
            file.flush()
            named = {problem.value for problem in verify(store) if problem.code == "backup.changed"}
            found += backup.name in named
            file.seek(place)
            file.write(was)
    print(f"\nOne byte flipped in one of {len(backups)} backups: verify names it {found} of 1000 times")


def pruning() -> None:
    chance = random.Random(3)
    same = 0
    for _ in range(10_000):
        taken, rules, now = test_prune.history(chance)
        same += prune(taken, rules, now=now) == test_prune.oracle(taken, rules, now)
    print(f"\nPrune against an independent statement of the rules: {same} of 10000 random timelines agree")


def journal(scratch: Path) -> None:
    rows = 50_000
    chance = np.random.default_rng(4)
    frame = pd.DataFrame({"client_id": [f"C{place}" for place in range(rows)]})
    for name in ("total_spend", "orders", "average_spend", "days_since", "spend_30d", "spend_12m", "value_12m"):
        frame[name] = chance.random(rows).round(2)
    frame["last_purchase"] = pd.Timestamp(2026, 1, 1) + pd.to_timedelta(chance.integers(0, 300, rows), "D")
    after = frame.assign(**{name: frame[name] + 1 for name in frame.columns[1:-1]})
    after["last_purchase"] += pd.Timedelta(days=1)
    headers = {name: name for name in frame}
    plan = Plan("refresh", changes=diff(Table("Clients", "Clients", frame, headers), after))
    book = Journal(scratch / "journal.jsonl")
    steps = [time.perf_counter()]
    number = book.begin(plan, now=NOW)
    steps.append(time.perf_counter())
    book.done(number, plan, now=NOW)
    steps.append(time.perf_counter())
    read = book.plan(number)
    steps.append(time.perf_counter())
    sorted_since = after.iloc[::-1].reset_index(drop=True)
    back = inverse(read, Tables.of(Table("Clients", "Clients", sorted_since, headers)))
    steps.append(time.perf_counter())
    begin, done, again, undone = (round(b - a, 2) for a, b in pairwise(steps))
    print(f"\nJournal and undo of a plan with {plan.counts()['cells']:,} changed cells, rows sorted since")
    print(
        f"begin {begin} s, done {done} s, read again {again} s, inverse {undone} s ({back.counts()['cells']:,} cells)"
    )
    print(f"{book.path.stat().st_size / 1e6:.1f} MB of journal, peak memory {peak():.0f} MB")


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--only", default="kills,faults,flips,prune,journal")
    parser.add_argument("--commands", default=",".join(COMMANDS))
    chosen = parser.parse_args()
    wanted = chosen.only.split(",")
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        (folder / "scratch").mkdir()
        if {"kills", "faults", "flips"} & set(wanted):
            everything = prepare(folder)
            states = {command: everything[command] for command in chosen.commands.split(",")}
        if "kills" in wanted:
            kills(states, folder / "scratch", chosen.kills)
        if "faults" in wanted:
            faults(states, folder / "scratch")
        if "flips" in wanted:
            flips(everything, folder / "scratch")
        if "prune" in wanted:
            pruning()
        if "journal" in wanted:
            journal(folder / "scratch")


if __name__ == "__main__":
    main()
