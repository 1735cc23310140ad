"""The switch of fast clicks: on and off for one user, and how the worker is doing, is started and is sent away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from xlcrm.worker import meeting_place as at
from xlcrm.worker.thin_client import dial
from xlcrm.worker.worker_code import is_elevated

OFF, WAITING, RUNNING = "off", "waiting", "running"
GONE = 5.0  # seconds in which a worker that has nothing to do is gone
# what Python and the system need to start a process; a password of the click that starts it is none of it
_NEEDED = frozenset(
    "PATH HOME USER LOGNAME LANG LANGUAGE TZ TMPDIR TEMP TMP SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT USERPROFILE "
    "USERNAME USERDOMAIN APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES COMMONPROGRAMFILES VIRTUAL_ENV".split()
)
_BEGINNINGS = ("PYTHON", "LC_", "XDG_", "LD_LIBRARY", "DYLD_")


class WorkerState(NamedTuple):
    """Whether fast clicks are on (OFF, WAITING for a click, RUNNING), and a worker's runs and memory (bytes)."""

    name: str
    runs: int = 0
    memory: int = 0


def turn_on() -> Path | None:
    """Wish for a worker: the first click starts it. The folder, closed to others; None where there is no place."""
    place = at.folder()
    if place is not None:
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(0o700)
        (place / at.ON).touch(mode=0o600)
    return place


def turn_off() -> str:
    """Wish for none, and send away the one that runs: what was there before (OFF, WAITING, RUNNING).

    A worker that is at a run ends it, and leaves then.
    """
    place, before = at.folder(), state().name
    if place is not None:
        (place / at.ON).unlink(missing_ok=True)
        until = time.monotonic() + GONE
        while _asked(place, {"stop": True}) is not None and time.monotonic() < until:
            time.sleep(0.05)
    return before


def state() -> WorkerState:
    """Whether fast clicks are on, and how the worker is doing."""
    place = at.own_folder()
    if place is None:
        return WorkerState(OFF)
    told = _asked(place, {})
    return WorkerState(RUNNING, **told) if told else WorkerState(WAITING)


def _asked(place: Path, request: dict[str, Any]) -> dict[str, int] | None:
    """What a worker says of itself, None where none answers."""
    meeting = at.read(place)
    if meeting is None:
        return None
    try:
        with dial(meeting) as wire:
            at.prove_as_click(wire, meeting.key)
            wire.send_bytes(json.dumps(request).encode("ascii"))
            told: dict[str, int] = json.loads(at.heard(wire).removeprefix(at.HERE))
    except (OSError, EOFError, ValueError, at.StrangerError):
        return None
    return told


def start(place: Path, *more: str) -> subprocess.Popen[bytes] | None:
    """Start a worker that outlives this process, has no terminal and holds none of its files; None for administrators.

    `more` are arguments of `resident.main`. OSError where the system refuses.
    """
    if is_elevated():
        return None
    flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    return subprocess.Popen(  # noqa: S603 (this very Python)
        [_python(), *flags, "-P", "-m", "xlcrm.worker.resident", *more],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        cwd=place, env=plain(dict(os.environ)), **_detached(),
    )  # fmt: skip


def plain(environment: dict[str, str]) -> dict[str, str]:
    """What of an environment a worker starts with."""
    return {
        name: value
        for name, value in environment.items()
        if name.upper() in _NEEDED or name.upper().startswith(_BEGINNINGS)
    }


def _python() -> str:
    """This Python; on Windows the one without a window."""
    windowless = Path(sys.executable).with_name("pythonw.exe")
    return str(windowless) if sys.platform == "win32" and windowless.is_file() else sys.executable


def _detached() -> dict[str, Any]:
    """How a process is started that doesn't end with this one."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}
