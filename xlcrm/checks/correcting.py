"""Correcting, the operation of `xlcrm correct`: applies safe corrections and what somebody decided in Problems."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import schema
from xlcrm.checks.checking import findings
from xlcrm.checks.summary import COUNTED, line_of, summarised
from xlcrm.checks.typed_below import RECORDS, ROW_BELOW
from xlcrm.checks.view import CheckedBook, View
from xlcrm.checks.worklist import Identity, Listed, listed, worklist_plan
from xlcrm.fields import date, money
from xlcrm.plan import Change, Plan, Resized, diff
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Tables

Wanted = dict[tuple[str, str], dict[int, object]]  # table and column -> position -> what to write


def correct_plan(tables: Tables, *, settings: Settings, today: dt.date) -> Plan:
    """Apply the corrections that are safe, and those decided "apply" in the sheet Problems, as one plan.

    A decided line takes the suggestion that stands in the sheet, so that a person may write a better one there; it
    counts only while its cell still holds the value it was about. "ignore" and "later" keep even safe ones out. Lines
    of other operations (`split.*`) are theirs to apply. What was applied leaves the sheet Problems; the plan's problems
    are the open rest. A line decided "apply" without a suggestion stays, and a note says how many there are.
    """
    book = CheckedBook.of(tables, settings, today)
    lines = {line.identity: line for line in listed(tables)}
    wanted, rest, without = _sorted_out(book, lines)
    changes = _changes(tables, wanted)
    open_ones = summarised(rest)
    ignored = {line.identity for line in lines.values() if line.decision == "ignore"}
    shown = tuple(problem for problem in open_ones if line_of(problem) not in ignored)
    notes: list[tuple[str, dict[str, object]]] = [
        ("correct.done", {"cells": sum(len(change.after) for change in changes), "open": len(shown)})
    ]
    if without:
        notes.append(("correct.without_suggestion", {"count": without}))
    resized = rows_taken_in(tables)
    notes += [("correct.taken_in", {"sheet": tables[r.table].sheet, "n": len(r.rows)}) for r in resized]
    made = Plan("correct", changes=changes, problems=shown, notes=tuple(notes), resized=resized)
    return made.join(worklist_plan(tables, open_ones, settings=settings, today=today, action="correct"))


def rows_taken_in(tables: Tables) -> tuple[Resized, ...]:
    """The rows right under each table of ours, taken in by its range; a line that may be a note stays out."""
    names = [spec.name for spec in schema.TABLES if spec.name in RECORDS and spec.name in tables]
    return tuple(
        Resized(name, below.iloc[:count])
        for name in names
        if (below := tables[name].below) is not None and (count := tables[name].typed_below)
    )


def _sorted_out(book: CheckedBook, lines: dict[Identity, Listed]) -> tuple[Wanted, list[Problem], int]:
    """What to write where, the findings that stay open, and how many of these somebody decided to apply all the same.

    Of several findings about one cell the first is applied.
    """
    wanted: Wanted = defaultdict(dict)
    rest, without = [], 0
    for problem in findings(book):
        if problem.code == ROW_BELOW:
            continue  # taken in
        line = lines.get(line_of(problem))
        value = _value(problem, line)
        cells = _cells(book.views[problem.table], problem) if value is not None else []
        if not cells:
            without += line is not None and line.decision == "apply"
            rest.append(problem)
        for position in cells:
            wanted[problem.table, problem.column].setdefault(position, value)
    return wanted, rest, without


def _changes(tables: Tables, wanted: Wanted) -> tuple[Change, ...]:
    """The cells to write as changes, each row named by its table's key where the workbook has that column."""
    changes: list[Change] = []
    for (name, column), new in wanted.items():
        after = pd.Series(list(new.values()), index=pd.Index(list(new), dtype="int64"), dtype=object)
        key = schema.table(name).key
        named = key if key in tables[name].frame else ""
        changes += diff(tables[name], pd.DataFrame({column: after}), key=named)
    return tuple(changes)


def _value(problem: Problem, line: Listed | None) -> object:
    """What to write for a finding, None where it is not to be applied."""
    decision = line.decision if line is not None else ""
    if decision in ("ignore", "later") or (decision != "apply" and not problem.safe):
        return None
    written = line.suggestion if line is not None and decision == "apply" and problem.code not in COUNTED else ""
    return _of_kind(problem.table, problem.column, written or problem.suggestion)


def _of_kind(table: str, column: str, text: str) -> object:
    """A suggestion as the kind of value that its column holds, None where it is none."""
    spec = schema.table(table).column(column)
    if not text or spec is None:
        return None
    if spec.kind == "date":
        return pd.Timestamp(date.validate(text)) if date.is_valid(text) else None
    if spec.kind in schema.NUMBERS:
        return float(money.validate(text, decimal=".")) if money.is_valid(text) else None
    return text


def _cells(view: View, problem: Problem) -> list[int]:
    """Positions of the cells that a finding is about: its row's, or all that hold its value."""
    if not view.has(problem.column) or problem.column in view.table.formulas:
        return []
    if problem.row:
        return [problem.row - view.table.first_row]
    alike: np.ndarray[Any, Any] = np.flatnonzero(view.text(problem.column) == problem.value)
    return [int(position) for position in alike] if problem.value else []
