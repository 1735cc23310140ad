"""Joining lists that belong together (orders, order lines, products, customers) by a shared id column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from xlcrm import schema
from xlcrm.importing import header_words
from xlcrm.importing.converting import texts
from xlcrm.importing.incoming import Incoming
from xlcrm.importing.layout import headers
from xlcrm.importing.mapping import OF_CUSTOMER, fields_of, map_columns
from xlcrm.text import caseless

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlcrm.importing.rows.sale_status import SaleFacts

# What a look-up list may say of a line: a product list its name and group, an order header all but its figures.
OF_PRODUCT = frozenset({"product", "category"})
OF_LINE = frozenset({"quantity", "unit_price", "amount", "discount", "product", "category"})
OF_HEADER = (frozenset(c.name for c in schema.table("Purchases").columns) - OF_LINE) | OF_CUSTOMER
NOT_CLIENTS = frozenset(
    "employee employees staff user users salesperson supplier suppliers vendor vendors office shipper dipendente "
    "fornitore empleado proveedor ansatt leverandor salarie fournisseur mitarbeiter lieferant".split()
)
FOUND = 0.5


class Link(NamedTuple):
    """Column `column` of the longer list names the rows of `other` by its column `key`."""

    base: int
    other: int
    column: str
    key: str


@dataclass(frozen=True, eq=False)
class Joined:
    """A list with what others say about its rows. `only` limits what a joined column may be read as.

    `facts` say which of its lines count negative.
    """

    incoming: Incoming
    only: Mapping[str, frozenset[str]]
    notes: tuple[tuple[str, dict[str, object]], ...] = ()
    facts: SaleFacts | None = None


def stack(lists: Sequence[Incoming]) -> list[Incoming]:
    """Lists with the same columns (a sheet a year) become one, in the order given."""
    groups: dict[frozenset[str], list[Incoming]] = {}
    for one in lists:
        groups.setdefault(frozenset(header_words.key(str(c)) for c in one.frame.columns), []).append(one)
    return [_stacked(group) if len(group) > 1 else group[0] for group in groups.values()]


def links(lists: Sequence[Incoming]) -> list[Link]:
    """Which list names the rows of which other: by a column of the same name whose cells are all different there.

    Of two lists that name each other, the one with more rows, then the earlier one, is the longer.
    """
    found: list[Link] = []
    for base, one in enumerate(lists):
        for other, two in enumerate(lists):
            if base == other or len(two.frame) > len(one.frame) or (len(two.frame) == len(one.frame) and other < base):
                continue
            pair = _shared(one.frame, two.frame)
            if pair:
                found.append(_turned(lists, Link(base, other, *pair)))
    return found


def _turned(lists: Sequence[Incoming], link: Link) -> Link:
    """Of two lists as long as each other that name each other, the one of clients is the one that is named."""
    one, two = lists[link.base], lists[link.other]
    if len(one.frame) != len(two.frame):
        return link
    pair = _shared(two.frame, one.frame)
    back = Link(link.other, link.base, *pair) if pair else link
    return back if pair and is_client_list(one, back) and not is_client_list(two, link) else link


def join(lists: Sequence[Incoming], base: int, all_links: Sequence[Link], clients: frozenset[int]) -> Joined:
    """The list `base` with the columns of all lists that it names, directly or through another.

    Lists in `clients` are client lists: they are read for themselves and not joined.
    """
    one = lists[base]
    frame, only = one.frame, {}
    notes: list[tuple[str, dict[str, object]]] = []
    todo, seen = [(link, "") for link in all_links if link.base == base], {base, *clients}
    while todo:
        link, role = todo.pop(0)
        if link.other in seen or link.column not in frame.columns:
            continue
        seen.add(link.other)
        role = _role(lists[link.other], link, role)
        allowed = {"header": OF_HEADER, "product": OF_PRODUCT}.get(role, frozenset())
        frame, fresh = _attached(frame, lists[link.other], link)
        only.update(dict.fromkeys(fresh, allowed))
        notes.append(("import.joined", {"file": one.name, "other": lists[link.other].name, "column": link.column}))
        todo += [(onward._replace(base=base), role) for onward in all_links if onward.base == link.other]
    return Joined(replace(one, frame=frame), only, tuple(notes))


def _stacked(group: Sequence[Incoming]) -> Incoming:
    first = group[0]
    names = {header_words.key(str(c)): str(c) for c in first.frame.columns}
    frames = [one.frame.rename(columns=lambda c: names[header_words.key(str(c))]) for one in group]
    rows = tuple(one.row(position) for one in group for position in range(len(one.frame)))
    sheets = ", ".join(one.sheet for one in group) if all(one.file == first.file for one in group) else ""
    files = ", ".join(dict.fromkeys(one.file for one in group))
    problems = tuple(problem for one in group for problem in one.problems)
    frame = pd.concat(frames, ignore_index=True)
    return replace(first, file=files, sheet=sheets, frame=frame, problems=problems, rows=rows)


def _shared(one: pd.DataFrame, two: pd.DataFrame) -> tuple[str, str] | None:
    theirs = {header_words.key(str(c)): str(c) for c in two.columns}
    for column in map(str, one.columns):
        key = theirs.get(header_words.key(column))
        if key and _names(one[column], two[key]):
            return column, key
    return None


def _names(column: pd.Series[Any], key: pd.Series[Any]) -> bool:
    keys = texts(key)
    if (
        (keys == "").any()
        or keys.duplicated().any()
        or not keys.str.contains(r"\d|^[A-Z]+$", regex=True).mean() > FOUND
    ):
        return False
    values = texts(column)
    filled = values[values != ""]
    return len(filled) > 0 and filled.isin(keys).mean() >= FOUND


def _role(other: Incoming, link: Link, through: str) -> str:
    """What the other list is to a line: "header" (of its order), "product", or "" (staff, carriers: not to be read)."""
    if through == "product":
        return "product"
    fields = {m.header: m.field for m in map_columns(other.frame, "Purchases")}
    if fields.get(link.key) == "invoice":
        return "header"
    words = set(header_words.tokens(link.key))
    reading = header_words.readings("Purchases", link.key)
    if reading and reading[0].field == "product":
        return "product"
    return "product" if words & {"category", "categoria", "kategori", "kategorie", "catégorie", "categorie"} else ""


def _attached(frame: pd.DataFrame, other: Incoming, link: Link) -> tuple[pd.DataFrame, list[str]]:
    extra = other.frame.drop(columns=[link.key])
    place = pd.Series(np.arange(len(extra)), index=texts(other.frame[link.key]).to_numpy())
    at = texts(frame[link.column]).map(place)
    stem = PurePath(other.sheet or other.file).stem
    taken = {caseless(str(c)) for c in frame.columns}
    names = [f"{c} ({stem})" if caseless(str(c)) in taken else str(c) for c in extra.columns]
    names = headers([*map(str, frame.columns), *names], frame.shape[1] + len(names))[frame.shape[1] :]
    rows = extra.reset_index(drop=True).reindex(at.fillna(-1).astype("int64").to_numpy()).reset_index(drop=True)
    rows = rows.fillna({c: "" for c in rows.columns if isinstance(rows[c].dtype, pd.StringDtype)})
    rows.columns = pd.Index(names, dtype="str")
    return pd.concat([frame.reset_index(drop=True), rows], axis=1), names


def is_client_list(incoming: Incoming, link: Link) -> bool:
    """True where the list is keyed by a client's id and says something about clients."""
    fields = fields_of(map_columns(incoming.frame, "Clients"))
    return fields.get("client_id") == link.key and len(fields) > 2


def is_staff(incoming: Incoming) -> bool:
    """True for a list of employees or suppliers beside the clients: its first column is their number."""
    return len(incoming.frame.columns) > 0 and bool(
        set(header_words.tokens(str(incoming.frame.columns[0]))) & NOT_CLIENTS
    )
