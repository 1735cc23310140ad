"""Judge one cell alone, so that a list is judged by its distinct values and large lists take seconds."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from xlcrm import words
from xlcrm.fields import choices, email, gender, mail_domains, phone, postal_code, tax_id, website
from xlcrm.fields import country as country_field
from xlcrm.fields.field_errors import ChecksumError, FieldError, FormatError
from xlcrm.fields.typed_words import typed_words
from xlcrm.people import language
from xlcrm.text import fold, fold_letters

# Slips in e-mail addresses with one reading only.
_CERTAIN_EMAIL = frozenset({"email.spaces", "email.comma", "email.two_ats"})
_SIGNS = frozenset("-?.–—_/*#")


@cache
def _placeholders() -> frozenset[str]:
    """What people write where there is nothing to write, folded."""
    return frozenset(map(fold_letters, typed_words("placeholder")))


class Verdict(NamedTuple):
    """What is wrong with one value. `certain` suggestions are applied without asking."""

    code: str
    suggestion: str = ""
    certain: bool = False
    level: str = "error"
    values: tuple[tuple[str, str], ...] = ()


PLACEHOLDER = Verdict("value.placeholder", level="doubt")


def of_fault(fault: FieldError, *, certain: bool = False, level: str = "error") -> Verdict:
    """What a field module refused, with all that its sentence needs."""
    more = tuple((name, str(v)) for name, v in fault.values.items() if name not in ("value", "suggestion"))
    return Verdict(fault.key, fault.suggestion, certain, level, more)


def placeholder(value: str) -> bool:
    """True for "n/a", "xxx", "???" and such in six languages: a cell that says that it is empty."""
    text = fold_letters(value)
    return text in _placeholders() or set(text) <= _SIGNS


def judge_email(value: str, country: str) -> Verdict | None:
    """An e-mail address: its form, then its domain, then a name typed before it. `country` reads what is a phone."""
    if placeholder(value):
        return PLACEHOLDER
    try:
        address = email.validate(value)
    except FieldError as fault:
        if "@" not in value and len(phone.compact(value)) >= 8 and phone.is_valid(value, country):
            return Verdict("value.is_phone")
        return of_fault(fault, certain=fault.key in _CERTAIN_EMAIL and bool(fault.suggestion))
    named = Verdict("email.with_name", address, True, "doubt") if value.rstrip().endswith(">") else None
    return _judge_domain(address) or named


def _judge_domain(address: str) -> Verdict | None:
    """What is odd about the domain of a valid address; an IP address in brackets is not looked at."""
    local, _, domain = address.rpartition("@")
    doubt = mail_domains.doubt(domain) if "[" not in domain else None
    if doubt is None:
        return None
    meant = f"{local}@{doubt.domain}" if doubt.domain else ""
    code = "email.domain" if "." in domain else "email.no_dot"
    return Verdict(code, meant, doubt.certain and bool(meant), "error" if doubt.certain else "doubt")


def judge_phone(value: str, country: str) -> Verdict | None:
    """A phone number, read as one of `country` (the team's in small letters) where it has no country code."""
    if placeholder(value):
        return PLACEHOLDER
    try:
        phone.validate(value, country)
    except FieldError as fault:
        if email.is_valid(value.strip()):
            return Verdict("value.is_email")
        if (parts := _two_phones(value, country)) is not None:
            return Verdict("phone.several", parts, level="doubt")
        level = "error" if isinstance(fault, FormatError) else "doubt"
        return of_fault(fault, certain=fault.key == "phone.no_plus", level=level)
    return None


def judge_postal_code(value: str, country: str) -> Verdict | None:
    """`country` in small letters is the team's, assumed where the row has none: then only doubts arise."""
    if placeholder(value):
        return PLACEHOLDER
    try:
        postal_code.validate(value, country)
    except FieldError as fault:
        return of_fault(fault, level="doubt" if country.islower() else "error")
    return None


def judge_tax_id(value: str, country: str) -> Verdict | None:
    """`country` in small letters is the team's, assumed where the row has none: then only doubts arise."""
    if placeholder(value):
        return PLACEHOLDER
    try:
        tax_id.validate(value, country)
    except FieldError as fault:
        sure = isinstance(fault, ChecksumError) and country.isupper()
        return of_fault(fault, level="error" if sure else "doubt")
    return None


def judge_country(value: str, country: str) -> Verdict | None:
    """A country's name or code in six languages; anything else is a doubt, because lists name regions, too."""
    if country_field.is_valid(value):
        return None
    return PLACEHOLDER if placeholder(value) else Verdict("country.unknown", level="doubt")


def judge_website(value: str, country: str) -> Verdict | None:
    """The address of a website, with or without https://; several in one cell are judged one by one."""
    if placeholder(value):
        return PLACEHOLDER
    parts = [part for part in re.split(r"\s*[;,|\n]\s*|\s+", value.strip()) if part]
    if parts and all(website.is_valid(part) for part in parts):
        return None
    if email.is_valid(value.strip()):
        return Verdict("value.is_email")
    try:
        website.validate(value)
    except FieldError as fault:
        return of_fault(fault, level="doubt")
    return None


def judge_language(value: str, country: str) -> Verdict | None:
    """A language by code or name; several in one cell ("it, en") are judged one by one."""
    if all(language.is_valid(part) for part in re.split(r"[;,/|]|\s-\s", value) if part.strip()):
        return None
    return PLACEHOLDER if placeholder(value) else Verdict("language.unknown", level="doubt")


def judge_choice(group: str, value: str, country: str, language: str) -> Verdict | None:
    """A word that the drop-down list lacks: the listed word behind a synonym is certain, behind a slip likely."""
    if words.choice(group, value):
        return None
    allowed = words.choices(group, language)
    shown = (("allowed", ", ".join(allowed)),)
    try:
        name = gender.validate(value, country) if group == "gender" else choices.canonical(group, value)
    except FieldError:
        if placeholder(value):
            return PLACEHOLDER
        near = [word for word in allowed if one_edit(fold(word), fold(value)) and len(word) >= 4]
        return Verdict("choice.unknown", near[0] if len(near) == 1 else "", values=shown)
    return Verdict("choice.synonym", words.choice_word(group, name, language), True, values=shown)


def judge_person_name(value: str, country: str) -> Verdict | None:
    """A name of a person with something in it that no name has; letters of any script, marks, apostrophes are fine."""
    if "@" in value and email.is_valid(value.strip()):
        return Verdict("value.is_email")
    if any(c.isdigit() for c in value):
        return Verdict("name.digits", level="doubt")
    if placeholder(value) and len(value.strip()) != 2:  # "Na" and "Xx" are names somewhere
        return PLACEHOLDER
    return None


def one_edit(a: str, b: str) -> bool:
    """Whether one letter more, less or other, or two swapped neighbours, make one word of the other."""
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    if len(a) == len(b):
        at = [n for n, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
        swapped = len(at) == 2 and at[1] == at[0] + 1 and a[at[0]] == b[at[1]] and a[at[1]] == b[at[0]]
        return len(at) == 1 or swapped
    short, long = sorted((a, b), key=len)
    return any(long[:n] + long[n + 1 :] == short for n in range(len(long)))


@cache
def _between_phones() -> tuple[str, ...]:
    """Patterns of what stands between two phone numbers in one cell, the surest first."""
    links = "|".join(sorted(map(re.escape, typed_words("and") | typed_words("or"))))
    return (r"\s*[;,|]\s*", r"\s*/\s*", rf"\s+(?:{links})\s+", r"\s{2,}|\n", r"\s-\s")


def _two_phones(value: str, country: str) -> str | None:
    """Two valid numbers in one cell, as they would be written apart; None where it is not two."""
    for sign in _between_phones():
        parts = re.split(sign, value.strip())
        if len(parts) == 2 and all(len(phone.compact(p)) >= 6 and phone.is_valid(p, country) for p in parts):
            return " ; ".join(parts)
    return None
