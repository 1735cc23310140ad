"""The sums of each client as Ibis expressions: what `spend.client_figures.client_sums` adds up in memory.

Everything is a whole number when it leaves the engine (cents, days, counts), and is divided and rounded by
`figures_of`, as figures of the sheet are. One thing isn't a sum: which purchase a refund takes back depends on what
the refunds before it took. So refunds, and the few purchases that one of them may mean, are fetched and paired in
memory by `spend.refunds`, and what that changes (receivables, the history behind the lifetime value) is put right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.sources.line_expressions import Asked, LineExpression
from xlcrm.sources.tables_beside import beside
from xlcrm.spend.client_figures import PAYMENT_DAYS, ClientSums
from xlcrm.spend.kinds import NEVER, NO_DAY, Floats, Ints, Mask, Names, Texts, day_number, years_before
from xlcrm.spend.lifetime_value import History, history_of
from xlcrm.spend.lines import PurchaseLines, coded
from xlcrm.spend.refunds import AROUND, originals
from xlcrm.spend.rhythm import Span
from xlcrm.spend.totals.favourites import SHOWN, place_of, shares

_PAIRED = ("client", "invoice", "product", "day", "invoiced", "due", "paid", "cents", "priced", "refund")


def client_sums(read: LineExpression, asked: Asked, *, payment_days: int = PAYMENT_DAYS) -> ClientSums:
    """The sums of every client of the lines, in the order of their numbers."""
    own = read.own
    today = day_number(asked.today)
    base = sums(own, asked, payment_days).execute()
    ids = read.texts(base["client"])
    clients = _Clients(ids, pd.Index(base["client"]))
    pairs = _paired(read.lines, clients)
    opened = bool(read.lines.invoiced.notnull().any().execute())
    owed = _Receivables(base, pairs, payment_days, opened)
    bought = clients.rows(purchase_days(read.client_days).execute())
    orders = clients.rows(order_counts(read.orders).execute())
    products, categories = top_items(read.client_products, SHOWN), top_items(read.client_categories, 1)
    return ClientSums(
        ids=ids,
        cents=_ints(base["cents"]),
        refunds=_ints(base["refunds"]),
        month=_ints(base["month"]),
        year=_ints(base["year"]),
        year_before=_ints(base["year_before"]),
        orders=_ints(orders["orders"]),
        paid_orders=_ints(orders["paid_orders"]),
        bought=Span(_ints(bought["first"]), _ints(bought["last"]), _ints(bought["days"])),
        products=clients.products(products.execute()),
        favourite=clients.favourite(categories.execute()),
        open_amount=owed.amount("open", today, late=False),
        overdue=owed.amount("overdue", today, late=True),
        overdue_before=owed.amount("overdue_before", years_before(asked.today, 1), late=True),
        past=_past(read, pairs, clients, today),
    )


def sums(own: Any, asked: Asked, payment_days: int) -> Any:
    """Per client: cents (all), refunds, month, year, year_before, open, overdue, overdue_before; see `ClientSums`.

    Windows are (start, end]. Open is by a line's own dates; what a refund without any changes is `_receivables`.
    """
    now, year, before = day_number(asked.today), years_before(asked.today, 1), years_before(asked.today, 2)

    def is_open(day: int) -> Any:
        return (own.invoiced <= day) & (own.paid.isnull() | (own.paid > day)) & own.priced

    def late(day: int) -> Any:
        return is_open(day) & (own.due.fill_null(own.invoiced + payment_days) < day)

    def cents(where: Any) -> Any:
        return own.cents.sum(where=where).fill_null(0).cast("int64")

    def window(start: int, end: int) -> Any:
        return cents((own.day > start) & (own.day <= end))

    return own.group_by("client").aggregate(
        cents=own.cents.sum().fill_null(0).cast("int64"),
        refunds=-cents(own.refund),
        month=window(now - 30, now),
        year=window(year, now),
        year_before=window(before, year),
        open=cents(is_open(now)),
        overdue=cents(late(now)),
        overdue_before=cents(late(year)),
    ).order_by("client")  # fmt: skip


def order_counts(orders: Any) -> Any:
    """Per client of `LineExpression.orders`: how many, and paid_orders, those of which some line's money is known."""
    each = orders.filter(orders.client.notnull())
    return each.group_by("client").aggregate(orders=each.count(), paid_orders=each.known.sum().cast("int64"))


def purchase_days(days: Any) -> Any:
    """Per client of `LineExpression.client_days`: first and last day, and the number of distinct days."""
    return days.group_by("client").aggregate(first=days.day.min(), last=days.day.max(), days=days.count())


