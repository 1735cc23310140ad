"""Plan of the lists, the operation of `xlcrm lists`: each row of the sheet Lists becomes a file or a folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import pandas as pd

from xlcrm import words
from xlcrm.errors import CrmError
from xlcrm.lists import exports_made, papers_made, rendering, tables_made
from xlcrm.lists.list_job import ListJob, ListTools, MadeList, stem
from xlcrm.lists.list_order import ListOrder, default_order, own_sheets, read_orders, rows_of
from xlcrm.lists.recipients import Worked
from xlcrm.lists.rendering import RenderJob
from xlcrm.lists.touches import log
from xlcrm.papers.label_sheet import LabelSheet, label_sheet
from xlcrm.papers.paper_texts import Paper
from xlcrm.plan import Grid, OutFile, Plan, diff
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.text import fold
from xlcrm.values import as_text

KINDS: dict[str, Callable[[ListJob], MadeList]] = {
    "mailing": tables_made.mailing,
    "labels": papers_made.labels,
    "letters": papers_made.letters,
    "emails": exports_made.emails,
    "cards": papers_made.cards,
    "contacts": exports_made.contacts,
    "calendar": exports_made.calendar,
    "crm": exports_made.crm,
    "asking": papers_made.asking,
    "invoicing": tables_made.invoicing,
}


@dataclass(frozen=True)
class ListsAsked:
    """Which lists of the sheet to make, and how.

    only     the list of this name
    kinds    those of these kinds; where the sheet has none of them, one as it is by default (the first of `kinds`)
    clients  for these clients alone, of whatever kind; None is as the sheet says. An empty one is a blank card.
    selected  for whom a list by default is, () is everybody
    mark_invoiced  mark the purchases on invoicing lists
    by       who is at it, for the sheet Interactions
    where    for the clients of these searches (saved ones or conditions; all must hold), as for named ones
    """

    only: str = ""
    kinds: tuple[str, ...] = ()
    clients: tuple[str, ...] | None = None
    selected: tuple[str, ...] = ()
    mark_invoiced: bool = False
    by: str = ""
    where: tuple[str, ...] = ()


def plan(
    tables: Tables,
    *,
    settings: Settings,
    today: dt.date,
    templates: Mapping[str, str],
    only: str = "",
    mark_invoiced: bool = False,
    render: Callable[[RenderJob], str | Grid] = rendering.render,
) -> Plan:
    """`make_lists` with the templates of tables and texts alone: what needs no engine for papers."""
    tools = ListTools(templates, render)
    asked = ListsAsked(only=only, mark_invoiced=mark_invoiced)
    return make_lists(tables, asked, tools, settings=settings, today=today)


def make_lists(tables: Tables, asked: ListsAsked, tools: ListTools, *, settings: Settings, today: dt.date) -> Plan:
    """The files of the lists asked for, each row of the table Lists one file or a folder of them.

    A row that can't be made (unknown kind or option, segment or template) is a problem that names what is allowed, and
    the other lists are made; a list with nobody on it is said, and no file. What a list with `log` sent out becomes a
    row of Interactions for each client, once a day. Purchases that are on one invoicing list are on no other of the
    same run; with `asked.mark_invoiced` they get `invoiced_on` = today and, where blank, the day on which the list says
    that they fall due.
    """
    if "Lists" not in tables or "Clients" not in tables:
        raise CrmError("lists.no_table")
    asked, notes = _searched(tables, asked, settings, today) if asked.where else (asked, ())
    orders, problems = _wanted(tables, asked, settings)
    whole = Plan("lists", problems=tuple(problems), notes=notes)
    billed, due, worked = pd.Index([]), pd.Series(dtype="datetime64[ns]"), Worked()
    for order in orders:
        made = _made(ListJob(order, tables, None, settings, today, tools, billed, worked))
        whole = whole.join(made.plan, _logged(tables, order, made, settings, today, asked.by))
        billed = billed.union(made.billed)
        due = due if made.due is None or made.due.empty else pd.concat([due, made.due])
    if not orders and not problems:
        whole = replace(whole, notes=(("lists.none", {}),), nothing_to_do=True)
    if asked.mark_invoiced and tables.source:
        raise CrmError("sources.read_only", source=tables.source.address)
    if asked.mark_invoiced and len(billed):
        whole = whole.join(_mark(tables, billed, due, today))
    return whole


def _searched(
    tables: Tables, asked: ListsAsked, settings: Settings, today: dt.date
) -> tuple[ListsAsked, tuple[tuple[str, dict[str, object]], ...]]:
    """What is asked, for the clients that its searches find, and how these were understood."""
    from xlcrm.segments import found
    from xlcrm.segments.evaluate import Search

    search = Search(tables, settings, today)
    chosen = found.fits(search, found.label("", asked.where))
    ids = as_text(tables["Clients"].frame["client_id"]).str.strip()
    notes: list[tuple[str, dict[str, object]]] = [
        ("segment.understood", {"form": form}) for form in search.understood.values()
    ]
    return replace(asked, clients=tuple(ids[chosen & (ids != "")])), tuple(notes)


def _wanted(tables: Tables, asked: ListsAsked, settings: Settings) -> tuple[list[ListOrder], list[Problem]]:
    """The orders to make, and the problems of those among them that can't be."""
    if asked.clients is not None:
        _check_ids(tables, asked.clients)
        return [default_order(kind, settings, asked.clients) for kind in asked.kinds[:1] or ("mailing",)], []
    orders, problems = read_orders(tables, settings)
    if asked.only:
        orders, problems = _of_name(tables, asked.only, orders, problems)
    if asked.kinds:
        orders = [order for order in orders if order.kind in asked.kinds]
        problems = []
        if not orders:
            _check_ids(tables, asked.selected)
            orders = [default_order(asked.kinds[0], settings, asked.selected or None)]
    return orders, problems


