"""Runs of `xlcrm bank` on a workbook: booked, asked, decided, undone; the same lines again change nothing."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.bank.test_statement_files import FOLDER
from tests.support.invoicing_help import call, frame, workbook
from xlcrm import schema
from xlcrm.files import file_book
from xlcrm.files.durable import sha256_of
from xlcrm.plan import Added, Change, Plan
from xlcrm.xlsx.reading import read_tables

HEADER = "Buchungstag;Name Zahlungsbeteiligter;IBAN Zahlungsbeteiligter;Verwendungszweck;Betrag;Waehrung\n"
CLEAN = "15.04.2026;Rossi Anna;;RE-2026-0001;122,00;EUR\n"
BY_NAME = "16.04.2026;NERI SRL;;danke;61,00;EUR\n"
PART = "17.04.2026;NERI SRL;;Anzahlung;10,00;EUR\n"
AGAIN = "18.04.2026;Anna Rossi;;RE-2026-0001;122,00;EUR\n"
OUT = "18.04.2026;Stadtwerke;;Abschlag;-64,90;EUR\n"


def document(number: str, client: str, buyer: str, gross: float, kind: str = "invoice") -> dict[str, object]:
    return {
        "number": number, "kind": kind, "status": "issued", "date": pd.Timestamp("2026-03-02"), "client_id": client,
        "buyer": buyer, "currency": "EUR", "net": gross / 1.22, "vat": gross - gross / 1.22, "gross": gross,
        "paid": 0.0, "open": gross, "due_on": pd.Timestamp("2026-12-31"), "series": "RE", "year": 2026,
    }  # fmt: skip


DOCUMENTS = [
    document("RE-2026-0001", "C1", "Anna Rossi", 122.0),
    document("RE-2026-0002", "C2", "Neri Srl", 61.0),
    document("RE-2026-0003", "C2", "Neri Srl", 30.5),
]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = workbook(tmp_path_factory.mktemp("bank") / "My.xlsm")
    rows = pd.DataFrame(DOCUMENTS, dtype=object)
    file_book.at(path).apply(Plan("check", added=(Added("Documents", rows),)), read_tables.read(path))
    return path


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "My.xlsm"))


def statement(folder: Path, *lines: str, name: str = "bank.csv") -> Path:
    path = folder / name
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


def paid(book: Path) -> list[tuple[str, float]]:
    table = frame(book, "Payments")
    return [(n, a) for n, a in zip(table["number"], table["amount"], strict=True) if n]


def asked(book: Path) -> list[tuple[str, str]]:
    table = frame(book, "Problems")
    return [(c, s or "") for c, s in zip(table["code"], table["suggestion"], strict=True) if str(c).startswith("bank.")]


def decide(book: Path, decision: str, suggestion: str | None = None, at: int = 0) -> None:
    """Write a decision into the sheet Problems as a person does."""
    tables = read_tables.read(book)
    cells = tables["Problems"].frame
    index = pd.Index([at])
    wanted = {"decision": decision, **({} if suggestion is None else {"suggestion": suggestion})}
    changes = tuple(
        Change(
            "Problems", name, cells[name].loc[index], pd.Series([v], index=index, dtype=object), cells["code"][index]
        )
        for name, v in wanted.items()
    )
    file_book.at(book).apply(Plan("check", changes=changes), tables)


def run(*given: object, code: Sequence[int] = (0, 1)) -> str:
    result = call(*given)
    assert result.exit_code in code, result.output
    return result.output


def test_payments_are_booked_and_statuses_follow(book: Path, tmp_path: Path) -> None:
    said = run("bank", book, statement(tmp_path, CLEAN, BY_NAME, OUT), code=[0])
    assert "2 payments booked" in said
    assert paid(book) == [("RE-2026-0001", 122.0), ("RE-2026-0002", 61.0)]
    documents = frame(book)
    assert list(documents["status"]) == ["paid", "paid", "issued"]
    assert list(documents["open"]) == [0.0, 0.0, 30.5]
    assert all(frame(book, "Payments")["reference"])


def test_a_dry_run_shows_and_writes_nothing(book: Path, tmp_path: Path) -> None:
    before = sha256_of(book)
    said = run("bank", book, statement(tmp_path, CLEAN), "--dry-run")
    assert "RE-2026-0001" in said
    assert sha256_of(book) == before


def test_the_same_statement_twice_changes_nothing(book: Path, tmp_path: Path) -> None:
    file = statement(tmp_path, CLEAN, BY_NAME, PART, AGAIN, OUT)
    run("bank", book, file)
    before, problems = paid(book), asked(book)
    assert [code for code, _ in problems] == ["bank.part", "bank.paid_already"]
    bytes_ = sha256_of(book)
    said = run("bank", book, file)
    assert "2 known before" in said
    assert sha256_of(book) == bytes_
    assert paid(book) == before
    assert asked(book) == problems


def test_another_format_of_the_same_lines_is_known(book: Path, tmp_path: Path) -> None:
    run("bank", book, statement(tmp_path, CLEAN, BY_NAME, AGAIN))
    other = tmp_path / "other.csv"
    other.write_text(
        "Date,Description,Paid in,Paid out,ID\n"
        "15/04/2026,ROSSI ANNA RE-2026-0001,122.00,,A-000001\n"
        "16/04/2026,CREDIT NERI SRL DANKE,61.00,,A-000002\n"
        "18/04/2026,ANNA ROSSI RE-2026-0001,122.00,,A-000003\n",
        encoding="utf-8",
    )
    before, problems = paid(book), len(asked(book))
    run("bank", book, other)
    assert paid(book) == before
    assert len(asked(book)) == problems == 1
    run("bank", book, statement(tmp_path, CLEAN), other)
    assert paid(book) == before


def test_one_line_in_two_files_of_a_run_is_one(book: Path, tmp_path: Path) -> None:
    run("bank", book, statement(tmp_path, CLEAN), statement(tmp_path, CLEAN, BY_NAME, name="b.csv"))
    assert paid(book) == [("RE-2026-0001", 122.0), ("RE-2026-0002", 61.0)]
    assert asked(book) == []


def test_undo_takes_the_payments_out_again(book: Path, tmp_path: Path) -> None:
    run("bank", book, statement(tmp_path, CLEAN, PART))
    run("undo", book)
    assert paid(book) == []
    assert asked(book) == []
    assert list(frame(book)["status"]) == ["issued"] * 3


@pytest.mark.parametrize("by", ["correct", "bank"])
def test_what_was_decided_is_booked(book: Path, tmp_path: Path, by: str) -> None:
    file = statement(tmp_path, PART)
    run("bank", book, file)
    assert asked(book) == [("bank.part", "")]
    decide(book, "apply", "re-2026-0003")
    run(*(("correct", book) if by == "correct" else ("bank", book, file)))
    assert paid(book) == [("RE-2026-0003", 10.0)]
    assert asked(book) == []
    run("bank", book, file)
    assert paid(book) == [("RE-2026-0003", 10.0)]


def test_undo_of_a_decision_brings_the_question_back(book: Path, tmp_path: Path) -> None:
    run("bank", book, statement(tmp_path, PART))
    decide(book, "apply", "RE-2026-0003")
    run("correct", book)
    run("undo", book)
    assert paid(book) == []
    assert asked(book) == [("bank.part", "RE-2026-0003")]


def test_a_decision_with_amounts_of_its_own(book: Path, tmp_path: Path) -> None:
    run("bank", book, statement(tmp_path, "17.04.2026;NERI SRL;;RE-2026-0002;65,00;CHF\n"))
    assert asked(book) == [("bank.other_currency", "")]
    decide(book, "apply", "RE-2026-0002=60.90, RE-2026-0003=0.10")
    run("correct", book)
    assert paid(book) == [("RE-2026-0002", 60.9), ("RE-2026-0003", 0.1)]


def test_an_unknown_number_in_a_decision_is_said(book: Path, tmp_path: Path) -> None:
    run("bank", book, statement(tmp_path, PART))
    decide(book, "apply", "RE-2026-0099")
    said = run("correct", book)
    assert "RE-2026-0099" in said
    assert paid(book) == []
    assert len(asked(book)) == 1


def test_what_is_ignored_is_never_asked_again(book: Path, tmp_path: Path) -> None:
    file = statement(tmp_path, PART)
    run("bank", book, file)
    decide(book, "ignore")
    run("bank", book, file)
    run("check", book)
    assert len(asked(book)) == 1
    assert list(frame(book, "Problems")["decision"]).count("ignore") == 1
    assert paid(book) == []


def test_a_payment_typed_by_hand_is_asked_not_doubled(book: Path, tmp_path: Path) -> None:
    run("pay", book, "RE-2026-0001", "--date", "2026-04-14")
    file = statement(tmp_path, CLEAN)
    run("bank", book, file)
    assert asked(book) == [("bank.typed_already", "")]
    decide(book, "apply")
    run("correct", book)
    assert paid(book) == [("RE-2026-0001", 122.0)]
    assert asked(book) == []
    assert all(frame(book, "Payments")["reference"])
    run("bank", book, file)
    assert asked(book) == []


def test_parts_typed_by_hand_are_one_line_of_the_bank(book: Path, tmp_path: Path) -> None:
    run("pay", book, "RE-2026-0002", "RE-2026-0003", "--date", "2026-04-14")
    run("bank", book, statement(tmp_path, "15.04.2026;NERI SRL;;RE-2026-0002, RE-2026-0003;91,50;EUR\n"))
    assert asked(book) == [("bank.typed_already", "")]
    decide(book, "apply")
    run("correct", book)
    assert len(set(frame(book, "Payments")["reference"])) == 1
    assert paid(book) == [("RE-2026-0002", 61.0), ("RE-2026-0003", 30.5)]


def test_the_same_by_name_a_day_later_is_asked(book: Path, tmp_path: Path) -> None:
    """One file has the day of booking, the other that of value: two invoices of one amount, and one payment."""
    tables = read_tables.read(book)
    more = pd.DataFrame([document("RE-2026-0004", "C2", "Neri Srl", 61.0)], dtype=object)
    run("bank", book, statement(tmp_path, BY_NAME))
    file_book.at(book).apply(Plan("check", added=(Added("Documents", more),)), read_tables.read(book))
    assert len(tables["Documents"].frame) == 3
    run("bank", book, statement(tmp_path, BY_NAME.replace("16.", "17."), name="value.csv"))
    assert asked(book) == [("bank.before", "RE-2026-0004")]
    assert paid(book) == [("RE-2026-0002", 61.0)]


def test_a_check_keeps_what_the_bank_asked(book: Path, tmp_path: Path) -> None:
    run("bank", book, statement(tmp_path, PART))
    run("check", book)
    assert asked(book) == [("bank.part", "")]


def test_lines_asked_earlier_stay_when_another_statement_comes(book: Path, tmp_path: Path) -> None:
    run("bank", book, statement(tmp_path, PART))
    run("bank", book, statement(tmp_path, CLEAN, name="next.csv"))
    assert asked(book) == [("bank.part", "")]
    assert paid(book) == [("RE-2026-0001", 122.0)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("Name;Ort\nAnna;Bonn\n", "bank statement"),
        ("", "empty"),
        ("<?xml version='1.0'?><Document><a>", "damaged"),
        ("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><Document>&b;</Document>", "damaged"),
        ("<?xml version='1.0'?><Document><Invoice/></Document>", "bank statement"),
        (":20:A\r\n:25:1\r\n:28C:1\r\n:60F:X\r\n:61:nonsense\r\n", "damaged"),
        ("Date,Amount,Text\n01/02/2026,5.00,a\n03/04/2026,6.00,b\n", "dmy"),
        ('Date,Amount,Text\n2026-04-15,"1,250",a\n', "decimals"),
    ],
)
def test_what_is_no_statement_is_refused(book: Path, tmp_path: Path, content: str, code: str) -> None:
    before = sha256_of(book)
    file = tmp_path / "file.csv"
    file.write_text(content, encoding="utf-8")
    assert code in run("bank", book, file, code=[2])
    assert sha256_of(book) == before


def test_an_older_workbook_gets_the_column_by_upgrade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = schema.PARTS["invoicing"]
    old = tuple(
        replace(spec, columns=tuple(c for c in spec.columns if (spec.name, c.name) != ("Payments", "reference")))
        for spec in new
    )
    with monkeypatch.context() as earlier:
        earlier.setitem(schema.PARTS, "invoicing", old)
        book = workbook(tmp_path / "Old.xlsm")
    file = statement(tmp_path, CLEAN)
    assert "upgrade" in run("bank", book, file, code=[2])
    run("upgrade", book)
    assert "reference" in frame(book, "Payments")
    run("bank", book, file)


def test_mt940_without_its_library_says_what_to_install(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mt940.models", None)
    assert "xlcrm[bank]" in run("bank", book, FOLDER / "mt940_german.sta", code=[2])


def test_a_zip_of_camt_files_is_read(book: Path, tmp_path: Path) -> None:
    packed = tmp_path / "statements.zip"
    with zipfile.ZipFile(packed, "w") as file:
        file.write(FOLDER / "camt053_v2.xml", "a/1.xml")
        file.write(FOLDER / "camt053_v8.xml", "a/2.xml")
    assert "6 lines read" in run("bank", book, packed)


def test_a_workbook_of_a_bank_is_read(book: Path, tmp_path: Path) -> None:
    """Days as days, amounts as numbers, lines above the header."""
    rows = [
        ["Lista movimenti", None, None, None],
        ["Data contabile", "Descrizione", "Accrediti", "Addebiti"],
        [dt.datetime(2026, 4, 15), "BONIFICO DISPOSTO DA: ROSSI ANNA RIF: RE-2026-0001", 122.0, None],
        [dt.datetime(2026, 4, 16), "ADDEBITO STADTWERKE", None, 64.9],
    ]
    pd.DataFrame(rows).to_excel(tmp_path / "bank.xlsx", header=False, index=False)
    run("bank", book, tmp_path / "bank.xlsx")
    assert paid(book) == [("RE-2026-0001", 122.0)]


def test_an_import_of_a_statement_books_nothing(book: Path, tmp_path: Path) -> None:
    run("import", book, statement(tmp_path, CLEAN), "--dry-run", code=[0, 1, 2])
    assert paid(book) == []
