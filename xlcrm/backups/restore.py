"""Restore single clients, or all tables, from a backup as a plan; the work done since on others stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.errors import CrmError
from xlcrm.plan import Added, Change, NewColumn, Plan, Removed, diff
from xlcrm.row_matching import fingerprints, is_calculated, match, tokens
from xlcrm.tables import Table, Tables
from xlcrm.values import is_blank

_RELATED = ("Purchases", "Interactions", "Opportunities")
_SHOWN = 5


def restore_rows(backup: Tables, tables: Tables, client_ids: Sequence[str], *, related: bool = False) -> Plan:
    """The plan that makes the clients `client_ids` what they were in `backup`.

    A client that is still there gets the typed cells that differ; one that is gone is added under the table. Calculated
    columns and formulas are left to the next refresh; a user's column that was deleted since comes back only where
    these clients had something in it.

    The people of these clients come with them, each known by its person_id: cells that differ go back, who is gone or
    stands at another client comes back; people who came since stay.

    related  also the rows of `_RELATED` that the clients had in the backup: a row that stands under another client now
             (after a merge) goes back to its own, one that is gone is added, and so is the history of their
             opportunities. Rows added since stay

    CrmError "restore.unknown_rows" names clients that the backup doesn't have, "restore.double_rows" a number that
    stands twice.
    """
    then, now = _table(backup, "Clients"), _table(tables, "Clients")
    wanted = list(dict.fromkeys(str(id_).strip() for id_ in client_ids))
    _check_ids(wanted, tokens(then.frame["client_id"]), tokens(now.frame["client_id"]))
    plan = _restore_clients(then, now, wanted)
    people = _restore_people(backup, tables, wanted)
    changed = len({position for change in plan.changes for position in change.after.index})
    added = sum(len(part.rows) for part in plan.added)
    moved = 0
    for name in _RELATED if related else ():
        if _has_ids(backup, name) and _has_ids(tables, name):
            part = _restore_related(backup[name], tables[name], wanted)
            moved += sum(part.counts()[what] for what in ("cells", "added"))
            plan = plan.join(part)
    if related:
        plan = plan.join(_restore_history(backup, tables, wanted))
    counts: dict[str, object] = {"changed": changed, "added": added, "related": moved}
    persons = people.counts()["added"] + len({place for change in people.changes for place in change.after.index})
    told: tuple[tuple[str, dict[str, object]], ...] = (("restore.rows", counts),)
    told += (("restore.people", {"people": persons}),) if persons else ()
    return plan.join(people).join(Plan("restore", notes=told))


def _check_ids(wanted: list[str], old_ids: pd.Series[Any], new_ids: pd.Series[Any]) -> None:
    """CrmError for ids that the backup lacks, and for ids that stand twice in the backup or now."""
    unknown = [id_ for id_ in wanted if id_ not in set(old_ids)]
    if unknown:
        raise CrmError("restore.unknown_rows", ids=_listed(unknown))
    double = [id_ for id_ in wanted if (old_ids == id_).sum() > 1 or (new_ids == id_).sum() > 1]
    if double:
        raise CrmError("restore.double_rows", ids=_listed(double))


def _restore_clients(then: Table, now: Table, wanted: list[str]) -> Plan:
    """The rows of Clients: typed cells of those that are there, whole rows of those that are gone."""
    rows = then.frame[tokens(then.frame["client_id"]).isin(wanted)]
    columns, lost = _columns(then, now, rows)
    place = _places(now)
    still = tokens(rows["client_id"]).isin(set(place.index)).to_numpy()
    back = rows[still]
    positions = pd.Index(place[tokens(back["client_id"])].to_numpy(), dtype="int64")
    changes = diff(now, back[columns].set_axis(positions), key="client_id")
    # a column that comes back is a new one to the workbook, which knows it by its header
    headers = {c: then.headers.get(c, c) for c in lost}
    changes += tuple(_filled(headers[c], back[c], back["client_id"], positions) for c in lost if _has_cells(back[c]))
    added = rows[~still][[*columns, *lost]].rename(columns=headers).reset_index(drop=True)
    return Plan(
        "restore",
        changes=changes,
        added=(Added("Clients", added),) if len(added) else (),
        new_columns=tuple(NewColumn("Clients", header) for header in headers.values()),
    )


def _places(table: Table) -> pd.Series[Any]:
    """Position of each row by its client_id."""
    ids = tokens(table.frame["client_id"])
    return pd.Series(ids.index, index=ids)


def _columns(then: Table, now: Table, rows: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Typed columns that are still there, and those deleted since in which the rows held something."""
    columns = [c for c in rows.columns if c in now.frame.columns and _is_typed(now, c)]
    gone = [c for c in rows.columns if c not in now.frame.columns and _is_typed(then, c)]
    return columns, [c for c in gone if _has_cells(rows[c])]


