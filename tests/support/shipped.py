"""A workbook as it is shipped, built once for all tests of a process that ask for the same."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from xlcrm.building import build


def shipped(path: Path, **asked: Any) -> Path:
    """`building.build` of what is asked, at a path of the test's own."""
    path.write_bytes(_built(tuple(sorted(asked.items()))))
    return path


@cache
def _built(asked: tuple[tuple[str, Any], ...]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Shipped.xlsm"
        build(path, **dict(asked))
        return path.read_bytes()
