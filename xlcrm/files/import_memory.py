"""Memory of imports: what the user said about a list, by its shape, in a file beside the backups; no records in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from xlcrm.backups.store import Store
from xlcrm.files.durable import make_folder
from xlcrm.importing.remembered import TOLD, Choices
from xlcrm.os_errors import refusing


def path_of(store: Store) -> Path:
    """The file of a workbook in its folder of backups."""
    return store.label.memory


def load(path: Path) -> dict[str, Choices]:
    """shape -> choices; empty where there is no such file or it is not readable as one (nothing depends on it)."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        found = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(shape): Choices(dict(one["mapping"]), *(str(one.get(name, "")) for name in TOLD))
            for shape, one in found.items()
            if {"mapping", "dates", "decimal"} <= set(one)
        }
    return {}


def save(path: Path, said: Mapping[str, Choices]) -> None:
    """Adds what was said; of an older choice what is not said anew stays."""
    if not said:
        return
    known = load(path)
    whole = {**known, **{shape: one.over(known.get(shape, Choices())) for shape, one in said.items()}}
    plain = {shape: asdict(choices) for shape, choices in whole.items()}
    with refusing(path):
        make_folder(path.parent)
        temporary = path.with_suffix(".new")
        temporary.write_text(json.dumps(plain, ensure_ascii=False, indent=1), encoding="utf-8")
        temporary.replace(path)
