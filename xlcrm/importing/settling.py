"""Several lists of one import may touch the same row twice; the workbook is to see each cell and each new row once."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from xlcrm.plan import Added, Change, NewColumn, Plan
from xlcrm.tables import Tables


def settled(plan: Plan, tables: Tables) -> Plan:
    """The plan with at most one Added a table and one Change a column; new columns once.

    A change beyond the last row of a table (of a client that an earlier list of the same import adds) becomes part of
    the added row. Of two changes of one cell the first `before` and the last `after` stay.
    """
    added: dict[str, pd.DataFrame] = {}
    for one in plan.added:
        rows = one.rows.reset_index(drop=True)
        added[one.table] = pd.concat([added[one.table], rows], ignore_index=True) if one.table in added else rows
    changes: dict[tuple[str, str], Change] = {}
    for change in plan.changes:
        height = len(tables[change.table].frame)
        beyond = change.after.index >= height
        if beyond.any():
            added[change.table] = _into(added[change.table], change, height)
        if not beyond.all():
            kept = ~beyond
            here = Change(change.table, change.column, change.before[kept], change.after[kept], change.keys[kept])
            place = (change.table, change.column)
            changes[place] = _both(changes[place], here) if place in changes else here
    columns = dict.fromkeys((one.table, one.header) for one in plan.new_columns)
    return replace(
        plan,
        changes=tuple(changes.values()),
        added=tuple(Added(table, rows) for table, rows in added.items()),
        new_columns=tuple(NewColumn(table, header) for table, header in columns),
    )


def _into(rows: pd.DataFrame, change: Change, height: int) -> pd.DataFrame:
    after = change.after[change.after.index >= height]
    column = rows[change.column] if change.column in rows else pd.Series([None] * len(rows), index=rows.index)
    column = column.astype(object)
    column.loc[after.index - height] = after.to_numpy(dtype=object)
    if change.column in rows and after.dtype == rows[change.column].dtype:
        column = column.astype(after.dtype)
    return rows.assign(**{change.column: column})


def _both(first: Change, second: Change) -> Change:
    before = pd.concat([first.before.astype(object), second.before.astype(object)])
    after = pd.concat([first.after.astype(object), second.after.astype(object)])
    keys = pd.concat([first.keys.astype(object), second.keys.astype(object)])
    return Change(
        first.table,
        first.column,
        before[~before.index.duplicated()].sort_index(),
        after[~after.index.duplicated(keep="last")].sort_index(),
        keys[~keys.index.duplicated()].sort_index(),
    )
