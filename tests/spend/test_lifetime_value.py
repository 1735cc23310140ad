"""The value of the next twelve months: the published CDNOW figures, and what must hold where there is little data."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.paths import SHARED_DATA
from xlcrm.spend.kinds import day_number
from xlcrm.spend.lifetime_value import BgNbd, GammaGamma, fit_bgnbd, fit_gammagamma, history, value_12m
from xlcrm.spend.lines import read_lines
from xlcrm.spend.refunds import originals

DATA = SHARED_DATA / "purchases"


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_found("clv_reference.json").read_text())
    return found


def _found(name: str) -> Path:
    if not (DATA / name).exists():
        pytest.skip(f"shared/data/purchases/{name} is missing")
    return DATA / name


@pytest.fixture(scope="module")
def often() -> BgNbd:
    data = pd.read_csv(_found("lifetimes_cdnow_customers_summary.csv"))
    found = fit_bgnbd(data["frequency"].to_numpy(), data["recency"].to_numpy(), data["T"].to_numpy())
    assert found is not None
    return found


def test_bgnbd_finds_the_published_parameters(often: BgNbd, reference: dict[str, Any]) -> None:
    for name, value in reference["bg_nbd"]["params"].items():
        assert round(getattr(often, name), 3) == pytest.approx(value, abs=0.0011), name


def test_bgnbd_expects_the_published_purchases(often: BgNbd, reference: dict[str, Any]) -> None:
    one = reference["bg_nbd"]["conditional_expected_purchases"]
    more = often.expected_more(one["t"], np.array([one["x"]]), np.array([one["t_x"]]), np.array([one["T"]]))
    assert more[0] == pytest.approx(one["value"], abs=one["abs_tol"])
    upto = reference["bg_nbd"]["expected_purchases_up_to_time"]
    np.testing.assert_almost_equal(
        often.expected_purchases(np.array(upto["t"])), upto["value"], decimal=upto["decimal"]
    )


def test_gamma_gamma_finds_the_published_figures(reference: dict[str, Any]) -> None:
    data = pd.read_csv(_found("lifetimes_cdnow_customers_summary_with_transactions.csv"))
    back = data[data["x"] > 0]
    worth = fit_gammagamma(back["x"].to_numpy(), back["zbar"].to_numpy())
    assert worth is not None
    expected = reference["gamma_gamma"]
    for name, value in expected["params"].items():
        np.testing.assert_almost_equal(getattr(worth, name), value, decimal=expected["tol_decimal"])
    first = worth.expected_value(data["x"].to_numpy(), data["zbar"].to_numpy())[:10]
    np.testing.assert_allclose(first, expected["conditional_expected_average_profit_first10"], atol=0.011)


def test_the_cdnow_purchases_give_the_published_history() -> None:
    """From raw purchases to x, t_x and T: the first of the three steps, against the table that others made."""
    raw = pd.read_csv(_found("cdnow_sample.csv"), dtype={"customer_id": str})
    end = dt.date(1997, 9, 30)
    frame = pd.DataFrame(
        {"client_id": raw["customer_id"], "date": pd.to_datetime(raw["date"]), "amount": raw["amount"]}
    )
    lines = read_lines(frame, today=end)
    past = history(lines, originals(lines), today=day_number(end))
    table = pd.read_csv(_found("lifetimes_cdnow_customers_summary.csv"))
    assert len(past.client) == len(table)
    order = np.argsort([int(i) for i in lines.ids[past.client]])
    np.testing.assert_array_equal(past.x[order], table["frequency"])
    np.testing.assert_allclose(past.t_x[order], table["recency"], atol=0.006)
    np.testing.assert_allclose(past.T[order], table["T"], atol=0.006)


@pytest.mark.parametrize("truth", [BgNbd(0.8, 9.0, 0.6, 2.0), BgNbd(1.5, 20.0, 1.5, 4.0)])
def test_parameters_come_back_from_simulated_clients(truth: BgNbd) -> None:
    x, t_x, end = _simulated(truth, clients=20_000, weeks=80.0)
    found = fit_bgnbd(x, t_x, np.full(len(x), end))
    assert found is not None
    weeks = 40.0
    assert float(found.expected_purchases(weeks)) == pytest.approx(float(truth.expected_purchases(weeks)), rel=0.03)


def _simulated(model: BgNbd, *, clients: int, weeks: float) -> tuple[Any, Any, float]:
    """Purchase histories that follow the model's story: buy at a steady rate, maybe leave after each purchase."""
    random = np.random.default_rng(7)
    rate = random.gamma(model.r, 1 / model.alpha, clients)
    leave = random.beta(model.a, model.b, clients)
    x, t_x, now = np.zeros(clients, dtype="int64"), np.zeros(clients), np.zeros(clients)
    active = np.ones(clients, dtype=bool)
    while active.any():
        now = now + random.exponential(1 / rate)
        active &= now < weeks
        x[active] += 1
        t_x[active] = now[active]
        active &= random.random(clients) >= leave
    return x, t_x, weeks


