"""Drafts of documents: lines gathered from purchases, typed lines or an earlier document, taxed and summed up.

A draft has no number. Whoever has a line that can't be billed gets no document in this run: what is wrong is said, and
nothing is left out in silence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from xlcrm.documents import invoice_money
from xlcrm.documents.business_document import BusinessDocument, Buyer, DocumentLine, SellerFacts
from xlcrm.documents.invoice_money import InvoiceLine
from xlcrm.documents.law_words import nature_category, nature_words
from xlcrm.documents.vat_treatment import Treatment, treatment
from xlcrm.errors import CrmError
from xlcrm.issuing.issue_order import IssueOrder, TypedLine
from xlcrm.issuing.open_lines import OpenLine
from xlcrm.problems import Problem

# which documents one may be made from
SOURCES = {
    "order": ("offer",),
    "delivery": ("offer", "order"),
    "invoice": ("offer", "order", "delivery"),
    "credit": ("invoice",),
}


@dataclass(frozen=True)
class DocumentDraft:
    """A document without a number; `positions` are the rows of Purchases that it bills."""

    document: BusinessDocument
    positions: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()


def from_purchases(
    lines: Sequence[OpenLine], known: Mapping[str, Buyer], seller: SellerFacts, order: IssueOrder, date: dt.date
) -> list[DocumentDraft]:
    """A draft for each client and currency, by the buyers' names. A client whom nobody knows is a problem."""
    groups: dict[tuple[str, str], list[OpenLine]] = {}
    for one in lines:
        groups.setdefault((one.client_id, one.currency), []).append(one)
    drafts = []
    for (client, currency), group in groups.items():
        buyer = known.get(client, Buyer(client, client_id=client))
        made = [
            DocumentLine(
                number, one.product, one.quantity, one.unit_price, one.unit, category=one.category,
                rate=Decimal(-1) if one.rate is None else one.rate, purchase=one.print,
            )
            for number, one in enumerate(group, 1)
        ]  # fmt: skip
        problems = () if client in known else (Problem("issuing.no_client", "Purchases", key=client),)
        draft = _drafted(order.kind, made, buyer, currency, seller, order, date)
        drafts.append(
            replace(draft, positions=tuple(one.position for one in group), problems=(*problems, *draft.problems))
        )
    return sorted(drafts, key=lambda one: (one.document.buyer.name.casefold(), one.document.buyer.client_id))


def from_typed(buyer: Buyer, seller: SellerFacts, order: IssueOrder, date: dt.date) -> DocumentDraft:
    """A draft of typed lines."""
    made = [_typed(number, one) for number, one in enumerate(order.lines, 1)]
    return _drafted(order.kind, made, buyer, seller.currency, seller, order, date)


def _typed(number: int, one: TypedLine) -> DocumentLine:
    rate = Decimal(-1) if one.rate is None else one.rate
    return DocumentLine(number, one.product, one.quantity, one.unit_price, one.unit, one.discount, one.category, rate)


def from_document(
    source: BusinessDocument, documents: Sequence[BusinessDocument], seller: SellerFacts, order: IssueOrder,
    date: dt.date,
) -> DocumentDraft:  # fmt: skip
    """A draft of the lines of an earlier document; CrmError where it can't be made of that, or was made already."""
    if source.kind not in SOURCES.get(order.kind, ()):
        raise CrmError("issuing.from_kind", number=source.number)
    if order.kind == "credit":
        return _credit(source, documents, seller, order, date)
    later = next((one for one in documents if one.from_number == source.number and one.kind == order.kind), None)
    if later is not None:
        raise CrmError("issuing.made_already", number=source.number, later=later.number)
    made = [replace(one, net=Decimal(0)) for one in source.lines]
    draft = _drafted(order.kind, made, source.buyer, source.currency, seller, order, date)
    return replace(draft, document=replace(draft.document, from_number=source.number))


