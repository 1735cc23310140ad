"""Press of business documents: an offer, invoice or reminder as a PDF, printed by typst with logo and payment code.

The content is worked out by `documents.paper_content`; here it meets the layout, the logo file and the QR codes.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from types import TracebackType
from typing import Any

from xlcrm import messages
from xlcrm.documents.business_document import BusinessDocument, Buyer, IssuedFile, SellerFacts
from xlcrm.documents.paper_content import document_content, document_totals, payment_words, reminder_content
from xlcrm.documents.payment_qr import (
    PayParty,
    compact_iban,
    creditor_reference,
    epc_text,
    grouped,
    is_qr_iban,
    qr_reference,
    reference_kind,
    swiss_text,
)  # fmt: skip
from xlcrm.documents.reminder_rules import Reminder
from xlcrm.errors import CrmError
from xlcrm.files.template_files import shipped
from xlcrm.papers.letter_window import letter_window
from xlcrm.papers.paper_data import paper_of
from xlcrm.papers.paper_texts import PaperTemplate
from xlcrm.papers.typst_engine import DATA, MissingGlyphs, TypstEngine, TypstPart

LAYOUT = "documents.typ"
_SLIP = ("receipt", "part", "account", "reference", "further", "by", "by_blank", "currency", "amount", "point")


class DocumentPress:
    """A press for one run: `with DocumentPress(templates) as press: press.paper(document, seller)`.

    templates  the team's own, file name -> template: invoice.typ, offer.typ, ..., documents.typ for all; ours else
    logo       the bytes of the seller's logo (png, jpg or svg), b"" for none; its name is `seller.logo`
    window     where the address stands (see `letter_window`)
    """

    def __init__(
        self, templates: Mapping[str, PaperTemplate] | None = None, *, logo: bytes = b"", window: str = "din-b"
    ) -> None:
        self._engine = TypstEngine()
        self._templates, self._logo, self._window = templates or {}, logo, letter_window(window)

    def __enter__(self) -> DocumentPress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.end()

    def paper(self, document: BusinessDocument, seller: SellerFacts) -> IssuedFile:
        """The PDF of a document; CrmError "papers.*" where it can't be printed whole: nothing is cut."""
        found = document_totals(document, seller)
        payable = found.payable - abs(document.split_vat)
        pay = document.kind == "invoice" and payable > 0 and bool(seller.iban)
        payment = _payment(document, seller, payable) if pay else _no_payment()
        content = {**document_content(document, seller, found), **payment}
        return self._printed(document.kind, content, seller, document.number or document.kind)

    def reminder(self, reminder: Reminder, buyer: Buyer, seller: SellerFacts, *, today: dt.date) -> IssuedFile:
        """The PDF of a reminder, with the sum that it claims as a payment."""
        content = {**reminder_content(reminder, buyer, seller, today), **_no_payment()}
        if seller.iban:
            number = ", ".join(item.number for item in reminder.items if item.open > 0 and item.number)
            language, currency = buyer.language, reminder.currency
            content |= _account(seller, number, reminder.total, currency, language)
            content["payment"] = payment_words(reminder.total, number, None, language, currency, seller.country)
        return self._printed("reminder", content, seller, buyer.name)

    def _printed(self, kind: str, content: dict[str, Any], seller: SellerFacts, name: str) -> IssuedFile:
        files = {LAYOUT: (DATA / "typst" / LAYOUT).read_bytes()}
        logo = f"logo.{seller.logo.rpartition('.')[2].lower()}" if self._logo and seller.logo else ""
        if logo:
            files[logo] = self._logo
        own = self._templates.get(f"{kind}.typ") or self._templates.get(LAYOUT)
        source = own or PaperTemplate(LAYOUT, (shipped() / LAYOUT).read_bytes(), ours=True)
        template = PaperTemplate(source.name, source.source, {**source.files, **files}, ours=source.ours)
        data = {
            "title": content["title"],
            "language": content["language"],
            "sender": {},
            "words": {},
            "window": asdict(self._window),
            "paper": paper_of(self._window.paper),
            "document": {**content, "logo": logo, "reminder": kind == "reminder"},
        }
        return IssuedFile(_whole(self._engine.compile(template, data), name, self._window.window), ".pdf")


