"""Decisions about doubles, as people made them in the sheet Duplicates and as they are kept in the table Decisions.

A decision is about two clients, whichever is named first: it outlives sorting, another import, and merges: with A and B
two clients and B merged into C, A and C are two.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple, Protocol, TypeVar

import pandas as pd

from xlcrm import words
from xlcrm.importing.header_words import choice_of
from xlcrm.merging.alias_table import aliases, id_keys
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.text import fold
from xlcrm.values import as_text

SAME, FIRM, APART = "same", "firm", frozenset({"different", "household"})
DECIDED = frozenset({SAME, FIRM, *APART})
_WORDS = frozenset({*DECIDED, "later"})
Pair = frozenset[str]


class Ruling(NamedTuple):
    """What somebody decided about two clients; `block` is the number of their block in the sheet Duplicates."""

    pair: Pair
    decision: str
    block: str


class DecidedRow(Protocol):
    """A row of a block in which somebody may decide: what they typed, and the decision behind it ("" for none)."""

    @property
    def typed(self) -> str: ...
    @property
    def decision(self) -> str: ...


Row = TypeVar("Row", bound=DecidedRow)


class BlockRow(NamedTuple):
    """A row of the sheet Duplicates: its position, block, client (as spelt, of today), and what was decided there."""

    position: int
    block: str
    client: str
    typed: str
    decision: str


def decided(tables: Tables) -> set[Pair]:
    """The pairs of clients of which somebody said that they are two ("different", or one household), never asked again.

    Both the table Decisions and what stands in the sheet Duplicates count. Numbers are those of today, in capitals:
    of a client that was merged away the one that it is now.
    """
    final = aliases(tables)
    found = {ruling.pair for ruling in rulings(tables) if ruling.decision in APART}
    found |= {pair for pair, decision in kept(tables) if decision in APART}
    today = {frozenset(_today(client, final) for client in pair) for pair in found}
    return {pair for pair in today if len(pair) == 2}


def kept(tables: Tables) -> list[tuple[Pair, str]]:
    """The lines of the table Decisions: the two numbers as they stand there, in capitals, and what was decided."""
    if "Decisions" not in tables:
        return []
    frame = tables["Decisions"].frame
    if not {"client_id", "other_id", "decision"} <= set(frame.columns):
        return []
    pairs = zip(id_keys(frame["client_id"]), id_keys(frame["other_id"]), as_text(frame["decision"]), strict=True)
    return [(frozenset((one, other)), word_of(said)) for one, other, said in pairs if one and other and one != other]


def rulings(tables: Tables) -> list[Ruling]:
    """What was decided in the sheet Duplicates, block by block; nothing about rows that are undecided or "later".

    The decision in the first row of a block counts for all its rows that have none; one in another row is about that
    row and the first. Where a whole block is decided to be different, each of its rows is from each other.
    """
    found = [_ruling(*pair) for block in blocks(tables) for pair in decided_in(block)]
    return [ruling for ruling in found if ruling.decision in DECIDED]


def blocks(tables: Tables) -> list[list[BlockRow]]:
    """The blocks of the sheet Duplicates with at least two clients, each in the order of its rows."""
    if "Duplicates" not in tables or "client_id" not in tables["Duplicates"].frame:
        return []
    found: dict[str, list[BlockRow]] = {}
    for row in _rows(tables["Duplicates"], aliases(tables)):
        found.setdefault(row.block, []).append(row)
    return [block for block in found.values() if len({row.client.upper() for row in block}) > 1]


def settled(block: Iterable[BlockRow]) -> bool:
    """Whether every row of a block is decided, so that nothing of it is left to ask."""
    first, *rest = block
    return all(word_for(first, row) in DECIDED for row in rest)


def word_for(first: DecidedRow, row: DecidedRow) -> str:
    """The decision about a further row of a block and its first: the row's own, else, where nothing is typed, that."""
    return row.decision or ("" if row.typed else first.decision)


