"""Matching of clients: who is there already is found by id, e-mail, tax number or name and place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xlcrm import schema
from xlcrm.importing.header_words import choice_of
from xlcrm.text import any_order, caseless, fold, same, squeeze
from xlcrm.values import as_date, as_flag, as_number, as_text, text_of

if TYPE_CHECKING:
    from xlcrm.names.name import Name

# Two cells that mean the same must not look like a difference: "+47 22 34 56 78" and "004722345678" are one number.


def kind_of(table: str, field: str) -> tuple[str, str]:
    """The kind of a column and its group of choices; a user's own column is text."""
    try:
        column = schema.table(table).column(field)
    except KeyError:
        column = None
    return (column.kind, column.choices) if column else ("text", "")


def comparable(column: pd.Series[Any], table: str, field: str) -> pd.Series[Any]:
    """A column as text in which equal cells are equal and blank ones are "": same index, dtype str.

    E-mails, ids and choices without case, phones as digits, tax numbers and postal codes without spaces and points,
    dates as ISO, numbers in their shortest form, all other text with single spaces.
    """
    kind, group = kind_of(table, field)
    if kind in {"date", "moment"}:
        days, bad = as_date(column)
        iso: pd.Series[Any] = days.dt.strftime("%Y-%m-%d").astype("str").fillna("")
        return iso.mask(bad, as_text(column))
    if kind in schema.NUMBERS:
        figures, bad = as_number(column)
        return as_text(figures.round(6)).mask(bad, as_text(column))
    text = as_text(column)
    if kind == "flag":
        return as_flag(column).map({True: "1", False: "0"}).astype("str").where(text.str.strip() != "", "")
    if field == "client_id":
        kind = field
    distinct = {value: _plain(value, kind, group) for value in text.drop_duplicates()}
    return text.map(distinct).astype("str")


def name_key(text: str) -> str:
    """What a name is found by: its words in any order, without case, accents and punctuation."""
    return any_order(text) or caseless(squeeze(text))


def alike(column: str, one: str, other: str) -> bool:
    """Whether two spellings of a client's name, street or town are one: JOSE and José are, in no other column."""
    return column in SPELT and same(one, other)


def _found_by(column: pd.Series[Any], field: str) -> list[str]:
    """The cells of a column of Clients as a client is found by them: `comparable`, names and places folded."""
    cells = comparable(column, "Clients", field)
    if field in SPELT:
        cells = cells.map({text: fold(text) or caseless(text) for text in cells.drop_duplicates()})
    return list(cells.tolist())


def _plain(value: str, kind: str, group: str) -> str:
    text = " ".join(value.split())
    if kind == "email":
        return caseless(text).removeprefix("mailto:")
    if kind == "client_id":
        return text.upper()
    if kind == "phone":
        digits = re.sub(r"\D", "", text.replace("(0)", ""))
        return digits.removeprefix("00") if digits else caseless(text)
    if kind in {"tax_id", "postal_code"}:
        return fold(text).replace(" ", "")
    if kind == "choice":
        return choice_of(group, text) or caseless(text)
    return text


def as_typed(value: object) -> str:
    """A cell as a sentence quotes it."""
    return text_of(value)


NAMES = ("full_name", "title", "first_name", "middle_name", "last_name", "company")
PERSON = ("full_name", "first_name", "middle_name", "last_name")
CONTACTS = ("phone", "mobile", "postal_code", "address", "street", "city")
UNIQUE = ("client_id", "email", "tax_id")
SPELT = frozenset((*NAMES, "address", "street", "city", "region"))  # typed by heart: case and accents come and go
ALIKE = 0.6
GIVEN_ALIKE = 0.75
INSIDE = 50  # earlier rows of the list that are compared with one that has the same key
PROPOSED = re.compile(r"C(\d{4,9})")  # the ids given to clients that come without one


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


class _Side:
    """One side's columns as comparable text, and the rows behind each value of a key."""

    def __init__(self, frame: pd.DataFrame, columns: Sequence[str]) -> None:
        self.size = len(frame)
        self.columns = {c: _found_by(frame[c], c) for c in columns if c in frame.columns}
        parts = zip(*(self._column(c) for c in PERSON), strict=True)
        self.names = [_words(" ".join(part)) for part in parts]
        self.companies = [_words(text) for text in self._column("company")]
        self.wholes = as_text(frame["full_name"]).tolist() if "full_name" in frame.columns else [""] * self.size

    def _column(self, name: str) -> list[str]:
        return self.columns.get(name, [""] * self.size)

    def cell(self, name: str, row: int) -> str:
        column = self.columns.get(name)
        return column[row] if column is not None else ""

    def index(self, names: Sequence[str]) -> dict[tuple[str, ...], list[int]]:
        found: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for row, values in enumerate(zip(*(self._column(n) for n in names), strict=True)):
            if all(values):
                found[values].append(row)
        return found


