"""Rows of a list that are no records (sums, headings, page footers, repeated headers) are told by shape and arithmetic.

Reports are lists for people: between the rows stand headings, sub-sums and page lines, and the client's name may stand
once above its rows. Read as records they become clients called "Total" and double what is sold. A row is judged only
where it is much emptier than the others, repeats the header, or begins with a word of `data/importing/row_words.csv`;
what is left out is listed, so that nothing disappears.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from xlcrm.fields import money
from xlcrm.importing import header_words
from xlcrm.importing.incoming import Incoming, Mapped
from xlcrm.importing.judging import has_figure
from xlcrm.importing.word_tables import words_of
from xlcrm.problems import Problem
from xlcrm.text import fold
from xlcrm.values import as_text

# A list in which so many rows are nearly empty is simply a sparse list: only words tell there.
SPARSE = 0.75
CENT = 0.006
# What is told of each kind of row.
CODES = {"sum": "import.total_row", "header": "import.header_again", "group": "import.group_row"}
BLANKS = ["", " ", "  ", "\u00a0", "\t"]
# How a report calls the columns that its group rows fill: headers whose meaning the import knows.
CLIENT, CLIENT_NUMBER = "Customer name", "Customer number"
_COUNTED = re.compile(r"(.+?)\s*\((\d+)\)")
_PREFIXED = re.compile(r"([^\W\d_][^:]{1,30}):\s*(?=\S)")
_CODED = re.compile(r"^[A-Z]{0,4}\d[\w./]*\s*[-–:]?\s+")
_FIGURES = re.compile(r"[\d\W_]*\d[\d\W_]*")
_CONTACT = re.compile(r"[^@\s]+@[^@\s]+\.\w")


@dataclass(frozen=True)
class Row:
    """A row that may be no record: `cells` are its filled cells, `label` the first of them, `lone` where it is alone.

    `last`: nothing but such rows below. `apart`: a blank row or an earlier footer lies between it and the list.
    `sums`: how many rows above come to a figure of the row in its column. `usual`: the filled cells of a usual row.
    """

    cells: tuple[str, ...]
    label: str
    usual: int
    at: int
    last: bool = False
    apart: bool = False
    sums: int = 0
    shouting: bool = False

    @property
    def lone(self) -> bool:
        return len(self.cells) == 1

    @property
    def sparse(self) -> bool:
        return len(self.cells) <= max(2, self.usual // 2)


class RowRule(NamedTuple):
    kind: str
    holds: Callable[[Row], bool]
    why: str


def _starts(kind: str) -> Callable[[Row], bool]:
    return lambda row: any(_begins(cell, kind) for cell in row.cells[:2])


# The first rule that holds tells what a row is; a row for which none holds is a record.
RULES = (
    RowRule("page", lambda row: row.lone and _begins(row.label, "page") and has_figure(row.label), "a page's line"),
    RowRule("sum", lambda row: row.sums > 1 and _labelled(row, "sum"), "the sum of those above, and says so"),
    RowRule("sum", lambda row: row.sums == 1 and len(row.cells) < row.usual and _labelled(row, "sum"), "of one row"),
    RowRule("sum", lambda row: row.sums > 1 and _only_figures(row), "the sum of those above, and nothing else"),
    RowRule("sum", lambda row: row.sparse and row.usual > 2 and _labelled(row, "sum"), "says so, emptier than a row"),
    RowRule("sum", lambda row: row.last and row.sparse and _exactly(row.label, "sum"), "the last row and only says so"),
    RowRule("sum", lambda row: row.sparse and _labelled(row, "count") and has_figure(" ".join(row.cells)), "counts"),
    RowRule("footer", lambda row: row.sparse and row.last and _starts("footer")(row), "what programs write at the end"),
    RowRule("footer", lambda row: row.sparse and row.last and row.apart and row.usual > 2 and not _names_client(row),
         "nearly empty, at the end, parted from the list"),
    RowRule("heading", lambda row: row.lone and row.usual > 2 and _exactly(row.label, "heading"), "a word for a group"),
    RowRule("heading", lambda row: row.lone and row.usual > 2 and row.at < 2 and ":" in row.label and not
         _names_client(row), "what groups the rows below, with its value"),
    RowRule("heading", lambda row: row.lone and row.usual > 2 and row.at < 2 and row.shouting, "capitals, alone"),
)  # fmt: skip


def only_records(one: Incoming) -> Incoming:
    """The list without the rows that are no records; each is told by a problem (see CODES).

    Group rows (a name alone in its row, the rows below without one in that column) give their name to the rows below:
    in their own column where that has no other use, else in a column `CLIENT`. The frame given is not changed.
    """
    frame = one.frame
    if len(frame) < 2 or frame.shape[1] < 2:
        return one
    filled = _filled(frame)
    counts = filled.sum(axis=1)
    usual = int(np.percentile(counts, 75))
    judged = _judged(frame, filled, counts, usual)
    if not len(judged):
        return one
    texts = {int(at): _texts(frame, int(at)) for at in judged}
    kinds = _kinds(one, texts, filled, counts, usual)
    groups = _groups(frame, texts, kinds, filled, counts, usual)
    groups = groups or _named_groups(frame, texts, kinds, counts)
    kinds |= dict.fromkeys(groups, "group")
    return _without(one, texts, kinds, groups) if kinds else one


def _filled(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    columns = []
    for name in frame.columns:
        column = frame[name]
        if not isinstance(column.dtype, pd.StringDtype):
            column = as_text(column)
        columns.append(~column.isin(BLANKS).to_numpy())
    return np.column_stack(columns)


def _judged(
    frame: pd.DataFrame, filled: npt.NDArray[np.bool_], counts: npt.NDArray[np.int_], usual: int
) -> npt.NDArray[np.int_]:
    """The positions of the rows worth a look: nearly empty ones, and those that begin with a word or a header."""
    nearly = (counts <= max(2, usual // 2)) & (counts < usual)
    if nearly.mean() > SPARSE and usual > 2:
        nearly = np.zeros(len(frame), dtype=bool)
    for name in frame.columns[:2]:
        column = as_text(frame[name])
        header = str(name).casefold()
        known = [v for v in column.unique() if v.strip().casefold() == header or _begins(v, "sum")]
        nearly |= column.isin(known).to_numpy() if known else False
    return np.flatnonzero(nearly & (counts > 0))


def _texts(frame: pd.DataFrame, at: int) -> list[str]:
    return [text.strip() for text in as_text(frame.iloc[at].astype(object)).tolist()]


def _kinds(
    one: Incoming, texts: dict[int, list[str]], filled: npt.NDArray[np.bool_], counts: npt.NDArray[np.int_], usual: int
) -> dict[int, str]:
    headers = [header_words.key(str(c)) for c in one.frame.columns]
    rows = {at: _row(at, cells, usual) for at, cells in texts.items()}
    others = np.setdiff1d(np.arange(len(counts)), list(texts), assume_unique=True)
    end = int(others[-1]) if len(others) else -1
    sums = _sums(one.frame, texts, rows)
    found: dict[int, str] = {}
    capitals = _capitals(one.frame, others)
    for at, row in rows.items():
        if _repeats_header(texts[at], headers):
            found[at] = "header"
            continue
        row = replace(row, last=at > end, apart=at > end and _parted(one, end, at), sums=sums.get(at, 0),
                      shouting=row.label.isupper() and not capitals)  # fmt: skip
        kind = next((rule.kind for rule in RULES if rule.holds(row)), "")
        if kind:
            found[at] = kind
    return found


def _row(at: int, texts: Sequence[str], usual: int) -> Row:
    places = [place for place, text in enumerate(texts) if text]
    return Row(tuple(texts[p] for p in places), texts[places[0]], usual, places[0])


def _parted(one: Incoming, end: int, at: int) -> bool:
    """A blank row of the file lies between the last usual row and this one."""
    return end >= 0 and one.row(at) - one.row(end) > at - end


def _capitals(frame: pd.DataFrame, others: npt.NDArray[np.int_]) -> bool:
    """The list is written in capitals altogether, so that they tell nothing."""
    sample = as_text(frame.iloc[others[:50], 0]).tolist() + as_text(frame.iloc[others[:50], 1]).tolist()
    wordy = [text for text in sample if re.search(r"[^\W\d_]{3}", text)]
    return sum(map(str.isupper, wordy)) > len(wordy) * 0.2


def _repeats_header(texts: Sequence[str], headers: Sequence[str]) -> bool:
    same = [header_words.key(text) == header for text, header in zip(texts, headers, strict=True) if text]
    return len(same) >= 2 and sum(same) >= 0.7 * len(same)


def _sums(frame: pd.DataFrame, texts: dict[int, list[str]], rows: dict[int, Row]) -> dict[int, int]:
    """Rows in which a figure is the sum of its column above (since the last such row, or from the top): of how many."""
    columns = {place for cells in texts.values() for place, text in enumerate(cells) if _is_figure(text)}
    found: dict[int, int] = {}
    for place in columns:
        those = _sums_of(frame.iloc[:, place], [at for at in texts if _is_figure(texts[at][place])])
        found |= {at: max(count, found.get(at, 0)) for at, count in those.items()}
    return found


def _sums_of(column: pd.Series[Any], places: Sequence[int]) -> dict[int, int]:
    if len(places) > 500:
        return {}
    distinct = column.drop_duplicates()
    sign = money.decimal_sign(distinct)
    read = {value: _figure(value, sign) for value in distinct}
    values = column.map(read).to_numpy(dtype=float)
    found: dict[int, int] = {}
    since = 0
    plain = values.copy()
    for at in places:
        part = at - since if abs(values[since:at].sum() - values[at]) < CENT else 0
        whole = at - len(found) if abs(plain[:at].sum() - values[at]) < CENT else 0
        if max(part, whole) > 0 and abs(values[at]) > 0:
            found[at] = max(part, whole)
            since, plain[at] = at + 1, 0.0
    return found


def _figure(value: object, sign: str) -> float:
    try:
        return float(money.validate(value, decimal=sign))
    except (ValueError, ArithmeticError):
        return 0.0


def _is_figure(text: str) -> bool:
    return bool(text) and text[-1:] != "%" and money.is_valid(text)


def _groups(
    frame: pd.DataFrame, texts: dict[int, list[str]], kinds: dict[int, str], filled: npt.NDArray[np.bool_],
    counts: npt.NDArray[np.int_], usual: int,
) -> dict[int, str]:  # fmt: skip
    """The rows that name a group, with the name: a column that only they (and sums) fill, or "name (how many)"."""
    free = [at for at in texts if at not in kinds]
    found = _counted_groups(texts, kinds, free, len(frame))
    if found:
        return found
    usual_rows = np.setdiff1d(np.arange(len(frame)), list(texts), assume_unique=True)
    if not free or not len(usual_rows) or filled[usual_rows, 0].any():
        return {}
    lone = {at: texts[at][0] for at in free if texts[at][0] and counts[at] <= max(1, usual // 3)}
    return lone if lone and min(lone) < usual_rows[0] else {}


def _named_groups(
    frame: pd.DataFrame, texts: dict[int, list[str]], kinds: dict[int, str], counts: npt.NDArray[np.int_]
) -> dict[int, str]:
    """Rows with a name alone ("Cliente: Rossi Srl", "1001 Rossi Srl") in a column of dates or numbers."""
    free = [at for at in texts if counts[at] == 1 and kinds.get(at, "heading") in {"heading", "footer"}]
    others = np.setdiff1d(np.arange(len(frame)), list(texts), assume_unique=True)
    found: dict[int, str] = {}
    for at in free:
        place = next(place for place, text in enumerate(texts[at]) if text)
        called = group_name(texts[at][place])
        name = called or texts[at][place]
        if called or (":" not in name and _is_name(name) and _are_figures(frame.iloc[others, place])):
            found[at] = name
    first = int(others[0]) if len(others) else -1
    return found if found and min(found) < first else {}


def group_name(text: str) -> str:
    """The name in a row that says whose rows follow: "Cliente: 00012 - Rossi Srl"; "" for all others."""
    prefixed = _PREFIXED.match(text.strip())
    called = prefixed is not None and header_words.ambiguous(prefixed[1]) == "customer"
    return text.strip()[prefixed.end() :].strip() if prefixed and called else ""


def _is_name(text: str) -> bool:
    return bool(re.search(r"[^\W\d_]{3}", _CODED.sub("", text)))


def _are_figures(column: pd.Series[Any]) -> bool:
    """Dates, numbers of invoices: nearly all cells hold a figure, and no word of length."""
    values = [text for text in as_text(column.head(200)).str.strip() if text]
    like = [text for text in values if has_figure(text) and not re.search(r"[^\W\d_]{5}", text)]
    return len(values) > 0 and len(like) >= 0.9 * len(values)


def _counted_groups(
    texts: dict[int, list[str]], kinds: dict[int, str], free: Sequence[int], rows: int
) -> dict[int, str]:
    """Rows such as "Rossi Srl (2)" above two rows of their own."""
    heads = [at for at in free if _COUNTED.fullmatch(next(filter(None, texts[at])))]
    found: dict[int, str] = {}
    for at, following in zip(heads, [*heads[1:], rows], strict=False):
        match = _COUNTED.fullmatch(next(filter(None, texts[at])))
        below = sum(place not in kinds for place in range(at + 1, following))
        if match and int(match[2]) == below:
            found[at] = match[1]
    return found if len(found) == len(heads) else {}


def _without(one: Incoming, texts: dict[int, list[str]], kinds: dict[int, str], groups: dict[int, str]) -> Incoming:
    frame = _named(one.frame, groups) if groups else one.frame
    kept = np.setdiff1d(np.arange(len(frame)), list(kinds), assume_unique=True)
    problems = [
        Problem(CODES.get(kind, "import.not_a_record"), row=one.row(at), value=" | ".join(filter(None, texts[at])),
                level="note", values=(("file", one.name),))
        for at, kind in sorted(kinds.items())
    ]  # fmt: skip
    rows = one.numbers()[kept].tolist()
    found = frame.iloc[kept].reset_index(drop=True)
    first = rows[0] if rows else one.first_row
    return replace(one, frame=found, first_row=first, problems=(*one.problems, *problems), rows=rows)


def _named(frame: pd.DataFrame, groups: dict[int, str]) -> pd.DataFrame:
    """The frame with each group's name in the rows below it."""
    names = _below(frame, {at: _CODED.sub("", name) or name for at, name in groups.items()})
    codes = {at: match[0].strip(" -–:") for at, name in groups.items() if (match := _CODED.match(name))}
    first = str(frame.columns[0])
    alone = not (as_text(frame[first]).str.strip() != "").drop(index=frame.index[list(groups)]).any()
    header = CLIENT if len(first) == 1 or not alone else first
    rest = frame.drop(columns=[first]) if alone else frame
    rest = rest.assign(**{c: rest[c].str.strip() for c in rest.columns if isinstance(rest[c].dtype, pd.StringDtype)})
    rest.insert(0, _free(rest, header), names)
    if len(codes) == len(groups):
        rest.insert(0, _free(rest, CLIENT_NUMBER), _below(frame, codes))
    return rest


