"""Likeness of texts and dates as comparison levels (Fellegi-Sunter agreement patterns), for arrays of distinct pairs.

Levels are named and weighed in `xlcrm/data/doubles/comparison_levels.csv`; here stands when a pair has which. Each
function takes pairs of normalised values and gives a level a pair, the highest being equality. Jaro-Winkler and the
optimal string alignment distance are rapidfuzz's.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, JaroWinkler

from xlcrm.doubles.prepared import Ints, Mask
from xlcrm.doubles.value_pairs import Floats, ValuePairs
from xlcrm.doubles.word_forms import is_given_name, nicknames

Levels = npt.NDArray[np.int8]
GENERATION_YEARS = 14
_LONG = 6
_INITIALS = 5  # letters and spaces of initials at most
_CLOSE, _VERY_CLOSE, _DISTANT = 0.88, 0.94, 0.80


def _by_letters_or_words(pairs: ValuePairs) -> Floats:
    """The better of Jaro-Winkler and of the likeness of the sorted words."""
    return np.maximum(pairs.winkler(), np.asarray(pairs.like(fuzz.token_sort_ratio) / 100, np.float32))


def _inside(pairs: ValuePairs) -> Mask:
    """Pairs in which the words of one are all among the other's."""
    return np.asarray(pairs.like(fuzz.token_set_ratio) >= 99)


def _is_spaced(text: str) -> bool:
    """Whether a value is of several words."""
    return " " in text


def _joined(text: str) -> str:
    return text.replace(" ", "")


def _raised(levels: Levels, where: Mask, level: int) -> None:
    levels[where & (levels < level)] = level


def is_nickname(one: str, other: str) -> bool:
    """Whether the tables know one of two given names as a form of the other, also where a second name follows it."""
    known = nicknames()
    if other in known.get(one, ()):
        return True
    first, second = one.split(" ")[0], other.split(" ")[0]
    return (first, second) != (one, other) and second in known.get(first, ())


def _has_nickname(name: str) -> bool:
    """Whether `is_nickname` may be true of a name and another such one: the table is read in both directions."""
    known = nicknames()
    return name in known or name.split(" ")[0] in known


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


def _may_be_initials(pairs: ValuePairs) -> Mask:
    short = pairs.shorter
    return np.asarray((short == 1) | (pairs.either(_is_spaced) & (short <= _INITIALS)))


def _is_known_name(name: str) -> bool:
    """A given name that is more than an initial or two."""
    return len(name) > 2 and is_given_name(name)


