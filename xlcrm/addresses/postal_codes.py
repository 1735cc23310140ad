"""Where the postal code stands among the words of an address; house numbers look just like some of them.

Every group of figures that has the form of a code is a candidate. Two tables of rules, each with its reason, say in
which places it can be one: the first rule that holds decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from unicodedata import decimal

from xlcrm.addresses import places, regions
from xlcrm.addresses.address_text import bare
from xlcrm.addresses.address_words import CODE, DIGIT, HAS_DIGIT, NTH, WordKinds
from xlcrm.addresses.lexicon import HIGHWAY, NUMBER, PO_BOX, STREET, STREET_END, UNIT, UNIT_END
from xlcrm.addresses.towns import CLEAR_TYPES, FOREIGN_TYPES

LABELS = frozenset(("cap", "cep", "c.p", "cp", "plz", "zip", "postcode", "postnr"))
_SLIP = re.compile(r"(?:\d{3,4}[A-Z]? [A-Z]\d|\d{3,4}[A-Z]? [A-Z]{2}|[A-Z]{1,2}\d{0,2}[A-Z]? [\dO][A-Z\d]{1,2})")
_ODD = re.compile(r"(?:[A-Z]{1,3}-?)?\d{3,7}|[A-Z]\d{4}[A-Z]|\d{3}-\d{3}-\d")
_ANNOUNCES = UNIT | PO_BOX | HIGHWAY | NUMBER
_SIX = frozenset(("IT", "ES", "FR", "DE", "GB", "US"))
_PLAIN = {"–": "-", "—": "-", "−": "-"}
Lines = list[list[str]]


class CodeSpot(NamedTuple):
    """Words that may be the postal code: line `at`, from word `start` to before word `stop`."""

    lines: Lines
    kinds: WordKinds
    at: int
    start: int
    stop: int

    @property
    def words(self) -> list[str]:
        return self.lines[self.at]

    @property
    def text(self) -> str:
        return " ".join(self.words[self.start : self.stop])

    @property
    def behind(self) -> list[str]:
        """The words that follow in the same line."""
        return self.words[self.stop :]

    @property
    def before(self) -> int:
        """The kinds of the word in front."""
        return self.kinds[self.words[self.start - 1]]

    @property
    def american(self) -> bool:
        return self.kinds.country == "US"


class CodeRule(NamedTuple):
    """Why a candidate is the postal code, or is not, where `holds`."""

    why: str
    is_code: bool
    holds: Callable[[CodeSpot], bool]


def _numbers_street(spot: CodeSpot) -> bool:
    """Whether a number in front of all else is that of a house: words of a street follow, no town ("11988 Elm St")."""
    if spot.kinds.country not in ("US", "") or len(spot.behind) < 2:
        return False
    rest = [bare(word) for word in spot.behind]
    return not FOREIGN_TYPES.isdisjoint(rest) or (spot.american and rest[-1] in CLEAR_TYPES)


def _before_american_town(spot: CodeSpot) -> bool:
    last = spot.at + 1 == len(spot.lines) or regions.is_region(spot.lines[spot.at + 1], "US")
    return last and places.is_town(spot.behind, "US")


def _is_flat_or_road(spot: CodeSpot) -> bool:
    """Whether the word in front makes it the number of a flat, a box or a road, but not in "2. etasje 0155 Oslo"."""
    before = spot.before
    if not before & (UNIT | PO_BOX | HIGHWAY) or before & STREET_END:
        return False
    floor = before & UNIT_END and spot.kinds.at(spot.words, spot.start - 2) & (DIGIT | NTH)
    return not floor and (spot.american or len(spot.words[spot.start]) < 5)


def _ends_line_short(spot: CodeSpot) -> bool:
    """Whether a short number ends its line where house numbers do: "Via Aurelia 2121"."""
    short = len(spot.words[spot.start]) < 5 and spot.stop - spot.start == 1
    return short and not spot.behind and not spot.kinds.number_first


def _street_is_complete(spot: CodeSpot) -> bool:
    """Whether a street with its number stands further up or in front, so that this number is the town's."""
    lines, kinds = spot.lines, spot.kinds
    if kinds.of(spot.words[: spot.start]) & DIGIT:
        return True
    if spot.at == 0:
        return False
    typed = kinds[spot.words[0]] & STREET or kinds[spot.words[-2]] & STREET_END
    return not typed or any(kinds.of(line) & DIGIT for line in lines[: spot.at])


