"""Gender and birth date that a row says elsewhere: by a title, a tax or identity number, or a certain given name.

One line of the sheet Problems offers to fill all of them ("12 of 62 can be filled"); nothing is filled by itself, and
salutations never read this: they know what the cell Gender and a typed title say. Names count only where the lists of
the person's country give them to one sex (`xlcrm/data/names/given_names_by_sex.txt`): Andrea is a man in Italy and a
woman in Germany.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from xlcrm.checks.judge import Verdict
from xlcrm.checks.people import NumberFacts, facts, is_company
from xlcrm.checks.view import CheckedBook, View
from xlcrm.problems import Problem
from xlcrm.salutations.addressee import gender_of_title
from xlcrm.text import fold_letters
from xlcrm.words import choice_word

# Languages in which the people of a country are named; where there are several, all that know the name must agree.
_LANGUAGES = {
    "IT": "it", "SM": "it", "ES": "es", "MX": "es", "AR": "es", "CL": "es", "CO": "es", "PE": "es", "UY": "es",
    "FR": "fr", "MC": "fr", "LU": "fr de", "BE": "fr nl", "CH": "de fr it", "DE": "de", "AT": "de", "LI": "de",
    "NO": "nb", "SE": "sv", "DK": "da", "FI": "fi sv", "GB": "en", "IE": "en", "US": "en", "CA": "en fr", "AU": "en",
    "NZ": "en", "NL": "nl", "PT": "pt", "BR": "pt", "PL": "pl", "CZ": "cs",
}  # fmt: skip
ANYWHERE = tuple(sorted({language for languages in _LANGUAGES.values() for language in languages.split()}))
YOUNGEST = 14  # clients younger than this are rarer than numbers whose century is misread


class GenderEvidence(NamedTuple):
    """F or M, and what says so: title, number or name."""

    gender: str
    by: str


def check(book: CheckedBook) -> list[Problem]:
    """Persons whose gender or birth date is blank and stands elsewhere in their row; one line of Problems each."""
    view = book.get("Clients")
    if view is None:
        return []
    person = np.flatnonzero(view.live & ~is_company(view)).tolist()
    return _genders(view, person) + _births(view, person, book.today)


def _genders(view: View, person: list[int]) -> list[Problem]:
    """Genders that can be filled."""
    if not view.has("gender"):
        return []
    filled = view.filled("gender")
    blank = [position for position in person if not filled[position]]
    rows = _rows(view)
    values = (("blank", str(len(blank))), ("people", str(len(person))))
    found = []
    for position in blank:
        said = gender_of(*rows(position))
        if said is not None:
            word = choice_word("gender", said.gender, view.settings.language)
            verdict = Verdict("gender.known", word, False, "note", (("by", said.by), *values))
            found.append(view.problem(position, verdict, "gender"))
    return found


def _rows(view: View) -> Callable[[int], tuple[str, str, str, str]]:
    """What gives title, first and middle names, tax number and country of a row (small letters: assumed, the team's).

    A title may still stand before the full name.
    """
    columns = ("title", "full_name", "first_name", "middle_name", "tax_id")
    titles, full, first, middle, number = (view.text(column) for column in columns)
    countries = view.countries

    def row(at: int) -> tuple[str, str, str, str]:
        """The row at a position."""
        given = f"{first[at]} {middle[at]}".strip()
        return titles[at] or _first_word(full[at]), given, number[at], countries[at]

    return row


def _first_word(full_name: str) -> str:
    """The word before a full name that may be a title: "Sig.ra" of "Sig.ra Anna Prova"."""
    word, _, rest = full_name.partition(" ")
    return word if rest and len(word.strip(".")) > 1 else ""


def gender_of(title: str, first_names: str, number: str, country: str) -> GenderEvidence | None:
    """F or M by the title, else the number, else the given names; None where none is certain, or two disagree.

    `country` in small letters is only assumed: names must then be of one sex in every list.
    """
    languages = _LANGUAGES.get(country.upper(), "").split()
    by_number = facts(number, country.upper()) if number else None
    found = {
        "title": gender_of_title(title, languages[0] if languages else ""),
        "number": by_number.gender if by_number else "",
        "name": gender_of_name(first_names, country),
    }
    sure = {found["title"], found["number"]} - {""}
    if len(sure) > 1:
        return None
    return next((GenderEvidence(gender, by) for by, gender in found.items() if gender), None)


@lru_cache(maxsize=50_000)
def gender_of_name(first_names: str, country: str) -> str:
    """F or M where the lists of the country give all these given names to one sex; "" else.

    A name of several words is looked up whole first ("Jean-Marie" is a man); then each word that is known must agree,
    and the first must be known. A country in small letters is only assumed: then two lists must have the name, and all
    lists of all countries agree ("Nicola" stands in the Italian one alone, and elsewhere a woman may be called so).
    """
    folded = fold_letters(first_names).replace("-", " ").replace(".", " ")
    words = [word for word in folded.split() if len(word) > 1]
    if not words:
        return ""
    languages = tuple(_LANGUAGES.get(country.upper(), "").split())
    if country != country.upper():
        languages = ANYWHERE if languages else ()
    whole = _sex(" ".join(words), languages)
    each = [_sex(word, languages) for word in words]
    agree = len({one for one in each if one}) == 1 and bool(each[0])
    return whole or (each[0] if agree else "")


def _sex(name: str, languages: tuple[str, ...]) -> str:
    """The sex that all lists of some languages which have the name give it; "" where none has, or they differ."""
    known = [sex for language, sex in _lists().get(name, ()) if language in languages]
    enough = 2 if languages == ANYWHERE else 1
    return known[0] if len(known) >= enough and len(set(known)) == 1 else ""


@cache
def _lists() -> dict[str, tuple[tuple[str, str], ...]]:
    """Folded name -> (language, sex) of the lists that have it for one sex."""
    path = Path(__file__).parent.parent / "data" / "names" / "given_names_by_sex.txt"
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return {name: tuple((one[:2], one[2:]) for one in known.split()) for name, known in rows}


def _births(view: View, person: list[int], today: dt.date) -> list[Problem]:
    """Birth dates that a number says."""
    if not view.has("birth_date"):
        return []
    filled = view.filled("birth_date")
    found = []
    for position in person:
        number = view.text("tax_id")[position] if not filled[position] else ""
        said = facts(number, view.countries[position].upper()) if number else None
        born = birth_of(said, today) if said else None
        if born is not None:
            verdict = Verdict("birth.known", born.isoformat(), False, "note")
            found.append(view.problem(position, verdict, "birth_date"))
    return found


def birth_of(said: NumberFacts, today: dt.date) -> dt.date | None:
    """The birth date of a number; of two centuries the one that makes the person 14 to 113 years old, None in doubt."""
    if said.birth is None or said.century_known:
        return said.birth if said.birth and said.birth <= today else None
    year = said.birth.year % 100
    young = today.year - (2000 + year)
    if 0 <= young < YOUNGEST:
        return None
    return said.birth.replace(year=2000 + year if young >= 0 else 1900 + year)
