"""Dashboard and rhythm of the year against an independent reckoning in plain Python, on random books.

PYTHONPATH=. python benchmarks/dashboard.py [books]
"""

from __future__ import annotations

import sys

from tests.support.dashboard_reckoning import differences, ours, random_book


def main(books: int = 50) -> None:
    """Every difference, then how many figures were held against each other."""
    cells, wrong = 0, 0
    for seed in range(books):
        book = random_book(seed)
        cells += sum(sum(value is not None for value in row) for rows in ours(book).values() for row in rows)
        for line in differences(book):
            wrong += 1
            print(f"book {seed}: {line}")
    print(f"{books} books, {cells} cells that a refresh filled, {wrong} differences")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
