"""One sale line typed twice, or with a slipped comma, is in every total, so lines are checked against themselves."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import row_matching
from xlcrm.checks.judge import Verdict
from xlcrm.checks.view import Mask, View, Workbook
from xlcrm.problems import Problem

CURRENCY_SIGNS = {"€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "chf.": "CHF", "sfr": "CHF", "us$": "USD"}
# Lines may differ from quantity x price by discounts or taxes; if so many do, that is how this list counts.
HABIT = 0.2
OUTLIERS = 20


def check(book: Workbook) -> list[Problem]:
    """Repeated lines, amounts that are not quantity x price, missing ones, dates in a wrong order, odd currencies."""
    view = book.get("Purchases")
    if view is None:
        return []
    off = amounts(view)
    known = {problem.row for problem in off}
    far = [problem for problem in outliers(view) if problem.row not in known]
    return repeated(view) + off + far + order_of_dates(view) + currencies(book, view)


def repeated(view: View) -> list[Problem]:
    """Lines that are the same in every typed column as an earlier one of the same invoice."""
    names = ("invoice", "client_id", "date", "product", "quantity", "unit_price", "amount", "category", "currency")
    columns = [c for c in names if view.has(c)]
    if not {"invoice", "product"} <= set(columns) and not {"invoice", "amount"} <= set(columns):
        return []
    marks = row_matching.fingerprints(view.table.frame, columns)
    again = pd.Series(marks).duplicated().to_numpy() & view.filled("invoice")
    first = pd.Series(range(len(marks))).groupby(pd.Series(marks)).transform("first")
    found = []
    for position in np.flatnonzero(again & view.live).tolist():
        other = str(view.table.excel_row(int(first.iloc[position])))
        verdict = Verdict("line.repeated", level="doubt", values=(("other", other),))
        found.append(view.problem(position, verdict, "invoice"))
    return found


def amounts(view: View) -> list[Problem]:
    """Amounts that are more than a rounding away from quantity x price, and missing ones that these give."""
    if not (view.has("quantity") and view.has("unit_price") and view.has("amount")):
        return []
    product = (view.numbers("quantity") * view.numbers("unit_price")).to_numpy()
    amount = view.numbers("amount").to_numpy()
    # a price rounded to cents may be half a cent off, as often as there are pieces
    slack = 0.011 + 0.005 * np.abs(view.numbers("quantity").to_numpy())
    both = ~np.isnan(product) & ~np.isnan(amount)
    off = both & (np.abs(product - amount) > slack)
    found = []
    if off.sum() > max(HABIT * both.sum(), 3):
        values = (("count", str(int(off.sum()))), ("lines", str(int(both.sum()))))
        found.append(view.about(Verdict("amount.often_off", level="note", values=values), "amount"))
    else:
        found += _with_product(view, off, product, "amount.off")
    missing = ~np.isnan(product) & ~view.filled("amount")
    if missing.any() and view.filled("amount").any():
        found += _with_product(view, missing, product, "amount.missing")
    return found


def _with_product(view: View, mask: Mask, product: np.ndarray[Any, Any], code: str) -> list[Problem]:
    found = []
    for position in np.flatnonzero(mask & view.live).tolist():
        right = f"{round(float(product[position]), 2):.2f}"
        found.append(view.problem(position, Verdict(code, right, False, "doubt"), "amount"))
    return found


def order_of_dates(view: View) -> list[Problem]:
    """Due before it was invoiced. (Paid before it was invoiced is an advance, and no mistake.)"""
    early = (view.dates("due_on") < view.dates("invoiced_on")).to_numpy()
    return view.each(early, Verdict("line.due_early", level="doubt"), "due_on")


def currencies(book: Workbook, view: View) -> list[Problem]:
    """Signs and words in place of a code (mended), codes that no currency has, and several currencies without rates."""
    if not view.has("currency"):
        return []

    def judge(value: str, _: str) -> Verdict | None:
        text = value.strip()
        if text.casefold() in CURRENCY_SIGNS:
            return Verdict("currency.sign", CURRENCY_SIGNS[text.casefold()], True, "doubt")
        if text.upper() == text and len(text) == 3 and text.isalpha() and text.isascii():
            return None
        if len(text) == 3 and text.isalpha() and text.isascii():
            return Verdict("currency.sign", text.upper(), True, "doubt")
        return Verdict("currency.unknown", level="doubt")

    found = view.judged("currency", judge)
    counts = Counter(CURRENCY_SIGNS.get(code.casefold(), code.upper()) for code in view.text("currency") if code)
    rated = set()
    if "Rates" in book.tables and "currency" in book.tables["Rates"].frame:
        rated = {str(code).strip().upper() for code in book.tables["Rates"].frame["currency"]}
    without = sorted(set(counts) - rated - {book.settings.currency})
    if without and len(counts) > 1:
        named = ", ".join(f"{code} ({count})" for code, count in counts.most_common(6))
        values = (("named", named), ("without", ", ".join(without[:6])))
        found.append(view.about(Verdict("currency.mixed", level="doubt", values=values), "currency"))
    return found


def outliers(view: View) -> list[Problem]:
    """Amounts a hundred times beyond what is usual, which a slipped comma is and a good month is not.

    Usual is the 90th percentile (in lists of fewer than 200 lines the median); lists of fewer than 30 lines have none.
    A list with more than `OUTLIERS` such lines simply has large amounts.
    """
    amount = view.numbers("amount").abs()
    usual = amount[amount > 0]
    if len(usual) < 30:
        return []
    limit = 100 * float(usual.median()) if len(usual) < 200 else 100 * float(usual.quantile(0.9))
    far = (amount > limit).to_numpy()
    if far.sum() > OUTLIERS:
        return []
    verdict = Verdict("amount.outlier", level="doubt", values=(("usual", f"{float(usual.median()):.2f}"),))
    return view.each(far, verdict, "amount")
