"""The guide to searching shows nothing that doesn't work."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.support.paths import ROOT
from xlcrm import schema
from xlcrm.segments import members, parse_where
from xlcrm.segments.search_words import word_of
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables

GUIDE = (ROOT / "docs" / "search.md").read_text(encoding="utf-8")
SHOWN = [line for block in GUIDE.split("```")[1::2] for line in block.strip().splitlines() if "xlcrm" not in line]


@pytest.fixture(scope="module")
def book() -> Tables:
    """Every sheet that a search reads, with its columns and one client."""
    found = []
    for name in ("Clients", "Purchases", "Interactions", "Segments", "People", "Opportunities"):
        columns = {c.name: pd.Series([""], dtype="str") for c in schema.table(name).columns}
        found.append(Table(name, name, pd.DataFrame(columns), {}))
    found[0].frame["client_id"] = "A"
    rows = {"segment": ["Good clients", "New clients"], "field": "orders", "operator": ">", "value": "0"}
    found[3] = Table("Segments", "Segments", pd.DataFrame(rows), {})
    return Tables.of(*found)


@pytest.mark.parametrize("line", SHOWN)
def test_every_condition_shown_is_understood(line: str, book: Tables) -> None:
    one = parse_where(line)
    assert one.operator == "" or word_of("operator", one.operator)
    assert len(members(book, one, today=dt.date(2026, 11, 22), settings=Settings())) == 1


def test_the_guide_shows_conditions() -> None:
    assert len(SHOWN) > 15
