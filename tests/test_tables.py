"""Tables are read when they are asked for, and not before."""

from __future__ import annotations

import pandas as pd
import pytest

from xlcrm.tables import Table, Tables


def test_a_table_is_read_once_and_only_when_it_is_asked_for() -> None:
    read: list[str] = []

    def load(name: str) -> Table:
        read.append(name)
        return Table(name, name, pd.DataFrame(), {}, first_row=5)

    tables = Tables(("Clients", "Purchases"), load)
    assert "Clients" in tables
    assert "Nowhere" not in tables
    assert list(tables) == ["Clients", "Purchases"]
    assert len(tables) == 2
    assert read == []
    assert tables["Clients"] is tables["Clients"]
    assert read == ["Clients"]
    assert tables["Clients"].excel_row(3) == 8
    assert tables.get("Nowhere") is None


def test_an_unknown_table_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Tables.of()["Clients"]
