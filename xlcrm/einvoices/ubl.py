"""UBL 2.1 invoices and credit notes for Peppol BIS Billing 3, EHF (which is Peppol in Norway) and XRechnung 3.0.

An own writer: the terms of EN 16931 are worked out for CII as well, what is left is the order of the elements.
"""

from __future__ import annotations

from decimal import Decimal

from xlcrm.einvoices.exchange_invoice import ExchangeInvoice, Party
from xlcrm.einvoices.exchange_xml import Element, amount, iso_day, leaf, node, plain, written
from xlcrm.einvoices.invoice_terms import DISCOUNT, InvoiceTerms, LineTerms, TaxTerms, invoice_terms
from xlcrm.einvoices.party_numbers import party_numbers

_URN = "urn:oasis:names:specification:ubl:schema:xsd:"
_PREFIXES = {"cac": f"{_URN}CommonAggregateComponents-2", "cbc": f"{_URN}CommonBasicComponents-2"}
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_PEPPOL = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_XRECHNUNG = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"


def write(invoice: ExchangeInvoice) -> bytes:
    """The file of an invoice or credit note, UTF-8; amounts of a credit note are positive.

    Formats: peppol, ehf, xrechnung. CrmError "einvoice.file_sums" where the lines don't come to what was issued.
    """
    terms = invoice_terms(invoice)
    name = "CreditNote" if terms.credit else "Invoice"
    return written(name, {"": f"{_URN}{name}-2", **_PREFIXES}, _UblWriter(invoice, terms).parts())


