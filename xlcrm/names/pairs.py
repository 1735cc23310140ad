"""Most names are two plain words; a hundred thousand of them are read here with little more than a subtraction each."""

from __future__ import annotations

from collections.abc import Sequence

from xlcrm.names.case import repair
from xlcrm.names.compose import DOUBT, described
from xlcrm.names.learnt import CERTAIN, OPEN, Learnt
from xlcrm.names.name import Columns
from xlcrm.names.name_words import CAPS, MIXED, SMALL, Word

Pair = Sequence[Word]


def differences(pairs: Sequence[Pair]) -> list[float]:
    """Log odds of each pair that the given name comes first, without the order of the list."""
    return [first.odds - second.odds for first, second in pairs]


def note(pairs: Sequence[Pair], odds: Sequence[float], learnt: Learnt) -> None:
    """Notes the words of pairs that are certain."""
    bias, given, family = learnt.given_first, learnt.given_words, learnt.family_words
    for pair, difference in zip(pairs, odds, strict=True):
        margin = difference + bias
        if margin > CERTAIN:
            first, last = pair
        elif margin < -CERTAIN:
            last, first = pair
        else:
            continue
        if not (first.joined or last.joined):
            given[first.key] = given.get(first.key, 0) + 1
            family[last.key] = family.get(last.key, 0) + 1


def margin_of(pair: Pair, difference: float, learnt: Learnt) -> float:
    """Log odds that the first word is the given name, with the list's order and what its other rows said."""
    margin = difference + learnt.given_first
    if not -OPEN < margin < OPEN or not learnt.family_words:
        return margin
    first, second = pair
    noted = not (first.joined or second.joined)
    side = (margin > CERTAIN) - (margin < -CERTAIN) if noted else 0
    return learnt.odds(first, side) - learnt.odds(second, -side) + learnt.given_first


def put_pairs(
    columns: Columns, places: Sequence[int], pairs: Sequence[Pair], odds: Sequence[float], learnt: Learnt
) -> None:
    """Writes the fields of every pair into its row of the columns."""
    kinds, firsts, lasts = columns["kind"], columns["first_name"], columns["last_name"]
    letters = learnt.profile.letters
    for place, pair, difference in zip(places, pairs, odds, strict=True):
        margin = margin_of(pair, difference, learnt)
        one, two = pair
        given, family = (one.text, two.text) if margin >= 0 else (two.text, one.text)
        flags = one.flags | two.flags
        if (flags & CAPS and not flags & MIXED) or one.flags & two.flags & SMALL:
            given, family = repair(given, letters), repair(family, letters)
        kinds[place], firsts[place], lasts[place] = "person", given, family
        if -DOUBT < margin < DOUBT:
            columns["sure"][place] = False
            columns["reason"][place], columns["other"][place] = "name.order", described(family, given)
