"""The work list of the sheet Problems: what was found is merged with decisions made there, never replaces them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from xlcrm import words
from xlcrm.checks.view import CHECKED
from xlcrm.importing.header_words import choice_of
from xlcrm.plan import Added, Change, Plan, Removed, diff
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.values import as_number, as_text

LONGEST = 200
FOREIGN = ("split.", "bank.", "combine.", "inbox.")  # codes that other operations put into the list
DECIDED_ONLY = ("combine.",)  # of these the ones that stay until somebody decides, whatever their cell holds by now


class Identity(NamedTuple):
    """What makes a problem the same one at the next check: its row may move, its value may not change."""

    code: str
    table: str
    key: str
    column: str
    value: str
    row: int


class Listed(NamedTuple):
    """One line of the sheet Problems: where it stands, what it is about, and what somebody decided."""

    position: int
    identity: Identity
    row: int
    suggestion: str
    decision: str
    sentence: str
    typed: str = ""  # the decision as somebody wrote it, also where it means none


def identity(problem: Problem) -> Identity:
    """Rows with a client_id are known by it, others by their row."""
    row = 0 if problem.key else problem.row
    return Identity(problem.code, problem.table, problem.key, problem.column, problem.value[:LONGEST], row)


def listed(tables: Tables) -> list[Listed]:
    """The lines of the table Problems, with sheets, headers and decisions in canonical words; no blank lines."""
    if "Problems" not in tables:
        return []
    frame = tables["Problems"].frame
    names = ("code", "sheet", "client_id", "column", "value", "suggestion", "decision", "problem")
    text = [as_text(frame[name]) if name in frame else pd.Series("", index=frame.index) for name in names]
    rows = as_number(frame["row"])[0].fillna(0) if "row" in frame else pd.Series(0.0, index=frame.index)
    places = _Places.of(tables)
    cells = zip(*(column.tolist() for column in text), rows.astype(int).tolist(), strict=True)
    return [_listed(position, line, places) for position, line in enumerate(cells) if line[0]]


def _listed(position: int, cells: tuple[Any, ...], places: _Places) -> Listed:
    """One line from its cells in the order of `listed`, the row last."""
    code, sheet, key, header, value, suggestion, decision, told, row = cells
    table, column = places.names(sheet, header)
    about = Identity(code, table, key, column, value, 0 if key else row)
    return Listed(position, about, row, suggestion, choice_of("decision", decision), told, decision.strip())


def as_listed(line: Listed) -> Problem:
    """A line as the problem that it is, when its operation can't find it anew; its sentence is shown and never read."""
    code, table, key, column, value, _ = line.identity
    return Problem(
        code, table, line.row, key, column, value, line.suggestion, level="doubt", listed=line.sentence,
    )  # fmt: skip


class _Places(NamedTuple):
    """What the workbook calls its tables and columns, for reading the sheet Problems back."""

    sheets: dict[str, str]
    columns: dict[str, dict[str, str]]

    @classmethod
    def of(cls, tables: Tables) -> _Places:
        """The sheets and headers of the tables whose problems are listed; a table's own name is understood, too.

        No rows are read for it: problems of a user's own tables are not listed, and those of others are few.
        """
        heads = {name: tables.head(name) for name in tables if name in CHECKED}
        sheets = {head.sheet: name for name, head in heads.items()} | {name: name for name in tables}
        columns = {name: {header: c for c, header in head.headers.items()} for name, head in heads.items()}
        return cls(sheets, columns)

    def names(self, sheet: str, header: str) -> tuple[str, str]:
        """Table and column behind a sheet and a header, in this workbook's words or any language's; else as typed."""
        table = self.sheets.get(sheet, "") or words.table_of(sheet)
        column = self.columns.get(table, {}).get(header, "") or words.column_of(table, header) or header
        return table, column


