"""Three-way merge of the cells of a table: what is unchanged on one side is taken from the other, the rest is asked.

Cells that are one cell together (a name, an address) are never mixed; an opt-out on either side wins; notes that both
sides only lengthened are kept from both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.combining.table_rules import NOTES
from xlcrm.people.channel_consent import FLAGS
from xlcrm.values import as_flag, same, text_of

Array = np.ndarray[Any, Any]


@dataclass
class MergedCells:
    """What becomes of the rows that both copies have.

    taken      our column -> positions in our frame and the cells that they get
    conflicts  (position in our frame, position in theirs, columns): ours stays
    """

    taken: dict[str, tuple[Array, list[Any]]] = field(default_factory=dict)
    conflicts: list[tuple[int, int, tuple[str, ...]]] = field(default_factory=list)


@dataclass(frozen=True)
class ThreeStates:
    """Three states of a table under our columns, and the rows that are one row (positions, -1 for none).

    known    cells (column -> by row of theirs) that earlier combinings brought: theirs is then unchanged since
    strict   there is no base: every difference is asked
    """

    base: pd.DataFrame
    ours: pd.DataFrame
    theirs: pd.DataFrame
    rows: pd.DataFrame
    strict: bool = False
    known: pd.DataFrame | None = None

    def cells(self, state: str, column: str) -> pd.Series[Any]:
        """The cells of a column in one state ("b", "o", "t"), row by row; blank where the state has no such row."""
        frame = {"b": self.base, "o": self.ours, "t": self.theirs}[state]
        return taken_from(frame, column, self.rows[state].to_numpy())


def taken_from(frame: pd.DataFrame, column: str, places: Array) -> pd.Series[Any]:
    """The cells of a column at these places, blank for -1 and where there is no such column."""
    if column not in frame.columns:
        return pd.Series([None] * len(places), dtype=object)
    series = frame[column]
    if not len(series):
        return pd.Series([None] * len(places), dtype=object)
    found = series.iloc[np.maximum(places, 0)].reset_index(drop=True)
    lost = places < 0
    return found.mask(lost) if lost.any() else found


def merge_cells(states: ThreeStates, columns: Sequence[str], groups: Sequence[Sequence[str]]) -> MergedCells:
    """Merge the rows that our file and theirs have. `columns` are those that both have, `groups` those of them that
    are one cell together."""
    both = states.rows[(states.rows["o"] >= 0) & (states.rows["t"] >= 0)].reset_index(drop=True)
    states = ThreeStates(states.base, states.ours, states.theirs, both, states.strict, states.known)
    made = _Merging(states)
    if len(both):
        grouped = [[c for c in group if c in columns] for group in groups]
        for group in [*grouped, *([c] for c in columns if not any(c in g for g in grouped))]:
            made.merge(group)
    return made.found


class _Merging:
    """The merge of one table, group by group."""

    def __init__(self, states: ThreeStates) -> None:
        self.states = states
        self.found = MergedCells()

    def merge(self, group: Sequence[str]) -> None:
        """Take, keep or ask about the cells of one group in every row."""
        marks = [self._changes(column) for column in group]
        if not marks:
            return
        conflict = np.any([m[0] for m in marks], axis=0) & np.any([m[1] for m in marks], axis=0)
        for column, (_, new, _) in zip(group, marks, strict=True):
            self._take(column, np.flatnonzero(new & ~conflict))
        if len(group) == 1:
            conflict = self._settled(group[0], conflict)
        different = np.array([m[2] for m in marks])
        for place in np.flatnonzero(conflict):
            row = self.states.rows.iloc[place]
            names = tuple(c for c, differs in zip(group, different[:, place], strict=True) if differs)
            self.found.conflicts.append((int(row["o"]), int(row["t"]), names))

    def _changes(self, column: str) -> tuple[Array, Array, Array]:
        """Row by row: changed here, changed there (and not to the same), different at all."""
        b, o, t = (self.states.cells(state, column) for state in "bot")
        different = ~same(o, t).to_numpy()
        if not different.any():
            return different, different, different
        if self.states.strict:
            return different, different, different
        here, there = ~same(b, o).to_numpy(), ~same(b, t).to_numpy()
        return here & different, there & different & ~self._is_known(column, t), different

    def _is_known(self, column: str, theirs: pd.Series[Any]) -> Array:
        """Whether their cell is what an earlier combining brought here."""
        known = self.states.known
        if known is None or column not in known.columns:
            return np.zeros(len(theirs), dtype=bool)
        brought = taken_from(known, column, self.states.rows["t"].to_numpy())
        return np.asarray(same(brought.astype(object), theirs.astype(object)) & brought.notna())

    def _take(self, column: str, places: Array) -> None:
        if len(places):
            rows = self.states.rows.iloc[places]
            cells = taken_from(self.states.theirs, column, rows["t"].to_numpy())
            self._set(column, rows["o"].to_numpy(), cells.tolist())

    def _set(self, column: str, positions: Array, cells: list[Any]) -> None:
        before, held = self.found.taken.get(column, (np.array([], int), []))
        self.found.taken[column] = np.r_[before, positions], held + cells

    def _settled(self, column: str, conflict: Array) -> Array:
        """The conflicts that stay, once the rules for opt-outs and notes have had their say."""
        places = np.flatnonzero(conflict)
        if not len(places) or column not in (*FLAGS, NOTES):
            return conflict
        cells = [self.states.cells(state, column).iloc[places] for state in "bot"]
        settle = _opt_out if column in FLAGS else _notes
        done, wanted = settle(*cells)
        if self.states.strict and column == NOTES:
            return conflict
        left = conflict.copy()
        left[places[done]] = False
        take = [value is not None for value in wanted]
        self._set(column, self.states.rows["o"].to_numpy()[places[take]], [v for v in wanted if v is not None])
        return left


def _opt_out(base: pd.Series[Any], ours: pd.Series[Any], theirs: pd.Series[Any]) -> tuple[Array, list[Any]]:
    """Which are settled, and what is written (None: ours stays): a yes on either side wins."""
    here, there = as_flag(ours).to_numpy(), as_flag(theirs).to_numpy()
    wanted = [t if yes and not own else None for t, yes, own in zip(theirs, there, here, strict=True)]
    return here | there, wanted


def _notes(base: pd.Series[Any], ours: pd.Series[Any], theirs: pd.Series[Any]) -> tuple[Array, list[Any]]:
    """Which are settled, and what is written (None: ours stays): text that both sides only added to."""
    found = [both_added(*map(text_of, cells)) for cells in zip(base, ours, theirs, strict=True)]
    own = [text_of(value) for value in ours]
    wanted = [None if text is None or text == mine else text for text, mine in zip(found, own, strict=True)]
    return np.array([text is not None for text in found], dtype=bool), wanted


def both_added(base: str, ours: str, theirs: str) -> str | None:
    """A text with what both sides added behind it or in front of it; None where one of them changed what was there."""
    for parts in (_behind, _before):
        mine, other = parts(base, ours), parts(base, theirs)
        if mine is None or other is None:
            continue
        if _has_lines(mine, other):
            return ours
        if _has_lines(other, mine):
            return theirs
        return _joined(ours, other.strip()) if parts is _behind else _joined(other.strip(), ours)
    return None


def _behind(base: str, text: str) -> str | None:
    return text[len(base) :] if text.startswith(base) else None


def _before(base: str, text: str) -> str | None:
    return text[: len(text) - len(base)] if text.endswith(base) else None


def _has_lines(text: str, lines: str) -> bool:
    """Whether whole lines of a text are those lines; nothing but spaces is in every text."""
    return not lines.strip() or f"\n{lines.strip()}\n" in f"\n{text.strip()}\n"


def _joined(one: str, other: str) -> str:
    return f"{one.rstrip()}\n{other}"
