"""Undo of a run, in any order and years later, but never over what a person typed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from xlcrm.errors import CrmError
from xlcrm.plan import Added, Change, Plan, Removed, Resized, height
from xlcrm.row_matching import Array, fingerprints, is_calculated, key_column, match, match_all, tokens
from xlcrm.tables import Table, Tables
from xlcrm.values import as_text, is_blank, same, same_value, text_of

# Where the rows of an earlier run stand now: in their place, or found by their key and what the run left there.


def merged(changes: list[Change], gone: Array) -> Iterator[Change]:
    """One change a column: the first before and the last after of every cell; without rows that were removed too."""
    for column in dict.fromkeys(change.column for change in changes):
        parts = [change for change in changes if change.column == column]
        before = _joined([part.before for part in parts], "first")
        after = _joined([part.after for part in parts], "last")
        keys = _joined([part.keys for part in parts], "first")
        left = after.index[~after.index.isin(gone)]
        if len(left):
            yield Change(parts[0].table, column, before[left], after[left], keys[left])


def _joined(parts: list[pd.Series[Any]], keep: Literal["first", "last"]) -> pd.Series[Any]:
    """Cells of several changes of one column as one; of a row that several changed, the first or the last."""
    if len(parts) == 1:
        return parts[0]
    whole: pd.Series[Any] = pd.concat([part.astype(object) for part in parts])
    return whole[~whole.index.duplicated(keep=keep)]


def places_now(changes: list[Change], gone: Array, table: Table) -> pd.Series[Any]:
    """For each row that was changed (index: its position then) its position now, -1 where it can't be told."""
    keys: pd.Series[Any] = pd.concat([change.keys for change in changes])
    keys = keys[~keys.index.duplicated()].sort_index()
    column = _key_column(keys, table)
    for change in changes:
        if change.column == column:
            keys = change.after.reindex(keys.index).where(keys.index.isin(change.after.index), keys)
    wanted = tokens(keys)
    there = tokens(table.frame[column])
    then = keys.index.to_numpy(dtype=int)
    now = then - np.searchsorted(gone, then)
    inside = now < len(there)
    stayed = np.zeros(len(now), dtype=bool)
    stayed[inside] = there.to_numpy()[now[inside]] == wanted.to_numpy()[inside]
    if stayed.all():
        return pd.Series(now, index=keys.index)
    return _moved_places(changes, wanted, there, column, table)


def _moved_places(
    changes: list[Change], wanted: pd.Series[Any], there: pd.Series[Any], column: str, table: Table
) -> pd.Series[Any]:
    """By the key where it is the only one of its kind; else by the key and everything that the run left in the row."""
    single = (wanted != "") & ~wanted.duplicated(keep=False) & ~wanted.isin(there[there.duplicated(keep=False)])
    places = pd.Series(-1, index=wanted.index)
    position_of = pd.Series(np.arange(len(there)), index=there.to_numpy())[~there.duplicated().to_numpy()]
    places[single] = position_of.reindex(wanted[single].to_numpy(), fill_value=-1).to_numpy()
    left = wanted[~single]
    held = {change.column: change.after for change in changes if change.column != column}
    sets = pd.Series(
        [tuple(c for c, after in held.items() if place in after.index) for place in left.index], left.index
    )
    for columns, rows in sets.groupby(sets):
        index = rows.index
        then = pd.DataFrame({"": left[index], **{c: held[c][index] for c in columns}})
        now = table.frame[list(columns)].assign(**{"": there.to_numpy()})
        order = ["", *columns]
        places[index] = match_all(fingerprints(then, order), fingerprints(now, order))
    return places


def _key_column(keys: pd.Series[Any], table: Table) -> str:
    """The column whose cells `keys` are: of those that may name a row, the one that has most of them now."""
    names = [key_column(table.name), "client_id", str(table.frame.columns[0])]
    wanted = set(tokens(keys)) - {""}
    there = [name for name in dict.fromkeys(names) if name in table.frame.columns]
    known = {name: len(wanted & set(tokens(table.frame[name]))) for name in there}
    return max(there, key=known.__getitem__)


