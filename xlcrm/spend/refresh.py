"""Refresh, the operation of `xlcrm refresh`: calculated columns and the dashboard, written where they changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import schema
from xlcrm.documents.receivables import receivable_tables
from xlcrm.errors import CrmError
from xlcrm.interactions.complaints import waiting
from xlcrm.interactions.contact_lines import contact_lines
from xlcrm.lists.touches import replies
from xlcrm.opportunities.deal_run import DealRun, deal_run
from xlcrm.people.client_columns import client_columns
from xlcrm.plan import Change, Plan, diff, fixed
from xlcrm.problems import Problem
from xlcrm.salutations.households import letter_columns
from xlcrm.settings import Settings
from xlcrm.spend import dashboard, firm
from xlcrm.spend.call_list import call_list, names
from xlcrm.spend.client_figures import ClientSums, client_sums, figures_of
from xlcrm.spend.currencies import read_rates
from xlcrm.spend.firm import FirmSums, OddLines
from xlcrm.spend.funnel import group_figures, journeys, of_the_year
from xlcrm.spend.kinds import Mask, Names
from xlcrm.spend.lifetime_value import ENOUGH_CLIENTS, ENOUGH_REPEATS
from xlcrm.spend.seasons import bought_together, seasons
from xlcrm.spend.totals.kept_totals import KeptTotals
from xlcrm.spend.totals.purchase_totals import OddPurchases
from xlcrm.tables import Table, Tables
from xlcrm.values import as_text

# What was odd about the purchases, counted and named once each, so that a figure never hides what it left out.

NAMED = 5


def findings(table: Table, odd: OddPurchases, ids: Names, known: pd.Index[str], home: str) -> tuple[Problem, ...]:
    """One note for each kind of odd line: how many, and the Excel row of the first one.

    spend.no_client        no client: counted in the firm's figures, in no client's
    spend.unknown_client   a client_id (of `ids`) that Clients doesn't have (`known` are those it has)
    spend.bad_date         a date that can't be read: counted in totals, in no window of time
    spend.bad_amount       an amount that can't be read: an order, but no money
    spend.no_amount        neither an amount nor quantity and unit price
    spend.future           dated after today: not counted yet
    spend.no_rate          a currency without a rate (`home` is the one that is added up): an order, but no money
    spend.repeats          same invoice, client, product and amount as another line: counted, as people buy things twice
    """
    strange = np.flatnonzero((known.get_indexer(ids) < 0) & (odd.each > 0))
    strange = strange[np.argsort(odd.first[strange])]
    kinds = dict(odd.kinds)
    if len(strange):
        kinds["spend.unknown_client"] = int(odd.each[strange].sum()), int(odd.first[strange[0]])
    fill: dict[str, dict[str, object]] = {
        "spend.unknown_client": {"clients": len(strange), "names": _list(ids[strange])},
        "spend.no_rate": {"names": _list(pd.Index(odd.unrated)), "home": home},
    }
    return tuple(_note(code, table, *kinds[code], fill.get(code, {})) for code in _COLUMNS if code in kinds)


_COLUMNS = {
    "spend.no_client": "client_id",
    "spend.unknown_client": "client_id",
    "spend.bad_date": "date",
    "spend.bad_amount": "amount",
    "spend.no_amount": "amount",
    "spend.future": "date",
    "spend.no_rate": "currency",
    "spend.repeats": "",
}


def odd_lines(odd: OddLines, ids: Names, known: pd.Index[str], home: str) -> list[tuple[str, Mapping[str, object]]]:
    """What `findings` says, of the lines of a source, in which there are no rows (repeats are not looked for)."""
    strange = known.get_indexer(ids) < 0
    lines = int(odd.each[strange].sum())
    several = {
        "unknown_client": {"lines": lines, "clients": int(strange.sum()), "names": _list(ids[strange])},
        "no_rate": {"lines": sum(odd.unrated.values()), "names": _list(pd.Index(sorted(odd.unrated))), "home": home},
    }
    told: dict[str, Mapping[str, object]] = {kind: {"lines": lines} for kind, lines in odd.counts.items()}
    told |= several
    return [(f"sources.{kind}", values) for kind, values in told.items() if values["lines"]]


def _note(code: str, table: Table, lines: int, first: int, fill: Mapping[str, object]) -> Problem:
    """One problem for so many lines at the position of the first of them; `fill` fills the sentence."""
    row = table.excel_row(first)
    fill = {"lines": lines, "row": row, **fill}
    texts = tuple((name, str(value)) for name, value in fill.items())
    return Problem(code, table.name, row, "", _COLUMNS[code], level="note", values=texts)


def _list(names: Names) -> str:
    """The first names for a message, with an ellipsis where there are more."""
    shown = ", ".join(str(name) for name in names[:NAMED])
    return f"{shown}, …" if len(names) > NAMED else shown


CALCULATED = tuple(column.name for column in schema.CLIENTS_CALCULATED)
ZERO_WITHOUT_PURCHASES = (
    "total_spend",
    "orders",
    "spend_30d",
    "spend_12m",
    "spend_before_12m",
    "refunds",
)


def plan(tables: Tables, *, settings: Settings, today: dt.date) -> Plan:
    """The changes that bring the calculated columns of Clients and the dashboard's tables up to date.

    Reads Clients and Purchases, and Interactions, People, Rates, Opportunities and StageChanges where there are any.
    What happened to the opportunities is recorded first (see `opportunities.deal_run`): stages, days of closing, and
    the clients whom a won one makes clients, so that all figures are those of the workbook as it is afterwards. Tables
    and columns that a workbook lacks are skipped with a note. What is odd about the purchases comes back as problems of
    level "note". Nothing to change gives an empty plan. CrmError "refresh.no_table" without Clients or Purchases,
    "refresh.no_client_id" where one of them has no column client_id.
    """
    for name in ("Clients", "Purchases"):
        if name not in tables:
            raise CrmError("refresh.no_table", table=name)
        if "client_id" not in tables[name].frame.columns:
            raise CrmError("refresh.no_client_id", sheet=tables[name].sheet)
    clients, purchases = tables["Clients"], tables["Purchases"]
    rates = read_rates(tables["Rates"].frame if "Rates" in tables else None, settings.country)
    kept = KeptTotals(purchases, today, settings.currency, rates, settings.country)
    counted = _counted(kept, settings.payment_days)
    home = counted.currency or settings.currency
    deals = deal_run(tables, settings=settings, today=today, currency=home, rates=rates)
    with_value = "value_12m" in clients.frame.columns
    figures = figures_of(
        counted.sums, today=today, language=settings.language, with_value=with_value, lifetime=kept.value_12m
    )
    ids = as_text(clients.frame["client_id"]).str.strip()
    after = by_row(figures.frame, ids)
    letters = letter_columns(
        clients.frame, country=settings.country, language=settings.language, beside=clients.kept_beside
    )
    after = pd.concat([after, letters], axis=1)
    people = tables["People"].frame if "People" in tables else None
    after = after.assign(
        **client_columns(clients.frame, people, after["spend_12m"], today=today, country=settings.country)
    )
    changes, lacking = _dashboard(tables, counted, after, deals, settings, today)
    missing = [column for column in CALCULATED if column not in clients.frame.columns]
    done: dict[str, object] = {"clients": int((ids != "").sum()), "lines": counted.count}
    notes: list[tuple[str, Mapping[str, object]]] = [("refresh.done", done), *_of_source(purchases)]
    if counted.firm.odd:
        notes += odd_lines(counted.firm.odd, counted.sums.ids, pd.Index(ids.unique()), home)
    if counted.currency not in ("", settings.currency):
        notes.append(("refresh.currency", {"currency": counted.currency}))
    if figures.value_reason:
        notes.append((figures.value_reason, {"clients": ENOUGH_CLIENTS, "repeats": ENOUGH_REPEATS}))
    if missing or lacking:
        notes.append(("refresh.lacking", {"names": ", ".join([*missing, *lacking])}))
    notes += deals.notes
    problems = deals.problems
    if counted.odd is not None:
        problems += findings(purchases, counted.odd, counted.sums.ids, pd.Index(ids.unique()), counted.currency)
    return Plan(
        "refresh",
        changes=diff(clients, after[[c for c in CALCULATED if c in after.columns]], key="client_id")
        + changes
        + deals.changes,
        added=deals.added,
        problems=problems,
        notes=tuple(notes),
    )


@dataclass(frozen=True, eq=False)
class Counted:
    """The purchases of a run: the sums of each client and of the firm, the currency, how many lines, and what is odd
    about them; None as `odd` where they are too many for memory."""

    sums: ClientSums
    firm: FirmSums
    currency: str
    count: int
    odd: OddPurchases | None


def _counted(kept: KeptTotals, payment_days: int) -> Counted:
    """The sheet's purchases, or a source's: those of a large one are added up where they are.

    `Elsewhere.sums` is called with today, currency, rates, country and payment_days, and gives the sums of clients,
    those of the firm, and the currency.
    """
    today, away = kept.today, kept.purchases.elsewhere
    if away and away.sums:
        sums, whole, home = away.sums(
            today=today, currency=kept.currency, rates=kept.rates, country=kept.country, payment_days=payment_days
        )
        return Counted(sums, whole, home, away.lines, None)
    totals = kept.totals()
    sums = client_sums(totals, today=today, payment_days=payment_days)
    return Counted(sums, firm.firm_sums(totals, today=today), totals.currency, totals.count, totals.odd)


def _of_source(purchases: Table) -> list[tuple[str, Mapping[str, object]]]:
    """Where the purchases came from, where that isn't the sheet, and what it means."""
    away = purchases.elsewhere
    if away is None:
        return []
    fill = {"source": away.address, "sheet": purchases.sheet, "n": away.on_sheet}
    notes: list[tuple[str, Mapping[str, object]]] = [("sources.counted", fill)]
    notes += [("sources.sheet_rows", fill)] if away.on_sheet else []
    return notes


