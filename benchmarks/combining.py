"""Combining: random triples against the replay oracle, a big file, and three people over simulated weeks.

    python benchmarks/combining.py [--triples 1000] [--first 0] [--rows 50000] [--weeks 200]

A triple is a base and random edits of two sides; the oracle (tests/support/two_copies.py) goes by who touched what. A
week: three people with a copy each edit, buy, and combine each other's copies in any order; whatever one typed that
nobody who had seen it changed is in the end result or in Problems, and nothing else is there.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support import three_people, two_copies  # noqa: E402
from xlcrm.combining.combine_plan import combine_plan  # noqa: E402
from xlcrm.settings import Settings  # noqa: E402
from xlcrm.tables import Table, Tables  # noqa: E402


def triples(count: int, first: int) -> int:
    """How many of these triples came out wrong, each named."""
    wrong = 0
    for seed in range(first, first + count):
        found = two_copies.faults(two_copies.triple(seed))
        wrong += bool(found)
        if found:
            print(f"triple {seed}:", *found, sep="\n  ", flush=True)
        if seed % 50 == 49:
            print(f"to {seed}: {wrong} wrong", flush=True)
    print(f"{wrong} of {count} triples wrong")
    return wrong


def weeks(count: int, first: int) -> int:
    """How many of these weeks came out wrong, each named."""
    wrong = 0
    for seed in range(first, first + count):
        found = three_people.week(seed)
        wrong += bool(found)
        if found:
            print(f"week {seed}:", *found, sep="\n  ", flush=True)
    print(f"{wrong} of {count} weeks wrong")
    return wrong


def big(rows: int) -> None:
    """Time and memory of combining two copies of a file of that many clients and 30 columns, 2 % edited a side."""
    rng = np.random.default_rng(1)
    columns = ("client_id", *two_copies.CLIENT, *(f"Own {n}" for n in range(30 - 1 - len(two_copies.CLIENT))))
    frame = pd.DataFrame({c: [f"{c} {n}" for n in range(rows)] for c in columns}, dtype="str")
    frame["client_id"] = [f"C{n:06}" for n in range(rows)]
    frame["opt_out_email"] = ""
    states = [Tables.of(_table(_edited(frame, rng, side))) for side in ("", "o", "t")]
    start = time.perf_counter()
    plan = combine_plan(states[1], states[2], states[0], settings=Settings(), today=two_copies.TODAY, fallback="Bo")
    took = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{rows} clients x {len(columns)} columns: {took:.1f} s, {memory:.2f} GB; {plan.counts()}")


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
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--rows", type=int, default=0)
    asked = parser.parse_args()
    if asked.rows:
        big(asked.rows)
    wrong = triples(asked.triples, asked.first) if asked.triples else 0
    wrong += weeks(asked.weeks, asked.first) if asked.weeks else 0
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
