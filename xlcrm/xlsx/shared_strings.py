"""Shared strings of a workbook: the part that holds most texts once, looked up one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from xlcrm.xlsx import xml_parts

_ITEM = re.compile(rb"<(?:\w+:)?si\s*/>|<(?:\w+:)?si\b[^>]*>(.*?)</(?:\w+:)?si\s*>", re.DOTALL)
_PHONETIC = re.compile(rb"<((?:\w+:)?)rPh\b.*?</\1rPh\s*>", re.DOTALL)
_TEXT = re.compile(rb"<(?:\w+:)?t(\s[^>]*)?(?<!/)>(.*?)</(?:\w+:)?t\s*>", re.DOTALL)


class SharedStrings:
    """The texts of a workbook by index; a text is decoded when it is first asked for."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        """Cuts the part (ECMA-376 part 1, 18.4.9) into its items and leaves them as they are."""
        self._raw = _ITEM.findall(b"".join(chunks))
        self._texts: dict[int, str] = {}

    def __len__(self) -> int:
        """How many texts there are; the part's own count is not believed."""
        return len(self._raw)

    def __getitem__(self, index: int) -> str:
        """The text that a cell of type "s" names; IndexError where there is none."""
        if index not in self._texts:
            self._texts[index] = rich_text(self._raw[index])
        return self._texts[index]


def rich_text(raw: bytes) -> str:
    """The text of a string item: its runs joined, phonetic hints left out.

    Spaces at a run's ends count only where it says so (xml:space), as in Excel and in the fast reader.
    """
    if b"rPh" in raw:
        raw = _PHONETIC.sub(b"", raw)
    return xml_parts.from_excel("".join(_run(said, text) for said, text in _TEXT.findall(raw)))


def _run(said: bytes, text: bytes) -> str:
    """A run of text without the spaces at its ends, unless xml:space="preserve" keeps them."""
    return xml_parts.unescape(text if b"preserve" in said else text.strip(b" \t\r\n"))
