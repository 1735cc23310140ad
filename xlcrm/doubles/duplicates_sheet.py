"""Duplicates, the operation of `xlcrm doubles`: clients who may be one, side by side in the sheet Duplicates.

What somebody typed there stays: a block with a decision that is not applied yet keeps its rows, and no other block asks
the same again. Pairs decided to be two clients move into the table Decisions and are never asked about again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import pandas as pd

from xlcrm import schema, words
from xlcrm.doubles.finding import Study
from xlcrm.doubles.named_clients import NamedClients
from xlcrm.doubles.reasons import reasons
from xlcrm.doubles.sheet_blocks import (
    BANDS,
    ClientBlock,
    TypedBlock,
    TypedRow,
    asked_of,
    blocks,
    kept_edges,
    typed_blocks,
)
from xlcrm.merging.alias_table import id_keys
from xlcrm.merging.decisions import APART, Pair, decided, kept, lines, word_for
from xlcrm.people.same_firm import colleagues
from xlcrm.plan import Added, Plan, Removed, diff
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import as_number, as_text, same

COLUMNS = tuple(column.name for column in schema.table("Duplicates").columns)
LISTED = 100  # groups that are named one by one where there is no sheet for them


def plan(tables: Tables, *, settings: Settings, today: dt.date) -> Plan:
    """The changes that make the sheet Duplicates show each group of clients who may be one.

    Columns read: those of `xlcrm.doubles.FIELDS`, full_name, address, kind, client_id, registered_on. Rows without a
    client_id can't be named and are left out, and of rows with one client_id the first is taken. `today` dates what is
    remembered. A workbook whose sheet Duplicates lacks the columns is not changed: the groups are problems of the plan.
    """
    clients = NamedClients.of(tables)
    if "Duplicates" not in tables or not set(COLUMNS) - {"email", "phone"} <= set(tables["Duplicates"].frame.columns):
        found = _found(clients, tables, settings)
        notes = _told(found, 0, 0) + ((("doubles.old_sheet", {}),) if found else ())
        return Plan("doubles", problems=_listed(clients, found, settings.language), notes=notes)
    sheet = _Sheet(tables, clients, settings, today)
    return sheet.plan()


def summary(tables: Tables, settings: Settings) -> list[Problem]:
    """One line for the sheet Problems: how many groups are surely, and how many perhaps one client and undecided."""
    typed: list[TypedBlock] = []
    if "Duplicates" in tables and {"group", "client_id"} <= set(tables["Duplicates"].frame.columns):
        typed = [block for block in typed_blocks(tables["Duplicates"]) if block.decided()]
    clients = NamedClients.of(tables)
    found = [block.band for block in _not_asked(_asked(tables, clients, settings), typed)]
    count = {band: str(found.count(band)) for band in ("surely", "perhaps")}
    return [Problem("doubles.found", "Clients", level="doubt", values=tuple(count.items()))] if found else []


def _asked(tables: Tables, clients: NamedClients, settings: Settings) -> list[ClientBlock]:
    """Who is surely or perhaps one client, without reasons."""
    if len(clients.frame) < 2:
        return []
    edges = kept_edges(clients.frame, settings.country, tables["Clients"].kept_beside)
    return asked_of(edges, clients.rank, _apart(clients, tables))


def _apart(clients: NamedClients, tables: Tables) -> frozenset[Pair]:
    """Who was decided to be two, as the sheet spells their numbers."""
    spelt = dict(zip(id_keys(pd.Series(clients.frame.index, dtype="str")), clients.frame.index, strict=True))
    return frozenset(frozenset(spelt.get(client, client) for client in pair) for pair in decided(tables))


def _found(clients: NamedClients, tables: Tables, settings: Settings, *, firms: bool = False) -> list[ClientBlock]:
    if len(clients.frame) < 2:
        return []
    study = Study(clients.frame, country=settings.country)
    at_one = colleagues(clients.frame) if firms else ()
    return blocks(study, clients.rank, _apart(clients, tables), firms=at_one)


def _told(found: Sequence[ClientBlock], kept: int, moved: int) -> tuple[tuple[str, dict[str, object]], ...]:
    """The run's sentences."""
    bands = [block.band for block in found]
    count: dict[str, object] = {band: bands.count(band) for band in BANDS}
    notes: list[tuple[str, dict[str, object]]] = [("doubles.done", count) if found or kept else ("doubles.none", {})]
    notes += [("doubles.kept", {"kept": kept})] if kept else []
    notes += [("doubles.remembered", {"pairs": moved})] if moved else []
    return tuple(notes)


