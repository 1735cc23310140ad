"""Papers of business: what stands on them in six languages, sums carried over pages, and codes that banks can read."""

from __future__ import annotations

import datetime as dt
import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfReader

from xlcrm import messages
from xlcrm.documents.business_document import BusinessDocument, Buyer, DocumentLine, IssuedFile, SellerFacts
from xlcrm.documents.reminder_rules import Reminder, ReminderItem
from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES
from xlcrm.papers.document_press import DocumentPress
from xlcrm.papers.paper_texts import PaperTemplate

DAY, DUE = dt.date(2026, 3, 1), dt.date(2026, 3, 31)
SELLER = SellerFacts(
    name="Esempio Srl", address=("Via Prova 12", "20121 Milano MI"), country="IT", email="info@example.com",
    vat_id="IT01234567897", iban="IT60 X054 2811 1010 0000 0123 456", registration="REA MI-1234567",
)  # fmt: skip
SWISS = replace(
    SELLER, name="Muster & Söhne AG", address=("Musterweg 7a", "8000 Zürich"), country="CH",
    iban="CH93 0076 2011 6238 5295 7", currency="CHF",
)  # fmt: skip
BUYER = Buyer(
    "Żółkiewski & Đurić GmbH", ("Attn. Åse Lærum-Østbø", "Via Verdi 1", "20121 Milano"), "IT99999999999", "IT", "it"
)


def document(kind: str = "invoice", lines: int = 3, **changes: object) -> BusinessDocument:
    sign = -1 if kind == "credit" else 1
    held = tuple(
        DocumentLine(n, f"Prodotto {n}", Decimal(sign * 10), Decimal("18.333"), "kg", rate=Decimal("0.22"))
        for n in range(1, lines + 1)
    )
    made = BusinessDocument(kind, DAY, BUYER, "EUR", held, due_on=DUE, number="2026-0001")
    return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def press() -> Iterator[DocumentPress]:
    with DocumentPress() as made:
        yield made


def text(file: IssuedFile) -> str:
    pages = PdfReader(io.BytesIO(file.content)).pages
    return "\n".join(" ".join(page.extract_text().split()) for page in pages)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["offer", "order", "delivery", "invoice", "credit"])
def test_every_paper_in_every_language(press: DocumentPress, kind: str, language: str) -> None:
    buyer = replace(BUYER, language=language)
    found = text(press.paper(document(kind, buyer=buyer), SELLER))
    assert messages.text(f"document.{kind}", language) in found
    assert "Żółkiewski & Đurić GmbH" in found and "Prodotto 3" in found and "2026-0001" in found
    assert ("18" in found and "333" in found) == (kind != "delivery"), "the price keeps its three decimals"
    assert "-" not in found.split("Prodotto 1")[1].split("Prodotto 2")[0], "a credit note has no signs"


def test_sums_are_carried_from_page_to_page(press: DocumentPress) -> None:
    pages = text(press.paper(document(lines=70), SELLER)).split("\n")
    assert len(pages) >= 3
    assert all("A riportare" in page for page in pages[:-2]) and "Riporto" in pages[1]
    assert "Riporto" not in pages[0] and "A riportare" not in pages[-1]
    first = pages[0].split("A riportare")[1].split()[0]
    assert pages[1].split("Riporto")[1].split()[0] == first
    lines = pages[0].count("Prodotto")
    assert first == f"{lines * Decimal('183.33'):,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")
    assert "Totale" in pages[-1] and "15.656,38 EUR" in pages[-1]
    assert f"Pagina {len(pages)} di {len(pages)}" in pages[-1]


def test_a_draft_says_so_and_has_no_number(press: DocumentPress) -> None:
    found = text(press.paper(document(number=""), SELLER))
    assert "Bozza" in found and "2026-0001" not in found


def test_the_words_of_the_law_stand_below(press: DocumentPress) -> None:
    assert "D.Lgs. 231/2002" in text(press.paper(document(), SELLER))
    assert "D.Lgs" not in text(press.paper(document("offer"), SELLER))


def test_prices_with_vat_show_what_is_rounded(press: DocumentPress) -> None:
    lines = tuple(DocumentLine(n, "x", Decimal(1), Decimal("9.99"), rate=Decimal("0.22")) for n in (1, 2, 3))
    found = text(
        press.paper(
            document(
                lines=0,
            ),
            replace(SELLER, prices_with_vat=True),
        )
    )
    assert "Arrotondamento" not in found
    found = text(press.paper(replace(document(), lines=lines), replace(SELLER, prices_with_vat=True)))
    assert "Arrotondamento -0,01" in found and "29,97 EUR" in found


