"""The role of a person that a job title tells, in six languages: management, buys, pays, assistant, or none.

The words stand in `xlcrm/data/people/role_words.csv`; the kinds are asked in the order of that file, so that the
assistant of a director is an assistant. A title that tells nothing leaves the role blank: who decides is known by those
who have been there.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from xlcrm.text import fold

LESSER = "lesser"


@cache
def role_of(title: str) -> str:
    """The role (as `schema` has it) that a job title in any of the languages tells; "" where it tells none."""
    text = f" {fold(title)} "
    for phrase in sorted(_words()[LESSER], key=len, reverse=True):
        text = text.replace(f" {phrase} ", "  ")
    roles = (role for role in _words() if role != LESSER)
    return next((role for role in roles if any(f" {word} " in text for word in _words()[role])), "")


@cache
def _words() -> dict[str, frozenset[str]]:
    """Role -> its words, folded, in the order of the file."""
    path = Path(__file__).resolve().parent.parent / "data" / "people" / "role_words.csv"
    found: dict[str, frozenset[str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["kind"]] = found.get(row["kind"], frozenset()) | set(map(fold, row["words"].split("|")))
    return found
