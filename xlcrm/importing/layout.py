"""Layout of a raw list: which row is the header below titles and blank lines, nameless columns, ragged rows."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

import pandas as pd

from xlcrm.importing import header_words
from xlcrm.importing.evidence import form_services
from xlcrm.importing.incoming import Incoming
from xlcrm.importing.judging import EMAIL
from xlcrm.importing.rows.records import group_name
from xlcrm.problems import Problem
from xlcrm.text import caseless, numbered
from xlcrm.values import NO, YES

# A header stands within the first rows; below that a list would be hidden under a page of text.
SEARCHED = 40
_NUMBER = re.compile(r"[+-]?[\d\s.,'/:%()-]*\d[\d\s.,'/:%()-]*")
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?:[ T]\d.*)?")
_WEB = re.compile(r"https?://|www\.", re.IGNORECASE)
_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|BEZUG!|WERT!|NV|N/D|¡REF!|VALOR!)")
_TABLES = ("Clients", "Purchases", "Interactions", "ambiguous")


def header_at(rows: Sequence[Sequence[object]]) -> int:
    """The index of the header row among the first rows of a sheet, -1 where the list has none.

    A header row is text in several different cells, at least as wide as the data below it, and most often holds words
    that are known as headers. A row that looks like data (numbers, dates, e-mails, answers, values that stand again
    below) is none (see EVIDENCE), whatever words it holds.
    """
    best, best_score = -1, 0.0
    keys = [tuple(header_words.key(str(cell)) for cell in _filled(row)) for row in rows]
    widths = [len(_filled(row)) for row in rows]
    usual = max(widths[1:] or widths or [0])
    for place, row in enumerate(rows[:SEARCHED]):
        cells = _filled(row)
        if not cells:
            continue
        below = [other for other, key in zip(rows[place + 1 :], keys[place + 1 :], strict=True) if key != keys[place]]
        score = _score(row, usual, below)
        if score > max(best_score * BETTER, best_score + 1e-9):
            best, best_score = place, score
    return best


def headers(row: Sequence[object], width: int) -> list[str]:
    """Column names of a header row: as typed, each different, a nameless column called by its letter ("C").

    So is a column whose header is an error ("#N/A").

    Excel takes headers as different only if they differ in more than case; so does this.
    """
    names = []
    for place in range(width):
        typed = row[place] if place < len(row) else ""
        name = " ".join(str("" if typed is None else _plain(typed)).split())[:255]
        names.append(letter(place) if not name or _ERROR.fullmatch(name) else name)
    return numbered(names)


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
    for cell in row:  # noqa: SIM110 - as a loop twice as fast, and asked of every row of a long list
        if cell is not None and cell != "" and str(cell).strip():
            return False
    return True


def _filled(row: Sequence[object]) -> list[object]:
    return [cell for cell in row if cell is not None and str(cell).strip()]


class HeaderEvidence(NamedTuple):
    """How much a cell of a row that may be the header says for it (weight above 0) or against it."""

    name: str
    weight: float
    why: str


# Each cell counts for the first that holds of it.
EVIDENCE = (
    HeaderEvidence("contact", -6.0, "an e-mail address or a web page is somebody's"),
    HeaderEvidence("day", -4.0, "a whole date is when something was"),
    HeaderEvidence("answer", -2.0, "yes, no, true and paid are answers, also where a list has a column called No"),
    HeaderEvidence("repeated", -2.0, "what stands again below in its own column is a value of it"),
    HeaderEvidence("known", 3.0, "a word that some table or program has for a column"),
    HeaderEvidence("long", -2.0, "a sentence is a note"),
)
_WEIGHTS = {one.name: one.weight for one in EVIDENCE}
# A header further down has to be so much better than one above it: rows of values may hold words of headers.
BETTER = 1.5


def _score(row: Sequence[object], usual: int, below: Sequence[Sequence[object]]) -> float:
    """0 for what can't be a header; higher for wider rows with more known words."""
    cells = _filled(row)
    texts = [str(cell).strip() for cell in cells if isinstance(cell, str)]
    told = Counter(
        _evidence(str(cell).strip(), place, below) for place, cell in enumerate(row) if isinstance(cell, str)
    )
    dataish = len(cells) - len(texts) + sum(_is_data(text) for text in texts)
    known = told["known"]
    if usual > 1 and len(cells) == 1 and not known:
        return 0.0  # a title above the list
    if dataish and (not known or dataish >= len(cells) / 2):
        return 0.0
    share = len(cells) / max(usual, 1)
    if not known and (share < 0.5 or told["long"]):
        return 0.0
    twice = sum(times - 1 for times in Counter(caseless(text) for text in texts).values())
    return sum(_WEIGHTS.get(name, 0.0) * times for name, times in told.items()) + min(share, 1) * 2 - twice


