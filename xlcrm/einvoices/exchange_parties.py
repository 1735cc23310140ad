"""Parties of an exchange invoice, and the invoice itself, from a document, the client's row and the seller.

Names, tax numbers and amounts are those of the document, as they were at issue. Its address comes in parts from the
client's row where that still says the same, else the printed lines are split.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from xlcrm.addresses import Address, split_address
from xlcrm.documents.business_document import BusinessDocument, Buyer, SellerFacts
from xlcrm.documents.italian_rules import stamp_duty, with_natures
from xlcrm.documents.payment_qr import compact_iban
from xlcrm.documents.vat_rates import EU
from xlcrm.einvoices.exchange_invoice import DocumentReference, ExchangeInvoice, ItalianFacts, Party
from xlcrm.fields import tax_id

PUBLIC_CODE = 6  # letters of the code of a public administration's office, 7 of anybody else's
_ADDRESS_LINES = 2  # the last lines of a printed address: street, postal code and town
_PREFIXES = {"GR": "EL"}


def exchange_invoice(
    document: BusinessDocument, client: Mapping[str, str], seller: SellerFacts,
    documents: Sequence[BusinessDocument] = (), *, progressive: str = "",
) -> ExchangeInvoice:  # fmt: skip
    """What the writers get; `document.einvoice` is the format.

    client       its cells as text by column, {} for one who is gone
    documents    all of the workbook, of which the order and the delivery notes are looked up
    progressive  of FatturaPA: what no other file of the seller has in its name
    """
    buyer = buyer_party(document.buyer, client, seller.country)
    sign = -1 if document.kind == "credit" else 1
    earlier = {one.number: one for one in documents}
    return ExchangeInvoice(
        format=document.einvoice,
        document=document,
        seller=seller_party(seller),
        buyer=buyer,
        iban=compact_iban(seller.iban),
        bic=seller.bic.replace(" ", "").upper(),
        buyer_reference=_buyer_reference(document, client, buyer),
        corrects=_reference(document.corrects, earlier),
        deliveries=tuple(_deliveries(document, documents)),
        sales_order=_sales_order(document, earlier),
        prices_with_vat=seller.prices_with_vat,
        sells=seller.sells,
        late_interest=seller.late_interest,
        payable=sign * (document.gross - document.split_vat),
        italian=_italian(document, client, seller, buyer, progressive),
    )


@lru_cache(maxsize=8)
def seller_party(seller: SellerFacts) -> Party:
    """The seller; its address is split, its VAT number gets the prefix of its country."""
    place = split_address(", ".join(seller.address), country=seller.country)
    return Party(
        name=seller.name,
        **_place(place, seller.country),
        vat_id=with_prefix(seller.vat_id, seller.country),
        tax_number=tax_id.compact(seller.tax_number),
        registration=seller.registration,
        email=seller.email,
        phone=seller.phone,
        contact=seller.contact,
        peppol_id=seller.peppol_id,
    )


def buyer_party(buyer: Buyer, client: Mapping[str, str], home: str) -> Party:
    """The buyer of a document, as `client` has its parts; `home` is the seller's country, for one without any."""
    country = buyer.country or home
    vat, number = tax_numbers(buyer.tax_id, country)
    firm = client.get("kind") == "company" or bool(client.get("company") or vat)
    return Party(
        name=buyer.name,
        **_buyer_place(buyer, client, country),
        vat_id=vat,
        tax_number=tax_id.compact(client.get("tax_code", "")) or number,
        email=client.get("email", ""),
        phone=client.get("phone", ""),
        contact=client.get("full_name", "") if client.get("company") else "",
        peppol_id=client.get("peppol_id", ""),
        first_name=client.get("first_name", ""),
        last_name=client.get("last_name", ""),
        business=firm,
    )


def tax_numbers(typed: str, country: str) -> tuple[str, str]:
    """A buyer's (VAT number with prefix, other number) from the one cell that both are typed in."""
    number = tax_id.compact(typed)
    kind = tax_id.kind(number, country)
    if number[:2] in _PREFIXED and not _FISCAL_CODE.match(number):
        return number, ""
    by_form = re.fullmatch(_FORMS.get(country, r".+"), number) if country in EU else None
    if kind in _VAT_KINDS or (not kind and by_form):
        return with_prefix(number, country), ""
    return "", number


