"""Every sentence a user reads, in six languages, so that wording is reviewed in one place and none is English only.

A catalogue is a CSV file beside this one: key, en, it, es, nb, fr, de. Keys are stable; `{names}` are filled in, and
`{n:row|rows}` is the word that goes with the number n, so that nobody reads «1 rows»; `{sum:number}` has the decimal
sign of the language; `{name:action.}` is the message whose key is "action." and the name.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

LONGEST = 400  # characters of one value in a sentence: a cell may hold 32,767
LANGUAGES = ("en", "it", "es", "nb", "fr", "de")
DECIMAL = {"en": ".", "it": ",", "es": ",", "nb": ",", "fr": ",", "de": ","}

_INSIDE = re.compile("(?<=«) | (?=[:;?!»])")
_LOCALES = {"nb": "nb_NO", "en": "en_GB"}  # English as in Europe


def locale_of(language: str) -> str:
    """The locale (CLDR) by which papers and lists in a language write numbers and days."""
    return _LOCALES.get(language, language)


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All messages: key -> language -> sentence. A key that stands twice is a mistake of ours, found by a test."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(Path(__file__).parent.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                key = row.pop("key")
                found[key] = {**row, "fr": _spaced(row["fr"] or "")}
    return found


def _spaced(french: str) -> str:
    """A French sentence whose high punctuation never begins a line: the spaces before and inside it don't break."""
    return _INSIDE.sub("\N{NO-BREAK SPACE}", french)


def text(key: str, language: str = "en", **values: object) -> str:
    """The sentence `key` in `language` (English where the language is unknown), its placeholders filled.

    A key that no catalogue has comes back as it is, with its values: a clumsy message beats a lost one.
    """
    sentences = catalogue().get(key)
    if sentences is None:
        return " ".join([key, *(f"{name}={value}" for name, value in values.items())])
    return (sentences.get(language) or sentences["en"]).format_map(
        {name: _Value(_shown(value), language) for name, value in values.items()}
    )


class _Value:
    """What fills a placeholder; the specification behind its colon may choose a word or another message."""

    def __init__(self, value: object, language: str) -> None:
        self.value, self.language = value, language

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, words: str) -> str:
        one, bar, many = words.partition("|")
        if words.endswith("."):
            key = f"{words}{self.value}"
            return text(key, self.language) if key in catalogue() else str(self.value)
        if words == "number":
            return str(self.value).replace(".", DECIMAL.get(self.language, "."))
        if not bar:
            return format(self.value, words)
        # French counts nothing as one: «0 ligne»
        return one if str(self.value) in (("0", "1") if self.language == "fr" else ("1",)) else many


def _shown(value: object) -> object:
    if isinstance(value, str) and len(value) > LONGEST:
        return value[: LONGEST - 3] + "..."
    return value
