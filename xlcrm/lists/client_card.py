"""Client card: what the sheet Card shows of one client, gathered from all tables on the day it is asked for.

The sheet is a copy to look at and to print, never a place to type: it is filled by `show` and emptied by `forget`.
Figures of money and days are reckoned from the purchases as `refresh` does, so that they are right before it, too.
"""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xlcrm import messages, schema, words
from xlcrm.documents.document_states import known_documents
from xlcrm.errors import CrmError
from xlcrm.interactions.complaints import open_complaints, open_follow_ups
from xlcrm.interactions.contact_lines import contact_lines
from xlcrm.interactions.contact_memory import memory_of
from xlcrm.lists.papers_made import shown_cells
from xlcrm.merging.alias_table import id_keys
from xlcrm.opportunities.deals import OPEN
from xlcrm.people.still_there import still_there
from xlcrm.plan import Added, Plan, diff, fixed
from xlcrm.settings import Settings
from xlcrm.spend.call_list import names
from xlcrm.spend.client_figures import client_figures
from xlcrm.spend.currencies import read_rates
from xlcrm.spend.day_words import day_word, month_word
from xlcrm.spend.kinds import NO_DAY, day_number, from_cents, month_number, month_numbers, total
from xlcrm.spend.lines import PurchaseLines, read_lines
from xlcrm.spend.refresh import by_row
from xlcrm.spend.refunds import originals, owed, receivables
from xlcrm.tables import Table, Tables
from xlcrm.values import as_date, as_number, as_text

# The facts, a row each: columns of Clients, and of what is known from contacts; "" goes on with the line above.
REACH = (
    "client_id", "email", "phone", "mobile", "website", "address", "", "delivery_address", "main_contact",
    "preferred_contact", "language", "birth_date", "tax_id",
)  # fmt: skip
BUSINESS = (
    "status", "rfm_group", "sector", "salesperson", "source", "acquired_on", "favourite_category", "follow_up_on",
    "consent_on", "opt_out_email", "opt_out_post", "opt_out_phone", "currency",
)  # fmt: skip
ADDRESS_LINE, NOTES_LINE, NAME_LINE, MONTHS = 56, 210, 88, 24
_CONTACTED = frozenset({"follow_up_on"})
Rows = list[dict[str, Any]]


def fact_labels(facts: Iterable[str], language: str) -> list[str]:
    """The words before the facts, in the order of their rows."""
    return [_label(name, language) for name in facts]


def _label(name: str, language: str) -> str:
    if not name:
        return ""
    if name == "currency":
        return words.setting(name, language)
    return words.header("Found" if name in _CONTACTED else "Clients", name, language)


class CardAsked(NamedTuple):
    """Whose card is asked for.

    client    the number that somebody named, "" for none
    selected  the clients whose rows are selected: the first one counts where none is named
    """

    client: str = ""
    selected: tuple[str, ...] = ()


def plan(tables: Tables, asked: CardAsked, *, settings: Settings, today: dt.date) -> Plan:
    """The changes that make the sheet Card show a client: the one named, else selected, else chosen in the sheet.

    CrmError "show.no_sheet" where the workbook has no such sheet, "show.nobody" where nobody is named, selected or
    chosen, "log.no_client" where there is no such client.
    """
    if "CardOf" not in tables:
        raise CrmError("show.no_sheet", sheet=words.title("Card", settings.language))
    wanted = asked.client.strip() or next(iter(asked.selected), "") or _chosen(tables["CardOf"])
    if not wanted:
        raise CrmError("show.nobody", sheet=tables["CardOf"].sheet)
    card = _Card(tables, settings, today, _place(tables["Clients"], wanted))
    made = Plan("show")
    for name, rows in card.tables().items():
        if name in tables:
            made = made.join(_filled(tables[name], rows))
    told = {"name": card.name, "client": card.key, "sheet": tables["CardOf"].sheet}
    return replace(made, notes=(("show.done", told),))


def _chosen(table: Table) -> str:
    """The number in the sheet's own cell."""
    return next(iter(as_text(table.frame["client_id"]).str.strip()), "") if "client_id" in table.frame else ""


def _place(clients: Table, wanted: str) -> int:
    """The position of the first row with this number; CrmError where there is none."""
    key = id_keys(pd.Series([wanted]))[0]
    ids = clients.frame["client_id"] if "client_id" in clients.frame else pd.Series(dtype="str")
    there = np.flatnonzero(id_keys(ids) == key)
    if len(there) == 0:
        raise CrmError("log.no_client", name=wanted)
    return int(there[0])


