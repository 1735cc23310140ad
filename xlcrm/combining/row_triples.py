"""Row triples: which row of the base, of our file and of their copy are one row, by their positions.

-1 stands for a row that a state doesn't have. Numbers that are blank or stand twice are never guessed: such rows are
known by all they hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.combining.table_rules import TableRule
from xlcrm.row_matching import fingerprints, match, tokens

Array = np.ndarray[Any, Any]
_JOINT = "\x1f"


def keys_of(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series[Any]:
    """The key of each row as text, "" where all of it is blank or a column of it is missing."""
    if not len(frame) or not set(columns) <= set(frame.columns):
        return pd.Series([""] * len(frame), dtype=object)
    parts = [tokens(frame[column]).str.strip() for column in columns]
    if len(parts) == 1:
        return parts[0].reset_index(drop=True)
    joined = pd.Series(list(map(_JOINT.join, zip(*parts, strict=True))), dtype=object)
    return joined.where(joined.str.replace(_JOINT, "", regex=False) != "", "").reset_index(drop=True)


def triples(
    rule: TableRule, base: pd.DataFrame, ours: pd.DataFrame, theirs: pd.DataFrame, whole: Sequence[str]
) -> pd.DataFrame:
    """A row for each row of the three frames, with its positions b, o and t in them. `whole` are the columns by which
    rows are equal that have no key. Blocks of several rows are left out (see `row_changes.block_rows`)."""
    frames = (base, ours, theirs)
    if rule.kind == "bag":
        return _bag(frames, rule.columns, whole, [np.arange(len(frame)) for frame in frames])
    keys = [keys_of(frame, rule.columns) for frame in frames]
    bad = _not_single(keys)
    good = [key[~key.isin(bad)] for key in keys]
    every = pd.Index(pd.concat(good).drop_duplicates(), dtype=object)
    places = [pd.Series(key.index, index=pd.Index(key, dtype=object)).reindex(every) for key in good]
    keyed = pd.DataFrame({name: place.fillna(-1).astype(int) for name, place in zip("bot", places, strict=True)})
    rest = [np.flatnonzero(key.isin({""} if rule.kind == "block" else bad)) for key in keys]
    return pd.concat([keyed, _bag(frames, (), whole, rest)], ignore_index=True)


def _not_single(keys: Sequence[pd.Series[Any]]) -> set[str]:
    """The keys that are blank, or stand twice in one of the states."""
    return {""}.union(*(key[key.duplicated()] for key in keys))


def _bag(
    frames: tuple[pd.DataFrame, ...], columns: Sequence[str], whole: Sequence[str], rows: Sequence[Array]
) -> pd.DataFrame:
    """Triples of those rows: equal ones first, then those that agree in `columns`, then in all of them but one."""
    base, ours, theirs = (frame.iloc[at] for frame, at in zip(frames, rows, strict=True))
    to_ours, to_theirs = _known_again(base, ours, columns, whole), _known_again(base, theirs, columns, whole)
    new_ours, new_theirs = _left(len(ours), to_ours), _left(len(theirs), to_theirs)
    both = _in_turn(ours.iloc[new_ours], theirs.iloc[new_theirs], [whole, columns])
    left = _left(len(new_theirs), both)
    b = np.r_[rows[0], np.full(len(new_ours) + len(left), -1)]
    o = np.r_[_at(rows[1], to_ours), rows[1][new_ours], np.full(len(left), -1)]
    t = np.r_[_at(rows[2], to_theirs), _at(rows[2][new_theirs], both), rows[2][new_theirs][left]]
    return pd.DataFrame({"b": b, "o": o, "t": t}).astype(int)


def _at(rows: Array, found: Array) -> Array:
    """The rows at these places, -1 where none was found."""
    return np.where(found >= 0, rows[found], -1) if len(rows) else np.full(len(found), -1)


def _left(count: int, found: Array) -> Array:
    """The places that nothing was found at."""
    return np.setdiff1d(np.arange(count), found)


def _known_again(base: pd.DataFrame, side: pd.DataFrame, columns: Sequence[str], whole: Sequence[str]) -> Array:
    """For each row of the base its row on one side: a row of which one cell of its key was edited is found, too,
    where there is one candidate alone."""
    found = _in_turn(base, side, [whole, columns])
    for column in columns:
        rest = [other for other in columns if other != column]
        mine, left = np.flatnonzero(found < 0), _left(len(side), found)
        if not len(mine) or not len(left):
            break
        found[mine] = _at(left, _only(_prints(base.iloc[mine], rest), _prints(side.iloc[left], rest)))
    return found


def _in_turn(one: pd.DataFrame, other: pd.DataFrame, ways: Sequence[Sequence[str]]) -> Array:
    """For each row of `one` its row in `other`, by these columns in turn; equal ones by their order."""
    found = np.full(len(one), -1)
    for columns in ways:
        mine, left = np.flatnonzero(found < 0), _left(len(other), found)
        if columns and len(mine) and len(left):
            found[mine] = _at(left, match(_prints(one.iloc[mine], columns), _prints(other.iloc[left], columns)))
    return found


def _prints(frame: pd.DataFrame, columns: Sequence[str]) -> Array:
    there = [column for column in columns if column in frame.columns]
    return fingerprints(frame.reset_index(drop=True), there)


def _only(wanted: Array, there: Array) -> Array:
    """As `match`, only for those that stand once on either side."""
    single = [pd.Series(side).map(pd.Series(side).value_counts()).to_numpy() == 1 for side in (wanted, there)]
    found = match(wanted, there)
    sure = single[0] & (found >= 0)
    sure[sure] = single[1][found[sure]]
    return np.where(sure, found, -1)
