"""Erasing a client from tables: what is left of each row, as one rule a table, for the workbook and for all history.

The same function takes a client out of the workbook, of its backups, and of the plans that the journal keeps, so that
an older run finds its cells where it left them and can be taken back for all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from xlcrm import schema, words
from xlcrm.forgetting.scrubber import MARK, Scrubber
from xlcrm.forgetting.traces import Erasure, Mask, is_telling
from xlcrm.merging.alias_table import id_keys
from xlcrm.plan import Added, Change, Plan, Removed, Resized, diff
from xlcrm.row_matching import key_column
from xlcrm.tables import VIEW, Table, Tables
from xlcrm.values import as_text


class ErasingRule(NamedTuple):
    """What becomes of the rows of a table whose `column` names somebody who is forgotten.

    kind    whose number stands there: client, person, deal (an open opportunity), document, telling (a number of any
            of them that is no mere figure), name (as it is written), or any (whoever it is)
    blanks  the columns that are emptied; none: the row goes
    """

    table: str
    column: str
    kind: str
    blanks: tuple[str, ...]
    why: str


_DEAL = ("client_id", "person_id", "subject", "competitor", "next_step", "next_on", "lost_because", "notes")
_BUYER = ("client_id", "person_id", "buyer", "buyer_address", "buyer_tax_id")
ALL = ("*",)
_CARD = tuple(spec.name for spec in schema.TABLES if spec.sheet == "Card")
RULES: tuple[ErasingRule, ...] = (
    ErasingRule("Clients", "client_id", "client", (), "the client"),
    ErasingRule("Clients", "parent_id", "client", ("parent_id",), "the firm above is gone, the client stays"),
    ErasingRule("People", "client_id", "client", (), "the people of a firm go with it"),
    ErasingRule("People", "person_id", "person", (), "the person"),
    ErasingRule(
        "Purchases", "client_id", "client", ("client_id",), "what was sold, for how much and when is the firm's"
    ),
    ErasingRule("Interactions", "client_id", "client", (), "what was spoken of"),
    ErasingRule("Interactions", "person_id", "person", ("person_id",), "the contact is the firm's"),
    ErasingRule("Opportunities", "opportunity", "deal", (), "an open one has nobody left to win"),
    ErasingRule(
        "Opportunities", "client_id", "client", _DEAL, "what was won or lost, for how much and when is the firm's"
    ),
    ErasingRule("Opportunities", "person_id", "person", ("person_id",), "the deal is the firm's"),
    ErasingRule("StageChanges", "opportunity", "deal", (), "history of a deal that goes"),
    ErasingRule("Problems", "client_id", "client", (), "repeats what was typed"),
    ErasingRule("Problems", "client_id", "person", (), "repeats what was typed"),
    ErasingRule("Duplicates", "client_id", "client", (), "repeats what was typed"),
    ErasingRule("Merged", "old_id", "client", (), "a former number of the client, with name and e-mail"),
    ErasingRule("Merged", "new_id", "client", (), "a former number of the client, with name and e-mail"),
    ErasingRule("Decisions", "client_id", "client", (), "about the client"),
    ErasingRule("Decisions", "other_id", "client", (), "about the client"),
    ErasingRule("External", "client_id", "client", (), "the number in another program"),
    ErasingRule("External", "person_id", "person", (), "the number in another program"),
    ErasingRule("Found", "client_id", "client", (), "a copy of the client"),
    ErasingRule("CallList", "client_id", "client", ALL, "a copy; the next refresh fills it again"),
    ErasingRule("TopClients", "name", "name", ALL, "a copy; the next refresh fills it again"),
    ErasingRule("PayingClients", "client_id", "client", ALL, "a copy; the next refresh fills it again"),
    ErasingRule("Documents", "client_id", "client", _BUYER, "the number stays taken, the paper is kept by law"),
    ErasingRule("Documents", "person_id", "person", ("person_id",), "the document is the firm's"),
    ErasingRule(
        "Payments", "number", "document", ("note",), "what was paid is the firm's, what the bank wrote names payers"
    ),
)
RULES += tuple(
    ErasingRule(name, schema.table(name).columns[0].name, "any", ALL, "a copy of one client; `show` fills it again")
    for name in _CARD
)
NUMBERS = frozenset({"client_id", "person_id", "old_id", "new_id", "other_id", "parent_id"})
UNTOUCHED = frozenset({"Settings", "Rates", "LabelSheets", "Seller", "Forgotten"})
Part = TypeVar("Part", Added, Removed, Resized)
_KEPT_KINDS = frozenset({"invoice", "credit"})
OWNERS = {"client_id": "client", "person_id": "person"}
LABELS = frozenset({"fact", "month"})  # columns of a fixed table with words of its own, which no client fills


@cache
def rules_of(name: str) -> tuple[ErasingRule, ...]:
    """The rules of a table of the schema. One that `RULES` doesn't name but whose rows name a client or person is a
    copy: its row goes, or where the table has a fixed number of rows gets empty."""
    listed = tuple(rule for rule in RULES if rule.table == name)
    spec = schema.known(name)
    if listed or spec is None:
        return listed
    blanks = ALL if spec.fixed_rows else ()
    owners = ((column.name, OWNERS[column.name]) for column in spec.columns if column.name in OWNERS)
    return tuple(ErasingRule(name, column, kind, blanks, "a copy") for column, kind in owners)


def cards() -> Mapping[str, str]:
    """The tables of sheets that show one client, with the table that says whom: one row, with a client's number."""
    return _cards(schema.with_parts(schema.PARTS))


