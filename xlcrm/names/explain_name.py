"""Explain how a name is read: every reading with its reasons and weights, the best first, and why it won.

The figures are the ones that `split_name` decides with: log odds, so that +0.7 is about two to one for a reading.
A list of names knows more than one name does (its order, its other rows); here the name stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from xlcrm.names import company
from xlcrm.names.cell import cleaned, dissect, may_be_company
from xlcrm.names.column import split_name
from xlcrm.names.knowledge import counts, is_given_pair
from xlcrm.names.learnt import Learnt
from xlcrm.names.name import Name, NameRow
from xlcrm.names.name_words import INITIAL, NameWords, Word
from xlcrm.names.order import COMPOUND, DOUBT, MIDDLE, decide, shapes_of, split_at, text_of
from xlcrm.names.profiles import profile_of


class NameReason(NamedTuple):
    """One reason: `key` of its sentence, `weight` in log odds (for a reading, or for a company), what it is about.

    `given` and `family` are in how many lists of the language, or of others, the word stands (`name.why.listed`).
    """

    key: str
    weight: float
    text: str = ""
    given: int = 0
    family: int = 0


class NameAlternative(NamedTuple):
    """A way to cut the names in two, with its weight: the sum of its reasons'."""

    first_name: str
    last_name: str
    weight: float
    reasons: tuple[NameReason, ...]


class NameExplanation(NamedTuple):
    """How a cell was read. `company_odds` above 0 speak for a company; `readings` are the best first."""

    value: str
    country: str
    name: Name
    company_odds: float
    company_reasons: tuple[NameReason, ...]
    readings: tuple[NameAlternative, ...]

    @property
    def margin(self) -> float | None:
        """Log odds of the best reading against the next, None where there is no other; below 1 it is doubtful."""
        return self.readings[0].weight - self.readings[1].weight if len(self.readings) > 1 else None

    @property
    def is_close(self) -> bool:
        """Whether the next reading is about as good."""
        return self.margin is not None and self.margin < DOUBT

    @property
    def verdict(self) -> str:
        """The key of the sentence on what decided, "" where there was nothing to decide."""
        if self.margin is None:
            return ""
        if self.is_close:
            return "name.explain.close"
        return "name.explain.double" if self.name.reason == "name.order" else "name.explain.won"


def explain_name(raw: str, *, country: str = "") -> NameExplanation:
    """Explains one name. `country` is an ISO 3166 alpha-2 code, "" where unknown. Blank text has no readings."""
    learnt = Learnt(profile_of(country))
    words = NameWords(learnt.profile.letters)
    reasons = tuple(_company_reasons(cleaned(raw), words))
    odds = sum(reason.weight for reason in reasons)
    return NameExplanation(
        raw, country, split_name(raw, country=country), odds, reasons, _readings(dissect(raw, words), learnt)
    )


def _company_reasons(text: str, words: NameWords) -> Iterator[NameReason]:
    found = words.of(text)
    yield NameReason("name.clue.start", company.START)
    if found and may_be_company(found):
        yield from (NameReason(f"name.clue.{clue.name}", clue.weight, clue.text) for clue in company.clues(found, text))


def _readings(cell: NameRow | list[Word], learnt: Learnt) -> tuple[NameAlternative, ...]:
    row = cell if isinstance(cell, NameRow) else NameRow(units=cell)
    if row.kind in ("", "company"):
        return ()
    if row.family is not None or len(row.units) < 2:
        return tuple(_settled(row))
    cuts = [(cut, first) for first in (True, False) for cut in range(1, len(row.units))]
    found = [_alternative(row.units, cut, first, learnt) for cut, first in cuts]
    return tuple(sorted(found, key=lambda reading: -reading.weight))


def _settled(row: NameRow) -> Iterator[NameAlternative]:
    """The only reading where typing decides (a comma, capitals, a title inside), or of a single word."""
    given, family, _ = decide(row, None)
    key = "name.why.typed" if row.family is not None else "name.why.one_word"
    if given or family:
        yield NameAlternative(text_of(given), text_of(family), 0.0, (NameReason(key, 0.0),))


def _alternative(units: Sequence[Word], cut: int, given_first: bool, learnt: Learnt) -> NameAlternative:
    given, family = split_at(units, cut, given_first)
    reasons = [*_of_given(given, learnt), *(_of_word(unit, -unit.odds / 2, learnt) for unit in family)]
    reasons += [NameReason("name.why.pair", COMPOUND, f"{a.text} {b.text}") for a, b in _pairs(given, len(units))]
    if len(units) > 2:
        shapes = shapes_of(units, learnt)[0 if given_first else 1]
        reasons.append(NameReason("name.why.shape", shapes[cut - 1]))
    if given_first:
        reasons.append(NameReason("name.why.order", learnt.given_first))
    weight = sum(reason.weight for reason in reasons)
    return NameAlternative(text_of(given), text_of(family), weight, tuple(reasons))


def _pairs(given: Sequence[Word], size: int) -> Iterator[tuple[Word, Word]]:
    """Neighbours that are known as one given name; of two words alone there is nothing to keep together."""
    pairs = pairwise(given) if size > 2 else ()
    return ((a, b) for a, b in pairs if is_given_pair(a.key, b.key))


def _of_given(given: Sequence[Word], learnt: Learnt) -> Iterator[NameReason]:
    """The given names; behind the first an English or Norwegian one may be a family name without harm."""
    for i, unit in enumerate(given):
        middle = i > 0 and learnt.middle_names and not unit.joined
        yield _of_word(unit, (max(unit.odds, MIDDLE) if middle else unit.odds) / 2, learnt)


def _of_word(unit: Word, weight: float, learnt: Learnt) -> NameReason:
    if unit.joined:
        return NameReason("name.why.particle", weight, unit.text)
    if unit.flags & INITIAL:
        return NameReason("name.clue.initial", weight, unit.text)
    found = counts(unit.key.replace("-", " "))
    inside = [found[letter] for letter in learnt.profile.letters if letter in found]
    lists = inside or list(found.values())
    if not lists:
        return NameReason("name.why.ending", weight, unit.text)
    key = "name.why.listed" if inside else "name.why.abroad"
    return NameReason(key, weight, unit.text, max(g for g, _ in lists), max(f for _, f in lists))
