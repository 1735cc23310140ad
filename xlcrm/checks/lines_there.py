"""Findings about purchase lines that stand in a source (files, a database), said so that they can be acted on.

A source has no rows of a sheet, and nothing in it is mended from here: a finding names the line by what stands in it,
has no correction that is safe, and leaves out what is no fault there (all numbers of a CSV file are text).
"""

from __future__ import annotations

from collections.abc import Iterable

from xlcrm import problems
from xlcrm.problems import Problem
from xlcrm.tables import Table
from xlcrm.values import as_text

NAMED_BY = ("invoice", "date", "product")
# Code -> the one that it has there; "" for none.
THERE = {
    "date.text": "",  # is read as a date all the same
    "number.text": "",  # as a number
    "text.spaces": "text.spaces_there",  # those around a text never count
    "line.repeated": "line.repeated_there",  # there is no row to point at
}


def told_there(findings: Iterable[Problem], table: Table) -> list[Problem]:
    """The findings, those about rows of `table` as findings about lines of the source that it comes from.

    Unchanged where it stands on its sheet. Lines that are the same in all columns are named once.
    """
    away = table.elsewhere
    if away is None:
        return list(findings)
    told = (_there(one, table, away.address) if one.table == table.name else one for one in findings)
    found: list[Problem] = []
    repeated: set[Problem] = set()
    for problem in told:
        if problem is None or problem in repeated:
            continue
        if problem.code == THERE["line.repeated"]:
            repeated.add(problem)
        found.append(problem)
    return found


def _there(problem: Problem, table: Table, address: str) -> Problem | None:
    code = THERE.get(problem.code, problem.code)
    if not code:
        return None
    problem = problem._replace(code=code, safe=False)
    if code == THERE["text.spaces"]:
        return problem._replace(row=0, suggestion="", values=(("example", problem.value), *problem.values))
    if not problem.row:
        return problem
    values = tuple(pair for pair in problem.values if pair[0] != "other")
    line = line_of(table, problem.row - table.first_row)
    return problem._replace(row=0, values=(*values, (problems.THERE, f"{address}: {line}" if line else address)))


def line_of(table: Table, position: int) -> str:
    """What names a line where it has no row: its invoice, date and product, as far as they are there."""
    row = table.frame.iloc[[position]]
    cells = [as_text(row[name]).iloc[0] for name in NAMED_BY if name in row.columns]
    return ", ".join(cell for cell in cells if cell)
