"""Name order: which words are given names, decided by weighing every reading by words, country and list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, inf, log
from typing import NamedTuple

from xlcrm.names.case import repair, repair_suffix, repair_title
from xlcrm.names.knowledge import counts, is_given_pair
from xlcrm.names.learnt import Learnt
from xlcrm.names.name import Name, NameRow
from xlcrm.names.name_words import CAPS, INITIAL, MIXED, SMALL, Word
from xlcrm.names.vocabulary import key_of, vocabulary

COMPOUND = 1.6  # "Juan Carlos", "Jean Pierre", "Maria Grazia" stand in a list of given names as one
SEEN_AS_FAMILY = 3.0  # these very words were certainly a family name elsewhere in the list
MIDDLE = -0.5  # in English and Norwegian a middle name is often a family name, so that says little against it
MOST = 60.0
ROUNDS = 30


class Weights(NamedTuple):
    """Log weights of every reading of n units: `first[i]` has i + 1 given names in front of the family names, `last[i]`
    has i + 1 family names in front of the given names. The weight of the list's order is not in them."""

    first: list[float]
    last: list[float]

    @property
    def difference(self) -> float:
        """Log odds of given names first."""
        return max(self.first) - max(self.last)


class NameReading(NamedTuple):
    """A cut after `cut` units, and the log odds of it against the next best reading, which is `other`."""

    cut: int
    given_first: bool
    margin: float
    other: tuple[int, bool]

    def split(self, units: Sequence[Word]) -> tuple[Sequence[Word], Sequence[Word]]:
        """Given names and family names."""
        return split_at(units, self.cut, self.given_first)


def split_at(units: Sequence[Word], cut: int, given_first: bool) -> tuple[Sequence[Word], Sequence[Word]]:
    """Given names and family names of units cut in two."""
    return (units[:cut], units[cut:]) if given_first else (units[cut:], units[:cut])


def weigh(units: Sequence[Word], odds: Sequence[float], learnt: Learnt) -> Weights:
    """Weighs every cut of at least two units."""
    n = len(units)
    if n == 2:
        half = (odds[0] - odds[1]) / 2
        return Weights([half], [-half])
    if n == 3 and not learnt.families and not any(unit.joined for unit in units):
        return _weigh_three(units, odds, learnt)
    shapes = shapes_of(units, learnt)
    words = _weigh_words(odds, as_middle(units, odds) if learnt.middle_names else odds)
    first = [word + shape for word, shape in zip(words.first, shapes[0], strict=True)]
    last = [word + shape for word, shape in zip(words.last, shapes[1], strict=True)]
    _add_known_pairs(units, first, last)
    _add_known_families(units, first, last, learnt)
    return Weights(first, last)


def shapes_of(units: Sequence[Word], learnt: Learnt) -> tuple[list[float], list[float]]:
    """Log shares of people with as many given and family names, for every cut: given names first, and family names."""
    joined = [unit.joined for unit in units]
    return _joined_shapes(joined, learnt) if any(joined) else learnt.shapes(len(units))


def as_middle(units: Sequence[Word], odds: Sequence[float]) -> list[float]:
    """The odds of each unit as a given name: behind the first it may be a middle name, which says little."""
    behind = (o if unit.joined else max(o, MIDDLE) for unit, o in zip(units[1:], odds[1:], strict=True))
    return [odds[0], *behind]


def _weigh_words(odds: Sequence[float], middle: Sequence[float]) -> Weights:
    """Half the odds of the given names minus half of the odds of the family names, for every cut."""
    total, total_middle = sum(odds), sum(middle)
    first, last = [], []
    head = head_middle = 0.0
    for cut in range(1, len(odds)):
        head += odds[cut - 1]
        head_middle += middle[cut - 1]
        first.append((head_middle - total + head) / 2)
        last.append((total_middle - head_middle - middle[cut] + odds[cut] - head) / 2)
    return Weights(first, last)


def _weigh_three(units: Sequence[Word], odds: Sequence[float], learnt: Learnt) -> Weights:
    """`weigh` for the commonest case after pairs, written out because it is called for every third row."""
    (a, b), (c, d) = learnt.shapes(3)
    x, y, z = odds
    second, third = (max(y, MIDDLE), max(z, MIDDLE)) if learnt.middle_names else (y, z)
    first = [(x - y - z) / 2 + a, (x + second - z) / 2 + b]
    last = [(y + third - x) / 2 + c, (z - x - y) / 2 + d]
    if is_given_pair(units[0].key, units[1].key):
        first[1] += COMPOUND
    if is_given_pair(units[1].key, units[2].key):
        last[0] += COMPOUND
    return Weights(first, last)


