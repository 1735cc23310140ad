"""Dataclasses of a split name, whole or in the making, so that cell, column and workbook agree on the fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from xlcrm.names.name_words import Word


class Name(NamedTuple):
    """A name cell in its parts. What does not apply is ""; every part is as it was typed.

    kind        "person", "company", "household" (a couple, a family), "" where the cell is blank
    title       in front of or behind the name: "Dott.ssa", "Prof. Dr.", "Mr & Mrs"
    first_name  all given names where a language treats them as one ("María José", "Jean-Pierre", "Ole Kristian")
    middle_name English middle names, initials, Norwegian middle surnames
    last_name   one or more family names with their particles ("García Márquez", "van der Berg", "De Luca")
    suffix      "Jr.", "III", "PhD"
    nickname    what stood in quotes or brackets
    company     the company as typed with its legal form, alone or beside a person
    legal_form  "S.r.l.", "AS", "GmbH" as typed
    sure        False where another reading is about as good; then `reason` is a message key
    other_first, other_last   given and family names of that reading, where it is one of names
    remainder   text that fits no field (a maiden name, a remark)
    """

    kind: str = ""
    title: str = ""
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    suffix: str = ""
    nickname: str = ""
    company: str = ""
    legal_form: str = ""
    sure: bool = True
    reason: str = ""
    other_first: str = ""
    other_last: str = ""
    remainder: str = ""


# The names of a list, field by field: text, but flags for `sure`.
Columns = dict[str, list[Any]]


def blank_columns(rows: int) -> Columns:
    """Columns of as many blank names."""
    return {field: [default] * rows for field, default in Name._field_defaults.items()}


def put(columns: Columns, places: Sequence[int], names: Sequence[Name]) -> None:
    """Writes names into rows of the columns that are still blank, field by field: most fields are blank in all."""
    for part, values in zip(Name._fields, zip(*names, strict=True), strict=False):
        if values.count(Name._field_defaults[part]) < len(values):
            column = columns[part]
            for place, value in zip(places, values, strict=True):
                column[place] = value


# What one cell holds before anybody decides which words are the given names: that decision needs the other rows.


@dataclass(slots=True)
class NameRow:
    """A dissected cell. The order of `units` is open, unless `family` is set: then `given` and `family` are known.

    `partner` is the other half of a couple, `joiner` the "and" between them.
    """

    kind: str = "person"
    units: list[Word] = field(default_factory=list)
    given: list[Word] | None = None
    family: list[Word] | None = None
    title: str = ""
    suffix: str = ""
    nickname: str = ""
    company: str = ""
    legal_form: str = ""
    remainder: list[str] = field(default_factory=list)
    partner: NameRow | None = None
    joiner: str = ""
    partner_in_front: bool = False
    reason: str = ""
    one_case: bool = False
