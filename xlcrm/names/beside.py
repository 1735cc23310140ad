"""Many lists keep a person and the company in one cell ("Anna Bianchi - Bianchi Srl"); both are wanted."""

from __future__ import annotations

import re

from xlcrm.names import company
from xlcrm.names.affixes import are_all_suffixes
from xlcrm.names.name_text import is_east_asian
from xlcrm.names.name_words import CARE_OF, TITLE, Word, Words
from xlcrm.names.vocabulary import vocabulary

MARKED = 3.0  # log odds: a company beside a person needs a legal form or a word that says so
SURE = 1.2
_SEPARATOR = re.compile(r"\s+[-–—/|]\s+|\s*[|;]\s*|\s*//\s*")
_BAR = re.compile(r"\s+[-–—]\s+|\s*[/|]\s*")
_COMMA = re.compile(r"\s*[,،、，]\s*")
_CUTS = 3  # separators tried from the left, so that a cell full of them stays quick


def company_beside(text: str, words: Words) -> tuple[str, str] | None:
    """The person's and the company's part of a text, None where it does not hold both."""
    found = words.of(text)
    marked = any(word.flags & CARE_OF for word in found)
    size = _care_of(found, 0) if marked else 0
    if size and len(found) > size + 1:
        text = text.split(maxsplit=size)[size]
    cuts = _cut_at_care_of(text, words) if marked else []
    for left, right in (*cuts, *_cut_at(_SEPARATOR, text), *_cut_at(_COMMA, text)):
        a, b = words.of(left), words.of(right)
        if not a or not b:
            continue
        first, second = company.odds(a, left), company.odds(b, right)
        if second > MARKED and first < -SURE and _is_surely_person(a) and _has_name_beyond_form(b):
            return left, right
        if first > MARKED and second < -SURE and _is_surely_person(b) and _has_name_beyond_form(a):
            return None if are_all_suffixes(b) else (right, left)
    return None


def remark_behind(text: str, words: Words) -> tuple[str, str] | None:
    """The name and what stands behind a bar or dash and is none ("Anna Bianchi / sales"), None for other texts."""
    match = _BAR.search(text)
    if match is None or not match.start():
        return None
    name, rest = text[: match.start()].strip(), text[match.start() :].strip()
    found = words.of(name)
    if _is_surely_person(found) or all(is_east_asian(word.text) for word in found):
        return name, rest
    return None


def is_person(text: str, words: Words) -> bool:
    """Whether a text is surely the name of a person."""
    found = words.of(text)
    return _is_surely_person(found) and company.odds(found, text) < -SURE


def _is_surely_person(found: list[Word]) -> bool:
    """A known given name or a title says so; a few unknown words beside a company do not."""
    return len(found) > 1 and any(word.odds > SURE or word.flags & TITLE for word in found)


def _has_name_beyond_form(found: list[Word]) -> bool:
    form = company.legal_form([found[0], *found])
    return len(found) > len(form.split())


def _cut_at(pattern: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    cuts = []
    for match in pattern.finditer(text):
        cuts.append((text[: match.start()].strip(), text[match.end() :].strip()))
        if len(cuts) == _CUTS:
            break
    return cuts


def _cut_at_care_of(text: str, words: Words) -> list[tuple[str, str]]:
    found = words.of(text)
    for i in range(len(found)):
        size = _care_of(found, i)
        if size and len(found) > 3:
            left, right = " ".join(w.text for w in found[:i]), " ".join(w.text for w in found[i + size :])
            return [(left.strip(" ,-"), right)]
    return []


def _care_of(found: list[Word], start: int) -> int:
    """How many words mean "care of" there; short ones need their signs ("c/o", "c.a.", not "Co")."""
    keys = [word.key for word in found[start : start + 5]]
    size = vocabulary().phrase_at("care_of", keys, 0)
    return 0 if size == 1 and len(keys[0]) < 4 and not set("./") & set(found[start].text) else size
