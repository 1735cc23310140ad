"""Likeness of texts and dates as comparison levels (Fellegi-Sunter agreement patterns), for arrays of distinct pairs.

Levels are named and weighed in `xlcrm/data/doubles/comparison_levels.csv`; here stands when a pair has which. Each
function takes two equally long lists of normalised values and gives a level a pair, the highest being equality.
Jaro-Winkler and the optimal string alignment distance are rapidfuzz's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import eq

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, JaroWinkler

from xlcrm.doubles.prepared import Ints
from xlcrm.doubles.word_forms import is_given_name, nicknames

Levels = npt.NDArray[np.int8]
Texts = Sequence[str]
Floats = npt.NDArray[np.float32]
GENERATION_YEARS = 14
_LONG = 6
_INITIALS = 5  # letters and spaces of initials at most
_CLOSE, _VERY_CLOSE, _DISTANT = 0.88, 0.94, 0.80


def _winkler(a: Texts, b: Texts) -> Floats:
    return process.cpdist(a, b, scorer=JaroWinkler.normalized_similarity, dtype=np.float32)


def _edits(a: Texts, b: Texts) -> npt.NDArray[np.int32]:
    return process.cpdist(a, b, scorer=OSA.distance, dtype=np.int32)


def _sorted_words(a: Texts, b: Texts) -> Floats:
    percent: Floats = process.cpdist(a, b, scorer=fuzz.token_sort_ratio, dtype=np.float32)
    return np.asarray(percent / 100, np.float32)


def _inside(a: Texts, b: Texts) -> npt.NDArray[np.bool_]:
    """Pairs in which the words of one are all among the other's."""
    percent: Floats = process.cpdist(a, b, scorer=fuzz.token_set_ratio, dtype=np.float32)
    return np.asarray(percent >= 99)


def _each(test: Callable[[str, str], bool], a: Texts, b: Texts) -> npt.NDArray[np.bool_]:
    return np.fromiter(map(test, a, b), bool, len(a))


