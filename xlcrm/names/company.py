"""Company or person: a name cell may hold a firm or public body, told by legal form, by words, by missing given names.

What speaks for and against a company is a table of clues with weights; `clues` gives those of a cell, `odds` their sum.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from xlcrm.names.affixes import are_all_suffixes, is_one_of
from xlcrm.names.knowledge import is_known
from xlcrm.names.name_rules import Rule, Spot, always, decide, never
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
START = -2.0  # most cells of a column of names are people
GIVEN, FAMILY, UNKNOWN, COMMON = -2.5, -0.7, 0.4, 1.2
MOST_GIVEN = -4.0  # two given names together: "David Richard Gallery" is a company, a third one speaks against it
LEGAL_FORM, TYPED_LEGAL_FORM, WEAK_LEGAL_FORM = 9.0, 7.0, 5.0
WORD, WEAK_WORD, NAME_TOO, NAME_AT_THE_END = 7.0, 5.5, 2.5, 2.0  # "university"; "studio"; "church", also a family name
TAIL = 7.0
IS_GIVEN, IS_FAMILY = 1.0, -1.9  # odds from which a word counts as a given name, below which as a family name
SURE_PERSON = 2.0

_SIGN = re.compile(r"[@#]|www\.|https?:|\.(?:com|net|org|it|es|no|fr|de|co|io|eu)\b", re.IGNORECASE)


class Clue(NamedTuple):
    """What speaks for (above 0) or against a company, in log odds; its sentence is `name.clue.` and the name."""

    name: str
    weight: float
    text: str


@dataclass(frozen=True, slots=True)
class _Cell:
    words: list[Word]
    keys: list[str]
    text: str


class _WordClue(NamedTuple):
    name: str
    weight: float
    applies: Callable[[Spot, str], bool]
    why: str


class _CellClue(NamedTuple):
    name: str
    weight: Callable[[_Cell], float]
    why: str


def _is_link(at: Spot, text: str) -> bool:
    typed = bool(at.word.flags & SMALL) or text.isupper()
    return typed and at.start > 0 and is_one_of(at.key, "company_link")


def _is_ordinary(at: Spot, _: str) -> bool:
    after_particle = at.start > 0 and bool(at.words[at.start - 1].flags & PARTICLE)
    return not after_particle and is_one_of(at.key, "common")


# the first that applies counts for a word
_WORD_CLUES = (
    _WordClue("number", 2.5, lambda at, _: bool(at.word.flags & DIGIT), "people have no figures in their names"),
    _WordClue("ampersand", 2.5, lambda at, _: at.word.text == "&", "Holm & Dahl"),
    _WordClue("link", 3.5, _is_link, "of, for, und, til: personal names have none"),
    _WordClue("initial", GIVEN / 2, lambda at, _: bool(at.word.flags & INITIAL), "half a given name"),
    _WordClue("ordinary", COMMON, _is_ordinary, "a word of every day: Green, Nord"),
    _WordClue("possessive", 3.0, lambda at, _: at.key.endswith("'s") and len(at.key) > 4, "Jerry's"),
    _WordClue("maiden", -4.0, lambda at, _: at.start > 0 and is_one_of(at.key, "maiden"), "only people are née"),
    _WordClue("given", GIVEN, lambda at, _: at.word.odds > IS_GIVEN, "a given name"),
    _WordClue("family", FAMILY, lambda at, _: at.word.odds < IS_FAMILY, "a family name, as firms have, too"),
    _WordClue(
        "unknown",
        UNKNOWN,
        lambda at, _: not at.word.flags & (TITLE | LEGAL) and len(at.key) > 2,
        "a word that no list of names has",
    ),
)


def _form_weight(cell: _Cell) -> float:
    """ "SA" is also initials and "BA" a degree: full stops, or capitals beside small letters, make them surer."""
    form = legal_form(cell.words)
    if not form:
        return 0.0
    key = key_of(form).replace(" ", "")
    if "." in form.rstrip(".") or not is_one_of(key, "weak_legal"):
        return LEGAL_FORM
    typed = form.isupper() and not cell.text.isupper() and not is_one_of(key, "suffix")
    return TYPED_LEGAL_FORM if typed else WEAK_LEGAL_FORM


def _ends_like_a_firm(cell: _Cell) -> bool:
    last, book = len(cell.keys) - 1, vocabulary()
    phrase = any(book.phrase_at("company_tail", cell.keys, i) > 1 for i in range(1, last))
    return phrase or (last > 0 and is_one_of(cell.keys[last], "company_tail"))


def _has_personal_title(cell: _Cell) -> bool:
    first = cell.words[0]
    if len(cell.words) < 2 or not first.flags & TITLE:
        return False
    firm_too = first.flags & COMPANY and vocabulary().phrase_at("title", cell.keys, 0) < 2
    return not firm_too and (not is_one_of(first.key, "weak_title") or first.text.endswith("."))


def _is_acronym(cell: _Cell) -> bool:
    return len(cell.words) > 2 and all(word.flags & INITIAL for word in cell.words)


def _lists_partners(cell: _Cell) -> bool:
    return cell.text.count(",") > 1 and any(word.text == "&" for word in cell.words)


def _is_one_unknown(cell: _Cell) -> bool:
    word = cell.words[0]
    return len(cell.words) == 1 and bool(word.key) and IS_FAMILY <= word.odds <= IS_GIVEN and not word.flags & INITIAL


def _given_behind_comma(cell: _Cell) -> bool:
    return len(cell.words) > 1 and cell.words[0].text.endswith(",") and cell.words[1].odds > IS_GIVEN


def _beyond_four(cell: _Cell) -> float:
    return float(max(0, sum(not word.flags & (PARTICLE | TITLE | SUFFIX) for word in cell.words) - 4))


# all that apply count
_CELL_CLUES = (
    _CellClue("form", _form_weight, "a legal form: S.r.l., GmbH"),
    _CellClue("sign", lambda cell: 4.0 * bool(_SIGN.search(cell.text)), "a web address or a number sign"),
    _CellClue(
        "head",
        lambda cell: 4.0 * (len(cell.keys) > 1 and vocabulary().phrase_at("company_head", cell.keys, 0) > 0),
        "a word that firms begin with: Ditta, Cabinet",
    ),
    _CellClue("tail", lambda cell: TAIL * _ends_like_a_firm(cell), "words that firms end with: & Figli"),
    _CellClue("comma", lambda cell: GIVEN * _given_behind_comma(cell), "Roe, John"),
    _CellClue("title", lambda cell: -4.0 * _has_personal_title(cell), "a title that only people have"),
    _CellClue("acronym", lambda cell: 9.0 * _is_acronym(cell), "N. W. I."),
    _CellClue("partners", lambda cell: TAIL * _lists_partners(cell), "Holm, Berg & Dahl"),
)
# of texts in Latin letters only: of other scripts no words are known
_LATIN_CLUES = (
    _CellClue("one_word", lambda cell: (0.4 - START) * _is_one_unknown(cell), "a single word that is no known name"),
    _CellClue("long", _beyond_four, "each word beyond the fourth"),
)


def odds(words: list[Word], text: str) -> float:
    """Log odds that these words (a whole cell or a part of one) name a company."""
    return START + sum(clue.weight for clue in clues(words, text))


def clues(words: list[Word], text: str) -> list[Clue]:
    """What speaks for and against a company, beside that most names (`START`) are people's."""
    if not words:
        return []
    cell = _Cell(words, [word.key for word in words], text)
    found = [*_of_cell(_CELL_CLUES, cell), *_of_words(cell)]
    found += _of_given_names(found, words[0])
    if _is_latin(text):
        return [*found, *_of_cell(_LATIN_CLUES, cell)]
    over = START + sum(clue.weight for clue in found) + SURE_PERSON
    return [*found, Clue("script", -over, text)] if over > 0 else found


