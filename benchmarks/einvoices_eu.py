"""UBL and Factur-X: random invoices by schema, rules and an independent reckoning; mutants, and what refuses them.

    python benchmarks/einvoices_eu.py ubl [--count 200] [--peppol FILE.sch] [--xrechnung FILE.sch]
    python benchmarks/einvoices_eu.py facturx [--count 200]

`--peppol` is PEPPOL-EN16931-UBL.sch of OpenPEPPOL (it holds Norway's rules, which are those of EHF); `--xrechnung` is
XRechnung-UBL-validation.sch of KoSIT with common.sch beside its folder. Both are optional: without, fewer rules fire.
"""

from __future__ import annotations

import argparse
import io
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from pypdf import PdfReader

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.einvoice_random import FORMATS, invoices, off, recounted
from tests.support.einvoice_rules import EN16931, KINDS, PEPPOL, faults, mutant
from tests.support.facturx_pdf import facturx_faults, unsaid
from xlcrm.documents.business_document import SellerFacts
from xlcrm.einvoices import cii, facturx, ubl
from xlcrm.einvoices.exchange_invoice import ExchangeInvoice
from xlcrm.papers.document_press import DocumentPress

Write = Callable[[ExchangeInvoice], bytes]


def whole(found: Sequence[ExchangeInvoice], syntax: str, write: Write, rules: dict[str, list[Path]]) -> None:
    """Good files: refused ones, rules fired, amounts that are off."""
    fired: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    bad = 0
    for invoice in found:
        xml = write(invoice)
        against, verdicts = faults(xml, rules[invoice.format])
        for path, verdict in zip(rules[invoice.format], verdicts, strict=True):
            fired[path.name] += verdict.fired
        refused.update(against)
        wrong.update(off(xml, syntax, invoice) + recounted(xml, syntax, invoice.document.currency))
        bad += bool(against)
    print(f"{syntax}: {len(found)} files, refused {bad} {dict(refused)}; amounts off {wrong.total()} {dict(wrong)}")
    for name, count in fired.items():
        print(f"  rules fired, {name}: {count}")


def mutated(
    found: Sequence[ExchangeInvoice], syntax: str, write: Write, rules: dict[str, list[Path]], seed: int
) -> None:
    """One fault in each file: found by schema or rules, only by the reckoning, or by nobody."""
    rng = random.Random(seed)
    told: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for number, invoice in enumerate(found):
        kind = KINDS[number % len(KINDS)]
        xml = mutant(write(invoice), syntax, kind, rng)
        against, _ = faults(xml, rules[invoice.format])
        who = "rules" if against else "reckoning" if recounted(xml, syntax, invoice.document.currency) else "nobody"
        told[kind][who] += 1
    for kind, counted in told.items():
        print(f"  mutant, {kind}: {dict(counted)}")


def papers(found: Sequence[ExchangeInvoice]) -> None:
    """Factur-X: the PDF of each with the file in it, read by pypdf, poppler and the library factur-x."""
    told: Counter[str] = Counter()
    started = time.perf_counter()
    with DocumentPress() as press:
        for invoice in found:
            seller = SellerFacts(name=invoice.seller.name, country=invoice.seller.country, iban=invoice.iban,
                                 vat_id=invoice.seller.vat_id, prices_with_vat=invoice.prices_with_vat)  # fmt: skip
            paper = press.paper(invoice.document, seller).content
            made = facturx.embed(paper, invoice)
            told.update(facturx_faults(made))
            missing = unsaid(
                made, invoice.document.buyer.language, invoice.seller.country, with_vat=invoice.prices_with_vat
            )
            told["said on the paper too"] += not missing
            told.update(f"not on the paper: {text}" for text in missing)
            told["byte-equal"] += PdfReader(io.BytesIO(made)).attachments["factur-x.xml"] == [cii.write(invoice)]
            told["pages as before"] += _text(made) == _text(paper)
            told["poppler"] += _poppler(made, invoice.document.number)
            told["read by factur-x"] += _library(made) == cii.write(invoice)
    print(f"PDFs: {len(found)} in {time.perf_counter() - started:.0f} s; {dict(told)}")


def _text(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def _poppler(pdf: bytes, number: str) -> bool:
    """Whether pdftotext shows the number and pdfinfo a PDF 1.7."""
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    facts = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return number in text and "PDF version:     1.7" in facts


def _library(pdf: bytes) -> bytes:
    """The file as factur-x reads it, with the schema's check and nothing that would ask the network."""
    from facturx import get_xml_from_pdf

    made: bytes = get_xml_from_pdf(pdf, check_xsd=True, check_schematron=False)[1]
    return made


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("ubl", "facturx"))
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=19)
    parser.add_argument("--peppol", type=Path, default=PEPPOL)
    parser.add_argument("--xrechnung", type=Path)
    asked = parser.parse_args()
    if asked.what == "facturx":
        found = list(invoices(asked.seed, asked.count, ("facturx",)))
        rules = {"facturx": [EN16931["cii"]]}
        whole(found, "cii", cii.write, rules)
        mutated(found, "cii", cii.write, rules, asked.seed)
        papers(found)
        return
    found = list(invoices(asked.seed, asked.count))
    own = {"peppol": asked.peppol, "ehf": asked.peppol, "xrechnung": asked.xrechnung}
    rules = {form: [EN16931["ubl"], *([own[form]] if own[form] else [])] for form in FORMATS}
    whole(found, "ubl", ubl.write, rules)
    mutated(found, "ubl", ubl.write, rules, asked.seed)


if __name__ == "__main__":
    main()