class _UblWriter:
    """The elements of one invoice, in the order of the schema."""

    def __init__(self, invoice: ExchangeInvoice, terms: InvoiceTerms) -> None:
        self._invoice, self._terms, self._document = invoice, terms, invoice.document

    def parts(self) -> list[Element | None]:
        invoice = self._invoice
        return [
            *self._head(),
            node("cac:OrderReference", leaf("cbc:ID", invoice.order.number)) if invoice.order else None,
            self._corrected(),
            self._despatch(),
            self._party("cac:AccountingSupplierParty", invoice.seller, seller=True),
            self._party("cac:AccountingCustomerParty", invoice.buyer, seller=False),
            self._delivery(),
            self._payment_means(),
            node("cac:PaymentTerms", leaf("cbc:Note", self._terms.terms)),
            *self._tax_totals(),
            self._monetary_total(),
            *(self._line(line) for line in self._terms.lines),
        ]

    def _head(self) -> list[Element | None]:
        document, terms = self._document, self._terms
        custom = _XRECHNUNG if self._invoice.format == "xrechnung" else _PEPPOL
        credit = terms.credit  # the schema has no due date here, and its own place for the type
        return [
            leaf("cbc:CustomizationID", custom),
            leaf("cbc:ProfileID", PROFILE),
            leaf("cbc:ID", document.number),
            leaf("cbc:IssueDate", iso_day(document.date)),
            leaf("cbc:DueDate", "" if credit else iso_day(document.due_on)),
            leaf("cbc:CreditNoteTypeCode" if credit else "cbc:InvoiceTypeCode", terms.type_code),
            leaf("cbc:Note", terms.note),
            leaf("cbc:DocumentCurrencyCode", document.currency),
            leaf("cbc:TaxCurrencyCode", self._invoice.tax_currency),
            leaf("cbc:BuyerReference", terms.buyer_reference),
        ]

    def _corrected(self) -> Element | None:
        found = self._invoice.corrects
        if found is None:
            return None
        told = (leaf("cbc:ID", found.number), leaf("cbc:IssueDate", iso_day(found.date)))
        return node("cac:BillingReference", node("cac:InvoiceDocumentReference", *told))

    def _despatch(self) -> Element | None:
        """One delivery note; several stand in the note, because there is room for one only."""
        deliveries = self._invoice.deliveries
        return (
            node("cac:DespatchDocumentReference", leaf("cbc:ID", deliveries[0].number))
            if len(deliveries) == 1
            else None
        )

    def _party(self, tag: str, party: Party, *, seller: bool) -> Element | None:
        numbers = party_numbers(party, self._invoice.format, seller=seller, outside=self._terms.outside)
        number, scheme = numbers.endpoint
        schemes = [
            node("cac:PartyTaxScheme", leaf("cbc:CompanyID", value), node("cac:TaxScheme", leaf("cbc:ID", kind)))
            for value, kind in numbers.tax_schemes
        ]
        legal = node(
            "cac:PartyLegalEntity",
            leaf("cbc:RegistrationName", party.name),
            leaf("cbc:CompanyID", numbers.legal[0], schemeID=numbers.legal[1]),
            leaf("cbc:CompanyLegalForm", party.registration if seller else ""),
        )
        contact = _contact(party) if seller else None
        endpoint = leaf("cbc:EndpointID", number, schemeID=scheme)
        return node(tag, node("cac:Party", endpoint, _address("cac:PostalAddress", party), *schemes, legal, contact))

    def _delivery(self) -> Element | None:
        to = self._terms.deliver_to
        place = node("cac:DeliveryLocation", _address("cac:Address", to)) if to else None
        return node("cac:Delivery", leaf("cbc:ActualDeliveryDate", iso_day(self._terms.delivered)), place)

    def _payment_means(self) -> Element | None:
        code, iban = self._terms.payment
        branch = node("cac:FinancialInstitutionBranch", leaf("cbc:ID", self._invoice.bic)) if iban else None
        holder = leaf("cbc:Name", self._invoice.seller.name) if iban else None
        account = node("cac:PayeeFinancialAccount", leaf("cbc:ID", iban), holder, branch)
        told = leaf("cbc:PaymentID", self._document.number) if iban else None
        return node("cac:PaymentMeans", leaf("cbc:PaymentMeansCode", code), told, account)

    def _tax_totals(self) -> list[Element | None]:
        """VAT in the document's currency by category and rate; and its sum where it is owed in another currency."""
        invoice = self._invoice
        own = node(
            "cac:TaxTotal", self._money("cbc:TaxAmount", self._terms.sums.vat), *map(self._tax, self._terms.taxes)
        )
        if not invoice.tax_currency:
            return [own]
        owed = amount(abs(invoice.tax_currency_vat), invoice.tax_currency)
        other = leaf("cbc:TaxAmount", owed, currencyID=invoice.tax_currency)
        return [own, node("cac:TaxTotal", other)]

    def _tax(self, tax: TaxTerms) -> Element | None:
        return node(
            "cac:TaxSubtotal",
            self._money("cbc:TaxableAmount", tax.net),
            self._money("cbc:TaxAmount", tax.vat),
            node(
                "cac:TaxCategory",
                leaf("cbc:ID", tax.category),
                _percent(tax.rate),
                leaf("cbc:TaxExemptionReasonCode", tax.reason_code),
                leaf("cbc:TaxExemptionReason", tax.reason),
                _vat_scheme(),
            ),
        )

    def _monetary_total(self) -> Element | None:
        sums = self._terms.sums
        rounding = self._money("cbc:PayableRoundingAmount", sums.rounding) if sums.rounding else None
        return node(
            "cac:LegalMonetaryTotal",
            self._money("cbc:LineExtensionAmount", sums.net),
            self._money("cbc:TaxExclusiveAmount", sums.net),
            self._money("cbc:TaxInclusiveAmount", sums.gross),
            rounding,
            self._money("cbc:PayableAmount", sums.payable),
        )

    def _line(self, line: LineTerms) -> Element | None:
        credit = self._terms.credit
        counted = "cbc:CreditedQuantity" if credit else "cbc:InvoicedQuantity"
        category = node(
            "cac:ClassifiedTaxCategory", leaf("cbc:ID", line.category), _percent(line.rate), _vat_scheme()
        )  # fmt: skip
        return node(
            "cac:CreditNoteLine" if credit else "cac:InvoiceLine",
            leaf("cbc:ID", str(line.number)),
            leaf("cbc:Note", line.note),
            leaf(counted, plain(line.quantity), unitCode=line.unit),
            self._money("cbc:LineExtensionAmount", line.net),
            self._discount(line),
            node("cac:Item", leaf("cbc:Name", line.product), category),
            node("cac:Price", leaf("cbc:PriceAmount", plain(line.price), currencyID=self._document.currency)),
        )

    def _discount(self, line: LineTerms) -> Element | None:
        if line.allowance is None:
            return None
        share = leaf("cbc:MultiplierFactorNumeric", plain(line.discount)) if line.base is not None else None
        return node(
            "cac:AllowanceCharge",
            leaf("cbc:ChargeIndicator", "false"),
            leaf("cbc:AllowanceChargeReasonCode", DISCOUNT),
            share,
            leaf("cbc:Amount", f"{line.allowance:f}", currencyID=self._document.currency),
            None if line.base is None else self._money("cbc:BaseAmount", line.base),
        )

    def _money(self, tag: str, value: Decimal) -> Element | None:
        currency = self._document.currency
        return leaf(tag, amount(value, currency), currencyID=currency)


def _address(tag: str, party: Party) -> Element | None:
    return node(
        tag,
        leaf("cbc:StreetName", party.street),
        leaf("cbc:AdditionalStreetName", party.extra),
        leaf("cbc:CityName", party.city),
        leaf("cbc:PostalZone", party.postal_code),
        leaf("cbc:CountrySubentity", party.region),
        node("cac:Country", leaf("cbc:IdentificationCode", party.country)),
    )


def _contact(party: Party) -> Element | None:
    """The seller's contact; its name is the seller's where nobody is named."""
    known = party.contact or party.phone or party.email
    name = leaf("cbc:Name", party.contact or party.name) if known else None
    return node("cac:Contact", name, leaf("cbc:Telephone", party.phone), leaf("cbc:ElectronicMail", party.email))


def _percent(rate: Decimal | None) -> Element | None:
    return None if rate is None else leaf("cbc:Percent", plain(rate))


def _vat_scheme() -> Element | None:
    return node("cac:TaxScheme", leaf("cbc:ID", "VAT"))
