"""Purchase lines read once into integer arrays, so that every figure is exact and reads the sheet alike."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.errors import CrmError
from xlcrm.spend.currencies import NO_RATES, Rates, codes_of, home_currency
from xlcrm.spend.kinds import NEVER, NO_DAY, Floats, Ints, Mask, Names, day_number, to_cents
from xlcrm.values import as_date, as_number, is_blank, text_of


@dataclass(frozen=True, eq=False)
class PurchaseLines:
    """The purchase lines that count on a day, as arrays of one length.

    row        position in the frame that was read
    client     number of the client in `ids`, -1 without a client
    order      number of the order: a client's invoice, or a client's day where the line names no invoice
    invoice    number of the invoice in `invoices`, -1 where blank
    day        days since 1970-01-01, NO_DAY where the date is missing or unreadable
    cents      amount in `currency`, in cents; 0 where not `priced`
    priced     the amount is known in `currency`
    refund     the line takes back: a negative amount, or a negative quantity where the amount is nought or unknown
    product    number of the product in `products`, -1 where blank; category likewise
    invoiced, due, paid   days as above
    currencies            number of the currency in `currency_names`
    next_day   the first day of a line that doesn't count yet, NEVER where there is none
    """

    ids: Names
    invoices: Names
    products: Names
    categories: Names
    currency_names: Names
    currency: str
    row: Ints
    client: Ints
    order: Ints
    invoice: Ints
    day: Ints
    cents: Ints
    priced: Mask
    refund: Mask
    product: Ints
    category: Ints
    currencies: Ints
    invoiced: Ints
    due: Ints
    paid: Ints
    bad_date: Ints
    bad_amount: Ints
    future: Ints
    next_day: int

    @property
    def clients(self) -> int:
        """How many clients the lines name."""
        return len(self.ids)

    @property
    def orders(self) -> int:
        """How many orders the lines make."""
        return int(self.order.max(initial=-1)) + 1


def read_lines(
    purchases: pd.DataFrame, *, today: dt.date, currency: str = "", rates: Rates = NO_RATES, country: str = ""
) -> PurchaseLines:
    """The lines of a Purchases frame up to and with `today`; columns that it lacks count as blank.

    A time of day is cut off (23:59 and 00:00 belong to the day written there; a time zone keeps its wall clock). A line
    dated after today doesn't count yet (`future`). An amount that is blank is quantity x unit_price. Amounts in other
    currencies than `currency` are converted by `rates`, and without a rate they are not priced; they are never added
    as they are. Rows that are blank altogether are skipped. `bad_date`, `bad_amount` and `future` are positions.
    """
    if "client_id" not in purchases.columns:
        raise CrmError("spend.no_client_column")
    client, ids = coded(purchases["client_id"])
    invoice, invoices = _coded_column(purchases, "invoice")
    product, products = _coded_column(purchases, "product")
    category, categories = _coded_column(purchases, "category")
    day, bad_date = _days(purchases, "date", country)
    amount, bad_amount, refund = _amounts(purchases, country)
    typed, names = _coded_column(purchases, "currency")
    counts = np.bincount(typed[typed >= 0], minlength=len(names))
    home = home_currency(codes_of(names), counts, bool((typed < 0).any()), currency, rates)
    money, code, currency_names = rates.converted(amount, typed, codes_of(names), day, home)
    today_day = day_number(today)
    blank = (client < 0) & (invoice < 0) & (day == NO_DAY) & ~bad_date & np.isnan(amount) & ~bad_amount & (product < 0)
    keep, ahead = ~blank & (day <= today_day), ~blank & (day > today_day)
    others = {name: _days(purchases, f"{name}_on", country)[0][keep] for name in ("invoiced", "due", "paid")}
    position = np.arange(len(purchases))
    return PurchaseLines(
        ids=ids,
        invoices=invoices,
        products=products,
        categories=categories,
        currency_names=currency_names,
        currency=home,
        row=position[keep],
        client=client[keep],
        order=_orders(client[keep], invoice[keep], day[keep], len(invoices)),
        invoice=invoice[keep],
        day=day[keep],
        cents=to_cents(money[keep]),
        priced=~np.isnan(money[keep]),
        refund=refund[keep],
        product=product[keep],
        category=category[keep],
        currencies=code[keep],
        bad_date=position[bad_date],
        bad_amount=position[bad_amount],
        future=position[ahead],
        next_day=int(day[ahead].min(initial=NEVER)),
        **others,
    )


def coded(series: pd.Series[Any]) -> tuple[Ints, Names]:
    """A column as numbers into its distinct texts (spaces around them don't count), -1 where blank."""
    numbers, values = pd.factorize(series)
    if isinstance(series.dtype, pd.StringDtype):
        texts = pd.Index(values).str.strip()
    else:
        texts = pd.Index(["" if is_blank(value) else text_of(value).strip() for value in values], dtype="str")
    again, names = pd.factorize(texts)
    blank = names.get_indexer(pd.Index([""], dtype="str"))[0]
    lookup = np.append(np.where(again == blank, -1, again), -1).astype("int64")
    if blank >= 0:
        lookup[lookup > blank] -= 1
        names = names.delete(blank)
    return lookup[numbers], names


def _coded_column(frame: pd.DataFrame, name: str) -> tuple[Ints, Names]:
    """A column of text as numbers into its distinct values, -1 where blank or where the frame lacks it."""
    if name in frame.columns:
        return coded(frame[name])
    return np.full(len(frame), -1, dtype="int64"), pd.Index([], dtype="str")


def _days(frame: pd.DataFrame, name: str, country: str) -> tuple[Ints, Mask]:
    """A column as days since 1970 (NO_DAY where there is none), and which of its cells hold no date."""
    if name not in frame.columns:
        return np.full(len(frame), NO_DAY), np.zeros(len(frame), dtype=bool)
    dates, bad = as_date(frame[name], country)
    return dates.to_numpy().astype("datetime64[D]").astype("int64"), bad.to_numpy()


def _amounts(frame: pd.DataFrame, country: str) -> tuple[Floats, Mask, Mask]:
    """Amounts (NaN where unknown), the mask of the unreadable ones, and the mask of the lines that take back."""
    amount, bad = _numbers(frame, "amount", country)
    quantity, bad_quantity = _numbers(frame, "quantity", country)
    price, bad_price = _numbers(frame, "unit_price", country)
    missing = np.isnan(amount) & ~bad
    amount = np.where(missing, quantity * price, amount)
    bad = bad | (missing & (bad_quantity | bad_price))
    nought = np.isnan(amount) | (amount == 0)
    return amount, bad, (amount < 0) | (nought & (quantity < 0))


def _numbers(frame: pd.DataFrame, name: str, country: str) -> tuple[Floats, Mask]:
    """A column as numbers (NaN where there is none), and which of its cells hold no number."""
    if name not in frame.columns:
        return np.full(len(frame), np.nan), np.zeros(len(frame), dtype=bool)
    numbers, bad = as_number(frame[name], country)
    values = numbers.to_numpy(dtype="float64", na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan), bad.to_numpy() | np.isinf(values)


def _orders(client: Ints, invoice: Ints, day: Ints, invoices: int) -> Ints:
    """One number for each order: (client, invoice), or (client, day) where the line has no invoice."""
    days = pd.factorize(day)[0]
    key = np.where(invoice >= 0, invoice, invoices + days)
    width = invoices + int(days.max(initial=0)) + 1
    return pd.factorize((client + 1) * width + key)[0].astype("int64")
