"""About a client: every row, every change on record and every place that holds somebody, as data and as a card."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xlcrm import messages, schema, words
from xlcrm.forgetting.erasing import rules_of
from xlcrm.forgetting.traces import Who
from xlcrm.merging.alias_table import id_keys
from xlcrm.papers.paper_texts import CardField, CardGroup, CardTable, CardText
from xlcrm.plan import Plan
from xlcrm.row_matching import key_column
from xlcrm.tables import Table, Tables
from xlcrm.values import as_text, text_of

COPIES = frozenset("Problems Duplicates Found CallList TopClients PayingClients Merged CardOf".split())
WIDEST = 6  # columns of a table on paper; .json and .csv have all
HISTORY = 60  # changes on paper, the latest


class HeldRow(NamedTuple):
    """A row of a table that is about somebody: header -> text, blank cells left out."""

    table: str
    sheet: str
    row: int
    cells: dict[str, str]


class HeldChange(NamedTuple):
    """A cell that a run changed, or a row that it added or took out (column "")."""

    when: str
    action: str
    table: str
    column: str
    before: str
    after: str


class HeldPlace(NamedTuple):
    """Where else somebody is held: a backup or a file."""

    kind: str
    name: str


class Unrecorded(NamedTuple):
    """How many runs the history can't tell of, because their cells are no longer on record, and the latest's day."""

    runs: int = 0
    until: str = ""

    def told(self, language: str) -> str:
        """The same as a sentence, "" where the history is whole."""
        return messages.text("about.history_gone", language, n=self.runs, day=self.until) if self.runs else ""


class Held(NamedTuple):
    """All that is held on one client or person."""

    number: str
    name: str
    rows: tuple[HeldRow, ...]
    changes: tuple[HeldChange, ...]
    places: tuple[HeldPlace, ...]
    unrecorded: Unrecorded = Unrecorded()


def rows_about(tables: Tables, who: Who) -> Iterator[HeldRow]:
    """The rows of all tables that name somebody, users' own columns and tables too."""
    for name in tables:
        table = tables[name]
        for at in np.flatnonzero(_mine(table, who)).tolist():
            cells = {table.headers.get(str(c), str(c)): text_of(table.frame[c].iloc[at]) for c in table.frame.columns}
            yield HeldRow(name, table.sheet, table.excel_row(at), {k: v for k, v in cells.items() if v})


def _mine(table: Table, who: Who) -> np.ndarray[Any, Any]:
    mine = np.zeros(len(table.frame), dtype=bool)
    rules = [(r.column, r.kind) for r in rules_of(table.name) if r.kind in ("client", "person")]
    if not schema.known(table.name):
        columns = [c for n, c in enumerate(table.frame) if not n or words.column_of("Clients", str(c)) == "client_id"]
        rules = [(str(column), "client") for column in columns]
    for column, kind in rules:
        if column in table.frame:
            mine |= id_keys(table.frame[column]).isin(who.numbers if kind == "client" else who.people).to_numpy(bool)
    return mine


def changes_about(plan: Plan, when: str, who: Who) -> Iterator[HeldChange]:
    """What a run did to the rows of somebody, as the journal has it."""
    wanted = who.numbers | who.people
    for change in plan.changes:
        keys = id_keys(change.keys).isin(wanted).to_numpy(bool)
        if key_column(change.table) in ("client_id", "person_id"):
            for before, after in zip(change.before[keys], change.after[keys], strict=True):
                yield HeldChange(when, plan.action, change.table, change.column, text_of(before), text_of(after))
    for part, side in ((plan.added, "after"), (plan.removed, "before")):
        for rows in part:
            for told in _told_rows(rows.table, rows.rows, who):
                yield HeldChange(when, plan.action, rows.table, "", **{"before": "", "after": "", side: told})


def _told_rows(name: str, rows: pd.DataFrame, who: Who) -> Iterator[str]:
    table = Table(name, name, rows.reset_index(drop=True), {})
    for at in np.flatnonzero(_mine(table, who)).tolist():
        yield "; ".join(f"{c}: {text_of(rows[c].iloc[at])}" for c in rows.columns if text_of(rows[c].iloc[at]))


