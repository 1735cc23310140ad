"""Bank lines against documents: what is booked, asked and left out, by the table tests/cases/bank/lines.csv."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from decimal import Decimal
from functools import cache

import pytest

from tests.support.paths import CASES
from xlcrm.bank.bank_line import BankLine
from xlcrm.bank.payment_matching import LineVerdict, PaymentLedger, match_all
from xlcrm.documents.document_states import KnownDocument


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / "bank" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def ledgers() -> dict[str, PaymentLedger]:
    """A ledger for each workbook of documents.csv."""
    books: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows("documents"):
        books[row["book"]].append(row)
    return {book: ledger(some) for book, some in books.items()}


def ledger(some: list[dict[str, str]]) -> PaymentLedger:
    own = some[0]
    documents = [
        KnownDocument(
            row["number"], row["kind"], row["client_id"], row["currency"], dt.date.fromisoformat(row["date"]),
            Decimal(row["gross"]), Decimal(row["paid"]),
        )
        for row in some[1:]
    ]  # fmt: skip
    names = {row["client_id"]: (row["buyer"],) for row in some[1:]}
    accounts = {row["iban"]: row["client_id"] for row in some[1:] if row["iban"]}
    return PaymentLedger(
        documents, names, accounts, frozenset({own["iban"]}), (own["buyer"],), currency=own["currency"]
    )


def line_of(row: dict[str, str]) -> BankLine:
    day = dt.date.fromisoformat(row["day"])
    return BankLine(day, Decimal(row["amount"]), row["currency"], row["payer"], row["iban"], row["text"], reference="r")


def told(verdict: LineVerdict) -> tuple[str, str, str]:
    """Outcome, documents and code as the table has them."""
    if verdict.booked:
        return "booked", "+".join(f"{number}={amount:.2f}" for number, amount in sorted(verdict.parts)), ""
    return ("asked" if verdict.asked else "left"), "", verdict.code


def wanted(row: dict[str, str]) -> tuple[str, str, str]:
    return row["outcome"], "+".join(sorted(filter(None, row["books"].split("+")))), row["code"]


@pytest.mark.parametrize(
    "row", [*rows("lines"), *rows("later_lines")], ids=lambda row: f"{row['book']}-{row['amount']}-{row['text']}"[:50]
)
def test_a_line_is_booked_asked_or_left(row: dict[str, str]) -> None:
    assert told(match_all([line_of(row)], ledgers()[row["book"]])[0]) == wanted(row), row["why"]
