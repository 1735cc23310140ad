"""An exchange invoice as a value: a document with its parties as e-invoices want them, addresses in parts.

The writers of FatturaPA, UBL and CII get these values and no table; where a value is missing, `missing_facts` has said
so before a number was taken.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from xlcrm.documents.business_document import BusinessDocument

FORMATS = ("fatturapa", "peppol", "ehf", "xrechnung", "facturx")


@dataclass(frozen=True)
class Party:
    """Seller or buyer. "" where nothing is typed.

    street        with its number
    country       ISO code
    vat_id        with the prefix of the country ("IT01234567890"); of a buyer who is no business ""
    tax_number    fiscal code, Steuernummer, organisation number: what identifies them beside or instead of the VAT id
    registration  of a seller: register and number (Italy: REA), free text
    peppol_id     scheme and number ("0192:987654321")
    """

    name: str
    street: str = ""
    extra: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    vat_id: str = ""
    tax_number: str = ""
    registration: str = ""
    email: str = ""
    phone: str = ""
    contact: str = ""
    peppol_id: str = ""
    first_name: str = ""
    last_name: str = ""
    business: bool = True


@dataclass(frozen=True)
class ItalianFacts:
    """What FatturaPA alone wants.

    regime         RF01 to RF20; sdi_code, pec: where the exchange delivers
    public_body    the buyer is a public administration: six letters of sdi_code, format FPA12
    split_payment  the buyer pays the VAT itself (scissione dei pagamenti)
    stamp_duty     of the document in euros, 0 where none is due
    natures        line -> N1 to N7 with their parts ("N3.2"), of lines without VAT
    progressive    five letters and figures that no other file of the seller has in its name
    share_capital  in euros, 0 where none is typed; sole_shareholder: True, False, None where that is not typed
    """

    regime: str = "RF01"
    sdi_code: str = ""
    pec: str = ""
    public_body: bool = False
    split_payment: bool = False
    stamp_duty: Decimal = Decimal(0)
    natures: tuple[tuple[int, str], ...] = ()
    progressive: str = ""
    share_capital: Decimal = Decimal(0)
    sole_shareholder: bool | None = None


@dataclass(frozen=True)
class DocumentReference:
    """Another document: of the invoice that a credit note corrects, of an order, of a delivery note."""

    number: str
    date: dt.date | None = None


@dataclass(frozen=True)
class ExchangeInvoice:
    """An invoice or credit note as it goes to an exchange.

    document         with its number; amounts of a credit note are negative, as in the sheet Documents
    tax_currency     where VAT is owed in another currency than the document's: its code, and the VAT in it
    buyer_reference  what the buyer wants to read on it (XRechnung: Leitweg-ID)
    sells            "goods", "services" or "" (both); late_interest: a share a year that was agreed, None for the law's
    order            the buyer's order; corrects: of a credit note; deliveries: of an invoice for goods delivered before
    sales_order      our own confirmation of it
    payable          what is to be paid, 0 or more: gross and rounding of prices with VAT, without VAT that the buyer
                     pays to the state
    """

    format: str
    document: BusinessDocument
    seller: Party
    buyer: Party
    iban: str = ""
    bic: str = ""
    buyer_reference: str = ""
    order: DocumentReference | None = None
    corrects: DocumentReference | None = None
    deliveries: tuple[DocumentReference, ...] = ()
    sales_order: DocumentReference | None = None
    prices_with_vat: bool = False
    payable: Decimal = Decimal(0)
    italian: ItalianFacts = ItalianFacts()
    notes: tuple[str, ...] = ()
    tax_currency: str = ""
    tax_currency_vat: Decimal = Decimal(0)
    sells: str = ""
    late_interest: Decimal | None = None
