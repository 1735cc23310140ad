"""Exact keys: each row of a list is found by id, e-mail, tax number, or the same name with an equal detail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from xlcrm.importing.matching import PROPOSED, unpadded
from xlcrm.importing.same_client.sides import COLUMNS, CONTACTS, UNIQUE, Side
from xlcrm.text import fold

if TYPE_CHECKING:
    from xlcrm.names.name import Name

ALIKE = 0.6
GIVEN_ALIKE = 0.75


def contradict(one: Side, a: int, two: Side, b: int) -> bool:
    """Names that are both there and have nothing in common; for companies without persons, their names."""
    first, second = one.names[a], two.names[b]
    if first and second:
        return not _alike(first, second) or _differ_in_given_name(one, a, two, b)
    if not first and not second and one.companies[a] and two.companies[b]:
        return not _alike(one.companies[a], two.companies[b])
    return False


def _differ_in_given_name(one: Side, a: int, two: Side, b: int) -> bool:
    """Giulia and Paolo Ferrari are two, G. Ferrari may be either; a nickname or a slip is the same person.

    Names that share all words of the shorter one are one person's.
    """
    mine, other = set(one.names[a].split()), set(two.names[b].split())
    if mine <= other or other <= mine:
        return False
    first, second = _given(one, a), _given(two, b)
    if not first or not second:
        return False
    return not any(_same_given(x, y) for x in first.split() for y in second.split())


def _given(side: Side, row: int) -> str:
    """The given names of a row, out of the whole name where no column has them; "" where nobody can tell."""
    own = side.cell("first_name", row)
    if own or not side.wholes[row]:
        return own
    name = _split(side.wholes[row])
    return fold(name.first_name) if name.kind == "person" else ""


@lru_cache(maxsize=4096)
def _split(text: str) -> Name:
    from xlcrm.names.column import split_name

    return split_name(text)


def _same_given(first: str, second: str) -> bool:
    shorter, longer = sorted((first, second), key=len)
    return longer.startswith(shorter) or SequenceMatcher(None, first, second).ratio() >= GIVEN_ALIKE


def _alike(first: str, second: str) -> bool:
    return bool(set(first.split()) & set(second.split())) or SequenceMatcher(None, first, second).ratio() >= ALIKE


def strangers(one: Side, a: int, two: Side, b: int) -> bool:
    """Names contradict, and e-mail or phone does not say that it is the same client after all."""
    agree = any(one.cell(c, a) and one.cell(c, a) == two.cell(c, b) for c in ("email", "tax_id", "phone", "mobile"))
    same_company = bool(one.companies[a]) and _alike(one.companies[a], two.companies[b] or " ")
    return contradict(one, a, two, b) and not agree and not same_company


def likeness(ours: Side, place: int, theirs: Side, row: int) -> int:
    equal = sum(bool(ours.cell(c, place)) and ours.cell(c, place) == theirs.cell(c, row) for c in theirs.columns)
    return equal * 2 + (ours.names[place] == theirs.names[row]) * 5


INSIDE = 50  # earlier rows of the list that are compared with one that has the same key
_ID = ("client_id",)
_SINGLE = frozenset((key,) for key in UNIQUE)
_DETAILS = (*CONTACTS, "birth_date", "email", "tax_id")
_OWN = frozenset({"birth_date", "email", "tax_id"})  # details of which nobody has two


@dataclass
class Match:
    """`at` is, for each row of the list, the position in the table of the client it is, -1 where it is a new one.

    `earlier` is, for rows that repeat a client of the same list, the row that came first, -1 for all others.
    `clashes` are rows whose id belongs to somebody plainly different: they are left out.
    `shared` are rows whose e-mail or tax number somebody of another name has: they are new ones. `couples` are rows
    whose e-mail an earlier row of the list has under another given name, with that row.
    """

    at: npt.NDArray[np.int64]
    earlier: npt.NDArray[np.int64]
    clashes: list[int] = field(default_factory=list)
    shared: list[tuple[int, int, str]] = field(default_factory=list)
    couples: list[tuple[int, int, str]] = field(default_factory=list)


def match(existing: pd.DataFrame, rows: pd.DataFrame, keys: Sequence[str] = ()) -> Match:
    """Finds each row of `rows` in `existing` (both with canonical columns; further columns are ignored).

    With `keys`, a client is the one in whom all these columns are equal and filled. Without, the client_id decides
    where a row has one: two clients of different ids stay two, whatever they share, unless the one in the table has
    an id that was only proposed here (C0001). Rows without id are found by e-mail, then by tax number, unless the
    names plainly differ (a couple's one address); then by the same name with one more equal detail (phone, postal
    code, address, city) and no contradicting one. Names and places are the same whatever their case and accents.
    """
    return _Walk(existing, rows, keys).match()


class _Key(NamedTuple):
    """A key: its columns, and the rows behind each of its values in the table and in the list."""

    columns: tuple[str, ...]
    mine: dict[tuple[str, ...], list[int]]
    inside: dict[tuple[str, ...], list[int]]

    @property
    def is_id(self) -> bool:
        return self.columns == _ID

    @property
    def given(self) -> bool:
        """Whether the user named it: then names are not looked at."""
        return self.columns not in _SINGLE


class _Walk:
    """The rows of a list from the first to the last, each settled by the first key that can."""

    def __init__(self, existing: pd.DataFrame, rows: pd.DataFrame, keys: Sequence[str]) -> None:
        wanted = list(dict.fromkeys([*COLUMNS, *keys]))
        self.ours, self.theirs, self.named = Side(existing, wanted), Side(rows, wanted), bool(keys)
        self.found = Match(np.full(len(rows), -1), np.full(len(rows), -1))
        self.used: set[int] = set()
        self.adopted: set[int] = set()  # clients that a row with an id of its own was found to be: no other such row is
        self.keys = self._keys(tuple(keys))
        self.people = {} if keys else self.ours.people()
        self.details = [c for c in _DETAILS if c in existing.columns and c in rows.columns]
        self.ids = PaddedIds(self.ours, self.theirs)

    def _keys(self, named: tuple[str, ...]) -> list[_Key]:
        """The keys in the order in which they are asked. What an old value of a client leads to (a number that was
        merged away) belongs into `mine` here."""
        plans = [named] if named else [(key,) for key in UNIQUE]
        usable = [plan for plan in plans if all(name in self.theirs.columns for name in plan)]
        return [_Key(plan, self.ours.index(plan), self.theirs.index(plan)) for plan in usable]

    def match(self) -> Match:
        for row in range(self.theirs.size):
            own = "" if self.named else self.theirs.cell("client_id", row)
            if not any(self._settles(key, row, own) for key in self.keys) and not (own or self.named):
                self._by_name(row)
        return self.found

    def _settles(self, key: _Key, row: int, own: str) -> bool:
        """True where this key settles the row; `own` is the row's id."""
        value = tuple(self.theirs.cell(name, row) for name in key.columns)
        if not all(value):
            return False
        places, inside = key.mine.get(value, []), key.inside[value]
        if not places and key.is_id:
            places = self.ids.places(row)
        if own and not key.is_id:
            places, inside = self._without_other_ids(key, row, own, places), []
        if not self._by_key(key, row, places, inside[:INSIDE]):
            return False
        if own and self.found.at[row] >= 0:
            self.adopted.add(int(self.found.at[row]))
        return True

    def _without_other_ids(self, key: _Key, row: int, own: str, places: Sequence[int]) -> list[int]:
        """The places that somebody of the id `own` can be; the first that it can't is told as shared."""
        others = [place for place in places if not _may_be(own, self.ours.cell("client_id", place))]
        self.found.shared += [(row, place, key.columns[0]) for place in others[:1]]
        return [place for place in places if place not in others and place not in self.adopted]

    def _by_key(self, key: _Key, row: int, mine: Sequence[int], inside: Sequence[int]) -> bool:
        same = [place for place in mine if key.given or not contradict(self.ours, place, self.theirs, row)]
        if same:
            self.found.at[row] = max(same, key=lambda place: likeness(self.ours, place, self.theirs, row))
            return True
        if key.is_id and mine:
            return self._of_that_id(row, mine[0])
        if self._repeats(key, row, inside):
            return True
        self._told(key, row, mine, inside)
        return False

    def _of_that_id(self, row: int, place: int) -> bool:
        """A row whose id is there under another name: a clash, unless e-mail or phone say that it is the same."""
        if strangers(self.ours, place, self.theirs, row):
            self.found.clashes.append(row)
        else:
            self.found.at[row] = place
        return True

    def _repeats(self, key: _Key, row: int, inside: Sequence[int]) -> bool:
        """Whether an earlier row of the list is the same client."""
        lenient = key.is_id or key.given
        before = (r for r in inside if r < row and (lenient or not contradict(self.theirs, r, self.theirs, row)))
        first = next(before, -1)
        if first < 0 or first in self.found.clashes:
            return False
        self.found.earlier[row] = self.found.earlier[first] if self.found.earlier[first] >= 0 else first
        self.found.at[row] = self.found.at[first]
        return True

    def _told(self, key: _Key, row: int, mine: Sequence[int], inside: Sequence[int]) -> None:
        """What is worth knowing of a key that settled nothing: somebody of another name has it."""
        if mine and not key.is_id:
            self.found.shared.append((row, mine[0], key.columns[0]))
        if not mine and key.columns == ("email",):
            self.found.couples += [(row, first, "email") for first in inside[:1] if first < row]

    def _by_name(self, row: int) -> None:
        """The client of the same name, or of the same number where that is all that is known."""
        place = self._best(row, [place for place in self._namesakes(row) if place not in self.used])
        if place >= 0:
            self.found.at[row] = place
            self.used.add(place)

    def _namesakes(self, row: int) -> list[int]:
        name, company = self.theirs.names[row], self.theirs.companies[row]
        if name or company:
            found = self.people.get(("person", name) if name else ("company", company), [])
        else:
            cells = ((column, self.theirs.cell(column, row)) for column in ("phone", "mobile"))
            found = [place for cell in cells for place in self.people.get(cell, [])]
        firms = self.ours.companies
        return [place for place in found if not (company and firms[place]) or company == firms[place]]

    def _best(self, row: int, places: Iterable[int]) -> int:
        """The place with most equal details, one at least, and no own one that differs, -1 if none."""
        best, most = -1, -1
        for place in places:
            filled = [(c, self.ours.cell(c, place), b) for c in self.details if (b := self.theirs.cell(c, row))]
            if any(a and a != b for c, a, b in filled if c in _OWN):
                continue
            equal = sum(a == b for _, a, b in filled)
            if (equal or not filled) and equal > most:
                best, most = place, equal
        return best


def _may_be(own: str, other: str) -> bool:
    """Whether somebody of the id `own` elsewhere can be the client of the id `other` here."""
    return not other or own == other or (bool(PROPOSED.fullmatch(other)) and not PROPOSED.fullmatch(own))


class PaddedIds:
    """Ids that differ in leading zeros only (C24, C0024): the same one where neither side has two of them."""

    def __init__(self, ours: Side, theirs: Side) -> None:
        self.ours, self.theirs = ours, theirs
        self.mine, self.others = self._by_number(ours), self._by_number(theirs)

    def places(self, row: int) -> list[int]:
        """The client of the row's id but for its zeros, unless the names say otherwise."""
        number = unpadded(self.theirs.cell("client_id", row))
        found = self.mine.get(number, set())
        if not number or len(found) != 1 or len(self.others[number]) != 1:
            return []
        at = next(place for place in range(self.ours.size) if self.ours.cell("client_id", place) in found)
        return [] if contradict(self.ours, at, self.theirs, row) else [at]

    @staticmethod
    def _by_number(side: Side) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for text in side.columns.get("client_id", ()):
            found[unpadded(text)].add(text)
        return found
