"""Some tax numbers hold a person's birth date and name, which shows a number that was given to the wrong row."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import NamedTuple

from xlcrm.fields import tax_id


class Facts(NamedTuple):
    """What a number says: birth date (its century may be unsure), gender, and the letters of surname and first name."""

    birth: dt.date | None
    century_known: bool
    gender: str
    letters: str


def facts(number: str, country: str) -> Facts | None:
    """What an Italian codice fiscale or a Norwegian fødselsnummer says; None for any other number.

    Sources: Italian ministerial decree 12 March 1974 n. 2227; Norwegian folkeregisterforskriften § 2-2-1.
    """
    text = tax_id.compact(number)
    if len(text) != {"IT": 16, "NO": 11}.get(country):
        return None
    kind = tax_id.kind(text, country)
    if kind == "it.codicefiscale":
        from stdnum.it import codicefiscale

        return Facts(codicefiscale.get_birth_date(text), False, codicefiscale.get_gender(text), text[:6])
    if kind == "no.fodselsnummer":
        from stdnum.no import fodselsnummer

        if int(text[:2]) >= 80 or int(text[2:4]) >= 40:  # FH and synthetic numbers say nothing
            return None
        return Facts(fodselsnummer.get_birth_date(text), True, fodselsnummer.get_gender(text), "")
    return None


def same_birth(found: Facts, birth: dt.date) -> bool:
    """Whether the birth dates agree; where the number has two figures for the year, any century will do."""
    if found.birth is None:
        return True
    if found.century_known:
        return found.birth == birth
    return (found.birth.year % 100, found.birth.month, found.birth.day) == (birth.year % 100, birth.month, birth.day)


def same_name(found: Facts, last_name: str, first_names: tuple[str, ...]) -> bool:
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
    plain = unicodedata.normalize("NFKD", name.upper())
    letters = [c for c in plain if "A" <= c <= "Z"]
    return "".join(c for c in letters if c not in "AEIOU"), "".join(c for c in letters if c in "AEIOU")
