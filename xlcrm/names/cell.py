"""A name cell holds more than a name: brackets, a firm beside the person, commas, titles; each is set aside before the name is read."""

from __future__ import annotations

import re

from xlcrm.names import company, couple
from xlcrm.names.affixes import are_all_suffixes, take_suffixes, take_titles
from xlcrm.names.case import is_one_case
from xlcrm.names.row import Row
from xlcrm.names.scripts import split_unspaced
from xlcrm.names.text import squeeze
from xlcrm.names.units import Unit, units_of
from xlcrm.names.vocabulary import vocabulary
from xlcrm.names.words import CAPS, INITIAL, SPECIAL, TITLE, Word, Words

_LINE_BREAK = re.compile(r"\s*[\r\n]+\s*")
_GLUED_COMMA = re.compile(r",(?=[^\W\d])")
LONGEST = 300  # characters; longer text is not a name and is kept as it is
SURE = 1.2  # log odds
MARKED = 3.0  # a company beside a person needs a legal form or a word that says so
_BRACKETS = re.compile(
    r"\(([^()]*)\)|\[([^\[\]]*)\]|\"([^\"]*)\"|“([^“”]*)”|„([^„“”]*)[“”]|«([^«»]*)»|»([^«»]*)«|''([^']+)''|(?<=\s)['‘]([^'‘’]+)['’](?=\s|$)"
)
_SEPARATOR = re.compile(r"\s+[-–—/|]\s+|\s*[|;\n]\s*|\s*//\s*")
_COMMA = re.compile(r"\s*[,،、，]\s*")


def dissect(raw: str, words: Words) -> Row:
    """Takes a cell apart; `units` of the result still wait for the order."""
    text = squeeze(_LINE_BREAK.sub(" | ", raw.strip()) if "\n" in raw or "\r" in raw else raw)
    if "," in text:
        text = _GLUED_COMMA.sub(", ", text)
    if not text:
        return Row(text="", kind="")
    if len(text) > LONGEST:
        return Row(text=text, kind="person", remainder=[text], reason="name.too_long")
    plain = words.of(text)
    if len(plain) > 1 and not any(word.flags & SPECIAL for word in plain):
        row = Row(
            text=text,
            units=[Unit(word.text, word.key, word.flags, word.odds) for word in plain],
            one_case=is_one_case(text),
        )
        _fix_by_capitals(row)
        return row
    return _dissect_special(text, words)


def _dissect_special(text: str, words: Words) -> Row:
    bare, inside = _take_brackets(text)
    whole = words.of(bare)
    verdict = company.odds(whole, bare)
    beside = _company_beside(bare, words)
    if beside is not None:
        person, firm = beside
        row = _person(person, words)
        row.company, row.legal_form = firm, company.legal_form(words.of(firm))
    elif verdict > 0 and not couple.is_couple(whole):
        return Row(
            text=text,
            kind="company",
            company=text,
            legal_form=company.legal_form(whole),
            reason="" if verdict > SURE else "name.kind",
        )
    else:
        row = _person(bare, words)
        if -SURE < verdict <= 0 and not row.is_fixed:
            row.reason = row.reason or "name.kind"
    row.text = text
    row.one_case = is_one_case(bare)
    for content, delimited in inside:
        _place(row, content, delimited, words)
    return row


