"""Issue of documents as a plan: numbers, rows of Documents and DocumentLines, marks in Purchases, and the papers.

Pure: the numbers on record and the printer are handed in. What the plan names is what a dry run shows, so a person sees
what is selected and what will happen before a number is taken.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from xlcrm import words
from xlcrm.documents.business_document import BusinessDocument, DocumentLine, SellerFacts
from xlcrm.documents.document_states import document_states
from xlcrm.documents.invoice_money import line_amount
from xlcrm.errors import CrmError
from xlcrm.issuing import document_drafts, standing
from xlcrm.issuing.buyers import buyers
from xlcrm.issuing.document_drafts import DocumentDraft, reckoned
from xlcrm.issuing.document_rows import document_row, documents_of, frame_of, line_rows
from xlcrm.issuing.einvoice_issue import EInvoicing
from xlcrm.issuing.issue_order import IssueMeans, IssueOrder
from xlcrm.issuing.numbering import Numberer, in_workbook, parsed
from xlcrm.issuing.open_lines import (
    BILLED,
    DELIVERED,
    OpenLines,
    billed,
    changed_there,
    lines_of_source,
    of_shown_rows,
    open_lines,
    prints,
    shown_rows,
)
from xlcrm.issuing.seller_facts import refuse_if_missing, seller_of
from xlcrm.plan import Added, Change, Issue, Plan
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import LineSource, Table, Tables
from xlcrm.text import caseless
from xlcrm.values import as_text

NEEDED = ("Documents", "DocumentLines", "Payments", "Seller", "Purchases")
_OF_PURCHASES = ("invoice", "delivery")  # made of what was bought; an offer or an order comes before that
_SHOWN = 12


def plan(tables: Tables, order: IssueOrder, means: IssueMeans, *, settings: Settings, today: dt.date) -> Plan:
    """The plan that issues what `order` wants.

    A group of lines in which one can't be billed gets no document, its problems are in the plan; the others do.
    CrmError "issuing.no_sheets" where the workbook has no such tables, "issuing.seller" where facts of the seller are
    missing, "issuing.date_back" where a later document of the series is there already.
    """
    refuse_without_tables(tables, settings.language)
    seller = seller_of(tables, settings)
    refuse_if_missing(seller, order.kind, settings.language)
    date = order.date or today
    if date > today and order.kind in ("invoice", "credit"):
        raise CrmError("issuing.date_ahead", date=date.isoformat())
    documents = documents_of(tables)
    tables, order = _with_lines(tables, order)
    drafts, problems = _drafts(tables, documents, order, seller, settings, date)
    einvoices = EInvoicing(tables, documents, seller, settings, means.files)
    found, notes = einvoices.checked(drafts)
    good = [draft for draft in found if not draft.problems]
    grave = [problem for draft in found for problem in draft.problems]
    numbered = _numbered(good, tables, documents, order, means, seller)
    asked = [*problems, *dict.fromkeys(grave), *notes]
    return _plan(tables, numbered, asked, means, seller, settings, today, einvoices)


def _with_lines(tables: Tables, order: IssueOrder) -> tuple[Tables, IssueOrder]:
    """The tables with the lines of the clients concerned as Purchases where these come from a source, and the order.

    Rows of the order are rows of the view on the sheet; they become those of the same lines.
    """
    source = tables.source
    if source is None:
        return tables, order
    ids = _concerned(order, tables, source)
    lines = lines_of_source(source, ids)
    places = of_shown_rows(source, lines, order.rows)
    order = replace(order, rows=tuple(lines.excel_row(place) for place in places))
    known = Tables(tables.names, lambda name: lines if name == "Purchases" else tables[name], tables.identity, source)
    return known, order


def _concerned(order: IssueOrder, tables: Tables, source: LineSource) -> Collection[str] | None:
    """The clients whose lines an order is made of, None for everybody with open ones."""
    if order.rows:
        rows = [row - source.sheet.first_row for row in order.rows if row in shown_rows(source.sheet)]
        return set(as_text(source.sheet.frame.loc[rows, "client_id"]).str.strip()) - {""}
    if order.from_number or order.lines or order.kind not in _OF_PURCHASES:
        return ()
    named = {caseless(one.strip()) for one in order.clients}
    ids = as_text(tables["Clients"].frame["client_id"]).str.strip()
    return {one for one in ids if caseless(one) in named} if named else None


def refuse_without_tables(tables: Tables, language: str) -> None:
    """CrmError "issuing.no_sheets" with the sheets that the workbook lacks."""
    missing = [words.title(name, language) for name in NEEDED if name not in tables]
    if missing:
        raise CrmError("issuing.no_sheets", sheets=", ".join(missing))


def _drafts(
    tables: Tables, documents: Sequence[BusinessDocument], order: IssueOrder, seller: SellerFacts, settings: Settings,
    date: dt.date,
) -> tuple[list[DocumentDraft], list[Problem]]:  # fmt: skip
    if order.from_number:
        source = named(documents, order.from_number)
        draft = document_drafts.from_document(source, documents, seller, order, date)
        return [_of_purchases(draft, tables["Purchases"], documents)], []
    known = buyers(tables, settings)
    clients = [_client(id_, known) for id_ in order.clients]
    _refuse_unclear(order, clients, settings.language)
    if order.lines:
        return [document_drafts.from_typed(known[clients[0]], seller, order, date)], []
    held = _open(tables["Purchases"], documents, order, settings, date)
    lines = [one for one in held.lines if not clients or one.client_id in clients]
    wanted = [problem for problem in held.problems if not clients or _of(problem, tables) in clients]
    if tables.source is not None:
        wanted = [problem._replace(row=0, key=_of(problem, tables)) for problem in wanted]
    return document_drafts.from_purchases(lines, known, seller, order, date), wanted


def _refuse_unclear(order: IssueOrder, clients: Sequence[str], language: str) -> None:
    """CrmError where it isn't said what the document is made of."""
    if order.lines and len(clients) != 1:
        raise CrmError("issuing.one_client")
    if order.kind == "credit":
        raise CrmError("issuing.which_invoice")
    if order.kind not in _OF_PURCHASES and not order.rows and not order.lines:
        raise CrmError("issuing.what", kind=words.choice_word("document", order.kind, language))


