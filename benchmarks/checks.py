"""How long it takes to check a client list, how that grows, and what of 500 planted faults is found.

Run: python benchmarks/checks.py [CLIENTS ...]   (default: 5000 50000)
"""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.dirty_list import TODAY, as_tables, clean, dirty
from tests.support.faults_by_kind import KINDS
from xlcrm import checks
from xlcrm.checks.checking import findings
from xlcrm.checks.view import CheckedBook
from xlcrm.settings import Settings

SETTINGS = Settings(country="IT")


def speed(sizes: list[int]) -> None:
    """Processor seconds per size, and per thousand clients: a flat last figure is linear growth."""
    checks.plan(as_tables(clean(500)), settings=SETTINGS, today=TODAY)  # loads the libraries
    for size in sizes:
        tables = as_tables(clean(size, seed=3))
        lines = len(tables["Purchases"].frame)
        wall, start = time.perf_counter(), time.process_time()
        plan = checks.plan(tables, settings=SETTINGS, today=TODAY)
        took, waited = time.process_time() - start, time.perf_counter() - wall
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{size} clients, {lines} lines: {took:.1f} s processor ({waited:.1f} s by the clock), "
            f"{1000 * took / size * 1000:.0f} ms per thousand, peak {peak:.0f} MB, {len(plan.problems)} problems"
        )


def faults(seed: int) -> None:
    """Found, missed and false alarms of a list with planted faults; safe corrections that are right."""
    frames, planted = dirty(2400, 11, seed)
    tables = as_tables(frames)
    found = findings(CheckedBook.of(tables, SETTINGS, TODAY))
    at = Counter((p.code, p.table, p.row, p.column) for p in found if p.row)
    unknown = {p.value for p in found if p.code == "link.unknown"}
    ids = tables["Purchases"].frame["client_id"]
    hit = [p for p in planted if at[p[:4]] or (p.code == "link.unknown" and ids.iloc[p.row - 2] in unknown)]
    false = set(at) - {p[:4] for p in planted}
    plan = checks.correct_plan(tables, settings=SETTINGS, today=TODAY)
    written = {(c.table, c.column, int(str(n)) + 2): str(v) for c in plan.changes for n, v in c.after.items()}
    right = {(p.table, p.column, p.row): str(p.right) for p in planted if p.right is not None}
    good = sum(written.get(place) == value for place, value in right.items())
    print(
        f"seed {seed}: {len(planted)} faults, {len(KINDS)} kinds: found {len(hit)}, missed {len(planted) - len(hit)}, "
        f"false alarms {len(false)}; safe corrections right {good} of {len(right)}"
    )


if __name__ == "__main__":
    for number in (1, 2, 3):
        faults(number)
    speed([int(size) for size in sys.argv[1:]] or [5000, 50_000])
