"""Planning of an import, the operation of `xlcrm import`: lists read, mapped, joined and laid over the tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from xlcrm import schema, words
from xlcrm.errors import CrmError
from xlcrm.importing import joining, judging, sales_columns, steps
from xlcrm.importing.cells.plain_cells import plain
from xlcrm.importing.evidence import date_order, decimal_sign
from xlcrm.importing.header_words import key
from xlcrm.importing.incoming import Incoming
from xlcrm.importing.mapping import Mapped, fields_of, home, is_lines, map_columns
from xlcrm.importing.remembered import Choices, together
from xlcrm.importing.remembered import of as of_shape
from xlcrm.importing.rows import sale_status
from xlcrm.importing.rows.debit_credit import with_amount
from xlcrm.importing.rows.records import filled_down, only_records
from xlcrm.importing.same_client.returned_ids import with_own_ids
from xlcrm.importing.steps import LINES, Options
from xlcrm.plan import Added, Change, NewColumn, Plan
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Tables

# Several lists of one import may touch the same row twice; the workbook is to see each cell and each new row once.


def settled(plan: Plan, tables: Tables) -> Plan:
    """The plan with at most one Added a table and one Change a column; new columns once.

    A change beyond the last row of a table (of a client that an earlier list of the same import adds) becomes part of
    the added row. Of two changes of one cell the first `before` and the last `after` stay.
    """
    added: dict[str, pd.DataFrame] = {}
    for one in plan.added:
        rows = one.rows.reset_index(drop=True)
        added[one.table] = pd.concat([added[one.table], rows], ignore_index=True) if one.table in added else rows
    changes: dict[tuple[str, str], Change] = {}
    for change in plan.changes:
        height = len(tables[change.table].frame)
        beyond = change.after.index >= height
        if beyond.any():
            added[change.table] = _into(added[change.table], change, height)
        if not beyond.all():
            kept = ~beyond
            here = Change(change.table, change.column, change.before[kept], change.after[kept], change.keys[kept])
            place = (change.table, change.column)
            changes[place] = _both(changes[place], here) if place in changes else here
    columns = dict.fromkeys((one.table, one.header) for one in plan.new_columns)
    return replace(
        plan,
        changes=tuple(changes.values()),
        added=tuple(Added(table, rows) for table, rows in added.items()),
        new_columns=tuple(NewColumn(table, header) for table, header in columns),
    )


def _into(rows: pd.DataFrame, change: Change, height: int) -> pd.DataFrame:
    after = change.after[change.after.index >= height]
    column = rows[change.column] if change.column in rows else pd.Series([None] * len(rows), index=rows.index)
    column = column.astype(object)
    column.loc[after.index - height] = after.to_numpy(dtype=object)
    if change.column in rows and after.dtype == rows[change.column].dtype:
        column = column.astype(after.dtype)
    return rows.assign(**{change.column: column})


def _both(first: Change, second: Change) -> Change:
    before = pd.concat([first.before.astype(object), second.before.astype(object)])
    after = pd.concat([first.after.astype(object), second.after.astype(object)])
    keys = pd.concat([first.keys.astype(object), second.keys.astype(object)])
    return Change(
        first.table,
        first.column,
        before[~before.index.duplicated()].sort_index(),
        after[~after.index.duplicated(keep="last")].sort_index(),
        keys[~keys.index.duplicated()].sort_index(),
    )


SUPPRESSION = "Suppression"
NAMING = frozenset("full_name client_name last_name last_or_company company email phone mobile tax_id".split())
ClientLists = list[tuple[Incoming, tuple[Mapped, ...]]]
LineLists = list[tuple[joining.Joined, tuple[Mapped, ...]]]


def plan(
    tables: Tables,
    incoming: Sequence[Incoming],
    *,
    settings: Settings,
    today: dt.date,
    table: str = "Clients",
    mapping: Mapping[str, str] = {},
    keys: Sequence[str] = (),
    update: bool = False,
    dates: str = "",
    decimal: str = "",
    people: str = "",
    remembered: Mapping[str, Choices] = {},
) -> Plan:
    """What importing these lists would do; nothing that stands in them is dropped without a note.

    table     "Clients", "Purchases", "Interactions", or "Suppression" for a list of people who want no mail.
              A sales list brings its customers along, whichever of the first two is named
    mapping   header of the list -> column (canonical or as in the workbook, any language); "" or "-" leaves it unread
    keys      columns that together find a client, instead of client_id, e-mail, tax number and name
    update    change cells that differ instead of reporting them; ids, notes and opt-outs stay in any case
    dates     "dmy" or "mdy": the order of dates in figures, where the lists do not show it
    decimal   "." or ",": the decimal sign, where the lists do not show it
    people    "yes": firms and the people there, "no": a row a client; "" where the list is to tell
    remembered  what was said before about lists of the same shape (see xlcrm.importing.remembered); what is given now
                goes before it
    Several lists are joined where they share an id column (orders and their details, products, customers).
    CrmError: import.no_rows, import.nothing_mapped, import.not_lines, import.map_header, import.map_field,
    import.key_not_there, import.no_table, refresh.no_client_id. The tables are not changed.
    """
    target = _target(tables, table)
    before = of_shape(incoming, remembered)
    given = Choices(mapping, dates, decimal, people).over(together(before.values()))
    incoming = [with_own_ids(only_records(plain(one))) for one in incoming]
    lists = _with_rows(incoming)
    _check_mapping(lists, mapping)
    told = (given.dates, given.decimal, given.people)
    options = Options(tables, settings, today, given.mapping, tuple(keys), update, *told)
    run = _Run(options, [p._replace(values=(*p.values, ("file", one.name))) for one in incoming for p in one.problems])
    lists = joining.stack([with_amount(one) for one in lists] if target != "Interactions" else lists)
    sort = _all_clients if table == SUPPRESSION else _sorted_out
    client_lists, line_lists, skipped = sort(lists, target, options)
    for one, mapped in client_lists:
        run.clients(one, mapped, suppressed=table == SUPPRESSION)
    for joined, mapped in line_lists:
        run.lines(joined, mapped, _line_table(target))
    sheet = words.title("Import", settings.language)
    said: list[tuple[str, dict[str, object]]] = [
        ("import.remembered", {"file": name, "options": choices.told, "sheet": sheet})
        for name, choices in before.items()
    ]
    said += [("import.list_skipped", {"file": one.name, "rows": len(one.frame)}) for one in skipped]
    return settled(Plan("import", problems=tuple(run.found), notes=tuple(said)).join(*run.done), tables)


@dataclass
class _Run:
    """One import as it goes: the workbook as it stands after each list, what was found and what is to be done."""

    options: Options
    found: list[Problem]
    done: list[Plan] = field(default_factory=list)

    def clients(self, one: Incoming, mapped: tuple[Mapped, ...], *, suppressed: bool) -> None:
        one = self._read_how(one, mapped, one)
        if suppressed:
            self.done.append(steps.suppression(one, mapped, self.options))
        else:
            self._take("Clients", steps.clients(one, mapped, self.options), "People")

    def lines(self, joined: joining.Joined, mapped: tuple[Mapped, ...], table: str) -> None:
        known = len(joined.incoming.problems)
        whole = filled_down(joined.incoming, mapped)
        joined, mapped = _sales_only(replace(joined, incoming=whole), mapped, table)
        self.found += joined.incoming.problems[known:]
        joined = replace(joined, incoming=self._read_how(joined.incoming, mapped, whole))
        for name, step in steps.lines(joined, mapped, table, self.options):
            self._take(name, step)

    def _take(self, name: str, step: Plan, *beside: str) -> None:
        for table in (name, *(other for other in beside if other in self.options.tables)):
            self.options = self.options.after(table, step)
        self.done.append(step)

    def _read_how(self, one: Incoming, mapped: Sequence[Mapped], whole: Incoming) -> Incoming:
        """The list with its order of dates and its decimal signs; where nobody can tell, the question is found.

        `whole` is the list with the rows that were left out: a payment on 31/03 tells the order for the invoices.
        """
        country, options = self.options.settings.country, self.options
        order = date_order.decide(whole, mapped, country=country, today=options.today, given=options.dates)
        sign = decimal_sign.decide(whole, mapped, country=country, given=options.decimal)
        if one is not whole and date_order.ASK in order.orders.values():
            order = date_order.decide(one, mapped, country=country, today=options.today, given=options.dates)
        if one is not whole and decimal_sign.ASK in sign.signs.values():
            sign = decimal_sign.decide(one, mapped, country=country, given=options.decimal)
        self.found += [*date_order.problem(one, order), *decimal_sign.problem(one, sign)]
        return replace(one, orders=order.orders, signs=sign.signs)


def _target(tables: Tables, table: str) -> str:
    """The table that the lists are for; CrmError where the workbook has none such, or one without ids."""
    target = "Clients" if table == SUPPRESSION else table
    if target not in {"Clients", *LINES}:
        raise CrmError("import.no_table", table=table)
    for needed in {"Clients", target}:
        if needed not in tables:
            raise CrmError("import.no_table", table=needed)
        if "client_id" not in tables[needed].frame.columns:
            raise CrmError("refresh.no_client_id", sheet=tables[needed].sheet)
    return target


def _line_table(target: str) -> str:
    """A list for Clients may hold lines, too, which are purchases."""
    return target if target != "Clients" else "Purchases"


def _with_rows(incoming: Sequence[Incoming]) -> list[Incoming]:
    lists = [one for one in incoming if len(one.frame)]
    if not lists:
        raise CrmError("import.no_rows", name=", ".join(dict.fromkeys(one.file for one in incoming)))
    return lists


def _sales_only(
    joined: joining.Joined, mapped: tuple[Mapped, ...], table: str
) -> tuple[joining.Joined, tuple[Mapped, ...]]:
    if table != "Purchases" or joined.incoming.own:
        return joined, mapped
    before = joined.incoming
    mapped = sale_status.paid_amount(before.frame, mapped)
    one, facts = sale_status.only_sales(before, mapped)
    return replace(joined, incoming=one, facts=facts), mapped


def _check_mapping(lists: Sequence[Incoming], mapping: Mapping[str, str]) -> None:
    headers = {key(str(c)) for one in lists for c in one.frame.columns}
    for header in mapping:
        if key(header) not in headers:
            raise CrmError("import.map_header", header=header, headers=_headers(lists))


def _all_clients(
    lists: Sequence[Incoming], target: str, options: Options
) -> tuple[ClientLists, LineLists, list[Incoming]]:
    found = [(one, _mapped(one, "Clients", options)) for one in lists]
    if not any(set(fields_of(mapped)) & steps.STOPPABLE for _, mapped in found):
        raise _refusal("import.nothing_mapped", lists, target, options)
    return found, [], []


def _sorted_out(
    lists: Sequence[Incoming], target: str, options: Options
) -> tuple[ClientLists, LineLists, list[Incoming]]:
    """Which lists are of clients and which of lines, joined with what belongs to them, and those that are neither."""
    all_links = joining.links(lists)
    clients = frozenset(link.other for link in all_links if joining.is_client_list(lists[link.other], link))
    named = {link.other for link in all_links}
    client_lists: ClientLists = []
    line_lists: LineLists = []
    skipped: list[Incoming] = []
    for place, one in enumerate(lists):
        if place in named and place not in clients:
            continue
        line = _as_lines(lists, place, all_links, clients, target, options) if place not in clients else None
        mapped = _mapped(one, "Clients", options) if line is None else ()
        if line is not None:
            line_lists.append(line)
        elif _for_clients(one, mapped, target, chosen=place in clients, alone=len(lists) == 1):
            client_lists.append((one, mapped))
        else:
            skipped.append(one)
    if not client_lists and not line_lists:
        code = "import.nothing_mapped" if target == "Clients" else "import.not_lines"
        raise _refusal(code, lists, target, options)
    return client_lists, line_lists, skipped


def _as_lines(
    lists: Sequence[Incoming], place: int, links: Sequence[joining.Link], clients: frozenset[int], target: str,
    options: Options,
) -> tuple[joining.Joined, tuple[Mapped, ...]] | None:  # fmt: skip
    """The list with those that it names, where its columns are those of lines."""
    joined = joining.join(lists, place, links, clients)
    mapped = _mapped(joined.incoming, _line_table(target), options, joined.only)
    return (joined, mapped) if _are_lines(mapped, target) else None


def _for_clients(one: Incoming, mapped: Sequence[Mapped], target: str, *, chosen: bool, alone: bool) -> bool:
    """A list of clients; beside others not one of the house's own people, and wanted: all are, or lines name it."""
    others = not alone and not chosen and joining.is_staff(one)
    return _are_clients(one, mapped) and not others and (target == "Clients" or chosen)


