"""The thin client: what a click or a command starts; it hands the run to the resident worker, or does it itself.

A run must not happen twice. So a worker first says that it is ready, and only then is told to go: before that word the
client may do the run itself, after it never. Where anything is odd before it, the client does so; where the worker
is lost after it, the client says that the run was broken off. Only the standard library is imported here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlcrm.worker import meeting_place as at

if TYPE_CHECKING:
    from xlcrm.worker.meeting_place import Wire

_YOUNG = 50_000  # objects made before cycles are looked for: a run makes millions of cells, and they are in none
BROKEN_OFF = 5  # exit code; what a run of ours ends with is 0 to 4
COMMAND, CLICK = "command", "click"
# what no worker does for a click, and why
NEVER = {
    "install": "switches the worker itself",
    "uninstall": "switches the worker itself",
    "doctor": "looks at this process and at the worker",
    "schedule": "writes the path of this very program into a timer",
    "inbox": "runs by night; its timer must see the end of it",
    "lock": "asks for a password at the terminal",
    "unlock": "asks for a password at the terminal",
    "forget": "asks at the terminal",
    "demo": "runs other commands",
    "build-workbook": "is for those who make xlcrm",
    "--unattended": "runs by night; its timer must see the end of it",
    "--help": "needs no workbook",
    "-h": "needs no workbook",
    "--version": "needs no workbook",
}


def command() -> None:
    """The script `xlcrm`."""
    _serve(COMMAND, sys.argv[1:])


def click() -> None:
    """The gui-script `xlcrmw`. The folder of the workbook is no place to import from."""
    sys.path[:] = [entry for entry in sys.path if entry not in ("", ".")]
    _serve(CLICK, sys.argv[1:])


def _serve(door: str, arguments: list[str]) -> None:
    """Have the run done by the worker or do it; ends with its exit code."""
    place = at.own_folder() if _is_for_workers(arguments) else None
    if place is None:
        _do(door, arguments)
        return
    wire, lacking = _ready_worker(place, door, arguments)
    if wire is not None:
        sys.exit(_follow(wire, door, arguments))
    try:
        _do(door, arguments)
    finally:
        if lacking:
            _start(place)


def _is_for_workers(arguments: list[str]) -> bool:
    """Whether a worker may do this: not without arguments, which is how the doctor tries the start of a click.

    Nor with a path that is another one in each process, such as /dev/stdin.
    """
    own = any(place in argument for argument in arguments for place in ("/dev/", "/proc/"))
    return bool(arguments) and not own and not NEVER.keys() & set(arguments)


def _do(door: str, arguments: list[str]) -> None:
    """Do the run in this process, which ends with it."""
    import atexit
    import gc

    gc.set_threshold(_YOUNG)
    atexit.register(gc.freeze)  # the system takes the memory back sooner than we would find the cycles in it
    if door == CLICK:
        from xlcrm.ribbon.click import main

        main(arguments)
    else:
        from xlcrm.cli.commands import main as commands

        sys.exit(commands())


def _start(place: Path) -> None:
    """Start a worker for the next click; where that fails the next one does without, too."""
    from xlcrm.worker.switch import start

    with suppress(Exception):
        start(place)


def _ready_worker(place: Path, door: str, arguments: list[str]) -> tuple[Wire | None, bool]:
    """The wire to a worker that is ready; else None, and whether there is none and one is to be started."""
    meeting = at.read(place)
    if meeting is None:
        return None, True
    try:
        wire = dial(meeting)
    except (OSError, EOFError, ValueError):
        return None, True
    try:
        said = _offered(wire, meeting.key, door, arguments)
    except Exception:  # noqa: BLE001 (whatever it is, nothing was begun, and this process can do the run)
        said = b""
    if said == at.READY:
        return wire, False
    wire.close()
    return None, said == at.LEAVING


def dial(meeting: at.Meeting) -> Wire:
    """A wire to the worker. OSError where none listens there, or takes the call in time."""
    if sys.platform == "win32":
        import _winapi
        from multiprocessing.connection import Client

        _winapi.WaitNamedPipe(meeting.address, int(at.PATIENCE * 1000))  # Client itself would wait for 20 seconds
        return Client(meeting.address, "AF_PIPE")
    from xlcrm.worker.socket_wire import SocketWire

    return SocketWire(meeting.address, at.PATIENCE)


def _offered(wire: Wire, key: bytes, door: str, arguments: list[str]) -> bytes:
    """What the worker says to the run: one of the words of `meeting_place`."""
    import json

    at.prove_as_click(wire, key)
    wire.send_bytes(json.dumps(request(door, arguments)).encode("ascii"))
    return at.heard(wire)


def request(door: str, arguments: list[str]) -> dict[str, Any]:
    """All of a run that a worker has to know: what, for whom, where, and in which surroundings."""
    from xlcrm.worker import worker_code

    mask = os.umask(0o077)
    os.umask(mask)
    return {
        "door": door,
        "arguments": arguments,
        "program": _program(),
        "code": worker_code.identity(),
        "surroundings": worker_code.surroundings(),
        "folder": [str(Path.cwd()), worker_code.folder_identity(".")],
        "environment": dict(os.environ),
        "mask": mask,
        "streams": [form_of(stream) for stream in (sys.stdin, sys.stdout, sys.stderr)],
    }


def _program() -> str:
    """The program as click calls it in what it says of usage."""
    package = getattr(sys.modules["__main__"], "__package__", None)
    return f"python -m {package}" if package else Path(sys.argv[0]).name


def form_of(stream: Any) -> dict[str, Any] | None:
    """What text becomes on its way into a stream, and whether a person sits there; None for no stream.

    Raises for a stream that was closed or is no file's: no worker can write there.
    """
    if stream is None:
        return None
    return {
        "encoding": stream.encoding,
        "errors": stream.errors,
        "line_buffering": stream.line_buffering,
        "write_through": stream.write_through,
        "terminal": stream.buffer.isatty(),
    }


def _follow(wire: Wire, door: str, arguments: list[str]) -> int:
    """Let the worker go and do what it says until it is done: the exit code of the run."""
    streams = {at.OUT: sys.stdout, at.ERR: sys.stderr}
    with suppress(OSError, EOFError, ValueError), wire, _interrupts_sent(wire):
        wire.send_bytes(at.GO)
        while True:
            told = _next(wire)
            kind, content = told[:1], told[1:]
            if kind == at.CODE:
                return int(content)
            answer = _read(int(content)) if kind == at.READ else _print(streams[kind], content)
            wire.send_bytes(at.DONE + answer)
    _tell_broken_off(door, arguments)
    return BROKEN_OFF


@contextmanager
def _interrupts_sent(wire: Wire) -> Iterator[None]:
    """Who interrupts here interrupts the run there, and waits for what it says; not where interrupts are ignored."""
    import signal

    if signal.getsignal(signal.SIGINT) != signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: wire.send_bytes(at.INTERRUPT))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _next(wire: Wire) -> bytes:
    """The next frame. It is waited for before it is read, so that no interrupt cuts it in two."""
    while True:
        with suppress(InterruptedError):  # as Windows says it
            if wire.poll(None):
                return wire.recv_bytes()


def _print(stream: Any, content: bytes) -> bytes:
    def printed() -> bytes:
        stream.buffer.write(content)
        stream.buffer.flush()
        return b""

    return _answered(printed)


def _read(most: int) -> bytes:
    """At most 8 KB of the input at a time: that goes over in one piece, which no interrupt cuts."""
    source: Any = sys.stdin
    return _answered(lambda: bytes(source.buffer.read1(min(most, 8192))))


def _answered(work: Callable[[], bytes]) -> bytes:
    """The number of the system's refusal, 0 for none, and what was read."""
    import errno

    try:
        return b"0 " + work()
    except OSError as fault:
        return str(fault.errno or errno.EIO).encode("ascii")
    except (ValueError, AttributeError):  # a stream that is closed
        return str(errno.EBADF).encode("ascii")


def _tell_broken_off(door: str, arguments: list[str]) -> None:
    """Say that the run was broken off: on the terminal, and in Excel where it was a click."""
    from xlcrm import messages
    from xlcrm.cli.options import language, warn

    sentence = messages.text("install.broken_off", language())
    warn(sentence)
    if door == CLICK:
        from xlcrm.ribbon.click import tell_at

        with suppress(Exception):  # Excel may be gone as well; then there is nobody to tell
            tell_at(arguments, sentence, BROKEN_OFF)
