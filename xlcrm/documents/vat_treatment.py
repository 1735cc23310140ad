"""VAT treatment of a sale: which category and rate a line gets where nobody typed one, and why no VAT is charged.

At home, and for a small business, the answer is known. Abroad it depends on whether goods or services were sold: the
sheet Seller says that once; where it doesn't, the sale is doubtful and the doubt is handed on, never guessed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from xlcrm.documents.business_document import Buyer, SellerFacts
from xlcrm.documents.law_words import SMALL, small_business_category, untaxed_words
from xlcrm.documents.vat_rates import EU, standard_rate

ZERO = Decimal(0)


@dataclass(frozen=True)
class Treatment:
    """VAT of a line; `doubt` is the code of a question, "" where there is none."""

    category: str
    rate: Decimal
    exemption: str = ""
    doubt: str = ""


# what was sold to whom, where the seller is in the EU or not: (buyer is, goods or services) -> case of the law's words
_ABROAD = {
    ("eu_firm", "goods"): "K",
    ("eu_firm", "services"): "AE_eu",
    ("outside", "goods"): "G",
    ("outside", "services"): "O",
}
_DOUBTS = {"eu_firm": "invoice.abroad_firm", "eu_person": "invoice.abroad_person", "outside": "invoice.abroad_outside"}


def treatment(seller: SellerFacts, buyer: Buyer, on: dt.date) -> Treatment:
    """The VAT of a line without a typed category, on the day `on`; the exemption in the buyer's language.

    Without a rate for the seller's country and none in the sheet Seller the doubt is "invoice.no_rate".
    """
    if seller.small_business:
        category = small_business_category(seller.country)
        return Treatment(category, ZERO, untaxed_words(seller.country, SMALL, buyer.language))
    where = _where(seller.country, buyer)
    case = _ABROAD.get((where, seller.sells))
    if case:
        return Treatment(case.removesuffix("_eu"), ZERO, untaxed_words(seller.country, case, buyer.language))
    rate = seller.standard_vat_rate
    rate = standard_rate(seller.country, on) if rate is None else rate
    doubt = "invoice.no_rate" if rate is None else _DOUBTS.get(where, "")
    return Treatment("S", ZERO if rate is None else rate, doubt=doubt)


def _where(country: str, buyer: Buyer) -> str:
    """home, eu_firm, eu_person or outside; a buyer without a country is at home."""
    if not buyer.country or buyer.country == country:
        return "home"
    if country in EU and buyer.country in EU:
        return "eu_firm" if buyer.is_firm else "eu_person"
    return "outside"
