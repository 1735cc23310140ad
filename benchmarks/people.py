"""`xlcrm refresh` with people and opportunities, and without them, in one run: `python benchmarks/people.py`.

    python benchmarks/people.py [--clients 50000] [--people 80000] [--deals 20000] [--lines 500000] [--rounds 3]

Two client files with the same clients and purchases; one has people and opportunities as well. Each refresh is a
process of its own on a fresh copy, the two by turns; the ratio is that of the smallest processor times.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.refresh import REFRESH, TODAY, WORDS, invented, make, measured

if TYPE_CHECKING:
    import pandas as pd


def people_and_deals(clients: pd.DataFrame, people: int, deals: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows for People and Opportunities of these clients: some have left, some deals are closed."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(8)
    ids = clients["client_id"].to_numpy()
    first, last = random.choice(WORDS, people), random.choice(WORDS, people)
    today = pd.Timestamp(TODAY)

    def days(count: int, back: int, ahead: int, filled: float) -> pd.Series[pd.Timestamp]:
        found = pd.Series(today + pd.to_timedelta(random.integers(-back, ahead, count), "D"))
        return found.where(random.random(count) < filled)

    persons = pd.DataFrame(
        {
            "person_id": np.char.add("P", np.arange(people).astype(str)),
            "client_id": random.choice(ids, people),
            "full_name": np.char.add(np.char.add(first, " "), last),
            "first_name": first,
            "last_name": last,
            "job_title": random.choice(["Owner", "Buyer", "Accountant", ""], people),
            "role": random.choice(["decides", "buys", "pays", "uses", ""], people),
            "email": np.char.add(np.char.add("p", np.arange(people).astype(str)), "@example.com"),
            "phone": "+44 20 7946 0001",
            "since": days(people, 2000, 0, 0.7),
            "until": days(people, 1000, 300, 0.2),
        }
    )
    chances = pd.DataFrame(
        {
            "opportunity": np.char.add("O", np.arange(deals).astype(str)),
            "client_id": random.choice(ids, deals),
            "person_id": random.choice(persons["person_id"].to_numpy(), deals),
            "subject": "New order",
            "stage": random.choice(["new", "qualified", "offer", "negotiation", "won", "lost"], deals),
            "amount": random.integers(100, 5_000_000, deals) / 100,
            "currency": "EUR",
            "expected_on": days(deals, 100, 300, 0.9),
            "salesperson": random.choice(["Ada Prova", "Ole Test", "Eva Muster"], deals),
            "next_on": days(deals, 30, 30, 0.6),
            "opened_on": days(deals, 400, 0, 0.95),
        }
    )
    return persons, chances


def books(folder: Path, chosen: argparse.Namespace) -> tuple[Path, Path]:
    """The file without people and opportunities, and the one with them."""
    from xlcrm.plan import Added, Plan
    from xlcrm.xlsx.reading import read_tables
    from xlcrm.xlsx.writing import apply_plan

    without, rich = folder / "Without.xlsm", folder / "With.xlsm"
    clients, bought = invented(chosen.clients, chosen.lines)
    make(without, clients, bought)
    persons, deals = people_and_deals(clients, chosen.people, chosen.deals)
    plan = Plan("import", added=(Added("People", persons), Added("Opportunities", deals)))
    apply_plan.apply_plan(without, rich, plan, read_tables.read(without))
    return without, rich


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, count in (("clients", 50_000), ("people", 80_000), ("deals", 20_000), ("lines", 500_000), ("rounds", 3)):
        parser.add_argument(f"--{name}", type=int, default=count)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        best: dict[str, float] = {}
        memory: dict[str, float] = {}
        pair = books(folder, chosen)
        for _ in range(chosen.rounds):
            for path in pair:
                copy = folder / f"{path.stem} copy" / path.name
                shutil.rmtree(copy.parent, ignore_errors=True)
                copy.parent.mkdir()
                shutil.copy(path, copy)
                took = measured([*REFRESH, str(copy)])
                best[path.stem] = min(took.processor, best.get(path.stem, took.processor))
                memory[path.stem] = took.memory
        for stem, seconds in best.items():
            print(f"{stem:<8} {seconds:6.1f} s processor, {memory[stem]:5.0f} MB")
        print(f"{best['With'] / best['Without']:.2f} times, with {chosen.people:,} people and {chosen.deals:,} deals")


if __name__ == "__main__":
    main()