def _open(
    purchases: Table, documents: Sequence[BusinessDocument], order: IssueOrder, settings: Settings, date: dt.date
) -> OpenLines:
    chosen = [row - purchases.first_row for row in order.rows]
    outside = [row for row, place in zip(order.rows, chosen, strict=True) if not 0 <= place < len(purchases.frame)]
    if outside:
        raise CrmError("issuing.no_row", row=outside[0], sheet=purchases.sheet)
    held = open_lines(
        purchases, documents, today=pd.Timestamp(date), currency=settings.currency, country=settings.country,
        chosen=chosen or None, kinds=DELIVERED if order.kind == "delivery" else BILLED,
    )  # fmt: skip
    return held if chosen or purchases.elsewhere is None else _unlike_billed(held, purchases, documents)


def _unlike_billed(held: OpenLines, purchases: Table, documents: Sequence[BusinessDocument]) -> OpenLines:
    """Without lines that seem to be on an invoice already, as they were before somebody changed them in the source."""
    doubtful = changed_there(purchases, documents)
    asked = tuple(
        Problem(
            "issuing.changed_there", "Purchases", purchases.excel_row(one.position), one.client_id, "product",
            one.product, level="doubt", values=(("number", doubtful[one.position]),),
        )
        for one in held.lines if one.position in doubtful
    )  # fmt: skip
    return OpenLines(tuple(one for one in held.lines if one.position not in doubtful), (*held.problems, *asked))


def _of_purchases(draft: DocumentDraft, purchases: Table, documents: Sequence[BusinessDocument]) -> DocumentDraft:
    """A draft made from another document, with the rows that it bills; a line billed since is a problem."""
    document = draft.document
    if document.kind != "invoice":
        return draft
    taken = billed(documents)
    twice = [
        Problem("issuing.invoiced_already", "Purchases", key=document.buyer.client_id, value=taken[one.purchase])
        for one in document.lines
        if one.purchase in taken
    ]
    wanted = {one.purchase for one in document.lines} - {""}
    marks = prints(purchases)
    positions = tuple(int(str(place)) for place in marks.index[marks.isin(wanted)])
    return replace(draft, positions=positions, problems=(*draft.problems, *twice))


