"""Rows of cells become one frame with the list's own headers; nothing that stands in the file is left out silently."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

import pandas as pd

from xlcrm.importing.incoming import Incoming
from xlcrm.importing.layout import SEARCHED, header_at, headers, is_blank_row
from xlcrm.problems import Problem

CHUNK = 50_000
# What one Excel cell can hold.
LONGEST = 32_767


def gather(rows: Iterable[Sequence[object]], *, file: str, sheet: str = "", first: int = 1) -> Incoming | None:
    """A list out of the rows of a file or sheet; None where there is none (no rows, or a single line of text).

    `first` is the row number of the first of `rows`. Rows that are wholly blank are left out. Cells beyond the last
    header get a column of their own, called by its letter. Text stays text. Problems of the list: import.no_header,
    import.rows_above, import.long_rows, import.too_long.
    """
    source = iter(rows)
    head = list(islice(source, SEARCHED + 20))
    if all(is_blank_row(row) for row in head):
        head += list(islice((row for row in source if not is_blank_row(row)), 1))
    place = header_at(head)
    problems = []
    if place < 0:
        if not any(len([c for c in row if str("" if c is None else c).strip()]) > 0 for row in head):
            return None
        problems.append(Problem("import.no_header", value=_name(file, sheet), level="note"))
    elif any(not is_blank_row(row) for row in head[:place]):
        above = [" ".join(str(c) for c in row if c not in (None, "")) for row in head[:place] if not is_blank_row(row)]
        problems.append(Problem("import.rows_above", row=first, value=" | ".join(above), level="note"))
    names = headers(head[place] if place >= 0 else [], max(map(len, head), default=0))
    given = len([c for c in head[place] if c not in (None, "")]) if place >= 0 else 0
    body = ((first + place + 1 + n, row) for n, row in enumerate(chain(head[place + 1 :], source)))
    frame, numbers, long = _frame((pair for pair in body if not is_blank_row(pair[1])), names)
    if given and long:
        problems.append(Problem("import.long_rows", row=long[0], values=(("count", str(len(long))),), level="doubt"))
    frame, cut = _short(frame, numbers)
    frame = frame[[c for c in frame.columns if not _is_nameless(c, names, head, place) or _has_values(frame[c])]]
    start = numbers[0] if numbers else first + place + 1
    whole = len(numbers) == 0 or numbers[-1] - numbers[0] == len(numbers) - 1
    return Incoming(file, sheet, frame, start, (*problems, *cut), () if whole else tuple(numbers))


def _name(file: str, sheet: str) -> str:
    return f"{file} / {sheet}" if sheet else file


def _frame(body: Iterator[tuple[int, Sequence[object]]], names: list[str]) -> tuple[pd.DataFrame, list[int], list[int]]:
    """The frame, the file's row number of each row, and the rows that are longer than the header."""
    parts: list[pd.DataFrame] = []
    numbers: list[int] = []
    long: list[int] = []
    width = len(names)
    while chunk := list(islice(body, CHUNK)):
        rows = [row for _, row in chunk]
        numbers += [number for number, _ in chunk]
        widest = max(map(len, rows))
        if widest > width:
            long += [number for number, row in chunk if len(row) > width and not is_blank_row(row[width:])]
        size = max(widest, width)
        columns = zip(*(row if len(row) == size else [*row, *[""] * (size - len(row))] for row in rows), strict=True)
        parts.append(pd.DataFrame({place: _series(values) for place, values in enumerate(columns)}))
    if not parts:
        return pd.DataFrame({name: pd.Series([], dtype="str") for name in names}), [], []
    whole = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    extra = headers([], whole.shape[1])[width:]
    whole.columns = pd.Index(headers([*names, *extra], whole.shape[1]), dtype="str")
    for column in whole.columns:
        if isinstance(whole[column].dtype, pd.StringDtype) and whole[column].isna().any():
            whole[column] = whole[column].fillna("")
    return whole, numbers, long


def _series(values: Sequence[object]) -> pd.Series[Any]:
    """str where every cell is text or blank, else the cells as read with None where blank."""
    if all(isinstance(value, str) or value is None for value in values):
        return pd.Series(["" if value is None else value for value in values], dtype="str")
    return pd.Series([None if v is None or v == "" else _cell(v) for v in values], dtype=object)


def _cell(value: object) -> object:
    if isinstance(value, dt.datetime | str | float | int | bool):
        return value
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    return str(value)


def _short(frame: pd.DataFrame, numbers: list[int]) -> tuple[pd.DataFrame, list[Problem]]:
    """Text longer than a cell can hold is cut, and said so."""
    problems = []
    changed = {}
    for column in frame.columns:
        if not isinstance(frame[column].dtype, pd.StringDtype):
            continue
        over = frame[column].str.len() > LONGEST
        if over.any():
            row = numbers[int(over.to_numpy().argmax())]
            changed[column] = frame[column].str.slice(0, LONGEST)
            problems.append(
                Problem("import.too_long", row=row, column=str(column), values=(("count", str(over.sum())),))
            )
    return frame.assign(**changed) if changed else frame, problems


def _is_nameless(column: str, names: list[str], head: list[Sequence[object]], place: int) -> bool:
    if column not in names or place < 0:
        return True
    at = names.index(column)
    return at >= len(head[place]) or head[place][at] in (None, "") or not str(head[place][at]).strip()


def _has_values(column: pd.Series[Any]) -> bool:
    return any(value is not None and str(value).strip() for value in column)
