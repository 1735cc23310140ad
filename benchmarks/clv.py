"""Fitted BG/NBD and Gamma-Gamma parameters beside the published ones: `python benchmarks/clv.py FOLDER`.

FOLDER holds clv_reference.json and the CDNOW summaries it names; nothing of it is part of this project.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from xlcrm.spend.lifetime_value import fit_bgnbd, fit_gammagamma


def beside(name: str, ours: float, published: float) -> None:
    print(f"{name:<42} {ours:10.4f} {published:10.4f}")


def main(folder: Path) -> None:
    reference = json.loads((folder / "clv_reference.json").read_text())
    print(f"{'':<42} {'xlcrm':>10} {'published':>10}")
    data = pd.read_csv(folder / "lifetimes_cdnow_customers_summary.csv")
    start = time.perf_counter()
    often = fit_bgnbd(data["frequency"].to_numpy(), data["recency"].to_numpy(), data["T"].to_numpy())
    took = time.perf_counter() - start
    if often is None:
        raise SystemExit("BG/NBD found no maximum")
    expected = reference["bg_nbd"]
    for name, value in expected["params"].items():
        beside(f"BG/NBD {name}", getattr(often, name), value)
    one = expected["conditional_expected_purchases"]
    history = (np.array([one["x"]]), np.array([one["t_x"]]), np.array([one["T"]]))
    beside("purchases in 39 weeks, x=2 t_x=30.43", often.expected_more(one["t"], *history)[0], one["value"])
    upto = expected["expected_purchases_up_to_time"]
    for t, value in zip(upto["t"], upto["value"], strict=True):
        beside(f"purchases of a new client in {t:g} weeks", float(often.expected_purchases(t)), value)
    data = pd.read_csv(folder / "lifetimes_cdnow_customers_summary_with_transactions.csv")
    back = data[data["x"] > 0]
    worth = fit_gammagamma(back["x"].to_numpy(), back["zbar"].to_numpy())
    if worth is None:
        raise SystemExit("Gamma-Gamma found no maximum")
    expected = reference["gamma_gamma"]
    for name, value in expected["params"].items():
        beside(f"Gamma-Gamma {name}", getattr(worth, name), value)
    means = worth.expected_value(data["x"].to_numpy(), data["zbar"].to_numpy())
    for i, value in enumerate(expected["conditional_expected_average_profit_first10"]):
        beside(f"mean value of client {i + 1}", means[i], value)
    print(f"BG/NBD fit of {len(data):,} clients: {took * 1000:.0f} ms; peak memory ", end="")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
