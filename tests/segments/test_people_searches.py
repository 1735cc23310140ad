"""Searches over People and Opportunities as a table, and DuckDB's opinion on each of them."""

from __future__ import annotations

import csv
from typing import Any

import pytest

pytest.importorskip("duckdb")

from tests.support import people_oracle as oracle
from tests.support.paths import CASES
from xlcrm.segments import parse_where
from xlcrm.segments.evaluate import Search
from xlcrm.settings import Settings

with (CASES / "segments_people.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))


@pytest.fixture(scope="module")
def frames() -> dict[str, Any]:
    return oracle.book()


@pytest.fixture(scope="module")
def base(frames: dict[str, Any]) -> Any:
    return oracle.second_opinion(frames)


@pytest.fixture(scope="module")
def search(frames: dict[str, Any]) -> Search:
    return Search(oracle.tables(frames), Settings(currency="EUR"), oracle.TODAY)


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["asked"][:60])
def test_a_search_finds_whom_duckdb_finds(case: dict[str, str], frames: Any, base: Any, search: Search) -> None:
    asked = [parse_where(text.strip(), search.names) for text in case["asked"].split("&&")]
    found = set(frames["Clients"]["client_id"][search.fits(asked)])
    assert found == oracle.answer(base, case), case["why"]


def test_the_searches_ask_something(base: Any) -> None:
    """What everybody or nobody fits would prove little."""
    counts = [len(oracle.answer(base, case)) for case in ROWS]
    assert sum(0 < count < 60 for count in counts) == len(ROWS), counts
