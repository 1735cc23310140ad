"""Spend metrics: every definition as a row of cases/spend.csv, and what must hold for any list of purchases."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.paths import CASES
from xlcrm import schema, words
from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES, catalogue
from xlcrm.spend import metrics
from xlcrm.spend.lines import read_lines
from xlcrm.spend.refunds import originals
from xlcrm.spend.rfm import GROUPS, quintiles

TODAY = dt.date(2026, 11, 22)
with (CASES / "spend.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))
CALCULATED = [column.name for column in schema.CLIENTS_CALCULATED]
OF_THE_ROW = {"share", "age", "main_contact", "people", "letter_salutation", "letter_household"}  # not of purchases
OF_PURCHASES = [name for name in CALCULATED if name not in OF_THE_ROW]


def frame_of(text: str) -> pd.DataFrame:
    """ "invoice=1 amount=2; …" as a frame of cells as typed; numbers are numbers, dates dates, the rest text."""
    rows = [dict(token.split("=", 1) for token in line.split()) for line in text.split(";")]
    return pd.DataFrame([{"client_id": "A", **{k: _cell(v) for k, v in row.items()}} for row in rows], dtype=object)


def _cell(text: str) -> object:
    for read in (float, dt.datetime.fromisoformat):
        try:
            return read(text)
        except ValueError:
            continue
    return text


@pytest.mark.parametrize("case", ROWS, ids=lambda case: f"{case['column']}: {case['why']}")
def test_definitions(case: dict[str, str]) -> None:
    row = metrics(frame_of(case["lines"]), today=TODAY, currency="EUR").set_index("client_id").loc[case["client"]]
    value, expected = row[case["column"]], case["expected"]
    if expected == "":
        assert value == "" or pd.isna(value)
    elif isinstance(value, pd.Timestamp):
        assert value == pd.Timestamp(expected)
    elif isinstance(value, str):
        assert value == expected
    else:
        assert value == float(expected)


def test_amounts_typed_as_text_are_read_by_country() -> None:
    typed = pd.DataFrame({"client_id": ["A"], "date": ["01/11/2026"], "quantity": ["2"], "unit_price": ["1,125"]})
    assert metrics(typed, today=TODAY, country="IT")["total_spend"].tolist() == [2.25]
    assert metrics(typed, today=TODAY, country="US")["total_spend"].tolist() == [2250]


def test_columns_are_those_of_the_schema() -> None:
    assert list(metrics(frame_of(ROWS[0]["lines"]), today=TODAY).columns) == ["client_id", *OF_PURCHASES]


def test_no_lines_give_no_rows() -> None:
    empty = pd.DataFrame({"client_id": pd.Series([], dtype="str"), "amount": pd.Series([], dtype="float64")})
    assert list(metrics(empty, today=TODAY).columns) == ["client_id", *OF_PURCHASES]
    assert len(metrics(empty, today=TODAY)) == 0
    blank = pd.DataFrame({"client_id": [""], "invoice": [""], "date": [pd.NaT], "amount": [np.nan]})
    assert len(metrics(blank, today=TODAY)) == 0, "the blank row of an empty Excel table is no purchase"


def test_without_a_client_column_a_sentence_says_so() -> None:
    with pytest.raises(CrmError, match="Client ID"):
        metrics(pd.DataFrame({"amount": [1.0]}), today=TODAY)


def test_ids_come_back_as_they_were() -> None:
    numbers = pd.DataFrame({"client_id": [7, 7, 12], "amount": [1.0, 2.0, 3.0]})
    assert metrics(numbers, today=TODAY)["client_id"].tolist() == [7, 12]
    texts = pd.DataFrame({"client_id": ["007", " 007", "12"], "amount": [1.0, 2.0, 3.0]})
    assert metrics(texts, today=TODAY)["client_id"].tolist() == ["007", "12"]


def test_today_may_carry_a_time_of_day() -> None:
    frame = frame_of("invoice=1 date=2026-10-24 amount=7")
    noon = metrics(frame, today=dt.datetime(2026, 11, 22, 12, 30))
    pd.testing.assert_frame_equal(noon, metrics(frame, today=TODAY))


def test_time_zones_keep_the_wall_clock() -> None:
    late = pd.to_datetime(["2026-11-22 23:30"]).tz_localize("America/New_York")
    found = metrics(pd.DataFrame({"client_id": ["A"], "date": late, "amount": [1.0]}), today=TODAY)
    assert found["last_purchase"].iloc[0] == pd.Timestamp(TODAY)


LINE = st.tuples(
    st.sampled_from(["A", "B", "C", ""]),
    st.sampled_from(["1", "2", "3", "C1", ""]),
    st.integers(0, 900),
    st.integers(-100_000, 300_000),
    st.sampled_from(["x", "y", ""]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINE, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_a_slow_recomputation_agrees_whatever_the_order(
    lines: list[tuple[str, str, int, int, str]], random: object
) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    frames = [_frame(rows) for rows in (lines, shuffled)]
    copies = [frame.copy(deep=True) for frame in frames]
    found, again = (metrics(f, today=TODAY).set_index("client_id").sort_index() for f in frames)
    for frame, copy in zip(frames, copies, strict=True):
        pd.testing.assert_frame_equal(frame, copy)
    pd.testing.assert_frame_equal(found, again)
    assert sorted(found.index) == sorted({line[0] for line in lines} - {""})
    for client in found.index:
        own = [line for line in lines if line[0] == client]
        bought = [line for line in own if line[3] >= 0]
        days = sorted({line[2] for line in bought})
        orders = {line[1] or ("day", line[2]) for line in bought}
        cents = sum(line[3] for line in own)
        row = found.loc[client]
        assert row["total_spend"] == cents / 100
        assert row["orders"] == len(orders)
        assert row["spend_30d"] == sum(line[3] for line in own if 0 <= line[2] < 30) / 100
        assert row["refunds"] == -sum(line[3] for line in own if line[3] < 0) / 100
        if orders:
            mean = (Decimal(cents) / 100 / len(orders)).quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert row["average_spend"] == float(mean)
            assert row["days_since"] == days[0]
        if len(days) > 1:
            assert row["days_between"] == pytest.approx((days[-1] - days[0]) / (len(days) - 1), abs=0.0051)


def _frame(rows: list[tuple[str, str, int, int, str]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "client_id": [row[0] for row in rows],
            "invoice": [row[1] for row in rows],
            "date": [pd.Timestamp(TODAY) - pd.Timedelta(days=row[2]) for row in rows],
            "amount": [row[3] / 100 for row in rows],
            "product": [row[4] for row in rows],
        }
    )


@pytest.mark.parametrize(
    ("lines", "expected", "why"),
    [
        ("invoice=536379 amount=5; invoice=C536379 amount=-5", [-1, 0], "the number without its letter"),
        ("invoice=INV-77 amount=5; invoice=CN-77 amount=-2", [-1, 0], "prefixes on both, a part returned"),
        ("invoice=77 amount=5; invoice=77 date=2026-11-20 amount=-5", [-1, 0], "the same number again"),
        ("invoice=1 product=x amount=5; invoice=C9 product=x amount=-5", [-1, 0], "another number: the same product"),
        ("invoice=1 product=x amount=5; invoice=C9 product=y amount=-5", [-1, -1], "another product is another thing"),
        ("invoice=1 amount=5; invoice=2 amount=7; invoice=C9 amount=-7", [-1, -1, 1], "no product: the same amount"),
        ("invoice=1 amount=9; invoice=C9 amount=-7", [-1, -1], "no product, no number, another amount: nobody knows"),
        ("invoice=1 product=x amount=5; invoice=2 product=x amount=5; invoice=C8 product=x amount=-5; "
         "invoice=C9 product=x amount=-5", [-1, -1, 1, 0], "each refund takes its own purchase, the newest first"),
        ("invoice=C9 product=x date=2026-10-01 amount=-5; invoice=1 product=x date=2026-10-02 amount=5", [-1, -1],
         "what was bought later can't have come back before"),
        ("client_id=B invoice=1 product=x amount=5; invoice=C1 product=x amount=-5", [-1, -1], "another client's"),
        ("invoice=1 product=x amount=5; invoice=1 product=y amount=5; invoice=C1 product=y amount=-5", [-1, -1, 1],
         "of the invoice's lines the one with the product"),
    ],
)  # fmt: skip
def test_refunds_find_their_purchase(lines: str, expected: list[int], why: str) -> None:
    frame = frame_of(lines)
    frame["date"] = frame["date"].fillna(dt.datetime(2026, 11, 1)) if "date" in frame else dt.datetime(2026, 11, 1)
    assert originals(read_lines(frame, today=TODAY)).tolist() == expected, why


@pytest.mark.parametrize(
    ("values", "expected", "why"),
    [
        ([], [], "nobody"),
        ([7], [3], "alone: the middle"),
        ([1, 2], [2, 4], "two spread evenly"),
        ([3, 3, 3, 3], [3, 3, 3, 3], "all alike: the middle"),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], "five"),
        ([10, 20, 30, 40, 50, 60, 70, 80, 90, 100], [1, 1, 2, 2, 3, 3, 4, 4, 5, 5], "fifths of ten"),
        ([1, 1, 1, 1, 1, 1, 2, 3, 4, 5], [2, 2, 2, 2, 2, 2, 4, 4, 5, 5], "six one-time buyers share one step"),
    ],
)
def test_quintiles(values: list[int], expected: list[int], why: str) -> None:
    assert quintiles(np.array(values, dtype="int64")).tolist() == expected, why


def test_every_column_has_a_definition_and_every_group_a_word() -> None:
    for name in CALCULATED:
        assert set(catalogue()[f"metric.{name}"]) == set(LANGUAGES)
    for group in GROUPS:
        assert words.choice("rfm_group", words.choice_word("rfm_group", group, "nb")) == group
