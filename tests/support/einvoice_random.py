"""Random e-invoices over formats, countries, currencies and categories, and their reckoning in fractions.

The reckoning knows nothing of xlcrm's money: it reads the file that was written and the values that went in.
"""

from __future__ import annotations

import datetime as dt
import random
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from tests.support.einvoice_samples import DAY, DUE
from tests.support.invoice_oracle import half_up
from xlcrm.documents.business_document import BusinessDocument, Buyer, DocumentLine
from xlcrm.einvoices.exchange_invoice import DocumentReference, ExchangeInvoice, Party

# country, VAT id, number of the firm, endpoint, IBAN, currency, rates
FIRMS = (
    ("DE", "DE123456789", "30/123/45678", "9930:DE123456789", "DE89370400440532013000", "EUR", "0.19 0.07"),
    ("NO", "NO987654325MVA", "987654325", "0192:987654325", "NO9386011117947", "NOK", "0.25 0.15 0.12"),
    ("IT", "IT01234567897", "01234567897", "0211:IT01234567897", "IT60X0542811101000000123456", "EUR", "0.22 0.1"),
    ("BE", "BE0123456749", "0123456749", "0208:0123456749", "BE71096123456769", "EUR", "0.21 0.12 0.06"),
    ("SE", "SE556677889901", "5566778899", "0007:5566778899", "SE4550000000058398257466", "SEK", "0.25 0.12 0.06"),
    ("DK", "DK12345678", "12345678", "0184:12345678", "DK5000400440116243", "DKK", "0.25"),
    ("NL", "NL123456789B01", "12345678", "0106:12345678", "NL91ABNA0417164300", "EUR", "0.21 0.09"),
    ("FR", "FR12123456782", "12345678200010", "0009:12345678200010", "FR7630006000011234567890189", "EUR", "0.2 0.055"),
    ("AT", "ATU12345678", "12 345/6789", "9914:ATU12345678", "AT611904300234573201", "EUR", "0.2 0.13 0.1"),
    ("ES", "ESB12345674", "", "9920:ESB12345674", "ES9121000418450200051332", "EUR", "0.21 0.1 0.04"),
    ("FI", "FI12345671", "1234567-1", "0212:1234567-1", "FI2112345600000785", "EUR", "0.255 0.14"),
    ("CH", "CHE123456788MWST", "CHE-123.456.788", "9927:CHE123456788", "CH9300762011623852957", "CHF", "0.081 0.026"),
)  # fmt: skip
NAMES = ("Größe & Maß", "Caffè <nero>", "Blåbær", "L'œuvre", "Niño", "Widget", "Tisch 120×80", "  Stuhl ", "Łódź")
UNITS = ("", "Stk", "pz.", "heures", "kg", "días", "palett", "Bündel", "forfait", "m²")
UNTAXED = ("Z", "E", "AE", "K", "G")
SUMS = ("net", "gross", "rounding", "payable")
FORMATS = ("peppol", "ehf", "xrechnung")


def party(firm: tuple[str, ...], name: str) -> Party:
    country, vat, number, endpoint, *_ = firm
    return Party(
        name, "Example Street 1", "", "1000", "Exampletown", "", country, vat, number, "", "a@example.com",
        "+47 00 00 00 00", "Anna Example", endpoint,
    )  # fmt: skip


def invoices(seed: int, count: int, formats: tuple[str, ...] = FORMATS) -> Iterator[ExchangeInvoice]:
    """Random invoices and credit notes, the formats in turn."""
    rng = random.Random(seed)
    for number in range(count):
        yield _invoice(rng, formats[number % len(formats)], number + 1)


def _invoice(rng: random.Random, form: str, number: int) -> ExchangeInvoice:
    home = {"ehf": "NO", "xrechnung": "DE"}.get(form, "")
    seller = rng.choice([firm for firm in FIRMS if not home or firm[0] == home])
    buyer = rng.choice([firm for firm in FIRMS if not home or firm[0] == home])
    currency = rng.choice((seller[5], seller[5], "EUR", "USD", "JPY"))
    outside = rng.random() < 0.08
    lines = tuple(_line(rng, at + 1, seller[6].split(), outside) for at in range(rng.randint(1, 12)))
    with_vat = not outside and rng.random() < 0.3
    made = ExchangeInvoice(
        form,
        _document(rng, f"R-{number}", lines, buyer, currency),
        replace(party(seller, "Seller AS"), registration=rng.choice(("", "Reg. 12"))),
        party(buyer, "Käufer & Cie"),
        rng.choice((seller[4], seller[4], seller[4], seller[4] if seller[0] == "NL" else "")),  # NL-R-007
        "",
        rng.choice(("04011000-1234512345-06", "Ref 7")),
        rng.choice((None, DocumentReference("PO-1"))),
        deliveries=tuple(DocumentReference(f"D-{n}", DAY) for n in range(rng.choice((0, 0, 1, 2)))),
        prices_with_vat=with_vat,
        notes=rng.choice(((), ("A note.",), ("One.", "Two & three."))),
    )
    return _filled(made, rng)


