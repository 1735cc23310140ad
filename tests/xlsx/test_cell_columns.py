"""Columns of cells as XML are what the same cells are one by one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from xlcrm.xlsx import cell_columns
from xlcrm.xlsx.cell_writer import Encoder
from xlcrm.xlsx.styles import MINIMAL, Styles

# why -> values of a column, whether Arrow writes them
COLUMNS: dict[str, tuple[list[Any], bool]] = {
    "money": ([12.5, 0.01, 99.99, 1234567.89], True),
    "whole numbers": ([1.0, 0.0, 20121.0, 999_999_999.0], True),
    "no zero below nothing": ([-0.0, -1.0, -2.0], True),
    "negative fractions": ([-0.5, -1234.56], True),
    "whole ones among fractions": ([3.0, 3.5, None, -0.0], True),
    "a sum that isn't exact": ([0.1 + 0.2, 1.1 * 3, 1 / 3], True),
    "the smallest written plainly": ([1e-4, 1.5e-4], True),
    "smaller ones with a power": ([1e-5, 1.5e-7, 0.5], False),
    "large ones": ([1e9, 2.5], False),
    "beyond whole digits": ([1e15, 1e16, 123456789012345680.0], False),
    "endless": ([5e-324, 1.7976931348623157e308], False),
    "blanks": ([None, 1.5, None], True),
    "blanks alone": ([None, None], True),
    "not a number is blank": ([float("nan"), 2.0], True),
    "whole numbers of Python": ([1, 2.0], False),
    "truth values": ([True, 1.0], False),
    "text among numbers": ([1.0, "1"], False),
    "days": ([dt.datetime(2024, 5, 6), None], False),
    "no rows": ([], True),
}


@pytest.mark.parametrize("style", [0, 1, 2])
@pytest.mark.parametrize("why", COLUMNS)
def test_a_column_is_written_as_its_cells_are(why: str, style: int) -> None:
    values, by_arrow = COLUMNS[why]
    assert (cell_columns.numbers(values) is not None) is by_arrow, why
    one, other = (Encoder(Styles(MINIMAL.replace(b'<cellXfs count="1">', XFS)), date1904=False) for _ in range(2))
    assert one.all_ends(values, style).to_pylist() == list(other.ends(values, style))
    assert one.all_ends(values, style).to_pylist() == [other.cell(b"", value, style)[6:] for value in values]


XFS = b'<cellXfs count="3">' + 2 * b'<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0"/>'


def test_cells_without_an_end_are_left_out() -> None:
    rows = cell_columns.binary([b"1", b"2", b"3"])
    cells = cell_columns.cells(b'<c r="B', rows, cell_columns.binary([b'"/>', b"", b'"><v>5</v></c>']))
    assert cells.to_pylist() == [b'<c r="B1"/>', b"", b'<c r="B3"><v>5</v></c>']
    assert cell_columns.whole(cell_columns.joined(b"<row>", cells, b"</row>")) == (
        b'<row><c r="B1"/></row><row></row><row><c r="B3"><v>5</v></c></row>'
    )
    assert cell_columns.whole(cell_columns.binary([])) == b""
