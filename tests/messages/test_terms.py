"""The terms of the messages: a language says one thing with one word, as the glossary of docs/contributing.md has it.

A row of tests/cases/messages/terms.csv is a word that no message may have (a pattern of whole words), what is said
instead, and why; `where` is what the English sentence must hold for the row to count. `known` are messages that still
have it and wait for their reader: a message that is not named there fails.
"""

from __future__ import annotations

import csv
import re
from functools import cache

import pytest

from tests.support.paths import CASES, ROOT
from xlcrm.messages import LANGUAGES

# what is no sentence: placeholders (but not the words of a plural) and commands
_PLAIN = re.compile(
    r"\{[^{}]*?:([^{}]*)\}|\{[^{}]*\}|«(?:xlcrm|--)[^»]*»|`[^`]*`|xlcrm [a-z-]+(?: \S+)?|--[a-z-]+(?: \"[^\"]*\")?"
)
with (CASES / "messages" / "terms.csv").open(encoding="utf-8", newline="") as _file:
    TERMS = list(csv.DictReader(_file))


@cache
def sentences() -> tuple[dict[str, str], ...]:
    """Every message, a row by language."""
    found: list[dict[str, str]] = []
    for path in sorted((ROOT / "xlcrm" / "messages").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found += csv.DictReader(file)
    return tuple(found)


def plain(sentence: str) -> str:
    return _PLAIN.sub(lambda match: match.group(1) or " ", sentence)


def having(term: dict[str, str]) -> set[str]:
    """Keys of the messages that have a word which they may not."""
    word = re.compile(rf"(?<![\w-])(?:{term['word']})(?![\w-])")
    asked = re.compile(term["where"], re.IGNORECASE | re.DOTALL)
    return {row["key"] for row in sentences() if asked.search(row["en"]) and word.search(plain(row[term["language"]]))}


@pytest.mark.parametrize("term", TERMS, ids=lambda term: f"{term['language']} {term['word'][:30]}")
def test_no_message_has_a_word_of_its_own(term: dict[str, str]) -> None:
    assert having(term) - set(term["known"].split()) == set(), f"{term['instead']}: {term['why']}"


def glossary() -> list[dict[str, str]]:
    """The table of terms in docs/contributing.md."""
    text = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("| term | en |")
    rows = [line.strip("| ").split(" | ") for line in rest.splitlines()[2:]]
    ends = next(at for at, row in enumerate(rows) if len(row) != 1 + len(LANGUAGES))
    return [dict(zip(("term", "en", "it", "es", "nb", "fr", "de"), row, strict=True)) for row in rows[:ends]]


def test_the_glossary_has_twenty_terms_that_messages_use() -> None:
    rows = glossary()
    assert len(rows) >= 20
    for language in LANGUAGES:
        said = " ".join(plain(row[language]).casefold() for row in sentences())
        stems = {row[language]: row[language].casefold()[:-1] for row in rows}  # "doppione" is only said of several
        assert [word for word, stem in stems.items() if stem not in said] == []


def test_the_glossary_has_no_word_that_is_forbidden() -> None:
    for row in glossary():
        for term in TERMS:
            assert not re.fullmatch(term["word"], row[term["language"]]), term


def test_a_word_of_its_own_would_be_found() -> None:
    term = {"language": "de", "word": "Mappen?", "where": "", "known": ""}
    assert plain("{n} {n:Mappe|Mappen} mit «xlcrm backups»") == "  Mappe|Mappen mit  "
    assert having({**term, "word": "Arbeitsmappe"}) != set()
