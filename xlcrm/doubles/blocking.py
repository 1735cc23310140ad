"""Blocking: which pairs of rows are worth comparing, found by keys that doubles share (record linkage's first step).

All pairs of 50,000 rows are a thousand million; rows that share none of some twenty keys are never one client. A key
that many rows share is walked as a sorted neighbourhood, so the work grows with the rows and not with their square.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import jellyfish
import numpy as np

from xlcrm.doubles.prepared import BLANK, Coded, Ints, Mask, Prepared, ascending

LARGEST, SMALLEST = 60, 8  # rows of a block that are all compared with each other
WIDEST, NARROWEST = 8, 4  # in a larger block a row meets this many that follow it in the canonical order
# Rows of a list times these sizes: in longer lists blocks and windows become smaller, so that the pairs a row is in
# stay about as many. Keys that doubles share and strangers don't have small blocks in any list.
BUDGET, WINDOW_BUDGET = 3_000_000, 2_000_000
RAREST = 3  # words of a company that are keys
DRAWS = 3  # of each pair of a short list: more would only count the same pairs again
_SOUND = 5  # letters of a name's sound
_AT_ONCE = 2_000_000  # pairs that are kept before repetitions are dropped


def candidates(rows: Prepared) -> tuple[Ints, Ints]:
    """Pairs of positions, the smaller first, each once and in ascending order; of two lists only pairs across."""
    n = len(rows)
    found, parts = np.zeros(0, np.int64), []
    for key in _keys(rows):
        parts.append(_pairs(key, n, rows.side))
        if sum(map(len, parts)) > _AT_ONCE:
            found, parts = ascending(np.concatenate([found, *parts])), []
    first, second = np.divmod(ascending(np.concatenate([found, *parts])), max(n, 1))
    return first, second


def _pairs(key: Ints, n: int, side: Ints) -> Ints:
    """Pairs of rows (as first * n + second) within each block of a key; the key may list the rows several times."""
    row = np.tile(np.arange(n), len(key) // max(n, 1))[key != BLANK]
    key = key[key != BLANK]
    order = np.lexsort((row, key))
    key, row = key[order], row[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[starts, len(key)])
    after = np.repeat(starts + sizes, sizes) - np.arange(len(key)) - 1  # rows of the block that follow each
    reach = np.where(np.repeat(sizes, sizes) <= largest(n), after, np.minimum(after, window(n)))
    found, at, step = [np.zeros(0, np.int64)], np.flatnonzero(reach > 0), 1
    while len(at):
        found.append(_joined(row[at], row[at + step], n, side))
        step += 1
        at = at[reach[at] >= step]
    return np.concatenate(found)


def largest(rows: int) -> int:
    """How many rows a block may have in a list of so many rows, to be compared as a whole."""
    return max(SMALLEST, min(LARGEST, BUDGET // max(rows, 1)))


def window(rows: int) -> int:
    """How many neighbours a row meets in a larger block, in a list of so many rows."""
    return max(NARROWEST, min(WIDEST, WINDOW_BUDGET // max(rows, 1)))


def _joined(one: Ints, other: Ints, n: int, side: Ints) -> Ints:
    keep = one != other
    if len(side):
        keep &= side[one] != side[other]
    joined: Ints = np.minimum(one, other)[keep] * n + np.maximum(one, other)[keep]
    return joined


def _both(*parts: Ints) -> Ints:
    """One key of several, blank where one of them is."""
    key = parts[0]
    for part in parts[1:]:
        base = int(part.max(initial=0)) + 1
        key = np.where((key == BLANK) | (part == BLANK), BLANK, key * base + part)
    return key


def _keys(rows: Prepared) -> Iterator[Ints]:
    """Each key as a code for every row (several times over where a row has several of one kind)."""
    for name in ("tax_id", "birth_date", "email"):
        yield rows.column(name).codes
    yield rows.column("email").map(lambda mail: mail.split("@")[0] if "@" in mail else "").codes
    yield _lines(rows)
    yield from _of_names(rows)
    yield from _of_places(rows)
    yield from _of_companies(rows)


def _lines(rows: Prepared) -> Ints:
    """The last seven figures of phone and mobile, in one space."""
    return _one_space([column.map(lambda text: text[-7:]) for column in _phones(rows)])


def _phones(rows: Prepared) -> list[Coded]:
    return [rows.column("phone"), rows.column("mobile")]


def _one_space(columns: list[Coded]) -> Ints:
    """The codes of several columns over their common values, one column after the other."""
    values = {value: code for code, value in enumerate(sorted({v for column in columns for v in column.values}))}
    parts = [np.array([*map(values.__getitem__, column.values), BLANK], np.int64)[column.codes] for column in columns]
    return np.concatenate(parts)


def _sound(name: str) -> str:
    last = name.split()[-1]
    return jellyfish.metaphone(last)[:_SOUND] or last[:_SOUND]


def _of_names(rows: Prepared) -> Iterator[Ints]:
    """First and last name share one space of keys, so that swapped names meet."""
    first, last = rows.column("first_name"), rows.column("last_name")
    n = len(rows)
    for one, other in ((str, str), (_sound, _sound), (lambda name: name[:3], lambda name: name[:4])):
        codes = _one_space([first.map(one), last.map(other)])
        low, high = np.minimum(codes[:n], codes[n:]), np.maximum(codes[:n], codes[n:])
        yield _both(low, high)
    sounds = _one_space([first.map(_sound), last.map(_sound)])
    for part in _beside_names(rows):
        yield _both(sounds, np.tile(part, 2))


def _beside_names(rows: Prepared) -> Iterator[Ints]:
    day, code = rows.column("birth_date"), rows.column("postal_code")
    yield day.map(lambda text: text[:4]).codes
    yield day.map(lambda text: text[4:]).codes
    yield code.codes
    yield code.map(lambda text: text[:3]).codes
    yield rows.column("city").codes


def _of_places(rows: Prepared) -> Iterator[Ints]:
    street, house, code = rows.column("street"), rows.column("house_number").codes, rows.column("postal_code").codes
    day = rows.column("birth_date")
    yield _both(house, street.map(lambda text: max(text.split(), key=lambda word: (len(word), word))[:5]).codes)
    yield _both(street.codes, rows.column("first_name").map(lambda name: name[0]).codes)
    yield _both(house, code)
    yield _both(code, day.map(lambda text: text[:4]).codes)
    yield _both(code, day.map(lambda text: text[4:]).codes)


def _of_companies(rows: Prepared) -> Iterator[Ints]:
    company, house = rows.column("company"), rows.column("house_number").codes
    if not company.values:
        return
    yield company.codes
    yield company.map(lambda text: " ".join(sorted(text.split())[:2])).codes
    ranked = _rarest(company)
    words = [coded_words(company, [row[k] if len(row) > k else "" for row in ranked]) for k in range(RAREST)]
    yield _one_space(words)
    yield _both(words[0].codes, house)
    yield _both(house, rows.column("phone").map(lambda text: text[-7:]).codes)


def _rarest(company: Coded) -> list[list[str]]:
    """Of each distinct company its words of three letters or more, the rarest first."""
    parts = [sorted({word for word in value.split() if len(word) > 2}) for value in company.values]
    count = Counter(word for part in parts for word in part)
    return [sorted(part, key=lambda word: (count[word], word)) for part in parts]


def coded_words(column: Coded, words: list[str]) -> Coded:
    """A column in which each distinct value is replaced by its word."""
    replaced = dict(zip(column.values, words, strict=True))
    return column.map(lambda value: replaced[value])


def random_pairs(rows: Prepared, count: int) -> tuple[Ints, Ints]:
    """Pairs by chance, from a fixed seed over the canonical order; of two lists only pairs across."""
    n = len(rows)
    count = min(count, DRAWS * n * n)
    chance = np.random.default_rng(0)
    one, other = chance.integers(0, n, count), chance.integers(0, n, count)
    keep: Mask = one != other
    if len(rows.side):
        keep &= rows.side[one] != rows.side[other]
    return one[keep], other[keep]