_IN_FRONT_AMERICA = (
    CodeRule("house_of_street", False, _numbers_street),
    CodeRule("before_town", True, lambda s: bool(s.behind) and _before_american_town(s)),
    CodeRule("behind_state_only", False, lambda s: bool(s.behind)),
)
_IN_FRONT = (
    CodeRule("house_of_street", False, lambda s: len(s.lines) == 1 and _numbers_street(s)),
    CodeRule("begins_line", True, lambda s: s.at > 0 and (s.kinds.code_first or not s.behind)),
    CodeRule("begins_line", True, lambda s: s.at > 0 and not s.kinds[s.words[-1]] & STREET_END),
    CodeRule("house_of_street", False, lambda s: s.at > 0),
    CodeRule("alone", True, lambda s: not s.behind and len(s.lines) == 1),
    CodeRule("alone_on_top", True, lambda s: not s.behind and len(s.words[0]) > 4 and not s.kinds.number_first),
    CodeRule("number_on_top", False, lambda s: not s.behind),
    CodeRule("before_town", True, lambda s: places.is_town(s.behind, s.kinds.country)),
    CodeRule("too_short", False, lambda s: s.kinds.number_first and len(s.words[0]) != 5),
    CodeRule("house_of_street", False, lambda s: bool(s.kinds.at(s.words, s.stop) & (STREET | STREET_END))),
    CodeRule("begins_line", True, lambda s: s.kinds.code_first),
    CodeRule("house_of_street", False, lambda s: True),
)
_IN_AMERICA = (*_IN_FRONT_AMERICA, *_IN_FRONT)
_LAST_CODE = CodeRule("last_code", True, lambda s: True)
_FURTHER_BEHIND = (
    CodeRule("flat_or_road", False, _is_flat_or_road),
    CodeRule(
        "labelled", True, lambda s: bool(s.before & NUMBER) and s.words[s.start - 1].casefold().strip(".:") in LABELS
    ),
    CodeRule("house_announced", False, lambda s: bool(s.before & NUMBER)),
    CodeRule("street_complete", True, lambda s: _ends_line_short(s) and _street_is_complete(s)),
    CodeRule("house_at_end", False, _ends_line_short),
    _LAST_CODE,
)
_UNLIKE_NUMBERS = CodeRule("unlike_numbers", True, lambda s: True)
_SLIPPED = CodeRule("slipped", True, lambda s: True)
RULES = (*_IN_AMERICA, *_FURTHER_BEHIND, _UNLIKE_NUMBERS, _SLIPPED)


def verdict(spot: CodeSpot) -> CodeRule:
    """The rule that decides about a candidate."""
    lines, kinds, at, start, _ = spot
    american = kinds.country == "US"
    if not kinds.plain_code and (start or not american):
        return _UNLIKE_NUMBERS
    if start and _is_behind_town(lines[at], start, kinds):
        return _LAST_CODE
    for rule in _FURTHER_BEHIND if start else _IN_AMERICA if american else _IN_FRONT:
        if rule.holds(spot):
            break
    return rule


def _is_behind_town(words: list[str], start: int, kinds: WordKinds) -> bool:
    """Whether no rule speaks against a code behind other words: nothing announces it, and it is no house number."""
    announced = kinds[words[start - 1]] & _ANNOUNCES
    return not announced and (kinds.number_first or len(words[start]) > 4)


def find(lines: Lines, kinds: WordKinds) -> tuple[int, int, int] | None:
    """Line, first and after-last word of the postal code: the last one that can't be a house number."""
    words, at = lines[-1], len(lines) - 1
    if kinds.code_first:
        if at and _begins_last_line(words, kinds):
            return at, 0, 1
    elif _ends_last_line(words, kinds):
        return at, len(words) - 1, len(words)
    spot = (kinds.code_first and _odd_in_last_line(lines, kinds)) or _likely(lines, kinds) or _odd(lines, kinds, 0)
    return (spot.at, spot.start, spot.stop) if spot else None


def _begins_last_line(words: list[str], kinds: WordKinds) -> bool:
    """Whether the usual order is plain to see: the code in front of the town, which has no figures."""
    for i in range(len(words) - 1, 0, -1):
        if kinds[words[i]] & HAS_DIGIT:
            return False
    if kinds.code_words and len(words) > 1 and len(words[1]) < 4:
        return False
    return bool(kinds[words[0]] & HAS_DIGIT and kinds.code.fullmatch(words[0]))


def _ends_last_line(words: list[str], kinds: WordKinds) -> bool:
    """Whether the usual order is plain to see where the code stands last: behind words, and not in two words."""
    last = len(words) - 1
    if not last or kinds.code_words or not words[last].isdecimal() or not kinds.code.fullmatch(words[last]):
        return False
    return _is_behind_town(words, last, kinds)


def _likely(lines: Lines, kinds: WordKinds) -> CodeSpot | None:
    """The last candidate that can be the code."""
    for spot in _candidates(lines, kinds):
        if verdict(spot).is_code:
            return spot
    return None


def weigh(lines: Lines, kinds: WordKinds) -> Iterator[tuple[CodeSpot, CodeRule]]:
    """Every candidate with the rule that decides about it, from the end of the address upwards.

    Last come numbers that stand where codes stand but have not their form: a spreadsheet drops leading zeros
    ("NJ 7631", "187 Roma").
    """
    if (odd := _odd_in_last_line(lines, kinds)) is not None:
        yield odd, _SLIPPED
    for spot in _candidates(lines, kinds):
        yield spot, verdict(spot)
    if (odd := _odd(lines, kinds, 0)) is not None:
        yield odd, _SLIPPED


