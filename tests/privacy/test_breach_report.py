"""Breach report: everybody in the file is listed and told in their language, and the authority's note adds up."""

from __future__ import annotations

import datetime as dt
import email
import json
import re
import stat
from email import policy
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from tests.support import invoicing_help
from tests.support.dirty_list import as_tables
from xlcrm.cli.commands import main
from xlcrm.files import encryption
from xlcrm.messages import LANGUAGES
from xlcrm.privacy import breach_report
from xlcrm.privacy.breach_report import Breach
from xlcrm.settings import Settings

KNOWN = dt.datetime(2026, 11, 27, 9, 30)
SETTINGS = Settings(country="IT", company="Nordlys AS", seller_email="post@example.com")
BREACH = Breach(dt.date(2026, 11, 26), KNOWN, "My 2026-11-26.xlsm", contact="post@example.com")
CLIENTS = {
    "client_id": ["C1", "C2", "C3"],
    "full_name": ["Anna Rossi", "Hans Groß", ""],
    "company": ["", "", "Neri Srl"],
    "email": ["anna@example.com", "hans@example.com", ""],
    "street": ["Via Po", "", "Via Dante"],
    "city": ["Torino", "", "Milano"],
    "postal_code": ["10121", "", "20121"],
    "language": ["it", "de", ""],
    "notes": ["carta 4111 1111 1111 1111, diabetica", "", "delivers on Mondays"],
    "opt_out_email": ["yes", "", ""],
    "status": ["former", "", ""],
}


def persons(clients: dict[str, list[str]] = CLIENTS) -> tuple[breach_report.Person, ...]:
    frames = {
        "Clients": pd.DataFrame(clients, dtype="str"),
        "Purchases": pd.DataFrame({"invoice": ["1"], "client_id": ["C2"]}, dtype="str"),
        "People": pd.DataFrame({"person_id": ["P1"], "client_id": ["C3"], "full_name": ["Ola Li"]}, dtype="str"),
    }
    return breach_report.persons_in(as_tables(frames), SETTINGS, KNOWN.date())


def test_everybody_is_there_with_what_was_held() -> None:
    found = {one.contact.key: one.kinds for one in persons()}
    assert found["C1"] == ("name", "address", "email", "notes", "card", "health")
    assert found["C2"] == ("name", "email", "purchases")
    assert found["C3"][:2] == ("name", "address")
    assert "P1" in found, "people at a firm, too"


def test_refusals_and_former_clients_are_told_all_the_same() -> None:
    letters = breach_report.letters(persons(), BREACH, SETTINGS)
    assert {"C1", "C3"} <= {letter.key for letter in letters}
    assert breach_report.by_email(persons()[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_is_told_in_their_language(language: str) -> None:
    one = persons({**CLIENTS, "language": [language, "", ""]})[0]
    spoken, paragraphs = breach_report.told(one, BREACH, SETTINGS)
    assert spoken == language
    assert len(paragraphs) == 6, "with what to do about the card"
    whole = " ".join(paragraphs)
    assert "{" not in whole
    assert "4111" not in whole
    assert "post@example.com" in whole
    assert whole.count("[") == 2, "places to fill in"
    draft = email.message_from_bytes(breach_report.email(one, BREACH, SETTINGS), policy=policy.default)
    assert draft["To"] == "Anna Rossi <anna@example.com>"
    assert paragraphs[0] in draft.get_content()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_note_has_the_figures_and_the_72_hours(language: str) -> None:
    settings = Settings(country="IT", language=language, company="Nordlys AS")
    told = breach_report.note(persons(), BREACH, settings, 5)
    assert "{" not in told
    assert "72" in told
    assert "30" in re.search(r"\b(30|0?9)[:.]30\b|9:30", told)[0]  # type: ignore[index]
    assert "My 2026-11-26.xlsm" in told
    assert "Anna" not in told, "no names in what goes to an authority"
    assert BREACH.until == dt.datetime(2026, 11, 30, 9, 30)


def invoke(book: Path, *words: str, password: str = "") -> Result:
    environment = {"XLCRM_PASSWORD": password, "XLCRM_LANGUAGE": "en"}
    return CliRunner().invoke(main, ["breach", str(book), *words], env=environment)


def test_the_command_writes_list_letters_mails_note_and_register(tmp_path: Path) -> None:
    book = invoicing_help.workbook(tmp_path / "My.xlsm")
    book.chmod(0o600)
    before = book.read_bytes()
    assert "Nothing was written" in invoke(book, "--dry-run").output
    told = json.loads(invoke(book, "--dry-run", "--json").output)
    assert (told["action"], told["persons"], told["files"]) == ("breach", 2, [])
    assert not (tmp_path / "My breaches").exists()
    done = invoke(book, "--what", "A laptop was stolen.", "--done", "All passwords were changed.", "--contact", "Kari")
    assert done.exit_code == 0, done.output
    assert "2 persons" in done.output
    assert book.read_bytes() == before
    made = {path.name: path for path in (tmp_path / "My breaches").rglob("*") if path.is_file()}
    assert {"note for the authority.txt", "persons concerned.xlsx", "letters.pdf", "register.csv"} <= set(made)
    assert "A laptop was stolen." in made["note for the authority.txt"].read_text(encoding="utf-8-sig")
    pages = " ".join(page.extract_text() for page in PdfReader(BytesIO(made["letters.pdf"].read_bytes())).pages)
    assert "Anna Rossi" in pages
    assert "incidente" in pages
    assert "[" not in pages
    register = made["register.csv"].read_text(encoding="utf-8-sig").splitlines()
    assert len(register) == 2
    assert "Rossi" not in register[1]
    assert invoke(book, "--as-of", "2020-01-01").exit_code == 2, "there is no backup at all"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) & 0o077 for path in made.values()}
    assert not any(modes.values()), modes


def test_the_backup_of_the_day_is_read(tmp_path: Path) -> None:
    book = invoicing_help.workbook(tmp_path / "My.xlsm")
    assert invoicing_help.call("backup", book).exit_code in (0, 2)
    CliRunner().invoke(main, ["backup", str(book)])
    backup = next((tmp_path / "My backups").glob("*.xlsm"))
    day = backup.name.split("My ")[-1][:10]
    book.write_bytes(encryption.encrypt(book.read_bytes(), "later locked"))
    done = invoke(book, "--as-of", day, "--out", str(tmp_path), password="later locked")
    assert backup.name in done.output, done.output
    assert "is locked, but" in done.output
    early = invoke(book, "--as-of", "2020-01-01", "--dry-run", password="later locked")
    assert "No backup is as old" in early.output
