"""No word of a header is wider than its column, in any of the six languages: Excel would break it in the middle."""

from __future__ import annotations

import string
import unicodedata
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tests.support.typed_openpyxl import bounds
from xlcrm.building import build, palette
from xlcrm.building.canvas import pixels
from xlcrm.messages import LANGUAGES

# Widths of Arial's letters in thousandths of its size (those of Helvetica, Adobe font metrics), plain and bold.
SMALL = {
    False: "556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500",
    True: "556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 778 556 556 500",
}
CAPITAL = {
    False: "667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611",
    True: "722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 667 944 667 667 611",
}
OTHER = 450  # a hyphen, a bracket, an apostrophe
BORDERS, INDENT = 4, 9  # pixels of a cell that text can't use
EDGE = 3  # pixels that a word may lack before anybody sees it


def letters(bold: bool) -> dict[str, int]:
    small = zip(string.ascii_lowercase, SMALL[bold].split(), strict=True)
    capital = zip(string.ascii_uppercase, CAPITAL[bold].split(), strict=True)
    return {letter: int(width) for letter, width in (*small, *capital)}


WIDTHS = {bold: letters(bold) for bold in (False, True)}


def wide(cell: Cell) -> float:
    """Pixels of the widest word in a cell."""
    plain = unicodedata.normalize("NFD", str(cell.value)).encode("ascii", "ignore").decode()
    size = (cell.font.sz or palette.SIZE) * 96 / 72 / 1000
    known = WIDTHS[bool(cell.font.b)]
    return max(sum(known.get(letter, OTHER) for letter in word) * size for word in plain.split())


def room(sheet: Worksheet, cell: Cell) -> float:
    """Pixels that a column has for text."""
    width = sheet.column_dimensions[cell.column_letter].width
    return pixels(width) - BORDERS - INDENT * int(cell.alignment.indent or 0) + EDGE


def shown(cell: Cell) -> bool:
    """Whether a header is to be read: some are white on white, as another cell says the same."""
    return cell.fill.fill_type is not None or cell.font.color.rgb != "00" + palette.PAPER


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_a_header_is_cut(language: str, tmp_path: Path) -> None:
    path = tmp_path / "New.xlsm"
    build(path, language=language, parts=("invoicing",))
    cut = []
    for sheet in openpyxl.load_workbook(path).worksheets:
        for table in sheet.tables.values():
            left, top, right, _ = bounds(table.ref)
            heads = [sheet[f"{get_column_letter(at)}{top}"] for at in range(left, right + 1)]
            cut += [f"{sheet.title}: {head.value}" for head in heads if shown(head) and wide(head) > room(sheet, head)]
    assert cut == []
