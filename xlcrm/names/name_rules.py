"""Rules as tables: of the rules for one question the first that applies decides, and says why.

A function with twenty conditions can't tell its reason; a table can be read, tested row by row and printed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from xlcrm.names.name_words import INITIAL, SUFFIX, Word


@dataclass(slots=True)
class Spot:
    """A word among the others of its cell, as a rule looks at it.

    `keep` names must stay before a doubtful suffix; `size` words from `start` are a phrase of the vocabulary.
    """

    words: list[Word]
    keys: list[str]
    start: int
    keep: int = 0
    size: int = 1

    @property
    def word(self) -> Word:
        return self.words[self.start]

    @property
    def key(self) -> str:
        return self.keys[self.start]

    @property
    def dotted(self) -> bool:
        """Whether the word is typed as an abbreviation: "Dr.", "D.ª"."""
        return self.word.text.endswith((".", "ª", "º"))

    @property
    def left(self) -> int:
        """How many words behind it are no suffixes."""
        return sum(not word.flags & SUFFIX for word in self.words[self.start + 1 :])

    @property
    def names(self) -> int:
        """How many words before it are more than initials."""
        return sum(not word.flags & INITIAL for word in self.words[: self.start])


Test = Callable[[Any], bool]


class Rule(NamedTuple):
    """Where `applies` holds, `verdict` is the answer."""

    applies: Test
    verdict: Test
    why: str


def decide(rules: Sequence[Rule], at: object) -> bool:
    """The answer of the first rule that applies, False where none does."""
    for applies, verdict, _ in rules:
        if applies(at):
            return verdict(at)
    return False


def always(_: object) -> bool:
    """For the last rule of a table, and for answers that need no look at the words."""
    return True


def never(_: object) -> bool:
    """The answer no."""
    return False
