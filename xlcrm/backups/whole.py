"""Brings all tables back to what they were in a backup, as a plan that an open workbook can take and undo."""

from __future__ import annotations

from xlcrm.plan import Added, NewColumn, Plan, Removed, diff
from xlcrm.tables import Table, Tables

KEPT = frozenset({"Changes"})  # the list of runs is history


def restore_tables(backup: Tables, tables: Tables) -> Plan:
    """The plan that gives every table of `tables` the rows it had in `backup`, row by row from the top.

    Rows beyond the backup's go, missing ones are added; columns of formulas and the list of runs are left alone. A
    table that only the backup has is left out, a column that only the backup has comes back.
    """
    whole = Plan("restore")
    for name in backup:
        if name in tables and name not in KEPT:
            whole = whole.join(_restore(backup[name], tables[name]))
    counts = whole.counts()
    fill = {what: counts[what] for what in ("cells", "added", "removed")}
    return whole.join(Plan("restore", notes=(("restore.tables", fill),)))


def _restore(then: Table, now: Table) -> Plan:
    columns = [c for c in then.frame.columns if c not in now.formulas and c not in then.formulas]
    lost = [c for c in columns if c not in now.frame.columns]
    known = [c for c in columns if c in now.frame.columns]
    common = min(len(then.frame), len(now.frame))
    headers = {c: then.headers.get(c, c) for c in lost}
    rows = then.frame[columns].iloc[common:].rename(columns=headers).reset_index(drop=True)
    return Plan(
        "restore",
        changes=diff(now, then.frame[known].iloc[:common]) if common else (),
        added=(Added(now.name, rows),) if len(rows) else (),
        removed=(Removed(now.name, now.frame.iloc[common:]),) if len(now.frame) > common else (),
        new_columns=tuple(NewColumn(now.name, header) for header in headers.values()) if len(rows) else (),
    )
