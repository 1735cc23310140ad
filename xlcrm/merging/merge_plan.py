"""Merge, the operation of `xlcrm merge`, as a plan: clients that somebody decided are one become one row.

Only a person's decision merges. The rows that go are kept whole in the journal, so that an undo parts them again.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.errors import CrmError
from xlcrm.merging import decisions
from xlcrm.merging.alias_table import id_keys
from xlcrm.merging.combining import LONGEST_CELL, Cells, Combined, combine, told
from xlcrm.merging.merged_people import MergedPeople, beside_known, merge_firm
from xlcrm.merging.moved_references import moved, prints, reference_columns, repeated_lines
from xlcrm.merging.roster import LINES, NAMES, Roster, asked
from xlcrm.people.person_ids import person_ids, used_ids
from xlcrm.plan import Added, Change, Plan, Removed
from xlcrm.problems import Problem
from xlcrm.row_matching import is_calculated
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.values import as_number, as_text, is_blank, same_value, text_of

_FIGURES = frozenset({"amount", "quantity", "unit_price", "currency", "invoice"})
TOLD = 10  # merges that are named one by one
Note = tuple[str, Mapping[str, object]]


class Merge(NamedTuple):
    """Clients that become one: the survivor's position in Clients, the others', what the survivor's row becomes, and
    the people who come of them (cells of People) where they are one firm."""

    survivor: int
    others: tuple[int, ...]
    row: Combined
    people: tuple[Cells, ...] = ()


def plan(
    tables: Tables, *, settings: Settings, today: dt.date, pairs: Sequence[Sequence[str]] = (), firm: bool = False
) -> Plan:
    """What merging would do: cells, moved lines, removed rows, the alias table, and what could not be merged.

    pairs  pairs of client numbers that are one; none given: what was decided in the sheet Duplicates
    firm   the pairs are one firm and two people: one client, and the people go to the table People

    The survivor has more purchases and contacts, else the older `registered_on`, else the upper row. Its blank cells
    are filled; what differs is kept in a free cell or in the notes, with a Problem "merge.differs" (level "note"); its
    calculated cells are blank until the next refresh. Every cell that holds the number of a client that goes gets the
    survivor's. Clients that can't be one are Problems ("merge.two_tax_ids", "merge.person_and_company",
    "merge.decided_apart", "merge.id_twice", "merge.no_room", "merge.no_firm"); the other merges go on. Decisions that
    clients are two go into the table Decisions, and blocks of which nothing is left to ask leave the sheet Duplicates.

    CrmError "merge.no_table" for a workbook without the tables Merged and Decisions, "refresh.no_client_id",
    "merge.unknown_client", "merge.circle", and "merge.totals" should a sum of amounts not be the same after.
    """
    check_tables(tables, settings)
    roster = Roster(tables, settings, today)
    same, firms = _wanted(tables, roster, pairs, firm=firm)
    if firms and "People" not in tables:
        raise CrmError("merge.no_table", table=words.title("People", settings.language))
    groups = decisions.groups(sorted(same | firms, key=sorted))
    merges = [merge for group in groups if (merge := _merge_of(roster, group, same, firms))]
    final = {str(roster.keys[other]): roster.number(m.survivor) for m in merges for other in m.others}
    made = _Parts(tables, roster, merges, final).plan()
    if made.is_empty and not made.problems:
        key = "merge.already" if pairs else "merge.nothing"
        note = key, {"sheet": words.title("Duplicates", settings.language)}
        return Plan("merge", notes=(note,), nothing_to_do=not pairs)
    assert_totals(tables, made, final)
    return made


def check_tables(tables: Tables, settings: Settings) -> None:
    """CrmError "merge.no_table" where a merge could not be remembered, "refresh.no_client_id" without numbers."""
    for needed in ("Clients", "Merged", "Decisions"):
        if needed not in tables:
            raise CrmError("merge.no_table", table=words.title(needed, settings.language))
    for needed, column in (("Clients", "client_id"), ("Merged", "old_id"), ("Merged", "new_id")):
        if column not in tables[needed].frame:
            raise CrmError("refresh.no_client_id", sheet=tables[needed].sheet)


Pairs = set[decisions.Pair]


def _wanted(tables: Tables, roster: Roster, pairs: Sequence[Sequence[str]], *, firm: bool) -> tuple[Pairs, Pairs]:
    """The pairs that are one client, and those that are one firm for two people."""
    if pairs:
        named = asked(tables, roster, pairs)
        return (set(), named) if firm else (named, set())
    found = decisions.rulings(tables)
    same, firms = ({r.pair for r in found if r.decision == word} for word in (decisions.SAME, decisions.FIRM))
    return same, firms - same


def _merge_of(roster: Roster, group: Sequence[str], same: Pairs, firms: Pairs) -> Merge | None:
    """The merge of a group: as one firm where any two of it are one for two people."""
    if not any(pair <= set(group) for pair in firms):
        return _merge(roster, roster.fitting(group))
    places = roster.fitting(group, firm=True)
    if len(places) < 2:
        return None
    if not any(text_of(roster.cells(place).get("company")).strip() for place in places):
        roster.refuse(roster.problem("merge.no_firm", places[0], places[1], "company"), *places)
        return None
    rows = [[roster.cells(place) for place in one] for one in _persons(roster, places, same)]
    found = merge_firm(rows, roster.reading(places[0]))
    return _with_room(roster, places, Merge(places[0], tuple(places[1:]), found.row, found.people))


def _persons(roster: Roster, places: Sequence[int], same: Pairs) -> list[list[int]]:
    """The rows of one firm by persons, those that are the same client together; the order of `places` stays."""
    leader = {str(roster.keys[place]): str(roster.keys[place]) for place in places}
    for group in decisions.groups(sorted(same, key=sorted)):
        leader |= dict.fromkeys((key for key in group if key in leader), group[0])
    found: dict[str, list[int]] = {}
    for place in places:
        found.setdefault(leader[str(roster.keys[place])], []).append(place)
    return list(found.values())


def _merge(roster: Roster, places: Sequence[int]) -> Merge | None:
    """The merge of rows that can be one; None where fewer than two are left, or what they hold has no room."""
    if len(places) < 2:
        return None
    row = combine([roster.cells(place) for place in places], roster.reading(places[0]))
    return _with_room(roster, places, Merge(places[0], tuple(places[1:]), row))


def _with_room(roster: Roster, places: Sequence[int], merge: Merge) -> Merge | None:
    """The merge, what differs told; None where what is set aside has no room."""
    row = merge.row
    homeless = "notes" not in row.cells and any(one.to == "notes" for one in row.asides)
    if homeless or len(text_of(row.cells.get("notes"))) > LONGEST_CELL:
        roster.refuse(roster.problem("merge.no_room", places[0], places[1]), *places)
        return None
    roster.problems += [_differs(roster, places[0], one) for one in row.asides]
    return merge


def _differs(roster: Roster, place: int, one: Any) -> Problem:
    """What the survivor's cell does not take, and where it is kept."""
    headers, row = roster.table.headers, roster.table.excel_row(place)
    values = (("client", one.client), ("kept", one.kept or "-"), ("to", headers.get(one.to, one.to)))
    return Problem(
        "merge.differs", "Clients", row, roster.number(place), one.column, one.value, level="note", values=values
    )


