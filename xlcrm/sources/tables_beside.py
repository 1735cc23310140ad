"""Small tables of ours beside an engine's own, to be joined: what texts mean, numbers of clients, values that fit.

Ibis puts them into temporary tables where an engine needs such. In MySQL that goes wrong: they get the database's
character set, which may lack a letter, and can't stand in one question twice. There they are part of the question.
"""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from xlcrm.values import text_of

_NUMBERS = {"int32": "INT", "int64": "BIGINT", "float64": "DOUBLE"}
_WIDEST = 10_000  # letters of a VARCHAR; longer ones are LONGTEXT


def beside(table: Any, frame: pd.DataFrame, **kinds: Any) -> Any:
    """`frame` as a table of the engine that `table` is in; `kinds` are Ibis types of its columns, by name.

    Texts are compared letter by letter in each engine. Blank cells are null.
    """
    import ibis

    schema = ibis.schema(kinds)
    engine = table.get_backend()
    if engine.name != "mysql":
        return ibis.memtable(frame, schema=schema)
    return engine.sql(_as_json_table(frame, schema), schema=schema)


def _as_json_table(frame: pd.DataFrame, schema: Any) -> str:
    """A SELECT of these rows from a JSON text (MySQL 8.0.4, MariaDB 10.6); in hexadecimal, which needs no quotes."""
    columns, shown = [], []
    for place, (name, kind) in enumerate(schema.items()):
        text = kind.is_string()
        columns.append(f"{name} {_text(frame[name]) if text else _NUMBERS.get(str(kind), 'DATE')} PATH '$[{place}]'")
        shown.append(f"CONVERT({name} USING utf8mb4) COLLATE utf8mb4_bin AS {name}" if text else name)
    cells = frame.astype(object).where(frame.notna(), None)
    rows = [[_cell(value) for value in row] for row in cells[list(schema)].itertuples(index=False)]
    document = f"CONVERT(UNHEX('{json.dumps(rows).encode().hex()}') USING utf8mb4)"
    return f"SELECT {', '.join(shown)} FROM JSON_TABLE({document}, '$[*]' COLUMNS({', '.join(columns)})) AS j"  # noqa: S608


def _text(column: pd.Series[Any]) -> str:
    longest = max((len(str(text)) for text in column), default=0)
    return f"VARCHAR({max(longest, 1)})" if longest <= _WIDEST else "LONGTEXT"


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, int, float)) else text_of(value)
