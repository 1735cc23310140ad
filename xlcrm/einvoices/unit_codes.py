"""Unit codes of UN/ECE Recommendation 20 and 21 for what people write as a unit, in six languages.

The words stand in `xlcrm/data/einvoices/unit_codes.csv`; case, accents and points don't count. A word that isn't there
is C62 (one) for the machine, and the writer keeps the word as a note of the line.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from xlcrm.text import fold_letters

DATA = Path(__file__).parents[1] / "data" / "einvoices"
ONE = "C62"


def unit_code(word: str) -> tuple[str, bool]:
    """Code of a unit, and whether it says what the word says: ("HUR", True) for "Std."; ("C62", False) for "Bündel"."""
    key = _key(word)
    code = _codes().get(key, "") or (word.strip() if word.strip() in _codes().values() else "")
    return (code or ONE), bool(code) or not key


def _key(word: str) -> str:
    return fold_letters(word).strip(". ").replace(".", "")


@cache
def _codes() -> dict[str, str]:
    with (DATA / "unit_codes.csv").open(encoding="utf-8", newline="") as file:
        return {_key(word): row["code"] for row in csv.DictReader(file) for word in row["words"].split("|")}
