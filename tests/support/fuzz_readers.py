"""Fuzzing of readers: sound files with random faults, each read in a child with a limit of time and of memory."""

from __future__ import annotations

import faulthandler
import io
import os
import random
import resource
import signal
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

SECONDS, MEGABYTES = 5, 512
RIGHT = frozenset({"read", "refused"})
_TOKENS = (
    b"\0", b"\xff", b"\xff\xfe", b"<", b">", b"&", b"&#x0;", b"]]>", b'"', b"'", b";", b",", b"\t", b"\r\n", b"\n" * 50,
    b"-1", b"0", b"99999999999", b"1e999", b"NaN", b"\xed\xa0\x80", b"A" * 5000, b"BEGIN:VCARD\r\n", b"=1+1", b"{",
    b"[" * 500,
    b"A1:XFD1048576", b"t=\"s\"", b"<v>9</v>", b'":', b"null", b"\\u0000", b'"number"', b"2026-13-45",
    b'table:number-columns-repeated="16384"', b'table:number-rows-repeated="1048576"',
)  # fmt: skip


def spoilt(content: bytes, chance: random.Random) -> bytes:
    """A file with one to eight random faults: of a package inside one of its parts, now and then in its bytes."""
    if content[:2] == b"PK" and chance.random() < 0.7:
        return _spoilt_package(content, chance)
    for _ in range(chance.choice((1, 1, 2, 8))):
        content = chance.choice(_FAULTS)(content, chance)
    return content


def _spoilt_package(content: bytes, chance: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    name = chance.choice(sorted(parts))
    if chance.random() < 0.1:
        del parts[name]
    else:
        for _ in range(chance.choice((1, 1, 3))):
            parts[name] = chance.choice(_FAULTS)(parts[name], chance)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for one, held in parts.items():
            package.writestr(one, held)
    return out.getvalue()


def _flip(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) or 1)
    return content[:place] + bytes([chance.randrange(256)]) + content[place + 1 :]


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _lose(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    return content[:place] + content[place + chance.choice((1, 10, 1000)) :]


def _twice(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    piece = content[place : place + chance.choice((1, 20, 2000))]
    return content[:place] + piece * chance.choice((2, 2, 300)) + content[place + len(piece) :]


def _put_in(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content) + 1)
    return content[:place] + chance.choice(_TOKENS) + content[place + chance.choice((0, 0, 5)) :]


def _number(content: bytes, chance: random.Random) -> bytes:
    """A figure becomes another, as sizes and positions are."""
    places = [n for n, byte in enumerate(content[:200_000]) if 48 <= byte <= 57]
    if not places:
        return _flip(content, chance)
    place = chance.choice(places)
    return content[:place] + chance.choice((b"9", b"0", b"-1", b"4294967295")) + content[place + 1 :]


_FAULTS = (_flip, _cut, _lose, _twice, _put_in, _put_in, _number)


def outcomes(one: Callable[[int], str], numbers: range) -> dict[int, str]:
    """What `one` says of each number: read, refused, or what is wrong; in children with limits of time and memory.

    A child takes numbers until one ends it; the next child goes on after that one.
    """
    found: dict[int, str] = {}
    while left := range(numbers.start + len(found), numbers.stop):
        here, there = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(here)
            _child(one, left, there)
        os.close(there)
        with os.fdopen(here, encoding="utf-8", errors="replace") as lines:
            found.update(zip(left, (line.rstrip("\n") for line in lines), strict=False))
        status = os.waitpid(child, 0)[1]
        if numbers.start + len(found) < numbers.stop:
            found[numbers.start + len(found)] = _ended(status)
    return found


def _ended(status: int) -> str:
    if not os.WIFSIGNALED(status):
        return "ENDED WITHOUT A WORD"
    number = os.WTERMSIG(status)
    return "TOO SLOW" if number in (signal.SIGXCPU, signal.SIGALRM) else f"ABORTED: signal {number}"


def _child(one: Callable[[int], str], numbers: range, there: int) -> None:
    faulthandler.disable()  # what ends the child is told by its status
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 2)
    for number in numbers:
        _limit()
        try:
            answer = one(number)
        except MemoryError:
            answer = "TOO MUCH MEMORY"
        except BaseException as fault:  # noqa: BLE001 - that is what is looked for
            answer = f"{type(fault).__name__}: {str(fault)[:200]}"
        os.write(there, answer.encode("utf-8", "replace").replace(b"\n", b" ") + b"\n")
    os._exit(0)


def _limit() -> None:
    """5 seconds of the processor from now (and a minute by the clock, for what waits), 512 MB more than now."""
    used = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + SECONDS + 1, -1))
    resource.setrlimit(resource.RLIMIT_DATA, (data_now() + (MEGABYTES << 20), -1))
    signal.alarm(60)


def data_now() -> int:
    """Bytes of data that this process holds (Linux)."""
    if sys.platform != "linux":
        return 0
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return int(fields["VmData"].split()[0]) * 1024