def by_row(figures: pd.DataFrame, ids: pd.Series[Any]) -> pd.DataFrame:
    """Figures of each client for each row of Clients (`ids`: its client_ids, whose index the result has).

    A client who never bought has 0 in the sums and counts and blanks elsewhere; a row without client_id has blanks.
    """
    position = pd.Index(figures["client_id"]).get_indexer(pd.Index(ids))
    found = figures.drop(columns="client_id").reindex(position)
    found.index = ids.index
    named = ids != ""
    zero = list(ZERO_WITHOUT_PURCHASES)
    if figures["open_amount"].notna().any():
        zero += ["open_amount", "overdue_amount"]
    found.loc[named, zero] = found.loc[named, zero].fillna(0)
    texts: list[str] = list(found.select_dtypes("str").columns)
    found[texts] = found[texts].fillna("")
    return found


def _dashboard(
    tables: Tables, counted: Counted, after: pd.DataFrame, deals: DealRun, settings: Settings, today: dt.date
) -> tuple[tuple[Change, ...], list[str]]:
    """Changes of the tables that feed the dashboard, and the names of those that the workbook lacks."""
    interactions = tables["Interactions"].frame if "Interactions" in tables else None
    language, country = settings.language, settings.country
    journey = journeys(
        deals.clients,
        interactions,
        after["first_purchase"],
        bought=after["orders"] > 0,
        today=today,
        country=country,
    )
    home = counted.currency or settings.currency
    fed = {
        "AsOf": dashboard.as_of(counted.count, today=today, currency=home, language=language),
        "CallList": call_list(
            deals.clients,
            after,
            interactions,
            deals.steps,
            today=today,
            language=language,
            country=country,
            consent=settings.needs_consent("phone"),
        ),
        "Waiting": waiting(contact_lines(interactions, country), _named(deals.clients), today=today, language=language),
        "Stages": dashboard.stages(journey["stage"], language=language),
        "TopClients": dashboard.top_clients(deals.clients, after["spend_12m"]),
        "Sectors": dashboard.sectors(deals.clients, after["spend_12m"], language=language),
        "Replies": replies(tables.get("Interactions"), country),
        **deals.fed,
    }
    fed |= _of_purchases(counted, after, journey, deals, settings, today)
    if "Documents" in tables and "Payments" in tables:
        fed |= _receivables(tables, settings, today)
    changes = [change for name, frame in fed.items() if name in tables for change in fixed(tables[name], frame)]
    return tuple(changes), [name for name in fed if name not in tables]


