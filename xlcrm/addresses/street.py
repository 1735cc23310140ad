"""The upper end of an address: name, street, house number, unit, PO box and hamlet out of the lines above the town."""

from __future__ import annotations

from xlcrm.addresses import number, units
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import (
    CARE,
    DIRECTION,
    DISTRICT,
    NONE,
    NUMBER,
    STREET,
    STREET_END,
    Lexicon,
)
from xlcrm.addresses.words import DIGIT, HAS_DIGIT, HOUSE, Words

Lines = list[list[str]]


def read(lines: Lines, lexicon: Lexicon, kinds: Words, draft: Draft) -> None:
    """Fills name, street, number, unit, PO box and district of the draft from the lines above the town."""
    if len(lines) == 1:
        words = lines[0]
        for word in words:
            if kinds[word] & CARE:
                words = _aside(words, kinds, draft)
                break
        if words:
            _street(words, lexicon, kinds, draft)
        return
    lines = [rest for line in lines if (rest := _aside(line, kinds, draft))]
    if not lines:
        return
    main = _main_line(lines, lexicon, kinds)
    for at, line in enumerate(lines):
        if at < main:
            _above(line, lines[main], lexicon, kinds, draft)
        elif at == main:
            _street(line, lexicon, kinds, draft)
        else:
            _below(line, lexicon, kinds, draft)


def _aside(words: list[str], kinds: Words, draft: Draft) -> list[str]:
    """Takes the person to whom the post is to be handed out of a line."""
    for i, word in enumerate(words):
        kind = kinds[word]
        if (
            kind & CARE
            and (not kind & (STREET | DIRECTION) or "/" in word)
            and (i == 0 or "/" in word or "." in word or ":" in word)
        ):
            draft.name.append(" ".join(words[i:]))
            return words[:i]
        if kind & CARE and word.casefold() == "care" and words[i - 1 : i + 2][::2] == ["in", "of"]:
            draft.name.append(" ".join(words[i - 1 :]))
            return words[: i - 1]
    return words


def _main_line(lines: Lines, lexicon: Lexicon, kinds: Words) -> int:
    """Which line holds the street: the one with most signs of it, the first of equals."""
    best, best_score = 0, -9
    for at, words in enumerate(lines):
        first, last = kinds[words[0]], kinds[words[-1]]
        numbered = len(words) > 1 and any(kinds[word] & HOUSE for word in words)
        typed = first & STREET or any(kinds[word] & STREET_END for word in words[1:]) or last & STREET_END
        score = 0
        if typed:
            score += 4 if (first & STREET and not first & DISTRICT) or last & STREET_END else 3
        if numbered and lexicon.number_first:
            score += 3 if first & DIGIT else (1 if typed else 0)
        elif numbered:
            score += 3 if not first & DIGIT else 2
        if units.is_unit(words, kinds) and not first & STREET:
            score -= 4
        if first & DISTRICT and not first & STREET:
            score -= 2
        if len(words) == 1 and first & (DIGIT | NONE):
            score -= 6
        if score > best_score or (score == best_score == 0):
            best, best_score = at, score
    return best


def _above(words: list[str], street: list[str], lexicon: Lexicon, kinds: Words, draft: Draft) -> None:
    first = kinds[words[0]]
    if (
        number.only(words, kinds)
        and not draft.number
        and not any(kinds[word] & HOUSE for word in street[:1] + street[-1:])
    ):
        draft.number = number.text(words, kinds)
    elif units.is_unit(words, kinds):
        units.add(words, draft)
    elif first & DISTRICT:
        draft.district.append(" ".join(words))
    else:
        draft.name.append(" ".join(words))


def _below(words: list[str], lexicon: Lexicon, kinds: Words, draft: Draft) -> None:
    first = kinds[words[0]]
    if not draft.number and (number.only(words, kinds) or first & (NUMBER | NONE | HOUSE)):
        taken, rest = number.leading(words, kinds)
        if taken:
            draft.number = number.text(taken, kinds)
            words = rest
        if not words:
            return
        if not draft.unit:
            draft.unit.append(" ".join(words))
            return
    if units.is_unit(words, kinds) or (first & HAS_DIGIT and len(words) < 3):
        units.add(words, draft)
    elif kinds[words[0]] & DIRECTION and len(words[0]) < 5 and draft.street and len(words) < 4 and lexicon.number_first:
        draft.street.append(" ".join(words))
    else:
        draft.district.append(" ".join(words))


def _street(words: list[str], lexicon: Lexicon, kinds: Words, draft: Draft) -> None:
    """One line with street, number and unit in any order that the country writes."""
    if len(words) > 2 and units.is_unit(words, kinds) and not kinds[words[0]] & STREET:
        end = units.end_of(words, 0, kinds)
        if 0 < end < len(words):
            draft.unit.append(" ".join(words[:end]))
            words = words[end:]
    if lexicon.number_first:
        number.before_street(words, lexicon, kinds, draft)
    else:
        number.after_street(words, lexicon, kinds, draft)
