"""State of a workbook's nights, in a file beside its backups: the last good one, and those that could not be done.

What could not be done is told in the sheet Changes by the next run that can write, because nobody sat there to read it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import pandas as pd

from xlcrm import messages
from xlcrm.backups.store import Store
from xlcrm.errors import CrmError
from xlcrm.files.durable import make_folder
from xlcrm.files.replace import replace_bytes
from xlcrm.os_errors import refusing

MOST = 100  # nights that are told; more is a computer that was left alone for months


@dataclass(frozen=True)
class NightState:
    """What is known of the nights of a workbook.

    good    when the last one ended well
    missed  moment -> why it was not done, as a sentence; those that the sheet Changes doesn't list yet
    taken   checksum of a list of the inbox -> minus the number of the run by which it is in (0: none was needed), or
            the number that its run will have at least
    """

    good: dt.datetime | None = None
    missed: Mapping[str, str] = field(default_factory=dict)
    taken: Mapping[str, int] = field(default_factory=dict)


def load(store: Store) -> NightState:
    """The state; a file that is not there, or is no such file, is none."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        found = json.loads(store.label.nights.read_text(encoding="utf-8"))
        good = dt.datetime.fromisoformat(found["good"]) if found.get("good") else None
        taken = {str(name): int(number) for name, number in found.get("taken", {}).items()}
        return NightState(good, {str(when): str(why) for when, why in found.get("missed", {}).items()}, taken)
    return NightState()


def save(store: Store, state: NightState) -> None:
    """Keep the state, whole or not at all."""
    plain = {"good": state.good.isoformat() if state.good else "", "missed": state.missed, "taken": state.taken}
    path = store.label.nights
    with refusing(path):
        make_folder(path.parent)
        content = json.dumps(plain, ensure_ascii=False, indent=1).encode()
        replace_bytes(path, content)


def miss(store: Store, now: dt.datetime, why: str) -> None:
    """Remember that a night was not done; of one night the last reason."""
    state = load(store)
    kept = {when: said for when, said in state.missed.items() if when[:10] != f"{now:%Y-%m-%d}"}
    missed = dict([*kept.items(), (now.replace(microsecond=0).isoformat(), why)][-MOST:])
    with suppress(CrmError):  # where nothing can be written, the note beside the workbook has to do
        save(store, replace(state, missed=missed))


def told(store: Store) -> None:
    """Forget those that the sheet Changes lists now."""
    with suppress(CrmError):
        save(store, replace(load(store), missed={}))


def lines(store: Store, columns: Sequence[str], language: str) -> pd.DataFrame | None:
    """Rows for the sheet Changes, one a night that was not done; None where there is none to tell."""
    missed = load(store).missed
    if not missed or not {"when", "what"} <= set(columns):
        return None
    action = messages.text("action.schedule", language)
    rows = [{"when": pd.Timestamp(when), "action": action, "what": why[:2000]} for when, why in missed.items()]
    return pd.DataFrame(rows)[[name for name in rows[0] if name in columns]]
