"""Combined table: three states of one table under our columns and numbers, with the rows that are one row.

A column is known by its canonical name or its header. One that is gone while a new one holds the same cells (90 %, one
candidate) was renamed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.combining.copy_numbers import translated
from xlcrm.combining.row_triples import keys_of, triples
from xlcrm.combining.table_rules import REFERENCES, TableRule, is_left_out
from xlcrm.combining.three_way import Array, ThreeStates, taken_from
from xlcrm.row_matching import fingerprints, match, tokens
from xlcrm.tables import Table
from xlcrm.values import same

Numbers = Mapping[str, Mapping[str, str]]
ALIKE = 0.9
Pairs = tuple[np.ndarray, np.ndarray]  # positions of rows that are one row, in one frame and in the other


@dataclass
class CopyColumns:
    """What the columns of the base and of their copy are called here.

    base, theirs  their column -> our column
    new           columns that only they have, and that come over
    renamed       (our header's column, what they call it)
    kept          columns that they dropped and that stay
    """

    base: dict[str, str] = field(default_factory=dict)
    theirs: dict[str, str] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def copy_columns(
    base: pd.DataFrame, ours: pd.DataFrame, theirs: pd.DataFrame, paired: Callable[[pd.DataFrame, pd.DataFrame], Pairs]
) -> CopyColumns:
    """The columns of three states of a table. `paired` says which rows of two of them are one row.

    A column dropped here that they have written in since comes back as a new one; untouched there it stays dropped.
    """
    here, there = _renamed(base, ours, paired), _renamed(base, theirs, paired)
    back = {new: old for old, new in there.items()}
    found = CopyColumns({column: here.get(column, column) for column in base.columns})
    for column in theirs.columns:
        old = back.get(column, column)
        ours_name = found.base.get(old, column)
        if ours_name in ours.columns:
            found.theirs[column] = ours_name
        elif old not in base.columns or _written(base[old], theirs[column], paired(base, theirs)):
            found.theirs[column] = column
            found.new.append(column)
    found.renamed = [(here.get(old, old), new) for old, new in there.items() if here.get(old, old) != new]
    gone = [c for c in base.columns if c not in theirs.columns and c not in there]
    found.kept = [found.base[c] for c in gone if found.base[c] in ours.columns]
    return found


def _written(before: pd.Series, after: pd.Series, rows: Pairs) -> bool:
    """Whether somebody wrote in a column since: in a row of the base, or in a new one."""
    new = np.setdiff1d(np.arange(len(after)), rows[1])
    return bool((tokens(after.iloc[new]) != "").any()) or not _alike(before, after, rows, 1.0)


def _renamed(base: pd.DataFrame, other: pd.DataFrame, paired: Callable[..., Pairs]) -> dict[str, str]:
    """Columns of the base under their new name, where there is one candidate alone."""
    gone = [c for c in base.columns if c not in other.columns]
    fresh = [c for c in other.columns if c not in base.columns]
    if not gone or not fresh:
        return {}
    rows = paired(base, other)
    found = [(old, new) for old in gone for new in fresh if _alike(base[old], other[new], rows, ALIKE)]
    return dict(_single(found))


def _single(pairs: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Of pairs those whose two names stand in no other."""
    olds, news = [old for old, _ in pairs], [new for _, new in pairs]
    yield from (pair for pair in pairs if olds.count(pair[0]) == 1 and news.count(pair[1]) == 1)


def _alike(old: pd.Series, new: pd.Series, rows: Pairs, least: float) -> bool:
    """Whether of the cells that are filled on one side at least that share is the same; blank columns are not."""
    before, after = tokens(old.iloc[rows[0]]).to_numpy(), tokens(new.iloc[rows[1]]).to_numpy()
    filled = (before != "") | (after != "")
    if not filled.any():
        return least == 1.0
    return bool((before == after)[filled].mean() >= least)


@dataclass(frozen=True, eq=False)
class CombinedTable:
    """One table of three states.

    table    ours as it is in the workbook
    frames   the states under our columns and numbers, without formulas and what refresh fills: "b", "o", "t"
    rows     their rows (see `row_triples.triples`)
    columns  what each state's columns are called here
    headers  our column, or the new one of theirs -> header
    strict   there is no base
    brought  our columns that an earlier combining brought: a blank cell in them is none that somebody emptied
    """

    rule: TableRule
    table: Table
    frames: Mapping[str, pd.DataFrame]
    rows: pd.DataFrame
    columns: CopyColumns
    headers: Mapping[str, str]
    strict: bool
    brought: frozenset[str] = frozenset()
    _changed: dict[str, Array] = field(default_factory=dict)
    _keys: dict[tuple[str, tuple[str, ...]], Array] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.rule.name

    def keys(self, state: str) -> pd.Series[Any]:
        """The key of each row in one state, "" where it has none."""
        return self._placed(state, self.rule.columns)

    def clients(self, state: str) -> pd.Series[Any]:
        """The client of each row in one state, "" where it has none."""
        return self._placed(state, ("client_id",))

    def keys_by_row(self, state: str, columns: tuple[str, ...]) -> Array:
        """The key by these columns of each row of a state's own frame, "" for none, and one "" more at the end."""
        if (state, columns) not in self._keys:
            found = keys_of(self.frames[state], columns).to_numpy(dtype=object)
            self._keys[state, columns] = np.append(found, "")
        return self._keys[state, columns]

    def _placed(self, state: str, columns: tuple[str, ...]) -> pd.Series[Any]:
        return pd.Series(self.keys_by_row(state, columns)[self.rows[state].to_numpy()], dtype=object)

    def has(self, states: str) -> Array:
        """Which rows are in exactly these states: "bo" those that are gone in theirs."""
        return np.asarray(np.all([(self.rows[state] >= 0) == (state in states) for state in "bot"], axis=0))

    def changed(self, state: str) -> Array:
        """Which rows one side ("o", "t") changed since the base; only rows that are in both say yes."""
        if state not in self._changed:
            self._changed[state] = self._compared(state)
        return self._changed[state]

    def _compared(self, state: str) -> Array:
        both = np.flatnonzero((self.rows["b"] >= 0) & (self.rows[state] >= 0))
        found = np.zeros(len(self.rows), dtype=bool)
        sides = [self.rows[name].to_numpy()[both] for name in ("b", state)]
        for column in self.frames[state].columns if len(both) else ():
            before, now = (taken_from(self.frames[n], column, at) for n, at in zip(("b", state), sides, strict=True))
            differs = ~same(before, now).to_numpy()
            found[both] |= differs & (tokens(now) != "").to_numpy() if self._came(state, column) else differs
        return found

    def _came(self, state: str, column: str) -> bool:
        return state == "o" and column in self.brought

    def states(self, known: pd.DataFrame | None = None) -> ThreeStates:
        return ThreeStates(self.frames["b"], self.frames["o"], self.frames["t"], self.rows, self.strict, known)

    def shared(self) -> list[str]:
        """The columns that ours and theirs both have."""
        return [c for c in self.frames["o"].columns if c in self.frames["t"].columns]


def combined_table(
    rule: TableRule,
    base: Table | None,
    ours: Table,
    theirs: Table,
    numbers: Mapping[str, Numbers],
    *,
    strict: bool,
    brought: Collection[str] = (),
) -> CombinedTable:
    """The three states of a table. `numbers`: state -> table -> number -> what it is called here; `strict` where there
    is no base; `brought`: headers of columns that came by an earlier combining. A base without the table is one of no
    rows."""
    tables = {"b": base, "o": ours, "t": theirs}
    blank = ours.frame.iloc[:0]
    frames = {
        state: translated(_typed(rule, table, blank), REFERENCES.get(rule.name, {}), numbers[state])
        for state, table in tables.items()
    }
    columns = copy_columns(frames["b"], frames["o"], frames["t"], _paired(rule))
    left = [c for c in columns.theirs if columns.theirs[c] not in ours.formulas]
    frames["t"] = frames["t"][left].rename(columns=columns.theirs)
    frames["b"] = frames["b"].rename(columns=columns.base)
    whole = [c for c in frames["o"].columns if c in frames["t"].columns and (strict or c in frames["b"].columns)]
    rows = triples(rule, frames["b"], frames["o"], frames["t"], whole)
    headers = dict(ours.headers) | {c: theirs.headers.get(c, c) for c in columns.new}
    came = frozenset(column for column, header in ours.headers.items() if header in brought)
    return CombinedTable(rule, ours, frames, rows, columns, headers, strict, came)


def _typed(rule: TableRule, table: Table | None, blank: pd.DataFrame) -> pd.DataFrame:
    """A table without its formulas and what refresh fills; `blank` where there is none."""
    frame = blank if table is None else table.frame
    formulas = frozenset() if table is None else table.formulas
    return frame[[c for c in frame.columns if c not in formulas and not is_left_out(rule, str(c))]]


def _paired(rule: TableRule) -> Callable[[pd.DataFrame, pd.DataFrame], Pairs]:
    """What says which rows of two states are one, by what the rule knows rows by."""

    def paired(one: pd.DataFrame, other: pd.DataFrame) -> Pairs:
        found = match(_prints(one, rule.columns), _prints(other, rule.columns))
        return np.flatnonzero(found >= 0), found[found >= 0]

    return paired


def _prints(frame: pd.DataFrame, columns: Sequence[str]) -> Array:
    return fingerprints(frame, [c for c in columns if c in frame.columns])
