"""The funnel from lead to client, by whom and how fast."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from xlcrm.spend.funnel import BY, funnel

TODAY = dt.date(2026, 11, 22)
CLIENTS = pd.DataFrame(
    [
        ("A", "Kunde", "Ola", "2026-01-01", "2026-02-10"),
        ("B", "client", "ola ", "2026-01-01", None),
        ("C", "lead", "Ola", "2026-01-01", None),
        ("D", "potenziale", "Ida", "2026-03-01", None),
        ("E", "", "Ida", "2026-03-01", None),
        ("F", "", "Ida", None, None),
        ("G", "former", "", "2026-06-01", "2026-05-01"),
    ],
    columns=["client_id", "status", "salesperson", "registered_on", "acquired_on"],
)
for name in ("registered_on", "acquired_on"):
    CLIENTS[name] = pd.to_datetime(CLIENTS[name])
BOUGHT = pd.to_datetime(pd.Series([None, "2026-01-21", None, None, "2026-03-11", None, None]))
DAYS = ["2026-01-11", "2026-01-05", "2025-12-01", "2026-12-24", "2026-01-01"]
CONTACTS = pd.DataFrame({"client_id": ["A", "A", "C", "D", ""], "date": pd.to_datetime(DAYS)})


def test_stages_and_spans() -> None:
    before = CLIENTS.copy(deep=True)
    found = funnel(CLIENTS, CONTACTS, BOUGHT, by="salesperson", today=TODAY).set_index("group")
    pd.testing.assert_frame_equal(CLIENTS, before)
    assert list(found.index) == ["Ola", "Ida", ""], "largest first, one spelling a group"
    assert list(found.loc["Ola", ["leads", "prospects", "clients", "former"]]) == [1, 0, 2, 0]
    assert list(found.loc["Ida", ["leads", "prospects", "clients", "former"]]) == [0, 1, 1, 0], "F is on no stage"
    assert found.loc["Ola", "conversion"] == 0.6667
    assert found.loc["Ola", "days_to_prospect"] == 4, "the first contact; one before the registration doesn't count"
    assert found.loc["Ola", "days_to_client"] == 30, "the median of 40 (acquired_on) and 20 (first purchase)"
    assert np.isnan(found["days_to_prospect"]["Ida"]), "a contact to come is none yet"
    assert np.isnan(found["days_to_client"][""]), "acquired before registered is a mistake, not a span"


@pytest.mark.parametrize("by", BY)
def test_missing_columns_are_blank(by: str) -> None:
    found = funnel(CLIENTS[["client_id", "status"]], None, BOUGHT, by=by, today=TODAY)
    assert found["group"].tolist() == [""]
    assert found["clients"].tolist() == [3]


def test_nobody() -> None:
    assert funnel(CLIENTS[:0], CONTACTS, BOUGHT[:0], by="source", today=TODAY).empty
