"""Salutation of a letter: the words it begins with, from a table of six languages and two manners.

The table is `data/salutations/forms.csv`; the sign behind the words (comma, colon, none) is part of a form, as each
language has its own.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from string import Formatter

from xlcrm.messages import LANGUAGES
from xlcrm.salutations.addressee import _DATA, Addressee
from xlcrm.text import fold_letters

AND = {"en": "and", "it": "e", "es": "y", "nb": "og", "fr": "et", "de": "und"}


def salute(people: Addressee | Sequence[Addressee], language: str, *, manner: str = "formal") -> str:
    """The words that a letter to one or to several begins with.

    people    one, or all who get the letter together; nobody gives the words to somebody without a name
    language  one of the six; another is English
    manner    "formal" or "friendly"

    A typed salutation of the first one wins, as it stands, where it is for one alone. A form that needs a name which
    isn't there gives way to the one without names.
    """
    several = (people,) if isinstance(people, Addressee) else tuple(people)
    language = language if language in LANGUAGES else "en"
    if len(several) == 1 and several[0].typed:
        return several[0].typed
    who = _who(several, language)
    filled = _filled(_forms()[manner, who][language], several, language)
    return filled or _forms()[manner, "nobody"][language]


def joint_name(people: Sequence[Addressee], language: str) -> str:
    """The names of several as one line: "Anna e Marco Rossi" where the surname agrees, else each in full."""
    surnames = {fold_letters(person.last_name) for person in people}
    if len(people) > 1 and len(surnames) == 1 and surnames != {""} and all(person.first_name for person in people):
        return f"{listed([person.first_name for person in people], language)} {people[0].last_name}"
    return listed([person.name for person in people], language)


def listed(names: Sequence[str], language: str) -> str:
    """Names with commas and an "and" before the last: "Anna, Marco e Lia"; "ed" and "e" where sound asks for it."""
    there = [name for name in names if name]
    if len(there) < 2:
        return "".join(there)
    return f"{', '.join(there[:-1])} {_and(there[-1], language)} {there[-1]}"


def _and(following: str, language: str) -> str:
    sound = fold_letters(following)
    if language == "it" and sound.startswith("e"):
        return "ed"
    if language == "es" and sound.startswith(("i", "hi")) and not sound.startswith(("ia", "ie", "io", "hia", "hie")):
        return "e"
    return AND[language]


def _who(people: Sequence[Addressee], language: str) -> str:
    """The row of the table for these people."""
    if len(people) != 1:
        return _several(people, language)
    person = people[0]
    names = (person.full_name, person.first_name, person.last_name, person.company)
    return _alone(person.title, person.gender, person.kind, person.household_kind, *map(bool, names), language)


@lru_cache(maxsize=10_000)
def _alone(
    title: str,
    gender: str,
    kind: str,
    household: str,
    full: bool,
    first: bool,
    last: bool,
    company: bool,
    language: str,
) -> str:
    """The row of the table for one: of the names it counts only whether they are there."""
    person = Addressee("", title, "x" * full, "x" * first, "x" * last, gender, "x" * company, kind, household)
    return _one(person, language)


def _one(person: Addressee, language: str) -> str:
    if person.is_company:
        return "company"
    if person.is_couple:
        return "couple"
    if person.is_household:
        return "several" if person.first_name else "family"
    gender = {"F": "woman", "M": "man"}.get(person.gender_in(language), "unknown")
    return f"title_{gender}" if person.said_title(language) else gender


def _several(people: Sequence[Addressee], language: str) -> str:
    genders = [person.gender_in(language) for person in people]
    if not genders:
        return "nobody"
    if sorted(genders) == ["F", "M"]:
        return "pair"
    return {"F": "women", "M": "men"}.get("".join(set(genders)), "several")


def _filled(form: str, people: Sequence[Addressee], language: str) -> str:
    """The form with its names, "" where one of them is blank."""
    values = {name: _VALUES[name](people, language) for name in _names_in(form)}
    return form.format(**values) if all(values.values()) else ""


@cache
def _names_in(form: str) -> tuple[str, ...]:
    """The names that a form of the table wants."""
    return tuple(name for _, name, _, _ in Formatter().parse(form) if name)


def _of(people: Sequence[Addressee], gender: str, language: str) -> Addressee:
    return next((person for person in people if person.gender_in(language) == gender), Addressee())


_VALUES: dict[str, Callable[[Sequence[Addressee], str], str]] = {
    "first": lambda people, language: people[0].first_name,
    "last": lambda people, language: people[0].last_name,
    "name": lambda people, language: people[0].name,
    "company": lambda people, language: people[0].company or people[0].full_name,
    "title": lambda people, language: people[0].said_title(language),
    "names": lambda people, language: joint_name(people, language),
    "firsts": lambda people, language: listed([person.first_name for person in people], language),
    "her_first": lambda people, language: _of(people, "F", language).first_name,
    "his_first": lambda people, language: _of(people, "M", language).first_name,
    "her_last": lambda people, language: _of(people, "F", language).last_name,
    "his_last": lambda people, language: _of(people, "M", language).last_name,
}


@cache
def _forms() -> dict[tuple[str, str], dict[str, str]]:
    with (_DATA / "forms.csv").open(encoding="utf-8", newline="") as file:
        return {(row["manner"], row["who"]): row for row in csv.DictReader(file)}
