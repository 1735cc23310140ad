"""Palette, fonts, widths and number formats of the workbook, so that sheets and charts look made by one hand.

The chart colours are the eight of Okabe and Ito (2008), chosen to be told apart with any kind of colour vision.
"""

from __future__ import annotations

import re

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.writer.theme import theme_xml

from xlcrm.schema import NUMBERS, Column

FONT = "Arial"
SIZE = 10

BLUE, SKY, ORANGE, GREEN = "0072B2", "56B4E9", "E69F00", "009E73"
VERMILION, PURPLE, YELLOW, BLACK = "D55E00", "CC79A7", "F0E442", "000000"

INK = "1F2933"
MUTED = "66788A"
LINE = "D5DDE5"
PAPER = "FFFFFF"
NIGHT = "17324D"
SLATE = "45708F"
SHADE = "EEF3F7"
PALE_SKY = "B9D8EC"
PALE_AMBER = "FDF1D6"
PALE_RED = "FBE3D6"
PALE_GREEN = "DDF1EA"
PALE_BLUE = "DCE9F5"
DEEP_GREEN, RUST = "00664A", "A34700"  # texts of what agrees and what differs
HEAT = "7FBBDF"
PALE_JADE = "B5E0D1"
FAINT = "9AA8B5"  # what is too little to say much

MONEY = "#,##0.00"
WHOLE_MONEY = "#,##0"
WHOLE_OR_DASH = '#,##0;-#,##0;"–"'
# none has a decimal sign before places that may stay empty ("0.##"): a whole number would show as "5."
FORMATS = {
    "money": MONEY,
    "number": "General",
    "integer": "#,##0",
    "percent": "0%",
    "days": "#,##0.0",
}
TEXT = "@"
# What people who speak the language write; in English the month is a word, which is read alike on both shores.
DATES = {
    "en": "d mmm yyyy",
    "it": "dd/mm/yyyy",
    "es": "dd/mm/yyyy",
    "nb": "dd.mm.yyyy",
    "fr": "dd/mm/yyyy",
    "de": "dd.mm.yyyy",
}


def number_format(column: Column, language: str) -> str:
    """The Excel number format of a column; every kind that is no number or date is text, so that 007 stays.

    A calculated amount of nothing is a dash: a list of clients holds many.
    """
    kind = column.kind
    if kind == "money" and column.calculated:
        return f'{MONEY};-{MONEY};"–"'
    if kind in ("date", "moment"):
        return DATES[language] + (" hh:mm" if kind == "moment" else "")
    return FORMATS.get(kind, TEXT)


def font(**options: object) -> Font:
    """The workbook's font; `options` are openpyxl's (bold, italic, color, size)."""
    return Font(**{"name": FONT, "size": SIZE, "color": INK, **options})  # type: ignore[arg-type]


def unseen() -> Font:
    """What repeats the cell above, for a conditional format: there for filters, not for the eye."""
    return Font(color=PAPER)


def fill(colour: str) -> PatternFill:
    return PatternFill("solid", start_color=colour, end_color=colour)


def underline(colour: str = LINE, style: str = "thin") -> Border:
    return Border(bottom=Side(style=style, color=colour))  # type: ignore[arg-type]


def alignment(column: Column) -> Alignment:
    """Of a column's data cells: top; numbers and dates right, off the text beside them; sentences wrapped."""
    if column.kind in NUMBERS or column.kind in ("date", "moment"):
        return Alignment(vertical="top", horizontal="right", indent=1)
    return Alignment(vertical="top", wrap_text=column.name in SENTENCES or None)


# Columns that hold sentences, and how wide they are: two lines take most of them.
SENTENCES = {"problem": 80, "suggestion": 34, "reason": 95, "doubt": 80, "what": 118, "agrees": 54, "differs": 54}
HEADER_ALIGNMENT = Alignment(vertical="center", wrap_text=True)
TOP = Alignment(vertical="top", wrap_text=True)
WRAPPED = Alignment(vertical="center", wrap_text=True)
MIDDLE = Alignment(vertical="center")
FITTING = Alignment(vertical="center", shrink_to_fit=True)  # smaller letters where a word is too long for its cell
LEFT = Alignment(vertical="center", horizontal="left", indent=2)
LEFT_FLUSH = Alignment(vertical="center", horizontal="left")
RIGHT = Alignment(vertical="center", horizontal="right", wrap_text=True, indent=1)
CENTRE = Alignment(vertical="center", horizontal="center", wrap_text=True)
BOTTOM = Alignment(vertical="bottom")


# The workbook's theme: our colours and font as Excel's own choices, so that charts and tables that users add match.

COLOURS = {
    "dk2": NIGHT,
    "lt2": SHADE,
    "accent1": BLUE,
    "accent2": ORANGE,
    "accent3": GREEN,
    "accent4": SKY,
    "accent5": VERMILION,
    "accent6": PURPLE,
    "hlink": BLUE,
    "folHlink": MUTED,
}


def xml() -> bytes:
    """openpyxl's Office theme with the colours and the font of `palette`."""
    text = theme_xml
    for name, colour in COLOURS.items():
        text = re.sub(rf"(<a:{name}>\s*<a:srgbClr val=\")[0-9A-F]{{6}}", rf"\g<1>{colour}", text)
    text = re.sub(r"(<a:(?:major|minor)Font>\s*<a:latin typeface=\")[^\"]*", rf"\g<1>{FONT}", text)
    return text.encode()