def _cards(specs: tuple[schema.TableSpec, ...]) -> Mapping[str, str]:
    heads = {spec.sheet: spec.name for spec in specs if spec.fixed_rows == 1 and spec.column("client_id")}
    return {spec.name: heads[spec.sheet] for spec in specs if spec.sheet in heads and spec.fixed_rows}


def erased(name: str, frame: pd.DataFrame, erasure: Erasure) -> tuple[pd.DataFrame, Mask]:
    """The rows of a table without those who are forgotten, and which of them go.

    The frame that comes back has all rows; of those that stay the cells named by the rules are empty, and texts that
    give somebody away have a mark in their place. Rows of a fixed table are emptied rather than taken out.
    """
    gone = np.zeros(len(frame), dtype=bool)
    if name in UNTOUCHED or not len(frame):
        return frame, gone
    kept = _kept(name, frame, erasure)
    after = frame
    for rule in _rules(name, frame):
        hit = _hits(rule, frame, erasure) & ~kept
        copies = hit & _copies(frame)
        gone |= copies
        hit &= ~copies
        if rule.blanks and hit.any():
            after = _emptied(after, rule.blanks, hit)
        elif hit.any():
            gone |= hit
    return _scrubbed(after, erasure.scrubber, ~gone & ~kept), gone


def _copies(frame: pd.DataFrame) -> Mask:
    """Which rows are a view of a source, where what was sold stands."""
    seen = as_text(frame[VIEW]) if VIEW in frame else pd.Series("", index=frame.index)
    return (seen != "").to_numpy()


def _rules(name: str, frame: pd.DataFrame) -> Iterator[ErasingRule]:
    """The rules of a table; a user's own table names a client in a column called so, or in its first one."""
    if schema.known(name):
        yield from (rule for rule in rules_of(name) if rule.column in frame)
        return
    for place, column in enumerate(frame.columns):
        headed = words.column_of("Clients", str(column)) == "client_id"
        kinds = ("client", "person") if headed else ("telling",) * (place == 0)
        yield from (ErasingRule(name, str(column), kind, (), "a user's own row") for kind in kinds)


def _hits(rule: ErasingRule, frame: pd.DataFrame, erasure: Erasure) -> Mask:
    if rule.kind == "any":
        return np.ones(len(frame), dtype=bool)
    if rule.kind == "name":
        return np.array(
            [bool(text) and erasure.scrubber.scrubbed(text) == MARK for text in as_text(frame[rule.column])]
        )
    who = erasure.who
    telling = frozenset(filter(is_telling, who.numbers | who.people))
    wanted = {"client": who.numbers, "person": who.people, "deal": who.deals, "document": who.documents}
    keys = wanted.get(rule.kind, telling)
    return np.asarray(id_keys(frame[rule.column]).isin(keys), dtype=bool)


