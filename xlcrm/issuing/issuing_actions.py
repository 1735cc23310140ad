"""Issuing as actions of the command line and the ribbon: what was typed becomes an order with press and journal.

The plans are pure; here they meet what is outside: numbers on record, the printer of papers, the logo's file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xlcrm import messages
from xlcrm.backups.issued_again import taken, taken_files
from xlcrm.errors import CrmError
from xlcrm.fields import date as dates
from xlcrm.fields import money
from xlcrm.files import issued_files
from xlcrm.issuing import issue_plan, payments, reminder_plan
from xlcrm.issuing.issue_order import IssueMeans, IssueOrder, rows_of, typed_line
from xlcrm.issuing.payments import PaymentOrder
from xlcrm.issuing.seller_facts import typed
from xlcrm.plan import Plan
from xlcrm.session import Session
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import text_of

if TYPE_CHECKING:
    from xlcrm.actions import Operation
    from xlcrm.papers.document_press import DocumentPress

KIND_OF = {"offer": "offer", "order": "order", "deliver": "delivery", "invoice": "invoice", "credit": "credit"}
LOGO_LIMIT = 5_000_000


@contextmanager
def document_press(session: Session, tables: Tables) -> Iterator[DocumentPress]:
    """The printer of a run, with the team's own templates and logo."""
    from xlcrm.papers.document_press import DocumentPress
    from xlcrm.papers.paper_templates import paper_templates

    logo = _logo(session.path.parent, text_of(typed(tables, "Seller").get("logo")).strip())
    with DocumentPress(paper_templates(session.path), logo=logo) as press:
        yield press


def issuing(action: str) -> Callable[..., Operation]:
    """The maker of the operation of `xlcrm offer | order | deliver | invoice | credit`."""

    def make(
        session: Session, *, clients: tuple[str, ...] = (), number: str = "", rows: str = "",
        line: tuple[str, ...] = (), source: str = "", only: str = "", again: bool = False, date: str = "",
        due: str = "", series: str = "", places: tuple[int, ...] = (),
    ) -> Operation:  # fmt: skip
        """`places` are rows of Purchases that a button found selected."""
        settings = session.settings
        order = IssueOrder(
            KIND_OF[action],
            clients,
            places or rows_of(rows),
            tuple(typed_line(text, settings.country) for text in line),
            number or source,
            rows_of(only),
            again,
            day(date, settings),
            series.strip(),
            day(due, settings),
        )
        return _operation(session, action, order)

    return make


def _operation(session: Session, action: str, order: IssueOrder) -> Operation:
    def operation(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        folder = _folder(session)
        means = IssueMeans(taken(session), None, folder, taken_files(session))
        if session.call.dry_run:
            made = issue_plan.plan(tables, order, means, settings=settings, today=today)
        else:
            with document_press(session, tables) as press:
                means = replace(means, press=press.paper)
                made = issue_plan.plan(tables, order, means, settings=settings, today=today)
        return replace(made, action=action)

    return operation


def pay(
    session: Session, *, numbers: tuple[str, ...] = (), client: str = "", amount: str = "", date: str = "",
    way: str = "transfer", note: str = "", set_off: str = "",
) -> Operation:  # fmt: skip
    """What was paid of invoices."""
    country = session.settings.country
    if amount and not money.is_valid(amount, country):
        raise CrmError("issuing.no_sum")
    sum_ = money.validate(amount, country) if amount else None
    order = PaymentOrder(numbers, client, sum_, day(date, session.settings), way, note, set_off)
    return lambda tables, settings, today: payments.plan(tables, order, settings=settings, today=today)


def remind(session: Session, *, clients: tuple[str, ...] = ()) -> Operation:
    """The reminders that are due."""

    def operation(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        if session.call.dry_run:
            return reminder_plan.plan(tables, None, clients=clients, settings=settings, today=today)
        with document_press(session, tables) as press:
            return reminder_plan.plan(
                tables,
                lambda one, buyer, seller, on: press.reminder(one, buyer, seller, today=on),
                clients=clients,
                settings=settings,
                today=today,
            )

    return operation


def einvoice(session: Session, *, number: str) -> Operation:
    """The e-invoice of a document that is issued already."""
    from xlcrm.issuing import einvoice_plan

    def stored(file: str) -> bytes:
        path = issued_files.place(session.path.parent, file)
        return path.read_bytes() if path.is_file() else b""

    def operation(tables: Tables, settings: Settings, today: dt.date) -> Plan:
        read = None if session.call.dry_run else stored
        means = IssueMeans((), None, _folder(session), taken_files(session), read)
        return einvoice_plan.plan(tables, number, means, settings=settings)

    return operation


def maker(action: str) -> Callable[..., Operation]:
    """What makes the operation of an action about documents."""
    known: dict[str, Callable[..., Operation]] = {
        "pay": pay, "remind": remind, "finish": finish, "einvoice": einvoice,
    }  # fmt: skip
    return known.get(action) or issuing(action)


def finish(session: Session) -> Operation:
    """What an earlier run began and could not end."""
    from xlcrm.backups import issued_again

    return issued_again.finish(session)


def day(text: str, settings: Settings) -> dt.date | None:
    """A date as typed, None for none; CrmError "issuing.day" for what is none."""
    if not text:
        return None
    if not dates.is_valid(text, settings.country):
        raise CrmError("issuing.day", date=text)
    return dates.validate(text, settings.country)


def _folder(session: Session) -> str:
    """Where the files go, beside the workbook; an English folder that is there stays."""
    english = f"{session.path.stem} {messages.text('issuing.folder', 'en')}"
    own = f"{session.path.stem} {messages.text('issuing.folder', session.language)}"
    return english if (session.path.parent / english).is_dir() else own


def _logo(folder: Path, name: str) -> bytes:
    """The bytes of the logo; b"" where none is named. CrmError "issuing.logo" where the file can't be used."""
    if not name:
        return b""
    path = folder / name
    inside = path.resolve().is_relative_to(folder.resolve())
    if not inside or not path.is_file() or path.stat().st_size > LOGO_LIMIT:
        raise CrmError("issuing.logo", file=name)
    return path.read_bytes()