# the list of runs is a record of what happened, an undone run included
_RECORDS = frozenset({"Changes"})
_SHOWN = 3


@dataclass(frozen=True)
class _Cell:
    """A cell that isn't what the run left there. `row` is its Excel row, 0 where the row can't be found."""

    sheet: str
    row: int
    key: str
    column: str

    def __str__(self) -> str:
        """Sheet, row, key and column for a message; "?" for a row that nobody can find."""
        place = f"{self.row}" if self.row else "?"
        return " / ".join(filter(None, [self.sheet, place, self.key, self.column]))


def inverse(applied: Plan, tables: Tables) -> Plan:
    """The plan that takes `applied` back from the workbook as it is now.

    applied  a plan with its befores as they were (what `Book.apply` returned, what the journal keeps)
    tables   the workbook's tables now

    Changed cells get their befores, added rows go, removed rows come back under their table. Rows that moved are found
    by their key, or by what the run left in them. The list of runs (table Changes) is left alone, new columns stay
    (their cells are emptied), files stay.

    CrmError "undo.changed_since" names the first cells that were changed after the run, and how many there are;
    "undo.table_gone" and "undo.column_gone" what isn't there any more; "undo.key_taken" a client that would be twice.
    """
    changes, trouble = _take_back_changes(applied, tables)
    removed, more = _take_back_added(applied, tables)
    trouble += more
    resized, more = _take_back_resized(applied, tables)
    trouble += more
    if trouble:
        shown = "; ".join(str(cell) for cell in trouble[:_SHOWN])
        raise CrmError("undo.changed_since", action=applied.action, cells=shown, count=len(trouble))
    added = tuple(_take_back_removed(applied, tables, removed))
    counts = {
        "cells": sum(len(change.after) for change in changes),
        "removed": height(removed) + height(part for part in resized if part.out),
        "added": height(added) + height(part for part in resized if not part.out),
    }
    notes: list[tuple[str, dict[str, object]]] = [("undo.took_back", {"action": applied.action, **counts})]
    notes += [
        ("undo.column_stays", {"table": _sheet(tables, c.table), "header": c.header}) for c in applied.new_columns
    ]
    if applied.action == "lists" and applied.files:
        notes.append(("undo.files_stay", {"names": _first([file.name for file in applied.files])}))
    return Plan(
        "undo", changes=tuple(changes), removed=tuple(removed), added=added, notes=tuple(notes), resized=tuple(resized)
    )


def _first(names: Sequence[str]) -> str:
    """The first names for a sentence, an ellipsis where there are more."""
    return ", ".join([*names[:_SHOWN], *(["..."] if len(names) > _SHOWN else [])])


def _take_back_changes(applied: Plan, tables: Tables) -> tuple[list[Change], list[_Cell]]:
    """The changes the other way round, and the cells that are not as the run left them."""
    found: list[Change] = []
    trouble: list[_Cell] = []
    for name in dict.fromkeys(change.table for change in applied.changes):
        if name in _RECORDS:
            continue
        table = table_of(tables, name)
        gone = np.sort(np.array([p for part in applied.removed if part.table == name for p in part.rows.index], int))
        changes = list(merged([change for change in applied.changes if change.table == name], gone))
        for change in changes:
            if change.column not in table.frame.columns:
                raise CrmError("undo.column_gone", table=table.sheet, column=change.column)
        if not changes:
            continue
        places = places_now(changes, gone, table)
        for change in changes:
            inverted, cells = _invert(change, places, table)
            found += inverted
            trouble += cells
    return found, trouble


