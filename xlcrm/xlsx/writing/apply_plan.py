"""Writes a plan into a closed workbook by changing only the parts that it names, so that nothing else can be lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xlcrm.errors import CrmError
from xlcrm.plan import Plan
from xlcrm.tables import Tables
from xlcrm.xlsx import ranges
from xlcrm.xlsx.workbook import open_workbook
from xlcrm.xlsx.writing.sheet_changes import SheetWork
from xlcrm.xlsx.writing.table_changes import TableWork, work_of
from xlcrm.xlsx.writing.writing import write


def write_cells(source: Path | str, target: Path | str, sheet: str, cells: Mapping[str, Any]) -> None:
    """Copy a workbook with some cells of one sheet set: {"B2": 5, "C2": None}. Everything else stays as it is.

    A value is text, a number, a truth value, a date, a datetime, or None for a blank cell; text stays text ("007",
    "=x"). The cell keeps its style; a date gets a date format where the cell has none. Formulas are overwritten.
    CrmError where the workbook cannot be changed safely; `target` must not be `source`.
    """
    with_rows: dict[int, dict[int, Any]] = {}
    for place, value in cells.items():
        try:
            row, column = ranges.cell(place.replace("$", ""))
        except ValueError as error:
            raise CrmError("cell.no_address", value=place) from error
        with_rows.setdefault(column, {})[row] = value
    book = open_workbook(Path(source))
    with book.package:
        work = SheetWork(book.sheet(sheet), values=with_rows, over_formulas=True)
        write(book, Path(target), [work])


def apply_plan(source: Path | str, target: Path | str, plan: Plan, tables: Tables) -> Plan:
    """Copy a workbook with a plan applied; the plan comes back with every `before` exactly as it stood in the file.

    `tables` is what the plan was computed from. CrmError "apply.moved" names the first cell that is not what the plan
    expects; then, as with any refusal, `target` is not written. Formulas that a change would overwrite are kept and
    their cells left out of the plan that comes back.
    """
    book = open_workbook(Path(source))
    with book.package:
        tabled = work_of(book, plan, tables)
        works: dict[str, SheetWork] = {}
        for table in tabled:
            sheet = table.info.sheet
            works.setdefault(sheet.part, SheetWork(sheet)).tables.append(table)
        write(book, Path(target), list(works.values()))
    return _exact(plan, tabled)


def _exact(plan: Plan, tabled: list[TableWork]) -> Plan:
    by_name = {table.name: table for table in tabled}
    changes = tuple(by_name[change.table].exact_change(change) for change in plan.changes)
    removed = tuple(by_name[gone.table].exact_removed(gone) for gone in plan.removed)
    problems = plan.problems + tuple(problem for table in tabled for problem in table.problems())
    return replace(plan, changes=tuple(c for c in changes if len(c.after)), removed=removed, problems=problems)
