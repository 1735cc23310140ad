"""Invoice terms of EN 16931: what UBL and CII both say of an invoice, ready to be written.

Amounts are those of `documents.invoice_money`, worked out from the lines again; where they are not what was issued, the
file is refused. A credit note's amounts are positive here, because its type says that they are given back.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from xlcrm import messages
from xlcrm.documents.business_document import DocumentLine
from xlcrm.documents.invoice_money import (
    InvoiceLine,
    InvoiceTotals,
    TaxedSum,
    line_net,
    net_price,
    rounded,
    smallest_unit,
    totals,
)
from xlcrm.documents.law_words import closing_cases, untaxed_words
from xlcrm.documents.paper_content import payment_words
from xlcrm.documents.vat_rates import EU
from xlcrm.einvoices.exchange_invoice import ExchangeInvoice, Party
from xlcrm.einvoices.unit_codes import unit_code
from xlcrm.errors import CrmError

ZERO, HUNDRED = Decimal(0), Decimal(100)
DISCOUNT = "95"  # UNCL 5189
# UNCL 4461: SEPA credit transfer, credit transfer, instrument not defined
SEPA, TRANSFER, UNDEFINED = "58", "30", "1"
SEPA_COUNTRIES = EU | set("AD AL CH GB IS LI MC MD ME MK NO RS SM VA".split())
REASON_CODES = {"AE": "VATEX-EU-AE", "K": "VATEX-EU-IC", "G": "VATEX-EU-G", "O": "VATEX-EU-O"}  # E has many
# What France wants of its sellers' invoices (rules BR-FR of the flux 2): the law's sentences by UNTDID 4451, whether
# goods or services were sold (deposit of an invoice), and prices of six decimals
FRENCH_NOTES = {"late": "PMD", "fixed_sum": "PMT", "discount": "AAB"}
FRENCH_PROCESS = {"goods": "B1", "services": "S1", "": "M1"}
FRENCH_PLACES = Decimal("0.000001")
REASONED = frozenset({"E", "AE", "K", "G", "O"})


@dataclass(frozen=True)
class LineTerms:
    """A line. `rate` in percent, None where none may stand (O).

    allowance  quantity x price less the net, None where they are the same
    base       what `discount` (percent) is taken of, None where the allowance holds a rounding too
    """

    number: int
    product: str
    quantity: Decimal
    unit: str
    note: str
    price: Decimal
    net: Decimal
    category: str
    rate: Decimal | None
    discount: Decimal
    base: Decimal | None
    allowance: Decimal | None


@dataclass(frozen=True)
class TaxTerms:
    """The VAT of a category and rate (percent), with the reason where none is charged."""

    category: str
    rate: Decimal | None
    net: Decimal
    vat: Decimal
    reason: str
    reason_code: str


@dataclass(frozen=True)
class InvoiceTerms:
    """buyer_reference  what is typed, else who is asked for at the buyer: Peppol wants it or an order (R003)
    coded_notes  code and sentence of what France wants to read; `process` the code of what was sold there
    payment  code and IBAN, ("", "") where nothing is said of it; `terms` where no due date says when to pay
    delivered  day of the delivery; `deliver_to` the party that it went to, said for supplies within the EU
    outside    lines are not subject to VAT: no VAT ids may stand
    """

    credit: bool
    buyer_reference: str
    lines: tuple[LineTerms, ...]
    taxes: tuple[TaxTerms, ...]
    sums: InvoiceTotals
    note: str
    coded_notes: tuple[tuple[str, str], ...]
    process: str
    payment: tuple[str, str]
    terms: str
    delivered: dt.date | None
    deliver_to: Party | None
    outside: bool

    @property
    def type_code(self) -> str:
        """UNCL 1001: 380 commercial invoice, 381 credit note."""
        return "381" if self.credit else "380"


def invoice_terms(invoice: ExchangeInvoice) -> InvoiceTerms:
    """The terms of an invoice; CrmError "einvoice.file_sums" where its lines don't come to what was issued.

    CrmError "einvoice.file_currency" where the currency has three decimals.
    """
    document = invoice.document
    credit = document.kind == "credit"
    lines = [_signed(line, -1 if credit else 1) for line in document.lines]
    sums = totals(lines, document.currency, with_vat=invoice.prices_with_vat)
    _refuse_odd_currency(invoice)
    _refuse_other_sums(invoice, sums, -1 if credit else 1)
    categories = {line.category for line in lines}
    return InvoiceTerms(
        credit=credit,
        buyer_reference=invoice.buyer_reference or (invoice.buyer.contact if invoice.order is None else ""),
        lines=tuple(_line(*each, invoice) for each in zip(lines, document.lines, sums.nets, strict=True)),
        taxes=tuple(_tax(one, invoice) for one in sums.taxed),
        sums=sums,
        note=_note(invoice),
        coded_notes=_coded_notes(invoice),
        process=FRENCH_PROCESS[invoice.sells] if invoice.seller.country == "FR" else "",
        payment=_payment(invoice, credit=credit, payable=sums.payable),
        terms=_terms(invoice, sums.payable, credit=credit),
        delivered=_delivered(invoice, inside_eu="K" in categories),
        deliver_to=invoice.buyer if "K" in categories else None,
        outside="O" in categories,
    )  # fmt: skip


def _delivered(invoice: ExchangeInvoice, *, inside_eu: bool) -> dt.date | None:
    """The day of the last delivery note; within the EU some day must stand (BR-IC-11), else that of the invoice."""
    days = (one.date for one in invoice.deliveries if one.date)
    return max(days, default=invoice.document.date if inside_eu else None)


def _signed(line: DocumentLine, sign: int) -> InvoiceLine:
    """A line with positive amounts where it is given back, and never a negative price (BR-27)."""
    turned = -sign if line.unit_price < 0 else sign
    return InvoiceLine(
        line.line, turned * line.quantity, abs(line.unit_price), line.rate, line.category, line.discount, line.exemption
    )


def _refuse_odd_currency(invoice: ExchangeInvoice) -> None:
    """EN 16931 has room for two decimals (BR-DEC-01 and its kin); dinars have three."""
    currency = invoice.document.currency
    if smallest_unit(currency) < smallest_unit("EUR"):
        raise CrmError("einvoice.file_currency", number=invoice.document.number, currency=currency)


def _refuse_other_sums(invoice: ExchangeInvoice, sums: InvoiceTotals, sign: int) -> None:
    document = invoice.document
    issued = (document.net, document.vat, document.gross)
    if any(issued) and issued != (sign * sums.net, sign * sums.vat, sign * sums.gross):
        raise CrmError("einvoice.file_sums", number=document.number)


def _line(line: InvoiceLine, own: DocumentLine, net: Decimal, invoice: ExchangeInvoice) -> LineTerms:
    with_vat = invoice.prices_with_vat
    code, known = unit_code(own.unit)
    price = net_price(line, with_vat=with_vat)
    if invoice.seller.country == "FR":
        price = price.quantize(FRENCH_PLACES, rounding=ROUND_HALF_UP)
    base, allowance = _allowance(line, net, price, invoice)
    return LineTerms(
        number=line.number,
        product=own.product or "-",
        quantity=line.quantity,
        unit=code,
        note="" if known else own.unit,
        price=price,
        net=net,
        category=line.category,
        rate=None if line.category == "O" else line.rate * HUNDRED,
        discount=line.discount * HUNDRED,
        base=base,
        allowance=allowance,
    )


def _allowance(
    line: InvoiceLine, net: Decimal, price: Decimal, invoice: ExchangeInvoice
) -> tuple[Decimal | None, Decimal | None]:
    """Base and amount of what a line is less than its quantity x price.

    In a currency without cents that is also what its rounding leaves: rules want it to the cent of euros (R120).
    """
    if smallest_unit(invoice.document.currency) == 1:
        left = rounded(line.quantity * price) - net
        return None, left or None
    base = line_net(replace(line, discount=ZERO), invoice.document.currency, with_vat=invoice.prices_with_vat)
    return (base, base - net) if line.discount else (None, None)


def _tax(one: TaxedSum, invoice: ExchangeInvoice) -> TaxTerms:
    """XRechnung wants a rate also where nothing is subject to VAT (BR-DE-14)."""
    blank = one.category == "O" and invoice.format != "xrechnung"
    reason = ""
    if one.category in REASONED:
        words = untaxed_words(invoice.seller.country, one.category, invoice.document.buyer.language)
        reason = one.exemption or words
    code = REASON_CODES.get(one.category, "")
    return TaxTerms(one.category, None if blank else one.rate * HUNDRED, one.net, one.vat, reason, code)


def _note(invoice: ExchangeInvoice) -> str:
    """One note (PEPPOL-EN16931-R002), which tells of delivery notes too where there are several."""
    told = ", ".join(one.number for one in invoice.deliveries) if len(invoice.deliveries) > 1 else ""
    word = messages.text("document.delivery", invoice.document.buyer.language)
    return "\n".join(filter(None, (*invoice.notes, f"{word}: {told}" if told else "")))


def _coded_notes(invoice: ExchangeInvoice) -> tuple[tuple[str, str], ...]:
    document = invoice.document
    if invoice.seller.country != "FR":
        return ()
    cases = closing_cases(
        "FR", document.buyer.language, on=document.date, firm=bool(document.buyer.tax_id),
        currency=document.currency, own_rate=invoice.late_interest,
    )  # fmt: skip
    return tuple((FRENCH_NOTES[case], sentence) for case, sentence in cases if case in FRENCH_NOTES)


def _payment(invoice: ExchangeInvoice, *, credit: bool, payable: Decimal) -> tuple[str, str]:
    """Code and IBAN of how it is paid. Germany wants some code in every case (BR-DE-1, DE-R-001)."""
    iban = "".join(invoice.iban.split()).upper()
    if not iban or credit or payable <= 0:
        german = invoice.seller.country == invoice.buyer.country == "DE" and invoice.format != "facturx"
        return (UNDEFINED if german or invoice.format == "xrechnung" else "", "")
    sepa = invoice.document.currency == "EUR" and iban[:2] in SEPA_COUNTRIES
    danish = invoice.seller.country == "DK"  # DK-R-005 doesn't know code 30
    return (SEPA if sepa or danish else TRANSFER, iban)


def _terms(invoice: ExchangeInvoice, payable: Decimal, *, credit: bool) -> str:
    """Words where something is to be paid and no date says when (BR-CO-25); those of the paper."""
    document = invoice.document
    language = document.buyer.language
    if credit:
        return messages.text("document.credit_text", language)
    if document.due_on or payable <= 0:
        return ""
    return payment_words(payable, document.number, None, language, document.currency, invoice.seller.country)
