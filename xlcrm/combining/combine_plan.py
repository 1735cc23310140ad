"""The plan of combining two copies of one client file: everything that theirs has since their common state, into ours.

Nothing that a person typed is overwritten where both sides changed it: ours stays, and theirs stands in the sheet
Problems, to be taken or ignored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from xlcrm.combining import conflict_lines, other_records
from xlcrm.combining.combined_table import CombinedTable, combined_table
from xlcrm.combining.copy_numbers import CopyNumbers, Judge, copy_numbers, same_clients, same_rows, translated
from xlcrm.combining.earlier_combinings import RENUMBERED, EarlierCombinings, told
from xlcrm.combining.row_changes import RowFates, block_cells, block_rows, replaced, row_changes, row_fates
from xlcrm.combining.table_rules import NUMBERED, REFERENCES, RULES
from xlcrm.combining.three_way import merge_cells
from xlcrm.plan import Added, Change, Plan
from xlcrm.problems import Problem
from xlcrm.row_matching import tokens
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.values import same_value, text_of

Notes = tuple[tuple[str, Mapping[str, object]], ...]
_STATES = ("base", "ours", "theirs")
SHOWN = 12  # names in a sentence


@dataclass
class _Combining:
    """One combining: three states, and what is found out about them on the way.

    numbers  state -> table -> number -> what it is called in the combined file
    """

    states: dict[str, Tables]
    strict: bool
    who: str
    earlier: EarlierCombinings
    numbers: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    found: dict[str, CopyNumbers] = field(default_factory=dict)
    merged: dict[str, dict[str, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)


def combine_plan(
    ours: Tables,
    theirs: Tables,
    base: Tables | None,
    *,
    settings: Settings,
    today: dt.date,
    fallback: str = "",
    earlier: EarlierCombinings | None = None,
    judge: Judge | None = None,
) -> Plan:
    """Combine `theirs` into `ours`; `base` is the state that both were made of, None where nobody knows it: then
    nothing is overwritten and every difference is asked.

    fallback of whom theirs is, for the sentences, where no run that it alone lists says who worked in it
    earlier  what combinings brought that `theirs` knows nothing of
    judge    says which of their new clients are which of ours; by default the engine for doubles

    CrmError "combine.same_document" where both issued different documents under one number.
    """
    strict, who = base is None, other_records.last_person(theirs, ours) or fallback
    states = {"base": (base or Tables.of()).typed, "ours": ours.typed, "theirs": theirs.typed}
    combining = _Combining(states, strict, who, earlier or EarlierCombinings())
    _number(combining, judge or same_clients(settings.country))
    tables = _tables(combining)
    if "Documents" in tables:
        other_records.refuse_same_numbers(tables["Documents"])
    edited = {name: found.edited for name, found in combining.found.items()}
    fates = row_fates(tables, combining.earlier, combining.merged["theirs"], combining.merged["ours"], edited)
    made = Plan("combine")
    for table in tables.values():
        made = made.join(_table_plan(combining, table, fates))
    _ask_about_rows(combining, tables, fates)
    _tell(combining, tables, fates)
    return _whole(combining, made, settings, today)


def _number(combining: _Combining, judge: Judge) -> None:
    """What the numbers of each state are called, table by table: people are looked at under their clients' numbers.

    Without a base nobody can tell a new number from an old one: then a number is a client.
    """
    combining.merged = _merged_since(combining.states)
    combining.numbers = {state: {} for state in _STATES}
    for table in NUMBERED if not combining.strict else ():
        if all(table in combining.states[state] for state in ("ours", "theirs")):
            base, ours, theirs = (_renamed(combining, state, table) for state in _STATES)
            key = next(rule.columns[0] for rule in RULES if rule.name == table)
            how = judge if table == "Clients" else same_rows
            found = copy_numbers(table, key, base, ours, theirs, how, combining.earlier.numbers(table))
            combining.found[table] = found
            for state in _STATES:
                combining.numbers[state][table] = getattr(found, state)


def _renamed(combining: _Combining, state: str, table: str) -> pd.DataFrame:
    tables = combining.states[state]
    if table not in tables:
        return combining.states["ours"][table].frame.iloc[:0]
    own = {c: whose for c, whose in REFERENCES[table].items() if whose != table}
    return translated(tables[table].frame, own, combining.numbers[state])


def _merged_since(states: Mapping[str, Tables]) -> dict[str, dict[str, str]]:
    """For each side the clients whom it merged into others since the base."""
    pairs = {state: dict(_merged_pairs(tables.get("Merged"))) for state, tables in states.items()}
    return {
        state: {old: new for old, new in pairs[state].items() if old not in pairs["base"]}
        for state in ("ours", "theirs")
    }


def _merged_pairs(table: Table | None) -> Iterator[tuple[str, str]]:
    if table is not None and {"old_id", "new_id"} <= set(table.frame.columns):
        yield from zip(tokens(table.frame["old_id"]), tokens(table.frame["new_id"]), strict=True)


def _tables(combining: _Combining) -> dict[str, CombinedTable]:
    """The tables that both have and in which one has a row, in the order of the rules."""
    ours, theirs = combining.states["ours"], combining.states["theirs"]
    found = {}
    for rule in (rule for rule in RULES if rule.name in ours and rule.name in theirs):
        if len(ours[rule.name].frame) or len(theirs[rule.name].frame):
            base = combining.states["base"].get(rule.name)
            numbers = {state[0]: _followed(combining, state, rule.name) for state in _STATES}
            brought = combining.earlier.columns.get(rule.name, ())
            found[rule.name] = combined_table(
                rule, base, ours[rule.name], theirs[rule.name], numbers, strict=combining.strict, brought=brought
            )
    return found


def _followed(combining: _Combining, state: str, table: str) -> Mapping[str, Mapping[str, str]]:
    """The numbers of a state; what names a client who was merged into another names that one."""
    numbers = combining.numbers[state]
    if table in ("Clients", "Merged", "Decisions"):
        return numbers
    own = numbers.get("Clients", {})
    away = {old: own.get(new, new) for side in combining.merged.values() for old, new in side.items()}
    return {**numbers, "Clients": {**own, **away}}


def _table_plan(combining: _Combining, table: CombinedTable, fates: RowFates) -> Plan:
    """What becomes of one table; its conflicts are noted."""
    known = combining.earlier.known(
        table.name, pd.Series(table.keys_by_row("t", table.rule.columns)[:-1], dtype=object)
    )
    columns = [c for c in table.shared() if c not in table.rule.columns[:1] or table.rule.kind == "bag"]
    cells = merge_cells(table.states(known), columns, table.rule.groups)
    composite = len(table.rule.columns) > 1 and table.rule.records
    for ours, theirs, names in () if composite else cells.conflicts:
        combining.problems.append(_cell_problem(combining, table, ours, theirs, names))
    return row_changes(table, cells, fates.go[table.name], fates.come[table.name]).join(*_blocks(combining, table))


def _cell_problem(combining: _Combining, table: CombinedTable, ours: int, theirs: int, names: Sequence[str]) -> Problem:
    mine = {c: table.frames["o"][c].iloc[ours] for c in names}
    other = {c: table.frames["t"][c].iloc[theirs] for c in names}
    key = shown_key(table.keys_by_row("o", table.rule.columns[:1])[ours])
    return conflict_lines.conflict(table.table, conflict_lines.CELL, key, ours, mine, other, combining.who)


def shown_key(key: str) -> str:
    """A key as a person reads it."""
    return key.replace("\x1f", " / ")


def _blocks(combining: _Combining, table: CombinedTable) -> Iterator[Plan]:
    """Blocks of rows that are taken; those that both sides changed are noted."""
    for block in block_rows(table):
        theirs = block_cells(table, "t", block.theirs)
        if not block.asked:
            yield replaced(table.table, list(table.frames["o"].columns), block.ours, theirs)
            continue
        text = [conflict_lines.rows_text(block_cells(table, s, p), table.table.headers)
                for s, p in (("o", block.ours), ("t", block.theirs))]  # fmt: skip
        combining.problems.append(
            Problem(
                conflict_lines.BLOCK,
                table.name,
                0,
                block.key,
                table.rule.columns[0],
                text[0],
                text[1],
                level="doubt",
                values=(("who", combining.who), ("record", block.key)),
            )
        )


def _ask_about_rows(combining: _Combining, tables: Mapping[str, CombinedTable], fates: RowFates) -> None:
    """Rows that stay, came back, or that nobody can place without a base; and numbers that both sides edited."""
    for code, state, rows in (
        (conflict_lines.DELETED_THERE, "o", fates.kept),
        (conflict_lines.DELETED_HERE, "t", fates.back),
    ):
        combining.problems += [_row_problem(combining, tables[name], code, state, at) for name, at in rows]
    for table in tables.values():
        for at in np.flatnonzero(table.has("t")) if table.strict else ():
            combining.problems.append(_row_problem(combining, table, conflict_lines.ROW, "t", int(at)))
    for name, found in combining.found.items():
        for _, ours, theirs in found.clashes:
            place = (("record", ours), ("who", combining.who), ("theirs", theirs))
            combining.problems.append(
                Problem(conflict_lines.NUMBER, name, 0, ours, "", theirs, level="doubt", values=place)
            )
    if "Clients" in tables:
        combining.problems += [*_edits_of_merged(combining, tables["Clients"])]


def _row_problem(combining: _Combining, table: CombinedTable, code: str, state: str, at: int) -> Problem:
    position = int(table.rows[state].iloc[at])
    row = table.frames[state].iloc[position]
    cells = {str(c): v for c, v in row.items() if text_of(v)}
    key = shown_key(table.keys_by_row(state, table.rule.columns[:1])[position])
    wanted = cells if code == conflict_lines.ROW else {}
    found = conflict_lines.conflict(table.table, code, key, position if state == "o" else -1, {}, wanted, combining.who)
    suggestion = conflict_lines.row_text(wanted, table.headers) if wanted else ""
    return found._replace(column="", suggestion=suggestion)


def _edits_of_merged(combining: _Combining, clients: CombinedTable) -> Iterator[Problem]:
    """What one side edited of a client whom the other merged into another: asked at that one, cell by cell."""
    if not any(combining.merged.values()):
        return
    ours = {key: at for at, key in enumerate(clients.keys_by_row("o", clients.rule.columns)) if key}
    for state, gone, merged in (("o", "bo", "theirs"), ("t", "bt", "ours")):
        names = combining.merged[merged]
        keys = clients.keys(state)
        for at in np.flatnonzero(clients.has(gone) & clients.changed(state) & keys.isin(list(names)).to_numpy()):
            survivor = names[keys.iloc[at]]
            if survivor in ours:
                yield from _edits(combining, clients, state, int(at), survivor, ours[survivor])


def _edits(
    combining: _Combining, clients: CombinedTable, state: str, at: int, survivor: str, position: int
) -> Iterator[Problem]:
    before = clients.frames["b"].iloc[int(clients.rows["b"].iloc[at])]
    after = clients.frames[state].iloc[int(clients.rows[state].iloc[at])]
    for column in after.index:
        mine = clients.frames["o"][column].iloc[position] if column in clients.frames["o"].columns else None
        if same_value(before.get(column), after[column]) or same_value(mine, after[column]):
            continue
        cells = ({column: mine}, {column: after[column]})
        yield conflict_lines.conflict(clients.table, conflict_lines.CELL, survivor, position, *cells, combining.who)


def _tell(combining: _Combining, tables: Mapping[str, CombinedTable], fates: RowFates) -> None:
    """What came otherwise than a person would expect, in sentences."""
    notes = combining.notes
    for name, found in combining.found.items():
        if found.moved:
            notes.append((RENUMBERED, {"table": name, "pairs": told(found.moved), "who": combining.who}))
    if fates.clients:
        notes.append(("combine.clients_stay", {"clients": _some(fates.clients)}))
    for table in tables.values():
        sheet = table.table.sheet
        new = [table.headers[c] for c in table.columns.new]
        for code, columns in (("combine.new_columns", new), ("combine.kept_columns", _headers(table))):
            if columns:
                notes.append((code, {"columns": ", ".join(columns), "sheet": sheet, "who": combining.who}))
        for ours, theirs in table.columns.renamed:
            header = table.table.headers.get(ours, ours)
            notes.append(("combine.renamed", {"ours": header, "theirs": theirs, "sheet": sheet}))
    lacking = [rule.name for rule in RULES if _is_lacking(combining.states, rule.name)]
    if lacking:
        sheets = ", ".join(combining.states["theirs"][name].sheet for name in lacking)
        notes.append(("combine.no_sheet", {"sheets": sheets}))


def _headers(table: CombinedTable) -> list[str]:
    return [table.table.headers.get(c, c) for c in table.columns.kept]


def _is_lacking(states: Mapping[str, Tables], name: str) -> bool:
    return name in states["theirs"] and name not in states["ours"] and len(states["theirs"][name].frame) > 0


def _some(names: Sequence[str]) -> str:
    more = ["..."] if len(names) > SHOWN else []
    return ", ".join([*names[:SHOWN], *more])


def _whole(combining: _Combining, made: Plan, settings: Settings, today: dt.date) -> Plan:
    """The plan of all tables with the work list, the decisions and the list of runs, and the sentence of who brought
    what."""
    ours, theirs = combining.states["ours"], combining.states["theirs"]
    known = other_records.renamed_lines(theirs, combining.numbers["theirs"])
    carried = other_records.open_conflicts(known)
    lines, fresh = conflict_lines.lines_plan(ours, combining.problems, carried, settings=settings, today=today)
    decisions = (*other_records.problem_decisions(ours, known), *other_records.duplicate_decisions(ours, known))
    counts = made.counts()
    something = made.touches_workbook or lines.touches_workbook or bool(decisions)
    fill = {"who": combining.who, **{name: counts[name] for name in ("cells", "added", "removed")}}
    notes: list[tuple[str, Mapping[str, object]]] = [("combine.done" if something else "combine.nothing", fill)]
    if fresh:
        notes.append(("combine.conflicts", {"count": len(fresh)}))
    if combining.strict:
        notes.append(("combine.no_base", {}))
    # a list of runs alone is no reason to write
    joined: tuple[Added, ...] = other_records.runs_joined(ours, theirs) if something else ()
    whole = made.join(lines, Plan("combine", changes=_no_overlap(lines, decisions), added=joined))
    return replace(whole, problems=tuple(fresh), notes=(*notes, *combining.notes) if something else (*notes,))


def _no_overlap(lines: Plan, decisions: tuple[Change, ...]) -> tuple[Change, ...]:
    """Decisions about lines that the plan of the sheet Problems doesn't take away."""
    gone = {at for part in lines.removed for at in part.rows.index}
    return tuple(c for c in decisions if c.table != "Problems" or not gone & set(c.after.index))
