"""Names are compared without case and accents, so that MARIA, María and maria are one name."""

from __future__ import annotations

import unicodedata

_LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "’": "'", "‘": "'"}
    | {"`": "'", "´": "'", "ʼ": "'", "‐": "-", "‑": "-", "–": "-"}
)


def fold(text: str) -> str:
    """Lower case, no accents, one kind of apostrophe and hyphen: "BJØRN" -> "bjorn", "D’Angelò" -> "d'angelo"."""
    text = text.casefold()
    if text.isascii():
        return text.replace("`", "'")
    marked = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(c for c in marked if not unicodedata.combining(c)).translate(_LETTERS)


def squeeze(text: str) -> str:
    """One space where there were several, of whatever kind; control and direction marks are dropped."""
    if not text.isprintable():
        text = "".join(
            c if c.isprintable() or unicodedata.category(c)[0] != "C" else " " if c in "\t\n\r\v\f" else ""
            for c in text
        )
    return " ".join(text.split())


def is_east_asian(text: str) -> bool:
    """Whether a text is of Han or Hangul characters (a middle dot or kana may be among them)."""
    return bool(text) and all(
        c in "々〆" or "一" <= c <= "鿿" or "가" <= c <= "힣" or "぀" <= c <= "ヿ" or c in "·・" for c in text
    )


def joined(*parts: str) -> str:
    """The parts that are not blank, with spaces between them."""
    return " ".join(filter(None, parts))
