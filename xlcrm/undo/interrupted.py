"""Undo of an interrupted run, where only the workbook itself can say how far the run had come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.errors import CrmError
from xlcrm.plan import Added, Change, Plan, Removed, Resized
from xlcrm.row_matching import fingerprints, match, tokens
from xlcrm.tables import Table, Tables
from xlcrm.undo import undo
from xlcrm.values import same


def inverse(meant: Plan, tables: Tables) -> Plan:
    """`undo.inverse` of whatever part of `meant` the workbook holds now.

    A run writes in the order of a plan: cells, then rows go from the bottom up, then rows are put under a table, first
    as blank ones. Each of these may have stopped at any cell.
    """
    removed = tuple(rows for part in meant.removed if len((rows := _gone(part, tables)).rows))
    whole, begun = _there(meant.added, tables)
    trouble: CrmError | None = None
    for gone in (removed, ()):
        part = replace(meant, removed=gone, added=whole, resized=_resized(meant, tables))
        written = tuple(change for c in part.changes if len((change := _written(c, part, tables)).after))
        try:
            back = undo.inverse(replace(part, changes=written), tables)
        except CrmError as fault:
            trouble = trouble or fault
        else:
            return replace(back, removed=(*back.removed, *begun))
    raise trouble or CrmError("undo.nothing", name="")


def _resized(meant: Plan, tables: Tables) -> tuple[Resized, ...]:
    """The tables whose range took rows in or let them go: those rows are now where the run would have left them."""
    found = []
    for part in meant.resized:
        if part.table in tables:
            below, frame = tables[part.table].below, tables[part.table].frame
            there = below if part.out else frame.tail(len(part.rows))
            if there is not None and undo.stands(part.rows, there.head(len(part.rows))):
                found.append(part)
    return tuple(found)


def _written(change: Change, part: Plan, tables: Tables) -> Change:
    """The cells of a change that were written: those whose place now holds something else than their before."""
    if change.table not in tables or change.column not in tables[change.table].frame:
        return replace(change, before=change.before[:0], after=change.after[:0], keys=change.keys[:0])
    gone = sorted(int(str(p)) for rows in part.removed if rows.table == change.table for p in rows.rows.index)
    now = tables[change.table].frame[change.column]
    places = [int(str(p)) - sum(g < int(str(p)) for g in gone) for p in change.before.index]
    held = pd.Series([now.iloc[p] if p < len(now) else None for p in places], index=change.before.index, dtype=object)
    moved = ~same(change.before.astype(object), held)
    return replace(change, before=change.before[moved], after=change.after[moved], keys=change.keys[moved])


def _gone(part: Removed, tables: Tables) -> Removed:
    """The rows that were taken out: all below the first that isn't in its place any more."""
    if part.table not in tables:
        return part
    table, rows = tables[part.table], part.rows.sort_index()
    told = [c for c in rows.columns if c in table.frame.columns and c not in table.formulas]
    places = rows.index.to_numpy(dtype=int)
    places = places[places < len(table.frame)]
    then, now = fingerprints(rows.iloc[: len(places)], told), fingerprints(table.frame.iloc[places], told)
    stayed = int(np.argmin(np.append(then == now, False)))
    return replace(part, rows=rows.iloc[stayed:])


def _there(added: tuple[Added, ...], tables: Tables) -> tuple[tuple[Added, ...], tuple[Removed, ...]]:
    """The added rows that are there as they were meant, and those at a table's end that were only begun."""
    whole: list[Added] = []
    begun: list[Removed] = []
    ends: dict[str, int] = {}
    for part in reversed(added):
        if part.table not in tables or part.rows.empty:
            continue
        table = tables[part.table]
        end = ends.get(part.table, len(table.frame))
        told = [c for c in part.rows.columns if c in table.frame.columns]
        if (
            len(told) == len(part.rows.columns)
            and (match(fingerprints(part.rows, told), fingerprints(table.frame, told)) >= 0).all()
        ):
            whole.insert(0, part)
        elif end >= len(part.rows) and _are_begun(table, end - len(part.rows), part.rows):
            typed = [c for c in table.frame.columns if c not in table.formulas]
            begun.append(Removed(part.table, table.frame.iloc[end - len(part.rows) : end][typed]))
            ends[part.table] = end - len(part.rows)
    return tuple(whole), tuple(begun)


def _are_begun(table: Table, start: int, meant: pd.DataFrame) -> bool:
    """Whether the rows from `start` on hold nothing but what was meant for them, or nothing yet."""
    rows = table.frame.iloc[start : start + len(meant)]
    for column in rows.columns:
        if column in table.formulas:
            continue
        now = tokens(rows[column]).to_numpy()
        there: Any = tokens(meant[column]).to_numpy() if column in meant.columns else ""
        if not ((now == "") | (now == there)).all():
            return False
    return True
