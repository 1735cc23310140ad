"""The table External: which clients another program has, under which id, and what it was told of them last."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from xlcrm.plan import Added, Plan, diff
from xlcrm.values import as_text

if TYPE_CHECKING:
    from xlcrm.tables import Table, Tables

NAME = "External"
KEYS = ("client_id", "person_id", "system")
HASH_LENGTH = 16


class ExternalKey(NamedTuple):
    """A client, or a person at one, in a program (`system` as in the sheet Lists, without "crm:")."""

    client_id: str
    person_id: str
    system: str


class External(NamedTuple):
    """What a row says: its position in the table, the program's id, the fingerprint of what went there last."""

    position: int
    external_id: str
    hash: str


UNKNOWN = External(-1, "", "")  # what nobody told the program of yet


def known(tables: Tables) -> dict[ExternalKey, External]:
    """The rows of the table; of two of one key the last. Nothing where the workbook has no such table."""
    if NAME not in tables:
        return {}
    columns = _texts(tables[NAME])
    keys = zip(*(columns[name] for name in KEYS), strict=True)
    values = zip(tables[NAME].frame.index, columns["external_id"], columns["hash"], strict=True)
    return {
        ExternalKey(client, person, system.casefold()): External(int(at), ident, mark)
        for (client, person, system), (at, ident, mark) in zip(keys, values, strict=True)
    }


def key_in(key: ExternalKey, file: str) -> ExternalKey:
    """The key of the id in one file of a program: a company among companies has another one than among contacts."""
    return key if file == "contacts" else key._replace(system=f"{key.system}:{file}")


def fingerprint(cells: Iterable[str]) -> str:
    """What tells two versions of a row apart."""
    return hashlib.sha256(repr(tuple(cells)).encode("utf-8", "replace")).hexdigest()[:HASH_LENGTH]


def exported(tables: Tables, marks: Mapping[ExternalKey, str], today: dt.date) -> Plan:
    """The plan piece that remembers an export: key -> fingerprint of what went out today. Ids that are there stay."""
    return _written(tables, {key: {"hash": mark, "exported_on": pd.Timestamp(today)} for key, mark in marks.items()})


def came_back(tables: Tables, ids: Mapping[ExternalKey, str]) -> Plan:
    """The plan piece that remembers the ids that a program gave: key -> its id. An id that is there already stays."""
    now = known(tables)
    return _written(tables, {k: {"external_id": i} for k, i in ids.items() if k not in now or now[k].external_id != i})


def _written(tables: Tables, rows: Mapping[ExternalKey, Mapping[str, object]]) -> Plan:
    """Changes of the rows that are there and new rows for the others; nothing without the table."""
    if NAME not in tables or not rows:
        return Plan("lists")
    table, now = tables[NAME], known(tables)
    there = {now[key].position: values for key, values in rows.items() if key in now}
    fresh = [{**key._asdict(), **values} for key, values in rows.items() if key not in now]
    changes = diff(table, _as_frame(table, list(there.values()), list(there))) if there else ()
    columns = [str(name) for name in table.frame.columns]
    added = (Added(NAME, pd.DataFrame(fresh).reindex(columns=columns)),) if fresh else ()
    return Plan("lists", changes=changes, added=tuple(Added(a.table, a.rows.dropna(axis=1, how="all")) for a in added))


def _as_frame(table: Table, rows: Sequence[Mapping[str, object]], index: list[int]) -> pd.DataFrame:
    """Rows as columns of the table, of its own types where they fit."""
    frame = pd.DataFrame(list(rows), index=pd.Index(index), dtype=object).sort_index()
    return frame[[name for name in frame.columns if name in table.frame.columns]]


def _texts(table: Table) -> dict[str, list[str]]:
    """The columns of the table as text, blank where it lacks one."""
    blank = pd.Series("", index=table.frame.index, dtype="str")
    wanted = (*KEYS, "external_id", "hash")
    return {name: list(as_text(table.frame.get(name, blank)).str.strip()) for name in wanted}
