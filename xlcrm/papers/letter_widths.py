"""Widths of lines of text, at most: told from the widths of their letters, so that few labels are laid out twice.

Typst measures each letter once. A line is at most as wide as its letters side by side and what kerning puts between
them. That holds for letters that stand side by side whatever is beside them: Latin, Greek and Cyrillic ones, digits and
usual signs; of a line with others nothing is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

KERNING = 0.08  # em; the most that our fonts put between two letters, as "(j" has it (measured over all pairs)
_SIDE_BY_SIDE = re.compile("[ -~\u00a1-\u00ac\u00ae-\u024f\u0370-\u0377\u0384-\u03ff\u0400-\u045f–—‘’“”…€№]")


def letters_of(texts: Iterable[Sequence[str]]) -> list[str]:
    """The letters in these lines that stand side by side, each once, in order."""
    letters: set[str] = set()
    for lines in texts:
        letters.update(*lines)
    return sorted(filter(_SIDE_BY_SIDE.fullmatch, letters))


def at_most(lines: Sequence[str], widths: Mapping[str, float]) -> float | None:
    """How wide the widest line is at most; None where that isn't told.

    `widths` are those of letters, in em, as is the answer.
    """
    try:
        return max(sum(map(widths.__getitem__, line)) + KERNING * len(line) for line in lines)
    except KeyError:
        return None
