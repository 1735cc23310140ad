"""One person's name, brackets and companies set aside: commas, titles, suffixes, maiden names, capitals."""

from __future__ import annotations

import re

from xlcrm.names import couple
from xlcrm.names.affixes import are_all_suffixes, is_strong_suffix, take_suffixes, take_titles
from xlcrm.names.east_asian import arrange
from xlcrm.names.knowledge import is_known
from xlcrm.names.name import NameRow
from xlcrm.names.name_parts import units_of
from xlcrm.names.name_text import is_east_asian
from xlcrm.names.name_words import AND, ASIDE, CAPS, INITIAL, PARTICLE, SMALL, TITLE, NameWords, Word, flags_of
from xlcrm.names.vocabulary import vocabulary

SURE = 1.2  # log odds
AGAINST_COMMA = 6.0  # log odds of both sides of a comma together
_COMMA = re.compile(r"\s*[,;،、，]\s*")


def read_person(text: str, words: NameWords) -> NameRow:
    """Reads a text without brackets and company; the order of its names may stay open."""
    parts = [part for part in _COMMA.split(text.strip(" ,;،")) if part] if not text.isalpha() else [text]
    if not parts:
        return NameRow(remainder=[text], reason="name.rest")
    if all(is_east_asian(part) for part in parts):
        return _read_words(words.of(" ".join(parts)), words)
    suffixes: list[str] = []
    titles: list[str] = []
    while len(parts) > 1 and _is_suffix_part(words.of(parts[-1]), words.of(parts[0]), len(parts)):
        is_title = _are_titles_and_suffixes(words.of(parts[-1]))
        (titles if is_title else suffixes).insert(0, parts.pop())
    rest: list[str] = []
    while len(parts) > 2 and are_all_suffixes(words.of(parts[1])):
        suffixes.insert(0, parts.pop(1))  # "Roe, Jr., John" but "John Roe, Jr., sales"
        if _is_whole_name(words.of(parts[0])):
            parts, rest = parts[:1], parts[1:]
    if len(parts) == 2 and _is_whole_name(words.of(parts[0])) and all(map(_is_occupation, words.of(parts[1]))):
        parts, rest = parts[:1], parts[1:]  # "Anna Bianchi, titolare"
    row = _around_comma(parts, words) if len(parts) > 1 else _straight(parts[0], words)
    if rest:
        row.remainder += rest
        row.reason = row.reason or "name.rest"
    row.suffix = " ".join(filter(None, (row.suffix, *suffixes)))
    row.title = " ".join(filter(None, (row.title, *titles)))
    return row


def _is_suffix_part(part: list[Word], head: list[Word], parts: int) -> bool:
    """A part behind a comma that is a suffix: weak ones ("Ma", "Ed") only where a whole name stands in front."""
    if not are_all_suffixes(part):
        return bool(part) and len(head) > 1 and (_are_titles_and_suffixes(part) or _is_unlisted_suffix(part, head))
    if parts > 2 or len(part) > 1 or "." in part[0].text:
        return True
    typed_as_name = (
        part[0].text.istitle() and len(part[0].key) < 5 and part[0].key not in vocabulary().words["generation"]
    )
    if not typed_as_name and is_strong_suffix(part[0]):
        return True
    names, _ = take_suffixes(take_titles(head)[1], keep=1)
    return len(units_of(names, "u", family=True)) > 1


def _is_whole_name(found: list[Word]) -> bool:
    """Whether a part in front of a comma begins with a given name and so is not a family name alone."""
    return len(found) > 1 and found[0].odds > SURE and not found[0].flags & SMALL


def _is_unlisted_suffix(part: list[Word], head: list[Word]) -> bool:
    """Letters of a degree that no list has, behind a whole name: "Jane Roe, XYZ", "John Roe, A.B.C."; "PhD in Law"."""
    book, first = vocabulary(), part[0]
    if first.key in book.words["suffix"] and first.key not in book.words["weak_suffix"] and len(first.key) > 2:
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
    row = couple.read(found, words, _read_words) if flags_of(found) & AND else None
    if row is None:
        row = _read_words(found, words)
    row.remainder += asides
    return row


