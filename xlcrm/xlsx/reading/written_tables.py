"""Written tables: a big table that a run has just changed, kept as the next run would read it, without reading it.

Only where that is beyond doubt: cells of a clean column were overwritten with values of its kind that come back the
same, on a sheet without formulas or error values, in a table that kept its rows. Anything else is read by the next run.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import schema
from xlcrm.plan import Change, Plan
from xlcrm.tables import Table, Tables
from xlcrm.xlsx import sheet_scan, worksheet_xml
from xlcrm.xlsx.reading import exact_cells, kept_tables
from xlcrm.xlsx.reading.kept_tables import Columns, Keeper
from xlcrm.xlsx.sheet_scan import SheetFacts
from xlcrm.xlsx.workbook import TableInfo, Workbook, open_workbook

_SMALL = 40  # times smaller than its sheets' XML no workbook is


def keep(keeper: Keeper, before: Path, after: Path, plan: Plan, tables: Tables) -> None:
    """Keep the big tables that the plan changed. `before` and `after` are the workbook without and with it, `tables`
    what was read of `before`."""
    if after.stat().st_size * _SMALL < kept_tables.WORTH:
        return
    old, new = open_workbook(before), open_workbook(after)
    with old.package, new.package:
        styles = exact_cells.read_styles(new)
        for name in _alone(plan) if styles.dates_are_days and not old.date1904 else ():
            info = new.table(name)
            facts = _facts(old, new, info, styles.count - 1)
            columns = _columns(info, tables[name], [c for c in plan.changes if c.table == name]) if facts else None
            if facts and columns:
                kinds = {column.name: column.kind for column in _spec(info).values()}
                shown = partial(exact_cells.styles_digest, new)
                kept_tables.put(keeper, info.canonical, kept_tables.key(new, info, kinds), shown, columns, facts)


def _alone(plan: Plan) -> list[str]:
    """The tables that get cells from the plan and nothing else; none where it does more than a plan of cells."""
    if plan.whole or plan.forgets or plan.resized:
        return []
    others = {part.table for parts in (plan.added, plan.removed, plan.new_columns) for part in parts}
    return [name for name in dict.fromkeys(change.table for change in plan.changes) if name not in others]


def _spec(info: TableInfo) -> dict[str, schema.Column]:
    spec = schema.known(info.canonical)
    return {column.name: column for column in spec.columns} if spec else {}


def _facts(old: Workbook, new: Workbook, info: TableInfo, style: int) -> SheetFacts | None:
    """The facts of the sheet as it is now, None where it is small or may hold what the plan doesn't know of.

    No cell that the plan wrote names a higher style than `style`, the workbook's last.
    """
    if new.package.entries[info.sheet.part].file_size < kept_tables.WORTH or len(new.tables_of(info.sheet)) > 1:
        return None
    before = next((table for table in old.tables if table.canonical == info.canonical), None)
    if before is None or before != info or not sheet_scan.known(old.package, info.sheet.part):
        return None
    facts = sheet_scan.scan(old.package, info.sheet.part)
    if facts.formulas or facts.errors or facts.filled or facts.rows < info.last_row:
        return None
    _, head = next(worksheet_xml.read(new.package, info.sheet.part))
    return SheetFacts(facts.rows, facts.columns, head=head, tail=facts.tail, style=max(facts.style, style))


def _columns(info: TableInfo, table: Table, changes: list[Change]) -> Columns | None:
    """The columns with the changes in them; None where one of these would perhaps be read otherwise."""
    names, spec = info.columns(), _spec(info)
    whole = list(table.frame.columns) == names and len(table.frame) == len(info)
    if not whole or table.formulas:
        return None
    columns = {name: table.frame[name] for name in names}
    for change in changes:
        column = spec.get(change.column)
        changed = _changed(columns[change.column], change.after, column.kind) if column else None
        if changed is None:
            return None
        columns[change.column] = changed
    return columns


def _changed(column: pd.Series[Any], after: pd.Series[Any], kind: str) -> pd.Series[Any] | None:
    """A column with new values at their positions, None where it is not clean or they do not come back the same."""
    clean = next((rule for kinds, rule in _RULES if kind in kinds), _text)
    values = clean(after)
    if values is None or values.dtype != column.dtype:
        return None
    made = column.reset_index(drop=True)
    if clean is _text and not _surely_text(made.drop(after.index)):
        return None
    made.iloc[after.index.to_numpy()] = values.to_numpy()
    return made


def _number(after: pd.Series[Any]) -> pd.Series[Any] | None:
    """Numbers; Excel knows no -0."""
    if after.dtype != "float64" or np.isinf(after).any():
        return None
    return after + 0.0


def _date(after: pd.Series[Any]) -> pd.Series[Any] | None:
    """Days, of those that both calendars of Excel have."""
    if after.dtype != "datetime64[us]":
        return None
    days = after.dropna()
    fits = (days == days.dt.normalize()) & (days >= _FIRST_DAY) & (days <= _LAST_DAY)
    return after if fits.all() else None


def _text(after: pd.Series[Any]) -> pd.Series[Any] | None:
    """Texts that are written as they are and read as they are."""
    values = after.dropna().to_list() if isinstance(after.dtype, pd.StringDtype) else [None]
    if any(not isinstance(value, str) or not _PLAIN.fullmatch(value) for value in values):
        return None
    return after.fillna("").astype("str")


def _surely_text(cells: pd.Series[Any]) -> bool:
    """Whether none of the cells that stay may be a number, date or truth value that shows otherwise among texts.

    A whole number of few digits reads the same among texts and among numbers.
    """
    return all(_WORDS.match(value) for value in cells.to_list() if value)


_FIRST_DAY, _LAST_DAY = pd.Timestamp(1904, 1, 2), pd.Timestamp(9999, 12, 30)
_PLAIN = re.compile(r"(?![#\s])(?!.*(?:_x|\s\s|\s$))[^\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]*")
_WORDS = re.compile(r"(?:0|[1-9]\d{0,14})$|(?!(?:true|false|nan|inf)\b|p[\dt])[^\W\d_]", re.IGNORECASE)
_RULES: tuple[tuple[frozenset[str], Callable[[pd.Series[Any]], pd.Series[Any] | None]], ...] = (
    (frozenset(schema.NUMBERS), _number),
    (frozenset({"date"}), _date),
    (frozenset({"moment"}), lambda after: None),
)
