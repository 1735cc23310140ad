"""Money of an invoice: to the cent against a reckoning of its own, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.support.invoice_oracle import CENTS, Raw, invoices, reckoned
from xlcrm.documents.invoice_money import InvoiceLine, InvoiceTotals, line_amount, net_price, refused, totals


def line(raw: Raw, number: int = 1) -> InvoiceLine:
    names = ("quantity", "price", "rate", "discount")
    quantity, price, rate, discount = (Decimal(raw[name]) for name in names)
    return InvoiceLine(number, quantity, price, rate, raw["category"], discount)


def units(found: InvoiceTotals, currency: str) -> dict[str, int]:
    names = ("net", "vat", "gross", "payable")
    return {name: int(getattr(found, name) * CENTS[currency]) for name in names}


def test_a_thousand_random_invoices_are_right_to_the_cent() -> None:
    wrong = []
    for place, (currency, with_vat, raw) in enumerate(invoices(seed=18, count=1000)):
        found = totals([line(one, number) for number, one in enumerate(raw, 1)], currency, with_vat=with_vat)
        if units(found, currency) != reckoned(currency, with_vat, raw):
            wrong.append(place)
        assert found.gross + found.rounding == found.payable
        assert sum(found.nets) == found.net == sum(one.net for one in found.taxed)
    assert wrong == []


MONEY = [
    ("3", "18.333", "0.22", "55.00", "the price keeps its decimals: 3 x 18.333 is 55.00, not 54.99"),
    ("1", "0.005", "0.22", "0.01", "half a cent goes up"),
    ("-1", "0.005", "0.22", "-0.01", "and away from zero where it is given back"),
    ("0.5", "0.01", "0.22", "0.01", "half of a cent"),
]


@pytest.mark.parametrize(("quantity", "price", "rate", "wanted", "why"), MONEY)
def test_a_line_is_rounded_half_up(quantity: str, price: str, rate: str, wanted: str, why: str) -> None:
    raw = {"quantity": quantity, "price": price, "rate": rate, "discount": "0", "category": "S"}
    assert line_amount(line(raw)) == Decimal(wanted), why


def test_prices_with_vat_are_paid_as_they_stand() -> None:
    lines = [InvoiceLine(n, Decimal(1), Decimal("9.99"), Decimal("0.22")) for n in (1, 2, 3)]
    found = totals(lines, with_vat=True)
    assert (found.net, found.vat, found.gross) == (Decimal("24.57"), Decimal("5.41"), Decimal("29.98"))
    assert (found.rounding, found.payable) == (Decimal("-0.01"), Decimal("29.97"))


def test_vat_is_worked_out_on_the_sum_of_each_rate() -> None:
    lines = [InvoiceLine(n, Decimal(1), Decimal("0.33"), Decimal("0.22")) for n in range(1, 11)]
    found = totals(lines)
    assert found.vat == Decimal("0.73"), "0.22 x 3.30, not ten times 0.07"


def test_reasons_of_untaxed_lines_stand_once() -> None:
    lines = [InvoiceLine(n, Decimal(1), Decimal(5), category="E", exemption="art. 10") for n in (1, 2)]
    assert [one.exemption for one in totals(lines).taxed] == ["art. 10"]


@pytest.mark.parametrize(("price", "wanted"), [("18.333", "18.333"), ("100", "100"), ("0.123456785", "0.12345679")])
def test_a_price_has_up_to_eight_decimals(price: str, wanted: str) -> None:
    assert str(net_price(InvoiceLine(1, Decimal(1), Decimal(price)))) == wanted


def test_a_price_with_vat_is_shown_without() -> None:
    assert net_price(InvoiceLine(1, Decimal(1), Decimal("12.2"), Decimal("0.22")), with_vat=True) == 10


REFUSED = [
    (("S", "0"), "invoice.rate_missing", "taxed, but at no rate"),
    (("E", "0.22"), "invoice.rate_not_zero", "exempt, but at a rate"),
    (("X", "0.22"), "invoice.unknown_category", ""),
    (("S", "22"), "invoice.rate_odd", "2,200 %"),
    (("S", "-0.1"), "invoice.rate_missing", ""),
]


@pytest.mark.parametrize(("taxed", "code", "why"), REFUSED)
def test_what_no_invoice_may_have(taxed: tuple[str, str], code: str, why: str) -> None:
    found = refused([InvoiceLine(7, Decimal(1), Decimal(1), Decimal(taxed[1]), taxed[0])])
    assert found == [(7, code)], why


def test_outside_of_vat_stands_alone_on_an_invoice() -> None:
    lines = [
        InvoiceLine(1, Decimal(1), Decimal(1), Decimal("0.2")), InvoiceLine(2, Decimal(1), Decimal(1), category="O"),
    ]  # fmt: skip
    assert refused(lines) == [(2, "invoice.outside_mixed")]
    assert refused(lines[1:]) == refused(lines[:1]) == []
