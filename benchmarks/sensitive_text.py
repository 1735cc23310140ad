"""Sensitive text in real lists: false alarms on names, addresses and notes of others, and the time that they take.

Run `python benchmarks/sensitive_text.py FOLDER`: the folder holds names.csv and addresses.csv (column `raw`), and a
folder `purchases` with the samples classicmodels, northwind and uci_online_retail. Every find is printed, to be judged.
"""

from __future__ import annotations

import csv
import gzip
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from xlcrm.privacy.sensitive_text import finds_in

NOTES = {
    "classicmodels_orders": "comments", "classicmodels_products": "productDescription",
    "northwind_employees": "Notes", "northwind_categories": "Description",
}  # fmt: skip
LARGEST = 15_000


def texts(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """The lists of a folder by name."""
    for name in ("names", "addresses"):
        yield name, [row["raw"] for row in _rows(folder / f"{name}.csv")]
    for name, column in NOTES.items():
        file = folder / "purchases" / f"{name}.csv"
        if file.exists():
            yield name, [row[column] or "" for row in _rows(file)]
    for file in sorted((folder / "purchases").glob("*.csv*")):
        if not file.name.startswith("lifetimes"):
            rows = [" | ".join(map(str, row.values())) for row in islice(_rows(file), LARGEST)]
            yield f"rows of {file.name}", rows


def _rows(file: Path) -> Iterator[dict[str, str]]:
    """The rows of a list, compressed or not."""
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def main(folder: Path) -> None:
    """Prints finds, counts and seconds."""
    total = alarms = 0
    for name, cells in texts(folder):
        started = time.perf_counter()
        found = finds_in(cells)
        seconds = time.perf_counter() - started
        total, alarms = total + len(cells), alarms + len(found)
        print(f"{name}: {len(cells)} texts, {len(found)} with finds, {seconds:.2f} s")
        for at, what in found.items():
            print("   ", cells[at][:110].replace("\n", " "), what)
    print(f"all: {total} texts, {alarms} with finds")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
