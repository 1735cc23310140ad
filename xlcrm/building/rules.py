"""Data validation rules (drop-downs and entry checks) of the columns that people fill.

They offer and warn but never forbid: a value that xlcrm finds odd may still be the right one.
"""

from __future__ import annotations

from collections.abc import Iterable

from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, words
from xlcrm.building.grid import Placed, quoted
from xlcrm.building.sheets import figures_sheet
from xlcrm.files.template_files import shipped
from xlcrm.lists.list_order import FORMATS, FORMATS_OF
from xlcrm.messages import LANGUAGES
from xlcrm.papers.label_sheet import PAPERS, label_sheets
from xlcrm.people.social_categories import social_categories
from xlcrm.schema import Column
from xlcrm.segments.search_words import shown

CLIENT_IDS = "xlcrm_client_ids"
SALESPEOPLE, FIELDS, SEGMENTS = "xlcrm_salespeople", "xlcrm_fields", "xlcrm_segments"
IMPORT_FIELDS, SORT_FIELDS = "xlcrm_import_fields", "xlcrm_sort_fields"
LONGEST_OFFER = 250  # characters of the words of a drop-down, with their commas
CATEGORIES = "xlcrm_social_categories"
SALES_COLUMN, SALES_FIRST, SALES_ROWS = "I", 4, 30
# ISO 3166 codes of the countries that a European team writes to most; any other can be typed.
COUNTRIES = (
    "AD AE AL AR AT AU BA BE BG BR CA CH CL CN CO CY CZ DE DK EE ES FI FR GB GR HK HR HU IE IL IN IS IT JP KR LI LT LU "
    "LV MA MC MD ME MK MT MX MY NL NO NZ PE PH PL PT RO RS RU SA SE SG SI SK SM TH TN TR TW UA US UY VA VN ZA"
).split()
SIGNS = ("=", "<>", ">", ">=", "<", "<=")
NUMERIC = frozenset({"money", "number", "integer", "percent"})


def add_rules(sheet: Worksheet, table: Placed, language: str) -> None:
    """The rules of one table's columns, each down to the sheet's last row."""
    for column in table.spec.columns:
        rule = None if column.calculated else _rule(table.spec.name, column, language)
        if rule is not None:
            rule.add(table.cells(column.name) if table.spec.fixed_rows else table.down(column.name))
            sheet.add_data_validation(rule)


def add_names(book: Workbook, language: str, country: str = "") -> None:
    """The names behind the drop-downs that grow or are long: salespeople (Settings), fields (Figures), segments."""
    ranges = {
        SALESPEOPLE: ("Settings", f"${SALES_COLUMN}${SALES_FIRST}", f"${SALES_COLUMN}${SALES_FIRST + SALES_ROWS - 1}"),
        SEGMENTS: ("Segments", "$A$2", "$A$1000"),
    }
    sizes = {name: f"COUNTA({quoted(sheet, language)}!{a}:{z})" for name, (sheet, a, z) in ranges.items()}
    ranges[FIELDS] = ("Figures", f"${figures_sheet.COLUMN}${figures_sheet.FIRST}", "")
    sizes[FIELDS] = f"{len(figures_sheet.figures(language))}+COUNTA({quoted('Clients', language)}!$A$1:$ZZ$1)"
    ranges[IMPORT_FIELDS] = ("Figures", f"${figures_sheet.IMPORT_COLUMN}${figures_sheet.FIRST}", "")
    sizes[IMPORT_FIELDS] = str(len(figures_sheet.import_fields(language)))
    ranges[CATEGORIES] = ("Figures", f"${figures_sheet.CATEGORY_COLUMN}${figures_sheet.FIRST}", "")
    sizes[CATEGORIES] = str(len(social_categories(country, language)))
    for name, (sheet, first, _) in ranges.items():
        start = f"{quoted(sheet, language)}!{first}"
        book.defined_names[name] = DefinedName(name, attr_text=f"OFFSET({start},0,0,MAX(1,{sizes[name]}),1)")
    clients = quoted("Clients", language)
    down = f"{clients}!$A$2:INDEX({clients}!$A:$A,MAX(2,COUNTA({clients}!$A:$A)))"
    book.defined_names[CLIENT_IDS] = DefinedName(CLIENT_IDS, attr_text=down)
    across = f"OFFSET({clients}!$A$1,0,0,1,MAX(1,COUNTA({clients}!$A$1:$ZZ$1)))"
    book.defined_names[SORT_FIELDS] = DefinedName(SORT_FIELDS, attr_text=across)


def _rule(table: str, column: Column, language: str) -> DataValidation | None:
    if column.choices or column.kind == "flag":
        return warning(offer(words.choices(column.choices or "done", language)), "entry.list", language)
    if column.kind == "country":
        return warning(offer(COUNTRIES), "entry.list", language)
    if column.kind == "date":
        rule = DataValidation("date", operator="greaterThan", formula1="1", allow_blank=True)
        return warning(rule, "entry.date", language)
    if column.kind in NUMERIC:
        rule = DataValidation("decimal", operator="greaterThan", formula1="-1000000000000", allow_blank=True)
        return warning(rule, "entry.number", language)
    offered: dict[tuple[str, str], DataValidation] = {
        ("Clients", "salesperson"): offer(SALESPEOPLE),
        ("Clients", "language"): offer(LANGUAGES),
        ("Clients", "social_category"): offer(CATEGORIES),
        ("People", "language"): offer(LANGUAGES),
        ("Interactions", "by"): offer(SALESPEOPLE),
        ("Opportunities", "salesperson"): offer(SALESPEOPLE),
        ("Import", "field"): offer(IMPORT_FIELDS),
        ("Segments", "field"): offer(FIELDS),
        ("Segments", "operator"): offer((*SIGNS, *shown("operator", language))),
        ("FoundBy", "search"): offer(SEGMENTS),
        ("Lists", "segment"): offer(SEGMENTS),
        ("Lists", "format"): offer(FORMATS),
        ("Lists", "template"): offer(templates()),
        ("Lists", "sheet"): offer(label_sheets()),
        ("Lists", "sort_by"): offer(SORT_FIELDS),
        ("Lists", "then_by"): offer(SORT_FIELDS),
        ("LabelSheets", "paper"): offer(PAPERS),
    }
    return offered.get((table, column.name))


def templates() -> list[str]:
    """The names of templates that a list may use, as many as a drop-down takes; a team's own can be typed."""
    names = sorted(path.name for path in shipped().iterdir() if path.stem.partition(".")[0] in FORMATS_OF)
    while len(",".join(names)) > LONGEST_OFFER:
        names.pop()
    return names


def offer(choices: str | Iterable[str]) -> DataValidation:
    """A drop-down of words, or of the cells behind a name; anything else may be typed."""
    formula = choices if isinstance(choices, str) else f'"{",".join(choices)}"'
    return DataValidation("list", formula1=formula, allow_blank=True, showErrorMessage=False)


def warning(rule: DataValidation, key: str, language: str) -> DataValidation:
    """Ask before keeping what doesn't fit."""
    rule.errorStyle = "warning"
    rule.showErrorMessage = True
    rule.errorTitle = "xlcrm"
    rule.error = messages.text(key, language)
    return rule
