"""Problems of a table itself when it is read, reported so that no row is read wrongly in silence."""

from __future__ import annotations

import re
from collections import Counter

from xlcrm import words
from xlcrm.problems import Problem
from xlcrm.xlsx.ranges import Area, letters
from xlcrm.xlsx.sheet_scan import SheetFacts
from xlcrm.xlsx.workbook import TableInfo

MAX_PER_COLUMN = 100  # a formula that is wrong in every row is one thing to correct
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref=["']([A-Z0-9:$]+)["']""")


def formula_columns(info: TableInfo, facts: SheetFacts) -> frozenset[str]:
    """The columns that belong to the workbook: calculated columns, and those with formulas in over half the rows."""
    found = set()
    for position, name in enumerate(info.columns()):
        rows = facts.formulas.get(info.area.left + position, ())
        inside = sum(info.first_row <= row <= info.last_row for row in rows)
        if position in info.calculated or inside * 2 > len(info):
            found.add(name)
    return frozenset(found)


def problems(info: TableInfo, facts: SheetFacts) -> tuple[Problem, ...]:
    """Two headers that mean one column, merged cells and error values in the table's rows."""
    return (*_twice(info), *_merged(info, facts), *_errors(info, facts))


def _twice(info: TableInfo) -> list[Problem]:
    """Headers that mean a column which an earlier header has already."""
    first: dict[str, str] = {}
    found = []
    for header, column in zip(info.headers, info.columns(), strict=True):
        meant = words.column_of(info.canonical, header) or header
        if meant in first:
            values = (("first", first[meant]), ("sheet", info.sheet.name))
            found.append(Problem("table.header_twice", info.canonical, column=column, value=header, values=values))
        first.setdefault(meant, header)
    return found


def merged_areas(facts: SheetFacts) -> list[Area]:
    """The merged cells of a sheet."""
    return [Area.of(ref.decode()) for ref in _MERGED.findall(facts.tail)]


def _merged(info: TableInfo, facts: SheetFacts) -> list[Problem]:
    """Merged cells in the table: only the first of them holds a value, the others read as blank."""
    found = []
    for area in merged_areas(facts):
        if area.meets(info.area):
            sheet = (("sheet", info.sheet.name),)
            found.append(Problem("table.merged", info.canonical, row=area.top, value=area.text, values=sheet))
    return found


def _errors(info: TableInfo, facts: SheetFacts) -> list[Problem]:
    """Error values in the data rows, of each column MAX_PER_COLUMN at most."""
    names = info.columns()
    found = []
    count: Counter[int] = Counter()
    for row, column, text in facts.errors:
        if not info.data.holds(row, column):
            continue
        count[column] += 1
        if count[column] <= MAX_PER_COLUMN:
            values = (("cell", f"{letters(column)}{row}"), ("sheet", info.sheet.name))
            name = names[column - info.area.left]
            found.append(Problem("table.error_value", info.canonical, row=row, column=name, value=text, values=values))
    return found