def _document(
    rng: random.Random, number: str, lines: tuple[DocumentLine, ...], buyer: tuple[str, ...], currency: str
) -> BusinessDocument:
    due = rng.choice((DUE, DUE, None))
    to = Buyer("Käufer & Cie", (), buyer[1], buyer[0], rng.choice(("it", "es", "nb", "en", "fr", "de")))
    return BusinessDocument("invoice", DAY, to, currency, lines, due_on=due, number=number)


def _filled(made: ExchangeInvoice, rng: random.Random) -> ExchangeInvoice:
    """With the sums of the reckoning; what comes to less than nothing, and some others, is a credit note."""
    sums = reckoned(made)
    units = 10 ** places(made.document.currency)
    turned = sums.payable < 0
    credit = turned or rng.random() < 0.25
    sign = -1 if credit and not turned else 1
    lines = tuple(replace(one, quantity=sign * one.quantity) for one in made.document.lines)
    net, vat, gross = (Decimal(sign * part) / units for part in (sums.net, sums.vat, sums.gross))
    document = replace(made.document, lines=lines, net=net, vat=vat, gross=gross)
    if not credit:
        return replace(made, document=document)
    document = replace(document, kind="credit", due_on=None, corrects="R-0")
    return replace(made, document=document, corrects=DocumentReference("R-0", dt.date(2026, 1, 2)))


def _line(rng: random.Random, number: int, rates: list[str], outside: bool) -> DocumentLine:
    taxed = not outside and rng.random() < 0.8
    digits = rng.choice((0, 2, 2, 2, 3, 4, 8))
    price = Decimal(rng.randint(0, 10 ** rng.randint(1, 4 + digits))).scaleb(-digits)
    category = "O" if outside else "S" if taxed else rng.choice(UNTAXED)
    return DocumentLine(
        number, rng.choice(NAMES), Decimal(rng.choice(("1", "3", "0.5", "12", "-1", "0.333", "1000", "7.25"))),
        price * rng.choice((1, 1, 1, 1, 1, -1)), rng.choice(UNITS),
        Decimal(rng.choice(("0", "0", "0", "0.1", "0.155", "1", "0.333"))), category,
        Decimal(rng.choice(rates)) if taxed else Decimal(0), "" if taxed else rng.choice(("", f"Reason {category}")),
    )  # fmt: skip


@dataclass(frozen=True)
class Reckoned:
    """Sums in the currency's smallest units."""

    nets: tuple[int, ...]
    groups: dict[tuple[str, Fraction], tuple[int, int]]
    net: int
    vat: int
    gross: int
    payable: int


def places(currency: str) -> int:
    return 0 if currency == "JPY" else 2


def reckoned(invoice: ExchangeInvoice) -> Reckoned:
    """The sums of an invoice from what was typed; of a credit note as they are given back."""
    units = 10 ** places(invoice.document.currency)
    sign = -1 if invoice.document.kind == "credit" else 1
    typed, nets = [], []
    bases: dict[tuple[str, Fraction], int] = defaultdict(int)
    for line in invoice.document.lines:
        rate = Fraction(line.rate)
        amount = half_up(
            sign * Fraction(line.quantity) * Fraction(line.unit_price) * (1 - Fraction(line.discount)), units
        )
        net = half_up(Fraction(amount, units) / (1 + rate), units) if invoice.prices_with_vat else amount
        typed.append(amount)
        nets.append(net)
        bases[line.category, rate] += net
    groups = {key: (base, half_up(Fraction(base, units) * key[1], units)) for key, base in bases.items()}
    net, vat = sum(nets), sum(tax for _, tax in groups.values())
    return Reckoned(tuple(nets), groups, net, vat, net + vat, sum(typed) if invoice.prices_with_vat else net + vat)


@dataclass(frozen=True)
class Places:
    """By which names the amounts of a file stand there."""

    lines: tuple[str, ...]
    quantities: tuple[str, ...]
    net: str
    price: str
    allowance: str
    group: str
    category: str
    rate: str
    base: str
    tax: str
    total: str
    sums: tuple[str, str, str, str]


