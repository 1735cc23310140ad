"""Handed rows: which rows of a workbook's tables go with some clients, and which belong to everybody.

What a copy may hold is listed here, table by table; a table that is not listed stays behind, so that a new one, or one
that a team made itself, hands nobody's rows to anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from xlcrm import words
from xlcrm.plan import Added, NewColumn, Plan, Removed, diff
from xlcrm.tables import VIEW, Table, Tables
from xlcrm.text import fold
from xlcrm.values import as_text


class RowsOf(NamedTuple):
    """A table whose rows go with a client: the columns that must all name one, or a row of another table that goes."""

    columns: tuple[str, ...]
    of: str
    why: str


CLIENT = "client_id"
# in this order: a table stands behind the one that decides about its rows
BOUND: dict[str, RowsOf] = {
    "Clients": RowsOf((CLIENT,), "", "the clients themselves"),
    "People": RowsOf((CLIENT,), "Clients", "who works there"),
    "Purchases": RowsOf((CLIENT,), "Clients", "what they bought"),
    "Interactions": RowsOf((CLIENT,), "Clients", "contacts with them"),
    "Opportunities": RowsOf((CLIENT,), "Clients", "offers to them"),
    "StageChanges": RowsOf(("opportunity",), "Opportunities", "how those offers moved"),
    "Documents": RowsOf((CLIENT,), "Clients", "documents issued to them"),
    "DocumentLines": RowsOf(("number",), "Documents", "the lines of those documents"),
    "Payments": RowsOf(("number",), "Documents", "what was paid for them"),
    "External": RowsOf((CLIENT,), "Clients", "their numbers in other programs"),
    "Merged": RowsOf(("new_id",), "Clients", "who they were before they were merged"),
    "Decisions": RowsOf((CLIENT, "other_id"), "Clients", "a decision about two clients tells of both"),
}
SHARED = ("Segments", "Lists", "Settings", "Rates", "LabelSheets", "Seller")  # what a team works by, nobody's record
_NAMING = ("full_name", "company", "last_name", "email", "phone", "mobile", "street", "address", "tax_id")
_SHORTEST = 5  # signs that a text must have to tell anybody apart


SCREENED = ("Segments", "Lists")  # tables in whose cells somebody may have written a client's name
LABELLED = ("Settings", "Seller")  # tables whose rows are known by their label
HERE_ONLY = "backup_folder"  # a setting that names a place which only this computer has


def handed_out(tables: Tables, clients: Collection[str]) -> tuple[Tables, int]:
    """What a copy for these clients holds: also the base that it is combined with, made of the same state again.

    The tables of `BOUND` with the rows of the clients (numbers as written, spaces around them don't count), and those
    of `SHARED`, without rows of saved searches and lists that name other clients (how many, is the second value) and
    without the folder of backups. All other tables are left out. Positions start at 0 again; the input is unchanged.
    """
    handed = _only_clients(tables, clients)
    others, found, gone = naming_others(tables, handed), {}, 0
    for name, table in handed.items():
        kept, less = without_others(table, others) if name in SCREENED else (table, 0)
        found[name] = _without_folder(kept) if name == "Settings" else kept
        gone += less
    return Tables.of(*found.values(), identity=handed.identity), gone


def _without_folder(table: Table) -> Table:
    frame = table.frame
    if not {"setting", "value"} <= set(frame.columns):
        return table
    labels = as_text(frame["setting"]).str.strip()
    values = [
        None if words.setting_of(label) == HERE_ONLY else value
        for label, value in zip(labels, frame["value"], strict=True)
    ]
    return replace(table, frame=frame.assign(value=pd.Series(values, index=frame.index, dtype=object)))


def _only_clients(tables: Tables, clients: Collection[str]) -> Tables:
    """The tables of `BOUND` with the rows of these clients, and those of `SHARED` as they are."""
    ids = {client.strip() for client in clients} - {""}
    found: dict[str, Table] = {}
    for name, rule in BOUND.items():
        if name in tables:
            known = ids if rule.columns[0] in (CLIENT, "new_id") else _keys(found.get(rule.of), rule.columns[0])
            found[name] = _those(tables[name], rule.columns, known)
    shared = {name: tables[name] for name in SHARED if name in tables}
    return Tables.of(*found.values(), *shared.values(), identity=tables.identity)


def _keys(table: Table | None, column: str) -> set[str]:
    if table is None or column not in table.frame:
        return set()
    return set(as_text(table.frame[column]).str.strip()) - {""}


def _those(table: Table, columns: tuple[str, ...], known: Collection[str]) -> Table:
    """The rows that name one of `known` in each of the columns; none where the table lacks one of them."""
    keep = pd.Series(set(columns) <= set(table.frame.columns), index=table.frame.index, dtype=bool)
    for column in columns:
        if column in table.frame:
            keep &= as_text(table.frame[column]).str.strip().isin(known)
    return replace(table, frame=table.frame[keep].reset_index(drop=True), below=None)


def without_others(table: Table, others: Collection[str]) -> tuple[Table, int]:
    """A shared table without the rows in which a text of other clients stands (`naming_others`), and how many went."""
    frame = table.frame
    told = [any(other in cell for other in others for cell in cells) for cells in _folded(frame)]
    keep = ~pd.Series(told, index=frame.index, dtype=bool)
    return replace(table, frame=frame[keep].reset_index(drop=True)), int((~keep).sum())


def naming_others(tables: Tables, handed: Tables) -> frozenset[str]:
    """Names, e-mails, phones and addresses of clients and people who are not handed out, folded.

    Not those that one who is handed out has as well, and none of fewer than five signs.
    """
    texts = [set(_texts(held)) for held in (tables, handed)]
    return frozenset(text for text in texts[0] - texts[1] if len(text) >= _SHORTEST)


def _texts(tables: Tables) -> Iterator[str]:
    for name in ("Clients", "People"):
        frame = tables[name].frame if name in tables else pd.DataFrame()
        for column in _NAMING:
            yield from (fold(cell) for cell in as_text(frame[column]).unique()) if column in frame else ()


def _folded(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """The rows as folded texts."""
    columns = [[fold(cell) for cell in as_text(frame[column])] for column in frame.columns]
    return list(zip(*columns, strict=True)) if columns else [()] * len(frame)


# The plan that fills a workbook that was just made: it has nothing of the old one but what stands in it.


def copy_content(handed: Tables, empty: Tables) -> Plan:
    """What makes the tables of a new workbook (`empty`) those that are handed out: rows, columns of the team's own.

    Rows of settings keep their place and get the value; other tables get the rows in place of those they had. Columns
    with formulas come as the values that they had.
    """
    made = Plan("hand-out")
    for name, table in handed.items():
        if name in empty:
            target = empty[name]
            made = made.join(_labelled(table, target) if name in LABELLED else _filled(table, target))
    return made


def _filled(table: Table, target: Table) -> Plan:
    """The rows of a table in the place of those that a new workbook begins with."""
    frame = _written(table.frame).rename(columns={VIEW: table.headers.get(VIEW, VIEW)})
    own = [str(column) for column in frame.columns if column not in target.frame.columns]
    columns = [column for column in frame.columns if column not in target.formulas]
    held = target.frame[_written_rows(target.frame)]
    return Plan(
        "hand-out",
        new_columns=tuple(NewColumn(table.name, header) for header in own if table.name in BOUND),
        removed=(Removed(table.name, held),) if len(held) else (),
        added=(Added(table.name, frame[columns].reset_index(drop=True)),) if len(frame) else (),
    )


def _labelled(table: Table, target: Table) -> Plan:
    """The values of settings, each in the row of its label."""
    ours = {words.setting_of(label): value for label, value in _pairs(table.frame)}
    labels = [words.setting_of(label) for label, _ in _pairs(target.frame)]
    after = {at: ours[label] for at, label in zip(target.frame.index, labels, strict=True) if label in ours}
    return Plan("hand-out", changes=diff(target, pd.DataFrame({"value": pd.Series(after, dtype=object)})))


def _pairs(frame: pd.DataFrame) -> list[tuple[str, object]]:
    if not {"setting", "value"} <= set(frame.columns):
        return []
    return list(zip(as_text(frame["setting"]).str.strip(), frame["value"], strict=True))


def _written(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[_written_rows(frame)]


def _written_rows(frame: pd.DataFrame) -> pd.Series[bool]:
    """Rows that hold anything."""
    found = pd.Series(False, index=frame.index, dtype=bool)
    for column in frame.columns:
        found |= as_text(frame[column]).str.strip() != ""
    return found