def _of_purchases(
    counted: Counted, after: pd.DataFrame, journey: pd.DataFrame, deals: DealRun, settings: Settings, today: dt.date
) -> dict[str, pd.DataFrame]:
    """The tables that rest on the purchases of the whole firm."""
    clients, sums, language = deals.clients, counted.firm, settings.language
    home, ids = counted.currency or settings.currency, as_text(clients["client_id"]).str.strip()
    visits = sums.visits
    each = firm.client_years(counted.sums.ids, visits, today=today)
    years = _years(clients, each, after["spend_12m"])
    ours = pd.Index(ids.unique()).get_indexer(counted.sums.ids) >= 0  # numpy would compare each with each
    overdue = (float(after["overdue_amount"].sum(min_count=1)), _overdue_before(counted.sums, ours))
    months = firm.months(sums, today=today)
    return {
        "KeyFigures": dashboard.key_figures(
            sums, journey, overdue=overdue, today=today, currency=home, language=language
        ),
        "Months": dashboard.in_words(months, "month", language),
        "Seasons": dashboard.in_words(seasons(sums, today=today, months=months), "month", language),
        "Together": bought_together(sums.owned),
        "Buyers": dashboard.buyers(visits.bought, language=language),
        "Cohorts": dashboard.in_words(firm.cohorts(visits, today=today), "cohort", language),
        "Funnel": group_figures(
            clients, of_the_year(journey, today=today), years, _nobodys(counted, each[~ours]), language=language
        ),
    }


