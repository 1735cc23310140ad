"""Cached values of the workbook's formulas, so that none is blank before Excel calculates (Protected View, previews).

openpyxl writes a formula without its value. Ours are few and known; `figures_sheet.values` says what they come to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, unescape

_CELL = re.compile(r"<c ([^>]*)><f>([^<]*)</f><v ?/></c>")
_TYPE = re.compile(r'\s*\bt="[^"]*"')


def with_values(sheet: str, values: Mapping[str, str | float]) -> str:
    """A sheet's XML whose formulas (without "=") hold their values; KeyError for a formula that has none."""

    def filled(cell: re.Match[str]) -> str:
        """A cell with its formula's value, a text one marked as such."""
        value = values[unescape(cell[2])]
        attributes = _TYPE.sub("", cell[1])
        if isinstance(value, str):
            return f'<c {attributes} t="str"><f>{cell[2]}</f><v>{escape(value)}</v></c>'
        return f"<c {attributes}><f>{cell[2]}</f><v>{value:g}</v></c>"

    return _CELL.sub(filled, sheet)
