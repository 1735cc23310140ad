"""The sheet Start: the three first steps until they are done, then what each button does, for a person new to it."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, words
from xlcrm.actions import buttons
from xlcrm.building import grid, palette
from xlcrm.building.canvas import write_heading
from xlcrm.building.sheets.rhythm_sheet import AS_OF_ROW

WIDE = 110
AIR = 4  # points between a line and the first button below it


FIGURES_ROW, STEPS_ROW = 3, 4
LINES = 20_000  # of the sheet Changes that are looked through
STEPS = ("import", "check", "refresh")
DONE = "\N{CHECK MARK}"


def _done(step: str, language: str) -> str:
    """An Excel condition: a step was taken, told by what it leaves behind."""
    changes = f"{grid.quoted('Changes', language)}!$D:$D"
    return {
        "import": f"COUNTA({grid.quoted('Clients', language)}!$A:$A)>1",
        "check": f'COUNTIF({changes},"{messages.text("action.check", language)}")>0',
        "refresh": f"{grid.quoted('Rhythm', language)}!$A${AS_OF_ROW + 1}"
        f'<>"{messages.text("dashboard.empty", language)}"',
    }[step]


def _step_formulas(language: str) -> list[str]:
    """Of each step its number, or a tick once it was taken (without "=")."""
    return [f'IF({_done(step, language)},"{DONE}","{number}")' for number, step in enumerate(STEPS, 1)]


def _head_formula(language: str) -> str:
    """What stands above the steps (without "=")."""
    every = ",".join(_done(step, language) for step in STEPS)
    first, after = messages.text("start.steps", language), messages.text("start.steps_done", language)
    return f'IF(AND({every}),"{after}","{first}")'


def _last(action: str, language: str) -> str:
    """An Excel expression: the row of the last line of an action in the sheet Changes, 0 where there is none."""
    lines = f"{grid.quoted('Changes', language)}!$D$2:$D${LINES}"
    return f'SUMPRODUCT(MAX(({lines}="{messages.text(f"action.{action}", language)}")*ROW({lines})))'


def _as_of_formula(language: str) -> str:
    """Of when the figures are, and whether a night since then could not be done (without "=")."""
    figures = f"{grid.quoted('Rhythm', language)}!$A${AS_OF_ROW + 1}"
    missed = messages.text("start.night_missed", language, sheet=words.title("Changes", language))
    return f'{figures}&IF({_last("schedule", language)}>{_last("refresh", language)}," {missed}","")'


def start_values(language: str) -> dict[str, str | float]:
    """What the sheet's formulas come to in a new workbook."""
    numbers = {formula: str(number) for number, formula in enumerate(_step_formulas(language), 1)}
    empty = {_as_of_formula(language): messages.text("dashboard.empty", language)}
    return {**numbers, **empty, _head_formula(language): messages.text("start.steps", language)}


def _first_steps(sheet: Worksheet, language: str) -> int:
    """The three first steps with a tick at each that is done; the last row."""
    head = sheet.cell(STEPS_ROW, 2, f"={_head_formula(language)}")
    head.font, head.alignment = palette.font(size=12, bold=True, color=palette.NIGHT), palette.BOTTOM
    sheet.row_dimensions[STEPS_ROW].height = 30
    for row, (step, formula) in enumerate(zip(STEPS, _step_formulas(language), strict=True), STEPS_ROW + 1):
        tick = sheet.cell(row, 1, f"={formula}")
        tick.font, tick.alignment = palette.font(size=12, bold=True, color=palette.BLUE), palette.CENTRE
        name = sheet.cell(row, 2, messages.text(f"ribbon.{step}", language))
        name.font, name.alignment = palette.font(bold=True), palette.MIDDLE
        does = sheet.cell(row, 3, messages.text(f"start.{step}", language))
        does.font, does.alignment = palette.font(), palette.WRAPPED
        sheet.row_dimensions[row].height = 8 + 13 * grid.lines_of(str(does.value), WIDE)
        for cell in (tick, name, does):
            cell.fill = palette.fill(palette.SHADE)
    return STEPS_ROW + len(STEPS) + 1


def draw_start(sheet: Worksheet, language: str) -> None:
    """A line a button, in the ribbon's groups and words."""
    write_heading(sheet, messages.text("start.title", language), messages.text("start.intro", language), column=2)
    as_of = sheet.cell(FIGURES_ROW, 2, f"={_as_of_formula(language)}")
    as_of.font = palette.font(color=palette.MUTED)
    row = _first_steps(sheet, language) + 1
    for group, actions in buttons().items():
        head = sheet.cell(row, 2, messages.text(f"ribbon.group.{group}", language))
        head.font = palette.font(bold=True, color=palette.BLUE)
        for column in (2, 3):
            sheet.cell(row, column).border = palette.underline(palette.BLUE)
        row += 1
        sheet.row_dimensions[row].height = AIR
        row += 1
        for action in actions:
            name = sheet.cell(row, 2, messages.text(f"ribbon.{action.name}", language))
            name.font = palette.font(bold=True)
            name.alignment = palette.TOP
            does = sheet.cell(row, 3, messages.text(f"ribbon.{action.name}.tip", language))
            does.font = palette.font()
            does.alignment = palette.TOP
            sheet.row_dimensions[row].height = 4 + 13 * grid.lines_of(str(does.value), WIDE)
            row += 1
        row += 1
    grid.widths(sheet, (5, 34, WIDE))
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "portrait", 1
