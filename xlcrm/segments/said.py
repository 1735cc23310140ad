"""What is said in a search sentence, piece by piece: numbers, spans, comparisons, fields, and values of the workbook.

"women who spent more than 500 in the last 30 days" -> a choice (gender F), a figure (spend), a comparison (above), a
number (500), a span (30 days). The words of six languages stand in `xlcrm/data/search_words.csv`, group "said".
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

from xlcrm import words
from xlcrm.importing import header_words
from xlcrm.importing.header_words import choice_of
from xlcrm.messages import LANGUAGES
from xlcrm.segments.fields import FieldColumn, FieldNames
from xlcrm.segments.search_words import SYMBOLS, SearchToken, phrase_at
from xlcrm.tables import Table, Tables
from xlcrm.text import fold
from xlcrm.values import as_text

_PIECE = re.compile(
    r'(?P<quoted>"[^"]*"|«[^»]*»|“[^”]*”|„[^“”]*[“”])'
    r"|(?P<date>\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4})"
    r"|(?P<number>\d{1,3}(?:[.,'’\s]\d{3})+(?!\d)|\d+(?:[.,]\d+)?)"
    r"|(?P<sign><=|>=|=>|=<|<>|!=|==|[=<>≤≥≠])|(?P<dash>(?<=\d)\s?[-–—]\s?(?=\d))|(?P<comma>,)|(?P<word>[^\s\d<>=!≤≥≠,;.\-–—]+(?:-[^\s\d<>=,;]+)*)"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,'’\s]\d{3})+")
_LONGEST = 5  # words of the longest thing that is looked up
# Columns whose cells are looked for in a sentence, the first that has one wins; long texts and numbers are not.
_SHORT = ("city", "region", "country", "salesperson", "territory", "sector", "source", "language", "job_title", "tags")
_GOODS = ("category", "product")
_COMPARISONS = {
    "more": "above",
    "less": "below",
    "least": "at_least",
    "most": "at_most",
    "before": "below",
    "after": "above",
    "older": "above",
    "younger": "below",
}
_GROUPS = ("said", "operator", "unit", "month", "number", "ages")
_NO_EFFECT = (("last_many", "unit"), ("last", "last_many"))
_COUNTED = ("num", "unit")
_DECADE = re.compile(r"\b([2-9])0(?:s|-årene|-åra)\b")  # "in their 30s"
_YEARS = range(1900, 2101)
_CHOICES = ("gender", "kind", "status")


@dataclass(frozen=True)
class Said:
    """One thing said: what it is (`tag`), what it names, and the words of it as typed."""

    tag: str
    value: str = ""
    text: str = ""
    number: float = 0.0
    columns: tuple[FieldColumn, ...] = ()
    when: str = ""  # last or next, of a number of days or months


@dataclass(frozen=True, eq=False)
class SpokenWords:
    """What a workbook can be asked about: its columns, and the values in its short columns."""

    names: FieldNames
    tables: Tables
    spoken: str = "en"

    @cached_property
    def fields(self) -> dict[str, FieldColumn]:
        """Folded header or usual word, in six languages -> the column of Clients."""
        found: dict[str, FieldColumn] = {}
        for column in self.names.columns.get("Clients", ()):
            headers = [words.header("Clients", column.name, language) for language in LANGUAGES]
            for word in (column.name, *headers, *header_words.of("Clients", column.name)):
                found.setdefault(fold(word), column)
        typed = {folded: name for (table, folded), name in self.names.headers.items() if table == "Clients"}
        return found | {f: c for f, n in typed.items() if (c := self.names.find("Clients", n)) is not None}

    @cached_property
    def values(self) -> dict[str, tuple[FieldColumn, ...]]:
        """Folded cell -> the columns that hold it, of clients before goods; towns by their names in six languages."""
        found: dict[str, tuple[FieldColumn, ...]] = {}
        for column, cells in self._cells():
            for cell in cells:
                found[fold(cell)] = (*found.get(fold(cell), ()), column)
        found |= {name: found[fold(cells[0])] for name, cells in self.towns.items() if name not in found}
        return {cell: columns for cell, columns in found.items() if len(cell) > 1 and not cell.isdecimal()}

    @cached_property
    def towns(self) -> dict[str, tuple[str, ...]]:
        """Folded name of a town in any language -> the cells of the column City that are that town."""
        cells = next((cells for column, cells in self._cells() if column.name == "city"), [])
        found: dict[str, tuple[str, ...]] = {}
        for names in _town_names():
            held = tuple(cell for cell in cells if fold(cell) in names)
            found |= dict.fromkeys(names if held else (), held)
        return found

    def _cells(self) -> Iterator[tuple[FieldColumn, list[str]]]:
        """Each short column with its distinct cells."""
        for table, wanted in (("Clients", _SHORT), ("Purchases", _GOODS)):
            columns = {column.name: column for column in self.names.columns.get(table, ())}
            for name in wanted:
                if name in columns and table in self.tables:
                    yield columns[name], _distinct(self.tables[table], name)

    def goods(self, word: str) -> FieldColumn | None:
        """The column of Purchases in which some cell contains a word; None where none does."""
        for column, cells in self._cells():
            if column.table == "Purchases" and any(fold(word) in fold(cell) for cell in cells):
                return column
        return None

    def country(self, text: str) -> str:
        """The code of a country that is written out; "" for codes, since "it" and "no" are words."""
        from xlcrm.addresses.countries import country_code

        return country_code(text) if len(text) > 3 else ""


def _distinct(table: Table, name: str) -> list[str]:
    """The distinct texts of a column, wherever the rows are."""
    if table.elsewhere is not None and table.elsewhere.distinct is not None:
        return table.elsewhere.distinct(name)
    return [str(cell) for cell in as_text(table.frame[name]).unique()]


@cache
def _town_names() -> tuple[frozenset[str], ...]:
    """Folded names of each town that has several."""
    path = Path(__file__).parent.parent / "data" / "addresses" / "town_names.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(frozenset(map(fold, row)) for row in list(csv.reader(file))[1:])


def say(text: str, vocabulary: SpokenWords, language: str = "en") -> list[Said]:
    """The things said in a text, in its order; words that say nothing are left out, unknown ones are "word".

    It is read in the language that most of its words are of, in doubt in `language`: "men" is "but" in Norwegian.
    """
    text = _DECADE.sub(r"\g<1>0-\g<1>9", text)
    held = list(_pieces(text))
    vocabulary = replace(vocabulary, spoken=_spoken(held, language))
    found: list[Said] = []
    at = 0
    while at < len(held):
        one, taken = _next(held, at, text, vocabulary)
        found.append(one)
        at += taken
    return _joined(_dated(_neither([one for one in _with_choices(found) if one.tag != "skip"])))


def _neither(said: list[Said]) -> list[Said]:
    """The first "neither" as a "not" where none stands before it: "neither e-mail nor phone"."""
    for at, one in enumerate(said):
        if one.tag == "not":
            break
        if one.tag == "nor":
            return [*said[:at], replace(one, tag="not"), *said[at + 1 :]]
    return said


def _dated(said: list[Said]) -> list[Said]:
    """Numbers that know whether "last" or "next" stands beside them, which then stand there no more."""
    found: list[Said] = []
    for one in said:
        before = found[-1] if found else Said("")
        if one.tag == "next" and before.tag in _COUNTED:  # "7 prochains jours", "mois prochain"
            found[-1] = replace(before, when="next")
        elif one.tag in _COUNTED and before.tag in ("next", "last"):
            found[-1:] = [before] if (before.tag, one.tag) == ("last", "unit") else []
            found.append(replace(one, when=before.tag))
        else:
            found.append(one)
    return [replace(one, tag="word") if one.tag == "next" else one for one in found]


def _with_choices(said: list[Said]) -> Iterator[Said]:
    """A word that else says nothing is a choice behind its column: "status is client"."""
    column: FieldColumn | None = None
    for one in said:
        name = choice_of(column.choices, one.text) if column and column.choices and one.tag == "skip" else ""
        yield Said("choice", f"{column.name}={name}", one.text) if column and name else one
        if one.tag != "skip":
            column = one.columns[0] if one.tag == "field" else None


def _spoken(held: list[SearchToken], language: str) -> str:
    """The language with the most words of a text among its own."""
    return max((language, *LANGUAGES), key=lambda one: sum(_covered(held, one)))


def _covered(held: list[SearchToken], language: str) -> Iterator[int]:
    """How many pieces belong to the phrases of a language, phrase by phrase."""
    at = 0
    while at < len(held):
        found = [one for group in _GROUPS if (one := phrase_at(group, held, at, language))]
        taken = max((one.last - one.first for one in found), default=0)
        yield taken
        at += taken or 1


def _pieces(text: str) -> Iterator[SearchToken]:
    """Numbers, dates, signs and folded words; "n'ont" and "e-mail" are two words of one place."""
    for match in _PIECE.finditer(text):
        kind, piece = str(match.lastgroup), match.group()
        if kind == "word":
            yield from (SearchToken(word, *match.span()) for word in fold(piece).split())
        else:
            yield SearchToken(f"{kind}:{piece}", *match.span())


def _next(held: list[SearchToken], at: int, text: str, vocabulary: SpokenWords) -> tuple[Said, int]:
    """The longest thing said from a piece on, and how many pieces it takes."""
    kind, _, piece = held[at].word.partition(":")
    if piece:
        return _written(kind, piece), 1
    looked = (look(held, at, vocabulary) for look in _LOOKS)
    found = [pair for pair in looked if pair is not None]
    one, taken = max(found, key=lambda pair: pair[1], default=(Said("word", held[at].word), 1))
    return replace(one, text=text[held[at].start : held[at + taken - 1].end]), taken


def _written(kind: str, piece: str) -> Said:
    """A number, a date, a sign or a quoted text."""
    if kind == "number":
        plain = re.sub(r"[.,'’\s]", "", piece) if _THOUSANDS.fullmatch(piece) else piece.replace(",", ".")
        return Said("num", plain, piece, float(plain))
    if kind == "sign":
        return Said("op", SYMBOLS[piece], piece)
    return Said({"dash": "to", "comma": "and", "quoted": "word"}.get(kind, kind), piece.strip('"«»“”„'), piece)


def _to(held: list[SearchToken], at: int, vocabulary: SpokenWords) -> tuple[Said, int] | None:
    """The word between the two ends of a range: "30 to 40"."""
    ends = held[max(at - 1, 0)].word, held[min(at + 1, len(held) - 1)].word
    found = phrase_at("range", held, at, vocabulary.spoken)
    is_range = found and all(end.partition(":")[0] in ("number", "date") for end in ends)
    return (Said("to"), 1) if is_range else None


def _phrase(held: list[SearchToken], at: int, vocabulary: SpokenWords) -> tuple[Said, int] | None:
    """A word of the sentence: a verb, a comparison, a filler."""
    found = phrase_at("said", held, at, vocabulary.spoken)
    if found is None:
        return None
    name, taken = found.name, found.last - found.first
    if name in ("least", "most") and (link := _link(held, at, vocabulary.spoken)) and _goes_on(held, at, found.last):
        return Said(link), 1  # "or more" of "or more than 500", "and over" of "and over 50"
    if name in _COMPARISONS:
        return Said("older" if name in ("older", "younger") else "op", _COMPARISONS[name]), taken
    if name == "top_often":
        return Said("top", "often"), taken
    value = name.partition("=")[2]
    return Said("choice" if value else name, name), taken


def _link(held: list[SearchToken], at: int, language: str) -> str:
    """The "and" or "or" that a piece is by itself; "" for any other word."""
    found = phrase_at("said", held[: at + 1], at, language)
    return found.name if found is not None and found.name in ("and", "or") else ""


def _goes_on(held: list[SearchToken], at: int, last: int) -> bool:
    """Whether "or more" goes on as a comparison of its own: a number follows, or "than"."""
    found = [phrase_at(group, held, at + 1) for group in ("said", "operator")]
    longer = any(one is not None and one.last > last for one in found)
    return longer or (last < len(held) and held[last].word.startswith("number:"))


def _operator(held: list[SearchToken], at: int, vocabulary: SpokenWords) -> tuple[Said, int] | None:
    """A comparison by its documented words."""
    found = phrase_at("operator", held, at, vocabulary.spoken)
    known = found and found.name in ("above", "at_least", "below", "at_most", "is_not", "empty", "not_empty")
    return (Said("op", found.name), found.last - found.first) if found and known else None


def _unit(held: list[SearchToken], at: int, vocabulary: SpokenWords) -> tuple[Said, int] | None:
    """A day, week, month, quarter or year; the name of a month; a number in letters; people of an age."""
    for group, tag in (("unit", "unit"), ("month", "month"), ("ages", "range"), ("number", "num")):
        found = phrase_at(group, held, at, vocabulary.spoken)
        if found:
            if tag == "range":
                youngest = float(found.name.partition("|")[0]) or 1.0
                return Said(tag, found.name, number=youngest), found.last - found.first
            number = float(found.name) if tag == "num" else 0.0
            return Said(tag, found.name, number=number), found.last - found.first
    return None


def _named(held: list[SearchToken], at: int, vocabulary: SpokenWords) -> tuple[Said, int] | None:
    """The longest field, value, choice or country from a piece on."""
    for length in range(min(_LONGEST, len(held) - at), 0, -1):
        text = " ".join(piece.word for piece in held[at : at + length])
        one = _name(text, vocabulary)
        if one is not None and not (length > 1 and _refusing(one, held, at, vocabulary.spoken)):
            return one, length
    return None


def _refusing(one: Said, held: list[SearchToken], at: int, language: str) -> bool:
    """Whether a header such as "No e-mail" is what a sentence says of somebody without one."""
    found = phrase_at("said", held, at, language)
    return one.tag == "field" and one.columns[0].kind == "flag" and found is not None and found.name == "not"


def _name(text: str, vocabulary: SpokenWords) -> Said | None:
    """What a text names as a whole."""
    if text in vocabulary.fields:
        return Said("field", columns=(vocabulary.fields[text],))
    if text in vocabulary.values:
        return Said("value", "; ".join(vocabulary.towns.get(text, ())), columns=vocabulary.values[text])
    if vocabulary.country(text):
        return Said("value", columns=tuple(c for c in [vocabulary.names.find("Clients", "country")] if c))
    city = vocabulary.names.find("Clients", "city")
    if city is not None and any(text in names for names in _town_names()):
        return Said("value", columns=(city,))  # a town in which nobody lives
    chosen = next((f"{group}={name}" for group in _CHOICES if (name := choice_of(group, text)) and len(text) > 2), "")
    return Said("choice", chosen) if chosen else None


_LOOKS = (_to, _phrase, _operator, _unit, _named)  # the first of equally long ones wins


def _joined(said: list[Said]) -> list[Said]:
    """Numbers with their unit as a span ("30 days"), two numbers as a range, "last" without effect."""
    found: list[Said] = []
    for one, after in zip(said, [*said[1:], Said("")], strict=False):
        before = found[-1] if found else Said("")
        if (one.tag, after.tag) in _NO_EFFECT or (one.tag == "unit" and after.number in _YEARS):
            continue
        if one.tag in ("unit", "half_year"):
            found[-1:] = [*_span(before, one)]
        elif before.tag in ("to", "and") and one.tag == _beginning(found) != "":
            found[-2:] = [Said("range", f"{found[-2].value}|{one.value}", f"{found[-2].text}-{one.text}", one.number)]
        else:
            found.append(one)
    return found


def _beginning(found: list[Said]) -> str:
    """The tag of the last but one where it can begin a range; "" else."""
    tag = found[-2].tag if len(found) > 1 else ""
    return tag if tag in ("num", "date") else ""


def _span(before: Said, unit: Said) -> Iterator[Said]:
    """What a unit makes of the thing before it: of a number a span, of a range one of ages; else one unit."""
    if unit.tag == "half_year":
        yield from [before] if before.tag not in ("", "last") else []
        yield Said("span", "6 month", unit.text, 6.0)
    elif before.tag == "num":
        text, when = f"{before.text} {unit.text}", before.when or unit.when
        tag = "ahead" if when == "next" else "span"
        yield Said(tag, f"{before.value} {unit.value}", text, before.number, when=when)
    elif before.tag == "range":
        yield before
        yield Said("age")
    else:
        yield from [before] if before.tag not in ("", "last") else []
        yield Said("ahead" if unit.when == "next" else "span", f"1 {unit.value}", unit.text, 1.0, when=unit.when)