def _is_latin(text: str) -> bool:
    return any(c < "\u0250" for c in text if c.isalpha())


def _of_cell(table: tuple[_CellClue, ...], cell: _Cell) -> Iterator[Clue]:
    for clue in table:
        weight = clue.weight(cell)
        if weight:
            yield Clue(clue.name, weight, cell.text)


def _of_words(cell: _Cell) -> Iterator[Clue]:
    for i, word in enumerate(cell.words):
        at = Spot(cell.words, cell.keys, i)
        weight = _company_word(at) if word.flags & COMPANY else 0.0
        if weight:
            yield Clue("word", weight, word.text)
            continue
        clue = next((clue for clue in _WORD_CLUES if clue.applies(at, cell.text)), None)
        if clue is not None:
            yield Clue(clue.name, clue.weight, word.text)


def _of_given_names(found: list[Clue], first: Word) -> Iterator[Clue]:
    """Two given names speak no louder than `MOST_GIVEN`, a third adds again; one in front speaks more than another."""
    given = sum(clue.weight for clue in found if clue.name in ("given", "initial"))
    over = min(2 * -GIVEN + MOST_GIVEN, max(0.0, MOST_GIVEN - given))
    if over:
        yield Clue("many_given", over, "")
    if any(clue.name == "given" and clue.text is first.text for clue in found):
        yield Clue("given_first", -0.5, first.text)


