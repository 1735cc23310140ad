"""Nothing is ever lost: commands killed and disks that fail, tried over and over, and what was left each time.

    python benchmarks/faults.py [--kills 200] [--only kills,faults,flips,prune,journal]

Every command runs on the demo clients, in a child process that is killed (SIGKILL) at a random moment, and again at
each of its calls that change the disk (after half of a write); or one of those calls fails with "no space",
"permission" or "input/output error". The workbook must then be the old one, byte for byte, or the new one whole.
Linux and macOS only: it forks. With XLCRM_PASSWORD set, the workbook is one behind that password.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.fault_states import COMMANDS, NAME, NOW, Referee, call, child, prepare  # noqa: E402
from tests.backups.test_retention import history, oracle  # noqa: E402
from tests.support.faults import ERRORS, injected  # noqa: E402
from xlcrm.backups.journal_file import Journal  # noqa: E402
from xlcrm.backups.retention import prune  # noqa: E402
from xlcrm.backups.store import Store  # noqa: E402
from xlcrm.backups.verify import verify  # noqa: E402
from xlcrm.plan import Plan, diff  # noqa: E402
from xlcrm.tables import Table, Tables  # noqa: E402
from xlcrm.undo.undo import inverse  # noqa: E402


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
        seconds = referee.seconds
        while sum(outcomes.values()) < count:
            referee.reset()
            number = child(partial(call, referee.words, referee.folder))
            began = time.perf_counter()
            status = killed_after(number, chance.uniform(0, seconds))
            verdict = referee.verdict()
            if os.WIFSIGNALED(status):
                outcomes[verdict] += 1
                seconds *= 1.01  # the end, where the workbook is replaced, must be among the moments, too
            else:  # it was done before; that shows nothing but how long it takes now, unless something is wrong
                seconds = (time.perf_counter() - began) * 1.1
                outcomes[verdict] += verdict not in ("old", "new")
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


def killed_after(number: int, seconds: float) -> int:
    """Kill a child after so long, or wait for it where it is done before; how it ended, as `waitpid` says it."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        done, status = os.waitpid(number, os.WNOHANG)
        if done:
            return status
        time.sleep(0.002)
    os.kill(number, signal.SIGKILL)
    return os.waitpid(number, 0)[1]


def killed() -> OSError:
    """What a call that is killed gives back: nothing, because nobody is there any more."""
    os.kill(os.getpid(), signal.SIGKILL)
    return OSError()


def killed_at(at: int, words: list[str], folder: Path) -> None:
    with injected(at, under=str(folder)) as faults:
        faults.failure = killed  # type: ignore[method-assign]
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
        taken, rules, now = history(chance)
        same += prune(taken, rules, now=now) == oracle(taken, rules, now)
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
    headers = {str(name): str(name) for name in frame}
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