_PREFIXED = (EU - {"GR"}) | {"EL", "GB", "NO", "CH", "XI"}
_FISCAL_CODE = re.compile(r"[A-Z]{6}\d")  # of a person in Italy
_VAT_KINDS = frozenset(
    "it.iva no.mva fr.tva de.vat gb.vat ch.vat ch.uid at.uid se.vat dk.cvr fi.alv nl.btw be.vat pt.nif ie.vat cz.dic"
    " pl.nip es.nif".split()
)
# the form of VAT numbers where others of persons and firms are typed without a prefix, too
_FORMS = {"IT": r"\d{11}", "DE": r"DE.+", "FR": r"[0-9A-Z]{2}\d{9}"}


def with_prefix(typed: str, country: str) -> str:
    """A VAT number with its country's prefix; "" for none."""
    number = tax_id.compact(typed)
    prefix = _PREFIXES.get(country, country)
    return number if not number or re.match(r"[A-Z]{2}\w", number) else f"{prefix}{number}"


def _place(place: Address, country: str) -> dict[str, Any]:
    return {
        "street": " ".join(filter(None, (place.street, place.house_number))) or place.po_box,
        "extra": place.unit,
        "postal_code": place.postal_code,
        "city": place.city,
        "region": place.region,
        "country": country,
    }


def _buyer_place(buyer: Buyer, client: Mapping[str, str], country: str) -> dict[str, Any]:
    """The parts of the printed address: the client's own where each of them stands there, else those it splits into."""
    printed = " ".join(buyer.address).casefold()
    own: dict[str, Any] = {
        part: client.get(part, "") for part in ("street", "house_number", "po_box", "postal_code", "city")
    }
    agrees = bool(own["city"]) and all(part.casefold() in printed for part in own.values() if part)
    if not agrees:
        return _place(split_address(", ".join(buyer.address[-_ADDRESS_LINES:]), country=country), country)
    place = Address(**own, unit=client.get("unit", ""), region=client.get("region", ""), country=country)
    return _place(place, country)


def _buyer_reference(document: BusinessDocument, client: Mapping[str, str], buyer: Party) -> str:
    """What is typed; Peppol wants some (R003), so there else who the contact is, or the client's number."""
    typed = client.get("buyer_reference", "")
    if typed or document.einvoice not in ("peppol", "ehf"):
        return typed
    return buyer.contact or document.buyer.client_id


def _reference(number: str, earlier: Mapping[str, BusinessDocument]) -> DocumentReference | None:
    """Another document by its number, with its day where the workbook has it."""
    there = earlier.get(number)
    return DocumentReference(number, there.date if there else None) if number else None


def _deliveries(document: BusinessDocument, documents: Sequence[BusinessDocument]) -> Iterator[DocumentReference]:
    """The delivery notes of what an invoice bills: the one that it was made from, and those with its lines."""
    lines = {one.purchase for one in document.lines} - {""}
    for one in documents if document.kind == "invoice" else ():
        made_from = one.number == document.from_number
        if one.kind == "delivery" and (made_from or lines & {line.purchase for line in one.lines}):
            yield DocumentReference(one.number, one.date)


def _sales_order(document: BusinessDocument, earlier: Mapping[str, BusinessDocument]) -> DocumentReference | None:
    """The confirmation that a document goes back to, over a delivery note between them."""
    seen = document
    while (before := earlier.get(seen.from_number)) and before is not seen:
        if before.kind == "order":
            return DocumentReference(before.number, before.date)
        seen = before
    return None


def _italian(
    document: BusinessDocument, client: Mapping[str, str], seller: SellerFacts, buyer: Party, progressive: str
) -> ItalianFacts:
    if document.einvoice != "fatturapa":
        return ItalianFacts()
    code = client.get("sdi_code", "").replace(" ", "").upper()
    lines = with_natures(document.lines, buyer.country, small=seller.small_business)
    return ItalianFacts(
        regime=seller.tax_regime or ("RF19" if seller.small_business else "RF01"),
        sdi_code=code,
        pec=client.get("pec", ""),
        public_body=len(code) == PUBLIC_CODE,
        split_payment=document.buyer.splits,
        stamp_duty=stamp_duty(lines),
        natures=tuple((one.line, one.nature) for one in lines if one.nature),
        progressive=progressive,
        share_capital=seller.share_capital or Decimal(0),
        sole_shareholder={"yes": True, "no": False}.get(seller.sole_shareholder),
    )
