"""Odds of record linkage (Fellegi and Sunter 1969) with more classes than two: same, household, namesake, other.

The classic model asks "same or stranger?" and answers "same" for every couple, since a couple shares surname, address
and phone by more than chance. Here each pair is weighed under every relation of `xlcrm/data/doubles/relations.csv`: a
relation says which fields two rows share for a reason. A pair's score is the log odds (bits) of "same" against the sum
of all other relations and of strangers.

For a field with likelihood ratio r = m / u of its level (m: share of that level among equal values, u: among
strangers; for exact agreement u is the value's own frequency, Winkler 1989) a relation that shares the field with
probability s has the ratio s r + 1 - s.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from xlcrm.doubles.evidence import Comparer, PairEvidence, distinct
from xlcrm.doubles.prepared import FIRM, GROUPS, KINDS, PERSON, Ints, Mask, Prepared
from xlcrm.doubles.word_forms import rows_of

Numbers = npt.NDArray[np.float64]
FEWEST = 50  # other values that any list is taken to have, so that one firm among two is not called common
STRANGERS = 50.0  # pairs of strangers that any list is taken to have
PARTLY = 0.01  # share of strangers in each level that is no difference, beside those of the table
REST = 0.5  # how much fields of a place count beside the strongest: town, code and street go together
REST_OF_AREA = 0.2  # town, code and region are nearly one fact
CLEANEST = 0.03  # slips that any list has
LIMIT = 60.0  # bits
_NEAR_FROM, _NEAR_TO = -4.0, 2.0  # bits that the commonness of a nearly equal name may take or give
_RARE_NAMES = ("given", "family", "company")  # kinds of which nearly equal values count by how common they are
_SAME = "same"


class Relation(NamedTuple):
    """A way two rows may belong together.

    `rate` pairs a row are expected (where the list shows more, at most `of_families` of the families that it shows);
    `shares` by field; `place` and `area` are the chances that the whole address, or the town alone, is shared;
    `household` where they are one household or firm; `between` is "people" where one of the two must be a person,
    "firms" where neither may be.
    """

    name: str
    rate: float
    of_families: float | None
    shares: dict[str, float]
    place: float
    area: float
    household: bool
    between: str
    said: str


@cache
def relations() -> tuple[Relation, ...]:
    """The table of relations, "same" first."""
    return tuple(_relation(row) for row in rows_of("relations"))


def _relation(row: dict[str, str]) -> Relation:
    same = row["relation"] == _SAME
    shares = {name: float(row.get(name) or (1.0 if same else 0.0)) for name in KINDS}
    limit = float(row["of_families"]) if row["of_families"] else None
    place, area, rate = float(row["place"]), float(row["area"]), float(row["rate"])
    household = row["household"] == "1"
    return Relation(row["relation"], rate, limit, shares, place, area, household, row["between"], row["said"])


@cache
def default_shares() -> dict[str, Numbers]:
    """Kind of field -> share of each level among pairs that have one true value; each adds up to 1."""
    found: dict[str, list[float]] = {}
    for row in rows_of("comparison_levels"):
        found.setdefault(row["kind"], []).append(float(row["share"]))
    return {kind: np.array(shares) / sum(shares) for kind, shares in found.items()}


@cache
def _marked(column: str, blank: float) -> dict[str, Numbers]:
    found: dict[str, list[float]] = {}
    for row in rows_of("comparison_levels"):
        found.setdefault(row["kind"], []).append(float(row[column] or blank))
    return {kind: np.array(values) for kind, values in found.items()}


def slips(m: dict[str, Numbers]) -> float:
    """How dirty a list is: the mean share, over its fields of free text, of values that are a slip apart."""
    marks = _marked("slip", 0.0)
    shares = [float((share * marks[KINDS[name]]).sum()) for name, share in m.items() if marks[KINDS[name]].any()]
    return sum(shares) / len(shares) if shares else 0.0


def most_shares(kind: str, dirt: float) -> Numbers:
    """What the estimate may raise each level's share to, given the share of slips (see the column "most").

    A list full of twins must not teach that a client has two first names. But where one name in five has a slip, a
    whole name is wrong now and then as well, so the limit goes with the square of the slips.
    """
    return np.minimum(1.0, _marked("most", np.inf)[kind] * max(dirt, CLEANEST) ** 2)


class Odds:
    """Likelihood ratios of one list: m and u by field and level, frequencies of values, expected pairs.

    `expected` is the number of pairs of each relation, `pairs` that of all pairs there are.
    """

    def __init__(self, comparer: Comparer, by_chance: PairEvidence) -> None:
        rows = comparer.rows
        self.comparer = comparer
        self.rows, self.pairs = self._size(rows)
        self.names = list(rows.fields)
        self.m = {name: default_shares()[KINDS[name]].copy() for name in self.names}
        self.u: dict[str, Numbers] = {}
        self.expected = np.array([max(1.0, relation.rate * self.rows) for relation in relations()])
        # a short list has few pairs, however often they are drawn; the usual strangers stand beside them
        weight = min(1.0, self.pairs / max(1, len(by_chance)))
        self._chance = {name: weight * _counts(by_chance.levels[name], len(self.m[name])) for name in self.names}
        self._often: dict[str, Numbers] = {}
        self.count_values(np.arange(len(rows)))

    @staticmethod
    def _size(rows: Prepared) -> tuple[float, float]:
        n = len(rows)
        if not len(rows.side):
            return float(n), max(1.0, n * (n - 1) / 2)
        one = float((rows.side == 0).sum())
        return max(1.0, min(one, n - one)), max(1.0, one * (n - one))

    def count_values(self, groups: Ints) -> None:
        """Counts how often each value is there, once a group of rows, and sets u from it."""
        for name in self.names:
            column = self.comparer.rows.fields[name]
            counted = np.bincount(distinct(column.codes, groups), minlength=len(column.values))
            self._often[name] = counted.astype(np.float64)
        self.set_chance()

    def set_chance(self) -> None:
        """u of each level: seen among random pairs, less the doubles expected among them; equality from frequencies."""
        for name in self.names:
            often, total = self._often[name], self._often[name].sum()
            equal = (often * (often - 1)).sum() / max(1.0, total * (total - 1))
            equal = min(0.999, max(equal, 0.3 / max(total, 1.0)))
            seen = self._chance[name] + _usual_strangers(KINDS[name])
            doubles = self.expected[0] / self.pairs * self._chance[name].sum() / seen.sum()
            rest = np.maximum(seen / seen.sum() - doubles * self.m[name], 1e-7)
            rest[:-1] *= (1 - equal) / rest[:-1].sum()
            rest[-1] = equal
            self.u[name] = np.maximum(rest, _marked("chance", 0.0)[KINDS[name]])

    def ratios(self, evidence: PairEvidence, *, rarity: bool = True) -> dict[str, Numbers]:
        """Field -> likelihood ratio m / u of each pair, 1 where the field is blank in one of them."""
        found = {}
        for name in self.names:
            level = evidence.levels[name]
            table = np.append(self.m[name] / self.u[name], 1.0)  # the last for level -1
            table[0] = min(table[0], 1.0)  # no likeness never speaks for one client
            ratio = table[level]
            if rarity:
                self._weigh_rarity(name, evidence, ratio)
            found[name] = ratio
        return found

    def _weigh_rarity(self, name: str, evidence: PairEvidence, ratio: Numbers) -> None:
        """Exact agreement on a rare value says more; a nearly equal name half as much so."""
        level, top = evidence.levels[name], len(self.m[name]) - 1
        straight = ~evidence.swapped if GROUPS[name] == "name" else np.ones(len(level), bool)
        exact = np.flatnonzero((level == top) & straight)
        ratio[exact] = self.m[name][top] / self._share(name, self.comparer.shared(evidence, name)[exact])
        if KINDS[name] in _RARE_NAMES:
            near = np.flatnonzero((level == top - 1) & straight)
            codes = self.comparer.rows.fields[name].codes
            one, other = codes[evidence.first[near]], codes[evidence.second[near]]
            share = np.maximum(self._share(name, one), self._share(name, other))
            bits = np.clip(0.5 * np.log2(self.u[name][top] / share), _NEAR_FROM, _NEAR_TO)
            ratio[near] *= 2.0**bits

    def _share(self, name: str, codes: Ints) -> Numbers:
        share: Numbers = np.maximum(self._often[name][codes], 1) / (self._often[name].sum() + FEWEST)
        return share

    def weigh(self, evidence: PairEvidence, *, rarity: bool = True) -> Numbers:
        """log2 of (expected pairs x likelihood) of each relation, a column a relation, and last that of strangers."""
        found = _with_places(self.ratios(evidence, rarity=rarity))
        columns = [
            self._of_relation(relation, expected, *found)
            for relation, expected in zip(relations(), self.expected.tolist(), strict=True)
        ]
        for column, relation in zip(columns, relations(), strict=True):
            column[~self._possible(relation, evidence)] = -LIMIT
        return np.column_stack([*columns, np.full(len(evidence), self._strangers)])

    def against_strangers(self, evidence: PairEvidence, unsure: Sequence[str] = ()) -> Numbers:
        """Bits for "same" against strangers alone, as if there were no other relation: `score` gives no more.

        unsure  fields of the place of none, of which the evidence says only whether they are equal: where they are
                not, the level that speaks most for one client is taken
        """
        ratios = self.ratios(evidence)
        for name in unsure:
            ratios[name] = np.where(evidence.levels[name] == 0, self._best_unequal(name), ratios[name])
        same = self._of_relation(relations()[0], float(self.expected[0]), *_with_places(ratios))
        return np.asarray(same - self._strangers)

    def _best_unequal(self, name: str) -> float:
        """The most that two values which are not equal may say for one client, 1 at least."""
        levels = (self.m[name] / self.u[name])[:-1]
        if KINDS[name] in _RARE_NAMES:
            levels[-1] *= 2.0**_NEAR_TO
        return max(1.0, float(levels.max()))

    @property
    def _strangers(self) -> float:
        return float(np.log2(max(1e-12, 1 - self.expected.sum() / self.pairs)))

    def _possible(self, relation: Relation, evidence: PairEvidence) -> Mask:
        """Pairs between which there is such a relation: colleagues need a person, branches are firms."""
        entity = self.comparer.rows.entity
        one, other = entity[evidence.first], entity[evidence.second]
        people: Mask = (one != FIRM) | (other != FIRM)
        firms: Mask = (one != PERSON) & (other != PERSON)
        return {"people": people, "firms": firms}.get(relation.between, np.ones(len(one), bool))

    def _of_relation(
        self, relation: Relation, expected: float, ratios: dict[str, Numbers], place: Numbers, area: Numbers
    ) -> Numbers:
        likelihood = np.full(len(place), min(0.5, expected / self.pairs))
        for name, ratio in ratios.items():
            share = relation.shares[name]
            if share and GROUPS[name] not in ("place", "area"):
                likelihood *= share * ratio + (1 - share)
        apart = max(0.0, 1 - relation.place - relation.area)
        likelihood *= relation.place * place + relation.area * area + apart
        bits: Numbers = np.log2(np.clip(likelihood, 2.0**-LIMIT, 2.0**LIMIT))
        return bits


def _summed(bits: Numbers) -> Numbers:
    """log2 of the sum of what each row's bits stand for."""
    most = bits[:, 0].copy()
    for column in range(1, bits.shape[1]):
        np.maximum(most, bits[:, column], out=most)
    total = np.zeros(len(bits))
    for column in range(bits.shape[1]):
        total += np.exp2(bits[:, column] - most)
    return np.asarray(most + np.log2(total))


