"""Lists by others (Northwind, classicmodels, UCI Online Retail, CRM programs) are mapped without a mistake."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest

from tests.support.importing_help import TODAY, applied, settings, workbook
from xlcrm import schema
from xlcrm.files.list_files import read
from xlcrm.importing import plan
from xlcrm.importing.mapping import map_columns
from xlcrm.plan import Plan
from xlcrm.tables import Tables

NORTHWIND = {
    "CustomerID": "client_id", "CompanyName": "company", "ContactName": "full_name", "ContactTitle": "job_title",
    "Address": "address", "City": "city", "Region": "region", "PostalCode": "postal_code", "Country": "country",
    "Phone": "phone", "Fax": "",
}  # fmt: skip
CLASSICMODELS = {
    "customerNumber": "client_id", "customerName": "company", "contactLastName": "last_name",
    "contactFirstName": "first_name", "phone": "phone", "addressLine1": "address", "addressLine2": "address_extra",
    "city": "city", "state": "region", "postalCode": "postal_code", "country": "country",
    "salesRepEmployeeNumber": "", "creditLimit": "",
}  # fmt: skip
UCI = {
    "InvoiceNo": "invoice", "StockCode": "", "Description": "product", "Quantity": "quantity", "InvoiceDate": "date",
    "UnitPrice": "unit_price", "CustomerID": "client_id", "Country": "country",
}  # fmt: skip


def purchases(shared_data: Path, *names: str) -> list[Path]:
    paths = [shared_data / "purchases" / name for name in names]
    for path in paths:
        if not path.exists():
            pytest.skip(f"{path.name} is missing in the shared data")
    return paths


def run(tables: Tables, paths: list[Path], table: str) -> Plan:
    lists = [one for path in paths for one in read(path)]
    return plan(tables, lists, settings=settings(), today=TODAY, table=table)


@pytest.mark.parametrize(
    ("name", "table", "expected"),
    [
        ("northwind_customers.csv", "Clients", NORTHWIND),
        ("classicmodels_customers.csv", "Clients", CLASSICMODELS),
        ("uci_online_retail.csv.gz", "Purchases", UCI),
    ],
)
def test_every_column_is_mapped_right(shared_data: Path, name: str, table: str, expected: dict[str, str]) -> None:
    (path,) = purchases(shared_data, name)
    frame = pd.read_csv(path, dtype="str", keep_default_na=False, nrows=5000)
    assert {m.header: m.field for m in map_columns(frame, table)} == expected


def test_headers_of_crm_programs_are_known(shared_data: Path) -> None:
    path = shared_data / "crm_headers.csv"
    if not path.exists():
        pytest.skip("crm_headers.csv is missing in the shared data")
    systems: dict[str, dict[str, str]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["header"]:
                ours = schema.table("Clients").column(row["field"])  # "segment" is no column: it stays the user's own
                systems[row["system"]][row["header"]] = row["field"] if ours else ""
    assert sum(map(len, systems.values())) >= 44
    for expected in systems.values():
        frame = pd.DataFrame({header: pd.Series([], dtype="str") for header in expected})
        assert {m.header: m.field for m in map_columns(frame, "Clients")} == expected


def test_northwind_comes_in_whole_and_only_once(shared_data: Path) -> None:
    (customers,) = purchases(shared_data, "northwind_customers.csv")
    sold = purchases(shared_data, "northwind_order_details.csv", "northwind_orders.csv", "northwind_products.csv")
    tables = workbook()
    tables = applied(tables, run(tables, [customers], "Clients"))
    tables = applied(tables, run(tables, sold, "Purchases"))
    clients, lines = tables["Clients"].frame, tables["Purchases"].frame
    assert len(clients) == 93
    assert len(lines) == 2155
    assert "ALFKI" in set(clients["client_id"])
    assert set(lines["client_id"]) <= set(clients["client_id"])
    assert lines["product"].iloc[0] == "Queso Cabrales"
    details = pd.read_csv(sold[0])
    whole = details["UnitPrice"] * details["Quantity"] * (1 - details["Discount"])
    assert (lines["amount"] - whole).abs().max() <= 0.0051
    for paths, table in (([customers], "Clients"), (sold, "Purchases")):
        assert run(tables, paths, table).is_empty


def test_classicmodels_in_one_go(shared_data: Path) -> None:
    names = "customers orders orderdetails products payments employees".split()
    paths = purchases(shared_data, *(f"classicmodels_{name}.csv" for name in names))
    tables = workbook()
    first = run(tables, paths, "Clients")
    skipped = [values["file"] for key, values in first.notes if key == "import.list_skipped"]
    assert skipped == ["classicmodels_payments.csv", "classicmodels_employees.csv"]
    tables = applied(tables, first)
    assert (len(tables["Clients"].frame), len(tables["Purchases"].frame)) == (
        122,
        2996 - 79,
    )  # 79 lines of cancelled orders are no sales
    assert set(tables["Purchases"].frame["client_id"]) <= set(tables["Clients"].frame["client_id"])
    assert run(tables, paths, "Clients").is_empty
