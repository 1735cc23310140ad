"""A workbook as it is shipped, built once for all tests of a process that ask for the same."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from xlcrm import schema
from xlcrm.building import build


def shipped(path: Path, **asked: Any) -> Path:
    """`building.build` of what is asked, at a path of the test's own; another schema, as tests have it, another one."""
    tables = repr([value for name, value in sorted(vars(schema).items()) if name.isupper()])
    path.write_bytes(_built(tuple(sorted(asked.items())), tables))
    return path


@cache
def _built(asked: tuple[tuple[str, Any], ...], tables: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Shipped.xlsm"
        build(path, **dict(asked))
        return path.read_bytes()
