"""The guide to searching shows nothing that doesn't work."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.support.paths import ROOT
from xlcrm import schema
from xlcrm.segments import found
from xlcrm.segments.evaluate import Search
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables

GUIDE = (ROOT / "docs" / "search.md").read_text(encoding="utf-8")
SHOWN = [line for block in GUIDE.split("```")[1::2] for line in block.strip().splitlines() if "xlcrm" not in line]


@pytest.fixture(scope="module")
def book() -> Tables:
    """Every sheet that a search reads, with its columns and one client."""
    sheets = []
    for name in ("Clients", "Purchases", "Interactions", "Segments", "People", "Opportunities"):
        columns = {c.name: pd.Series([""], dtype="str") for c in schema.table(name).columns}
        sheets.append(Table(name, name, pd.DataFrame(columns), {}))
    sheets[0].frame["client_id"] = "A"
    rows = {"segment": ["Good clients", "New clients"], "field": "orders", "operator": ">", "value": "0"}
    sheets[3] = Table("Segments", "Segments", pd.DataFrame(rows), {})
    return Tables.of(*sheets)


@pytest.mark.parametrize("line", SHOWN)
def test_every_condition_shown_is_understood(line: str, book: Tables) -> None:
    search = Search(book, Settings(), dt.date(2026, 11, 22))
    assert len(found.fits(search, line)) == 1


def test_the_guide_shows_conditions() -> None:
    assert len(SHOWN) > 15