def _words(text: str) -> str:
    """The different words of a name: a whole name and its parts beside it are one name."""
    return " ".join(sorted(set(name_key(text).split()))) if text.strip() else ""


def match(existing: pd.DataFrame, rows: pd.DataFrame, keys: Sequence[str] = ()) -> Match:
    """Finds each row of `rows` in `existing` (both with canonical columns; further columns are ignored).

    With `keys`, a client is the one in whom all these columns are equal and filled. Without, the client_id decides
    where a row has one: two clients of different ids stay two, whatever they share, unless the one in the table has
    an id that was only proposed here (C0001). Rows without id are found by e-mail, then by tax number, unless the
    names plainly differ (a couple's one address); then by the same name with one more equal detail (phone, postal
    code, address, city) and no contradicting one. Names and places are the same whatever their case and accents.
    """
    wanted = list(dict.fromkeys([*UNIQUE, *NAMES, *CONTACTS, "birth_date", *keys]))
    ours, theirs = _Side(existing, wanted), _Side(rows, wanted)
    found = Match(np.full(len(rows), -1), np.full(len(rows), -1))
    used: set[int] = set()
    adopted: set[int] = set()  # clients that a row with an id of its own was found to be: no other such row is
    plans: list[Sequence[str]] = [keys] if keys else [[key] for key in UNIQUE]
    plans = [plan for plan in plans if all(name in theirs.columns for name in plan)]
    tables = [(plan, ours.index(plan), theirs.index(plan)) for plan in plans]
    people = _people(ours) if not keys else {}
    exact = _exact_columns(existing, rows)
    ids = _Padded(ours, theirs)
    for row in range(len(rows)):
        done = False
        own_id = "" if keys else theirs.cell("client_id", row)
        for plan, mine, inside in tables:
            value = tuple(theirs.cell(name, row) for name in plan)
            if not all(value):
                continue
            places, rows_inside = mine.get(value, []), inside[value]
            if not places and tuple(plan) == ("client_id",):
                places = ids.places(row)
            if own_id and tuple(plan) != ("client_id",):
                others = [place for place in places if not _may_be(own_id, ours.cell("client_id", place))]
                places = [place for place in places if place not in others and place not in adopted]
                rows_inside = []
                found.shared += [(row, place, plan[0]) for place in others[:1]]
            if _by_key(found, ours, theirs, row, tuple(plan), places, rows_inside[:INSIDE]):
                if own_id and found.at[row] >= 0:
                    adopted.add(int(found.at[row]))
                done = True
                break
        if done or keys or own_id:
            continue
        name, company = theirs.names[row], theirs.companies[row]
        named = people.get(("person", name) if name else ("company", company), [])
        if not name and not company:  # all that is known of this one is a phone number
            named = [p for c in ("phone", "mobile") for p in people.get((c, theirs.cell(c, row)), [])]
        named = [p for p in named if not (company and ours.companies[p]) or company == ours.companies[p]]
        place = _by_name(ours, theirs, row, [p for p in named if p not in used], exact)
        if place >= 0 and found.at[row] < 0:
            found.at[row] = place
            used.add(place)
    return found


class _Padded:
    """Ids that differ in leading zeros only (C24, C0024): the same one where neither side has two of them."""

    def __init__(self, ours: _Side, theirs: _Side) -> None:
        self.ours, self.theirs = ours, theirs
        self.mine, self.others = self._by_number(ours), self._by_number(theirs)

    def places(self, row: int) -> list[int]:
        """The client of the row's id but for its zeros, unless the names say otherwise."""
        number = unpadded(self.theirs.cell("client_id", row))
        found = self.mine.get(number, set())
        if not number or len(found) != 1 or len(self.others[number]) != 1:
            return []
        at = next(place for place in range(self.ours.size) if self.ours.cell("client_id", place) in found)
        return [] if _contradict(self.ours, at, self.theirs, row) else [at]

    @staticmethod
    def _by_number(side: _Side) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for text in side.columns.get("client_id", ()):
            found[unpadded(text)].add(text)
        return found


def unpadded(text: str) -> str:
    """An id of letters and a number without the number's leading zeros, in capitals; "" for other ids."""
    match = re.fullmatch(r"([A-Z]*)[-. ]?0*(\d+)", text.strip().upper())
    return f"{match[1]}{match[2]}" if match else ""


