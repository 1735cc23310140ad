"""Copy numbers: what the numbers of clients, people and opportunities in each copy are called in the combined file.

A number that somebody edited by hand is found again by its row; where both sides gave the same new number to two
clients, theirs gets the next free one. Every table that names the number follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xlcrm.checks.purchase_lines import new_ids
from xlcrm.combining.row_triples import keys_of
from xlcrm.combining.table_rules import NUMBERED
from xlcrm.doubles.finding import match_clients
from xlcrm.row_matching import tokens

ALIKE, LEAST = 0.8, 3  # share of the filled cells that are the same, and how many at least
TELLING = (
    "full_name", "last_name", "first_name", "company", "email", "phone", "mobile", "tax_id", "subject", "address",
)  # fmt: skip

# which of their rows (labels: their numbers) are surely which of ours (labels: our numbers)
Judge = Callable[[pd.DataFrame, pd.DataFrame], Mapping[str, str]]


class BroughtRow(NamedTuple):
    """A row as an earlier combining brought it: the number that it got here, and its filled cells as text."""

    number: str
    cells: Mapping[str, str]


@dataclass
class CopyNumbers:
    """Number in a state -> number in the combined file, for those that differ.

    moved   (their number, our number) of rows that are new in both copies under one number and are two
    clashes (number of the base, ours, theirs): both sides edited it
    edited  side -> numbers, as they are called here, that it edited by hand
    """

    base: dict[str, str] = field(default_factory=dict)
    ours: dict[str, str] = field(default_factory=dict)
    theirs: dict[str, str] = field(default_factory=dict)
    moved: list[tuple[str, str]] = field(default_factory=list)
    clashes: list[tuple[str, str, str]] = field(default_factory=list)
    edited: dict[str, set[str]] = field(default_factory=lambda: {"ours": set(), "theirs": set()})


def same_clients(country: str) -> Judge:
    """The engine for doubles as a judge: pairs that it is sure of."""

    def judge(theirs: pd.DataFrame, ours: pd.DataFrame) -> Mapping[str, str]:
        found = match_clients(theirs, ours, country=country)
        sure = found[found["band"] == "surely"]
        return dict(zip(sure["left"].map(str), sure["right"].map(str), strict=True))

    return judge


def same_rows(theirs: pd.DataFrame, ours: pd.DataFrame) -> Mapping[str, str]:
    """A judge for people and opportunities: most of what is filled on both sides is the same."""
    index = _Index(ours)
    found = ((str(key), index.best(row)) for key, row in _rows(theirs))
    return {key: best for key, best in found if best}


def copy_numbers(
    table: str,
    key: str,
    base: pd.DataFrame,
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    judge: Judge,
    earlier: Mapping[str, Sequence[BroughtRow]],
) -> CopyNumbers:
    """The numbers of one table. `earlier`: their number -> rows that came under it when copies were combined before.

    Numbers that are blank or stand twice are left alone.
    """
    found = CopyNumbers()
    if not all(key in frame.columns for frame in (ours, theirs)):
        return found
    b, o, t = (_numbered(frame, key) for frame in (base, ours, theirs))
    here, there = _edited(b, o, t), _edited(b, t, o)
    here, there = {**_came_from(there, o, t), **here}, {**_came_from(here, t, o), **there}
    _settle(found, here, there, set(o.index))
    known = set(b.index) | set(there.values())
    fresh = t[~t.index.isin(known)]
    fresh_here = o[~o.index.isin(set(b.index) | set(here.values()))]
    found.theirs.update(pair for pair in _found_again(fresh, set(o.index), earlier) if pair[0] != pair[1])
    clashing = [n for n in fresh.index if n in o.index and n not in found.theirs and n not in fresh_here.index]
    clashing += list(_others(fresh, fresh_here, found.theirs, judge))
    clashing = [number for number in clashing if number not in found.theirs]
    used = [*o.index, *t.index, *b.index, *found.theirs.values()]
    for number, free in zip(clashing, new_ids(used, NUMBERED[table]), strict=False):
        found.theirs[number] = free
        found.moved.append((number, free))
    return found


def _numbered(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """The rows with a number that stands once, as text cells under it."""
    numbers = keys_of(frame, (key,)) if key in frame.columns else pd.Series([""] * len(frame), dtype=object)
    good = ((numbers != "") & ~numbers.duplicated(keep=False)).to_numpy()
    rows = frame[good].drop(columns=[key], errors="ignore")
    return rows.set_axis(pd.Index(numbers[good], dtype=object))


def _edited(base: pd.DataFrame, side: pd.DataFrame, other: pd.DataFrame) -> dict[str, str]:
    """Numbers of the base that are gone on a side where one new row alone is the same but for its number.

    A cell that is as the other side has it counts as the same: it may have come from there when copies were combined.
    """
    lost = base[~base.index.isin(side.index)]
    fresh = side[~side.index.isin(base.index)]
    if not len(lost) or not len(fresh):
        return {}
    index = _Index(fresh)
    theirs = {number: _cells(other.loc[number]) for number in lost.index if number in other.index}
    pairs = [(str(number), index.best(row, theirs.get(number))) for number, row in _rows(lost)]
    takers = [new for _, new in pairs if new]
    return {old: new for old, new in pairs if new and takers.count(new) == 1}


def _came_from(edited: Mapping[str, str], side: pd.DataFrame, other: pd.DataFrame) -> dict[str, str]:
    """Of the numbers that the other side edited those that a side has so, too: they came when copies were combined,
    however much of the row was changed here."""
    there = {old: new for old, new in edited.items() if old not in side.index and new in side.index}
    rows = {old: [_cells(frame.loc[[new]].iloc[0]) for frame in (side, other)] for old, new in there.items()}
    return {old: new for old, new in there.items() if _is_half(*rows[old])}


def _settle(found: CopyNumbers, here: Mapping[str, str], there: Mapping[str, str], used: set[str]) -> None:
    """What edited numbers are called: as here, else as there where that number is free, else as they were."""
    for number in dict.fromkeys([*here, *there]):
        ours, theirs = here.get(number, number), there.get(number, number)
        final = ours if number in here or (theirs in used and theirs != number) else theirs
        for side, numbers in (("ours", here), ("theirs", there)):
            found.edited[side] |= {final} if number in numbers else set()
        if theirs not in (number, final):
            found.clashes.append((number, ours, theirs))
        for state, named in ((found.base, number), (found.ours, ours), (found.theirs, theirs)):
            if named != final:
                state[named] = final
        if number != final:  # rows of other tables may still name it as it was
            found.ours.setdefault(number, final)
            found.theirs.setdefault(number, final)


def _found_again(
    fresh: pd.DataFrame, there: set[str], earlier: Mapping[str, Sequence[BroughtRow]]
) -> Iterator[tuple[str, str]]:
    """Their new rows that came in before under another number, with that number."""
    for number, row in _rows(fresh):
        cells = _cells(row)
        alike = [one.number for one in earlier.get(number, ()) if _is_half(cells, one.cells)]
        if len(alike) == 1 and (alike[0] in there or alike[0] not in fresh.index):
            yield number, alike[0]


def _is_half(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    shared = set(one) & set(other)
    return bool(shared) and sum(one[c] == other[c] for c in shared) >= len(shared) / 2


def _others(fresh: pd.DataFrame, ours: pd.DataFrame, settled: dict[str, str], judge: Judge) -> Iterator[str]:
    """Their new rows whose number is another's here: neither nearly the same row, nor one that the judge is sure of.

    One that is another of our new rows gets that row's number, in `settled`: somebody may have combined ours and gave
    it another number there, or both copied it from one list.
    """
    alike = _alike(fresh[~fresh.index.isin(list(settled))], ours)
    settled.update((number, found) for number, found in alike.items() if found != number)
    doubtful = [n for n in fresh.index if n in ours.index and n not in settled and n not in alike]
    asked = [n for n in doubtful if _may_be(fresh.loc[[n]], ours)]
    sure = judge(fresh.loc[asked], ours) if asked else {}
    taken = {*alike.values(), *settled.values()}
    for number in doubtful:
        found = sure.get(number, "")
        if found == number and found not in taken:
            continue
        if found and found not in taken and found not in fresh.index:
            settled[number] = found
        else:
            yield number


def _alike(fresh: pd.DataFrame, ours: pd.DataFrame) -> dict[str, str]:
    """Their new rows that are nearly one of ours, whatever their numbers: number -> our number, each once."""
    if not len(fresh) or not len(ours):
        return {}
    index = _Index(ours)
    pairs = {str(number): index.best(row, new=True) for number, row in _rows(fresh)}
    takers = list(pairs.values())
    return {number: found for number, found in pairs.items() if found and takers.count(found) == 1}


def _may_be(row: pd.DataFrame, ours: pd.DataFrame) -> bool:
    """Whether any telling cell of a row stands in our rows, so that the judge has something to weigh."""
    columns = [c for c in TELLING if c in row.columns and c in ours.columns]
    return any(
        text and (tokens(ours[column]).str.casefold() == text.casefold()).any()
        for column in columns
        for text in tokens(row[column])
    )


def _rows(frame: pd.DataFrame) -> Iterator[tuple[str, pd.Series[Any]]]:
    for place, number in enumerate(frame.index):
        yield str(number), frame.iloc[place]


def _cells(row: pd.Series[Any]) -> dict[str, str]:
    """The filled cells of a row by column."""
    texts = tokens(row.astype(object))
    return {str(column): text for column, text in zip(row.index, texts, strict=True) if text}


class _Index:
    """Rows by their telling cells, so that a row is held against few."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.places: dict[tuple[str, str], list[int]] = {}
        for column in [c for c in TELLING if c in frame.columns]:
            for place, text in enumerate(tokens(frame[column])):
                if text:
                    self.places.setdefault((column, text), []).append(place)

    def best(self, row: pd.Series[Any], other: Mapping[str, str] | None = None, *, new: bool = False) -> str:
        """The number of the one row that is nearly the same, by the columns that both have; "" for none, or two.

        other  the row as it is elsewhere: a cell like that one is the same, too
        new    nobody had the row before: of one name, half of the other cells are enough
        """
        ways = [_cells(row), dict(other or {})]
        near = sorted({place for way in ways for cell in way.items() for place in self.places.get(cell, [])})
        columns = set(map(str, row.index)) & set(map(str, self.frame.columns))
        held = {place: _cells(self.frame.iloc[place]) for place in near}
        found = [place for place in near if _is_near(ways, held[place], columns)]
        if new and not found:
            found = [place for place in near if _is_namesake(ways[0], held[place])]
        return str(self.frame.index[found[0]]) if len(found) == 1 else ""


