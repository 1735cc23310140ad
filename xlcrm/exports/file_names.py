"""File names of exports: safe on every system, short enough for a path."""

from __future__ import annotations

import re
from unicodedata import category

from xlcrm.text import composed

LONGEST = 80  # characters of a stem; the folder's path needs room, too, in the 218 that Excel can open
_BYTES = 160  # of UTF-8: a name of 255 bytes is what Linux takes, and a number and a suffix come behind
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\s]+')
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)")


def file_stem(text: str, default: str = "list") -> str:
    """The text as the stem of a file's or a folder's name; `default` where nothing of it is left.

    What Windows, macOS or Linux refuse is a blank: separators, quotes, control and direction characters; no dot or
    blank at either end; a device's name (CON, LPT1) gets a sign in front.
    """
    plain = "".join(" " if category(sign)[0] == "C" else sign for sign in composed(text))
    stem = _FORBIDDEN.sub(" ", plain)[:LONGEST]
    stem = stem.encode("utf-8", "ignore")[:_BYTES].decode("utf-8", "ignore").strip(" .")
    return _DEVICES.sub(r"_\1", stem, count=1) or default
