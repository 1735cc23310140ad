"""Steps of an import by kind of list: client lists, sales lists with their customers, people who want no mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.errors import CrmError
from xlcrm.forgetting import forgotten
from xlcrm.importing import sales_lines
from xlcrm.importing.batches import LEFT_OUT, Batch, column_in, own_column, own_headers, typed
from xlcrm.importing.cells.spreading import Spread, spread
from xlcrm.importing.client_rows import plan_clients, suppress
from xlcrm.importing.contacts.contact_import import (
    NO,
    TABLE,
    Decided,
    all_known,
    decided,
    firms_and_private,
    firms_of_known,
    may_be,
    people_of,
)
from xlcrm.importing.contacts.contact_list import Columns, ContactList, columns_of
from xlcrm.importing.contacts.firms_apart import ALWAYS
from xlcrm.importing.contacts.people_rows import stop_people
from xlcrm.importing.incoming import Incoming
from xlcrm.importing.joining import Joined
from xlcrm.importing.mapping import HELPERS, Mapped, fields_of
from xlcrm.importing.matching import as_in_table, as_typed
from xlcrm.importing.rows import sale_status
from xlcrm.importing.sales_lines import plan_lines, with_amount
from xlcrm.importing.same_client import returned_ids
from xlcrm.importing.same_client.exact_keys import match
from xlcrm.merging.alias_table import former_clients, known_as
from xlcrm.plan import Plan
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import as_text

# What was mapped to what, and how sure that is, as sentences that stand above a dry run.

Note = tuple[str, dict[str, object]]


SHOWN, LOOKED_AT = 3, 5000


def of_mapping(
    mapped: Sequence[Mapped], own: Mapping[str, str], one: Incoming, language: str, batch: Batch | None = None
) -> list[Note]:
    """A note a column, in the order of the list, with SHOWN of its values before and after (as `batch` has them).

    Values of a note besides those of its sentence: before, after (the values, with "; " between them).

    Keys: import.mapped_given, _word, _export, _synonym, _values (header, field, name: the canonical column);
    import.own_unknown, _second, _doubt, _given (header, column: the user column that takes it), import.own_empty,
    import.own_service.
    """
    found: list[Note] = [("import.read", {"file": one.name, "rows": len(one.frame), "columns": one.frame.shape[1]})]
    for place in mapped:
        if place.field:
            label = _label(place, language)
            values: dict[str, object] = {
                "header": place.header,
                "field": label,
                "table": words.title(place.table, language),
                **_examples(place, one, batch),
            }
            found.append((f"import.mapped_{place.how}", values))
        else:
            spare = {"field": words.header("Clients", place.spare, language)} if place.spare else {}
            column = own.get(place.header, place.header)
            shown = _examples(place, one, batch)
            values = {"header": place.header, "column": column, **spare}
            found.append((f"import.own_{place.how}", values if place.how in LEFT_OUT else {**values, **shown}))
    return found


def _examples(place: Mapped, one: Incoming, batch: Batch | None) -> dict[str, object]:
    """The first few different values before and after, and as one text: "1,5 → 1.5; 2"."""
    column = one.frame[place.header].head(LOOKED_AT)
    filled = column[(as_text(column).str.strip() != "").to_numpy()].head(200).drop_duplicates().head(SHOWN)
    after = batch.frame.get(place.field) if batch is not None and place.field else None
    pairs = []
    for at, value in zip(filled.index.tolist(), filled, strict=True):
        before = " ".join(as_typed(value).split())[:40]
        pairs.append((before, as_typed(after.loc[at])[:40] if after is not None and at in after.index else before))
    told = [before if before == became else f"{before} → {became or '-'}" for before, became in pairs]
    both = [[pair[side] or "-" for pair in pairs] for side in (0, 1)]
    return {"examples": "; ".join(told), "before": "; ".join(both[0]), "after": "; ".join(both[1])}


def _label(place: Mapped, language: str) -> str:
    """The workbook's name for what a column fills; of a helper field, all that it fills."""
    filled = HELPERS.get(place.field, (place.field,)) or (place.field,)
    table = "Clients" if place.field in HELPERS else place.table
    return " / ".join(words.header(table, name, language) for name in filled)


