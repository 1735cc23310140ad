"""Sides of a comparison of lists: the columns that find a client as comparable text, and the rows behind each value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import pandas as pd

from xlcrm.importing.matching import NAMES, found_by, name_key
from xlcrm.values import as_text

PERSON = ("full_name", "first_name", "middle_name", "last_name")
CONTACTS = ("phone", "mobile", "postal_code", "address", "street", "city")
UNIQUE = ("client_id", "email", "tax_id")
COLUMNS = (*UNIQUE, *NAMES, *CONTACTS, "birth_date")


class Side:
    """One side's columns as comparable text, with the words of each row's name and company."""

    def __init__(self, frame: pd.DataFrame, columns: Sequence[str]) -> None:
        self.size = len(frame)
        self.columns = {c: found_by(frame[c], c) for c in columns if c in frame.columns}
        parts = zip(*(self.column(c) for c in PERSON), strict=True)
        self.names = [_words(" ".join(part)) for part in parts]
        self.companies = [_words(text) for text in self.column("company")]
        self.wholes = as_text(frame["full_name"]).tolist() if "full_name" in frame.columns else [""] * self.size

    def column(self, name: str) -> list[str]:
        """A column, blank where there is none."""
        return self.columns.get(name, [""] * self.size)

    def cell(self, name: str, row: int) -> str:
        column = self.columns.get(name)
        return column[row] if column is not None else ""

    def index(self, names: Sequence[str]) -> dict[tuple[str, ...], list[int]]:
        """The rows behind each value of a key of several columns, all of them filled."""
        found: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for row, values in enumerate(zip(*(self.column(n) for n in names), strict=True)):
            if all(values):
                found[values].append(row)
        return found

    def people(self) -> dict[tuple[str, str], list[int]]:
        """The rows of each name and number; a company is found by its name also where it has a person."""
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        columns = {"person": self.names, "company": self.companies}
        columns |= {name: self.column(name) for name in ("phone", "mobile")}
        for row in range(self.size):
            for kind, texts in columns.items():
                if texts[row]:
                    found[kind, texts[row]].append(row)
        return found


def _words(text: str) -> str:
    """The different words of a name: a whole name and its parts beside it are one name."""
    return " ".join(sorted(set(name_key(text).split()))) if text.strip() else ""
