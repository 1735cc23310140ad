"""Correcting, the operation of `xlcrm correct`: applies safe corrections and what somebody decided in Problems."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import schema, words
from xlcrm.checks.checking import findings
from xlcrm.checks.summary import COUNTED, line_of, summarised
from xlcrm.checks.typed_below import RECORDS, ROW_BELOW
from xlcrm.checks.view import CheckedBook, View
from xlcrm.checks.worklist import Identity, Listed, listed, worklist_plan
from xlcrm.fields import date, money, phone
from xlcrm.plan import Change, Plan, Resized, diff, tables_after
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Tables

_NAMED = 10  # rows that a note names
_NO_SUGGESTION, _NOT_THERE = "correct.without_suggestion", "correct.in_source"
Wanted = dict[tuple[str, str], dict[int, object]]  # table and column -> position -> what to write


def correct_plan(tables: Tables, *, settings: Settings, today: dt.date) -> Plan:
    """Apply the corrections that are safe, and those decided "apply" in the sheet Problems, as one plan.

    A decided line takes the suggestion that stands in the sheet, so that a person may write a better one there; it
    counts only while its cell still holds the value it was about. "ignore" and "later" keep even safe ones out. Lines
    of other operations (`split.*`) are theirs to apply; lines of purchases in a source are changed there, and a note
    says how many such lines were decided. What was applied leaves the sheet Problems; the plan's problems
    are what the cells have afterwards, new values included. A line decided "apply" without a suggestion stays, and a
    note says how many there are.
    """
    book = CheckedBook.of(tables, settings, today)
    lines = {line.identity: line for line in listed(tables)}
    wanted, rest, undone = _sorted_out(book, lines)
    changes = _changes(tables, wanted)
    if changes:  # what stays open is said of the cells as they are afterwards
        after = CheckedBook.of(tables_after(tables, Plan("correct", changes=changes)), settings, today)
        rest = [problem for problem in findings(after) if problem.code != ROW_BELOW]
    open_ones = summarised(rest)
    ignored = {line.identity for line in lines.values() if line.decision == "ignore"}
    shown = tuple(problem for problem in open_ones if line_of(problem) not in ignored)
    notes: list[tuple[str, dict[str, object]]] = [
        ("correct.done", {"cells": sum(len(change.after) for change in changes), "open": len(shown)})
    ]
    for key, positions in undone.items():
        notes.append((key, {"count": len(positions), "rows": named_rows(positions, tables)}))
    notes += _misread(tables, lines.values(), settings.language)
    genders = sum(len(change.after) for change in changes if (change.table, change.column) == ("Clients", "gender"))
    notes += [("correct.genders", {"n": genders})] if genders else []
    resized = rows_taken_in(tables)
    notes += [("correct.taken_in", {"sheet": tables[r.table].sheet, "n": len(r.rows)}) for r in resized]
    made = Plan("correct", changes=changes, problems=shown, notes=tuple(notes), resized=resized)
    return made.join(worklist_plan(tables, open_ones, settings=settings, today=today, action="correct"))


def named_rows(positions: Sequence[int], tables: Tables) -> str:
    """Excel rows of the sheet Problems, the first ones of many."""
    rows = [str(tables["Problems"].excel_row(position)) for position in sorted(positions)]
    return ", ".join([*rows[:_NAMED], *(["…"] if len(rows) > _NAMED else [])])


def _misread(tables: Tables, lines: Iterable[Listed], language: str) -> list[tuple[str, dict[str, object]]]:
    """A note for each decision that means nothing here, with its row and what can be chosen."""
    wrong = [line for line in lines if line.typed and not line.decision]
    choices = ", ".join(f"«{word}»" for word in words.choices("decision", language))
    told: list[tuple[str, dict[str, object]]] = []
    for line in wrong[:_NAMED]:
        table = tables["Problems"]
        place: dict[str, object] = {"row": table.excel_row(line.position), "sheet": table.sheet}
        told.append(("decision.not_understood", {**place, "typed": line.typed, "choices": choices}))
    return told


def rows_taken_in(tables: Tables) -> tuple[Resized, ...]:
    """The rows right under each table of ours, taken in by its range; a line that may be a note stays out."""
    names = [spec.name for spec in schema.TABLES if spec.name in RECORDS and spec.name in tables]
    return tuple(
        Resized(name, below.iloc[:count])
        for name in names
        if (below := tables[name].below) is not None and (count := tables[name].typed_below)
    )


def _sorted_out(book: CheckedBook, lines: dict[Identity, Listed]) -> tuple[Wanted, list[Problem], dict[str, list[int]]]:
    """What to write where, the findings that stay open, and the lines of these that were decided to be applied, by the
    note that says why they are not.

    Of several findings about one cell the first is applied.
    """
    wanted: Wanted = defaultdict(dict)
    rest: list[Problem] = []
    undone: dict[str, list[int]] = defaultdict(list)
    for problem in findings(book):
        if problem.code == ROW_BELOW:
            continue  # taken in
        line = lines.get(line_of(problem))
        value = _value(problem, line)
        cells = _cells(book, problem) if value is not None else []
        if not cells:
            rest.append(problem)
        if not cells and line is not None and line.decision == "apply":
            undone[_NOT_THERE if _is_away(book, problem) else _NO_SUGGESTION].append(line.position)
        for position in cells:
            for column, cell in _parted(book.views[problem.table], problem, position, value).items():
                wanted[problem.table, column].setdefault(position, cell)
    return wanted, rest, undone


def _is_away(book: CheckedBook, problem: Problem) -> bool:
    """Whether a finding is about lines of a source, which nobody writes to."""
    return problem.table in book.tables and book.tables[problem.table].elsewhere is not None


def _parted(view: View, problem: Problem, position: int, value: object) -> dict[str, object]:
    """The cells that a decision fills: the problem's own; of two phones in one cell the column of either kind.

    A mobile goes to the mobiles, what is none stays with the phones, in doubt the first is the phone. Where the other
    column holds a number already both stay in their cell, as they would be written apart.
    """
    numbers = str(value).split(" ; ") if problem.code == "phone.several" else []
    other = {"phone": "mobile", "mobile": "phone"}.get(problem.column, "")
    if len(numbers) != 2 or not view.has(other) or view.filled(other)[position]:
        return {problem.column: value}
    country = view.countries[position]
    kinds = [phone.kind(number, country) for number in numbers]
    turned = kinds[0] == "mobile" and kinds[1] != "mobile"
    first, second = reversed(numbers) if turned else numbers
    return {"phone": first, "mobile": second}


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


def _cells(book: CheckedBook, problem: Problem) -> list[int]:
    """Positions of the cells that a finding is about: its row's, or all that hold its value; none in a source."""
    if _is_away(book, problem):
        return []
    view = book.views[problem.table]
    if not view.has(problem.column) or problem.column in view.table.formulas:
        return []
    if problem.row:
        return [problem.row - view.table.first_row]
    alike: np.ndarray[Any, Any] = np.flatnonzero(view.text(problem.column) == problem.value)
    return [int(position) for position in alike] if problem.value else []
