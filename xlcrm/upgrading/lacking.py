"""What is lacking in an older client file: tables, columns and settings of the schema that it does not have.

There is no list of versions: the schema says what there is now, so that a new table or column needs no word here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from xlcrm import schema, words
from xlcrm.backups.store import Store
from xlcrm.tables import Tables

OURS = frozenset({"Clients", "Settings", "Changes"})  # a workbook with these was made by xlcrm


@dataclass(frozen=True)
class Lacking:
    """What a workbook does not have.

    tables    of the schema, in its order, by their canonical names
    columns   table -> the columns that it lacks, in the schema's order; only tables that are there
    settings  rows of the table Settings
    seller    rows of the table Seller
    """

    tables: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    settings: tuple[str, ...] = ()
    seller: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tables or self.columns or self.settings or self.seller)

    def shown(self, language: str) -> str:
        """In the words of a user: "Import; Duplicates (Group, E-mail)"."""
        return "; ".join(self._named(language))

    def _named(self, language: str) -> Iterator[str]:
        yield from dict.fromkeys(words.title(name, language) for name in _sheets_or_tables(self.tables))
        for name, columns in self.columns.items():
            headers = ", ".join(words.header(name, column, language) for column in columns)
            yield f"{words.title(name, language)} ({headers})"
        yield from (words.setting(name, language) for name in (*self.settings, *self.seller))


def _sheets_or_tables(names: Collection[str]) -> Iterator[str]:
    """The tables, by the name of their sheet where that is lacking with all of its tables."""
    specs = schema.with_parts(tuple(schema.PARTS))
    there = {spec.sheet for spec in specs if spec.name not in names}
    for spec in specs:
        if spec.name in names:
            yield spec.name if spec.sheet in there else spec.sheet


def lacking(
    there: Mapping[str, Collection[str]],
    settings: Collection[str] | None = None,
    *,
    seller: Collection[str] | None = None,
    asked: Collection[str] = (),
) -> Lacking:
    """What a workbook with the tables `there` (canonical name -> canonical columns) lacks.

    settings  the settings that have a row, by canonical name; None where that is not asked
    seller    the same of the sheet Seller
    asked     parts of the schema that it is to have from now on; those that it has are not asked for
    """
    specs = schema.with_parts(tuple(dict.fromkeys((*schema.parts_of(there), *asked))))
    columns = {}
    for spec in specs:
        missing = tuple(column.name for column in spec.columns if column.name not in there.get(spec.name, ()))
        if missing and spec.name in there:
            columns[spec.name] = missing
    tables = tuple(spec.name for spec in specs if spec.name not in there)
    rows = () if settings is None else tuple(name for name in schema.SETTINGS if name not in settings)
    more = () if seller is None else tuple(name for name in schema.SELLER if name not in seller)
    return Lacking(tables, columns, rows, more)


def met(tables: Tables) -> Lacking:
    """What a run met: tables that are not there, and columns that tables lack which it has read.

    Nothing for a workbook that xlcrm did not make: who works with a table of their own is told nothing of ours.
    """
    if not set(tables) >= OURS:
        return Lacking()
    specs = schema.with_parts(schema.parts_of(tables))
    every = {spec.name: [column.name for column in spec.columns] for spec in specs if spec.name in tables}
    read = {name: [*table.frame.columns] for name, table in tables.read_so_far().items()}
    return lacking({**every, **read})


# That a workbook is an older one is said once for what it lacks, not at every run.


def untold(store: Store, found: Lacking) -> Lacking:
    """Of what a workbook lacks, what its user has not been told of; notes beside the backups that they are told now.

    Where the note can't be read or written, they are told again: nothing depends on it.
    """
    path = store.label.told
    with suppress(OSError, ValueError):
        known = set(_read(path))
        columns = {
            table: news
            for table, names in found.columns.items()
            if (news := tuple(name for name in names if f"{table}.{name}" not in known))
        }
        fresh = Lacking(tuple(name for name in found.tables if name not in known), columns)
        if fresh and path.parent.is_dir():
            path.write_text("\n".join(sorted(known | set(_names(fresh)))) + "\n", encoding="utf-8")
        return fresh
    return found


def _names(found: Lacking) -> Iterator[str]:
    yield from found.tables
    yield from (f"{table}.{name}" for table, names in found.columns.items() for name in names)


def _read(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split() if path.is_file() else []
