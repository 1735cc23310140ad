"""What is learnt from a list itself: which way round it is written, which of its words are family names."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from xlcrm.names.name_words import Word
from xlcrm.names.profiles import Profile

CERTAIN = 3.0  # log odds: rows from which the list learns
OPEN = 4.0  # log odds: above, what other rows say about the words changes nothing
MOST = 2.5  # log odds that other rows can add to a word


class Learnt:
    """What is known of one list: the profile of its country, its order, and what certain rows said about its words."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.given_first = profile.given_first
        self.middle_names = profile.letters[0] in "un"
        self.given_words: dict[str, int] = {}
        self.family_words: dict[str, int] = {}
        self.families: set[str] = set()
        self._family = list(profile.family)
        self._shapes: dict[int, tuple[list[float], list[float]]] = {}

    def note(self, given: Sequence[Word], family: Sequence[Word], *, certain: bool) -> None:
        """Remembers a row whose reading is sure; `certain` where its typing (a comma, capitals) says so."""
        weight = 2 if certain else 1
        for book, units in ((self.given_words, given), (self.family_words, family)):
            for unit in units:
                if not unit.joined:
                    book[unit.key] = book.get(unit.key, 0) + weight
        if certain and len(family) > 1:
            self.families.add(" ".join(unit.key for unit in family))

    def odds(self, unit: Word, own: int) -> float:
        """The unit's odds with what other rows add; `own` is the side this row noted (1 given, -1 family, 0 none)."""
        if unit.joined:
            return unit.odds
        g = self.given_words.get(unit.key, 0) - (own > 0)
        f = self.family_words.get(unit.key, 0) - (own < 0)
        return unit.odds + max(-MOST, min(MOST, log((g + 0.7) / (f + 0.7)))) if g or f else unit.odds

    def given_share(self, count: int) -> float:
        """Log share of people with `count` given names."""
        return self.profile.given[min(count, len(self.profile.given)) - 1]

    def family_share(self, count: int) -> float:
        """Log share of people with `count` family names."""
        return self._family[min(count, len(self._family)) - 1]

    def learn_surnames(self, one: int, two: int) -> None:
        """How usual a single family name is in a Spanish list, from the rows that allow only one or at least two."""
        share = min(0.9, max(0.02, (one + 1.0) / (one + two + 4.0)))
        self._family[:2] = [log(share * 0.97), log((1 - share) * 0.97)]
        self._shapes.clear()

    def shapes(self, n: int) -> tuple[list[float], list[float]]:
        """Log shares of every cut of n plain units, given names first and family names first."""
        if n not in self._shapes:
            given = [self.given_share(count) for count in range(1, n)]
            family = [self.family_share(count) for count in range(1, n)]
            self._shapes[n] = (
                [g + f for g, f in zip(given, reversed(family), strict=True)],
                [g + f for g, f in zip(reversed(given), family, strict=True)],
            )
        return self._shapes[n]