def _filled(table: Table, rows: Rows) -> Plan:
    """A table of the sheet with these rows from the top, blank below; one that holds nothing yet gets them anew."""
    after = pd.DataFrame(rows, dtype=object, columns=[column.name for column in schema.table(table.name).columns])
    after = after[[column for column in after.columns if column in table.frame.columns]]
    if table.frame.empty:
        return Plan("show", added=(Added(table.name, after),) if len(after) else ())
    if table.name == "CardOf":
        return Plan("show", changes=diff(table, after.set_axis(table.frame.index[:1])))
    return Plan("show", changes=fixed(table, after))


@dataclass(frozen=True, eq=False)
class _Card:
    """What is known of one client; `at` is the position in Clients."""

    given: Tables
    settings: Settings
    today: dt.date
    at: int

    def tables(self) -> dict[str, Rows]:
        """The rows of each table of the sheet."""
        figures = {**self.figures, "last_contact": self.remembered["last_contact"]}
        return {
            "CardOf": [{"client_id": self.key, "shown_on": pd.Timestamp(self.today), "name": self.shown_name}],
            "CardMoney": [figures],
            "CardDays": [figures],
            "CardReach": self._facts(REACH),
            "CardBusiness": self._facts(BUSINESS),
            "CardPurchases": self._newest("Purchases", "CardPurchases"),
            "CardContacts": self._newest("Interactions", "CardContacts"),
            "CardPeople": self._people(),
            "CardOpen": self._open(),
            "CardNotes": [{"notes": line} for line in _lines(self.text("notes"), NOTES_LINE, 3)],
            "CardMonths": self._months(),
        }

    @cached_property
    def row(self) -> Table:
        """The table Clients with this client alone."""
        clients = self.given["Clients"]
        return replace(clients, frame=clients.frame.iloc[[self.at]])

    @cached_property
    def shown(self) -> dict[str, str]:
        """Its cells as a person of this language reads them."""
        return {name: cells[0] for name, cells in shown_cells(self.row, self.settings).items()}

    @property
    def key(self) -> str:
        return self.text("client_id")

    @cached_property
    def name(self) -> str:
        return str(names(self.row.frame).iloc[0])

    @property
    def shown_name(self) -> str:
        """As much of the name as a page takes."""
        return self.name if len(self.name) <= NAME_LINE else f"{self.name[:NAME_LINE]}…"

    def text(self, column: str) -> str:
        """A cell of the client, "" where there is no such column."""
        return self.shown.get(column, "")

    @cached_property
    def purchases(self) -> PurchaseLines:
        """All lines: what currency is added up shows only in all of them. Of a large source, this client's."""
        frame = self._frame("Purchases")
        frame = frame if "client_id" in frame else pd.DataFrame({"client_id": pd.Series(dtype="str")})
        rates = read_rates(self.given["Rates"].frame if "Rates" in self.given else None, self.settings.country)
        known = {"currency": self.settings.currency, "country": self.settings.country}
        return read_lines(frame, today=self.today, rates=rates, **known)

    @cached_property
    def mine(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which of those lines are this client's."""
        number = self.purchases.ids.get_indexer(pd.Index([self.key]))[0]
        found: np.ndarray[Any, np.dtype[np.bool_]] = (self.purchases.client == number) & (number >= 0)
        return found

    @cached_property
    def figures(self) -> dict[str, Any]:
        """The calculated columns of the client, from the purchases."""
        made = client_figures(
            self.purchases, today=self.today, payment_days=self.settings.payment_days,
            language=self.settings.language, with_value=False,
        )  # fmt: skip
        ids = as_text(self.row.frame["client_id"]).str.strip()
        return dict(by_row(made.frame, ids).iloc[0])

    @cached_property
    def remembered(self) -> dict[str, Any]:
        """What is known from contacts."""
        alone = Tables.of(self.row, *(self.given[n] for n in ("Interactions",) if n in self.given))
        return dict(memory_of(alone, today=self.today, country=self.settings.country).iloc[0])

    def _facts(self, facts: tuple[str, ...]) -> Rows:
        """A row for each fact, blank where nothing is known."""
        values = self._values()
        labels = fact_labels(facts, self.settings.language)
        return [{"fact": label, "value": values.get(name, "")} for name, label in zip(facts, labels, strict=True)]

    def _values(self) -> dict[str, str]:
        """Facts as text: cells, an address on two lines (the second is the fact ""), the next follow-up."""
        first, second = _two(_lines(self.text("address") or self._place_text(), ADDRESS_LINE, 2))
        due, home = self.remembered["follow_up_on"], self.purchases.currency or self.settings.currency
        told = "" if pd.isna(due) else day_word(due.date(), self.settings.language)
        more = {"address": first, "": second, "follow_up_on": told, "currency": home}
        oneline = {name: " ".join(text.split()) for name, text in self.shown.items()}
        return {**oneline, "rfm_group": str(self.figures.get("rfm_group") or ""), **more}

    def _place_text(self) -> str:
        """The address from its fields, where nobody typed a whole one."""
        parts = (("street", "house_number"), ("postal_code", "city"), ("country",))
        return ", ".join(filter(None, (" ".join(filter(None, map(self.text, part))) for part in parts)))

    def _newest(self, name: str, target: str) -> Rows:
        """The newest rows of the client in a table, those without a day last."""
        rows = self._rows_of(name)
        if "date" in rows:
            order = as_date(rows["date"], self.settings.country)[0].sort_values(ascending=False, kind="stable").index
            rows = rows.loc[order]
        return self._typed(rows.head(schema.table(target).fixed_rows), target)

    def _rows_of(self, name: str) -> pd.DataFrame:
        """The rows of a table that name this client, newest rows of the sheet first."""
        frame = self._frame(name)
        if "client_id" not in frame:
            return pd.DataFrame()
        key = id_keys(pd.Series([self.key]))[0]
        found: pd.DataFrame = frame[(id_keys(frame["client_id"]) == key).to_numpy()].iloc[::-1]
        return found

    def _frame(self, name: str) -> pd.DataFrame:
        """The rows of a table; of purchases in a large source those of this client."""
        table = self.given.get(name)
        if table is None:
            return pd.DataFrame()
        large = table.elsewhere is not None and table.elsewhere.sums is not None
        return self._of_source if large else table.frame

    @cached_property
    def _of_source(self) -> pd.DataFrame:
        return self.given.source.lines_of([self.key]) if self.given.source else pd.DataFrame()

    def _typed(self, rows: pd.DataFrame, target: str) -> Rows:
        """The columns that a table of the sheet shows, days as days and numbers as numbers where they are."""
        found: dict[str, list[Any]] = {}
        for column in schema.table(target).columns:
            if column.name in rows:
                found[column.name] = self._cells(rows[column.name], column.kind)
        return [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]

    def _cells(self, cells: pd.Series[Any], kind: str) -> list[Any]:
        typed = [" ".join(text.split()) for text in as_text(cells)]
        if kind != "date" and kind not in schema.NUMBERS:
            return typed
        read = (as_date if kind == "date" else as_number)(cells, self.settings.country)[0]
        return [text if pd.isna(value) else value for text, value in zip(typed, read, strict=True)]

    def _people(self) -> Rows:
        """Who works there, in the order of the sheet."""
        rows = self._rows_of("People").iloc[::-1]
        rows = rows[still_there(rows, self.today, self.settings.country)] if len(rows) else rows
        rows = rows.assign(phone=_either(rows, "phone", "mobile")) if len(rows) else rows
        return self._typed(rows.head(schema.table("CardPeople").fixed_rows), "CardPeople")

    def _open(self) -> Rows:
        """What waits: complaints, follow-ups, what is to be paid, offers and opportunities; the first due first.

        What has no such day stands by the day since when it waits.
        """
        found = [*self._waiting(), *self._unpaid(), *self._deals()]
        return sorted(found, key=lambda row: _day(row["due_on"]) or _day(row.get("since")) or pd.Timestamp.max)

    def _waiting(self) -> Rows:
        lines = contact_lines(self._rows_of("Interactions"), self.settings.country)
        language = self.settings.language
        complaints = open_complaints(lines, self.today)
        due = open_follow_ups(lines[~lines.index.isin(complaints.index)])
        parts = (("complaint", complaints), ("follow_up", due))
        return [
            _row(
                _told(words.choice_word("waiting", kind, language), row["subject"], language),
                row["date"],
                row["follow_up_on"],
            )
            for kind, rows in parts
            for row in rows.to_dict("records")
        ]

    def _unpaid(self) -> Rows:
        """Documents that are open; in a workbook without documents the invoices of Purchases that are not paid."""
        if not {"Documents", "Payments"} <= set(self.given):
            return self._unpaid_purchases()
        held = known_documents(self._rows_of("Documents"), self.given["Payments"].frame, self.today)
        return [
            _row(self._paper(one.kind), one.date, one.due_on)
            | {"number": one.number, "amount": float(one.open or one.gross)}
            for one in held
            if one.open or (one.kind == "offer" and not one.followed and (one.due_on or self.today) >= self.today)
        ]

    def _paper(self, kind: str) -> str:
        return _told(words.choice_word("document", kind, self.settings.language), "", self.settings.language)

    def _unpaid_purchases(self) -> Rows:
        lines = self.purchases
        by_invoice = replace(lines, client=np.where(self.mine, lines.invoice, -1), ids=lines.invoices)
        today, days = day_number(self.today), self.settings.payment_days
        due = owed(by_invoice, originals(lines))
        amounts, _ = receivables(due, by_invoice.clients, today=today, payment_days=days)
        found = []
        for number in map(int, np.flatnonzero(np.nan_to_num(amounts))):
            of = self.mine & (lines.invoice == number)
            since, until = _first_day(lines.invoiced[of]), _first_day(lines.due[of])
            until = until if until is not None or since is None else since + pd.Timedelta(days=days)
            row = _row(self._paper("invoice"), since, until)
            found.append({**row, "number": str(lines.invoices[number]), "amount": float(amounts[number])})
        return found

    def _deals(self) -> Rows:
        """Opportunities that are neither won nor lost, called by their stage."""
        rows = self._rows_of("Opportunities").iloc[::-1]
        waits = np.array([words.choice("stage", stage) in OPEN for stage in _either(rows, "stage", "")], dtype=bool)
        rows = rows[waits]
        stages, subjects = _either(rows, "stage", ""), _either(rows, "subject", "opportunity")
        what = [_told(stage, subject, self.settings.language) for stage, subject in zip(stages, subjects, strict=True)]
        shown = {"number": "opportunity", "since": "opened_on", "due_on": "expected_on", "amount": "amount"}
        wanted = pd.DataFrame({name: rows[column] for name, column in shown.items() if column in rows}, rows.index)
        return [{"due_on": None, **row} for row in self._typed(wanted.assign(what=what), "CardOpen")]

    def _months(self) -> Rows:
        """Spend less refunds of the last 24 calendar months, this one last."""
        lines, first = self.purchases, month_number(self.today) - MONTHS + 1
        month = np.where(self.mine & (lines.day != NO_DAY), month_numbers(lines.day) - first, -1)
        spend = from_cents(total(lines.cents, month, MONTHS))
        language = self.settings.language
        return [{"month": month_word(first + n, language), "spend": float(spent)} for n, spent in enumerate(spend)]


def _row(what: str, since: Any, due: Any) -> dict[str, Any]:
    """A row of what is open; days as timestamps, None where there is none."""
    days = [None if day is None or pd.isna(day) else pd.Timestamp(day) for day in (since, due)]
    return {"what": what, "since": days[0], "due_on": days[1]}


def _day(value: Any) -> pd.Timestamp | None:
    """A day; None for a blank and for a text that is no date."""
    return value if isinstance(value, pd.Timestamp) and not pd.isna(value) else None


def _told(what: str, subject: str, language: str) -> str:
    """ "Invoice", or "Complaint: late again"."""
    told = messages.text("card.waits", language, what=what, subject=subject) if subject else what
    return told[:1].upper() + told[1:]


def _first_day(days: np.ndarray[Any, Any]) -> pd.Timestamp | None:
    known = days[days != NO_DAY]
    return pd.Timestamp(int(known.min()), unit="D") if len(known) else None


def _either(rows: pd.DataFrame, one: str, other: str) -> pd.Series[Any]:
    """The text of a column, and where that is blank of the other; blank where the frame has neither."""
    texts = [as_text(rows[name]).str.strip() if name in rows else pd.Series("", rows.index) for name in (one, other)]
    return texts[0].where(texts[0] != "", texts[1])


def _lines(text: str, width: int, most: int) -> list[str]:
    """A text on so many lines at most, with an ellipsis where it is longer."""
    return textwrap.wrap(" ".join(text.split()), width, max_lines=most, placeholder=" …")


def _two(lines: list[str]) -> tuple[str, str]:
    first, second = [*lines, "", ""][:2]
    return first, second