def _below(frame: pd.DataFrame, texts: dict[int, str]) -> pd.Series[Any]:
    """Each text in its row and in those below, until the next one."""
    cells = pd.Series(pd.NA, index=range(len(frame)), dtype="str")
    cells.iloc[list(texts)] = list(texts.values())
    return cells.ffill().fillna("").astype("str").set_axis(frame.index)


def _free(frame: pd.DataFrame, header: str) -> str:
    taken = {str(c).casefold() for c in frame.columns}
    return header if header.casefold() not in taken else f"{header} (2)"


def _names_client(row: Row) -> bool:
    return any(_CONTACT.search(cell) for cell in row.cells)


def _only_figures(row: Row) -> bool:
    return all(_FIGURES.fullmatch(cell) for cell in row.cells)


def _labelled(row: Row, kind: str) -> bool:
    return any(_begins(cell, kind) for cell in row.cells[:2])


def _exactly(text: str, kind: str) -> bool:
    return " ".join(fold(text).split()) in words_of("row_words", kind)


def _begins(text: str, kind: str) -> bool:
    if len(text) > 200 or text.lstrip()[:1].casefold() not in _initials(kind):
        return False
    parts = fold(text.replace("-", " ")).split()
    known = words_of("row_words", kind)
    return any(" ".join(parts[:size]) in known for size in range(1, min(4, len(parts)) + 1))


