"""Main contact, people, age and share against an independent reckoning on random books."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pandas as pd
import pytest

from xlcrm.people.client_columns import client_columns
from xlcrm.settings import Settings
from xlcrm.spend import plan
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 2, 28)
BOOKS = 200


def random_book(r: random.Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Clients and people with blanks, spaces, people of nobody, people who left, and birthdays around today."""

    def day(back: int, ahead: int) -> dt.date | None:
        return TODAY + dt.timedelta(days=r.randint(-back, ahead)) if r.random() < 0.6 else None

    ids = [f"C{n}" for n in range(r.randint(1, 12))]
    clients = [
        {
            "client_id": r.choice([one, f" {one} "]) if r.random() < 0.95 else "",
            "birth_date": r.choice([day(30_000, 400), dt.date(2000, 2, 29), dt.date(1990, 2, 28), dt.date(1990, 3, 1)]),
            "potential": r.choice([None, 0, -5, 100, 2_500.5]),
            "spend": r.choice([None, 0.0, -10.0, 33.33, 1_000.0]),
        }
        for one in ids
    ]
    people = [
        {
            "client_id": r.choice([*ids, "", "Z"]),
            "full_name": r.choice(["Anna  Prova", "Prova, Anna", "", " "]),
            "first_name": r.choice(["Anna", ""]),
            "middle_name": r.choice(["", "B."]),
            "last_name": r.choice(["Prova", ""]),
            "email": r.choice(["a@example.com", ""]),
            "until": r.choice([None, None, TODAY, TODAY - dt.timedelta(1), day(500, 500)]),
        }
        for _ in range(r.randint(0, 30))
    ]
    return clients, people


def is_there(person: dict[str, Any]) -> bool:
    there = any(person[c].strip() for c in ("full_name", "first_name", "last_name", "email"))
    return there and (person["until"] is None or person["until"] >= TODAY)


def called(person: dict[str, Any]) -> str:
    parts = [person[c] for c in ("first_name", "middle_name", "last_name")]
    if parts[0] and parts[2]:
        return " ".join(part for part in parts if part)
    whole = " ".join(person["full_name"].split()) or " ".join(part for part in parts if part)
    return whole or str(person["email"])


def years(birth: dt.date | None) -> float | None:
    """By counting birthdays; that of 29 February is 1 March where there is no such day."""
    if birth is None or birth > TODAY:
        return None
    count = 0
    while True:
        year = birth.year + count + 1
        try:
            birthday = birth.replace(year=year)
        except ValueError:
            birthday = dt.date(year, 3, 1)
        if birthday > TODAY:
            return count
        count += 1


def frame(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=columns)
    for column in columns:
        if column in ("birth_date", "until"):
            made[column] = pd.to_datetime(made[column]).astype("datetime64[us]")
        elif column not in ("potential", "spend"):
            made[column] = made[column].astype("str")
    return made.astype({c: "float64" for c in ("potential", "spend") if c in columns})


@pytest.mark.parametrize("seed", range(BOOKS))
def test_columns_are_as_reckoned_apart(seed: int) -> None:
    clients, people = random_book(random.Random(seed))
    sheet = frame(clients, ["client_id", "birth_date", "potential", "spend"])
    rows = frame(people, ["client_id", "full_name", "first_name", "middle_name", "last_name", "email", "until"])
    before = rows.copy(deep=True)
    made = client_columns(sheet, rows, sheet["spend"], today=TODAY)
    pd.testing.assert_frame_equal(rows, before)
    for at, client in enumerate(clients):
        key = client["client_id"].strip()
        there = [one for one in people if key and one["client_id"].strip() == key and is_there(one)]
        assert made["main_contact"].iloc[at] == (called(there[0]) if there else "")
        assert _plain(made["people"].iloc[at]) == (len(there) if key else None)
        assert _plain(made["age"].iloc[at]) == years(client["birth_date"])
        spend, potential = client["spend"], client["potential"]
        share = None if spend is None or not potential or potential < 0 else spend / potential
        assert _plain(made["share"].iloc[at]) == (None if share is None else pytest.approx(share, abs=6e-5))


def _plain(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def test_refresh_fills_them_and_rests_the_second_time() -> None:
    row = {"client_id": "A", "birth_date": dt.date(1980, 5, 5), "potential": 400.0}
    clients = frame([row], list(row)).assign(main_contact="", people=None, age=None, share=None)
    clients = clients.astype({"main_contact": "str", "people": "float64", "age": "float64", "share": "float64"})
    people = frame([{"client_id": "A", "full_name": "Anna Prova"}], ["client_id", "full_name", "until"])
    bought = pd.DataFrame({"client_id": ["A"], "date": pd.to_datetime(["2026-01-05"]), "amount": [100.0]})

    def book(held: pd.DataFrame) -> Tables:
        frames = {"Clients": held, "People": people, "Purchases": bought}
        return Tables.of(*(Table(n, n, f, {str(c): str(c) for c in f}) for n, f in frames.items()))

    made = plan(book(clients), settings=Settings(), today=TODAY)
    after = {change.column: change.after.iloc[0] for change in made.changes}
    assert after == {"main_contact": "Anna Prova", "people": 1.0, "age": 45.0, "share": 0.25}
    assert not plan(book(clients.assign(**after)), settings=Settings(), today=TODAY).changes


def test_without_the_table_nothing_is_written_about_people() -> None:
    sheet = frame([{"client_id": "A"}], ["client_id"])
    made = client_columns(sheet, None, pd.Series([1.0]), today=TODAY)
    assert set(made) == {"share", "age"}
    assert made["age"].isna().all()
    assert made["share"].isna().all()