def score(weights: Numbers) -> Numbers:
    """Bits for "same" against everything else, of the columns that `Odds.weigh` gives."""
    bits: Numbers = np.clip(weights[:, 0] - _summed(weights[:, 1:]), -LIMIT, LIMIT)
    return bits


def chances(weights: Numbers) -> Numbers:
    """The probability of each relation, and last of strangers, for each pair; a row adds up to 1."""
    shares: Numbers = 2.0 ** (weights - _summed(weights)[:, None])
    return shares


def likeliest(weights: Numbers) -> Ints:
    """Position in `relations()` of the likeliest relation but "same"; the number of relations for strangers."""
    best: Ints = np.argmax(weights[:, 1:], axis=1).astype(np.int64) + 1
    return best


def household_score(weights: Numbers) -> Numbers:
    """Bits for one household or firm (or one client) against strangers, neighbours and namesakes."""
    inside = np.array([*(relation.household for relation in relations()), False])
    yes, no = (_summed(weights[:, columns]) for columns in (inside, ~inside))
    bits: Numbers = np.clip(yes - no, -LIMIT, LIMIT)
    return bits


def _with_places(ratios: dict[str, Numbers]) -> tuple[dict[str, Numbers], Numbers, Numbers]:
    """The ratios of the fields, and those of the place and of the area."""
    return ratios, _together(ratios, ("place", "area")), _together(ratios, ("area",))


