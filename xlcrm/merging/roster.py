"""Roster of the clients of a merge: their rows and names, which of them survives, and which can't be one.

Two valid tax numbers of one kind belong to two taxpayers, a person is never a company, and what somebody decided to be
two stays two until that decision is deleted.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.addresses.countries import country_code
from xlcrm.errors import CrmError
from xlcrm.fields import tax_id
from xlcrm.merging.alias_table import aliases, id_keys
from xlcrm.merging.combining import Cells, Reading, number_of, told
from xlcrm.merging.decisions import Pair, decided
from xlcrm.names.column import split_name
from xlcrm.privacy.opting_out import are_refusals
from xlcrm.problems import Problem
from xlcrm.row_matching import is_calculated
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.text import tokens
from xlcrm.values import as_date, text_of

LINES = ("Purchases", "Interactions", "Opportunities")
NAMES = ("full_name", "first_name", "last_name", "company")
_SIDES = frozenset({"person", "company"})


class Roster:
    """The clients of a workbook for one merge; `problems` and `refused` (keys of clients) fill up on the way."""

    def __init__(self, tables: Tables, settings: Settings, today: dt.date) -> None:
        self.table: Table = tables["Clients"]
        self.settings, self.today = settings, today
        self.keys = id_keys(self.table.frame["client_id"])
        self.counts = line_counts(tables)
        self.apart = decided(tables)
        self.problems: list[Problem] = []
        self.refused: set[str] = set()
        self._cells: dict[int, Cells] = {}

    @cached_property
    def typed(self) -> list[str]:
        """The columns that people fill."""
        formulas = self.table.formulas
        return [c for c in map(str, self.table.frame) if c not in formulas and not is_calculated("Clients", c)]

    def cells(self, place: int) -> Cells:
        """The typed cells of a row; read once, and not to be changed."""
        if place not in self._cells:
            self._cells[place] = {column: self.table.frame[column].iloc[place] for column in self.typed}
        return self._cells[place]

    def reading(self, place: int) -> Reading:
        """How the cells of a row are compared: by its own country where it names one."""
        country = country_code(text_of(self.cells(place).get("country"))) or self.settings.country
        return Reading(country, self.settings.language, self.table.headers, self.today)

    def number(self, place: int) -> str:
        return text_of(self.table.frame["client_id"].iloc[place]).strip()

    def name(self, place: int) -> str:
        """A client as a sentence names it."""
        return f"{self.number(place)} {told(self.cells(place), NAMES)}".strip()

    def fitting(self, group: Sequence[str], *, firm: bool = False) -> list[int]:
        """The rows of a group of numbers that can be one, the survivor first; a problem for each that can't.

        `firm`: they are one firm for several people, so that a person's row and the firm's are no contradiction.
        """
        taken: list[int] = []
        places = [place for key in dict.fromkeys(group) for place in self._places(key)]
        for place in sorted(places, key=self.rank):
            against = [problem for one in taken if (problem := self.forbids(one, place, firm=firm))]
            if against:
                self.refuse(against[0], place)
            else:
                taken.append(place)
        return taken

    def rank(self, place: int) -> tuple[int, pd.Timestamp, int]:
        """Sorts the survivor to the front: most lines, else registered first, else the upper row."""
        typed = pd.Series([self.cells(place).get("registered_on")], dtype=object)
        day = as_date(typed, self.settings.country)[0].iloc[0]
        return -self.counts[str(self.keys[place])], pd.Timestamp.max if pd.isna(day) else day, place

    def forbids(self, one: int, other: int, *, firm: bool = False) -> Problem | None:
        """Why two clients can't be one."""
        if frozenset((str(self.keys[one]), str(self.keys[other]))) in self.apart:
            return self.problem("merge.decided_apart", one, other)
        if two_taxpayers(self._tax_number(one), self._tax_number(other)):
            return self.problem("merge.two_tax_ids", one, other, "tax_id")
        if not firm and person_and_company(self.cells(one), self.cells(other)):
            return self.problem("merge.person_and_company", one, other, "kind")
        return None

    def problem(self, code: str, one: int, other: int, column: str = "client_id") -> Problem:
        """A problem of the row `other`, which names both clients."""
        decisions = words.title("Merged", self.settings.language)
        values = (("first", self.name(one)), ("second", self.name(other)), ("decisions", decisions))
        cell = text_of(self.cells(other).get(column))
        return Problem(code, "Clients", self.table.excel_row(other), self.number(other), column, cell, values=values)

    def refuse(self, problem: Problem, *places: int) -> None:
        self.problems.append(problem)
        self.refused |= {str(self.keys[place]) for place in places}

    def _places(self, key: str) -> list[int]:
        """The row of a number; none, with a problem, where several have it."""
        places = [int(place) for place in np.flatnonzero(self.keys == key)]
        if len(places) > 1:
            self.refuse(self.problem("merge.id_twice", places[0], places[1]), places[0])
        return places if len(places) == 1 else []

    def _tax_number(self, place: int) -> tuple[str, str]:
        """A row's tax number without the prefix of its country, and its kind; blank where it is not valid."""
        country, typed = self.reading(place).country, text_of(self.cells(place).get("tax_id")).strip()
        if not typed or not tax_id.is_valid(typed, country):
            return "", ""
        return number_of(typed, country), tax_id.kind(typed, country)


