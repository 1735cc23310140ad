"""An independent reckoning of invoices, in fractions and whole cents; it knows nothing of xlcrm."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

CENTS = {"EUR": 100, "NOK": 100, "CHF": 100, "JPY": 1, "KWD": 1000}
RATES = ("0.22", "0.10", "0.055", "0.021", "0.25", "0.19", "0.077", "0.135")
UNTAXED = ("Z", "E", "AE", "K", "G")

Raw = dict[str, str]


def half_up(amount: Fraction, units: int) -> int:
    """Whole units of 1/units, halves away from zero."""
    scaled = abs(amount) * units
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    whole += 2 * rest >= scaled.denominator
    return int(whole if amount >= 0 else -whole)


def invoices(seed: int, count: int) -> Iterator[tuple[str, bool, list[Raw]]]:
    """Random invoices: currency, whether prices have VAT in them, and lines as text."""
    rng = random.Random(seed)
    for _ in range(count):
        lines = [_line(rng) for _ in range(rng.randint(1, 40))]
        yield rng.choice(list(CENTS)), rng.random() < 0.3, lines


def _line(rng: random.Random) -> Raw:
    taxed = rng.random() < 0.8
    places = rng.choice((0, 2, 2, 2, 3, 4, 8))
    price = rng.randint(1, 10 ** rng.randint(1, 5 + places))
    return {
        "quantity": rng.choice(("1", "3", "0.5", "12", "-1", "0.333", "1000", "7.25")),
        "price": f"{price // 10**places}.{price % 10**places:0{places}d}" if places else str(price),
        "discount": rng.choice(("0", "0", "0", "0.1", "0.155", "1", "0.333")),
        "category": "S" if taxed else rng.choice(UNTAXED),
        "rate": rng.choice(RATES) if taxed else "0",
    }


def reckoned(currency: str, with_vat: bool, lines: list[Raw]) -> dict[str, int]:
    """Net, VAT, gross and payable in the currency's smallest units."""
    units = CENTS[currency]
    sums: dict[tuple[str, Fraction], int] = defaultdict(int)
    typed = 0
    for line in lines:
        rate = Fraction(line["rate"])
        amount = Fraction(line["quantity"]) * Fraction(line["price"]) * (1 - Fraction(line["discount"]))
        rounded = half_up(amount, units)
        typed += rounded
        sums[line["category"], rate] += half_up(Fraction(rounded, units) / (1 + rate), units) if with_vat else rounded
    net = sum(sums.values())
    vat = sum(half_up(Fraction(total, units) * rate, units) for (_, rate), total in sums.items())
    return {"net": net, "vat": vat, "gross": net + vat, "payable": typed if with_vat else net + vat}
