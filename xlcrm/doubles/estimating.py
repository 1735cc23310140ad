"""Estimating by expectation maximisation: m probabilities and the number of doubles, from the list, unsupervised.

How often a true double has a slip in the first name differs from list to list. The estimate starts from the table's
shares, which count as `PRIOR` pairs, so that a list of thirty rows keeps them and a list of thousands has its own.
Households have relations of their own (see `odds`), so they don't teach the model that first names differ.
(Dempster, Laird and Rubin 1977; Winkler 1988 for record linkage.)
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from xlcrm.doubles.evidence import PairEvidence
from xlcrm.doubles.odds import Numbers, Odds, chances, default_shares, most_shares, relations, slips
from xlcrm.doubles.prepared import KINDS, Ints, Mask

PRIOR = 50.0
ROUNDS = 25
SAMPLE = 100_000  # pairs that the estimate looks at
UNSEEN = 0.2  # of the usual households that are expected where none is seen
_RARITY_FROM = 3  # rounds before rarity counts
_REGROUP = (4, 9, 14)
_SURE = 0.9
_STEADY = 1e-3


def estimate(odds: Odds, part: PairEvidence, scale: float, barred: Mask) -> None:
    """Fits `odds` to pairs, each of which stands for `scale`; `barred` ones are never doubles."""
    for round_ in range(ROUNDS):
        odds.set_chance()
        chance = chances(odds.weigh(part, rarity=round_ >= _RARITY_FROM))
        chance[barred, 0] = 0.0
        before = odds.expected[0]
        moved = _learn(odds, part, chance[:, 0])
        _count(odds, chance[:, :-1].sum(axis=0) * scale)
        if round_ in _REGROUP and not len(odds.comparer.rows.side):
            odds.count_values(groups(part, chance[:, 0] > _SURE, len(odds.comparer.rows)))
        steady = moved < _STEADY and abs(odds.expected[0] - before) < 0.01 * before
        if steady and round_ > _RARITY_FROM + 2:
            break
    odds.set_chance()


def _count(odds: Odds, seen: Numbers) -> None:
    """Sets how many pairs of each relation there are: those seen, and of households a part of what any list has.

    Twins and namesakes within a family are few beside families. Where more are seen, they are clients whose first name
    or birth date was typed wrongly.
    """
    table = relations()
    usual = np.array([relation.rate * odds.rows for relation in table])
    usual[0] = 0.0
    families = seen[[relation.name for relation in table].index("family")]
    limits = [
        np.inf if relation.of_families is None else max(amount, relation.of_families * families)
        for relation, amount in zip(table, usual.tolist(), strict=True)
    ]
    odds.expected = np.maximum(1.0, np.minimum(seen + UNSEEN * usual, limits))


def sample(first: Ints, second: Ints) -> Mask:
    """Every so many-th pair, chosen by its two positions, so that about `SAMPLE` are left."""
    step = max(1, len(first) // SAMPLE)
    return np.asarray((first * 2_654_435_761 + second * 40_503) % 1_000_003 % step == 0)


def _learn(odds: Odds, evidence: PairEvidence, chance: Numbers) -> float:
    """Sets m from the pairs weighed by their chance; gives the largest change."""
    moved, dirt = 0.0, slips(odds.m)
    for name in odds.names:
        level, prior = evidence.levels[name], PRIOR * default_shares()[KINDS[name]]
        there = level >= 0
        count = np.bincount(level[there], weights=chance[there], minlength=len(prior)) + prior
        share = np.minimum(count / count.sum(), most_shares(KINDS[name], dirt))
        share /= share.sum()
        moved = max(moved, float(np.abs(share - odds.m[name]).max()))
        odds.m[name] = share
    return moved


def groups(evidence: PairEvidence, joined: Mask, rows: int) -> Ints:
    """A label for each row: connected rows have one."""
    first, second = evidence.first[joined], evidence.second[joined]
    graph = coo_matrix((np.ones(len(first)), (first, second)), shape=(rows, rows))
    return connected_components(graph, directed=False)[1].astype(np.int64)
