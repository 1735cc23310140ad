"""Sales lists: taken apart, joined, counted; the same list twice adds nothing, and nothing in it is lost."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.support.importing_help import TODAY, applied, incoming, settings, workbook
from xlcrm.errors import CrmError
from xlcrm.importing import Incoming, plan
from xlcrm.plan import Plan
from xlcrm.tables import Tables

FLAT = """
Invoice;Order date;Customer ID;Customer name;City;Postcode;Product;Quantity;Unit price;Channel
A1;2024-01-05;7;Nora Ashgrove;Brackwater;AB1 2CD;Lamp;2;20.00;web
A1;2024-01-05;7;Nora Ashgrove;Brackwater;AB1 2CD;Rug;1;120.00;web
A2;2024-03-09;8;Piers Penhale;Ludmere;AB3 4EF;Lamp;1;20.00;shop
A3;2024-05-01;7;Nora Ashgrove;Ludmere;;Lamp;1;20.00;shop
"""


def run(tables: Tables, *lists: Incoming, **options: object) -> Plan:
    return plan(tables, lists, settings=settings(), today=TODAY, **options)  # type: ignore[arg-type]


def lines(tables: Tables, *columns: str) -> list[list[object]]:
    return tables["Purchases"].frame[list(columns)].astype(object).to_numpy().tolist()


@pytest.mark.parametrize("table", ["Clients", "Purchases"])
def test_a_flat_export_is_taken_apart(table: str) -> None:
    tables = workbook()
    done = run(tables, incoming(FLAT), table=table)
    tables = applied(tables, done)
    clients = tables["Clients"].frame
    assert clients[["client_id", "full_name"]].to_numpy().tolist() == [["7", "Nora Ashgrove"], ["8", "Piers Penhale"]]
    assert lines(tables, "invoice", "client_id", "product", "quantity", "amount", "Channel") == [
        ["A1", "7", "Lamp", 2.0, 40.0, "web"],
        ["A1", "7", "Rug", 1.0, 120.0, "web"],
        ["A2", "8", "Lamp", 1.0, 20.0, "shop"],
        ["A3", "7", "Lamp", 1.0, 20.0, "shop"],
    ]
    assert run(tables, incoming(FLAT), table=table).is_empty


def test_an_address_comes_whole_from_the_latest_line() -> None:
    tables = workbook()
    tables = applied(tables, run(tables, incoming(FLAT)))
    nora = tables["Clients"].frame.iloc[0]
    assert (nora["city"], nora["postal_code"]) == ("Ludmere", "")
    assert [row[0] for row in lines(tables, "City")] == ["Brackwater", "Brackwater", "Ludmere", "Ludmere"]
    assert [row[0] for row in lines(tables, "Postcode")] == ["AB1 2CD", "AB1 2CD", "AB3 4EF", ""]


def test_customers_without_ids_are_found_by_e_mail_and_name() -> None:
    text = """
    Date;Customer;E-mail;Item;Total
    2024-01-05;Nora Ashgrove;nora@example.com;Lamp;40
    2024-01-06;Nora  ASHGROVE;Nora@example.com;Rug;60
    2024-01-07;Piers Penhale;;Lamp;20
    2024-01-08;penhale, Piers;;Lamp;20
    """
    tables = workbook(Clients=[{"client_id": "C0009", "full_name": "Nora Ashgrove", "email": "nora@example.com"}])
    done = run(tables, incoming(text), table="Purchases")
    tables = applied(tables, done)
    assert tables["Clients"].frame["client_id"].tolist() == ["C0009", "C0010"]
    assert [row[0] for row in lines(tables, "client_id")] == ["C0009", "C0009", "C0010", "C0010"]
    assert run(tables, incoming(text), table="Purchases").is_empty


def test_lines_without_a_customer_are_kept_and_counted() -> None:
    text = (
        "Invoice;Date;Customer ID;Country;Amount\n1;2024-01-05;7;Norway;10\n2;2024-01-06;;France;20\n3;2024-01-07;;;30"
    )
    tables = workbook()
    done = run(tables, incoming(text), table="Purchases")
    (found,) = done.problems
    assert (found.code, found.row, dict(found.values)["count"]) == ("import.no_client", 3, "2")
    tables = applied(tables, done)
    assert lines(tables, "client_id", "Country") == [["7", "Norway"], ["", "France"], ["", ""]]


def test_lines_of_unknown_clients_are_kept_and_counted_once() -> None:
    text = "Invoice;Date;Customer ID;Amount\n1;2024-01-05;7;10\n2;2024-01-06;8;20\n3;2024-01-06;8;20"
    done = run(workbook(Clients=[{"client_id": "7"}]), incoming(text), table="Purchases")
    (found,) = done.problems
    assert found.code == "import.unknown_client"
    assert (found.value, dict(found.values)["count"], dict(found.values)["clients"]) == ("8", "2", "1")
    assert len(done.added[0].rows) == 3


def test_repeats_are_counted() -> None:
    row = "1;2024-01-05;7;Lamp;1;10"
    head = "Invoice;Date;Customer ID;Product;Quantity;Amount\n"
    tables = workbook(Clients=[{"client_id": "7"}])
    tables = applied(tables, run(tables, incoming(head + "\n".join([row, row])), table="Purchases"))
    assert len(tables["Purchases"].frame) == 2
    assert run(tables, incoming(head + "\n".join([row, row])), table="Purchases").is_empty
    third = run(tables, incoming(head + "\n".join([row, row, row])), table="Purchases")
    assert len(third.added[0].rows) == 1


def test_a_line_that_went_on_is_completed_and_not_added_again() -> None:
    there = {"invoice": "1", "client_id": "7", "date": pd.Timestamp(2024, 1, 5), "amount": 10.0, "category": "Light"}
    tables = workbook(Clients=[{"client_id": "7"}], Purchases=[there])
    text = "Invoice;Date;Customer ID;Amount;Paid on;Category;Channel\n1;05.01.2024;7;10,00;01.02.2024;Lamps;web"
    done = run(tables, incoming(text), table="Purchases")
    assert not done.added
    assert {(c.column, c.after.iloc[0]) for c in done.changes} == {
        ("paid_on", pd.Timestamp(2024, 2, 1)),
        ("Channel", "web"),
    }
    assert [(p.code, p.column, p.value, p.suggestion) for p in done.problems] == [
        ("import.differs", "category", "Light", "Lamps")
    ]
    asked = run(tables, incoming(text), table="Purchases", update=True)
    assert ("category", "Lamps") in {(c.column, c.after.iloc[0]) for c in asked.changes}


def test_lines_sorted_otherwise_in_the_workbook_are_found() -> None:
    text = "Invoice;Date;Customer ID;Product;Stock code;Amount\n1;2024-01-05;7;Lamp;X1;10\n1;2024-01-05;7;Lamp;X2;10"
    tables = workbook(Clients=[{"client_id": "7"}])
    tables = applied(tables, run(tables, incoming(text), table="Purchases"))
    frame = tables["Purchases"].frame.iloc[::-1].reset_index(drop=True)
    table = tables["Purchases"]
    turned = Tables.of(
        tables["Clients"], type(table)("Purchases", "Purchases", frame, table.headers), tables["Interactions"]
    )
    again = run(turned, incoming(text), table="Purchases")
    assert again.is_empty
    assert again.problems == ()


DETAILS = (
    "OrderID;ProductID;UnitPrice;Quantity;Discount\n10;1;5.0;2;0.0\n10;2;7.5;4;0.1\n11;1;5.0;1;0.0\n12;9;1.0;1;0.0"
)
ORDERS = "OrderID;CustomerID;EmployeeID;OrderDate;ShipCity\n"
ORDERS += "10;AAA;3;2024-01-05;Ludmere\n11;BBB;3;2024-02-06;Brackwater\n12;AAA;4;2024-03-07;"
PRODUCTS = "ProductID;ProductName;CategoryID;UnitPrice\n1;Lamp;100;6\n2;Rug;200;8"
CATEGORIES = "CategoryID;CategoryName\n100;Light\n200;Floor"
STAFF = "EmployeeID;LastName;FirstName;Email\n3;Moor;Kit;kit@example.com\n4;Fen;Sam;sam@example.com"
CUSTOMERS = (
    "CustomerID;CompanyName;City\nAAA;Quillfeather Ltd;Ludmere\nBBB;Larkmoor & Co;Brackwater\nCCC;No Orders Yet;"
)


def test_orders_details_products_and_customers_are_joined() -> None:
    names = {
        "details": DETAILS,
        "orders": ORDERS,
        "products": PRODUCTS,
        "categories": CATEGORIES,
        "staff": STAFF,
        "customers": CUSTOMERS,
    }
    lists = [incoming(text, f"{name}.csv") for name, text in names.items()]
    tables = workbook()
    done = run(tables, *lists, table="Purchases")
    tables = applied(tables, done)
    assert tables["Clients"].frame["client_id"].tolist() == ["AAA", "BBB", "CCC"]
    assert tables["Clients"].frame["last_name"].isna().all()
    assert lines(
        tables, "invoice", "client_id", "product", "category", "unit_price", "amount", "ShipCity", "LastName"
    ) == [
        ["10", "AAA", "Lamp", "Light", 5.0, 10.0, "Ludmere", "Moor"],
        ["10", "AAA", "Rug", "Floor", 7.5, 27.0, "Ludmere", "Moor"],
        ["11", "BBB", "Lamp", "Light", 5.0, 5.0, "Brackwater", "Moor"],
        ["12", "AAA", "", "", 1.0, 1.0, "", "Fen"],
    ]
    assert tables["Purchases"].frame["date"].tolist()[0] == pd.Timestamp(2024, 1, 5)
    assert sum(key == "import.joined" for key, _ in done.notes) == 4
    assert run(tables, *lists, table="Purchases").is_empty


def test_details_alone_say_what_they_lack() -> None:
    done = run(workbook(), incoming(DETAILS, "details.csv"), table="Purchases")
    assert [p.code for p in done.problems] == ["import.no_client"]
    assert done.added[0].rows["product"].tolist() == ["1", "2", "1", "9"]


def test_a_client_list_is_no_sales_list() -> None:
    with pytest.raises(CrmError) as refused:
        run(workbook(), incoming(CUSTOMERS), table="Purchases")
    assert refused.value.key == "import.not_lines"


def test_a_discount_that_may_be_money_leaves_the_amount_blank() -> None:
    text = "Invoice;Date;Customer ID;Product;Quantity;Price;Discount\n"
    text += "1;2024-01-05;7;Lamp;2;10;5\n2;2024-01-05;7;Rug;2;10;0"
    done = run(workbook(Clients=[{"client_id": "7"}]), incoming(text), table="Purchases")
    assert [p.code for p in done.problems] == ["import.discount_unclear"]
    assert [None if v != v else v for v in done.added[0].rows["amount"]] == [None, 20.0]
    assert done.added[0].rows["Discount"].tolist() == ["5", "0"]


def test_contacts_go_into_interactions_and_find_their_client() -> None:
    text = "Date;E-mail;Kind;Subject;Outcome;Mood\n"
    text += "2024-01-05;nora@example.com;call;offer;later;good\n2024-01-06;x@example.com;visit;hello;;"
    tables = workbook(Clients=[{"client_id": "C0001", "email": "nora@example.com"}])
    done = run(tables, incoming(text), table="Interactions")
    rows = done.added[0].rows
    assert rows["client_id"].tolist() == ["C0001", ""]
    assert rows["E-mail"].tolist() == ["nora@example.com", "x@example.com"]
    assert [c.header for c in done.new_columns] == ["Mood", "E-mail"]
    assert run(applied(tables, done), incoming(text), table="Interactions").is_empty


def test_a_client_named_once_an_invoice_is_filled_down() -> None:
    text = """
    Invoice;Date;Customer;Product;Amount
    1;2024-01-05;Nora Ashgrove;Lamp;10
    1;2024-01-05;;Rug;20
    2;2024-01-06;;Lamp;30
    """
    tables = workbook()
    done = run(tables, incoming(text), table="Purchases")
    assert {p.code for p in done.problems} == {"import.filled_down", "import.no_client"}
    tables = applied(tables, done)
    assert [row[0] for row in lines(tables, "client_id")] == ["C0001", "C0001", ""]
    assert run(tables, incoming(text), table="Purchases").is_empty
