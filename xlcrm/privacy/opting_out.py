"""Opting out, kept: no run ever opts anybody in, and who said no, when and by which run stands in the Interactions.

A restore, an import or an undo may bring cells from a time before somebody refused. What such a plan would take back of
a refusal, or of a consent that was withdrawn, is taken out of the plan; the person alone can change that, by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xlcrm import messages, words
from xlcrm.people.channel_consent import CONSENT, ENDED_BY, FLAGS
from xlcrm.plan import Added, Change, Plan
from xlcrm.tables import Table, Tables
from xlcrm.values import as_flag, as_text

GUARDED = frozenset({"import", "restore", "undo"})  # their cells may be older than a refusal
RECORDED = frozenset({"import", "correct"})  # a refusal comes in by them
Mask = np.ndarray[Any, np.dtype[np.bool_]]


class Event(NamedTuple):
    """Who records a refusal, when, and in which language the workbook is."""

    who: str
    today: dt.date
    language: str


def guarded(plan: Plan, tables: Tables, now: Tables, event: Event) -> Plan:
    """The plan of a run so that it opts nobody in, with a line in Interactions for each refusal that it brings.

    tables  what the plan's positions are about
    now     the workbook as it stands, for a plan that puts a whole file in its place: there refusals that the file
            lacks are added, and consents that were withdrawn since are blanked
    """
    if plan.whole:
        return _whole(plan, now)
    left = list(_all_left(plan, tables)) if plan.action in GUARDED else list(plan.changes)
    kept = sum(len(change.after) for change in plan.changes) - sum(len(change.after) for change in left)
    plan = replace(plan, changes=tuple(change for change in left if len(change.after)))
    if kept:
        plan = replace(plan, notes=(*plan.notes, ("consent.kept", {"n": kept})))
    rows = _evidence(plan, tables, event)
    return replace(plan, added=(*plan.added, Added("Interactions", rows))) if len(rows) else plan


def _all_left(plan: Plan, tables: Tables) -> Iterator[Change]:
    """The changes of a plan without the cells that would opt somebody in, in their order."""
    about = [change for change in plan.changes if change.table in ("Clients", "People") and change.table in tables]
    flags = {id(change): _flag_left(change, plan, tables) for change in about if change.column in FLAGS}
    after = {(change.table, change.column): change.after for change in flags.values()}
    for change in plan.changes:
        consent = change.column in CONSENT and any(change is one for one in about) and plan.action != "import"
        yield _consent_left(change, plan, tables, after) if consent else flags.get(id(change), change)


def _flag_left(change: Change, plan: Plan, tables: Tables) -> Change:
    """A change of a refusal; of an undo its own run's refusals go, those that nobody recorded otherwise."""
    opts_in = _flags(change.before) & ~_flags(change.after)
    if plan.action == "undo":
        opts_in &= _recorded(change, plan, tables)
    return _where(change, ~opts_in)


def _consent_left(
    change: Change, plan: Plan, tables: Tables, after: Mapping[tuple[str, str], pd.Series[Any]]
) -> Change:
    """A change of a consent, which doesn't come back to who refuses, or by a restore to who has withdrawn it."""
    flags = {flag: after.get((change.table, flag)) for flag in ENDED_BY[change.column]}
    refused = _refused(tables[change.table], change.after.index, flags)
    withdrawn = _blank(change.before) if plan.action == "restore" else np.zeros(len(change.before), dtype=bool)
    return _where(change, _blank(change.after) | ~(refused | withdrawn))


def _where(change: Change, stays: Mask) -> Change:
    """The cells of a change where a mask holds."""
    return replace(change, before=change.before[stays], after=change.after[stays], keys=change.keys[stays])


def _flags(cells: pd.Series[Any]) -> Mask:
    return as_flag(cells).to_numpy(dtype=bool)


def _blank(cells: pd.Series[Any]) -> Mask:
    return (as_text(cells).str.strip() == "").to_numpy(dtype=bool)


def _refused(table: Table, places: pd.Index[Any], after: Mapping[str, pd.Series[Any] | None]) -> Mask:
    """Which rows have one of these refusals once the plan is done; `after` has the cells that it changes, by flag."""
    found = np.zeros(len(places), dtype=bool)
    for flag in after:
        if flag in table.frame:
            cells = as_text(table.frame[flag].loc[places])
            changed = after[flag]
            if changed is not None:
                cells = as_text(changed.reindex(places)).where(places.isin(changed.index), cells)
            found |= _flags(cells)
    return found


def _recorded(change: Change, plan: Plan, tables: Tables) -> Mask:
    """Which rows of a change have a line in Interactions about this refusal that the plan doesn't take out."""
    told = _told(plan, tables)
    frame = tables[change.table].frame.loc[change.after.index]
    person = "person_id" if change.table == "People" else ""
    keys = _keys(frame, person)
    return np.array([(change.column, *key) in told for key in keys], dtype=bool)