def _firms_told(found: Sequence[ClientBlock], language: str) -> tuple[tuple[str, dict[str, object]], ...]:
    """How many firms stand there for several people, and what to choose."""
    count = sum(block.band == "firm" for block in found)
    decision = words.choice_word("same", "firm", language)
    values: dict[str, object] = {"count": count, "decision": decision, "sheet": words.title("People", language)}
    return (("doubles.firms", values),) if count else ()


def _listed(clients: NamedClients, found: Sequence[ClientBlock], language: str) -> tuple[Problem, ...]:
    """The groups but households as problems, where no sheet can show them."""
    asked = [block for block in found if block.band in {"surely", "perhaps"}][:LISTED]
    return tuple(_problem(clients, block, language) for block in asked)


def _problem(clients: NamedClients, block: ClientBlock, language: str) -> Problem:
    first, second = block.members[:2]
    told = reasons(block.codes[0], language, clients.headers, partial(clients.pair, first, second))
    values = (("ids", ", ".join(block.members)), ("band", block.band), *told._asdict().items())
    return Problem("doubles.pair", "Clients", key=first, level="doubt", values=values)


class _Sheet:
    """The table Duplicates as it stands and as it is to be."""

    def __init__(self, tables: Tables, clients: NamedClients, settings: Settings, today: dt.date) -> None:
        self.tables, self.clients, self.settings, self.today = tables, clients, settings, today
        self.table = tables["Duplicates"]
        self.blocks = typed_blocks(self.table)
        self.moves = "Decisions" in tables

    def plan(self) -> Plan:
        stays = [block for block in map(self._left, self.blocks) if block]
        moved = self._moved()
        found = _found(self.clients, self.tables, self.settings, firms="People" in self.tables)
        fresh = _not_asked(found, stays)
        after = self._rows(fresh, {block.number for block in stays})
        staying = {row.position for block in stays for row in block.rows}
        told = (*_told(fresh, len(stays), len(moved)), *_firms_told(fresh, self.settings.language))
        asked = Plan("doubles", problems=self._unknown(), notes=told)
        return asked.join(self._written(after, staying), self._remembered(moved))

    def _left(self, block: TypedBlock) -> TypedBlock | None:
        """What of a block stays as it is: rows that somebody typed in, while their clients are there."""
        first, *others = block.rows
        if not block.touched or first.client not in self.clients.frame.index:
            return None
        open_ = [row for row in others if row.client in self.clients.frame.index and not self._goes(block, row)]
        return TypedBlock(block.number, (first, *open_)) if open_ else None

    def _goes(self, block: TypedBlock, row: TypedRow) -> bool:
        """Whether a row's decision is remembered elsewhere."""
        return self.moves and word_for(block.rows[0], row) in APART

    def _moved(self) -> dict[Pair, str]:
        """Pairs that go into the table Decisions."""
        if not self.moves:
            return {}
        known = {pair for pair, _ in kept(self.tables)}
        pairs = {pair: word for block in self.blocks for pair, word in block.decided().items()}
        return {
            pair: word
            for pair, word in pairs.items()
            if word in APART and len(pair) == 2 and _capitals(pair) not in known
        }

    def _rows(self, found: Iterable[ClientBlock], used: set[int]) -> pd.DataFrame:
        """The blocks as rows of the table, numbered from 1 past the numbers that are `used`."""
        numbers = (number for number in range(1, 1 << 30) if number not in used)
        rows = [row for block, number in zip(found, numbers, strict=False) for row in self._block(block, number)]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def _block(self, block: ClientBlock, number: int) -> list[dict[str, object]]:
        language = self.settings.language
        shared = {"group": float(number), "band": words.choice_word("band", block.band, language), "decision": ""}
        first = block.members[0]
        rows = [{**self.clients.shown(first), **shared, "agrees": "", "differs": ""}]
        for other, codes in zip(block.members[1:], block.codes, strict=True):
            values = partial(self.clients.pair, first, other)
            told = reasons(codes, language, self.clients.headers, values)
            rows.append({**self.clients.shown(other), **shared, **told._asdict()})
        return rows

    def _written(self, after: pd.DataFrame, staying: set[int]) -> Plan:
        """The changes: rows that stay are brought up to date, all others replaced where they are not the same."""
        frame = self.table.frame
        there = as_text(frame["client_id"]).str.strip() != ""
        old = frame[there & ~frame.index.isin(list(staying))]
        columns = [column for column in after if column in frame]
        kept = self._kept(staying)
        if _are_same(old[columns], after[columns]):
            return Plan("doubles", changes=kept)
        removed = (Removed("Duplicates", old),) if len(old) else ()
        added = (Added("Duplicates", after[columns]),) if len(after) else ()
        return Plan("doubles", changes=kept, removed=removed, added=added)

    def _kept(self, staying: set[int]) -> tuple[Any, ...]:
        """What rows that stay show of their clients, as it is now."""
        at = sorted(staying)
        if not at:
            return ()
        ids = as_text(self.table.frame["client_id"]).str.strip().loc[at]
        shown = pd.DataFrame([self.clients.shown(str(key)) for key in ids], index=at)
        columns = [column for column in shown if column in self.table.frame and column != "client_id"]
        return diff(self.table, shown[columns], key="client_id")

    def _remembered(self, moved: dict[Pair, str]) -> Plan:
        if not moved:
            return Plan("doubles")
        pairs = []
        for pair, word in moved.items():
            one, other = sorted(pair, key=self._place)
            pairs.append((one, other, word))
        return Plan("doubles", added=(Added("Decisions", lines(pairs, self.settings.language, self.today)),))

    def _place(self, client: str) -> tuple[int, str]:
        return self.clients.rank.get(client, len(self.clients.rank)), client

    def _unknown(self) -> tuple[Problem, ...]:
        """Decisions that nobody can read."""
        rows = [row for block in self.blocks for row in block.rows if row.typed and not row.decision]
        return tuple(
            Problem("doubles.decision", "Duplicates", self.table.excel_row(r.position), r.client, "decision", r.typed)
            for r in rows
        )


def _capitals(pair: Pair) -> Pair:
    """A pair as the table Decisions is read."""
    return frozenset(id_keys(pd.Series(sorted(pair), dtype="str")))


def _not_asked(found: Iterable[ClientBlock], kept: Iterable[TypedBlock]) -> list[ClientBlock]:
    """The blocks without the pairs that stand together in a block that stays."""
    together = [set(block.clients) for block in kept]
    result = []
    for block in found:
        first = block.members[0]
        known = {client for clients in together if first in clients for client in clients}
        left = [n for n, other in enumerate(block.members[1:]) if other not in known]
        if left:
            members = (first, *(block.members[n + 1] for n in left))
            result.append(ClientBlock(block.band, members, tuple(block.codes[n] for n in left)))
    return result


def _are_same(old: pd.DataFrame, new: pd.DataFrame) -> bool:
    """Whether the cells are those that stand there already."""
    if len(old) != len(new):
        return False
    old = old.reset_index(drop=True)
    return all(bool(same(old[column], _typed(new[column])).all()) for column in new)


def _typed(column: pd.Series[Any]) -> pd.Series[Any]:
    return as_number(column)[0] if column.name in ("group", "purchases") else column
