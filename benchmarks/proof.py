"""The proofs of docs/proof.md in full: thousands of trials, stopped and taken up again at will.

    python benchmarks/proof.py power-cut [--only import,split] [--trials 1000] [--minutes 60] [--state FILE]

Prints for each row of a proof how many trials there were, how many an hour, and the outcomes; what is wrong comes with
the number of its trial. With --state a later call goes on where this one stopped; --trials is the total to reach.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.resumable import Proof, Tally  # noqa: E402

# technique: the module that has its `proofs`, and how many trials a row are a full proof
TECHNIQUES = {
    "power-cut": ("power_cut", 10_000),
    "interleaving": ("interleaving", 500),
    "flips": ("flips", 10_000),
    "undo": ("undo_histories", 2_000),
    "fuzz": ("fuzzing", 10_000),
    "memory": ("low_memory", 300),
    "full-disk": ("full_disk", 200),
    "outside": ("outside", 200),
    "mutants": ("mutation", 30),
}


def tallied(technique: str, proof: Proof, trials: int, until: float, state: Path | None) -> Tally:
    tally = Tally(f"{technique} {proof.name}", proof.right, state)
    trials = min(trials, proof.most or trials)
    if tally.done < trials and time.time() < until:
        tally.run(trials, proof.make(), until=until)
    return tally


def scratch() -> Path | None:
    """Memory behind a name where there is such a thing: what is tried is our order of calls, not a disk."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("technique", choices=TECHNIQUES)
    parser.add_argument("--only", default="", help="rows, parted by semicolons")
    parser.add_argument("--trials", type=int, default=0, help="a row; the default is a full proof")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="for all rows together")
    parser.add_argument("--state", type=Path, help="a file that keeps how far it is")
    given = parser.parse_args()
    module, full = TECHNIQUES[given.technique]
    until = time.time() + 60 * given.minutes
    with tempfile.TemporaryDirectory(prefix="proof-", dir=scratch()) as name:
        rows: list[Proof] = importlib.import_module(f"benchmarks.{module}").proofs(Path(name))
        chosen = [row for row in rows if not given.only or row.name in given.only.split(";")]
        for place, row in enumerate(chosen):
            share = time.time() + (until - time.time()) / (len(chosen) - place)
            tally = tallied(given.technique, row, given.trials or full, share, given.state)
            print(tally, flush=True)
            for wrong in tally.wrong[:20]:
                print(f"    {wrong}", flush=True)


if __name__ == "__main__":
    main()
