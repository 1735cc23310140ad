"""A table that has something kept beside it, in memory."""

from __future__ import annotations

import pandas as pd

from xlcrm.tables import KeptBeside, Table
from xlcrm.xlsx.reading import kept_tables


class HeldTable:
    """A table with what is kept of it; counts how often something was put there."""

    def __init__(self, frame: pd.DataFrame, name: str = "Purchases") -> None:
        self.bodies: dict[tuple[str, str], bytes] = {}
        self.puts = 0
        self.beside: KeptBeside = kept_tables.beside(self, name, "rows", frame)
        self.table = Table(name, name, frame, {}, beside=self.beside)

    def get(self, table: str, key: str) -> bytes | None:
        return self.bodies.get((table, key))

    def put(self, table: str, key: str, body: bytes) -> None:
        self.bodies[table, key] = body
        self.puts += 1
