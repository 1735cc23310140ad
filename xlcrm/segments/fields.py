"""Fields that a condition may ask about: a column of Clients, People or Opportunities, a figure, a segment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

import pandas as pd

from xlcrm import schema, words
from xlcrm.importing import header_words
from xlcrm.interactions.contact_memory import MEMORY, memory_column
from xlcrm.messages import LANGUAGES
from xlcrm.segments.search_words import SearchToken, phrase_at, shown, tokens, unquoted, word_of
from xlcrm.tables import Table, Tables
from xlcrm.text import fold

# sheets of which one row must fit all conditions about it
ROWS = ("People", "Opportunities")
OVER = ("Purchases", "Interactions", *ROWS)
# what can be counted or added up, and in which table
_NOUNS = {
    "spend": "Purchases",
    "order": "Purchases",
    "purchase": "Purchases",
    "contact": "Interactions",
    "person": "People",
    "opportunity": "Opportunities",
    "pipeline": "Opportunities",
}
NEXT_BIRTHDAY = "next_birthday"  # a field that no column holds: today's or the next anniversary of the birth date
_MONEY = ("spend", "pipeline")  # nouns that are sums, of which there are means and largest ones, too
_OWNERS = {"client": "Clients", "person": "People", "opportunity": "Opportunities"}
# what a figure means when a window of days is asked for: the column knows no window, the purchases do
WINDOWED = {"total_spend": "spend", "spend_12m": "spend", "spend_30d": "spend", "orders": "order"}


@dataclass(frozen=True)
class FieldColumn:
    """A column of a table: its name in the frame, its kind (as in the schema) and its list of choices."""

    table: str
    name: str
    kind: str = "text"
    choices: str = ""


@dataclass(frozen=True)
class Filter:
    """A condition on the lines that are added up or counted: column, operator and value as typed."""

    column: FieldColumn
    operator: str
    value: str


@dataclass(frozen=True)
class Figure:
    """A figure a client: `function` of `column` (or of what `noun` names) over the lines that pass all `filters`.

    `noun` is one of `_NOUNS` where no column is named; `none` asks that there be nothing.
    """

    table: str
    function: str
    noun: str = ""
    column: FieldColumn | None = None
    filters: tuple[Filter, ...] = ()
    none: bool = False


@dataclass(frozen=True)
class Reference:
    """Another segment of the sheet."""


Asked = FieldColumn | Figure | Reference


@dataclass(frozen=True)
class FieldNames:
    """The columns that can be asked about, by table; headers in six languages, canonical names and users' own.

    `about` are the sheets of `ROWS` that the conditions of one search ask about: a column that Clients has as well is
    theirs then.
    """

    columns: dict[str, tuple[FieldColumn, ...]]
    headers: dict[tuple[str, str], str] = field(default_factory=dict)
    about: frozenset[str] = frozenset()

    @classmethod
    def of(cls, tables: Tables | None = None) -> FieldNames:
        """Those of a workbook; without one those of the schema."""
        columns: dict[str, tuple[FieldColumn, ...]] = {}
        headers: dict[tuple[str, str], str] = {}
        for name in ("Clients", *OVER):
            if tables is None:
                columns[name] = tuple(FieldColumn(name, c.name, c.kind, c.choices) for c in schema.table(name).columns)
            elif name in tables:
                table = tables[name]
                columns[name] = tuple(_column(table, str(column)) for column in table.frame.columns)
                headers |= {(name, fold(text)): column for column, text in table.headers.items()}
        return cls(columns, headers)

    def find(self, table: str, text: str) -> FieldColumn | None:
        """The column that a text means: a header as it stands in the workbook first, then the schema's words."""
        folded = fold(unquoted(text))
        if not folded:
            return None
        wanted = self.headers.get((table, folded)) or words.column_of(table, unquoted(text))
        held = self.columns.get(table, ())
        exact = next((column for column in held if column.name == wanted), None)
        return exact or next((column for column in held if fold(column.name) == folded), None)

    def remembered(self, text: str) -> FieldColumn | None:
        """What is worked out of the contacts for each client (last contact, open complaints ...), where there are any.

        A column of the client list with that header goes first: it is the team's own.
        """
        column = memory_column(unquoted(text)) if "Interactions" in self.columns else None
        return FieldColumn("Clients", column.name, column.kind) if column else None

    def birthday(self, text: str) -> FieldColumn | None:
        """The day on which a client has the next birthday, worked out where there are birth dates."""
        asked = word_of("column", unquoted(text)) == NEXT_BIRTHDAY and self.find("Clients", "birth_date")
        return FieldColumn("Clients", NEXT_BIRTHDAY, "date") if asked else None

    def asking(self, fields: Iterable[str]) -> FieldNames:
        """These names for a search whose conditions have these fields: `about` filled from them."""
        asked = (without(text, self) or find_field(text, self) for text in fields)
        tables = {column.table for column in asked if isinstance(column, FieldColumn)}
        return replace(self, about=frozenset(tables & set(ROWS)))

    def twin(self, column: FieldColumn) -> FieldColumn:
        """The column of this name in the sheet that the search asks about; the client's own where it has none."""
        if column.name == "client_id":
            return column
        theirs = (one for table in ROWS if table in self.about for one in self.columns.get(table, ()))
        return next((one for one in theirs if one.name == column.name), column)

    def shown(self, language: str = "en", text: str = "") -> list[str]:
        """What can be typed as a field, for a message: headers of clients, people, deals, and words for figures.

        Where `text` has a "where", the headers of the sheets that are added up.
        """
        held = tokens(text)
        tables = OVER if any(_is_link(held, i, "where") for i in range(len(held))) else ("Clients", *ROWS)
        headers = [
            words.header(name, column.name, language) for name in tables for column in self.columns.get(name, ())
        ]
        known = [words.header("Found", column.name, language) for column in MEMORY if "Interactions" in self.columns]
        return [*dict.fromkeys([*headers, *known]), *shown("noun", language)]