def _has_ids(tables: Tables, name: str) -> bool:
    """Whether there is such a table, with a column client_id."""
    return name in tables and "client_id" in tables[name].frame


def _restore_related(then: Table, now: Table, wanted: list[str]) -> Plan:
    """The rows of these clients that are not theirs any more: given back where they stand elsewhere, else added."""
    columns = [c for c in then.frame.columns if c in now.frame.columns and _is_typed(now, c)]
    other = [c for c in columns if c != "client_id"]
    theirs = then.frame[tokens(then.frame["client_id"]).isin(wanted).to_numpy()]
    kept = match(fingerprints(theirs, columns), fingerprints(now.frame, columns))
    missing = theirs[kept < 0]
    free = now.frame[~np.isin(np.arange(len(now.frame)), kept)]
    # a row of another client of the backup is that client's, however alike it looks
    unmoved = match(fingerprints(then.frame, columns), fingerprints(free, columns))
    free = free[~np.isin(np.arange(len(free)), unmoved)]
    found = match(fingerprints(missing, other), fingerprints(free, other))
    given = missing[found >= 0]
    changes: tuple[Change, ...] = ()
    if len(given):
        ids = given[["client_id"]].set_axis(pd.Index(free.index[found[found >= 0]], dtype="int64"))
        changes = diff(now, ids)
    added = missing[found < 0][columns].reset_index(drop=True)
    return Plan("restore", changes=changes, added=(Added(now.name, added),) if len(added) else ())


def _restore_people(backup: Tables, tables: Tables, wanted: list[str]) -> Plan:
    """The people of these clients as they were; who has no number of its own is found by all that its row holds."""
    if not (_has_ids(backup, "People") and _has_ids(tables, "People")):
        return Plan("restore")
    then, now = backup["People"], tables["People"]
    columns = [c for c in then.frame.columns if c in now.frame.columns and _is_typed(now, c)]
    theirs = then.frame[tokens(then.frame["client_id"]).isin(wanted).to_numpy()]
    numbers, there = (tokens(frame["person_id"]) if "person_id" in columns else None for frame in (theirs, now.frame))
    if numbers is None or there is None:
        return _restore_related(then, now, wanted)
    place = pd.Series(there.index, index=there.to_numpy())[~there.duplicated(keep=False).to_numpy()]
    single = ((numbers != "") & ~numbers.duplicated(keep=False)).to_numpy()
    known = single & numbers.isin(set(place.index)).to_numpy()
    positions = pd.Index(place[numbers[known]].to_numpy(), dtype="int64")
    changes = diff(now, theirs[known][columns].set_axis(positions), key="person_id") if known.any() else ()
    rest = theirs[~known]
    alike = match(fingerprints(rest, columns), fingerprints(now.frame, columns))
    added = rest[alike < 0][columns].reset_index(drop=True)
    return Plan("restore", changes=changes, added=(Added("People", added),) if len(added) else ())


