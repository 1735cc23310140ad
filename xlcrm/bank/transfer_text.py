"""Numbers of invoices in the text of a transfer, in the odd ways in which people write them.

"Rechn. 2026-0012, 0013", "FT 9/26", "fra 14", "INV20260019", "Fakturanr: 20260010", a range, a QR or creditor
reference. Phone numbers, days, amounts, accounts and the numbers of customers, orders and mandates are passed over.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from xlcrm.documents.payment_qr import creditor_reference, is_creditor_reference, qr_check_digit, qr_reference
from xlcrm.importing.word_tables import words_of
from xlcrm.issuing.numbering import DocumentNumber, parsed
from xlcrm.text import fold_letters

REFERENCE, FULL, SHORT, BARE = 4, 3, 2, 1
MANY = 30  # numbers of a range
END = r"(?!\d|[oil]\d)"  # an O or an l for a figure: no number is read
GONE = " \u00a4 "  # stands where something was that is no number of ours


@dataclass(frozen=True)
class Mention:
    """A number in a text.

    numbers   the documents that it may mean; none: it looks like one of ours, and there is no such document
    strength  REFERENCE with check figures; FULL with series and year; SHORT by the year, or behind a word for invoice;
              BARE figures
    """

    numbers: tuple[str, ...]
    strength: int
    typed: str = ""


class NumberIndex:
    """Documents by what may be written of their numbers; `credits` are those of credit notes."""

    def __init__(self, numbers: Iterable[str], credits_: Iterable[str] = ()) -> None:
        self.credits = frozenset(credits_)
        self.full: dict[tuple[str, int, int], list[str]] = defaultdict(list)
        self.by_year: dict[tuple[int, int], list[str]] = defaultdict(list)
        self.by_sequence: dict[int, list[str]] = defaultdict(list)
        self.references: dict[str, str] = {}
        self.odd: dict[str, str] = {}
        for number in numbers:
            self._add(number)
        self.years = {year for year, _ in self.by_year}
        series = sorted({_plain(one) for one, _, _ in self.full} - {""}, key=len, reverse=True)
        self.scanner = _Scanner(tuple(series), tuple(self.odd))

    def _add(self, number: str) -> None:
        self.references.setdefault(qr_reference(number), number)
        self.references.setdefault(creditor_reference(number), number)
        parts = parsed(number)
        if parts is None:
            self.odd[_plain(number)] = number
            return
        self.full[_key(parts)].append(number)
        self.by_year[parts.year, parts.sequence].append(number)
        self.by_sequence[parts.sequence].append(number)

    def kind(self, numbers: Iterable[str], *, credit: bool) -> tuple[str, ...]:
        """Of some documents the credit notes, or the others."""
        return tuple(one for one in numbers if (one in self.credits) == credit)


def mentions(text: str, index: NumberIndex) -> tuple[Mention, ...]:
    """The numbers of a text, each once with its best strength, in their order."""
    best: dict[tuple[str, ...], Mention] = {}
    unknown: dict[str, Mention] = {}
    plain, found = _references(_joined(fold_letters(text)), index)
    for one in (*found, *index.scanner.scan(plain, index)):
        if not one.numbers:
            unknown.setdefault(one.typed, one)
        elif one.numbers not in best or best[one.numbers].strength < one.strength:
            best[one.numbers] = one
    return (*best.values(), *unknown.values())


def _key(number: DocumentNumber) -> tuple[str, int, int]:
    return _plain(number.series), number.year, number.sequence


def _plain(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", fold_letters(text))


_BROKEN = re.compile(r"(?<=[-/])(0\d{0,2}) (\d{1,3})(?!\d)")


def _joined(text: str) -> str:
    """A number that was broken where the bank's line ended: "2026-001 3" is "2026-0013"."""
    return _BROKEN.sub(lambda m: m[1] + m[2] if len(m[1] + m[2]) == 4 else m[0], text)


_SOLID = re.compile(r"(?<![0-9a-z])(?:\d ?){26}\d(?!\d)|(?<![0-9a-z])rf\d\d(?: ?[0-9a-z]{1,4}){1,6}", re.IGNORECASE)


def _references(text: str, index: NumberIndex) -> tuple[str, list[Mention]]:
    """QR and creditor references, and the text without them."""
    found = []

    def taken(match: re.Match[str]) -> str:
        reference = _reference(match[0].upper(), index)
        if not reference:
            return match[0] if match[0][:1].isalpha() else GONE
        number = index.references.get(reference, "")
        found.append(Mention((number,) if number else (), REFERENCE, reference))
        return GONE

    return _SOLID.sub(taken, text), found


