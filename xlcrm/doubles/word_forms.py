"""Synonym tables for record linkage: street words, company words and nicknames, read once from CSV.

Two rows of one client differ most often by an abbreviation that everybody knows (Str., F.lli, Bob), and such knowledge
is data: `xlcrm/data/doubles/word_forms.csv` and `nicknames.csv`. The one function that folds text is imported here and
nowhere else in this package.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources

from xlcrm.names.knowledge import counts
from xlcrm.names.vocabulary import vocabulary
from xlcrm.text import fold_letters

_MARKS = re.compile(r"[^\w]+|_")


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a table of this package."""
    text = resources.files("xlcrm").joinpath(f"data/doubles/{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def plain(text: str) -> str:
    """Folded words with one space between: letters and figures only, "D’Angelò-Rossi" -> "dangelo rossi"."""
    if text.isascii() and text.isalnum():
        return text.lower()
    return _MARKS.sub(" ", fold_letters(text).replace("'", "").replace(".", ". ")).strip()


@cache
def nicknames() -> dict[str, frozenset[str]]:
    """Folded given name -> the folded names that stand for the same one, in both directions."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows_of("nicknames"):
        name, short = plain(row["name"]), plain(row["short"])
        found[name].add(short)
        found[short].add(name)
    return {name: frozenset(others) for name, others in found.items()}


@lru_cache(maxsize=1 << 18)
def is_given_name(word: str) -> bool:
    """Whether lists have the folded word as a given name, and oftener than as a family name."""
    known = counts(word).values()
    given, family = sum(g for g, _ in known), sum(f for _, f in known)
    return given > family


@cache
def forms(kind: str) -> dict[str, str]:
    """Folded word or phrase -> its one form, for kind "street", "glued" (end of a compound), "company" or "branch"."""
    return dict(_forms(kind))


def _forms(kind: str) -> Iterator[tuple[str, str]]:
    for row in rows_of("word_forms"):
        if row["kind"] == kind:
            for word in row["words"].split("|"):
                yield plain(word), row["form"]


@cache
def phrases(kind: str) -> re.Pattern[str]:
    """A pattern that finds the phrases of several words of a kind, the longest first."""
    several = sorted((word for word in forms(kind) if " " in word), key=lambda word: (-len(word), word))
    return re.compile(r"\b(?:" + "|".join(map(re.escape, several)) + r")\b") if several else re.compile(r"(?!)")


@cache
def legal_forms() -> tuple[frozenset[str], frozenset[str]]:
    """Legal forms of firms without spaces: all, and those that are never anything else ("gmbh", not "as")."""
    known = vocabulary()
    several = {"".join(phrase) for group in known.phrases["legal"].values() for phrase in group}
    everything = frozenset(form.replace("/", "") for form in known.words["legal"]) | several
    return everything, frozenset(known.words["legal"] - known.words["weak_legal"])