def _restore_history(backup: Tables, tables: Tables, wanted: list[str]) -> Plan:
    """The rows of StageChanges that the opportunities of these clients had in the backup and have no more.

    Nobody types them, and no refresh brings them back.
    """
    if not all(name in held for held in (backup, tables) for name in ("Opportunities", "StageChanges")):
        return Plan("restore")
    deals, then, now = backup["Opportunities"].frame, backup["StageChanges"].frame, tables["StageChanges"]
    if not {"client_id", "opportunity"} <= set(deals.columns) or "opportunity" not in then.columns:
        return Plan("restore")
    theirs = tokens(deals.loc[tokens(deals["client_id"]).isin(wanted), "opportunity"])
    rows = then[tokens(then["opportunity"]).isin(set(theirs) - {""})]
    columns = [name for name in rows.columns if name in now.frame.columns]
    lost = rows[match(fingerprints(rows, columns), fingerprints(now.frame, columns)) < 0][columns]
    return Plan("restore", added=(Added(now.name, lost.reset_index(drop=True)),) if len(lost) else ())


def _filled(header: str, cells: pd.Series[Any], keys: pd.Series[Any], positions: pd.Index[int]) -> Change:
    """The cells of a column that comes back to Clients, which is blank before."""
    blank = pd.Series([None] * len(cells), index=positions, dtype=object)
    return Change("Clients", header, blank, cells.set_axis(positions), keys.set_axis(positions))


def _is_typed(table: Table, column: str) -> bool:
    """Whether people fill the column: neither a formula nor the next refresh does."""
    return column not in table.formulas and not is_calculated(table.name, column)


def _has_cells(series: pd.Series[Any]) -> bool:
    """Whether any cell holds something."""
    return any(not is_blank(value) for value in series)


def _table(tables: Tables, name: str) -> Table:
    """A table that has client_ids; CrmError "undo.table_gone" where there is none."""
    if not _has_ids(tables, name):
        raise CrmError("undo.table_gone", table=name)
    return tables[name]


def _listed(ids: list[str]) -> str:
    """The first ids for a message, and how many more there are."""
    return ", ".join(ids[:_SHOWN]) + (f" (+{len(ids) - _SHOWN})" if len(ids) > _SHOWN else "")


# Brings all tables back to what they were in a backup, as a plan that an open workbook can take and undo.

KEPT = frozenset({"Changes", "Documents", "DocumentLines", "Forgotten"})  # history, and who is not to come back


def restore_tables(backup: Tables, tables: Tables) -> Plan:
    """The plan that gives every table of `tables` the rows it had in `backup`, row by row from the top.

    Rows beyond the backup's go, missing ones are added; columns of formulas and the list of runs are left alone. A
    table that only the backup has is left out, a column that only the backup has comes back.
    """
    whole = Plan("restore")
    for name in backup:
        if name in tables and name not in KEPT:
            whole = whole.join(_restore(backup[name], tables[name]))
    counts = whole.counts()
    fill = {what: counts[what] for what in ("cells", "added", "removed")}
    return whole.join(Plan("restore", notes=(("restore.tables", fill),)))


def _restore(then: Table, now: Table) -> Plan:
    """The plan that gives one table the rows it had; a lost column comes back only with rows that need it."""
    columns = [c for c in then.frame.columns if c not in now.formulas and c not in then.formulas]
    lost = [c for c in columns if c not in now.frame.columns]
    known = [c for c in columns if c in now.frame.columns]
    common = min(len(then.frame), len(now.frame))
    headers = {c: then.headers.get(c, c) for c in lost}
    rows = then.frame[columns].iloc[common:].rename(columns=headers).reset_index(drop=True)
    return Plan(
        "restore",
        changes=diff(now, then.frame[known].iloc[:common]) if common else (),
        added=(Added(now.name, rows),) if len(rows) else (),
        removed=(Removed(now.name, now.frame.iloc[common:]),) if len(now.frame) > common else (),
        new_columns=tuple(NewColumn(now.name, header) for header in headers.values()) if len(rows) else (),
    )
