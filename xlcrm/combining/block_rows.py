"""Block rows: what several rows under one first column are together (a segment's conditions, a currency's rates).

A block is one thing: unchanged on one side it is taken from the other, else it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from xlcrm.combining.combined_table import CombinedTable
from xlcrm.combining.row_triples import keys_of
from xlcrm.combining.three_way import Array
from xlcrm.row_matching import fingerprints


class BlockRows(NamedTuple):
    """One block that differs: our positions, theirs, and whether both sides changed it."""

    key: str
    ours: list[int]
    theirs: list[int]
    asked: bool


def block_rows(table: CombinedTable) -> Iterator[BlockRows]:
    """The blocks of several rows to take from theirs or to ask about, in the order of their names."""
    if table.rule.kind != "block":
        return
    columns = [c for c in table.frames["o"].columns if c in table.frames["t"].columns]
    keys = {state: keys_of(frame, table.rule.columns) for state, frame in table.frames.items()}
    prints = {
        state: fingerprints(frame, [c for c in columns if c in frame.columns]) for state, frame in table.frames.items()
    }
    for key in sorted(set().union(*(k[k.duplicated()] for k in keys.values())) - {""}):
        places = {state: np.flatnonzero(found == key) for state, found in keys.items()}
        found = _block(key, places, {state: tuple(prints[state][at]) for state, at in places.items()}, table.strict)
        if found:
            yield found


def _block(key: str, places: dict[str, Array], rows: dict[str, tuple[int, ...]], strict: bool) -> BlockRows | None:
    same_there = rows["t"] == rows["o"] or (not strict and rows["t"] == rows["b"])
    if same_there:
        return None
    asked = strict or rows["o"] != rows["b"]
    return BlockRows(key, places["o"].tolist(), places["t"].tolist(), asked)


def block_cells(table: CombinedTable, state: str, places: list[int]) -> pd.DataFrame:
    """The rows of a block in one state."""
    return table.frames[state].iloc[places]