def top_items(items: Any, most: int) -> Any:
    """Per client the `most` items (products or categories) with the largest spend above nought, and those equal.

    client, item, spend (cents), whole (cents that the client spent on all items above nought).
    """
    import ibis

    some = items.filter(items.spend > 0)
    # not as a second window: MariaDB, asked for both at once, ranks by the order of the other one
    whole = some.group_by("client").aggregate(whole=some.spend.sum().cast("int64"))
    ranked = some.mutate(place=ibis.rank().over(ibis.window(group_by="client", order_by=ibis.desc("spend"))))
    top = ranked.filter(ranked.place < most)
    return top.inner_join(whole, "client").select("client", "item", "spend", "whole")


def histories(days: Any) -> Any:
    """Per client of days with what they are worth: first, last, how many, and the cents of those after the first."""
    spans = days.group_by("client").aggregate(
        first=days.day.min(), last=days.day.max(), days=days.count(), cents=days.cents.sum().cast("int64")
    )
    begun = days.select(begun_client="client", begun_day="day", begun_cents="cents")
    found = spans.inner_join(begun, [spans.client == begun.begun_client, spans.first == begun.begun_day])
    return found.select("client", "first", "last", "days", later=found.cents - found.begun_cents)


def may_be_paired(own: Any) -> Any:
    """The refunds, and of the purchases those that one may mean: of its client, the same product or the same number."""
    keyed = own.mutate(number=_without(own.invoice, AROUND).fill_null(""), item=own["product"].fill_null(""))
    refunds, bought = keyed.filter(keyed.refund), keyed.filter(~keyed.refund)
    named = refunds.filter(refunds.number != "").select(named_client="client", named_number="number").distinct()
    alike = refunds.select(alike_client="client", alike_item="item").distinct()
    joined = bought.left_join(named, [bought.client == named.named_client, bought.number == named.named_number])
    joined = joined.left_join(alike, [joined.client == alike.alike_client, joined["item"] == alike.alike_item])
    meant = joined.filter(joined.named_client.notnull() | joined.alike_client.notnull())  # joins: SQLite has indexes
    return refunds.select(*_PAIRED).union(meant.select(*_PAIRED))


def _without(text: Any, pattern: str) -> Any:
    """The text without what a pattern finds in it; Ibis doesn't know that MySQL has such a function."""
    if text.get_backend().name != "mysql":
        return text.re_replace(pattern, "")
    import ibis

    @ibis.udf.scalar.builtin(name="regexp_replace")  # type: ignore[untyped-decorator]
    def replaced(text: str, pattern: str, by: str) -> str:  # type: ignore[empty-body]
        ...

    return replaced(text, pattern, "")


