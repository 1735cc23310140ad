"""Person or company, row by row: "Denominazione" holds both, and a private client is no company called Colombo Marta.

A company stays one unless the row says otherwise: a person's tax number, the contact of the same name, a comma between
surname and given name, or a name that can only be a person's. A legal form ends all doubt.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from xlcrm import words
from xlcrm.fields import tax_id
from xlcrm.importing.cells.list_columns import ListColumns
from xlcrm.importing.header_words import choice_of
from xlcrm.problems import Problem
from xlcrm.text import fold

# Kinds of tax numbers that only a person has (see xlcrm.fields.tax_id.KINDS).
PERSONAL = frozenset("it.codicefiscale no.fodselsnummer se.personnummer dk.cpr nl.bsn be.nn de.idnr fr.nif".split())


def spread(columns: ListColumns) -> None:
    """Persons out of the company's column into the name's, where that is blank or says the same."""
    for header in columns.of(["client_name"]):
        _name_of_either(columns, header)
    _firms_by_name(columns)
    _firms_as_surnames(columns)
    firms = columns.get("company")
    if not any(firms) or columns.mapped[columns.header_of("company")].how == "given":
        return
    people = columns.get("full_name")
    parts = [
        " ".join(filter(None, row)) for row in zip(columns.get("first_name"), columns.get("last_name"), strict=True)
    ]
    kinds = _kinds(firms, columns.country)
    numbers, told = columns.get("tax_id"), columns.get("kind")
    moved = [
        _is_person(firm, person or named, kind, number, says, columns.country)
        for firm, person, named, kind, number, says in zip(firms, people, parts, kinds, numbers, told, strict=True)
    ]
    if any(moved):
        person_word = words.choice_word("kind", "person", columns.language)
        columns.put("kind", [old or (person_word if out else "") for old, out in zip(told, moved, strict=True)])
        named = [bool(part) for part in parts]
        columns.put("company", ["" if out else firm for out, firm in zip(moved, firms, strict=True)])
        columns.put(
            "full_name",
            [
                firm if out and not known and not old else old
                for out, known, firm, old in zip(moved, named, firms, people, strict=True)
            ],
        )


def _name_of_either(columns: ListColumns, header: str) -> None:
    """A column of persons and companies: with a contact beside it, or surely a company, it is one, else a name."""
    texts, people, firms = columns.text(header), columns.get("full_name"), columns.get("company")
    named = [bool(a or b) for a, b in zip(columns.get("first_name"), columns.get("last_name"), strict=True)]
    kinds = _kinds(texts, columns.country)
    numbers, told = columns.get("tax_id"), columns.get("kind")
    firm_here = [
        kind == "company" or choice_of("kind", says) == "company" or (bool(contact or parts) and kind != "person")
        for kind, says, contact, parts in zip(kinds, told, people, named, strict=True)
    ]
    firm_here = [
        firm and not _is_personal(number, columns.country) for firm, number in zip(firm_here, numbers, strict=True)
    ]
    columns.put("company", [old or (t if firm else "") for old, t, firm in zip(firms, texts, firm_here, strict=True)])
    sure = [
        "company"
        if kind == "company" and firm
        else "person"
        if kind == "person" or _is_personal(n, columns.country)
        else ""
        for kind, firm, n in zip(kinds, firm_here, numbers, strict=True)
    ]
    shown = {name: words.choice_word("kind", name, columns.language) for name in ("company", "person")}
    columns.put("kind", [old or shown.get(name, "") for old, name in zip(told, sure, strict=True)])
    whole = [
        old or ("" if firm or parts else text)
        for old, text, firm, parts in zip(people, texts, firm_here, named, strict=True)
    ]
    columns.put("full_name", whole)
    parts = [f"{a} {b}" for a, b in zip(columns.get("first_name"), columns.get("last_name"), strict=True)]
    placed = zip(texts, columns.get("company"), columns.get("full_name"), parts, strict=True)
    columns.keep(header, ["" if _same_words(text, row) else text for text, *row in placed])


def _firms_by_name(columns: ListColumns) -> None:
    """A whole name that is surely a firm's is its company, too; so is "ALFA" at alfa@alfa.it: a domain of that name."""
    header = columns.header_of("full_name")
    if not header or columns.mapped[header].how == "given" or columns.header_of("last_name"):
        return
    people, firms, told = columns.text(header), columns.get("company"), columns.get("kind")
    kinds = _kinds(people, columns.country)
    rows = list(zip(people, firms, kinds, columns.get("email"), strict=True))
    found = [
        not firm and (kind == "company" or (not kind and _is_domain(name, mail))) for name, firm, kind, mail in rows
    ]
    if any(found):
        columns.put("company", [name if hit else firm for name, firm, hit in zip(people, firms, found, strict=True)])
        told_kinds = ["company" if hit else kind for hit, kind in zip(found, kinds, strict=True)]
        names = ("company", "person", "household")
        shown = {name: words.choice_word("kind", name, columns.language) for name in names}
        columns.put("kind", [old or shown.get(kind, "") for old, kind in zip(told, told_kinds, strict=True)])
        _ask(
            columns, [name if name and kind not in shown else "" for name, kind in zip(people, told_kinds, strict=True)]
        )


