"""200 random segments, and DuckDB's opinion on each of them."""

from __future__ import annotations

import pytest

pytest.importorskip("duckdb")

from tests.support import segment_oracle as oracle
from xlcrm.segments.evaluate import Search
from xlcrm.settings import Settings

Found = dict[str, set[str]]


@pytest.fixture(scope="module")
def both() -> tuple[dict[str, list[oracle.Typed]], Found, Found]:
    frames, made = oracle.data(seed=11), oracle.segments(seed=5, count=200)
    tables = oracle.tables(frames, made)
    search, ids = Search(tables, Settings(), oracle.TODAY), frames["Clients"]["client_id"]
    return made, {name: set(ids[search.segment(name)]) for name in made}, oracle.answers(frames, made)


def test_duckdb_finds_the_same_clients(both: tuple[dict[str, list[oracle.Typed]], Found, Found]) -> None:
    made, ours, theirs = both
    for name, conditions in made.items():
        assert ours[name] == theirs[name], [one.cells for one in conditions]


def test_the_random_segments_ask_something(both: tuple[dict[str, list[oracle.Typed]], Found, Found]) -> None:
    """Segments that everybody or nobody belongs to would prove little."""
    assert sum(0 < len(found) < 300 for found in both[2].values()) >= 120
