"""Telling a user something by the terminal: it never fails, and nothing of a cell works the terminal.

A stream that can't show a letter gets its code (`\\u0141`); one that is full or closed hands over to the other of the
two; where neither takes it, `tell` says so, for then the sentence has to go elsewhere (see `files.note_beside`).
"""

from __future__ import annotations

import codecs
import json
import os
import re
import sys
from contextlib import suppress

import click

# what works a terminal (ESC, BEL, the C1 signs) or turns the order of letters round (bidi embeddings and isolates)
_WORKING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def shown(text: str) -> str:
    """The text with the code of each sign that would work a terminal instead of the sign; also right within JSON."""
    return _WORKING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def on_one_line(text: str) -> str:
    """The text without line ends: what a cell holds can't pretend to be a line of ours."""
    return " ".join(text.splitlines())


def tell(text: str = "", *, err: bool = False) -> bool:
    """Print a line, on the other stream where the one meant takes nothing; whether any took it."""
    return any(_printed(shown(text), stream_err) for stream_err in (err, not err))


def tell_json(found: object) -> bool:
    """Print a value as JSON; in ASCII where the output has no encoding of Unicode."""
    return tell(json.dumps(found, ensure_ascii=not takes_every_letter(), indent=1))


def takes_every_letter() -> bool:
    """Whether the output has an encoding of Unicode: any other gets JSON in ASCII, which is still JSON."""
    with suppress(LookupError, AttributeError, TypeError):
        return codecs.lookup(sys.stdout.encoding).name.startswith("utf")
    return False


def prepare() -> None:
    """Make the streams patient, once a command begins, and leave no place of theirs to a file that is opened next."""
    with suppress(OSError):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass  # a closed output would be the next file opened, and what is printed would go into it
        os.close(descriptor)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError, OSError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _printed(text: str, err: bool) -> bool:
    """Whether a stream took the line; one that did not is let go, or its rest would fail once more at the end."""
    if (sys.stderr if err else sys.stdout) is None:
        return False
    try:
        click.echo(text, err=err)
    except (OSError, ValueError):
        if err:
            sys.stderr = None
        else:
            sys.stdout = None
        return False
    return True
