"""The sheet Funnel: each salesperson, source, sector and territory, worked out by hand on seven people."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from xlcrm.messages import LANGUAGES
from xlcrm.settings import Settings
from xlcrm.spend import plan
from xlcrm.spend.funnel import group_figures, journeys, year_spans
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 22)
PEOPLE = [
    # id, status, registered, acquired, salesperson, source
    ("A", "client", "2026-01-01", "2026-02-10", "Ola", "fair"),
    ("B", "client", "2025-01-01", None, "ola ", "web"),
    ("C", "lead", "2026-01-01", None, "Ola", "web"),
    ("D", "prospect", "2026-03-01", None, "Ida", ""),
    ("E", "", "2026-03-01", None, "Ida", "fair"),
    ("F", "former", None, None, "", "fair"),
    ("A", "client", "2026-01-01", "2026-02-10", "Ola", "fair"),
]
CLIENTS = pd.DataFrame(PEOPLE, columns=["client_id", "status", "registered_on", "acquired_on", "salesperson", "source"])
for day in ("registered_on", "acquired_on"):
    CLIENTS[day] = pd.to_datetime(CLIENTS[day])
LINES = [
    ("A", "2026-02-20", 100.10),
    ("A", "2026-03-20", 0.20),
    ("B", "2025-01-21", 50.0),  # the year before, and never again
    ("E", "2026-03-11", 30.0),
    ("E", "2026-03-12", -10.0),
    ("F", "2020-01-01", 70.0),
]
PURCHASES = pd.DataFrame(LINES, columns=["client_id", "date", "amount"]).assign(invoice=[str(n) for n in range(6)])
PURCHASES["date"] = pd.to_datetime(PURCHASES["date"])
CONTACTS = pd.DataFrame({"client_id": ["A", "D"], "date": pd.to_datetime(["2026-01-11", "2026-03-21"])})
COLUMNS = [
    "by", "group", "leads", "prospects", "clients", "former", "conversion", "days_to_prospect", "days_as_prospect",
    "days_to_client", "spend_12m", "active_clients", "new_clients", "lost_clients", "repeat_rate",
]  # fmt: skip
EXPECTED = [
    # the days are those of the year, as on the dashboard: B became a client before it
    # the second row of A stands on a stage, as everybody sees, but what A bought counts once
    ("All clients", None, 1, 1, 4, 1, 0.7143, 10.0, 30.0, 40.0, 120.30, 2, 2, 1, 0.5),
    ("Salesperson", "Ola", 1, 0, 3, 0, 0.75, 10.0, 30.0, 40.0, 100.30, 1, 1, 1, 1.0),
    ("Salesperson", "Ida", 0, 1, 1, 0, 0.5, 20.0, None, 10.0, 20.0, 1, 1, 0, 0.0),
    ("Salesperson", "(none)", 0, 0, 0, 1, 1.0, None, None, None, 0.0, 0, 0, 0, None),
    ("Source", "fair", 0, 0, 3, 1, 1.0, 10.0, 30.0, 40.0, 120.30, 2, 2, 0, 0.5),
    ("Source", "web", 1, 0, 1, 0, 0.5, None, None, None, 0.0, 0, 0, 1, None),
    ("Source", "(none)", 0, 1, 0, 0, 0.0, 20.0, None, None, 0.0, 0, 0, 0, None),
]


def filled(clients: pd.DataFrame = CLIENTS, purchases: pd.DataFrame = PURCHASES, language: str = "en") -> pd.DataFrame:
    """The table as a refresh fills it."""
    room = pd.DataFrame(index=range(33), columns=COLUMNS, dtype=object)
    calculated = dict.fromkeys(("total_spend", "orders", "spend_12m", "first_purchase", "last_purchase"))
    held = {"Clients": clients.assign(**calculated), "Purchases": purchases, "Interactions": CONTACTS, "Funnel": room}
    tables = Tables.of(*(Table(name, name, frame, {str(c): str(c) for c in frame}) for name, frame in held.items()))
    for change in plan(tables, settings=Settings(language=language), today=TODAY).changes:
        if change.table == "Funnel":
            room.loc[change.after.index, change.column] = change.after
    return room[room["by"].notna()]


@pytest.fixture(scope="module")
def done() -> pd.DataFrame:
    return filled()


@pytest.mark.parametrize("at", range(len(EXPECTED)), ids=[f"{row[0]} {row[1]}" for row in EXPECTED])
def test_each_group(done: pd.DataFrame, at: int) -> None:
    assert [None if pd.isna(cell) else cell for cell in done.iloc[at]] == [
        cell if cell != "" else None for cell in EXPECTED[at]
    ]


def test_no_group_but_these(done: pd.DataFrame) -> None:
    assert len(done) == len(EXPECTED), "nobody has a sector or a territory: they have no rows"


def test_what_does_not_fit_is_one_row_and_nothing_is_lost() -> None:
    many = pd.DataFrame({"client_id": [f"K{n}" for n in range(12)], "status": "client"})
    many["territory"] = [f"T{n}" for n in range(12)]
    journey = journeys(many, None, pd.Series(pd.NaT, many.index), today=TODAY)
    years = pd.DataFrame({"spend": [float(n) for n in range(12)], "active": 1, "new": 0, "lost": 0, "repeat": 0})
    found = group_figures(many, journey, years)
    assert found["group"].tolist() == ["", "T11", "T10", "T9", "T8", "T7", "T6", "T5", "5 others"]
    assert found["spend_12m"][1:].sum() == found["spend_12m"][0] == 66
    assert found["clients"][1:].sum() == found["clients"][0] == 12


def test_nobody_is_no_row() -> None:
    assert filled(CLIENTS[:0], PURCHASES[:0]).empty


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_words(language: str) -> None:
    found = filled(language=language)
    assert not any("." in word for word in found["by"]) and "(" in found["group"].iloc[3]


def test_days_from_lead_to_client_are_those_of_the_year() -> None:
    first = pd.Series(pd.to_datetime(["2026-02-20", "2025-01-21", "", "", "2026-03-11", "2020-01-01", ""]))
    found = year_spans(journeys(CLIENTS, CONTACTS, first, today=TODAY), today=TODAY)
    assert found["days_to_client"] == (40.0, 20.0), "A, A and E this year (40, 40, 10); B the year before"
    assert found["conversion"][0] == 0.7143