def _company_word(at: Spot) -> float:
    book, key = vocabulary(), at.key
    if book.phrase_at("company", at.keys, at.start) > 1:
        return WORD
    if not is_one_of(key, "company", "weak_company"):
        return WORD if has_company_ending(key) else 0.0
    if is_known(key):
        return NAME_TOO + NAME_AT_THE_END * (len(at.keys) > 2 and at.start == len(at.keys) - 1)
    return WEAK_WORD if is_one_of(key, "weak_company") else WORD


# Legal forms


def legal_form(words: list[Word]) -> str:
    """The legal form as typed, "" where there is none: last, in front, or last before a remark.

    A form that is also a word or initials ("AS", "Da", "Co") counts only in its place: at the end, or in front in
    capitals; a lone word is never one.
    """
    if len(words) < 2 or not any(word.flags & (LEGAL | INITIAL) for word in words):
        return ""
    keys = [word.key for word in words]
    spots = ((start, size) for size in (5, 4, 3, 2, 1) for start in range(len(words) - size, 0, -1))
    place = next(((start, size) for start, size in spots if _is_form(words, keys, start, size)), None)
    if place is None:
        return words[0].text if decide(_FRONT_RULES, Spot(words, keys, 0)) else ""
    start, size = place
    return " ".join(word.text for word in words[start : start + size]).strip(",;")


def _is_form(words: list[Word], keys: list[str], start: int, size: int) -> bool:
    """Whether the `size` words from `start` are a legal form: "S. r. l.", "GmbH & Co. KG", "srl"."""
    part = keys[start : start + size]
    if size == 1:
        return _is_one_word_form(words, keys, start)
    spelt = all(len(key) == 1 for key in part) and is_one_of("".join(part), "legal")
    return spelt or vocabulary().phrase_at("legal", keys, start) == size


def _is_one_word_form(words: list[Word], keys: list[str], start: int) -> bool:
    inside = start + 1 < len(words) and is_one_of(keys[start], "weak_legal")
    return not inside and is_one_of(keys[start], "legal") and decide(_FORM_RULES, Spot(words, keys, start))


def _is_all_small(words: list[Word]) -> bool:
    return all(word.flags & (SMALL | DIGIT | INITIAL) or not word.key.isalpha() for word in words)


