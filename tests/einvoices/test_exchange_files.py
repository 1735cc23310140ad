"""UBL, CII and Factur-X: element by element as tables say that were written before; official rules; refused mutants."""

from __future__ import annotations

import csv
import io
import random
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from tests.support.einvoice_random import FIRMS, invoices, off, party, recounted
from tests.support.einvoice_rules import EN16931, FRENCH, KINDS, PEPPOL, faults, mutant
from tests.support.einvoice_samples import DAY, SAMPLES
from tests.support.einvoice_xml import value_at
from tests.support.facturx_pdf import facturx_faults, unsaid
from tests.support.paths import ROOT
from xlcrm.documents.business_document import SellerFacts
from xlcrm.einvoices import cii, facturx, ubl
from xlcrm.einvoices.exchange_invoice import DocumentReference, ExchangeInvoice, Party
from xlcrm.einvoices.missing_facts import KnownPlaces, missing_facts
from xlcrm.einvoices.party_numbers import party_numbers
from xlcrm.einvoices.unit_codes import unit_code
from xlcrm.errors import CrmError
from xlcrm.papers.document_press import DocumentPress

CASES = ROOT / "tests" / "cases" / "einvoices"
WRITERS: dict[str, Callable[[ExchangeInvoice], bytes]] = {"ubl": ubl.write, "cii": cii.write}
LEAST_FIRED = {"ubl": 40, "cii": 60}


def rows(name: str) -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("syntax", WRITERS)
@pytest.mark.parametrize("case", SAMPLES)
def test_elements_say_what_the_table_says(case: str, syntax: str) -> None:
    xml = WRITERS[syntax](SAMPLES[case]())
    expected = [row for row in rows(f"{syntax}_elements.csv") if row["case"] == case]
    wrong = [
        (row["path"], row["value"], got) for row in expected if (got := value_at(xml, row["path"])) != row["value"]
    ]
    assert wrong == []


@pytest.mark.parametrize("syntax", WRITERS)
@pytest.mark.parametrize("case", SAMPLES)
def test_samples_are_valid(case: str, syntax: str) -> None:
    invoice = SAMPLES[case]()
    if syntax == "ubl" and invoice.format == "facturx":
        invoice = replace(invoice, format="peppol")
    against, (verdict,) = faults(WRITERS[syntax](invoice), [EN16931[syntax]])
    assert against == []
    assert verdict.fired > LEAST_FIRED[syntax]


@pytest.mark.parametrize("case", [name for name in SAMPLES if SAMPLES[name]().format in ("peppol", "ehf")])
def test_samples_keep_the_rules_of_peppol(case: str) -> None:
    if not PEPPOL.exists():
        pytest.skip("the rules of Peppol are missing from the shared data")
    against, (verdict,) = faults(ubl.write(SAMPLES[case]()), [PEPPOL])
    assert against == []
    assert verdict.fired > 20


FIELDS = ("street", "city", "postal_code", "tax_number", "email", "phone", "contact", "peppol_id")


@pytest.mark.parametrize("country", ["AT", "BE", "DE", "DK", "FI", "FR", "IT", "NL", "NO", "SE"])
def test_what_peppol_refuses_is_asked_before(country: str) -> None:
    if not PEPPOL.exists():
        pytest.skip("the rules of Peppol are missing from the shared data")
    firm = next(one for one in FIRMS if one[0] == country)
    made = replace(SAMPLES["ehf"](), format="peppol", seller=party(firm, "Seller"), buyer=party(firm, "Buyer"))
    blanked = [
        replace(made, **{side: replace(getattr(made, side), **{name: ""})})
        for side in ("seller", "buyer")
        for name in FIELDS
    ]
    for invoice in (made, replace(made, iban=""), *blanked):
        refused = faults(ubl.write(invoice), [EN16931["ubl"], PEPPOL])[0]
        assert not refused or missing_facts(invoice, KnownPlaces())