PLACES = {
    "ubl": Places(
        ("InvoiceLine", "CreditNoteLine"), ("InvoicedQuantity", "CreditedQuantity"), "LineExtensionAmount",
        "PriceAmount", "Amount", "TaxSubtotal", "ID", "Percent", "TaxableAmount", "TaxAmount", "LegalMonetaryTotal",
        ("LineExtensionAmount", "TaxInclusiveAmount", "PayableRoundingAmount", "PayableAmount"),
    ),
    "cii": Places(
        ("IncludedSupplyChainTradeLineItem",), ("BilledQuantity",), "LineTotalAmount", "ChargeAmount", "ActualAmount",
        "ApplicableTradeTax", "CategoryCode", "RateApplicablePercent", "BasisAmount", "CalculatedAmount",
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        ("LineTotalAmount", "GrandTotalAmount", "RoundingAmount", "DuePayableAmount"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class ReadBack:
    """The amounts of a file as it stands; `keys` are category and rate of each line."""

    lines: tuple[tuple[Fraction, Fraction, Fraction, Fraction], ...]
    keys: tuple[tuple[str, Fraction], ...]
    groups: tuple[tuple[str, Fraction, Fraction, Fraction], ...]
    sums: dict[str, Fraction]


def read_back(xml: bytes, syntax: str) -> ReadBack:
    """The amounts of a file: lines (net, quantity, price, allowance), groups (category, rate, net, VAT), sums."""
    at, root = PLACES[syntax], ET.fromstring(xml)
    everything = [(one.tag.rpartition("}")[2], one) for one in root.iter()]
    lines = [one for name, one in everything if name in at.lines]
    taxes = [one for name, one in everything if name == at.group and _first(one, at.base) is not None]
    summary = next((one for name, one in everything if name == at.total), root)
    each = ((at.net,), at.quantities, (at.price,), (at.allowance,))
    rows = [tuple(_number(one, *names) for names in each) for one in lines]
    return ReadBack(
        tuple((row[0], row[1], row[2], row[3]) for row in rows),
        tuple(_key(one, at, syntax) for one in lines),
        tuple(
            (_text(one, at.category), _number(one, at.rate) / 100, _number(one, at.base), _number(one, at.tax))
            for one in taxes
        ),
        {name: _number(summary, tag) for name, tag in zip(SUMS, at.sums, strict=True)},
    )


def _key(line: ET.Element, at: Places, syntax: str) -> tuple[str, Fraction]:
    """Category and rate of a line."""
    tax = _first(line, "ClassifiedTaxCategory" if syntax == "ubl" else at.group)
    held = line if tax is None else tax
    return _text(held, at.category), _number(held, at.rate) / 100


def _first(root: ET.Element, *names: str) -> ET.Element | None:
    return next((one for one in root.iter() if one.tag.rpartition("}")[2] in names), None)


def _text(root: ET.Element, *names: str) -> str:
    found = _first(root, *names)
    return "" if found is None else found.text or ""


def _number(root: ET.Element, *names: str) -> Fraction:
    return Fraction(_text(root, *names) or "0")


def off(xml: bytes, syntax: str, invoice: ExchangeInvoice) -> list[str]:
    """Amounts of a file that are not those of the reckoning, to the cent."""
    found, wanted = read_back(xml, syntax), reckoned(invoice)
    units = 10 ** places(invoice.document.currency)
    nets = tuple(int(line[0] * units) for line in found.lines)
    groups = {(category, rate): (int(net * units), int(vat * units)) for category, rate, net, vat in found.groups}
    sums = {name: int(amount * units) for name, amount in found.sums.items()}
    expected = {"net": wanted.net, "gross": wanted.gross, "payable": wanted.payable,
                "rounding": wanted.payable - wanted.gross}  # fmt: skip
    wrong = ["lines"] if nets != wanted.nets else []
    wrong += ["groups"] if groups != wanted.groups else []
    return wrong + [name for name, amount in expected.items() if sums[name] != amount]


def recounted(xml: bytes, syntax: str, currency: str) -> list[str]:
    """What in a file doesn't come to what it says, without knowing what went in; VAT to the cent.

    A line may be a cent off its quantity x price, where the price had VAT in it.
    """
    found, units = read_back(xml, syntax), 10 ** places(currency)
    cent = Fraction(1, units)
    wrong = [f"line {at}" for at, (net, quantity, price, allowance) in enumerate(found.lines, 1)
             if abs(quantity * price - allowance - net) > 2 * cent]  # fmt: skip
    wrong += [f"VAT {category}" for category, rate, net, vat in found.groups
              if Fraction(half_up(net * rate, units), units) != vat]  # fmt: skip
    bases: dict[tuple[str, Fraction], Fraction] = defaultdict(Fraction)
    for key, (line_net, *_) in zip(found.keys, found.lines, strict=True):
        bases[key] += line_net
    wrong += ["groups of lines"] if bases != {one[:2]: one[2] for one in found.groups} else []
    net, vat = sum((line[0] for line in found.lines), Fraction()), sum((one[3] for one in found.groups), Fraction())
    sums = found.sums
    told = (
        ("net", net, sums["net"]),
        ("groups", net, sum((one[2] for one in found.groups), Fraction())),
        ("gross", net + vat, sums["gross"]),
        ("payable", sums["gross"] + sums["rounding"], sums["payable"]),
    )
    return wrong + [name for name, should, is_ in told if should != is_]
