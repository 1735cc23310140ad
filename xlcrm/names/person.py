"""One person's name, brackets and companies set aside: commas, titles, suffixes, maiden names, capitals."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from xlcrm.names import couple
from xlcrm.names.affixes import (
    are_all_suffixes,
    is_one_of,
    is_strong_suffix,
    take_inner_titles,
    take_suffixes,
    take_titles,
)
from xlcrm.names.east_asian import arrange
from xlcrm.names.knowledge import is_known
from xlcrm.names.name import NameRow
from xlcrm.names.name_parts import units_of
from xlcrm.names.name_rules import Rule, Spot, always, decide, never
from xlcrm.names.name_text import is_east_asian, joined
from xlcrm.names.name_words import AND, ASIDE, CAPS, INITIAL, PARTICLE, SMALL, SPECIAL, TITLE, NameWords, Word, flags_of
from xlcrm.names.vocabulary import vocabulary

SURE = 1.2  # log odds
AGAINST_COMMA = 6.0  # log odds of both sides of a comma together
_COMMA = re.compile(r"\s*[,;،、，]\s*")


def read_person(text: str, words: NameWords) -> NameRow:
    """Reads a text without brackets and company; the order of its names may stay open."""
    parts = [text] if text.isalpha() else [part for part in _COMMA.split(text.strip(" ,;،")) if part]
    if not parts:
        return NameRow(remainder=[text], reason="name.rest")
    if all(map(is_east_asian, parts)):
        return _read_words(words.of(" ".join(parts)), words)
    if len(parts) == 1:
        return _straight(parts[0], words)
    behind = _take_behind(parts, words)
    row = _around_comma(parts, words) if len(parts) > 1 else _straight(parts[0], words)
    row.remainder += behind.maiden
    if behind.rest:
        row.remainder += behind.rest
        row.reason = row.reason or "name.rest"
    row.suffix = joined(row.suffix, *behind.suffixes)
    row.title = joined(row.title, *behind.titles)
    return row


class _Behind(NamedTuple):
    """Parts behind a comma that are no names."""

    titles: list[str]
    suffixes: list[str]
    rest: list[str]
    maiden: list[str]


def _take_behind(parts: list[str], words: NameWords) -> _Behind:
    """Takes suffixes, titles and occupations out of the parts between commas; what stays names the person."""
    behind = _Behind([], [], [], [])
    behind.maiden.extend(part for part in parts[1:] if _is_aside(words.of(part)))
    parts[1:] = [part for part in parts[1:] if part not in behind.maiden]
    while len(parts) > 1 and _is_behind(parts, words):
        is_title = _are_titles_and_suffixes(words.of(parts[-1]))
        (behind.titles if is_title else behind.suffixes).insert(0, parts.pop())
    while len(parts) > 2 and are_all_suffixes(words.of(parts[1])):
        behind.suffixes.insert(0, parts.pop(1))  # "Roe, Jr., John" but "John Roe, Jr., sales"
        if _is_whole_name(words.of(parts[0])):
            behind.rest.extend(parts[1:])
            del parts[1:]
    if len(parts) == 2 and _is_occupation_behind(parts, words):
        behind.rest.append(parts.pop())
    return behind


def _is_occupation_behind(parts: list[str], words: NameWords) -> bool:
    """ "Anna Bianchi, titolare"."""
    return _is_whole_name(words.of(parts[0])) and all(map(_is_occupation, words.of(parts[1])))


def _is_aside(part: list[Word]) -> bool:
    """ "geb. Maier" or "et al." behind a comma."""
    if not part:
        return False
    maiden = len(part) > 1 and is_one_of(part[0].key, "maiden") and part[0].text.islower()
    return maiden or _ends_with_remark([word.key for word in part], 0)


def _is_behind(parts: list[str], words: NameWords) -> bool:
    """Whether the last part is a suffix or title; letters that no list has are one behind another suffix."""
    head, last = words.of(parts[0]), words.of(parts[-1])
    after_suffix = are_all_suffixes(words.of(parts[-2])) if len(parts) > 2 else is_strong_suffix(head[-1])
    if after_suffix and len(head) > 2 - (len(parts) > 2) and all(map(_is_letters, last)):
        return True
    return _is_suffix_part(last, head, len(parts))


def _is_suffix_part(part: list[Word], head: list[Word], parts: int) -> bool:
    """A part behind a comma that is a suffix: weak ones ("Ma", "Ed") only where a whole name stands in front."""
    if not are_all_suffixes(part):
        return bool(part) and len(head) > 1 and (_are_titles_and_suffixes(part) or _is_unlisted_suffix(part, head))
    if parts > 2 or len(part) > 1 or "." in part[0].text:
        return True
    if is_strong_suffix(part[0]) and not _is_typed_as_name(part[0]):
        return True
    names, _ = take_suffixes(take_titles(head)[1], keep=1)
    return len(units_of(names, "u", family=True)) > 1


def _is_typed_as_name(word: Word) -> bool:
    """ "Ma", "Phd": few letters with a capital may be a name."""
    return word.text.istitle() and len(word.key) < 5 and not is_one_of(word.key, "generation")


def _is_whole_name(found: list[Word]) -> bool:
    """Whether a part in front of a comma begins with a given name and so is not a family name alone."""
    return len(found) > 1 and found[0].odds > SURE and not found[0].flags & SMALL


def _is_unlisted_suffix(part: list[Word], head: list[Word]) -> bool:
    """Letters of a degree that no list has, behind a whole name: "Jane Roe, XYZ", "John Roe, A.B.C."; "PhD in Law"."""
    if is_strong_suffix(part[0]) and len(part[0].key) > 2:
        return len(part) > 1
    head = take_titles(head)[1] or head
    given_first = head[0].odds > 0.5 and not head[0].flags & (CAPS | INITIAL) and head[-1].odds < head[0].odds
    return given_first and all(_is_letters(word) for word in part)


def _is_letters(word: Word) -> bool:
    if word.flags & INITIAL:
        return len(word.key) > 1
    if word.text.endswith(".") and word.odds < SURE and len(word.key) > 1:
        return word.key not in vocabulary().words["abbreviated_given"]
    return bool(word.flags & CAPS) and len(word.key) < 6 and word.odds < SURE


def _are_titles_and_suffixes(part: list[Word]) -> bool:
    """ "Mr. and Mrs.", "PhD Prof." behind a whole name."""
    book, keys = vocabulary(), [word.key for word in part]
    position, titles = 0, 0
    while position < len(part):
        size = max(book.phrase_at(kind, keys, position) for kind in ("title", "suffix", "generation", "and"))
        if not size or part[position].odds > SURE:
            return False
        titles += book.phrase_at("title", keys, position) > 0
        position += size
    return titles > 0


def _straight(text: str, words: NameWords) -> NameRow:
    found = words.of(text)
    found, asides = _without_asides(found) if flags_of(found) & ASIDE else (found, [])
    row = read_words(found, flags_of(found), words)
    row.remainder += asides
    return row


def read_words(found: list[Word], flags: int, words: NameWords) -> NameRow:
    """Words without commas and asides, with all of their flags: a couple or one person."""
    row = couple.read(found, words, _read_words) if flags & AND else None
    return _read_words(found, words) if row is None else row


def _read_words(found: list[Word], words: NameWords) -> NameRow:
    """A name without commas: titles, suffixes, units."""
    titles, found = take_titles(found)
    found, tail = take_suffixes(found)
    before, inner, found = take_inner_titles(found)
    titles += inner
    behind: list[Word] = []
    if flags_of(found) & SMALL and len(found) > 2:
        front, found, behind = _without_occupation(found)
        titles += front
    while tail and tail[0].flags & INITIAL and len(found) < 2:
        found.append(tail.pop(0))
    row = NameRow(units=units_of(found, words.letters), remainder=_texts(behind))
    row.reason = "name.rest" if behind else ""
    if titles or tail:
        _put_affixes(row, titles, tail)
    _arrange_east_asian(row)
    fix_by_capitals(row)
    _fix_by_inner_title(row, before)
    return row


def _put_affixes(row: NameRow, titles: list[Word], tail: list[Word]) -> None:
    """Titles in front, and titles and suffixes behind."""
    behind = [word for word in tail if _is_title_only(word)]
    row.title = " ".join(_texts([*titles, *behind]))
    row.suffix = joined(*(word.text.strip(",") for word in tail if word not in behind))
    if titles and is_one_of(titles[-1].key, "religious_title"):
        _take_as_given(row)


def _fix_by_inner_title(row: NameRow, before: int) -> None:
    """ "Zanetti arch. Elena": what stands before a title inside is the family name, unless the words speak against."""
    family, given = row.units[:before], row.units[before:]
    if before and row.family is None and family and given and _odds(given) > _odds(family):
        row.family, row.given = family, given


def _take_as_given(row: NameRow) -> None:
    """ "Suor Maria Grazia": a nun is called by given names."""
    if all(unit.odds > SURE for unit in row.units):
        row.given, row.family = row.units, []


def _is_title_only(word: Word) -> bool:
    return is_one_of(word.key, "title") and not is_one_of(word.key, "suffix")


def _arrange_east_asian(row: NameRow) -> None:
    arranged = arrange(row.units) if row.units and row.units[0].flags & SPECIAL else None
    if arranged is not None:
        row.units, honorifics = arranged
        row.title = joined(row.title, *honorifics)


def _without_occupation(found: list[Word]) -> tuple[list[Word], list[Word], list[Word]]:
    """ "presidente Anna Bianchi", "Anna Bianchi sindaca": a small word beside two capitalised names is none itself."""
    start, end = 0, len(found)
    if sum(not word.flags & (SMALL | INITIAL) for word in found) > 1:
        while start < end and _is_occupation(found[start]):
            start += 1
        while end > start + 2 and _is_occupation(found[end - 1]) and not found[end - 2].flags & PARTICLE:
            end -= 1
    return found[:start], found[start:end], found[end:]


def _is_occupation(word: Word) -> bool:
    apart = word.flags & (PARTICLE | INITIAL | AND) or word.key in vocabulary().words["link"]
    return bool(word.flags & SMALL) and not apart and len(word.key) > 2 and not is_known(word.key)


def _without_asides(found: list[Word]) -> tuple[list[Word], list[str]]:
    """Without signs ("*", an emoji), remarks ("et al.") and a maiden name, and these."""
    signs = [w for w in found if not any(c.isalnum() for c in w.text) and not w.flags & AND]
    found = [word for word in found if word not in signs]
    found, remarks = _without_maiden(found)
    return found, [*remarks, *(word.text for word in signs)]


def _without_maiden(found: list[Word]) -> tuple[list[Word], list[str]]:
    """Without a remark at the end, or without a maiden name and, where it stands behind one name, what follows it."""
    at = _remark_at(found)
    if at:
        return found[:at], [_text_of(found[at:])]
    at = _maiden_at(found)
    if not at:
        return found, []
    end = _end_of_maiden_name(found, at)
    return [*found[:at], *found[end:]], [_text_of(found[at:end])]


def _end_of_maiden_name(found: list[Word], at: int) -> int:
    """Where a maiden name ends: with the cell, but behind a family name alone a given name follows."""
    size = vocabulary().phrase_at("maiden", [word.key for word in found], at)
    alone = at == 1 and found[0].odds < 0 and len(found) > at + size + 1
    return len(found) - 1 if alone and found[-1].odds > SURE and not found[-1].flags & INITIAL else len(found)


def _remark_at(found: list[Word]) -> int:
    """Where a remark at the end begins ("et al."), 0 where none stands."""
    keys = [word.key for word in found]
    return next((i for i in range(1, len(found)) if _ends_with_remark(keys, i)), 0)


def _ends_with_remark(keys: list[str], start: int) -> bool:
    size = vocabulary().phrase_at("remark", keys, start)
    return size > 0 and start + size == len(keys)


def _maiden_at(found: list[Word]) -> int:
    """Where "née" or the like stands behind a name, 0 where none does."""
    names = next((i for i, word in enumerate(found) if not word.flags & TITLE), len(found))
    return next((i for i in range(names + 1, len(found) - 1) if _is_maiden_word(found, i)), 0)


def _is_married_name(at: Spot) -> bool:
    """ "ved." with its full stop, "in" in small letters behind two names and before one that is no given name."""
    if at.key == "ved":
        return at.word.text == "ved."
    return at.word.text == "in" and at.start > 1 and at.words[at.start + 1].odds < 0


_MAIDEN_RULES = (
    Rule(lambda at: not vocabulary().phrase_at("maiden", at.keys, at.start), never, "no word for it"),
    Rule(lambda at: at.words[at.start - 1].flags & PARTICLE, never, "what follows a particle is a name: Della Vedova"),
    Rule(lambda at: at.key == "f", lambda at: at.word.text == "f." and at.start > 1, "født: Ingrid Nilsen f. Dahl"),
    Rule(lambda at: at.key in ("in", "ved"), _is_married_name, "a preposition, too: Rossi Anna in Bianchi"),
    Rule(always, lambda at: at.word.text.islower() or at.word.text.isupper(), "typed as no name: née, geb."),
)


def _is_maiden_word(found: list[Word], at: int) -> bool:
    return decide(_MAIDEN_RULES, Spot(found, [word.key for word in found], at))


def _around_comma(parts: list[str], words: NameWords) -> NameRow:
    """ "Last, First": the comma decides, unless both sides speak strongly against it."""
    left, right = _left_of_comma(words.of(parts[0])), _right_of_comma(words.of(parts[1]))
    if not right.names:
        row = _read_words([*left.titles, *left.names], words)
        row.title = joined(row.title, *_texts(right.titles))
        row.suffix = joined(row.suffix, *_texts(left.suffixes))
        row.remainder = [*row.remainder, *left.asides, *parts[2:]]
        return row
    row = NameRow(reason="name.rest" if parts[2:] else "")
    row.title = joined(*_texts([*left.titles, *right.titles]))
    row.suffix = joined(*_texts([*left.suffixes, *right.suffixes]))
    row.remainder = [*left.asides, *right.asides, *parts[2:]]
    particles, given = _particles_behind(right.names)
    row.family = units_of([*particles, *left.names], words.letters, family=True)
    row.given = units_of(given, words.letters)
    if _speak_against_comma(row.family, row.given):
        row.reason = "name.order"
    return row


def read_sides(family: list[Word], given: list[Word]) -> NameRow:
    """Plain words on both sides of a comma."""
    reason = "name.order" if _speak_against_comma(family, given) else ""
    return NameRow(given=given, family=family, reason=reason)


def _speak_against_comma(family: list[Word], given: list[Word]) -> bool:
    return len(family) <= 3 and _odds(family) - _odds(given) > AGAINST_COMMA


class _Side(NamedTuple):
    """The words on one side of a comma."""

    titles: list[Word]
    names: list[Word]
    asides: list[str]
    suffixes: list[Word]


def _left_of_comma(found: list[Word]) -> _Side:
    titles, names = take_titles(found) if len(found) > 1 else ([], found)
    names, asides = _without_asides(names)
    names, suffixes = take_suffixes(names, keep=1)
    return _Side(titles, names, asides, suffixes)


def _right_of_comma(found: list[Word]) -> _Side:
    titles, names = take_titles(found)
    if not names and len(titles) == 1 and is_one_of(titles[0].key, "weak_title") and titles[0].text.isalpha():
        titles, names = [], titles  # "Roe, Dean"
    names, asides = _without_asides(names)
    names, suffixes = take_suffixes(names, keep=1)
    return _Side(titles, names, asides, suffixes)


def _particles_behind(given: list[Word]) -> tuple[list[Word], list[Word]]:
    """The particles behind given names, which belong to the family name ("Meer, Pieter van der"), and the others."""
    end = len(given)
    while end > 1 and _is_particle_behind(given[end - 1]):
        end -= 1
    return given[end:], given[:end]


def _is_particle_behind(word: Word) -> bool:
    return len(word.key) > 1 and word.text.islower() and word.key != "ben" and _is_particle(word)


def _is_particle(word: Word) -> bool:
    """A particle or a part of one ("der" of "van der")."""
    return is_one_of(word.key, "particle") or word.key in _parts_of_particles()


@cache
def _parts_of_particles() -> frozenset[str]:
    phrases = vocabulary().phrases["particle"].values()
    return frozenset(part for several in phrases for phrase in several for part in phrase)


def fix_by_capitals(row: NameRow) -> None:
    """ "BENI Paolo", "Jean-Luc DE LA TOUR": capitals beside ordinary words mark the family name, at either end."""
    units = row.units
    big = [unit.flags & CAPS for unit in units]
    count = sum(big)
    if not 0 < count < len(big) or _are_initials_beside_capitals(units):
        return
    if all(big[:count]):
        row.family, row.given = units[:count], units[count:]
    elif all(big[-count:]):
        row.given, row.family = units[:-count], units[-count:]


def _are_initials_beside_capitals(units: list[Word]) -> bool:
    """All in capitals with initials ("JOHN Q. HARPER"), or initials without full stops ("JP Smith")."""
    big = [unit for unit in units if unit.flags & CAPS]
    if all(unit.flags & (CAPS | INITIAL) for unit in units):
        return True
    return sum(len(unit.key) for unit in big) <= 2 * len(big) and not units[-1].flags & CAPS


def _odds(units: list[Word]) -> float:
    return sum(unit.odds for unit in units)


def _texts(words: list[Word]) -> list[str]:
    return [word.text for word in words]


def _text_of(words: list[Word]) -> str:
    return " ".join(_texts(words))