def _reference(typed: str, index: NumberIndex) -> str:
    """The reference that a text begins with, "" where its check figures are wrong."""
    solid = typed.replace(" ", "")
    if solid.isdigit():
        return solid if qr_check_digit(solid[:-1]) == solid[-1] else ""
    parts = typed.split(" ")
    for count in range(len(parts), 0, -1):  # words of the text may follow it
        some = "".join(parts[:count])
        if some in index.references or (count == len(parts) and is_creditor_reference(some)):
            return some
    return ""


@cache
def _masks() -> tuple[re.Pattern[str], ...]:
    """What is no number of ours, in the order in which it is taken out."""
    phone, others = (_any(words_of("bank_words", kind)) for kind in ("phone", "not_ours"))
    marker = _any(words_of("bank_words", "marker"))
    return (
        re.compile(r"(?<![0-9a-z])[a-z]{2}\d\d ?(?:[a-z0-9]{4} ?){2,7}[a-z0-9]{0,4}(?: \d{1,4})?(?![a-z0-9])"),
        re.compile(rf"(?<![a-z0-9])(?:{phone})[.: ]*[+\d][\d /()-]*"),
        re.compile(r"\+\d[\d /()-]{6,}"),
        re.compile(r"(?<![\d/.-])\d{1,2}([./-])\d{1,2}\1(?:20\d\d|\d\d)?(?![\d/])|(?<!\d)20\d\d-\d\d-\d\d(?!\d)"),
        re.compile(rf"(?<![a-z0-9])(?:{others})(?:[.:+# ]|(?:{marker})(?![a-z0-9]))*\d[\d/.-]*(?: \d{{4}})?"),
        re.compile(r"(?<![\d.,/-])\d{1,3}(?:[.,' ]\d{3})*[.,]\d\d(?![\d/-])|(?<![\d.,/-])\d{3,7}[.,]\d\d(?![\d/-])"),
        re.compile(r"\d[\d/.-]*/\d[\d/.-]*/\d[\d/.-]*"),
        re.compile(r"\d{10,}"),
    )


def _any(words: Iterable[str]) -> str:
    """A pattern for any of these folded words, the longest first; a blank in them may be any sign or none."""
    return "|".join(re.escape(word).replace(r"\ ", r"[ ./-]*") for word in sorted(words, key=len, reverse=True))


class _Scanner:
    """The patterns for the numbers of one workbook: its series are words for its documents."""

    def __init__(self, series: tuple[str, ...], odd: tuple[str, ...]) -> None:
        ours = "|".join(map(re.escape, series)) or "(?!)"
        words = _any(words_of("bank_words", "invoice") | words_of("bank_words", "credit"))
        marker = _any(words_of("bank_words", "marker"))
        gap = r"[\s./:_#°º-]"
        self.full = re.compile(rf"(?<![a-z0-9])({ours}){gap}{{0,3}}(20\d\d){gap}{{0,3}}(\d{{1,7}}){END}")
        self.word = re.compile(
            rf"(?<![a-z])({ours}|{words})(?:{gap}|(?:{marker})(?![a-z]))*"
            r"(?=\d)"
        )  # fmt: skip
        self.odd = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(_spaced, odd)) or '(?!)'})(?![a-z0-9])")

    def scan(self, text: str, index: NumberIndex) -> Iterator[Mention]:
        for match in self.odd.finditer(text):
            yield Mention((index.odd[_plain(match[0])],), _odd_strength(match[0]), match[0])
        text = self.odd.sub(GONE, text)
        whole = [(m.start(), m.end()) for m in self.full.finditer(text)]
        for mask in _masks():
            text = mask.sub(lambda m: m[0] if _touches(m.span(), whole) else "\u00a4" * len(m[0]), text)
        yield from self._named(text, index)

    def _named(self, text: str, index: NumberIndex) -> Iterator[Mention]:
        """Numbers in full, those behind a word, then what is left."""
        taken: list[tuple[int, int]] = []
        for match in self.full.finditer(text):
            series, year, sequence = match[1], int(match[2]), int(match[3])
            yield Mention(tuple(index.full.get((series, year, sequence), ())), FULL, match[0])
            anchor = _Anchor(index, FULL, year, series=series, last=sequence)
            end, more = anchor.items(text, match.end(), begun=True)
            taken.append((match.start(), end))
            yield from more
        text = _without(text, taken)
        taken = []
        for match in self.word.finditer(text):
            if any(start <= match.start() < end for start, end in taken):
                continue
            credit = _is_credit(match[1], index)
            end, more = _Anchor(index, SHORT, credit=credit).items(text, match.end(), begun=False)
            taken.append((match.start(), end))
            yield from more
        yield from _loose(_without(text, taken), index)


def _spaced(plain: str) -> str:
    """A pattern for a number with any sign between its letters and figures."""
    return r"[ ./-]?".join(map(re.escape, plain))


def _odd_strength(typed: str) -> int:
    return FULL if len(_plain(typed)) > 5 and re.search(r"[a-z]", typed) else BARE


