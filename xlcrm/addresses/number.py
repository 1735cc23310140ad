"""House numbers and the street they belong to, before it or after it."""

from __future__ import annotations

import re

from xlcrm.addresses import units
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import (
    BIS,
    DIRECTION,
    HIGHWAY,
    MONTH,
    NONE,
    NUMBER,
    STREET,
    STREET_END,
    UNIT,
)
from xlcrm.addresses.text import DECIMAL
from xlcrm.addresses.words import CODE, DIGIT, GLUED, HAS_DIGIT, HOUSE, LETTER, NTH, Words

_LINKS = ("-", "–", "/", "//", "\\", "+", "&", "e", "y", "et", "og", "und", "u.")
_EDGE = ".,/-–—#\\:$^%&*!@=~_ "
_ROAD = re.compile(r"carretera|ctra\.?|crta\.?|carr\.?|autovía|strada|s\.?s\.?|s\.?p\.?", re.IGNORECASE)
_CLASS = re.compile(r"[A-Z]{1,3}\.?")
_COUNTED = frozenset("one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty".split())
_GRAND = frozenset("plaza center centre place square pl sq ctr tower".split())
_NAMED_STREETS = frozenset(
    "IT ES DE NO SE DK FI AT CH NL BE PT".split()
)  # elsewhere streets may have numbers for names
_GLUED = re.compile(r"(\d{1,6})([A-ZÀ-Þ][a-zß-ÿ]{2,}.*)")


def only(words: list[str], kinds: Words) -> bool:
    """Whether a line is nothing but a house number: "12", "n. 34", "12 bis", "s/n"."""
    return bool(kinds[words[0]] & (HOUSE | NUMBER | NONE)) and not leading(words, kinds)[1]


def leading(words: list[str], kinds: Words) -> tuple[list[str], list[str]]:
    """The words of a house number in front, and the rest."""
    if kinds[words[0]] & NONE and not kinds[words[0]] & STREET:
        return words[:1], words[1:]
    at = 1 if kinds[words[0]] & NUMBER and len(words) > 1 and kinds[words[1]] & HAS_DIGIT else 0
    if not kinds[words[at]] & HOUSE:
        return [], words
    at = _more(words, at + 1, kinds)
    return words[:at], words[at:]


def _more(words: list[str], at: int, kinds: Words) -> int:
    """The position after what still belongs to a number: "- 14", "1/2", "bis", "/ A"."""
    count = len(words)
    while at < count:
        word, kind = words[at], kinds[words[at]]
        if (
            word in _LINKS
            and at + 1 < count
            and (kinds[words[at + 1]] & HOUSE or len(words[at + 1]) == 1)
            and not word.isalpha()
        ):
            at += 2
        elif kind & BIS or word in ("1/2", "1/3", "1/4", "3/4", "½") or (word[0] in "/-–" and kind & HOUSE):
            at += 1
        elif not any(c.isalnum() for c in word) and word != "#":
            at += 1
            if at < count and kinds[words[at]] & HOUSE and not kinds[words[at]] & NTH:
                at += 1
        else:
            break
    return at


def text(words: list[str], kinds: Words) -> str:
    """A house number without the word that announces it and without stray punctuation."""
    if len(words) == 1 and words[0].isdecimal():
        return words[0]
    if len(words) > 1 and kinds[words[0]] & NUMBER:
        words = words[1:]
    if len(words) == 1 and kinds[words[0]] & NONE:
        return words[0]
    return " ".join(filter(None, [w if w in _LINKS else w.strip(_EDGE) for w in words])).strip(_EDGE)


def before_street(words: list[str], kinds: Words, draft: Draft) -> None:
    """ "12 bis rue de la Paix", "463 E 147 St. #2F"; also a number behind the street where none stands before."""
    first = kinds[words[0]]
    glued = _GLUED.fullmatch(words[0]) if first & DIGIT and not first & HOUSE else None
    if glued:
        words = [glued[1], glued[2], *words[1:]]
        first = kinds[glued[1]]
    at = 0
    if not first and words[0].casefold() in _COUNTED and len(words) > 2 and kinds.country in ("US", "CA"):
        if kinds[words[1]] & DIRECTION or words[-1].casefold() in _GRAND:
            draft.number, words = words[0], words[1:]
            first = at = 0
            return _rest(words, kinds, draft)
    if first & (HOUSE | NUMBER) and (
        not first & NTH or (len(words) > 1 and not kinds[words[1]] & (STREET_END | DIRECTION))
    ):
        at = _number_end(words, kinds, draft)
    if at and at < len(words):
        draft.number = text(words[:at], kinds)
        words = words[at:]
        if words[0][0] == "#" and len(words) > 2:
            stop = 2 if words[0] == "#" else 1
            draft.unit.append(" ".join(words[:stop]))
            words = words[stop:]
    elif not at:
        inside = _inside(words, kinds)
        if inside:
            draft.name.append(" ".join(words[:inside]))
            before_street(words[inside:], kinds, draft)
            return None
        if "fr" in kinds.spoken or (not first & HIGHWAY and "en" not in kinds.spoken):
            _behind(words, kinds, draft)
            return None
    _rest(words, kinds, draft)


