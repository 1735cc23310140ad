"""Spreading a mapped list: columns that hold several fields, or a second choice for one, become one column a field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from xlcrm import words
from xlcrm.importing import header_words, judging
from xlcrm.importing.cells import consent, joint_cells, person_or_company, second_choices
from xlcrm.importing.cells.list_columns import ListColumns
from xlcrm.importing.incoming import Incoming, Mapped
from xlcrm.problems import Problem

# Unclear columns of an address ("PLZ L", "Ort R"): whose they are nobody knows, so a blank beside them is asked.

# A mark that no word explains is so short.
MARK = 2
ASKED = ("street", "address", "postal_code", "city", "po_box")


def ask_unclear(columns: ListColumns) -> None:
    """A question a field: rows in which it is blank, while a column of an unclear address has something."""
    for field in ASKED:
        headers = [m.header for m in columns.mapped.values() if _field_of(columns, m) == field]
        if headers:
            _ask(columns, field, headers)


def _field_of(columns: ListColumns, one: Mapped) -> str:
    """The field of an address that a column would be but for the mark at the end of its header; "" for others."""
    parts = header_words.tokens(one.header)
    if one.field or one.spare or len(parts) < 2 or len(parts[-1]) > MARK or not parts[-1].isalpha():
        return ""
    found = {r.field for r in header_words.readings("Clients", " ".join(parts[:-1]))}
    values = judging.sample(columns.frame[one.header])
    return next((f for f in ASKED if f in found and values and judging.fits("Clients", f, values)), "")


def _ask(columns: ListColumns, field: str, headers: Sequence[str]) -> None:
    have = columns.get(field) if field not in {"street", "address"} else _either(columns)
    beside = [" ".join(filter(None, row)) for row in zip(*(columns.text(h) for h in headers), strict=True)]
    rows = [row for row, (old, other) in enumerate(zip(have, beside, strict=True)) if other and not old]
    if not rows:
        return
    label = words.header("Clients", field, columns.language)
    values = (
        ("count", str(len(rows))), ("file", columns.incoming.name), ("field", label), ("headers", ", ".join(headers)),
    )  # fmt: skip
    at = rows[0]
    columns.problems.append(
        Problem("import.whose_address", row=columns.incoming.row(at), column=field, value=beside[at], level="doubt",
                values=values)
    )  # fmt: skip


def _either(columns: ListColumns) -> list[str]:
    return [a or b for a, b in zip(columns.get("street"), columns.get("address"), strict=True)]


# In this order: what a cell holds must be known before another column may stand in for it.
STEPS = (joint_cells.spread, second_choices.spread, ask_unclear, person_or_company.spread, consent.spread)


class Spread(NamedTuple):
    """A list of which every mapped column holds one field; `problems` is what nobody could read."""

    incoming: Incoming
    mapped: tuple[Mapped, ...]
    problems: tuple[Problem, ...]


def spread(one: Incoming, mapped: Sequence[Mapped], *, country: str = "", language: str = "en") -> Spread:
    """The list laid out for the workbook. Rows and their order stay; columns may be added, cells move within a row.

    `country` is the workbook's (ISO 3166 alpha-2), `language` that of the flags and of new columns' names. Spare
    columns (Mapped.spare) fill their field where it is blank; helper fields (mapping.HELPERS) but "discount" and
    "last_or_company" are taken apart. What finds no place stays a user's own column. Findings:
    import.consent_unclear, import.whose_address, import.either. The list given is not changed.
    """
    columns = ListColumns(one, one.frame, {m.header: m for m in mapped}, country, language)
    for step in STEPS if any(m.table == "Clients" or m.spare for m in mapped) else ():
        step(columns)
    return Spread(replace(one, frame=columns.frame), tuple(columns.mapped.values()), tuple(columns.problems))
