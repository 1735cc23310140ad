"""Copy content: the plan that fills a workbook that was just made with the rows that are handed out.

Pure: it gets the tables of both. The new workbook has nothing of the old one but what stands in this plan, so no shared
text, chart, pivot, comment or sheet of somebody else can come along.
"""

from __future__ import annotations

import pandas as pd

from xlcrm import words
from xlcrm.handing_out.handed_rows import BOUND
from xlcrm.plan import Added, NewColumn, Plan, Removed, diff
from xlcrm.tables import Table, Tables
from xlcrm.values import as_text

LABELLED = ("Settings", "Seller")  # tables whose rows are known by their label


def copy_content(handed: Tables, empty: Tables) -> Plan:
    """What makes the tables of a new workbook (`empty`) those that are handed out: rows, columns of the team's own.

    Rows of settings keep their place and get the value; other tables get the rows in place of those they had. Columns
    with formulas come as the values that they had.
    """
    made = Plan("hand-out")
    for name, table in handed.items():
        if name in empty:
            target = empty[name]
            made = made.join(_labelled(table, target) if name in LABELLED else _filled(table, target))
    return made


def _filled(table: Table, target: Table) -> Plan:
    """The rows of a table in the place of those that a new workbook begins with."""
    frame = _written(table.frame)
    own = [str(column) for column in frame.columns if column not in target.frame.columns]
    columns = [column for column in frame.columns if column not in target.formulas]
    held = target.frame[_written_rows(target.frame)]
    return Plan(
        "hand-out",
        new_columns=tuple(NewColumn(table.name, header) for header in own if table.name in BOUND),
        removed=(Removed(table.name, held),) if len(held) else (),
        added=(Added(table.name, frame[columns].reset_index(drop=True)),) if len(frame) else (),
    )


def _labelled(table: Table, target: Table) -> Plan:
    """The values of settings, each in the row of its label."""
    ours = {words.setting_of(label): value for label, value in _pairs(table.frame)}
    labels = [words.setting_of(label) for label, _ in _pairs(target.frame)]
    after = {at: ours[label] for at, label in zip(target.frame.index, labels, strict=True) if label in ours}
    return Plan("hand-out", changes=diff(target, pd.DataFrame({"value": pd.Series(after, dtype=object)})))


def _pairs(frame: pd.DataFrame) -> list[tuple[str, object]]:
    if not {"setting", "value"} <= set(frame.columns):
        return []
    return list(zip(as_text(frame["setting"]).str.strip(), frame["value"], strict=True))


def _written(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[_written_rows(frame)]


def _written_rows(frame: pd.DataFrame) -> pd.Series[bool]:
    """Rows that hold anything."""
    found = pd.Series(False, index=frame.index, dtype=bool)
    for column in frame.columns:
        found |= as_text(frame[column]).str.strip() != ""
    return found
