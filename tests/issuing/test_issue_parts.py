"""The parts of an issue by themselves: numbers, open lines, typed lines, rows, payments that are spread, checks."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

from tests.support.paths import CASES
from xlcrm import schema
from xlcrm.errors import CrmError
from xlcrm.issuing import document_checks
from xlcrm.issuing.issue_order import rows_of, typed_line
from xlcrm.issuing.numbering import DocumentNumber, Numberer, parsed
from xlcrm.issuing.open_lines import open_lines
from xlcrm.issuing.payments import PaymentOrder
from xlcrm.issuing.payments import plan as payment_plan
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 27)
ONE, TWO = "R-2026-0001", "R-2026-0002"
with (CASES / "open_lines.csv").open(encoding="utf-8", newline="") as _file:
    LINES = list(csv.DictReader(_file))


def table(name: str, rows: list[dict[str, object]]) -> Table:
    spec = schema.known(name)
    assert spec
    columns = [column.name for column in spec.columns]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    return Table(name, name, frame, {column: column for column in columns})


def invoice(number: str, gross: float, **more: object) -> dict[str, object]:
    given = {"number": number, "kind": "invoice", "date": pd.Timestamp(TODAY), "client_id": "C1", "currency": "EUR"}
    sums = {"net": gross, "vat": 0.0, "gross": gross, "due_on": pd.Timestamp("2026-12-27")}
    return {**given, **sums, **more}


def line(number: str, net: float, purchase: str = "") -> dict[str, object]:
    return {"number": number, "line": 1, "quantity": 1.0, "unit_price": net, "net": net, "purchase": purchase}


def books(documents: list[dict[str, object]], lines: list[dict[str, object]], paid: list[dict[str, object]]) -> Tables:
    return Tables.of(
        table("Documents", documents),
        table("DocumentLines", lines),
        table("Payments", paid),
        table("Purchases", []),
        table("Seller", []),
    )


@pytest.mark.parametrize("case", LINES, ids=[case["why"] for case in LINES])
def test_a_line_is_open_or_says_why_not(case: dict[str, str]) -> None:
    cells = {k: v or None for k, v in case.items() if k not in ("expected", "why")}
    numbers = {k: float(str(cells[k])) if cells[k] else None for k in ("quantity", "unit_price", "amount")}
    purchases = table("Purchases", [{**cells, **numbers, "date": pd.Timestamp(TODAY), "product": "Thing"}])
    before = purchases.frame.copy(deep=True)
    found = open_lines(purchases, (), today=pd.Timestamp(TODAY), currency="EUR", country="IT", chosen=[0])
    shown = [f"{one.quantity} x {one.unit_price}" for one in found.lines] + [one.code for one in found.problems]
    assert shown == [case["expected"]]
    pd.testing.assert_frame_equal(purchases.frame, before)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("RE-2026-0007", DocumentNumber("RE", 2026, 7)),
        ("A-B-2026-12345", DocumentNumber("A-B", 2026, 12345)),
        ("-2026-1", DocumentNumber("", 2026, 1)),
        ("2026/7", None),
        ("RE-26-7", None),
    ],
)
def test_numbers_are_read_as_they_are_written(text: str, found: DocumentNumber | None) -> None:
    assert parsed(text) == found


def test_the_next_number_is_above_all_that_were_given() -> None:
    numberer = Numberer([DocumentNumber("RE", 2026, 4), DocumentNumber("re", 2026, 9), DocumentNumber("RE", 2025, 80)])
    assert [str(numberer.next("RE", 2026)), str(numberer.next("RE", 2026))] == ["RE-2026-0010", "RE-2026-0011"]
    assert str(numberer.next("RE", 2027)) == "RE-2027-0001"


def test_typed_lines_and_rows_are_read() -> None:
    found = typed_line("Consulting; 2,5; h; 80; 22; 10 %", "IT")
    assert (found.quantity, found.unit, found.unit_price) == (Decimal("2.5"), "h", Decimal(80))
    assert (found.rate, found.discount) == (Decimal("0.22"), Decimal("0.1"))
    assert typed_line("Idea; 80").unit_price == 80
    assert rows_of("12, 15-17") == (12, 15, 16, 17)
    for wrong in ("", "Idea", "Idea; x; h; 80"):
        with pytest.raises(CrmError, match="Nothing was changed"):
            typed_line(wrong)
    with pytest.raises(CrmError, match="12,15-18"):
        rows_of("twelve")


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (PaymentOrder((ONE,)), [(ONE, 100.0)]),
        (PaymentOrder((ONE,), amount=Decimal(30)), [(ONE, 30.0)]),
        (PaymentOrder((ONE, TWO), amount=Decimal(130)), [(ONE, 100.0), (TWO, 30.0)]),
        (PaymentOrder((ONE, TWO), amount=Decimal(160)), [(ONE, 100.0), (TWO, 60.0)]),
        (PaymentOrder(client="c1", amount=Decimal(110)), [(TWO, 50.0), (ONE, 60.0)]),
        (PaymentOrder((ONE,), amount=Decimal(-20)), [(ONE, -20.0)]),
    ],
    ids=["all", "part", "several at once", "too much stays on the last", "a client, first due first", "paid back"],
)  # fmt: skip
def test_a_payment_is_spread(order: PaymentOrder, expected: list[tuple[str, float]]) -> None:
    documents = [invoice(ONE, 100.0), invoice(TWO, 50.0, due_on=pd.Timestamp("2026-12-01"))]
    tables = books(documents, [line(ONE, 100.0), line(TWO, 50.0)], [])
    made = payment_plan(tables, order, settings=Settings(), today=TODAY)
    rows = made.added[0].rows
    assert list(zip(rows["number"], rows["amount"], strict=True)) == expected


def test_a_credit_note_is_set_off_by_two_rows() -> None:
    credit = invoice("K-2026-0001", -40.0, kind="credit", due_on=None)
    tables = books([invoice(ONE, 100.0), credit], [line(ONE, 100.0), line("K-2026-0001", -40.0)], [])
    order = PaymentOrder((ONE,), set_off="K-2026-0001")
    made = payment_plan(tables, order, settings=Settings(), today=TODAY)
    rows = made.added[0].rows
    assert list(zip(rows["number"], rows["amount"], strict=True)) == [(ONE, 40.0), ("K-2026-0001", -40.0)]
    after = {change.column: list(change.after) for change in made.changes if change.table == "Documents"}
    assert after["open"] == [60.0, 0.0]


PAID = {"date": pd.Timestamp(TODAY), "number": ONE, "amount": 10.0}


@pytest.mark.parametrize(
    ("documents", "lines", "paid", "on_disk", "code"),
    [
        ([invoice(ONE, 10.0)], [line(ONE, 10.0)], [], {}, ""),
        ([invoice(ONE, 10.0), invoice("R-2026-0003", 10.0)], [], [], {}, "issuing.gap"),
        ([invoice(ONE, 10.0), invoice("r-2026-0001", 10.0)], [], [], {}, "issuing.number_twice"),
        ([invoice(ONE, 10.0)], [], [PAID, PAID], {}, "issuing.payment_twice"),
        ([invoice(ONE, 10.0)], [], [{**PAID, "number": "R-1"}], {}, "issuing.payment_unknown"),
        ([invoice(ONE, 10.0, due_on=pd.Timestamp("2026-11-01"))], [], [], {}, "issuing.due_before"),
        ([invoice(ONE, 10.0)], [line(ONE, 9.99)], [], {}, "issuing.sums_differ"),
        ([invoice(ONE, 10.0, file="d/1.pdf", hash="ab")], [], [], {"d/1.pdf": ""}, "issuing.file_gone"),
        ([invoice(ONE, 10.0, file="d/1.pdf", hash="ab")], [], [], {"d/1.pdf": "cd"}, "issuing.file_differs"),
        ([invoice(ONE, 10.0, file="d/1.pdf", hash="ab")], [], [], None, ""),
        (
            [invoice(ONE, 10.0), invoice(TWO, 10.0)],
            [line(ONE, 10.0, "x"), line(TWO, 10.0, "x")], [], {}, "issuing.line_twice",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_documents_is_found(
    documents: list[dict[str, object]], lines: list[dict[str, object]], paid: list[dict[str, object]],
    on_disk: dict[str, str] | None, code: str,
) -> None:  # fmt: skip
    lines = lines or [line(str(one["number"]), 10.0) for one in documents]
    found = document_checks.findings(books(documents, lines, paid), on_disk)
    assert [one.code for one in found] == ([code] if code else [])
