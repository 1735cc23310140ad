"""Columns of two copies side by side: which is which, what somebody renamed, added or dropped.

A column is known by its canonical name or its header. One that is gone while a new one holds the same cells (90 %, one
candidate) was renamed. Nothing here looks at formulas or at calculated columns: they stay as they are in our file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from xlcrm.row_matching import tokens

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
