"""Check the people of the list row by row: two cells may each be right and still contradict each other."""

from __future__ import annotations

import datetime as dt
import importlib
from typing import NamedTuple

import numpy as np
import pandas as pd

from xlcrm.addresses.regions import postal_code_fits
from xlcrm.checks.judge import Verdict
from xlcrm.checks.view import CheckedBook, Mask, View
from xlcrm.fields import email, phone, postal_code, tax_id
from xlcrm.people.channel_consent import FLAGS, agreed
from xlcrm.problems import Problem
from xlcrm.text import fold_letters
from xlcrm.values import as_flag
from xlcrm.words import choice_word

# Some tax numbers hold a person's birth date and name, which shows a number that was given to the wrong row.


class NumberFacts(NamedTuple):
    """What a number says: birth date (its century may be unsure), gender, and the letters of surname and first name."""

    birth: dt.date | None
    century_known: bool
    gender: str
    letters: str


def facts(number: str, country: str) -> NumberFacts | None:
    """What a personal number of a country says; None for any other number, and for one that is no valid one.

    Italy, Norway, and the countries of `_PERSONAL`. Sources: Italian ministerial decree 12 March 1974 n. 2227;
    Norwegian folkeregisterforskriften § 2-2-1; for the others the descriptions in python-stdnum.
    """
    if country in _PERSONAL:
        return _by_table(number.strip(), country)
    text = tax_id.compact(number)
    if len(text) != {"IT": 16, "NO": 11}.get(country):
        return None
    kind = tax_id.kind(text, country)
    if kind == "it.codicefiscale":
        from stdnum.it import codicefiscale

        return NumberFacts(codicefiscale.get_birth_date(text), False, codicefiscale.get_gender(text), text[:6])
    if kind == "no.fodselsnummer":
        from stdnum.no import fodselsnummer

        if int(text[:2]) >= 80 or int(text[2:4]) >= 40:  # FH and synthetic numbers say nothing
            return None
        return NumberFacts(fodselsnummer.get_birth_date(text), True, fodselsnummer.get_gender(text), "")
    return None


class _Personal(NamedTuple):
    """A country's personal number: its module of python-stdnum, its lengths, and where its sex stands.

    `digit` is the place of a digit that is odd for men (None: the module tells); `women` the digits that say a woman
    where it is otherwise.
    """

    module: str
    lengths: tuple[int, ...]
    digit: int | None = None
    women: str = "02468"
    century_known: bool = True


_PERSONAL = {
    "SE": _Personal("se.personnummer", (10, 11, 12, 13), century_known=False),
    "PL": _Personal("pl.pesel", (11,)),
    "EE": _Personal("ee.ik", (11,)),
    "BE": _Personal("be.nn", (11,), century_known=False),
    "GR": _Personal("gr.amka", (11,), century_known=False),
    "SI": _Personal("si.emso", (13,)),
    "DK": _Personal("dk.cpr", (10,), 9),
    "FI": _Personal("fi.hetu", (11,), 9),
    "FR": _Personal("fr.nir", (13, 15), 0),
    "RO": _Personal("ro.cnp", (13,), 0),
    "LT": _Personal("lt.asmens", (11,), 0),
    "BG": _Personal("bg.egn", (10,), 8, women="13579"),
    "CZ": _Personal("cz.rc", (9, 10), 2, women="5678"),
}


def _by_table(text: str, country: str) -> NumberFacts | None:
    """What a number of one of `_PERSONAL` says; None where it isn't valid."""
    kind = _PERSONAL[country]
    module = importlib.import_module(f"stdnum.{kind.module}")
    plain = module.compact(text) if module.is_valid(text) else ""
    if len(plain) not in kind.lengths:
        return None
    if kind.digit is None:
        gender = str(module.get_gender(plain) or "")
    else:
        gender = "F" if plain[kind.digit] in kind.women else "M"
    birth = module.get_birth_date(plain) if hasattr(module, "get_birth_date") else None
    return NumberFacts(birth, kind.century_known, gender if gender in ("F", "M") else "", "")


def same_birth(found: NumberFacts, birth: dt.date) -> bool:
    """Whether the birth dates agree; where the number has two figures for the year, any century will do."""
    if found.birth is None:
        return True
    if found.century_known:
        return found.birth == birth
    return (found.birth.year % 100, found.birth.month, found.birth.day) == (birth.year % 100, birth.month, birth.day)


