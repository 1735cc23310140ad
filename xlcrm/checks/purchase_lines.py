"""Check purchase lines: amounts against quantity and price, doubled lines, unknown clients and client_ids."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import row_matching
from xlcrm.checks.judge import Verdict
from xlcrm.checks.view import CheckedBook, Mask, View
from xlcrm.problems import Problem

CURRENCY_SIGNS = {"€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "chf.": "CHF", "sfr": "CHF", "us$": "USD"}
# Lines may differ from quantity x price by discounts or taxes; if so many do, that is how this list counts.
HABIT = 0.2
OUTLIERS = 20
ENOUGH = 30  # amounts that say what is usual
_TOLD_APART = 4  # columns that tell nearly all lines apart


def check(book: CheckedBook) -> list[Problem]:
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
    few = _alike(view, columns)
    marks = row_matching.alike(view.table.frame.iloc[few], columns)
    known = pd.Series(marks).duplicated().to_numpy()
    first = dict(zip(few[known].tolist(), few[~known][marks[known]].tolist(), strict=True))
    found = []
    for position in few[known & view.live[few]].tolist():
        other = str(view.table.excel_row(first[position]))
        verdict = Verdict("line.repeated", level="doubt", values=(("other", other),))
        found.append(view.problem(position, verdict, "invoice"))
    return found


def _alike(view: View, columns: list[str]) -> np.ndarray[Any, Any]:
    """The positions of lines with an invoice that are like another one in the first columns: most are like none."""
    marks = row_matching.alike(view.table.frame, columns[:_TOLD_APART])
    return np.flatnonzero(pd.Series(marks).duplicated(keep=False).to_numpy() & view.filled("invoice"))


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
    if habit := often_off(int(off.sum()), int(both.sum())):
        found.append(view.about(habit, "amount"))
    else:
        found += with_product(view, off, product, "amount.off")
    missing = ~np.isnan(product) & ~view.filled("amount")
    if missing.any() and view.filled("amount").any():
        found += with_product(view, missing, product, "amount.missing")
    return found


def often_off(off: int, both: int) -> Verdict | None:
    """What is said where so many of the lines with all three figures are off that it is how this list counts."""
    if off <= max(HABIT * both, 3):
        return None
    return Verdict("amount.often_off", level="note", values=(("count", str(off)), ("lines", str(both))))


def with_product(view: View, mask: Mask, product: np.ndarray[Any, Any], code: str) -> list[Problem]:
    """A doubt about the amount of each row of a mask that suggests quantity x price, to the cent."""
    found = []
    for position in np.flatnonzero(mask & view.live).tolist():
        right = f"{round(float(product[position]), 2):.2f}"
        found.append(view.problem(position, Verdict(code, right, False, "doubt"), "amount"))
    return found


DUE_EARLY = Verdict("line.due_early", level="doubt")


def order_of_dates(view: View) -> list[Problem]:
    """Due before it was invoiced. (Paid before it was invoiced is an advance, and no mistake.)"""
    early = (view.dates("due_on") < view.dates("invoiced_on")).to_numpy()
    return view.each(early, DUE_EARLY, "due_on")


def currencies(book: CheckedBook, view: View) -> list[Problem]:
    """Signs and words in place of a code (mended), codes that no currency has, and several currencies without rates."""
    if not view.has("currency"):
        return []
    mixed = mixed_currencies(book, Counter(view.text("currency").tolist()))
    return view.judged("currency", judge_currency) + ([view.about(mixed, "currency")] if mixed else [])


def mixed_currencies(book: CheckedBook, typed: Mapping[str, int]) -> Verdict | None:
    """What is said of several currencies of which some have no rate; `typed` is how many lines have which, as typed."""
    counts: Counter[str] = Counter()
    for text, lines in typed.items():
        counts[CURRENCY_SIGNS.get(text.casefold(), text.upper())] += lines
    counts.pop("", None)
    without = sorted(set(counts) - _rated(book) - {book.settings.currency})
    if not without or len(counts) < 2:
        return None
    named = ", ".join(f"{code} ({count})" for code, count in counts.most_common(6))
    values = (("named", named), ("without", ", ".join(without[:6])))
    return Verdict("currency.mixed", level="doubt", values=values)


def judge_currency(value: str, _: str) -> Verdict | None:
    """One cell: three capitals pass (nobody keeps the list of all codes), signs and small letters are mended."""
    text = value.strip()
    if text.casefold() in CURRENCY_SIGNS:
        return Verdict("currency.sign", CURRENCY_SIGNS[text.casefold()], True, "doubt")
    if not re.fullmatch("[A-Za-z]{3}", text):
        return Verdict("currency.unknown", level="doubt")
    return None if text.isupper() else Verdict("currency.sign", text.upper(), True, "doubt")


def _rated(book: CheckedBook) -> set[str]:
    """The currencies that the sheet Rates converts, in capitals; none where the workbook has no such sheet."""
    frame = book.tables["Rates"].frame if "Rates" in book.tables else pd.DataFrame()
    return {str(code).strip().upper() for code in frame["currency"]} if "currency" in frame else set()


def outliers(view: View) -> list[Problem]:
    """Amounts a hundred times beyond what is usual, which a slipped comma is and a good month is not.

    Usual is the 90th percentile (in lists of fewer than 200 lines the median); lists of fewer than 30 lines have none.
    A list with more than `OUTLIERS` such lines simply has large amounts.
    """
    amount = view.numbers("amount").abs()
    usual = amount[amount > 0]
    if len(usual) < ENOUGH:
        return []
    limit, verdict = far_beyond(len(usual), lambda share: float(usual.quantile(share)))
    far = (amount > limit).to_numpy()
    return view.each(far, verdict, "amount") if far.sum() <= OUTLIERS else []


def far_beyond(count: int, quantile: Callable[[float], float]) -> tuple[float, Verdict]:
    """The amount beyond which one is an outlier, and what is said of it; of `count` sizes above nought."""
    median = quantile(0.5)
    limit = 100 * (median if count < 200 else quantile(0.9))
    return limit, Verdict("amount.outlier", level="doubt", values=(("usual", f"{median:.2f}"),))


# Everything hangs on client_id: a client without one is never billed, a line of an unknown client never counted.


def check_links(book: CheckedBook) -> list[Problem]:
    """Clients without an id (a new one is proposed) or with somebody else's; lines of clients that the list lacks."""
    clients = book.get("Clients")
    if clients is None or not clients.has("client_id"):
        return []
    found = _ids(clients)
    known = set(clients.text("client_id")) - {""}
    for name in ("Purchases", "Interactions", "Opportunities", "People"):
        view = book.get(name)
        if view is not None and view.has("client_id"):
            found += _lines(view, known)
    return found


