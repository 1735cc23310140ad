"""The workbook's theme: our colours and font as Excel's own choices, so that charts and tables that users add match."""

from __future__ import annotations

import re

from openpyxl.writer.theme import theme_xml

from xlcrm.building import palette

COLOURS = {
    "dk2": palette.NIGHT,
    "lt2": palette.SHADE,
    "accent1": palette.BLUE,
    "accent2": palette.ORANGE,
    "accent3": palette.GREEN,
    "accent4": palette.SKY,
    "accent5": palette.VERMILION,
    "accent6": palette.PURPLE,
    "hlink": palette.BLUE,
    "folHlink": palette.MUTED,
}


def xml() -> bytes:
    """openpyxl's Office theme with the colours and the font of `palette`."""
    text = theme_xml
    for name, colour in COLOURS.items():
        text = re.sub(rf"(<a:{name}>\s*<a:srgbClr val=\")[0-9A-F]{{6}}", rf"\g<1>{colour}", text)
    text = re.sub(r"(<a:(?:major|minor)Font>\s*<a:latin typeface=\")[^\"]*", rf"\g<1>{palette.FONT}", text)
    return text.encode()
