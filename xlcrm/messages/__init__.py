"""Every sentence a user reads, in six languages, so that wording is reviewed in one place and none is English only.

A catalogue is a CSV file beside this one: key, en, it, es, nb, fr, de. Keys are stable; `{names}` are filled in.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

LONGEST = 400  # characters of one value in a sentence: a cell may hold 32,767
LANGUAGES = ("en", "it", "es", "nb", "fr", "de")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All messages: key -> language -> sentence. A key that stands twice is a mistake of ours, found by a test."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(Path(__file__).parent.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found[row.pop("key")] = row
    return found


def text(key: str, language: str = "en", **values: object) -> str:
    """The sentence `key` in `language` (English where the language is unknown), its placeholders filled.

    A key that no catalogue has comes back as it is, with its values: a clumsy message beats a lost one.
    """
    sentences = catalogue().get(key)
    if sentences is None:
        return " ".join([key, *(f"{name}={value}" for name, value in values.items())])
    return (sentences.get(language) or sentences["en"]).format_map({name: _shown(v) for name, v in values.items()})


def _shown(value: object) -> object:
    if isinstance(value, str) and len(value) > LONGEST:
        return value[: LONGEST - 3] + "..."
    return value