def same_name(found: NumberFacts, last_name: str, first_names: tuple[str, ...]) -> bool:
    """Whether surname and one reading of the first name give the number's six letters; True where it has none."""
    if not found.letters:
        return True
    surname = found.letters[:3] == surname_letters(last_name)
    return surname and any(found.letters[3:] == first_name_letters(first) for first in first_names)


def surname_letters(name: str) -> str:
    """The first three consonants, then vowels, then X."""
    consonants, vowels = _letters(name)
    return (consonants + vowels + "XXX")[:3]


def first_name_letters(name: str) -> str:
    """As for a surname, but of four or more consonants the second is left out."""
    consonants, vowels = _letters(name)
    if len(consonants) >= 4:
        consonants = consonants[0] + consonants[2] + consonants[3]
    return (consonants + vowels + "XXX")[:3]


def _letters(name: str) -> tuple[str, str]:
    """The consonants and the vowels of a name in capitals without accents, each in their order."""
    letters = [c for c in fold_letters(name).upper() if "A" <= c <= "Z"]
    return "".join(c for c in letters if c not in "AEIOU"), "".join(c for c in letters if c in "AEIOU")


RECENT_DAYS = 365


def check(book: CheckedBook) -> list[Problem]:
    """Contradictions within a client's row, and between its status and its purchases."""
    view = book.get("Clients")
    if view is None:
        return []
    return (
        dates(view, book.today)
        + postal_codes(view)
        + numbers_of_persons(view)
        + companies(view)
        + contacts(view)
        + status(book, view)
    )


def dates(view: View, today: dt.date) -> list[Problem]:
    """Registered after having become a client; born after either, if not in the future as a whole."""
    registered, acquired, birth = (view.dates(c) for c in ("registered_on", "acquired_on", "birth_date"))
    found = view.each(
        (registered > acquired).to_numpy(), Verdict("client.registered_late", level="doubt"), "registered_on"
    )
    past = birth <= pd.Timestamp(today) + pd.Timedelta(days=1)
    born_late = (past & ((birth >= registered) | (birth >= acquired))).to_numpy()
    return found + view.each(born_late, Verdict("client.born_late"), "birth_date")


def postal_codes(view: View) -> list[Problem]:
    """A postal code of another province than the row's."""
    found = []
    seen: dict[tuple[str, str, str], bool | None] = {}
    where = view.filled("postal_code") & view.filled("region")
    countries, codes, regions = view.countries, view.text("postal_code"), view.text("region")
    for position in np.flatnonzero(where).tolist():
        country, code, region = countries[position].upper(), codes[position], regions[position]
        triple = (code, country, region)
        if triple not in seen:
            right = postal_code.validate(code, country) if country and postal_code.is_valid(code, country) else ""
            seen[triple] = postal_code_fits(right, country, region) if right else None
        if seen[triple] is False:
            verdict = Verdict("postal_code.region", level="doubt", values=(("region", str(region)),))
            found.append(view.problem(position, verdict, "postal_code"))
    return found


def numbers_of_persons(view: View) -> list[Problem]:
    """A personal tax number that says another birth date, gender or name than the row."""
    found = []
    countries, ids = view.countries, view.text("tax_id")
    for position in np.flatnonzero(view.filled("tax_id")).tolist():
        country = countries[position].upper()
        said = facts(ids[position], country) if country in ("IT", "NO") else None
        verdict = _contradiction(view, position, said) if said is not None else None
        if verdict is not None:
            found.append(view.problem(position, verdict, "tax_id"))
    return found


def _contradiction(view: View, position: int, said: NumberFacts) -> Verdict | None:
    """What a row says otherwise than its number: the birth date before the gender, and the name only beside neither."""
    birth = view.dates("birth_date").iloc[position]
    if not pd.isna(birth) and not same_birth(said, birth.date()):
        values = (("said", said.birth.isoformat() if said.birth else ""), ("birth", str(birth.date())))
        return Verdict("tax_id.birth", level="doubt", values=values)
    gender = str(view.choices("gender", "gender")[position])
    if gender in ("F", "M") and gender != said.gender:
        return Verdict("tax_id.gender", level="doubt", values=(("said", said.gender), ("gender", gender)))
    return _other_name(view, position, said)


def _other_name(view: View, position: int, said: NumberFacts) -> Verdict | None:
    """A doubt where both names are there and give other letters; a middle name may be the one that the number has."""
    if not (view.filled("first_name")[position] and view.filled("last_name")[position]):
        return None
    first, middle = view.text("first_name")[position], view.text("middle_name")[position]
    names = (first, f"{first} {middle}", middle, *first.split())
    same = same_name(said, view.text("last_name")[position], names)
    return None if same else Verdict("tax_id.name", level="doubt")


