"""Status of a document on a day, row by row of tests/cases/document_status.csv."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal

import pytest

from tests.support.paths import CASES
from xlcrm.documents.document_states import STATUSES, DocumentState, is_overdue, status

with (CASES / "document_status.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@pytest.mark.parametrize("row", ROWS, ids=[f"{i} {row['kind']} {row['status']}" for i, row in enumerate(ROWS, 2)])
def test_the_status_of_a_document(row: dict[str, str]) -> None:
    gross, paid, credited = (Decimal(row[name]) for name in ("gross", "paid", "credited"))
    state = DocumentState(row["kind"], gross, paid, credited, _day(row["due_on"]), _day(row["sent_on"]))
    today = dt.date.fromisoformat(row["today"])
    assert status(state, today) == row["status"], row["why"]
    assert is_overdue(state, today) == (row["status"] == "overdue")


def test_every_status_has_a_case() -> None:
    assert {row["status"] for row in ROWS} == set(STATUSES)