def as_in_table(ids: pd.Series[Any], table_ids: pd.Series[Any]) -> pd.Series[Any]:
    """Ids as the table spells them: c024 is C024, and C24 is it too where no other one could be meant."""
    known = {text.upper(): text for text in as_text(table_ids).str.strip() if text}
    by_number: dict[str, set[str]] = defaultdict(set)
    for text in known.values():
        by_number[unpadded(text)].add(text)
    given = as_text(ids).str.strip()
    distinct = {text: _in_table(text, known, by_number) for text in given.drop_duplicates()}
    return given.map(distinct).astype("str")


def _in_table(text: str, known: dict[str, str], by_number: dict[str, set[str]]) -> str:
    alike = by_number.get(unpadded(text), set()) if unpadded(text) else set()
    return known.get(text.upper(), next(iter(alike)) if len(alike) == 1 else text)


def _may_be(own: str, other: str) -> bool:
    """Whether somebody of the id `own` elsewhere can be the client of the id `other` here."""
    return not other or own == other or (bool(PROPOSED.fullmatch(other)) and not PROPOSED.fullmatch(own))


def _by_key(
    found: Match, ours: _Side, theirs: _Side, row: int, plan: tuple[str, ...], mine: list[int], inside: list[int]
) -> bool:
    """True where this key settles the row."""
    by_id = plan == ("client_id",)
    given = plan not in {(key,) for key in UNIQUE}
    same = [place for place in mine if given or not _contradict(ours, place, theirs, row)]
    if same:
        found.at[row] = max(same, key=lambda place: _likeness(ours, place, theirs, row))
        return True
    if by_id and mine:
        if _strangers(ours, mine[0], theirs, row):
            found.clashes.append(row)
        else:
            found.at[row] = mine[0]
        return True
    before = [r for r in inside if r < row and (by_id or given or not _contradict(theirs, r, theirs, row))]
    if before and before[0] not in found.clashes:
        first = before[0]
        found.earlier[row] = found.earlier[first] if found.earlier[first] >= 0 else first
        found.at[row] = found.at[first]
        return True
    if mine and not by_id:
        found.shared.append((row, mine[0], plan[0]))
    earlier = [r for r in inside if r < row]
    if earlier and not mine and plan == ("email",):
        found.couples.append((row, earlier[0], plan[0]))
    return False


def _contradict(one: _Side, a: int, two: _Side, b: int) -> bool:
    """Names that are both there and have nothing in common; for companies without persons, their names."""
    first, second = one.names[a], two.names[b]
    if first and second:
        return not _alike(first, second) or _differ_in_given_name(one, a, two, b)
    if not first and not second and one.companies[a] and two.companies[b]:
        return not _alike(one.companies[a], two.companies[b])
    return False


def _differ_in_given_name(one: _Side, a: int, two: _Side, b: int) -> bool:
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


def _given(side: _Side, row: int) -> str:
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


def _strangers(one: _Side, a: int, two: _Side, b: int) -> bool:
    """Names contradict, and e-mail or phone does not say that it is the same client after all."""
    agree = any(one.cell(c, a) and one.cell(c, a) == two.cell(c, b) for c in ("email", "tax_id", "phone", "mobile"))
    same_company = bool(one.companies[a]) and _alike(one.companies[a], two.companies[b] or " ")
    return _contradict(one, a, two, b) and not agree and not same_company


def _likeness(ours: _Side, place: int, theirs: _Side, row: int) -> int:
    equal = sum(bool(ours.cell(c, place)) and ours.cell(c, place) == theirs.cell(c, row) for c in theirs.columns)
    return equal * 2 + (ours.names[place] == theirs.names[row]) * 5


def _people(side: _Side) -> dict[tuple[str, str], list[int]]:
    """The rows of each name and number; a company is found by its name also where it has a person."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in range(side.size):
        numbers = [(column, side.cell(column, row)) for column in ("phone", "mobile")]
        for kind, name in (("person", side.names[row]), ("company", side.companies[row]), *numbers):
            if name:
                found[kind, name].append(row)
    return found


def _exact_columns(existing: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    return [c for c in (*CONTACTS, "birth_date", "email", "tax_id") if c in existing.columns and c in rows.columns]


def _by_name(ours: _Side, theirs: _Side, row: int, places: Sequence[int], exact: Sequence[str]) -> int:
    """The place of the same name with an equal detail and no unique one that differs, -1 if none."""
    best, best_score = -1, -1
    for place in places:
        pairs = [(c, ours.cell(c, place), theirs.cell(c, row)) for c in exact if c in theirs.columns]
        if any(a and b and a != b for c, a, b in pairs if c in {"birth_date", "email", "tax_id"}):
            continue
        filled = [(a, b) for _, a, b in pairs if b]
        equal = sum(a == b for a, b in filled)
        if (equal or not filled) and equal > best_score:
            best, best_score = place, equal
    return best
