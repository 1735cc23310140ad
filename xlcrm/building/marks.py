"""Colour marks (conditional formats) on open problems, overdue follow-ups and clients who said no.

The conditions cover a column to the sheet's last row, so that rows added later are marked too.
"""

from __future__ import annotations

from collections.abc import Callable

from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Border, Side
from openpyxl.worksheet.worksheet import Worksheet

from xlcrm import words
from xlcrm.building import palette
from xlcrm.building.grid import Placed
from xlcrm.messages import LANGUAGES
from xlcrm.values import NO

OPT_OUTS = {
    "opt_out_email": ("email",),
    "opt_out_post": ("address", "street", "po_box"),
    "opt_out_phone": ("phone", "mobile"),
}


def add_marks(sheet: Worksheet, table: Placed) -> None:
    """The marks of one table; most have none."""
    for marks in MARKS.get(table.spec.name, ()):
        marks(sheet, table)


def mark(
    sheet: Worksheet, cells: str, formula: str, *, colour: str = "", fill: str = "", strike: bool = False,
    bold: bool = False, border: Border | None = None,
) -> None:  # fmt: skip
    """Colour `cells` where `formula` (written for the first of them) holds; the font's name and size stay."""
    font = palette.font(color=colour or palette.INK, strike=strike or None, bold=bold or None)
    font.name = font.sz = None
    shade = palette.fill(fill) if fill else None
    rule = FormulaRule(formula=[formula], font=font, fill=shade, border=border)
    sheet.conditional_formatting.add(cells, rule)


def mark_first_step(sheet: Worksheet, cell: str, figures: str) -> None:
    """The sentence in `cell` that says what to do first stands out as long as no figure is there."""
    mark(sheet, cell, f"COUNT({figures})=0", colour=palette.BLUE, bold=True)


def yes(cell: str) -> str:
    """An Excel condition: the flag in `cell` is set (anything but blank and a word for no, as `values.as_flag`)."""
    return f'AND(TRIM({cell})<>"",ISERROR(SEARCH("|"&LOWER(TRIM({cell}))&"|","|{"|".join(sorted(NO))}|")))'


def _waiting(filled: str, shown: str) -> Callable[[Worksheet, Placed], None]:
    """Rows with something in the column `filled` and no decision yet."""

    def marks(sheet: Worksheet, table: Placed) -> None:
        row = table.first
        waiting = f'AND(${table.letter(filled)}{row}<>"",TRIM(${table.letter("decision")}{row})="")'
        for column in (shown, "decision"):
            mark(sheet, table.down(column), waiting, fill=palette.PALE_AMBER)

    return marks


def is_word(cell: str, group: str, name: str) -> str:
    """An Excel condition: the cell holds this choice of a group, in any of the six languages."""
    said = "|".join(sorted({words.choice_word(group, name, language).lower() for language in LANGUAGES}))
    return f'AND(TRIM({cell})<>"",ISNUMBER(SEARCH("|"&LOWER(TRIM({cell}))&"|","|{said}|")))'


_BANDS = (
    ("surely", palette.PALE_GREEN), ("perhaps", palette.PALE_AMBER), ("firm", palette.PALE_BLUE),
    ("household", palette.SHADE),
)  # fmt: skip


def _blocks(sheet: Worksheet, table: Placed) -> None:
    """Clients that may be one: a line above each block, its first row in bold, bands and reasons in colours.

    The first row of a block waits for a decision, but for a household, of which none is asked. Where a cell has a
    colour and the line, one rule gives both, as LibreOffice takes no more than one.
    """
    row, letter, down = table.first, table.letter, table.down
    begins = f'AND(${letter("client_id")}{row}<>"",${letter("group")}{row}<>${letter("group")}{row - 1})'
    line = Border(top=Side(style="thin", color=palette.MUTED))
    band = {name: is_word(f"${letter('band')}{row}", "band", name) for name, _ in _BANDS}
    for name, fill in _BANDS:
        mark(sheet, down("band"), f"AND({begins},{band[name]})", fill=fill, border=line)
        mark(sheet, down("band"), band[name], fill=fill)
    for column, colour in (("agrees", palette.DEEP_GREEN), ("differs", palette.RUST)):
        mark(sheet, down(column), f'${letter(column)}{row}<>""', colour=colour)
    mark(sheet, down("full_name"), begins, bold=True, border=line)
    waiting = f'AND({begins},TRIM(${letter("decision")}{row})="",NOT({band["household"]}))'
    mark(sheet, down("decision"), waiting, fill=palette.PALE_AMBER, border=line)
    whole = f"{down('group').split(':')[0]}:{down('decision').split(':')[1]}"
    sheet.conditional_formatting.add(whole, FormulaRule(formula=[begins], border=line))


def _doubtful(sheet: Worksheet, table: Placed) -> None:
    """What the sheet Import asks about."""
    doubt = f'${table.letter("doubt")}{table.first}<>""'
    for column in ("field", "doubt"):
        mark(sheet, table.down(column), doubt, fill=palette.PALE_AMBER)


def _overdue_follow_ups(sheet: Worksheet, table: Placed) -> None:
    row = table.first
    due = f"${table.letter('follow_up_on')}{row}"
    done = yes(f"${table.letter('done')}{row}")
    overdue = f"AND(ISNUMBER({due}),{due}<TODAY(),NOT({done}))"
    mark(sheet, table.down("follow_up_on"), overdue, fill=palette.PALE_RED, colour=palette.VERMILION)
    mark(sheet, table.down("subject"), overdue, fill=palette.PALE_RED)


def _opt_outs(sheet: Worksheet, table: Placed) -> None:
    there = {column.name for column in table.spec.columns}
    for flag, guarded in OPT_OUTS.items():
        if flag not in there:
            continue
        out = yes(f"${table.letter(flag)}{table.first}")
        mark(sheet, table.down(flag), out, fill=palette.PALE_RED, colour=palette.VERMILION)
        for column in (name for name in guarded if name in there):
            mark(sheet, table.down(column), out, colour=palette.MUTED, strike=True)


def _late_and_overdue(sheet: Worksheet, table: Placed) -> None:
    for column in ("overdue_amount", "days_late"):
        cell = f"${table.letter(column)}{table.first}"
        mark(sheet, table.down(column), f"AND(ISNUMBER({cell}),{cell}>0)", colour=palette.VERMILION)


MARKS = {
    "Import": (_doubtful,),
    "Problems": (_waiting("problem", "problem"),),
    "Duplicates": (_blocks,),
    "Interactions": (_overdue_follow_ups,),
    "Clients": (_opt_outs, _late_and_overdue),
    "Found": (_opt_outs,),
}
