"""People of merged clients: who stood at both becomes one row, and nothing that either row held is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from xlcrm.merging.alias_table import id_keys
from xlcrm.merging.combining import LONGEST_CELL, Combined, Reading, combine
from xlcrm.people.same_person import sure_groups
from xlcrm.people.still_there import clients_of
from xlcrm.plan import Change
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.values import is_blank, same_value, text_of

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