def _is_namesake(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return bool(one.get("full_name")) and one.get("full_name") == other.get("full_name") and _is_half(one, other)


def _is_near(ways: Sequence[Mapping[str, str]], cells: Mapping[str, str], columns: set[str]) -> bool:
    filled = [column for column in columns if column in ways[0] or column in cells]
    known = [way for way in ways if way]
    alike = sum(any(way.get(column, "") == cells.get(column, "") for way in known) for column in filled)
    return bool(filled) and alike >= min(LEAST, len(filled)) and alike / len(filled) >= ALIKE


def translated(
    frame: pd.DataFrame, columns: Mapping[str, str], numbers: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """A frame with the numbers in these columns (column -> whose) as the combined file calls them.

    The same frame where there is nothing to do.
    """
    changed = {}
    for column, whose in columns.items():
        names = numbers.get(whose, {})
        if names and column in frame.columns:
            texts = tokens(frame[column]).str.strip()
            hit = texts.isin(list(names)).to_numpy()
            if hit.any():
                cells = frame[column].astype(object).to_numpy().copy()
                cells[hit] = [names[text] for text in texts[hit]]
                changed[column] = pd.Series(cells, index=frame.index, dtype=_kind(frame[column], cells))
    return frame.assign(**changed) if changed else frame


def _kind(series: pd.Series[Any], cells: np.ndarray[Any, Any]) -> Any:
    return series.dtype if isinstance(series.dtype, pd.StringDtype) and len(cells) else object
