"""Conflict lines of the sheet Problems: what stands in the other copy where both sides changed the same thing.

Ours stays in its table; theirs is the suggestion of the line. Several cells are written one a line, "Header: value", so
that a person reads them and `correct` applies them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd

from xlcrm.checks.worklist import Listed, listed, worklist_plan
from xlcrm.plan import Plan
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.values import text_of

PREFIX = "combine."
CELL, BLOCK, ROW = "combine.cell", "combine.block", "combine.row"
DELETED_HERE, DELETED_THERE, NUMBER = "combine.deleted_here", "combine.deleted_there", "combine.number"
OF_LIST = "inbox.differs"  # a cell of a list of the inbox, asked in the same way
_BREAK = " ⏎ "
_BLANK_LINE = "\n\n"


def cells_text(cells: Mapping[str, object], headers: Mapping[str, str]) -> str:
    """Cells (column -> value) as a person reads them: one alone as it is, several a line each."""
    if len(cells) == 1:
        return text_of(next(iter(cells.values())))
    return row_text(cells, headers)


def row_text(cells: Mapping[str, object], headers: Mapping[str, str]) -> str:
    """Cells a line each, "Header: value"."""
    shown = ((headers.get(c, c), text_of(value).replace("\r\n", "\n")) for c, value in cells.items())
    return "\n".join(f"{header}: {text}".replace("\n", _BREAK) for header, text in shown)


def rows_text(rows: pd.DataFrame, headers: Mapping[str, str]) -> str:
    """Rows one below the other, blank cells left out."""
    parts = ({c: v for c, v in row.items() if text_of(v)} for row in rows.to_dict("records"))
    return _BLANK_LINE.join(row_text({str(c): v for c, v in part.items()}, headers) for part in parts)


def read_row(text: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The cells of lines "Header: value", by column; lines of no header are passed over."""
    names = {header: column for column, header in headers.items()}
    found = {}
    for line in text.split("\n"):
        for header in sorted(names, key=len, reverse=True):
            if line.startswith(f"{header}:"):
                found[names[header]] = line[len(header) + 1 :].removeprefix(" ").replace(_BREAK, "\n")
                break
    return found


def read_rows(text: str, headers: Mapping[str, str]) -> list[dict[str, str]]:
    """The rows that `rows_text` wrote."""
    return [row for part in text.split(_BLANK_LINE) if (row := read_row(part, headers))]


def conflict(
    table: Table, code: str, key: str, position: int, ours: Mapping[str, object], theirs: Mapping[str, object], who: str
) -> Problem:
    """The line about cells of one row: `position` in our table, -1 where it has no such row."""
    column = next(iter(theirs or ours), "")
    return Problem(
        code,
        table.name,
        table.excel_row(position) if position >= 0 else 0,
        key,
        column,
        cells_text(ours, table.headers) if ours else "",
        cells_text(theirs, table.headers) if theirs else "",
        level="doubt",
        values=(("who", who), ("record", key)),
    )


def lines_plan(
    tables: Tables, new: Sequence[Problem], carried: Sequence[Listed], *, settings: Settings, today: dt.date
) -> tuple[Plan, list[Problem]]:
    """The plan of the sheet Problems with these conflicts under those that it lists, and the conflicts that are new.

    carried  open conflicts of the other copy's own list. What is listed already, decided or not, is not listed again.
    """
    there = [line for line in listed(tables) if line.identity.code.startswith(PREFIX)]
    known = {_about(_of_line(line), tables) for line in there}
    fresh: list[Problem] = []
    for problem in [*new, *(_of_line(line) for line in carried)]:
        if (about := _about(problem, tables)) not in known:
            known.add(about)
            fresh.append(problem)
    every = [*(_of_line(line) for line in there), *fresh]
    plan = worklist_plan(tables, every, prefixes=(PREFIX,), settings=settings, today=today, action="combine")
    return plan, fresh


def _about(problem: Problem, tables: Tables) -> tuple[str, ...]:
    """What makes a conflict the same one: not the value here, which may change while nobody decides. Of two tables on
    one sheet nobody can say which a line is about."""
    row = "" if problem.key else str(problem.row)
    table = tables.get(problem.table)
    sheet = table.sheet if table else problem.table
    column = table.headers.get(problem.column, problem.column) if table else problem.column
    return problem.code, sheet, problem.key, row, column, problem.suggestion


def _of_line(line: Listed) -> Problem:
    code, table, key, column, value, _ = line.identity
    return Problem(code, table, line.row, key, column, value, line.suggestion, level="doubt", listed=line.sentence)