def test_expectations_stay_finite_and_meet_where_a_is_one() -> None:
    history_of = (np.array([0, 1, 50, 900]), np.array([0.0, 3.0, 90.0, 99.0]), np.full(4, 100.0))
    around = [BgNbd(0.5, 5.0, a, 2.5).expected_more(52, *history_of) for a in (1 - 1e-4, 1.0, 1 + 1e-4)]
    assert np.isfinite(around).all()
    np.testing.assert_allclose(around[0], around[1], rtol=2e-3)
    np.testing.assert_allclose(around[2], around[1], rtol=2e-3)


def test_nobody_ever_leaves_is_the_plain_rate() -> None:
    """With a near 0 the model becomes the NBD, whose expectation is (r + x) / (alpha + T) t."""
    x, t_x, end = np.array([0, 4, 30]), np.array([0.0, 20.0, 50.0]), np.full(3, 52.0)
    found = BgNbd(0.8, 10.0, 1e-6, 5000.0).expected_more(52, x, t_x, end)
    np.testing.assert_allclose(found, (0.8 + x) / (10 + end) * 52, rtol=1e-4)


def test_one_purchase_seen_leans_on_everybody() -> None:
    model = GammaGamma(6.25, 3.74, 15.44)
    everybody = float(model.expected_value(np.array([0]), np.array([0.0]))[0])
    seen_once, seen_often = model.expected_value(np.array([1, 100]), np.array([100.0, 100.0]))
    assert everybody < seen_once < seen_often < 101


def test_too_little_data_gives_blanks_and_a_reason() -> None:
    few = pd.DataFrame({"client_id": list("ABC"), "date": pd.Timestamp("2026-01-01"), "amount": 5.0})
    value, reason = _value(few)
    assert np.isnan(value).all()
    assert reason == "value.few"


def test_a_cancelled_order_is_worth_nothing() -> None:
    frame = _shop(lambda random: random.gamma(0.9, 6.0), lambda random: random.gamma(2.0, 20.0))
    mistake = pd.DataFrame({"client_id": "C5", "invoice": ["9000", "C9000"], "product": "x", "amount": [1e6, -1e6]})
    mistake["date"] = pd.Timestamp("2026-11-20")
    before, reason = _value(frame)
    after, _ = _value(pd.concat([frame, mistake], ignore_index=True))
    assert reason == ""
    np.testing.assert_array_equal(before, after)


def test_clients_who_are_all_alike_keep_their_rate_and_price() -> None:
    """About six purchases a year at 12.50 each: the maximum lies at infinity, the expectation does not."""
    value, reason = _value(_shop(lambda random: 12.0, lambda random: 12.5))
    assert reason == ""
    assert 50 < np.mean(value) < 100


def _shop(purchases: Callable[[Any], float], price: Callable[[Any], float]) -> pd.DataFrame:
    """Two years of 150 clients who bought first on one day and then about `purchases` times at about `price`."""
    random = np.random.default_rng(3)
    rows: list[tuple[str, str, pd.Timestamp, str, float]] = []
    for client in range(150):
        days = np.concatenate([[700], random.integers(1, 700, random.poisson(purchases(random)))])
        for day in days:
            date = pd.Timestamp("2026-11-22") - pd.Timedelta(days=int(day))
            rows.append((f"C{client}", str(len(rows)), date, "x", round(price(random) + 0.01, 2)))
    return pd.DataFrame(rows, columns=["client_id", "invoice", "date", "product", "amount"])


def _value(frame: pd.DataFrame) -> tuple[Any, str]:
    today = dt.date(2026, 11, 22)
    lines = read_lines(frame, today=today)
    return value_12m(history(lines, originals(lines), today=day_number(today)), lines.clients)
