"""Drop-downs, entry checks and marks of a table's columns, so that rows added later have them too.

All of them warn and none of them forbids: a value that xlcrm finds odd may still be the right one.
"""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import messages, words
from xlcrm.building import palette
from xlcrm.building.grid import Placed
from xlcrm.messages import LANGUAGES
from xlcrm.schema import Column
from xlcrm.values import NO

SALESPEOPLE = "xlcrm_salespeople"
# ISO 3166 codes of the countries that a European team writes to most; any other can be typed.
COUNTRIES = (
    "AD AE AL AR AT AU BA BE BG BR CA CH CL CN CO CY CZ DE DK EE ES FI FR GB GR HK HR HU IE IL IN IS IT JP KR LI LT LU "
    "LV MA MC MD ME MK MT MX MY NL NO NZ PE PH PL PT RO RS RU SA SE SG SI SK SM TH TN TR TW UA US UY VA VN ZA"
).split()


def add_rules(sheet: Worksheet, table: Placed, language: str) -> None:
    """The rules of one table on its sheet."""
    if table.spec.fixed_rows:
        return
    for column in table.spec.columns:
        rule = _entry_rule(column, table.spec.name, language)
        if rule is not None:
            rule.add(table.down(column.name))
            sheet.add_data_validation(rule)
    for mark in MARKS.get(table.spec.name, ()):
        mark(sheet, table)


def _entry_rule(column: Column, table_name: str, language: str) -> DataValidation | None:
    if column.calculated:
        return None
    if column.choices or column.kind == "flag":
        return _one_of(f'"{",".join(words.choices(column.choices or "done", language))}"', language)
    if column.kind == "country":
        return _one_of(f'"{",".join(COUNTRIES)}"', language)
    if column.name in ("salesperson", "by"):
        return DataValidation("list", formula1=SALESPEOPLE, allow_blank=True, showErrorMessage=False)
    if column.name == "language":
        return _one_of(f'"{",".join(LANGUAGES)}"', language)
    if column.kind == "date":
        return _warning(
            DataValidation("date", operator="greaterThan", formula1="1", allow_blank=True), "entry.date", language
        )
    if column.kind in ("money", "number", "integer", "percent"):
        smallest = "-1000000000000"
        rule = DataValidation("decimal", operator="greaterThan", formula1=smallest, allow_blank=True)
        return _warning(rule, "entry.number", language)
    return None


def _one_of(formula: str, language: str) -> DataValidation:
    return _warning(DataValidation("list", formula1=formula, allow_blank=True), "entry.list", language)


def _warning(rule: DataValidation, key: str, language: str) -> DataValidation:
    rule.errorStyle = "warning"
    rule.showErrorMessage = True
    rule.errorTitle = "xlcrm"
    rule.error = messages.text(key, language)
    return rule


def add_names(book: Workbook, settings: Worksheet) -> None:
    """The name behind the salesperson drop-down: the words typed in the column `SALES_COLUMN` of the sheet Settings."""
    quoted = "'" + settings.title.replace("'", "''") + "'"
    first = f"{quoted}!${SALES_COLUMN}${SALES_FIRST}"
    last = f"${SALES_COLUMN}${SALES_FIRST + SALES_ROWS - 1}"
    formula = f"OFFSET({first},0,0,MAX(1,COUNTA({first}:{last})),1)"
    book.defined_names[SALESPEOPLE] = DefinedName(SALESPEOPLE, attr_text=formula)


SALES_COLUMN, SALES_FIRST, SALES_ROWS = "I", 4, 30


def _mark(sheet: Worksheet, cells: str, formula: str, **look: str) -> None:
    background = look.get("background")
    font = palette.font(color=look.get("color", palette.INK), strike=True if look.get("strike") else None)
    font.name = font.sz = None  # a mark may colour a cell's font but not change its size
    shade = palette.fill(background) if background else None
    rule = FormulaRule(formula=[formula], font=font, fill=shade)  # type: ignore[no-untyped-call]
    sheet.conditional_formatting.add(cells, rule)


def _open_problems(sheet: Worksheet, table: Placed) -> None:
    row = table.first
    open_ = f'AND(${table.letter("problem")}{row}<>"",TRIM(${table.letter("decision")}{row})="")'
    _mark(sheet, table.down("problem"), open_, background=palette.PALE_AMBER)
    _mark(sheet, table.down("decision"), open_, background=palette.PALE_AMBER)


def _open_duplicates(sheet: Worksheet, table: Placed) -> None:
    row = table.first
    open_ = f'AND(${table.letter("other_id")}{row}<>"",TRIM(${table.letter("decision")}{row})="")'
    _mark(sheet, table.down("reason"), open_, background=palette.PALE_AMBER)
    _mark(sheet, table.down("decision"), open_, background=palette.PALE_AMBER)


def yes(cell: str) -> str:
    """An Excel condition: the flag in `cell` is set (anything but blank and a word for no, as `values.as_flag`)."""
    return f'AND(TRIM({cell})<>"",ISERROR(SEARCH("|"&LOWER(TRIM({cell}))&"|","|{"|".join(sorted(NO))}|")))'


def _overdue_follow_ups(sheet: Worksheet, table: Placed) -> None:
    row = table.first
    due = f"${table.letter('follow_up_on')}{row}"
    done = yes(f"${table.letter('done')}{row}")
    overdue = f"AND(ISNUMBER({due}),{due}<TODAY(),NOT({done}))"
    _mark(sheet, table.down("follow_up_on"), overdue, background=palette.PALE_RED, color=palette.VERMILION)
    _mark(sheet, table.down("subject"), overdue, background=palette.PALE_RED)


def _opt_outs(sheet: Worksheet, table: Placed) -> None:
    row = table.first
    for flag, guarded in (
        ("opt_out_email", ("email",)),
        ("opt_out_post", ("address", "street", "po_box")),
        ("opt_out_phone", ("phone", "mobile")),
    ):
        out = yes(f"${table.letter(flag)}{row}")
        _mark(sheet, table.down(flag), out, background=palette.PALE_RED, color=palette.VERMILION)
        for column in guarded:
            _mark(sheet, table.down(column), out, color=palette.MUTED, strike="yes")


def _late_and_overdue(sheet: Worksheet, table: Placed) -> None:
    for column in ("overdue_amount", "days_late"):
        cell = f"${table.letter(column)}{table.first}"
        _mark(sheet, table.down(column), f"AND(ISNUMBER({cell}),{cell}>0)", color=palette.VERMILION)


MARKS = {
    "Problems": (_open_problems,),
    "Duplicates": (_open_duplicates,),
    "Interactions": (_overdue_follow_ups,),
    "Clients": (_opt_outs, _late_and_overdue),
}
