"""Decided conflicts: what `correct` writes for lines of the sheet Problems that combining, or the inbox, asked about.

A line counts only while its cells still hold what it was decided about; else it shows what they hold now, and is asked
again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from xlcrm import schema
from xlcrm.checks.worklist import LONGEST, Listed, listed
from xlcrm.combining import conflict_lines
from xlcrm.combining.row_triples import keys_of
from xlcrm.combining.table_rules import RULES, TableRule
from xlcrm.fields import date, money
from xlcrm.plan import Added, Change, Plan, Removed, diff
from xlcrm.tables import Table, Tables
from xlcrm.values import text_of

_ASKED = (conflict_lines.PREFIX, conflict_lines.OF_LIST)
_RULES = {rule.name: rule for rule in RULES}


@dataclass
class _Applied:
    """What is written: table -> column -> position -> cell; rows that go and come; lines that are done or moved."""

    cells: dict[str, dict[str, dict[int, object]]] = field(default_factory=dict)
    gone: dict[str, list[int]] = field(default_factory=dict)
    rows: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    done: list[int] = field(default_factory=list)
    moved: dict[int, str] = field(default_factory=dict)


def decided_plan(tables: Tables) -> Plan:
    """The plan of the lines decided "apply": theirs is written in the place of ours, and the line leaves the list."""
    found = _Applied()
    for line in listed(tables):
        if line.identity.code.startswith(_ASKED) and line.decision == "apply":
            for name in _tables_of(line, tables):
                if _apply(found, line, tables[name], _RULES[name]):
                    break
    return _plan(found, tables)


def _tables_of(line: Listed, tables: Tables) -> Iterator[str]:
    """The tables that a line may be about: that of its sheet first, then others that stand there."""
    about = line.identity.table
    sheet = tables[about].sheet if about in tables else about
    names = [about, *(rule.name for rule in RULES if rule.name != about)]
    yield from (name for name in names if name in _RULES and name in tables and tables[name].sheet == sheet)


def _apply(found: _Applied, line: Listed, table: Table, rule: TableRule) -> bool:
    """Put one line on the list of what is written; False where the table has no such row."""
    code = line.identity.code
    if code == conflict_lines.ROW:
        return _take_row(found, line, table, rule)
    places = _places(line, table, rule)
    if code == conflict_lines.BLOCK:
        return bool(places) and _take_block(found, line, table, places)
    if code in (conflict_lines.CELL, conflict_lines.OF_LIST) and len(places) == 1:
        return _take_cells(found, line, table, places[0])
    return False


def _places(line: Listed, table: Table, rule: TableRule) -> list[int]:
    """The positions of the rows that a line names: by their key, of several the one of its row."""
    keys = keys_of(table.frame, rule.columns[:1])
    places = np.flatnonzero(keys == line.identity.key).tolist()
    row = line.row - table.first_row
    if rule.kind == "bag" or not line.identity.key:
        return [row] if row in places or (not line.identity.key and 0 <= row < len(table.frame)) else places
    return places


def _take_cells(found: _Applied, line: Listed, table: Table, place: int) -> bool:
    wanted = _wanted(line, table)
    if not wanted or not set(wanted) <= set(table.frame.columns):
        return False
    now = conflict_lines.cells_text({c: table.frame[c].iloc[place] for c in wanted}, table.headers)
    if now[:LONGEST] != line.identity.value:
        found.moved[line.position] = now[:LONGEST]
        return True
    for column, text in wanted.items():
        found.cells.setdefault(table.name, {}).setdefault(column, {})[place] = cell_of(table, column, text)
    found.done.append(line.position)
    return True


def _wanted(line: Listed, table: Table) -> dict[str, str]:
    """Column -> what to write: one cell as it stands, or a line each of several."""
    several = conflict_lines.read_row(line.suggestion, table.headers)
    shown = conflict_lines.read_row(line.identity.value, table.headers)
    if len(several) > 1 and list(shown)[:1] == list(several)[:1]:
        return several
    return {line.identity.column: line.suggestion}


def _take_block(found: _Applied, line: Listed, table: Table, places: list[int]) -> bool:
    now = conflict_lines.rows_text(_typed(table.frame.iloc[places], table), table.headers)
    if now[:LONGEST] != line.identity.value:
        found.moved[line.position] = now[:LONGEST]
        return True
    found.gone.setdefault(table.name, []).extend(places)
    rows = conflict_lines.read_rows(line.suggestion, table.headers)
    found.rows.setdefault(table.name, []).extend(_row(table, row) for row in rows)
    found.done.append(line.position)
    return True


def _typed(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    spec = schema.known(table.name)
    filled = {c.name for c in spec.columns if c.calculated} if spec else set()
    return rows[[c for c in rows.columns if c not in filled and c not in table.formulas]]


def _take_row(found: _Applied, line: Listed, table: Table, rule: TableRule) -> bool:
    """A row that only they have. Where the number is there by now the line stays."""
    row = conflict_lines.read_row(line.suggestion, table.headers)
    if not row or (rule.kind == "keyed" and line.identity.key in set(keys_of(table.frame, rule.columns[:1]))):
        return False
    found.rows.setdefault(table.name, []).append(_row(table, row))
    found.done.append(line.position)
    return True


def _row(table: Table, row: Mapping[str, str]) -> dict[str, object]:
    return {column: cell_of(table, column, text) for column, text in row.items()}


def cell_of(table: Table, column: str, text: str) -> object:
    """A text as the kind of value that its column holds; the text where it is none."""
    spec = schema.known(table.name)
    known = spec.column(column) if spec else None
    kind = known.kind if known else _kind(table.frame[column])
    if kind in ("date", "moment") and date.is_valid(text):
        return pd.Timestamp(date.validate(text))
    if kind in schema.NUMBERS and money.is_valid(text):
        return float(money.validate(text, decimal="."))
    return text if text_of(text) else None


def _kind(series: pd.Series) -> str:
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return "date"
    return "number" if pd.api.types.is_numeric_dtype(series.dtype) else "text"


def _plan(found: _Applied, tables: Tables) -> Plan:
    changes: list[Change] = []
    for name, columns in found.cells.items():
        for column, cells in columns.items():
            after = pd.Series(list(cells.values()), index=pd.Index(list(cells), dtype="int64"), dtype=object)
            changes += diff(tables[name], pd.DataFrame({column: after}), key=_RULES[name].columns[0])
    lines = tables.get("Problems")
    if lines is not None and found.moved:
        index = pd.Index(list(found.moved), dtype="int64")
        again = pd.DataFrame({"value": list(found.moved.values()), "decision": ""}, index=index, dtype=object)
        changes += diff(lines, again)
    removed = [Removed(n, tables[n].frame.iloc[sorted(set(places))]) for n, places in found.gone.items()]
    if lines is not None and found.done:
        removed.append(Removed("Problems", lines.frame.loc[sorted(found.done)]))
    added = tuple(Added(name, pd.DataFrame(rows, dtype=object)) for name, rows in found.rows.items())
    counts = {"combine.decided": len(found.done), "combine.moved": len(found.moved)}
    notes = tuple((key, {"count": count}) for key, count in counts.items() if count)
    return Plan("correct", changes=tuple(changes), removed=tuple(removed), added=added, notes=notes)
