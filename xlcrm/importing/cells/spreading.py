"""Spreading a mapped list: columns that hold several fields, or a second choice for one, become one column a field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from xlcrm.importing.cells import consent, joint_cells, person_or_company, second_choices, unclear_columns
from xlcrm.importing.cells.list_columns import ListColumns
from xlcrm.importing.incoming import Incoming, Mapped
from xlcrm.problems import Problem

# In this order: what a cell holds must be known before another column may stand in for it.
STEPS = (joint_cells.spread, second_choices.spread, unclear_columns.spread, person_or_company.spread, consent.spread)


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