@pytest.mark.parametrize("kind", ["invoice", "credit"])
def test_french_files_keep_the_rules_of_the_reform(kind: str) -> None:
    invoice = SAMPLES["inside_eu"]()
    sign = -1 if kind == "credit" else 1
    lines = tuple(
        replace(
            line, quantity=sign * line.quantity, category="S", rate=Decimal("0.2"), unit_price=Decimal("8.12345678")
        )
        for line in invoice.document.lines
    )
    document = replace(invoice.document, kind=kind, lines=lines, net=Decimal(0), vat=Decimal(0), gross=Decimal(0))
    made = replace(invoice, document=document, corrects=DocumentReference("F-1", DAY), sells="goods")
    against, (verdict,) = faults(cii.write(made), [FRENCH])
    assert against == []
    assert verdict.fired > 50


@pytest.mark.parametrize("syntax", WRITERS)
def test_a_currency_of_three_decimals_is_refused(syntax: str) -> None:
    invoice = SAMPLES["export"]()
    with pytest.raises(CrmError) as refused:
        WRITERS[syntax](replace(invoice, document=replace(invoice.document, currency="KWD")))
    assert refused.value.key == "einvoice.file_currency"


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler is missing")
def test_another_reader_opens_the_pdf() -> None:
    _, _, made = papers()["with_vat"]
    shown = subprocess.run(["pdftotext", "-", "-"], input=made, capture_output=True, check=True).stdout.decode()
    assert "R-2026-0005" in shown


@pytest.mark.parametrize("syntax", WRITERS)
def test_random_files_are_valid_and_right(syntax: str) -> None:
    for invoice in invoices(7, 12):
        xml = WRITERS[syntax](invoice)
        assert faults(xml, [EN16931[syntax]])[0] == []
        assert off(xml, syntax, invoice) == recounted(xml, syntax, invoice.document.currency) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("syntax", WRITERS)
def test_mutants_are_refused(syntax: str, kind: str) -> None:
    rng = random.Random(3)
    for invoice in invoices(11, 4):
        xml = mutant(WRITERS[syntax](invoice), syntax, kind, rng)
        assert faults(xml, [EN16931[syntax]])[0] or recounted(xml, syntax, invoice.document.currency)


@pytest.mark.parametrize("row", rows("unit_codes.csv"), ids=lambda row: row["word"] or "blank")
def test_units_have_codes(row: dict[str, str]) -> None:
    assert unit_code(row["word"]) == (row["code"], row["known"] == "yes")


@pytest.mark.parametrize("row", rows("party_numbers.csv"), ids=lambda row: row["why"])
def test_numbers_of_parties(row: dict[str, str]) -> None:
    names = ("country", "vat_id", "tax_number", "name", "registration", "peppol_id", "email")
    one = Party(**{name: row[name] for name in names})  # type: ignore[arg-type]
    found = party_numbers(one, row["format"], seller=row["side"] == "seller", outside=row["outside"] == "yes")
    shown = {
        "endpoint": ":".join(reversed(found.endpoint)) if found.endpoint[0] else "",
        "legal": ":".join(reversed(found.legal)) if found.legal[0] else "",
        "tax_schemes": "|".join(f"{scheme}={number}" for number, scheme in found.tax_schemes),
    }
    assert shown == {name: row[name] for name in shown}


def test_a_private_buyer_has_no_numbers() -> None:
    one = Party("Anna Rossi", country="IT", vat_id="IT01234567897", tax_number="RSSMRA80A01H501U", business=False)
    found = party_numbers(one, "facturx", seller=False, outside=False)
    assert (found.legal, found.tax_schemes) == (("", ""), ())


@pytest.mark.parametrize("syntax", WRITERS)
def test_other_sums_than_issued_are_refused(syntax: str) -> None:
    invoice = SAMPLES["ehf"]()
    changed = replace(invoice, document=replace(invoice.document, gross=Decimal("1248.74")))
    with pytest.raises(CrmError) as refused:
        WRITERS[syntax](changed)
    assert refused.value.key == "einvoice.file_sums"


@pytest.mark.parametrize("syntax", WRITERS)
def test_letters_that_xml_cannot_hold_are_dropped(syntax: str) -> None:
    invoice = SAMPLES["ehf"]()
    line = replace(invoice.document.lines[0], product="Kaffe\x00\x0b \ud800mørk￾")
    xml = WRITERS[syntax](replace(invoice, document=replace(invoice.document, lines=(line,))))
    assert "Kaffe mørk<".encode() in xml