def _told(plan: Plan, tables: Tables) -> set[tuple[str, str, str]]:
    """(flag, client_id, person_id) of every line of Interactions about a refusal that stays, once the plan is done."""
    if "Interactions" not in tables or "subject" not in tables["Interactions"].frame:
        return set()
    frame = tables["Interactions"].frame.astype(object)
    for change in plan.changes:  # the undo of a merge gives lines back to their client
        if change.table == "Interactions":
            frame.loc[change.after.index, change.column] = change.after
    going = {place for part in plan.removed if part.table == "Interactions" for place in part.rows.index}
    frame = frame[~frame.index.isin(going)]
    subjects = {_subject(flag, language): flag for flag in FLAGS for language in messages.LANGUAGES}
    flags = as_text(frame["subject"]).str.strip().map(subjects)
    lines = zip(flags, _keys(frame, "person_id"), strict=True)
    return {(flag, *key) for flag, key in lines if isinstance(flag, str)}


def _keys(frame: pd.DataFrame, person: str) -> list[tuple[str, str]]:
    """(client_id, person_id) of rows as text; "" for a column that isn't there."""
    blank = pd.Series("", index=frame.index, dtype="str")
    cells = [as_text(frame[name]).str.strip() if name in frame else blank for name in ("client_id", person)]
    return list(zip(*cells, strict=True))


def _subject(flag: str, language: str) -> str:
    """The subject of a line about a refusal, by which it is found again."""
    return messages.text("consent.subject", language, channel=words.header("Clients", flag, language))


def are_refusals(subjects: pd.Series[Any]) -> Mask:
    """Which lines of Interactions, by their subjects, record a refusal: nobody was spoken with."""
    known = {_subject(flag, language) for flag in FLAGS for language in messages.LANGUAGES}
    return as_text(subjects).str.strip().isin(known).to_numpy(dtype=bool)


def _evidence(plan: Plan, tables: Tables, event: Event) -> pd.DataFrame:
    """Lines for Interactions: who refused what, on which day, by whom and by which run it came in."""
    frame = pd.DataFrame(list(_lines(plan, tables, event)) if plan.action in RECORDED else [])
    if frame.empty or "Interactions" not in tables:
        return pd.DataFrame()
    there = tables["Interactions"].frame.columns
    return frame[[column for column in frame.columns if column in there and "subject" in there]]


def _lines(plan: Plan, tables: Tables, event: Event) -> Iterator[Mapping[str, object]]:
    for table, flag, rows in _refusals(plan, tables):
        for client, person in _keys(rows, "person_id" if table == "People" else ""):
            yield {
                "date": pd.Timestamp(event.today),
                "client_id": client,
                "by": event.who,
                "subject": _subject(flag, event.language),
                "outcome": messages.text(f"action.{plan.action}", event.language),
                "person_id": person,
            }


def _refusals(plan: Plan, tables: Tables) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """(table, flag, rows) of every refusal that a plan brings, to rows that are there and by rows that are new."""
    for change in plan.changes:
        if change.table in ("Clients", "People") and change.column in FLAGS:
            new = ~_flags(change.before) & _flags(change.after)
            yield change.table, change.column, tables[change.table].frame.loc[change.after.index[new]]
    for part in plan.added:
        if part.table in ("Clients", "People"):
            for flag in (one for one in FLAGS if one in part.rows):
                yield part.table, flag, part.rows[_flags(part.rows[flag])]


def _whole(plan: Plan, now: Tables) -> Plan:
    """A plan that puts a file in place, with the refusals and the withdrawn consents that came after that file."""
    changes = [] if plan.whole is None or plan.whole.exact else list(_since(plan.whole.tables, now))
    kept = sum(len(change.after) for change in changes)
    notes = (("consent.kept", {"n": kept}),) if kept else ()
    return replace(plan, changes=(*plan.changes, *changes), notes=(*plan.notes, *notes)) if kept else plan


def _since(then: Tables, now: Tables) -> Iterator[Change]:
    """The cells of an older workbook that a refusal or a withdrawal since makes wrong."""
    for name, key in (("Clients", "client_id"), ("People", "person_id")):
        if all(name in tables and key in tables[name].frame for tables in (then, now)):
            old = then[name].frame
            today = now[name].frame.drop_duplicates(key).set_index(as_text(now[name].frame.drop_duplicates(key)[key]))
            today = today.reindex(as_text(old[key])).set_index(old.index)
            known = as_text(old[key]).isin(as_text(now[name].frame[key])) & (as_text(old[key]) != "")
            yield from _cells(then[name], old, today, known.to_numpy(dtype=bool))


def _cells(table: Table, old: pd.DataFrame, today: pd.DataFrame, known: Mask) -> Iterator[Change]:
    """The changes of one table; `today` has the rows of `old` as they are now, `known` says which are still there."""
    said = {flag: known & _flags(today[flag]) for flag in FLAGS if flag in old and flag in today}
    for flag, refused in said.items():
        yield from _change(table, flag, refused & ~_flags(old[flag]), today[flag])
    for column in (one for one in CONSENT if one in old and one in today):
        ended = np.any([~known, *(said[flag] for flag in ENDED_BY[column] if flag in said)], axis=0)
        wrong = known & ~_blank(old[column]) & (_blank(today[column]) | ended)
        yield from _change(table, column, wrong, None)


def _change(table: Table, column: str, where: Mask, after: pd.Series[Any] | None) -> Iterator[Change]:
    """A change of the cells where a mask holds, to these values or to blanks; none where it holds nowhere."""
    if where.any() and column not in table.formulas:
        before = table.frame[column][where]
        blank = pd.Series([None] * len(before), index=before.index, dtype=object)
        keys = table.frame[table.frame.columns[0]][where]
        yield Change(table.name, column, before, blank if after is None else after[where].astype(object), keys)
