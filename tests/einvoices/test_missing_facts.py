"""Which format a client gets, and what each format cannot be without: tables, and where the fact is typed."""

from __future__ import annotations

import csv
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.support.einvoice_examples import CLIENTS, SELLER, document, examples, line
from tests.support.paths import CASES
from xlcrm.documents.business_document import SellerFacts
from xlcrm.einvoices.exchange_format import RULES, exchange_format
from xlcrm.einvoices.exchange_invoice import FORMATS, ExchangeInvoice
from xlcrm.einvoices.exchange_parties import exchange_invoice, tax_numbers
from xlcrm.einvoices.missing_facts import FACTS, KnownPlaces, missing_facts
from xlcrm.messages import LANGUAGES

PLACES = KnownPlaces({"split_payment": ""}, 7, {("Seller", "vat_id"): 2, ("Settings", "seller_address"): 5}, "RE")


def _rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", _rows("einvoice_formats.csv"), ids=lambda row: row["why"])
def test_formats_by_client_seller_and_country(row: dict[str, str]) -> None:
    client = dict(pair.split("=") for pair in filter(None, row["client"].split(";")))
    seller = SellerFacts(country=row["seller"], einvoice=row["typed"])
    assert exchange_format(seller, client) == row["expected"]


def test_every_rule_says_why() -> None:
    assert all(rule.why for rule in RULES)
    assert {rule.format for rule in RULES} == {*FORMATS, "none"}
    assert all(fact.why and fact.formats <= set(FORMATS) for fact in FACTS)


def _whole(wanted: str) -> ExchangeInvoice:
    """An invoice that lacks nothing."""
    made = examples()["firm"]
    seller = replace(made.seller, contact="Ada Poli", peppol_id="0211:IT01234567897")
    buyer = replace(made.buyer, peppol_id="0192:987654325", email="neri@example.com")
    return replace(made, format=wanted, seller=seller, buyer=buyer, buyer_reference="04011000-12345-34")


@pytest.mark.parametrize("wanted", FORMATS)
def test_a_whole_invoice_lacks_nothing(wanted: str) -> None:
    assert missing_facts(_whole(wanted), PLACES) == ()


@pytest.mark.parametrize("row", _rows("einvoice_facts.csv"), ids=lambda row: f"{row['format']} {row['why']}")
def test_what_is_missing_is_a_problem(row: dict[str, str]) -> None:
    invoice = _whole(row["format"])
    value: Any = True if row["value"] == "yes" else row["value"]
    change: dict[str, Any] = {row["field"]: value}
    if row["who"] != "invoice":
        change = {row["who"]: replace(getattr(invoice, row["who"]), **change)}
    spoilt = replace(invoice, **change)
    expected = [(row["code"], row["table"], row["column"], row["level"])] if row["code"] else []
    found = missing_facts(spoilt, PLACES)
    assert [(one.code, one.table, one.column, one.level) for one in found] == expected
    assert all("{" not in one.sentence(language) for one in found for language in LANGUAGES)


def test_problems_name_the_row() -> None:
    invoice = _whole("fatturapa")
    lacking = replace(
        invoice, seller=replace(invoice.seller, vat_id="", city=""), buyer=replace(invoice.buyer, city="")
    )
    assert [(one.table, one.row) for one in missing_facts(lacking, PLACES)] == [
        ("Clients", 7),
        ("Seller", 2),
        ("Settings", 5),
    ]


@pytest.mark.parametrize(
    ("category", "nature", "client", "expected", "why"),
    [
        ("E", "", "firm", "N4", "exempt"),
        ("K", "", "german", "N3.2", "goods within the EU"),
        ("AE", "", "german", "N2.1", "a service to a firm elsewhere in the EU"),
        ("AE", "", "firm", "", "reverse charge at home has nine natures: asked"),
        ("AE", "N6.3", "firm", "N6.3", "what is typed"),
        ("Z", "", "firm", "", "Italy has no rate of 0 %: asked"),
    ],
)
def test_natures_are_known_or_asked(category: str, nature: str, client: str, expected: str, why: str) -> None:
    made = document(client, line(1, "Tè", "1", "5", "0", category=category, nature=nature))
    invoice = exchange_invoice(made, CLIENTS[client], SELLER, progressive="X0001")
    assert dict(invoice.italian.natures).get(1, "") == expected, why
    codes = [one.code for one in missing_facts(invoice, PLACES)]
    assert ("einvoice.nature" in codes) == (expected == "")


@pytest.mark.parametrize(
    ("typed", "country", "expected"),
    [
        ("01234567897", "IT", ("IT01234567897", "")),
        ("it 012 345 678 97", "IT", ("IT01234567897", "")),
        ("rssnna80a41l219d", "IT", ("", "RSSNNA80A41L219D")),
        ("RSSNNA80A41L219X", "IT", ("", "RSSNNA80A41L219X")),
        ("12/345/67890", "DE", ("", "12/345/67890")),
        ("123456788", "DE", ("DE123456788", "")),
        ("995525828", "NO", ("", "995525828")),
        ("995525828MVA", "NO", ("NO995525828MVA", "")),
        ("EL094259216", "GR", ("EL094259216", "")),
        ("303265045", "FR", ("", "303265045")),
        ("", "IT", ("", "")),
    ],
)
def test_one_cell_holds_either_number(typed: str, country: str, expected: tuple[str, str]) -> None:
    assert tax_numbers(typed, country) == expected


def test_an_address_that_changed_is_split_from_the_document() -> None:
    made = document("firm", line(1, "Tè", "1", "5"))
    moved = {**CLIENTS["firm"], "street": "Via Nuova", "house_number": "1", "city": "Torino", "postal_code": "10121"}
    buyer = exchange_invoice(made, moved, SELLER).buyer
    assert (buyer.street, buyer.postal_code, buyer.city) == ("Via Dante 7", "20121", "Milano")


def test_vat_that_the_buyer_pays_is_not_payable() -> None:
    invoice = examples()["public"]
    assert (invoice.document.gross, invoice.payable) == (Decimal("1220.00"), Decimal("1000.00"))