def _at(test: Callable[[str, str], bool], a: Texts, b: Texts, where: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """The test where `where` is true, False elsewhere: most pairs need no look at their words."""
    result = np.zeros(len(a), bool)
    at = np.flatnonzero(where)
    result[at] = np.fromiter((test(a[n], b[n]) for n in at.tolist()), bool, len(at))
    return result


def _spaced(a: Texts, b: Texts) -> npt.NDArray[np.bool_]:
    """Pairs in which one is of several words."""
    return np.fromiter((" " in one or " " in other for one, other in zip(a, b, strict=True)), bool, len(a))


def _shorter(a: Texts, b: Texts) -> npt.NDArray[np.int64]:
    shorter: npt.NDArray[np.int64] = np.minimum(
        *(np.fromiter(map(len, texts), np.int64, len(texts)) for texts in (a, b))
    )
    return shorter


def _raised(levels: Levels, where: npt.NDArray[np.bool_], level: int) -> None:
    levels[where & (levels < level)] = level


def is_nickname(one: str, other: str) -> bool:
    """Whether the tables know one of two given names as a form of the other, also where a second name follows it."""
    known = nicknames()
    if other in known.get(one, ()):
        return True
    first, second = one.split(" ")[0], other.split(" ")[0]
    return (first, second) != (one, other) and second in known.get(first, ())


def is_part(one: str, other: str) -> bool:
    """Whether one name is some of the other's words, or the same letters with another space."""
    if " " not in one and " " not in other:
        return False
    few, many = sorted((one.split(), other.split()), key=len)
    return one.replace(" ", "") == other.replace(" ", "") or (set(few) <= set(many) and len("".join(few)) > 2)


def _is_initial(one: str, other: str) -> bool:
    """One is an initial of the other, or initials of all its names."""
    short, long = sorted((one.split(), other.split()), key=lambda words: (len("".join(words)), words))
    return all(len(word) == 1 for word in short) and all(s == w[0] for s, w in zip(short, long, strict=False))


def _may_be_initials(short: npt.NDArray[np.int64], spaced: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return np.asarray((short == 1) | (spaced & (short <= _INITIALS)))


def _are_two_names(one: str, other: str) -> bool:
    """Both are known given names and neither is the other cut short: Daniel and Daniela are two, Dan and Daniel one."""
    if one == other or min(len(one), len(other)) <= 2:
        return False
    cut_short = (one.startswith(other) or other.startswith(one)) and abs(len(one) - len(other)) > 1
    return not cut_short and is_given_name(one) and is_given_name(other)


def _are_far_names(one: str, other: str) -> bool:
    """One is a known given name; for pairs without likeness, where the other may be rare (Kjellaug) or an initial."""
    return (len(one) > 2 and is_given_name(one)) or (len(other) > 2 and is_given_name(other))


def given(a: Texts, b: Texts) -> Levels:
    """Levels "different" to "equal" of given names; nicknames count as a slip, two known names as two people."""
    likeness, edits, short = _winkler(a, b), _edits(a, b), _shorter(a, b)
    levels: Levels = np.zeros(len(a), np.int8)
    levels[likeness >= _DISTANT] = 3
    _raised(levels, (likeness >= _CLOSE) | ((edits <= 2) & (short >= _LONG)), 5)
    _raised(levels, (likeness >= _VERY_CLOSE) | ((edits <= 1) & (short >= 4)), 6)
    levels[_each(_are_two_names, a, b) | ((levels == 0) & _each(_are_far_names, a, b))] = 1
    spaced = _spaced(a, b)
    levels[(levels == 1) & (edits <= 1)] = 2
    _raised(levels, _at(_is_initial, a, b, _may_be_initials(short, spaced)), 4)
    levels[_each(is_nickname, a, b) | _at(is_part, a, b, spaced)] = 6
    levels[edits == 0] = 7
    return levels


def family(a: Texts, b: Texts) -> Levels:
    """Levels of surnames; one of two surnames is a level of its own."""
    likeness, edits, short = _winkler(a, b), _edits(a, b), _shorter(a, b)
    levels: Levels = np.zeros(len(a), np.int8)
    levels[likeness >= _DISTANT] = 1
    spaced = _spaced(a, b)
    cousins = _at(_share_one_of_two, a, b, spaced)
    _raised(levels, _at(_is_initial, a, b, _may_be_initials(short, spaced)), 2)
    _raised(levels, ((likeness >= _CLOSE) | ((edits <= 2) & (short >= _LONG))) & ~cousins, 3)
    _raised(levels, ((likeness >= _VERY_CLOSE) | ((edits <= 1) & (short >= 4))) & ~cousins, 5)
    levels[_at(is_part, a, b, spaced)] = 4
    levels[_at(lambda one, other: one.replace(" ", "") == other.replace(" ", ""), a, b, spaced)] = 5
    levels[edits == 0] = 6
    return levels


def _share_one_of_two(one: str, other: str) -> bool:
    """Two surnames each, of which one word is common and the other far apart: cousins rather than a slip."""
    if " " not in one or " " not in other:
        return False
    left, right = set(one.split()), set(other.split())
    rest = (" ".join(sorted(left - right)), " ".join(sorted(right - left)))
    return bool(left & right) and OSA.distance(*rest) > 2


def middle(a: Texts, b: Texts) -> Levels:
    """Levels of middle names: an initial is near its name."""
    edits = _edits(a, b)
    levels: Levels = np.zeros(len(a), np.int8)
    spaced = _spaced(a, b)
    near = _at(_is_initial, a, b, _may_be_initials(_shorter(a, b), spaced)) | _at(is_part, a, b, spaced)
    levels[(edits <= 1) | near | _each(is_nickname, a, b)] = 1
    levels[edits == 0] = 2
    return levels


def date(a: Texts, b: Texts) -> Levels:
    """Levels of days written as eight figures, year first."""
    edits = _edits(a, b)
    (year, month, day), (other_year, other_month, other_day) = _parts(a), _parts(b)
    whole = (year > 0) & (other_year > 0)
    same_year, same_day = year == other_year, (month == other_month) & (day == other_day)
    one_part = same_year & (((month == other_day) & (day == other_month)) | (month == other_month) | (day == other_day))
    apart = np.abs(year - other_year) >= GENERATION_YEARS
    levels: Levels = np.select([~whole, one_part, same_year, same_day, apart], [1, 4, 2, 3, 0], 1).astype(np.int8)
    _raised(levels, (edits == 2) & (levels > 0), 3)
    _raised(levels, edits == 1, 4)
    levels[edits == 0] = 5
    return levels


@lru_cache(maxsize=1 << 18)
def _number_of(day: str) -> int:
    return int(day) if len(day) == 8 and day.isascii() else 0


def _parts(days: Texts) -> tuple[npt.NDArray[np.int64], ...]:
    """Year, month and day of each, 0 where a text is not eight figures."""
    number = np.fromiter(map(_number_of, days), np.int64, len(days))
    return number // 10_000, number // 100 % 100, number % 100


def number(a: Texts, b: Texts) -> Levels:
    """Levels of tax numbers by edits."""
    edits = _edits(a, b)
    return np.select([edits == 0, edits == 1, edits == 2], [3, 2, 1], 0).astype(np.int8)


def email(a: Texts, b: Texts) -> Levels:
    """Levels of addresses: another provider of the same local part is near."""
    edits, likeness = _edits(a, b), _winkler(a, b)
    levels: Levels = np.zeros(len(a), np.int8)
    levels[(likeness >= _CLOSE) & (edits * 3 < _shorter(a, b))] = 1
    local = _at(_same_local_part, a, b, likeness >= _DISTANT)
    _raised(levels, (edits <= 1) | local | ((edits <= 2) & (_shorter(a, b) > 12)), 2)
    levels[edits == 0] = 3
    return levels


def _same_local_part(one: str, other: str) -> bool:
    local = one.split("@")[0]
    return len(local) >= 4 and local == other.split("@")[0]


def _unlike_long(a: Texts, b: Texts) -> npt.NDArray[np.bool_]:
    """Pairs of two lengths, both of six figures or more."""
    one, other = (np.fromiter(map(len, texts), np.int64, len(texts)) for texts in (a, b))
    return np.asarray((one != other) & (np.minimum(one, other) >= 6))


def phone(a: Texts, b: Texts) -> Levels:
    """Levels of phone numbers; one may be typed without its area code."""
    edits = _edits(a, b)
    ends = _at(lambda one, other: one.endswith(other) or other.endswith(one), a, b, _unlike_long(a, b))
    return np.select([(edits == 0) | ends, edits == 1], [2, 1], 0).astype(np.int8)


def postcode(a: Texts, b: Texts) -> Levels:
    """Levels of postal codes: the same but for the last three signs is the same area."""
    edits = _edits(a, b)
    area_of = {code: code[: max(2, len(code) - 3)] for code in {*a, *b}}.__getitem__
    area = np.fromiter(map(eq, map(area_of, a), map(area_of, b)), bool, len(a))
    return np.select([edits == 0, edits == 1, area], [3, 2, 1], 0).astype(np.int8)


def text(a: Texts, b: Texts) -> Levels:
    """Levels of towns and other words."""
    likeness = np.maximum(_winkler(a, b), _sorted_words(a, b))
    part = _at(is_part, a, b, _inside(a, b))
    return np.select([_edits(a, b) == 0, (likeness >= _CLOSE) | part], [2, 1], 0).astype(np.int8)


def street(a: Texts, b: Texts) -> Levels:
    """Levels of streets without their number."""
    likeness = np.maximum(_winkler(a, b), _sorted_words(a, b))
    near = (likeness >= 0.92) | _at(is_part, a, b, _inside(a, b))
    return np.select([_edits(a, b) == 0, near, likeness >= _DISTANT], [3, 2, 1], 0).astype(np.int8)


@lru_cache(maxsize=1 << 16)
def _figures(value: str) -> str:
    return "".join(c for c in value if c.isdigit())


def house(a: Texts, b: Texts) -> Levels:
    """Levels of house numbers: 12 and 12a are near, 12 and 14 are neighbours."""
    near = _each(lambda one, other: _figures(one) == _figures(other) != "", a, b)
    slip = (_edits(a, b) == 1) & (_shorter(a, b) >= 3)
    return np.select([_edits(a, b) == 0, near | slip], [2, 1], 0).astype(np.int8)


def choice(a: Texts, b: Texts) -> Levels:
    """Equal or not."""
    return _each(str.__eq__, a, b).astype(np.int8)


LEVELS: dict[str, Callable[[Texts, Texts], Levels]] = {
    "given": given,
    "family": family,
    "middle": middle,
    "date": date,
    "number": number,
    "email": email,
    "line": phone,
    "mobile": phone,
    "postcode": postcode,
    "text": text,
    "street": street,
    "house": house,
    "choice": choice,
    "gender": choice,
}


# Firms whose names are alike: rare words in common (TF-IDF cosine) and spelling (Jaro-Winkler, sorted words).

_AT_ONCE = 200_000


class CompanyWords:
    """The distinct company names of a list and how much each of their words says."""

    def __init__(self, values: list[str]) -> None:
        self.values = values
        self._matrix = _weighted(values)

    def levels(self, one: Ints, other: Ints) -> Levels:
        """Levels "different" to "equal" for pairs of positions in `values`."""
        a, b = [self.values[n] for n in one], [self.values[n] for n in other]
        common = self._common(one, other)
        spelling = np.maximum(
            process.cpdist(a, b, scorer=JaroWinkler.normalized_similarity, dtype=np.float32),
            process.cpdist(a, b, scorer=fuzz.token_sort_ratio, dtype=np.float32) / 100,
        )
        inside = process.cpdist(a, b, scorer=fuzz.token_set_ratio, dtype=np.float32) >= 97
        variant = (common >= 0.85) | (spelling >= 0.94) | (inside & (common >= 0.6))
        close, distant = (common >= 0.6) | (spelling >= 0.86), (common >= 0.35) | (spelling >= 0.75)
        return np.select([one == other, variant, close, distant], [4, 3, 2, 1], 0).astype(np.int8)

    def _common(self, one: Ints, other: Ints) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        parts = [np.zeros(0)]
        for start in range(0, len(one), _AT_ONCE):
            cut = slice(start, start + _AT_ONCE)
            product = self._matrix[one[cut]].multiply(self._matrix[other[cut]])
            parts.append(np.asarray(product.sum(axis=1)).ravel())
        return np.concatenate(parts)


def _weighted(values: list[str]) -> sp.csr_matrix:
    """A row a name, a column a word, weighed by log(1 + names / names with the word), each row of length 1."""
    words = sorted({word for value in values for word in value.split()})
    place = {word: n for n, word in enumerate(words)}
    cells = [(n, place[word]) for n, value in enumerate(values) for word in sorted(set(value.split()))]
    rows, columns = np.array(cells, np.int64).reshape(-1, 2).T
    matrix = sp.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(values), max(1, len(words))))
    often = np.asarray(matrix.sum(axis=0)).ravel()
    matrix = matrix @ sp.diags(np.log(1 + len(values) / np.maximum(often, 1)))
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags(1 / np.maximum(length, 1e-9)) @ matrix)
