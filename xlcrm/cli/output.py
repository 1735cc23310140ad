"""Output of a run as sentences or JSON; a dry run is printed from the very plan that would be applied."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import messages
from xlcrm.cli.telling import on_one_line
from xlcrm.plan import Added, Change, Plan, Removed, Resized
from xlcrm.problems import Problem
from xlcrm.run import Outcome
from xlcrm.tables import Tables
from xlcrm.values import text_of

FEW = 5
SHOWN = {"merge": 1_048_576}  # what somebody should look at before it is done is shown to the last cell
MANY = 40
WIDEST = 160  # characters of a row


def lines(outcome: Outcome, *, dry_run: bool) -> list[str]:
    """The outcome in the workbook's language: what happened, what was found, where files and backup are."""
    language = outcome.settings.language
    found = outcome.sentences()
    if dry_run:
        found = [messages.text("show.dry_run", language), *found, *plan_lines(outcome.plan, outcome.tables, language)]
    found += problem_lines(outcome.plan.problems, outcome.tables, language)
    found += [messages.text("show.file", language, path=str(path)) for path in outcome.files]
    if outcome.undo_number and not (outcome.plan.issues or outcome.plan.forgets):
        name = outcome.backup.name if outcome.backup else ""
        found.append(messages.text("show.undo", language, number=outcome.undo_number, backup=name))
    if not found:
        found.append(messages.text("show.nothing", language))
    return [on_one_line(line) for line in found]


def plan_lines(plan: Plan, tables: Tables, language: str) -> list[str]:
    """What a plan would write, a few cells of each column; `--json` has all of them. Of a merge it is all."""
    found = []
    few = SHOWN.get(plan.action, FEW)
    for column in plan.new_columns:
        found.append(
            messages.text("show.new_column", language, sheet=_sheet(tables, column.table), column=column.header)
        )
    for change in plan.changes:
        header = _header(tables, change.table, change.column)
        place = {"sheet": _sheet(tables, change.table), "column": header, "n": len(change.after)}
        found.append(messages.text("show.change", language, **place))
        found += _cells(change, tables, language, few, whole=plan.action in SHOWN)
        if len(change.after) > few:
            found.append("    " + messages.text("show.more", language, n=len(change.after) - few))
    for part in plan.resized:
        key = "show.let_go" if part.out else "show.taken_in"
        found.append(messages.text(key, language, sheet=_sheet(tables, part.table), n=len(part.rows)))
    for added in plan.added:
        found.append(messages.text("show.added", language, sheet=_sheet(tables, added.table), n=len(added.rows)))
        found += _rows(added.rows.head(few), language)
    for removed in plan.removed:
        found.append(messages.text("show.removed", language, sheet=_sheet(tables, removed.table), n=len(removed.rows)))
        found += _rows(removed.rows.head(SHOWN.get(plan.action, 0)), language)
    found += [messages.text("show.would_file", language, path=file.name) for file in plan.files]
    return found


def _cells(change: Change, tables: Tables, language: str, few: int, *, whole: bool) -> list[str]:
    """The first cells of a change before and after, each with its row's key; with the row's number, too, if `whole`."""
    found = []
    cells = zip(change.after.index, change.keys, change.before, change.after, strict=True)
    for _, (position, key, before, after) in zip(range(few), cells, strict=False):
        place = _row(tables, change.table, int(position), language)
        where = f"{place} / {text_of(key)}" if whole else text_of(key) or place
        found.append(f"    {where}: «{as_read(before, language)}» -> «{as_read(after, language)}»")
    return found


def _rows(rows: pd.DataFrame, language: str) -> list[str]:
    """Each row in a line: its cells that hold something."""
    cells = ([as_read(value, language) for value in row if text_of(value)] for row in rows.itertuples(index=False))
    return ["    " + "; ".join(" ".join(text.split()) for text in row)[:WIDEST] for row in cells]


