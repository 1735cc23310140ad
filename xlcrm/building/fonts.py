"""Puts the fonts of a style sheet into the order that Excel writes and Microsoft's validator wants.

openpyxl has the name first, which the schema doesn't allow and Excel forgives.
"""

from __future__ import annotations

import re

_FONT = re.compile(r"<font>(.*?)</font>", re.DOTALL)
_ORDER = "b i strike condense extend outline shadow u vertAlign sz color name family charset scheme".split()


def in_order(styles: bytes) -> bytes:
    """The part xl/styles.xml as openpyxl wrote it, with each font's properties in order."""
    return _FONT.sub(_ordered, styles.decode()).encode()


def _ordered(font: re.Match[str]) -> str:
    found = sorted(re.findall(r"<(\w+)([^>]*)/>", font[1]), key=lambda part: _ORDER.index(part[0]))
    return "<font>" + "".join(f"<{name}{rest}/>" for name, rest in found) + "</font>"
