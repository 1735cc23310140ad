"""Person or company, row by row: "Denominazione" holds both, and a private client is no company called Colombo Marta.

A company stays one unless the row says otherwise: a person's tax number, the contact of the same name, a comma between
surname and given name, or a name that can only be a person's. A legal form ends all doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from xlcrm import words
from xlcrm.fields import tax_id
from xlcrm.importing.cells import firm_words
from xlcrm.importing.cells.list_columns import ListColumns
from xlcrm.importing.header_words import choice_of
from xlcrm.problems import Problem
from xlcrm.text import fold

# Kinds of tax numbers that only a person has (see xlcrm.fields.tax_id.KINDS).
PERSONAL = frozenset("it.codicefiscale no.fodselsnummer se.personnummer dk.cpr nl.bsn be.nn de.idnr fr.nif".split())
KINDS = ("company", "person", "household")


def spread(columns: ListColumns) -> None:
    """Persons out of the company's column into the name's, where that is blank or says the same."""
    for header in columns.of(["client_name"]):
        _name_of_either(columns, header)
    _firms_by_name(columns)
    _firms_as_surnames(columns)
    _natural_persons(columns)
    _persons_as_firms(columns)


class EitherName(NamedTuple):
    """A row's name that may be a person's or a company's, and what stands beside it.

    `name` is the cell, `contact` the person's whole name beside it, `parts` first and last name beside it, `kind` what
    the name looks like, `told` what the list says, `personal` whether the tax number is a person's.
    """

    name: str
    contact: str
    parts: str
    kind: str
    told: str
    personal: bool

    @property
    def says_company(self) -> bool:
        return self.kind == "company" or self.told == "company"

    @property
    def is_firm(self) -> bool:
        """In a column of both: a firm's word goes before the tax number, a sole trader's shop has a person's."""
        by_contact = bool(self.contact or self.parts) and self.kind != "person"
        return (self.says_company or by_contact) and (not self.personal or firm_words.is_firm(self.name))

    @property
    def is_person(self) -> bool:
        """In a column of companies."""
        if not self.name or self.says_company:
            return False
        beside = self.contact or self.parts
        if beside:
            return set(fold(self.name).split()) == set(fold(beside).split())
        return self.kind == "person" or self.personal or self.told == "person" or _has_comma(self.name)

    @property
    def sure(self) -> str:
        """ "company" or "person" where that is sure in a column of both, else ""."""
        if self.kind == "company" and self.is_firm:
            return "company"
        return "person" if self.kind == "person" or self.personal else ""


def _rows(columns: ListColumns, names: Sequence[str]) -> list[EitherName]:
    kinds = _kinds(names, columns.country)
    told = [choice_of("kind", text) for text in columns.get("kind")]
    personal = [_is_personal(number, columns.country) for number in columns.get("tax_id")]
    cells = zip(names, columns.get("full_name"), _parts(columns), kinds, told, personal, strict=True)
    return [EitherName(*row) for row in cells]


def _parts(columns: ListColumns) -> list[str]:
    """First and last name of each row as one text."""
    both = zip(columns.get("first_name"), columns.get("last_name"), strict=True)
    return [" ".join(filter(None, row)) for row in both]


def _put_kinds(columns: ListColumns, kinds: Sequence[str]) -> None:
    """Writes the kinds (canonical) in the workbook's language where the list says none."""
    shown = {name: words.choice_word("kind", name, columns.language) for name in KINDS}
    told = columns.get("kind")
    columns.put("kind", [old or shown.get(kind, "") for old, kind in zip(told, kinds, strict=True)])


def _put_blank(columns: ListColumns, field: str, cells: Sequence[str]) -> None:
    """Fills the blank cells of a field."""
    columns.put(field, [old or new for old, new in zip(columns.get(field), cells, strict=True)])


def _persons_as_firms(columns: ListColumns) -> None:
    firms = columns.get("company")
    if not any(firms) or columns.mapped[columns.header_of("company")].how == "given":
        return
    rows = _rows(columns, firms)
    if not any(row.is_person for row in rows):
        return
    _put_kinds(columns, ["person" if row.is_person else "" for row in rows])
    columns.put("company", ["" if row.is_person else row.name for row in rows])
    _put_blank(columns, "full_name", [row.name if row.is_person and not row.parts else "" for row in rows])


def _name_of_either(columns: ListColumns, header: str) -> None:
    """A column of persons and companies: with a contact beside it, or surely a company, it is one, else a name."""
    rows = _rows(columns, columns.text(header))
    _put_blank(columns, "company", [row.name if row.is_firm else "" for row in rows])
    _put_kinds(columns, [row.sure for row in rows])
    _put_blank(columns, "full_name", ["" if row.is_firm or row.parts else row.name for row in rows])
    placed = zip(rows, columns.get("company"), columns.get("full_name"), _parts(columns), strict=True)
    columns.keep(header, ["" if _same_words(row.name, names) else row.name for row, *names in placed])


def _natural_persons(columns: ListColumns) -> None:
    """Whoever stands in a column of natural persons ("Name (natürl. Person)") is one, but for a company beside it."""
    headers = [h for h in columns.of({"full_name", "first_name", "last_name"}) if firm_words.of_persons(h)]
    if headers:
        named = zip(*(columns.text(header) for header in headers), strict=True)
        firms = columns.get("company")
        _put_kinds(columns, ["person" if any(row) and not firm else "" for row, firm in zip(named, firms, strict=True)])