def street_only(words: list[str], kinds: Words, draft: Draft) -> None:
    """A street whose number stood in the line above."""
    if kinds[words[0]] & BIS and len(words) > 1:
        draft.number, words = f"{draft.number} {words[0]}", words[1:]
    _rest(words, kinds, draft)


def _rest(words: list[str], kinds: Words, draft: Draft) -> None:
    """Street and unit behind a house number."""
    end = unit_start(words, kinds)
    if end < len(words):
        unit, words = words[end:], words[:end]
        stop = units.end_of(unit, 0, kinds) if "en" in kinds.spoken else len(unit)
        if 0 < stop < len(unit) and kinds[unit[0]] & (UNIT | CODE):
            draft.remainder.append(" ".join(unit[stop:]))
            unit = unit[:stop]
        units.add(unit, draft)
    if words:
        draft.street.append(" ".join(words))


def _number_end(words: list[str], kinds: Words, draft: Draft) -> int:
    taken, _ = leading(words, kinds)
    at = len(taken)
    if at and at + 1 < len(words) and kinds[words[at]] & LETTER and not kinds[words[at]] & DIRECTION:
        letter = words[at].strip(".")
        if letter.isupper() and letter in "ABCD" and not kinds[words[at + 1]] & STREET_END:
            draft.doubt("address.letter_or_street", f"{' '.join(words[:at])} | {' '.join(words[at:])}")
            at += 1
    if (
        at == 1
        and len(words) > 2
        and kinds[words[1]] & HOUSE
        and not kinds[words[1]] & NTH
        and len(words[1]) == len(words[0])
    ):
        at = 2
    return at


def _inside(words: list[str], kinds: Words) -> int:
    """Where a house number stands behind a building's name: "Castle Exchange 41 Broad Street"."""
    for i in range(1, len(words) - 1):
        kind, before = kinds[words[i]], kinds[words[i - 1]]
        if (
            kind & HOUSE
            and not kind & NTH
            and not before & (HIGHWAY | UNIT | NUMBER | STREET | DIRECTION | MONTH | HAS_DIGIT | CODE)
        ):
            if (before & STREET_END and kinds[words[0]] & STREET) or words[i - 1][-1] in "#&":
                continue
            if kinds.of(words[i + 1 :]) & (STREET_END | STREET | DIRECTION):
                return i
    return 0


def _behind(words: list[str], kinds: Words, draft: Draft) -> None:
    last = len(words) - 1
    start = units.start_of(words, 1, kinds)
    if start <= last:
        last = start - 1
    year = last > 1 and kinds[words[last - 1]] & MONTH and _is_year(words[last])
    if last > 0 and kinds[words[last]] & HOUSE and not year and not kinds[words[last - 1]] & HIGHWAY:
        draft.number = text(words[last : last + 1], kinds)
        begin = last - 1 if kinds[words[last - 1]] & NUMBER and last > 1 else last
    else:
        begin = last + 1
    if start < len(words):
        draft.unit.append(" ".join(words[start:]))
    draft.street.append(" ".join(words[:begin]))


def unit_start(words: list[str], kinds: Words) -> int:
    """Where the unit begins in a street line whose number stands in front."""
    count = len(words)
    first = 1 if count > 1 else count
    start = units.start_of(words, first, kinds)
    if start < count or "en" not in kinds.spoken:
        return start
    end = count - 1
    while end and not kinds[words[end]] & STREET_END:
        end -= 1
    if not end:
        for i in range(count - 1, 1, -1):
            if kinds[words[i]] & DIGIT and not kinds[words[i]] & NTH:
                return count if kinds[words[i - 1]] & (HIGHWAY | DIRECTION | HAS_DIGIT | MONTH | STREET) else i
        return count
    after = end + 1
    while after < count and kinds[words[after]] & DIRECTION:
        after += 1
    if after < count and kinds[words[after]] & (HAS_DIGIT | LETTER) and not kinds[words[after - 1]] & HIGHWAY:
        return after
    return count