def _candidates(lines: Lines, kinds: WordKinds) -> Iterator[CodeSpot]:
    """Words with the form of a code, the last first; of two words together before each of them."""
    match, two = kinds.code.fullmatch, kinds.code_words
    for at in range(len(lines) - 1, -1, -1):
        words = lines[at]
        for i in range(len(words) - 1, -1, -1):
            word = words[i]
            digits = kinds[word] & HAS_DIGIT
            if not digits and (not two or len(word) > 3):
                continue
            if two and i and _pairs(words, i, kinds) and match(f"{plain(words[i - 1])} {plain(word)}"):
                yield tuple.__new__(CodeSpot, (lines, kinds, at, i - 1, i + 1))
            if digits and match(plain(word)):
                yield tuple.__new__(CodeSpot, (lines, kinds, at, i, i + 1))


def plain(word: str) -> str:
    """A word without brackets and points, with plain dashes and Western figures ("٣١٦" -> "316")."""
    if word.isdecimal() and word.isascii():
        return word
    word = word.strip("().")
    return word if word.isascii() else "".join(_PLAIN.get(c) or (str(decimal(c)) if c.isdecimal() else c) for c in word)


def _pairs(words: list[str], i: int, kinds: WordKinds) -> bool:
    """Whether a word may be the second half of a code: "SW1A 2AA", "114 55", "VLT 1933"."""
    before = words[i - 1]
    if kinds[words[i]] & HAS_DIGIT:
        return bool(kinds[before] & HAS_DIGIT) or before.isupper()
    return len(words[i]) < 4 and bool(kinds[before] & HAS_DIGIT)


def _odd_in_last_line(lines: Lines, kinds: WordKinds) -> CodeSpot | None:
    """A number of another length in front of the town in the last line, before codes are sought further up."""
    if not kinds.plain_code or not kinds.code_first or len(lines) < 2:
        return None
    first = lines[-1][0]
    if len(first) < 4 or not kinds[first] & HAS_DIGIT or _begins_like_code(lines[-1], kinds):
        return None
    return _odd(lines, kinds, len(lines) - 1)


def _begins_like_code(words: list[str], kinds: WordKinds) -> bool:
    """Whether the first word or, where codes have two, the first two have the form of a code."""
    match = kinds.code.fullmatch
    return bool(match(words[0]) or (kinds.code_words and match(" ".join(words[:2]))))


def _odd(lines: Lines, kinds: WordKinds, top: int) -> CodeSpot | None:
    """A number in front of the town in a line of its own, sought from the end up to line `top`."""
    last = len(lines) - 1
    if kinds.country == "US" and _is_short_zip(lines[top:]):
        return CodeSpot(lines, kinds, last, len(lines[-1]) - 1, len(lines[-1]))
    for at in range(last, top - 1, -1):
        size = _odd_size(lines[at], at == 0, kinds)
        if size:
            return CodeSpot(lines, kinds, at, size[0], size[1])
    return None


def _is_short_zip(lines: Lines) -> bool:
    """An American code that has lost its leading zero, behind its state: "NJ 7631"."""
    words = lines[-1]
    return (
        len(lines) > 1
        and len(words) > 1
        and len(words[-1]) == 4
        and words[-1].isdigit()
        and regions.is_region(words[-2:-1], "US")
    )


def _odd_size(words: list[str], top: bool, kinds: WordKinds) -> tuple[int, int] | None:
    """First and after-last word of a code that does not look like one."""
    if _before_known_town(words, kinds):
        return 0, 1
    if top or kinds[words[0]] & CODE:
        return None
    if _is_odd_number(words, kinds):
        return 0, 1
    return _with_slip(words, kinds)


def _before_known_town(words: list[str], kinds: WordKinds) -> bool:
    four = len(words) > 1 and len(words[0]) == 4 and words[0].isdigit()
    return four and places.is_town(words[1:], kinds.country)


def _is_odd_number(words: list[str], kinds: WordKinds) -> bool:
    """A number of three to seven figures in front of something that is no street."""
    if not kinds[words[0]] & HAS_DIGIT or not _ODD.fullmatch(words[0]):
        return False
    if kinds.country not in _SIX and not words[0].isdecimal():
        return True
    if len(words) < 2 or kinds.number_first:
        return False
    return not kinds[words[1]] & DIGIT and not kinds.of(words[1:]) & (STREET | STREET_END)


def _with_slip(words: list[str], kinds: WordKinds) -> tuple[int, int] | None:
    """A code of two words with a slip in it that stands where codes stand."""
    if not kinds.code_words or kinds.plain_code or kinds.country == "US" or len(words) < 2:
        return None
    start = 0 if kinds.code_first else len(words) - 2
    beside_town = len(words) > 2 or not kinds.code_first
    return (start, start + 2) if beside_town and _SLIP.fullmatch(" ".join(words[start : start + 2])) else None
