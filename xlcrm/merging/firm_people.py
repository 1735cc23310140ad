"""People at one firm, merged: clients who are a firm each, for a person each, become one firm and its people.

"Same firm" in the sheet Duplicates says that two rows are one client, and two people there. What is a person's (name,
title, job, own e-mail and telephone, birth date, what they don't want) goes to People; the firm keeps the rest as any
merge does. Nothing that somebody typed is lost, and no opt-out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from xlcrm import words
from xlcrm.fields import email as email_field
from xlcrm.merging.combining import CONSENT, OPT_OUTS, Cells, Combined, Reading, combine, told
from xlcrm.people.job_roles import role_of
from xlcrm.text import any_order, caseless, tokens
from xlcrm.values import as_flag, is_blank, text_of

NAME = ("full_name", "first_name", "middle_name", "last_name")
MOVING = (*NAME, "title", "suffix", "gender", "job_title", "birth_date", "mobile", "salutation")
SHARED = ("language", "preferred_contact")  # the person's, and the firm's as well
TOLD = ("nickname", "occupation", "social_category", "household", *CONSENT)  # kept in the person's notes

NewCells = dict[str, dict[int, Any]]  # column of People -> position -> what the cell becomes


@dataclass(frozen=True)
class FirmMerge:
    """What the survivor's row becomes, and the people there: cells of People by column, without numbers."""

    row: Combined
    people: tuple[Cells, ...]


def merge_firm(rows: Sequence[Sequence[Cells]], reading: Reading) -> FirmMerge:
    """One firm of clients, the survivor first; each of `rows` is a client, or several rows that are one person's.

    A client without a person's name, or with the firm's own as their name, brings no person. An e-mail or telephone
    that two of them have, and the e-mail of an office, stays with the firm. The cells are not changed.
    """
    whole = [combine(list(cells), reading) if len(cells) > 1 else Combined(dict(cells[0])) for cells in rows]
    common = {column: _common([one.cells for one in whole], column, reading) for column in ("email", "phone")}
    parted = [_parted(one.cells, common, reading) for one in whole]
    firm = combine([cells for cells, _ in parted], reading)
    if "kind" in firm.cells:
        firm.cells["kind"] = words.choice_word("kind", "company", reading.language)
    firm.asides[:0] = [aside for one in whole for aside in one.asides]
    return FirmMerge(firm, tuple(person for _, person in parted if person))


def has_person(cells: Cells) -> bool:
    """Whether a client's row names a person besides the firm."""
    name = set(tokens(told(cells, NAME)))
    return bool(name) and name != set(tokens(text_of(cells.get("company"))))


def _common(rows: Sequence[Cells], column: str, reading: Reading) -> set[str]:
    """What several rows have in a column, as it is compared."""
    keys = [reading.key(column, cells.get(column)) for cells in rows]
    return {key for key in keys if key and keys.count(key) > 1}


def _parted(cells: Cells, common: dict[str, set[str]], reading: Reading) -> tuple[Cells, Cells]:
    """The firm's cells and the person's; no person's where the row names none."""
    if not has_person(cells):
        return dict(cells), {}
    firm, person = dict(cells), dict.fromkeys(MOVING)
    for column in MOVING:
        person[column], firm[column] = cells.get(column), None
    for column in ("email", "phone"):
        if not _is_firms(column, cells.get(column), common[column], reading):
            person[column], firm[column] = cells.get(column), None
    for column in (*SHARED, *OPT_OUTS):
        person[column] = cells.get(column)
    if is_blank(firm.get("email")) and "opt_out_email" in firm:
        firm["opt_out_email"] = None
    person |= _told_of(cells, reading)
    firm |= dict.fromkeys(TOLD)
    return {c: v for c, v in firm.items() if c in cells}, {c: v for c, v in person.items() if not is_blank(v)}


def _told_of(cells: Cells, reading: Reading) -> Cells:
    """The role that the title tells, and what People has no column for, as notes."""
    role = role_of(text_of(cells.get("job_title")))
    notes = [f"{reading.label(c)}: {text_of(cells[c])}" for c in TOLD if not is_blank(cells.get(c))]
    return {"role": words.choice_word("role", role, reading.language) if role else "", "notes": "; ".join(notes)}


def _is_firms(column: str, value: Any, common: set[str], reading: Reading) -> bool:
    """Whether an e-mail or telephone is the firm's: several have it, or it is an office's mailbox."""
    office = column == "email" and not is_blank(value) and email_field.is_role(text_of(value))
    return office or reading.key(column, value) in common


def beside_known(
    there: pd.DataFrame, people: Sequence[Cells], final: Mapping[str, str], *, busy: Collection[int] = ()
) -> tuple[list[Cells], NewCells]:
    """The people who are not in the table People yet, and what is new about those who are: column -> row -> cell.

    there   the table People; `final` the number of a client that goes (as `id_keys`) -> the one that takes its place
    people  cells of People with the client_id of the firm that stays
    busy    positions of rows that another part of the merge changes or takes out: nobody is known by them

    Known is who has the e-mail, or the name in any order, of somebody at that firm. Blanks are filled, a no is put.
    """
    known: dict[tuple[str, str], int] = {}
    for place, row in enumerate(there.to_dict("records")):
        client = text_of(row.get("client_id")).strip().upper()
        for key in () if place in busy else _keys(row):
            known.setdefault((final.get(client, client).upper(), key), place)
    fresh: list[Cells] = []
    filled: NewCells = {}
    for person in people:
        client = text_of(person["client_id"]).upper()
        place = next((known[client, key] for key in _keys(person) if (client, key) in known), -1)
        if place < 0:
            fresh.append(person)
            continue
        for column in (c for c in person if c in there and _is_new(c, there[c].iloc[place], person[c])):
            filled.setdefault(column, {})[place] = person[column]
    return fresh, filled


def _keys(cells: Mapping[Any, Any]) -> list[str]:
    """What a person is known by within a firm."""
    parts = [text_of(cells.get(name)) for name in ("first_name", "last_name")]
    name = any_order(" ".join(parts) if any(map(str.strip, parts)) else text_of(cells.get("full_name")))
    return [key for key in (caseless(text_of(cells.get("email")).strip()), name) if key]


def _is_new(column: str, old: Any, new: Any) -> bool:
    """A blank cell, or a no where none stood."""
    said = bool(as_flag(pd.Series([old, new], dtype=object)).tolist() == [False, True])
    return is_blank(old) or (column in OPT_OUTS and said)
