"""The deduplication engine from rows to scored pairs: prepare, block, compare, estimate, score, veto, cluster.

One configuration serves every list; nothing is trained, nothing is random, and the order of rows does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from xlcrm.doubles.blocking import candidates, random_pairs
from xlcrm.doubles.estimating import estimate, groups, sample
from xlcrm.doubles.evidence import Comparer, PairEvidence
from xlcrm.doubles.odds import Numbers, Odds, household_score, likeliest, score
from xlcrm.doubles.prepared import KINDS, Ints, Mask, Prepared, prepare
from xlcrm.doubles.vetoes import under_vetoes, vetoes

SURELY, PERHAPS = 3.0, -3.0  # bits
LOWEST = 60.0
CHANCE_PAIRS = 50_000
_AT_ONCE = 100_000
_ROUNDING = 1e-6  # bits


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
        self.first, self.second = candidates(self.rows)

    @cached_property
    def evidence(self) -> PairEvidence:
        """That of all candidate pairs."""
        return self.comparer.compare(self.first, self.second)

    @cached_property
    def odds(self) -> Odds:
        """What each level weighs in this list; made when first asked for, as a list without candidates needs none."""
        odds = Odds(self.comparer, self.comparer.compare(*random_pairs(self.rows, CHANCE_PAIRS)))
        keep = sample(self.first, self.second)
        part = self.comparer.compare(self.first[keep], self.second[keep])
        estimate(odds, part, len(keep) / max(1, len(part)), np.asarray(vetoes(self.comparer, part) != ""))
        return odds

    def scored(self) -> Scored:
        """All candidate pairs."""
        return self.score(self.evidence)

    def likely(self) -> Scored:
        """The candidate pairs that may count, and those that stand between two rows which such pairs connect.

        All others have less than `PERHAPS` bits: what speaks for one client against strangers alone is no more than
        that, and every other relation takes from it. They are nearly all, and cost no look at the other relations.
        """
        near = self._may_count()
        found = self._score_of(near)
        label = groups(found.evidence, found.joinable > 0, len(self.rows))
        beside = ~near & (label[self.first] == label[self.second])
        return self._score_of(near | beside) if beside.any() else found

    def _may_count(self) -> Mask:
        """Candidates that may have `PERHAPS` bits, if their e-mail addresses speak for one client.

        Surnames are compared only where that may be whatever they are.
        """
        may: Mask = np.zeros(len(self.first), bool)
        at = np.flatnonzero(self._may_have(self.first, self.second, ("email", "family")))
        may[at] = self._may_have(self.first[at], self.second[at], ("email",))
        return may

    def _may_have(self, first: Ints, second: Ints, kinds: tuple[str, ...]) -> Mask:
        """Pairs that may have `PERHAPS` bits, if fields of these kinds speak for one client.

        Where surnames are not compared, crossed names may be none, and the pair counts.
        """
        unsure = [name for name in self.odds.names if KINDS[name] in kinds]
        found = []
        for part in self.comparer.in_parts(first, second, unsure):
            may = self.odds.against_strangers(part, unsure) >= PERHAPS - _ROUNDING
            found.append(may | part.swapped if "family" in kinds else may)
        return np.concatenate(found)

    def _score_of(self, where: Mask) -> Scored:
        return self.score(self.comparer.compare(self.first[where], self.second[where]))

    @staticmethod
    def _parts(evidence: PairEvidence) -> list[PairEvidence]:
        """The evidence in pieces that fit into the processor's own memory."""
        starts = range(0, max(len(evidence), 1), _AT_ONCE)
        return [evidence.part(slice(start, start + _AT_ONCE)) for start in starts]

    def score(self, evidence: PairEvidence) -> Scored:
        """Given pairs, half a million at a time."""
        parts = [self._score(part) for part in self._parts(evidence)]
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