def _touches(span: tuple[int, int], others: list[tuple[int, int]]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + "\u00a4" * (end - start) + text[end:]
    return text


def _is_credit(word: str, index: NumberIndex) -> bool:
    series = {_plain(parts.series) for one in index.credits if (parts := parsed(one))}
    return word in series or word in words_of("bank_words", "credit")


@cache
def _item() -> re.Pattern[str]:
    return re.compile(
        r"(?P<year>20\d\d) ?[-/._ ]? ?(?P<after>\d{1,5})" + END + "|"
        r"(?P<before>\d{1,5}) ?[-/] ?(?P<of>20\d\d|\d\d)(?![\d/])|"
        r"(?P<alone>\d{1,6})" + END
    )


@cache
def _alone() -> re.Pattern[str]:
    """As `_item` where the figures behind the sign are no year."""
    never = "".join(f"(?P<{name}>(?!))?" for name in ("year", "after", "before", "of"))
    return re.compile(never + r"(?P<alone>\d{1,6})")


@cache
def _joints() -> tuple[re.Pattern[str], re.Pattern[str]]:
    joins, until = (_any(words_of("bank_words", kind)) for kind in ("and", "until"))
    return (
        re.compile(rf"\s*(?:[,;+&/]|(?<=\s)(?:{joins})\b\.?)+\s*-?\s*(?:(?:nr|no|n)\b[.°º ]*)?(?=\d)"),
        re.compile(rf"\s*(?:-|–|(?<=\s)(?:{until})\b)\s*(?=\d)"),
    )


@dataclass
class _Anchor:
    """The numbers of a list from a word or a full number on: "2026-0012, 0013", "16/2026 e 17", "0017 bis 0018"."""

    index: NumberIndex
    strength: int
    year: int = 0
    series: str = ""
    credit: bool = False
    last: int = 0

    def items(self, text: str, place: int, *, begun: bool) -> tuple[int, list[Mention]]:
        """Where the list ends, and its numbers; `begun` where one was read before `place`."""
        found: list[Mention] = []
        join, until = _joints()
        while True:
            joint = until.match(text, place) or join.match(text, place) if begun else None
            if begun and not joint:
                return place, found
            start = joint.end() if joint else place
            ranged = joint is not None and joint.re is until
            item = self._next(text, start)
            if item is None:
                return place, found
            found += self._read(item, ranged=ranged)
            place, begun = item.end(), True

    def _next(self, text: str, place: int) -> re.Match[str] | None:
        """The item at a place, the year before or behind it only where documents have such a year."""
        item = _item().match(text, place)
        if item and item["of"] and _whole_year(item["of"]) not in self.index.years:
            return _alone().match(text, place)
        return item

    def _read(self, item: re.Match[str], *, ranged: bool) -> list[Mention]:
        sequence = int(item["after"] or item["before"] or item["alone"])
        if item["year"] or item["of"]:
            self.year = _whole_year(item["year"] or item["of"])
        first = self.last + 1 if ranged and 0 <= sequence - self.last - 1 < MANY else sequence
        self.last = sequence
        return [one for number in range(first, sequence + 1) if (one := self._mention(number, item[0]))]

    def _mention(self, sequence: int, typed: str) -> Mention | None:
        if self.series:
            return Mention(tuple(self.index.full.get((self.series, self.year, sequence), ())), FULL, typed)
        near = (
            self.index.by_year.get((self.year, sequence), ()) if self.year else self.index.by_sequence.get(sequence, ())
        )
        kind = self.index.kind(near, credit=self.credit)
        if kind:
            return Mention(kind, self.strength, typed)
        return Mention((), self.strength, typed) if self.year and len(str(sequence)) < 6 else None


def _whole_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


_YEARED = re.compile(
    r"(?P<word>[a-z0-9]*)(?P<gap>[ .:-]*)(?<![\d/.-])(20\d\d)(?P<sign>[-/]?)(\d{4,5}|(?<=[-/])\d{1,3})(?![\d/]|[-. ]\d)"
)
_BARE = re.compile(r"(?<![\d,.¤])\d{1,6}(?![\d]|[,.]\d)")


def _loose(text: str, index: NumberIndex) -> Iterator[Mention]:
    """Year and number without a word, and bare figures; behind a word that isn't ours they say less."""
    spans = []
    for match in _YEARED.finditer(text):
        numbers = tuple(index.by_year.get((int(match[3]), int(match[5])), ()))
        alone = not match["word"] and match["sign"]
        spans.append(match.span())
        if numbers:
            yield Mention(index.kind(numbers, credit=False) or numbers, SHORT if alone else BARE, match[0])
    for match in _BARE.finditer(_without(text, spans)):
        numbers = index.kind(index.by_sequence.get(int(match[0]), ()), credit=False)
        if numbers:
            yield Mention(numbers, BARE, match[0])
