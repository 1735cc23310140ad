"""Reads a workbook's name as the buttons hand it over, encoded so that no shell on the way can misread it."""

from __future__ import annotations

import re


def decode(text: str) -> str:
    """The name behind what the macro XlcrmEncode made of it: + and four hex digits are one UTF-16 code unit.

    Anything else stays as it is, so a plain name typed by hand comes back unchanged.
    """
    parts = re.split(r"\+([0-9A-Fa-f]{4})", text)
    units = "".join(chr(int(part, 16)) if index % 2 else part for index, part in enumerate(parts))
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
