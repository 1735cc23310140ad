"""Average-linkage clustering of scored pairs into groups of one client, and one-to-one assignment of two lists.

Joining whatever is connected makes chains: A is like B and B like C, and A and C are two people. So within a connected
component the two groups with the highest mean score are joined while that mean is positive; pairs that no key brought
together are scored too.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable

import numpy as np

from xlcrm.doubles.estimating import groups
from xlcrm.doubles.evidence import PairEvidence
from xlcrm.doubles.odds import Numbers
from xlcrm.doubles.prepared import Ints

CLIP = 8.0  # bits that one pair counts at most, so that no single pair outweighs many
UNSEEN = -4.0  # bits of a pair in a component too large to score completely
COMPLETE = 200  # rows of a component whose pairs are all scored

Scorer = Callable[[Ints, Ints], Numbers]
Edges = dict[tuple[int, int], float]


def cluster(evidence: PairEvidence, scores: Numbers, rows: int, scorer: Scorer) -> Ints:
    """A label for each row; rows of one client share it. `scorer` scores pairs that are not among the evidence."""
    labels = np.arange(rows)
    component = groups(evidence, scores > 0, rows)
    size = np.bincount(component, minlength=1)
    inside = (component[evidence.first] == component[evidence.second]) & (size[component[evidence.first]] > 1)
    first, second, known = evidence.first[inside], evidence.second[inside], scores[inside]
    more_first, more_second = _missing(component, size, first * rows + second, rows)
    if len(more_first):
        first, second = np.r_[first, more_first], np.r_[second, more_second]
        known = np.r_[known, scorer(more_first, more_second)]
    edges: dict[int, Edges] = defaultdict(dict)
    for one, other, bits in zip(first.tolist(), second.tolist(), np.clip(known, -CLIP, CLIP).tolist(), strict=True):
        edges[int(component[one])][one, other] = bits
    for found in edges.values():
        for members in _joined(found):
            labels[members] = min(members)
    return labels


def _missing(component: Ints, size: Ints, have: Ints, rows: int) -> tuple[Ints, Ints]:
    """Pairs inside components of three to `COMPLETE` rows that have no score yet."""
    members: dict[int, list[int]] = defaultdict(list)
    for row in np.flatnonzero((size[component] > 2) & (size[component] <= COMPLETE)).tolist():
        members[int(component[row])].append(row)
    keys = [np.zeros(0, np.int64)]
    for inside in members.values():
        one, other = np.triu_indices(len(inside), 1)
        array = np.array(inside, np.int64)
        keys.append(array[one] * rows + array[other])
    missing = np.setdiff1d(np.concatenate(keys), have)
    first, second = np.divmod(missing, max(rows, 1))
    return first, second


class _Joining:
    """Groups of rows and the sums of their pairs' bits, joined two by two."""

    def __init__(self, edges: Edges) -> None:
        self.members: dict[int, list[int]] = {}
        self.bits: dict[int, dict[int, float]] = defaultdict(dict)
        for (one, other), bits in edges.items():
            self.bits[one][other] = self.bits[other][one] = bits
            self.members[one], self.members[other] = [one], [other]

    def mean(self, one: int, other: int) -> float:
        """Mean bits between two groups."""
        return self.bits[one][other] / (len(self.members[one]) * len(self.members[other]))

    def join(self, one: int, other: int) -> list[int]:
        """Puts `other` into `one`; gives the groups that `one` touches now."""
        mine, theirs = self.bits[one], self.bits.pop(other)
        sizes = {group: len(self.members[group]) for group in {*mine, *theirs}}
        own, new = len(self.members[one]), len(self.members[other])
        for group in {*mine, *theirs} - {one, other}:
            bits = mine.get(group, UNSEEN * own * sizes[group]) + theirs.get(group, UNSEEN * new * sizes[group])
            mine[group] = self.bits[group][one] = bits
            self.bits[group].pop(other, None)
        mine.pop(other)
        self.members[one] += self.members.pop(other)
        return sorted(mine)


def _joined(edges: Edges) -> list[list[int]]:
    """The groups of one component."""
    state = _Joining(edges)
    heap = [(-bits, one, other) for (one, other), bits in edges.items() if bits > 0]
    heapq.heapify(heap)
    while heap:
        bits, one, other = heapq.heappop(heap)
        if other not in state.bits.get(one, ()) or abs(state.mean(one, other) + bits) > 1e-9:
            continue
        for group in state.join(one, other):
            mean = state.mean(one, group)
            if mean > 0:
                heapq.heappush(heap, (-mean, min(one, group), max(one, group)))
    return [members for members in state.members.values() if len(members) > 1]


def one_to_one(evidence: PairEvidence, scores: Numbers, least: float) -> Ints:
    """Positions of the pairs that remain where each row has one partner at most: the best pair is taken first."""
    at = np.flatnonzero(scores >= least)
    order = at[np.lexsort((evidence.second[at], evidence.first[at], -scores[at]))]
    taken: set[int] = set()
    kept = []
    for position, one, other in zip(
        order.tolist(), evidence.first[order].tolist(), evidence.second[order].tolist(), strict=True
    ):
        if one not in taken and other not in taken:
            taken |= {one, other}
            kept.append(position)
    return np.array(sorted(kept), np.int64)