def after_street(words: list[str], kinds: Words, draft: Draft) -> None:
    """ "Via 4 Maggio 50 int. 3", "Storgata 12 B H0201"; also a number in front where none stands behind."""
    count = len(words)
    end = units.start_of(words, 2, kinds) if count > 2 else count
    start = _last_number(words, end, kinds, kinds.country)
    if not start:
        taken, rest = leading(words, kinds) if count > 1 else ([], words)
        if taken and rest and not kinds[taken[0]] & NTH:
            draft.number = text(taken, kinds)
            words, count = rest, len(rest)
            end = units.start_of(words, 1, kinds) if count > 1 else count
        if end < count:
            draft.unit.append(" ".join(words[end:]))
        if words[:end]:
            draft.street.append(" ".join(words[:end]))
        return
    begin = _first_of_range(words, start, kinds)
    if words[begin - 1].casefold().strip(".") in ("km", "pk"):
        draft.number = " ".join(words[begin - 1 : start + 1]).replace(DECIMAL, ",")
        draft.street.append(" ".join(words[: begin - 1]))
        if start + 1 < count:
            draft.unit.append(" ".join(words[start + 1 :]))
        return
    if kinds[words[begin - 1]] & NUMBER and begin > 1 and not _is_road(words, begin):
        begin -= 1
    elif _is_road(words, begin):
        draft.street.append(" ".join(words))
        return
    stop = _letters(words, start + 1, end, kinds)
    if begin > 1 and kinds[words[begin - 1]] & HOUSE and not kinds[words[begin]] & NUMBER:
        draft.doubt(
            "address.two_numbers", f"{' '.join(words[: begin - 1])} | {words[begin - 1]} | {' '.join(words[begin:])}"
        )
    draft.number = text(words[begin:stop], kinds)
    draft.street.append(" ".join(words[:begin]))
    if stop < count:
        if stop < end and not units.is_unit(words[stop:], kinds):
            draft.doubt("address.after_number")
        draft.unit.append(" ".join(words[stop:]))


def _first_of_range(words: list[str], start: int, kinds: Words) -> int:
    """The position where a range of numbers begins that ends at `start`: "12 - 14", "1 / 12 / 14"."""
    begin, at = start, start - 1
    while at > 0:
        if not any(c.isalnum() for c in words[at]):
            at -= 1
        elif (
            kinds[words[at]] & HOUSE
            and at + 1 < begin
            and (at > 1 or kinds[words[0]] & GLUED or not kinds[words[0]] & (STREET | STREET_END))
        ):
            begin, at = at, at - 1
        else:
            break
    return begin


def _is_road(words: list[str], at: int) -> bool:
    """Whether the number at `at` is that of a road ("Carretera N 340"), whose class stands before it."""
    return (
        _ROAD.fullmatch(words[0]) is not None and _CLASS.fullmatch(words[at - 1]) is not None and at + 1 == len(words)
    )


def _last_number(words: list[str], end: int, kinds: Words, country: str) -> int:
    for i in range(end - 1, 0, -1):
        kind = kinds[words[i]]
        if kind & NONE and not kind & (UNIT | STREET):
            return i
        if kind & HOUSE:
            if kinds[words[i - 1]] & MONTH and i > 1 and _is_year(words[i]):
                continue
            if i + 1 < len(words) and kinds[words[i + 1]] & MONTH and kinds[words[0]] & STREET:
                continue
            if kind & NTH and i + 1 < end and not kinds[words[i + 1]] & (HAS_DIGIT | LETTER | UNIT):
                continue
            if i > 2 and kinds[words[i - 1]] & LETTER and len(words[i - 1]) == 1 and kinds[words[i - 2]] & HOUSE:
                continue  # "25 C 2": staircase and flat
            if i == 1 and kinds[words[0]] & STREET and country not in _NAMED_STREETS:
                continue  # "Calle 19"
            return i
    return 0


def _is_year(word: str) -> bool:
    return len(word) == 4 and word[:2] in ("17", "18", "19", "20")


def _letters(words: list[str], at: int, end: int, kinds: Words) -> int:
    """The position after a letter, "bis" or further part that belongs to the number: "24 A", "9 r", "12 / 104"."""
    at = min(max(at, _more(words[:end], at, kinds)), end)
    while at < end and (kinds[words[at]] & BIS or (kinds[words[at]] & LETTER and len(words[at].strip(".")) == 1)):
        if at + 1 < len(words) and kinds[words[at + 1]] & DIGIT and kinds[words[at]] & LETTER:
            break
        at += 1
    return at