def _firms_by_name(columns: ListColumns) -> None:
    """A whole name that is surely a firm's is its company, too; so is "ALFA" at alfa@alfa.it: a domain of that name."""
    header = columns.header_of("full_name")
    if not header or columns.mapped[header].how == "given" or columns.header_of("last_name"):
        return
    rows, mails = _rows(columns, columns.text(header)), columns.get("email")
    firms = columns.get("company")
    found = [not firm and _is_named(row, mail) for row, mail, firm in zip(rows, mails, firms, strict=True)]
    if any(found):
        kinds = ["company" if hit else row.kind for row, hit in zip(rows, found, strict=True)]
        _put_blank(columns, "company", [row.name if hit else "" for row, hit in zip(rows, found, strict=True)])
        _put_kinds(columns, kinds)
        _ask(columns, ["" if kind in KINDS else row.name for row, kind in zip(rows, kinds, strict=True)])


def _is_named(row: EitherName, mail: str) -> bool:
    return row.kind == "company" or (not row.kind and _is_domain(row.name, mail))


def _ask(columns: ListColumns, unclear: Sequence[str]) -> None:
    """In a column of both, the names that could be either's are asked about."""
    count = sum(map(bool, unclear))
    if count:
        at = next(row for row, name in enumerate(unclear) if name)
        values = (("count", str(count)), ("file", columns.incoming.name))
        place, header = columns.incoming.row(at), columns.header_of("full_name") or columns.header_of("company")
        columns.problems.append(
            Problem("import.either", row=place, column=header, value=unclear[at], level="doubt", values=values)
        )


def _firms_as_surnames(columns: ListColumns) -> None:
    """A firm in the column of surnames, where the row has no given name: "Groß GmbH" under "Name" beside "Vorname"."""
    if not columns.header_of("first_name"):
        return
    surnames = columns.get("last_name")
    beside = zip(surnames, columns.get("first_name"), columns.get("company"), strict=True)
    candidates = ["" if given or firm else name for name, given, firm in beside]
    found = _have_form(candidates, columns.country) if any(candidates) else []
    if any(found):
        _put_blank(columns, "company", [name if hit else "" for name, hit in zip(candidates, found, strict=True)])
        columns.put("last_name", ["" if hit else name for name, hit in zip(surnames, found, strict=True)])


def _is_domain(name: str, email: str) -> bool:
    labels = email.casefold().rpartition("@")[2].split(".")
    return len(labels) > 1 and len(name) > 2 and fold(name).replace(" ", "") == labels[-2].replace("-", "")


def _same_words(text: str, names: Sequence[str]) -> bool:
    return any(set(fold(text).split()) == set(fold(name).split()) for name in names)


def _have_form(names: Sequence[str], country: str) -> list[bool]:
    """Which of the names end in a legal form or hold a shop's word."""
    from xlcrm.names.column import split_names

    forms = split_names(pd.Series(names, dtype="str"), country=country)["legal_form"]
    return [bool(form) or firm_words.is_firm(name) for form, name in zip(forms, names, strict=True)]


def _kinds(names: Sequence[str], country: str) -> list[str]:
    """What the names look like: "company" and "person" only where that is sure, else ""."""
    from xlcrm.names.column import split_names

    distinct = list(dict.fromkeys(name for name in names if name))
    read = split_names(pd.Series(distinct, dtype="str"), country=country)
    sure = (read["sure"] | _are_names(read)) & ((read["kind"] != "person") | (read["legal_form"] == ""))
    seen = read["kind"].where(sure | (read["kind"] == "company"), "")
    found = {name: "company" if firm_words.is_firm(name) else kind for name, kind in zip(distinct, seen, strict=True)}
    return [found.get(name, "") for name in names]


def _are_names(read: pd.DataFrame) -> pd.Series[bool]:
    """Doubtful in their order alone, and every word a name in the lists, one of them a given name: surely persons."""
    from xlcrm.names.knowledge import counts

    def known(name: str) -> bool:
        found = [counts(word).values() for word in fold(name).split()]
        return all(found) and any(given for lists in found for given, _ in lists)

    whole = (read["first_name"] + " " + read["middle_name"] + " " + read["last_name"]).where(
        (read["kind"] == "person") & (read["reason"] == "name.order"), ""
    )
    return whole.map(lambda name: bool(name) and known(name)).astype(bool)


def _is_personal(number: str, country: str) -> bool:
    if not number:
        return False
    if country == "ES":  # DNI and NIE end with a letter, a company's CIF begins with one
        text = tax_id.compact(number).removeprefix("ES")
        return len(text) == 9 and text[-1].isalpha() and (text[0].isdigit() or text[0] in "XYZ")
    return tax_id.kind(number, country) in PERSONAL


def _has_comma(name: str) -> bool:
    before, comma, after = name.partition(",")
    return (
        bool(comma)
        and 0 < len(after.split()) <= 3
        and 0 < len(before.split()) <= 3
        and not any(c.isdigit() for c in name)
    )
