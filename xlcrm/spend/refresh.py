"""The operation behind the button Refresh: all calculated columns and the dashboard, written where they changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import schema
from xlcrm.errors import CrmError
from xlcrm.plan import Change, Plan, diff, fixed
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.spend import dashboard, firm
from xlcrm.spend.call_list import call_list
from xlcrm.spend.client_figures import client_figures
from xlcrm.spend.currencies import read_rates
from xlcrm.spend.findings import findings
from xlcrm.spend.funnel import group_figures, journeys
from xlcrm.spend.lifetime_value import ENOUGH_CLIENTS, ENOUGH_REPEATS
from xlcrm.spend.lines import Lines, read_lines
from xlcrm.spend.rhythm import Days, purchase_days
from xlcrm.tables import Tables
from xlcrm.values import as_text

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

    Reads Clients and Purchases, and Interactions and Rates where there are any. Tables and columns that a workbook
    lacks are skipped with a note. What is odd about the purchases comes back as problems of level "note". Nothing to
    change gives an empty plan. CrmError "refresh.no_table" without Clients or Purchases, "refresh.no_client_id" where
    one of them has no column client_id.
    """
    for name in ("Clients", "Purchases"):
        if name not in tables:
            raise CrmError("refresh.no_table", table=name)
        if "client_id" not in tables[name].frame.columns:
            raise CrmError("refresh.no_client_id", sheet=tables[name].sheet)
    clients, purchases = tables["Clients"], tables["Purchases"]
    rates = read_rates(tables["Rates"].frame if "Rates" in tables else None, settings.country)
    lines = read_lines(purchases.frame, today=today, currency=settings.currency, rates=rates, country=settings.country)
    figures = client_figures(
        lines,
        today=today,
        payment_days=settings.payment_days,
        language=settings.language,
        with_value="value_12m" in clients.frame.columns,
    )
    ids = as_text(clients.frame["client_id"]).str.strip()
    after = by_row(figures.frame, ids)
    changes, lacking = _dashboard(tables, lines, after, settings, today)
    missing = [column for column in CALCULATED if column not in clients.frame.columns]
    done: dict[str, object] = {"clients": int((ids != "").sum()), "lines": len(lines.row)}
    notes = [("refresh.done", done)]
    if lines.currency not in ("", settings.currency):
        notes.append(("refresh.currency", {"currency": lines.currency}))
    if figures.value_reason:
        notes.append((figures.value_reason, {"clients": ENOUGH_CLIENTS, "repeats": ENOUGH_REPEATS}))
    if missing or lacking:
        notes.append(("refresh.lacking", {"names": ", ".join([*missing, *lacking])}))
    problems: tuple[Problem, ...] = findings(purchases, lines, pd.Index(ids.unique()))
    return Plan(
        "refresh",
        changes=diff(clients, after[[c for c in CALCULATED if c in after.columns]], key="client_id") + changes,
        problems=problems,
        notes=tuple(notes),
    )


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
    tables: Tables, lines: Lines, after: pd.DataFrame, settings: Settings, today: dt.date
) -> tuple[tuple[Change, ...], list[str]]:
    """Changes of the tables that feed the dashboard, and the names of those that the workbook lacks."""
    clients, days = tables["Clients"].frame, purchase_days(lines)
    interactions = tables["Interactions"].frame if "Interactions" in tables else None
    language, country, spend = settings.language, settings.country, after["spend_12m"]
    journey = journeys(
        clients, interactions, after["first_purchase"], bought=after["orders"] > 0, today=today, country=country
    )
    years = _years(clients, lines, days, spend, today)
    overdue = float(after["overdue_amount"].sum(min_count=1))
    fed = {
        "KeyFigures": dashboard.key_figures(lines, days, journey, overdue=overdue, today=today, language=language),
        "CallList": call_list(clients, after, interactions, today=today, language=language, country=country),
        "Months": firm.months(lines, days, today=today),
        "Stages": dashboard.stages(journey["stage"], language=language),
        "TopClients": dashboard.top_clients(clients, spend),
        "Sectors": dashboard.sectors(clients, spend, language=language),
        "Buyers": dashboard.buyers(days, language=language),
        "Cohorts": firm.cohorts(days, today=today),
        "Funnel": group_figures(clients, journey, years, language=language),
    }
    changes = [change for name, frame in fed.items() if name in tables for change in fixed(tables[name], frame)]
    return tuple(changes), [name for name in fed if name not in tables]


def _years(clients: pd.DataFrame, lines: Lines, days: Days, spend: pd.Series[Any], today: dt.date) -> pd.DataFrame:
    """What `group_figures` wants to know about each row of Clients; a client_id's second row counts for nothing."""
    ids = as_text(clients["client_id"]).str.strip()
    found = firm.client_years(lines, days, today=today)
    position = pd.Index(found["client_id"]).get_indexer(pd.Index(ids))
    counts = (position >= 0) & ~ids.duplicated().to_numpy() & (ids != "").to_numpy()
    years = found.drop(columns="client_id").reindex(np.where(counts, position, -1), fill_value=0).set_axis(ids.index)
    years["spend"] = spend.where(counts, 0.0)
    return years
