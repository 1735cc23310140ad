"""Text of an address cleaned into lines and words, so that no later rule meets tabs or control characters."""

from __future__ import annotations

import re
from functools import lru_cache

from xlcrm.text import caseless, fold_letters, tokens

LONGEST = 600  # characters; what is longer is no address, and is handed back whole
BREAK = re.compile(r"[,;\n|·•<>،،、，]+")
_INVISIBLE = dict.fromkeys(
    (173, *range(8203, 8208), *range(8234, 8239), *range(8288, 8304), 65279, *range(65529, 65532))
)
_CONTROL = dict.fromkeys((*range(32), *range(127, 160)), " ") | dict.fromkeys(
    map(ord, "\r\n\v\f\x85\u2028\u2029"), "\n"
)
DECIMAL = "\u066b"  # stands in for the comma of "km 12,5", which parts nothing
_WIDE = re.compile(r" {2,}")
_TYPES = (" Road", " Street", " Avenue")  # "Elm RoadFakeham"
_NUMBER = re.compile(r"(?<=\bn[º°])(?=\d)|(?<=[^\W\d_]\.)(?=\d)", re.IGNORECASE)  # "n°12", "Elmstr.12"
_KILOMETRE = re.compile(r"(\bkm\.? ?\d{1,4}),(?=\d)", re.IGNORECASE)  # "km 12,5"
# what a text must hold for the patterns to be worth looking for, each pattern and what stands instead
_UNGLUED = (
    (
        "-",
        (
            (re.compile(r"\b(\d{4,6})-(?=[^\W\d_]{3})"), r"\1 - "),  # "20121-Milano"
            (re.compile(r"(?<=[^\W\d_]{4})-(?=\d{5,6}\b)"), " - "),  # "Islamabad-44000"
            (re.compile(r"(?<=\d)-(?=\d{1,2} ?[ºª°])"), ", "),  # "4-1º A"
        ),
    ),
    ("#", ((re.compile(r"(?<=\w)#(?= ?\w)"), " #"),)),  # "Apt#4", "Cra 18#63-64"
    ("º", ((_NUMBER, " "),)),
    ("°", ((_NUMBER, " "),)),
    (
        ".",
        (
            (_NUMBER, " "),
            (re.compile(r"(?<=[^\W\d_][a-zà-ÿ]\.)(?=[A-ZÀ-Þ][a-zà-ÿ]{2})"), " "),  # "Elm St.Fakeham"
        ),
    ),
    (":", ((re.compile(r"(?<=[^\W\d_]:)(?=\d)"), " "),)),  # "No:12"
    *((kind, ((re.compile(rf"(?<={kind})(?=[A-Z][a-z]{{2}})"), ", "),)) for kind in _TYPES),  # a lost line break
)
_JUNK = ' \t\r\n*"“”„«»~_^|'
_DASHES = frozenset("-–—")
_BLANK = frozenset(("None", "nan", "NaN", "NaT", "<NA>"))
_SHORT = {"st": "saint", "ste": "sainte", "sta": "santa", "sto": "santo", "s": "san", "ft": "fort", "mt": "mount"}
_SHORT |= {"pk": "park", "hts": "heights", "spgs": "springs", "bch": "beach", "vlg": "village", "jct": "junction"}


def clean(raw: object) -> str:
    """One cell as text: line breaks stay, other control characters are spaces, invisible ones go. Blank is ""."""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        raw = int(raw)
    text = str(raw)
    if raw.__class__ is not str and text in _BLANK:
        return ""
    if not text.isprintable() and not text.replace("\n", "").isprintable():
        text = text.translate(_CONTROL).translate(_INVISIBLE)
    return _without_junk(text) if len(text) <= LONGEST else text


def _without_junk(text: str) -> str:
    """Text without quotes, asterisks and the like at its ends, and without a bracket there that has no other half."""
    text = text.strip(_JUNK)
    if text[:1] == "(" and (text[-1:] == ")" or ")" not in text) and text.count("(") == 1:
        text = text[1:].removesuffix(")").strip(_JUNK)
    if text[-1:] == ")" and "(" not in text:
        text = text[:-1].strip(_JUNK)
    return text


def lines(text: str) -> list[list[str]]:
    """The words of each line; commas, semicolons and lone dashes between words part lines like line breaks do."""
    text = _unglued(text)
    if "km" in text or "Km" in text or "KM" in text:
        text = _KILOMETRE.sub(rf"\1{DECIMAL}", text)
    if "  " in text:
        text = _wide_blanks_parted(text)
    parts = [words for part in BREAK.split(text) if (words := part.split())]
    if "-" not in text and "–" not in text and "—" not in text:
        return parts
    if all(map(_DASHES.isdisjoint, parts)):
        return parts
    return [piece for words in parts for piece in _at_dashes(words)]


def _unglued(text: str) -> str:
    """Text with what was written without a blank parted."""
    for sign, changes in _UNGLUED:
        if sign in text:
            for pattern, instead in changes:
                text = pattern.sub(instead, text)
    return text


def _wide_blanks_parted(text: str) -> str:
    """Text with commas for double blanks where nothing else parts it: "Via Verdi 3  99999 Borgofinto  MI".

    A single one may be a slip of the thumb; it counts only beside a number and behind two words.
    """
    pieces = _WIDE.split(text)
    if BREAK.search(text) or len(pieces) < 2 or " " not in pieces[0]:
        return text
    beside_number = pieces[0][-1].isdigit() or pieces[1][:1].isdigit()
    return ", ".join(pieces) if len(pieces) > 2 or beside_number else text


def _at_dashes(words: list[str]) -> list[list[str]]:
    """A line parted at the dashes that stand alone between words, but for those within a house number."""
    parts: list[list[str]] = [[]]
    for i, word in enumerate(words):
        inside = 0 < i < len(words) - 1
        if word not in _DASHES or (inside and _one_number(words[i - 1], words[i + 1])):
            parts[-1].append(word)
        else:
            parts.append([])
    return [part for part in parts if part]


def _one_number(left: str, right: str) -> bool:
    """Whether a dash between these belongs to one house number: "1 - 3", "12 - A"."""
    if "º" in right or "ª" in right:
        return False  # the floor in "4 - 1º A"
    return left[:1].isdigit() and len(left) < 5 and ((right[0].isdigit() and len(right) < 5) or len(right) == 1)


def key(word: str) -> str:
    """A word as the word lists have it: small letters, without brackets and a trailing comma."""
    bared = word.strip("()[]\"“”,'")
    return bared.casefold() if bared.isascii() else caseless(bared)


def bare(word: str) -> str:
    """A word in small letters without points around it: "St." -> "st"."""
    return word.casefold().strip(".")


@lru_cache(maxsize=100_000)
def plain(text: str) -> str:
    """`fold_letters`, remembered: the last words of addresses come again and again."""
    return fold_letters(text)


@lru_cache(maxsize=100_000)
def town_key(text: str) -> str:
    """A place name for looking it up: folded, with St, Ft, Mt and the like written out."""
    return " ".join([_SHORT.get(word, word) for word in tokens(text)])
