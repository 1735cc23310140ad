"""Numbering of documents: the next number of a series and year, one above the highest that was ever given.

What was given stands in the workbook and, whatever happens to that, in the journal. Numbers typed by hand in the same
form count, too: whoever wrote invoices elsewhere goes on after the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from xlcrm.tables import Tables
from xlcrm.values import as_text

_NUMBER = re.compile(r"^(?P<series>.*)-(?P<year>\d{4})-(?P<sequence>\d{1,9})$")
_TYPED = (("Documents", "number"), ("DocumentLines", "number"), ("Purchases", "document"), ("Purchases", "invoice"))


@dataclass(frozen=True)
class DocumentNumber:
    """A number in its parts; shown as RE-2026-0001."""

    series: str
    year: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.series}-{self.year}-{self.sequence:04d}"


def parsed(text: str) -> DocumentNumber | None:
    """The parts of a number as `DocumentNumber` writes it; None for any other text."""
    found = _NUMBER.match(text.strip())
    return DocumentNumber(found["series"], int(found["year"]), int(found["sequence"])) if found else None


def in_workbook(tables: Tables) -> list[DocumentNumber]:
    """Every number that stands anywhere in the workbook, typed ones included."""
    found = []
    for table, column in _TYPED:
        if table in tables and column in tables[table].frame:
            found += [number for text in set(as_text(tables[table].frame[column])) if (number := parsed(text))]
    return found


class Numberer:
    """Gives the numbers of one run, each once; `taken` are those that were given before."""

    def __init__(self, taken: Iterable[DocumentNumber]) -> None:
        self._highest: dict[tuple[str, int], int] = {}
        for number in taken:
            self._take(number)

    def next(self, series: str, year: int) -> DocumentNumber:
        """The next number of a series (case does not count) and year."""
        number = DocumentNumber(series, year, self._highest.get((series.casefold(), year), 0) + 1)
        self._take(number)
        return number

    def _take(self, number: DocumentNumber) -> None:
        place = number.series.casefold(), number.year
        self._highest[place] = max(self._highest.get(place, 0), number.sequence)
