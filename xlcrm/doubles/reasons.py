"""Reasons why two clients may be one, made of the engine's codes, in the six languages.

The engine says (field, level, bits); a person reads two short lists, what agrees and what differs, in the headers of
their own workbook. Sentences stand in `xlcrm/messages/doubles.csv`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from xlcrm import messages, words
from xlcrm.doubles.finding import Codes
from xlcrm.doubles.prepared import KINDS

DIFFERENT = frozenset({"different", "two_names", "near_names", "distant", "generation", "year"})
_ALONE = frozenset({"equal", "different"})  # the column's name says all
_BESIDE = frozenset({"veto", "relation", "names"})  # what is no field
# Fields that the sheet does not show side by side: where they differ, both values are named.
UNSEEN = frozenset(KINDS) - {
    "first_name",
    "last_name",
    "email",
    "phone",
    "street",
    "house_number",
    "postal_code",
    "city",
}


class Reasons(NamedTuple):
    """What agrees and what differs, each a text."""

    agrees: str
    differs: str


def reasons(
    codes: Codes, language: str, headers: Mapping[str, str], values: Callable[[str], tuple[str, str]]
) -> Reasons:
    """The codes of one pair as two texts: "E-mail; First name (a short form or a slip)" and "Birth date (...)".

    headers  column -> header of the workbook's table Clients; the schema's word where it has none
    values   of a column the two clients' cells as text, for fields that differ and are not shown side by side
    """
    agrees, differs = [], []
    for field, level, _ in codes:
        if field in _BESIDE:
            continue
        name = headers.get(field) or words.header("Clients", field, language)
        if level in DIFFERENT:
            differs.append(_said(name, _detail(field, level, language), values(field) if field in UNSEEN else ()))
        else:
            agrees.append(_said(name, _detail(field, level, language), ()))
    beside = {field: level for field, level, _ in codes if field in _BESIDE}
    if "names" in beside:
        agrees.append(messages.text("double.swapped", language))
    differs += [
        messages.text(f"double.{kind}.{beside[kind]}", language) for kind in ("veto", "relation") if kind in beside
    ]
    return Reasons("; ".join(agrees), "; ".join(differs))


def level_text(field: str, level: str, language: str) -> str:
    """What a level of a field says, e.g. "a slip apart"."""
    own = f"double.level.{KINDS[field]}.{level}"
    return messages.text(own if own in messages.catalogue() else f"double.level.{level}", language)


def _detail(field: str, level: str, language: str) -> str:
    own = f"double.level.{KINDS[field]}.{level}"
    if level in _ALONE and own not in messages.catalogue():
        return ""
    return level_text(field, level, language)


def _said(name: str, detail: str, values: tuple[str, ...]) -> str:
    """ "Birth date (a slip apart: 1980-03-12 / 1980-03-13)"."""
    told = ": ".join(filter(None, (detail, " / ".join(values) if all(values) else "")))
    return f"{name} ({told})" if told else name
