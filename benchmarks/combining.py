"""Combining: random triples against the replay oracle, a big file, and three people over simulated weeks.

    python benchmarks/combining.py [--triples 1000] [--first 0] [--rows 50000] [--demo 40]
        [--weeks 200] [--handed 200]

A triple is a base and random edits of two sides; the oracle (tests/support/two_copies.py) goes by who touched what. A
week: three people with a copy each edit, buy, and combine each other's copies in any order; whatever one typed that
nobody who had seen it changed is in the end result or in Problems, and nothing else is there. With --handed the copies
are handed out by the command, some with a condition, and all is done on files. The mutants of the merge stand in
tests/combining/test_two_copies.py.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import resource
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support import handed_week, three_people, two_copies  # noqa: E402
from xlcrm.combining.combine_plan import combine_plan  # noqa: E402
from xlcrm.settings import Settings  # noqa: E402
from xlcrm.tables import Table, Tables  # noqa: E402


def wrong_ones(what: str, faults: Callable[[int], list[str]], count: int, first: int, told_every: int) -> int:
    """How many of these random cases came out wrong, each named."""
    wrong = 0
    for seed in range(first, first + count):
        found = faults(seed)
        wrong += bool(found)
        if found:
            print(f"{what} {seed}:", *found, sep="\n  ", flush=True)
        if seed % told_every == told_every - 1:
            print(f"to {seed}: {wrong} wrong", flush=True)
    print(f"{wrong} of {count} {what}s wrong")
    return wrong


def triples(count: int, first: int) -> int:
    return wrong_ones("triple", lambda seed: two_copies.faults(two_copies.triple(seed)), count, first, 50)


def weeks(count: int, first: int) -> int:
    return wrong_ones("week", three_people.week, count, first, 10)


def handed(count: int, first: int) -> int:
    return wrong_ones("week with hand-outs", handed_week.handed_week, count, first, 10)


def big(rows: int) -> None:
    """Time and memory of combining two copies of a file of that many clients and 30 columns, 2 % edited a side."""
    rng = np.random.default_rng(1)
    columns = ("client_id", *two_copies.CLIENT, *(f"Own {n}" for n in range(30 - 1 - len(two_copies.CLIENT))))
    frame = pd.DataFrame({c: [f"{c} {n}" for n in range(rows)] for c in columns}, dtype="str")
    frame["client_id"] = [f"C{n:06}" for n in range(rows)]
    frame["opt_out_email"] = ""
    states = [Tables.of(_table(_edited(frame, rng, side))) for side in ("", "o", "t")]
    start, worked = time.perf_counter(), time.process_time()
    plan = combine_plan(states[1], states[2], states[0], settings=Settings(), today=two_copies.TODAY, fallback="Bo")
    took, worked = time.perf_counter() - start, time.process_time() - worked
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    size = f"{rows} clients x {len(columns)} columns"
    print(f"{size}: {took:.1f} s ({worked:.1f} s of processor), {memory:.2f} GB; {plan.counts()}")


def demo(edits: int) -> int:
    """The demo's workbook, forked: that many cells edited on each side, none twice; combined, and taken back."""
    from xlcrm.actions import ACTIONS
    from xlcrm.demo.generate import make
    from xlcrm.files.file_book import FileBook
    from xlcrm.files.new_book import create
    from xlcrm.run import run
    from xlcrm.session import Call, open_session

    moment = [dt.datetime(2026, 11, 28, 9)]

    def done(path: Path, action: str, **options: Any) -> None:
        moment[0] += dt.timedelta(minutes=1)
        run(open_session(path, Call(moment[0], "Ann")), ACTIONS[action], **options)

    with TemporaryDirectory(prefix="xlcrm-") as name:
        book, copy = Path(name) / "Demo.xlsm", Path(name) / "Bo" / "Demo.xlsm"
        create(book, language="en", country="IT", currency="EUR", parts=())
        lists = make(two_copies.TODAY)
        for table, text in (("Clients", lists.clients), ("Purchases", lists.purchases)):
            (Path(name) / f"{table}.csv").write_text(text, encoding="utf-8-sig", newline="")
            done(book, "import", files=(Path(name) / f"{table}.csv",), table=table)
        copy.parent.mkdir()
        shutil.copy(book, copy)
        rng = random.Random(7)
        rows = len(FileBook(book).look()["Clients"].frame)
        places = rng.sample([(at, c) for at in range(rows) for c in ("email", "phone", "salesperson")], 2 * edits)
        for path, mine in ((book, places[:edits]), (copy, places[edits:])):
            _type(path, {place: f"{path.parent.name}-{n}" for n, place in enumerate(mine)})
        before = _all_cells(book)
        want = dict(before)
        theirs = _all_cells(copy)
        want |= {("Clients", at, c): theirs["Clients", at, c] for at, c in places[edits:]}
        start = time.perf_counter()
        done(book, "combine", copy=copy)
        took = time.perf_counter() - start
        both = _all_cells(book) == want
        done(book, "undo")
        back = _all_cells(book) == before
    print(f"demo of {rows} clients, {edits} edits a side: both exact {both}, undone cell by cell {back}; {took:.1f} s")
    return (not both) + (not back)


def _type(path: Path, cells: dict[tuple[int, str], str]) -> None:
    from xlcrm.files.file_book import FileBook
    from xlcrm.plan import Plan, diff

    book = FileBook(path)
    tables = book.look()
    after = tables["Clients"].frame.copy()
    for (at, column), value in cells.items():
        after.loc[at, column] = value
    columns = sorted({column for _, column in cells})
    book.apply(Plan("typed", changes=diff(tables["Clients"], after[columns], key="client_id")), tables)


def _all_cells(path: Path) -> dict[tuple[str, int, str], str]:
    """Every cell of every table but the list of runs."""
    from xlcrm.files.file_book import FileBook
    from xlcrm.values import text_of

    tables = FileBook(path).look()
    return {
        (name, at, str(column)): text_of(value)
        for name in tables
        if name != "Changes"
        for column in tables[name].frame
        for at, value in enumerate(tables[name].frame[column])
    }


def _edited(frame: pd.DataFrame, rng: np.random.Generator, side: str) -> pd.DataFrame:
    made = frame.copy()
    for column in frame.columns[1:] if side else ():
        places = rng.choice(len(frame), len(frame) // 50, replace=False)
        made.loc[places, column] = f"{column} of {side}"
    return made


def _table(frame: pd.DataFrame) -> Table:
    return Table("Clients", "Clients", frame, {c: c for c in map(str, frame.columns)})


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--triples", type=int, default=0)
    parser.add_argument("--weeks", type=int, default=0)
    parser.add_argument("--handed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--demo", type=int, default=0)
    asked = parser.parse_args()
    if asked.rows:
        big(asked.rows)
    wrong = triples(asked.triples, asked.first) if asked.triples else 0
    wrong += demo(asked.demo) if asked.demo else 0
    wrong += weeks(asked.weeks, asked.first) if asked.weeks else 0
    wrong += handed(asked.handed, asked.first) if asked.handed else 0
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
