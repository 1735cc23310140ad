"""Order of an issue: which document is wanted of what, as a person said it on a command line or with a button."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from xlcrm import words
from xlcrm.documents.business_document import BusinessDocument, IssuedFile, SellerFacts
from xlcrm.errors import CrmError
from xlcrm.fields import money
from xlcrm.issuing.numbering import DocumentNumber

Press = Callable[[BusinessDocument, SellerFacts], IssuedFile]


@dataclass(frozen=True)
class TypedLine:
    """A line that stands in no table: "Consulting; 2; h; 80", rate and discount in percent where they are named.

    `category` is typed instead of the rate: of EN 16931, or a nature of Italy ("N4"); "" for none.
    """

    product: str
    quantity: Decimal = Decimal(1)
    unit: str = ""
    unit_price: Decimal = Decimal(0)
    rate: Decimal | None = None
    discount: Decimal = Decimal(0)
    category: str = ""


@dataclass(frozen=True)
class IssueOrder:
    """What is wanted.

    kind         offer, order, delivery, invoice or credit
    clients      their open purchases; none: everybody's (invoices and delivery notes alone)
    rows         Excel rows of Purchases instead; what is not open among them is a problem
    lines        typed lines for the one client that is named
    from_number  the document that it is made from; of a credit note the invoice that it corrects
    only         of a credit note: the lines of the invoice, none for all
    again        of a credit note: its purchases are open again, to be invoiced anew
    date         of the document; None is today
    series, due_on  instead of the seller's series and the days of the sheet Settings
    """

    kind: str
    clients: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    lines: tuple[TypedLine, ...] = ()
    from_number: str = ""
    only: tuple[int, ...] = ()
    again: bool = False
    date: dt.date | None = None
    series: str = ""
    due_on: dt.date | None = None


@dataclass(frozen=True)
class IssueMeans:
    """What an issue needs from outside: the numbers on record, the printer of papers, the folder of the files.

    files   those of documents on record, whose names no other file gets
    stored  reads a file of the folder; None where nothing is to be read
    """

    taken: tuple[DocumentNumber, ...] = ()
    press: Press | None = None
    folder: str = "documents"
    files: tuple[str, ...] = ()
    stored: Callable[[str], bytes] | None = None
    locks: bool = True


def typed_line(text: str, country: str = "") -> TypedLine:
    """A line as typed: product; quantity; unit; price[; VAT % or category[; discount %]].

    CrmError "issuing.line" for another.
    """
    parts = [part.strip() for part in text.split(";")]
    if not 2 <= len(parts) <= 6 or not parts[0]:
        raise CrmError("issuing.line", line=text)
    if len(parts) == 2:
        parts = [parts[0], "1", "", parts[1]]
    product, quantity, unit, price, tax, discount = [*parts, "", "", ""][:6]
    untaxed = words.choice("vat_category", tax)
    rate = None if untaxed or not tax else _number(tax, text, country) / 100
    return TypedLine(
        product, _number(quantity, text, country), unit, _number(price, text, country), rate,
        _number(discount or "0", text, country) / 100, untaxed,
    )  # fmt: skip


def rows_of(text: str) -> tuple[int, ...]:
    """Excel rows as typed: "12,15-18". CrmError "issuing.rows" for anything else."""
    found: list[int] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        first, _, last = part.partition("-")
        if not first.isdecimal() or not (last or first).isdecimal() or len(part) > 15:
            raise CrmError("issuing.rows", rows=text)
        found += range(int(first), min(int(last or first), int(first) + 100_000) + 1)
    return tuple(dict.fromkeys(found))


def _number(text: str, line: str, country: str) -> Decimal:
    plain = text.replace("%", "").strip()
    if not money.is_valid(plain, country):
        raise CrmError("issuing.line", line=line)
    return money.validate(plain, country)