@dataclass(frozen=True, eq=False)
class _Clients:
    """The clients of a source by number: `ids` as they are called, `keys` as they stand in the lines."""

    ids: Names
    keys: Names

    def number(self, clients: Any) -> Ints:
        """The number of each of these clients."""
        found: Ints = self.keys.get_indexer(pd.Index(clients)).astype("int64")
        return found

    def rows(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame of figures by client as rows of `ids`; 0 for clients whom it lacks."""
        by_client = frame.set_index(self.number(frame["client"])).drop(columns="client")
        return by_client.reindex(range(len(self.ids)), fill_value=0)

    def products(self, items: pd.DataFrame) -> Texts:
        """The names and shares of the items, in the words of the column products."""
        ordered = self._ordered(items)
        client = ordered["number"].to_numpy("int64")
        whole: Ints = np.zeros(len(self.ids), dtype="int64")
        whole[client] = ordered["whole"]
        shown = ordered[place_of(client) < SHOWN]
        return shares(_ints(shown["number"]), shown["item"].to_numpy(dtype=object), _ints(shown["spend"]), whole)

    def favourite(self, items: pd.DataFrame) -> Texts:
        """The name of each client's first item."""
        ordered = self._ordered(items).drop_duplicates("number")
        found = np.full(len(self.ids), "", dtype=object)
        found[_ints(ordered["number"])] = ordered["item"].to_numpy(dtype=object)
        return found

    def _ordered(self, items: pd.DataFrame) -> pd.DataFrame:
        """The items client by client, the largest spend first, equal ones by name (whatever an engine's alphabet)."""
        numbered = items.assign(number=self.number(items["client"]), item=items["item"].astype("str"))
        return numbered.sort_values(["number", "spend", "item"], ascending=[True, False, True], kind="stable")


def _ints(column: Any) -> Ints:
    found: Ints = column.to_numpy("int64")
    return found


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Refunds that found the purchase they take back: positions in `lines`, of the refund and of its purchase."""

    lines: PurchaseLines
    refund: Ints
    purchase: Ints


def _paired(lines: Any, clients: _Clients) -> _Pairs:
    """The refunds paired; where a source has no order of rows, equals of a day go by invoice, product and amount."""
    own = lines.filter(lines.client.notnull())
    frame = may_be_paired(own).execute()
    frame = frame.sort_values(["invoice", "product", "cents"], kind="stable", ignore_index=True)
    held = _lines_of(frame, clients)
    found = originals(held)
    refund = np.flatnonzero(found >= 0)
    return _Pairs(held, refund, found[refund])


def _lines_of(frame: pd.DataFrame, clients: _Clients) -> PurchaseLines:
    """Lines that were fetched, in memory as `spend` has them."""
    nobody = np.full(len(frame), -1, dtype="int64")
    invoice, invoices = coded(frame["invoice"].astype("str"))
    product, products = coded(frame["product"].astype("str"))
    none: Ints = np.zeros(0, dtype="int64")
    return PurchaseLines(
        ids=clients.ids, invoices=invoices, products=products, categories=products[:0], currency_names=products[:0],
        currency="", row=np.arange(len(frame)), client=clients.number(frame["client"]), order=nobody, invoice=invoice,
        cents=_ints(frame["cents"]), priced=frame["priced"].to_numpy(bool), refund=frame["refund"].to_numpy(bool),
        product=product, category=nobody, currencies=nobody, bad_date=none, bad_amount=none, future=none,
        day=_day(frame["day"]), invoiced=_day(frame["invoiced"]), due=_day(frame["due"]), paid=_day(frame["paid"]),
        next_day=NEVER,
    )  # fmt: skip


def _day(column: pd.Series[Any]) -> Ints:
    days: Ints = np.asarray(column.astype("Int64").fillna(NO_DAY), dtype="int64")
    return days


@dataclass(frozen=True, eq=False)
class _Receivables:
    """What clients owe by the lines' own dates (`base`), and the credit notes that have their purchase's dates."""

    base: pd.DataFrame
    pairs: _Pairs
    payment_days: int
    opened: bool

    def amount(self, name: str, day: int, *, late: bool) -> Floats:
        """Open or overdue (`late`) amounts on a day, in currency units; NaN where nothing was ever invoiced."""
        if not self.opened:
            return np.full(len(self.base), np.nan)
        lines, of, refund = self.pairs.lines, self.pairs.purchase, self.pairs.refund
        own = (lines.invoiced[refund] != NO_DAY) | (lines.paid[refund] != NO_DAY)
        invoiced, paid = lines.invoiced[of], lines.paid[of]
        due = np.where(lines.due[of] == NO_DAY, invoiced + self.payment_days, lines.due[of])
        counts: Mask = ~own & (invoiced != NO_DAY) & (invoiced <= day) & ((paid == NO_DAY) | (paid > day))
        counts &= (due < day) | (not late)
        cents = _ints(self.base[name]).copy()
        np.add.at(cents, lines.client[refund[counts]], lines.cents[refund[counts]])
        return cents / 100


def _past(read: LineExpression, pairs: _Pairs, clients: _Clients, today: int) -> History:
    """What the lifetime models know of every client, without the days of which nothing is left."""
    days = _less_refunds(read.client_days.filter(read.client_days.priced), pairs, clients)
    every = clients.rows(histories(days).execute())
    first, last, count, later = (_ints(every[name]) for name in ("first", "last", "days", "later"))
    return history_of(Span(first, last, count), later, today=today)


def _less_refunds(days: Any, pairs: _Pairs, clients: _Clients) -> Any:
    """Days with what they are still worth; one of which all was taken back is none (`lifetime_value.kept_days`)."""
    lines = pairs.lines
    of = lines.day[pairs.purchase] != NO_DAY
    bought = pairs.purchase[of]
    back = pd.DataFrame({"back_client": lines.client[bought], "back_day": lines.day[bought]})
    back = (
        back.assign(back_cents=lines.cents[pairs.refund[of]]).groupby(["back_client", "back_day"]).sum().reset_index()
    )
    if back.empty:
        return days

    back["back_client"] = clients.keys[back["back_client"]]
    kinds = {"back_client": days.client.type(), "back_day": days.day.type(), "back_cents": "int64"}
    taken = beside(days, back, **kinds)
    joined = days.left_join(taken, [days.client == taken.back_client, days.day == taken.back_day])
    left = joined.mutate(left=joined.cents + joined.back_cents.fill_null(0))
    return left.filter((left.left > 0) | (left.left == left.cents)).select("client", "day", cents=left.left)
