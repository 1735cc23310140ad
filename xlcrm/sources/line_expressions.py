"""Purchase lines as an Ibis expression: what `xlcrm.spend.lines` makes of a sheet, said to an engine of tables.

The engine (DuckDB, PostgreSQL, SQLite, Spark) does what is many: it reads, trims, counts and adds. What has rules of
its own (dates and amounts typed as text, in six languages; codes of currencies) is few once every text is looked at
once, and is read by the very functions that read the sheet, then joined back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.errors import CrmError
from xlcrm.sources.tables_beside import beside
from xlcrm.spend.currencies import NO_RATES, Rates, codes_of, home_currency
from xlcrm.spend.kinds import NO_DAY, Ints, day_number
from xlcrm.values import as_date, as_number

TEXTS = ("client_id", "invoice", "product", "category", "currency")
DATES = ("date", "invoiced_on", "due_on", "paid_on")
NUMBERS = ("quantity", "unit_price", "amount")
READ = (*TEXTS, *DATES, *NUMBERS)
_EPOCH = dt.date(1970, 1, 1)
_LARGEST = 1e300  # what is not below it is infinite or no number
_WHOLE = 1e15  # up to here a number without decimals is written without a point, as `text_of` does
_FORGIVEN = 2.0**-51  # two to four steps of a float's precision: 2.675 is held as 2.67499999999999982


@dataclass(frozen=True)
class Asked:
    """What a run wants to know of purchase lines: the arguments of `spend.lines.read_lines`."""

    today: dt.date
    currency: str = ""
    rates: Rates = NO_RATES
    country: str = ""


@dataclass(frozen=True, eq=False)
class LineExpression:
    """The lines that count on a day, not computed yet, and the currency that they are in.

    lines    client, invoice, product, category, currency (text, null where blank), quantity, unit_price (floats),
             day, invoiced, due, paid (days since 1970-01-01), cents (whole number), priced, refund, bad_date,
             bad_amount (booleans), said and passes (where the table has them)
    future   the lines dated after today, with the same columns
    names    where clients are numbers in the lines: client_code, client_name; else None
    """

    lines: Any
    future: Any
    currency: str
    names: Any = None

    def texts(self, clients: pd.Series[Any]) -> pd.Index[Any]:
        """What clients of the lines are called in the source."""
        if self.names is None:
            return pd.Index(clients.astype("str"))
        named: pd.Series[Any] = self.names.execute().set_index("client_code")["client_name"].astype("str")
        found: pd.Index[Any] = pd.Index(named.reindex(clients))
        return found

    @property
    def own(self) -> Any:
        """The lines that name a client."""
        return self.lines.filter(self.lines.client.notnull())

    @cached_property
    def client_days(self) -> Any:
        """client, day, cents, priced: what a client bought (refunds are not) on a known day; whether money is known."""
        import ibis

        dated = self.own.filter(~self.own.refund & self.own.day.notnull())
        money = ibis.ifelse(dated.priced, 1, 0).max() == 1
        days = dated.group_by("client", "day").aggregate(cents=dated.cents.sum().cast("int64"), priced=money)
        return settled(days, "client_days")

    @cached_property
    def client_products(self) -> Any:
        """client, item, spend, bought: what each client spent on a product less refunds; 1 if it ever bought it."""
        return settled(_by_item(self.own, "product"), "client_products")

    @cached_property
    def client_categories(self) -> Any:
        """The same of categories."""
        return _by_item(self.own, "category")

    @cached_property
    def orders(self) -> Any:
        """client, invoice, alone, begun, known: each order (refunds are none), its first known day, null where it has
        none, and 1 if some line's money is known. It is an invoice of a client; of lines without one, those of a day.
        """
        import ibis

        bought = self.lines.filter(~self.lines.refund).mutate(alone=alone)
        known = ibis.ifelse(bought.priced, 1, 0).max()
        each = bought.group_by("client", "invoice", "alone").aggregate(begun=bought.day.min(), known=known)
        return settled(each, "orders")

    @cached_property
    def numbers(self) -> Any:
        """client, number: the clients in the order of the engine, from 0."""
        import ibis

        clients = self.own.select("client").distinct()
        numbered = clients.mutate(number=ibis.row_number().over(ibis.window(order_by="client")).cast("int64"))
        return settled(numbered, "client_numbers")


def _by_item(own: Any, name: str) -> Any:
    import ibis

    known = own.filter(own[name].notnull())
    return known.group_by("client", item=known[name]).aggregate(
        spend=known.cents.sum().cast("int64"), bought=ibis.ifelse(known.refund, 0, 1).max()
    )


def canonical(table: Any, mapping: dict[str, str]) -> Any:
    """The columns of a source under their names in Purchases (`mapping`: name -> the source's own), others left out.

    Text is text without the spaces around it, blank is null; a date has no hour and no zone; a number is a float, and
    what is text where a number or a date is wanted stays as it is typed.
    """
    if "client_id" not in mapping:
        raise CrmError("spend.no_client_column")
    made = {name: _text(table[own]) for name, own in mapping.items() if name in TEXTS}
    made |= {name: _date(table[own]) for name, own in mapping.items() if name in DATES}
    made |= {name: _number(table[own]) for name, own in mapping.items() if name in NUMBERS}
    return table.select(**{name: made[name] for name in READ if name in made})


def line_expression(table: Any, asked: Asked, *, home: str | None = None, once: bool = False) -> LineExpression:
    """What `read_lines` makes of the columns of a `canonical` table; columns that it lacks count as blank.

    `home` is the currency to add up in, where these are but some of a source's lines and all of them told it
    (`home_of`). `once` says that one question alone is asked of them, so that nothing is written down for the next.
    """
    import ibis

    lines = _with_missing(settled(table, "typed_lines") if read_as_text(table) else table)
    for name in DATES:
        lines = days_read(lines, name, asked.country)
    for name in NUMBERS:
        lines = numbers_read(lines, name, asked.country)
    lines = lines.mutate(bad_date=lines.date_bad, day=lines.date)
    lines, home = _in_currency(_amounts(lines), asked, home)
    size = (lines.money * 100).abs()
    whole = (size + size * _FORGIVEN + 0.5).floor().cast("int64")
    lines = lines.mutate(
        client=lines.client_id,
        priced=lines.money.notnull(),
        cents=ibis.ifelse(lines.money < 0, -whole, whole).fill_null(0),
        invoiced=lines.invoiced_on,
        due=lines.due_on,
        paid=lines.paid_on,
    )
    kept = lines.filter(~_blank(lines)).select(
        "client", "invoice", "product", "category", "currency", "day", "invoiced", "due", "paid",
        "cents", "priced", "refund", "bad_date", "bad_amount", "quantity", "unit_price",
        *(name for name in ("said", "passes") if name in lines.columns),
    )  # fmt: skip
    names = None
    if not once and kept.get_backend().name == "duckdb":
        kept, names = _coded(kept)
    today = day_number(asked.today)
    known = kept.filter(kept.day.isnull() | (kept.day <= today))
    return LineExpression(known, kept.filter(kept.day > today), home, names)


def read_as_text(table: Any) -> bool:
    """Whether some dates or numbers of a `canonical` table are text."""
    return any(table[name].type().is_string() for name in (*DATES, *NUMBERS) if name in table.columns)


def _coded(lines: Any) -> tuple[Any, Any]:
    """The lines written down with a number for each client, and the clients by number (client_code, client_name)."""
    import ibis

    names = lines.select(client_name="client").distinct().filter(ibis._.client_name.notnull())
    code = ibis.row_number().over(ibis.window(order_by="client_name")).cast("int32")
    names = settled(names.mutate(client_code=code), "client_codes")
    coded = lines.left_join(names, lines.client == names.client_name)
    return settled(coded.mutate(client=coded.client_code).drop("client_code", "client_name"), "purchase_lines"), names


def settled(lines: Any, name: str) -> Any:
    """The same lines written down once, where the engine is DuckDB: each question would read the source again.

    A database is asked each time, so that nothing is written to it.
    """
    from ibis.util import gen_name

    engine = lines.get_backend()
    if engine.name != "duckdb":
        return lines
    engine.raw_sql("SET preserve_insertion_order = false")  # nothing that is added up has an order
    try:
        return engine.create_table(gen_name(name), lines)
    finally:
        engine.raw_sql("SET preserve_insertion_order = true")


def rows_of(expression: Any) -> dict[str, Ints]:
    """The columns of an expression, all of them whole numbers."""
    table = expression.to_pyarrow()
    return {name: np.asarray(table[name].to_numpy(), dtype="int64") for name in table.column_names}


def _text(column: Any) -> Any:
    """A column as text without spaces around it, null where blank; 20121.0 is "20121"."""
    import ibis

    kind = column.type()
    if kind.is_floating():
        whole = (column == column.floor()) & (column.abs() < _WHOLE)
        column = ibis.ifelse(whole, column.cast("int64").cast("string"), column.cast("string"))
    elif not kind.is_string():
        column = column.cast("string")
    return _stripped(column).nullif("")


def _stripped(column: Any) -> Any:
    """A text without the spaces around it; DuckDB, which compares bytes, looks for them first: a third of the time."""
    import ibis

    if column.get_backend().name != "duckdb":
        return column.strip()
    return ibis.ifelse((column < "!") | (column.right(1) < "!"), column.strip(), column)


def _date(column: Any) -> Any:
    """A column of dates as days; one of text as typed."""
    kind = column.type()
    if kind.is_timestamp():
        return column.date()
    return column if kind.is_date() else _text(column)


def _number(column: Any) -> Any:
    """A column of numbers as floats; one of text as typed."""
    kind = column.type()
    return column.cast("float64") if kind.is_numeric() else _text(column)


def _with_missing(table: Any) -> Any:
    """The table with every column that purchase lines may have."""
    import ibis

    kinds = dict.fromkeys(TEXTS, "string") | dict.fromkeys(DATES, "date") | dict.fromkeys(NUMBERS, "float64")
    return table.mutate(**{n: ibis.null(kind) for n, kind in kinds.items() if n not in table.columns})


def days_read(lines: Any, name: str, country: str) -> Any:
    """The lines with a column as days since 1970, and `name`_bad where a cell holds no date."""
    import ibis

    column = lines[name]
    if not column.type().is_string():
        days = column.delta(ibis.literal(_EPOCH), unit="day").cast("int64")
        return lines.mutate(**{name: days, f"{name}_bad": ibis.literal(False)})

    def read(texts: pd.Series[Any]) -> Any:
        dates, bad = as_date(texts, country)
        days = dates.to_numpy().astype("datetime64[D]").astype("int64")
        return pd.array(days, "Int64"), bad.to_numpy() | (days == NO_DAY), "int64"

    return _looked_up(lines, name, without_hour(column), read)


def without_hour(text: Any) -> Any:
    """The day of a text such as "2026-11-28 09:30:12", so that there are not more texts than days; others whole."""
    import ibis

    dashed = (text.substr(4, 1) == "-") & (text.substr(7, 1) == "-")
    timed = (text.substr(10, 1) == " ") | (text.substr(10, 1) == "T")
    return ibis.ifelse(dashed & timed, text.substr(0, 10), text)


def numbers_read(lines: Any, name: str, country: str) -> Any:
    """The lines with a column as floats, and `name`_bad where a cell holds no number."""
    import ibis

    column = lines[name]
    if not column.type().is_string():
        finite = column.abs() < _LARGEST
        bad = column.notnull() & ~finite.fill_null(False)
        return lines.mutate(**{name: ibis.ifelse(finite, column, ibis.null("float64")), f"{name}_bad": bad})

    def read(texts: pd.Series[Any]) -> Any:
        numbers, bad = as_number(texts, country)
        return (
            pd.array(numbers.to_numpy("float64"), "Float64"),
            bad.to_numpy() | ~np.isfinite(numbers.to_numpy()),
            "float64",
        )

    return _looked_up(lines, name, column, read)


def _looked_up(lines: Any, name: str, key: Any, read: Callable[[pd.Series[Any]], Any]) -> Any:
    """The lines with a column of text read by `read`, each distinct text once, and the mask of those that can't be."""
    import ibis

    texts = lines.select(typed=key).distinct().filter(ibis._.typed.notnull()).execute()["typed"]
    values, none, kind = read(texts.astype("str").reset_index(drop=True))
    values[none] = pd.NA
    frame = pd.DataFrame({"typed_text": texts.astype("str").to_numpy(), "read_value": values})
    known = beside(lines, frame, typed_text="string", read_value=kind)
    keyed = lines.mutate(typed_key=key)
    joined = keyed.left_join(known, keyed.typed_key == known.typed_text)
    bad = joined.typed_key.notnull() & joined.read_value.isnull()
    return joined.mutate(**{name: joined.read_value, f"{name}_bad": bad}).drop("typed_key", "typed_text", "read_value")


def _amounts(lines: Any) -> Any:
    """The lines with amount (of quantity and price where it is blank), bad_amount, and refund: the line takes back."""
    missing = lines.amount.isnull() & ~lines.amount_bad
    amount = missing.ifelse(lines.quantity * lines.unit_price, lines.amount)
    lines = lines.mutate(
        amount=amount, bad_amount=lines.amount_bad | (missing & (lines.quantity_bad | lines.unit_price_bad))
    )
    nought = lines.amount.isnull() | (lines.amount == 0)
    return lines.mutate(refund=(lines.amount < 0).fill_null(False) | (nought & (lines.quantity < 0).fill_null(False)))


def _in_currency(lines: Any, asked: Asked, told: str | None) -> tuple[Any, str]:
    """The lines with `money` in one currency (null without a rate) and `currency` as code, and which currency it is."""
    import ibis

    pairs, own = _currencies(lines, asked)
    home = own if told is None else told
    worth = _by_name(lines.currency, {name: _rate(lines.day, code, home, asked) for name, code in pairs}, 1.0)
    code_of = _by_name(lines.currency, {name: ibis.literal(code) for name, code in pairs}, home)
    return lines.mutate(money=lines.amount * worth, currency=code_of), home


def home_of(table: Any, asked: Asked) -> str:
    """The currency that the lines of a `canonical` table are added up in."""
    return _currencies(_with_missing(table), asked)[1]


def _currencies(lines: Any, asked: Asked) -> tuple[list[tuple[str, str]], str]:
    """The currencies as typed, each with its code, and the one that is added up."""
    counts = lines.group_by("currency").aggregate(lines=lines.count()).execute()
    named = counts[counts["currency"].notna()].sort_values(["lines", "currency"], ascending=[False, True])
    typed = named["currency"].astype("str").tolist()
    codes = codes_of(typed)
    number = named["lines"].to_numpy("int64")
    home = home_currency(codes, number, len(named) < len(counts), asked.currency, asked.rates)
    return list(zip(typed, codes, strict=True)), home


def _by_name(currency: Any, values: dict[str, Any], blank: float | str) -> Any:
    """The value of each line's currency as it is typed, `blank` where there is none."""
    import ibis

    cases = [(currency == name, value) for name, value in values.items()]
    return ibis.cases(*cases, else_=ibis.literal(blank)) if cases else ibis.literal(blank)


def _rate(day: Any, code: str, home: str, asked: Asked) -> Any:
    """What one unit of a currency is worth on the day of a line; null where it has no rate yet."""
    import ibis

    if code == home:
        return ibis.literal(1.0)
    steps = asked.rates.table.get(code, ())
    if not steps:
        return ibis.null("float64")
    newest_first = [(day >= start, ibis.literal(rate)) for start, rate in reversed(steps) if start != NO_DAY]
    always = next((ibis.literal(rate) for start, rate in steps if start == NO_DAY), ibis.null("float64"))
    return ibis.cases((day.isnull(), ibis.literal(steps[-1][1])), *newest_first, else_=always)


def alone(lines: Any) -> Any:
    """What tells the orders of lines without an invoice apart: their day."""
    import ibis

    return lines.invoice.notnull().ifelse(ibis.null("int64"), lines.day)


def _blank(lines: Any) -> Any:
    """Whether nothing of a line is filled that counts."""
    blank = lines.client_id.isnull() & lines.invoice.isnull() & lines.day.isnull() & ~lines.bad_date
    return blank & lines.amount.isnull() & ~lines.bad_amount & lines["product"].isnull()