def _kept(name: str, frame: pd.DataFrame, erasure: Erasure) -> Mask:
    """Rows of invoices and credit notes that are to keep their buyer."""
    if not erasure.keep_invoices or name not in ("Documents", "DocumentLines"):
        return np.zeros(len(frame), dtype=bool)
    if "kind" not in frame:
        return np.ones(len(frame), dtype=bool)
    return np.array([words.choice("document", kind) in _KEPT_KINDS for kind in as_text(frame["kind"])], dtype=bool)


def _emptied(frame: pd.DataFrame, columns: tuple[str, ...], hit: Mask) -> pd.DataFrame:
    names = frame.columns if columns == ALL else [c for c in columns if c in frame]
    return frame.assign(**{str(name): _without(frame[name], hit) for name in names})


def _without(cells: pd.Series[Any], hit: Mask) -> pd.Series[Any]:
    """A column with blank cells where `hit`, of the same kind."""
    if isinstance(cells.dtype, pd.StringDtype):
        return cells.mask(hit, "")
    if cells.dtype == object:
        return pd.Series([None if out else v for v, out in zip(cells, hit, strict=True)], cells.index, dtype=object)
    return cells.mask(hit)


def _scrubbed(frame: pd.DataFrame, scrubber: Scrubber, where: Mask) -> pd.DataFrame:
    """The frame with a mark for each telling text in the rows `where`; a cell that is nothing else gets blank."""
    if not where.any():
        return frame
    new = {}
    for column in frame.columns:
        cells = frame[column]
        if isinstance(cells.dtype, pd.StringDtype) or cells.dtype == object:
            told = scrubbed_cells(cells, scrubber, where)
            if told is not cells:
                new[str(column)] = told
    return frame.assign(**new) if new else frame


def scrubbed_cells(cells: pd.Series[Any], scrubber: Scrubber, where: Mask | None = None) -> pd.Series[Any]:
    """A column with its texts scrubbed; the very same one where nothing had to be."""
    codes, distinct = pd.factorize(cells)
    told = [scrubber.scrubbed(value) if isinstance(value, str) else value for value in distinct]
    differs = [at for at, (a, b) in enumerate(zip(distinct, told, strict=True)) if isinstance(a, str) and a != b]
    hit = np.isin(codes, differs) & (where if where is not None else True)
    if not hit.any():
        return cells
    values = cells.tolist()
    for at in np.flatnonzero(hit):
        values[at] = "" if told[codes[at]].strip() == MARK else told[codes[at]]
    return pd.Series(values, index=cells.index, dtype=cells.dtype)


def erasing_plan(tables: Tables, erasure: Erasure) -> Plan:
    """The plan that takes the clients out of all tables of a workbook; rows that go, and cells that get empty."""
    made = Plan("forget", forgets=erasure)
    shown = {name for name, head in cards().items() if head in tables and _shows(tables[head].frame, erasure)}
    for name in tables:
        made = made.join(_of_table(tables[name], erasure, whole=name in shown))
    return replace(made, forgets=erasure)


def _shows(head: pd.DataFrame, erasure: Erasure) -> bool:
    """Whether a sheet that shows one client shows somebody who is forgotten."""
    return "client_id" in head and bool(id_keys(head["client_id"]).isin(erasure.who.numbers).any())


def _of_table(table: Table, erasure: Erasure, *, whole: bool = False) -> Plan:
    """The part of the plan for a table; `whole`: all of it is about somebody who is forgotten."""
    after, gone = erased(table.name, table.frame, erasure)
    spec = schema.known(table.name)
    if spec and spec.fixed_rows and (whole or gone.any()):
        filled = tuple(str(c) for c in after.columns if c not in LABELS)
        after, gone = _emptied(after, filled, gone | whole), np.zeros(len(gone), dtype=bool)
    if after is table.frame and not gone.any():
        return Plan("forget")
    changes = diff(table, after[~gone], key=key_column(table.name) if key_column(table.name) in after else "")
    going = table.frame[gone]
    return Plan("forget", changes=changes, removed=(Removed(table.name, going),) if len(going) else ())


# The plans of earlier runs, as the journal keeps them.