def _of(problem: Problem, tables: Tables) -> str:
    """The client of the line that a problem is about."""
    purchases = tables["Purchases"]
    place = problem.row - purchases.first_row
    return str(as_text(purchases.frame["client_id"]).str.strip().iloc[place])


def named(documents: Sequence[BusinessDocument], number: str) -> BusinessDocument:
    """The document of a number; CrmError "issuing.unknown" where there is none."""
    wanted = caseless(number.strip())
    for one in documents:
        if caseless(one.number) == wanted:
            return one
    raise CrmError("issuing.unknown", number=number)


def _client(wanted: str, known: dict[str, Any]) -> str:
    for id_ in known:
        if caseless(id_) == caseless(wanted.strip()):
            return str(id_)
    raise CrmError("issuing.unknown_client", client=wanted)


def _numbered(
    good: Sequence[DocumentDraft], tables: Tables, documents: Sequence[BusinessDocument], order: IssueOrder,
    means: IssueMeans, seller: SellerFacts,
) -> list[DocumentDraft]:  # fmt: skip
    """The drafts with their numbers, in their order. CrmError "issuing.date_back" where they would go back in time."""
    series = order.series or dict(seller.series)[order.kind]
    there = tables.source.numbers(series) if tables.source else ()
    numberer = Numberer((*means.taken, *in_workbook(tables), *filter(None, map(parsed, there))))
    numbered = []
    for draft in good:
        document = draft.document
        year = document.date.year
        _refuse_if_back(document, documents, series)
        number = numberer.next(series, year)
        issued = replace(document, number=str(number), series=series, year=year, sequence=number.sequence)
        numbered.append(replace(draft, document=issued))
    return numbered


def _refuse_if_back(document: BusinessDocument, documents: Sequence[BusinessDocument], series: str) -> None:
    """Numbers of invoices go with their dates: the law of most countries wants it."""
    if document.kind not in ("invoice", "credit"):
        return
    place = (series.casefold(), document.date.year)
    later = [one for one in documents if (one.series.casefold(), one.year) == place and one.date > document.date]
    if later:
        raise CrmError("issuing.date_back", number=later[-1].number, date=max(one.date for one in later).isoformat())


def _plan(
    tables: Tables, numbered: Sequence[DocumentDraft], problems: Sequence[Problem], means: IssueMeans,
    seller: SellerFacts, settings: Settings, today: dt.date, einvoices: EInvoicing,
) -> Plan:  # fmt: skip
    issues: list[Issue] = []
    rows: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    for draft in numbered:
        files, row = _issued(draft.document, means, seller, einvoices, settings.language)
        issues += files
        rows.append(row)
        lines += line_rows(draft.document)
    notes = [_note(draft.document, len(draft.positions), settings.language) for draft in numbered[:_SHOWN]]
    if len(numbered) > _SHOWN:
        notes.append(("issuing.more", {"n": len(numbered) - _SHOWN}))
    notes += einvoices.notes(numbered[0].document.kind if numbered else "")
    if not numbered:
        return Plan("issue", problems=tuple(problems), notes=(("issuing.nothing", {}),), nothing_to_do=True)
    made = frame_of(_with_states(rows, tables, settings.language, today), tables["Documents"])
    added = [Added("Documents", made), Added("DocumentLines", frame_of(lines, tables["DocumentLines"]))]
    follows = standing.plan(tables, settings=settings, today=today, added=added)
    return Plan(
        "issue",
        changes=follows.changes,
        added=(*added, *_returned(tables["Purchases"], numbered)),
        problems=tuple(problems),
        notes=(*notes, *_not_returned(tables, numbered)),
        issues=tuple(issues),
    )