def _ids(clients: View) -> list[Problem]:
    """Clients without a client_id, each with an unused one to take, then those with another client's."""
    ids = clients.text("client_id")
    fresh = new_ids(list(ids))
    found = []
    for position in np.flatnonzero(clients.live & ~clients.filled("client_id")).tolist():
        name = clients.text("full_name")[position] or clients.text("company")[position]
        verdict = Verdict("id.missing", next(fresh), True, values=(("name", str(name)),))
        found.append(clients.problem(position, verdict, "client_id", ""))
    return found + _repeated_ids(clients, ids)


def _repeated_ids(clients: View, ids: np.ndarray[Any, Any]) -> list[Problem]:
    """One finding for each further row of a client_id, which names the first one."""
    found = []
    counts = Counter(ids[clients.filled("client_id")].tolist())
    first: dict[str, int] = {}
    for position in np.flatnonzero(clients.filled("client_id")).tolist():
        key = ids[position]
        if first.setdefault(key, position) != position:
            other = str(clients.table.excel_row(first[key]))
            verdict = Verdict("id.repeated", values=(("other", other), ("count", str(counts[key]))))
            found.append(clients.problem(position, verdict, "client_id"))
    return found


def new_ids(ids: list[str], usual: str = "C") -> Iterator[str]:
    """Unused ids in the manner of those that are there: the commonest prefix, the next number, as many figures.

    Where there are none, `usual` is the prefix.
    """
    shapes = [match.groups() for key in ids if (match := re.fullmatch(r"(.*?)(\d{1,15})", key))]
    prefix = Counter(shape[0] for shape in shapes).most_common(1)[0][0] if shapes else usual
    figures = [shape[1] for shape in shapes if shape[0] == prefix]
    number = max(map(int, figures), default=0)
    width = Counter(map(len, figures)).most_common(1)[0][0] if figures else 4
    taken = set(ids)
    while True:
        number += 1
        key = f"{prefix}{number:0{width}d}"
        if key not in taken:
            yield key


def _lines(view: View, known: set[str]) -> list[Problem]:
    """One finding per unknown client and one for all lines without any: a shop's anonymous sales are no mistakes."""
    filled = view.filled("client_id")
    blank = int((view.live & ~filled).sum()) if view.table.name != "People" else 0  # who are named one by one
    return unlinked(view, Counter(view.text("client_id")[filled].tolist()), blank, known)


def unlinked(view: View, lines: Mapping[str, int], blank: int, known: set[str]) -> list[Problem]:
    """The findings of `_lines` from how many lines each client has, and how many have none."""
    note = Verdict("link.blank", level="note", values=(("count", str(blank)),))
    found = [view.about(note, "client_id")] if blank else []
    folded = {key.casefold().lstrip("0"): key for key in known}
    for key, count in lines.items():
        if key not in known:
            near = folded.get(key.casefold().lstrip("0"), "")  # spreadsheets drop leading zeros
            verdict = Verdict("link.unknown", near, False, "error", (("count", str(count)),))
            found.append(view.about(verdict, "client_id", key))
    return found