# whether a single word behind a name is a legal form
_FORM_RULES = (
    Rule(lambda at: not is_one_of(at.key, "weak_legal"), always, "never a word or initials: GmbH"),
    Rule(lambda at: "." in at.word.text and is_one_of(at.key, "never_dotted"), never, "B.A. is a degree"),
    Rule(lambda at: "." in at.word.text.rstrip(".") or "/" in at.word.text, always, "S.A., A/S"),
    Rule(lambda at: at.word.flags & CAPS, always, "Nordfjell AS"),
    Rule(lambda at: len(at.key) > 3 or at.key in ("co", "inc", "spa", "sas"), always, "Alfa spa"),
    Rule(lambda at: _is_all_small(at.words), always, "fjell as, where all is small; not Vasco Da"),
)
# whether a single word in front of a name is one
_FRONT_RULES = (
    Rule(lambda at: not is_one_of(at.key, "legal_front"), never, "no form that stands in front"),
    Rule(
        lambda at: at.word.flags & CAPS and not is_one_of(at.key, "weak_legal"),
        always,
        "in capitals, and never a word: SARL Les Tilleuls",
    ),
    Rule(lambda at: "." in at.word.text, always, "S.A. Dupont"),
    Rule(
        lambda at: all(word.flags & CAPS for word in at.words[1:]),
        lambda at: "/" in at.word.text and not is_one_of(at.key, "weak_legal"),
        "where all is in capitals a word is no form by its capitals",
    ),
    Rule(lambda at: at.word.flags & CAPS or "/" in at.word.text, always, "AS Alfa Beta"),
)


# Many lists keep a person and the company in one cell ("Anna Bianchi - Bianchi Srl"); both are wanted.

MARKED = 3.0  # log odds: a company beside a person needs a legal form or a word that says so
SURE = 1.2
_SEPARATOR = re.compile(r"\s+[-–—/|]\s+|\s*[|;]\s*|\s*//\s*")
_BAR = re.compile(r"\s+[-–—]\s+|\s*[/|]\s*")
_COMMA = re.compile(r"\s*[,،、，]\s*")
_SEPARATORS, _COMMAS = frozenset("-–—/|;"), frozenset(",،、，")
_CUTS = 3  # separators tried from the left, so that a cell full of them stays quick


def company_beside(text: str, words: NameWords) -> tuple[str, str] | None:
    """The person's and the company's part of a text, None where it does not hold both."""
    for left, right in _cuts(text, words):
        a, b = words.of(left), words.of(right)
        if not a or not b:
            continue
        first, second = odds(a, left), odds(b, right)
        if second > MARKED and _is_person_beside(a, first, b):
            return left, right
        if first > MARKED and _is_person_beside(b, second, a):
            return None if are_all_suffixes(b) else (right, left)
    return None


def _is_person_beside(person: list[Word], against: float, firm: list[Word]) -> bool:
    if against >= -SURE or not _is_surely_person(person) or not _has_name_beyond_form(firm):
        return False
    return len(firm) > 1 or not is_one_of(firm[0].key, "title")  # "Per Hansen, advokat"


def _cuts(text: str, words: NameWords) -> Iterator[tuple[str, str]]:
    """Where a text may be cut in two: at "care of", at bars and dashes, at commas."""
    found = words.of(text)
    if any(word.flags & CARE_OF for word in found):
        size = _care_of(found, 0)
        text = text.split(maxsplit=size)[size] if size and len(found) > size + 1 else text
        yield from _cut_at_care_of(text, words)
    if not _SEPARATORS.isdisjoint(text):
        yield from _cut_at(_SEPARATOR, text)
    if not _COMMAS.isdisjoint(text):
        yield from _cut_at(_COMMA, text)


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


def _cut_at(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, str]]:
    for _, match in zip(range(_CUTS), pattern.finditer(text), strict=False):
        yield text[: match.start()].strip(), text[match.end() :].strip()


def _cut_at_care_of(text: str, words: NameWords) -> Iterator[tuple[str, str]]:
    found = words.of(text)
    at = next((i for i in range(len(found)) if _care_of(found, i)), None)
    if at is not None and len(found) > 3:
        left, right = found[:at], found[at + _care_of(found, at) :]
        yield " ".join(word.text for word in left).strip(" ,-"), " ".join(word.text for word in right)


def _care_of(found: list[Word], start: int) -> int:
    """How many words mean "care of" there; short ones need their signs ("c/o", "c.a.", not "Co")."""
    keys = [word.key for word in found[start : start + 5]]
    size = vocabulary().phrase_at("care_of", keys, 0)
    return 0 if size == 1 and len(keys[0]) < 4 and not set("./") & set(found[start].text) else size
