"""A column of addresses becomes a table: same rows, same index, text columns, and the column itself untouched."""

from __future__ import annotations

import pandas as pd
import pytest

from xlcrm.addresses import Address, split_address, split_addresses

TEXT = [name for name in Address._fields if name != "sure"]


@pytest.fixture
def column() -> pd.Series:
    values = ["Via dei Tigli 3, 20121 Milano MI", None, "12 Elm Road, Bath, BA1 1AA, UK", float("nan"), 42]
    return pd.Series(values, index=[7, 3, 9, 1, 5], name="address", dtype=object)


def test_the_table_has_the_rows_of_the_column(column: pd.Series) -> None:
    before = column.copy()
    table = split_addresses(column, country="IT")
    pd.testing.assert_series_equal(column, before)
    assert table.index.equals(column.index)
    assert list(table.columns) == list(Address._fields)
    assert all(table[name].dtype == "str" for name in TEXT)
    assert table.sure.dtype == bool
    assert not table.isna().to_numpy().any()


def test_every_row_is_split_as_it_is_alone(column: pd.Series) -> None:
    table = split_addresses(column, country="IT")
    alone = [split_address(value, country="IT") for value in column]
    assert [Address(*row) for row in table.itertuples(index=False)] == alone
    assert table.country.tolist() == ["IT", "", "GB", "", "IT"]


def test_countries_may_differ_by_row_and_be_names(column: pd.Series) -> None:
    countries = pd.Series(["Italien", "", "Norge", None, "US"], index=column.index)
    assert split_addresses(column, country=countries).country.tolist() == ["IT", "", "GB", "", "US"]


def test_a_country_series_of_another_length_is_refused(column: pd.Series) -> None:
    with pytest.raises(ValueError, match="argument"):
        split_addresses(column, country=pd.Series(["IT"]))


def test_an_empty_column_gives_an_empty_table() -> None:
    table = split_addresses(pd.Series([], dtype="str"))
    assert table.empty
    assert list(table.columns) == list(Address._fields)
    assert all(table[name].dtype == "str" for name in TEXT)
