"""Companies and public bodies in a name cell: told by legal form, by words, by the absence of personal names."""

from __future__ import annotations

import re

from xlcrm.names.affixes import are_all_suffixes
from xlcrm.names.knowledge import is_known
from xlcrm.names.name_text import is_east_asian
from xlcrm.names.name_words import (
    CAPS,
    CARE_OF,
    COMPANY,
    DIGIT,
    INITIAL,
    LEGAL,
    PARTICLE,
    SMALL,
    SUFFIX,
    TITLE,
    NameWords,
    Word,
    has_company_ending,
)
from xlcrm.names.vocabulary import key_of, vocabulary

# Weights are log odds of company against person, set by hand in steps of half a unit.
START = -2.0
ONE_UNKNOWN_WORD = 0.4
LEGAL_FORM, TYPED_LEGAL_FORM, WEAK_LEGAL_FORM = 9.0, 7.0, 5.0
WORD, WEAK_WORD, NAME_TOO = 7.0, 5.5, 2.5  # "university"; "studio"; "church", which is also a family name
HEAD, TAIL = 4.0, 7.0
SIGN = 4.0  # a web address, a number sign
NUMBER = 2.5
AMPERSAND = 2.5
SMALL_LINK = 3.5  # "of", "for", "und", "til": personal names have none
GIVEN, FAMILY, UNKNOWN, COMMON = -2.5, -0.7, 0.4, 1.2
MOST_GIVEN = -4.0  # two given names together: "David Richard Gallery" is a company, a third one speaks against it
FIRST_IS_GIVEN = -0.5
POSSESSIVE = 3.0  # "Jerry's"
MAIDEN = -4.0
ACRONYM = 9.0  # "N. W. I."
PERSON_TITLE = -4.0
SURE_PERSON = 2.0
LONG = 1.0  # for each word beyond the fourth

_SIGN = re.compile(r"[@#]|www\.|https?:|\.(?:com|net|org|it|es|no|fr|de|co|io|eu)\b", re.IGNORECASE)
_SPACED_FORM = re.compile(r"\b[^\W\d_](?:\.\s?[^\W\d_]){1,4}\.?")


def odds(words: list[Word], text: str) -> float:
    """Log odds that these words (a whole cell or a part of one) name a company."""
    if not words:
        return START
    book, keys = vocabulary(), [word.key for word in words]
    form = legal_form(words)
    score = START
    if form:
        score += _weight_of_form(form, text)
    if _SIGN.search(text):
        score += SIGN
    score += _phrases(keys)
    given_first, given = False, 0.0
    for position, word in enumerate(words):
        if word.flags & COMPANY:
            one = _weight(keys, position)
            score += one
            if one:
                continue
        if word.flags & DIGIT:
            score += NUMBER
        elif word.text == "&":
            score += AMPERSAND
        elif position and word.key in book.words["company_link"] and (word.flags & SMALL or text.isupper()):
            score += SMALL_LINK
        elif word.flags & INITIAL:
            given += GIVEN / 2
        elif word.key in book.words["common"] and not (position and words[position - 1].flags & PARTICLE):
            score += COMMON
        elif word.key.endswith("'s") and len(word.key) > 4:
            score += POSSESSIVE
        elif position and word.key in book.words["maiden"]:
            score += MAIDEN
        elif word.odds > 1.0:
            given += GIVEN
            given_first = given_first or position == 0
        elif word.odds < -1.9:
            score += FAMILY
        elif not word.flags & (TITLE | LEGAL) and len(word.key) > 2:
            score += UNKNOWN
    if len(words) > 1 and words[0].text.endswith(",") and words[1].odds > 1.0:
        score += GIVEN  # "Roe, John"
    score += (max(given, MOST_GIVEN) if given >= 2 * GIVEN else given - 2 * GIVEN + MOST_GIVEN) + (
        FIRST_IS_GIVEN if given_first else 0.0
    )
    if (
        len(words) > 1
        and words[0].flags & TITLE
        and (not words[0].flags & COMPANY or book.phrase_at("title", keys, 0) > 1)
        and (words[0].key not in book.words["weak_title"] or words[0].text.endswith("."))
    ):
        score += PERSON_TITLE
    if len(words) > 2 and all(word.flags & INITIAL for word in words):
        score += ACRONYM
    if text.count(",") > 1 and any(word.text == "&" for word in words):
        score += TAIL  # "Holm, Berg & Dahl"
    if not any(c < "\u0250" for c in text if c.isalpha()):
        return min(score, -SURE_PERSON)  # words of other scripts are not known: nothing speaks for a company
    if len(words) == 1 and words[0].key and -1.9 <= words[0].odds <= 1.0 and not words[0].flags & INITIAL:
        score += ONE_UNKNOWN_WORD - START
    return score + LONG * max(0, sum(not word.flags & (PARTICLE | TITLE | SUFFIX) for word in words) - 4)


def _weight(keys: list[str], position: int) -> float:
    book, key = vocabulary(), keys[position]
    if book.phrase_at("company", keys, position) > 1:
        return WORD
    if key not in book.words["company"] and key not in book.words["weak_company"]:
        return WORD if has_company_ending(key) else 0.0
    if is_known(key):
        return NAME_TOO + (2.0 if len(keys) > 2 and position == len(keys) - 1 else 0.0)
    return WEAK_WORD if key in book.words["weak_company"] else WORD


