"""Combining the rows of one client: cell by cell what the survivor's row becomes, and where what differs is kept.

Name, firm and address are blocks: cells of one block are never mixed from two rows, for that would be an address that
neither had. Nothing that somebody typed is lost: what has no cell of its own goes to the notes, with its client number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from xlcrm import schema, words
from xlcrm.fields import email, phone, tax_id
from xlcrm.people.channel_consent import CONSENT, FLAGS, PAIRS
from xlcrm.text import any_order, caseless, fold, fold_letters, tokens
from xlcrm.values import as_date, as_flag, as_number, is_blank, text_of

BLOCKS = {
    "full_name": ("full_name", "title", "first_name", "middle_name", "last_name", "suffix", "nickname"),
    "company": ("company", "legal_form"),
    "address": (
        "address", "street", "house_number", "unit", "postal_code", "city", "region", "country", "po_box",
        "address_extra",
    ),
}  # fmt: skip
PHONES = ("phone", "mobile")
EARLIER = ("registered_on", "acquired_on")
LONGEST_CELL = 32_767
_OWN_RULE = frozenset({"client_id", "notes", *FLAGS, *CONSENT, *PHONES, *EARLIER, *sum(BLOCKS.values(), ())})
Cells = dict[str, Any]


class Aside(NamedTuple):
    """A value of another row that the survivor's cell doesn't take: its column, client, text, and where it went."""

    column: str
    client: str
    value: str
    kept: str
    to: str = "notes"


@dataclass
class Combined:
    """The survivor's row as it grows: `cells` by column, and what differed."""

    cells: Cells
    asides: list[Aside] = field(default_factory=list)

    def filled(self, column: str) -> bool:
        return not is_blank(self.cells.get(column))


@dataclass(frozen=True)
class Reading:
    """How cells are compared and told: the workbook's country, language and headers, and today."""

    country: str
    language: str
    headers: Mapping[str, str]
    today: dt.date

    def key(self, column: str, value: object) -> str:
        """A cell as it is compared: without spaces, signs and case that don't count; "" where blank."""
        if is_blank(value):
            return ""
        text = text_of(value)
        spec = schema.table("Clients").column(column) or schema.table("People").column(column)
        if column == "full_name":
            return any_order(text) or text
        found = words.choice(spec.choices, text) if spec and spec.choices else ""
        made = _KEYS.get(spec.kind if spec else "", _plain)
        return found or made(value, self) or fold_letters(text) or text

    def same(self, column: str, one: object, other: object) -> bool:
        return self.key(column, one) == self.key(column, other)

    def label(self, column: str) -> str:
        return self.headers.get(column, column)


def combine(rows: Sequence[Cells], reading: Reading) -> Combined:
    """What the first of `rows` becomes with the others merged into it, in their order; the rows are not changed.

    rows  the cells of a client each, by column; all but calculated ones and formulas; each has "client_id"

    Calculated columns are left to the next refresh. Values are those of one of the rows, never made of two, but for
    notes, to which what differs is added as "Header (number): value".
    """
    whole = Combined(dict(rows[0]))
    for row in rows[1:]:
        client = text_of(row["client_id"]).strip()
        for main, columns in BLOCKS.items():
            _block(whole, row, client, main, columns, reading)
        _phones(whole, row, client, reading)
        for column in (c for c in row if c not in _OWN_RULE):
            _one(whole, row, client, column, reading)
        for column in EARLIER:
            _earlier(whole, row, client, column, reading)
        for column in FLAGS:
            _or(whole, row, column)
    _consent(whole, rows, reading)
    _notes(whole, rows, reading)
    return whole


def _one(whole: Combined, row: Cells, client: str, column: str, reading: Reading) -> None:
    """A cell by itself: the survivor's, the other's where it is blank, and the other's set aside where they differ."""
    value = row.get(column)
    if is_blank(value) or column not in whole.cells:
        return
    if not whole.filled(column):
        whole.cells[column] = value
    elif not reading.same(column, whole.cells[column], value):
        _aside(whole, column, client, text_of(value), text_of(whole.cells[column]))


def _block(whole: Combined, row: Cells, client: str, main: str, columns: Sequence[str], reading: Reading) -> None:
    """A block of cells: one that holds all of the other's and more is taken whole, one that differs is set aside."""
    there = [c for c in columns if c in whole.cells]
    mine = {c: reading.key(c, whole.cells[c]) for c in there if whole.filled(c)}
    theirs = {c: reading.key(c, row.get(c)) for c in there if not is_blank(row.get(c))}
    if mine.items() <= theirs.items() or _same_words(whole.cells, row, there):
        whole.cells.update({c: row[c] for c in theirs if c not in mine})
    elif not theirs.items() <= mine.items():
        kept, other = (told(cells, there) for cells in (whole.cells, row))
        _aside(whole, next((c for c in there if c == main), there[0]), client, other, kept)


def _same_words(one: Cells, other: Cells, columns: Sequence[str]) -> bool:
    """Whether two blocks say the same in other cells: a name in one cell, and in two."""
    return any_order(told(one, columns)) == any_order(told(other, columns)) != ""


def told(cells: Cells, columns: Sequence[str]) -> str:
    """A block in one line: its first cell, then whatever of the others is not said in it already."""
    said = ""
    for column in columns:
        text = text_of(cells.get(column)).strip()
        if not set(tokens(text)) <= set(tokens(said)):
            said = f"{said}, {text}" if said else text
    return said


