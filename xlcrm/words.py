"""Words of the schema (headers, sheet titles, choices) in six languages, so that any user's workbook is understood.

They stand in `xlcrm/data/schema_words.csv`: what (table, column, choice, setting), table or group, canonical name, six
words. A "former column" is a header of workbooks made before a word was corrected: understood, and never shown.
"""

from __future__ import annotations

import csv
from functools import cache, lru_cache
from pathlib import Path

from xlcrm.messages import LANGUAGES
from xlcrm.text import fold


@cache
def _words() -> dict[tuple[str, str, str], dict[str, str]]:
    with (Path(__file__).parent / "data" / "schema_words.csv").open(encoding="utf-8", newline="") as file:
        return {(row["what"], row["table"], row["name"]): row for row in csv.DictReader(file)}


def _word(what: str, table_name: str, name: str, language: str) -> str:
    row = _words().get((what, table_name, name))
    return (row.get(language) or row["en"]) if row else name


def title(name: str, language: str = "en") -> str:
    """The word for a table or sheet ("Clients" -> "Clienti"); unknown names stay as they are."""
    return _word("table", "", name, language)


def header(table_name: str, column: str, language: str = "en") -> str:
    """The header cell of a column; a user's own column stays as typed."""
    return _word("column", table_name, column, language)


def setting(name: str, language: str = "en") -> str:
    """The label of a setting in the sheet Settings."""
    return _word("setting", "", name, language)


def choices(group: str, language: str = "en") -> tuple[str, ...]:
    """The allowed words of a drop-down list, in the order in which they are offered."""
    return tuple(
        row.get(language) or row["en"] for (what, g, _), row in _words().items() if (what, g) == ("choice", group)
    )


def choice_word(group: str, name: str, language: str = "en") -> str:
    """The word shown for a canonical choice ("status", "client", "it") -> "cliente"."""
    return _word("choice", group, name, language)


@lru_cache(maxsize=1024, typed=True)
def choice(group: str, word: str) -> str:
    """The canonical choice behind a word in any of the six languages; "" where none is meant."""
    return _choice(group, str(word))


@lru_cache(maxsize=10_000)
def _choice(group: str, word: str) -> str:
    return _lookup("choice", group).get(fold(word), "")


def column_of(table_name: str, header_text: str) -> str:
    """The canonical column behind a header in any of the six languages, or its canonical name; "" where unknown.

    Case, accents and punctuation don't count.
    """
    return _lookup("column", table_name).get(fold(str(header_text)), "")


def setting_of(label: str) -> str:
    """The canonical setting behind a label in any of the six languages; "" where unknown."""
    return _lookup("setting", "").get(fold(str(label)), "")


def table_of(word: str) -> str:
    """The canonical table behind a sheet title or table name in any of the six languages; "" where unknown."""
    return _lookup("table", "").get(fold(str(word)), "")


@cache
def _lookup(what: str, group: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for (w, g, name), row in _words().items():
        if g == group and w in (what, f"former {what}"):
            for word in filter(None, (name, *(row[language] for language in LANGUAGES))):
                found.setdefault(fold(word), name)
    return found
