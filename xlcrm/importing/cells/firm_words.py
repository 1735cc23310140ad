"""Firm words: legal forms, shop words and headers of natural persons in any language, whatever the list's country.

A Portuguese baker is a client of a Spanish firm, too. They stand in `xlcrm/data/importing/firm_words.csv`: form, shop
and person. Words that are also surnames (Bakker, Koch) are not among them.
"""

from __future__ import annotations

import re

from xlcrm.importing.word_tables import words_of
from xlcrm.text import fold

# Two letters are a form only behind a comma, with points, or in capitals where the rest is not.
SHORT = 2
LONGEST = 4


def legal_form(name: str) -> bool:
    """True where a name of at least two words ends in a legal form: "Padaria Flor, Lda."."""
    parts = fold(name).split()
    return any(
        " ".join(parts[-size:]) in words_of("firm_words", "form") and _is_written_so(name, "".join(parts[-size:]))
        for size in range(1, min(LONGEST, len(parts) - 1) + 1)
    )


def _is_written_so(name: str, form: str) -> bool:
    """A form of two letters needs a sign that it is no word: "Rossi, SL", "Rossi s.l.", "Rossi SL"."""
    last = re.split(r"\s+", name.strip())[-1]
    capitals = last.isupper() and not name.isupper()
    return len(form) > SHORT or "," in name or "." in last.rstrip(".") or "/" in last or capitals


def shop_word(name: str) -> bool:
    """True where the first or the last word of several is a shop's: "Peluquería Ángela", "Lund bageri"."""
    parts = fold(name).split()
    return len(parts) > 1 and not words_of("firm_words", "shop").isdisjoint((parts[0], parts[-1]))


def is_firm(name: str) -> bool:
    """True where a word of the name says, in any language, that it is a firm's."""
    return legal_form(name) or shop_word(name)


def of_persons(header: str) -> bool:
    """True for a header that says that natural persons stand in the column."""
    text = f" {fold(header)} "
    return any(f" {word} " in text for word in words_of("firm_words", "person"))
