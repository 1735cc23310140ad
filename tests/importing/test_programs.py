"""Programs are known by their header line, and each of their words means one thing."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

from xlcrm import schema
from xlcrm.importing import programs
from xlcrm.importing.mapping import HELPERS, map_columns

MANY = 75


def headers_of(program: str) -> list[str]:
    """A block's first word for each field, so that every field is there once."""
    rows = [row for row in programs.rows() if row["program"] == program and row["table"] != "fact"]
    return list(dict.fromkeys(row["headers"].split("|")[0] for row in rows))


@pytest.mark.parametrize("program", programs.names())
def test_a_program_is_known_by_its_own_header_line(program: str) -> None:
    headers = headers_of(program)
    found = programs.program_of(headers)
    tables = {row["table"] for row in programs.rows() if row["program"] == program} - {"fact"}
    told = {(t, h): programs.field_of(found, t, h) for t in tables for h in headers}
    meant = {(t, h): programs.field_of(program, t, h) for t in tables for h in headers}
    # programs of one family may be taken for each other where their words mean the same
    differ = [key for key in meant if told[key] not in {meant[key], ""} and meant[key]]
    assert found == program or len(differ) <= 1


def test_every_field_of_a_program_exists() -> None:
    for row in programs.rows():
        if row["table"] == "fact" or row["field"] == programs.NO_FIELD:
            continue
        column = schema.table(row["table"]).column(row["field"])
        assert row["field"] in HELPERS or (column is not None and not column.calculated), row


def test_a_word_of_a_program_means_one_thing() -> None:
    words = Counter(
        (row["program"], row["table"], " ".join(word.split()).casefold())
        for row in programs.rows()
        if row["table"] != "fact"
        for word in row["headers"].split("|")
    )
    assert [key for key, times in words.items() if times > 1] == []


def test_the_programs_are_many() -> None:
    assert len(programs.names()) >= MANY


@pytest.mark.parametrize(
    "headers",
    [
        ["Name", "Email", "City"],
        ["Nombre", "Apellidos", "Teléfono", "Ciudad"],
        ["Kundennummer", "Name", "Ort"],
        ["Fecha", "Cliente", "Concepto", "Importe", "Nº factura"],
    ],
)
def test_usual_words_are_no_program(headers: list[str]) -> None:
    assert programs.program_of(headers) == ""


def test_a_word_that_a_program_has_for_something_else_stays_out() -> None:
    frame = pd.DataFrame(
        {h: pd.Series(["a@example.com" if "mail" in h else "x1"], dtype="str") for h in headers_of("Shopify orders")}
    )
    got = {m.header: m.field for m in map_columns(frame, "Purchases")}
    assert got["Name"] == "invoice"
    assert got["Financial Status"] == ""