def _issued(
    document: BusinessDocument, means: IssueMeans, seller: SellerFacts, einvoices: EInvoicing, language: str
) -> tuple[list[Issue], dict[str, object]]:
    """The number with its files where there is a printer (a dry run has none), and the row of the document."""
    where = document.number, document.series, document.year, document.sequence
    printed = means.press(document, seller) if means.press else None
    folder, safe = f"{means.folder}/{document.year}", safe_name(document.number)
    electronic = einvoices.file(document, printed, folder, safe)
    paper = electronic.paper
    if paper is None:
        return [Issue(*where)], document_row(document, file="", sha256="", language=language)
    issue = Issue(*where, f"{folder}/{safe}{paper.suffix}", paper.content)
    beside = [Issue(*where, electronic.file, electronic.content)] if electronic.file else []
    sha256 = hashlib.sha256(paper.content).hexdigest()
    inside = (issue.file, sha256) if electronic.inside else ("", "")
    row = document_row(
        document, file=issue.file, sha256=sha256, language=language,
        einvoice=electronic.file or inside[0], einvoice_sha256=electronic.sha256 or inside[1],
    )  # fmt: skip
    return [issue, *beside], row


def safe_name(number: str) -> str:
    """A number as the name of a file."""
    return "".join("_" if c in '\\/:*?"<>|' or ord(c) < 32 else c for c in number)


def _with_states(
    rows: Sequence[dict[str, object]], tables: Tables, language: str, today: dt.date
) -> list[dict[str, object]]:
    """The rows with what is calculated of them: status, paid, open."""
    states = document_states(pd.DataFrame(list(rows), dtype=object), tables["Payments"].frame, today)
    word = partial(words.choice_word, "document_status", language=language)
    return [
        {**row, "status": word(status), "paid": float(paid), "open": float(due)}
        for row, status, paid, due in zip(rows, states["status"], states["paid"], states["open"], strict=True)
    ]  # fmt: skip


def _note(document: BusinessDocument, lines: int, language: str) -> tuple[str, dict[str, object]]:
    return "issuing.issued", {
        "kind": words.choice_word("document", document.kind, language),
        "number": document.number,
        "buyer": document.buyer.name,
        "lines": len(document.lines),
        "gross": f"{document.gross:.2f}",
        "currency": document.currency,
        "date": document.date.isoformat(),
        "purchases": lines,
    }


def cells_changed(table: Table, column: str, cells: dict[int, object]) -> list[Change]:
    """A change of some cells of a column by their positions, where the table has it and no formula fills it."""
    if not cells or column not in table.frame or column in table.formulas:
        return []
    index = pd.Index(sorted(cells), dtype="int64")
    after = pd.Series([cells[place] for place in index], index=index, dtype=object)
    before = table.frame[column].iloc[index].set_axis(index)
    keys = as_text(table.frame[table.frame.columns[0]].iloc[index]).set_axis(index)
    return [Change(table.name, column, before, after, keys)]


def _returned(purchases: Table, numbered: Sequence[DocumentDraft]) -> list[Added]:
    """Rows of Purchases for lines that have none there, but in a source, which is never written."""
    rows = [_purchase(document, one) for document, one in _without_purchase(numbered)]
    return [Added("Purchases", frame_of(rows, purchases))] if rows and purchases.elsewhere is None else []


def _not_returned(tables: Tables, numbered: Sequence[DocumentDraft]) -> list[tuple[str, dict[str, object]]]:
    """That the lines which would be rows of Purchases are to be entered in the source."""
    many = len(_without_purchase(numbered)) if tables.source else 0
    return (
        [("issuing.not_in_source", {"n": many, "source": tables.source.address if tables.source else ""})]
        if many
        else []
    )


def _without_purchase(numbered: Sequence[DocumentDraft]) -> list[tuple[BusinessDocument, DocumentLine]]:
    """The lines that have no row in Purchases: sold without one, or given back by a credit note."""
    billing = (draft.document for draft in numbered if draft.document.kind in ("invoice", "credit"))
    return [(document, one) for document in billing for one in document.lines if not one.purchase]


def _purchase(document: BusinessDocument, one: DocumentLine) -> dict[str, object]:
    return {
        "invoice": document.number,
        "client_id": document.buyer.client_id,
        "date": pd.Timestamp(document.date),
        "product": one.product,
        "quantity": float(one.quantity),
        "amount": float(line_amount(reckoned(one), document.currency)),
        "currency": document.currency,
        "invoiced_on": pd.Timestamp(document.date),
        "due_on": pd.Timestamp(document.due_on) if document.due_on else None,
        "unit": one.unit or None,
        "document": document.number,
    }
