"""Padded ids: client numbers that differ in leading zeros only, as Excel makes of a number what was text."""

from __future__ import annotations

from collections import defaultdict

from xlcrm.importing.matching import unpadded
from xlcrm.importing.same_client.contradictions import contradict
from xlcrm.importing.same_client.sides import Side


class PaddedIds:
    """Ids that differ in leading zeros only (C24, C0024): the same one where neither side has two of them."""

    def __init__(self, ours: Side, theirs: Side) -> None:
        self.ours, self.theirs = ours, theirs
        self.mine, self.others = self._by_number(ours), self._by_number(theirs)

    def places(self, row: int) -> list[int]:
        """The client of the row's id but for its zeros, unless the names say otherwise."""
        number = unpadded(self.theirs.cell("client_id", row))
        found = self.mine.get(number, set())
        if not number or len(found) != 1 or len(self.others[number]) != 1:
            return []
        at = next(place for place in range(self.ours.size) if self.ours.cell("client_id", place) in found)
        return [] if contradict(self.ours, at, self.theirs, row) else [at]

    @staticmethod
    def _by_number(side: Side) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for text in side.columns.get("client_id", ()):
            found[unpadded(text)].add(text)
        return found
