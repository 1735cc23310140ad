"""VAT of a line that nobody typed: known at home, asked abroad unless the seller said what is sold."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from xlcrm.documents.business_document import Buyer, SellerFacts
from xlcrm.documents.vat_treatment import treatment

DAY = dt.date(2026, 3, 1)
ROWS = [
    ("IT", "", "IT", "IT01", "S", "0.22", "", "at home"),
    ("IT", "", "", "", "S", "0.22", "", "without a country a buyer is at home"),
    ("IT", "", "FR", "FR01", "S", "0.22", "invoice.abroad_firm", "goods or services? asked"),
    ("IT", "goods", "FR", "FR01", "K", "0", "", "goods to a firm of the EU"),
    ("IT", "services", "FR", "FR01", "AE", "0", "", "a service to a firm of the EU"),
    ("IT", "goods", "FR", "", "S", "0.22", "invoice.abroad_person", "one stop shop: asked even so"),
    ("IT", "goods", "CH", "", "G", "0", "", "export"),
    ("IT", "services", "CH", "X", "O", "0", "", "outside of the tax"),
    ("IT", "", "CH", "X", "S", "0.22", "invoice.abroad_outside", "asked"),
    ("NO", "goods", "SE", "SE1", "G", "0", "", "Norway exports to the EU"),
    ("US", "", "US", "", "S", "0", "invoice.no_rate", "a country that we have no rates of"),
]


@pytest.mark.parametrize(("country", "sells", "buyer", "tax_id", "category", "rate", "doubt", "why"), ROWS)
def test_the_vat_of_a_line(
    country: str, sells: str, buyer: str, tax_id: str, category: str, rate: str, doubt: str, why: str
) -> None:
    found = treatment(SellerFacts(country=country, sells=sells), Buyer("A", country=buyer, tax_id=tax_id), DAY)
    assert (found.category, found.rate, found.doubt) == (category, Decimal(rate), doubt), why
    assert bool(found.exemption) == (category != "S")


def test_a_small_business_charges_none_and_says_why() -> None:
    found = treatment(SellerFacts(country="DE", small_business=True), Buyer("A", country="FR", language="de"), DAY)
    assert found.category == "E" and "§ 19 UStG" in found.exemption and not found.doubt


def test_an_own_rate_goes_before_the_countrys() -> None:
    seller = SellerFacts(country="US", standard_vat_rate=Decimal("0.07"))
    assert treatment(seller, Buyer("A"), DAY).rate == Decimal("0.07")