def _evidence(text: str, place: int, below: Sequence[Sequence[object]]) -> str:
    if not text:
        return ""
    if EMAIL.fullmatch(text) or _WEB.match(text):
        return "contact"
    if _DAY.fullmatch(text):
        return "day"
    if text.casefold() in YES | NO and len(text) > 1:
        return "answer"
    if any(place < len(row) and row[place] is not None and str(row[place]).strip() == text for row in below):
        return "repeated"
    if len(text) <= 1_000 and known_header(text):
        return "known"
    return "long" if len(text) > 60 else ""


def _is_data(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text) or EMAIL.fullmatch(text)) and not header_words.readings("Clients", text)


def _plain(cell: object) -> object:
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date()
    return cell


# Rows of cells become one frame with the list's own headers; nothing that stands in the file is left out silently.

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
    head = _head(source)
    if all(is_blank_row(row) for row in head):
        return None
    place = header_at(head)
    top = head[place] if place >= 0 else ()
    width = max((at + 1 for at, cell in enumerate(top) if not is_blank_row([cell])), default=0)
    begin = place + 1 if place >= 0 else _titles(head)
    top, begin = _with_parts(top, head, begin)
    names = headers(top, max(map(len, head)))
    above = list(enumerate(head[: place if place >= 0 else begin], first))
    lead = _group_above(above)
    body = chain(lead, ((first + begin + n, row) for n, row in enumerate(chain(head[begin:], source))))
    frame, numbers, long = _frame((pair for pair in body if not is_blank_row(pair[1])), names, width)
    titles = [row for number, row in above if not lead or number != lead[0][0]]
    problems = _about_layout(titles, place, long, first, f"{file} / {sheet}" if sheet else file)
    frame, cut = _short(frame, numbers)
    named = {name for name, cell in zip(names, top, strict=False) if not is_blank_row([cell])}
    frame = frame[[c for c in frame.columns if c in named or _has_values(frame[c])]]
    start = numbers[0] if numbers else first + begin
    whole = not numbers or numbers[-1] - numbers[0] == len(numbers) - 1
    return Incoming(file, sheet, frame, start, (*problems, *cut), () if whole else tuple(numbers))


def _head(source: Iterator[Sequence[object]]) -> list[Sequence[object]]:
    """The rows in which the header is looked for, on to the first that is not blank."""
    head = list(islice(source, SEARCHED + 20))
    if all(is_blank_row(row) for row in head):
        head += list(islice((row for row in source if not is_blank_row(row)), 1))
    return head


def _with_parts(top: Sequence[object], head: Sequence[Sequence[object]], begin: int) -> tuple[Sequence[object], int]:
    """A survey's row of headers with the parts of its questions, which stand in a second row; where the data begin."""
    service = form_services.service_of([str(cell or "") for cell in top])
    below = head[begin] if begin < len(head) else ()
    if not form_services.has_parts(service) or not below or not is_blank_row(below[:2]):
        return top, begin
    found: list[object] = []
    question = ""
    for place, part in enumerate(below):
        own = str(top[place] or "") if place < len(top) else ""
        question = own or question
        alone = not part or form_services.is_kind_of_answer(service, str(part))
        found.append(own if alone else part if known_header(str(part)) else f"{question}: {part}")
    return [*found, *top[len(found) :]], begin + 1


def _group_above(above: Sequence[tuple[int, Sequence[object]]]) -> list[tuple[int, Sequence[object]]]:
    """The row right above the header that names whose rows follow ("Cliente: 00012 - Rossi Srl"): no title, a row."""
    filled = [(number, row) for number, row in above if not is_blank_row(row)]
    cells = _filled(filled[-1][1]) if filled else []
    return filled[-1:] if len(cells) == 1 and group_name(str(cells[0])) else []


def _titles(rows: Sequence[Sequence[object]]) -> int:
    """How many rows at the top of a list without header are titles: words alone over a column of something else."""
    for count, row in enumerate(rows):
        places = [place for place, cell in enumerate(row) if not is_blank_row([cell])]
        if len(places) > 1 or (places and not _is_title(rows, count, places[0])):
            return count
    return 0


def _is_title(rows: Sequence[Sequence[object]], at: int, place: int) -> bool:
    below = [row[place] for row in rows[at + 1 :] if place < len(row) and not is_blank_row([row[place]])]
    unlike = [cell for cell in below if not isinstance(cell, str) or _is_data(cell.strip())]
    text = rows[at][place]
    return isinstance(text, str) and not _is_data(text.strip()) and 0 < len(below) <= 2 * len(unlike)


def _about_layout(above: list[Sequence[object]], place: int, long: list[int], first: int, name: str) -> list[Problem]:
    problems = []
    if place < 0:
        problems.append(Problem("import.no_header", value=name, level="doubt"))
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
    kinds = set(map(type, values))
    if kinds == {str}:
        return pd.Series(values, dtype="str")
    if all(issubclass(kind, (str, type(None))) for kind in kinds):
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