def asked(tables: Tables, roster: Roster, pairs: Sequence[Sequence[str]]) -> set[Pair]:
    """Pairs of numbers as keys, of today; CrmError "merge.unknown_client" for one that no client has or had."""
    final, known = aliases(tables), set(roster.keys) - {""}
    found = set()
    for pair in pairs:
        keys = [final.get(key, key).upper() for key in id_keys(pd.Series(list(pair), dtype="str"))]
        unknown = [typed for key, typed in zip(keys, pair, strict=True) if key not in known]
        if unknown:
            raise CrmError("merge.unknown_client", client=unknown[0], sheet=roster.table.sheet)
        found.add(frozenset(keys))
    return {pair for pair in found if len(pair) > 1}


def line_counts(tables: Tables) -> Counter[str]:
    """How many purchases and contacts each client has, by its key; a recorded refusal is no contact."""
    found: Counter[str] = Counter()
    for name in LINES:
        if name in tables and "client_id" in tables[name].frame:
            frame = tables[name].frame
            said = frame[~are_refusals(frame["subject"])] if name == "Interactions" and "subject" in frame else frame
            found.update(id_keys(said["client_id"]).tolist())
    return found


def two_taxpayers(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two valid numbers (each with its kind) can't be one taxpayer's.

    A person may have a personal number and a VAT number; a number with and without a prefix is one.
    """
    (first, kind), (second, other_kind) = one, other
    if not first or not second or first.endswith(second) or second.endswith(first):
        return False
    return kind == other_kind or not kind or not other_kind


def person_and_company(one: Cells, other: Cells) -> bool:
    """Whether one row is a person and the other a company: by what was typed, else by names with no word in common."""
    kinds = [words.choice("kind", text_of(cells.get("kind"))) for cells in (one, other)]
    if set(kinds) == _SIDES:
        return True
    guessed = [kind or _kind_of(cells) for kind, cells in zip(kinds, (one, other), strict=True)]
    return set(guessed) == _SIDES and not any(a & b for a, b in combinations(map(_words, (one, other)), 2))


def _kind_of(cells: Cells) -> str:
    """What a row without a kind is by its cells; "" where nobody can tell."""
    if any(text_of(cells.get(column)).strip() for column in ("first_name", "last_name")):
        return "person"
    name = text_of(cells.get("full_name")).strip()
    if name:
        return split_name(name).kind
    return "company" if text_of(cells.get("company")).strip() else ""


def _words(cells: Cells) -> set[str]:
    return {word for column in NAMES for word in tokens(text_of(cells.get(column))) if len(word) > 2}