def test_yen_have_no_cents_and_add_up_by_peppol() -> None:
    if not PEPPOL.exists():
        pytest.skip("the rules of Peppol are missing from the shared data")
    invoice = SAMPLES["returned"]()
    lines = tuple(replace(line, unit_price=Decimal("10.3")) for line in invoice.document.lines)
    document = replace(invoice.document, currency="JPY", lines=lines, net=Decimal(0), vat=Decimal(0), gross=Decimal(0))
    xml = ubl.write(replace(invoice, document=document))
    assert value_at(xml, "InvoiceLine[1]/LineExtensionAmount") == "10"
    assert value_at(xml, "InvoiceLine[1]/AllowanceCharge/Amount") == "0.30"
    assert faults(xml, [EN16931["ubl"], PEPPOL])[0] == []


@cache
def papers() -> dict[str, tuple[ExchangeInvoice, bytes, bytes]]:
    """Three papers with the invoice in it: invoice, paper, Factur-X."""
    made = {}
    with DocumentPress() as press:
        for case in ("inside_eu", "with_vat", "credit"):
            invoice = replace(SAMPLES[case](), format="facturx")
            seller = SellerFacts(
                name=invoice.seller.name, country=invoice.seller.country, iban=invoice.iban,
                vat_id=invoice.seller.vat_id, prices_with_vat=invoice.prices_with_vat,
            )  # fmt: skip
            paper = press.paper(invoice.document, seller).content
            made[case] = (invoice, paper, facturx.embed(paper, invoice))
    return made


@pytest.mark.parametrize("case", ["inside_eu", "with_vat", "credit"])
def test_the_paper_holds_the_file(case: str) -> None:
    invoice, paper, made = papers()[case]
    assert facturx_faults(made) == []
    assert PdfReader(io.BytesIO(made)).attachments["factur-x.xml"] == [cii.write(invoice)]
    assert text(made) == text(paper)


@pytest.mark.parametrize("case", ["inside_eu", "with_vat", "credit"])
def test_the_paper_says_what_the_file_says(case: str) -> None:
    invoice, _, made = papers()[case]
    assert unsaid(made, invoice.document.buyer.language, invoice.seller.country, with_vat=invoice.prices_with_vat) == []


def test_what_the_paper_does_not_say_is_found() -> None:
    invoice, paper, _ = papers()["credit"]
    line = replace(invoice.document.lines[0], product="Tafel")
    other = replace(invoice, document=replace(invoice.document, lines=(line,), number="C-0007"))
    assert unsaid(facturx.embed(paper, other), "en", "BE", with_vat=False) == ["C-0007", "Tafel"]


def test_the_attachment_is_as_typst_attaches_one(tmp_path: Path) -> None:
    typst = pytest.importorskip("typst")
    (tmp_path / "factur-x.xml").write_text("<a/>", encoding="utf-8")
    attached = (
        '#pdf.attach("factur-x.xml", relationship: "alternative", mime-type: "text/xml", description: "Factur-X")'
    )
    (tmp_path / "main.typ").write_text(f'#set text(font: "Source Sans 3")\n{attached}\nA', encoding="utf-8")
    fonts = [ROOT / "xlcrm" / "data" / "fonts"]
    theirs = typst.compile(tmp_path / "main.typ", root=tmp_path, format="pdf", pdf_standards="a-3u", font_paths=fonts)
    assert attachment(theirs) == attachment(papers()["credit"][2])


def attachment(pdf: bytes) -> tuple[dict[str, object], set[str]]:
    """How a file hangs in a PDF/A-3: its plain facts, and which facts its stream has."""
    root: Any = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    file = root["/AF"][0].get_object()
    held = file["/EF"]["/F"].get_object()
    facts = {name: value for name, value in file.items() if name != "/EF"}
    return {**facts, "/EF": sorted(file["/EF"])}, (set(held) | {str(held["/Subtype"])}) - {"/Filter"}


def test_embedding_twice_gives_the_same_bytes() -> None:
    invoice, paper, made = papers()["credit"]
    assert facturx.embed(paper, invoice) == made


def test_a_paper_that_is_no_archive_is_refused() -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    held = io.BytesIO()
    writer.write(held)
    with pytest.raises(CrmError) as refused:
        facturx.embed(held.getvalue(), SAMPLES["credit"]())
    assert refused.value.key == "einvoice.file_archive"


def text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
