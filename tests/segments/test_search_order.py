"""Sorting what a search finds: by the command line's fields, or by rows "sort by" of the sheet Segments."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from xlcrm import words
from xlcrm.errors import CrmError
from xlcrm.plan import Grid
from xlcrm.segments import plan
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 28)


def workbook(*segments: tuple[str, str, str, str]) -> Tables:
    clients = {
        "client_id": ["A", "B", "C", "D"],
        "city": ["Roma", "Bari", "", "Roma"],
        "employees": ["5", "", "20", "7"],
        "registered_on": ["2026-01-01", "2025-01-01", "2026-05-01", ""],
        "gender": ["", "", "", "F"],
    }
    columns = {name: [row[at] for row in segments] for at, name in enumerate(("segment", "field", "operator", "value"))}
    frames = {"Clients": clients, "Segments": columns}
    tables = {
        name: Table(name, name, pd.DataFrame(cells, dtype="str"), {c: words.header(name, c) for c in cells})
        for name, cells in frames.items()
    }
    return Tables(tuple(tables), tables.__getitem__)


def found(tables: Tables, **asked: object) -> str:
    (file,) = plan(tables, settings=Settings(language="en"), today=TODAY, **asked).files  # type: ignore[arg-type]
    (grid,) = file.content
    assert isinstance(grid, Grid)
    return "".join(str(row[0]) for row in grid.rows)


@pytest.mark.parametrize(
    ("sort", "order", "why"),
    [
        ((), "ABCD", "the order of the sheet"),
        (("employees",), "CDAB", "numbers largest first, blanks last"),
        (("employees ascending",), "ADCB", "the other way, blanks still last"),
        (("dipendenti crescente",), "ADCB", "in Italian"),
        (("city",), "BADC", "texts from A to Z"),
        (("city", "employees"), "BDAC", "two fields"),
        (("city descending", "registered on"), "ADBC", "text down, dates newest first"),
    ],
)
def test_what_is_found_comes_in_the_order_asked_for(sort: tuple[str, ...], order: str, why: str) -> None:
    assert found(workbook(), where=("client ID is not empty",), sort=sort) == order, why


def test_rows_of_a_segment_sort_it() -> None:
    tables = workbook(
        ("Big", "employees", "is not empty", ""), ("", "sort by", "", "city"), ("", "sort by", "", "employees")
    )
    assert found(tables, name="Big") == "DAC"
    one = workbook(("Big", "employees", "is not empty", ""), ("", "Sortieren nach", "", "city; employees"))
    assert found(one, name="Big") == "DAC"


def test_a_field_to_sort_by_that_is_not_there_is_named() -> None:
    with pytest.raises(CrmError) as refused:
        found(workbook(), where=("client ID is not empty",), sort=("shoe size",))
    assert refused.value.key == "segment.no_field"


def test_a_search_on_a_blank_column_says_so() -> None:
    made = plan(workbook(), settings=Settings(language="en"), today=TODAY, where=("gender = F",))
    assert ("segment.blank_known", {"blank": 3, "n": 4, "column": "Gender"}) in made.notes
