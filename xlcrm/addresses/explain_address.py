"""Explain how an address is split: every reading of country, code, town, street and number, its reasons, which one won.

The explanation asks the same tables that `split_address` decides by, in the same order, so that both can't disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from xlcrm import messages
from xlcrm.addresses import east_asian_addresses, find_country, house_number, locality, postal_codes, street, units
from xlcrm.addresses.address import Address
from xlcrm.addresses.address_text import LONGEST, clean, lines
from xlcrm.addresses.address_words import HOUSE, WordKinds
from xlcrm.addresses.countries import country_code
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.split import Opened, opened, read_place, split_address

Lines = list[list[str]]


class WeighedReading(NamedTuple):
    """One reading of a part.

    text      the words that it takes
    won       whether it was taken
    reasons   keys of the sentences that say why, without "explain_address."
    weights   what each reason weighs, where reasons are added up; else empty
    """

    text: str
    won: bool
    reasons: tuple[str, ...]
    weights: tuple[int, ...] = ()


class ExplainedPart(NamedTuple):
    """The readings of one part: "country", "code", "place", "line" (of the street) or "number"."""

    part: str
    readings: tuple[WeighedReading, ...]


class AddressExplanation(NamedTuple):
    """An address as split, with the readings of each of its parts."""

    text: str
    address: Address
    parts: tuple[ExplainedPart, ...]


def explain_address(raw: object, *, country: str = "") -> AddressExplanation:
    """Why an address is split as it is.

    raw      a cell, as for `split_address`; blank gives an empty Address and no parts. Never raises
    country  ISO 3166-1 alpha-2 code (or name) of where the address most likely is
    """
    text, expected = clean(raw), country_code(country)
    address = split_address(raw, country=country)
    return AddressExplanation(text, address, tuple(part for part in _parts(text, expected) if part.readings))


def _parts(text: str, expected: str) -> Iterator[ExplainedPart]:
    if len(text) > LONGEST or not lines(text):
        return
    if own := east_asian_addresses.country_of(text, expected):
        yield ExplainedPart("country", (WeighedReading(own, True, ("country.own_letters",)),))
        return
    found = opened(text, expected)
    yield ExplainedPart("country", tuple(_countries(found, expected, lines(text))))
    if found.lines:
        yield from _of_lines(found)


def _of_lines(found: Opened) -> Iterator[ExplainedPart]:
    kinds, draft = found.kinds, Draft(found.code)
    boxless = locality.take(found.lines, kinds, Draft(found.code))
    upper = read_place(found.lines, kinds, draft)
    yield ExplainedPart("code", tuple(_codes(boxless, kinds)))
    yield ExplainedPart("place", tuple(_places(boxless, kinds, draft)))
    if not upper:
        return
    seen = street.features(upper, kinds)
    main = street.main_line([street.weight_of(features) for features in seen])
    yield ExplainedPart("line", tuple(_weighed(upper, seen, main)))
    yield ExplainedPart("number", tuple(_numbers(upper[main], kinds)))


def _countries(found: Opened, expected: str, typed: Lines) -> Iterator[WeighedReading]:
    """What names the country or speaks for one; the first counts."""
    if found.named:
        yield WeighedReading(found.named, True, ("country.named",))
    elif expected:
        yield WeighedReading(found.code, True, ("country.given" if found.code == expected else "country.sign",))
    won = not (found.named or expected)
    for evidence in find_country.EVIDENCE if typed else ():
        code = evidence.tells(typed, ", ".join(map(" ".join, typed)))
        if code:
            yield WeighedReading(code, won and code == found.code, (f"country.{evidence.why}",))
            won = False
    if won:
        yield WeighedReading(found.code, True, ("country.unknown",))


def _codes(parts: Lines, kinds: WordKinds) -> Iterator[WeighedReading]:
    """What has the form of a postal code, from the end upwards; the first that can be one is it."""
    open_, seen = True, set[str]()
    for spot, rule in postal_codes.weigh(parts, kinds) if parts else ():
        if spot.text in seen:
            continue
        seen.add(spot.text)
        yield WeighedReading(spot.text, open_ and rule.is_code, (f"code.{rule.why}",))
        open_ = open_ and not rule.is_code


def _places(parts: Lines, kinds: WordKinds, draft: Draft) -> Iterator[WeighedReading]:
    """How code and town are arranged, with the town that was found so."""
    if not draft.city:
        return
    found = postal_codes.find(parts, kinds)
    why = locality.arrangement(locality.around(parts, *found, kinds)).why if found else "without_code"
    yield WeighedReading(draft.city, True, (f"place.{why}",))


def _weighed(upper: Lines, seen: list[int], main: int) -> Iterator[WeighedReading]:
    """The lines above the town with their signs of a street."""
    for at, (words, features) in enumerate(zip(upper, seen, strict=True)):
        line = street.signs_of(features)
        reasons = tuple(f"line.{sign.why}" for sign in line) or ("line.none",)
        yield WeighedReading(" ".join(words), at == main, reasons, tuple(sign.weight for sign in line))


def _numbers(words: list[str], kinds: WordKinds) -> Iterator[WeighedReading]:
    """The numbers of the street's line that are or might have been the house number."""
    if kinds.number_first:
        draft = Draft(kinds.country)
        way = next(way for way in house_number.NUMBER_FIRST if way.take(words, kinds, draft))
        yield WeighedReading(draft.number, bool(draft.number), (f"number.{way.why}",))
        return
    end = units.start_of(words, min(2, len(words)), kinds)
    open_ = True
    for i in range(end - 1, 0, -1):
        if kinds[words[i]] & HOUSE:
            part = house_number.part_of_name(words, i, end, kinds)
            why = part.why if part else "last" if open_ else "earlier"
            yield WeighedReading(words[i], open_ and part is None, (f"number.{why}",))
            open_ = open_ and part is not None


def told(explanation: AddressExplanation, language: str) -> list[str]:
    """The explanation as lines to read, in a language of ours: each part's readings, then the fields, then a doubt."""
    found = [f"«{' '.join(explanation.text.split())}»"]
    for part in explanation.parts:
        found += ["", _sentence(f"part.{part.part}", language)]
        found += [_reading_line(reading, language) for reading in part.readings]
    found += ["", _sentence("part.result", language)]
    fields = explanation.address._asdict()
    found += [f"    {_sentence(f'field.{name}', language)}: {fields[name]}" for name in _FIELDS if fields[name]]
    if explanation.address.reason:
        found += ["", messages.text(explanation.address.reason, language, other=explanation.address.other)]
    return found


_FIELDS = tuple(name for name in Address._fields if name not in ("sure", "reason", "other"))


def _reading_line(reading: WeighedReading, language: str) -> str:
    reasons = [_sentence(reason, language) for reason in reading.reasons]
    if reading.weights:
        reasons = [f"{why} ({weight:+})" for why, weight in zip(reasons, reading.weights, strict=True)]
    total = f" [{sum(reading.weights)}]" if reading.weights else ""
    return f"  {'>' if reading.won else ' '} {reading.text or '-'}{total}: {'; '.join(reasons)}"


def _sentence(key: str, language: str) -> str:
    return messages.text(f"explain_address.{key}", language)


def as_values(explanation: AddressExplanation, language: str) -> dict[str, Any]:
    """The explanation for a program: the text, every field, every reading with its reasons as keys and sentences."""
    parts = {
        part.part: [
            {**reading._asdict(), "sentences": [_sentence(reason, language) for reason in reading.reasons]}
            for reading in part.readings
        ]
        for part in explanation.parts
    }
    return {"text": explanation.text, "address": explanation.address._asdict(), "parts": parts}
