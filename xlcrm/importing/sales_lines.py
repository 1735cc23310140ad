"""Sales lines laid over Purchases: the n-th repeat of a line is the n-th one there, only new ones are added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xlcrm import schema
from xlcrm.importing.filling import Filled, fill, still_typed
from xlcrm.importing.matching import comparable, name_key
from xlcrm.plan import Added, NewColumn, Plan
from xlcrm.tables import Table
from xlcrm.values import as_date, as_number, as_text

# What makes a line the line it is; the other columns tell how it went on (paid, invoiced).
IDENTITY = {
    "Purchases": ("invoice", "client_id", "date", "product", "quantity", "unit_price", "amount"),
    "Interactions": ("date", "client_id", "kind", "by", "subject"),
}
Hashes = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class SalesLines:
    plan: Plan
    added: int
    known: int


def plan_lines(
    table: Table, rows: pd.DataFrame, *, update: bool = False, raw: Mapping[str, pd.Series[Any]] = {}
) -> SalesLines:
    """Adds the rows of a list that `table` does not have; completes those that it has.

    A row is had where all its cells are the same in a row of the table; of what is left, where what identifies a line
    is the same (invoice, client, date, product, quantity, price, amount). Repeats are counted on both sides: two equal
    lines in the list need two in the table. Matched rows get their blank cells filled (paid_on ...); a cell that
    differs is changed only with `update`, else reported as "import.differs". `raw` has the list's own cells of dates
    and numbers: a line that an earlier import left as typed is found by them, its cells become what they are now.
    """
    at = _match(table, rows)
    _match_as_typed(table, rows, raw, at)
    new = rows[at < 0].reset_index(drop=True)
    known = rows[at >= 0]
    other = known[[c for c in known.columns if c not in IDENTITY.get(table.name, ())]]
    done = Filled.of(
        [
            fill(table, other, at[at >= 0], kept=frozenset() if update else frozenset(other.columns), raw=raw),
            _settle(table, known, at[at >= 0], raw),
        ]
    )
    changed = {change.column for change in done.changes}
    fresh = [
        str(c) for c in rows.columns
        if c not in table.frame.columns and (c in changed or (len(new) and bool((as_text(new[c]) != "").any())))
    ]  # fmt: skip
    new = new[[c for c in new.columns if c in table.frame.columns or c in fresh]]
    plan = Plan(
        "import",
        changes=done.changes,
        added=(Added(table.name, new),) if len(new) else (),
        new_columns=tuple(NewColumn(table.name, c) for c in fresh),
        problems=done.problems,
    )
    return SalesLines(plan, len(new), len(known))


def _match(table: Table, rows: pd.DataFrame) -> npt.NDArray[np.int64]:
    """The position in the table of each row, -1 for new ones."""
    at = np.full(len(rows), -1, dtype=np.int64)
    if not len(table.frame) or not len(rows):
        return at
    shared = [str(c) for c in rows.columns if c in table.frame.columns]
    names = IDENTITY.get(table.name, tuple(shared))
    identity = [c for c in names if c in shared]
    ours = {c: _hash(table.frame[c], table.name, c) for c in shared}
    theirs = {c: _hash(rows[c], table.name, c) for c in shared}
    left, right = np.arange(len(table.frame)), np.arange(len(rows))
    for columns in (shared, identity):
        if not columns or not len(left) or not len(right):
            continue
        at[right] = _paired([ours[c][left] for c in columns], [theirs[c][right] for c in columns], left)
        left = np.setdiff1d(left, at[right], assume_unique=False)
        right = right[at[right] < 0]
    return at


def _match_as_typed(
    table: Table, rows: pd.DataFrame, raw: Mapping[str, pd.Series[Any]], at: npt.NDArray[np.int64]
) -> None:
    """Finds, for rows that are new so far, lines of the table whose dates or numbers stand as the list has them."""
    identity = [c for c in IDENTITY.get(table.name, ()) if c in rows and c in table.frame]
    texts = _texts_in(table, [c for c in identity if c in raw])
    free = np.setdiff1d(np.flatnonzero(texts.any(axis=1)), at)
    if not len(free):
        return
    raw_rows = rows.assign(**{c: as_text(raw[c].reindex(rows.index)).str.strip() for c in texts.columns})
    for pattern, group in texts.iloc[free].groupby(list(texts.columns)):
        asked = {str(c): bool(text) for c, text in zip(texts.columns, pattern, strict=True)}
        columns = [c for c in identity if not _follows(c, asked, table, group.index)]
        left, right = group.index.to_numpy(), np.flatnonzero(at < 0)
        ours = [_hash_of(table.frame.iloc[left], c, table.name, asked) for c in columns]
        theirs = [_hash_of((raw_rows if asked.get(c) else rows).iloc[right], c, table.name, asked) for c in columns]
        at[right] = _paired(ours, theirs, left)


def _texts_in(table: Table, columns: Sequence[str]) -> pd.DataFrame:
    """Which cells of these columns hold text."""
    frame = table.frame
    loose = [c for c in columns if not pd.api.types.is_numeric_dtype(frame[c].dtype) and frame[c].dtype.kind != "M"]
    found = {c: [isinstance(v, str) and bool(v.strip()) for v in frame[c]] for c in loose}
    return pd.DataFrame(found, index=range(len(frame)))


def _follows(column: str, asked: Mapping[str, bool], table: Table, places: pd.Index[Any]) -> bool:
    """An amount that could not be worked out of a price as typed tells nothing."""
    open_sum = column == "amount" and (asked.get("quantity", False) or asked.get("unit_price", False))
    return open_sum and bool((as_text(table.frame[column].iloc[places]).str.strip() == "").all())


def _hash_of(frame: pd.DataFrame, column: str, table: str, asked: Mapping[str, bool]) -> Hashes:
    if not asked.get(column):
        return _hash(frame[column], table, column)
    found: Hashes = pd.util.hash_pandas_object(as_text(frame[column]).str.strip(), index=False).to_numpy()
    return found


def _paired(ours: list[Hashes], theirs: list[Hashes], places: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """The place of each of their rows among ours, -1 where there is none; the n-th equal one is the n-th."""
    mine, other = _nth(_combined(ours)), _nth(_combined(theirs))
    found = pd.Series(places, index=pd.MultiIndex.from_arrays(mine)).reindex(pd.MultiIndex.from_arrays(other))
    return found.fillna(-1).to_numpy().astype(np.int64)


def _settle(table: Table, known: pd.DataFrame, at: npt.NDArray[np.int64], raw: Mapping[str, pd.Series[Any]]) -> Filled:
    """What identifies a line, where the table still has the text that the list can now say what it is."""
    columns = [c for c in IDENTITY.get(table.name, ()) if c in known and c in table.frame]
    loose = [c for c in columns if c in raw and still_typed(table.frame[c].iloc[at], raw[c].reindex(known.index)).any()]
    if not loose:
        return Filled()
    shown = [c for c in columns if c in loose or c == "amount"]
    done = fill(table, known[shown], at, kept=frozenset(shown), raw=raw)
    return Filled(done.changes)


def _nth(hashes: Hashes) -> tuple[Hashes, npt.NDArray[Any]]:
    """Each hash with its running number among its equals."""
    return hashes, pd.Series(hashes).groupby(hashes).cumcount().to_numpy()


def _combined(columns: list[Hashes]) -> Hashes:
    whole = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        whole = whole * np.uint64(1_000_003) ^ column
    return whole


def _hash(column: pd.Series[Any], table: str, name: str) -> Hashes:
    """A number a cell that is equal for cells that mean the same; blank cells are 0."""
    spec = schema.table(table).column(name)
    kind = spec.kind if spec else "text"
    if kind in {"date", "moment"}:
        days, bad = as_date(column)
        numbers = days.to_numpy(dtype="datetime64[D]").astype("int64")
        return _settled(numbers, days.isna(), bad, column)
    if kind in schema.NUMBERS:
        figures, bad = as_number(column)
        return _settled(figures.round(4).to_numpy() + 0.0, figures.isna(), bad, column)
    text = comparable(column, table, name)
    hashes: Hashes = pd.util.hash_pandas_object(text, index=False).to_numpy()
    return np.where((text == "").to_numpy(), np.uint64(0), hashes)


def _settled(values: npt.NDArray[Any], blank: pd.Series[Any], bad: pd.Series[Any], column: pd.Series[Any]) -> Hashes:
    hashes: Hashes = pd.util.hash_array(values)
    hashes = np.where(blank.to_numpy(), np.uint64(0), hashes)
    if bad.any():
        text = as_text(column[bad]).str.strip()
        hashes[bad.to_numpy()] = pd.util.hash_pandas_object(text, index=False).to_numpy()
    return hashes


# Many lists have quantity and price but no amount, and every metric counts amounts.


def with_amount(frame: pd.DataFrame, discount: pd.Series[Any] | None, header: str = "") -> tuple[pd.DataFrame, int]:
    """The lines with `amount` = quantity x unit_price x (1 - discount) where it is blank, and how many stay unclear.

    Rounded to two decimals, halves to the even cent, so that long sums do not drift. `discount` is a share (0.1), or a
    percentage where `header` says so ("Rabatt %") and the cells are 1 or more. Without that sign, a discount above 1
    may be money or a percentage: such lines get no amount and are counted. Lines whose quantity or price is no number
    are left as they are.
    """
    if not {"quantity", "unit_price"} <= set(frame.columns):
        return frame, 0
    quantity, price = (pd.to_numeric(frame[c], errors="coerce") for c in ("quantity", "unit_price"))
    factor, unclear = _factor(frame, discount, header)
    amount = (quantity * price * factor).round(2).mask(unclear)
    if "amount" in frame:
        blank = frame["amount"].isna() | (frame["amount"].astype("str").str.strip() == "")
        if not blank.any():
            return frame, 0
        amount = frame["amount"].where(~blank, amount)
        unclear &= blank
    return frame.assign(amount=amount), int(unclear.sum())


def _factor(frame: pd.DataFrame, discount: pd.Series[Any] | None, header: str) -> tuple[pd.Series[Any], pd.Series[Any]]:
    none = pd.Series(False, index=frame.index)
    if discount is None:
        return pd.Series(1.0, index=frame.index), none
    typed = discount.notna() & (discount.astype("str").str.strip() != "")
    share = pd.to_numeric(discount, errors="coerce")
    strange = typed & share.isna()
    share = share.fillna(0.0).abs()
    if share.max() > 1 or ("%" in header and share.max() > 0 and share[share > 0].min() >= 1):
        if "%" not in header:
            return (1 - share.where(share <= 1, 0.0)), strange | (share > 1)
        share = share / 100
    return 1 - share, strange | (share > 1)


# A flat sales export repeats the customer on every line; this takes customers and lines apart again.

ADDRESS = (
    "address",
    "street",
    "house_number",
    "unit",
    "address_extra",
    "postal_code",
    "city",
    "region",
    "country",
    "po_box",
)
NAMES = ("full_name", "first_name", "last_name", "company")


@dataclass(frozen=True, eq=False)
class Customers:
    """`frame` has one row a customer; its index is the line that the customer is taken from.

    `code` gives for each line the position of its customer in `frame`, -1 where the line names none.
    """

    frame: pd.DataFrame
    code: Any


def customers(lines: pd.DataFrame, when: pd.Series[Any] | None) -> Customers:
    """One row for each customer named in `lines` (columns of Clients), as the latest line has it.

    A customer is a client_id; where that is blank, an e-mail; where that is blank too, a name. `when` dates the lines
    (as many, or None: the last line is the latest). Other details come from the latest line that has them; an address
    comes whole from one line, so that no street of one town meets another's postal code.
    """
    key = _key(lines)
    codes, _ = pd.factorize(key.where(key != ""), sort=False)
    order = (
        np.argsort(when.to_numpy(dtype="datetime64[us]"), kind="stable") if when is not None else np.arange(len(lines))
    )
    if when is not None:  # lines without a date are the oldest
        blank = when.isna().to_numpy()[order]
        order = np.concatenate([order[blank], order[~blank]])
    order = order[codes[order] >= 0]
    count = int(codes.max()) + 1 if len(codes) else 0
    latest = np.zeros(count, dtype=np.int64)
    latest[codes[order]] = order
    found: dict[str, Any] = {}
    addresses = [c for c in ADDRESS if c in lines]
    groups = [addresses] * bool(addresses) + [[c] for c in lines.columns if c not in addresses]
    for group in groups:
        filled = np.zeros(len(lines), dtype=bool)
        for column in group:
            filled |= (as_text(lines[column]).str.strip() != "").to_numpy()
        source = latest.copy()
        picked = order[filled[order]]
        source[codes[picked]] = picked
        for column in group:
            found[column] = lines[column].iloc[source].to_numpy()
    frame = pd.DataFrame(found, index=lines.index[latest], columns=lines.columns)
    return Customers(frame.astype({c: lines[c].dtype for c in lines.columns}), codes)


def told_apart(lines: pd.DataFrame, found: Customers) -> list[str]:
    """The columns whose cells the customers' rows do not hold: lines without a customer, or of several opinions."""
    kept = []
    for column in lines.columns:
        if column == "client_id":
            continue
        have = comparable(lines[column], "Clients", str(column)).to_numpy(dtype=object)
        told = comparable(found.frame[column], "Clients", str(column)).to_numpy(dtype=object)
        same = np.zeros(len(lines), dtype=bool)
        named = found.code >= 0
        same[named] = have[named] == told[found.code[named]]
        if (~same & (have != "")).any():
            kept.append(str(column))
    return kept


def _key(lines: pd.DataFrame) -> pd.Series[Any]:
    key = pd.Series("", index=lines.index, dtype="str")
    if "client_id" in lines:
        key = as_text(lines["client_id"]).str.strip()
    if "email" in lines:
        key = key.where(key != "", "@" + comparable(lines["email"], "Clients", "email")).replace("@", "")
    names = [c for c in NAMES if c in lines]
    if names and (key == "").any():
        whole = as_text(lines[names[0]])
        for column in names[1:]:
            whole = whole + " " + as_text(lines[column])
        plain = {text: name_key(text) for text in whole.drop_duplicates()}
        key = key.where(key != "", "#" + whole.map(plain).astype("str")).replace("#", "")
    return key