def erased_plan(plan: Plan, erasure: Erasure) -> Plan:
    """A plan of an earlier run without those who are forgotten: its parts about them go, telling texts get a mark.

    The very same plan where it says nothing of them. Numbers of rows stay as they were, so that the others are found.
    """
    shown = _shown_to_all(plan, erasure)
    kept = (change for change in plan.changes if change.table not in shown)
    changes = tuple(change for old in kept if len((change := _change(old, erasure)).after))
    added = tuple(made for part in plan.added if len((made := _rows(part, erasure)).rows))
    removed = tuple(out for part in plan.removed if len((out := _rows(part, erasure)).rows))
    resized = tuple(took for part in plan.resized if len((took := _rows(part, erasure)).rows))
    files = tuple(replace(file, name=erasure.scrubber.scrubbed(file.name)) for file in plan.files)
    notes = notes_without(plan, erasure)
    whole = replace(plan, changes=changes, added=added, removed=removed, resized=resized, files=files, notes=notes)
    return plan if _same(plan, whole) else whole


def _shown_to_all(plan: Plan, erasure: Erasure) -> set[str]:
    """The tables of sheets that show one client whose cells are not surely about somebody who stays."""
    named = {head: _head_keys(plan, head) for head in set(cards().values())}
    return {name for name, head in cards().items() if not named[head] or named[head] & erasure.who.numbers}


def _head_keys(plan: Plan, head: str) -> set[str]:
    """The numbers of the clients that a sheet showed before and after a run."""
    heads = (change for change in plan.changes if change.table == head and change.column == "client_id")
    return {key for change in heads for cells in (change.before, change.after) for key in id_keys(cells)} - {""}


def _same(plan: Plan, made: Plan) -> bool:
    """Whether nothing was taken out: all parts are the very ones, and what is told is equal."""
    names = ("changes", "added", "removed", "resized")
    pairs = [(getattr(plan, name), getattr(made, name)) for name in names]
    alike = all(len(a) == len(b) and all(x is y for x, y in zip(a, b, strict=True)) for a, b in pairs)
    return alike and plan.notes == made.notes and [f.name for f in plan.files] == [f.name for f in made.files]


def notes_without(plan: Plan, erasure: Erasure) -> tuple[tuple[str, Mapping[str, object]], ...]:
    """What a plan tells, with a mark for each telling text."""
    return tuple((key, _told(values, erasure)) for key, values in plan.notes)


def _told(values: Mapping[str, object], erasure: Erasure) -> dict[str, object]:
    """The values of a sentence, which are said together."""
    scrubber = erasure.scrubber.together([value for value in values.values() if isinstance(value, str)])
    return {key: scrubber.scrubbed(value) if isinstance(value, str) else value for key, value in values.items()}


def _change(change: Change, erasure: Erasure) -> Change:
    """A change without the rows of those who are forgotten; the very same one where it has none.

    What the sheet Card showed is taken out of all history, whoever it was.
    """
    if change.table in _CARD:
        return Change(change.table, change.column, *(cells[:0] for cells in (change.before, change.after, change.keys)))
    out = _named(change.keys, change.table, key_column(change.table), erasure)
    if change.column in NUMBERS:
        out = out | _named(change.before, change.table, change.column, erasure)
        out = out | _named(change.after, change.table, change.column, erasure)
    left = ~out
    told = [scrubbed_cells(cells[left], erasure.scrubber) for cells in (change.before, change.after, change.keys)]
    same = all(new.equals(old) for new, old in zip(told, (change.before, change.after, change.keys), strict=True))
    return change if same and left.all() else Change(change.table, change.column, *told)


def _named(cells: pd.Series[Any], table: str, column: str, erasure: Erasure) -> Mask:
    """Which cells of a column are numbers of somebody who is forgotten."""
    who = erasure.who
    wanted = {"person_id": who.people, "opportunity": who.deals}.get(column, who.numbers)
    if column not in NUMBERS and column != "opportunity":
        return np.zeros(len(cells), dtype=bool)
    return np.asarray(id_keys(cells).isin(wanted), dtype=bool)


def _rows(part: Part, erasure: Erasure) -> Part:
    after, gone = erased(part.table, part.rows, erasure)
    return part if after is part.rows and not gone.any() else replace(part, rows=after[~gone])
