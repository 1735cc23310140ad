"""Merging: a thousand random merges of demo-like books and back again, and the time of one on a big book.

    python benchmarks/merge.py [--merges 1000] [--state merges.jsonl] [--rows 50000]

Of each run: sums of amounts are equal before, between and after; no opt-out is lost; every line is its client's; the
old list imported again adds nobody and opts nobody in; undo, also after sorting, gives every cell back. Seeds that the
file of states has are not tried again, so that a run that was stopped goes on. What a kill leaves:
`python benchmarks/faults.py --only kills,faults --commands merge,undo`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.merging_help import book  # noqa: E402
from tests.support.random_merges import ITALY, TODAY, trial  # noqa: E402
from xlcrm.merging import merge_plan  # noqa: E402
from xlcrm.tables import Tables  # noqa: E402


def known(state: Path) -> Iterator[dict[str, object]]:
    """The trials that were done already; a line that was cut off is tried again."""
    for line in state.read_text(encoding="utf-8").splitlines() if state.exists() else ():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def trials(merges: int, state: Path) -> None:
    done = {int(str(one["seed"])): one for one in known(state)}
    gone = sum(int(str(one["merged"])) for one in done.values())
    wrong = [fault for one in done.values() for fault in list(one["wrong"])]  # type: ignore[call-overload]
    seed = 0
    while gone < merges:
        if seed not in done:
            merged, faults = trial(seed)
            gone, wrong = gone + merged, wrong + faults
            with state.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"seed": seed, "merged": merged, "wrong": faults}) + "\n")
            done[seed] = {}
        seed += 1
    print(f"{gone} clients merged away in {len(done)} books and parted again; wrong: {len(wrong)}", *wrong, sep="\n")


def big(rows: int) -> None:
    """400 groups in a book of `rows` clients with ten lines each."""
    clients = pd.DataFrame({"client_id": [f"C{n:06}" for n in range(rows)]})
    clients["email"] = [f"client{n // 2}@example.com" for n in range(rows)]
    lines = pd.DataFrame({"client_id": clients["client_id"].tolist() * 10})
    lines["invoice"], lines["amount"] = [f"F{n // 3}" for n in range(len(lines))], 12.5
    pattern = book("client_id=C1", "invoice=F1 client_id=C1")
    tables = Tables.of(*({**pattern, **{
        name: type(pattern[name])(name, name, frame.reindex(columns=pattern[name].frame.columns), pattern[name].headers)
        for name, frame in (("Clients", clients), ("Purchases", lines))
    }}).values())  # fmt: skip
    begun = time.perf_counter()
    pairs = [(f"C{2 * n:06}", f"C{2 * n + 1:06}") for n in range(400)]
    plan = merge_plan.plan(tables, settings=ITALY, today=TODAY, pairs=pairs)
    seconds = time.perf_counter() - begun
    print(
        f"400 merges in a book of {rows:,} clients and {len(lines):,} lines planned in {seconds:.1f} s:", plan.counts()
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--merges", type=int, default=1000)
    parser.add_argument("--state", type=Path, default=Path("merges.jsonl"))
    parser.add_argument("--rows", type=int, default=50_000)
    chosen = parser.parse_args()
    trials(chosen.merges, chosen.state)
    big(chosen.rows)


if __name__ == "__main__":
    main()
