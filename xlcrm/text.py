"""Fold, compare and tokenise text: the one way to say that two texts are the same but for case, accents and blanks.

Everybody who compares what people typed does it here, so that a search, the check for doubles and the importer agree on
who José is. Three strengths: `caseless` keeps accents (a name that Excel or a disk tells apart), `fold_letters` drops
them and keeps punctuation, `fold` and `tokens` drop both. tests/cases/text.csv shows what each makes of a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from unicodedata import category, combining, normalize

_LETTERS = {  # letters that Unicode doesn't take apart, as people without that key type them
    "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
    "ı": "i", "ħ": "h", "ŧ": "t",
}  # fmt: skip
_SIGNS = dict.fromkeys("`\u00b4\u2018\u2019\u201b\u02b9\u02bb\u02bc\u2032\ua78c", "'")
_SIGNS |= dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
_SAME = _LETTERS | _SIGNS
_PUNCTUATION = re.compile(r"[\W_]+")
# Classes of combining marks that are accents: overlays, Hebrew and Arabic points, and all above or below a letter. The
# others are part of the letter (the two strokes that make "ga" of "ka" in kana) or a vowel of its own (Thai, Hindi).
_ACCENTS = frozenset((1, *range(10, 37), *range(200, 256)))


def _folded(sign: str) -> str:
    """One character for comparing, also one that is not printed; the letter itself where it has no other form."""
    if sign in _SAME:
        return _SAME[sign]
    if sign.isspace():
        return " "
    if category(sign) in ("Cc", "Cf"):  # soft hyphens, zero widths, marks of direction, control characters
        return ""
    plain = "".join(c for c in normalize("NFKD", sign) if combining(c) not in _ACCENTS).casefold()
    return "".join(_SAME.get(c, c) for c in plain)


def _bare(sign: str) -> str:
    """As `_folded`, with a blank for whatever is part of no word."""
    return "".join(c if c.isalnum() or category(c)[0] == "M" else " " for c in _folded(sign))


class _Letters(dict[int, str]):
    """A table for `str.translate` that works each character out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = _folded(chr(code))
        return self[code]


class _Words(dict[int, str]):
    """As `_Letters`, for `_bare`."""

    def __missing__(self, code: int) -> str:
        self[code] = _bare(chr(code))
        return self[code]


_FOLDED, _BARE = _Letters(), _Words()
_PLAIN = str.maketrans({sign: plain for sign, plain in _SIGNS.items() if sign != "`"})


def fold_letters(text: str) -> str:
    """Text without case, accents, doubled blanks and what isn't printed; one width, one kind of apostrophe and hyphen.

    Punctuation counts: "D’Angelò" -> "d'angelo", "Łódź" -> "lodz", "ÅSE  BJØRN-LI" -> "ase bjorn-li". "ß" is "ss",
    "æ" "ae", "œ" "oe", "đ" and "ð" "d", "þ" "th"; an umlaut is its letter. Blank stays "". Characters: Unicode's
    compatibility decomposition (UAX 15).
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.casefold().replace("`", "'").split())
    return " ".join(normalize("NFC", text.translate(_FOLDED)).split())


def tokens(text: str) -> list[str]:
    """The words of a text without case, accents and punctuation: "Nordvik, Li & Co. A/S" -> nordvik, li, co, a, s."""
    if text.isascii() and text.isprintable():
        words = text.lower().split()
        return words if all(map(str.isalnum, words)) else _PUNCTUATION.sub(" ", text.lower()).split()
    return normalize("NFC", text.translate(_BARE)).split()


def fold(text: str) -> str:
    """Text as its `tokens` with one blank between, for looking it up; "" where it is nothing but punctuation."""
    return " ".join(tokens(text))


def any_order(text: str) -> str:
    """The `fold` of a person's name: each of its words once and in one order, so that the surname may come first."""
    return " ".join(sorted(set(tokens(text))))


def same(one: str, other: str) -> bool:
    """Whether two texts mean the same: equal by `fold`, and by `fold_letters` where they are only punctuation."""
    found = fold(one)
    return found == fold(other) and (found != "" or fold_letters(one) == fold_letters(other))


def caseless(text: str) -> str:
    """Text without case; accents, punctuation and blanks count, however a system puts accents together.

    What Excel holds a header or a sheet to be, and Windows and macOS a file name.
    """
    return text.casefold() if text.isascii() else normalize("NFC", text).casefold()


def squeeze(text: str) -> str:
    """Text as typed with one blank where there were several, of whatever kind; control and direction marks dropped."""
    if not text.isprintable():
        text = "".join(
            c if c.isprintable() or category(c)[0] != "C" else " " if c in "\t\n\r\v\f" else "" for c in text
        )
    return " ".join(text.split())


def composed(text: str) -> str:
    """Text with each letter and its accents as one character (NFC): macOS hands out file names taken apart."""
    return normalize("NFC", text)


def plain_signs(text: str) -> str:
    """Text with ordinary letters for full-width ones and ligatures (NFKC), one kind of apostrophe and of hyphen.

    Case, accents and blanks stay.
    """
    return text if text.isascii() else normalize("NFKC", text.translate(_PLAIN))


def numbered(names: Iterable[str], key: Callable[[str], str] = caseless) -> list[str]:
    """The names in their order, one that is there already with a number behind: "Bo Li", "Bo Li (2)".

    key  what tells two names apart: without case, unless said otherwise
    """
    taken: set[str] = set()
    found = []
    for name in names:
        free, number = name, 1
        while key(free) in taken:
            number += 1
            free = f"{name} ({number})"
        taken.add(key(free))
        found.append(free)
    return found
