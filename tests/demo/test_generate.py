"""The demo lists are the same for everybody, and as untidy as they claim to be."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest

from xlcrm.demo import make

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