def _starts(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _are_two_names(pairs: ValuePairs) -> Mask:
    """Both are known given names and neither is the other cut short: Daniel and Daniela are two, Dan and Daniel one."""
    known = pairs.both(_is_known_name) & ~pairs.same
    one, other = pairs.told(len)
    return known & ~pairs.test(_starts, known & (np.abs(one - other) > 1))


def given(pairs: ValuePairs) -> Levels:
    """Levels "different" to "equal" of given names; nicknames count as a slip, two known names as two people.

    Of pairs without likeness one known name is enough for two people: the other may be rare (Kjellaug) or an initial.
    """
    likeness, edits, short = pairs.winkler(), pairs.edits(2), pairs.shorter
    levels: Levels = np.zeros(len(pairs), np.int8)
    levels[likeness >= _DISTANT] = 3
    _raised(levels, (likeness >= _CLOSE) | ((edits <= 2) & (short >= _LONG)), 5)
    _raised(levels, (likeness >= _VERY_CLOSE) | ((edits <= 1) & (short >= 4)), 6)
    levels[_are_two_names(pairs) | ((levels == 0) & pairs.either(_is_known_name))] = 1
    levels[(levels == 1) & (edits <= 1)] = 2
    _raised(levels, pairs.test(_is_initial, _may_be_initials(pairs)), 4)
    nicknamed = pairs.test(is_nickname, pairs.both(_has_nickname))
    levels[nicknamed | pairs.test(is_part, pairs.either(_is_spaced))] = 6
    levels[pairs.same] = 7
    return levels


def family(pairs: ValuePairs) -> Levels:
    """Levels of surnames; one of two surnames is a level of its own."""
    likeness, edits, short = pairs.winkler(), pairs.edits(2), pairs.shorter
    levels: Levels = np.zeros(len(pairs), np.int8)
    levels[likeness >= _DISTANT] = 1
    spaced = pairs.either(_is_spaced)
    other = ~pairs.test(_share_one_of_two, pairs.both(_is_spaced))
    _raised(levels, pairs.test(_is_initial, _may_be_initials(pairs)), 2)
    _raised(levels, ((likeness >= _CLOSE) | ((edits <= 2) & (short >= _LONG))) & other, 3)
    _raised(levels, ((likeness >= _VERY_CLOSE) | ((edits <= 1) & (short >= 4))) & other, 5)
    levels[pairs.test(is_part, spaced)] = 4
    levels[spaced & pairs.alike(_joined)] = 5
    levels[pairs.same] = 6
    return levels


def _share_one_of_two(one: str, other: str) -> bool:
    """Two surnames each, of which one word is common and the other far apart: cousins rather than a slip."""
    left, right = set(one.split()), set(other.split())
    rest = (" ".join(sorted(left - right)), " ".join(sorted(right - left)))
    return bool(left & right) and OSA.distance(*rest) > 2


def middle(pairs: ValuePairs) -> Levels:
    """Levels of middle names: an initial is near its name."""
    levels: Levels = np.zeros(len(pairs), np.int8)
    near = pairs.test(_is_initial, _may_be_initials(pairs)) | pairs.test(is_part, pairs.either(_is_spaced))
    near |= pairs.test(is_nickname, pairs.both(_has_nickname))
    levels[(pairs.edits(1) <= 1) | near] = 1
    levels[pairs.same] = 2
    return levels


def date(pairs: ValuePairs) -> Levels:
    """Levels of days written as eight figures, year first."""
    edits = pairs.edits(2)
    one, other = pairs.told(_number_of)
    (year, month, day), (other_year, other_month, other_day) = _parts(one), _parts(other)
    whole = (year > 0) & (other_year > 0)
    same_year, same_day = year == other_year, (month == other_month) & (day == other_day)
    one_part = same_year & (((month == other_day) & (day == other_month)) | (month == other_month) | (day == other_day))
    apart = np.abs(year - other_year) >= GENERATION_YEARS
    levels: Levels = np.select([~whole, one_part, same_year, same_day, apart], [1, 4, 2, 3, 0], 1).astype(np.int8)
    _raised(levels, (edits == 2) & (levels > 0), 3)
    _raised(levels, edits == 1, 4)
    levels[edits == 0] = 5
    return levels


def _number_of(day: str) -> int:
    return int(day) if len(day) == 8 and day.isascii() else 0


def _parts(number: Ints) -> tuple[Ints, Ints, Ints]:
    """Year, month and day of each, 0 where a text is not eight figures."""
    return number // 10_000, number // 100 % 100, number % 100


def number(pairs: ValuePairs) -> Levels:
    """Levels of tax numbers by edits."""
    edits = pairs.edits(2)
    return np.select([edits == 0, edits == 1, edits == 2], [3, 2, 1], 0).astype(np.int8)


def email(pairs: ValuePairs) -> Levels:
    """Levels of addresses: another provider of the same local part is near."""
    likeness, short = pairs.winkler(), pairs.shorter
    edits, close = pairs.edits(2), likeness >= _CLOSE
    far = close & (edits > 2)
    edits[far] = pairs.where(far).edits()
    levels: Levels = np.zeros(len(pairs), np.int8)
    levels[close & (edits * 3 < short)] = 1
    local = (likeness >= _DISTANT) & pairs.both(_has_local_part) & pairs.alike(_local_part)
    _raised(levels, (edits <= 1) | local | ((edits <= 2) & (short > 12)), 2)
    levels[pairs.same] = 3
    return levels


def _local_part(mail: str) -> str:
    return mail.split("@")[0]


def _has_local_part(mail: str) -> bool:
    """Whether it is long enough to say anything."""
    return len(_local_part(mail)) >= 4


_SURE_END = 6  # figures


def _end(number: str) -> str:
    return number[-_SURE_END:]


def phone(pairs: ValuePairs) -> Levels:
    """Levels of phone numbers; one may be typed without its area code, which leaves six figures or more."""
    edits = pairs.edits(1)
    one, other = pairs.told(len)
    longer = (one != other) & (pairs.shorter >= _SURE_END) & pairs.alike(_end)
    ends = pairs.test(lambda one, other: one.endswith(other) or other.endswith(one), longer)
    return np.select([(edits == 0) | ends, edits == 1], [2, 1], 0).astype(np.int8)


def _area(code: str) -> str:
    return code[: max(2, len(code) - 3)]


def postcode(pairs: ValuePairs) -> Levels:
    """Levels of postal codes: the same but for the last three signs is the same area."""
    edits = pairs.edits(1)
    return np.select([edits == 0, edits == 1, pairs.alike(_area)], [3, 2, 1], 0).astype(np.int8)


def text(pairs: ValuePairs) -> Levels:
    """Levels of towns and other words."""
    near = (_by_letters_or_words(pairs) >= _CLOSE) | pairs.test(is_part, _inside(pairs))
    return np.select([pairs.same, near], [2, 1], 0).astype(np.int8)


def street(pairs: ValuePairs) -> Levels:
    """Levels of streets without their number."""
    likeness = _by_letters_or_words(pairs)
    near = (likeness >= 0.92) | pairs.test(is_part, _inside(pairs))
    return np.select([pairs.same, near, likeness >= _DISTANT], [3, 2, 1], 0).astype(np.int8)


def _figures(value: str) -> str:
    return "".join(c for c in value if c.isdigit())


def _has_figures(value: str) -> bool:
    return any(map(str.isdigit, value))


def house(pairs: ValuePairs) -> Levels:
    """Levels of house numbers: 12 and 12a are near, 12 and 14 are neighbours."""
    near = pairs.both(_has_figures) & pairs.alike(_figures)
    slip = (pairs.edits(1) == 1) & (pairs.shorter >= 3)
    return np.select([pairs.same, near | slip], [2, 1], 0).astype(np.int8)


def choice(pairs: ValuePairs) -> Levels:
    """Equal or not."""
    return pairs.same.astype(np.int8)


LEVELS: dict[str, Callable[[ValuePairs], Levels]] = {
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


HIGHEST = {"email": 3, "family": 6}  # the level of equality, of kinds that cost much to compare and mostly differ

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
