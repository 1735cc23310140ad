"""Content of a document's paper: every text, number and date as it is printed, in the buyer's language.

The layout stands in `xlcrm/data/typst/documents.typ` and reads nothing but this; amounts of a credit note are shown
without their sign.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from babel import dates, numbers

from xlcrm import messages, words
from xlcrm.documents.business_document import BusinessDocument, Buyer, DocumentLine, SellerFacts
from xlcrm.documents.invoice_money import InvoiceLine, InvoiceTotals, rounded, totals
from xlcrm.documents.italian_rules import stamped_sum, with_natures
from xlcrm.documents.law_words import closing_words, reference
from xlcrm.documents.payment_qr import grouped
from xlcrm.documents.reminder_rules import Reminder

Content = dict[str, Any]
ZERO = Decimal(0)
PRICED = frozenset({"offer", "order", "invoice", "credit"})
OWED = frozenset({"invoice", "credit"})
WORDS = ("page", "carried", "brought", "scan", "delivery_sign")
DAYS_TO_PAY = 10  # what a second or third reminder leaves
_SWISS = ("CH", "LI")


class _Writer:
    """Numbers, dates and words in one language and currency."""

    def __init__(self, language: str, currency: str, country: str = "") -> None:
        self.language, self.currency = language, currency
        local = f"{language}_{country}" if country in _SWISS and language in ("de", "fr", "it") else ""
        self._locale = local or messages.locale_of(language)

    def word(self, name: str, **values: object) -> str:
        return messages.text(f"document.{name}", self.language, **values)

    def day(self, day: dt.date | None) -> str:
        return dates.format_date(day, "long", locale=self._locale) if day else ""

    def short_day(self, day: dt.date | None) -> str:
        return dates.format_date(day, "short", locale=self._locale) if day else ""

    def money(self, amount: Decimal) -> str:
        """An amount with its cents, without the currency."""
        places = max(0, -int(rounded(ZERO, self.currency).as_tuple().exponent))
        return self._decimal(amount, "#,##0" + ("." + "0" * places if places else ""))

    def total(self, amount: Decimal) -> str:
        return f"{self.money(amount)} {self.currency}"

    def price(self, price: Decimal) -> str:
        """A price with two to eight decimals."""
        return self._decimal(price, "#,##0.00######")

    def quantity(self, quantity: Decimal) -> str:
        """A quantity without zeros behind: 10, 0,5."""
        return self._decimal(quantity, "#,##0.########")

    def percent(self, share: Decimal) -> str:
        return self._decimal(share * 100, "#,##0.####") + " %"

    def _decimal(self, number: Decimal, pattern: str) -> str:
        shown: str = numbers.format_decimal(number, pattern, locale=self._locale)
        return shown


def document_totals(document: BusinessDocument, seller: SellerFacts) -> InvoiceTotals:
    """The sums of a document as its paper shows them: those of a credit note without their sign."""
    sign = _sign(document)
    lines = [
        InvoiceLine(
            one.line, sign * one.quantity, one.unit_price, one.rate, one.category, one.discount, one.exemption
        )
        for one in document.lines
    ]  # fmt: skip
    return totals(lines, document.currency, with_vat=seller.prices_with_vat)


def _sign(document: BusinessDocument) -> int:
    return -1 if document.kind == "credit" else 1


def document_content(document: BusinessDocument, seller: SellerFacts, found: InvoiceTotals) -> Content:
    """What stands on the paper of an offer, order, delivery note, invoice or credit note, and its `document_totals`."""
    write = _Writer(document.buyer.language, document.currency, seller.country)
    priced = document.kind in PRICED
    return {
        **_frame(document.buyer, seller, write),
        "title": write.word(document.kind) + (f" {document.number}" if document.number else ""),
        "draft": "" if document.number else write.word("draft"),
        "facts": _facts(document, write),
        "text": _opening(document, write),
        "head": _head(write, priced=priced),
        "rows": _rows(document, seller, write, found) if priced else _bare_rows(document, write),
        "sums": _sums(document, write, found, seller) if priced else [],
        "notes": _notes(document, seller, write, found),
        "sign": document.kind == "delivery",
    }


def reminder_content(reminder: Reminder, buyer: Buyer, seller: SellerFacts, today: dt.date) -> Content:
    """What stands on a reminder: the letter of its level, all open documents, interest and fee as claims."""
    write = _Writer(buyer.language, reminder.currency, seller.country)
    due = write.day(today + dt.timedelta(days=DAYS_TO_PAY))
    late = [item for item in reminder.items if item.due_on is None or item.due_on < today]
    claims = sum((item.open for item in late), ZERO)
    extra = [(write.word("interest"), reminder.interest), (write.word("fee"), reminder.fee)]
    sums = [(write.word("open"), claims), *((label, amount) for label, amount in extra if amount)]
    names = ("number", "date", "due_on", "days_late", "amount", "paid", "open")
    return {
        **_frame(buyer, seller, write),
        "title": write.word(f"reminder_{reminder.level}"),
        "draft": "",
        "facts": [{"label": write.word("date"), "value": write.day(today)}, *_customer(buyer, write)],
        "text": write.word(f"reminder_text_{reminder.level}", due=due),
        "head": [write.word(name) for name in names],
        "rows": [_reminder_row(item, today, write) for item in reminder.items],
        "sums": [
            *({"label": label, "value": write.total(amount), "strong": False} for label, amount in sums),
            {"label": write.word("due_total"), "value": write.total(reminder.total), "strong": True},
        ],
        "notes": [],
        "sign": False,
    }


def _reminder_row(item: Any, today: dt.date, write: _Writer) -> Content:
    days = (today - item.due_on).days if item.due_on else 0
    late = str(days) if days > 0 else write.word("not_due") if item.due_on else ""
    cells = [
        item.number, write.short_day(item.date), write.short_day(item.due_on), late, write.money(item.gross),
        write.money(item.gross - item.open), write.money(item.open),
    ]  # fmt: skip
    return {"cells": cells, "running": ""}


def _frame(buyer: Buyer, seller: SellerFacts, write: _Writer) -> Content:
    """What every paper has: who sells, who buys, the words of the layout."""
    contacts = [line for line in (seller.phone, seller.email, seller.website) if line]
    bank = [(write.word("account"), grouped(seller.iban)), (write.word("bic"), seller.bic)]
    footer = [
        seller.registration,
        _labelled(write.word("vat"), seller.vat_id),
        seller.tax_number,
        seller.bank,
        *(_labelled(label, value) for label, value in bank),
    ]
    return {
        "language": write.language,
        "seller": {"name": seller.name, "lines": list(seller.address), "contacts": contacts},
        "footer": [part for part in footer if part],
        "colour": seller.colour,
        "buyer": [line for line in (buyer.name, *buyer.address) if line.strip()],
        "words": {name: write.word(name) for name in WORDS},
        "extra": seller.extra_text,
    }


def _labelled(label: str, value: str) -> str:
    return f"{label} {value}" if value else ""


def _facts(document: BusinessDocument, write: _Writer) -> list[Content]:
    """The facts beside the address: number, dates, what it refers to; blank ones are left out."""
    due = "valid_until" if document.kind == "offer" else "due_on"
    pairs = (
        ("number", document.number),
        ("date", write.day(document.date)),
        (due, write.day(document.due_on) if document.kind in ("offer", "invoice") else ""),
        ("corrects", document.corrects),
        ("from_number", document.from_number if document.from_number != document.corrects else ""),
        ("buyer_tax_id", document.buyer.tax_id),
    )
    known = [{"label": write.word(name), "value": value} for name, value in pairs if value]
    return [*known, *_customer(document.buyer, write)]


def _customer(buyer: Buyer, write: _Writer) -> list[Content]:
    return [{"label": write.word("customer"), "value": buyer.client_id}] if buyer.client_id else []


def _opening(document: BusinessDocument, write: _Writer) -> str:
    """The sentence above the lines; an invoice needs none."""
    return "" if document.kind == "invoice" else write.word(f"{document.kind}_text")


def _head(write: _Writer, *, priced: bool) -> list[str]:
    names = ("line", "product", "quantity", "unit_price", "discount", "vat", "amount")
    return [write.word(name) for name in (names if priced else names[:3])]


def _rows(document: BusinessDocument, seller: SellerFacts, write: _Writer, found: InvoiceTotals) -> list[Content]:
    """The priced lines, each with the sum up to it: what is carried to the next page."""
    rows, running, sign = [], ZERO, _sign(document)
    for one, net in zip(document.lines, found.nets, strict=True):
        amount = _shown_amount(one, document, sign) if seller.prices_with_vat else net
        running += amount
        tax = write.percent(one.rate) if one.category == "S" else one.category
        discount = write.percent(one.discount) if one.discount else ""
        cells = [
            str(one.line), one.product, _amount_of(one, sign, write), write.price(one.unit_price), discount, tax,
            write.money(amount),
        ]  # fmt: skip
        rows.append({"cells": cells, "running": write.money(running)})
    return rows


def _shown_amount(one: DocumentLine, document: BusinessDocument, sign: int) -> Decimal:
    return rounded(sign * one.quantity * one.unit_price * (1 - one.discount), document.currency)


def _bare_rows(document: BusinessDocument, write: _Writer) -> list[Content]:
    """The lines of a delivery note, which has no prices."""
    return [{"cells": [str(one.line), one.product, _amount_of(one, 1, write)], "running": ""} for one in document.lines]


def _amount_of(one: DocumentLine, sign: int, write: _Writer) -> str:
    return f"{write.quantity(sign * one.quantity)} {one.unit}".strip()


def _sums(document: BusinessDocument, write: _Writer, found: InvoiceTotals, seller: SellerFacts) -> list[Content]:
    """The net, the VAT of each rate, the rounding where prices have VAT in them, and what is to be paid."""
    taxes = [(_tax_label(one.category, one.rate, one.net, write), one.vat) for one in found.taxed]
    rounding = [(write.word("rounding"), found.rounding)] if found.rounding else []
    last = "credited" if document.kind == "credit" else "gross"
    pairs = [(write.word("net"), found.net), *taxes, *rounding]
    if split := abs(document.split_vat):
        pairs += [(write.word(last), found.payable), (_split_label(seller, write), -split)]
        last = "to_pay"
    return [
        *({"label": label, "value": write.money(amount), "strong": False} for label, amount in pairs),
        {"label": write.word(last), "value": write.total(found.payable - split), "strong": True},
    ]


def _split_label(seller: SellerFacts, write: _Writer) -> str:
    return write.word("split_vat", law=reference(seller.country, "split"))


def _tax_label(category: str, rate: Decimal, net: Decimal, write: _Writer) -> str:
    if category == "S":
        return write.word("vat_on", rate=write.percent(rate), net=write.money(net))
    return write.word("untaxed_on", category=category, net=write.money(net))


def _notes(document: BusinessDocument, seller: SellerFacts, write: _Writer, found: InvoiceTotals) -> list[str]:
    """The sentences below: why lines bear no VAT, and of an invoice what the law wants said."""
    reasons = [one.exemption for one in found.taxed if one.exemption]
    ending = [write.word("offer_end", due=write.day(document.due_on))] if _holds(document) else []
    law: Iterable[str] = ()
    if document.kind == "invoice":
        untaxed = _stamped(document, seller, found)
        law = closing_words(
            seller.country, write.language, on=document.date, firm=document.buyer.is_firm,
            currency=document.currency, own_rate=seller.late_interest, untaxed=untaxed,
        )  # fmt: skip
    return [*dict.fromkeys(reasons), *ending, *law, *_courtesy(document, write)]


def _stamped(document: BusinessDocument, seller: SellerFacts, found: InvoiceTotals) -> Decimal:
    """The sum on which Italy wants a stamp."""
    lines = with_natures(document.lines, document.buyer.country, small=seller.small_business)
    return stamped_sum(replace(one, net=net) for one, net in zip(lines, found.nets, strict=True))


def _courtesy(document: BusinessDocument, write: _Writer) -> list[str]:
    """That the paper is a copy, where a file is the invoice; Factur-X is inside of the PDF."""
    if document.einvoice in ("", "facturx"):
        return []
    if document.einvoice == "fatturapa":
        return [write.word("courtesy.fatturapa")]
    return [write.word("courtesy.xml", format=words.choice_word("einvoice", document.einvoice))]


def _holds(document: BusinessDocument) -> bool:
    return document.kind == "offer" and document.due_on is not None


def payment_words(
    amount: Decimal, number: str, due_on: dt.date | None, language: str, currency: str, country: str = ""
) -> str:
    """The sentence that asks for payment, with what to write on the transfer."""
    write = _Writer(language, currency, country)
    values: Mapping[str, object] = {"amount": write.total(amount), "number": number}
    if due_on is None:
        return write.word("pay_at_once", **values)
    return write.word("pay_to", due=write.day(due_on), **values)
