"""Random segments against an independent evaluation in DuckDB: `python benchmarks/segments.py`.

Each round makes its own clients, purchases, contacts and 200 segments; the same clients must come out of both.
"""

import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.support import segment_oracle as oracle
from xlcrm.segments.evaluate import Search
from xlcrm.settings import Settings

SEGMENTS = 200
ROUNDS = [(300, 3_000, seed) for seed in range(1, 6)] + [(5_000, 50_000, 6), (50_000, 500_000, 7)]


def main() -> None:
    for clients, lines, seed in ROUNDS:
        frames, made = oracle.data(seed, clients, lines, lines // 4), oracle.segments(seed, SEGMENTS)
        tables, ids = oracle.tables(frames, made), frames["Clients"]["client_id"]
        start = time.perf_counter()
        search = Search(tables, Settings(), oracle.TODAY)
        ours = {name: set(ids[search.segment(name)]) for name in made}
        middle = time.perf_counter()
        theirs = oracle.answers(frames, made)
        took, duckdb = middle - start, time.perf_counter() - middle
        same = sum(ours[name] == theirs[name] for name in made)
        telling = sum(0 < len(found) < clients for found in theirs.values())
        asked = f"{same} of {SEGMENTS} the same, {telling} of them neither all nor none"
        print(f"{clients:>6,} clients, {lines:>7,} lines: {asked}; xlcrm {took:.1f} s, DuckDB {duckdb:.1f} s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