def _check_ids(tables: Tables, clients: Sequence[str]) -> None:
    """CrmError where no row of Clients has one of these ids."""
    known = set(as_text(tables["Clients"].frame["client_id"]).str.strip())
    unknown = [client for client in clients if client not in known]
    if unknown:
        raise CrmError("lists.no_such_client", names=", ".join(unknown))


def _of_name(
    tables: Tables, only: str, orders: Sequence[ListOrder], problems: Sequence[Problem]
) -> tuple[list[ListOrder], list[Problem]]:
    """The orders of one name and their problems; CrmError "lists.unknown" where the sheet has none of it."""
    named = [row["list"] for row in rows_of(tables["Lists"])]
    found = [order for order in orders if fold(order.title) == fold(only)]
    wrong = [problem for problem in problems if fold(problem.key) == fold(only)]
    if not found and not wrong:
        raise CrmError("lists.unknown", list=only, names=", ".join(named) or "-")
    return found, wrong


def kinds_of(typed: Sequence[str]) -> tuple[str, ...]:
    """Kinds of lists as somebody typed them, in any of the six languages; CrmError that names those there are."""
    found = []
    for word in typed:
        kind = words.choice("list", word)
        if not kind:
            raise CrmError("lists.no_such_kind", kind=word, kinds=", ".join(words.choices("list")))
        found.append(kind)
    return tuple(found)


def label_test_page(tables: Tables, name: str, press: PagePress, *, settings: Settings) -> Plan:
    """A page with the outlines of the label sheet of this name, ours or of the table LabelSheets."""
    sheet = label_sheet(name, own_sheets(tables)[0])
    page = press.test_page(sheet, language=settings.language)
    file = OutFile(f"{stem(sheet.sheet)}.pdf", page.content)
    return Plan("lists", files=(file,), notes=(("lists.test_page", {"sheet": sheet.sheet}),))


class PagePress(Protocol):
    """What draws a test page; see `papers.printing.PaperPress`."""

    def test_page(self, sheet: LabelSheet, *, language: str) -> Paper: ...


def _made(job: ListJob) -> MadeList:
    """One list; one that can't be made is a problem of its row."""
    try:
        return KINDS[job.order.kind.partition(":")[0]](replace(job, chosen=_chosen(job)))
    except CrmError as fault:
        if not job.order.row:
            raise
        return MadeList(Plan("lists", problems=(_problem(fault, job.order),)))


def _chosen(job: ListJob) -> pd.Series[Any] | None:
    """True per row of Clients: those of the segment, or those for whom the order was made."""
    order = job.order
    if order.clients is not None:
        ids = as_text(job.tables["Clients"].frame["client_id"]).str.strip()
        return ids.isin(order.clients) & (ids != "")
    if not order.segment:
        return None
    from xlcrm.segments import members

    return members(job.tables, order.segment, today=job.today, settings=job.settings)


def _problem(fault: CrmError, order: ListOrder) -> Problem:
    """A row that can't be made; most sentences name their row themselves."""
    values = tuple((key, str(value)) for key, value in fault.values.items())
    if "row" in fault.values:
        return Problem(fault.key, key=order.title, values=values)
    return Problem(fault.key, "Lists", order.row, order.title, values=values)


def _logged(tables: Tables, order: ListOrder, made: MadeList, settings: Settings, today: dt.date, by: str) -> Plan:
    """What a list leaves in Interactions; nothing where it doesn't say so, and after a test."""
    if not order.log or order.test:
        return Plan("lists")
    return log(
        tables, order.kind, order.title, order.subject, made.reached, today=today, language=settings.language,
        country=settings.country, by=by,
    )  # fmt: skip


def _mark(tables: Tables, positions: pd.Index[Any], due: pd.Series[Any], today: dt.date) -> Plan:
    """Purchases at these positions as invoiced today; a due date that somebody typed stays."""
    purchases = tables["Purchases"]
    after = {"invoiced_on": pd.Series(pd.Timestamp(today), index=positions)}
    if "due_on" in purchases.frame:
        old = purchases.frame["due_on"].reindex(positions).astype(object)
        after["due_on"] = old.where(as_text(old).str.strip() != "", due.reindex(positions))
    note = ("lists.marked", {"n": len(positions)})
    return Plan("lists", changes=diff(purchases, pd.DataFrame(after)), notes=(note,))