def _joined_shapes(joined: list[int], learnt: Learnt) -> tuple[list[float], list[float]]:
    """A link makes two family names of one unit; a particle inside ("Ruiz de la Vega") need not count as another."""
    n = len(joined)

    def family(start: int, end: int) -> float:
        count = end - start + joined[start:end].count(2)
        inside = joined[start + 1 : end].count(1)
        return max(learnt.family_share(max(1, count - i)) - 0.5 * i for i in range(inside + 1))

    first = [learnt.given_share(cut) + family(cut, n) for cut in range(1, n)]
    last = [learnt.given_share(n - cut) + family(0, cut) for cut in range(1, n)]
    return first, last


def _add_known_pairs(units: Sequence[Word], first: list[float], last: list[float]) -> None:
    """Two neighbours known as one given name speak for the cuts that leave both among the given names."""
    for i in range(len(units) - 1):
        if is_given_pair(units[i].key, units[i + 1].key):
            for cut in range(i + 2, len(units)):
                first[cut - 1] += COMPOUND
            for cut in range(1, i + 1):
                last[cut - 1] += COMPOUND


def _add_known_families(units: Sequence[Word], first: list[float], last: list[float], learnt: Learnt) -> None:
    """Words that were certainly a family name of several words elsewhere in the list are one here, too."""
    if not learnt.families:
        return
    for cut in range(1, len(units)):
        first[cut - 1] += SEEN_AS_FAMILY * _was_family(units[cut:], learnt)
        last[cut - 1] += SEEN_AS_FAMILY * _was_family(units[:cut], learnt)


def _was_family(units: Sequence[Word], learnt: Learnt) -> bool:
    return len(units) > 1 and " ".join(unit.key for unit in units) in learnt.families


def best(weights: Weights, bias: float) -> NameReading:
    """The best reading and the next one; `bias` is the log odds of a list that puts given names first."""
    first, last = weights
    if len(first) == 1:
        margin = first[0] - last[0] + bias
        return NameReading(1, True, margin, (1, False)) if margin >= 0 else NameReading(1, False, -margin, (1, True))
    one = two = -inf
    cut, other = (1, True), (1, True)
    for given_first, weights_so, extra in ((True, first, bias), (False, last, 0.0)):
        for i, weight in enumerate(weights_so, 1):
            weight += extra
            if weight > one:
                one, two, cut, other = weight, one, (i, given_first), cut
            elif weight > two:
                two, other = weight, (i, given_first)
    return NameReading(*cut, one - two, other)


def order_of_list(differences: Sequence[float], prior: float, rows: float) -> float:
    """Log odds of given names first in a list, from each row's own log odds of it (expectation maximisation).

    `prior` is the country's log odds and counts as much as `rows` rows.
    """
    from numpy import clip
    from numpy import exp as exp_all

    scale = exp_all(-clip(differences, -MOST, MOST))  # odds against, without the list's share
    expected = 1 / (1 + exp(-prior))
    share = expected
    for _ in range(ROUNDS):
        total = float((1 / (1 + scale * ((1 - share) / share))).sum())
        share = (total + expected * rows) / (len(differences) + rows)
        share = min(0.999, max(0.001, share))
    return log(share / (1 - share))


DOUBLE = -2.2  # log odds: below, a word is hardly a given name, so that as a middle name it is doubted
HISPANIC = 2  # lists of Spanish family names that have a word


def doubt_double_surname(units: Sequence[Word], reading: NameReading, learnt: Learnt) -> NameReading:
    """In English a family name in the middle may be a middle name or half of a double surname: never sure.

    "Mary Smith Jones" keeps its middle name; of "Maria Garcia Lopez" both are Spanish, and the double surname wins.
    """
    if learnt.profile.letters != "u" or not reading.given_first or reading.cut < 2:
        return reading
    middle, last = units[reading.cut - 1], units[reading.cut]
    if middle.odds > DOUBLE or middle.joined:
        return reading
    double = (reading.cut - 1, True)
    if _is_hispanic(middle.key) and _is_hispanic(last.key):
        return NameReading(*double, 0.0, (reading.cut, True))
    return reading._replace(margin=0.0, other=double)


def _is_hispanic(key: str) -> bool:
    given, family = counts(key).get("e", (0, 0))
    return family >= HISPANIC and family > given


# The decision on a row becomes the fields of a Name.

DOUBT = 1.0  # log odds: below, the second reading is worth showing
SURNAME_LIKE = -0.8
Other = tuple[str, str]  # given and family names of a second reading
NO_OTHER: Other = ("", "")


def compose_plain(units: Sequence[Word], learnt: Learnt, reading: NameReading) -> Name:
    """The fields of a cell of three or more plain words."""
    if reading.cut > 1:
        reading = doubt_double_surname(units, reading, learnt)
    given, family = reading.split(units)
    letters = learnt.profile.letters
    first, middle = (given[0].text, "") if len(given) == 1 else _first_and_middle(given, letters)
    last = family[0].text if len(family) == 1 else text_of(family)
    if _is_one_case(units):
        first, middle, last = repair(first, letters), repair(middle, letters), repair(last, letters)
    if reading.margin >= DOUBT:
        return Name("person", "", first, middle, last)
    one, two = _second(units, reading)
    return Name("person", "", first, middle, last, sure=False, reason="name.order", other_first=one, other_last=two)


