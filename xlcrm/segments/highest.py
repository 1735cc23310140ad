"""The clients with the highest values of a figure or a column of numbers: "spend within 12 months top 20".

Such a condition is asked last, of the clients that fit all the others, so that "top 20" of the women are 20 women.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.segments.condition import Condition
from xlcrm.segments.said import Said
from xlcrm.segments.search_words import window, word_of
from xlcrm.spend.kinds import Mask

RANKED = ("spend", "order", "purchase", "bought")  # figures by which clients are the best
_MANY = 10  # so many where a sentence doesn't say how many


def best_said(said: list[Said]) -> list[Said]:
    """What is said, with the words about the best clients as one thing before the figure: "top" with its number.

    Where no figure is said it is what they spent; where no number is, ten.
    """
    at = next((i for i, one in enumerate(said) if one.tag == "top"), -1)
    if at < 0:
        return said
    number = _number(said, at)
    left = [(i, one) for i, one in enumerate(said) if one.tag != "top" and i != number]
    top = Said("top", said[at].value, said[at].text, number=said[number].number if number >= 0 else _MANY)
    figure = next((i for i, one in left if one.tag in RANKED), -1)
    if figure < 0:
        place = sum(i < at for i, _ in left)
        rest = [one for _, one in left]
        return [*rest[:place], top, Said("spend"), *rest[place:]]
    return [*_before(left, figure), top, *(one for i, one in left if i >= figure)]


def _number(said: list[Said], at: int) -> int:
    """The place of the number that a word about the best belongs to: beside it, else the first; -1 for none."""
    near = [i for i in (at + 1, at - 1) if 0 <= i < len(said) and said[i].tag == "num"]
    first = [0] if said[0].tag == "num" else []
    return next(iter((*near, *first)), -1)


def _before(left: list[tuple[int, Said]], figure: int) -> list[Said]:
    """What stands before the figure, without the preposition of "nach Umsatz"."""
    before = [(i, one) for i, one in left if i < figure]
    if before and before[-1][1].tag == "op":
        before.pop()
    return [one for _, one in before]


def asks_for_highest(condition: Condition) -> bool:
    """Whether a condition is about the highest values."""
    return word_of("operator", condition.operator) == "top"


def highest(values: pd.Series[Any], count: int, among: Mask) -> Mask:
    """The `count` highest of `values` among some rows; all that equal the last of them are in, as in Excel's top ten.

    Blanks and what is not above nought are never among the highest.
    """
    numbers = values.to_numpy("float64", na_value=np.nan)
    asked = among & (np.nan_to_num(numbers, nan=0.0) > 0)
    if count < 1 or not asked.any():
        return np.zeros(len(numbers), dtype=bool)
    lowest = np.sort(numbers[asked])[-count:][0]
    found: Mask = asked & (np.nan_to_num(numbers, nan=0.0) >= lowest)
    return found


def orders_of(conditions: Sequence[Condition], language: str) -> tuple[str, ...]:
    """The fields by which clients with the highest values are shown, as wishes for the order of a search."""
    asked = [one for one in conditions if asks_for_highest(one)]
    return tuple(f"{one.field} {window(one.within_days, language)}" if one.within_days else one.field for one in asked)
