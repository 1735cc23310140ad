"""Eleven invoices with invented parties, each for what an e-invoice says differently; amounts worked out by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from xlcrm.documents.business_document import BusinessDocument, Buyer, DocumentLine
from xlcrm.einvoices.exchange_invoice import DocumentReference, ExchangeInvoice, Party

DAY, DUE = dt.date(2026, 11, 28), dt.date(2026, 12, 28)
MUSTER = Party(
    "Muster & Söhne GmbH", "Beispielweg 1", "Hof 2", "10115", "Berlin", "", "DE", "DE123456789", "30/123/45678",
    email="erika@example.com", phone="+49 30 23125 001", contact="Erika Muster",
)  # fmt: skip
STADT = Party(
    "Stadt Beispiel", "Am Rathaus 1", "", "28195", "Bremen", "", "DE", email="post@example.org",
    peppol_id="0204:04011000-1234512345-06",
)  # fmt: skip
EKSEMPEL = Party(
    "Eksempel AS", "Prøvegata 1", "", "0150", "Oslo", "", "NO", "NO987654325MVA", "987 654 325",
    email="ola@example.no", peppol_id="0192:987654325",
)  # fmt: skip
KUNDE = Party(
    "Kunde AS", "Kundeveien 2", "", "5003", "Bergen", "", "NO", "NO123456785MVA", "123456785",
    peppol_id="0192:123456785",
)  # fmt: skip
ESEMPIO = Party(
    "Esempio Srl", "Via Prova 12", "", "20121", "Milano", "MI", "IT", "IT01234567897", "01234567897",
    "REA MI-1234567", "info@example.com", peppol_id="0211:IT01234567897",
)  # fmt: skip
EXEMPLE = Party(
    "Exemple SARL", "1 rue du Modèle", "", "75001", "Paris", "", "FR", "FR12123456782", "12345678200010",
    email="marie@example.fr",
)  # fmt: skip
VOORBEELD = Party(
    "Voorbeeld BV", "Teststraat 3", "", "1000", "Brussel", "", "BE", "BE0123456749", "0123456749",
    peppol_id="0208:0123456749",
)  # fmt: skip
KLANT = Party(
    "Klant NV", "Kerkstraat 4", "", "2000", "Antwerpen", "", "BE", "BE0987654394", "0987654394",
    peppol_id="0208:0987654394",
)  # fmt: skip
SAMPLE = Party(
    "Sample Ltd", "1 Example Road", "", "AB1 2CD", "London", "", "GB", "GB123456789", "", peppol_id="9932:GB123456789"
)
ACME = Party("Acme Inc.", "5 Test Avenue", "", "10001", "New York", "NY", "US", email="ap@example.net")


def line(
    number: int, product: str, quantity: str, price: str, rate: str = "0", category: str = "S", unit: str = "",
    discount: str = "0", exemption: str = "",
) -> DocumentLine:  # fmt: skip
    return DocumentLine(
        number, product, Decimal(quantity), Decimal(price), unit, Decimal(discount), category, Decimal(rate), exemption
    )


def document(
    number: str, lines: tuple[DocumentLine, ...], buyer: Party, sums: tuple[str, str, str], *, currency: str = "EUR",
    language: str = "en", kind: str = "invoice", due: dt.date | None = DUE, corrects: str = "",
) -> BusinessDocument:  # fmt: skip
    net, vat, gross = map(Decimal, sums)
    address = tuple(filter(None, (buyer.street, buyer.extra, f"{buyer.postal_code} {buyer.city}")))
    to = Buyer(buyer.name, address, buyer.vat_id, buyer.country, language)
    return BusinessDocument(kind, DAY, to, currency, lines, net, vat, gross, due, corrects, number=number)


def _xrechnung() -> ExchangeInvoice:
    """19 %: 49.50 + 200.00 = 249.50, VAT 47.405; 7 %: 10.00, VAT 0.70."""
    lines = (
        line(1, "Ware", "3", "18.333", "0.19", unit="Stk", discount="0.1"),
        line(2, "Beratung", "2.5", "80", "0.19", unit="Std."),
        line(3, "Buch", "1", "10", "0.07", unit="Bündel"),
    )
    made = document("R-2026-0001", lines, STADT, ("259.50", "48.11", "307.61"), language="de")
    return ExchangeInvoice(
        "xrechnung", made, MUSTER, STADT, "DE89 3704 0044 0532 0130 00", "COBADEFFXXX", "04011000-1234512345-06",
        payable=Decimal("307.61"), notes=("Leistung im November.",),
    )  # fmt: skip


def _ehf() -> ExchangeInvoice:
    lines = (line(1, "Kaffe <mørk>", "10", "99.9", "0.25", unit="stk"),)
    made = document("2026-0002", lines, KUNDE, ("999.00", "249.75", "1248.75"), currency="NOK", language="nb")
    return ExchangeInvoice(
        "ehf", made, EKSEMPEL, KUNDE, "NO93 8601 1117 947", "", "Kari", DocumentReference("PO-77"),
        deliveries=(DocumentReference("P-12", dt.date(2026, 11, 20)),), payable=Decimal("1248.75"),
    )  # fmt: skip


def _reverse() -> ExchangeInvoice:
    lines = (line(1, "Consulenza", "1", "1000", category="AE", unit="forfait", exemption="Inversione contabile"),)
    made = document("2026-0003", lines, MUSTER, ("1000.00", "0", "1000.00"), due=None)
    buyer = Party(**{**vars(MUSTER), "peppol_id": "9930:DE123456789"})
    return ExchangeInvoice(
        "peppol", made, ESEMPIO, buyer, "IT60X0542811101000000123456", order=DocumentReference("ORD-5"),
        payable=Decimal(1000),
    )  # fmt: skip


def _inside_eu() -> ExchangeInvoice:
    lines = (line(1, "Vin rouge", "12", "8.5", category="K", unit="bouteille", exemption="Art. 262 ter I du CGI"),)
    made = document("F-2026-0004", lines, MUSTER, ("102.00", "0", "102.00"), language="de")
    return ExchangeInvoice(
        "facturx", made, EXEMPLE, MUSTER, "FR76 3000 6000 0112 3456 7890 189", "AGRIFRPP", payable=Decimal(102)
    )


def _with_vat() -> ExchangeInvoice:
    """29.97 / 1.19 = 25.18 and 4.99 / 1.07 = 4.66; VAT 4.78 + 0.33; the buyer pays 34.96, which is 0.01 more."""
    lines = (line(1, "Tasse", "3", "9.99", "0.19", unit="St."), line(2, "Tee", "1", "4.99", "0.07", unit="Pckg"))
    made = document("R-2026-0005", lines, STADT, ("29.84", "5.11", "34.95"), language="de")
    return ExchangeInvoice("facturx", made, MUSTER, STADT, prices_with_vat=True, payable=Decimal("34.96"))


def _credit() -> ExchangeInvoice:
    lines = (line(1, "Stoel", "-2", "50", "0.21", unit="pcs"),)
    made = document("C-0006", lines, KLANT, ("-100.00", "-21.00", "-121.00"), kind="credit", due=None, corrects="7")
    return ExchangeInvoice(
        "peppol", made, VOORBEELD, KLANT, "BE71 0961 2345 6769", "", "Jan",
        corrects=DocumentReference("2026-0007", dt.date(2026, 10, 1)), payable=Decimal("-121.00"),
    )  # fmt: skip


def _outside() -> ExchangeInvoice:
    lines = (line(1, "Foredrag", "1", "5000", category="O", unit="", exemption="Ikke avgiftspliktig"),)
    made = document("2026-0008", lines, KUNDE, ("5000.00", "0", "5000.00"), currency="NOK", language="nb")
    seller = Party(**{**vars(EKSEMPEL), "name": "Ola Eksempel", "vat_id": ""})
    return ExchangeInvoice("ehf", made, seller, KUNDE, "NO9386011117947", "", "Kari", payable=Decimal(5000))


def _mixed() -> ExchangeInvoice:
    """In euros from London: VAT is owed in pounds."""
    lines = (
        line(1, "Desk", "1", "100", "0.2", unit="piece"),
        line(2, "Children's book", "2", "10", category="Z", unit="piece"),
        line(3, "Training", "1", "50", category="E", unit="day"),
    )
    made = document("INV-9", lines, VOORBEELD, ("170.00", "20.00", "190.00"))
    return ExchangeInvoice(
        "peppol", made, SAMPLE, VOORBEELD, "GB29 NWBK 6016 1331 9268 19", "NWBKGB2L", "Anna", payable=Decimal(190),
        tax_currency="GBP", tax_currency_vat=Decimal("16.83"),
    )  # fmt: skip


def _export() -> ExchangeInvoice:
    lines = (line(1, "Parfum", "4", "12.34567891", category="G", unit="l", exemption="Art. 262 I du CGI"),)
    made = document("F-2026-0010", lines, ACME, ("49.38", "0", "49.38"), currency="USD")
    return ExchangeInvoice("facturx", made, EXEMPLE, ACME, "FR7630006000011234567890189", payable=Decimal("49.38"))


def _returned() -> ExchangeInvoice:
    """A returned chair with its discount, and a deduction that was typed as a negative price."""
    lines = (
        line(1, "Table", "1", "200", "0.21", unit="pce"),
        line(2, "Chair returned", "-2", "10", "0.21", unit="pce", discount="0.1"),
        line(3, "Deduction", "2", "-5", "0.21", unit="pce"),
    )
    made = document("2026-0011", lines, KLANT, ("172.00", "36.12", "208.12"))
    deliveries = (DocumentReference("D-1", dt.date(2026, 11, 3)), DocumentReference("D-2", dt.date(2026, 11, 9)))
    return ExchangeInvoice(
        "peppol", made, VOORBEELD, KLANT, "BE71096123456769", buyer_reference="Jan", deliveries=deliveries,
        payable=Decimal("208.12"),
    )  # fmt: skip


def _german_peppol() -> ExchangeInvoice:
    """Between two firms in Germany by Peppol, whose rules are those of XRechnung there; without an account."""
    lines = (line(1, "Tisch", "1", "100", "0.19", unit="Stk"),)
    made = document("R-12", lines, STADT, ("100.00", "19.00", "119.00"), language="de")
    seller = Party(**{**vars(MUSTER), "peppol_id": "9930:DE123456789"})
    buyer = Party(**{**vars(STADT), "contact": "Petra Probe"})
    return ExchangeInvoice("peppol", made, seller, buyer, payable=Decimal(119))


SAMPLES = {
    "xrechnung": _xrechnung, "ehf": _ehf, "reverse": _reverse, "inside_eu": _inside_eu, "with_vat": _with_vat,
    "credit": _credit, "outside": _outside, "mixed": _mixed, "export": _export, "returned": _returned,
    "german_peppol": _german_peppol,
}  # fmt: skip
