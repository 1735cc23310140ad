"""Choices from drop-downs, typed by hand all the same ("Sig.ra", "customer"), as one canonical word each."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from xlcrm import words
from xlcrm.fields.field_errors import FormatError
from xlcrm.text import fold

_LONGEST = 60


def canonical(group: str, value: object) -> str:
    """The canonical choice behind a word of six languages or a common synonym; FormatError where none is meant."""
    text = value.strip() if isinstance(value, str) else ""
    found = "" if len(text) > _LONGEST else words.choice(group, text) or _synonyms(group).get(fold(text), "")
    if not found:
        raise FormatError("choice.unknown", value=text[:_LONGEST])
    return found


@cache
def _synonyms(group: str) -> dict[str, str]:
    path = Path(__file__).resolve().parent.parent / "data" / "fields" / "choice_words.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["group"] == group]
    return {fold(word): row["name"] for row in rows for word in row["words"].split("|")}
