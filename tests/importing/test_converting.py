"""Columns of cells as they are typed become dates, numbers, flags and choices; what does not parse stays as typed."""

from __future__ import annotations

import csv
import datetime as dt

import pandas as pd
import pytest

from tests.support.importing_help import TODAY
from tests.support.paths import CASES
from xlcrm.importing.converting import convert
from xlcrm.importing.matching import comparable
from xlcrm.importing.sales_lines import with_amount
from xlcrm.values import text_of

TABLE = CASES / "import_values.csv"


def cases() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shown(value: object) -> str:
    """A cell as the cases write it: 'text where a date or number was expected and text stayed."""
    return repr(value) if isinstance(value, float) and value == value else text_of(value)


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case['field']}: {case['why']}")
def test_a_column(case: dict[str, str]) -> None:
    column = pd.Series(case["column"].split("|"), dtype="str")
    done = convert(column, case["table"], case["field"], country=case["country"], language="en", today=TODAY)
    expected = case["expected"].split("|")
    got = [("'" if bad else "") + shown(value) for value, bad in zip(done.values, done.bad, strict=True)]
    assert got == expected
    if not done.bad.any():
        kinds = {
            "acquired_on": "datetime64[us]",
            "birth_date": "datetime64[us]",
            "turnover": "float64",
            "discount": "float64",
        }
        assert str(done.values.dtype) == kinds.get(case["field"], "str")


def test_dates_that_nobody_can_tell_are_counted() -> None:
    column = pd.Series(["03/04/2024", "05/06/2024", "2024-01-02"], dtype="str")
    done = convert(column, "Clients", "acquired_on", country="", language="en", today=TODAY, order="ask")
    assert done.unsure == {"03/04/2024", "05/06/2024"}
    done = convert(column, "Clients", "acquired_on", country="FR", language="en", today=TODAY)
    assert not done.unsure


def test_cells_of_a_workbook() -> None:
    column = pd.Series([dt.datetime(2024, 1, 2, 3, 4), "5 mai 2024", None], dtype=object)
    done = convert(column, "Clients", "acquired_on", country="", language="en", today=TODAY)
    assert done.values.tolist() == [pd.Timestamp(2024, 1, 2), pd.Timestamp(2024, 5, 5), pd.NaT]
    numbers = convert(
        pd.Series([1, 2.5, "3,5", None], dtype=object), "Clients", "turnover", country="", language="en", today=TODAY
    )
    assert numbers.values.tolist()[:3] == [1.0, 2.5, 3.5]
    text = convert(
        pd.Series([20121.0, "00184", True, None], dtype=object),
        "Clients",
        "postal_code",
        country="",
        language="en",
        today=TODAY,
    )
    assert text.values.tolist() == ["20121", "00184", "TRUE", ""]


@pytest.mark.parametrize(
    ("discount", "header", "amounts", "unclear"),
    [
        (None, "", [30.0, 20.0], 0),
        ([0.1, 0.0], "Discount", [27.0, 20.0], 0),
        ([10.0, 0.0], "Rabatt %", [27.0, 20.0], 0),
        ([0.1, 0.05], "Sconto %", [27.0, 19.0], 0),
        ([3.0, 0.0], "Discount", [None, 20.0], 1),
        ([0.1, "gratis"], "Discount", [27.0, None], 1),
        ([None, None], "Discount", [30.0, 20.0], 0),
    ],
)
def test_amounts_are_computed_where_they_are_sure(
    discount: list[object] | None, header: str, amounts: list[float | None], unclear: int
) -> None:
    frame = pd.DataFrame({"quantity": [3.0, 2.0], "unit_price": [10.0, 10.0]})
    column = None if discount is None else pd.Series(discount, dtype=object)
    done, count = with_amount(frame, column, header)
    assert [None if v != v else v for v in done["amount"]] == amounts
    assert count == unclear
    assert "amount" not in frame


def test_amounts_that_are_there_stay() -> None:
    frame = pd.DataFrame({"quantity": [3.0, 2.0], "unit_price": [10.0, 10.0], "amount": [29.0, None]})
    assert with_amount(frame, None)[0]["amount"].tolist() == [29.0, 20.0]


@pytest.mark.parametrize(
    ("table", "field", "one", "two"),
    [
        ("Clients", "phone", "+47 22 34 56 78", "0047 (0)22345678"),
        ("Clients", "email", " Nora@Example.com", "nora@example.com"),
        ("Clients", "tax_id", "IT 007.431", "it007431"),
        ("Clients", "postal_code", "AB1 2CD", "ab12cd"),
        ("Clients", "notes", "two  words", "two words"),
        ("Clients", "status", "Kunde", "customer"),
        ("Clients", "opt_out_email", "ja", "1"),
        ("Clients", "turnover", "1.200,50", 1200.5),
        ("Clients", "birth_date", "03.04.1980", dt.datetime(1980, 4, 3)),
        ("Purchases", "client_id", 17850.0, "17850"),
    ],
)
def test_cells_that_mean_the_same_compare_equal(table: str, field: str, one: object, two: object) -> None:
    column = comparable(pd.Series([one, two, ""], dtype=object), table, field)
    assert column.iloc[0] == column.iloc[1] != ""
    assert column.iloc[2] == ""
