"""Value pairs: pairs of a column's distinct values, for comparing a million of them without a look at each alone.

What a comparison asks of one value (its length, whether it is a known name) is found out once for each distinct value
and looked up for all pairs by numpy; only what takes both texts is asked pair by pair, and only where it may be true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from xlcrm.doubles.prepared import Ints, Mask

Floats = npt.NDArray[np.float32]
Edits = npt.NDArray[np.int32]
LEAST_LIKE = 0.79  # no level asks for less; what is below counts as nothing in common
_DENSE = 4  # cells of a table of all pairs of values, for each pair that is asked for
_NEARLY_UNIQUE = 0.5  # distinct values a row from which on hardly any pair of values comes twice


class Values:
    """The distinct values of a column.

    rows  how many rows share them; where they are hardly fewer, pairs are not made distinct again
    """

    def __init__(self, texts: Sequence[str], rows: int = 0) -> None:
        self.texts = np.array([*texts, ""], dtype=object)[: len(texts)]
        self.are_unique = 0 < rows * _NEARLY_UNIQUE < len(texts)
        self._told: dict[Callable[[str], Any], Ints] = {}

    def __len__(self) -> int:
        return len(self.texts)

    def told(self, ask: Callable[[str], Any]) -> Ints:
        """What `ask` says of each value: numbers and truths as they are, texts as codes that are alike where they are.

        `ask` is a function with a name of its own, not made anew for each call: its answers are kept.
        """
        if ask not in self._told:
            answers = list(map(ask, self.texts))
            texts = bool(answers) and isinstance(answers[0], str)
            found = pd.factorize(np.array([*answers, None], dtype=object)[:-1])[0] if texts else answers
            self._told[ask] = np.asarray(found, np.int64)
        return self._told[ask]

    def distinct(self, one: Ints, other: Ints) -> tuple[ValuePairs, Ints | slice]:
        """The distinct pairs among pairs of codes, whichever comes first, and where each of those given is in them."""
        low, high = np.minimum(one, other), np.maximum(one, other)
        if self.are_unique:
            return ValuePairs(self, low, high), slice(None)
        keys = low * len(self) + high
        back, keys = _numbered(keys, len(self) ** 2) if len(self) ** 2 <= _DENSE * len(keys) else pd.factorize(keys)
        return ValuePairs(self, *np.divmod(keys, max(len(self), 1))), back


def _numbered(keys: Ints, size: int) -> tuple[Ints, Ints]:
    """As `pd.factorize`, for keys below a `size` that is small beside their number; in ascending order."""
    place = np.zeros(size, np.int64)
    place[keys] = 1
    found = np.flatnonzero(place)
    place[found] = np.arange(len(found))
    return place[keys], found


class ValuePairs:
    """Pairs of positions in `values`."""

    def __init__(self, values: Values, one: Ints, other: Ints) -> None:
        self.values, self.one, self.other = values, one, other

    @classmethod
    def of(cls, one: Sequence[str], other: Sequence[str]) -> ValuePairs:
        """Pairs of two equally long lists."""
        values = Values(list(dict.fromkeys([*one, *other])))
        place = {text: n for n, text in enumerate(values.texts)}
        codes = [np.array([place[text] for text in texts], np.int64) for texts in (one, other)]
        return cls(values, *codes)

    def __len__(self) -> int:
        return len(self.one)

    @property
    def same(self) -> Mask:
        """Pairs of one value with itself."""
        return np.asarray(self.one == self.other)

    def where(self, keep: Mask) -> ValuePairs:
        """Some of the pairs."""
        return ValuePairs(self.values, self.one[keep], self.other[keep])

    @cached_property
    def texts(self) -> tuple[list[str], list[str]]:
        """The two texts of each pair."""
        return self.values.texts[self.one].tolist(), self.values.texts[self.other].tolist()

    def told(self, ask: Callable[[str], Any]) -> tuple[Ints, Ints]:
        """What `Values.told` says of both."""
        known = self.values.told(ask)
        return known[self.one], known[self.other]

    def both(self, ask: Callable[[str], bool]) -> Mask:
        """Pairs of which `ask` is true for both."""
        one, other = self.told(ask)
        return np.asarray((one & other) != 0)

    def either(self, ask: Callable[[str], bool]) -> Mask:
        """Pairs of which `ask` is true for one or both."""
        one, other = self.told(ask)
        return np.asarray((one | other) != 0)

    def alike(self, ask: Callable[[str], Any]) -> Mask:
        """Pairs of which `ask` says the same."""
        one, other = self.told(ask)
        return np.asarray(one == other)

    @property
    def shorter(self) -> Ints:
        """How long the shorter of the two is."""
        return np.minimum(*self.told(len))

    def test(self, test: Callable[[str, str], bool], where: Mask) -> Mask:
        """The test where `where` is true, False elsewhere: most pairs need no look at their words."""
        result = np.zeros(len(self), bool)
        a, b = self.where(where).texts
        result[where] = np.fromiter(map(test, a, b), bool, len(a))
        return result

    def edits(self, most: int | None = None) -> Edits:
        """The optimal string alignment distance; beyond `most` some larger number."""
        found: Edits = process.cpdist(*self.texts, scorer=OSA.distance, dtype=np.int32, score_cutoff=most)
        return found

    def winkler(self) -> Floats:
        """The Jaro-Winkler likeness, 0 below `LEAST_LIKE`."""
        return self.like(JaroWinkler.normalized_similarity, LEAST_LIKE)

    def like(self, scorer: Callable[..., float], least: float) -> Floats:
        """What a scorer of rapidfuzz says of each pair, 0 below `least`."""
        found: Floats = process.cpdist(*self.texts, scorer=scorer, dtype=np.float32, score_cutoff=least)
        return found
