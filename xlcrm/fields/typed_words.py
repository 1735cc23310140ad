"""Words that people type into cells in six languages: yes, no, "unknown", "and", the names of office mailboxes.

They stand in `xlcrm/data/fields/typed_words.csv`, a row a meaning and a column a language, alternatives parted by |;
the column `any` has what belongs to no language. A seventh language is one more column.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

_NO_WORDS = frozenset({"group", "why"})  # columns that hold no words


@cache
def typed_words(group: str) -> frozenset[str]:
    """All words of a group in all languages as they stand in the file; KeyError for a group that it does not have."""
    return _groups()[group]


@cache
def _groups() -> dict[str, frozenset[str]]:
    """Group -> its words, read once."""
    path = Path(__file__).resolve().parent.parent / "data" / "fields" / "typed_words.csv"
    found: dict[str, frozenset[str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cells = (cell for column, cell in row.items() if column not in _NO_WORDS)
            words = frozenset(word for cell in cells for word in cell.split("|") if word)
            found[row["group"]] = found.get(row["group"], frozenset()) | words
    return found
