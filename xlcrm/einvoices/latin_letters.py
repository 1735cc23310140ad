"""Latin-1 letters of an e-invoice: text in the only letters that FatturaPA takes, others as people without them do.

"Łukasz" is Lukasz, "Żółć" Zólc, a typographic apostrophe the plain one. Letters of other scripts have no such form:
`strange` names them, and then a person is asked how the name is written.
"""

from __future__ import annotations

from functools import cache
from unicodedata import category, combining, normalize

from xlcrm.text import fold_letters

_LAST = 0xFF  # of Latin-1
_SIGNS = {
    "€": "EUR", "…": "...", "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "‹": "'", "›": "'", "•": "-",
    "™": "(TM)", "№": "N.", "–": "-", "—": "-", "‑": "-", "‐": "-", "−": "-", "‘": "'", "’": "'", "‚": "'", "Œ": "OE",
    "œ": "oe", "ẞ": "SS", "\t": " ", "\n": " ", "\r": " ",
}  # fmt: skip


def latin(text: str, *, ascii_only: bool = False) -> str:
    """Text in Latin-1, with one blank where there were several; a letter without such a form is "?".

    `ascii_only`: in ASCII, for the few fields that take nothing else.
    """
    composed = normalize("NFC", text)
    made = "".join(_letter(sign, 0x7F if ascii_only else _LAST) for sign in composed)
    return " ".join(made.split())


def changed(text: str) -> bool:
    """Whether a text has letters that stand there in another form."""
    return any(ord(sign) > _LAST for sign in normalize("NFC", text))


def strange(text: str) -> str:
    """The letters of a text that have no form in Latin-1, each once."""
    return "".join(dict.fromkeys(sign for sign in normalize("NFC", text) if _letter(sign, _LAST) == "?" != sign))


@cache
def _letter(sign: str, last: int) -> str:
    if sign in _SIGNS and (ord(sign) > last or ord(sign) < ord(" ")):
        return _SIGNS[sign]
    if ord(sign) < ord(" ") or 0x7F <= ord(sign) < 0xA0 or category(sign) in ("Cf", "Cs", "Co"):
        return ""
    if ord(sign) <= last:
        return sign
    return _plain(sign, last)


def _plain(sign: str, last: int) -> str:
    """A letter without what Latin-1 has no room for; "?" where nothing is left of it."""
    bare = "".join(c for c in normalize("NFKD", sign) if not combining(c))
    if bare and all(ord(c) <= last for c in bare):
        return bare
    folded = fold_letters(sign)
    if folded and all(ord(c) <= last for c in folded):
        return folded.upper() if sign.isupper() else folded
    return " " if sign.isspace() else "?"
