"""Figures of contact lists imported as firms and people: who is lost and which firm is there twice, reckoned apart.

The lists are read here by a plain CSV reader and by columns named by hand, so that no code of the import is judged by
itself. A person is there where all words of the name stand in one row of People, or of Clients; a firm is there twice
where two clients have its name.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from tests.support.importing_help import applied, settings, workbook
from xlcrm.files.list_files import read
from xlcrm.importing import plan
from xlcrm.tables import Tables
from xlcrm.values import text_of

TODAY = dt.date(2026, 11, 27)
# list -> headers of the firm's name, and of the parts of each person's name ("+" between; several persons with "|")
LISTS = {
    "classicmodels_customers.csv": ("customerName", "contactFirstName+contactLastName"),
    "northwind_customers.csv": ("CompanyName", "ContactName"),
    "c01_linkedin.csv": ("Company", "First Name+Last Name"),
    "c02_google_old.csv": ("Organization 1 - Name", "Given Name+Family Name"),
    "c03_google_new.csv": ("Organization Name", "First Name+Last Name"),
    "c04_outlook_en.csv": ("Company", "First Name+Last Name"),
    "c06_outlook_it.csv": ("Società", "Nome+Cognome"),
    "c07_outlook_fr.csv": ("Société", "Prénom+Nom"),
    "c09_outlook_nb.csv": ("Firma", "Fornavn+Etternavn"),
    "c20_danea_clienti.csv": ("Denominazione", "Referente"),
    "c25_sevdesk.csv": ("Organisation", "Vorname+Nachname"),
    "c27_qb_customers.csv": ("Company", "First Name+Last Name"),
    "c30_sage_customers.csv": ("Name", "Contact Name"),
    "d3_odoo_children.csv": ("name", "child_ids/name"),
    "g3_outlook_it3.csv": ("Società", "Nome+Cognome"),
    "h5_invoiceninja.csv": ("Client Name", "Contact First Name+Contact Last Name"),
    "o32_salesforce_report.csv": ("Account Name", "First Name+Last Name"),
    "o33_pipedrive_people.csv": ("Organization - Name*", "Person - First name+Person - Last name"),
    "o34_xtcommerce.csv": ("Firma", "Vorname+Nachname"),
    "o35_hubspot_contacts.csv": ("Company name", "First Name+Last Name"),
    "o38_zoho_contacts.csv": ("Account Name", "First Name+Last Name"),
    "p17_outlook_de.csv": ("Firma", "Vorname+Nachname"),
    "p18_google_es.csv": ("Organization Name", "First Name+Last Name"),
    "a01_hubspot_en.csv": ("Associated Company", "First Name+Last Name"),
    "a02_salesforce_en.csv": ("Account Name", "First Name+Last Name"),
    "a03_pipedrive_nb.csv": ("Person - Organisasjon", "Person - Navn"),
    "a05_odoo_children_en.csv": ("name", "child_ids/name"),
    "a06_outlook_de.csv": ("Firma", "Vorname+Nachname"),
    "a11_quickbooks_en.csv": ("Company", "First Name+Last Name|Secondary Contact"),
    "a13_ansprechpartner_de.csv": ("Firma", "Ansprechpartner"),
    "a15_due_referenti_it.csv": ("Ragione sociale", "Referente 1|Referente 2"),
    "a16_mixte_fr.csv": ("Société", "Prénom+Nom"),
    "a20_allgemein_en.csv": ("Company", "Contact person"),
    "a21_contactos_es.csv": ("Empresa", "Persona de contacto"),
    "a24_due_volte_it.csv": ("Azienda", "Referente"),
    "a25_zoho_es.csv": ("Account Name", "First Name+Last Name"),
}  # fmt: skip


class Figures(NamedTuple):
    """What came of a list: how many firms and people it names, who is lost, which firms stand twice, what a second
    import of it adds, and how many rows of People there are."""

    firms: int
    people: int
    lost: list[str]
    twice: list[str]
    again: int
    rows: int


def figures(path: Path) -> Figures:
    """The list imported with --people into an empty workbook, twice."""
    firms, people = _named(path)
    before = workbook()
    once = _imported(before, path)
    twice = _imported(once, path)
    clients = once["Clients"].frame
    rows = [*_names(once["People"].frame), *_names(clients)]
    lost = [name for name in people if not any(_words(name) <= row for row in rows)]
    count = Counter(_key(text_of(cell)) for cell in clients["company"] if text_of(cell))
    double = [firm for firm in firms if count[_key(firm)] > 1]
    again = sum(len(twice[name].frame) - len(once[name].frame) for name in ("Clients", "People"))
    return Figures(len(firms), len(people), lost, double, again, len(once["People"].frame))


def _imported(tables: Tables, path: Path) -> Tables:
    return applied(tables, plan(tables, read(path), settings=settings(country="GB"), today=TODAY, people="yes"))


def _named(path: Path) -> tuple[list[str], list[str]]:
    """The different firms (by their letters) and people that the list names, as typed."""
    firm_header, parts = LISTS[path.name]
    firms: dict[str, str] = {}
    people: dict[str, str] = {}
    for row in _rows(path):
        firm = row.get(firm_header, "").strip()
        named = [" ".join(row.get(h, "").strip() for h in one.split("+")).strip() for one in parts.split("|")]
        for person in filter(None, named):
            people.setdefault(" ".join(sorted(_words(person))), person)
        if firm and firm not in {"-", "NULL"}:
            firms.setdefault(_key(firm), firm)
    return list(firms.values()), list(people.values())


def _rows(path: Path) -> Iterator[dict[str, str]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    lines = text.splitlines(keepends=True)
    headers = set(re.split(r"[+|]", "+".join(LISTS[path.name])))
    first = next(at for at, line in enumerate(lines) if any(header in line for header in headers))
    separator = max(",;\t", key=lines[first].count)
    for row in csv.DictReader(lines[first:], delimiter=separator):
        yield {str(name): value for name, value in row.items() if isinstance(value, str)}


def _names(frame: pd.DataFrame) -> list[set[str]]:
    columns = [c for c in ("full_name", "title", "first_name", "middle_name", "last_name") if c in frame]
    return [_words(" ".join(text_of(cell) for cell in row)) for row in frame[columns].itertuples(index=False)]


def _words(text: str) -> set[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return set(re.findall(r"\w+", plain))


def _key(text: str) -> str:
    return "".join(re.findall(r"\w", text.casefold()))
