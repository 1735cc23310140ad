"""Parting of merged clients again, the undo of a merge: cell by cell, weeks later, and around what was typed since.

An ordinary undo refuses where a cell was changed since. After a merge that would be too strict, because people go on
working with the client: what was changed since stays and is named, lines that came since stay with the survivor and are
listed, and all the rest comes back.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.errors import CrmError
from xlcrm.merging.alias_table import id_keys
from xlcrm.merging.moved_references import prints
from xlcrm.plan import Added, Change, Plan, Removed
from xlcrm.problems import Problem
from xlcrm.row_matching import fingerprints, is_calculated, key_column, match, tokens
from xlcrm.tables import Table, Tables
from xlcrm.undo import undo
from xlcrm.values import same, text_of

_NUMBERS = frozenset({"client_id", "other_id"})


@dataclass
class _Remembered:
    """What the merge left in the journal to tell lines by: prints by table and column, or by table."""

    moved: Mapping[str, Mapping[str, str]]
    own: Mapping[str, list[str]]
    clients: frozenset[str]

    @classmethod
    def of(cls, applied: Plan) -> _Remembered:
        told = next((str(values.get("prints", "")) for key, values in applied.notes if key == "merge.done"), "")
        data = json.loads(told) if told else {}
        return cls(data.get("moved", {}), data.get("own", {}), frozenset(data.get("clients", ())))


def inverse(applied: Plan, tables: Tables) -> Plan:
    """The plan that parts the clients of a merge again, from the workbook as it is now.

    applied  the plan of the merge with its befores as they were, as the journal keeps it

    Cells that were changed since stay (Problem "undo.stays"), rows that can't be found too ("undo.gone_since");
    purchases and contacts that came since stay with the survivor ("undo.line_stays", level "note"). Calculated cells
    get their befores whatever they are now, for the next refresh fills them. Rows of the sheet Duplicates come back
    unless their block's number was given to another one since.

    CrmError "undo.merged_on" where the survivor was merged into another client since; "undo.table_gone",
    "undo.column_gone" and "undo.key_taken" as for any undo.
    """
    _refuse_if_merged_on(applied, tables)
    told = _Remembered.of(applied)
    work = _Parting(applied, tables, told)
    changes = tuple(change for name in work.names for change in work.changes_back(name))
    removed = tuple(part for part in work.added_back() if len(part.rows))
    added = tuple(part for part in work.removed_back(list(removed)) if len(part.rows))
    counts = {
        "cells": sum(len(change.after) for change in changes),
        "removed": sum(len(part.rows) for part in removed),
        "added": sum(len(part.rows) for part in added),
    }
    problems = (*work.problems, *work.lines_since())
    notes: tuple[tuple[str, Mapping[str, object]], ...]
    notes = (("undo.took_back", {"action": applied.action, **counts}), ("undo.refresh_parted", {}))
    return Plan("undo", changes=changes, removed=removed, added=added, problems=problems, notes=notes)


def _refuse_if_merged_on(applied: Plan, tables: Tables) -> None:
    """A survivor that is no client any more because it was merged itself: its later merge must go first."""
    if "Merged" not in tables or "Clients" not in tables:
        return
    live = set(id_keys(tables["Clients"].frame["client_id"]))
    later = dict(zip(id_keys(tables["Merged"].frame["old_id"]), tables["Merged"].frame["new_id"], strict=True))
    for part in applied.added:
        for survivor in part.rows["new_id"] if part.table == "Merged" else ():
            key = text_of(survivor).strip().upper()
            if key not in live and key in later:
                raise CrmError("undo.merged_on", client=text_of(survivor), into=text_of(later[key]))


class _Parting:
    """The way back of one merge; `problems` tells what stays as it is now."""

    def __init__(self, applied: Plan, tables: Tables, told: _Remembered) -> None:
        self.applied, self.tables, self.told = applied, tables, told
        self.problems: list[Problem] = []
        self.moved: dict[str, set[int]] = {}  # table -> positions now of the lines that go back

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(change.table for change in self.applied.changes))

    def changes_back(self, name: str) -> Iterator[Change]:
        """The changed cells of a table the other way round."""
        table = self._table(name)
        gone = np.sort(
            np.array([p for part in self.applied.removed if part.table == name for p in part.rows.index], int)
        )
        changes = list(undo.merged([change for change in self.applied.changes if change.table == name], gone))
        for change in changes:
            if change.column not in table.frame.columns:
                raise CrmError("undo.column_gone", table=table.sheet, column=change.column)
        places = undo.places_now(changes, gone, table) if changes else pd.Series(dtype=int)
        for change in changes:
            found = self._by_prints(change, places[change.after.index], table)
            if len((back := self._back(change, found, table)).after):
                yield back

    def _by_prints(self, change: Change, places: pd.Series[Any], table: Table) -> pd.Series[Any]:
        """The places of lines by all that they hold, where their key alone can't tell or names another line by now.

        A line that was edited since stays where its key says, unless it is one that the survivor had before.
        """
        left = self.told.moved.get(f"{change.table}|{change.column}", {})
        if not left:
            return places
        ids, after = id_keys(table.frame[change.column]), id_keys(change.after)
        now = prints(table, np.flatnonzero(ids.isin(set(after)))).astype(str) + "|" + ids
        now = now.dropna()
        wanted = pd.Series([f"{left.get(str(place), '')}|{after[place]}" for place in places.index], index=places.index)
        sure = (places.map(now) == wanted).to_numpy()
        free = now[~now.index.isin(places[sure])]
        found = match(wanted[~sure].to_numpy(), free.to_numpy())
        own = set(self.told.own.get(change.table, ()))
        edited = places[~sure].where(~places[~sure].map(now).isin(own), -1)
        places = places.copy()
        places[~sure] = np.where(found >= 0, np.append(free.index.to_numpy(), -1)[found], edited)
        return places.where(~places.duplicated() | (places < 0), -1)

    def _back(self, change: Change, places: pd.Series[Any], table: Table) -> Change:
        """The change the other way round, without the cells that were changed since."""
        calculated = is_calculated(change.table, change.column)
        self._name_lost(change, places, table, calculated)
        there = places[places >= 0]
        index = pd.Index(there.to_numpy(), dtype="int64")
        now = table.frame[change.column].iloc[index]
        after, before, keys = (part[there.index].set_axis(index) for part in (change.after, change.before, change.keys))
        held = same(now, after) | (tokens(now) == tokens(after))
        if calculated and change.column not in _NUMBERS:
            back = Change(change.table, change.column, after.where(held, now.astype(object)), before, keys)
        else:
            self._name_changed(change, now[~held], before[~held], table, calculated)
            back = Change(change.table, change.column, after[held], before[held], keys[held])
        if change.column in _NUMBERS:
            self.moved.setdefault(change.table, set()).update(back.after.index)
        return back

    def _name_lost(self, change: Change, places: pd.Series[Any], table: Table, calculated: bool) -> None:
        for place in () if calculated else places.index[(places < 0).to_numpy()]:
            key = text_of(change.keys[place])
            self.problems.append(self._problem("undo.gone_since", table, 0, key, change.column, key))

    def _name_changed(
        self, change: Change, now: pd.Series[Any], before: pd.Series[Any], table: Table, calculated: bool
    ) -> None:
        for place in () if calculated else now.index:
            key = text_of(table.frame[key_column(table.name) or table.frame.columns[0]].iloc[place])
            values = (("before", text_of(before[place])),)
            row = table.excel_row(place)
            problem = self._problem("undo.stays", table, row, key, change.column, text_of(now[place]))
            self.problems.append(problem._replace(values=values))

    def _problem(self, code: str, table: Table, row: int, key: str, column: str, value: str) -> Problem:
        return Problem(code, table.name, row, key, column, value, level="doubt")

    def added_back(self) -> Iterator[Removed]:
        """The rows that the merge added go; one that somebody changed since stays and is named."""
        for name in dict.fromkeys(part.table for part in self.applied.added if part.table != "Changes"):
            table = self._table(name)
            rows = pd.concat([part.rows for part in self.applied.added if part.table == name], ignore_index=True)
            told = [c for c in rows.columns if c in table.frame.columns]
            places = match(fingerprints(rows, told), fingerprints(table.frame, told))
            for lost in rows.index[places < 0]:
                key = text_of(rows.iloc[lost, 0])
                self.problems.append(self._problem("undo.gone_since", table, 0, key, str(rows.columns[0]), key))
            at = np.sort(places[places >= 0])
            typed = [c for c in table.frame.columns if c not in table.formulas]
            yield Removed(name, table.frame.iloc[at][typed])

    def removed_back(self, removed: list[Removed]) -> Iterator[Added]:
        """The rows that the merge took out come back; not blocks of Duplicates whose number is another's now."""
        for part in self.applied.removed:
            table = self._table(part.table)
            rows = undo.without_lost(part.rows, table)
            if part.table == "Clients" and "client_id" in rows:
                undo.check_free(rows, table, removed)
            if part.table == "Duplicates" and "group" in rows and "group" in table.frame:
                rows = rows[~tokens(rows["group"]).isin(set(tokens(table.frame["group"])))]
            yield Added(part.table, rows.reset_index(drop=True))

    def lines_since(self) -> Iterator[Problem]:
        """Lines of the survivors that were neither theirs before the merge nor came with it."""
        for name, own in self.told.own.items():
            if name not in self.tables or "client_id" not in self.tables[name].frame:
                continue
            table = self.tables[name]
            theirs = id_keys(table.frame["client_id"]).isin(self.told.clients)
            theirs &= ~table.frame.index.isin(self.moved.get(name, set()))
            waiting = Counter(own)
            found = prints(table, np.flatnonzero(theirs)).astype(str) + "|" + id_keys(table.frame["client_id"])[theirs]
            for place, one in found.items():
                waiting[one] -= 1
                if waiting[one] < 0:
                    yield self._line(table, int(str(place)))

    def _line(self, table: Table, place: int) -> Problem:
        key = text_of(table.frame.iloc[place, 0])
        client = text_of(table.frame["client_id"].iloc[place])
        row = table.excel_row(place)
        return Problem("undo.line_stays", table.name, row, key, "client_id", client, level="note")

    def _table(self, name: str) -> Table:
        return undo.table_of(self.tables, name)