def _ask(columns: ListColumns, unclear: Sequence[str]) -> None:
    """In a column of both, the names that could be either's are asked about."""
    count = sum(map(bool, unclear))
    if count:
        at = next(row for row, name in enumerate(unclear) if name)
        values = (("count", str(count)), ("file", columns.incoming.name))
        place = columns.incoming.row(at)
        columns.problems.append(
            Problem("import.either", row=place, column="kind", value=unclear[at], level="doubt", values=values)
        )


def _firms_as_surnames(columns: ListColumns) -> None:
    """A firm in the column of surnames, where the row has no given name: "Groß GmbH" under "Name" beside "Vorname"."""
    if not columns.header_of("first_name"):
        return
    surnames, firms = columns.get("last_name"), columns.get("company")
    alone = [not given and not firm for given, firm in zip(columns.get("first_name"), firms, strict=True)]
    candidates = [name if lone else "" for name, lone in zip(surnames, alone, strict=True)]
    found = _have_form(candidates, columns.country) if any(candidates) else []
    if any(found):
        columns.put("company", [name if hit else firm for name, firm, hit in zip(surnames, firms, found, strict=True)])
        columns.put("last_name", ["" if hit else name for name, hit in zip(surnames, found, strict=True)])


def _is_domain(name: str, email: str) -> bool:
    labels = email.casefold().rpartition("@")[2].split(".")
    return len(labels) > 1 and len(name) > 2 and fold(name).replace(" ", "") == labels[-2].replace("-", "")


def _same_words(text: str, names: Sequence[str]) -> bool:
    return any(set(fold(text).split()) == set(fold(name).split()) for name in names)


def _have_form(names: Sequence[str], country: str) -> list[bool]:
    """Which of the names end in a legal form."""
    from xlcrm.names.column import split_names

    return [bool(form) for form in split_names(pd.Series(names, dtype="str"), country=country)["legal_form"]]


def _kinds(names: Sequence[str], country: str) -> list[str]:
    """What the names look like: "company" and "person" only where that is sure, else ""."""
    from xlcrm.names.column import split_names

    distinct = list(dict.fromkeys(name for name in names if name))
    read = split_names(pd.Series(distinct, dtype="str"), country=country)
    sure = read["sure"] & ((read["kind"] != "person") | (read["legal_form"] == ""))
    found = dict(zip(distinct, read["kind"].where(sure | (read["kind"] == "company"), ""), strict=True))
    return [found.get(name, "") for name in names]


def _is_person(firm: str, contact: str, kind: str, number: str, told: str, country: str) -> bool:
    """Whether a row's company is a person, given its contact, what its name looks like and its tax number."""
    if not firm or kind == "company" or choice_of("kind", told) == "company":
        return False
    if contact:
        return set(fold(firm).split()) == set(fold(contact).split())
    return kind == "person" or _is_personal(number, country) or choice_of("kind", told) == "person" or _has_comma(firm)


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
