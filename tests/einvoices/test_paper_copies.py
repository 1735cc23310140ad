"""What papers say of e-invoices: that they are a copy, what the buyer pays to the state, the stamp by natures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.einvoice_examples import SELLER, document, examples, line
from xlcrm.documents.paper_content import document_content, document_totals
from xlcrm.messages import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("einvoice", "mark"), [("fatturapa", "SdI"), ("peppol", "Peppol"), ("xrechnung", "XRechnung"), ("facturx", "")]
)
def test_a_paper_says_where_it_is_a_copy(language: str, einvoice: str, mark: str) -> None:
    made = document("firm", line(1, "Tè", "1", "5"), einvoice=einvoice)
    made = replace(made, buyer=replace(made.buyer, language=language))
    notes = document_content(made, SELLER, document_totals(made, SELLER))["notes"]
    assert [note for note in notes if "XML" in note] == ([notes[-1]] if mark else [])
    assert mark in notes[-1]


@pytest.mark.parametrize(("kind", "quantity"), [("invoice", "1"), ("credit", "-1")])
def test_a_paper_shows_vat_that_the_buyer_pays(kind: str, quantity: str) -> None:
    made = document("public", line(1, "Consulenza", quantity, "1000"), kind=kind)
    sums = document_content(made, SELLER, document_totals(made, SELLER))["sums"]
    assert [one["value"] for one in sums] == ["1,000.00", "220.00", "1,220.00", "-220.00", "1,000.00 EUR"]
    assert "17-ter" in sums[3]["label"]


@pytest.mark.parametrize("case", [case for case, one in examples().items() if one.document.kind == "invoice"])
def test_paper_and_file_agree_on_the_stamp(case: str) -> None:
    invoice = examples()[case]
    seller = replace(SELLER, small_business=case == "small", prices_with_vat=invoice.prices_with_vat)
    notes = document_content(invoice.document, seller, document_totals(invoice.document, seller))["notes"]
    assert any("2.00 EUR" in note for note in notes) == bool(invoice.italian.stamp_duty)
