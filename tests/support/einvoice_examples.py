"""Documents that become e-invoices, for the tests: each with its client's row, and the seller."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from xlcrm.documents.business_document import BusinessDocument, Buyer, DocumentLine, SellerFacts
from xlcrm.documents.invoice_money import InvoiceLine, totals
from xlcrm.einvoices.exchange_invoice import ExchangeInvoice
from xlcrm.einvoices.exchange_parties import exchange_invoice

DAY = dt.date(2026, 11, 27)
SELLER = SellerFacts(
    name="Nordlys Srl", address=("Via Roma 1", "20121 Milano MI"), country="IT", email="info@example.com",
    phone="+39 02 555 0100", vat_id="01234567897", registration="REA MI-1234567",
    iban="IT60 X054 2811 1010 0000 0123 456", share_capital=Decimal(10000), sole_shareholder="no", language="it",
)  # fmt: skip
SMALL = replace(SELLER, small_business=True)
WITH_VAT = replace(SELLER, prices_with_vat=True)
_MILAN = {"street": "Via Dante", "house_number": "7", "postal_code": "20121", "city": "Milano", "region": "MI"}
CLIENTS: Mapping[str, dict[str, str]] = {
    "firm": {**_MILAN, "company": "Neri & Figli Srl", "kind": "company", "tax_id": "07643520567", "country": "IT",
             "sdi_code": "abc1234"},
    "pec": {**_MILAN, "company": "Neri & Figli Srl", "kind": "company", "tax_id": "IT07643520567", "country": "IT",
            "pec": "neri@pec.example.com"},
    "person": {"full_name": "Anna Rossi", "first_name": "Anna", "last_name": "Rossi", "street": "Via Po",
               "house_number": "2", "postal_code": "10121", "city": "Torino", "region": "TO", "country": "IT",
               "tax_id": "RSSNNA80A41L219D"},
    "public": {**_MILAN, "company": "Comune di Prova", "kind": "company", "tax_id": "80012345676", "country": "IT",
               "sdi_code": "UFABC1", "tax_code": "80012345676", "split_payment": "sì"},
    "german": {"company": "Müller & Söhne GmbH", "kind": "company", "tax_id": "DE123456788", "country": "DE",
               "street": "Domstr.", "house_number": "3", "postal_code": "10115", "city": "Köln"},
    "american": {"full_name": "Pat Reed", "first_name": "Pat", "last_name": "Reed", "country": "US",
                 "street": "Main St", "house_number": "5", "postal_code": "01001", "city": "Agawam"},
    "pole": {"full_name": "Łukasz Żółć", "first_name": "Łukasz", "last_name": "Żółć", "country": "PL",
             "street": "Piotrkowska", "house_number": "1", "postal_code": "90-001", "city": "Łódź"},
}  # fmt: skip


def line(
    number: int, product: str, quantity: str, price: str, rate: str = "0.22", *, category: str = "", nature: str = "",
    unit: str = "", discount: str = "0", exemption: str = "", purchase: str = "",
) -> DocumentLine:  # fmt: skip
    return DocumentLine(
        number, product, Decimal(quantity), Decimal(price), unit, Decimal(discount),
        category or ("S" if Decimal(rate) else "E"), Decimal(rate), exemption, nature=nature, purchase=purchase,
    )  # fmt: skip


def document(
    client: str, *lines: DocumentLine, kind: str = "invoice", number: str = "RE-2026-0001", with_vat: bool = False,
    corrects: str = "", from_number: str = "", currency: str = "EUR", einvoice: str = "fatturapa",
) -> BusinessDocument:  # fmt: skip
    """An issued document of these lines, its sums reckoned as the drafts are."""
    row = CLIENTS[client]
    reckoned = [InvoiceLine(o.line, o.quantity, o.unit_price, o.rate, o.category, o.discount) for o in lines]
    sums = totals(reckoned, currency, with_vat=with_vat)
    made = tuple(replace(one, net=net) for one, net in zip(lines, sums.nets, strict=True))
    buyer = Buyer(
        row.get("company") or row["full_name"],
        (f"{row['street']} {row['house_number']}", f"{row['postal_code']} {row['city']}"),
        row.get("tax_id", ""), row["country"], splits=bool(row.get("split_payment")),
    )  # fmt: skip
    due = DAY + dt.timedelta(days=30) if kind == "invoice" else None
    return BusinessDocument(
        kind, DAY, buyer, currency, made, sums.net, sums.vat, sums.payable, due, corrects, from_number, number,
        einvoice=einvoice,
    )  # fmt: skip


def invoice(client: str, *lines: DocumentLine, seller: SellerFacts = SELLER, earlier: tuple[BusinessDocument, ...] = (),
            kind: str = "invoice", corrects: str = "", from_number: str = "") -> ExchangeInvoice:  # fmt: skip
    made = document(
        client, *lines, kind=kind, number="GU-2026-0001" if kind == "credit" else "RE-2026-0001",
        with_vat=seller.prices_with_vat, corrects=corrects, from_number=from_number,
    )  # fmt: skip
    row = {column: text for column, text in CLIENTS[client].items() if column != "split_payment"}
    return exchange_invoice(made, row, seller, earlier, progressive="X0001")


def _earlier(kind: str, number: str, day: int, *lines: DocumentLine, from_number: str = "") -> BusinessDocument:
    made = document("firm", *lines, kind=kind, number=number, from_number=from_number)
    return replace(made, date=dt.date(2026, 11, day))


_COFFEE = line(1, "Caffè", "10", "18.333", unit="kg", purchase="aa")
_MORE = line(2, "Tè", "1", "5", purchase="bb")
DELIVERED = (
    _earlier("order", "O-2026-0003", 3, _COFFEE),
    _earlier("delivery", "D-2026-0001", 10, _COFFEE, from_number="O-2026-0003"),
    _earlier("delivery", "D-2026-0002", 12, _MORE),
    _earlier("delivery", "D-2026-0003", 13, line(1, "Altro", "1", "5", purchase="cc")),
)
_SAME_DAY = (_earlier("delivery", "D-2026-0004", 27, _COFFEE),)
_INVOICED = (_earlier("invoice", "RE-2026-0001", 20, _COFFEE),)
E_LAW = "Esente IVA (art. 10 DPR 633/1972)."


def examples() -> dict[str, ExchangeInvoice]:
    """Case of tests/cases/fatturapa.csv -> invoice."""
    cup = line(2, "Tazza", "3", "4.10", "0.10", unit="pz", discount="0.1")
    exempt = line(1, "Lezione", "1", "100", "0", exemption=E_LAW)
    dash = "Tè “verde” – 5 € l’uno…"
    return {
        "firm": invoice("firm", line(1, "Caffè", "10", "18.333", unit="kg"), cup),
        "credit": invoice("firm", line(1, "Caffè", "-2", "18.333"), kind="credit", corrects="RE-2026-0001",
                          from_number="RE-2026-0001", earlier=_INVOICED),
        "consumer": invoice("person", exempt),
        "small_sum": invoice("person", line(1, "Lezione", "1", "77.47", "0")),
        "public": invoice("public", line(1, "Consulenza", "1", "1000")),
        "abroad": invoice("german", line(1, "Caffè", "10", "25", "0", category="K")),
        "outside": invoice("american", line(1, "Caffè", "10", "25", "0", category="G")),
        "letters": invoice("pole", line(1, dash, "1", "5")),
        "deferred": invoice("firm", _COFFEE, _MORE, earlier=DELIVERED, from_number="D-2026-0001"),
        "same_day": invoice("firm", _COFFEE, earlier=_SAME_DAY),
        "returned": invoice("firm", line(1, "Tè", "4", "5"), line(2, "Reso", "-1", "5")),
        "with_vat": invoice("firm", line(1, "Tè", "3", "12.20"), seller=WITH_VAT),
        "cents": invoice("firm", *(line(n, "Tè", "1", "0.10") for n in range(1, 6)), seller=WITH_VAT),
        "small": invoice("firm", line(1, "Tè", "1", "500", "0", category="O"), seller=SMALL),
        "discount": invoice("firm", line(1, "Tè", "2", "5.0005", discount="0.12345")),
        "natures": invoice("firm", line(1, "A", "1", "100"), line(2, "B", "1", "50", "0.10"),
                           line(3, "C", "1", "10", "0.04"), line(4, "D", "1", "20", "0", nature="N1"),
                           line(5, "E", "1", "60", "0")),
        "pec": invoice("pec", line(1, "Tè", "1", "5")),
    }  # fmt: skip
