"""Rows below a table: what somebody typed right under it, which no table holds and no command would see."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile

import pandas as pd

from xlcrm.xlsx.ranges import Area
from xlcrm.xlsx.reading import exact_cells
from xlcrm.xlsx.reading.table_problems import merged_areas
from xlcrm.xlsx.sheet_scan import SheetFacts
from xlcrm.xlsx.workbook import TableInfo, Workbook

MOST = 1_000  # rows that are looked at


def rows_below(book: Workbook, info: TableInfo, facts: SheetFacts) -> pd.DataFrame:
    """The filled rows that follow the table without a gap, as read (dtype object), None for blanks.

    The index is their place as positions of the table go on. A formula, merged cells or another table ends them: sums
    and notes are no rows. Under a row of totals there are none.
    """
    names = info.columns()
    area = _under(book, info, facts)
    if area is None:
        return pd.DataFrame(columns=names, dtype=object)
    under = replace(info, area=area, header_rows=0, totals_rows=0)
    cells = exact_cells.read_columns(book, under, list(range(len(names))))
    filled = takewhile(lambda row: any(value not in (None, "") for value in row), zip(*cells.values(), strict=True))
    start, count = area.top - info.first_row, len(list(filled))
    kept = {name: cells[at][:count] for at, name in enumerate(names)}
    return pd.DataFrame(kept, pd.RangeIndex(start, start + count), dtype=object)


def _under(book: Workbook, info: TableInfo, facts: SheetFacts) -> Area | None:
    """The cells right under a table down to where something else begins; None where there are none."""
    top, (_, left, bottom, right) = info.area.bottom + 1, info.area
    if info.totals_rows or facts.rows <= bottom:
        return None
    under = Area(top, left, min(facts.rows, bottom + MOST), right)
    others = [area.top for area in (*book.neighbours(info), *merged_areas(facts)) if area.meets(under)]
    formulas = [row for column, rows in facts.formulas.items() if left <= column <= right for row in rows if row >= top]
    last = min([under.bottom, *(row - 1 for row in (*others, *formulas))])
    return under._replace(bottom=last) if last >= top else None
