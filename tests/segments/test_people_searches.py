"""Searches over People and Opportunities as a table, and DuckDB's opinion on each of them."""

from __future__ import annotations

import csv
from typing import Any

import pandas as pd
import pytest

pytest.importorskip("duckdb")

from tests.support import people_oracle as oracle
from tests.support.paths import CASES
from xlcrm.errors import CrmError
from xlcrm.segments import found, parse_where
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
    ours = set(frames["Clients"]["client_id"][search.fits(asked)])
    assert ours == oracle.answer(base, case), case["why"]


def test_the_searches_ask_something(base: Any) -> None:
    """What everybody or nobody fits would prove little."""
    counts = [len(oracle.answer(base, case)) for case in ROWS]
    assert sum(0 < count < 60 for count in counts) == len(ROWS), counts


def test_without_the_sheet_the_message_names_it(frames: dict[str, Any]) -> None:
    old = Search(oracle.tables({"Clients": frames["Clients"]}), Settings(), oracle.TODAY)
    for asked, sheet in (("role = decides", "People"), ("amount of opportunities > 5", "Opportunities")):
        with pytest.raises(CrmError, match=sheet) as refused:
            old.fits([parse_where(asked)])
        assert refused.value.key == "segment.no_lines"


def test_the_sheet_found_takes_all_conditions_as_one_search(search: Search) -> None:
    together = search.fits([parse_where("role = decides"), parse_where("no e-mail is empty")])
    assert (found.fits(search, "role = decides + no e-mail is empty") == together).all()


def test_a_saved_search_has_a_person_of_its_own(frames: dict[str, Any]) -> None:
    row = {"segment": "Deciders", "field": "role", "operator": "=", "value": "decides", "within_days": ""}
    both = Search(oracle.tables({**frames, "Segments": pd.DataFrame([row])}), Settings(), oracle.TODAY)
    apart = both.fits([parse_where("segment = Deciders"), parse_where("role = buys")])
    assert apart.equals(both.segment("Deciders") & both.fits([parse_where("role = buys")]))
    assert apart.any()


def test_a_filter_on_until_counts_those_who_left(search: Search, base: Any) -> None:
    asked = parse_where("people where until < today > 0", search.names)
    told = """EXISTS (SELECT 1 FROM "People" p WHERE p.client_id = c.client_id AND p.until < DATE '2026-11-22')"""
    ours = set(search.clients["client_id"][search.fits([asked])])
    assert ours == oracle.answer(base, {"client": told, "person": "", "deal": ""})