def is_company(view: View) -> Mask:
    """Rows that are companies: said so, or a company name without a person's surname."""
    kind = view.choices("kind", "kind")
    return np.asarray((kind == "company") | ((kind == "") & view.filled("company") & ~view.filled("last_name")))


def companies(view: View) -> list[Problem]:
    """Companies with a birth date; how many lack their legal form, in a list that keeps it at all."""
    company = is_company(view) & view.live
    found = view.each(
        company & view.dates("birth_date").notna().to_numpy(), Verdict("company.birth", level="doubt"), "birth_date"
    )
    without = int((company & ~view.filled("legal_form")).sum()) if view.has("legal_form") else 0
    if without and view.filled("legal_form").any():
        values = (("count", str(without)), ("companies", str(int(company.sum()))))
        found.append(view.about(Verdict("company.no_legal_form", level="note", values=values), "legal_form"))
    return found


def contacts(view: View) -> list[Problem]:
    """Landlines in the column for mobiles, offices' addresses for persons, consents and opt-outs without their day."""
    found = landlines(view)
    for code, column, count in (
        ("email.role", "email", _offices(view)),
        ("consent.missing", "consent_on", int((_mailable(view) & ~agreed(view.table.frame, "email")).sum())),
    ):
        if count and view.has(column):
            found.append(view.about(Verdict(code, level="note", values=(("count", str(count)),)), column))
    return found + opted_out(view)


def landlines(view: View) -> list[Problem]:
    """How many cells of the column mobile hold a landline."""
    count = _landlines(view) if view.has("mobile") else 0
    verdict = Verdict("phone.not_mobile", level="note", values=(("count", str(count)),))
    return [view.about(verdict, "mobile")] if count else []


def opted_out(view: View) -> list[Problem]:
    """How many opt-outs have no day, by column."""
    found = []
    for column in FLAGS:
        if view.has(column):
            out = as_flag(view.table.frame[column]).to_numpy() & view.dates(column).isna().to_numpy()
            if out.any():
                values = (("count", str(int(out.sum()))),)
                found.append(view.about(Verdict("opt_out.no_date", level="note", values=values), column))
    return found


def _landlines(view: View) -> int:
    """How many cells of the column mobile hold a landline; each number is looked at once."""
    pairs = pd.Series(list(zip(view.text("mobile"), view.countries, strict=True)), dtype=object)
    pairs = pairs[view.filled("mobile")]
    kinds = {pair: phone.kind(pair[0], pair[1].upper()) for pair in pairs.unique()}
    return int(pairs.map(kinds).eq("landline").sum())


def _offices(view: View) -> int:
    """How many persons have an office's e-mail address (info@)."""
    person = view.choices("kind", "kind") == "person"
    return sum(email.is_role(address) for address in view.text("email")[person & view.filled("email")])


def _mailable(view: View) -> Mask:
    """Clients with an e-mail address who have not opted out."""
    if not view.has("opt_out_email"):
        return view.filled("email")
    return np.asarray(view.filled("email") & ~as_flag(view.table.frame["opt_out_email"]).to_numpy())


def status(book: CheckedBook, view: View) -> list[Problem]:
    """A lead or prospect who bought, a former client who bought within a year; how many clients never bought."""
    last = book.last_bought()
    if last.empty or not view.has("status"):
        return []
    language = book.settings.language
    words = {name: choice_word("status", name, language) for name in ("client", "prospect", "lead", "former")}
    bought = view.among("client_id", last.index)
    state = view.choices("status", "status")
    early = ((state == "lead") | (state == "prospect")) & bought
    found = view.each(early, Verdict("status.bought", words["client"], False, "doubt"), "status")
    since = pd.Timestamp(book.today) - pd.Timedelta(days=RECENT_DAYS)
    recent = view.among("client_id", last.index[(last > since).to_numpy()])
    found += view.each(
        (state == "former") & recent, Verdict("status.came_back", words["client"], False, "doubt"), "status"
    )
    never = int(((state == "client") & ~bought & view.live).sum())
    if never:
        values = (("count", str(never)), ("clients", str(int((state == "client").sum()))))
        found.append(view.about(Verdict("status.never_bought", level="note", values=values), "status"))
    return found
