"""Where a list begins: titles and blank lines above the header, nameless columns and ragged rows are all usual."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from xlcrm.importing import header_words
from xlcrm.importing.judging import EMAIL

# A header stands within the first rows; below that a list would be hidden under a page of text.
SEARCHED = 40
_NUMBER = re.compile(r"[+-]?[\d\s.,'/:%()-]*\d[\d\s.,'/:%()-]*")
_TABLES = ("Clients", "Purchases", "Interactions", "ambiguous")


def header_at(rows: Sequence[Sequence[object]]) -> int:
    """The index of the header row among the first rows of a sheet, -1 where the list has none.

    A header row is text in several different cells, at least as wide as the data below it, and most often holds words
    that are known as headers. A first row that looks like data (numbers, dates, e-mails) means that there is no header.
    """
    best, best_score = -1, 0.0
    widths = [len(_filled(row)) for row in rows]
    usual = max(widths[1:] or widths or [0])
    for place, row in enumerate(rows[:SEARCHED]):
        cells = _filled(row)
        if not cells:
            continue
        score = _score(cells, usual)
        if score > best_score + 1e-9:
            best, best_score = place, score
    return best


def headers(row: Sequence[object], width: int) -> list[str]:
    """Column names of a header row: as typed, each different, a nameless column called by its letter ("C").

    Excel takes headers as different only if they differ in more than case; so does this.
    """
    names: list[str] = []
    seen: set[str] = set()
    for place in range(width):
        typed = row[place] if place < len(row) else ""
        name = " ".join(str("" if typed is None else _plain(typed)).split())[:255] or letter(place)
        unique, times = name, 1
        while unique.casefold() in seen:
            times += 1
            unique = f"{name} ({times})"
        seen.add(unique.casefold())
        names.append(unique)
    return names


def letter(place: int) -> str:
    """The letters by which a spreadsheet calls a column: 0 is A, 26 is AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def known_header(text: str) -> bool:
    """True where some table has such a column, or a list may call one so."""
    return any(header_words.readings(table, text) for table in _TABLES[:3]) or bool(header_words.ambiguous(text))


def is_blank_row(row: Iterable[object]) -> bool:
    return not any(cell is not None and str(cell).strip() for cell in row)


def _filled(row: Sequence[object]) -> list[object]:
    return [cell for cell in row if cell is not None and str(cell).strip()]


def _score(cells: Sequence[object], usual: int) -> float:
    """0 for what can't be a header; higher for wider rows with more known words."""
    texts = [str(cell).strip() for cell in cells if isinstance(cell, str)]
    dataish = len(cells) - len(texts) + sum(_is_data(text) for text in texts)
    known = sum(known_header(text) for text in texts)
    if usual > 1 and len(cells) == 1 and not known:
        return 0.0  # a title above the list
    if dataish and (not known or dataish >= len(cells) / 2):
        return 0.0
    repeated = sum(times - 1 for times in Counter(text.casefold() for text in texts).values())
    long = sum(len(text) > 60 for text in texts)
    share = len(cells) / max(usual, 1)
    if not known and (share < 0.5 or long):
        return 0.0
    return known * 3 + min(share, 1) * 2 - repeated - long * 2


def _is_data(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text) or EMAIL.fullmatch(text)) and not header_words.readings("Clients", text)


def _plain(cell: object) -> object:
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date()
    return cell
