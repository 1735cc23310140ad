"""Evidence as comparison vectors: for each pair the level of agreement of each field (-1 where one is blank).

Levels are computed for distinct pairs of values only. What cannot be told field by field is settled here: swapped
first and last names, a mobile typed into the column for phones, and mail addresses that only repeat a name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xlcrm.doubles.likeness import HIGHEST, LEVELS, CompanyWords, Levels
from xlcrm.doubles.prepared import BLANK, FIRM, KINDS, MAIL_NAME, PERSON, Coded, Ints, Mask, Prepared, ascending
from xlcrm.doubles.value_pairs import Values

NONE = -1
# the level of given names for each level of surnames, the last for -1: swapped names are compared as surnames
_AS_GIVEN: Levels = np.array([0, 3, 4, 5, 6, 6, 7, NONE], np.int8)
_PAIRS_AT_ONCE = 500_000


@dataclass(frozen=True)
class PairEvidence:
    """Pairs of rows, by position, with a level a field; `swapped` where the names were compared crosswise."""

    first: Ints
    second: Ints
    levels: dict[str, Levels]
    swapped: Mask

    def __len__(self) -> int:
        return len(self.first)

    def part(self, where: Mask | Ints | slice) -> PairEvidence:
        """Some of the pairs."""
        levels = {name: level[where] for name, level in self.levels.items()}
        return PairEvidence(self.first[where], self.second[where], levels, self.swapped[where])


class Comparer:
    """Compares pairs of rows of one prepared list."""

    def __init__(self, rows: Prepared) -> None:
        self.rows = rows
        self._values = {name: Values(column.values, len(rows)) for name, column in rows.fields.items()}
        self._companies = CompanyWords(rows.column("company").values)
        self._names = _common(rows.column("first_name"), rows.column("last_name"))
        self._locals = rows.column("email").map(lambda mail: mail.split("@")[0]).codes
        self._lines = _common(rows.column("street"), rows.column("unit"))
        self._phones = _common(rows.column("phone"), rows.column("mobile"))

    def compare(self, first: Ints, second: Ints) -> PairEvidence:
        """The evidence of pairs of positions, half a million at a time so that memory stays small."""
        parts = list(self.in_parts(first, second))
        levels = {name: np.concatenate([part.levels[name] for part in parts]) for name in parts[0].levels}
        return PairEvidence(first, second, levels, np.concatenate([part.swapped for part in parts]))

    def in_parts(self, first: Ints, second: Ints, unsure: Sequence[str] = ()) -> Iterator[PairEvidence]:
        """The evidence of pairs, part by part; of the fields `unsure` only whether the two are equal (else level 0)."""
        for start in range(0, max(len(first), 1), _PAIRS_AT_ONCE):
            cut = slice(start, start + _PAIRS_AT_ONCE)
            yield self._compare(first[cut], second[cut], unsure)

    def _compare(self, first: Ints, second: Ints, unsure: Sequence[str]) -> PairEvidence:
        levels = {name: self._field(name, first, second, sure=name not in unsure) for name in self.rows.fields}
        swapped = self._swap(levels, first, second)
        self._swap_lines(levels, first, second)
        self._settle_phones(levels, first, second)
        self._settle_mail(levels, first, second)
        self._settle_companies(levels, first, second)
        return PairEvidence(first, second, levels, swapped)

    def _field(self, name: str, first: Ints, second: Ints, *, sure: bool) -> Levels:
        column = self.rows.fields[name]
        if not sure:
            return _equal(column.codes[first], column.codes[second], HIGHEST[KINDS[name]])
        return self._levels(self._values[name], KINDS[name], column.codes[first], column.codes[second])

    def _levels(self, values: Values, kind: str, one: Ints, other: Ints) -> Levels:
        """Levels for pairs of codes; each distinct pair is compared once."""
        result: Levels = np.full(len(one), NONE, np.int8)
        there = (one != BLANK) & (other != BLANK)
        pairs, back = values.distinct(one[there], other[there])
        found = self._companies.levels(pairs.one, pairs.other) if kind == "company" else LEVELS[kind](pairs)
        result[there] = found[back]
        return result

    def _swap(self, levels: dict[str, Levels], first: Ints, second: Ints) -> Mask:
        """Takes the crosswise levels of first and last name where both are good and better than the straight ones."""
        swapped = np.zeros(len(first), bool)
        if "first_name" not in levels or "last_name" not in levels:
            return swapped
        given, family = levels["first_name"], levels["last_name"]
        weak = np.flatnonzero((given < 5) | (family < 3))
        values, (one, other) = self._names
        a, b = first[weak], second[weak]
        straight = self._levels(values, "family", one[a], other[b])
        back: Levels = np.full(len(weak), NONE, np.int8)
        hopeful = (straight >= 3) | (straight == NONE)
        back[hopeful] = self._levels(values, "family", other[a[hopeful]], one[b[hopeful]])
        crossed = straight, back
        worst, sum_crossed = np.minimum(*crossed), np.maximum(crossed[0], 0) + np.maximum(crossed[1], 0)
        alone = (np.maximum(*crossed) == 6) & (worst == NONE)
        better = sum_crossed > np.maximum(given[weak], 0) + np.maximum(family[weak], 0)
        good = ((worst >= 3) | alone) & better
        at = weak[good]
        given[at], family[at] = _AS_GIVEN[crossed[0][good]], crossed[1][good]
        swapped[at] = True
        return swapped

    def _swap_lines(self, levels: dict[str, Levels], first: Ints, second: Ints) -> None:
        """Street and unit, too, are changed about: the crosswise levels where the streets differ and both are near."""
        if "street" not in levels or "unit" not in levels:
            return
        weak = np.flatnonzero(levels["street"] == 0)
        values, (street, unit) = self._lines
        a, b = first[weak], second[weak]
        crossed = [
            self._levels(values, "street", one, other) for one, other in ((street[a], unit[b]), (unit[a], street[b]))
        ]
        good = (np.maximum(*crossed) >= 2) & (np.minimum(*crossed) != 0)
        at = weak[good]
        levels["street"][at], levels["unit"][at] = np.maximum(*crossed)[good], NONE

    def _settle_phones(self, levels: dict[str, Levels], first: Ints, second: Ints) -> None:
        """One common number is enough: a mobile found in either column counts as the mobile."""
        if "phone" not in levels or "mobile" not in levels:
            return
        _, (line, mobile) = self._phones
        crossed = (line[first] == mobile[second]) & (line[first] != BLANK)
        crossed |= (mobile[first] == line[second]) & (mobile[first] != BLANK)
        levels["mobile"][crossed] = 2
        known = levels["mobile"] == 2
        levels["phone"][known & (levels["phone"] < 2)] = NONE

    def _settle_mail(self, levels: dict[str, Levels], first: Ints, second: Ints) -> None:
        """Addresses that repeat their row's name are near because the names are: "different" where their figures
        differ, and no evidence where there are none and only the provider is another."""
        if "email" not in levels:
            return
        level, one, other = levels["email"], self.rows.mail_of_name[first], self.rows.mail_of_name[second]
        made, near = (one > 0) & (other > 0), (level == 1) | (level == 2)
        level[made & near & (self._locals[first] != self._locals[second])] = 0
        level[(one == MAIL_NAME) & (other == MAIL_NAME) & (level == 2)] = NONE

    def _settle_companies(self, levels: dict[str, Levels], first: Ints, second: Ints) -> None:
        """A person's name in the company cell is a name beside a person, and a company beside a company."""
        one, other = self.rows.by_company[first], self.rows.by_company[second]
        for name in ("first_name", "last_name", "middle_name"):
            if name in levels:
                levels[name][one & other] = NONE
        if "company" in levels:
            levels["company"][one ^ other] = NONE

    def person_and_firm(self, evidence: PairEvidence) -> Mask:
        """Pairs of a person and a firm; a row that may be either is neither."""
        one, other = self.rows.entity[evidence.first], self.rows.entity[evidence.second]
        mixed: Mask = ((one == PERSON) & (other == FIRM)) | ((one == FIRM) & (other == PERSON))
        return mixed

    def shared(self, evidence: PairEvidence, name: str) -> Ints:
        """Code of the value that agrees, of the first row of each pair."""
        return self.rows.fields[name].codes[evidence.first]


def _equal(one: Ints, other: Ints, highest: int) -> Levels:
    """The highest level for equal codes, 0 for others, NONE where one is blank."""
    levels = np.where(one == other, highest, 0).astype(np.int8)
    levels[(one == BLANK) | (other == BLANK)] = NONE
    return levels


def _common(one: Coded, other: Coded) -> tuple[Values, tuple[Ints, Ints]]:
    """Two columns as codes into their common values."""
    values = sorted({*one.values, *other.values})
    place = {value: n for n, value in enumerate(values)}
    codes = [np.array([*map(place.__getitem__, c.values), BLANK], np.int64)[c.codes] for c in (one, other)]
    return Values(values), (codes[0], codes[1])


def distinct(codes: Ints, groups: npt.NDArray[np.int64]) -> Ints:
    """The codes with each counted once a group: so that a client who is there four times is not a common name."""
    keep = codes != BLANK
    pairs = ascending(groups[keep] * (int(codes.max(initial=0)) + 1) + codes[keep])
    return pairs % (int(codes.max(initial=0)) + 1)