def _phones(whole: Combined, row: Cells, client: str, reading: Reading) -> None:
    """Numbers that the survivor has not: each into its own column, then into whichever is free."""
    there = [c for c in PHONES if c in whole.cells]
    own = [c for c in there if not whole.filled(c)]
    for column in sorted((c for c in PHONES if not is_blank(row.get(c))), key=lambda c: c not in own):
        if _has(whole, row[column], reading):
            continue
        free = next((c for c in (column, *there) if c in own and not whole.filled(c)), "")
        if free != column:
            kept = text_of(whole.cells.get(column))
            _aside(whole, column, client, text_of(row[column]), kept, free or "notes")
        if free:
            whole.cells[free] = row[column]


def _has(whole: Combined, number: object, reading: Reading) -> bool:
    return any(reading.same("phone", number, whole.cells.get(column)) for column in PHONES if whole.filled(column))


def _earlier(whole: Combined, row: Cells, client: str, column: str, reading: Reading) -> None:
    """The earlier of two dates; what can't be read as one is a cell like any other."""
    if column not in whole.cells or is_blank(row.get(column)):
        return
    mine, theirs = (_day(cells[column], reading) for cells in (whole.cells, row))
    if mine is None or theirs is None:
        _one(whole, row, client, column, reading)
    elif theirs < mine:
        whole.cells[column] = row[column]


def _or(whole: Combined, row: Cells, column: str) -> None:
    """An opt-out of either row is one of both."""
    if column in whole.cells and _flag(row.get(column)) and not _flag(whole.cells[column]):
        whole.cells[column] = row[column]


def _consent(whole: Combined, rows: Sequence[Cells], reading: Reading) -> None:
    """The earliest consent of each channel that is valid (a day up to today) with its source; none that was refused.

    One that goes because of an opt-out, or that is no such day, is told in the notes.
    """
    for day, source, flags in PAIRS:
        there = [column for column in (day, source) if column in whole.cells]
        given = [row for row in rows if told(row, there)]
        if day not in there:
            continue
        if any(_flag(whole.cells.get(column)) for column in flags):
            whole.cells.update(dict.fromkeys(there))
        else:
            given = _earliest_consent(whole, given, there, reading)
        for row in given:
            _aside(whole, day, text_of(row["client_id"]).strip(), told(row, there), told(whole.cells, there))


def _earliest_consent(whole: Combined, given: Sequence[Cells], there: Sequence[str], reading: Reading) -> list[Cells]:
    """Puts the earliest valid consent into the survivor's cells `there`, its day the first; gives the rows without one.

    What the survivor has itself stays where there is no valid one.
    """
    days = {n: _day(row[there[0]], reading) for n, row in enumerate(given)}
    valid = sorted((day, n) for n, day in days.items() if day and day <= reading.today)
    if not valid:
        return [row for row in given if row["client_id"] != whole.cells["client_id"]]
    whole.cells.update({c: given[valid[0][1]].get(c) for c in there})
    return [row for n, row in enumerate(given) if n not in {at for _, at in valid}]


def _notes(whole: Combined, rows: Sequence[Cells], reading: Reading) -> None:
    """The survivor's notes, then each other's with its number and the day, then what was set aside."""
    if "notes" not in whole.cells:
        return
    lines = [text_of(whole.cells["notes"]).rstrip()] if whole.filled("notes") else []
    day = reading.today.isoformat()
    for row in rows[1:]:
        text = text_of(row.get("notes")).strip()
        if text and not reading.same("notes", text, rows[0].get("notes")):
            lines.append(f"{text_of(row['client_id']).strip()}, {day}: {text}")
    lines += [f"{reading.label(one.column)} ({one.client}): {one.value}" for one in whole.asides if one.to == "notes"]
    if len(lines) > whole.filled("notes"):
        whole.cells["notes"] = "\n".join(lines)


def _aside(whole: Combined, column: str, client: str, value: str, kept: str, to: str = "notes") -> None:
    whole.asides.append(Aside(column, client, value, kept, to))


def _flag(value: object) -> bool:
    return bool(as_flag(pd.Series([value], dtype=object)).iloc[0])


def _day(value: object, reading: Reading) -> dt.date | None:
    """A cell as a day, None where it is blank or none."""
    found = as_date(pd.Series([value], dtype=object), reading.country)[0].iloc[0]
    return None if pd.isna(found) else found.date()


def _plain(value: object, reading: Reading) -> str:
    return fold(text_of(value))


def _email(value: object, reading: Reading) -> str:
    return caseless(email.compact(text_of(value)))


def _phone(value: object, reading: Reading) -> str:
    text = text_of(value)
    return phone.validate(text, reading.country) if phone.is_valid(text, reading.country) else phone.compact(text)


def _number(value: object, reading: Reading) -> str:
    return text_of(as_number(pd.Series([value], dtype=object), reading.country)[0].round(6).iloc[0])


def _date(value: object, reading: Reading) -> str:
    day = _day(value, reading)
    return day.isoformat() if day else ""


def _flagged(value: object, reading: Reading) -> str:
    return str(_flag(value))


def number_of(value: object, country: str) -> str:
    """A tax number in capitals without separators and without the prefix of its country."""
    return tax_id.compact(text_of(value)).removeprefix(country.upper() or " ")


_KEYS: dict[str, Callable[[object, Reading], str]] = {
    "email": _email,
    "phone": _phone,
    "tax_id": lambda value, reading: number_of(value, reading.country),
    "postal_code": lambda value, reading: fold(text_of(value)).replace(" ", ""),
    "date": _date,
    "flag": _flagged,
    **dict.fromkeys(schema.NUMBERS, _number),
}
