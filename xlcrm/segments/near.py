"""Finds the field that somebody probably meant, because nobody reads a list of seventy names to find one letter."""

from __future__ import annotations

from difflib import get_close_matches

from xlcrm import words
from xlcrm.importing import header_words
from xlcrm.messages import LANGUAGES
from xlcrm.segments.fields import OVER, Names
from xlcrm.segments.search_words import tokens

_ALIKE = 0.75
_SHOWN = 3


def near(text: str, names: Names, language: str) -> list[str]:
    """The fields most like a text that names none, best first, in the user's language; of a filter its single words."""
    shown = names.shown(language, text)
    tables = OVER if shown[0] not in names.shown(language) else ("Clients",)
    spelt = {words.fold(word): word for word in shown}
    for table in tables:
        for column in names.columns.get(table, ()):
            for other in LANGUAGES:
                spelt.setdefault(
                    words.fold(words.header(table, column.name, other)), words.header(table, column.name, language)
                )
            for word in header_words.of(table, column.name):
                spelt.setdefault(words.fold(word), words.header(table, column.name, language))
    pieces = [token.word for token in tokens(text)] if tables == OVER else [words.fold(text)]
    found = [
        spelt[match]
        for piece in pieces
        if piece not in spelt
        for match in get_close_matches(piece, spelt, n=_SHOWN, cutoff=_ALIKE)
    ]
    return list(dict.fromkeys(found))[:_SHOWN]