def _is_one_case(units: Sequence[Word]) -> bool:
    """Whether all is typed in capitals, but for initials, or all in small letters."""
    flags, shared = 0, -1
    for unit in units:
        flags |= unit.flags
        shared &= unit.flags
    return bool((flags & CAPS and not flags & MIXED) or shared & SMALL)


def compose(row: NameRow, learnt: Learnt, reading: NameReading | None) -> Name:
    """The fields of a dissected row; `reading` is None where its order was not open."""
    if row.kind == "company":
        return Name("company", company=row.company, legal_form=row.legal_form, sure=not row.reason, reason=row.reason)
    letters = learnt.profile.letters
    if reading is not None:
        reading = doubt_double_surname(row.units, reading, learnt)
    given, family, other = decide(row, reading)
    first, middle = _first_and_middle(given, letters)
    last = text_of(family)
    reason = row.reason or ("name.order" if any(other) else "")
    if row.partner is not None:
        first, last = _with_partner(row, row.partner, first, last, learnt)
    elif not reason and (reason := _incomplete(row, given, family)) == "name.one_word":
        other = (last, first)
    title, suffix = row.title, row.suffix
    if row.one_case:
        first, middle, last = (repair(part, letters) for part in (first, middle, last))
        title, suffix = _each(repair_title, title), _each(repair_suffix, suffix)
    return Name(
        row.kind, title, first, middle, last, suffix, row.nickname, row.company, row.legal_form,
        not reason, reason, *other, " ".join(row.remainder),
    )  # fmt: skip


def _incomplete(row: NameRow, given: Sequence[Word], family: Sequence[Word]) -> str:
    """Why a name is doubtful by itself: no name at all, or a single word without a title."""
    names = [*given, *family]
    if not names:
        return "name.no_name"
    lone = len(names) == 1 and not row.title and row.kind == "person"
    return "name.one_word" if lone and not (family and family[0].joined) else ""


def _each(repaired: Callable[[str], str], text: str) -> str:
    return " ".join(map(repaired, text.split()))


def decide(row: NameRow, reading: NameReading | None) -> tuple[Sequence[Word], Sequence[Word], Other]:
    """Given units, family units, and the second reading where it is about as good."""
    if row.family is not None:
        given: Sequence[Word] = row.given or ()
        doubtful = row.reason == "name.order" and bool(given)
        return given, row.family, (text_of(row.family), text_of(given)) if doubtful else NO_OTHER
    if reading is not None:
        given, family = reading.split(row.units)
        return given, family, _second(row.units, reading) if reading.margin < DOUBT else NO_OTHER
    return (*_one(row), NO_OTHER)


def _one(row: NameRow) -> tuple[Sequence[Word], Sequence[Word]]:
    """A single unit: a title makes it a family name ("Sig. Rossi"), some titles a given name ("Sir Edward")."""
    units: Sequence[Word] = row.units
    if not units:
        return (), ()
    given = _has_given_title(row) if row.title else not units[0].joined and units[0].odds > 0
    return (units, ()) if given else ((), units)


def _has_given_title(row: NameRow) -> bool:
    return key_of(row.title.split()[-1]) in vocabulary().words["given_title"]


def _second(units: Sequence[Word], reading: NameReading) -> Other:
    given, family = split_at(units, *reading.other)
    return text_of(given), text_of(family)


def text_of(units: Sequence[Word]) -> str:
    """The units as typed."""
    return units[0].text if len(units) == 1 else " ".join([unit.text for unit in units])


def _first_and_middle(given: Sequence[Word], letters: str) -> tuple[str, str]:
    """All but the first are middle names in English, family names among them in Norwegian, initials elsewhere."""
    if len(given) < 2:
        return text_of(given), ""
    cut = 1
    if letters[0] != "u" and not given[0].flags & INITIAL:
        least = SURNAME_LIKE if letters[0] == "n" else -inf
        cut = next((i for i in range(1, len(given)) if given[i].flags & INITIAL or given[i].odds < least), len(given))
    return text_of(given[:cut]), text_of(given[cut:])


def _with_partner(row: NameRow, partner: NameRow, first: str, last: str, learnt: Learnt) -> tuple[str, str]:
    reading = None
    if partner.family is None and len(partner.units) > 1:
        reading = best(weigh(partner.units, [unit.odds for unit in partner.units], learnt), learnt.given_first)
    given, family, _ = decide(partner, reading)
    pair = (text_of(given), first) if row.partner_in_front else (first, text_of(given))
    first = f" {row.joiner} ".join(filter(None, pair))
    other_last = text_of(family)
    if other_last and key_of(other_last) != key_of(last):
        pair = (other_last, last) if row.partner_in_front else (last, other_last)
        last = f" {row.joiner} ".join(filter(None, pair))
    return first, last