# What a list has to have: of each group one column at least.
NEEDED = {
    "Clients": (("full_name", "company", "email", "phone", "client_id"),),
    "Purchases": (("date", "invoice"), ("amount", "quantity", "product")),
    "Interactions": (("date",), ("kind", "subject")),
}


def _refusal(code: str, lists: Sequence[Incoming], target: str, options: Options) -> CrmError:
    """The columns found, what is missing, the names that --map takes, and an example."""
    language = options.settings.language
    mapped = _mapped(lists[0], target, options)
    have = {m.field for m in mapped}
    groups = [group for group in NEEDED[target] if not set(group) & have] or list(NEEDED[target])
    missing = "; ".join(" / ".join(words.header(target, field, language) for field in group) for group in groups)
    fields = [c.name for c in schema.table(target).columns if not c.calculated]
    header = _like(lists[0], [m.header for m in mapped if not m.field], target, groups[0][0])
    example = f'--map "{header}={words.header(target, groups[0][0], language)}"'
    names = ", ".join(words.header(target, field, language) for field in fields)
    file = ", ".join(one.name for one in lists)
    return CrmError(
        code, name=file, headers=_headers(lists), table=words.title(target, language), missing=missing, fields=names,
        example=example,
    )  # fmt: skip


def _like(one: Incoming, free: Sequence[str], table: str, field: str) -> str:
    """A column that nothing is read from and whose values can be the field's, for an example."""
    fitting = [h for h in free if (values := judging.sample(one.frame[h])) and judging.fits(table, field, values)]
    return next(iter([*fitting, *free]), str(one.frame.columns[0]))