def _together(ratios: dict[str, Numbers], groups: tuple[str, ...]) -> Numbers:
    """The ratio of a place: of street and house, and of the area, the strongest agreement each counts whole and the
    others by `REST` and `REST_OF_AREA`; then the stronger of the two whole and the other by `REST`. All disagreement
    counts."""
    parts = [(name, np.log2(ratio)) for name, ratio in ratios.items() if GROUPS[name] in groups]
    if not parts:
        return np.ones(len(next(iter(ratios.values()), ())))
    agree = [
        _strongest([np.maximum(bits, 0) for name, bits in parts if GROUPS[name] == group], rest)
        for group, rest in (("place", REST), ("area", REST_OF_AREA))
    ]
    against = np.sum([np.minimum(bits, 0) for _, bits in parts], axis=0)
    total = _strongest(agree, REST) + against
    result: Numbers = 2.0 ** np.clip(total, -LIMIT, LIMIT)
    return result


def _strongest(bits: list[Numbers], rest: float) -> Numbers:
    """The largest whole and the others in part, pair by pair."""
    if not bits:
        return np.zeros(1)
    strongest, total = bits[0], bits[0]
    for more in bits[1:]:
        strongest, total = np.maximum(strongest, more), total + more
    together: Numbers = strongest + rest * (total - strongest)
    return together


@cache
def _usual_strangers(kind: str) -> Numbers:
    """How many of `STRANGERS` have each level of a field: most differ, whatever the field calls it."""
    shares = _marked("stranger", PARTLY)[kind]
    counts: Numbers = STRANGERS * shares / shares.sum()
    return counts


def _counts(levels: npt.NDArray[np.int8], size: int) -> Numbers:
    return np.bincount(levels[levels >= 0], minlength=size)[:size].astype(np.float64)
