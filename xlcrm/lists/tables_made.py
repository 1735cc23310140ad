"""Tables and documents of a list (mailing, asking, invoicing), rendered from a template as spreadsheet, CSV or text."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from xlcrm import words
from xlcrm.checks.completeness import missing
from xlcrm.errors import CrmError
from xlcrm.issuing.open_lines import lines_to_bill
from xlcrm.lists import rendering
from xlcrm.lists.csv_text import csv_bytes, utf8_csv_bytes
from xlcrm.lists.invoicing import open_purchases
from xlcrm.lists.list_job import ListJob, MadeList, named, nobody, stem, why
from xlcrm.lists.recipients import person
from xlcrm.lists.rendering import RenderJob
from xlcrm.plan import Grid, OutFile, Plan
from xlcrm.values import as_text

POINT_LANGUAGES = frozenset({"en"})
TABLE_OF = {"labels": "mailing"}  # a kind without a table of its own
TABLES = frozenset(("xlsx", "csv", "csv-utf8"))


def mailing(job: ListJob) -> MadeList:
    """Clients who may get post, and how many were left out for which reason."""
    found = job.recipients()
    if not found.kept:
        return nobody(job, found.left_out, found.problems)
    clients = list(found.clients)
    values: dict[str, object] = {"clients": clients, "left_out": dict(found.left_out), "subject": job.order.subject}
    file = document(job, values, [{"client": client} for client in clients])
    told = {"list": job.title, "n": len(clients), "why": why(found.left_out, job.settings.language)}
    reached = tuple(member for each in found.kept for member in each.members)
    made = Plan("lists", files=(file,), problems=found.problems, notes=(("lists.mailing_done", told),))
    return MadeList(made, reached)


def asked(job: ListJob) -> tuple[list[dict[str, Any]], Counter[str]]:
    """Clients whose record lacks something, each with what to ask and how; who can't be asked is counted."""
    frame = missing(job.tables, settings=job.settings, today=job.today)
    if job.chosen is not None:
        ids = as_text(job.tables["Clients"].frame["client_id"])[job.chosen]
        frame = frame[frame["client_id"].isin(set(ids))]
    reachable = frame[frame["ask_by"] != ""]
    clients = [
        person({str(key): value for key, value in row.items()})
        | {
            "questions": row["missing"].split(", "),
            "way": words.choice_word("contact", row["ask_by"], job.settings.language),
        }
        for row in reachable.to_dict("records")
    ]
    return clients, +Counter({"lists.no_way": len(frame) - len(reachable)})


def asking(job: ListJob) -> MadeList:
    """A list of what to ask whom."""
    clients, left_out = asked(job)
    if not clients:
        return nobody(job, left_out)
    file = document(job, {"clients": clients}, [{"client": client} for client in clients])
    told = {"list": job.title, "n": len(clients), "why": why(left_out, job.settings.language)}
    reached = tuple((client["client_id"], "") for client in clients)
    return MadeList(Plan("lists", files=(file,), notes=(("lists.asking_done", told),)), reached)


def invoicing(job: ListJob) -> MadeList:
    """What was bought and not invoiced yet, a row a line, with totals by currency."""
    if "Purchases" not in job.tables:
        raise CrmError("lists.no_purchases")
    tables, settings = job.tables, job.settings
    job.worked.let_go()  # purchases need the room
    sold = lines_to_bill(tables)
    bills = open_purchases(sold, tables["Clients"], job.chosen, settings=settings, today=job.today, billed=job.billed)
    if not bills.invoices:
        empty = nobody(job, bills.left_out, bills.problems)
        return replace(empty, billed=bills.positions, due=bills.due)
    totals = _totals(bills.invoices)
    lines = [{"invoice": invoice, "line": line} for invoice in bills.invoices for line in invoice["lines"]]
    money = rendering.environment(settings.language).filters["money"]
    notes_of_credit = sum(invoice["credit"] for invoice in bills.invoices)
    told: dict[str, object] = {
        "list": job.title,
        "n": len(bills.invoices) - notes_of_credit,
        "lines": len(lines),
        "total": " + ".join(money(total, currency) for currency, total in totals.items()) or "0",
        "why": why(bills.left_out, settings.language),
    }
    notes: tuple[tuple[str, dict[str, object]], ...] = (("lists.invoicing_done", told),)
    if notes_of_credit:
        notes += (("lists.credit_notes", {"list": job.title, "n": notes_of_credit}),)
    file = document(job, {"invoices": list(bills.invoices), "totals": totals}, lines)
    plan = Plan("lists", files=(file,), problems=bills.problems, notes=notes)
    return MadeList(plan, billed=bills.positions, due=bills.due)


def document(job: ListJob, values: dict[str, object], rows: list[dict[str, Any]]) -> OutFile:
    """The file of a list in its format, from the template that the row names or the one of its kind."""
    order, settings = job.order, job.settings
    name = _template(job)
    seen: dict[str, object] = {"list": job.title, "today": job.today, "settings": settings, **values}
    content = job.tools.render(RenderJob(name, job.tools.templates[name], order.form, settings.language, rows, seen))
    suffix = "csv" if order.form == "csv-utf8" else order.form
    return OutFile(f"{stem(job.title) or order.kind}.{suffix}", _encoded(content, order.form, settings.language))


def _template(job: ListJob) -> str:
    order, known = job.order, job.tools.templates
    suffix = ".columns.txt" if order.form in TABLES else f".{order.form}"
    kind = TABLE_OF.get(order.kind, order.kind)
    asked = order if order.template else replace(order, template=f"{kind}{suffix}")
    return named(asked, known, suffix)


def _encoded(content: str | Grid, form: str, language: str) -> Any:
    """The content of a file in its format."""
    if isinstance(content, str):
        # a byte-order mark, because Notepad and Word guess the encoding of a .txt without one
        return content.encode("utf-8-sig" if form == "txt" else "utf-8", "replace")
    if form == "csv-utf8":
        return utf8_csv_bytes(content)
    return (content,) if form == "xlsx" else csv_bytes(content, decimal="." if language in POINT_LANGUAGES else ",")


def _totals(invoices: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """Currency -> sum of the invoices in it, exact."""
    totals: dict[str, Any] = {}
    for invoice in invoices:
        totals[invoice["currency"]] = totals.get(invoice["currency"], 0) + invoice["total"]
    return totals
