"""Reminders: who is written to, at which level, for what sum; and the interest that a letter may claim."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal

import pytest

from tests.support.paths import CASES
from xlcrm.documents.late_interest import late_interest
from xlcrm.documents.reminder_rules import OpenDocument, letter, next_level

with (CASES / "reminders.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _document(text: str) -> OpenDocument:
    number, amount, due, level, reminded = text.split(":")
    return OpenDocument(number, Decimal(amount), _day(due), int(level), _day(reminded))


def _shown(row: dict[str, str]) -> str:
    documents = [_document(text) for text in row["documents"].split(";")]
    made = letter(documents, dt.date.fromisoformat(row["today"]))
    if made is None:
        return ""
    names = [one.number for one in made.claimed] + [f"({one.number})" for one in made.not_due]
    return f"{made.level} {' '.join(names)} {made.due}"


@pytest.mark.parametrize("row", ROWS, ids=[row["case"] for row in ROWS])
def test_who_is_reminded_and_of_what(row: dict[str, str]) -> None:
    assert _shown(row) == row["expected"], row["why"]


def test_own_days_of_the_levels_are_kept() -> None:
    document = OpenDocument("F1", Decimal(10), dt.date(2026, 3, 1))
    assert next_level(document, dt.date(2026, 3, 11), (10, 20)) == 1
    assert next_level(document, dt.date(2026, 3, 10), (10, 20)) == 0


INTEREST = [
    ("1000", "2025-01-31", "2025-02-01", "IT", True, "0.31", False, "one day at 11.15 %"),
    ("1000", "2025-06-29", "2025-07-02", "IT", True, "0.86", False, "one day at 11.15, two at 10.15: half years part"),
    ("1000", "2025-01-31", "2025-01-31", "IT", True, "0", False, "in time"),
    ("1000", "2025-01-31", "2025-02-10", "IT", False, "0", False, "a consumer owes none by this law"),
    ("1000", "2025-01-31", "2025-02-10", "DE", False, "1.99", False, "ten days at 7.27 % for a consumer"),
    ("1000", "2025-01-31", "2025-02-10", "DE", True, "3.09", False, "ten days at 11.27 % for a firm"),
    ("1000", "2025-01-31", "2025-02-10", "NO", False, "3.42", False, "12.5 % for everybody"),
    ("1000", "2026-06-30", "2026-07-10", "ES", True, "2.78", True, "not known yet: the last rate, and said"),
    ("1000", "2025-01-31", "2025-02-10", "US", True, "0", False, "no law of ours: no claim"),
    ("1000", "2025-01-31", "2025-02-10", "PT", True, "3.05", False, "a member state without a row of its own"),
    ("-5", "2025-01-31", "2025-02-10", "IT", True, "0", False, "nobody owes us"),
]  # fmt: skip


@pytest.mark.parametrize(("amount", "due", "today", "country", "firm", "wanted", "assumed", "why"), INTEREST)
def test_interest_by_the_day(
    amount: str, due: str, today: str, country: str, firm: bool, wanted: str, assumed: bool, why: str
) -> None:
    days = dt.date.fromisoformat(due), dt.date.fromisoformat(today)
    found = late_interest(Decimal(amount), *days, country=country, firm=firm)
    assert (found.amount, found.assumed) == (Decimal(wanted), assumed), why


def test_a_rate_that_was_agreed_goes_before_the_law() -> None:
    found = late_interest(
        Decimal(1000), dt.date(2025, 1, 1), dt.date(2026, 1, 1), country="US", own_rate=Decimal("0.08")
    )
    assert found.amount == Decimal("80.00")
