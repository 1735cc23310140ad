"""State replay: the tables as a run left them, from the backup before it and the plan that it wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from xlcrm.plan import Added, Change, Plan
from xlcrm.tables import Table, Tables


def state_replay(before: Tables, plan: Plan) -> Tables:
    """The tables after a run. `before` is what the plan was computed from: its positions are the plan's."""
    touched = {part.table for part in (*plan.changes, *plan.added, *plan.removed, *plan.new_columns, *plan.resized)}
    after = {name: _replayed(before[name], plan) for name in touched if name in before}
    return Tables(before.names, lambda name: after[name] if name in after else before[name], before.identity)


def _replayed(table: Table, plan: Plan) -> Table:
    frame, headers = table.frame, dict(table.headers)
    for part in plan.resized:
        if part.table == table.name:
            gone = part.rows.index if part.out else []
            frame = frame.drop(index=gone) if part.out else pd.concat([frame, part.rows])
    for new in plan.new_columns:
        if new.table == table.name:
            frame = frame.assign(**{new.header: pd.Series([None] * len(frame), index=frame.index, dtype=object)})
            headers[new.header] = new.header
    for change in plan.changes:
        if change.table == table.name:
            frame = _with_cells(frame, change)
    gone = [place for part in plan.removed if part.table == table.name for place in part.rows.index]
    added = [part for part in plan.added if part.table == table.name]
    return replace(table, frame=_with_rows(frame.drop(index=gone), added), headers=headers, below=None)


def _with_cells(frame: pd.DataFrame, change: Change) -> pd.DataFrame:
    if change.column not in frame.columns:
        return frame
    cells = frame[change.column].astype(object).copy()
    cells.loc[change.after.index] = change.after.astype(object)
    return frame.assign(**{change.column: _kept(cells, frame[change.column])})


def _kept(cells: pd.Series, before: pd.Series) -> pd.Series:
    """Cells in the dtype that their column had, where they fit."""
    try:
        return cells.where(cells.notna(), np.nan if before.dtype != "str" else "").astype(before.dtype)
    except (TypeError, ValueError):
        return cells


def _with_rows(frame: pd.DataFrame, added: Sequence[Added]) -> pd.DataFrame:
    columns = list(frame.columns)
    parts = [part.rows.reindex(columns=columns) for part in added if len(part.rows)]
    whole = pd.concat([frame, *parts], ignore_index=True) if parts else frame.reset_index(drop=True)
    for column in columns if parts else ():
        whole[column] = _kept(whole[column].astype(object), frame[column])
    return whole
