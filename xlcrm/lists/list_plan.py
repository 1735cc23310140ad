"""Plan of the lists, the operation of `xlcrm lists`: each row of the sheet Lists becomes a file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from xlcrm import messages, words
from xlcrm.checks.completeness import missing
from xlcrm.errors import CrmError
from xlcrm.lists import rendering
from xlcrm.lists.csv_text import csv_bytes
from xlcrm.lists.invoicing import open_purchases
from xlcrm.lists.recipients import person, postal
from xlcrm.lists.rendering import RenderJob
from xlcrm.plan import Grid, OutFile, Plan, diff
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.text import fold
from xlcrm.values import as_text

FORMATS = ("xlsx", "csv", "html", "txt")
LONGEST_STEM = 100
POINT_LANGUAGES = frozenset({"en"})


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
    """One file for each row of the table Lists (columns list, segment, kind, template, format), or for `only`.

    `templates` maps file names to their text; a row without a template uses the one named after its kind. `render`
    makes the content of a list, for who has templates rendered elsewhere (see `files.rendering_process`). With
    `mark_invoiced` the purchases on the invoicing lists get `invoiced_on` = today and, where blank, `due_on`.
    A row that can't be made (unknown kind, format, segment or template) is a problem, and the other lists are made; a
    list with nobody on it is said, and no file.
    """
    if "Lists" not in tables or "Clients" not in tables:
        raise CrmError("lists.no_table")
    rows = _wanted(tables, only)
    whole = Plan("lists")
    billed: pd.Index[Any] = pd.Index([])
    for row in rows:
        try:
            made, positions = _one(tables, row, settings, today, templates, render)
        except CrmError as fault:
            made, positions = Plan("lists", problems=(_problem(fault, row),)), pd.Index([])
        whole = whole.join(made)
        billed = billed.union(positions)
    if not rows:
        whole = replace(whole, notes=(("lists.none", {}),), nothing_to_do=True)
    if mark_invoiced and len(billed):
        whole = whole.join(_mark(tables, billed, settings, today))
    return whole


def _wanted(tables: Tables, only: str) -> list[dict[str, str]]:
    """The rows to make: all, or those of one name; CrmError "lists.unknown" where there is none of it."""
    rows = _rows(tables)
    if not only:
        return rows
    found = [row for row in rows if fold(row["list"]) == fold(only)]
    if not found:
        raise CrmError("lists.unknown", list=only, names=", ".join(row["list"] for row in rows) or "-")
    return found


def _rows(tables: Tables) -> list[dict[str, str]]:
    """The rows of Lists as text without spaces around, and their Excel row; those without list and kind are blank."""
    table = tables["Lists"]
    text = {str(column): as_text(table.frame[column]).str.strip() for column in table.frame.columns}
    found = []
    for position in table.frame.index:
        row = {name: column[position] for name, column in text.items()}
        row = {**dict.fromkeys(("list", "segment", "kind", "template", "format"), ""), **row}
        if row["list"] or row["kind"]:
            found.append({**row, "row": str(table.excel_row(position))})
    return found


def _problem(fault: CrmError, row: dict[str, str]) -> Problem:
    """A row that can't be made; most sentences name their row themselves."""
    values = tuple((key, str(value)) for key, value in fault.values.items())
    if "row" in fault.values:
        return Problem(fault.key, key=row["list"], values=values)
    return Problem(fault.key, "Lists", int(row["row"]), row["list"], values=values)


@dataclass(frozen=True, eq=False)
class _Made:
    """One list before it is written: what templates see, the rows of a table, what to tell, and what was billed."""

    values: dict[str, object]
    rows: list[dict[str, Any]]
    note: tuple[str, dict[str, object]]
    problems: tuple[Problem, ...] = ()
    billed: pd.Index[Any] = field(default_factory=lambda: pd.Index([]))


def _one(
    tables: Tables,
    row: dict[str, str],
    settings: Settings,
    today: dt.date,
    templates: Mapping[str, str],
    render: Callable[[RenderJob], str | Grid],
) -> tuple[Plan, pd.Index[Any]]:
    """One row of Lists as a plan with its file, and the purchases on it; CrmError where the row can't be made."""
    kind, form, name = _asked(row, settings, templates)
    chosen = None
    if row["segment"]:
        from xlcrm.segments import members

        chosen = members(tables, row["segment"], today=today, settings=settings)
    title = row["list"] or words.choice_word("list", kind, settings.language)
    made = KINDS[kind](tables, chosen, title, settings, today)
    if not made.rows:
        told = {"list": title, "why": made.note[1]["why"]}
        return Plan("lists", problems=made.problems, notes=(("lists.empty", told),)), made.billed
    values: dict[str, object] = {"list": title, "today": today, "settings": settings, **made.values}
    content = render(RenderJob(name, templates[name], form, settings.language, made.rows, values))
    file = OutFile(f"{_stem(title) or kind}.{form}", _encoded(content, form, settings.language))
    return Plan("lists", files=(file,), problems=made.problems, notes=(made.note,)), made.billed


