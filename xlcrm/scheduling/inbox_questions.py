"""Questions of the inbox: the cells of a list that differ from the workbook, as lines of the sheet Problems.

A form's export comes again each time with all its answers. So one client who was corrected since must not keep the new
answers out: what differs is asked, whole row by whole row, and the rest of the list is taken in. Nothing is overwritten
before somebody decides the line, which the button Correct then applies. A refusal is never asked away: that somebody
agreed anew is only told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from xlcrm import schema
from xlcrm.checks.worklist import LONGEST, as_listed, listed, worklist_plan
from xlcrm.combining.conflict_lines import OF_LIST
from xlcrm.people.channel_consent import FLAGS, Mask
from xlcrm.plan import Change, Plan
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.values import text_of

PREFIX = "inbox."
# what an import noted -> the line that it becomes
ASKED: Mapping[str, str] = {
    "import.differs": OF_LIST,
    "import.differs_in_list": OF_LIST,
    "import.opt_out_kept": "inbox.refused",
    "import.agreed_again": "inbox.agreed_again",
}


def with_questions(plan: Plan, tables: Tables, file: str, *, settings: Settings, today: dt.date) -> Plan:
    """The plan of an import with what differs as lines of the sheet Problems; its other problems stay its own.

    Of a row of the workbook in which something differs nothing is taken in: what would have filled its blanks is asked
    as well. Refusals alone are always taken. What is listed already, decided or not, is not listed again. Unchanged
    where nothing differs, and where the workbook has no sheet Problems.
    """
    noted = _noted(plan, tables)
    if not noted:
        return plan
    rows = {(p.table, p.row - tables[p.table].first_row) for p in noted if p.row and ASKED[p.code] == OF_LIST}
    parted = [_parted(change, rows) for change in plan.changes]
    asked = [_line(problem, tables, file) for problem in noted]
    asked += [line for _, held in parted for line in _lines(held, tables, file)]
    there, fresh = _new_lines(asked, tables)
    list_ = worklist_plan(tables, [*there, *fresh], prefixes=(PREFIX,), settings=settings, today=today, action="import")
    kept = replace(
        plan,
        changes=tuple(taken for taken, _ in parted if len(taken.after)),
        problems=tuple(problem for problem in plan.problems if problem not in noted),
        notes=(*plan.notes, ("inbox.asked", {"n": len(fresh), "sheet": tables["Problems"].sheet})),
    )
    return kept.join(list_)


def _new_lines(asked: Sequence[Problem], tables: Tables) -> tuple[list[Problem], list[Problem]]:
    """The lines that the inbox asked before and are there, decided or not, and those of `asked` that are new."""
    there = [as_listed(line) for line in listed(tables) if line.identity.code.startswith(PREFIX)]
    known = set(map(_about, there))
    return there, [problem for problem in dict.fromkeys(asked) if _about(problem) not in known]


def asked_in(plan: Plan) -> int | None:
    """How many new lines a plan of `with_questions` asks; None where nothing differed."""
    return next((int(str(values["n"])) for key, values in plan.notes if key == "inbox.asked"), None)


def _noted(plan: Plan, tables: Tables) -> list[Problem]:
    """What is to be asked; nothing where there is no sheet for it."""
    return [problem for problem in plan.problems if "Problems" in tables and _is_asked(problem, tables)]


def _is_asked(problem: Problem, tables: Tables) -> bool:
    """Whether a finding is about one cell of a row that can be named."""
    named = problem.row or (problem.table == "Clients" and problem.key)
    return problem.code in ASKED and problem.table in tables and bool(named)


def _about(problem: Problem) -> tuple[str, ...]:
    row = "" if problem.key else str(problem.row)
    return problem.code, problem.table, problem.key, row, problem.column, problem.suggestion[:LONGEST]


def _line(problem: Problem, tables: Tables, file: str) -> Problem:
    table = tables[problem.table]
    key = _key(table, problem.row - table.first_row) if problem.row else problem.key
    code, suggestion = ASKED[problem.code], problem.suggestion if ASKED[problem.code] == OF_LIST else ""
    values = (*problem.values, ("file", file))
    return Problem(
        code, table.name, problem.row, key, problem.column, problem.value[:LONGEST], suggestion,
        level="doubt", values=values,
    )  # fmt: skip


def _lines(held: Change, tables: Tables, file: str) -> Iterator[Problem]:
    """What would have filled cells of rows that are asked."""
    table = tables[held.table]
    for place, before, after in zip(held.after.index, held.before, held.after, strict=True):
        yield Problem(
            OF_LIST, table.name, table.excel_row(place), _key(table, place), held.column, text_of(before)[:LONGEST],
            text_of(after), level="doubt", values=(("file", file),),
        )  # fmt: skip


def _key(table: Table, place: int) -> str:
    """What a line calls a row: its number."""
    spec = schema.known(table.name)
    column = spec.key if spec and spec.key in table.frame else str(table.frame.columns[0])
    return text_of(table.frame[column].iloc[place]).strip()


def _parted(change: Change, rows: set[tuple[str, int]]) -> tuple[Change, Change]:
    """The part of a change that is taken in, and the part of rows (table and position) that are asked; a refusal is
    always taken."""
    places = [place for table, place in rows if table == change.table]
    asked = change.after.index.isin(places) & (change.column not in FLAGS)
    return _of(change, ~asked), _of(change, asked)


def _of(change: Change, where: Mask) -> Change:
    return Change(change.table, change.column, change.before[where], change.after[where], change.keys[where])