def _whole(made: TypstPart | MissingGlyphs, name: str, window: str) -> bytes:
    """The PDF, where nothing is missing in it."""
    if isinstance(made, MissingGlyphs):
        raise CrmError("papers.document_glyph", document=name, letters="".join(sorted(made.letters)))
    if made.unfit:
        raise CrmError("papers.document_address", document=name, window=window)
    return made.pdf


def _no_payment() -> dict[str, Any]:
    return {"payment": "", "account": [], "qr": "", "swiss": None}


def _payment(document: BusinessDocument, seller: SellerFacts, payable: Decimal) -> dict[str, Any]:
    """How an invoice is paid: the sentence, the account, and the code that its country's banks read."""
    buyer = document.buyer
    words = payment_words(payable, document.number, document.due_on, buyer.language, document.currency, seller.country)
    slip = _swiss(document, seller, payable)
    found = _account(seller, document.number, payable, document.currency, buyer.language)
    return {**found, "payment": words, "swiss": slip, "qr": "" if slip else found["qr"]}


def _account(seller: SellerFacts, text: str, amount: Decimal, currency: str, language: str) -> dict[str, Any]:
    spaced = grouped(compact_iban(seller.iban) or seller.iban)
    facts = (("account", spaced), ("bic", seller.bic), ("bank", seller.bank))
    code = epc_text(name=seller.name, iban=seller.iban, amount=amount, currency=currency, text=text, bic=seller.bic)
    account = [{"label": messages.text(f"document.{name}", language), "value": value} for name, value in facts if value]
    return {"account": account, "qr": _svg(code), "swiss": None}


def _swiss(document: BusinessDocument, seller: SellerFacts, payable: Decimal) -> dict[str, Any] | None:
    """The payment part of a Swiss bill; None where the seller's account or address makes none."""
    account = compact_iban(seller.iban)
    if account[:2] not in ("CH", "LI"):
        return None
    reference = qr_reference(document.number) if is_qr_iban(account) else creditor_reference(document.number)
    creditor = party(seller.name, seller.address, seller.country or account[:2])
    debtor = party(document.buyer.name, document.buyer.address, document.buyer.country or account[:2])
    code = swiss_text(
        creditor=creditor, iban=account, amount=payable, currency=document.currency, debtor=debtor,
        reference=reference, text=document.number,
    )  # fmt: skip
    if not code:
        return None
    language = document.buyer.language
    return {
        "qr": _svg(code),
        "words": {name: messages.text(f"document.swiss.{name}", language) for name in _SLIP},
        "creditor": [grouped(account), *_shown_party(creditor)],
        "debtor": _shown_party(debtor) if debtor.complete else [],
        "reference": _shown_reference(reference, reference_kind(account, reference)),
        "further": document.number,
        "currency": document.currency,
        "amount": f"{payable:,.2f}".replace(",", " "),
    }


def party(name: str, address: tuple[str, ...], country: str) -> PayParty:
    """A party of a Swiss slip from the lines of an address; without a postal code and town it is only a name."""
    from xlcrm.addresses import split_address

    found = split_address(", ".join(address), country=country)
    town = (found.postal_code, found.city)
    return PayParty(name, found.street, found.house_number, *town, country) if all(town) else PayParty(name)


def _shown_party(of: PayParty) -> list[str]:
    street = f"{of.street} {of.house_number}".strip()
    return [line for line in (of.name, street, f"{of.postal_code} {of.town}") if line]


def _shown_reference(reference: str, kind: str) -> str:
    """A reference as it is printed: QR references from the right in fives, creditor references in fours."""
    if kind == "QRR":
        return f"{reference[:2]} " + " ".join(reference[at : at + 5] for at in range(2, 27, 5))
    return grouped(reference) if kind == "SCOR" else ""


def _svg(text: str) -> str:
    """A code as SVG, without the white edge (the layout leaves it); "" for no text."""
    if not text:
        return ""
    import segno

    picture = io.BytesIO()
    segno.make_qr(text, error="m", encoding="utf-8").save(picture, kind="svg", border=0, xmldecl=False)
    return picture.getvalue().decode()