def _weight_of_form(form: str, text: str) -> float:
    """ "SA" is also initials and "BA" a degree: full stops, or capitals beside small letters, make them surer."""
    book, key = vocabulary(), key_of(form).replace(" ", "")
    if key not in book.words["weak_legal"] or "." in form.rstrip("."):
        return LEGAL_FORM
    return (
        TYPED_LEGAL_FORM
        if form.isupper() and not text.isupper() and key not in book.words["suffix"]
        else WEAK_LEGAL_FORM
    )


def _phrases(keys: list[str]) -> float:
    book = vocabulary()
    score = HEAD if len(keys) > 1 and book.phrase_at("company_head", keys, 0) else 0.0
    if any(
        book.phrase_at("company_tail", keys, i) > 1 or (i == len(keys) - 1 and keys[i] in book.words["company_tail"])
        for i in range(1, len(keys))
    ):
        score += TAIL
    return score


def legal_form(words: list[Word]) -> str:
    """The legal form as typed, "" where there is none: last, in front, or last before a remark.

    A form that is also a word or initials ("AS", "Da", "Co") counts only in its place: at the end, or in front in
    capitals; a lone word is never one.
    """
    if len(words) < 2 or not any(word.flags & (LEGAL | INITIAL) for word in words):
        return ""
    book, keys = vocabulary(), [word.key for word in words]
    for size in (5, 4, 3, 2, 1):
        for start in range(len(words) - size, 0, -1):
            if start + size < len(words) and size == 1 and keys[start] in book.words["weak_legal"]:
                continue
            part = keys[start : start + size]
            joined = "".join(part)
            if (size == 1 or all(len(k) == 1 for k in part)) and joined in book.words["legal"]:
                if size == 1 and not _is_form_typed_so(words[start], joined, words):
                    continue
                return " ".join(word.text for word in words[start : start + size]).strip(",;")
            if size > 1 and book.phrase_at("legal", keys, start) == size:
                return " ".join(word.text for word in words[start : start + size]).strip(",;")
    first = words[0]
    if first.key in book.words["legal_front"] and (first.flags & CAPS or "." in first.text or "/" in first.text):
        others_are_capitals = all(word.flags & CAPS for word in words[1:])
        if not (others_are_capitals and first.key in book.words["weak_legal"] and "." not in first.text):
            return first.text
    return ""


def _is_form_typed_so(word: Word, key: str, words: list[Word]) -> bool:
    """Weak forms need capitals, full stops or a text in small letters: "Nordfjell AS", "fjell as", not "Vasco Da"."""
    if key not in vocabulary().words["weak_legal"]:
        return True
    if "." in word.text and key in vocabulary().words["never_dotted"]:
        return False
    if "." in word.text.rstrip(".") or "/" in word.text or word.flags & CAPS:
        return True
    everything_small = all(other.flags & (SMALL | DIGIT | INITIAL) or not other.key.isalpha() for other in words)
    return everything_small or len(key) > 3 or key in ("co", "inc", "spa", "sas")


# Many lists keep a person and the company in one cell ("Anna Bianchi - Bianchi Srl"); both are wanted.

MARKED = 3.0  # log odds: a company beside a person needs a legal form or a word that says so
SURE = 1.2
_SEPARATOR = re.compile(r"\s+[-–—/|]\s+|\s*[|;]\s*|\s*//\s*")
_BAR = re.compile(r"\s+[-–—]\s+|\s*[/|]\s*")
_COMMA = re.compile(r"\s*[,،、，]\s*")
_CUTS = 3  # separators tried from the left, so that a cell full of them stays quick


def company_beside(text: str, words: NameWords) -> tuple[str, str] | None:
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
        first, second = odds(a, left), odds(b, right)
        if second > MARKED and first < -SURE and _is_surely_person(a) and _has_name_beyond_form(b):
            return left, right
        if first > MARKED and second < -SURE and _is_surely_person(b) and _has_name_beyond_form(a):
            return None if are_all_suffixes(b) else (right, left)
    return None


def remark_behind(text: str, words: NameWords) -> tuple[str, str] | None:
    """The name and what stands behind a bar or dash and is none ("Anna Bianchi / sales"), None for other texts."""
    match = _BAR.search(text)
    if match is None or not match.start():
        return None
    name, rest = text[: match.start()].strip(), text[match.start() :].strip()
    found = words.of(name)
    if _is_surely_person(found) or all(is_east_asian(word.text) for word in found):
        return name, rest
    return None


def is_person(text: str, words: NameWords) -> bool:
    """Whether a text is surely the name of a person."""
    found = words.of(text)
    return _is_surely_person(found) and odds(found, text) < -SURE


def _is_surely_person(found: list[Word]) -> bool:
    """A known given name or a title says so; a few unknown words beside a company do not."""
    return len(found) > 1 and any(word.odds > SURE or word.flags & TITLE for word in found)


def _has_name_beyond_form(found: list[Word]) -> bool:
    form = legal_form([found[0], *found])
    return len(found) > len(form.split())


def _cut_at(pattern: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    cuts = []
    for match in pattern.finditer(text):
        cuts.append((text[: match.start()].strip(), text[match.end() :].strip()))
        if len(cuts) == _CUTS:
            break
    return cuts


def _cut_at_care_of(text: str, words: NameWords) -> list[tuple[str, str]]:
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
