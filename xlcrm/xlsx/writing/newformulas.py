"""The formulas of a table's new rows: made from those above, so that a calculated column stays one."""

from __future__ import annotations

from xlcrm.xlsx import formulas
from xlcrm.xlsx.ranges import Area
from xlcrm.xlsx.reading.table_problems import formula_columns
from xlcrm.xlsx.sheet_scan import SheetFacts
from xlcrm.xlsx.workbook import TableInfo
from xlcrm.xlsx.writing.row_moves import RowMap, above, moved_area

Models = dict[tuple[Area, int], tuple[int, str]]


def filled(info: TableInfo, facts: SheetFacts) -> set[int]:
    """The columns whose new cells get a formula: calculated columns, and those with formulas in over half the rows."""
    names = formula_columns(info, facts)
    return {info.area.left + i for i, name in enumerate(info.columns()) if name in names}


def formula(
    here: str,
    maps: list[RowMap],
    info: TableInfo,
    columns: set[int],
    models: Models,
    move: formulas.Move,
    column: int,
    row: int,
) -> str:
    """The formula of a new row's cell, "" for none. `models` are the formulas that were met, as they stood.

    `row` is the cell's before tables above this one take it down.
    """
    if column not in columns:
        return ""
    if (info.data, column) not in models:
        return info.calculated.get(column - info.area.left, "")
    model_row, text = models[info.data, column]
    later = above(info, maps)

    def own(sheet: str, area: Area, grow: bool) -> Area | None:
        if sheet.casefold() != here.casefold() or not later:
            return move(sheet, area, grow)
        return moved_area(area, [rowmap for rowmap in maps if rowmap not in later], grow=grow, whole=True)

    def lowered(sheet: str, area: Area, grow: bool) -> Area | None:
        return moved_area(area, later) if sheet.casefold() == here.casefold() else area

    text = formulas.follow_rule(text, here, own, row - model_row)
    return formulas.follow(text, here, lowered) if later else text
