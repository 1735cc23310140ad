"""Reminder letters from the tables: one a client and currency, with what is paid, credited and claimed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pandas as pd
from pandas.testing import assert_frame_equal

from xlcrm.documents.document_states import document_states
from xlcrm.documents.reminder_rules import ReminderTerms, reminders

TODAY = dt.date(2026, 3, 25)
DOCUMENTS = pd.DataFrame(
    [
        ("F1", "invoice", "C1", "EUR", "2026-02-01", 1000.0, "2026-03-01", "", 1, "2026-03-08"),
        ("F2", "fattura", "C1", "EUR", "2026-03-01", 200.0, "2026-04-01", "", 0, None),
        ("N1", "credit", "C1", "EUR", "2026-03-05", -100.0, None, "F1", 0, None),
        ("F3", "invoice", "C1", "NOK", "2026-02-01", 500.0, "2026-03-01", "", 0, None),
        ("F4", "invoice", "C2", "EUR", "2026-02-01", 80.0, "2026-03-01", "", 0, None),
        ("A1", "offer", "C3", "EUR", "2026-02-01", 80.0, "2026-03-01", "", 0, None),
        ("", "invoice", "C3", "EUR", "2026-02-01", 80.0, "2026-03-01", "", 0, None),
    ],
    columns="number kind client_id currency date gross due_on corrects reminder_level reminded_on".split(),
)
PAYMENTS = pd.DataFrame(
    [("2026-03-02", "F1", 300.0), ("2026-03-25", "F4", 80.0), ("2026-04-01", "F3", 500.0)],
    columns=["date", "number", "amount"],
)
TERMS = ReminderTerms("IT", fees=(Decimal(0), Decimal(5), Decimal(10)))


def test_a_letter_a_client_and_currency() -> None:
    first, second = reminders(DOCUMENTS, PAYMENTS, TERMS, TODAY, firms={"C1"})
    assert (first.client_id, first.currency, first.level) == ("C1", "EUR", 2)
    assert [(item.number, item.open, item.level) for item in first.items] == [
        ("F1", Decimal(600), 2),
        ("F2", Decimal(200), 0),
    ]
    assert first.items[0].interest == Decimal("4.00"), "24 days at 10.15 % on 600: 4.0043"
    assert (first.fee, first.total, first.assumed) == (Decimal(5), Decimal("609.00"), False)
    assert (second.currency, second.level, second.total) == ("NOK", 1, Decimal(500)), (
        "the payment of April is still to come"
    )


def test_nobody_who_paid_today_is_reminded() -> None:
    assert "C2" not in {one.client_id for one in reminders(DOCUMENTS, PAYMENTS, TERMS, TODAY)}


def test_states_of_all_documents() -> None:
    before = DOCUMENTS.copy(deep=True)
    found = document_states(DOCUMENTS, PAYMENTS, TODAY)
    assert_frame_equal(DOCUMENTS, before)
    assert list(found["status"]) == ["overdue", "issued", "paid", "overdue", "paid", "expired", "draft"]
    assert list(found["open"]) == [600, 200, 0, 500, 0, 0, 80]
    assert list(found.index) == list(DOCUMENTS.index)


def test_a_credit_note_beyond_what_is_open_stays_with_the_client() -> None:
    documents = pd.DataFrame(
        [("F1", "invoice", 100.0, ""), ("N1", "credit", -100.0, "F1")], columns=["number", "kind", "gross", "corrects"]
    )
    payments = pd.DataFrame([("F1", 70.0)], columns=["number", "amount"])
    found = document_states(documents, payments, TODAY)
    assert list(found["open"]) == [0, -70]
    assert list(found["status"]) == ["paid", "partly_paid"]
    paid_back = pd.DataFrame([("F1", 70.0), ("N1", -70.0)], columns=["number", "amount"])
    assert list(document_states(documents, paid_back, TODAY)["status"]) == ["paid", "paid"]


def test_an_offer_that_became_an_order_is_accepted() -> None:
    documents = pd.DataFrame(
        [("A1", "offer", 100.0, None, ""), ("O1", "order", 100.0, None, "A1")],
        columns=["number", "kind", "gross", "due_on", "from_number"],
    )
    assert list(document_states(documents, PAYMENTS.iloc[:0], TODAY)["status"]) == ["accepted", "issued"]