def name_of(tables: Tables, who: Who) -> str:
    """The name of a client or person, "" where nobody has one."""
    for name, column, wanted in (("Clients", "client_id", who.clients), ("People", "person_id", who.people)):
        if name in tables and wanted:
            frame = tables[name].frame
            rows = frame[id_keys(frame[column]).isin(wanted).to_numpy(bool)]
            parts = [as_text(rows[c]).iloc[0] for c in ("full_name", "company") if c in rows and len(rows)]
            return next(filter(None, parts), "")
    return ""


def as_json(held: Held) -> bytes:
    """Everything, for another program."""
    tables: dict[str, list[dict[str, str]]] = {}
    for row in held.rows:
        tables.setdefault(row.sheet, []).append(row.cells)
    whole = {
        "number": held.number,
        "name": held.name,
        "tables": tables,
        "history": [change._asdict() for change in held.changes],
        "history_unrecorded": held.unrecorded._asdict(),
        "held_in": [place._asdict() for place in held.places],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def as_csv(held: Held, language: str = "en") -> bytes:
    """Everything in one list: sheet, row, column, value; what could be a formula stays text."""
    rows = [(r.sheet, str(r.row), header, value) for r in held.rows for header, value in r.cells.items()]
    rows += [
        (f"history {c.when}", c.action, f"{c.table} {c.column}".strip(), f"{c.before} -> {c.after}")
        for c in held.changes
    ]
    rows += [("history", "", "", told) for told in (held.unrecorded.told(language),) if told]
    rows += [(place.kind, "", "", place.name) for place in held.places]
    frame = pd.DataFrame(
        [[_harmless(cell) for cell in row] for row in rows], columns=["sheet", "row", "column", "value"]
    )
    return b"\xef\xbb\xbf" + frame.to_csv(index=False, lineterminator="\r\n").encode()


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(text) else text


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(" ", "").replace(".", "").replace(",", "").isdigit()


def card_of(held: Held, language: str) -> CardText:
    """The same to read: who it is, then each table, the history and where else it is held, in a language."""
    own = [row for row in held.rows if row.table in ("Clients", "People") and held.number.upper() in _numbers(row)]
    groups = tuple(_group(row) for row in own)
    tables = [*_tables(held.rows, own), *_history(held, language), *_places(held.places, language)]
    title = messages.text("about.title", language)
    return CardText(
        held.number, 0, f"{title}: {held.name or held.number}", held.number, language, groups, tuple(tables)
    )


def _numbers(row: HeldRow) -> set[str]:
    return {value.strip().upper() for value in row.cells.values()}


def _group(row: HeldRow) -> CardGroup:
    fields = (CardField(header, value, len(value) > 40, 1 + len(value) // 60) for header, value in row.cells.items())
    return CardGroup(row.sheet, tuple(fields))


def _tables(rows: Sequence[HeldRow], own: Sequence[HeldRow]) -> Iterator[CardTable]:
    left = [row for row in rows if row not in own and row.table not in COPIES]
    for sheet in dict.fromkeys(row.sheet for row in left):
        there = [row.cells for row in left if row.sheet == sheet]
        header = tuple(dict.fromkeys(name for cells in there for name in cells))[:WIDEST]
        yield CardTable(
            sheet, header, tuple(tuple(cells.get(name, "") for name in header) for cells in there), frozenset()
        )


def _history(held: Held, language: str) -> Iterator[CardTable]:
    if held.changes or held.unrecorded.runs:
        header = tuple(messages.text(f"about.{key}", language) for key in ("when", "what", "where", "before", "after"))
        rows = tuple((c.when[:10], _action(c.action, language), _where(c, language), c.before[:120], c.after[:120])
                     for c in held.changes[-HISTORY:])  # fmt: skip
        title = ". ".join(filter(None, (messages.text("about.history", language), held.unrecorded.told(language))))
        yield CardTable(title, header, rows, frozenset())


def _action(name: str, language: str) -> str:
    key = f"action.{name}"
    told = messages.text(key, language)
    return name if told == key else told


def _where(change: HeldChange, language: str) -> str:
    if not schema.known(change.table):
        return " / ".join(filter(None, (change.table, change.column)))
    column = words.header(change.table, change.column, language) if change.column else ""
    return " / ".join(filter(None, (words.title(change.table, language), column)))


def _places(places: Sequence[HeldPlace], language: str) -> Iterator[CardTable]:
    if places:
        rows = tuple((messages.text(f"about.{place.kind}", language), place.name) for place in places)
        header = tuple(messages.text(f"about.{key}", language) for key in ("what", "where"))
        yield CardTable(messages.text("about.held", language), header, rows, frozenset())
