"""Addressee: what a salutation needs to know of somebody, taken from the cells of Clients or People as they are typed.

The gender is what the cell says, or what a typed title says (Sig.ra, Herr, Dra.). A first name says nothing here: a
wrong "Sehr geehrter Herr" is worse than a neutral greeting.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from xlcrm import words
from xlcrm.names.vocabulary import key_of

_DATA = Path(__file__).parent.parent / "data" / "salutations"


class Addressee(NamedTuple):
    """Somebody to greet; every field is text as typed, "" where blank.

    typed           an own salutation, which wins over every form
    kind            person, company or household, canonical
    household_kind  canonical
    """

    typed: str = ""
    title: str = ""
    full_name: str = ""
    first_name: str = ""
    last_name: str = ""
    gender: str = ""
    company: str = ""
    kind: str = ""
    household_kind: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Addressee:
        """The addressee of a row of Clients or People, whose cells are text."""
        cell = {name: str(row.get(name) or "").strip() for name in _CELLS}
        typed = cell.pop("salutation")
        return cls(
            **{
                **cell,
                "typed": typed,
                "gender": words.choice("gender", cell["gender"]),
                "kind": words.choice("kind", cell["kind"]),
                "household_kind": words.choice("household", cell["household_kind"]),
            }
        )

    @property
    def name(self) -> str:
        """First and last name; the full name where it is not split yet and reads as one is spoken to."""
        if self.first_name:
            return " ".join(filter(None, (self.first_name, self.last_name)))
        unsplit = self.full_name if not self.last_name else ""
        return "" if "," in unsplit or any(sign.isdigit() for sign in unsplit) else unsplit

    def gender_in(self, language: str) -> str:
        """F, M or "": the cell's, else that of a title as this language has it; titles of a couple tell none."""
        if self.gender:
            return self.gender if self.gender in ("F", "M") else ""
        found = self._genders(language)
        return found.pop() if len(found) == 1 else ""

    @property
    def is_company(self) -> bool:
        """A firm where no person is named."""
        return not self._named and bool(self.company or (self.kind == "company" and self.full_name))

    @property
    def is_household(self) -> bool:
        """Several people in one row."""
        return self.kind == "household" or self.is_couple

    @property
    def is_couple(self) -> bool:
        """Typed as one: the titles of both stand there, or the household is a couple's."""
        couple = self.kind == "household" and self.household_kind in ("couple", "couple_children")
        return couple or self._genders("") == {"F", "M"}

    @property
    def _named(self) -> bool:
        return bool(self.first_name or self.last_name)

    def _genders(self, language: str) -> set[str]:
        return {_gender(key_of(token), language) for token in self.title.split()} - {""}

    def said_title(self, language: str) -> str:
        """The title as it is said in a salutation of this language; "" where it isn't, as Sig. or Dipl.-Ing."""
        gender = self.gender_in(language)
        meant = [(_title(key_of(token), language), token) for token in self.title.split()]
        found = [title.said(token, gender) for title, token in meant if title is not None and title.say]
        if language == "fr":
            return found[0] if found else ""
        return " ".join(found)


_CELLS = (*(name for name in Addressee._fields if name != "typed"), "salutation")


class Title(NamedTuple):
    """A title of some languages: the gender that it tells, and how it is said ("=": as typed, "": not at all)."""

    languages: tuple[str, ...]
    gender: str
    say: str
    by_gender: Mapping[str, str]

    def said(self, token: str, gender: str) -> str:
        return self.by_gender.get(gender) or (token if self.say == "=" else self.say)


def gender_of_title(title: str, language: str) -> str:
    """F or M where one title says so, as people of a language use it; "" for none, a couple's, or a doubt."""
    found = {_gender(key_of(token), language) for token in title.split()} - {""}
    return found.pop() if len(found) == 1 else ""


def _title(key: str, language: str) -> Title | None:
    return next((title for title in _titles().get(key, ()) if language in title.languages), None)


def _gender(key: str, language: str) -> str:
    """The gender that a title tells: in this language; where that has no such title, if all others agree."""
    own = _title(key, language)
    if own is not None:
        return own.gender
    genders = {title.gender for title in _titles().get(key, ())}
    return genders.pop() if len(genders) == 1 else ""


@cache
def _titles() -> dict[str, tuple[Title, ...]]:
    """Folded title -> its meanings; a title may mean something else in each language."""
    found: dict[str, tuple[Title, ...]] = {}
    with (_DATA / "titles.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            said = {"F": row["say_woman"], "M": row["say_man"]}
            title = Title(tuple(row["languages"].split("|")), row["gender"], row["say"], said)
            for word in row["titles"].split("|"):
                found[key_of(word.strip())] = (*found.get(key_of(word.strip()), ()), title)
    return found
