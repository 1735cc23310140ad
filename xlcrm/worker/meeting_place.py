"""The meeting place of a click and its worker: a folder of the user's own, the key in it, and who proves what to whom.

Only the standard library is imported here, and only where it is needed, because a click waits for it. The folder is
closed to others (0700), and so is the file that names the address and the key (0600; on Windows the user's profile is
closed). Each side proves to the other that it knows the key before a command, a password or a word of output goes over.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from xlcrm.worker.socket_wire import SocketWire

    Wire = Connection[Any, Any] | SocketWire

PATIENCE = 1.0  # seconds in which a worker has to take a click, or the click does without
ON, ADDRESS, LOCK = "on", "worker.json", "worker.lock"
# what a worker says of a run before it has begun, one word each
READY, BUSY, UNFIT, LEAVING, HERE = b"ready", b"busy", b"unfit", b"leaving", b"here"
GO = b"go"
# then frames go over, named by their first byte: output, a wish for input, and how it ended; back: what came of them
OUT, ERR, READ, CODE = b"o", b"e", b"r", b"c"
DONE, INTERRUPT = b"d", b"i"
_LONGEST = 64  # bytes of a proof
_HOMES = {
    "win32": (("LOCALAPPDATA", ""),),
    "darwin": (("HOME", "Library/Application Support"),),
}
_ELSEWHERE = (("XDG_STATE_HOME", ""), ("HOME", ".local/state"))


class Meeting(NamedTuple):
    """Where the worker listens, and the key by which each knows the other."""

    address: str
    key: bytes
    process: int


class StrangerError(Exception):
    """Who is at the other end doesn't know the key, says nothing in time, or says what nobody of ours would."""


def folder(system: str = sys.platform, environment: Mapping[str, str] = os.environ) -> Path | None:
    """The folder of the worker; None where this computer has no place for it."""
    for name, below in _HOMES.get(system, _ELSEWHERE):
        home = Path(environment.get(name, ""))
        if home.is_absolute():
            return home / below / "xlcrm" / "worker"
    return None


def own_folder() -> Path | None:
    """The folder where workers are wished for and nobody else could have put anything; None otherwise."""
    place = folder()
    try:
        return place if place and (place / ON).is_file() and _is_private(place) else None
    except OSError:
        return None


def _is_private(place: Path) -> bool:
    """Whether a folder is the user's own, closed to others and no link; on Windows the profile sees to that."""
    if sys.platform == "win32":
        return True
    found = place.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def read(place: Path) -> Meeting | None:
    """Where the worker of this folder listens, None where none has said so."""
    import json

    try:
        told = json.loads((place / ADDRESS).read_bytes())
        return Meeting(str(told["address"]), bytes.fromhex(told["key"]), int(told["process"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(place: Path, meeting: Meeting) -> None:
    """Say where the worker listens, in one replacement and for the user's eyes alone."""
    import json

    told = {"address": meeting.address, "key": meeting.key.hex(), "process": meeting.process}
    fresh = place / f"{ADDRESS}.{meeting.process}"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        json.dump(told, file)
    fresh.replace(place / ADDRESS)


def heard(wire: Wire, seconds: float = PATIENCE, most: int | None = None) -> bytes:
    """What the other end says; StrangerError where it says nothing in time. EOFError, OSError where it is gone."""
    if not wire.poll(seconds):
        raise StrangerError
    return wire.recv_bytes(most)


def prove_as_click(wire: Wire, key: bytes) -> None:
    """Prove the key to a worker and have it proved; StrangerError where that is no worker of ours."""
    import hmac

    theirs, ours = heard(wire, most=_LONGEST), os.urandom(32)
    wire.send_bytes(ours + _proof(key, b"click", theirs, ours))
    if not hmac.compare_digest(heard(wire, most=_LONGEST), _proof(key, b"worker", ours, theirs)):
        raise StrangerError


def prove_as_worker(wire: Wire, key: bytes) -> None:
    """Have the key proved by a click and prove it; StrangerError where that is no click of ours."""
    import hmac

    ours = os.urandom(32)
    wire.send_bytes(ours)
    told = heard(wire, most=_LONGEST)
    theirs, proof = told[:32], told[32:]
    if not hmac.compare_digest(proof, _proof(key, b"click", ours, theirs)):
        raise StrangerError
    wire.send_bytes(_proof(key, b"worker", theirs, ours))


def _proof(key: bytes, who: bytes, first: bytes, second: bytes) -> bytes:
    import hmac

    return hmac.digest(key, who + first + second, "sha256")
