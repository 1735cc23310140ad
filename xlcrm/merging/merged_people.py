"""Merged people: what a merge of clients does to the people there, so that nothing that somebody typed is lost.

Who stood at both clients becomes one row. "Same firm" in the sheet Duplicates says that two rows are one client, and
two people there: what is a person's (name, title, job, own e-mail and telephone, birth date, what they don't want) goes
to People; the firm keeps the rest as any merge does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from xlcrm import words
from xlcrm.fields import email as email_field
from xlcrm.merging.alias_table import id_keys
from xlcrm.merging.combining import LONGEST_CELL, Cells, Combined, Reading, combine, told
from xlcrm.people.channel_consent import CONSENT, FLAGS
from xlcrm.people.job_roles import role_of
from xlcrm.people.same_person import sure_groups
from xlcrm.people.still_there import clients_of
from xlcrm.plan import Change
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.text import any_order, caseless, tokens
from xlcrm.values import as_flag, is_blank, same_value, text_of

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
    for column in (*SHARED, *FLAGS):
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
    return is_blank(old) or (column in FLAGS and said)


_WITH_PERSONS = ("Interactions", "Opportunities", "External")
Note = tuple[str, Mapping[str, object]]


@dataclass(frozen=True)
class MergedPeople:
    """What a merge of clients does to the table People beside the client's number: cells, and rows that go."""

    changes: tuple[Change, ...] = ()
    gone: tuple[int, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def busy(self) -> frozenset[int]:
        """The rows of People that change or go."""
        own = (change.after.index for change in self.changes if change.table == "People")
        return frozenset(self.gone).union(*(map(int, index) for index in own))

    @classmethod
    def of(cls, tables: Tables, final: Mapping[str, str], settings: Settings, today: dt.date) -> MergedPeople:
        """The rows that are surely one person once their clients are one.

        final  the number of a client that goes (as `id_keys`) -> the survivor's number

        The upper row stays, takes what it lacks, and keeps what differs in its notes with the other's number; contacts
        and opportunities that name the other name it. Rows that are only probably one person, that can't be told from
        each other by their numbers, or whose notes have no room stay two.
        """
        if "People" not in tables or "client_id" not in tables["People"].frame or not final:
            return cls()
        table = tables["People"]
        reading = Reading(settings.country, settings.language, table.headers, today)
        rows = [row for group in _groups(table, final) if (row := _one_row(table, group, reading))]
        if not rows:
            return cls()
        cells = _changes(table, rows)
        names = {text_of(old): new for row in rows for old, new in row.renamed.items()}
        gone = tuple(sorted(place for row in rows for place in row.gone))
        note: Note = ("merge.people", {"count": len(gone)})
        return cls((*cells, *_renamed(tables, names)), gone, (note,))


@dataclass(frozen=True)
class _Row:
    """One person of several rows: the row that stays and what it becomes, those that go, and their numbers."""

    stays: int
    gone: Sequence[int]
    cells: Mapping[str, Any]
    renamed: Mapping[str, str]


def _groups(table: Table, final: Mapping[str, str]) -> list[list[int]]:
    """The rows that become one: at one client after the merge, and not all of them at one before."""
    before = id_keys(clients_of(table.frame))
    after = before.map(lambda key: final.get(key, key).upper())
    concerned = set(final) | {number.upper() for number in final.values()}
    groups = sure_groups(table.frame, after.where(before.isin(concerned), ""))
    return [group for group in groups if before.iloc[group].nunique() > 1]


def _one_row(table: Table, group: Sequence[int], reading: Reading) -> _Row | None:
    """What the first row becomes with the others; None where there is no room, or their numbers can't be told apart."""
    frame = table.frame
    if _shared(table, group):
        return None
    typed = [column for column in map(str, frame.columns) if column not in table.formulas]
    rows = [{c: frame[c].iloc[at] for c in typed} for at in group]
    tagged = [{**row, "client_id": text_of(row.get("person_id")) or str(table.excel_row(at))}
              for row, at in zip(rows, group, strict=True)]  # fmt: skip
    made = combine(tagged, reading)
    if not _has_room(made):
        return None
    kept = text_of(made.cells.get("person_id")).strip()
    renamed = {text_of(row["person_id"]).strip(): kept for row in rows if not is_blank(row.get("person_id"))}
    cells = {column: value for column, value in made.cells.items() if column != "client_id"}
    return _Row(group[0], group[1:], cells, {old: new for old, new in renamed.items() if old != new})


def _shared(table: Table, group: Sequence[int]) -> bool:
    """Whether a row outside of the group has a number of one of its rows."""
    if "person_id" not in table.frame.columns:
        return False
    numbers = id_keys(table.frame["person_id"])
    mine = numbers.iloc[list(group)]
    return bool(numbers.isin(set(mine) - {""}).sum() > (mine != "").sum())


def _has_room(made: Combined) -> bool:
    """Whether what differs has notes to go to, and these have room for it."""
    homeless = "notes" not in made.cells and any(one.to == "notes" for one in made.asides)
    return not homeless and len(text_of(made.cells.get("notes"))) <= LONGEST_CELL


def _changes(table: Table, rows: Sequence[_Row]) -> list[Change]:
    """The cells of the rows that stay which become something else."""
    cells: dict[str, dict[int, object]] = {}
    for row in rows:
        for column, value in row.cells.items():
            if not same_value(table.frame[column].iloc[row.stays], value):
                cells.setdefault(column, {})[row.stays] = value
    return [_change(table, column, values) for column, values in cells.items()]


def _renamed(tables: Tables, names: Mapping[str, str]) -> list[Change]:
    """The cells of other tables that name a person whose row goes."""
    found = []
    for table in (tables[name] for name in _WITH_PERSONS if name in tables):
        if "person_id" in table.frame.columns and "person_id" not in table.formulas:
            keys = {
                key: names[old] for old, key in zip(names, id_keys(pd.Series(list(names), dtype="str")), strict=True)
            }
            held = id_keys(table.frame["person_id"])
            values = {int(str(at)): keys[key] for at, key in held[held.isin(keys.keys())].items()}
            found += [_change(table, "person_id", values)] if values else []
    return found


def _change(table: Table, column: str, values: Mapping[int, object]) -> Change:
    """Cells of one column, each row named by its table's first column."""
    index = pd.Index(sorted(values), dtype="int64")
    after = pd.Series([values[place] for place in index], index=index, dtype=object)
    return Change(table.name, column, table.frame[column].loc[index], after, table.frame.iloc[:, 0].loc[index])
