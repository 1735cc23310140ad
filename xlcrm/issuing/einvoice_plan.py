"""E-invoice of a document that is issued already, as a plan: the file and its two cells, and no other cell.

For documents from before there were e-invoices, for clients whose facts were missing, and where an exchange refused the
file: it wants another one under another name. The document stays as it is.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from xlcrm.documents.business_document import BusinessDocument, IssuedFile
from xlcrm.einvoices.exchange_format import INSIDE
from xlcrm.errors import CrmError
from xlcrm.issuing.document_rows import documents_of, rows_of, text
from xlcrm.issuing.einvoice_issue import OWED, EInvoiceFile, EInvoicing
from xlcrm.issuing.issue_order import IssueMeans
from xlcrm.issuing.issue_plan import cells_changed, named, refuse_without_tables, safe_name
from xlcrm.issuing.seller_facts import seller_of
from xlcrm.plan import Change, Issue, Plan
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import as_text

COLUMNS = ("einvoice", "einvoice_hash")


def plan(tables: Tables, number: str, means: IssueMeans, *, settings: Settings) -> Plan:
    """The plan that writes the e-invoice of `number`; what its client or the seller lacks is in it as Problems.

    Without `means.stored` no file is made: a dry run. CrmError "einvoice.no_column" in an older workbook,
    "issuing.unknown" and "einvoice.no_invoice" for other numbers, "einvoice.none_wanted" where no format is asked for,
    "einvoice.no_pdf" where the invoice goes into a PDF that is not there any more.
    """
    refuse_without_tables(tables, settings.language)
    if not set(COLUMNS) <= set(tables["Documents"].frame.columns):
        raise CrmError("einvoice.no_column")
    documents, seller = documents_of(tables), seller_of(tables, settings)
    found = named(documents, number)
    if found.kind not in OWED:
        raise CrmError("einvoice.no_invoice", number=found.number)
    einvoices = EInvoicing(tables, documents, seller, settings, means.files)
    document = replace(found, einvoice=einvoices.format(found))
    if not document.einvoice:
        raise CrmError("einvoice.spain" if seller.country == "ES" else "einvoice.none_wanted", number=found.number)
    problems = einvoices.problems(document)
    if any(problem.level != "note" for problem in problems):
        return Plan("einvoice", problems=problems, nothing_to_do=True)
    made = _file(document, tables, means, einvoices)
    notes = tuple(einvoices.notes(document.kind))
    if not made.content:
        return Plan("einvoice", problems=problems, notes=notes)
    where = document.number, document.series, document.year, document.sequence
    issue = Issue(*where, made.file, made.content)
    return Plan("einvoice", _cells(document.number, made, tables), problems=problems, notes=notes, issues=(issue,))


def _file(document: BusinessDocument, tables: Tables, means: IssueMeans, einvoices: EInvoicing) -> EInvoiceFile:
    """The file; of a format that stands in the PDF another PDF, because the issued one stays as it is."""
    folder, safe = f"{means.folder}/{document.year}", safe_name(document.number)
    paper = _paper(document, tables, means)
    made = einvoices.file(document, paper, folder, safe)
    if document.einvoice not in INSIDE or made.paper is None:
        return made
    place = einvoices.free(f"{folder}/{safe} {document.einvoice}.pdf")
    return EInvoiceFile(paper, place, made.paper.content)


def _paper(document: BusinessDocument, tables: Tables, means: IssueMeans) -> IssuedFile | None:
    """The issued PDF where it is needed, else one without a page; None in a dry run."""
    if means.stored is None:
        return None
    if document.einvoice not in INSIDE:
        return IssuedFile(b"", ".pdf")
    row = next(row for row in rows_of(tables["Documents"]) if text(row, "number") == document.number)
    content = means.stored(text(row, "file"))
    if hashlib.sha256(content).hexdigest() != text(row, "hash"):
        raise CrmError("einvoice.no_pdf", number=document.number, file=text(row, "file") or "-")
    return IssuedFile(content, ".pdf")


def _cells(number: str, made: EInvoiceFile, tables: Tables) -> tuple[Change, ...]:
    """The two cells of the document's row: the file, and its checksum."""
    table = tables["Documents"]
    place = list(as_text(table.frame["number"]).str.strip()).index(number)
    pairs = zip(COLUMNS, (made.file, made.sha256), strict=True)
    return tuple(change for column, cell in pairs for change in cells_changed(table, column, {place: cell}))
