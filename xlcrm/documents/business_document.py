"""A business document as a value: offer, order, delivery note, invoice or credit note, its buyer, lines and seller.

What is here is what a paper needs: whoever prints it, reckons or checks it gets these values and no table.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

KINDS = ("offer", "order", "delivery", "invoice", "credit")
ZERO = Decimal(0)
_FISCAL_CODE = re.compile(r"[A-Z]{6}[0-9A-Z]{10}")


@dataclass(frozen=True)
class Buyer:
    """Whom a document is made out to, as it was at issue.

    address   lines below the name, as they stand on the paper
    country   ISO code, "" unknown
    language  one of six: that of the paper
    splits    the buyer pays the VAT to the state itself (Italy's scissione dei pagamenti)
    """

    name: str
    address: tuple[str, ...] = ()
    tax_id: str = ""
    country: str = ""
    language: str = "en"
    client_id: str = ""
    person_id: str = ""
    splits: bool = False

    @property
    def is_firm(self) -> bool:
        """Whether a tax number says so: any but the fiscal code of a person in Italy."""
        return bool(self.tax_id) and not _FISCAL_CODE.fullmatch(self.tax_id.replace(" ", "").upper())


@dataclass(frozen=True)
class DocumentLine:
    """One line. `discount` and `rate` are shares (0.22 is 22 %); `net` is in the document's currency, rounded.

    unit_price  up to 8 decimals, as typed: with VAT in it where the seller's prices have it
    category    S Z E AE K G O of EN 16931; `exemption` says why no VAT is charged
    purchase    which row of Purchases it came from (see `issuing`), "" for none
    nature      Italy's reason for no VAT, N1 to N7 with its parts ("N3.2"); "" where none is typed
    """

    line: int
    product: str
    quantity: Decimal
    unit_price: Decimal
    unit: str = ""
    discount: Decimal = ZERO
    category: str = "S"
    rate: Decimal = ZERO
    exemption: str = ""
    net: Decimal = ZERO
    purchase: str = ""
    nature: str = ""


@dataclass(frozen=True)
class BusinessDocument:
    """A document. `number` is "" before it is issued. Amounts of a credit note are negative.

    due_on       when it is to be paid; of an offer the last day on which it holds
    corrects     the number of the invoice that a credit note corrects
    from_number  the document that it was made from
    einvoice     the format of the e-invoice that goes with it ("fatturapa"), "" for none
    """

    kind: str
    date: dt.date
    buyer: Buyer
    currency: str
    lines: tuple[DocumentLine, ...]
    net: Decimal = ZERO
    vat: Decimal = ZERO
    gross: Decimal = ZERO
    due_on: dt.date | None = None
    corrects: str = ""
    from_number: str = ""
    number: str = ""
    series: str = ""
    year: int = 0
    sequence: int = 0
    einvoice: str = ""

    @property
    def split_vat(self) -> Decimal:
        """The VAT that is not paid to the seller, 0 where it is."""
        return self.vat if self.buyer.splits and self.kind in ("invoice", "credit") else ZERO


@dataclass(frozen=True)
class SellerFacts:
    """Who sells: name and address of the sheet Settings, the rest of the sheet Seller.

    rates            shares: `standard_vat_rate` 0.22 is 22 %, `late_interest` 0.08 a year; None where none is typed
    series           kind of document -> what stands before its year and number
    reminder_days    after the due date, level 1 to 3
    reminder_fees    in the document's currency
    sells            "goods", "services" or "" (both): which VAT rules hold for a buyer abroad
    einvoice         the format of e-invoices that is asked for, "none", or "" for that of the country
    tax_regime       Italy: RF01 to RF20, "" where none is typed
    contact          who answers questions about an invoice
    """

    name: str = ""
    address: tuple[str, ...] = ()
    country: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    vat_id: str = ""
    tax_number: str = ""
    registration: str = ""
    iban: str = ""
    bic: str = ""
    bank: str = ""
    logo: str = ""
    colour: str = "#12355B"
    small_business: bool = False
    prices_with_vat: bool = False
    standard_vat_rate: Decimal | None = None
    series: tuple[tuple[str, str], ...] = ()
    offer_days: int = 30
    reminder_days: tuple[int, int, int] = (7, 21, 35)
    reminder_fees: tuple[Decimal, Decimal, Decimal] = (ZERO, ZERO, ZERO)
    late_interest: Decimal | None = None
    extra_text: str = ""
    sells: str = ""
    payment_days: int = 30
    language: str = "en"
    currency: str = "EUR"
    einvoice: str = ""
    tax_regime: str = ""
    share_capital: Decimal | None = None
    sole_shareholder: str = ""
    peppol_id: str = ""
    contact: str = ""


@dataclass(frozen=True)
class IssuedFile:
    """The file of a document: its bytes and how its name ends (".pdf")."""

    content: bytes
    suffix: str
