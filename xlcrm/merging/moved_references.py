"""References to clients that are moved: every cell of the workbook that holds a client's number, in any table.

Columns are known by their header (any of the six languages), and users' own columns also by what they hold: nothing
but numbers of clients that have a letter in them, so that a column of quantities is never taken for one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pandas as pd

from xlcrm import schema, words
from xlcrm.merging.alias_table import id_keys
from xlcrm.plan import Change
from xlcrm.problems import Problem
from xlcrm.row_matching import fingerprints, tokens
from xlcrm.tables import Table, Tables
from xlcrm.values import as_number, text_of

LINES = ("Purchases", "Interactions", "Opportunities")
_NUMBERS = frozenset({"client_id", "other_id", "parent_id"})
_KEPT = frozenset({"Changes", "Merged", "Settings", "Rates"})  # history, the table of aliases itself, settings


def moved(tables: Tables, final: Mapping[str, str], gone: frozenset[int]) -> tuple[list[Change], list[Problem]]:
    """The changes that put the client of today in the place of those merged away, and what a plan can't change.

    final  the number of a client that is merged away (as `id_keys`) -> the number that takes its place
    gone   positions of Clients that are removed, whose cells are left alone

    Problem "merge.formula" for a column of formulas that shows such a number: its cells belong to the workbook.
    """
    changes: list[Change] = []
    problems: list[Problem] = []
    known = set(id_keys(tables["Clients"].frame["client_id"])) - {""}
    for name in tables:
        for column in () if name in _KEPT else reference_columns(tables[name], known):
            rows = _holding(tables[name], column, final, gone if name == "Clients" else frozenset())
            if not len(rows):
                continue
            if column in tables[name].formulas:
                problems.append(_formula(tables[name], column, rows))
            else:
                changes.append(_change(tables[name], column, rows, final))
    return changes, problems


def reference_columns(table: Table, known: set[str]) -> Iterator[str]:
    """The columns of a table that hold numbers of clients; in Clients not the number of the row itself."""
    spec = schema.known(table.name)
    for column in map(str, table.frame.columns):
        if spec and spec.column(column):
            found = column in _NUMBERS and (table.name, column) != ("Clients", "client_id")
        else:
            found = _is_header(column) or _holds_only(table.frame[column], known)
        if found:
            yield column


def _is_header(text: str) -> bool:
    """Whether a user's header is what some table of ours calls a client's number, in any language."""
    return any(words.column_of(name, text) in _NUMBERS for name in ("Clients", *LINES, "Decisions"))


def _holds_only(cells: pd.Series[Any], known: set[str]) -> bool:
    """Whether all filled cells are numbers of clients, each with a letter."""
    if pd.api.types.is_numeric_dtype(cells.dtype) or pd.api.types.is_datetime64_any_dtype(cells.dtype):
        return False
    filled = set(id_keys(cells.drop_duplicates())) - {""}
    return bool(filled) and filled <= known and all(any(c.isalpha() for c in text) for text in filled)


def _holding(table: Table, column: str, final: Mapping[str, str], gone: frozenset[int]) -> pd.Series[Any]:
    """The numbers of the rows to change, by position, as keys."""
    keys = id_keys(table.frame[column])
    return keys[keys.isin(final.keys()) & ~keys.index.isin(gone)]


def _change(table: Table, column: str, rows: pd.Series[Any], final: Mapping[str, str]) -> Change:
    before = table.frame[column].loc[rows.index]
    values = [_as_typed(old, final[key]) for old, key in zip(before, rows, strict=True)]
    after = pd.Series(values, index=rows.index, dtype=object)
    with suppress(ValueError, TypeError):  # a number with a letter in a column of figures stays text
        after = after.astype(before.dtype)
    keys = table.frame["client_id" if table.name == "Clients" else table.frame.columns[0]].loc[rows.index]
    return Change(table.name, column, before, after, keys)


def _as_typed(old: object, new: str) -> object:
    """A number in the place of a number, text in the place of text."""
    if isinstance(old, (str, bool)):
        return new
    figure, bad = as_number(pd.Series([new], dtype=object))
    return new if bad.iloc[0] else type(old)(figure.iloc[0])  # type: ignore[call-arg]


def _formula(table: Table, column: str, rows: pd.Series[Any]) -> Problem:
    place, header = int(rows.index[0]), table.headers.get(column, column)
    values = (("count", str(len(rows))),)
    return Problem(
        "merge.formula", table.name, table.excel_row(place), "", header, rows.iloc[0], level="doubt", values=values
    )


def prints(table: Table, positions: Any) -> pd.Series[Any]:
    """A number for each row by all that it holds but the client's, so that it is found again wherever it stands."""
    spec = schema.known(table.name)
    columns = [c for c in table.frame.columns if (spec is None or spec.column(str(c))) and c not in _NUMBERS]
    rows = table.frame.loc[positions]
    return pd.Series(fingerprints(rows, columns), index=rows.index)


def repeated_lines(purchases: Table, groups: Sequence[Sequence[str]]) -> list[Problem]:
    """Lines of one invoice that two clients of a group (keys) have alike: named, never dropped, for both count."""
    frame = purchases.frame
    told = [c for c in ("invoice", "date", "product", "quantity", "amount") if c in frame]
    if "invoice" not in told or "client_id" not in frame:
        return []
    group_of = {key: n for n, group in enumerate(groups) for key in group}
    keys = id_keys(frame["client_id"])
    lines = pd.DataFrame({c: tokens(frame[c]) for c in told})[keys.isin(group_of.keys())]
    lines = lines[lines["invoice"] != ""].assign(group=keys.map(group_of))
    owners = keys[lines.index].groupby([lines[c] for c in lines]).transform("nunique")
    again = lines[(owners > 1) & lines.duplicated()]
    return [_repeated(purchases, int(place)) for place in again.index]


def _repeated(purchases: Table, place: int) -> Problem:
    cells = purchases.frame.loc[place]
    row, client, invoice = purchases.excel_row(place), text_of(cells["client_id"]), text_of(cells["invoice"])
    return Problem("merge.same_line", "Purchases", row, client, "invoice", invoice, level="doubt")
