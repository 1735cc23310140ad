"""Which words are the given names is decided by weighing every reading: each word's odds, the country's habits and what the list itself shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, log
from typing import NamedTuple

from xlcrm.names import knowledge
from xlcrm.names.profiles import Profile
from xlcrm.names.units import Unit

COMPOUND = 1.6  # "Juan Carlos", "Jean Pierre", "Maria Grazia" stand in a list of given names as one
SEEN_AS_FAMILY = 3.0  # these very words were certainly a family name elsewhere in the list
MIDDLE = -0.5  # in English and Norwegian a middle name is often a family name, so that says little against it
CERTAIN = 3.0  # a row from which the list learns


class Reading(NamedTuple):
    """One way to cut a row: how many units are given names, whether they come first, and its log weight."""

    given: int
    given_first: bool
    weight: float


class Learnt:
    """What the rows of one list that are certain say about its words and its order."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.given_first = profile.given_first
        self.family_share = list(profile.family)
        self.words: dict[str, list[int]] = {}
        self.families: set[str] = set()

    def note(self, given: Iterable[Unit], family: Sequence[Unit], certain: bool) -> None:
        """Remembers a row whose reading is sure; `certain` where its typing (a comma, capitals) says so."""
        for column, units in enumerate((given, family)):
            for unit in units:
                if not unit.joined:
                    self.words.setdefault(unit.key, [0, 0])[column] += 2 if certain else 1
        if certain and len(family) > 1:
            self.families.add(" ".join(unit.key for unit in family))

    def odds(self, unit: Unit, own: int) -> float:
        """The unit's odds with what the other rows add; `own` is the side (1 given, -1 family, 0 none) this row itself noted."""
        found = self.words.get(unit.key)
        if found is None:
            return unit.odds
        g, f = found[0] - (own > 0), found[1] - (own < 0)
        return unit.odds + max(-2.5, min(2.5, log((g + 0.7) / (f + 0.7)))) if g + f > 0 else unit.odds

    def learn_order(self, differences: Sequence[float]) -> None:
        """Sets the share of rows with given names first from each row's log odds of it (expectation maximisation)."""
        prior = 1 / (1 + exp(-self.profile.given_first))
        share = prior
        for _ in range(8):
            bias = log(share / (1 - share))
            total = sum(1 / (1 + exp(-max(-30.0, min(30.0, d + bias)))) for d in differences)
            share = (total + prior * self.profile.weight) / (len(differences) + self.profile.weight)
            share = min(0.999, max(0.001, share))
        self.given_first = log(share / (1 - share))

    def learn_surnames(self, one: int, two: int) -> None:
        """For Spanish lists: how usual a single family name is, from rows that can't be read otherwise."""
        share = (one + 1.0) / (one + two + 4.0)
        share = min(0.9, max(0.02, share))
        self.family_share[:2] = [log(share * 0.97), log((1 - share) * 0.97)]


def readings(units: Sequence[Unit], odds: Sequence[float], learnt: Learnt) -> list[Reading]:
    """Every cut of at least two units, unsorted, without the weight of the order."""
    n = len(units)
    middle = [odds[0], *(max(o, MIDDLE) if not u.joined else o for u, o in zip(units[1:], odds[1:], strict=True))]
    if learnt.profile.letters[0] not in "un":
        middle = list(odds)
    given_share, family_share = learnt.profile.given, learnt.family_share
    last_given, last_family = len(given_share) - 1, len(family_share) - 1
    total, total_middle = sum(odds), sum(middle)
    compound = _compounds(units) if n > 2 else 0
    found = []
    head = head_middle = 0.0
    for cut in range(1, n):
        head += odds[cut - 1]
        head_middle += middle[cut - 1]
        # half the odds of the given names minus half of the odds of the family names
        first = (head_middle - (total - head)) / 2
        last = (total_middle - head_middle - middle[cut] + odds[cut] - head) / 2
        shape_first = given_share[min(cut - 1, last_given)] + _family_weight(units, cut, n, family_share, last_family)
        shape_last = given_share[min(n - cut - 1, last_given)] + _family_weight(
            units, 0, cut, family_share, last_family
        )
        if compound:
            shape_first += COMPOUND * (compound & ((1 << cut - 1) - 1)).bit_count()
            shape_last += COMPOUND * (compound >> cut).bit_count()
        if learnt.families:
            if n - cut > 1 and " ".join(u.key for u in units[cut:]) in learnt.families:
                shape_first += SEEN_AS_FAMILY
            if cut > 1 and " ".join(u.key for u in units[:cut]) in learnt.families:
                shape_last += SEEN_AS_FAMILY
        found.append(Reading(cut, True, first + shape_first))
        found.append(Reading(n - cut, False, last + shape_last))
    return found


def _family_weight(units: Sequence[Unit], start: int, end: int, shares: Sequence[float], last: int) -> float:
    """A particle inside ("Fernández de la Vega") may continue one family name, so it need not count as a further one."""
    joined = [units[i].joined for i in range(start, end)]
    count = end - start + joined.count(2)
    weight = shares[min(count - 1, last)]
    inside = sum(1 for each in joined[1:] if each == 1)
    if inside:
        weight = max(weight, *(shares[max(0, min(count - 1 - i, last))] - 0.5 * i for i in range(1, inside + 1)))
    return weight


def _compounds(units: Sequence[Unit]) -> int:
    """Bit i is set where units i and i + 1 are known as one given name."""
    bits = 0
    for i in range(len(units) - 1):
        found = knowledge.counts(f"{units[i].key} {units[i + 1].key}")
        if any(g for g, _ in found.values()):
            bits |= 1 << i
    return bits


def best_two(found: Sequence[Reading], bias: float) -> tuple[Reading, Reading | None, float]:
    """The best reading, the next, and by how much the first is better; `bias` is the log odds of given names first."""
    half = bias / 2
    weighed = sorted(
        (r._replace(weight=r.weight + (half if r.given_first else -half)) for r in found), key=lambda r: -r.weight
    )
    if len(weighed) == 1:
        return weighed[0], None, 99.0
    return weighed[0], weighed[1], weighed[0].weight - weighed[1].weight
