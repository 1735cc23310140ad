"""Choices from drop-downs, typed by hand all the same ("Sig.ra", "customer"), as one canonical word each."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from xlcrm import words
from xlcrm.fields.field_errors import FormatError
from xlcrm.text import fold

_LONGEST = 60
_LANGUAGE_OF = {"IT": "it", "ES": "es", "NO": "nb", "FR": "fr", "DE": "de", "AT": "de", "CH": "de"}


def canonical(group: str, value: object) -> str:
    """The canonical choice behind a word of six languages or a common synonym; FormatError where none is meant."""
    text = value.strip() if isinstance(value, str) else ""
    found = "" if len(text) > _LONGEST else words.choice(group, text) or _synonyms(group).get(fold(text), "")
    if not found:
        raise FormatError("choice.unknown", value=text[:_LONGEST])
    return found


def shown(group: str, name: str, country: str) -> str:
    """The word for a canonical choice in `country`'s language (ISO code), English where it has none of the six."""
    return words.choice_word(group, name, _LANGUAGE_OF.get(country.upper(), "en"))


@cache
def _synonyms(group: str) -> dict[str, str]:
    """Folded words of a group beside those of its drop-down list -> the canonical choice."""
    path = Path(__file__).resolve().parent.parent / "data" / "fields" / "choice_words.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["group"] == group]
    found: dict[str, str] = {}
    for row in rows:
        name, *cells = (cell for column, cell in row.items() if column != "group")
        found |= {fold(word): name for cell in cells for word in cell.split("|") if word}
    return found