LINES = ("Purchases", "Interactions")
STOPPABLE = frozenset({"email", "phone", "mobile", "client_id", "tax_id"})


@dataclass(frozen=True)
class Options:
    """What the user said about an import, and the workbook it goes to."""

    tables: Tables
    settings: Settings
    today: dt.date
    mapping: Mapping[str, str]
    keys: Sequence[str]
    update: bool
    dates: str = ""
    decimal: str = ""
    people: str = ""

    def after(self, name: str, done: Plan) -> Options:
        """The same with the table `name` as it will be, for the lists that come after in the same import."""
        table = self.tables[name]
        frame = table.frame.copy(deep=False)
        for change in (c for c in done.changes if c.table == name):
            blank = pd.Series([None] * len(frame), dtype=object)
            column = frame.get(change.column, blank).astype(object)
            column.loc[change.after.index] = change.after.astype(object)
            frame[change.column] = column
        rows = [added.rows for added in done.added if added.table == name]
        frame = (
            pd.concat([frame, *rows], ignore_index=True)
            if len(frame)
            else pd.concat([frame, *rows]).reset_index(drop=True)
        )
        now, before = replace(table, frame=frame), self.tables
        return replace(self, tables=Tables(before.names, lambda wanted: now if wanted == name else before[wanted]))


def clients(one: Incoming, mapped: tuple[Mapped, ...], options: Options) -> Plan:
    """A client list into Clients; one of firms' contacts into Clients and People."""
    ready, batch = _read(one, mapped, options)
    columns = columns_of(mapped)
    if options.people == NO or TABLE not in options.tables:
        return _rows_of_clients(one, mapped, ready, batch, options)
    met = _met(one, ready, batch, columns, options)
    if not may_be(batch, columns, options.tables):
        return _clients_and_met(met, mapped, ready, options)
    own, contacts = (ready, batch) if columns.mapped == mapped else _read(one, columns.mapped, options)
    given = ContactList(one, contacts, columns._replace(mapped=own.mapped))
    told = decided(given, options.tables, options.people)
    if told.split:
        done = _firms_and_people(given, own, columns.mapped, options)
    else:
        done = _clients_and_met(met, mapped, ready, options)
        told = Decided(False) if all_known(given, met.known or {}) else told
    return replace(done, problems=(*done.problems, *told.problems), notes=(*done.notes, *told.notes))


def _met(one: Incoming, ready: Spread, batch: Batch, columns: Columns, options: Options) -> ContactList:
    """The list with those of its people who stand in People already."""
    given = ContactList(one, batch, columns._replace(mapped=ready.mapped, extras={}, house=()))
    return replace(given, known=firms_of_known(given, options.tables))


def _clients_and_met(met: ContactList, mapped: tuple[Mapped, ...], ready: Spread, options: Options) -> Plan:
    """A row a client, but for those who stand in People already: they are completed there."""
    if not met.known:
        return _rows_of_clients(met.one, mapped, ready, met.batch, options)
    return _firms_and_people(met, ready, mapped, options)


def _read(one: Incoming, mapped: tuple[Mapped, ...], options: Options) -> tuple[Spread, Batch]:
    """The list laid out and typed for Clients."""
    table, settings = options.tables["Clients"], options.settings
    ready = spread(one, mapped, country=settings.country, language=settings.language)
    return ready, _with_surnames(typed(ready.incoming, ready.mapped, table, settings, options.today), mapped)


def _firms_and_people(given: ContactList, ready: Spread, mapped: Sequence[Mapped], options: Options) -> Plan:
    """A list of firms' contacts: each firm once into Clients, its people into People."""
    one, language, table = given.one, options.settings.language, options.tables["Clients"]
    found = firms_and_private(given, options.tables, options.settings)
    _check_keys(found.clients, options)
    done = plan_clients(
        table, found.clients, settings=options.settings, keys=options.keys, update=options.update,
        taken=_ids(options.tables), former=known_as(options.tables, found.clients.frame),
    )  # fmt: skip
    people = people_of(found, done, options.tables, options.settings, update=options.update)
    said = _told_of_people(
        mapped, given, one, language, of_mapping(mapped, own_headers(mapped, table), one, language, given.batch)
    )
    counted = {"file": one.name, "rows": len(found.clients.frame), "added": done.added, "known": done.known}
    said.append(("import.clients_done", counted))
    whole = replace(done.plan, notes=tuple(said), problems=(*ready.problems, *done.plan.problems))
    return whole.join(people.plan)