def decided_in(block: Sequence[Row]) -> Iterator[tuple[Row, Row, str]]:
    """Each two rows of a block about which something is decided, and what. "Two" in the first row is about all."""
    first, *rest = block
    silent = [row for row in rest if not row.typed] if first.decision in APART else []
    pairs = [(first, row, word_for(first, row)) for row in rest]
    pairs += [(one, other, first.decision) for one, other in combinations(silent, 2)]
    return (pair for pair in pairs if pair[2])


def groups(pairs: Iterable[Pair]) -> list[list[str]]:
    """Clients that are one through any chain of pairs, a list each, in the order in which they come."""
    group_of: dict[str, list[str]] = {}
    for pair in pairs:
        together = [client for each in sorted(pair) for client in group_of.get(each, [each])]
        merged = list(dict.fromkeys(together))
        group_of.update(dict.fromkeys(merged, merged))
    return list({id(group): group for group in group_of.values()}.values())


def new_lines(tables: Tables, final: Mapping[str, str], *, settings: Settings, today: dt.date) -> pd.DataFrame:
    """The decisions of the sheet Duplicates that the table Decisions doesn't have yet, as rows of it.

    final  clients that are merged away now (as `id_keys`) -> the client that they become
    """
    known = {frozenset(_today(client, final) for client in pair) for pair, _ in kept(tables)}
    ids = as_text(tables["Clients"].frame["client_id"]).str.strip()
    spelt = dict(zip(id_keys(ids), ids, strict=True))
    found: dict[Pair, tuple[str, str, str]] = {}
    for ruling in rulings(tables):
        pair = frozenset(_today(client, final) for client in ruling.pair)
        if ruling.decision in APART and len(pair) == 2 and pair not in known:
            one, other = (spelt.get(client, client) for client in sorted(pair))
            found.setdefault(pair, (one, other, ruling.decision))
    return lines(found.values(), settings.language, today)


def lines(decided_now: Iterable[tuple[str, str, str]], language: str, today: dt.date) -> pd.DataFrame:
    """Rows of the table Decisions for two numbers and their decision each, in words of `language`."""
    day = pd.Timestamp(today)
    rows = [(one, other, words.choice_word("same", said, language), day) for one, other, said in decided_now]
    return pd.DataFrame(rows, columns=["client_id", "other_id", "decision", "decided_on"], dtype=object)


def word_of(text: str) -> str:
    """The canonical decision behind a word in any of the six languages; "" where none is meant."""
    plain = fold(text)
    return choice_of("same", text) or (plain if plain in _WORDS else "")


def _today(client: str, final: Mapping[str, str]) -> str:
    return final.get(client.upper(), client).upper()


def _rows(table: Table, final: Mapping[str, str]) -> Iterator[BlockRow]:
    """The rows that name a client; of a workbook of before, whose rows name two, each is a block."""
    frame = table.frame
    decisions = as_text(frame["decision"]) if "decision" in frame else pd.Series("", index=frame.index)
    numbers = _texts(frame, "group") if "group" in frame else [str(n) for n in range(len(frame))]
    others = _texts(frame, "other_id") if "group" not in frame else [""] * len(frame)
    ids = _texts(frame, "client_id")
    for position, (block, said, *clients) in enumerate(zip(numbers, decisions, ids, others, strict=True)):
        for client in filter(None, clients if block else ()):
            yield BlockRow(position, block, final.get(client.upper(), client), said.strip(), word_of(said))


def _texts(frame: pd.DataFrame, column: str) -> list[Any]:
    return as_text(frame[column]).str.strip().tolist() if column in frame else [""] * len(frame)


def _ruling(one: BlockRow, other: BlockRow, decision: str) -> Ruling:
    pair = frozenset((one.client.upper(), other.client.upper()))
    return Ruling(pair, decision if len(pair) == 2 else "", one.block)
