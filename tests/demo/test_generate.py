"""The demo lists are the same for everybody, and as untidy as they claim to be."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pandas as pd
import pytest

from xlcrm import words
from xlcrm.demo import make
from xlcrm.demo.generate import client_rows, deal_plan
from xlcrm.messages import LANGUAGES

TODAY = dt.date(2026, 11, 22)


@pytest.fixture(scope="module")
def demo() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    made = make(TODAY)
    assert make(TODAY) == made
    clients, purchases = (list(csv.DictReader(io.StringIO(t), delimiter=";")) for t in (made.clients, made.purchases))
    return clients, purchases


def test_about_300_clients_and_3000_purchases_over_three_years(
    demo: tuple[list[dict[str, str]], ...],
) -> None:
    clients, purchases = demo
    assert 300 <= len(clients) <= 320
    assert len(purchases) == 3000
    days = sorted(line["Date"] for line in purchases)
    assert days[0] >= "2023-11-23"
    assert days[-1] <= TODAY.isoformat()


def test_the_dirt_is_there(demo: tuple[list[dict[str, str]], ...]) -> None:
    clients, purchases = demo
    assert sum("," in row["Name"] for row in clients) > 10, "surname first with a comma"
    assert sum(row["Name"].isupper() for row in clients) > 10, "capitals"
    assert sum("@@" in row["E-mail"] for row in clients) >= 1
    assert sum(row["Registered on"] == "31/02/2024" for row in clients) == 6
    assert sum(row["Amount"].startswith("-") for row in purchases) == 45, "refunds"
    assert sum(not row["Client ID"] for row in purchases) >= 9, "nobody's"


def test_nobody_in_the_demo_can_be_reached(demo: tuple[list[dict[str, str]], ...]) -> None:
    clients, _ = demo
    assert all("example" in row["E-mail"] for row in clients if row["E-mail"])
    invented = re.compile(r"\+(44207946|331990|493023125|39025555|34910555|4722555)")
    assert all(invented.match(re.sub(r"\s", "", row["Phone"])) for row in clients if len(row["Phone"]) > 13)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_deals_stand_at_all_stages_with_their_history(language: str) -> None:
    people, deals, history = (part.rows for part in deal_plan(TODAY, language=language).added)
    assert len(deals) == 80
    assert set(deals["stage"]) == set(words.choices("stage", language))
    last = history.groupby("opportunity")["stage"].last()
    assert deals.set_index("opportunity")["stage"].to_dict() == last.to_dict()
    assert (history.groupby("opportunity")["since"].diff().dropna() > pd.Timedelta(0)).all()
    assert history["since"].max() < pd.Timestamp(TODAY)
    counts = people.groupby("client_id").size()
    assert counts.min() == 1 and counts.max() == 5
    assert set(people["role"]) <= set(words.choices("role", language))
    assert people["email"].str.endswith("@example.com").all()


def test_the_deals_belong_to_the_clients_of_the_demo() -> None:
    people, deals, _ = (part.rows for part in deal_plan(TODAY).added)
    assert set(deals["client_id"]) <= {row["Client ID"] for row in client_rows(TODAY)}
    theirs = people.set_index("person_id")["client_id"].to_dict()
    named = deals[deals["person_id"] != ""]
    assert len(named) > 40
    assert (named["person_id"].map(theirs) == named["client_id"]).all()
