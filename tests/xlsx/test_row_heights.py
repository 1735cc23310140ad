"""New rows of sentences are as high as their text, by the widths that the sheet has."""

from __future__ import annotations

import textwrap
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.cell import range_boundaries

from xlcrm.plan import Added, Plan, diff
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.writing import apply_plan
from xlcrm.xlsx.writing.row_heights import LINE, MARGIN, as_it_is, heights_of, raised

BOOK = Path(__file__).parents[2] / "workbook" / "ClientFile.xlsm"
HEAD = b'<cols><col min="1" max="2" width="10"/><col min="3" max="3" width="40"/></cols>'


@pytest.mark.parametrize(
    ("text", "attributes", "expected", "why"),
    [
        ("short", b' r="7"', b' r="7" ht="17"', "one line"),
        ("word " * 25, b' r="7"', b' r="7" ht="43"', "125 letters in a column of 44"),
        ("a\nb", b' r="7"', b' r="7" ht="30"', "a break of the person's own"),
        ("short", b' r="7" ht="56" customHeight="1"', b' r="7" ht="17"', "the row above held more"),
        (None, b' r="7"', b' r="7" ht="17"', "nothing"),
        ("word " * 2000, b' r="7"', b' r="7" ht="409"', "Excel takes no higher row"),
    ],
)
def test_a_row_is_as_high_as_its_text(text: str | None, attributes: bytes, expected: bytes, why: str) -> None:
    heights = heights_of("Problems", ["code", "sheet", "problem"], 1, HEAD)
    assert heights(attributes, {1: "x", 3: text}) == expected, why


@pytest.mark.parametrize(
    ("table", "names", "head"),
    [
        ("Clients", ["client_id", "notes", "problem"], HEAD),
        ("Problems", ["code"], HEAD),
        ("Problems", ["problem"], b""),
    ],
)
def test_other_rows_are_as_the_row_above(table: str, names: list[str], head: bytes) -> None:
    assert heights_of(table, names, 1, head) is as_it_is


LONG = "word " * 25


@pytest.mark.parametrize(
    ("attributes", "values", "expected", "why"),
    [
        (b' r="7" ht="17"', {3: LONG}, b' r="7" ht="43"', "a longer sentence"),
        (b' r="7" ht="56"', {3: LONG}, b' r="7" ht="56"', "there is room already"),
        (b' r="7" ht="17" customHeight="1"', {3: LONG}, b' r="7" ht="17" customHeight="1"', "a person made it so"),
        (b' r="7"', {3: LONG}, b' r="7"', "each program finds out itself"),
        (b' r="7" ht="17"', {1: LONG}, b' r="7" ht="17"', "no sentence is written"),
    ],
)
def test_a_row_makes_room_for_a_longer_sentence(
    attributes: bytes, values: dict[int, str], expected: bytes, why: str
) -> None:
    heights = raised(heights_of("Problems", ["code", "sheet", "problem"], 1, HEAD))
    assert heights(attributes, values) == expected, why
    assert raised(as_it_is) is as_it_is


WORDS = st.sampled_from(["a", "bb", "ccc", "x-y", "--", "longer", "much-longer", "\u00a0", "", "\t", "\x1f", "(e.g.)"])


@given(st.lists(WORDS, max_size=12).map(" ".join), st.integers(1, 20))
def test_lines_are_those_that_textwrap_makes(text: str, width: int) -> None:
    heights = heights_of("Problems", ["problem"], 1, b'<cols><col min="1" max="1" width="%d"/></cols>' % width)
    parts = [len(textwrap.wrap(part, int(width * 1.12))) or 1 for part in text.splitlines()]
    assert heights(b"", {1: text}) == b' ht="%d"' % (MARGIN + LINE * (sum(parts) or 1))


def test_a_sentence_that_grows_in_the_workbook_gets_room(tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{name}.xlsm" for name in "abc")
    row = {"code": "email.no_at", "problem": "Short.", "suggestion": "", "sheet": "Clients"}
    blank = read_tables.read(BOOK)
    apply_plan.apply_plan(BOOK, first, Plan("check", added=(Added("Problems", pd.DataFrame([row, row])),)), blank)
    made = read_tables.read(first)
    longer = made["Problems"].frame[["problem"]].astype(object)
    longer.iloc[0] = LONG * 4
    apply_plan.apply_plan(first, second, Plan("check", diff(made["Problems"], longer, key="code")), made)
    low, high = _row_heights(first), _row_heights(second)
    assert high[0] > 2 * low[0] and high[1] == low[1]
    told = read_tables.read(second)
    apply_plan.apply_plan(
        second, third, Plan("check", diff(told["Problems"], made["Problems"].frame[["problem"]], key="code")), told
    )
    assert _row_heights(third) == high, "no row gets lower"


def _row_heights(path: Path) -> list[float]:
    """How high the first two rows of Problems are, in points."""
    sheet = openpyxl.load_workbook(path)["Problems"]
    _, top, _, _ = range_boundaries(next(iter(sheet.tables.values())).ref)
    return [sheet.row_dimensions[int(top or 0) + place].height or 0.0 for place in (1, 2)]
