"""E-invoices of runs: written with the document, refused before a number, made again; older workbooks, kills."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.fatturapa_checker import faults
from tests.support.faults import injected
from tests.support.invoicing_help import call, frame, ok, purchases, quick_press, typed, typed_of_client, workbook
from xlcrm import schema
from xlcrm.building import build
from xlcrm.files.durable import sha256_of
from xlcrm.issuing import issuing_actions

BOUGHT = [*purchases(2), *purchases(1, "C2")]
NEW = ("einvoice", "einvoice_hash", "split_vat")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing_actions, "document_press", quick_press)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workbook(tmp_path_factory.mktemp("einvoices") / "My.xlsm", BOUGHT)


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "My.xlsm"))


def xml_of(book: Path, place: int = 0) -> bytes:
    file: str = frame(book)["einvoice"].iloc[place]
    return (book.parent / file).read_bytes()


def test_the_file_stands_beside_the_paper(book: Path) -> None:
    dry = ok("invoice", book, "--dry-run")
    said = ok("invoice", book)
    documents = frame(book)
    names = ["My documents/2026/IT01234567897_X0001.xml", "My documents/2026/IT01234567897_X0002.xml"]
    assert list(documents["einvoice"]) == names
    assert [sha256_of(book.parent / name) for name in names] == list(documents["einvoice_hash"])
    assert all(Path(name).name in dry and str(book.parent / name) in said for name in names)
    assert [faults(xml_of(book, place)) for place in (0, 1)] == [[], []]
    assert ElementTree.fromstring(xml_of(book, 1)).findtext(".//CodiceDestinatario") == "ABC1234"


def test_a_changed_file_is_found_by_check(book: Path) -> None:
    ok("invoice", book)
    file = book.parent / frame(book)["einvoice"].iloc[1]
    file.write_bytes(file.read_bytes() + b" ")
    assert file.name in call("check", book).output
    file.unlink()
    assert file.name in call("check", book).output


def test_who_lacks_something_gets_no_number(book: Path) -> None:
    typed_of_client(book, 0, {"tax_id": ""})
    result = call("invoice", book)
    assert result.exit_code == 1
    assert list(frame(book)["number"]) == ["RE-2026-0001"]
    assert list(frame(book)["buyer"]) == ["Neri Srl"]
    assert "row 2" in result.output
    typed_of_client(book, 0, {"tax_id": "RSSNNA80A41L219D"})
    ok("invoice", book)
    assert list(frame(book)["number"]) == ["RE-2026-0001", "RE-2026-0002"]


def test_a_seller_who_lacks_something_issues_nothing(book: Path) -> None:
    typed(book, "Settings", {"seller_address": "Milano"})
    before = sha256_of(book)
    result = call("invoice", book)
    assert result.exit_code == 1
    assert result.output.count("seller_address") == 0
    assert result.output.count("Settings / row") >= 1
    assert sha256_of(book) == before
    typed(book, "Seller", {"einvoice": "none"})
    ok("invoice", book)
    assert list(frame(book)["einvoice"].fillna("")) == ["", ""]


def test_a_credit_note_has_its_file(book: Path) -> None:
    ok("invoice", book, "C2")
    ok("credit", book, "RE-2026-0001")
    root = ElementTree.fromstring(xml_of(book, 1))
    assert root.findtext(".//TipoDocumento") == "TD04"
    assert root.findtext(".//DatiFattureCollegate/IdDocumento") == "RE-2026-0001"


def test_an_issued_document_gets_its_file_again(book: Path) -> None:
    typed(book, "Seller", {"einvoice": "none"})
    ok("invoice", book, "C2")
    before = frame(book)
    typed(book, "Seller", {"einvoice": ""})
    dry = sha256_of(book)
    assert "X0001.xml" in ok("einvoice", book, "re-2026-0001", "--dry-run")
    assert sha256_of(book) == dry
    ok("einvoice", book, "RE-2026-0001")
    after = frame(book)
    same = [column for column in after if column not in NEW]
    assert after[same].equals(before[same])
    assert sha256_of(book.parent / after["einvoice"].iloc[0]) == after["einvoice_hash"].iloc[0]
    ok("einvoice", book, "RE-2026-0001")
    assert frame(book)["einvoice"].iloc[0].endswith("IT01234567897_X0002.xml"), "a name never comes twice"
    assert call("undo", book).exit_code == 2
    assert "0 errors" in call("check", book).output


@pytest.mark.parametrize("number", ["RE-2026-0009", "O-2026-0001"])
def test_other_documents_have_no_file(book: Path, number: str) -> None:
    ok("offer", book, "C2", "--line", "Tea; 2; kg; 5")
    before = sha256_of(book)
    assert call("einvoice", book, number).exit_code == 2
    assert sha256_of(book) == before


def test_vat_of_a_public_office_is_not_owed_to_us(book: Path) -> None:
    typed_of_client(book, 1, {"sdi_code": "UFABC1"})
    assert call("invoice", book, "C2").exit_code == 1, "yes or no is asked"
    typed_of_client(book, 1, {"split_payment": "yes"})
    ok("invoice", book, "C2")
    row = frame(book).iloc[0]
    assert (row["gross"], row["split_vat"], row["open"]) == (24.4, 4.4, 20.0)
    assert faults(xml_of(book)) == []
    assert ElementTree.fromstring(xml_of(book)).findtext(".//ImportoTotaleDocumento") == "24.40"
    ok("pay", book, "RE-2026-0001")
    assert frame(book).iloc[0]["open"] == 0
    ok("credit", book, "RE-2026-0001")
    assert list(frame(book)["split_vat"]) == [4.4, -4.4]
    assert "0 errors" in call("check", book).output


def test_a_nature_is_typed_as_vat_category(book: Path) -> None:
    ok("invoice", book, "C2", "--line", "Viaggio; 1; ; 90; N1", "--line", "Caffè; 1; ; 10")
    root = ElementTree.fromstring(xml_of(book))
    assert [one.text for one in root.findall(".//DettaglioLinee/Natura")] == ["N1"]
    assert "art. 15" in (root.findtext(".//RiferimentoNormativo") or "")
    assert root.findtext(".//ImportoBollo") == "2.00"
    assert list(frame(book, "DocumentLines")["vat_nature"].fillna("")) == ["N1", ""]


def test_letters_that_stand_there_otherwise_are_said(book: Path) -> None:
    said = ok("invoice", book, "C2", "--line", "Łódź; 1; ; 10")
    assert "Łódź -> Lódz" in said


def test_spain_gets_the_sentence(book: Path) -> None:
    typed(book, "Settings", {"country": "ES", "seller_address": "Calle Mayor 1, 28013 Madrid"})
    typed_of_client(book, 1, {"country": "ES"})
    said = ok("invoice", book, "C2")
    assert "VeriFactu" in said
    assert list(frame(book)["einvoice"].fillna("")) == [""]
    assert "VeriFactu" in call("einvoice", book, "RE-2026-0001").output


def test_an_older_part_gets_the_new_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as older:
        older.setitem(schema.PART_COLUMNS, "invoicing", {"Purchases": schema.PURCHASES_INVOICED})
        specs = tuple(
            replace(spec, columns=tuple(column for column in spec.columns if column.name not in (*NEW, "vat_nature")))
            for spec in schema.PARTS["invoicing"]
        )
        older.setitem(schema.PARTS, "invoicing", specs)
        older.setattr(schema, "SELLER", {k: v for k, v in schema.SELLER.items() if k not in ("einvoice", "tax_regime")})
        book = workbook(tmp_path / "My.xlsm", BOUGHT)
    ok("invoice", book, "C2")
    assert "einvoice" not in frame(book)
    assert (book.parent / "My documents/2026/IT01234567897_X0001.xml").is_file(), "an older file works on without"
    assert call("einvoice", book, "RE-2026-0001").exit_code == 2
    ok("upgrade", book, "--invoicing")
    assert {"einvoice", "sdi_code", "pec", "split_payment"} <= set(frame(book, "Clients").columns)
    assert set(NEW) <= set(frame(book).columns)
    ok("einvoice", book, "RE-2026-0001")
    assert frame(book)["einvoice"].iloc[0].endswith("X0002.xml")


@pytest.mark.skipif(sys.platform == "win32", reason="it forks")
@pytest.mark.parametrize("share", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_a_killed_file_is_finished(book: Path, share: float) -> None:
    typed(book, "Seller", {"einvoice": "none"})
    ok("invoice", book, "C2")
    typed(book, "Seller", {"einvoice": ""})
    copy = book.parent / "copy"
    shutil.copytree(book.parent, copy)
    calls = _calls(copy / "My.xlsm")
    shutil.rmtree(copy)
    _killed(round(share * calls), book)
    call("invoice", book, "C1")
    row = frame(book).iloc[0]
    files = list(book.parent.rglob("IT*.xml"))
    listed = [name for name in frame(book)["einvoice"].fillna("") if name]
    assert {book.parent / name for name in listed} == set(files)
    assert not row["einvoice"] or sha256_of(book.parent / row["einvoice"]) == row["einvoice_hash"]
    assert not list(book.parent.rglob("*.issuing"))


def _calls(book: Path) -> int:
    with injected(under=str(book.parent)) as counted:
        call("einvoice", book, "RE-2026-0001")
    return len(counted.calls)


def _killed(at: int, book: Path) -> None:
    child = os.fork()
    if child == 0:
        with injected(at, under=str(book.parent)) as faulty:
            faulty.failure = _kill  # type: ignore[method-assign]
            call("einvoice", book, "RE-2026-0001")
        os._exit(0)
    os.waitpid(child, 0)


def _kill() -> OSError:
    os.kill(os.getpid(), 9)
    return OSError()


def test_germany_gets_a_file_or_a_pdf_with_one(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("xlcrm.einvoices.facturx")
    monkeypatch.undo()  # Factur-X wants a real PDF
    typed(book, "Settings", {"country": "DE", "seller_address": "Hauptstr. 5, 10115 Berlin",
                             "seller_phone": "+49 30 555 0100", "seller_email": "info@example.com"})  # fmt: skip
    typed(book, "Seller", {"vat_id": "DE123456788", "contact": "Ada Poli", "iban": "DE89370400440532013000"})
    home = {"country": "DE", "street": "Domstr.", "postal_code": "10115", "city": "Berlin", "email": "a@example.com"}
    typed_of_client(book, 0, {**home, "tax_id": "", "buyer_reference": "04011000-12345-34"})
    typed_of_client(book, 1, {**home, "tax_id": "DE123456788"})
    ok("invoice", book)
    first, second = frame(book).iloc[0], frame(book).iloc[1]
    assert first["einvoice"].endswith("RE-2026-0001.xml")
    assert b"xrechnung" in (book.parent / first["einvoice"]).read_bytes()
    assert second["einvoice"] == second["file"]
    assert b"factur-x.xml" in (book.parent / second["file"]).read_bytes()
    typed_of_client(book, 1, {"einvoice": "Peppol"})
    assert call("einvoice", book, "RE-2026-0002").exit_code == 1, "no Peppol ID"


@pytest.mark.parametrize("parts", [(), ("invoicing",)])
def test_lists_bring_in_codes_in_any_language(tmp_path: Path, parts: tuple[str, ...]) -> None:
    book = tmp_path / "My.xlsm"
    build(book, language="it", country="IT", currency="EUR", parts=parts)
    file = tmp_path / "list.csv"
    file.write_text(
        "Ragione sociale;Partita IVA;PEC;SdI code;Codice fiscale\n"
        "Neri Srl;07643520567;neri@pec.example.com;ABC1234;07643520567\n"
        "Bianchi Srl;01234567897;bianchi@pec.example.com;0000000;01234567897\n",
        encoding="utf-8",
    )
    ok("import", book, file)
    clients = frame(book, "Clients")
    assert list(clients["sdi_code"]) == ["ABC1234", "0000000"]
    assert list(clients["pec"]) == ["neri@pec.example.com", "bianchi@pec.example.com"]
    before = sha256_of(book)
    call("import", book, file)
    assert sha256_of(book) == before, "the same list again changes nothing"
