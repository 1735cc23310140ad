"""Money of an invoice: line nets, VAT by category and rate, totals; exact decimals, rounded half up.

The order of EN 16931: a line's net is rounded, VAT is worked out on the sum of the nets of one category and rate, the
gross is the sum of both. Official rules forgive differences of up to 1.00; nothing is forgiven here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

ZERO = Decimal(0)
PRICE_PLACES = 8
# UNCL5305, the codes of EN 16931 (BT-151): which of them may bear a rate, and what they are
CATEGORIES = {
    "S": "taxed",
    "Z": "zero rate",
    "E": "exempt",
    "AE": "reverse charge: the buyer owes the tax",
    "K": "supply to a firm in another country of the EU",
    "G": "export",
    "O": "not subject to VAT",
}


@dataclass(frozen=True)
class InvoiceLine:
    """One line: `quantity` x `unit_price`, less `discount` (a share: 0.1 is 10 %), taxed at `rate` (0.22 is 22 %).

    `exemption` is the reason where no tax is charged: a text for the paper.
    """

    number: int
    quantity: Decimal
    unit_price: Decimal
    rate: Decimal = ZERO
    category: str = "S"
    discount: Decimal = ZERO
    exemption: str = ""


@dataclass(frozen=True)
class TaxedSum:
    """The lines of one category and rate: the sum of their nets, and the VAT on it."""

    category: str
    rate: Decimal
    net: Decimal
    vat: Decimal
    exemption: str = ""


@dataclass(frozen=True)
class InvoiceTotals:
    """The sums of an invoice in its currency.

    nets      of the lines, in their order
    net       sum of the line nets
    vat       sum of the VAT of all categories
    gross     net + vat
    rounding  what prices with VAT in them come to, less the gross: 0 where prices are without VAT
    payable   gross + rounding
    taxed     one entry a category and rate, the highest rate first
    """

    nets: tuple[Decimal, ...]
    net: Decimal
    vat: Decimal
    gross: Decimal
    rounding: Decimal
    payable: Decimal
    taxed: tuple[TaxedSum, ...]


@cache
def smallest_unit(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01 for EUR, 1 for JPY (CLDR's digits); 0.01 for an unknown one."""
    from babel.numbers import get_currency_precision

    return Decimal(1).scaleb(-get_currency_precision(currency or "EUR"))


def rounded(amount: Decimal, currency: str = "EUR") -> Decimal:
    """An amount in whole cents, half up and away from zero: 0.005 is 0.01, -0.005 is -0.01."""
    return amount.quantize(smallest_unit(currency), rounding=ROUND_HALF_UP)


def line_amount(line: InvoiceLine, currency: str = "EUR") -> Decimal:
    """Quantity x price less the discount, in cents; the net where prices are without VAT, else the gross."""
    return rounded(line.quantity * line.unit_price * (1 - line.discount), currency)


def line_net(line: InvoiceLine, currency: str = "EUR", *, with_vat: bool = False) -> Decimal:
    """The net of a line in cents; a price that has VAT in it is divided by 1 + rate."""
    amount = line_amount(line, currency)
    return rounded(amount / (1 + line.rate), currency) if with_vat else amount


def net_price(line: InvoiceLine, *, with_vat: bool = False) -> Decimal:
    """The price without VAT, with up to 8 decimals and no zeros behind."""
    price = line.unit_price / (1 + line.rate) if with_vat else line.unit_price
    price = price.quantize(Decimal(1).scaleb(-PRICE_PLACES), rounding=ROUND_HALF_UP).normalize()
    return price.quantize(Decimal(1)) if price == price.to_integral() else price


def totals(lines: Sequence[InvoiceLine], currency: str = "EUR", *, with_vat: bool = False) -> InvoiceTotals:
    """All sums of an invoice. `with_vat`: the prices have VAT in them, and what the buyer pays is their sum."""
    nets = tuple(line_net(line, currency, with_vat=with_vat) for line in lines)
    taxed = tuple(_taxed(zip(lines, nets, strict=True), currency))
    net, vat = sum(nets, ZERO), sum((one.vat for one in taxed), ZERO)
    payable = sum((line_amount(line, currency) for line in lines), ZERO) if with_vat else net + vat
    return InvoiceTotals(nets, net, vat, net + vat, payable - net - vat, payable, taxed)


def _taxed(pairs: Iterable[tuple[InvoiceLine, Decimal]], currency: str) -> list[TaxedSum]:
    sums: dict[tuple[str, Decimal], tuple[Decimal, list[str]]] = {}
    for line, net in pairs:
        key = (line.category, line.rate.normalize())
        before, reasons = sums.get(key, (ZERO, []))
        sums[key] = (before + net, [*reasons, line.exemption])
    found = [
        TaxedSum(category, rate, net, rounded(net * rate, currency), "; ".join(filter(None, dict.fromkeys(reasons))))
        for (category, rate), (net, reasons) in sums.items()
    ]
    return sorted(found, key=lambda one: (-one.rate, list(CATEGORIES).index(one.category)))


# What EN 16931 refuses, in the order in which it is said: code of the sentence, what is wrong with (category, rate).
_REFUSED = (
    ("invoice.unknown_category", lambda category, rate: category not in CATEGORIES),
    ("invoice.rate_missing", lambda category, rate: category == "S" and rate <= 0),  # BR-S-05
    ("invoice.rate_not_zero", lambda category, rate: category in CATEGORIES and category != "S" and rate != 0),
    ("invoice.rate_odd", lambda category, rate: not 0 <= rate < 1),
)


def refused(lines: Iterable[InvoiceLine]) -> list[tuple[int, str]]:
    """Lines that no invoice may have: (number of the line, code of the sentence), one a line, the first that holds.

    "O" beside another category is refused (BR-O-11 to BR-O-14), said once with the first such line.
    """
    held = list(lines)
    found = [
        (line.number, next(code for code, wrong in _REFUSED if wrong(line.category, line.rate)))
        for line in held
        if any(wrong(line.category, line.rate) for _, wrong in _REFUSED)
    ]
    outside = [line.number for line in held if line.category == "O"]
    mixed = outside and len(outside) < len(held)
    return [*found, *([(outside[0], "invoice.outside_mixed")] if mixed else [])]
