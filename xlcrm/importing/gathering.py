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
    if all(is_blank_row(row) for row in head):
        return None
    place = header_at(head)
    top = head[place] if place >= 0 else ()
    width = max((at + 1 for at, cell in enumerate(top) if not is_blank_row([cell])), default=0)
    names = headers(top, max(map(len, head)))
    body = ((first + place + 1 + n, row) for n, row in enumerate(chain(head[place + 1 :], source)))
    frame, numbers, long = _frame((pair for pair in body if not is_blank_row(pair[1])), names, width)
    problems = _about_layout(head[: max(place, 0)], place, long, first, f"{file} / {sheet}" if sheet else file)
    frame, cut = _short(frame, numbers)
    named = {name for name, cell in zip(names, top, strict=False) if not is_blank_row([cell])}
    frame = frame[[c for c in frame.columns if c in named or _has_values(frame[c])]]
    start = numbers[0] if numbers else first + place + 1
    whole = not numbers or numbers[-1] - numbers[0] == len(numbers) - 1
    return Incoming(file, sheet, frame, start, (*problems, *cut), () if whole else tuple(numbers))


def _about_layout(above: list[Sequence[object]], place: int, long: list[int], first: int, name: str) -> list[Problem]:
    problems = []
    if place < 0:
        problems.append(Problem("import.no_header", value=name, level="note"))
    texts = [" ".join(str(cell) for cell in row if not is_blank_row([cell])) for row in above if not is_blank_row(row)]
    if texts:
        problems.append(Problem("import.rows_above", row=first, value=" | ".join(texts), level="note"))
    if long:
        problems.append(Problem("import.long_rows", row=long[0], values=(("count", str(len(long))),), level="doubt"))
    return problems


def _frame(
    body: Iterator[tuple[int, Sequence[object]]], names: list[str], given: int
) -> tuple[pd.DataFrame, list[int], list[int]]:
    """The frame, the file's row number of each row, and the rows with cells beyond the `given` header cells."""
    parts: list[pd.DataFrame] = []
    numbers: list[int] = []
    long: list[int] = []
    width = len(names)
    while chunk := list(islice(body, CHUNK)):
        rows = [row for _, row in chunk]
        numbers += [number for number, _ in chunk]
        widest = max(map(len, rows))
        if 0 < given < widest:
            long += [number for number, row in chunk if len(row) > given and not is_blank_row(row[given:])]
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


def _has_values(column: pd.Series[Any]) -> bool:
    return any(value is not None and str(value).strip() for value in column)
