"""Combined table: three states of one table under our columns and numbers, with the rows that are one row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.combining.copy_columns import CopyColumns, Pairs, copy_columns
from xlcrm.combining.copy_numbers import translated
from xlcrm.combining.row_triples import keys_of, triples
from xlcrm.combining.table_rules import REFERENCES, TableRule, is_left_out
from xlcrm.combining.three_way import Array, ThreeStates, taken_from
from xlcrm.row_matching import fingerprints, match
from xlcrm.tables import Table
from xlcrm.values import same

Numbers = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, eq=False)
class CombinedTable:
    """One table of three states.

    table    ours as it is in the workbook
    frames   the states under our columns and numbers, without formulas and what refresh fills: "b", "o", "t"
    rows     their rows (see `row_triples.triples`)
    columns  what each state's columns are called here
    headers  our column, or the new one of theirs -> header
    strict   there is no base
    """

    rule: TableRule
    table: Table
    frames: Mapping[str, pd.DataFrame]
    rows: pd.DataFrame
    columns: CopyColumns
    headers: Mapping[str, str]
    strict: bool
    _changed: dict[str, Array] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.rule.name

    def keys(self, state: str) -> pd.Series[Any]:
        """The key of each row in one state, "" where it has none."""
        frame = self.frames[state]
        places = self.rows[state].to_numpy()
        keys = np.append(keys_of(frame, self.rule.columns).to_numpy(dtype=object), "")
        return pd.Series(keys[places], dtype=object)

    def clients(self, state: str) -> pd.Series[Any]:
        """The client of each row in one state, "" where it has none."""
        found = taken_from(self.frames[state], "client_id", self.rows[state].to_numpy())
        return keys_of(pd.DataFrame({"client_id": found}), ("client_id",))

    def has(self, states: str) -> Array:
        """Which rows are in exactly these states: "bo" those that are gone in theirs."""
        return np.all([(self.rows[state] >= 0) == (state in states) for state in "bot"], axis=0)

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
            cells = (taken_from(self.frames[n], column, at) for n, at in zip(("b", state), sides, strict=True))
            found[both] |= ~same(*cells).to_numpy()
        return found

    def states(self, known: pd.DataFrame | None = None) -> ThreeStates:
        return ThreeStates(self.frames["b"], self.frames["o"], self.frames["t"], self.rows, self.strict, known)

    def shared(self) -> list[str]:
        """The columns that ours and theirs both have."""
        return [c for c in self.frames["o"].columns if c in self.frames["t"].columns]


def combined_table(
    rule: TableRule, base: Table | None, ours: Table, theirs: Table, numbers: Mapping[str, Numbers], *, strict: bool
) -> CombinedTable:
    """The three states of a table. `numbers`: state -> table -> number -> what it is called here; `strict` where there
    is no base. A base without the table is one of no rows."""
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
    return CombinedTable(rule, ours, frames, rows, columns, headers, strict)


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