def _take_brackets(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The text without what stands in brackets or quotes, and that, with and without its marks."""
    if not any(c in text for c in "([\"“„«»'‘"):
        return text, []
    inside = [
        (next(g for g in m.groups("") if g or m.groups("").count("") == len(m.groups())).strip(), m.group())
        for m in _BRACKETS.finditer(text)
    ]
    if not inside:
        return text, []
    bare = squeeze(_BRACKETS.sub(" ", text)).replace(" ,", ",")
    return (bare, inside) if bare.strip(" ,.-") else (text, [])


def _place(row: Row, content: str, delimited: str, words: Words) -> None:
    """A nickname, a suffix, a company or a remark out of brackets or quotes."""
    found = words.of(content)
    book = vocabulary()
    if not found:
        return
    if found[0].key in book.words["maiden"]:
        row.remainder.append(delimited)
    elif are_all_suffixes(found) and delimited[0] == "(":
        row.suffix = " ".join(filter(None, (row.suffix, content)))
    elif len(found) > 1 and not row.company and company.odds(found, content) > SURE:
        row.company, row.legal_form = content, company.legal_form(found)
    elif not row.nickname and len(found) <= 4 and not any(c.isdigit() for c in content):
        row.nickname = content
    else:
        row.remainder.append(delimited)


def _company_beside(text: str, words: Words) -> tuple[str, str] | None:
    """Person and company where one cell holds both: "Anna Bianchi - Bianchi Srl", "c/o", "Bianchi Srl, Anna Bianchi"."""
    front = words.of(text[:60])
    size = _care_of(front, [word.key for word in front], 0) if front else 0
    if size and len(front) > size + 1:
        text = text.split(maxsplit=size)[size]
    for left, right in (*_cut_at_care_of(text, words), *_cut_at(_SEPARATOR, text), *_cut_at(_COMMA, text)):
        a, b = words.of(left), words.of(right)
        if not a or not b:
            continue
        first, second = company.odds(a, left), company.odds(b, right)
        if second > MARKED and first < -SURE and _is_surely_person(a) and _has_name_beyond_form(b):
            return left, right
        if (
            first > MARKED
            and second < -SURE
            and _is_surely_person(b)
            and _has_name_beyond_form(a)
            and not are_all_suffixes(b)
        ):
            return right, left
    return None


def _is_surely_person(found: list[Word]) -> bool:
    """A known given name or a title says so; a few unknown words beside a company do not."""
    return len(found) > 1 and any(word.odds > SURE or word.flags & TITLE for word in found)


def _has_name_beyond_form(found: list[Word]) -> bool:
    form = company.legal_form([found[0], *found])
    return len(found) > len(form.split())


def _cut_at(pattern: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    cuts = [(text[: m.start()].strip(), text[m.end() :].strip()) for m in pattern.finditer(text)]
    return cuts[:3]


def _cut_at_care_of(text: str, words: Words) -> list[tuple[str, str]]:
    found = words.of(text)
    keys = [word.key for word in found]
    for i in range(len(found)):
        size = _care_of(found, keys, i)
        if size and len(found) > 3:
            left, right = " ".join(w.text for w in found[:i]), " ".join(w.text for w in found[i + size :])
            return [(left.strip(" ,-"), right)]
    return []


def _care_of(found: list[Word], keys: list[str], start: int) -> int:
    """How many words mean "care of" there; short ones need their signs ("c/o", "c.a.", not "Co")."""
    size = vocabulary().phrase_at("care_of", keys, start)
    return 0 if size == 1 and len(keys[start]) < 4 and found[start].text.isalpha() else size


def _person(text: str, words: Words) -> Row:
    parts = [part for part in _COMMA.split(text.strip(" ,;،")) if part]
    if not parts:
        return Row(text=text, remainder=[text], reason="name.rest")
    suffixes: list[str] = []
    titles: list[str] = []
    while len(parts) > 1 and _is_suffix_part(words.of(parts[-1]), words.of(parts[0]), len(parts)):
        is_suffix = are_all_suffixes(words.of(parts[-1]))
        (suffixes if is_suffix else titles).insert(0, parts.pop())
    row = _around_comma(parts, words) if len(parts) > 1 else _straight(parts[0], words)
    row.suffix = " ".join(filter(None, (row.suffix, *suffixes)))
    row.title = " ".join(filter(None, (row.title, *titles)))
    return row


def _is_suffix_part(part: list[Word], head: list[Word], parts: int) -> bool:
    """A part behind a comma that is a suffix: weak ones ("Ma", "Ed") only where a whole name stands in front."""
    if not are_all_suffixes(part):
        return bool(part) and len(head) > 1 and _are_titles_and_suffixes(part)
    if (
        parts > 2
        or len(part) > 1
        or part[0].key not in vocabulary().words["weak_suffix"] | {"v"}
        or "." in part[0].text
    ):
        return True
    names, _ = take_suffixes(take_titles(head)[1], keep=1)
    return len(units_of(names, "u")) > 1


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


def _straight(text: str, words: Words) -> Row:
    found = words.of(text)
    household = couple.read(found, words, _read_words)
    if household is not None:
        household.text = text
        return household
    return _read_words(found, words)


def _read_words(found: list[Word], words: Words) -> Row:
    """A name without commas: titles, suffixes, units."""
    text = " ".join(word.text for word in found)
    row = Row(text=text)
    signs = [
        word.text
        for word in found
        if not any(c.isalnum() for c in word.text) and word.key not in vocabulary().words["and"]
    ]
    if signs:
        found = [word for word in found if word.text not in signs]
    found, row.remainder = _without_maiden(found)
    row.remainder += signs
    titles, found = take_titles(found)
    found, tail = take_suffixes(found)
    while tail and tail[0].flags & INITIAL and len(found) < 2:
        found.append(tail.pop(0))
    row.title = " ".join(word.text for word in titles)
    suffix = [
        word for word in tail if word.key not in vocabulary().words["title"] or word.key in vocabulary().words["suffix"]
    ]
    row.title = " ".join([row.title, *(word.text for word in tail if word not in suffix)]).strip()
    row.suffix = " ".join(word.text.strip(",") for word in suffix)
    row.units = units_of(found, words.letters)
    if len(row.units) == 1:
        row.units = split_unspaced(row.units[0])
    _fix_by_capitals(row)
    return row


def _without_maiden(found: list[Word]) -> tuple[list[Word], list[str]]:
    keys = [word.key for word in found]
    for i in range(1, len(found)):
        size = vocabulary().phrase_at("remark", keys, i)
        if size and i + size == len(found):
            return found[:i], [" ".join(word.text for word in found[i:])]
    for i in range(1, len(found) - 1):
        if found[i].key in vocabulary().words["maiden"] and (found[i].text.islower() or found[i].text.isupper()):
            return found[:i], [" ".join(word.text for word in found[i:])]
    return found, []


def _around_comma(parts: list[str], words: Words) -> Row:
    """ "Last, First": the comma decides, unless both sides speak strongly against it."""
    head, tail = words.of(parts[0]), words.of(parts[1])
    row = Row(text=", ".join(parts))
    titles, head = take_titles(head) if len(head) > 1 else ([], head)
    head, maiden = _without_maiden(head)
    head, head_suffix = take_suffixes(head, keep=1)
    front, tail = take_titles(tail)
    if not tail and len(front) == len(words.of(parts[1])):
        row = _read_words(titles + head, words)
        row.title = " ".join([row.title, *(w.text for w in front)]).strip()
        row.suffix = " ".join(filter(None, (row.suffix, *(w.text for w in head_suffix))))
        row.remainder = [*row.remainder, *maiden, *parts[2:]]
        return row
    tail, after = _without_maiden(tail)
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
    if both > 6.0 and len(row.family) <= 3:
        row.reason = "name.order"
    return row


def _is_particle(word: Word) -> bool:
    """A particle or a part of one ("der" of "van der")."""
    book = vocabulary()
    return word.key in book.words["particle"] or any(
        word.key in p for ps in book.phrases["particle"].values() for p in ps
    )


def _fix_by_capitals(row: Row) -> None:
    """ "BENI Paolo", "Jean-Luc DE LA TOUR": capitals beside ordinary words mark the family name, at either end."""
    units = row.units
    big = [bool(unit.flags & CAPS) for unit in units]
    if not any(big) or all(big) or row.is_fixed:
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
