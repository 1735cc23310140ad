"""New rows of sentences are as high as their text, by the widths that the sheet has."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcrm.xlsx.writing.row_heights import LINE, MARGIN, as_it_is, heights_of

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


WORDS = st.sampled_from(["a", "bb", "ccc", "x-y", "--", "longer", "much-longer", "\u00a0", "", "\t", "\x1f", "(e.g.)"])


@given(st.lists(WORDS, max_size=12).map(" ".join), st.integers(1, 20))
def test_lines_are_those_that_textwrap_makes(text: str, width: int) -> None:
    heights = heights_of("Problems", ["problem"], 1, b'<cols><col min="1" max="1" width="%d"/></cols>' % width)
    parts = [len(textwrap.wrap(part, int(width * 1.12))) or 1 for part in text.splitlines()]
    assert heights(b"", {1: text}) == b' ht="%d"' % (MARGIN + LINE * (sum(parts) or 1))
