"""Expectation maximisation of the m probabilities and of the number of doubles, from the list itself, unsupervised.

How often a true double has a slip in the first name differs from list to list. The estimate starts from the table's
shares, which count as `PRIOR` pairs, so that a list of thirty rows keeps them and a list of thousands has its own.
Households have relations of their own (see `odds`), so they don't teach the model that first names differ.
(Dempster, Laird and Rubin 1977; Winkler 1988 for record linkage.)
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from xlcrm.doubles.evidence import Evidence
from xlcrm.doubles.odds import Numbers, Odds, chance_mask, default_shares, score
from xlcrm.doubles.prepared import KINDS, Ints, Mask

PRIOR = 50.0
ROUNDS = 25
SAMPLE = 200_000  # pairs that the estimate looks at
_RARITY_FROM = 3  # rounds before rarity counts
_REGROUP = (4, 9, 14)
_SURE = 0.9
_STEADY = 1e-3


def estimate(odds: Odds, evidence: Evidence, barred: Mask) -> None:
    """Fits `odds` to the pairs; `barred` pairs are never doubles. Large lists are sampled by a fixed rule."""
    keep = sample(evidence.first, evidence.second, len(evidence))
    part, barred, scale = evidence.part(keep), barred[keep], len(evidence) / max(1, int(keep.sum()))
    for round_ in range(ROUNDS):
        odds.set_chance()
        weights = odds.weigh(part, rarity=round_ >= _RARITY_FROM)
        chance = np.where(barred, 0.0, 1 / (1 + 2.0 ** -score(weights)))
        moved = _learn(odds, part, chance)
        matches = max(1.0, chance.sum() * scale)
        change, odds.matches = abs(matches - odds.matches) / odds.matches, matches
        if round_ in _REGROUP and not len(odds.comparer.rows.side):
            odds.count_values(groups(part, chance_mask(weights, _SURE) & ~barred, len(odds.comparer.rows)))
        if round_ > _RARITY_FROM + 2 and moved < _STEADY and change < 0.01:
            break
    odds.set_chance()


def sample(first: Ints, second: Ints, count: int) -> Mask:
    """Every so many-th pair, chosen by its two positions, so that about `SAMPLE` are left."""
    step = max(1, count // SAMPLE)
    return np.asarray((first * 2_654_435_761 + second * 40_503) % 1_000_003 % step == 0)


def _learn(odds: Odds, evidence: Evidence, chance: Numbers) -> float:
    """Sets m from the pairs weighed by their chance; gives the largest change."""
    moved = 0.0
    for name in odds.names:
        level, prior = evidence.levels[name], PRIOR * default_shares()[KINDS[name]]
        there = level >= 0
        count = np.bincount(level[there], weights=chance[there], minlength=len(prior)) + prior
        share = count / count.sum()
        moved = max(moved, float(np.abs(share - odds.m[name]).max()))
        odds.m[name] = share
    return moved


def groups(evidence: Evidence, joined: Mask, rows: int) -> Ints:
    """A label for each row: connected rows have one."""
    first, second = evidence.first[joined], evidence.second[joined]
    graph = coo_matrix((np.ones(len(first)), (first, second)), shape=(rows, rows))
    return connected_components(graph, directed=False)[1].astype(np.int64)