def _credit(
    source: BusinessDocument, documents: Sequence[BusinessDocument], seller: SellerFacts, order: IssueOrder,
    date: dt.date,
) -> DocumentDraft:  # fmt: skip
    """The lines of an invoice with negative quantities, but for those that another credit note has already."""
    earlier = [one for one in documents if one.kind == "credit" and one.corrects == source.number]
    gone = {(line.product, line.unit_price, -line.quantity) for one in earlier for line in one.lines}
    left = [
        one
        for one in source.lines
        if (one.product, one.unit_price, one.quantity) not in gone and (not order.only or one.line in order.only)
    ]
    if not left:
        raise CrmError("issuing.credited_already", number=source.number)
    made = [
        replace(one, line=n, quantity=-one.quantity, purchase=one.purchase if order.again else "", net=Decimal(0))
        for n, one in enumerate(left, 1)
    ]
    draft = _drafted("credit", made, source.buyer, source.currency, seller, order, date)
    return replace(draft, document=replace(draft.document, corrects=source.number, from_number=source.number))


def _drafted(
    kind: str, lines: Sequence[DocumentLine], buyer: Buyer, currency: str, seller: SellerFacts, order: IssueOrder,
    date: dt.date,
) -> DocumentDraft:  # fmt: skip
    taxed, problems = _taxed(lines, buyer, seller, date)
    sums = [reckoned(one) for one in taxed]
    problems += [_problem(code, buyer, taxed[line - 1].product) for line, code in invoice_money.refused(sums)]
    if problems:
        return DocumentDraft(BusinessDocument(kind, date, buyer, currency, tuple(taxed)), problems=tuple(problems))
    found = invoice_money.totals(sums, currency, with_vat=seller.prices_with_vat)
    final = tuple(replace(one, net=net) for one, net in zip(taxed, found.nets, strict=True))
    days = seller.offer_days if kind == "offer" else seller.payment_days
    document = BusinessDocument(
        kind, date, buyer, currency, final, found.net, found.vat, found.payable,
        due_on=order.due_on or _due(kind, date, days),
    )  # fmt: skip
    if kind == "invoice" and document.gross < 0:
        return DocumentDraft(document, problems=(_problem("issuing.negative", buyer, str(document.gross)),))
    return DocumentDraft(document)


def _due(kind: str, date: dt.date, days: int) -> dt.date | None:
    """Until when an offer holds, or an invoice is to be paid; None for the others."""
    return date + dt.timedelta(days=days) if kind in ("offer", "invoice") else None


def _taxed(
    lines: Sequence[DocumentLine], buyer: Buyer, seller: SellerFacts, date: dt.date
) -> tuple[list[DocumentLine], list[Problem]]:
    """The lines with VAT: what is typed goes first, then the rule; what the rule doubts is asked."""
    rule = treatment(seller, buyer, date)
    made: list[DocumentLine] = []
    doubts: list[Problem] = []
    for one in lines:
        typed = one.category or ("S" if one.rate > 0 else "")
        if not typed and rule.doubt:
            doubts.append(_problem(rule.doubt, buyer, one.product))
        made.append(_with_vat(one, typed or rule.category, rule, buyer.language))
    return made, doubts[:1]


def _with_vat(one: DocumentLine, category: str, rule: Treatment, language: str) -> DocumentLine:
    """A line in its category: the rate of the rule where none is typed, and its reason where no VAT is charged.

    `category` may be an Italian nature, which stands for its category and says the reason.
    """
    behind = nature_category(category)
    if behind:
        reason = one.exemption or nature_words(category, language)
        return replace(one, category=behind, rate=max(one.rate, Decimal(0)), exemption=reason, nature=category)
    rate = rule.rate if one.rate < 0 and category == "S" else max(one.rate, Decimal(0))
    reason = rule.exemption if category == rule.category else ""
    return replace(one, category=category, rate=rate, exemption=one.exemption or reason)


def reckoned(one: DocumentLine) -> InvoiceLine:
    """A line for the reckoning of money."""
    return InvoiceLine(one.line, one.quantity, one.unit_price, one.rate, one.category, one.discount, one.exemption)


def _problem(code: str, buyer: Buyer, value: str) -> Problem:
    values = (("country", buyer.country), ("buyer", buyer.name))
    return Problem(code, "Clients", key=buyer.client_id, value=value, values=values)