def _told_of_people(
    mapped: Sequence[Mapped], given: ContactList, one: Incoming, language: str, said: Sequence[Note]
) -> list[Note]:
    """The notes of a mapping, the person's columns as ones of People, and those of further contacts beside them."""
    people = words.title(TABLE, language)
    personal = {m.header for m in mapped if m.field in ALWAYS}
    found: list[Note] = [(key, {**v, "table": people} if v.get("header") in personal else v) for key, v in said]
    contacts = [(h, TABLE, f) for fields in given.columns.extras.values() for f, h in fields.items()]
    beside = [*contacts, *((header, "Clients", "phone") for header in given.columns.house)]
    return found + of_mapping([Mapped(h, t, f, "synonym") for h, t, f in beside], {}, one, language)[1:]


def _rows_of_clients(one: Incoming, mapped: tuple[Mapped, ...], ready: Spread, batch: Batch, options: Options) -> Plan:
    """A row a client."""
    table, language = options.tables["Clients"], options.settings.language
    _check_keys(batch, options)
    theirs = returned_ids.under_our_ids(batch, table, options.tables)
    batch = theirs.batch
    done = plan_clients(
        table, batch, settings=options.settings, keys=options.keys, update=options.update, taken=_ids(options.tables),
        former=known_as(options.tables, batch.frame),
    )  # fmt: skip
    said = of_mapping(mapped, own_headers(mapped, table), one, language, batch)
    said.append(
        ("import.clients_done", {"file": one.name, "rows": len(one.frame), "added": done.added, "known": done.known})
    )
    plan = replace(done.plan, notes=tuple(said), problems=(*ready.problems, *done.plan.problems))
    return plan.join(theirs.remembered(options.tables, done.ids))


def suppression(one: Incoming, mapped: tuple[Mapped, ...], options: Options) -> Plan:
    """A list of people who want no mail into the opt-out columns of Clients."""
    table = options.tables["Clients"]
    batch = typed(one, mapped, table, options.settings, options.today)
    done, hit = suppress(table, batch, options.settings, former_clients(options.tables))
    if TABLE in options.tables:
        people, there = stop_people(options.tables[TABLE], batch, options.settings.language)
        done, hit = done.join(people), hit | there
    said = of_mapping([m for m in mapped if m.field in STOPPABLE], {}, one, options.settings.language)
    said.append(("import.suppressed", {"file": one.name, "known": int(hit.sum()), "unknown": int((~hit).sum())}))
    return replace(done, problems=batch.problems, notes=tuple(said))


def lines(joined: Joined, mapped: tuple[Mapped, ...], name: str, options: Options) -> list[tuple[str, Plan]]:
    """A sales list into Clients (where it tells more of them than an id) and Purchases; contacts into Interactions."""
    table, settings = options.tables[name], options.settings
    one, told = joined.incoming, mapped
    ready = spread(one, mapped, country=settings.country, language=settings.language)
    one, mapped = ready.incoming, ready.mapped
    batch = typed(one, mapped, table, settings, options.today)
    if "client_id" in batch.frame:
        known = returned_ids.known_here(batch.frame["client_id"], one, options.tables)
        spelt = as_in_table(known, options.tables["Clients"].frame["client_id"])
        since = known_as(options.tables, batch.frame[["client_id"]])
        batch = replace(batch, frame=batch.frame.assign(client_id=spelt.mask(since != "", since)))
    people, as_listed = _people(one, mapped, options, batch)
    steps: list[tuple[str, Plan]] = []
    ids, kept = None, []
    said: list[tuple[str, dict[str, object]]] = [*joined.notes]
    if len(people.columns) > ("client_id" in people):
        found, raw = _taken_apart(people, as_listed, _when(batch))
        if name == "Purchases":
            step, row_ids = _customers(found, raw, batch, options)
            steps.append(("Clients", step))
            said.append(("import.taken_apart", {"file": one.name, "clients": len(found.frame), "lines": len(people)}))
        else:
            row_ids = _known_ids(found.frame, options)
        ids = pd.Series(np.append(row_ids.to_numpy(dtype=object), "")[found.code], index=people.index).astype("str")
        kept = sales_lines.told_apart(people, found)
        if name != "Purchases":
            kept = [c for c in people.columns if c != "client_id"]
    rows = _line_rows(batch, mapped, people, ids, kept, options)
    discount = fields_of(mapped).get("discount", "")
    rows, unclear = with_amount(rows, batch.discount, discount) if name == "Purchases" else (rows, 0)
    rows = sale_status.signed(rows, joined.facts)
    done = plan_lines(table, rows, update=options.update, raw=batch.raw)
    problems = [*ready.problems, *batch.problems, *_about(one, rows, unclear, discount, options, steps)]
    said += of_mapping(told, {**own_headers(mapped, table)}, joined.incoming, settings.language, batch)
    said.append(("import.lines_done", {"file": one.name, "rows": len(rows), "added": done.added, "known": done.known}))
    steps.append((name, replace(done.plan, problems=(*problems, *done.plan.problems), notes=tuple(said))))
    return steps


