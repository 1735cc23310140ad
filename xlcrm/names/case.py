"""Letter case of a name: a cell all in capitals or all in small letters is put right, anything else stays."""

from __future__ import annotations

import re

# small inside a name in these languages; Italian and English family names keep the capital ("De Luca", "Van Dyk")
_SMALL = {
    "e": frozenset("de la las los del y i e da das do dos".split()),
    "p": frozenset("de da das do dos e".split()),
    "f": frozenset("de du des d".split()),
    "d": frozenset("von vom zu zum zur van der den dem und".split()),
    "l": frozenset("van der den de ter ten te in 't op het".split()),
    "n": frozenset("von af av de van der".split()),
    "i": frozenset(),
    "u": frozenset("von van der den de la y e".split()),
}
_PART = re.compile(r"[^\W\d_]+")
_IRISH = re.compile(r"^(mc)([^\W\d_]{3,})$", re.IGNORECASE)
_ROMAN = re.compile(r"(?:ii|iii|iv|vi{0,3}|ix|x)\.?", re.IGNORECASE)


def is_one_case(text: str) -> bool:
    """Whether the cell's letters are all capitals or all small, and are more than initials."""
    return (text.isupper() or text.islower()) and sum(c.isalpha() for c in text) > 3


def repair(text: str, letters: str) -> str:
    """ "DE LUCA" -> "De Luca", "MCDONALD" -> "McDonald", "D'ANGELO" -> "D'Angelo", Dutch "VAN DIJK" -> "van Dijk"."""
    small = _SMALL.get(letters[:1], _SMALL["u"])
    words = text.split(" ")
    found = []
    for word in words:
        low = word.lower()
        if low in small and (len(words) > 1 or letters[:1] in "dln"):
            found.append(low)
        elif "." in word and all(len(part) <= 1 for part in word.split(".")):
            found.append(word.upper())
        else:
            found.append(
                _PART.sub(_capital, low)
                if not (low[:2] == "d'" and "d" in small)
                else "d'" + _PART.sub(_capital, low[2:])
            )
    return " ".join(found)


def repair_suffix(text: str) -> str:
    """ "JR." -> "Jr.", "iii" -> "III"; letters of degrees stay."""
    if _ROMAN.fullmatch(text):
        return text.upper()
    return text.capitalize() if text.rstrip(".").lower() in ("jr", "sr", "jnr", "snr", "esq", "ret") else text


def repair_title(text: str) -> str:
    """ "DOTT." -> "Dott."; the "and" between two titles stays small."""
    return text.lower() if text.lower() in ("e", "y", "og", "und", "et", "and") else text.capitalize()


def _capital(match: re.Match[str]) -> str:
    word = match.group()
    start, text = match.start(), match.string
    if start and text[start - 1] in "'’" and len(word) == 1 and match.end() == len(text):
        return word  # "Rossi's" has no name after its apostrophe
    irish = _IRISH.match(word)
    if irish:
        return "Mc" + irish.group(2).capitalize()
    return word[:1].upper() + word[1:]
