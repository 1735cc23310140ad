"""The exchange format of a document's e-invoice: which one a client gets, and the writer that makes it.

What is typed for the client goes first, then what the sheet Seller says, then the rule of the seller's country. The
writers are loaded when they are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from xlcrm.documents.business_document import IssuedFile, SellerFacts
from xlcrm.documents.vat_rates import EU
from xlcrm.einvoices.exchange_invoice import ExchangeInvoice
from xlcrm.errors import CrmError

NONE = "none"
INSIDE = frozenset({"facturx"})  # formats that stand in the PDF


@dataclass(frozen=True)
class FormatRule:
    """What a country's sellers write, for clients whose column `needs` is filled ("" for everybody); and why."""

    countries: frozenset[str]
    format: str
    needs: str
    why: str


RULES = (
    FormatRule(frozenset({"IT"}), "fatturapa", "", "D.Lgs. 127/2015, art. 1: an invoice is a file that SdI took"),
    FormatRule(frozenset({"NO"}), "ehf", "peppol_id", "EHF goes to whoever is in ELMA, under the Peppol id"),
    FormatRule(frozenset({"DE"}), "xrechnung", "buyer_reference", "authorities give a Leitweg-ID, and want XRechnung"),
    FormatRule(frozenset({"DE"}), "facturx", "", "§ 14 UStG from 2025: ZUGFeRD is an e-invoice that people can read"),
    FormatRule(frozenset({"FR"}), "facturx", "", "CGI art. 289 bis: Factur-X is one of the three formats"),
    FormatRule(frozenset({"ES"}), NONE, "", "VeriFactu wants a certified chain that a workbook can't be"),
    FormatRule(EU, "peppol", "peppol_id", "who has a Peppol id takes BIS Billing 3"),
)
WRITERS: Mapping[str, str] = {
    "fatturapa": "xlcrm.einvoices.fatturapa",
    "peppol": "xlcrm.einvoices.ubl",
    "ehf": "xlcrm.einvoices.ubl",
    "xrechnung": "xlcrm.einvoices.ubl",
}


def exchange_format(seller: SellerFacts, client: Mapping[str, str]) -> str:
    """The format of a client's e-invoices, "" for none.

    client  its cells as text by column, `einvoice` as its canonical choice
    """
    wanted = asked_format(seller, client) or _of_country(seller, client)
    return wanted if wanted != NONE else ""


def asked_format(seller: SellerFacts, client: Mapping[str, str]) -> str:
    """What somebody typed: for the client, else for all; "" where the country decides."""
    return client.get("einvoice", "") or seller.einvoice


def _of_country(seller: SellerFacts, client: Mapping[str, str]) -> str:
    """The first rule that holds."""
    held = (
        rule.format for rule in RULES if seller.country in rule.countries and (not rule.needs or client.get(rule.needs))
    )
    return next(held, NONE)


def exchange_file(invoice: ExchangeInvoice) -> IssuedFile:
    """The XML of an invoice in its format; CrmError for a format that is no file of its own."""
    name = WRITERS.get(invoice.format)
    if name is None:
        raise CrmError("einvoice.no_file", format=invoice.format)
    write: Callable[[ExchangeInvoice], bytes] = import_module(name).write
    return IssuedFile(write(invoice), ".xml")


def embedded(pdf: IssuedFile, invoice: ExchangeInvoice) -> IssuedFile:
    """A PDF with the invoice inside (Factur-X)."""
    embed: Callable[[bytes, ExchangeInvoice], bytes] = import_module("xlcrm.einvoices.facturx").embed
    return IssuedFile(embed(pdf.content, invoice), pdf.suffix)
