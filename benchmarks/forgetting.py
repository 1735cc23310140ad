"""Clients forgotten everywhere: what is left in any file, the firm's figures, and what brings somebody back.

    python benchmarks/forgetting.py [--clients 200] [--only traces,return,kills] [--data demo,classicmodels]

Random clients are forgotten in batches. Every file beside the workbook is then searched for what only they were called
(bytes in UTF-8 and UTF-16, parts unpacked, locked files opened); the sum of all purchases is held against the one
before, to the cent; `verify` must be clean. `return` puts back every older backup, takes back every older run and
brings the first lists in again. `kills` takes what a kill leaves at each call of `forget --everywhere` that changes the
disk: the client is whole or gone, and the same command once more ends it. For `return` the older backups still hold
them: they are forgotten without --everywhere. With XLCRM_PASSWORD set, all on a locked workbook.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.fault_states import NAME, NOW, call  # noqa: E402
from tests.support.kill_states import kill_states  # noqa: E402
from tests.support.paths import SHARED_DATA  # noqa: E402
from tests.support.traces_left import left, sound_lines, texts_of  # noqa: E402
from xlcrm.backups.store import Store  # noqa: E402
from xlcrm.backups.verify import verify  # noqa: E402
from xlcrm.cli import options  # noqa: E402
from xlcrm.cli.commands import _put  # noqa: E402
from xlcrm.demo.generate import deal_plan, make  # noqa: E402
from xlcrm.files import encryption  # noqa: E402
from xlcrm.tables import Tables  # noqa: E402
from xlcrm.values import as_text  # noqa: E402
from xlcrm.xlsx.reading import read_tables  # noqa: E402

LISTS = ("customers.csv", "orders.csv", "details.csv")


RUNS = ("split", "check", "correct", "refresh", "merge C0003 C0009", "search")


def demo(folder: Path, clients: int, purchases: int, runs: Sequence[str] = RUNS) -> None:
    """The demo's clients with people, deals and a dozen runs."""
    lists = make(NOW.date(), clients=clients, purchases=purchases)
    (folder / LISTS[0]).write_text(lists.clients, encoding="utf-8-sig")
    (folder / LISTS[1]).write_text(lists.purchases, encoding="utf-8-sig")
    _begin(folder)
    _all(folder, ["import", "{book}", "{folder}/customers.csv"])
    _all(folder, ["import", "{book}", "{folder}/orders.csv", "--table", "Purchases"])
    _put(folder / NAME, deal_plan(NOW.date(), language="en"))
    for name, *more in map(str.split, runs):
        _all(folder, [name, "{book}", *more])


def classicmodels(folder: Path) -> None:
    """Customers, orders and their details of a sample database of others."""
    data = SHARED_DATA / "purchases"
    for ours, theirs in zip(LISTS, ("customers", "orders", "orderdetails"), strict=True):
        shutil.copy(data / f"classicmodels_{theirs}.csv", folder / ours)
    _begin(folder)
    _all(folder, ["import", "{book}", "{folder}/customers.csv"])
    _all(folder, ["import", "{book}", "{folder}/orders.csv", "{folder}/details.csv", "--table", "Purchases"])
    for name in ("split", "check", "refresh"):
        _all(folder, [name, "{book}"])


def _begin(folder: Path) -> None:
    _all(folder, ["new", "{book}", "--language", "en", "--country", "IT"])
    if options.password():
        (folder / NAME).write_bytes(encryption.encrypt((folder / NAME).read_bytes(), options.password()))


def _all(folder: Path, words: list[str]) -> None:
    code, said = call(words, folder)
    assert code in (0, 1), said


def tables_of(folder: Path) -> Tables:
    """All tables of the workbook, read."""
    with encryption.readable(folder / NAME, options.password()) as plain:
        held = read_tables.read(plain)
        return Tables.of(*held.values())


def cents(folder: Path) -> tuple[int, int]:
    """The sum of all amounts in cents, and how many lines there are."""
    frame = tables_of(folder)["Purchases"].frame
    if "amount" not in frame:
        return 0, len(frame)
    return int((pd.to_numeric(frame["amount"], errors="coerce").fillna(0) * 100).round().sum()), len(frame)


def numbers(folder: Path) -> list[str]:
    return as_text(tables_of(folder)["Clients"].frame["client_id"]).str.strip().tolist()


def _chosen(folder: Path, count: int) -> list[str]:
    """Random clients, all but five where there are fewer."""
    ids = numbers(folder)
    return random.Random(1).sample(ids, min(count, len(ids) - 5))


def forget(folder: Path, chosen: Sequence[str], batch: int, *words: str) -> Sequence[str]:
    """Forget clients in batches; whom."""
    for start in range(0, len(chosen), batch):
        code, said = call(["forget", "{book}", *chosen[start : start + batch], *words, "--yes"], folder)
        assert code in (0, 1), said
    return chosen