@cache
def _initials(kind: str) -> frozenset[str]:
    """The letters that the words begin with, also accented: most cells need no closer look."""
    return frozenset(word[0] for word in words_of("row_words", kind)) | frozenset("àáâäåæèéêëìíîïòóôöøùúûü")


# Continued rows of an invoice that names its client in the first one only: the client is filled down.

NAMING = frozenset("client_id full_name first_name last_name last_or_company client_name company email".split())


def filled_down(one: Incoming, mapped: Sequence[Mapped]) -> Incoming:
    """The list with the client's cells of the row above in rows of the same invoice that name nobody.

    Told as import.filled_down. The list given is not changed.
    """
    naming = [m.header for m in mapped if m.field in NAMING]
    invoice = next((m.header for m in mapped if m.field == "invoice"), "")
    if not naming or not invoice or len(one.frame) < 2:
        return one
    frame = one.frame
    numbers = as_text(frame[invoice]).str.strip()
    nobody = pd.concat([as_text(frame[h]).str.strip() == "" for h in naming], axis=1).all(axis=1)
    above = frame[naming].mask(nobody).groupby((numbers != numbers.shift()).cumsum()).ffill()
    known = pd.concat([as_text(above[h]).str.strip() != "" for h in naming], axis=1).any(axis=1)
    found = nobody & known & (numbers != "")
    if not found.any():
        return one
    filled = {h: frame[h].where(~found, above[h]).astype(frame[h].dtype) for h in naming}
    at = int(found.to_numpy().argmax())
    values = (("count", str(int(found.sum()))), ("file", one.name))
    problem = Problem("import.filled_down", row=one.row(at), value=numbers.iloc[at], level="note", values=values)
    return replace(one, frame=frame.assign(**filled), problems=(*one.problems, problem))
