"""Check for sensitive content: secrets, identity numbers and facts of health or belief in columns of free text.

A Problem shows so much of what it found that its writer knows it again, and never the whole: the sheet Problems, the
journal and what a terminal shows would be one more place that holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from xlcrm import schema
from xlcrm.checks.judge import Verdict
from xlcrm.checks.view import CheckedBook, View
from xlcrm.privacy.sensitive_text import NUMBERS, at_home, finds_in
from xlcrm.problems import Problem

FREE_TEXT = {
    "Clients": ("notes",),
    "People": ("notes",),
    "Interactions": ("subject", "outcome"),
    "Opportunities": ("subject", "next_step", "lost_because", "notes"),
}


def check(book: CheckedBook) -> list[Problem]:
    """What must not stand in the free text of the tables that are checked, columns of the users' own included.

    Numbers and passwords are errors, the special categories of GDPR article 9 doubts: somebody may have had to write
    them down. The header of a user's own column is read with its cells: "Password" says what they are, and "Order no"
    that they are none.
    """
    return [problem for view in book.views.values() for problem in _table(view)]


def free_text(view: View) -> Iterator[tuple[str, str]]:
    """The columns of free text that a table has, each with what is read before its cells."""
    known = {column.name for spec in schema.with_parts(schema.PARTS) for column in spec.columns}
    for name in view.table.frame.columns:
        if name in FREE_TEXT.get(view.table.name, ()):
            yield name, ""
        elif name not in known and name not in view.table.formulas and view.table.frame[name].dtype.kind not in "fiuMb":
            yield name, f"{name}: "


def _table(view: View) -> Iterator[Problem]:
    """The findings about one table, column by column."""
    for column, header in free_text(view):
        cells = view.text(column).tolist()
        distinct = list(dict.fromkeys(cell for cell in cells if cell))
        found = finds_in([header + cell for cell in distinct])
        home = at_home(header)
        verdicts = {distinct[at]: [find for find in what if find.kind not in home] for at, what in found.items()}
        for position in np.flatnonzero(view.among(column, verdicts)).tolist():
            for kind, masked in dict.fromkeys(verdicts[cells[position]]):
                level = "error" if kind in NUMBERS else "doubt"
                yield view.problem(position, Verdict(f"sensitive.{kind}", level=level), column, masked)


def alone(problems: Iterable[Problem]) -> list[Problem]:
    """The findings without others about a cell that holds something sensitive: those would repeat what stands there."""
    everything = list(problems)
    secret = {_cell(problem) for problem in everything if problem.code.startswith("sensitive.")}
    return [p for p in everything if p.code.startswith("sensitive.") or _cell(p) not in secret]


def _cell(problem: Problem) -> tuple[str, int, str]:
    """Where a finding is."""
    return problem.table, problem.row, problem.column