def _overdue_before(sums: ClientSums, ours: Mask) -> float:
    """What the clients of the sheet (`ours` of `sums.ids`) owed past its day a year ago; NaN where nothing was ever
    invoiced."""
    return float(sums.overdue_before[ours].sum()) if len(ours) else np.nan


def _nobodys(counted: Counted, strange: pd.DataFrame) -> dict[str, float]:
    """The year's figures of purchases whose client the sheet Clients doesn't have (`strange`: the rows of
    `client_years` of such clients), or that name none."""
    years = strange[["active", "new", "lost"]].sum()
    return {
        "spend_12m": (counted.firm.nobodys + int(counted.sums.year[strange.index].sum())) / 100,
        **{f"{name}_clients": int(value) for name, value in years.items()},
    }


def _receivables(tables: Tables, settings: Settings, today: dt.date) -> dict[str, pd.DataFrame]:
    """The tables of the sheet Receivables, in a workbook that makes invoices."""
    return receivable_tables(
        tables["Documents"].frame, tables["Payments"].frame, _named(tables["Clients"].frame),
        today=today, currency=settings.currency, language=settings.language,
    )  # fmt: skip


def _named(clients: pd.DataFrame) -> dict[str, str]:
    """client_id -> how the client is called."""
    return dict(zip(as_text(clients["client_id"]).str.strip().to_list(), names(clients).to_list(), strict=True))


def _years(clients: pd.DataFrame, found: pd.DataFrame, spend: pd.Series[Any]) -> pd.DataFrame:
    """What `group_figures` wants to know about each row of Clients, from `client_years`; a client_id's second row
    counts for nothing."""
    ids = as_text(clients["client_id"]).str.strip()
    position = pd.Index(found["client_id"]).get_indexer(pd.Index(ids))
    counts = (position >= 0) & ~ids.duplicated().to_numpy() & (ids != "").to_numpy()
    years = found.drop(columns="client_id").reindex(np.where(counts, position, -1), fill_value=0).set_axis(ids.index)
    years["spend"] = spend.where(counts, 0.0)
    return years
