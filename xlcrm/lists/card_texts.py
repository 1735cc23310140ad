"""Card texts: what stands on a client card, and on the blank form that is filled in by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from babel import dates, numbers

from xlcrm import messages, schema, words
from xlcrm.lists.recipients import Recipient
from xlcrm.papers.paper_texts import CardField, CardGroup, CardTable, CardText
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.values import as_date, as_number, as_text

# group -> its columns, in the order of a card; those with a star take a whole line, those with a number so many
GROUPS: dict[str, str] = {
    "card.who": "kind full_name company legal_form title job_title gender birth_date tax_id sector",
    "card.reach": "phone mobile email website preferred_contact language",
    "card.address": "address*2 delivery_address*2",
    "card.business": "status source salesperson territory acquired_on potential consent_on opt_out_email opt_out_post"
    " opt_out_phone",
    "card.figures": "total_spend orders spend_12m last_purchase open_amount expected_next",
    "card.notes": "notes*4",
}
TABLES: dict[str, tuple[str, str, int]] = {
    "card.people": ("People", "full_name job_title role phone email", 8),
    "card.purchases": ("Purchases", "date invoice product quantity amount", 8),
    "card.contacts": ("Interactions", "date kind by subject outcome", 8),
}
NOT_ON_A_FORM = frozenset(("card.figures",))  # xlcrm works these out
_LOCALE = {"nb": "nb_NO", "en": "en_GB"}


def card_texts(tables: Tables, kept: Sequence[Recipient], settings: Settings) -> list[CardText]:
    """A card for each: the cells that are filled, and the last purchases, contacts and people of the client."""
    clients = tables["Clients"]
    cells = _shown_cells(clients, settings)
    beside = {title: _rows_by_client(tables, *spec, settings) for title, spec in TABLES.items()}
    made = []
    for each in kept:
        at = each.excel_row - clients.first_row
        value = {name: column[at] for name, column in cells.items()}
        value["address"] = value.get("address") or "\n".join(each.row["lines"])
        groups = [_group(title, settings.language, value) for title in GROUPS]
        shown = tuple(table for title in TABLES if (table := beside[title](each.key, title)) is not None)
        made.append(
            CardText(
                each.key,
                each.excel_row,
                str(each.row["name"]),
                each.key,
                settings.language,
                tuple(group for group in groups if group.fields),
                shown,
            )
        )
    return made


def blank_card(settings: Settings) -> CardText:
    """The form: every field that people fill, with room to write and words to tick."""
    language = settings.language
    groups = tuple(_group(title, language, None) for title in GROUPS if title not in NOT_ON_A_FORM)
    return CardText("", 0, messages.text("card.new", language), language=language, groups=groups)


def _group(title: str, language: str, values: dict[str, str] | None) -> CardGroup:
    """One group of fields: on a card those that are filled, on a form (no `values`) all of them."""
    found = []
    for item in GROUPS[title].split():
        name, star, lines = item.partition("*")
        value = "" if values is None else values.get(name, "")
        if value or values is None:
            choices = _choices(name, language) if values is None else ()
            label = words.header("Clients", name, language)
            found.append(CardField(label, value, bool(star), int(lines or 1), choices))
    return CardGroup(messages.text(title, language), tuple(found))


def _choices(name: str, language: str) -> tuple[str, ...]:
    """What can be ticked on the form."""
    column = schema.table("Clients").column(name)
    if column is None or not (column.choices or column.kind == "flag"):
        return ()
    return words.choices(column.choices, language) if column.choices else words.choices("done", language)[:1]


def _shown_cells(table: Table, settings: Settings) -> dict[str, list[str]]:
    """The cells of a table as a person of this language reads them."""
    return {str(name): _shown(table, str(name), settings) for name in table.frame.columns}


def _shown(table: Table, name: str, settings: Settings) -> list[str]:
    frame, country, language = table.frame, settings.country, settings.language
    spec = schema.table(table.name).column(name)
    kind = spec.kind if spec else "text"
    typed = list(as_text(frame[name]).str.strip())
    if kind == "date":
        read = as_date(frame[name], country)[0]
        return [text if pd.isna(day) else _day(day, language) for text, day in zip(typed, read, strict=True)]
    if kind in schema.NUMBERS:
        read = as_number(frame[name], country)[0]
        return [text if pd.isna(n) else _number(n, kind, language) for text, n in zip(typed, read, strict=True)]
    return typed


def _day(day: Any, language: str) -> str:
    return str(dates.format_date(day, "medium", locale=_LOCALE.get(language, language)))


def _number(number: float, kind: str, language: str) -> str:
    pattern = {"money": "#,##0.00", "percent": "#,##0.#%"}.get(kind, "#,##0.###")
    return str(numbers.format_decimal(number, pattern, locale=_LOCALE.get(language, language)))


def _rows_by_client(
    tables: Tables, name: str, columns: str, most: int, settings: Settings
) -> Callable[[str, str], CardTable | None]:
    """What makes the card's table of a client from the table `name`: the newest rows, None where there is none."""
    if name not in tables or "client_id" not in tables[name].frame:
        return lambda client, title: None
    table = tables[name]
    there = [column for column in columns.split() if column in table.frame]
    shown = _shown_cells(table, settings)
    of_client = _newest_first(table, shown["client_id"], settings.country)
    numeric = [n for n, c in enumerate(there) if (s := schema.table(name).column(c)) and s.kind in schema.NUMBERS]

    def made(client: str, title: str) -> CardTable | None:
        rows = of_client.get(client, [])[:most] if client else []
        header = tuple(words.header(name, column, settings.language) for column in there)
        cells = tuple(tuple(shown[column][at] for column in there) for at in rows)
        heading = messages.text(title, settings.language)
        return CardTable(heading, header, cells, frozenset(numeric)) if rows else None

    return made


def _newest_first(table: Table, ids: Sequence[str], country: str) -> dict[str, list[int]]:
    """client_id -> the positions of its rows, the newest first where they have a date."""
    order = list(range(len(table.frame)))
    if "date" in table.frame:
        days = as_date(table.frame["date"], country)[0].fillna(pd.Timestamp.min)
        order.sort(key=list(days).__getitem__, reverse=True)
    found: dict[str, list[int]] = {}
    for at in order:
        found.setdefault(ids[at], []).append(at)
    return found
