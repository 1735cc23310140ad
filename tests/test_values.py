"""Cells read as the kind their column should hold, blanks and junk included."""

from __future__ import annotations

import csv
import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.paths import CASES
from xlcrm import values

with (CASES / "values.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


@pytest.mark.parametrize("case", ROWS, ids=lambda case: f"{case['kind']}: {case['why']}")
def test_cells_are_read_as_their_kind(case: dict[str, str]) -> None:
    column = pd.Series([case["input"]], dtype=object)
    untouched = column.copy()
    if case["kind"] == "flag":
        assert str(values.as_flag(column).iloc[0]) == case["expected"]
    else:
        read, bad = (values.as_number if case["kind"] == "number" else values.as_date)(column)
        assert bad.iloc[0] == (case["expected"] == "bad")
        shown = "" if pd.isna(read.iloc[0]) else str(read.iloc[0])[:10]
        assert shown == case["expected"].replace("bad", "")
    pd.testing.assert_series_equal(column, untouched)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("007", "007"),
        (20121.0, "20121"),
        (1.5, "1.5"),
        (None, ""),
        (float("nan"), ""),
        (pd.NaT, ""),
        (True, "TRUE"),
        (np.float64(3), "3"),
        (dt.datetime(2026, 11, 22), "2026-11-22"),
        (dt.datetime(2026, 11, 22, 14, 30), "2026-11-22 14:30:00"),
        (12345678901234567890, "12345678901234567890"),
    ],
)
def test_text_of_a_value_is_what_a_person_reads(value: object, expected: str) -> None:
    assert values.text_of(value) == expected


@pytest.mark.parametrize(
    ("before", "after", "alike"),
    [
        ([None], [""], True),
        ([5], [5.0], True),
        (["5"], [5.0], True),
        (["007"], [7.0], False),
        ([pd.Timestamp("2026-01-01")], [pd.NaT], False),
        ([pd.Timestamp("2026-01-01")], [pd.Timestamp("2026-01-01")], True),
        ([0.1 + 0.2], [0.3], True),
        (["a"], ["A"], False),
        ([float("nan")], [0.0], False),
        ([True], ["TRUE"], True),
        (["  "], [""], False),
    ],
)
def test_same_compares_cells_as_a_workbook_keeps_them(before: list[object], after: list[object], alike: bool) -> None:
    assert bool(values.same(pd.Series(before), pd.Series(after)).iloc[0]) is alike
    assert values.same_value(before[0], after[0]) is alike


def test_a_mixed_column_keeps_its_order_and_index() -> None:
    column = pd.Series(["1,5", None, 2, "x", 1.5], index=[7, 3, 9, 1, 0], dtype=object)
    read, bad = values.as_number(column)
    assert list(read.index) == [7, 3, 9, 1, 0]
    assert list(bad) == [False, False, False, True, False]
    assert read.fillna(-1).tolist() == [1.5, -1, 2, -1, 1.5]


@pytest.mark.parametrize(
    ("cells", "country", "expected"),
    [
        (["1,125"], "IT", [1.125]),
        (["1.125"], "IT", [1125]),
        (["1,125"], "US", [1125]),
        (["1,125"], "", [1125]),
        (["1,125", "0,5"], "US", [1.125, 0.5]),
        (["1.125", "1,234.50"], "IT", [1.125, 1234.5]),
    ],
)
def test_an_ambiguous_number_goes_by_column_then_country(cells: list[str], country: str, expected: list[float]) -> None:
    assert values.as_number(pd.Series(cells, dtype="str"), country)[0].tolist() == expected


COLUMNS: dict[str, list[Any]] = {
    "floats, whole and not, blank, minus zero": [1.0, 0.1, float("nan"), -0.0, 0.0, 1e15, 1e16, 20121.0, 0.1],
    "whole numbers": [3, -1, 3, 0],
    "days": list(pd.to_datetime(["2026-11-28", "NaT", "2026-11-28", "1899-12-30"])),
    "moments": list(pd.to_datetime(["2026-11-28 13:14:15", "2026-11-28 00:00:00", "NaT"])),
    "nothing but blanks": [float("nan"), float("nan")],
}


@pytest.mark.parametrize("why", COLUMNS)
def test_as_text_says_what_each_cell_says(why: str) -> None:
    series = pd.Series(COLUMNS[why], index=range(5, 5 + len(COLUMNS[why])), name="x")
    before = series.copy()
    expected = pd.Series([values.text_of(v) for v in series], index=series.index, name="x", dtype="str")
    pd.testing.assert_series_equal(values.as_text(series), expected)
    pd.testing.assert_series_equal(series, before)


def test_as_text_keeps_the_width_of_small_floats() -> None:
    series = pd.Series(np.array([0.1, 2], dtype="float32"))
    assert values.as_text(series).tolist() == [values.text_of(value) for value in series]
