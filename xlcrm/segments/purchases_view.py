"""The sheet Purchases as a view: the newest lines of the clients found, where purchases come from a source.

Each row says in its last column that it is a view, of which source, with a print of what it shows. So a row that a
person typed is never taken for one, and one that a person changed is known: it stays, and is told. Rows of the view are
no purchases: every operation sees them blank (`Table.typed`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import messages, words
from xlcrm.plan import Added, NewColumn, Plan, Removed, diff
from xlcrm.row_matching import tokens
from xlcrm.settings import Settings
from xlcrm.tables import VIEW, LineSource, Table
from xlcrm.values import as_text

MOST = 5_000
_PRINT = re.compile(r"\[([0-9a-f]{10})\]\s*$")
_TOLD = 5  # rows that are named in a sentence
Notes = tuple[tuple[str, Mapping[str, object]], ...]


def shown(source: LineSource, ids: Collection[str], settings: Settings, most: int = MOST) -> Plan:
    """The plan that shows the newest lines of these clients on the sheet Purchases, newest first.

    Rows of the last view are overwritten, those too many go, more come under the table. What a person typed stays where
    it is: rows of their own, rows of the view that they changed, and rows with something beside them.
    """
    sheet = source.sheet
    if VIEW not in sheet.frame.columns:
        return Plan("search", notes=(("sources.view_column", {"sheet": sheet.sheet, "source": source.address}),))
    columns = _columns(sheet)
    lines = source.newest(ids, most)
    lines = lines[[column for column in lines.columns if column in columns]].reindex(columns=columns)
    own = _prints(lines)
    kept, free = _rows(sheet)
    wanted = lines[~_there(own, kept)]
    wanted = wanted.assign(**{VIEW: [_mark(source.address, one, settings.language) for one in own[wanted.index]]})
    over = min(len(free), len(wanted))
    rest = wanted.iloc[over:].reset_index(drop=True)
    gone = sheet.frame.loc[free[over:]]
    return Plan(
        "search",
        changes=diff(sheet, wanted.iloc[:over].set_axis(free[:over])),
        removed=(Removed("Purchases", gone[_cells(sheet)]),) if len(gone) else (),
        added=(Added("Purchases", rest),) if len(rest) else (),
        notes=_notes(source, len(lines), most, settings.language),
    )


def cleared(sheet: Table, action: str) -> Plan:
    """The plan that takes the view out again; what a person changed in it, or typed beside it, stays and is told."""
    _, free = _rows(sheet)
    gone = sheet.frame.loc[free, _cells(sheet)]
    return Plan(action, removed=(Removed("Purchases", gone),) if len(gone) else (), notes=_changed(sheet))


def with_column(sheet: Table, language: str, action: str) -> Plan:
    """The plan that gives the sheet the column of the view, where it lacks it."""
    lacks = VIEW not in sheet.frame.columns
    new = NewColumn("Purchases", words.header("Purchases", VIEW, language))
    return Plan(action, new_columns=(new,) if lacks else ())


def touches_only_view(plan: Plan, sheet: Table) -> bool:
    """Whether a plan changes, takes out and adds no row of Purchases but those of the view."""
    seen = sheet.viewed
    parts = [part.after.index for part in plan.changes if part.table == "Purchases"]
    parts += [part.rows.index for part in plan.removed if part.table == "Purchases"]
    coming = [part.rows for part in plan.added if part.table == "Purchases"]
    marked = all(VIEW in rows.columns and (as_text(rows[VIEW]) != "").all() for rows in coming)
    return marked and all(seen.loc[index].all() for index in parts)


def _cells(sheet: Table) -> list[str]:
    """The columns whose cells are values."""
    return [str(column) for column in sheet.frame.columns if column not in sheet.formulas]


def _columns(sheet: Table) -> list[str]:
    """The columns of Purchases that a line of a source may have; a person's own are theirs."""
    return [c for c in _cells(sheet) if words.column_of("Purchases", c) == c and c != VIEW]


def _mark(address: str, print_: str, language: str) -> str:
    return f"{messages.text('sources.view_mark', language, source=address)} [{print_}]"


def _prints(frame: pd.DataFrame) -> pd.Series[Any]:
    """A short print of what each row shows in these columns."""
    texts = zip(*(tokens(frame[column]) for column in frame.columns), strict=True)
    found = [hashlib.sha256("\x1f".join(row).encode("utf-8", "surrogatepass")).hexdigest()[:10] for row in texts]
    return pd.Series(found, index=frame.index, dtype="str")


def _rows(sheet: Table) -> tuple[list[str], pd.Index[Any]]:
    """The prints of rows that show a line and stay, for something was typed beside it; the rows that are free."""
    seen, frame = sheet.viewed, sheet.frame
    if not seen.any():
        return [], frame.index[:0]
    whole = seen & ~_edited(sheet)
    beside = [column for column in _cells(sheet) if column not in (*_columns(sheet), VIEW)]
    noted = pd.DataFrame({c: as_text(frame[c]).str.strip() != "" for c in beside}, index=frame.index).any(axis=1)
    return _said(sheet)[whole & noted].tolist(), frame.index[(whole & ~noted).to_numpy()]


def _said(sheet: Table) -> pd.Series[Any]:
    """The print that each row's mark names, "" for none."""
    return as_text(sheet.frame[VIEW]).str.extract(_PRINT, expand=False).fillna("")


def _edited(sheet: Table) -> pd.Series[bool]:
    """Which rows of the view show something else than when they were filled."""
    return sheet.viewed & (_said(sheet) != _prints(sheet.frame[_columns(sheet)]))


def _there(wanted: pd.Series[Any], kept: list[str]) -> np.ndarray[Any, Any]:
    """Which lines are shown already by a row that stays, each row once."""
    left = pd.Series(kept, dtype="str").value_counts()
    place = wanted.groupby(wanted, sort=False).cumcount()
    return (place < left.reindex(wanted).fillna(0).to_numpy()).to_numpy()


def _notes(source: LineSource, lines: int, most: int, language: str) -> Notes:
    """What is shown, whether it is all, and what of the sheet is no view."""
    sheet = source.sheet
    fill = {"n": lines, "sheet": sheet.sheet, "source": source.address, "most": most}
    fill["column"] = sheet.headers.get(VIEW, words.header("Purchases", VIEW, language))
    told: Notes = (("sources.view", fill),) if lines else (("sources.view_none", fill),)
    told += (("sources.view_most", fill),) if lines >= most else ()
    own = (sheet.typed.frame.replace("", pd.NA).notna()).any(axis=1).sum()
    told += (("sources.sheet_rows", {**fill, "n": int(own)}),) if own else ()
    return told + _changed(sheet)


def _changed(sheet: Table) -> Notes:
    """That rows of the view were changed by hand, and which."""
    if VIEW not in sheet.frame.columns:
        return ()
    places = sheet.frame.index[_edited(sheet).to_numpy()]
    rows = ", ".join(str(sheet.excel_row(place)) for place in places[:_TOLD])
    more = ", ..." if len(places) > _TOLD else ""
    column = sheet.headers.get(VIEW, VIEW)
    fill = {"n": len(places), "rows": rows + more, "sheet": sheet.sheet, "column": column}
    return (("sources.view_changed", fill),) if len(places) else ()
