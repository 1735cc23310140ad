"""Where the rows of an earlier run stand now: in their place, or found by their key and what the run left there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pandas as pd

from xlcrm.plan import Change
from xlcrm.row_matching import Array, fingerprints, key_column, match_all, tokens
from xlcrm.tables import Table


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