def _read_words(found: list[Word], words: NameWords) -> NameRow:
    """A name without commas: titles, suffixes, units."""
    row = NameRow()
    titles, found = take_titles(found)
    found, tail = take_suffixes(found)
    if flags_of(found) & SMALL and len(found) > 2:
        front, found, behind = _without_occupation(found)
        titles += front
        row.remainder = [word.text for word in behind]
        row.reason = "name.rest" if behind else ""
    while tail and tail[0].flags & INITIAL and len(found) < 2:
        found.append(tail.pop(0))
    row.title = " ".join(word.text for word in titles)
    suffix = [
        word for word in tail if word.key not in vocabulary().words["title"] or word.key in vocabulary().words["suffix"]
    ]
    row.title = " ".join([row.title, *(word.text for word in tail if word not in suffix)]).strip()
    row.suffix = " ".join(word.text.strip(",") for word in suffix)
    row.units = units_of(found, words.letters)
    religious = bool(titles) and titles[-1].key in vocabulary().words["religious_title"]
    if religious and all(unit.odds > SURE for unit in row.units):
        row.given, row.family = row.units, []  # "Suor Maria Grazia"
    arranged = arrange(row.units)
    if arranged is not None:
        row.units, honorifics = arranged
        row.title = " ".join(filter(None, (row.title, *honorifics)))
    fix_by_capitals(row)
    return row


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
    keys = [word.key for word in found]
    for i in range(1, len(found)):
        size = vocabulary().phrase_at("remark", keys, i)
        if size and i + size == len(found):
            return found[:i], [" ".join(word.text for word in found[i:])]
    for i in range(1, len(found) - 1):
        if all(word.flags & TITLE for word in found[:i]):
            continue
        if found[i].key in vocabulary().words["maiden"] and (found[i].text.islower() or found[i].text.isupper()):
            return found[:i], [" ".join(word.text for word in found[i:])]
    return found, []


def _around_comma(parts: list[str], words: NameWords) -> NameRow:
    """ "Last, First": the comma decides, unless both sides speak strongly against it."""
    head, tail = words.of(parts[0]), words.of(parts[1])
    row = NameRow()
    titles, head = take_titles(head) if len(head) > 1 else ([], head)
    head, maiden = _without_asides(head)
    head, head_suffix = take_suffixes(head, keep=1)
    front, tail = take_titles(tail)
    if len(front) == 1 and not tail and front[0].key in vocabulary().words["weak_title"] and front[0].text.isalpha():
        front, tail = [], front  # "Roe, Dean"
    if not tail and len(front) == len(words.of(parts[1])):
        row = _read_words(titles + head, words)
        row.title = " ".join([row.title, *(w.text for w in front)]).strip()
        row.suffix = " ".join(filter(None, (row.suffix, *(w.text for w in head_suffix))))
        row.remainder = [*row.remainder, *maiden, *parts[2:]]
        return row
    tail, after = _without_asides(tail)
    tail, tail_suffix = take_suffixes(tail, keep=1)
    row.title = " ".join(word.text for word in titles + front)
    row.suffix = " ".join(word.text for word in head_suffix + tail_suffix)
    row.remainder = [*maiden, *after, *parts[2:]]
    if parts[2:]:
        row.reason = "name.rest"
    moved: list[Word] = []
    while len(tail) > 1 and _is_particle(tail[-1]) and tail[-1].text.islower() and len(tail[-1].key) > 1:
        moved.insert(0, tail.pop())
    row.family = units_of(moved + head, words.letters, family=True)
    row.given = units_of(tail, words.letters)
    both = sum(u.odds for u in row.family) - sum(u.odds for u in row.given)
    if both > AGAINST_COMMA and len(row.family) <= 3:
        row.reason = "name.order"
    return row


def _is_particle(word: Word) -> bool:
    """A particle or a part of one ("der" of "van der")."""
    book = vocabulary()
    return word.key in book.words["particle"] or any(
        word.key in p for ps in book.phrases["particle"].values() for p in ps
    )


def fix_by_capitals(row: NameRow) -> None:
    """ "BENI Paolo", "Jean-Luc DE LA TOUR": capitals beside ordinary words mark the family name, at either end."""
    units = row.units
    big = [bool(unit.flags & CAPS) for unit in units]
    if not any(big) or all(big):
        return
    count = sum(big)
    if any(not b and unit.flags & INITIAL for b, unit in zip(big, units, strict=True)) and all(
        b or unit.flags & INITIAL for b, unit in zip(big, units, strict=True)
    ):
        return  # all capitals, with initials
    if sum(len(unit.key) for b, unit in zip(big, units, strict=True) if b) <= 2 * count and not units[-1].flags & CAPS:
        return  # "JP Smith": initials without full stops
    if all(big[:count]):
        row.family, row.given = units[:count], units[count:]
    elif all(big[-count:]):
        row.given, row.family = units[:-count], units[-count:]
