"""Similarity of company names: rare words in common (TF-IDF cosine) and spelling (Jaro-Winkler, sorted words).

"Bar Centrale" and "Bar Sport" share a word that hundreds have; "Odoli Tessuti" and "Tessuti Odoli" share one that
nobody else has. So words are weighed by their rarity in the list at hand.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from xlcrm.doubles.likeness import Levels
from xlcrm.doubles.prepared import Ints

_AT_ONCE = 200_000


class CompanyWords:
    """The distinct company names of a list and how much each of their words says."""

    def __init__(self, values: list[str]) -> None:
        self.values = values
        self._matrix = _weighted(values)

    def levels(self, one: Ints, other: Ints) -> Levels:
        """Levels "different" to "equal" for pairs of positions in `values`."""
        a, b = [self.values[n] for n in one], [self.values[n] for n in other]
        common = self._common(one, other)
        spelling = np.maximum(
            process.cpdist(a, b, scorer=JaroWinkler.normalized_similarity, dtype=np.float32),
            process.cpdist(a, b, scorer=fuzz.token_sort_ratio, dtype=np.float32) / 100,
        )
        inside = process.cpdist(a, b, scorer=fuzz.token_set_ratio, dtype=np.float32) >= 97
        variant = (common >= 0.85) | (spelling >= 0.94) | (inside & (common >= 0.6))
        close, distant = (common >= 0.6) | (spelling >= 0.86), (common >= 0.35) | (spelling >= 0.75)
        return np.select([one == other, variant, close, distant], [4, 3, 2, 1], 0).astype(np.int8)

    def _common(self, one: Ints, other: Ints) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        parts = [np.zeros(0)]
        for start in range(0, len(one), _AT_ONCE):
            cut = slice(start, start + _AT_ONCE)
            product = self._matrix[one[cut]].multiply(self._matrix[other[cut]])
            parts.append(np.asarray(product.sum(axis=1)).ravel())
        return np.concatenate(parts)


def _weighted(values: list[str]) -> sp.csr_matrix:
    """A row a name, a column a word, weighed by log(1 + names / names with the word), each row of length 1."""
    words = sorted({word for value in values for word in value.split()})
    place = {word: n for n, word in enumerate(words)}
    cells = [(n, place[word]) for n, value in enumerate(values) for word in sorted(set(value.split()))]
    rows, columns = np.array(cells, np.int64).reshape(-1, 2).T
    matrix = sp.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(values), max(1, len(words))))
    often = np.asarray(matrix.sum(axis=0)).ravel()
    matrix = matrix @ sp.diags(np.log(1 + len(values) / np.maximum(often, 1)))
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags(1 / np.maximum(length, 1e-9)) @ matrix)
