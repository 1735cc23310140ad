"""The sheet Figures: the tables that feed the charts, with a fixed number of rows so that the charts never move."""

from __future__ import annotations

from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, schema, words
from xlcrm.building import grid, palette
from xlcrm.building.canvas import write_heading
from xlcrm.people.social_categories import social_categories
from xlcrm.segments.fields import ROWS
from xlcrm.segments.search_words import shown

# What a condition may ask about, as one column behind a drop-down: figures first, then every header of Clients.

COLUMN, HEAD, FIRST = "T", 4, 5
HEADERS = 160  # of Clients: its own and a person's


def figures(language: str) -> list[str]:
    """What is added up or counted for each client, and what people and opportunities alone have.

    The examples with a filter are there to be changed.
    """
    clients = {column.name for column in schema.table("Clients").columns}
    own = [words.header(t, c.name, language) for t in ROWS for c in schema.table(t).columns if c.name not in clients]
    examples = [messages.text("field.sum", language), messages.text("field.count", language)]
    return list(dict.fromkeys([*shown("noun", language), *examples, *own]))


def draw_fields(sheet: Worksheet, language: str) -> None:
    """The column, from row `FIRST` down."""
    head = sheet[f"{COLUMN}{HEAD}"]
    head.value = messages.text("sheet.fields", language)
    head.font = palette.font(color=palette.MUTED)
    head.alignment = palette.HEADER_ALIGNMENT
    given = figures(language)
    formulas = [f"={formula}" for formula in _header_formulas(language)]
    for row, value in enumerate((*given, *formulas), FIRST):
        cell = sheet[f"{COLUMN}{row}"]
        cell.value = value
        cell.font = palette.font(color=palette.MUTED)
    sheet.column_dimensions[COLUMN].width = 46


def _header_formulas(language: str) -> list[str]:
    """A formula for each header of the sheet Clients, those of a person's own columns too."""
    clients = f"{grid.quoted('Clients', language)}!$1:$1"
    return [f'INDEX({clients},{position})&""' for position in range(1, HEADERS + 1)]


def values(language: str) -> dict[str, str | float]:
    """What the sheet's formulas come to in a new workbook: the headers of Clients, and no bar to push."""
    headers = [words.header("Clients", column.name, language) for column in schema.table("Clients").columns]
    shown = dict(zip(_header_formulas(language), [*headers, *[""] * (HEADERS - len(headers))], strict=True))
    return {**shown, **dict.fromkeys(_spacer_formulas(), 0.0)}


# Beside it, what the sheet Import offers: the answers to its questions, then every column that an import can fill.

IMPORT_COLUMN = "V"


def import_fields(language: str) -> list[str]:
    """The words of the drop-down; a column that Clients and Purchases both have stands there once."""
    typed = [
        (name, c.name) for name in ("Clients", "Purchases") for c in schema.table(name).columns if not c.calculated
    ]
    headers = [words.header(name, column, language) for name, column in typed]
    return list(dict.fromkeys([*words.choices("import_answer", language), *headers]))


def draw_import_fields(sheet: Worksheet, language: str) -> None:
    """The column, from row `FIRST` down."""
    for row, value in enumerate((words.title("Import", language), *import_fields(language)), HEAD):
        cell = sheet[f"{IMPORT_COLUMN}{row}"]
        cell.value = value
        cell.font = palette.font(color=palette.MUTED)
    sheet[f"{IMPORT_COLUMN}{HEAD}"].alignment = palette.HEADER_ALIGNMENT
    sheet.column_dimensions[IMPORT_COLUMN].width = 30


# And what the socio-professional category offers: the list of the workbook's country.

CATEGORY_COLUMN = "X"


def draw_categories(sheet: Worksheet, language: str, country: str) -> None:
    """The column, from row `FIRST` down."""
    head = words.header("Clients", "social_category", language)
    for row, value in enumerate((head, *social_categories(country, language)), HEAD):
        cell = sheet[f"{CATEGORY_COLUMN}{row}"]
        cell.value = value
        cell.font = palette.font(color=palette.MUTED)
    sheet[f"{CATEGORY_COLUMN}{HEAD}"].alignment = palette.HEADER_ALIGNMENT
    sheet.column_dimensions[CATEGORY_COLUMN].width = 46


TOP_ROW = 4
_COLUMNS = {"Months": 1, "Stages": 7, "TopClients": 11, "Sectors": 14, "Buyers": 17}
SPACER_COLUMN = "I"
SPACER = f"${SPACER_COLUMN}${TOP_ROW + 1}:${SPACER_COLUMN}${TOP_ROW + 4}"
STAGE_COLOURS = ("A9D6F2", "7FC4EC", palette.SKY, "C9D3DC")  # light, so that dark figures stay readable on and off them
_GIVEN = {
    "Stages": lambda language: [(word,) for word in words.choices("status", language)],
    "Buyers": lambda language: [(messages.text(f"buyers.{kind}", language),) for kind in ("once", "returning")],
}


def draw_figures(sheet: Worksheet, language: str, country: str = "") -> dict[str, tuple[Worksheet, grid.Placed]]:
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
    draw_fields(sheet, language)
    draw_import_fields(sheet, language)
    draw_categories(sheet, language, country)
    sheet.freeze_panes = f"A{TOP_ROW + 1}"
    last = found["Buyers"][1].letter("clients")  # what stands behind is for drop-downs
    sheet.print_area = f"A1:{last}{max(table.last for _, table in found.values())}"
    return found


def _draw_spacer(sheet: Worksheet, stages: grid.Placed, language: str) -> None:
    """Beside the stages, what pushes each bar of the funnel to the middle: half of what it lacks to the longest."""
    head = sheet.cell(TOP_ROW, 9, messages.text("sheet.spacer", language))
    head.font = palette.font(color=palette.MUTED)
    head.alignment = palette.HEADER_ALIGNMENT
    for row, formula in enumerate(_spacer_formulas(), stages.first):
        cell = sheet[f"{SPACER_COLUMN}{row}"]
        cell.value = f"={formula}"
        cell.font = palette.font(color=palette.MUTED)


def _spacer_formulas() -> list[str]:
    spec = schema.table("Stages")
    stages = grid.Placed(spec, TOP_ROW, _COLUMNS["Stages"], spec.fixed_rows)
    cells, letter = stages.cells("clients"), stages.letter("clients")
    return [f"(MAX({cells})-N({letter}{row}))/2" for row in range(stages.first, stages.last + 1)]
