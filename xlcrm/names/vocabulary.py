"""Vocabulary of names by language, from a table: titles, particles, suffixes, legal forms, company words."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from typing import NamedTuple

from xlcrm.text import fold_letters


def key_of(text: str) -> str:
    """How a word is looked up: folded, without full stops ("Dott.ssa" -> "dottssa", "S.r.l." -> "srl")."""
    return fold_letters(text).replace(".", "").strip(",;:")


class Vocabulary(NamedTuple):
    """Kind of word -> its words, and kind -> phrases of several words, longest first, by their first word."""

    words: dict[str, frozenset[str]]
    phrases: dict[str, dict[str, tuple[tuple[str, ...], ...]]]

    def phrase_at(self, kind: str, keys: list[str], start: int) -> int:
        """How many words from `start` are a word or phrase of this kind; 0 where none is."""
        first = keys[start]
        several = self.phrases[kind].get(first)
        if several is not None and start + 1 < len(keys):
            second = keys[start + 1]
            for phrase in several:
                if phrase[1] == second and tuple(keys[start : start + len(phrase)]) == phrase:
                    return len(phrase)
        return int(first in self.words[kind])


@cache
def vocabulary() -> Vocabulary:
    """The table `xlcrm/data/names/vocabulary.csv`, read once."""
    source = resources.files("xlcrm").joinpath("data/names/vocabulary.csv").read_text(encoding="utf-8")
    words: dict[str, set[str]] = {}
    phrases: dict[str, dict[str, set[tuple[str, ...]]]] = {}
    for row in csv.DictReader(source.splitlines()):
        single, several = words.setdefault(row["kind"], set()), phrases.setdefault(row["kind"], {})
        for text in row["words"].split("|"):
            parts = tuple(key_of(part) for part in text.split())
            if len(parts) == 1:
                single.add(parts[0])
            elif parts:
                several.setdefault(parts[0], set()).add(parts)
    return Vocabulary(
        {kind: frozenset(found) for kind, found in words.items()},
        {
            kind: {k: tuple(sorted(v, key=len, reverse=True)) for k, v in found.items()}
            for kind, found in phrases.items()
        },
    )
