"""E-invoices of an issue: which drafts get one, what keeps them from it, and the files that go with the papers.

What is missing is said before a number is taken: that draft gets no document, the others do. The files are made once
the number stands, and share its fate: written hidden, on record, renamed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from xlcrm import words
from xlcrm.documents.business_document import BusinessDocument, IssuedFile, SellerFacts
from xlcrm.einvoices.exchange_format import (
    INSIDE,
    embedded,
    exchange_file,
    exchange_format,
)
from xlcrm.einvoices.exchange_invoice import ExchangeInvoice
from xlcrm.einvoices.exchange_parties import exchange_invoice
from xlcrm.einvoices.fatturapa import file_name, next_progressive
from xlcrm.einvoices.latin_letters import changed, latin
from xlcrm.einvoices.missing_facts import KnownPlaces, missing_facts
from xlcrm.issuing.document_drafts import DocumentDraft
from xlcrm.lists.recipients import texts
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.text import numbered
from xlcrm.values import as_text, text_of

ITALIAN = "fatturapa"
OWED = ("invoice", "credit")
Note = tuple[str, dict[str, object]]
_SHOWN = 12
_WORDS_SHOWN = 3


@dataclass(frozen=True)
class EInvoiceFile:
    """The e-invoice of a document: a file beside its paper, or the paper itself with the invoice inside (`file` "").

    paper    None where nothing is printed: a dry run
    inside   the paper has it
    """

    paper: IssuedFile | None
    file: str = ""
    content: bytes = b""
    inside: bool = False

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest() if self.content else ""


class EInvoicing:
    """E-invoices of one run; `files` are those on record, whose names no other file gets."""

    def __init__(
        self, tables: Tables, documents: Sequence[BusinessDocument], seller: SellerFacts, settings: Settings,
        files: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._documents, self._seller, self._language = documents, seller, settings.language
        clients = tables["Clients"]
        self._clients = {
            str(row["client_id"]): (clients.excel_row(place), {str(k): str(v) for k, v in row.items()})
            for place, row in enumerate(texts(clients).to_dict("records"))
        }
        self._typed_at = _setting_rows(tables)
        named = tables["Documents"].frame
        self._files = [*files, *(as_text(named["einvoice"]) if "einvoice" in named else ())]
        self._notes: list[Note] = []

    def checked(self, drafts: Sequence[DocumentDraft]) -> tuple[list[DocumentDraft], list[Problem]]:
        """The drafts with their formats; those that lack something with their problems. The list has mere notes."""
        made: list[DocumentDraft] = []
        mere: list[Problem] = []
        for draft in drafts:
            wanted = draft.document.kind in OWED and not draft.problems
            one, found = self._checked(draft) if wanted else (draft, ())
            made.append(one)
            mere += found
        return made, list(dict.fromkeys(mere))

    def _checked(self, draft: DocumentDraft) -> tuple[DocumentDraft, tuple[Problem, ...]]:
        document = replace(draft.document, einvoice=self.format(draft.document))
        found = self.problems(document) if document.einvoice else ()
        grave = tuple(problem for problem in found if problem.level != "note")
        return replace(draft, document=document, problems=grave), () if grave else found

    def format(self, document: BusinessDocument) -> str:
        """The format that a document's client gets, "" for none."""
        _, client = self._client(document)
        return exchange_format(self._seller, client)

    def problems(self, document: BusinessDocument) -> tuple[Problem, ...]:
        """What a document lacks for its format."""
        row, client = self._client(document)
        series = document.series or dict(self._seller.series).get(document.kind, "")
        places = KnownPlaces(client, row, self._typed_at, series, self._language)
        return missing_facts(self._invoice(document), places)

    def file(self, document: BusinessDocument, paper: IssuedFile | None, folder: str, name: str) -> EInvoiceFile:
        """The e-invoice of a numbered document; `folder` and `name` are those of its paper."""
        if document.einvoice in INSIDE:
            return self._inside(document, paper)
        if not document.einvoice:
            return EInvoiceFile(paper)
        italian = document.einvoice == ITALIAN
        invoice = self._invoice(document, next_progressive(self._files) if italian else "")
        file = file_name(invoice) if italian else f"{name}.xml"
        place = self.free(f"{folder}/{file}")
        self._files.append(place)
        self._note("einvoice.written", document, file=file)
        if italian:
            self._say_changed(document, invoice)
        return EInvoiceFile(paper, place, exchange_file(invoice).content if paper is not None else b"")

    def free(self, place: str) -> str:
        """A place for a file that no file on record has: itself, else with a number before its ending."""
        stem, _, ending = place.rpartition(".")
        taken = [file.rpartition(".")[0] for file in self._files if file.endswith(f".{ending}")]
        return f"{numbered([*dict.fromkeys(taken), stem])[-1]}.{ending}"

    def _inside(self, document: BusinessDocument, paper: IssuedFile | None) -> EInvoiceFile:
        self._note("einvoice.inside", document)
        if paper is None or paper.suffix != ".pdf":
            return EInvoiceFile(paper)
        return EInvoiceFile(embedded(paper, self._invoice(document)), inside=True)

    def _note(self, key: str, document: BusinessDocument, **values: object) -> None:
        self._notes.append((key, {"number": document.number, "format": _shown(document.einvoice), **values}))

    def _say_changed(self, document: BusinessDocument, invoice: ExchangeInvoice) -> None:
        """Which texts stand there in another form than they were typed in."""
        typed = (invoice.buyer.name, invoice.buyer.street, invoice.buyer.city, *(one.product for one in document.lines))
        other = [f"{text} -> {latin(text)}" for text in dict.fromkeys(typed) if changed(text)]
        if other:
            what = "; ".join(other[:_WORDS_SHOWN]) + ("; ..." if len(other) > _WORDS_SHOWN else "")
            self._note("einvoice.transliterated", document, what=what)

    def notes(self, kind: str) -> list[Note]:
        """What is said of a run that issued documents of a kind: files and formats, and in Spain why there are none."""
        said = self._notes[:_SHOWN]
        if len(self._notes) > _SHOWN:
            said = [*said, ("einvoice.more", {"n": len(self._notes) - _SHOWN})]
        if kind in OWED and self._seller.country == "ES" and not self._seller.einvoice:
            said = [*said, ("einvoice.spain", {})]
        return said

    def _client(self, document: BusinessDocument) -> tuple[int, dict[str, str]]:
        row, cells = self._clients.get(document.buyer.client_id, (0, {}))
        return row, {**cells, "einvoice": words.choice("einvoice", cells.get("einvoice", ""))}

    def _invoice(self, document: BusinessDocument, progressive: str = "") -> ExchangeInvoice:
        _, client = self._client(document)
        return exchange_invoice(document, client, self._seller, self._documents, progressive=progressive)


def _shown(format: str) -> str:  # noqa: A002 - the word of the sheets
    """A format by the name that people know it by."""
    return words.choice_word("einvoice", format)


def _setting_rows(tables: Tables) -> dict[tuple[str, str], int]:
    """(table, setting) -> the Excel row where it is typed."""
    return {
        (name, words.setting_of(text_of(label))): tables[name].excel_row(place)
        for name in ("Seller", "Settings")
        if name in tables and "setting" in tables[name].frame
        for place, label in enumerate(tables[name].frame["setting"])
    }
