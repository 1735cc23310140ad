"""Find the postal code among the words of an address; house numbers look just like some of them."""

from __future__ import annotations

import re

from xlcrm.addresses import places, regions
from xlcrm.addresses.address_words import CODE, DIGIT, HAS_DIGIT, NTH, WordKinds
from xlcrm.addresses.lexicon import HIGHWAY, NUMBER, PO_BOX, STREET, STREET_END, UNIT, UNIT_END
from xlcrm.addresses.towns import CLEAR_TYPES, FOREIGN_TYPES

LABELS = frozenset(("cap", "cep", "c.p", "cp", "plz", "zip", "postcode", "postnr"))
_SLIP = re.compile(r"(?:\d{3,4}[A-Z]? [A-Z]\d|\d{3,4}[A-Z]? [A-Z]{2}|[A-Z]{1,2}\d{0,2}[A-Z]? [\dO][A-Z\d]{1,2})")
_ODD = re.compile(r"(?:[A-Z]{1,3}-?)?\d{3,7}")


def find(lines: list[list[str]], kinds: WordKinds) -> tuple[int, int, int] | None:
    """Line, first and after-last word of the postal code: the last one that can't be a house number."""
    match, two = kinds.code.fullmatch, kinds.code_words
    first = lines[-1][0]
    if kinds.plain_code and kinds.code_first and len(lines) > 1 and kinds[first] & HAS_DIGIT and not match(first):
        odd = _odd(lines[-1:], kinds, len(lines) - 1) if len(first) > 3 else None
        if odd:
            return odd
    for at in range(len(lines) - 1, -1, -1):
        words = lines[at]
        for i in range(len(words) - 1, -1, -1):
            word = words[i]
            digits = kinds[word] & HAS_DIGIT
            if digits and not word.isascii():
                word = word.replace("–", "-").replace("—", "-")
            pair = two and i and (digits or len(word) < 4) and kinds[words[i - 1]] & HAS_DIGIT
            if pair and match(f"{words[i - 1]} {word}".strip("().")) and _can_be(lines, at, i - 1, i + 1, kinds):
                return at, i - 1, i + 1
            if digits and match(word.strip("().")) and _can_be(lines, at, i, i + 1, kinds):
                return at, i, i + 1
    return _odd(lines, kinds, 0)


def _can_be(lines: list[list[str]], at: int, start: int, stop: int, kinds: WordKinds) -> bool:
    if not kinds.plain_code and (kinds.country != "US" or start):
        return True
    words = lines[at]
    if start == 0:
        if (len(lines) == 1 or kinds.country == "US") and _numbers_street(words, stop, kinds):
            return False
        if kinds.country == "US" and stop < len(words):
            last = at + 1 == len(lines) or regions.is_region(lines[at + 1], "US")
            return last and places.is_town(words[stop:], "US")
        if at:
            return stop == len(words) or kinds.code_first or not kinds[words[-1]] & STREET_END
        if stop == len(words):
            return len(lines) == 1 or (len(words[0]) > 4 and not kinds.number_first)
        if places.is_town(words[stop:], kinds.country):
            return True
        if kinds.number_first and len(words[0]) != 5:
            return False
        return kinds.code_first and not (stop < len(words) and kinds[words[stop]] & (STREET | STREET_END))
    before = kinds[words[start - 1]]
    counted = start > 1 and before & UNIT_END and kinds[words[start - 2]] & (DIGIT | NTH)  # "2. etasje 0155 Oslo"
    numbered = before & (UNIT | PO_BOX | HIGHWAY) and not before & STREET_END and not counted  # of a flat or a road
    if numbered and (kinds.country == "US" or len(words[start]) < 5):
        return False
    if before & NUMBER:
        return words[start - 1].casefold().strip(".:") in LABELS
    if stop == len(words) and len(words[start]) < 5 and stop - start == 1 and not kinds.number_first:
        # "Via Aurelia 2121": at the end of a street without another number it is the house number
        return bool(kinds.of(words[:start]) & DIGIT) or (at > 0 and _is_last(lines, at, kinds))
    return True


def _numbers_street(words: list[str], stop: int, kinds: WordKinds) -> bool:
    """Whether a number in front of all else is that of a house: words of a street follow, no town ("11988 Elm St")."""
    if kinds.country not in ("US", "") or len(words) - stop < 2:
        return False
    rest = [word.casefold().strip(".") for word in words[stop:]]
    return not FOREIGN_TYPES.isdisjoint(rest) or (kinds.country == "US" and rest[-1] in CLEAR_TYPES)


def _is_last(lines: list[list[str]], at: int, kinds: WordKinds) -> bool:
    """Whether a street with its number stands further up, so that this line is the town's."""
    return any(kinds.of(line) & DIGIT for line in lines[:at]) or (
        not kinds[lines[at][0]] & STREET and not kinds[lines[at][-2]] & STREET_END
    )


def _odd(lines: list[list[str]], kinds: WordKinds, offset: int) -> tuple[int, int, int] | None:
    """A number in front of the town in a line of its own is its code, even where the country's codes look different.

    A spreadsheet drops leading zeros ("NJ 7631", "187 Roma"). `offset` is the number of lines above the given ones.
    """
    if kinds.country == "US":
        words = lines[-1]
        short = len(words[-1]) == 4 and words[-1].isdigit()
        if short and len(lines) > 1 and len(words) > 1 and regions.is_region(words[-2:-1], "US"):
            return offset + len(lines) - 1, len(words) - 1, len(words)
    for at in range(len(lines) - 1, -1, -1):
        found = _odd_in(lines[at], at + offset == 0, kinds)
        if found:
            return at + offset, *found
    return None


def _odd_in(words: list[str], top: bool, kinds: WordKinds) -> tuple[int, int] | None:
    if len(words) > 1 and len(words[0]) == 4 and words[0].isdigit() and places.is_town(words[1:], kinds.country):
        return 0, 1
    if top or kinds[words[0]] & CODE:
        return None
    if kinds[words[0]] & HAS_DIGIT and _ODD.fullmatch(words[0]):
        lettered = words[0][0].isalpha() and kinds.country not in ("IT", "ES", "FR", "DE", "GB", "US")
        if lettered or (
            len(words) > 1
            and not kinds.number_first
            and not kinds[words[1]] & DIGIT
            and not kinds.of(words[1:]) & (STREET | STREET_END)
        ):
            return 0, 1
    if kinds.code_words and len(words) > 1 and not kinds.plain_code and kinds.country != "US":
        # a code with a slip in it still stands where codes stand
        start = 0 if kinds.code_first else len(words) - 2
        if (len(words) > 2 or not kinds.code_first) and _SLIP.fullmatch(" ".join(words[start : start + 2])):
            return start, start + 2
    return None
