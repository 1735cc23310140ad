"""The deduplication engine from rows to scored pairs: prepare, block, compare, estimate, score, veto, cluster.

One configuration serves every list; nothing is trained, nothing is random, and the order of rows does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from xlcrm.doubles.blocking import candidates, random_pairs
from xlcrm.doubles.estimating import estimate
from xlcrm.doubles.evidence import Comparer, PairEvidence
from xlcrm.doubles.odds import Numbers, Odds, household_score, likeliest, score
from xlcrm.doubles.prepared import Ints, Mask, Prepared, prepare
from xlcrm.doubles.vetoes import under_vetoes, vetoes

SURELY, PERHAPS = 3.0, -3.0  # bits
LOWEST = 60.0
CHANCE_PAIRS = 50_000
_AT_ONCE = 100_000


@dataclass(frozen=True)
class Scored:
    """Pairs with their bits; `veto` is a code of `vetoes.RULES` or ""; `relation` a position in `relations()`."""

    rows: Prepared
    odds: Odds
    evidence: PairEvidence
    scores: Numbers
    household: Numbers
    relation: Ints
    veto: np.ndarray[tuple[int], np.dtype[np.object_]]

    @property
    def joinable(self) -> Numbers:
        """The scores, with a pair that has a veto far below 0."""
        return np.where(self.veto != "", -LOWEST, self.scores)

    def and_also(self, more: Scored) -> Scored:
        """These pairs and more of the same rows."""
        one, other = self.evidence, more.evidence
        evidence = PairEvidence(
            np.r_[one.first, other.first],
            np.r_[one.second, other.second],
            {name: np.r_[level, other.levels[name]] for name, level in one.levels.items()},
            np.r_[one.swapped, other.swapped],
        )
        scores, household = np.r_[self.scores, more.scores], np.r_[self.household, more.household]
        relation, veto = np.r_[self.relation, more.relation], np.r_[self.veto, more.veto]
        return Scored(self.rows, self.odds, evidence, scores, household, relation, veto)


class Engine:
    """Scores pairs of one list, or of two where `side` marks them."""

    def __init__(self, clients: pd.DataFrame, labels: list[str], country: str, side: Ints | None = None) -> None:
        self.rows = prepare(clients, labels, country, side)
        self.comparer = Comparer(self.rows)
        first, second = candidates(self.rows)
        self.evidence = self.comparer.compare(first, second)

    @cached_property
    def odds(self) -> Odds:
        """What each level weighs in this list; made when first asked for, as a list without candidates needs none."""
        odds = Odds(self.comparer, self.comparer.compare(*random_pairs(self.rows, CHANCE_PAIRS)))
        estimate(odds, self.evidence, self._barred(self.evidence))
        return odds

    def _barred(self, evidence: PairEvidence) -> Mask:
        return np.asarray(vetoes(self.comparer, evidence) != "")

    def scored(self) -> Scored:
        """All candidate pairs."""
        return self.score(self.evidence)

    def score(self, evidence: PairEvidence) -> Scored:
        """Given pairs, half a million at a time."""
        starts = range(0, max(len(evidence), 1), _AT_ONCE)
        parts = [self._score(evidence.part(np.arange(s, min(s + _AT_ONCE, len(evidence))))) for s in starts]
        scores, household, relation = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        veto = vetoes(self.comparer, evidence)
        scores = under_vetoes(scores, veto)
        return Scored(self.rows, self.odds, evidence, scores, household, relation, veto)

    def _score(self, evidence: PairEvidence) -> tuple[Numbers, Numbers, Ints]:
        weights = self.odds.weigh(evidence)
        return score(weights), household_score(weights), likeliest(weights)

    def joinable(self, first: Ints, second: Ints) -> Numbers:
        """Bits with which pairs that blocking did not find count in a group; a veto forbids it."""
        return self.score(self.comparer.compare(first, second)).joinable
