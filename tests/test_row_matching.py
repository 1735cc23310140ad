"""Rows are found by what they hold: the short way for plain texts gives what the long one gives."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xlcrm import row_matching

ODD = ["", " ", "5", "5.0", "007", "-0", "1e5", "true", "True", "FALSE", "f", "e5", "nan", "a\r\nb", "a\nb", "٣", "1٣",
       "999999999999999", "1234567890123456", "2026-01-31 00:00:00", "Via Roma 1", "Ære", "inf", "T", "0"]  # fmt: skip


@pytest.mark.parametrize("text", ODD)
def test_an_odd_text_has_the_token_of_the_long_way(text: str) -> None:
    assert row_matching.tokens(pd.Series([text], dtype="str")).tolist() == [row_matching._token(text)]


@given(st.lists(st.text(alphabet="0123456789.-eETtrufalsx \r\nÆ", max_size=8), max_size=6))
def test_any_text_has_the_token_of_the_long_way(texts: list[str]) -> None:
    found = row_matching.tokens(pd.Series(texts, dtype="str")).tolist()
    assert found == [row_matching._token(text) for text in texts]
