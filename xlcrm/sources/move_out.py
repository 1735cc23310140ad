"""Moving purchases out of the workbook: the operation of `xlcrm move-out`, into a Parquet file beside it.

The rows leave the sheet only once every figure of every client, computed from the file, is the one that the sheet
gives. They go as a plan like any other: a backup first, on record, and undo brings them back.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from xlcrm import words
from xlcrm.errors import CrmError
from xlcrm.plan import OutFile, Plan, Removed
from xlcrm.segments.purchases_view import with_column
from xlcrm.settings import Settings
from xlcrm.sources.connecting import refuse_without_tables, settings_cells
from xlcrm.sources.engines import opened
from xlcrm.sources.line_expressions import READ
from xlcrm.sources.source_address import PurchaseSource, columns_text
from xlcrm.sources.sourced_tables import Sourced, filled
from xlcrm.spend.client_figures import client_figures
from xlcrm.spend.currencies import read_rates
from xlcrm.spend.lines import read_lines
from xlcrm.tables import Table, Tables
from xlcrm.values import as_date, as_text


def move_out(tables: Tables, *, book: Path, settings: Settings, today: dt.date) -> Plan:
    """The plan that takes all rows out of Purchases and writes the file with them, which was made and proved before.

    CrmError "move_out.connected" where purchases are elsewhere already, "move_out.formulas" where a column of the
    table has formulas, "move_out.invoicing" in a workbook that makes invoices of its purchases, "move_out.differs"
    where a figure computed from the file isn't that of the sheet; nothing is taken out then. Nothing to do without
    rows.
    """
    sheet = _movable(tables, settings)
    if not filled(sheet):
        return Plan("move-out", notes=(("move_out.empty", {"sheet": sheet.sheet}),), nothing_to_do=True)
    file = free_name(book, sheet.sheet)
    columns = {name: name for name in READ if name in sheet.frame.columns}
    content = parquet(sheet, settings.country)
    with TemporaryDirectory(prefix="xlcrm-") as folder:
        (Path(folder) / file.name).write_bytes(content)
        clients = prove(tables, PurchaseSource(file.name, "", columns), Path(folder), settings, today)
    values = {"purchases_source": file.name, "purchases_table": "", "purchases_columns": columns_text(columns)}
    changes, added = settings_cells(tables["Settings"], values, settings.language)
    fill = {"n": len(sheet.frame), "sheet": sheet.sheet, "file": file.name, "clients": clients}
    return Plan(
        "move-out",
        changes=changes,
        added=added,
        new_columns=with_column(sheet, settings.language, "move-out").new_columns,
        removed=(Removed("Purchases", sheet.frame),),
        files=(OutFile(str(file), content),),
        notes=(("move_out.done", fill), ("move_out.proved", fill)),
    )


def free_name(book: Path, title: str) -> Path:
    """A file beside the workbook that isn't there yet: "Clients Purchases.parquet", "Clients Purchases 2.parquet"."""
    names = (
        f"{book.stem} {title}{more}.parquet" for more in itertools.chain([""], (f" {n}" for n in itertools.count(2)))
    )
    return next(place for name in names if not (place := book.parent / name).exists())


def _movable(tables: Tables, settings: Settings) -> Table:
    refuse_without_tables(tables)
    sheet = tables["Purchases"]
    if settings.purchases_source:
        raise CrmError("move_out.connected", source=settings.purchases_source)
    if sheet.viewed.any():
        raise CrmError("move_out.view", sheet=sheet.sheet)
    if sheet.formulas:
        names = ", ".join(sheet.headers.get(name, name) for name in sorted(sheet.formulas))
        raise CrmError("move_out.formulas", sheet=sheet.sheet, columns=names)
    if "Documents" in tables:
        raise CrmError("move_out.invoicing", sheet=sheet.sheet)
    return sheet


def parquet(sheet: Table, country: str) -> bytes:
    """The rows of a table as a Parquet file, columns under their canonical names, cells of mixed kinds as text."""
    made = {name: _column(name, sheet.frame[name], country) for name in sheet.frame.columns}
    held = io.BytesIO()
    pd.DataFrame(made).to_parquet(held, index=False)
    return held.getvalue()


def _column(name: str, column: pd.Series[Any], country: str) -> pd.Series[Any]:
    """A column of one kind; dates typed as text become dates where all of them can be read."""
    if column.dtype != object:
        return column
    if name in ("date", "invoiced_on", "due_on", "paid_on"):
        days, bad = as_date(column, country)
        if not bad.any():
            return days
    return as_text(column)


def prove(tables: Tables, source: PurchaseSource, folder: Path, settings: Settings, today: dt.date) -> int:
    """How many clients there are whose figures by the file were found to be those of the sheet, each to the cent."""
    with opened(source, folder) as table:
        moved = Sourced(source, table, {}).frame()
    rates = read_rates(tables["Rates"].frame if "Rates" in tables else None, settings.country)
    now, then = (
        client_figures(
            read_lines(frame, today=today, currency=settings.currency, rates=rates, country=settings.country),
            today=today, payment_days=settings.payment_days, language=settings.language,
        ).frame.sort_values("client_id", ignore_index=True)
        for frame in (tables["Purchases"].frame, moved)
    )  # fmt: skip
    differing = [name for name in now.columns if not now[name].equals(then[name])]
    if differing or len(moved) != len(tables["Purchases"].frame):
        names = ", ".join(words.header("Clients", name, settings.language) for name in differing)
        raise CrmError("move_out.differs", file=source.address, columns=names or "-")
    return len(now)
