"""Power cut: what a run asked of the disk, recorded, and the states that a file system may keep of it when it stops.

What is certain is what was flushed: bytes by an fsync of their file, names by an fsync of their folder. All that came
since may be kept, lost, or kept without what came before it; of a write any blocks may be there, the others blank. A
rename is kept or lost as one. That is less than any file system in use promises, so what stands here stands there.
"""

from __future__ import annotations

import builtins
import io
import os
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

BLOCK = 4096
_CALLS = (
    "replace",
    "rename",
    "link",
    "symlink",
    "unlink",
    "remove",
    "mkdir",
    "rmdir",
    "truncate",
    "ftruncate",
    "write",
)
Place = tuple[int, str]  # a folder's number and a name in it
State = dict[str, bytes | None]  # path -> bytes, None for a folder


class Written(NamedTuple):
    """A file changed: from byte `at` on it holds `content`, and ends there."""

    file: int
    at: int
    content: bytes


class Named(NamedTuple):
    """Names that changed in one step: the file or folder each stands for now, None for none."""

    entries: dict[Place, int | None]


class Flushed(NamedTuple):
    """A file or a folder whose state is on the disk from here on."""

    node: int


Event = Written | Named | Flushed


class Recording:
    """What happened below a folder, step by step. `start` is what was there and on the disk before."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.events: list[Event] = []
        self._numbers: dict[int, int] = {}  # of the system's numbers of files, which it uses again
        self.folders = {0}
        self.names: dict[Place, int] = {}
        self.bytes: dict[int, bytes] = {}
        self._count = 0
        self.look()
        self.events.clear()
        self.start = dict(self.names), dict(self.bytes)

    def look(self) -> None:
        """Put on record what changed since the last look."""
        names: dict[Place, int] = {}
        there: dict[int, os.DirEntry[str]] = {}
        self._walk(0, self.root, names, there)
        changed: dict[Place, int | None] = {place: None for place in self.names if place not in names}
        changed.update({place: node for place, node in names.items() if self.names.get(place) != node})
        for node, entry in there.items():
            if node not in self.folders:
                self._compare(node, _content(entry.path))
        if changed:
            self.events.append(Named(changed))
        self.names = names
        self._numbers = {system: node for system, node in self._numbers.items() if node in there}

    def _walk(self, folder: int, path: Path, names: dict[Place, int], there: dict[int, os.DirEntry[str]]) -> None:
        with os.scandir(path) as entries:
            for entry in entries:
                system = entry.inode()
                if system not in self._numbers:
                    self._count += 1
                    self._numbers[system] = self._count
                node = self._numbers[system]
                names[folder, entry.name] = node
                there[node] = entry
                if entry.is_dir(follow_symlinks=False):
                    self.folders.add(node)
                    self._walk(node, Path(entry.path), names, there)

    def _compare(self, node: int, now: bytes) -> None:
        then = self.bytes.get(node, b"")
        if now != then or node not in self.bytes:
            same = _common(then, now)
            self.events.append(Written(node, same, now[same:]))
            self.bytes[node] = now

    def flushed(self, descriptor: int) -> None:
        """An fsync went well."""
        system = os.fstat(descriptor).st_ino
        root = self.root.stat().st_ino
        node = 0 if system == root else self._numbers.get(system)
        if node is not None:
            self.events.append(Flushed(node))


def _content(path: str) -> bytes:
    descriptor = _OS_OPEN(path, os.O_RDONLY)
    try:
        return os.read(descriptor, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)


def _common(one: bytes, other: bytes) -> int:
    """How many bytes at the beginning are the same."""
    least = min(len(one), len(other))
    if one[:least] == other[:least]:
        return least
    return next(n for n in range(least) if one[n] != other[n])


_OS_OPEN = os.open


@contextmanager
def recorded(root: Path) -> Iterator[Recording]:
    """Everything that this process does below `root` in the block."""
    recording = Recording(root)
    kept: list[tuple[Any, str, Callable[..., Any]]] = [(os, name, getattr(os, name)) for name in _CALLS]
    kept += [(os, "open", os.open), (os, "fsync", os.fsync), (io, "open", io.open), (builtins, "open", builtins.open)]

    alone = threading.RLock()

    def watched(call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def asked(*arguments: Any, **options: Any) -> Any:
            if name == "open" and not _writes(*arguments[1:2], *options.values()):
                return call(*arguments, **options)
            with alone:
                recording.look()
                answer = call(*arguments, **options)
                if name == "fsync":
                    recording.flushed(arguments[0])
                recording.look()
            return answer

        return asked

    try:
        for module, name, call in kept:
            setattr(module, name, watched(call, name))
        yield recording
        recording.look()
    finally:
        for module, name, call in kept:
            setattr(module, name, call)


def _writes(*asked: object) -> bool:
    """Whether a file is opened for writing, by a mode or by flags."""
    return any(set(how) & set("wax+") if isinstance(how, str) else how & _WRITES for how in asked if how)  # type: ignore[operator]


_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

# What may be there afterwards.


class Cut:
    """The states that may be left when the power goes after the first `at` events of a recording."""

    def __init__(self, recording: Recording, at: int) -> None:
        self.recording = recording
        done = recording.events[:at]
        last = {event.node: place for place, event in enumerate(done) if isinstance(event, Flushed)}
        self.certain: list[Written | Named] = []
        self.open: list[Written | Named] = []
        for place, event in enumerate(done):
            if isinstance(event, Flushed):
                continue
            nodes = [event.file] if isinstance(event, Written) else [folder for folder, _ in event.entries]
            kept = self.certain if any(last.get(node, -1) > place for node in nodes) else self.open
            kept.append(event)

    def state(self, keeps: Callable[[int, Written | Named], bool], tear: random.Random | None = None) -> State:
        """The state with those of the open events that `keeps` says; with `tear` some blocks of each write are lost."""
        names, content = (dict(part) for part in self.recording.start)
        for event in self.certain:
            _do(event, names, content, None)
        for place, event in enumerate(self.open):
            if keeps(place, event):
                _do(event, names, content, tear)
        return _rendered(names, content, self.recording.folders)


def _do(event: Written | Named, names: dict[Place, int], content: dict[int, bytes], tear: random.Random | None) -> None:
    if isinstance(event, Named):
        for place, node in event.entries.items():
            if node is None:
                names.pop(place, None)
            else:
                names[place] = node
        return
    old = content.get(event.file, b"").ljust(event.at, b"\0")
    written = event.content if tear is None else _torn(event.content, old[event.at :], tear)
    content[event.file] = old[: event.at] + written


def _torn(new: bytes, old: bytes, chance: random.Random) -> bytes:
    """Some blocks of a write: the others hold what was there, or zeros; now and then the file also ends early."""
    blocks = [new[n : n + BLOCK] for n in range(0, len(new), BLOCK)]
    share = chance.choice((0.0, 0.5, 0.9))
    for n, block in enumerate(blocks):
        if chance.random() > share:
            blocks[n] = old[n * BLOCK : n * BLOCK + len(block)].ljust(len(block), b"\0")
    whole = b"".join(blocks)
    return whole[: chance.randrange(len(whole) + 1)] if chance.random() < 0.3 else whole


def _rendered(names: dict[Place, int], content: dict[int, bytes], folders: set[int]) -> State:
    """Paths and bytes; what stands in a folder that was lost is lost with it."""
    state: State = {}
    waiting: list[tuple[int, str]] = [(0, "")]
    while waiting:
        folder, path = waiting.pop()
        for (inside, name), node in names.items():
            if inside == folder:
                state[path + name] = None if node in folders else content.get(node, b"")
                waiting += [(node, f"{path}{name}/")] if node in folders else []
    return state


def states(recording: Recording) -> Iterator[State]:
    """Different states without end: for every point all simple ones, then random ones."""
    seen: set[int] = set()
    for state in _all(recording):
        signature = hash(frozenset(state.items()))
        if signature not in seen:
            seen.add(signature)
            yield state


def _all(recording: Recording) -> Iterator[State]:
    for at in range(len(recording.events) + 1):
        yield from _simple(Cut(recording, at), random.Random(at))
    for number in range(100_000):
        chance = random.Random(f"random {number}")
        cut = Cut(recording, chance.randrange(len(recording.events) + 1))
        share = chance.choice((0.2, 0.5, 0.8))
        yield cut.state(lambda place, event: chance.random() < share, chance)  # noqa: B023 - used at once


def _simple(cut: Cut, tear: random.Random) -> Iterator[State]:
    """Nothing kept, all kept, names alone, bytes alone; up to an event, it alone, all but it; and all, torn."""
    yield cut.state(lambda place, event: False)
    yield cut.state(lambda place, event: True)
    yield cut.state(lambda place, event: isinstance(event, Named))
    yield cut.state(lambda place, event: isinstance(event, Written))
    for one in range(len(cut.open)):
        yield cut.state(lambda place, event: place <= one)  # noqa: B023 - used at once
        yield cut.state(lambda place, event: place == one)  # noqa: B023
        yield cut.state(lambda place, event: place != one)  # noqa: B023
    for _ in range(3):
        yield cut.state(lambda place, event: True, tear)


def put(state: State, folder: Path) -> None:
    """Make a folder hold exactly a state."""
    for path in sorted(state):
        content = state[path]
        if content is None:
            (folder / path).mkdir(parents=True)
        else:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
