"""Where the postal code stands among the words of an address; house numbers look just like some of them."""

from __future__ import annotations

import re

from xlcrm.addresses import places, regions
from xlcrm.addresses.lexicon import HIGHWAY, NUMBER, PO_BOX, STREET, STREET_END, UNIT, Lexicon
from xlcrm.addresses.words import DIGIT, HAS_DIGIT, Words

LABELS = frozenset(("cap", "cep", "c.p", "cp", "plz", "zip", "postcode", "postnr"))
_SLIP = re.compile(r"(?:\d{3,4}[A-Z]? [A-Z]\d|\d{3,4}[A-Z]? [A-Z]{2}|[A-Z]{1,2}\d{0,2}[A-Z]? \d[A-Z\d]{1,2})")
_ODD = re.compile(r"(?:[A-Z]{1,3}-)?\d{3,7}")


def find(lines: list[list[str]], lexicon: Lexicon, kinds: Words) -> tuple[int, int, int] | None:
    """Line, first and after-last word of the postal code: the last one that can't be a house number; None if there is none."""
    match, two = lexicon.code.fullmatch, lexicon.code_words
    for at in range(len(lines) - 1, -1, -1):
        words = lines[at]
        for i in range(len(words) - 1, -1, -1):
            word = words[i]
            digits = kinds[word] & HAS_DIGIT
            if two and i and (digits or len(word) < 4) and kinds[words[i - 1]] & HAS_DIGIT:
                if match(f"{words[i - 1]} {word}".strip("().")) and _can_be(lines, at, i - 1, i + 1, lexicon, kinds):
                    return at, i - 1, i + 1
            if digits and match(word.strip("().")) and _can_be(lines, at, i, i + 1, lexicon, kinds):
                return at, i, i + 1
    return _odd(lines, lexicon, kinds)


def _can_be(lines: list[list[str]], at: int, start: int, stop: int, lexicon: Lexicon, kinds: Words) -> bool:
    if not lexicon.plain_code:
        if lexicon.country != "US" or at or start:
            return True
    words = lines[at]
    if start == 0:
        if at:
            return stop == len(words) or lexicon.code_first or not kinds[words[-1]] & STREET_END
        if stop == len(words):
            return len(lines) > 1 and len(words[0]) > 4 and not lexicon.number_first
        if places.is_town(words[stop:], lexicon.country):
            return True
        if lexicon.number_first and len(words[0]) != 5:
            return False
        return lexicon.code_first and not (stop < len(words) and kinds[words[stop]] & (STREET | STREET_END))
    before = kinds[words[start - 1]]
    if before & (UNIT | PO_BOX | HIGHWAY) and not before & STREET_END:
        return False
    if before & NUMBER:
        return words[start - 1].casefold().strip(".:") in LABELS
    if stop == len(words) and len(words[start]) < 5 and stop - start == 1 and not lexicon.number_first:
        # "Via Aurelia 2121": at the end of a street without another number it is the house number
        return any(kinds[word] & DIGIT for word in words[:start]) or (at > 0 and _is_last(lines, at, kinds))
    return True


def _is_last(lines: list[list[str]], at: int, kinds: Words) -> bool:
    """Whether a street with its number stands further up, so that this line is the town's."""
    return any(kinds[word] & DIGIT for line in lines[:at] for word in line) or (
        not kinds[lines[at][0]] & STREET and not kinds[lines[at][-2]] & STREET_END
    )


def _odd(lines: list[list[str]], lexicon: Lexicon, kinds: Words) -> tuple[int, int, int] | None:
    """A number in front of the town in a line of its own is its code, even where the country's codes look different.

    A spreadsheet drops leading zeros: "NJ 7631", "187 Roma".
    """
    if lexicon.country == "US":
        words = lines[-1]
        short = len(words[-1]) == 4 and words[-1].isdigit()
        if short and len(lines) > 1 and len(words) > 1 and regions.is_region(words[-2:-1], "US"):
            return len(lines) - 1, len(words) - 1, len(words)
    for at in range(len(lines) - 1, 0, -1):
        words = lines[at]
        if len(words) > 1 and kinds[words[0]] & DIGIT and _ODD.fullmatch(words[0]) and not kinds[words[1]] & DIGIT:
            if not any(kinds[word] & (STREET | STREET_END) for word in words[1:]) and not lexicon.number_first:
                return at, 0, 1
        if lexicon.code_words and len(words) > 1 and not lexicon.plain_code:
            # a code with a slip in it still stands where codes stand
            start = 0 if lexicon.code_first else len(words) - 2
            if _SLIP.fullmatch(" ".join(words[start : start + 2])) and (
                start or len(words) > 2 or not lexicon.code_first
            ):
                return at, start, start + 2
    return None