def worklist_plan(
    tables: Tables,
    problems: Sequence[Problem],
    *,
    prefixes: tuple[str, ...] = (),
    settings: Settings,
    today: dt.date,
    action: str = "check",
    also_gone: Sequence[int] = (),
) -> Plan:
    """The changes of the table Problems that make it list `problems`; lines that are already there keep their decision.

    prefixes   the codes that `problems` speaks for: a line with another code stays as it is, one with such a code that
               is not among `problems` is removed. None given: all codes but those of other operations (`FOREIGN`)
    also_gone  positions of further lines to remove

    A workbook without the table has nothing to change. Row numbers and sentences of known lines are brought up to
    date; a second run with the same problems changes nothing.
    """
    if "Problems" not in tables:
        return Plan(action)
    table = tables["Problems"]
    waiting: dict[Identity, list[Listed]] = defaultdict(list)
    for line in listed(tables):
        if _speaks_for(prefixes, line.identity.code):
            waiting[line.identity].append(line)
    new, known = [], {}
    for problem in problems:
        lines = waiting.get(identity(problem))
        if lines:
            known[lines.pop(0).position] = problem
        else:
            new.append(problem)
    gone = sorted({line.position for lines in waiting.values() for line in lines} | set(also_gone))
    rows = _lines(new, tables, settings, today)
    return Plan(
        action,
        changes=_updates(table, known, _lines(list(known.values()), tables, settings, today)),
        removed=(Removed("Problems", table.frame.loc[gone]),) if gone else (),
        added=(Added("Problems", rows[[c for c in rows if c in table.frame]]),) if new else (),
    )


def _speaks_for(prefixes: tuple[str, ...], code: str) -> bool:
    """Whether a line with this code is the caller's: one of its prefixes, or no other operation's where it has none."""
    return code.startswith(prefixes) if prefixes else not code.startswith(FOREIGN)


def _updates(table: Table, known: dict[int, Problem], after: pd.DataFrame) -> tuple[Change, ...]:
    """The changes that bring known lines (position -> problem, row by row `after`) up to date, decisions left alone."""
    if not known:
        return ()
    still = [c for c in ("sheet", "row", "column", "problem", "suggestion") if c in table.frame]
    return diff(table, after.set_axis(pd.Index(list(known), dtype="int64"))[still])


def outdated(tables: Tables) -> list[int]:
    """Positions of lines of other operations whose cell now holds something else, or whose client is gone."""
    there: dict[tuple[str, str], set[tuple[str, str]]] = {}
    gone = []
    for line in listed(tables):
        about = line.identity
        if not about.code.startswith(FOREIGN) or about.code.startswith(DECIDED_ONLY) or about.table not in tables:
            continue
        table = tables[about.table]
        if about.column not in table.frame:
            continue
        place = (about.table, about.column)
        if place not in there:
            there[place] = _held(table, about.column)
        if (about.key or f"row {line.row}", about.value) not in there[place]:
            gone.append(line.position)
    return gone


def _held(table: Table, column: str) -> set[tuple[str, str]]:
    """Every cell of a column with the client_id of its row, and again with its Excel row ("row 12")."""
    cells = as_text(table.frame[column]).str[:LONGEST]
    rows = pd.Series(range(len(cells))).add(table.first_row).map("row {}".format)
    ids = as_text(table.frame["client_id"]) if "client_id" in table.frame else rows
    return set(zip(ids, cells, strict=True)) | set(zip(rows, cells, strict=True))


def _lines(problems: Sequence[Problem], tables: Tables, settings: Settings, today: dt.date) -> pd.DataFrame:
    """The problems as rows of the table Problems, in the workbook's words."""
    seen = {name: tables[name] for name in {problem.table for problem in problems} if name in tables}
    rows = [_line(problem, seen.get(problem.table), settings.language) for problem in problems]
    columns = ["code", "sheet", "row", "client_id", "column", "value", "problem", "suggestion"]
    frame = pd.DataFrame(rows, columns=columns)
    stamp: Any = pd.Timestamp(today)
    return frame.assign(decision="", found_on=pd.Series([stamp] * len(frame), dtype="datetime64[us]"))


def _line(problem: Problem, table: Table | None, language: str) -> tuple[object, ...]:
    """One problem as cells from code to suggestion; a problem about a whole column has no row."""
    sheet = table.sheet if table else problem.table
    header = table.headers.get(problem.column, problem.column) if table else problem.column
    row = problem.row or None
    value = problem.value[:LONGEST]
    told = problem._replace(column=header).sentence(language)
    return problem.code, sheet, row, problem.key, header, value, told, problem.suggestion
