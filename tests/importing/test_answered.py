"""A list that came in with a question is given again with the answer: no line twice, each cell settled in place."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.support.importing_help import TODAY, applied, incoming, settings, workbook
from xlcrm.importing import plan

DATES = (
    "Invoice;Date;Customer ID;Product;Amount;Paid on\n1;03/04/2026;7;Lamp;10.00;05/04/2026\n"
    "1;03/04/2026;7;Lamp;10.00;\n2;04/05/2026;8;Rug;20.00;"
)
PRICES = "Invoice;Date;Customer ID;Product;Quantity;Price\n1;2026-04-03;7;Lamp;2;1,250\n2;2026-05-04;8;Rug;1;2,500"


@pytest.mark.parametrize("order", ["dmy", "mdy"])
def test_dates_settled_later_add_no_line(order: str) -> None:
    tables = workbook(Clients=[{"client_id": "7"}, {"client_id": "8"}])
    how = settings(country="", language="en")
    tables = applied(tables, plan(tables, [incoming(DATES)], settings=how, today=TODAY, table="Purchases", dates="ask"))
    assert tables["Purchases"].frame["date"].tolist() == ["03/04/2026", "03/04/2026", "04/05/2026"]
    done = plan(tables, [incoming(DATES)], settings=how, today=TODAY, table="Purchases", dates=order)
    tables = applied(tables, done)
    frame = tables["Purchases"].frame
    assert len(frame) == 3
    day = dt.datetime(2026, 4, 3) if order == "dmy" else dt.datetime(2026, 3, 4)
    assert [pd.Timestamp(v) for v in frame["date"]][:2] == [day, day]
    paid = dt.datetime(2026, 4, 5) if order == "dmy" else dt.datetime(2026, 5, 4)
    assert pd.Timestamp(frame["paid_on"].iloc[0]) == paid
    assert plan(tables, [incoming(DATES)], settings=how, today=TODAY, table="Purchases", dates=order).is_empty


@pytest.mark.parametrize(("sign", "price"), [(".", 1.25), (",", 1.25)])
def test_prices_settled_later_add_no_line(sign: str, price: float) -> None:
    tables = workbook(Clients=[{"client_id": "7"}, {"client_id": "8"}])
    how = settings(country="", language="en")
    text = PRICES if sign == "," else PRICES.replace("1,250", "1.250").replace("2,500", "2.500")
    tables = applied(
        tables, plan(tables, [incoming(text)], settings=how, today=TODAY, table="Purchases", decimal="ask")
    )
    assert isinstance(tables["Purchases"].frame["unit_price"].iloc[0], str)
    done = plan(tables, [incoming(text)], settings=how, today=TODAY, table="Purchases", decimal=sign)
    frame = applied(tables, done)["Purchases"].frame
    assert len(frame) == 2
    assert frame["unit_price"].astype(float).tolist() == [price, price * 2]
    assert frame["amount"].astype(float).tolist() == [price * 2, price * 2]


def test_a_customer_s_date_in_a_sales_list_is_settled_in_place() -> None:
    text = (
        "Invoice;Date;Customer ID;Name;Birthday;Product;Amount\n"
        "1;2026-04-03;7;Ada Rossi;03/04/1980;Lamp;10.00\n2;2026-05-04;7;Ada Rossi;;Rug;20.00"
    )
    tables, how = workbook(), settings(country="", language="en")
    tables = applied(tables, plan(tables, [incoming(text)], settings=how, today=TODAY, table="Purchases", dates="ask"))
    assert tables["Clients"].frame["birth_date"].tolist() == ["03/04/1980"]
    done = plan(tables, [incoming(text)], settings=how, today=TODAY, table="Purchases", dates="dmy")
    tables = applied(tables, done)
    assert len(tables["Clients"].frame) == 1
    assert pd.Timestamp(tables["Clients"].frame["birth_date"].iloc[0]) == dt.datetime(1980, 4, 3)