def _invert(change: Change, places: pd.Series[Any], table: Table) -> tuple[list[Change], list[_Cell]]:
    """The change the other way round, and the cells that forbid it."""
    places = places[change.after.index]
    lost = places < 0
    trouble = (
        []
        if is_calculated(table.name, change.column)
        else [
            _Cell(table.sheet, 0, key, table.headers.get(change.column, change.column))
            for key in as_text(change.keys[lost.to_numpy()])
        ]
    )
    there = places[~lost]
    if there.empty:
        return [], trouble
    index = pd.Index(there.to_numpy(), dtype="int64")
    now = table.frame[change.column].iloc[index]
    after = change.after[there.index].set_axis(index)
    keys = change.keys[there.index].set_axis(index)
    moved = ~same(now, after)
    if change.column in table.formulas:
        moved[:] = True
    else:
        moved[moved] = tokens(now[moved]) != tokens(after[moved])
    trouble += [
        _Cell(table.sheet, table.excel_row(place), key, table.headers.get(change.column, change.column))
        for place, key in zip(index[moved.to_numpy()], as_text(keys[moved]), strict=True)
    ]
    # the cells as the run left them, exactly: what was read may be coarser, and whoever applies this compares again
    return [Change(change.table, change.column, after, change.before[there.index].set_axis(index), keys)], trouble


def _take_back_resized(applied: Plan, tables: Tables) -> tuple[list[Resized], list[_Cell]]:
    """The rows that came into a table, out of it again where they are still its last ones and as they were then."""
    found: list[Resized] = []
    trouble: list[_Cell] = []
    for part in applied.resized:
        table = table_of(tables, part.table)
        there = table.below if part.out else table.frame.tail(len(part.rows))
        if there is None or not stands(part.rows, there.head(len(part.rows))):
            trouble.append(_Cell(table.sheet, table.excel_row(int(str(part.rows.index[0]))), "", ""))
        else:
            found.append(Resized(part.table, part.rows, out=not part.out))
    return found, trouble


def stands(rows: pd.DataFrame, there: pd.DataFrame) -> bool:
    """Whether these rows are there, at the same positions, cell by cell; of columns that came since nothing is said."""
    if list(rows.index) != list(there.index) or not set(rows.columns) <= set(there.columns):
        return False
    return all((tokens(rows[column]) == tokens(there[column])).all() for column in rows.columns)


def _take_back_added(applied: Plan, tables: Tables) -> tuple[list[Removed], list[_Cell]]:
    """Added rows, found by all they held; a row in which somebody filled another cell since is not taken away."""
    found: list[Removed] = []
    trouble: list[_Cell] = []
    for name in dict.fromkeys(part.table for part in applied.added if part.table not in _RECORDS):
        table = table_of(tables, name)
        search = _AddedRows(table)
        for part in applied.added:
            if part.table == name and not part.rows.empty:
                trouble += search.take(part.rows)
        left = table.frame.iloc[np.flatnonzero(search.going)]
        left = left[[c for c in table.frame.columns if c not in table.formulas]]
        found.append(Removed(name, _with(left, search.exact)))
    return found, trouble


class _AddedRows:
    """The search for rows that a run added to a table.

    going  which rows of the table were found; each is found once
    exact  the found rows as the run left them, by their position now
    """

    def __init__(self, table: Table) -> None:
        """`table` as it is now."""
        frame = table.frame
        self.table = table
        self.typed = [c for c in frame.columns if _is_typed(table, c)]
        self.blank = pd.DataFrame({c: tokens(frame[c]) == "" for c in self.typed}, index=frame.index)
        self.going = np.zeros(len(frame), dtype=bool)
        self.exact: list[pd.DataFrame] = []

    def take(self, rows: pd.DataFrame) -> Iterator[_Cell]:
        """Find these rows; gives the cells that keep some from being found. CrmError where a column of them is gone."""
        frame = self.table.frame
        told = [c for c in rows.columns if c not in frame.columns or _is_typed(self.table, c)]
        gone = [c for c in told if c not in frame.columns]
        if gone:
            raise CrmError("undo.column_gone", table=self.table.sheet, column=gone[0])
        untouched = self.blank[[c for c in self.typed if c not in told]].all(axis=1).to_numpy()
        free = np.flatnonzero(untouched & ~self.going)
        places = match(fingerprints(rows, told), fingerprints(frame.iloc[free], told))
        there = free[places[places >= 0]]
        self.going[there] = True
        self.exact.append(rows[places >= 0][told].set_axis(pd.Index(there)))
        return _typed_since(rows[places < 0], self.table, self.typed, self.going)