def _asked(row: dict[str, str], settings: Settings, templates: Mapping[str, str]) -> tuple[str, str, str]:
    """Kind, format and template of a row; CrmError that names what exists where one of them does not."""
    kind = words.choice("list", row["kind"])
    if kind not in KINDS:
        kinds = ", ".join(words.choices("list", settings.language))
        raise CrmError("lists.unknown_kind", row=row["row"], kind=row["kind"] or "-", kinds=kinds)
    form = (row["format"] or "xlsx").lower().lstrip(".")
    if form not in FORMATS:
        raise CrmError("lists.unknown_format", row=row["row"], format=row["format"], formats=", ".join(FORMATS))
    name = row["template"] or f"{kind}.{'columns.txt' if form in ('xlsx', 'csv') else form}"
    if name not in templates:
        known = ", ".join(sorted(templates))
        raise CrmError("lists.unknown_template", row=row["row"], template=name, templates=known)
    return kind, form, name


def _mailing(tables: Tables, chosen: pd.Series[Any] | None, title: str, settings: Settings, today: dt.date) -> _Made:
    """Clients who may get post, and how many were left out for which reason."""
    found = postal(tables["Clients"], chosen, settings.country, settings.language)
    why = [messages.text(f"{reason}_count", settings.language, n=n) for reason, n in found.left_out.items()]
    return _Made(
        {"clients": list(found.clients), "left_out": dict(found.left_out)},
        [{"client": client} for client in found.clients],
        ("lists.mailing_done", {"list": title, "n": len(found.clients), "why": _why(why, settings.language)}),
        found.problems,
    )


def _asking(tables: Tables, chosen: pd.Series[Any] | None, title: str, settings: Settings, today: dt.date) -> _Made:
    """Clients whose record lacks something, each with what to ask and the way that is open to ask it."""
    frame = missing(tables, settings=settings, today=today)
    if chosen is not None:
        ids = as_text(tables["Clients"].frame["client_id"])[chosen]
        frame = frame[frame["client_id"].isin(set(ids))]
    reachable = frame[frame["ask_by"] != ""]
    clients = [
        person({str(key): value for key, value in row.items()})
        | {
            "questions": row["missing"].split(", "),
            "way": words.choice_word("contact", row["ask_by"], settings.language),
        }
        for row in reachable.to_dict("records")
    ]
    left = len(frame) - len(reachable)
    why = [messages.text("lists.no_way", settings.language, n=left)] if left else []
    note = ("lists.asking_done", {"list": title, "n": len(clients), "why": _why(why, settings.language)})
    return _Made({"clients": clients}, [{"client": client} for client in clients], note)


def _invoicing(tables: Tables, chosen: pd.Series[Any] | None, title: str, settings: Settings, today: dt.date) -> _Made:
    """What was bought and not invoiced yet, a row a line, with totals by currency."""
    if "Purchases" not in tables:
        raise CrmError("lists.no_purchases")
    bills = open_purchases(
        tables["Purchases"], tables["Clients"], chosen, today=today, country=settings.country,
        language=settings.language, currency=settings.currency, days=settings.payment_days,
    )  # fmt: skip
    totals = _totals(bills.invoices)
    lines = [{"invoice": invoice, "line": line} for invoice in bills.invoices for line in invoice["lines"]]
    why = [messages.text("lists.lines_left_out", settings.language, n=len(bills.problems))] if bills.problems else []
    money = rendering.environment(settings.language).filters["money"]
    told = {
        "list": title,
        "n": len(bills.invoices),
        "lines": len(lines),
        "total": " + ".join(money(total, currency) for currency, total in totals.items()) or "0",
        "why": _why(why, settings.language),
    }
    values: dict[str, object] = {"invoices": list(bills.invoices), "totals": totals}
    return _Made(values, lines, ("lists.invoicing_done", told), bills.problems, bills.positions)


KINDS = {"mailing": _mailing, "invoicing": _invoicing, "asking": _asking}


def _stem(title: str) -> str:
    """The title as a file name that every system and Excel's own limit of 218 letters of a path leave room for."""
    stem = re.sub(r'[\\/:*?"<>|\x00-\x1f]+', " ", title)[:LONGEST_STEM]
    return stem.encode("utf-8", "ignore")[: 2 * LONGEST_STEM].decode("utf-8", "ignore").strip(" .")


def _encoded(content: str | Grid, form: str, language: str) -> Any:
    """The content of a file in one of `FORMATS`."""
    if isinstance(content, str):
        # a byte-order mark, because Notepad and Word guess the encoding of a .txt without one
        return content.encode("utf-8-sig" if form == "txt" else "utf-8", "replace")
    return (content,) if form == "xlsx" else csv_bytes(content, decimal="." if language in POINT_LANGUAGES else ",")


def _why(reasons: list[str], language: str) -> str:
    """The reasons why clients or lines were left out as one sentence, "" where none were."""
    return messages.text("lists.left_out", language, why="; ".join(reasons)) if reasons else ""


def _totals(invoices: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """Currency -> sum of the invoices in it, exact."""
    totals: dict[str, Any] = {}
    for invoice in invoices:
        totals[invoice["currency"]] = totals.get(invoice["currency"], 0) + invoice["total"]
    return totals


def _mark(tables: Tables, positions: pd.Index[Any], settings: Settings, today: dt.date) -> Plan:
    """Purchases at these positions as invoiced today; a due date that somebody typed stays."""
    purchases = tables["Purchases"]
    now = pd.Timestamp(today)
    after = {"invoiced_on": pd.Series(now, index=positions)}
    if "due_on" in purchases.frame:
        old = purchases.frame["due_on"].reindex(positions).astype(object)
        due = now + pd.Timedelta(days=settings.payment_days)
        after["due_on"] = old.where(as_text(old).str.strip() != "", due)
    note = ("lists.marked", {"n": len(positions)})
    return Plan("lists", changes=diff(purchases, pd.DataFrame(after)), notes=(note,))
