"""Knowledge of given and family names: odds from lists, and from endings where no list has the word."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources

from xlcrm.names.vocabulary import key_of, vocabulary

# Russian, Ukrainian and Bulgarian endings show whether a name is given, the father's or the family's.

_FATHERS_NAME = ("ович", "евич", "ыч", "овна", "евна", "ична")
_LATIN_FATHERS_NAME = ("yevich", "eevich", "ievich", "yovych", "ovna", "evna", "ichna")
_FAMILY = tuple("ов ев ин ын ова ева ина ына скии цкии скои ская цкая енко чук щук юк дзе швили ян их ых як ко".split())


def cyrillic_odds(key: str) -> float | None:
    """Log odds of a given name from the ending of a folded Cyrillic word, None for another script."""
    if not "а" <= key[:1] <= "ӿ":
        return None
    if key in vocabulary().words["cyrillic_given"]:
        return 3.0
    if len(key) > 5 and key.endswith(_FATHERS_NAME):
        return 4.0
    return -2.5 if len(key) > 4 and key.endswith(_FAMILY) else 0.5


# Log odds of given against family name for a word found in g lists of given and f lists of family names of the
# language (0 to 3 of each): rounded from counts over names of five countries.
IN_LANGUAGE = {
    (1, 0): 2.2, (2, 0): 3.4, (3, 0): 3.7,
    (1, 1): -0.6, (2, 1): 1.2, (3, 1): 2.4,
    (1, 2): -2.2, (2, 2): -0.3, (3, 2): 1.3,
    (1, 3): -3.0, (2, 3): -1.0, (3, 3): 1.2,
    (0, 1): -3.5, (0, 2): -4.0, (0, 3): -4.2,
}  # fmt: skip
MOST_LISTS = 3  # of given names of a language
UNKNOWN = -1.4  # lists hold most given names and about half of the family names
INITIAL = 2.6
NEVER_GIVEN = -5.0
ENGLISH = 0.6  # English given and family names are often the same words, so a list says less


def odds_for(word: str, letters: str) -> float:
    """`given_odds`, less certain where the languages are English."""
    odds = given_odds(word, letters)
    return odds * ENGLISH if letters[:1] == "u" else odds


@cache
def _names() -> dict[str, str]:
    data = resources.files("xlcrm").joinpath("data/names/names.txt.gz").read_bytes()
    names = dict(line.split("\t") for line in gzip.decompress(data).decode("ascii").splitlines())
    for letter, word in _usual_given_names():
        found = _parsed(names.get(word, ""))
        given, family = found.get(letter, (0, 0))
        found[letter] = min(MOST_LISTS, max(2, given + 1)), family
        names[word] = "".join(f"{each}{g}{f}" for each, (g, f) in found.items())
    return names


def _usual_given_names() -> Iterator[tuple[str, str]]:
    """Language letter and folded word of given names that the lists lack, or have as rare ones or family names."""
    source = resources.files("xlcrm").joinpath("data/names/given_names.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(source.splitlines()):
        for word in row["words"].split("|"):
            yield row["letter"], key_of(word.strip())


@cache
def _endings() -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    text = resources.files("xlcrm").joinpath("data/names/endings.txt").read_text(encoding="ascii")
    for line in text.splitlines():
        letter, ending, tenths = line.split("\t")
        found.setdefault(letter, {})[ending] = int(tenths) / 10
    return found


def counts(word: str) -> dict[str, tuple[int, int]]:
    """Language letter -> in how many lists the folded word is a given name, and in how many a family name."""
    return _parsed(_names().get(word, ""))


def _parsed(entry: str) -> dict[str, tuple[int, int]]:
    return {entry[i]: (int(entry[i + 1]), int(entry[i + 2])) for i in range(0, len(entry), 3)}


def known_names() -> Iterable[str]:
    """Every folded name of the lists."""
    return _names().keys()


def is_given_pair(first: str, second: str) -> bool:
    """Whether two folded words are known as one given name: "juan carlos"."""
    entry = _names().get(f"{first} {second}")
    return entry is not None and any(g for g, _ in counts(f"{first} {second}").values())


def is_known(word: str) -> bool:
    """Whether any list has the folded word."""
    return word in _names()


def given_odds(word: str, letters: str) -> float:
    """Log odds that a folded word is a given name rather than a family name among people of these languages."""
    found = counts(word.replace("-", " "))
    if ("-" in word or " " in word) and not any(letter in found for letter in letters):
        return _odds_of_parts(word.replace("-", " ").split(), letters)
    if len(word.replace("'", "")) <= 1:
        return INITIAL
    inside = [found[letter] for letter in letters if letter in found]
    if inside:
        return _odds_inside(inside, found, letters)
    if found:
        return max(-2.5, min(1.5, 0.5 * sum(g - f for g, f in found.values()) - 0.4))
    return _odds_of_unknown(word, letters)


def _odds_of_parts(words: list[str], letters: str) -> float:
    """The mean of the odds of the words that are more than a letter."""
    parts = [part for part in words if len(part) > 1]
    return sum(given_odds(part, letters) for part in parts) / len(parts) if parts else INITIAL


def _odds_inside(inside: list[tuple[int, int]], found: dict[str, tuple[int, int]], letters: str) -> float:
    """The odds of a word that the language's lists have; what it is next door makes it less or more certain."""
    odds = IN_LANGUAGE[max(g for g, _ in inside), max(f for _, f in inside)]
    abroad = sum(g - f for letter, (g, f) in found.items() if letter not in letters)
    return min(3.7, odds + max(-1.0, min(1.0, abroad / 6)))


def _odds_of_unknown(word: str, letters: str) -> float:
    """The odds of a word that no list has: its ending, or that it is two given names in one."""
    cyrillic = cyrillic_odds(word)
    if cyrillic is not None:
        return cyrillic
    if len(word) > 6 and word.endswith(_LATIN_FATHERS_NAME):
        return 2.5
    return 2.5 if _is_joined(word, letters) else UNKNOWN + 0.5 * max(-3.0, min(3.0, _ending_odds(word, letters)))


def _ending_odds(word: str, letters: str) -> float:
    known = _endings()
    for size in (4, 3, 2, 1):
        if len(word) > size:
            odds = [known[letter][word[-size:]] for letter in letters if word[-size:] in known.get(letter, ())]
            if odds:
                return sum(odds) / len(odds)
    return 0.0


def _is_joined(word: str, letters: str) -> bool:
    """Two given names written as one: "Annarita", "Mariagrazia", "Pierluigi"."""
    known = _names()
    there = [cut for cut in range(3, len(word) - 2) if word[:cut] in known and word[cut:] in known]
    return any(_are_given(counts(word[:cut]), counts(word[cut:]), letters) for cut in there)


def _are_given(head: dict[str, tuple[int, int]], tail: dict[str, tuple[int, int]], letters: str) -> bool:
    """Whether both are usual given names of one of the languages, and the second is hardly a family name."""
    both = (letter for letter in letters if letter in head and letter in tail)
    return any(head[letter][0] > 1 and tail[letter][0] > 1 and tail[letter][1] < 2 for letter in both)
