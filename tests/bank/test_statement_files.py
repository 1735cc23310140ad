"""Statements of real banks' shapes: each holds the same three movements, whatever its columns are called."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal

import pytest

from tests.support.paths import CASES
from xlcrm.bank.bank_line import BankLine
from xlcrm.bank.statement_columns import Means
from xlcrm.bank.transfer_text import NumberIndex, mentions
from xlcrm.files.statement_files import read_statements

FOLDER = CASES / "bank" / "statements"
MEANS = Means("DE", dt.date(2026, 4, 20))
WANTED = {
    dt.date(2026, 4, 14): (Decimal("12345.67"), ("RE-2026-0016",)),
    dt.date(2026, 4, 15): (Decimal("1190.00"), ("RE-2026-0011",)),
    dt.date(2026, 4, 16): (Decimal("-64.90"), ()),
}
INDEX = NumberIndex(["RE-2026-0011", "RE-2026-0016", "RE-2026-0012"])


def rows() -> list[dict[str, str]]:
    with (CASES / "bank" / "statements.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def lines_of(name: str) -> list[BankLine]:
    return [line for one in read_statements(FOLDER / name, MEANS) for line in one.lines]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["file"])
def test_the_movements_of_each_bank(row: dict[str, str]) -> None:
    found = lines_of(row["file"])
    assert {line.day: line.amount for line in found} == {day: amount for day, (amount, _) in WANTED.items()}
    assert len(found) == 3
    for line in found:
        numbers = WANTED[line.day][1]
        assert tuple(n for m in mentions(line.text, INDEX) for n in m.numbers) == numbers, line.text
        assert line.currency == row["currency"]
    paid = next(line for line in found if line.amount == 1190)
    payer = "Mueller und Soehne KG" if row["payer"] == "y" else row["payer"]
    assert not payer or paid.payer == payer
    assert paid.iban == ("DE15100000000003318225" if row["iban"] else "")
