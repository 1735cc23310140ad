"""CII: the Cross Industry Invoice of UN/CEFACT in the profile EN 16931, as Factur-X (ZUGFeRD) has it in the PDF.

An own writer, because the terms of EN 16931 are worked out for UBL as well and only the order of the elements is left;
drafthorse would bring lxml and a model to fill, and neither amounts nor rules would come out of it.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from xlcrm.einvoices.exchange_invoice import ExchangeInvoice, Party
from xlcrm.einvoices.exchange_xml import Element, amount, leaf, node, plain, written
from xlcrm.einvoices.invoice_terms import DISCOUNT, InvoiceTerms, LineTerms, TaxTerms, invoice_terms
from xlcrm.einvoices.party_numbers import party_numbers

_URN = "urn:un:unece:uncefact:data:standard:"
_PREFIXES = {
    "rsm": f"{_URN}CrossIndustryInvoice:100",
    "qdt": f"{_URN}QualifiedDataType:100",
    "ram": f"{_URN}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_URN}UnqualifiedDataType:100",
}
EN16931 = "urn:cen.eu:en16931:2017"


def write(invoice: ExchangeInvoice) -> bytes:
    """The file of an invoice or credit note, UTF-8; amounts of a credit note are positive.

    CrmError "einvoice.file_sums" where the lines don't come to the sums that were issued.
    """
    terms = invoice_terms(invoice)
    return written("rsm:CrossIndustryInvoice", _PREFIXES, _CiiWriter(invoice, terms).parts())


class _CiiWriter:
    """The elements of one invoice, in the order of the schema."""

    def __init__(self, invoice: ExchangeInvoice, terms: InvoiceTerms) -> None:
        self._invoice, self._terms, self._document = invoice, terms, invoice.document

    def parts(self) -> list[Element | None]:
        document = self._document
        process = leaf("ram:ID", self._terms.process)
        process = node("ram:BusinessProcessSpecifiedDocumentContextParameter", process)
        profile = node("ram:GuidelineSpecifiedDocumentContextParameter", leaf("ram:ID", EN16931))
        return [
            node("rsm:ExchangedDocumentContext", process, profile),
            node(
                "rsm:ExchangedDocument",
                leaf("ram:ID", document.number),
                leaf("ram:TypeCode", self._terms.type_code),
                _day("ram:IssueDateTime", document.date),
                node("ram:IncludedNote", leaf("ram:Content", self._terms.note)),
                *(_coded(code, said) for code, said in self._terms.coded_notes),
            ),
            node(
                "rsm:SupplyChainTradeTransaction",
                *(self._line(line) for line in self._terms.lines),
                self._agreement(),
                self._delivery(),
                self._settlement(),
            ),
        ]

    def _line(self, line: LineTerms) -> Element | None:
        tax = (leaf("ram:TypeCode", "VAT"), leaf("ram:CategoryCode", line.category), _percent(line.rate))
        total = leaf("ram:LineTotalAmount", self._amount(line.net))
        price = node("ram:NetPriceProductTradePrice", leaf("ram:ChargeAmount", plain(line.price)))
        return node(
            "ram:IncludedSupplyChainTradeLineItem",
            node(
                "ram:AssociatedDocumentLineDocument",
                leaf("ram:LineID", str(line.number)),
                node("ram:IncludedNote", leaf("ram:Content", line.note)),
            ),
            node("ram:SpecifiedTradeProduct", leaf("ram:Name", line.product)),
            node("ram:SpecifiedLineTradeAgreement", price),
            node(
                "ram:SpecifiedLineTradeDelivery",
                leaf("ram:BilledQuantity", plain(line.quantity), unitCode=line.unit),
            ),
            node(
                "ram:SpecifiedLineTradeSettlement",
                node("ram:ApplicableTradeTax", *tax),
                self._discount(line),
                node("ram:SpecifiedTradeSettlementLineMonetarySummation", total),
            ),
        )

    def _discount(self, line: LineTerms) -> Element | None:
        if line.allowance is None:
            return None
        base = line.base
        return node(
            "ram:SpecifiedTradeAllowanceCharge",
            node("ram:ChargeIndicator", leaf("udt:Indicator", "false")),
            None if base is None else leaf("ram:CalculationPercent", plain(line.discount)),
            None if base is None else leaf("ram:BasisAmount", self._amount(base)),
            leaf("ram:ActualAmount", f"{line.allowance:f}"),
            leaf("ram:ReasonCode", DISCOUNT),
        )

    def _agreement(self) -> Element | None:
        invoice = self._invoice
        order = leaf("ram:IssuerAssignedID", invoice.order.number) if invoice.order else None
        return node(
            "ram:ApplicableHeaderTradeAgreement",
            leaf("ram:BuyerReference", self._terms.buyer_reference),
            self._party("ram:SellerTradeParty", invoice.seller, seller=True),
            self._party("ram:BuyerTradeParty", invoice.buyer, seller=False),
            node("ram:BuyerOrderReferencedDocument", order),
        )

    def _party(self, tag: str, party: Party, *, seller: bool) -> Element | None:
        numbers = party_numbers(party, self._invoice.format, seller=seller, outside=self._terms.outside)
        schemes = {"VA" if kind == "VAT" else "FC": value for value, kind in reversed(numbers.tax_schemes)}
        taxes = [
            node("ram:SpecifiedTaxRegistration", leaf("ram:ID", schemes.get(scheme, ""), schemeID=scheme))
            for scheme in ("VA", "FC")
        ]
        number, scheme = numbers.endpoint
        legal = leaf("ram:ID", numbers.legal[0], schemeID=numbers.legal[1])
        return node(
            tag,
            leaf("ram:Name", party.name),
            leaf("ram:Description", party.registration if seller else ""),
            node("ram:SpecifiedLegalOrganization", legal),
            _contact(party) if seller else None,
            _address(party),
            node("ram:URIUniversalCommunication", leaf("ram:URIID", number, schemeID=scheme)),
            *taxes,
        )

    def _delivery(self) -> Element:
        """This group stands in every file, also where nothing is in it."""
        terms, deliveries = self._terms, self._invoice.deliveries
        to = node("ram:ShipToTradeParty", _address(terms.deliver_to)) if terms.deliver_to else None
        happened = _day("ram:OccurrenceDateTime", terms.delivered)
        one = leaf("ram:IssuerAssignedID", deliveries[0].number) if len(deliveries) == 1 else None
        made = node(
            "ram:ApplicableHeaderTradeDelivery",
            to,
            node("ram:ActualDeliverySupplyChainEvent", happened),
            node("ram:DespatchAdviceReferencedDocument", one),
        )
        return Element("ram:ApplicableHeaderTradeDelivery") if made is None else made

    def _settlement(self) -> Element | None:
        invoice, document = self._invoice, self._document
        corrected = invoice.corrects
        return node(
            "ram:ApplicableHeaderTradeSettlement",
            leaf("ram:PaymentReference", document.number if self._terms.payment[1] else ""),
            leaf("ram:TaxCurrencyCode", invoice.tax_currency),
            leaf("ram:InvoiceCurrencyCode", document.currency),
            self._payment_means(),
            *map(self._tax, self._terms.taxes),
            node(
                "ram:SpecifiedTradePaymentTerms",
                leaf("ram:Description", self._terms.terms),
                _day("ram:DueDateDateTime", None if self._terms.credit else document.due_on),
            ),
            self._monetary_total(),
            node(
                "ram:InvoiceReferencedDocument",
                leaf("ram:IssuerAssignedID", corrected.number),
                _day("ram:FormattedIssueDateTime", corrected.date, "qdt"),
            )
            if corrected
            else None,
        )

    def _payment_means(self) -> Element | None:
        code, iban = self._terms.payment
        bank = leaf("ram:BICID", self._invoice.bic) if iban else None
        holder = leaf("ram:AccountName", self._invoice.seller.name) if iban else None
        return node(
            "ram:SpecifiedTradeSettlementPaymentMeans",
            leaf("ram:TypeCode", code),
            node("ram:PayeePartyCreditorFinancialAccount", leaf("ram:IBANID", iban), holder),
            node("ram:PayeeSpecifiedCreditorFinancialInstitution", bank),
        )

    def _tax(self, tax: TaxTerms) -> Element | None:
        return node(
            "ram:ApplicableTradeTax",
            leaf("ram:CalculatedAmount", self._amount(tax.vat)),
            leaf("ram:TypeCode", "VAT"),
            leaf("ram:ExemptionReason", tax.reason),
            leaf("ram:BasisAmount", self._amount(tax.net)),
            leaf("ram:CategoryCode", tax.category),
            leaf("ram:ExemptionReasonCode", tax.reason_code),
            _percent(tax.rate),
        )

    def _monetary_total(self) -> Element | None:
        sums, invoice = self._terms.sums, self._invoice
        other = ""
        if invoice.tax_currency:
            other = amount(abs(invoice.tax_currency_vat), invoice.tax_currency)
        return node(
            "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
            leaf("ram:LineTotalAmount", self._amount(sums.net)),
            leaf("ram:TaxBasisTotalAmount", self._amount(sums.net)),
            leaf("ram:TaxTotalAmount", self._amount(sums.vat), currencyID=self._document.currency),
            leaf("ram:TaxTotalAmount", other, currencyID=invoice.tax_currency),
            leaf("ram:RoundingAmount", self._amount(sums.rounding) if sums.rounding else ""),
            leaf("ram:GrandTotalAmount", self._amount(sums.gross)),
            leaf("ram:DuePayableAmount", self._amount(sums.payable)),
        )

    def _amount(self, value: Decimal) -> str:
        return amount(value, self._document.currency)


def _coded(code: str, said: str) -> Element | None:
    return node("ram:IncludedNote", leaf("ram:Content", said), leaf("ram:SubjectCode", code))


def _address(party: Party) -> Element | None:
    return node(
        "ram:PostalTradeAddress",
        leaf("ram:PostcodeCode", party.postal_code),
        leaf("ram:LineOne", party.street),
        leaf("ram:LineTwo", party.extra),
        leaf("ram:CityName", party.city),
        leaf("ram:CountryID", party.country),
        leaf("ram:CountrySubDivisionName", party.region),
    )


def _contact(party: Party) -> Element | None:
    """The seller's contact; its name is the seller's where nobody is named."""
    known = party.contact or party.phone or party.email
    return node(
        "ram:DefinedTradeContact",
        leaf("ram:PersonName", (party.contact or party.name) if known else ""),
        node("ram:TelephoneUniversalCommunication", leaf("ram:CompleteNumber", party.phone)),
        node("ram:EmailURIUniversalCommunication", leaf("ram:URIID", party.email)),
    )


def _day(tag: str, day: dt.date | None, prefix: str = "udt") -> Element | None:
    """A day as CII has it: 20261128 in the format 102."""
    return node(tag, leaf(f"{prefix}:DateTimeString", f"{day:%Y%m%d}" if day else "", format="102"))


def _percent(rate: Decimal | None) -> Element | None:
    return None if rate is None else leaf("ram:RateApplicablePercent", plain(rate))
