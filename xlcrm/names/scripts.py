"""Chinese and Korean names are written without a space, family name first."""

from __future__ import annotations

import unicodedata

from xlcrm.names.words import Word


_DOUBLE = frozenset(
    "歐陽 欧阳 司馬 司马 上官 諸葛 诸葛 夏侯 東方 东方 皇甫 尉遲 尉迟 公孫 公孙 鐘離 钟离 令狐 宇文 長孫 长孙 慕容 司徒 司空 남궁 황보 제갈 사공 선우 독고".split()
)
GIVEN, FAMILY = 6.0, -6.0


def split_unspaced(unit: Word) -> list[Word]:
    """A single word of two to four Han or Hangul characters as family name and given name; any other word as it is."""
    text = unit.text
    if not 2 <= len(text) <= 4 or not all(_is_east_asian(c) for c in text):
        return [unit]
    size = 2 if len(text) > 2 and text[:2] in _DOUBLE or len(text) == 4 else 1
    return [Word(text[:size], text[:size], 0, FAMILY), Word(text[size:], text[size:], 0, GIVEN)]


def _is_east_asian(character: str) -> bool:
    return "一" <= character <= "鿿" or "가" <= character <= "힣" or unicodedata.name(character, "").startswith("CJK")