def find_field(text: str, names: FieldNames, *, windowed: bool = False) -> Asked | None:
    """What a field text asks about; None where it means nothing.

    `windowed`: days were given with it, so that "orders" asks about the purchases and not about the column Orders.
    """
    column = names.find("Clients", text)
    noun = WINDOWED.get(words.column_of("Clients", unquoted(text)), "") if windowed else ""
    if noun:
        return Figure("Purchases", "sum" if noun == "spend" else "count", noun)
    if column is not None:
        return names.twin(column)
    if worked_out := names.remembered(text) or names.birthday(text):
        return worked_out
    if word_of("noun", text) == "segment":
        return Reference()
    return _figure(text, names) or _of_rows(text, names) or _said(text, names) or _by_synonym(text, names)


def without(text: str, names: FieldNames) -> FieldColumn | None:
    """The column that "no e-mail" or "without phone" says is empty; None where the text asks about anything else.

    A column of just that header, purchases and contacts go first, and a number is nought rather than missing.
    """
    held = tokens(text)
    no = phrase_at("link", held, 0) if held else None
    if no is None or no.name != "no" or no.last == len(held) or names.find("Clients", text):
        return None
    rest = text[held[no.last].start :]
    column = None if word_of("noun", rest) else find_field(rest, names)
    return column if isinstance(column, FieldColumn) and column.kind not in {*schema.NUMBERS, "flag"} else None


def _of_rows(text: str, names: FieldNames) -> FieldColumn | None:
    """A column that the sheet of people has, or else that of opportunities, by its header."""
    found = (names.find(table, text) for table in ROWS)
    return next((column for column in found if column is not None), None)


def _said(text: str, names: FieldNames) -> FieldColumn | None:
    """A column with the word whose it is before or behind it: "person's e-mail", "e-mail of the client"."""
    held = tokens(text)
    for group, first in (("before", 0), *(("after", at) for at in range(1, len(held)))):
        owner = phrase_at(group, held, first) if held else None
        if owner is None or (owner.last == len(held)) != (group == "after"):
            continue
        rest = text[: held[first].start] if group == "after" else text[held[owner.last].start :]
        table = _OWNERS[owner.name]
        if column := names.find(table, rest) or _usual(table, rest, names):
            return column
    return None


def _by_synonym(text: str, names: FieldNames) -> FieldColumn | None:
    """A column by a usual word for it ("genere" for Sesso), where the text means nothing else."""
    if column := _usual("Clients", text, names):
        return names.twin(column)
    return next((column for table in ROWS if (column := _usual(table, text, names))), None)


def _usual(table: str, text: str, names: FieldNames) -> FieldColumn | None:
    """A column of a table by a usual word for it; people's columns are called as those of clients are."""
    usual = {header_words.usual(one, unquoted(text)) for one in ({table, "Clients"} if table == "People" else {table})}
    if table == "People" and header_words.ambiguous(text) == "name":
        usual.add("full_name")
    return next((column for column in names.columns.get(table, ()) if column.name in usual), None)


def _figure(text: str, names: FieldNames) -> Figure | None:
    """A figure from "average amount where category is Wine": no, function, noun or column, filters; None for others."""
    held = tokens(text)
    if not held:
        return None
    first = _after_no(held)
    function = phrase_at("function", held, first)
    start = function.last if function else first
    where = _where(text, held, start)
    if start >= where:
        return None
    head = text[held[start].start : held[where - 1].end]
    rest = text[held[where].end :] if where < len(held) else None
    over = (_over(table, function.name if function else "", head, rest, names) for table in OVER)
    found = next((figure for figure in over if figure is not None), None)
    return replace(found, none=first > 0) if found else None


def _where(text: str, held: list[SearchToken], start: int) -> int:
    """The token "where" behind `start`, or the end; Norwegian "der" is none in "Betrag der Verkaufschancen"."""
    if start < len(held) and word_of("noun", text[held[start].start :]):
        return len(held)
    return next((i for i in range(start, len(held)) if _is_link(held, i, "where")), len(held))


