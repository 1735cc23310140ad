"""The tables of a client file in one place, so that workbook, reader, import and documents cannot disagree.

Their columns stand in `columns.py`; the words a user sees (headers, sheet titles, choices) are in `words.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from xlcrm import columns
from xlcrm.columns import CLIENTS_CALCULATED as CLIENTS_CALCULATED
from xlcrm.columns import CLIENTS_TYPED as CLIENTS_TYPED
from xlcrm.columns import NUMBERS as NUMBERS
from xlcrm.columns import PROBLEMS as PROBLEMS
from xlcrm.columns import Column as Column


@dataclass(frozen=True)
class TableSpec:
    """One Excel table: the sheet it stands on, its columns, and how many rows it has where that never changes."""

    name: str
    sheet: str
    columns: tuple[Column, ...]
    fixed_rows: int = 0

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    @property
    def key(self) -> str:
        """The column that names a row to a user."""
        names = [column.name for column in self.columns]
        return "client_id" if self.name == "Clients" else names[0]


def _fed(name: str, lines: str, rows: int, sheet: str = "Figures") -> TableSpec:
    return TableSpec(name, sheet, columns.columns(lines, calculated=True), rows)


TABLES: tuple[TableSpec, ...] = (
    TableSpec("Clients", "Clients", CLIENTS_TYPED + CLIENTS_CALCULATED),
    TableSpec("Purchases", "Purchases", columns.PURCHASES),
    TableSpec("Interactions", "Interactions", columns.INTERACTIONS),
    TableSpec("Segments", "Segments", columns.SEGMENTS),
    TableSpec("Lists", "Lists", columns.LISTS),
    TableSpec("Problems", "Problems", columns.PROBLEMS),
    TableSpec("Duplicates", "Duplicates", columns.DUPLICATES),
    TableSpec("Changes", "Changes", columns.CHANGES),
    TableSpec("Settings", "Settings", columns.columns("setting text 30\nvalue text 30\nmeaning text 70")),
    TableSpec("Rates", "Settings", columns.columns("currency text 12\nrate number 12\nfrom_date date 12")),
    _fed("KeyFigures", columns.KEY_FIGURES, 10, "Dashboard"),
    _fed("CallList", columns.CALL_LIST, 12, "Dashboard"),
    _fed("Months", columns.MONTHS, 24),
    _fed("Stages", "status text 14\nclients integer 10", 4),
    _fed("TopClients", "name text 26\nspend money 12", 10),
    _fed("Sectors", "sector text 18\nspend money 12", 8),
    _fed("Buyers", "kind text 18\nclients integer 10", 2),
    _fed("Cohorts", columns.COHORTS, 12, "Dashboard"),
    _fed("Funnel", columns.FUNNEL, 33, "Funnel"),
    TableSpec("FoundBy", "Found", columns.FOUND_BY, 1),
    TableSpec("Found", "Found", columns.columns(columns.FOUND, calculated=True)),
)
SETTINGS: dict[str, str] = {
    "country": "",
    "language": "en",
    "currency": "EUR",
    "company": "",
    "backup_folder": "",
    "keep_last": "20",
    "keep_daily": "14",
    "keep_weekly": "8",
    "keep_monthly": "12",
    "keep_yearly": "10",
    "payment_days": "30",
    "stale_months": "18",
}


def table(name: str) -> TableSpec:
    """The specification of a table; KeyError where the schema has no such table (a user's own)."""
    for spec in TABLES:
        if spec.name == name:
            return spec
    raise KeyError(name)
