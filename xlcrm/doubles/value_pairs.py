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
_ROUNDING = 1e-6
_LONGEST_START, _OF_START = 4, 0.1  # what Winkler adds to Jaro: a tenth of what is missing, for each common first sign
_BITS = 63
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

    @cached_property
    def signs(self) -> Ints:
        """Of each value which kinds of signs are there, a bit for each."""
        return _signs(self.texts.tolist())

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
        if most is None:
            return np.asarray(self._compared(OSA.distance, np.int32, None), np.int32)
        found: Edits = np.full(len(self), most + 1, np.int32)
        near = self._fewest_edits <= most
        found[near] = self.where(near)._compared(OSA.distance, np.int32, most)
        return found

    def winkler(self) -> Floats:
        """The Jaro-Winkler likeness, 0 below `LEAST_LIKE`."""
        found: Floats = np.zeros(len(self), np.float32)
        near = self.same | (self._most_like >= LEAST_LIKE - _ROUNDING)
        found[near] = self.where(near)._compared(JaroWinkler.normalized_similarity, np.float32, LEAST_LIKE)
        return found

    def like(self, scorer: Callable[..., float]) -> Floats:
        """What a scorer of rapidfuzz says of each pair."""
        return np.asarray(self._compared(scorer, np.float32, None), np.float32)

    def _compared(self, scorer: Callable[..., float], dtype: Any, cutoff: float | None) -> Any:
        return process.cpdist(*self.texts, scorer=scorer, dtype=dtype, score_cutoff=cutoff)

    @cached_property
    def _lacking(self) -> tuple[Ints, Ints]:
        """How many kinds of signs of the one the other lacks, at least, and the other way about."""
        signs = self.values.signs
        one, other = signs[self.one], signs[self.other]
        return np.bitwise_count(one & ~other).astype(np.int64), np.bitwise_count(other & ~one).astype(np.int64)

    @property
    def _fewest_edits(self) -> Ints:
        """Edits that any way from one to the other takes: each brings or takes one sign."""
        one, other = self.told(len)
        return np.asarray(np.maximum(np.abs(one - other), np.maximum(*self._lacking)), np.int64)

    @property
    def _most_like(self) -> npt.NDArray[np.float64]:
        """The Jaro-Winkler likeness that so many common signs allow, if all of them are in their places."""
        (one, other), (first, second) = self.told(len), self._lacking
        common = np.minimum(one - first, other - second)
        jaro = (common / np.maximum(one, 1) + common / np.maximum(other, 1) + 1) / 3
        boost = np.where(self.alike(_first_sign), _LONGEST_START * _OF_START, 0)
        return np.asarray(jaro + boost * (1 - jaro))


def _signs(texts: Sequence[str]) -> Ints:
    """Of each text a bit for each kind of sign that is there."""
    length = np.fromiter(map(len, texts), np.int64, len(texts))
    joined = "".join([*texts, " "]).encode("utf-32-le", "surrogatepass")
    bits = np.int64(1) << np.frombuffer(joined, np.uint32).astype(np.int64) % _BITS
    starts = np.cumsum(np.append(0, length))  # the last is that of the blank behind them all
    return np.where(length > 0, np.bitwise_or.reduceat(bits, starts)[:-1], 0)


def _first_sign(text: str) -> str:
    return text[:1]
