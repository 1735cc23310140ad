"""Connecting a workbook with purchases that stand elsewhere: the operations of `xlcrm connect` and `--sheet`.

A source is looked at before it is trusted: its headers are judged by its first lines as those of a list that is
imported are, and what was understood is shown, with how many lines there are, of when, and what they come to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from xlcrm import messages, words
from xlcrm.errors import CrmError
from xlcrm.importing.incoming import Mapped
from xlcrm.importing.mapping import map_columns
from xlcrm.plan import Added, Change, Plan
from xlcrm.segments import purchases_view
from xlcrm.settings import Settings
from xlcrm.sources.engines import opened, reaching
from xlcrm.sources.fetched_frame import in_memory
from xlcrm.sources.line_expressions import READ, Asked, canonical, line_expression
from xlcrm.sources.source_address import PurchaseSource, checked, columns_text
from xlcrm.sources.sourced_tables import LIMIT, aliases, filled, renumbered
from xlcrm.spend.currencies import read_rates
from xlcrm.tables import Table, Tables
from xlcrm.values import as_text

SAMPLE = 1_000
_EPOCH = dt.date(1970, 1, 1).toordinal()
Notes = list[tuple[str, Mapping[str, object]]]


def connect(
    tables: Tables, *, address: str, table: str = "", given: Mapping[str, str] = {}, folder: Path,
    settings: Settings, today: dt.date,
) -> Plan:  # fmt: skip
    """The plan that makes purchases come from a source: three cells of Settings, and what was found in it as notes.

    address  a CSV or Parquet file or folder (a relative one is seen from `folder`, the workbook's) or a database
    table    the table of a database
    given    the source's header -> field, as the user said

    CrmError as of `source_address.checked` and `engines.opened`; "connect.no_client" where no column is that of the
    clients' numbers, "connect.no_amount" where none is the amount, nor quantity and price.
    """
    refuse_without_tables(tables)
    source = PurchaseSource(checked(address), table.strip(), {})
    with opened(source, folder) as held, reaching(source):
        sample = in_memory(held.limit(SAMPLE).execute())
        mapped = map_columns(sample, "Purchases", given)
        source = PurchaseSource(source.address, source.table, _columns(mapped, sample))
        found = _found(source, held, tables, settings, today)
    notes = [*_told(source, mapped, settings.language), *found, *_left_on_sheet(tables["Purchases"], source)]
    values = {
        "purchases_source": source.address,
        "purchases_table": source.table,
        "purchases_columns": columns_text(source.columns),
    }
    made = _set("connect", tables, values, settings.language, notes)
    column = purchases_view.with_column(tables["Purchases"], settings.language, "connect")
    return _joined(made, column, *_without_view(tables, settings, values))


def _without_view(tables: Tables, settings: Settings, values: Mapping[str, str]) -> tuple[Plan, ...]:
    """The view of what purchases came from before, taken out; the same source keeps it."""
    if all(getattr(settings, name) == value for name, value in values.items()):
        return ()
    return (purchases_view.cleared(tables["Purchases"], "connect"),)


def _joined(made: Plan, *others: Plan) -> Plan:
    whole = made.join(*others)
    return replace(whole, nothing_to_do=made.nothing_to_do and not whole.touches_workbook)


def to_sheet(tables: Tables, *, settings: Settings) -> Plan:
    """The plan that makes purchases come from the sheet Purchases again; nothing to do where they do."""
    refuse_without_tables(tables)
    if not settings.purchases_source:
        made = Plan("connect", notes=(("connect.sheet_already", {}),), nothing_to_do=True)
        return _joined(made, purchases_view.cleared(tables["Purchases"], "connect"))
    rows = {"n": filled(tables["Purchases"]), "sheet": tables["Purchases"].sheet}
    notes: Notes = [("connect.to_sheet", {**rows, "source": settings.purchases_source})]
    values = dict.fromkeys(("purchases_source", "purchases_table", "purchases_columns"), "")
    made = _set("connect", tables, values, settings.language, notes)
    return _joined(made, *_without_view(tables, settings, values))


def refuse_without_tables(tables: Tables) -> None:
    """CrmError "refresh.no_table" where the workbook lacks the sheet of settings or that of purchases."""
    for name in ("Settings", "Purchases"):
        if name not in tables:
            raise CrmError("refresh.no_table", table=name)


def _columns(mapped: Sequence[Mapped], sample: pd.DataFrame) -> dict[str, str]:
    """Name in Purchases -> the source's own, of what was understood."""
    found = {one.field: one.header for one in mapped if one.table == "Purchases" and one.field in READ}
    headers = ", ".join(map(str, sample.columns))
    if "client_id" not in found:
        raise CrmError("connect.no_client", headers=headers)
    if "amount" not in found and not {"quantity", "unit_price"} <= set(found):
        raise CrmError("connect.no_amount", headers=headers)
    return {name: found[name] for name in READ if name in found}


def _told(source: PurchaseSource, mapped: Sequence[Mapped], language: str) -> Notes:
    """What each column is taken for, and which are not read."""
    pairs = ", ".join(
        f"{own} = {words.header('Purchases', name, language)}" for name, own in source.columns.items()
    )  # fmt: skip
    unread = [one.header for one in mapped if one.header not in source.columns.values()]
    notes: Notes = [("connect.mapping", {"columns": pairs})]
    notes += [("connect.unread", {"n": len(unread), "columns": ", ".join(unread)})] if unread else []
    return notes


def _found(source: PurchaseSource, held: Any, tables: Tables, settings: Settings, today: dt.date) -> Notes:
    """How many lines the source has, of when, what they come to, and whose they are."""
    rates = read_rates(tables["Rates"].frame if "Rates" in tables else None, settings.country)
    lines = renumbered(canonical(held, source.columns), aliases(tables))
    read = line_expression(lines, Asked(today, settings.currency, rates, settings.country))
    all_lines = read.lines
    one = all_lines.aggregate(
        lines=all_lines.count(), first=all_lines.day.min(), last=all_lines.day.max(),
        cents=all_lines.cents.sum().fill_null(0).cast("int64"), dateless=all_lines.count(where=all_lines.day.isnull()),
        unreadable=all_lines.count(where=all_lines.bad_amount),
    ).execute().iloc[0]  # fmt: skip
    ids = all_lines.filter(all_lines.client.notnull()).select("client").distinct().execute()["client"]
    known = set(as_text(tables["Clients"].frame["client_id"]).str.strip())
    mine = int(read.texts(ids).isin(list(known)).sum())
    many = int(one["lines"])
    fill: dict[str, object] = {"n": many, "first": _day(one["first"]), "last": _day(one["last"])}
    fill |= {"total": f"{int(one['cents']) / 100:.2f}", "currency": read.currency or settings.currency}
    notes: Notes = [("connect.found" if _day(one["first"]) else "connect.undated", fill)]
    notes.append(("connect.clients", {"known": mine, "clients": len(ids)}))
    odd = {"dateless": _whole(one["dateless"]), "unreadable": _whole(one["unreadable"])}
    notes += [("connect.odd", odd)] if any(odd.values()) else []
    notes += [("connect.many", {"limit": LIMIT})] if many > LIMIT else []
    return notes


def _whole(count: Any) -> int:
    return 0 if pd.isna(count) else int(count)


def _day(number: Any) -> str:
    """A day number as ISO date, "" where there is none."""
    return "" if pd.isna(number) else dt.date.fromordinal(int(number) + _EPOCH).isoformat()


def _left_on_sheet(sheet: Table, source: PurchaseSource) -> Notes:
    rows = filled(sheet)
    return [("sources.sheet_rows", {"n": rows, "sheet": sheet.sheet, "source": source.address})] if rows else []


def _set(action: str, tables: Tables, values: Mapping[str, str], language: str, notes: Notes) -> Plan:
    """The plan that gives settings these values; rows that an older workbook lacks are added."""
    changes, added = settings_cells(tables["Settings"], values, language)
    done = [("connect.done", {"source": values["purchases_source"]})] if values["purchases_source"] else []
    done = done if changes or added else [("connect.already", {})]
    return Plan(action, changes=changes, added=added, notes=(*notes, *done))


def settings_cells(
    table: Table, values: Mapping[str, str], language: str
) -> tuple[tuple[Change, ...], tuple[Added, ...]]:  # fmt: skip
    """Cells and new rows of the sheet Settings that give these settings their values; none where they have them."""
    frame = table.frame
    names = pd.Series([words.setting_of(text) for text in as_text(frame["setting"])], index=frame.index, dtype=object)
    rows = {name: frame.index[names == name] for name in values}
    there = {name: at[0] for name, at in rows.items() if len(at)}
    before = frame["value"].astype(object)
    moved = [at for name, at in there.items() if as_text(before.loc[[at]]).iloc[0].strip() != values[name]]
    by_row = {at: values[name] or None for name, at in there.items()}
    after = pd.Series([by_row[at] for at in moved], index=moved, dtype=object)
    keys = as_text(frame["setting"]).loc[moved]
    changes = (Change("Settings", "value", before.loc[moved], after, keys),) if moved else ()
    lacking = [name for name in values if name not in there and values[name]]
    return changes, _rows(table, {name: values[name] for name in lacking}, language)


def _rows(table: Table, values: Mapping[str, str], language: str) -> tuple[Added, ...]:
    """Rows of settings as `xlcrm upgrade` would bring them."""
    cells = {
        "setting": [words.setting(name, language) for name in values],
        "value": [*values.values()],
        "meaning": [messages.text(f"setting.{name}", language) for name in values],
    }
    frame = pd.DataFrame({c: pd.Series(v, dtype=object) for c, v in cells.items() if c in table.frame.columns})
    return (Added("Settings", frame),) if len(frame) else ()
