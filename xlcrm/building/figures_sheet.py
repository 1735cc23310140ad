"""The sheet Figures: the tables that feed the charts, with a fixed number of rows so that the charts never move."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, schema, words
from xlcrm.building import fields, grid, palette
from xlcrm.building.heading import write_heading

TOP_ROW = 4
_COLUMNS = {"Months": 1, "Stages": 7, "TopClients": 11, "Sectors": 14, "Buyers": 17}
SPACER_COLUMN = "I"
SPACER = f"${SPACER_COLUMN}${TOP_ROW + 1}:${SPACER_COLUMN}${TOP_ROW + 4}"
STAGE_COLOURS = ("A9D6F2", "7FC4EC", palette.SKY, "C9D3DC")  # light, so that dark figures stay readable on and off them
_GIVEN = {
    "Stages": lambda language: [(word,) for word in words.choices("status", language)],
    "Buyers": lambda language: [(messages.text(f"buyers.{kind}", language),) for kind in ("once", "returning")],
}


def draw_figures(sheet: Worksheet, language: str) -> dict[str, tuple[Worksheet, grid.Placed]]:
    """The feeding tables side by side; table name -> where it stands."""
    write_heading(sheet, words.title("Figures", language), messages.text("sheet.figures", language))
    found: dict[str, tuple[Worksheet, grid.Placed]] = {}
    for name, column in _COLUMNS.items():
        spec = schema.table(name)
        given = _GIVEN.get(name, lambda _: [])(language)
        placed = grid.place(sheet, spec, language, row=TOP_ROW, column=column, values=given, filtered=False)
        for row in range(placed.first, placed.last + 1):
            for column_name in [c.name for c in spec.columns if c.kind == "money"]:
                sheet[f"{placed.letter(column_name)}{row}"].number_format = palette.WHOLE_MONEY
        found[name] = (sheet, placed)
        grid.widths(sheet, [c.width + 2 for c in spec.columns], column)
    sheet.row_dimensions[TOP_ROW].height = 32
    _draw_spacer(sheet, found["Stages"][1], language)
    fields.draw_fields(sheet, language)
    sheet.freeze_panes = f"A{TOP_ROW + 1}"
    return found


def _draw_spacer(sheet: Worksheet, stages: grid.Placed, language: str) -> None:
    """Beside the stages, what pushes each bar of the funnel to the middle: half of what it lacks to the longest."""
    cells = stages.cells("clients")
    head = sheet.cell(TOP_ROW, 9, messages.text("sheet.spacer", language))
    head.font = palette.font(color=palette.MUTED)
    head.alignment = palette.HEADER_ALIGNMENT
    for row in range(stages.first, stages.last + 1):
        cell = sheet[f"{SPACER_COLUMN}{row}"]
        cell.value = f"=(MAX({cells})-N({stages.letter('clients')}{row}))/2"
        cell.font = palette.font(color=palette.MUTED)
