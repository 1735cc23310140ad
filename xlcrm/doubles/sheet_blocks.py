"""Blocks of the sheet Duplicates: rows that a person can decide on at one glance, and their decisions read back.

A list of pairs asks the same question three times where a client is there three times. So clients who are surely one
stand in one block; who is only perhaps one, or of one household, stands in a block of its own below, and no pair twice.
A decision in the first row of a block counts for all rows that have none of their own; a decision in another row is
about that row's client and the first one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, islice
from typing import Any, NamedTuple

import pandas as pd

from xlcrm import schema
from xlcrm.doubles.finding import Codes, Study
from xlcrm.doubles.prepared import columns_read
from xlcrm.merging.decisions import Pair, decided_in, word_of
from xlcrm.tables import KeptBeside, Table
from xlcrm.values import as_number, as_text

BANDS = ("surely", "perhaps", "firm", "household")


class ClientBlock(NamedTuple):
    """A band, its clients by label, the proposed survivor first, and of each further one the reasons beside it."""

    band: str
    members: tuple[str, ...]
    codes: tuple[Codes, ...]


class Edge(NamedTuple):
    """A pair that the engine found, with its bits; `sure` where it stands in a group and in the upper band, and
    `relation` what else the two may be."""

    left: str
    right: str
    score: float
    sure: bool
    relation: str


def blocks(
    study: Study, rank: Mapping[str, int], apart: frozenset[Pair], *, firms: Iterable[Sequence[str]] = ()
) -> list[ClientBlock]:  # fmt: skip
    """The blocks of a list, "surely", "perhaps", "firm", "household", each band in the order of `rank`.

    rank   of each label its place: the lower one survives
    apart  pairs that somebody decided are two: they stand in no block together
    firms  labels of clients who are one firm, for a person each
    """
    sets, found = _grouped(edges_of(study), rank, apart)
    asked = _pairs_of(members for band, members in found if band == "perhaps")
    together = [star for members in firms if len(star := _one_firm(sets, members, asked)) > 1]
    found += [("firm", star) for star in sorted(together, key=lambda star: rank[star[0]])]
    asked |= {frozenset(pair) for star in together for pair in combinations(star, 2)}
    found += [("household", star) for star in _households(study, sets, apart | asked)]
    return _with_codes(study, found)


def asked_of(edges: list[Edge], rank: Mapping[str, int], apart: frozenset[Pair]) -> list[ClientBlock]:
    """The blocks "surely" and "perhaps" of `blocks`, without reasons."""
    _, found = _grouped(edges, rank, apart)
    return [ClientBlock(band, members, ((),) * (len(members) - 1)) for band, members in found]


def _grouped(
    edges: list[Edge], rank: Mapping[str, int], apart: frozenset[Pair]
) -> tuple[_Sets, list[tuple[str, tuple[str, ...]]]]:
    """Who is surely one client, as sets, and the members of the blocks "surely" and "perhaps"."""
    sets = _Sets(rank, apart)
    for edge in sorted(edges, key=lambda edge: (-edge.score, edge.left, edge.right)):
        if edge.sure:
            sets.join(edge.left, edge.right)
    found = [("surely", members) for members in sets.groups()]
    return sets, found + [("perhaps", star) for star in _stars(sets, edges)]


def kept_edges(clients: pd.DataFrame, country: str, beside: KeptBeside | None) -> list[Edge]:
    """`edges_of` the clients, as an earlier run found them for the same cells, or anew."""

    def find() -> dict[str, list[Edge]]:
        return {"edges": edges_of(Study(clients, country=country))}

    if beside is None:
        return find()["edges"]
    cells = {name: as_text(clients[name]).to_list() for name in columns_read(clients)}
    given = (country, list(map(str, clients.index)), cells)
    return [Edge(*row) for row in beside.made("doubles", given, find)["edges"]]


def edges_of(study: Study) -> list[Edge]:
    """The pairs that the engine found."""
    pairs = study.pairs()
    sure = (pairs["band"] == "surely") & (pairs["group"] >= 0)
    columns = (pairs[name].tolist() for name in ("left", "right", "score"))
    relations = (dict(code[:2] for code in codes).get("relation", "") for codes in pairs["codes"])
    return [Edge(*row) for row in zip(*columns, sure.tolist(), relations, strict=True)]


class _Sets:
    """Clients joined to sets in which no two were decided to be two."""

    def __init__(self, rank: Mapping[str, int], apart: frozenset[Pair]) -> None:
        self.rank, self.apart = rank, apart
        self.members: dict[str, list[str]] = {}
        self.leader: dict[str, str] = {}

    def of(self, label: str) -> list[str]:
        """The set of a client, the survivor first."""
        return self.members.get(self.leader.get(label, label), [label])

    def are_apart(self, one: str, other: str) -> bool:
        """Whether somebody of the one set and somebody of the other are two."""
        if not self.apart:
            return False
        return any(frozenset((a, b)) in self.apart for a in self.of(one) for b in self.of(other))

    def join(self, one: str, other: str) -> None:
        """Makes one set of two, unless that is forbidden."""
        mine, theirs = self.of(one), self.of(other)
        if mine[0] == theirs[0] or self.are_apart(one, other):
            return
        for label in (mine[0], theirs[0]):
            self.members.pop(label, None)
        joined = sorted([*mine, *theirs], key=self.rank.__getitem__)
        self.members[joined[0]] = joined
        self.leader |= dict.fromkeys(joined, joined[0])

    def groups(self) -> list[tuple[str, ...]]:
        """The sets of several."""
        return sorted(map(tuple, self.members.values()), key=lambda members: self.rank[members[0]])


def _stars(sets: _Sets, edges: Iterable[Edge]) -> list[tuple[str, ...]]:
    """The doubtful pairs, each once, gathered round the client of them who would survive.

    Pairs that may be something else, each another thing (twins, father and son), stand apart: one answer fits one.
    """
    best: dict[Pair, Edge] = {}
    for edge in edges:
        one, other = sets.of(edge.left)[0], sets.of(edge.right)[0]
        if one == other or sets.are_apart(one, other):
            continue
        key = frozenset((one, other))
        if key not in best or _goes_before(edge, best[key], key):
            best[key] = edge
    round_: dict[tuple[str, str], list[str]] = defaultdict(list)
    for edge in best.values():
        first, second = sorted((edge.left, edge.right), key=sets.rank.__getitem__)
        round_[first, edge.relation].append(second)
    found = [(first, *sorted(others, key=sets.rank.__getitem__)) for (first, _), others in round_.items()]
    return sorted(found, key=lambda star: [sets.rank[label] for label in star])


def _goes_before(edge: Edge, other: Edge, survivors: Pair) -> bool:
    """Of two pairs of the same two sets the one of both survivors is shown, else the one that is more alike."""
    mine, theirs = ({pair.left, pair.right} == survivors for pair in (edge, other))
    return mine or (not theirs and edge.score > other.score)


def _households(study: Study, sets: _Sets, known: frozenset[Pair] | set[Pair]) -> list[tuple[str, ...]]:
    """Who lives or works together, of each client the survivor alone; pairs that are `known` are not shown again."""
    labels = study.households()
    labels = labels[labels >= 0]
    together: dict[int, list[str]] = defaultdict(list)
    for label, number in zip(labels.index, labels.tolist(), strict=True):
        if sets.of(label)[0] == label:
            together[number].append(label)
    found = []
    for members in together.values():
        first, *others = sorted(members, key=sets.rank.__getitem__)
        others = [other for other in others if frozenset((first, other)) not in known]
        if others:
            found.append((first, *others))
    return sorted(found, key=lambda members: sets.rank[members[0]])


def _pairs_of(stars: Iterable[Sequence[str]]) -> set[Pair]:
    """The first client of each star with each of the others."""
    return {frozenset((star[0], other)) for star in stars for other in star[1:]}


def _one_firm(sets: _Sets, members: Sequence[str], asked: set[Pair]) -> tuple[str, ...]:
    """The clients of a firm, of each set that is one client the survivor alone, but those decided or asked about."""
    survivors = sorted({sets.of(label)[0] for label in members}, key=sets.rank.__getitem__)
    first, *others = survivors
    left = [other for other in others if not sets.are_apart(first, other) and frozenset((first, other)) not in asked]
    return (first, *left)


def _with_codes(study: Study, found: list[tuple[str, tuple[str, ...]]]) -> list[ClientBlock]:
    """The blocks with their reasons, which are computed for all of them at once."""
    firsts = [members[0] for _, members in found for _ in members[1:]]
    others = [other for _, members in found for other in members[1:]]
    codes = study.codes(firsts, others)
    beside = iter(codes)
    return [ClientBlock(band, members, tuple(islice(beside, len(members) - 1))) for band, members in found]


class TypedRow(NamedTuple):
    """A row: its position in the table, its client, the decision as typed and as the schema knows it ("" where not),
    and whether somebody typed anything, also in a column of their own."""

    position: int
    client: str
    typed: str
    decision: str
    touched: bool


class TypedBlock(NamedTuple):
    """The rows of one group in the order of the sheet, the proposed survivor first."""

    number: int
    rows: tuple[TypedRow, ...]

    @property
    def clients(self) -> tuple[str, ...]:
        return tuple(row.client for row in self.rows)

    @property
    def touched(self) -> bool:
        return any(row.touched for row in self.rows)

    def decided(self) -> dict[Pair, str]:
        """Each decided pair with its decision (see `decisions.decided_in`)."""
        return {frozenset((one.client, other.client)): word for one, other, word in decided_in(self.rows)}


def typed_blocks(table: Table) -> list[TypedBlock]:
    """The blocks of the table Duplicates in the order of their first rows; rows without a client or group are none."""
    frame = table.frame
    numbers = as_number(frame["group"])[0]
    clients, typed = as_text(frame["client_id"]).str.strip(), _cells(frame, "decision")
    own = [column for column in frame if schema.table("Duplicates").column(str(column)) is None]
    touched = (typed != "") | _any_filled(frame, own)
    found: dict[int, list[TypedRow]] = {}
    rows = zip(range(len(frame)), numbers, clients, typed, touched, strict=True)
    for position, number, client, text, by_hand in rows:
        if client and number == number:
            row = TypedRow(position, client, text, word_of(text), bool(by_hand))
            found.setdefault(int(number), []).append(row)
    return [TypedBlock(number, tuple(rows)) for number, rows in found.items()]


def _cells(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    return as_text(frame[name]).str.strip() if name in frame else pd.Series("", index=frame.index)


def _any_filled(frame: pd.DataFrame, columns: list[Any]) -> pd.Series[bool]:
    found = pd.Series(False, index=frame.index)
    for column in columns:
        found |= as_text(frame[column]).str.strip() != ""
    return found
