"""Statements of real banks' shapes: each holds the same three movements, whatever its columns are called."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

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


@pytest.mark.parametrize(
    ("text", "amounts", "why"),
    [
        (
            "Date,Details,Debit,Credit\n2026-04-01,a,10.00,\n2026-04-02,b,,5.00\n2026-04-03,c,-10.00,\n",
            "-10 5 10",
            "back",
        ),
        (
            "Date,Details,Debit,Credit\n2026-04-01,a,-10.00,\n2026-04-02,b,,5.00\n2026-04-03,c,,-5.00\n",
            "-10 5 -5",
            "back",
        ),
        ("Date,Details,Amount\n2026-04-01,a,(10.00)\n2026-04-02,b,5.00\n", "-10 5", "brackets"),
        ("Date;Details;Amount\n2026-04-01;a;10,00-\n2026-04-02;b;5,00\n", "-10 5", "a minus behind"),
        ("Date;Details;Amount\n2026-04-01;a;1.234.567,89\n", "1234567.89", "millions"),
        ("Date,Details,Amount\n2026-04-01,a,0.00\n2026-04-02,b,5.00\n", "5", "nothing moved"),
        ("Data;Importo;Descrizione\n01/04/2026;5,00;a\n02/04/2026;abc;b\n13/04/2026;7,00;c\n", "5 7", "a row unread"),
    ],
)
def test_amounts_of_small_lists(text: str, amounts: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(text, encoding="utf-8")
    found = [line.amount for one in read_statements(file, MEANS) for line in one.lines]
    assert found == [Decimal(amount) for amount in amounts.split()], why


def test_a_row_with_half_a_movement_is_named(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("Date;Details;Amount\n2026-04-01;a;5,00\n2026-99-02;b;6,00\n2026-04-03;c;7,0o\n", encoding="utf-8")
    problems = [problem for one in read_statements(file, MEANS) for problem in one.problems]
    assert [(problem.row, problem.value) for problem in problems] == [(3, "2026-99-02"), (4, "7,0o")]