def _after_no(held: list[SearchToken]) -> int:
    """The token behind "no" or "without" at the beginning, 0 where there is none."""
    no = phrase_at("link", held, 0)
    return no.last if no and no.name == "no" else 0


def _over(table: str, function: str, head: str, rest: str | None, names: FieldNames) -> Figure | None:
    """The figure over one table, with the filters in `rest` (None: none asked for); None where it has no such thing."""
    found = _what(function, head, table, names)
    filters = () if rest is None else read_filters(rest, table, names)
    if found is None or filters is None:
        return None
    return replace(found, filters=found.filters + filters)


def _is_link(held: list[SearchToken], at: int, name: str) -> bool:
    """Whether "where", "and" or another link of that name begins with a token."""
    found = phrase_at("link", held, at)
    return found is not None and found.name == name


def _what(function: str, head: str, table: str, names: FieldNames) -> Figure | None:
    """The figure that a noun, a kind of contact ("calls") or a column names over a table; None where it names none."""
    noun = word_of("noun", head)
    kind = words.choice("interaction", head)
    if noun in _NOUNS or kind:
        at_home = _NOUNS.get(noun, "Interactions")
        return _counted(function, noun, head, table, names) if table == at_home and table in names.columns else None
    found = names.find(table, head) if function else None
    return Figure(table, function, column=found) if found else None


def _counted(function: str, noun: str, head: str, table: str, names: FieldNames) -> Figure | None:
    """What a noun counts or adds up; a kind of contact counts the contacts of that kind. Only money has functions."""
    if noun in _MONEY:
        return Figure(table, function or "sum", noun)
    if function not in ("", "count"):
        return None
    if noun in _NOUNS:
        return Figure(table, "count", noun)
    column = names.find(table, "kind")
    return Figure(table, "count", "contact", filters=(Filter(column, "is", head),)) if column else None


def read_filters(text: str, table: str, names: FieldNames) -> tuple[Filter, ...] | None:
    """Filters from "category is Wine and quantity > 2"; None where a column or an operator isn't understood."""
    held = tokens(text)
    found: list[Filter] = []
    at = 0
    while at < len(held):
        one = _filter_at(text, held, at, table, names)
        if one is None:
            return None
        column, operator, value_at = one
        stop = next(
            (
                i
                for i in range(value_at, len(held))
                if _is_link(held, i, "and") and _filter_at(text, held, i + 1, table, names) is not None
            ),
            len(held),
        )
        if any(_is_link(held, i, "and") and names.find(table, text[held[i].end :]) for i in range(value_at, stop)):
            return None  # the sentence ends in the middle of its next filter
        value = text[held[value_at].start : held[stop - 1].end] if stop > value_at else ""
        found.append(Filter(column, operator, unquoted(value)))
        at = stop + 1
    return tuple(found) or None


def _filter_at(
    text: str, held: list[SearchToken], at: int, table: str, names: FieldNames
) -> tuple[FieldColumn, str, int] | None:
    """The column, the operator and the token where the value starts, of a filter that starts with token `at`."""
    for first in range(at + 1, len(held)):
        operator = phrase_at("operator", held, first)
        column = names.find(table, text[held[at].start : held[first - 1].end]) if operator else None
        if operator and column:
            return column, operator.name, operator.last
    return None


def _column(table: Table, name: str) -> FieldColumn:
    """A column with its kind: the schema's, else (a user's own) what its cells are."""
    try:
        spec = schema.table(table.name).column(name)
    except KeyError:
        spec = None
    if spec is not None:
        choices = "rfm_group" if name == "rfm_group" else spec.choices
        return FieldColumn(table.name, name, spec.kind, choices)
    dtype = table.frame[name].dtype
    if pd.api.types.is_datetime64_any_dtype(dtype):
        return FieldColumn(table.name, name, "date")
    is_number = pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
    return FieldColumn(table.name, name, "number" if is_number else "text")


# Finds the field that somebody probably meant, because nobody reads a list of seventy names to find one letter.

_ALIKE = 0.75
_SHOWN = 3


def near(text: str, names: FieldNames, language: str) -> list[str]:
    """Three fields most like a text that names none, best first, in the user's words; of a filter its single words."""
    shown = names.shown(language, text)
    tables = OVER if shown[0] not in names.shown(language) else ("Clients", *ROWS)
    spelt = {fold(word): word for word in shown}
    for table in tables:
        for column in names.columns.get(table, ()):
            for other in LANGUAGES:
                spelt.setdefault(
                    fold(words.header(table, column.name, other)), words.header(table, column.name, language)
                )
            for word in header_words.of(table, column.name):
                spelt.setdefault(fold(word), words.header(table, column.name, language))
    pieces = [token.word for token in tokens(text)] if tables == OVER else [fold(text)]
    found = [
        spelt[match]
        for piece in pieces
        if piece not in spelt
        for match in get_close_matches(piece, spelt, n=_SHOWN, cutoff=_ALIKE)
    ]
    return list(dict.fromkeys(found))[:_SHOWN]