def test_a_reminder_lists_what_is_open_and_claims_the_rest(press: DocumentPress) -> None:
    late = ReminderItem("F1", DAY, DUE, Decimal(1000), Decimal(400), Decimal(600), 2, Decimal("4.00"))
    early = ReminderItem("F2", DAY, dt.date(2026, 6, 1), Decimal(200), Decimal(0), Decimal(200), 0, Decimal(0))
    made = Reminder("C1", "EUR", 2, (late, early), Decimal(5), Decimal(609))
    found = text(press.reminder(made, BUYER, SELLER, today=dt.date(2026, 4, 25)))
    for part in (
        "Secondo sollecito",
        "F1",
        "25",
        "600,00",
        "Non ancora scaduto",
        "Interessi di mora 4,00",
        "609,00 EUR",
    ):
        assert part in found, part
    assert "5 maggio 2026" in found, "ten days to pay"


def test_an_address_that_does_not_fit_is_refused(press: DocumentPress) -> None:
    buyer = replace(BUYER, address=tuple(f"Riga {n}" for n in range(15)))
    with pytest.raises(CrmError, match="din-b") as refused:
        press.paper(document(buyer=buyer), SELLER)
    assert refused.value.key == "papers.document_address"


def test_letters_that_no_font_has_are_refused(press: DocumentPress) -> None:
    with pytest.raises(CrmError) as refused:
        press.paper(document(buyer=replace(BUYER, name="\U00013000 Srl")), SELLER)
    assert refused.value.key == "papers.document_glyph"


def test_an_own_template_and_logo_are_used() -> None:
    own = PaperTemplate("invoice.typ", b'#import "documents.typ": *\nNostra fattura\n#document-paper()')
    logo = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>'
    with DocumentPress({"invoice.typ": own}, logo=logo) as made:
        seller = replace(SELLER, logo="logo.svg")
        assert "Nostra fattura" in text(made.paper(document(), seller))
        assert "Nostra fattura" not in text(made.paper(document("offer"), seller))


def _codes(file: IssuedFile, folder: Path) -> list[str]:
    """The codes that a reader finds on the pages at 150 dots an inch."""
    tool = shutil.which("pdftoppm")
    try:
        import zxingcpp
        from PIL import Image
    except ImportError:
        tool = None
    if tool is None:
        assert not os.environ.get("CI"), "CI installs poppler-utils, zxing-cpp and pillow"
        pytest.skip("pdftoppm, zxing-cpp or pillow, which read codes from a page, are missing")
    (folder / "a.pdf").write_bytes(file.content)
    subprocess.run([tool, "-r", "150", "-png", folder / "a.pdf", folder / "a"], check=True)
    pictures = sorted(folder.glob("a-*.png"))
    return [code.text for path in pictures for code in zxingcpp.read_barcodes(Image.open(path))]


def test_the_code_of_a_sepa_transfer_is_read_back(press: DocumentPress, tmp_path: Path) -> None:
    (code,) = _codes(press.paper(document(), SELLER), tmp_path)
    assert code.splitlines()[5:8] == ["Esempio Srl", "IT60X0542811101000000123456", "EUR670.99"]
    assert code.splitlines()[10] == "2026-0001"


def test_the_swiss_code_is_read_back_under_its_cross(press: DocumentPress, tmp_path: Path) -> None:
    made = document(currency="CHF", buyer=replace(BUYER, country="CH", language="de", address=("Weg 1", "3000 Bern")))
    file = press.paper(made, SWISS)
    (code,) = _codes(file, tmp_path)
    lines = code.replace("\r\n", "\n").split("\n")
    assert lines[3] == "CH9300762011623852957" and lines[18:20] == ["670.99", "CHF"] and lines[27] == "SCOR"
    assert "Empfangsschein" in text(file) and "Zahlteil" in text(file)


def test_no_code_where_nothing_can_be_paid(press: DocumentPress) -> None:
    assert "IBAN" not in text(press.paper(document("credit"), replace(SELLER, iban="")))
    assert "versare" not in text(press.paper(document("credit"), SELLER))
