"""File of the forgotten beside the backups: the rows of the table Forgotten once more, hashes alone.

A backup that is put back may be older than the table; what it would bring back is known from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

import pandas as pd

from xlcrm.backups.store import Store
from xlcrm.files.durable import make_folder
from xlcrm.files.replace import replace_bytes
from xlcrm.forgetting import forgotten
from xlcrm.os_errors import refusing
from xlcrm.session import Session
from xlcrm.tables import Tables


def read(store: Store) -> pd.DataFrame:
    """The rows in the file; none where there is no such file, or one that can't be read."""
    path = store.label.forgotten
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return pd.DataFrame(columns=list(forgotten.COLUMNS))
    frame = pd.read_csv(StringIO(text), dtype=str, keep_default_na=False)
    return frame if set(forgotten.COLUMNS) <= set(frame) else pd.DataFrame(columns=list(forgotten.COLUMNS))


def known(session: Session, tables: Tables | None = None, added: Sequence[pd.DataFrame] = ()) -> pd.DataFrame:
    """All that is known of forgotten clients: of the workbook's table and of the file.

    added  rows that the workbook's table got since the tables were read: they are not looked for in it
    """
    kept = pd.concat([frame.astype(object) for frame in (read(session.store), *added)], ignore_index=True)
    return forgotten.table_of(session.seen if tables is None else tables, kept)


def save(store: Store, rows: pd.DataFrame) -> None:
    """Write all rows, on the disk when it returns; nothing where the file has them already."""
    path = store.label.forgotten
    if not len(rows) or len(read(store)) == len(rows):
        return
    days = pd.to_datetime(rows["forgotten_on"]).dt.strftime("%Y-%m-%d")
    content = rows.assign(forgotten_on=days)[list(forgotten.COLUMNS)].to_csv(index=False).encode()
    with refusing(path):
        make_folder(path.parent)
        replace_bytes(path, content)
