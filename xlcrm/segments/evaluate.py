"""Evaluate a segment: which clients meet all of its conditions, segments in segments, errors with their row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.errors import CrmError
from xlcrm.interactions.contact_memory import memory_of
from xlcrm.messages import text
from xlcrm.people.still_there import clients_of, still_there
from xlcrm.schema import NUMBERS
from xlcrm.segments.compare import ORDERED, TEXTUAL, BadValueError, ColumnReading, compare
from xlcrm.segments.condition import EMPTY, Condition, cut_window, joined_by_or, parse_where, read_conditions
from xlcrm.segments.fields import (
    NEXT_BIRTHDAY,
    Asked,
    FieldColumn,
    FieldNames,
    Figure,
    Reference,
    find_field,
    near,
    without,
)
from xlcrm.segments.figures import Books, kind_of, per_client
from xlcrm.segments.highest import asks_for_highest, highest, orders_of
from xlcrm.segments.moments import days_back, next_anniversaries
from xlcrm.segments.said import SpokenWords
from xlcrm.segments.search_words import shown, unquoted, word_of
from xlcrm.segments.sentence import Sentence, form, read_sentence
from xlcrm.settings import Settings, read_settings
from xlcrm.spend.kinds import Mask, day_number
from xlcrm.tables import Tables
from xlcrm.text import fold
from xlcrm.values import as_date, as_number, as_text, is_blank, text_of


@dataclass(eq=False)
class RowsAsked:
    """The rows of People and Opportunities that fit the conditions seen so far: table -> mask.

    `left_too`: a condition asked when people left, so that those who did count as well.
    """

    tables: Tables
    reading: ColumnReading
    fits: dict[str, Mask] = field(default_factory=dict)
    left_too: bool = False

    def narrow(self, column: FieldColumn, fits: Mask) -> None:
        """One more condition: about a column, and the rows of its table that fit."""
        self.fits[column.table] = self.fits[column.table] & fits if column.table in self.fits else fits
        self.left_too |= column.name == "until"

    def clients(self, ids: pd.Series[Any]) -> Mask:
        """Which of these client_ids have a fitting row in every table asked about; a blank one has none."""
        found = (ids != "").to_numpy()
        for table, fits in self.fits.items():
            frame = self.tables[table].frame
            if table == "People" and not self.left_too:
                fits = fits & still_there(frame, self.reading.today, self.reading.country)
            found = found & ids.isin(set(clients_of(frame)[fits])).to_numpy()
        return found


_USUAL = ("status", "city", "last_purchase")  # shown where no field is like the one that isn't there
_MAYBE_SENTENCES = frozenset(
    {
        *("segment.no_field", "segment.bad_number", "segment.bad_date", "segment.no_and_operator"),
        *("segment.needs_operator", "segment.no_operator", "segment.no_window", "segment.no_lines", "segment.bad_flag"),
    }
)


class Listing(tuple[str, ...]):
    """Words for a message, shown in full: names of segments, comparisons, the fields that are like a wrong one."""

    __slots__ = ()

    def __str__(self) -> str:
        """The words joined by commas."""
        return ", ".join(self)


def members(
    tables: Tables, which: str | Condition | Sequence[Condition], *, today: dt.date, settings: Settings | None = None
) -> pd.Series[bool]:
    """True for each row of Clients that belongs to a segment (by its name) or fits all conditions given.

    Reads Segments, Clients and, where a condition asks for them, Purchases, Interactions, People, Opportunities and
    Rates. `settings` are the workbook's own where not given. Blank rows of Clients belong to nothing.

    A condition asks about people where its field is one that only People has, or where it says so ("person's e-mail");
    in the same way about opportunities. Once a search asks about either, a field that Clients has as well means theirs
    (of people before opportunities), unless it says "client's"; client_id is always the client's. All conditions about
    people must hold of one person of the client, who is still there (`until` blank or not before today) unless one of
    them asks about `until`; all conditions about opportunities of one opportunity, of any stage. A segment that is
    named by another is worked out by itself.

    CrmError names the row of the condition that can't be understood, and the
    fields, operators or segments that exist.
    """
    search = Search(tables, settings or read_settings(tables), today)
    if isinstance(which, str):
        return search.segment(which)
    return search.fits([which] if isinstance(which, Condition) else which)


@dataclass(frozen=True, eq=False)
class Search:
    """A workbook being searched on a day; segments are worked out once, however many name them."""

    tables: Tables
    settings: Settings
    today: dt.date
    _done: dict[str, Mask] = field(default_factory=dict)
    understood: dict[str, str] = field(default_factory=dict)  # sentence -> its conditions, written out

    blank: dict[str, int] = field(default_factory=dict)  # columns asked about that are blank for half of the clients
    orders: list[str] = field(default_factory=list)  # fields whose highest were asked for: wishes

    @cached_property
    def vocabulary(self) -> SpokenWords:
        """The words that this workbook's columns and cells are."""
        return SpokenWords(self.names, self.tables)

    @cached_property
    def names(self) -> FieldNames:
        """The columns that this workbook has."""
        return FieldNames.of(self.tables)

    @cached_property
    def saved(self) -> dict[str, tuple[Condition, ...]]:
        """The sheet Segments; nothing where the workbook has none."""
        everything = read_conditions(self.tables["Segments"]) if "Segments" in self.tables else {}
        return {name: tuple(one for one in rows if not _is_order(one)) for name, rows in everything.items()}

    def order_of(self, name: str) -> tuple[str, ...]:
        """The fields that the rows "sort by" of a saved search name, the first first; several in one row part at ;."""
        everything = read_conditions(self.tables["Segments"]) if "Segments" in self.tables else {}
        rows = next((rows for saved, rows in everything.items() if fold(saved) == fold(name)), ())
        said = [text_of(one.value) or one.operator for one in rows if _is_order(one)]
        wished = tuple(part.strip() for text in said for part in text.split(";") if part.strip())
        return wished or orders_of(rows, self._language)

    @cached_property
    def _spelled(self) -> dict[str, str]:
        """Folded names of saved segments -> as they are written."""
        return {fold(name): name for name in self.saved}

    @cached_property
    def reading(self) -> ColumnReading:
        """How this workbook's values are read: from today on, by the team's country."""
        return ColumnReading(self.today, self.settings.country)

    @cached_property
    def books(self) -> Books:
        """Its purchases and contacts, read when a condition first asks for them."""
        return Books(self.tables, self.settings, self.reading)

    @cached_property
    def memory(self) -> pd.DataFrame:
        """When each client was contacted last, its open complaints and follow-ups."""
        return memory_of(self.tables, today=self.today, country=self.settings.country)

    @cached_property
    def clients(self) -> pd.DataFrame:
        """The frame of Clients; CrmError "segment.no_table" where the workbook lacks it."""
        if "Clients" not in self.tables:
            raise CrmError("segment.no_table", table="Clients")
        return self.tables["Clients"].frame

    @cached_property
    def present(self) -> Mask:
        """Rows of Clients that hold anything: everything but the blank row that Excel keeps in an empty table."""
        named = [name for name in ("client_id", "full_name", "company", "email") if name in self.clients.columns]
        found = np.zeros(len(self.clients), dtype=bool)
        for name in named or list(self.clients.columns):
            found |= (as_text(self.clients[name]).str.strip() != "").to_numpy()
        return found

    def segment(self, name: str, within: tuple[str, ...] = ()) -> pd.Series[bool]:
        """The members of a saved segment; `within` are the segments that are being worked out around it."""
        known = self._spelled.get(fold(name), "")
        if not known:
            raise CrmError("segment.unknown", name=name, names=Listing(self.saved) or "-")
        if known in within:
            raise CrmError("segment.circle", name=known, path=" > ".join((*within, known)))
        if known not in self._done:
            self._done[known] = self._all(self.saved[known], (*within, known))
        return pd.Series(self._done[known], index=self.clients.index)

    def fits(self, conditions: Sequence[Condition]) -> pd.Series[bool]:
        """The clients that fit all conditions."""
        return pd.Series(self._all(conditions, ()), index=self.clients.index)

    def _all(self, conditions: Sequence[Condition], within: tuple[str, ...]) -> Mask:
        """The clients that fit all conditions; everybody where there are none.

        Conditions about people must all hold of one person of the client, those about opportunities of one of its
        opportunities. Which person and which opportunity are not compared: the one need not be the other's.
        """
        names = self.names.asking(cut_window(condition.field)[0] for condition in conditions)
        found, rows = self.present.copy(), RowsAsked(self.tables, self.reading)
        for condition in (one for one in conditions if not asks_for_highest(one)):
            column, fits = self._read(condition, within, names)
            if column is None or column.table == "Clients":
                found &= fits
            else:
                rows.narrow(column, fits)
        if rows.fits:
            found = found & rows.clients(as_text(self.clients["client_id"]).str.strip())
        self.orders.extend(orders_of(conditions, self._language))
        tops = [self._highest(one, found) for one in conditions if asks_for_highest(one)]
        for top in tops:
            found = found & top
        return found

    def _highest(self, condition: Condition, among: Mask) -> Mask:
        """The clients among some that have the highest values of a figure or of a column of numbers."""
        field_text, span = cut_window(condition.field)
        days = self.days_of(condition, condition.within_days if span is None else span)
        asked = find_field(field_text, self.names, windowed=days is not None)
        count = text_of(condition.value).strip()
        if asked is None:
            raise self.no_field(condition, field_text)
        if not count.isdecimal():
            raise self._error(condition, "segment.bad_number", field=field_text, value=count)
        values = self._numbers(asked, days, condition)
        if values is None:
            raise self._error(condition, "segment.no_numbers", field=field_text)
        return highest(values, int(count), among)

    def _numbers(self, asked: Asked, days: int | None, condition: Condition) -> pd.Series[Any] | None:
        """A figure or a column of Clients as a number a client; None for what holds none."""
        if isinstance(asked, FieldColumn):
            held = asked.table == "Clients" and asked.kind in NUMBERS
            return as_number(self.cells_of(asked), self.settings.country)[0] if held else None
        if not isinstance(asked, Figure) or asked.none or kind_of(asked) != "number":
            return None
        if asked.table not in self.tables:
            raise self._error(condition, "segment.no_lines", table=words.title(asked.table, self._language))
        return per_client(asked, days, self.books)

    def _read(
        self, condition: Condition, within: tuple[str, ...], names: FieldNames
    ) -> tuple[FieldColumn | None, Mask]:
        """As `_one`; a condition that has not the documented form is read as a sentence, a search by itself."""
        if condition.either:
            return None, self._any(condition.either, within)
        try:
            return self._one(condition, within, names)
        except CrmError as error:
            meant = self.sentence(condition.said) if condition.said and error.key in _MAYBE_SENTENCES else Sentence()
            if not meant.conditions or meant.unknown:
                raise self._with_form(error, condition, meant) from error
            return None, self._all(meant.conditions, within)

    def _any(self, conditions: Sequence[Condition], within: tuple[str, ...]) -> Mask:
        """The clients that fit one of some conditions at least."""
        found = np.zeros(len(self.clients), dtype=bool)
        for condition in conditions:
            found = found | self._all((condition,), within)
        return found

    def read(self, said: str) -> tuple[Condition, ...]:
        """The conditions of one text: one in the documented form, or several joined by "and", or a sentence.

        Conditions in the documented form that "or" joins are one, which holds where any of them does.
        """
        parts = joined_by_or(said, self.names)
        if len(parts) > 1:
            return (Condition("", either=tuple(parse_where(part, self.names) for part in parts), said=said),)
        try:
            return (parse_where(said, self.names),)
        except CrmError as error:
            return self._several(said, error)

    def _several(self, said: str, error: CrmError) -> tuple[Condition, ...]:
        """A text that holds two conditions: a sentence where it is one, else both where "and" joins them."""
        meant = self.sentence(said)
        if meant.conditions and not meant.unknown:
            return meant.conditions
        first, second = str(error.values["first"]), str(error.values["second"])
        link = said.strip().removeprefix(first).removesuffix(second)
        if word_of("link", link) != "and":
            raise error if not meant.conditions else self.not_understood(said)
        return (*self.read(first), *self.read(second))

    def sentence(self, said: str) -> Sentence:
        """What a sentence means; remembered in `understood` where all of it was."""
        meant = read_sentence(said, self.vocabulary, today=self.today, language=self._language)
        if meant.conditions and not meant.unknown:
            self.understood[said] = form(meant.conditions, self._language)
        return meant

    def not_understood(self, said: str) -> CrmError:
        """A sentence that could not be read: the word that stopped it, and the right form of what was meant."""
        condition = Condition(said, said=said)
        return self._with_form(self.no_field(condition, said), condition, self.sentence(said))

    def _with_form(self, error: CrmError, condition: Condition, meant: Sentence) -> CrmError:
        """An unknown field with the form that belongs there: what was understood of a sentence, and what wasn't."""
        if error.key != "segment.no_field" or not meant.conditions:
            return error
        said = Listing(dict.fromkeys(meant.unknown))
        understood = form(meant.conditions, self._language)
        return CrmError("segment.not_understood", **{**error.values, "word": said, "form": understood})

    def _one(self, condition: Condition, within: tuple[str, ...], names: FieldNames) -> tuple[FieldColumn | None, Mask]:
        """The rows that fit one condition, and the column it asks about: of that column's table, else of Clients.

        `within` are the segments being worked out around it, `names` those of the search that it is part of.
        """
        field_text, span = cut_window(condition.field)
        days = self.days_of(condition, condition.within_days if span is None else span)
        typed = condition.operator.strip()
        if days is None and not typed and (lacking := without(field_text, names)):
            return lacking, self._compared(self.cells_of(lacking), lacking.kind, "", "empty", condition)
        asked = find_field(field_text, names, windowed=days is not None)
        if asked is None:
            raise self.no_field(condition, field_text)
        operator = self._operator(condition)
        column = asked if isinstance(asked, FieldColumn) else None
        self._note_blank(column, operator)
        try:
            return column, self._asked(asked, condition, operator, days, within)
        except BadValueError as error:
            raise self._error(
                condition, f"segment.bad_{error.expected}", field=field_text, value=text_of(condition.value)
            ) from error

    def _operator(self, condition: Condition) -> str:
        """The canonical comparison of a condition; "" where it has none."""
        typed = condition.operator.strip()
        operator = word_of("operator", condition.operator) if typed else ""
        if typed and not operator:
            signs = Listing(["=, <>, >, >=, <, <=", *shown("operator", self._language)])
            raise self._error(condition, "segment.no_operator", operator=condition.operator, operators=signs)
        return operator

    def _asked(
        self, asked: Asked, condition: Condition, operator: str, days: int | None, within: tuple[str, ...]
    ) -> Mask:
        """A condition whose field and operator are known, by what the field is."""
        if isinstance(asked, Reference):
            return self._reference(condition, operator, within)
        if isinstance(asked, Figure):
            return self._figure(asked, condition, operator, days)
        return self._column(asked, condition, operator, days)

    def _note_blank(self, column: FieldColumn | None, operator: str) -> None:
        """Remember a column of Clients that at least half of the clients have blank: a search on it finds few."""
        if column is None or column.table != "Clients" or operator in EMPTY:
            return
        filled = (as_text(self.cells_of(column)).str.strip() != "").to_numpy() & self.present
        lacking, clients = int(self.present.sum() - filled.sum()), int(self.present.sum())
        if 2 * lacking >= clients > 0:
            self.blank["birth_date" if column.name == NEXT_BIRTHDAY else column.name] = lacking

    def no_field(self, condition: Condition, field_text: str) -> CrmError:
        """A field that isn't there: its sheet where that is missing, else the right form, and three fields like it."""
        meant = find_field(field_text, FieldNames.of())
        if isinstance(meant, FieldColumn | Figure) and meant.table not in self.tables:
            return self._error(condition, "segment.no_lines", table=words.title(meant.table, self._language))
        usual = [words.header("Clients", name, self._language) for name in _USUAL]
        close = list(dict.fromkeys([*near(field_text, self.names, self._language), *usual]))[: len(_USUAL)]
        example = f"{close[0]} {condition.operator or '='} {text_of(condition.value) or '…'}"
        return self._error(condition, "segment.no_field", field=field_text, form=example, near=Listing(close))

    def _reference(self, condition: Condition, operator: str, within: tuple[str, ...]) -> Mask:
        """Another segment: "is" and "is not" one, or "one of" and "none of" several divided by semicolons."""
        if operator not in ("", "is", "is_not", "one_of", "none_of"):
            raise self._error(condition, "segment.only_is", operator=condition.operator)
        value = unquoted(text_of(condition.value))
        several = operator in ("one_of", "none_of")
        names = [unquoted(part) for part in value.split(";" if ";" in value else ",")] if several else [value]
        found = np.zeros(len(self.clients), dtype=bool)
        for name in names:
            try:
                found |= self.segment(name, within).to_numpy()
            except CrmError as error:
                if error.key == "segment.unknown":
                    raise self._error(condition, "segment.no_segment", **error.values) from error
                raise
        return self.present & ~found if operator in ("is_not", "none_of") else found

    def _figure(self, figure: Figure, condition: Condition, operator: str, days: int | None) -> Mask:
        """A figure over purchases or contacts; without operator it asks whether there is any ("no …": none)."""
        if figure.table not in self.tables:
            raise self._error(condition, "segment.no_lines", table=words.title(figure.table, self._language))
        values = per_client(figure, days, self.books)
        if not operator:
            some = values.notna() & (values != 0) if kind_of(figure) == "number" else values.notna()
            return (some != figure.none).to_numpy()
        if figure.none:
            raise self._error(condition, "segment.no_and_operator", operator=condition.operator)
        return self._compared(values, kind_of(figure), "", operator, condition)

    def _column(self, column: FieldColumn, condition: Condition, operator: str, days: int | None) -> Mask:
        """The rows of a column's table that fit; days narrow a date to (today - days, today]."""
        series = self.cells_of(column)
        found = np.ones(len(series), dtype=bool)
        if days is not None:
            if column.kind not in ("date", "moment"):
                raise self._error(condition, "segment.no_window", field=condition.field)
            number = as_date(series, self.settings.country)[0].to_numpy().astype("datetime64[D]").astype("int64")
            found = (number > day_number(self.today) - days) & (number <= day_number(self.today))
            if not operator:
                return found
        elif not operator and column.name == "open_complaints":
            return (series > 0).to_numpy()
        elif not operator:
            raise self._error(
                condition,
                "segment.needs_operator",
                operators=Listing(["=, <>, >, <", *shown("operator", self._language)]),
            )
        return found & self._compared(series, column.kind, column.choices, operator, condition)

    def cells_of(self, column: FieldColumn) -> pd.Series[Any]:
        """A column of Clients, People or Opportunities, or what the contacts say; ages are as of today."""
        frame = self.tables[column.table].frame
        if (column.table, column.name) == ("Clients", "age") and "birth_date" in frame.columns:
            return _ages(as_date(frame["birth_date"], self.settings.country)[0], self.today)
        if column.name == NEXT_BIRTHDAY:
            return next_anniversaries(as_date(frame["birth_date"], self.settings.country)[0], self.today)
        return frame[column.name] if column.name in frame.columns else self.memory[column.name]

    def _compared(self, values: pd.Series[Any], kind: str, choices: str, operator: str, condition: Condition) -> Mask:
        """Cells or figures against the condition's value; a CrmError where the operator wants one and it is blank."""
        if is_blank(condition.value) and operator in ORDERED | TEXTUAL | {"one_of", "none_of"}:
            raise self._error(condition, "segment.no_value", operator=condition.operator)
        value = None if operator in EMPTY else condition.value
        value = unquoted(value) if isinstance(value, str) else value
        return compare(values, kind, choices, operator, value, self.reading)

    def days_of(self, condition: Condition, within: object) -> int | None:
        """The days of a window: a number of them, or a span such as "3 months"; None where it is blank."""
        if is_blank(within):
            return None
        typed = text_of(within).strip()
        days = days_back(typed, self.today)
        if days is None or not 1 <= days <= 100_000:
            raise self._error(condition, "segment.bad_days", value=typed)
        return days

    @property
    def _language(self) -> str:
        """The workbook's language, for the words in messages."""
        return self.settings.language

    def _error(self, condition: Condition, key: str, **values: object) -> CrmError:
        """A refusal that begins with the place of the condition."""
        if condition.place:
            sheet = self.tables["Segments"].sheet
            place = text("segment.place", self._language, sheet=sheet, row=condition.place)
        else:
            place = f"«{condition}»"
        return CrmError(key, place=place, row=condition.place, **values)


def _is_order(condition: Condition) -> bool:
    """Whether a row says how to sort and not whom to find."""
    return bool(word_of("sort", condition.field))


def _ages(born: pd.Series[Any], today: dt.date) -> pd.Series[Any]:
    """Whole years from each birth date to a day; blank for no date and for one that lies ahead."""
    birthday_to_come = (born.dt.month * 100 + born.dt.day) > today.month * 100 + today.day
    years = today.year - born.dt.year - birthday_to_come
    found: pd.Series[Any] = years.where(born.notna() & (years >= 0)).astype("float64")
    return found
