"""Figures of opportunities against plain Python with Decimal, and what they cost a refresh.

    python benchmarks/pipeline.py [--books 200]         random books, every cell of four tables held against the other
    python benchmarks/pipeline.py --time [--clients 50000] [--lines 500000] [--people 80000] [--deals 20000]

The second makes one workbook without and one with people and opportunities, and refreshes both: a ratio of one run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import refresh

if TYPE_CHECKING:
    import pandas as pd

STAGES = ("new", "qualified", "offer", "negotiation", "won", "lost")


def compare(books: int) -> None:
    """How many of the books differ anywhere, with the first differences."""
    from tests.support.pipeline_reckoning import differences, random_book

    found = {seed: lines for seed in range(books) if (lines := differences(random_book(seed)))}
    for seed, lines in list(found.items())[:3]:
        print(seed, *lines[:5], sep="\n  ")
    print(f"{books} random books: {sum(map(len, found.values()))} differences in {len(found)} of them")


def more(clients: int, people: int, deals: int) -> dict[str, pd.DataFrame]:
    """Rows for People, Opportunities and StageChanges of invented clients (`refresh.invented`)."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(11)
    of = np.char.mod("C%06d", random.integers(0, clients, people))
    names = np.char.add(random.choice(refresh.WORDS, people), np.char.mod(" %d", np.arange(people)))
    persons = pd.DataFrame(
        {"person_id": np.char.mod("P%06d", np.arange(people)), "client_id": of, "full_name": names,
         "email": np.char.mod("p%d@example.com", np.arange(people)), "role": "buys"}
    )  # fmt: skip
    opened = pd.Timestamp(refresh.TODAY) - pd.to_timedelta(random.integers(1, 500, deals), "D")
    reached = random.integers(0, len(STAGES), deals)
    rows = pd.DataFrame(
        {
            "opportunity": np.char.mod("O%06d", np.arange(deals)),
            "client_id": np.char.mod("C%06d", random.integers(0, clients, deals)),
            "subject": "Renewal",
            "stage": np.array(STAGES)[reached],
            "amount": random.integers(100, 90_000, deals).astype(float),
            "currency": "EUR",
            "expected_on": opened + pd.Timedelta(days=200),
            "salesperson": random.choice(["Ada Prova", "Ole Test", "Eva Muster"], deals),
            "competitor": random.choice(["", "Acme", "Borealis"], deals),
            "next_on": opened + pd.Timedelta(days=100),
            "opened_on": opened,
        }
    )
    steps = [
        pd.DataFrame(
            {"opportunity": rows["opportunity"], "stage": STAGES[step], "since": opened + pd.Timedelta(days=9 * step)}
        )[reached >= step]
        for step in range(4)
    ]
    return {"People": persons, "Opportunities": rows, "StageChanges": pd.concat(steps, ignore_index=True)}


def make(path: Path, chosen: argparse.Namespace) -> None:
    """A workbook without people and opportunities at `path`, and the same with them beside it."""
    from xlcrm.plan import Added, Plan
    from xlcrm.xlsx.reading import read_tables
    from xlcrm.xlsx.writing import apply_plan

    refresh.make(path, *refresh.invented(chosen.clients, chosen.lines))
    added = tuple(Added(name, rows) for name, rows in more(chosen.clients, chosen.people, chosen.deals).items())
    apply_plan.apply_plan(path, path.with_name("With.xlsm"), Plan("import", added=added), read_tables.read(path))


def time(chosen: argparse.Namespace) -> None:
    """Both refreshed, one after the other."""
    sizes = [f"--{name}={getattr(chosen, name)}" for name in ("clients", "lines", "people", "deals")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Without.xlsm"
        refresh.measured([sys.executable, __file__, "--make", str(path), *sizes])
        run = [sys.executable, "-m", "xlcrm", "refresh"]
        without = refresh.measured([*run, str(path)])
        made = refresh.measured([*run, str(path.with_name("With.xlsm"))])
    ratio = f"{made.clock / without.clock:.2f} (processor {made.processor / without.processor:.2f}) times"
    print(f"without  {without}\nwith     {made}   {ratio}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--books", type=int, default=200)
    parser.add_argument("--time", action="store_true")
    parser.add_argument("--make", type=Path)
    for name, size in (("clients", 50_000), ("lines", 500_000), ("people", 80_000), ("deals", 20_000)):
        parser.add_argument(f"--{name}", type=int, default=size)
    chosen = parser.parse_args()
    if chosen.make:
        make(chosen.make, chosen)
    elif chosen.time:
        time(chosen)
    else:
        compare(chosen.books)


if __name__ == "__main__":
    main()
