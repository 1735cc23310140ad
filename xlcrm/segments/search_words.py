"""The words of saved searches in six languages, so that a condition reads as its author would say it.

They stand in `xlcrm/data/search_words.csv`: alternatives are parted by |, and the first one is the one that is shown.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from xlcrm.messages import LANGUAGES
from xlcrm.text import fold

SYMBOLS = {
    "=": "is",
    "==": "is",
    "<>": "is_not",
    "!=": "is_not",
    "≠": "is_not",
    ">": "above",
    ">=": "at_least",
    "=>": "at_least",
    "≥": "at_least",
    "<": "below",
    "<=": "at_most",
    "=<": "at_most",
    "≤": "at_most",
}
AGREEING = frozenset({"es"})  # languages whose word for "within" has a second form, for weeks
_TOKEN = re.compile(r'"[^"]*"|«[^»]*»|“[^”]*”|„[^“”]*[“”]|<=|>=|=>|=<|<>|!=|==|[=<>≤≥≠]|[^\s=<>!≤≥≠"«“„]+|[!"«“„]')
_QUOTES = '"«»“”„'


class SearchToken(NamedTuple):
    """A word or sign of a condition: folded for comparing, and where it stands in the text. Quoted ones fold to ""."""

    word: str
    start: int
    end: int


class Found(NamedTuple):
    """A phrase found among tokens: its canonical name, and the tokens [first, last) it takes."""

    name: str
    first: int
    last: int


def tokens(text: str) -> list[SearchToken]:
    """The words and signs of a text; what stands in double quotes is one token that no phrase matches."""
    found = []
    for match in _TOKEN.finditer(text):
        piece = match.group()
        quoted = len(piece) > 1 and piece[0] in _QUOTES
        word = "" if quoted else piece if piece in SYMBOLS else fold(piece)
        found.append(SearchToken(word, *match.span()))
    return found


def unquoted(text: str) -> str:
    """A text without spaces and one pair of double quotes around it."""
    text = text.strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES else text


def phrase_at(group: str, held: list[SearchToken], first: int, language: str = "") -> Found | None:
    """The longest phrase of a group that starts with token `first`, of one language or of all."""
    phrases = _phrases(group, language)
    for length in range(min(_longest(group), len(held) - first), 0, -1):
        name = phrases.get(" ".join(token.word for token in held[first : first + length]))
        if name:
            return Found(name, first, first + length)
    return None


def is_word(group: str, name: str, folded: str) -> bool:
    """Whether a folded word is one of a canonical name, in any language; "ou" is French "or" and "where" alike."""
    return any(
        folded == fold(text)
        for g, n, alternatives in _rows()
        if (g, n) == (group, name)
        for language in LANGUAGES
        for text in alternatives[language]
    )


def word_of(group: str, text: str) -> str:
    """The canonical name behind a whole text in any of the six languages; "" where unknown."""
    return _phrases(group).get(text.strip()) or _phrases(group).get(fold(text), "")


def shown(group: str, language: str = "en") -> list[str]:
    """The words of a group as a user may type them, the first alternative of each."""
    return [alternatives[language][0] for g, _, alternatives in _rows() if g == group]


def alternative(group: str, name: str, language: str = "en", which: int = 0) -> str:
    """A word for a canonical name in a language: the one that is shown, or its second (singular) form where it has."""
    found = next((alternatives[language] for g, n, alternatives in _rows() if (g, n) == (group, name)), [name])
    return found[min(which, len(found) - 1)]


def window(days: object, language: str) -> str:
    """How far back a condition looks, as it is shown behind its field: "within 30 days", "en las últimas 2 semanas"."""
    weeks = str(days).endswith(tuple(alternative("unit", "week", language, which) for which in (0, 1)))
    return f"{alternative('link', 'within', language, int(weeks and language in AGREEING))} {days}"


@cache
def moments() -> list[tuple[str, re.Pattern[str]]]:
    """(today, yesterday, ago, start, …) with their patterns over folded text, whose groups are n and unit."""
    parts = {"{n}": r"(?P<n>\d{1,5})", "{unit}": r"(?P<unit>[^\W\d]+)"}
    found = []
    for group, name, alternatives in _rows():
        if group == "moment":
            for text in (text for language in LANGUAGES for text in alternatives[language]):
                pattern = " ".join(parts.get(part) or re.escape(fold(part)) for part in text.split())
                found.append((name, re.compile(pattern)))
    return found


@cache
def _rows() -> list[tuple[str, str, dict[str, list[str]]]]:
    """The file's rows: group, canonical name, and by language the alternatives, the shown one first."""
    path = Path(__file__).parent.parent / "data" / "search_words.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [
            (row["group"], row["name"], {language: row[language].split("|") for language in LANGUAGES})
            for row in csv.DictReader(file)
        ]


@cache
def _phrases(group: str, language: str = "") -> dict[str, str]:
    """Folded phrase -> canonical name; the earlier row has a phrase that two claim.

    Without `language` those of all, names themselves included.
    """
    found: dict[str, str] = dict(SYMBOLS) if group == "operator" else {}
    for g, name, alternatives in _rows():
        if g == group:
            own = () if language else (name,)
            spoken = (language,) if language else LANGUAGES
            for phrase in (*own, *(text for one in spoken for text in alternatives[one])):
                found.setdefault(fold(phrase), name)
    return found


@cache
def _longest(group: str) -> int:
    """Words in the longest phrase of a group."""
    return max(len(phrase.split()) for phrase in _phrases(group))
