"""Finding duplicate clients (deduplication), matching two lists (record linkage) and finding households.

The three questions that a client list is asked: which rows are one client, which rows of a new list are already known,
and who lives or works together. They are answered by one engine, so that an import and a check never disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from xlcrm.doubles import clusters
from xlcrm.doubles.engine import PERHAPS, SURELY, Engine, Scored
from xlcrm.doubles.estimating import groups
from xlcrm.doubles.odds import relations
from xlcrm.doubles.prepared import BLANK, KINDS, Ints, Prepared
from xlcrm.doubles.vetoes import RULES
from xlcrm.doubles.word_forms import rows_of

# Reasons of linkage decisions: for each pair the fields, their level codes and bits, as values and as a sentence.

COLUMNS = ["left", "right", "score", "band", "group", "reasons", "codes"]
Codes = tuple[tuple[str, str, float], ...]


@cache
def _levels() -> dict[tuple[str, str], str]:
    return {(row["kind"], row["code"]): row["said"] for row in rows_of("comparison_levels")}


@cache
def _codes(kind: str) -> tuple[str, ...]:
    return tuple(row["code"] for row in rows_of("comparison_levels") if row["kind"] == kind)


@cache
def _said() -> dict[str, str]:
    return {row["field"]: row["said"] for row in rows_of("compared_fields")}


def reasons_of(found: Scored, keep: Ints) -> list[Codes]:
    """Of each pair (field, level, bits) for the fields that both rows have; then what else it may be, and its veto."""
    evidence = found.evidence.part(keep)
    ratios = {name: np.round(np.log2(ratio), 2) for name, ratio in found.odds.ratios(evidence).items()}
    result = []
    for n in range(len(evidence)):
        levels = ((name, int(evidence.levels[name][n])) for name in found.odds.names)
        codes = [(name, _codes(KINDS[name])[level], float(ratios[name][n])) for name, level in levels if level >= 0]
        codes += [("names", "swapped", 0.0)] if evidence.swapped[n] else []
        result.append((*codes, *_beside(found, int(keep[n]))))
    return result


def _beside(found: Scored, at: int) -> Codes:
    veto, relation = found.veto[at], int(found.relation[at])
    codes: Codes = (("veto", str(veto), 0.0),) if veto else ()
    if relation < len(relations()) and (found.scores[at] < SURELY or veto):
        codes += (("relation", relations()[relation].name, 0.0),)
    return codes


def sentence(codes: Codes) -> str:
    """The codes in English: "first name: a short form or a slip; phone: the same; birth date: different"."""
    return "; ".join(phrase for field, code, _ in codes if (phrase := _phrase(field, code)))


def _phrase(field: str, code: str) -> str:
    if field == "veto":
        return next(veto.said for veto in RULES if veto.code == code)
    if field == "relation":
        return "perhaps " + next(relation.said for relation in relations() if relation.name == code)
    if field == "names":
        return "first and last name changed about"
    return f"{_said()[field]}: {_levels()[KINDS[field], code]}"


def explained(found: Scored) -> pd.DataFrame:
    """The table that `xlcrm.doubles.explain` gives, for a single pair."""
    rows = []
    one, other = int(found.evidence.first[0]), int(found.evidence.second[0])
    for field, code, bits in reasons_of(found, np.array([0]))[0]:
        column = found.rows.column(field) if field in KINDS else None
        values = [_value(column.values, int(column.codes[at])) for at in (one, other)] if column else ["", ""]
        rows.append((field, *values, code, bits, _phrase(field, code)))
    rows.append(("score", "", "", "", float(found.scores[0]), "bits for one client against everything else"))
    return pd.DataFrame(rows, columns=["field", "left", "right", "level", "bits", "why"])


def _value(values: list[str], code: int) -> str:
    return "" if code == BLANK else values[code]


HOUSEHOLD = 0.0  # bits
LIKELY = -1.5  # bits of a pair of two lists whose rows have no better partner


def find_doubles(clients: pd.DataFrame, *, country: str = "") -> pd.DataFrame:
    """Pairs of rows that are, or may be, one client.

    clients  a row a client; any of the columns of `xlcrm.doubles.FIELDS`, full_name, address and kind may be missing.
             Blanks (None, NaN, "") are no evidence. Values may be text, numbers or dates. The frame is not changed.
    country  ISO 3166 alpha-2 code, for reading dates, full names and addresses; "" where unknown

    Out, a row a pair, no pair twice: left and right (labels of `clients`, left stands before right), score (log2 odds
    of one client against two, in bits), band ("surely" or "perhaps"), group (an integer that all rows of one client
    share, -1 where the two are not joined), reasons (text), codes (a tuple of (field, level, bits), for texts in other
    languages; the field is "veto", "relation" or "names" where it is no column).

    ValueError where two rows have one label. The order of rows makes no difference.
    """
    return Study(clients, country=country).pairs() if len(clients) > 1 else _checked_empty(clients)


class Study:
    """One list studied once, for those who ask several questions of it: pairs, households, reasons of any pair.

    clients  two rows or more, as in `find_doubles`, each with a label of its own (else ValueError)
    """

    def __init__(self, clients: pd.DataFrame, *, country: str = "") -> None:
        _check(clients)
        self.index = clients.index
        self.engine = Engine(clients, [str(label) for label in clients.index], country)
        self._place = np.empty(len(clients), np.int64)
        self._place[self.engine.rows.order] = np.arange(len(clients))

    @cached_property
    def found(self) -> Scored:
        """The candidate pairs with their bits, all of them."""
        return self.engine.scored()

    def pairs(self) -> pd.DataFrame:
        """What `find_doubles` gives."""
        if not len(self.engine.first):
            return _empty()
        engine, found, index = self.engine, self.engine.likely(), self.index
        labels = clusters.cluster(found.evidence, found.joinable, len(index), engine.joinable)
        found = _with_joined(engine, found, labels)
        together = labels[found.evidence.first] == labels[found.evidence.second]
        keep = np.flatnonzero((found.scores >= PERHAPS) | together)
        surely = (found.scores[keep] >= SURELY) & (found.veto[keep] == "")
        group = np.where(together[keep], labels[found.evidence.first[keep]], -1)
        return _frame(found, keep, surely, group, index, index)

    def households(self) -> pd.Series[int]:
        """What `find_households` gives."""
        if not len(self.engine.first):
            return pd.Series(-1, index=self.index, dtype="int64")
        labels = groups(self.found.evidence, self.found.household >= HOUSEHOLD, len(self.index))
        placed = np.where(np.bincount(labels)[labels] > 1, labels, -1)[self._place]
        return pd.Series(_numbered(placed), index=self.index, dtype="int64")

    def codes(self, left: Sequence[object], right: Sequence[object]) -> list[Codes]:
        """Of each pair of labels (field, level, bits), as in the column codes of `find_doubles`."""
        scored = self.score(left, right)
        return reasons_of(scored, np.arange(len(scored.evidence))) if left else []

    def score(self, left: Sequence[object], right: Sequence[object]) -> Scored:
        """Pairs of labels with their evidence and bits. KeyError where a label is not in the list."""
        at = [self._place[_positions(self.index, labels)] for labels in (left, right)]
        return self.engine.score(self.engine.comparer.compare(*at))


def _checked_empty(clients: pd.DataFrame) -> pd.DataFrame:
    _check(clients)
    return _empty()


def match_clients(new: pd.DataFrame, known: pd.DataFrame, *, country: str = "") -> pd.DataFrame:
    """Which rows of `new` are, or may be, which of `known`; each row is in one pair at most.

    Columns as in `find_doubles`, but left is a label of `new` and right one of `known`; group numbers the pairs that
    are likely given that a row has one partner at most (-1 for the others); who acts without asking goes by the band.
    Neither frame is looked at for doubles of its own.
    """
    _check(new)
    _check(known)
    if not len(new) or not len(known):
        return _empty()
    both = pd.concat([new.reset_index(drop=True), known.reset_index(drop=True)], ignore_index=True)
    side = np.repeat([0, 1], [len(new), len(known)])
    engine = Engine(
        both, [f"{s}{label}" for s, label in zip(side, [*new.index, *known.index], strict=True)], country, side
    )
    if not len(engine.first):
        return _empty()
    found = engine.likely()
    keep = clusters.one_to_one(found.evidence, found.scores, PERHAPS)
    surely = (found.scores[keep] >= SURELY) & (found.veto[keep] == "")
    joined = (found.scores[keep] > LIKELY) & (found.veto[keep] == "")
    group = np.where(joined, np.cumsum(joined) - 1, -1)
    return _frame(found, keep, surely, group, new.index, known.index)


def find_households(clients: pd.DataFrame, *, country: str = "") -> pd.Series[int]:
    """A number for each row, the same for rows of one household or firm, -1 for a row that stands alone.

    Rows in and out as in `find_doubles`; the result has the index of `clients`. Families, flatmates with one phone, a
    firm with its people and branches, and rows of one client are together; namesakes and neighbours are not.
    """
    if len(clients) > 1:
        return Study(clients, country=country).households()
    _check(clients)
    return pd.Series(-1, index=clients.index, dtype="int64")


def explain(clients: pd.DataFrame, left: object, right: object, *, country: str = "") -> pd.DataFrame:
    """Field by field why two rows are, or are not, one client.

    Out, a row a field that both have: field, left and right (as compared), level (a code), bits (log2 of the likelihood
    ratio; above 0 speaks for one client), why (text); then a row for each veto and one, "score", for the whole.
    KeyError where a label is not in `clients`.
    """
    return explained(Study(clients, country=country).score([left], [right]))


def _positions(index: pd.Index, labels: Sequence[object]) -> Ints:
    found = index.get_indexer(pd.Index(labels))
    missing = np.flatnonzero(found < 0)
    return found.astype(np.int64) if not len(missing) else _unknown(labels[int(missing[0])])


def _unknown(label: object) -> Ints:
    raise KeyError(label)


def _check(clients: pd.DataFrame) -> None:
    if not clients.index.is_unique:
        raise ValueError("each row needs a label of its own")


def _with_joined(engine: Engine, found: Scored, labels: Ints) -> Scored:
    """The pairs and those that a group joins although blocking did not bring them together."""
    members: dict[int, list[int]] = {}
    for row in np.flatnonzero(np.bincount(labels, minlength=len(labels))[labels] > 2).tolist():
        members.setdefault(int(labels[row]), []).append(row)
    n = len(labels)
    keys = [one * n + other for rows in members.values() for k, one in enumerate(rows) for other in rows[k + 1 :]]
    first, second = found.evidence.first, found.evidence.second
    inside = labels[first] == labels[second]
    missing = np.setdiff1d(np.array(keys, np.int64), first[inside] * n + second[inside])
    if not len(missing):
        return found
    first, second = np.divmod(missing, n)
    return found.and_also(engine.score(engine.comparer.compare(first, second)))


def _frame(
    found: Scored, keep: Ints, surely: npt.NDArray[np.bool_], group: Ints, left: pd.Index, right: pd.Index
) -> pd.DataFrame:
    """The pairs with labels, in the order of the rows."""
    rows: Prepared = found.rows
    one, other = rows.order[found.evidence.first[keep]], rows.order[found.evidence.second[keep]]
    low, high = np.minimum(one, other), np.maximum(one, other)
    codes = reasons_of(found, keep)
    data = {
        "left": left[low],
        "right": right[high - (len(left) if len(rows.side) else 0)],
        "score": np.round(found.scores[keep], 3),
        "band": np.where(surely, "surely", "perhaps"),
        "group": group,
        "reasons": [sentence(code) for code in codes],
        "codes": pd.Series(codes, dtype=object),
    }
    frame = pd.DataFrame(data, columns=COLUMNS).iloc[np.lexsort((high, low))].reset_index(drop=True)
    frame["group"] = _numbered(frame["group"].to_numpy())
    return frame


def _numbered(labels: Ints) -> Ints:
    """Labels as 0, 1, 2 in the order in which they come; -1 stays."""
    found = pd.factorize(labels[labels >= 0])[0]
    result = np.full(len(labels), -1, np.int64)
    result[labels >= 0] = found
    return result


def _empty() -> pd.DataFrame:
    data = {
        name: pd.Series(dtype="float64" if name == "score" else "int64" if name == "group" else object)
        for name in COLUMNS
    }
    return pd.DataFrame(data)