def traces(folder: Path, count: int, batch: int) -> None:
    """Forget random clients in batches and tell what is left."""
    chosen = _chosen(folder, count)
    texts = texts_of(folder / NAME, chosen, options.password())
    before, took = cents(folder), time.perf_counter()
    forget(folder, chosen, batch, "--everywhere")
    took = time.perf_counter() - took
    wanted = {text for found in texts.values() for text in found}
    found = left(folder, wanted, options.password(), LISTS)
    journal = next((folder / f"{Path(NAME).stem} backups").glob("*journal.jsonl"))
    print(f"{len(chosen)} forgotten in {took:.0f} s, {len(wanted)} texts searched: {len(found)} found {found[:5]}")
    print(f"  purchases {before} -> {cents(folder)}; verify {verify(_store(folder))}; journal {sound_lines(journal)}")


def _store(folder: Path) -> Store:
    return Store(folder / NAME, password=options.password())


def returns(folder: Path, chosen: Sequence[str], scratch: Path) -> None:
    """Everything that might bring somebody back, each on a copy of the folder."""
    wanted = set(chosen)
    undo = [["undo", "{book}", str(n)] for n in range(1, _highest(folder) + 1)]
    backups = [["restore", "{book}", backup.name] for backup in _store(folder).backups()]
    lists = [name for name in LISTS if (folder / name).exists()]
    imports = [["import", "{book}", "{folder}/customers.csv"]]
    imports += [["import", "{book}", *(f"{{folder}}/{name}" for name in lists[1:]), "--table", "Purchases"]]
    outcomes: Counter[str] = Counter()
    for words in (*undo, *backups, *imports):
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.copytree(folder, scratch)
        code, said = call(words, scratch)
        back = wanted & set(numbers(scratch))
        outcomes[f"{words[0]}: exit {code}" + (" BROUGHT BACK" if back else "")] += 1
        if back or code not in (0, 1, 2) or "unexpected" in said:
            print(words, code, sorted(back)[:5], said[-300:])
    print(f"  brought back: {dict(outcomes)}")


def _highest(folder: Path) -> int:
    return max(entry.number for entry in _store(folder).journal.entries())


def kills(folder: Path, scratch: Path) -> None:
    """Killed at each call to the disk: whole or gone, and the same command once more ends it."""
    chosen = numbers(folder)[3:5]
    texts = texts_of(folder / NAME, chosen, options.password())
    words = ["forget", "{book}", *chosen, "--everywhere", "--yes"]
    old = (folder / NAME).read_bytes()
    run, keep = scratch / "run", scratch / "kept"
    keep.mkdir(parents=True)
    shutil.copytree(folder, run)
    states, calls = kill_states(lambda: call(words, run), run, keep)
    outcomes: Counter[str] = Counter()
    for state in states:
        shutil.rmtree(run)
        shutil.copytree(state.folder, run)
        which = _which(run, old, chosen)
        faults = {problem.code for problem in verify(_store(run))} - {"backup.unlisted"}
        code, said = call(words, run)
        found = left(run, {text for theirs in texts.values() for text in theirs}, options.password(), LISTS)
        after = {problem.code for problem in verify(_store(run))} - {"backup.unlisted"}
        ended = "ended" if not found and code in (0, 1) and not after else f"NOT ENDED {code} {found[:3]} {after}"
        outcomes[f"{which}{' ' + str(faults) if faults else ''}, {ended}"] += len(state.calls)
        if "NOT" in ended or faults:
            print(state.calls[:5], state.name, which, faults, ended, said[-200:], flush=True)
    print(f"kills at all {calls} calls to the disk, which leave {len(states)} states: {dict(outcomes)}", flush=True)


def _which(folder: Path, old: bytes, chosen: Sequence[str]) -> str:
    """Whether the clients are whole in the workbook of a folder or gone from it."""
    if (folder / NAME).read_bytes() == old:
        return "whole"
    return "gone" if not set(chosen) & set(numbers(folder)) else "HALF"


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--clients", type=int, default=200)
    asked.add_argument("--batch", type=int, default=50)
    asked.add_argument("--of", type=int, default=300, help="clients of the demo")
    asked.add_argument("--only", default="traces,return,kills")
    asked.add_argument("--data", default="demo,classicmodels")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="xlcrm-forgetting-") as base:
        if "kills" in given.only:
            folder = Path(base) / "small"
            folder.mkdir()
            demo(folder, 12, 60, ("refresh",))
            kills(folder, Path(base) / "killed")
        for name in filter(None, given.data.split(",")):
            folder = Path(base) / name
            folder.mkdir()
            demo(folder, given.of, given.of * 4) if name == "demo" else classicmodels(folder)
            print(name, flush=True)
            if "return" in given.only:
                held = Path(shutil.copytree(folder, Path(base) / f"{name} held"))
                returns(held, forget(held, _chosen(held, given.clients), given.batch), Path(base) / "scratch")
            if "traces" in given.only:
                traces(folder, given.clients, given.batch)


if __name__ == "__main__":
    main()