def _typed_since(lost: pd.DataFrame, table: Table, typed: list[str], going: Array) -> Iterator[_Cell]:
    """The cells that keep added rows from being found: those that differ in the row of their key, else all of it."""
    if lost.empty:
        return
    key = next(c for c in (key_column(table.name), *lost.columns) if c in lost.columns)
    there = tokens(table.frame[key])[~going]
    names = tokens(lost[key])
    for position, name in enumerate(names):
        rows = there.index[there == name] if position < _SHOWN else there.index[:0]
        differs = _differing(lost.iloc[position], table, typed, rows[0]) if len(rows) == 1 and name else []
        yield from differs or [_Cell(table.sheet, 0, name, "")]


def _differing(then: pd.Series[Any], table: Table, typed: list[str], place: int) -> list[_Cell]:
    """The typed cells of the row at `place` that are not as the run added them."""
    now = table.frame.loc[place]
    names = [column for column in typed if not same_value(then.get(column), now[column])]
    row, key = table.excel_row(place), text_of(now[key_column(table.name) or now.index[0]])
    return [_Cell(table.sheet, row, key, table.headers.get(column, column)) for column in names]


def _with(rows: pd.DataFrame, exact: list[pd.DataFrame]) -> pd.DataFrame:
    """The rows with the cells that the run put there instead of those read, which may be coarser."""
    rows = rows.astype(object)
    for part in exact:
        for column in part.columns:
            rows.loc[part.index, column] = part[column].astype(object)
    return rows


def _is_typed(table: Table, column: str) -> bool:
    """Whether a cell of the column belongs to its row, rather than being filled again by every refresh."""
    filled = is_calculated(table.name, column) and not is_calculated(table.name, key_column(table.name))
    return column not in table.formulas and not filled


def _take_back_removed(applied: Plan, tables: Tables, removed: list[Removed]) -> Iterator[Added]:
    """Removed rows come back; `removed` are the rows that this undo takes away, which leave their numbers free."""
    for part in applied.removed:
        if part.table in _RECORDS or part.rows.empty:
            continue
        table = table_of(tables, part.table)
        rows = without_lost(part.rows, table)
        if part.table == "Clients" and "client_id" in rows.columns:
            check_free(rows, table, removed)
        yield Added(part.table, rows.reset_index(drop=True))


def without_lost(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Rows in the columns that the table has now; CrmError "undo.column_gone" where a typed cell would be lost."""
    lost = [c for c in rows.columns if c not in table.frame.columns and c not in table.formulas]
    for column in lost:
        if _is_typed(table, column) and any(not is_blank(value) for value in rows[column]):
            raise CrmError("undo.column_gone", table=table.sheet, column=column)
    return rows[[c for c in rows.columns if c not in table.formulas and c not in lost]]


def check_free(rows: pd.DataFrame, table: Table, removed: list[Removed]) -> None:
    """CrmError "undo.key_taken" where a client_id of rows that come back belongs to a client who stays."""
    going = [p for other in removed if other.table == table.name for p in other.rows.index]
    staying = tokens(table.frame["client_id"].drop(index=going))
    ids = tokens(rows["client_id"])
    taken = ids[ids.isin(set(staying) - {""})]
    if len(taken):
        raise CrmError("undo.key_taken", client=taken.iloc[0], count=len(taken), table=table.sheet)


def _sheet(tables: Tables, name: str) -> str:
    """The name of a table's sheet; the table's own where it is gone."""
    return tables[name].sheet if name in tables else name


def table_of(tables: Tables, name: str) -> Table:
    """A table of the workbook; CrmError "undo.table_gone" where it is gone."""
    if name not in tables:
        raise CrmError("undo.table_gone", table=name)
    return tables[name]