def _check_keys(batch: Batch, options: Options) -> None:
    for key in options.keys:
        if key not in batch.frame or key not in options.tables["Clients"].frame:
            raise CrmError("import.key_not_there", column=key, name=batch.incoming.name)


def _with_surnames(batch: Batch, mapped: Sequence[Mapped]) -> Batch:
    """A "Surname/Company" is a last name where the row has a first name, else a whole name for the split to tell."""
    batch = _without_firms(batch)
    header = fields_of(mapped).get("last_or_company")
    if header is None:
        return batch
    text = as_text(batch.incoming.frame[header]).str.strip().reindex(batch.frame.index)
    blank = pd.Series("", index=text.index, dtype="str")
    first = as_text(batch.frame["first_name"]) if "first_name" in batch.frame else blank
    whole = as_text(batch.frame["full_name"]) if "full_name" in batch.frame else blank
    placed = {"last_name": text.where(first != "", ""), "full_name": whole.where((first != "") | (text == ""), text)}
    return replace(batch, frame=batch.frame.assign(**placed))


def _without_firms(batch: Batch) -> Batch:
    """A last name that is the company's is none: programs that insist on one (Salesforce) have it so for companies."""
    if not {"last_name", "company"} <= set(batch.frame.columns):
        return batch
    last, firm = as_text(batch.frame["last_name"]), as_text(batch.frame["company"])
    first = as_text(batch.frame["first_name"]) if "first_name" in batch.frame else ""
    alone = (last != "") & (last == firm) & (first == "")
    return replace(batch, frame=batch.frame.assign(last_name=last.mask(alone, ""))) if alone.any() else batch


def _ids(tables: Tables) -> set[str]:
    """Ids that lines use or clients had before a merge, so that a proposed one is never a forgotten client's."""
    found: set[str] = set()
    if "Merged" in tables and "old_id" in tables["Merged"].frame:
        found |= set(as_text(tables["Merged"].frame["old_id"]).str.strip())
    for name in LINES:
        if name in tables and "client_id" in tables[name].frame:
            found |= set(as_text(tables[name].frame["client_id"].drop_duplicates()).str.strip())
    used = found | set(as_text(tables["Clients"].frame["client_id"]).str.strip())
    return found | forgotten.numbers_taken(forgotten.table_of(tables), used)


def _people(
    one: Incoming, mapped: Sequence[Mapped], options: Options, batch: Batch
) -> tuple[pd.DataFrame, Mapping[str, pd.Series[Any]]]:
    """What the lines say of their customers, in columns of Clients; and the list's own cells of dates and numbers."""
    table = options.tables["Clients"]
    only = [m for m in mapped if m.table == "Clients"]
    read = _with_surnames(typed(one, only, table, options.settings, options.today), only)
    people = read.frame.reindex(batch.frame.index)
    if "client_id" in batch.frame:
        people = people.assign(client_id=batch.frame["client_id"])
    people = people[[c for c in people.columns if c in table.frame.columns]]
    return people, {name: cells.reindex(people.index) for name, cells in read.raw.items() if name in people}