class _Parts:
    """The parts of a plan: which cells, lines and rows these merges change.

    final  the number of a client that goes (as `id_keys`) -> the survivor's number
    """

    def __init__(self, tables: Tables, roster: Roster, merges: Sequence[Merge], final: Mapping[str, str]) -> None:
        self.tables, self.roster, self.merges, self.final = tables, roster, merges, final
        self.clients = roster.table
        self.people = MergedPeople.of(tables, final, roster.settings, roster.today)

    def plan(self) -> Plan:
        """All merges as one plan, their sentences with it."""
        gone = frozenset(place for merge in self.merges for place in merge.others)
        found, problems = moved(self.tables, self.final, gone)
        removed = self._removed(sorted(gone))
        leaving = {part.table: part.rows.index for part in removed}
        stay = (_without(self._not_its_own(change), leaving.get(change.table)) for change in found)
        references = [part for part in stay if len(part.after)]
        kept = decisions.new_lines(self.tables, self.final, settings=self.roster.settings, today=self.roster.today)
        people, completed = self._people()
        added = (
            self._aliases(),
            people,
            Added("Decisions", kept[[c for c in kept if c in self.tables["Decisions"].frame]]),
        )
        return Plan(
            "merge",
            changes=(*self._cells(references), *references, *self.people.changes, *completed),
            removed=removed,
            added=tuple(part for part in added if len(part.rows)),
            problems=(*self.roster.problems, *problems, *self._repeated()),
            notes=(*self._told(references), *self.people.notes, *_counted(len(kept), len(self.roster.refused))),
        )

    def _cells(self, references: Sequence[Change]) -> list[Change]:
        """The survivors' cells that become something else; calculated ones that are filled become blank."""
        moving = {(c.column, place) for c in references if c.table == "Clients" for place in c.after.index}
        numbers = set(reference_columns(self.clients, set(self.roster.keys) - {""}))
        cells: dict[str, dict[int, object]] = {}
        for merge in self.merges:
            for column, value in {**merge.row.cells, **self._calculated()}.items():
                new = self._of_today(value) if column in numbers else value
                if column == "parent_id" and text_of(new).strip() == self.roster.number(merge.survivor):
                    new = None  # its group became one with it
                old = self.clients.frame[column].iloc[merge.survivor]
                if (column, merge.survivor) not in moving and not same_value(old, new):
                    cells.setdefault(column, {})[merge.survivor] = new
        return [_change_of(self.clients, column, values) for column, values in cells.items()]

    def _not_its_own(self, change: Change) -> Change:
        """A change of groups in which nobody becomes its own: a client whose group was merged into it has none."""
        if (change.table, change.column) != ("Clients", "parent_id"):
            return change
        own = id_keys(change.after.astype(object)) == self.roster.keys[change.after.index]
        return replace(change, after=change.after.astype(object).mask(own, None))

    def _calculated(self) -> dict[str, None]:
        """The calculated columns, blank."""
        filled = (c for c in map(str, self.clients.frame) if is_calculated("Clients", c))
        return {column: None for column in filled if column not in self.clients.formulas}

    def _of_today(self, value: object) -> object:
        key = id_keys(pd.Series([value], dtype=object)).iloc[0]
        return self.final.get(key, value)

    def _removed(self, gone: Sequence[int]) -> tuple[Removed, ...]:
        """Rows of clients, blocks of Duplicates that are done with, and aliases of numbers that are a survivor's."""
        old = id_keys(self.tables["Merged"].frame["old_id"])
        survivors = {str(self.roster.keys[merge.survivor]) for merge in self.merges}
        merged = np.flatnonzero(old.isin(survivors)).tolist()
        places = {"Clients": gone, "Duplicates": self._done(), "Merged": merged, "People": self.people.gone}
        return tuple(_rows_of(self.tables[name], at) for name, at in places.items() if at)

    def _done(self) -> list[int]:
        """Positions in Duplicates of blocks that are decided, or hold a client of a merge; those of nobody refused."""
        concerned = set(self.final) | {number.upper() for number in self.final.values()}
        done: set[int] = set()
        for block in decisions.blocks(self.tables):
            ids = {row.client.upper() for row in block}
            if not ids & self.roster.refused and (ids & concerned or decisions.settled(block)):
                done |= {row.position for row in block}
        return sorted(done)

    def _aliases(self) -> Added:
        """The lines of the table Merged: how each client that goes was called."""
        rows = [self._alias(other, merge.survivor) for merge in self.merges for other in merge.others]
        there = self.tables["Merged"]
        frame = pd.DataFrame(rows, dtype=object)
        return Added("Merged", frame[[c for c in frame if c in there.frame and c not in there.formulas]])

    def _people(self) -> tuple[Added, list[Change]]:
        """Rows of People for those who were clients of a firm each, and cells of those who stand there already."""
        rows = [{**p, "client_id": self.roster.number(m.survivor)} for m in self.merges for p in m.people]
        if not rows:
            return Added("People", pd.DataFrame()), []
        there = self.tables["People"]
        fresh, filled = beside_known(there.frame, rows, self.final, busy=self.people.busy)
        ids = person_ids([""] * len(fresh), used_ids(self.tables))
        frame = pd.DataFrame([{"person_id": own, **row} for own, row in zip(ids, fresh, strict=True)], dtype=object)
        added = Added("People", frame[[c for c in there.frame if c in frame and c not in there.formulas]])
        cells = {column: values for column, values in filled.items() if column not in there.formulas}
        return added, [_change_of(there, column, values) for column, values in cells.items()]

    def _alias(self, place: int, survivor: int) -> dict[str, object]:
        cells = self.roster.cells(place)
        phone = cells.get("mobile") if is_blank(cells.get("phone")) else cells.get("phone")
        return {
            "old_id": self.roster.number(place),
            "new_id": self.roster.number(survivor),
            "merged_on": pd.Timestamp(self.roster.today),
            "full_name": told(cells, NAMES),
            "email": cells.get("email"),
            "phone": phone,
            "tax_id": cells.get("tax_id"),
        }

    def _repeated(self) -> list[Problem]:
        if "Purchases" not in self.tables:
            return []
        groups = [[str(self.roster.keys[p]) for p in (m.survivor, *m.others)] for m in self.merges]
        return repeated_lines(self.tables["Purchases"], groups)

    def _told(self, references: Sequence[Change]) -> list[Note]:
        """What was merged. The first note also holds, unseen, what undo tells the lines by (`xlcrm.undo.parting`)."""
        if not self.merges:
            return []
        lines = sum(len(c.after) for c in references if not is_calculated(c.table, c.column))
        values = {
            "gone": len(self.final),
            "survivors": len(self.merges),
            "lines": lines,
            "prints": self._prints(references),
        }
        named = [(self.roster.name(o), self.roster.name(m.survivor)) for m in self.merges for o in m.others]
        return [
            ("merge.done", values),
            *(("merge.one", {"old": old, "new": new}) for old, new in named[:TOLD]),
            *self._people_told(),
            ("merge.refresh", {}),
        ]

    def _people_told(self) -> list[Note]:
        count = sum(len(merge.people) for merge in self.merges)
        return [("merge.firm_people", {"count": count})] if count else []

    def _prints(self, references: Sequence[Change]) -> str:
        """JSON: of each table the print of every line that moves by its position, and the survivors' own lines."""
        survivors = {str(self.roster.keys[merge.survivor]) for merge in self.merges}
        moving = {
            f"{c.table}|{c.column}": prints(self.tables[c.table], c.after.index)
            for c in references
            if c.table != "Clients"
        }
        own = {}
        for name in LINES:
            if name in self.tables and "client_id" in self.tables[name].frame:
                keys = id_keys(self.tables[name].frame["client_id"])
                found = prints(self.tables[name], keys.index[keys.isin(survivors)])
                own[name] = [f"{one}|{key}" for one, key in zip(found, keys[found.index], strict=True)]
        told_by = {name: {str(place): str(one) for place, one in found.items()} for name, found in moving.items()}
        return json.dumps({"moved": told_by, "own": own, "clients": sorted(survivors)})