def _headers(lists: Sequence[Incoming]) -> str:
    return ", ".join(str(c) for one in lists for c in one.frame.columns)


def _are_lines(mapped: Sequence[Mapped], target: str) -> bool:
    have = set(fields_of(mapped, target if target != "Clients" else "Purchases"))
    if target == "Interactions":
        return "date" in have and len(have) > 1
    if target == "Purchases":
        return bool(have & {"date", "invoice"}) and bool(have & {"amount", "quantity", "product"})
    return is_lines(mapped)


def _are_clients(one: Incoming, mapped: Sequence[Mapped]) -> bool:
    """True where the columns name people or companies; ids alone, coming again and again, are some other list's."""
    have = fields_of(mapped, "Clients")
    if set(have) & NAMING:
        return True
    return "client_id" in have and not one.frame[have["client_id"]].duplicated().any()


def _mapped(one: Incoming, table: str, options: Options, only: Mapping[str, frozenset[str]] = {}) -> tuple[Mapped, ...]:
    """What the columns are: as the user said, by their headers, and in a list without header by their values."""
    given = _for(one, options)
    guessed = {h: f for h, f in {**sales_columns.guesses(one), **_known(one, table)}.items() if h not in given}
    found = map_columns(one.frame, table, {**guessed, **given}, only)
    found = sales_columns.completed(one.frame, found) if table == "Purchases" else found
    return tuple(m._replace(how=_how(m)) if m.header in guessed else m for m in found)


def _known(one: Incoming, table: str) -> dict[str, str]:
    """What the reader of the list knows of its columns, as far as the table has them."""
    return {header: field for header, field in one.known.items() if not field or home(table, field)}


def _how(one: Mapped) -> str:
    """How a column is known that nobody named: by its own word, by its values, or not at all."""
    if not one.field:
        return "unknown"
    return "word" if words.column_of(one.table, one.header) == one.field else "values"


def _for(one: Incoming, options: Options) -> dict[str, str]:
    have = {key(str(c)) for c in one.frame.columns}
    return {header: field for header, field in options.mapping.items() if key(header) in have}
