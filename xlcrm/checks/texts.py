"""Spaces that nobody sees and letters that a wrong encoding broke make equal texts differ, so they are mended."""

from __future__ import annotations

import re

from xlcrm.checks.judge import Verdict
from xlcrm.checks.view import View
from xlcrm.problems import Problem

# The typed originals: people may correct them, no run does so by itself.
ORIGINALS = frozenset({"full_name", "address", "notes"})
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff]")
_BROKEN = re.compile(
    "[ÂÃâ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_ERRORS = re.compile(
    r"#(?:REF|VALUE|NAME|NULL|DIV/0|NUM|N/A|N/D|RIF|VALORE|NOME|WERT|BEZUG|VALEUR|NOMBRE|VALOR)[!?]?", re.I
)


def check(view: View, column: str) -> list[Problem]:
    """Spaces around, doubled or invisible; letters broken by a wrong encoding; an error value pasted as text."""
    original = column in ORIGINALS

    def judge(value: str, _: str) -> Verdict | None:
        if _ERRORS.fullmatch(value.strip()):
            return Verdict("value.excel_error")
        mended = unbroken(value)
        if mended != value:
            return Verdict("text.broken_letters", mended, not original)
        if not original and (tidy := tidied(value)) != value:
            return Verdict("text.spaces", tidy, True, "note")
        return None

    return view.judged(column, judge)


def tidied(value: str) -> str:
    """One plain space between words and none around; line breaks stay."""
    text = _INVISIBLE.sub("", value) if _INVISIBLE.search(value) else value
    lines = [" ".join(line.split()) for line in text.replace("\u00a0", " ").splitlines()]
    return "\n".join(lines).strip()


def unbroken(value: str) -> str:
    """The text before UTF-8 was read as Windows-1252 ("JosÃ©" was "José"); unchanged where that did not happen."""
    if not _BROKEN.search(value):
        return value
    try:
        mended = value.encode("cp1252").decode("utf-8")
    except UnicodeError:
        try:
            mended = value.encode("latin-1").decode("utf-8")
        except UnicodeError:
            return value
    return mended if mended.isprintable() or "\n" in mended else value