def problem_lines(problems: tuple[Problem, ...], tables: Tables, language: str) -> list[str]:
    """Each problem with its place: the worst first, MANY at most, and of mere notes a FEW; then how many more."""
    order = {"error": 0, "doubt": 1, "note": 2}
    ranked = sorted(problems, key=lambda problem: order[problem.level])
    pressing = sum(problem.level != "note" for problem in problems)
    few = ranked[: min(MANY, pressing + FEW)]
    found = []
    for problem in few:
        where = _place(problem, tables, language)
        value = f" «{problem.value[:80]}»" if problem.value else ""
        told = _told(problem, tables, language)
        found.append(f"- {where}{value}: {told}" if where else f"- {told}")
    if len(problems) > len(few):
        found.append(messages.text("show.more_problems", language, n=len(problems) - len(few)))
    return found


def as_json(outcome: Outcome, *, dry_run: bool) -> dict[str, Any]:
    """Everything, for programs: dates are ISO, blanks are empty strings."""
    plan, language = outcome.plan, outcome.settings.language
    return {
        "action": plan.action,
        "dry_run": dry_run,
        "exit_code": outcome.exit_code,
        "sentences": outcome.sentences(),
        "counts": plan.counts(),
        "backup": str(outcome.backup or ""),
        "undo_number": outcome.undo_number,
        **({"put_back": plan.whole.backup} if plan.whole else {}),
        "files": [str(path) for path in outcome.files] or [file.name for file in plan.files],
        "new_columns": [{"table": c.table, "header": c.header} for c in plan.new_columns],
        "changes": [
            {"table": c.table, "column": c.column, "key": text_of(key), "before": text_of(old), "after": text_of(new)}
            for c in plan.changes
            for key, old, new in zip(c.keys, c.before, c.after, strict=True)
        ],
        "resized": [{**row, "out": part.out} for part in plan.resized for row in _rows_json(part)],
        "added": [row for part in plan.added for row in _rows_json(part)],
        "removed": [row for part in plan.removed for row in _rows_json(part)],
        "problems": [
            {**_fields(p), "values": dict(p.values), "sentence": _told(p, outcome.tables, language)}
            for p in plan.problems
        ],
    }


def _rows_json(part: Added | Removed | Resized) -> list[dict[str, str]]:
    """The rows of a part of a plan, each with its table."""
    return [
        {"table": part.table, **{str(k): text_of(v) for k, v in row.items()}} for row in part.rows.to_dict("records")
    ]


def _fields(problem: Problem) -> dict[str, object]:
    """A problem's fields for a program: all but the sentence, which has a place of its own."""
    return {name: value for name, value in problem._asdict().items() if name != "listed"}


def as_read(value: object, language: str) -> str:
    """A cell as people of this language write it: 24,5 and 22.11.2026. What is text stays as typed."""
    if isinstance(value, (float, np.floating)):
        return text_of(value).replace(".", messages.DECIMAL[language])
    if isinstance(value, (dt.date, np.datetime64)) and text_of(value):
        from babel import dates

        stamp, locale = pd.Timestamp(value), {"nb": "nb_NO"}.get(language, language)
        if stamp == stamp.normalize():
            return dates.format_date(stamp.date(), "medium", locale=locale)
        return dates.format_datetime(stamp.to_pydatetime(), "medium", locale=locale)
    return text_of(value)


def _row(tables: Tables, table: str, position: int, language: str) -> str:
    return messages.text("show.row", language, row=tables[table].excel_row(position)) if table in tables else ""


def _place(problem: Problem, tables: Tables, language: str) -> str:
    row = messages.text("show.row", language, row=problem.row) if problem.row else ""
    parts = [_sheet(tables, problem.table), row, _header(tables, problem.table, problem.column)]
    return " / ".join(part for part in parts if part)


def _told(problem: Problem, tables: Tables, language: str) -> str:
    """The sentence as the user's workbook calls the column: the plan knows it by its English name."""
    return problem._replace(column=_header(tables, problem.table, problem.column)).sentence(language)


def _sheet(tables: Tables, name: str) -> str:
    return tables[name].sheet if name in tables else name


def _header(tables: Tables, table: str, column: str) -> str:
    return tables[table].headers.get(column, column) if table in tables else column