def _taken_apart(
    people: pd.DataFrame, as_listed: Mapping[str, pd.Series[Any]], when: pd.Series[Any] | None
) -> tuple[sales_lines.Customers, dict[str, pd.Series[Any]]]:
    """The customers of the lines, and the list's own cell behind each of their dates and numbers."""
    names = {name: f"{name} as listed" for name in as_listed}
    both = people.assign(**{names[name]: cells for name, cells in as_listed.items()})
    found = sales_lines.customers(both, when)
    raw = {name: found.frame[beside] for name, beside in names.items()}
    return replace(found, frame=found.frame[list(people.columns)]), raw


def _when(batch: Batch) -> pd.Series[Any] | None:
    column = batch.frame.get("date")
    if column is None:
        return None
    if column.dtype != object:
        return column
    # what stayed as typed is no day: guessing one from "1" would take the rest from the clock
    return pd.to_datetime(column.map(lambda value: value if isinstance(value, dt.datetime) else pd.NaT))


def _customers(
    found: sales_lines.Customers, raw: Mapping[str, pd.Series[Any]], batch: Batch, options: Options
) -> tuple[Plan, pd.Series[Any]]:
    people = Batch(batch.incoming, "Clients", found.frame, (), raw=raw)
    done = plan_clients(
        options.tables["Clients"], people, settings=options.settings, update=options.update, taken=_ids(options.tables),
        former=known_as(options.tables, found.frame),
    )  # fmt: skip
    given = as_text(found.frame["client_id"]) if "client_id" in found.frame else pd.Series("", index=found.frame.index)
    return done.plan, done.ids.where(done.ids != "", given)


def _known_ids(frame: pd.DataFrame, options: Options) -> pd.Series[Any]:
    table = options.tables["Clients"].frame
    at = match(table, frame).at
    ids = np.append(as_text(table["client_id"]).to_numpy(dtype=object), "")[at]
    given = as_text(frame["client_id"]) if "client_id" in frame else pd.Series("", index=frame.index)
    since = known_as(options.tables, frame)
    return pd.Series(ids, index=frame.index, dtype="str").where(at >= 0, given).mask(since != "", since)


def _line_rows(
    batch: Batch, mapped: Sequence[Mapped], people: pd.DataFrame, ids: pd.Series[Any] | None, kept: Sequence[str],
    options: Options,
) -> pd.DataFrame:  # fmt: skip
    """The lines with their client's id and, as user columns, what their customers' rows could not hold."""
    rows = batch.frame
    column = column_in(options.tables[batch.table], "client_id", options.settings.language)
    if ids is not None:
        rows = rows.assign(**{column: ids})
    headers = {m.field: m.header for m in mapped if m.table == "Clients"}
    table = options.tables[batch.table]
    for field in kept:
        header = headers.get(field, "")
        if header:
            one = Mapped(header, "", "", "unknown")
            rows = rows.assign(
                **{own_headers([one], table)[header]: own_column(batch.incoming.frame[header]).reindex(rows.index)}
            )
    first = [str(c) for c in table.frame.columns if c in rows]
    return rows[[*first, *(c for c in rows.columns if c not in first)]]


def _about(
    one: Incoming, rows: pd.DataFrame, unclear: int, discount: str, options: Options, steps: Sequence[tuple[str, Plan]]
) -> list[Problem]:
    """Findings about lines: without a client, of an unknown client, with a discount that nobody can read."""
    file = ("file", one.name)
    found = []
    ids = (
        as_text(rows["client_id"]).str.strip() if "client_id" in rows else pd.Series("", index=rows.index, dtype="str")
    )
    blank = int((ids == "").sum())
    if blank:
        row = one.row(int(rows.index[int((ids == "").to_numpy().argmax())]))
        found.append(Problem("import.no_client", row=row, level="doubt", values=(("count", str(blank)), file)))
    known = set(as_text(options.tables["Clients"].frame["client_id"]).str.strip())
    known |= {text for _, step in steps for added in step.added for text in as_text(added.rows["client_id"])}
    strange = ids[(ids != "") & ~ids.isin(known)]
    if len(strange):
        counts = (("count", str(len(strange))), ("clients", str(strange.nunique())), file)
        found.append(Problem("import.unknown_client", value=str(strange.iloc[0]), level="doubt", values=counts))
    if unclear:
        values = (("count", str(unclear)), file)
        found.append(Problem("import.discount_unclear", column=discount, level="doubt", values=values))
    return found
