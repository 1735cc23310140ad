"""Payment codes: the texts of SEPA and Switzerland, their check digits, and what a reader finds in the picture."""

from __future__ import annotations

import io
import os
from decimal import Decimal

import pytest
import segno

from xlcrm.documents.payment_qr import (
    PayParty,
    creditor_reference,
    epc_text,
    is_creditor_reference,
    qr_reference,
    reference_kind,
    swiss_text,
)

FIRM = PayParty("Muster & Söhne GmbH", "Musterweg", "7a", "8000", "Zürich", "CH")
BUYER = PayParty("Anna Rossi", "Via Prova", "1", "6900", "Lugano", "CH")
IBAN, QR_IBAN, GERMAN = "CH93 0076 2011 6238 5295 7", "CH44 3199 9123 0008 8901 2", "DE89 3704 0044 0532 0130 00"


def test_a_sepa_transfer_as_the_guideline_lays_it_out() -> None:
    made = epc_text(name="Esempio Srl", iban=GERMAN, amount=Decimal("12.3"), currency="EUR", text="2026-0001")
    lines = "BCD 002 1 SCT _ Esempio_Srl DE89370400440532013000 EUR12.30 _ _ 2026-0001".split()
    assert made.split("\n") == ["" if line == "_" else line.replace("_", " ") for line in lines]


NO_CODE = [
    ({"currency": "NOK"}, "SEPA transfers are in euros"),
    ({"iban": "DE00 3704 0044 0532 0130 00"}, "wrong check digits"),
    ({"iban": "BR15 0000 0000 0000 1093 2840 814P 2"}, "outside of SEPA"),
    ({"amount": Decimal(0)}, "nothing to pay"),
    ({"amount": Decimal("-5")}, "a credit note"),
    ({"name": " "}, "nobody to pay"),
]


@pytest.mark.parametrize(("change", "why"), NO_CODE)
def test_without_what_it_needs_there_is_no_code(change: dict[str, object], why: str) -> None:
    given: dict[str, object] = {"name": "A", "iban": GERMAN, "amount": Decimal(1), "currency": "EUR", "text": "x"}
    assert epc_text(**{**given, **change}) == "", why  # type: ignore[arg-type]


def test_a_creditor_reference_has_a_line_of_its_own() -> None:
    made = epc_text(name="A", iban=GERMAN, amount=Decimal(1), currency="EUR", text="RF18 5390 0754 7034")
    assert made.split("\n")[9] == "RF18539007547034" and len(made.split("\n")) == 10


def test_the_references_of_the_standards_own_examples() -> None:
    assert is_creditor_reference("RF18539007547034") and not is_creditor_reference("RF19539007547034")
    assert qr_reference("21000000000313947143000901") == "210000000003139471430009017"
    assert is_creditor_reference(creditor_reference("2026-0001"))
    assert creditor_reference("--") == qr_reference("abc") == ""


KINDS = [
    (QR_IBAN, "210000000003139471430009017", "QRR"),
    (QR_IBAN, "210000000003139471430009018", ""),
    (QR_IBAN, "", ""),
    (IBAN, "", "NON"),
    (IBAN, "RF18539007547034", "SCOR"),
    (IBAN, "210000000003139471430009017", ""),
]


@pytest.mark.parametrize(("account", "reference", "kind"), KINDS)
def test_the_reference_goes_with_the_account(account: str, reference: str, kind: str) -> None:
    assert reference_kind(account.replace(" ", ""), reference) == kind


def test_a_swiss_bill_has_its_lines_in_order() -> None:
    made = swiss_text(
        creditor=FIRM, iban=IBAN, amount=Decimal("199.95"), currency="CHF", debtor=BUYER, text="Rechnung 7"
    )
    lines = made.split("\r\n")
    assert lines[:4] == ["SPC", "0200", "1", "CH9300762011623852957"]
    assert lines[4:11] == ["S", "Muster & Söhne GmbH", "Musterweg", "7a", "8000", "Zürich", "CH"]
    assert lines[11:18] == [""] * 7 and lines[18:20] == ["199.95", "CHF"]
    assert lines[20:27] == ["S", "Anna Rossi", "Via Prova", "1", "6900", "Lugano", "CH"]
    assert lines[27:] == ["NON", "", "Rechnung 7", "EPD"]


def test_a_debtor_without_an_address_is_left_to_the_hand() -> None:
    lines = swiss_text(
        creditor=FIRM, iban=IBAN, amount=Decimal(1), currency="CHF", debtor=PayParty("Anna Rossi")
    ).split("\r\n")
    assert lines[20:27] == [""] * 7


@pytest.mark.parametrize("change", [{"iban": GERMAN}, {"currency": "USD"}, {"creditor": PayParty("A")}])
def test_no_swiss_bill_without_what_it_needs(change: dict[str, object]) -> None:
    given: dict[str, object] = {"creditor": FIRM, "iban": IBAN, "amount": Decimal(1), "currency": "CHF"}
    assert swiss_text(**{**given, **change}) == ""  # type: ignore[arg-type]


def _reader() -> tuple[object, object]:
    try:
        import zxingcpp
        from PIL import Image
    except ImportError:
        if os.environ.get("CI"):
            raise
        pytest.skip("zxing-cpp or pillow, which read the code back, are missing")
    return zxingcpp, Image


@pytest.mark.parametrize("millimetres", [46, 28])
@pytest.mark.parametrize(
    "text",
    [
        epc_text(name="Müller & Söhne", iban=GERMAN, amount=Decimal("1234.56"), currency="EUR", text="2026-0001"),
        swiss_text(creditor=FIRM, iban=IBAN, amount=Decimal("199.95"), currency="CHF", debtor=BUYER, text="7"),
    ],
    ids=["sepa", "swiss"],
)
def test_the_code_is_read_back_from_150_dots_an_inch(text: str, millimetres: int) -> None:
    zxing, image = _reader()
    code = segno.make_qr(text, error="m", encoding="utf-8")
    picture = io.BytesIO()
    code.save(picture, kind="png", scale=8, border=4)
    side = round(millimetres / 25.4 * 150 * (code.symbol_size(border=4)[0] / code.symbol_size(border=0)[0]))
    small = image.open(picture).convert("L").resize((side, side))  # type: ignore[attr-defined]
    (found,) = zxing.read_barcodes(small)  # type: ignore[attr-defined]
    assert found.text.replace("\r\n", "\n") == text.replace("\r\n", "\n")
