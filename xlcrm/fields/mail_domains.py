"""Mail domains that are misspelt (gmial.com, libero.i): well-formed, so syntax checks let them pass."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from xlcrm.addresses.countries import codes

# Endings that no domain has, and what was meant; two letters are judged by the list of countries instead.
_ENDINGS = {
    **dict.fromkeys("con cmo ocm comm coom vom xom cim clm conm cpm kom comn".split(), "com"),
    **dict.fromkeys("nte ner ent nett neet".split(), "net"),
    **dict.fromkeys("ogr rog orgg orq ort".split(), "org"),
    **dict.fromkeys("itt iit".split(), "it"),
}
_TWO_LETTERS = frozenset("eu uk su ac".split())
# Slips in the names of these are certain: nobody who writes them has a domain of his own there.
_CERTAIN = frozenset("gmail hotmail outlook yahoo googlemail icloud libero virgilio tiscali wanadoo laposte".split())
_NEIGHBOURS = {
    "q": "wa",
    "w": "qes",
    "e": "wrd",
    "r": "etf",
    "t": "ryg",
    "y": "tuh",
    "u": "yij",
    "i": "uok",
    "o": "ipl",
    "p": "o",
    "a": "qsz",
    "s": "awdx",
    "d": "sefc",
    "f": "drgv",
    "g": "fthb",
    "h": "gyjn",
    "j": "hukm",
    "k": "jil",
    "l": "ko",
    "z": "asx",
    "x": "zsdc",
    "c": "xdfv",
    "v": "cfgb",
    "b": "vghn",
    "n": "bhjm",
    "m": "njk",
}


class Doubt(NamedTuple):
    """`domain` is what was probably meant, "" where nobody can know; `certain` where no other reading exists."""

    domain: str
    certain: bool


def doubt(domain: str) -> Doubt | None:
    """What is odd about a mail domain that is well-formed, None where nothing is.

    Doubted: a domain without a dot, an ending that does not exist, and one slip (two letters swapped, one left out,
    doubled or beside the right key) in the name of a provider that many people have. Short names are never guessed.
    """
    domain = domain.casefold().rstrip(".")
    if domain in known() or not re.fullmatch(r"[a-z0-9.-]+", domain):
        return None
    name, _, ending = domain.rpartition(".")
    if not name:
        return _dotless(domain)
    if ending in _ENDINGS:
        return _wrong_ending(name, ending)
    if len(ending) <= 2 and ending.upper() not in codes() and ending not in _TWO_LETTERS:
        return _no_country(name, ending)
    if name in _CERTAIN and f"{name}.com" in known() and ending in ("co", "cm", "om"):
        return Doubt(f"{name}.com", False)
    return _near(domain)


def _dotless(domain: str) -> Doubt:
    """A domain without a dot: the one provider of that name ("gmail", "liberoit"), or of several the one in .com."""
    meant = {d for d in known() if domain in (d.partition(".")[0], d.replace(".", ""))}
    if len(meant) == 1:
        return Doubt(meant.pop(), False)
    return Doubt(f"{domain}.com" if f"{domain}.com" in meant else "", False)


def _wrong_ending(name: str, ending: str) -> Doubt:
    """An ending of `_ENDINGS`, which is certain; a slip in the provider's name behind it is mended, too."""
    fixed = f"{name}.{_ENDINGS[ending]}"
    near = None if fixed in known() else _near(fixed)
    return Doubt(near.domain if near else fixed, True)


def _no_country(name: str, ending: str) -> Doubt:
    """Two letters or one that are no country's: certain where one provider of the name ends in what was meant."""
    meant = {d for d in known() if d.rpartition(".")[0] == name and _one_slip(ending, d.rpartition(".")[2])}
    return Doubt(meant.pop(), True) if len(meant) == 1 else Doubt("", False)


@cache
def known() -> frozenset[str]:
    """Domains of mail providers that many people have."""
    path = Path(__file__).resolve().parent.parent / "data" / "fields" / "mail_domains.txt"
    return frozenset(path.read_text(encoding="utf-8").split())


@cache
def _near(domain: str) -> Doubt | None:
    """The one provider whose name differs by one slip while the rest is the same."""
    name, _, rest = domain.partition(".")
    meant = set()
    for candidate in known():
        right, _, ending = candidate.partition(".")
        if len(right) >= 5 and ending == rest and _one_slip(name, right):
            meant.add(candidate)
    if len(meant) != 1:
        return None
    found = meant.pop()
    right = found.partition(".")[0]
    return Doubt(found, right in _CERTAIN and (len(name) != len(right) or sorted(name) == sorted(right)))


def _one_slip(typed: str, right: str) -> bool:
    """Whether one slip of the fingers makes `right` into `typed`; another letter counts only if its key is beside."""
    return _SLIPS.get(len(typed) - len(right), _too_far)(typed, right)


def _too_far(typed: str, right: str) -> bool:
    """More than one letter too many or too few is more than a slip."""
    return False


def _swapped_or_beside(typed: str, right: str) -> bool:
    """Two neighbours swapped, or one letter from the key beside the right one; the words are of one length."""
    at = [n for n, (a, b) in enumerate(zip(typed, right, strict=True)) if a != b]
    if len(at) == 2 and at[1] == at[0] + 1:
        return typed[at[0]] == right[at[1]] and typed[at[1]] == right[at[0]]
    return len(at) == 1 and typed[at[0]] in _NEIGHBOURS.get(right[at[0]], "")


def _left_out(typed: str, right: str) -> bool:
    """One letter of `right` is missing."""
    return any(right[:n] + right[n + 1 :] == typed for n in range(len(right)))


def _one_more(typed: str, right: str) -> bool:
    """One letter too many, from a key hit twice or beside its neighbour."""
    return any(typed[:n] + typed[n + 1 :] == right and _stuttered(typed, n) for n in range(len(typed)))


# By how many letters more were typed than meant.
_SLIPS: dict[int, Callable[[str, str], bool]] = {-1: _left_out, 0: _swapped_or_beside, 1: _one_more}


def _stuttered(typed: str, n: int) -> bool:
    """Whether the letter at `n` is a key hit twice or together with its neighbour."""
    beside = typed[max(n - 1, 0) : n] + typed[n + 1 : n + 2]
    return any(letter == typed[n] or letter in _NEIGHBOURS.get(typed[n], "") for letter in beside)