def _counted(kept: int, refused: int) -> list[Note]:
    """How many decisions were kept, and how many clients could not be merged."""
    notes: list[Note] = [("merge.kept", {"count": kept})] if kept else []
    return [*notes, ("merge.refused", {"count": refused})] if refused else notes


def _rows_of(table: Table, places: Sequence[int]) -> Removed:
    return Removed(table.name, table.frame.iloc[list(places)][[c for c in table.frame if c not in table.formulas]])


def _change_of(table: Table, column: str, values: Mapping[int, object]) -> Change:
    """Cells of a column by position as a change; the client's number names the row."""
    index = pd.Index(sorted(values), dtype="int64")
    after = pd.Series([values[place] for place in index], index=index, dtype=object)
    return Change(table.name, column, table.frame[column].loc[index], after, table.frame["client_id"].loc[index])


def _without(change: Change, leaving: pd.Index[int] | None) -> Change:
    """A change without the rows that leave the table anyway."""
    if leaving is None:
        return change
    stays = ~change.after.index.isin(leaving)
    return Change(change.table, change.column, change.before[stays], change.after[stays], change.keys[stays])


def assert_totals(tables: Tables, made: Plan, final: Mapping[str, str]) -> None:
    """CrmError "merge.totals" unless each client has after the plan exactly the amounts of those it is made of."""
    table = tables.get("Purchases")
    if table is None or "client_id" not in table.frame:
        return
    keys = id_keys(table.frame["client_id"])
    meant = [final.get(key, key).upper() for key in keys]
    amounts = as_text(as_number(table.frame["amount"])[0]) if "amount" in table.frame else [""] * len(keys)
    same = Counter(zip(meant, amounts, strict=True)) == Counter(zip(_after(table, made), amounts, strict=True))
    rows = {part.table for part in made.removed} | {part.table for part in made.added}
    figures = {change.column for change in made.changes if change.table == "Purchases"} & _FIGURES
    if figures or "Purchases" in rows or not same:
        raise CrmError("merge.totals", sheet=table.sheet)


def _after(table: Table, made: Plan) -> list[str]:
    """The client of each line after the plan, as keys."""
    ids = table.frame["client_id"].astype(object).copy()
    for change in made.changes:
        if (change.table, change.column) == (table.name, "client_id"):
            ids.loc[change.after.index] = change.after.astype(object)
    return id_keys(ids).tolist()
