"""Contradictions of names: whether two rows that share an e-mail or a number can be one client at all."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

from xlcrm.importing.same_client.sides import Side
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
