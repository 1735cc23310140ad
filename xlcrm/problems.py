"""A Problem in a person's records as a value: found, listed and ignored like data, never raised."""

from __future__ import annotations

from typing import NamedTuple

from xlcrm import messages

THERE = "there"
"""Among a problem's values: the line of a source that it is about, where the sheet has no row of it."""


class Problem(NamedTuple):
    """One finding about one cell, row or table.

    code        stable name, also the key of its sentence in `xlcrm/messages/*.csv` (e.g. "email.no_at")
    table       canonical table name ("Clients"), or "" for the workbook or an import file
    row         Excel row number as the user sees it, 0 where the finding is about a column or the whole table
    key         client_id (or invoice) of the row, "" where it has none
    column      canonical column, or the header as typed for a user's own column; "" for a whole row
    value       what was typed, as text
    suggestion  the value that would be right, "" where nobody can know
    safe        True where the suggestion can be applied without asking
    level       "error" (surely wrong), "doubt" (two readings), "note" (worth knowing)
    values      further placeholders of the sentence
    listed      the sentence as it stands in the sheet Problems already; "" where it is still to be made
    """

    code: str
    table: str = ""
    row: int = 0
    key: str = ""
    column: str = ""
    value: str = ""
    suggestion: str = ""
    safe: bool = False
    level: str = "error"
    values: tuple[tuple[str, str], ...] = ()
    listed: str = ""

    def sentence(self, language: str = "en") -> str:
        """What is wrong and what to do, without the place; what is listed already is shown as it stands there."""
        if self.listed:
            return self.listed
        fill = {"value": self.value, "suggestion": self.suggestion, "column": self.column, **dict(self.values)}
        said = messages.text(self.code, language, **fill)
        there = fill.get(THERE)
        return f"{said} {messages.text('problem.there', language, there=there)}" if there else said
