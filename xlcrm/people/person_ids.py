"""Person ids, P0001 and on: new ones for people who come without one, never one that anybody has or had."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xlcrm.tables import Tables
from xlcrm.values import as_text

PERSON_ID = "P{:04}"
NAMING = ("People", "Interactions", "Opportunities")  # tables that name people


def person_ids(given: Sequence[str], used: Iterable[str]) -> list[str]:
    """An id for each: the given one where nobody in `used` or before it has it, else the next free P number."""
    taken = {text.upper() for text in used} - {""}
    kept = []
    for own in given:
        free = own if own and own.upper() not in taken else ""
        taken |= {free.upper()} - {""}
        kept.append(free)
    numbers = [int(text[1:]) for text in taken if text[:1] == "P" and text[1:].isdigit() and len(text) <= 10]
    following = iter(range(max(numbers, default=0) + 1, max(numbers, default=0) + 1 + len(kept)))
    return [own or PERSON_ID.format(next(following)) for own in kept]


def used_ids(tables: Tables) -> set[str]:
    """The ids of people that any table names."""
    found: set[str] = set()
    for name in NAMING:
        if name in tables and "person_id" in tables[name].frame:
            found |= set(as_text(tables[name].frame["person_id"].drop_duplicates()).str.strip())
    return found - {""}
