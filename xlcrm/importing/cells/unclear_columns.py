"""Unclear columns of an address ("PLZ L", "Ort R"): whose they are nobody knows, so a blank beside them is asked."""

from __future__ import annotations

from collections.abc import Sequence

from xlcrm import words
from xlcrm.importing import header_words, judging
from xlcrm.importing.cells.list_columns import ListColumns
from xlcrm.importing.incoming import Mapped
from xlcrm.problems import Problem

# A mark that no word explains is so short.
MARK = 2
ASKED = ("street", "address", "postal_code", "city", "po_box")


def spread(columns: ListColumns) -> None:
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
