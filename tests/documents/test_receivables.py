"""Receivables: figures of a small set by hand, and of random ones against a reckoning of its own."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from statistics import median

import pandas as pd
from pandas.testing import assert_frame_equal

from xlcrm.documents.receivables import FIGURES, receivable_tables, receivables

TODAY = dt.date(2026, 11, 27)
Row = dict[str, object]


def _books(seed: int) -> tuple[list[Row], list[Row]]:
    rng = random.Random(seed)
    documents: list[Row] = []
    payments: list[Row] = []
    for n in range(rng.randint(0, 40)):
        day = TODAY - dt.timedelta(days=rng.randint(0, 500))
        gross = round(rng.uniform(1, 900), 2)
        due = day + dt.timedelta(days=rng.choice((0, 14, 30)))
        row: Row = {"number": f"F{n}", "kind": "invoice", "client_id": f"C{rng.randint(1, 5)}", "date": day}
        documents.append({**row, "gross": gross, "due_on": due, "currency": rng.choice(("EUR", "EUR", "NOK"))})
        for _ in range(rng.choice((0, 0, 1, 1, 2))):
            part = rng.choice((gross, round(gross / 2, 2)))
            payments.append({"date": day + dt.timedelta(days=rng.randint(0, 90)), "number": f"F{n}", "amount": part})
    return documents, payments


def _frames(documents: list[Row], payments: list[Row]) -> tuple[pd.DataFrame, pd.DataFrame]:
    heads = ["number", "kind", "client_id", "date", "gross", "due_on", "currency", "from_number"]
    return pd.DataFrame(documents, columns=heads), pd.DataFrame(payments, columns=["date", "number", "amount"])


def _by_hand(documents: list[Row], payments: list[Row]) -> dict[str, object]:
    """The same figures, invoice by invoice, in whole cents."""
    found: dict[str, object] = {}
    still, late, days = 0, 0, []
    for one in documents:
        if one["currency"] != "EUR":
            continue
        paid = [p for p in payments if p["number"] == one["number"] and p["date"] <= TODAY]  # type: ignore[operator]
        cents = round(float(str(one["gross"])) * 100) - sum(round(float(str(p["amount"])) * 100) for p in paid)
        still += cents
        late += cents if cents > 0 and one["due_on"] < TODAY else 0  # type: ignore[operator]
        if cents <= 0 and paid:
            days.append((max(p["date"] for p in paid) - one["date"]).days)  # type: ignore[type-var, operator]
    found["open"], found["overdue"] = still, late
    found["days"] = float(median(days)) if days else None
    return found


def test_two_hundred_random_books_against_a_reckoning_of_its_own() -> None:
    wrong = []
    for seed in range(200):
        documents, payments = _books(seed)
        found = receivables(*_frames(documents, payments), today=TODAY, currency="EUR")
        wanted = _by_hand(documents, payments)
        if {"open": int(found.open * 100), "overdue": int(found.overdue * 100), "days": found.days_to_pay} != wanted:
            wrong.append(seed)
        assert sum((one.open for one in found.clients), Decimal(0)) == found.open
    assert wrong == []


def test_months_and_offers() -> None:
    documents: list[Row] = [
        {"number": "A1", "kind": "offer", "gross": 10, "currency": "EUR", "due_on": dt.date(2026, 1, 1)},
        {"number": "A2", "kind": "offer", "gross": 10, "currency": "EUR", "due_on": dt.date(2027, 1, 1)},
        {"number": "A3", "kind": "offer", "gross": 10, "currency": "EUR"},
        {"number": "F1", "kind": "invoice", "gross": 10, "date": dt.date(2025, 12, 31), "from_number": "A3"},
        {"number": "F2", "kind": "invoice", "gross": 7, "date": dt.date(2025, 11, 30)},
    ]
    payments: list[Row] = [{"date": TODAY, "number": "F1", "amount": 4}]
    found = receivables(*_frames(documents, payments), today=TODAY, currency="EUR")
    assert found.offers == (1, 1, 1)
    assert found.months[0] == (dt.date(2025, 12, 1), Decimal(10), Decimal(0)), "twelve months, this one included"
    assert found.months[-1] == (dt.date(2026, 11, 1), Decimal(0), Decimal(4))


def test_the_tables_have_their_rows_and_leave_their_input() -> None:
    documents, payments = _frames(*_books(3))
    before = documents.copy(deep=True), payments.copy(deep=True)
    made = receivable_tables(documents, payments, {"C1": "Anna"}, today=TODAY, currency="EUR", language="de")
    assert_frame_equal(documents, before[0])
    assert_frame_equal(payments, before[1])
    assert len(made["Receivables"]) == len(FIGURES) and len(made["PaidMonths"]) == 12
    assert made["PaidMonths"]["month"].iloc[-1] == "Nov. 2026"
    assert made["Receivables"]["figure"].iloc[0] == "Offen"


def test_nothing_at_all_gives_noughts_and_blanks() -> None:
    found = receivables(*_frames([], []), today=TODAY, currency="EUR")
    assert (found.open, found.oldest, found.days_to_pay, found.clients) == (Decimal(0), 0, None, ())
