"""The text of a name by its script: Chinese and Korean names need no spaces, and have an order of their own."""

from __future__ import annotations


def is_east_asian(text: str) -> bool:
    """Whether a text is of Han or Hangul characters (a middle dot or kana may be among them)."""
    return bool(text) and all(
        c in "々〆" or "一" <= c <= "鿿" or "가" <= c <= "힣" or "぀" <= c <= "ヿ" or c in "·・" for c in text
    )


def joined(*parts: str) -> str:
    """The parts that are not blank, with spaces between them."""
    return " ".join(filter(None, parts))
