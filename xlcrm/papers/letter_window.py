"""Letter windows: where an address must stand on the sheet to show through the window of an envelope, and the folds.

Measures are millimetres from the upper left corner of the sheet. A rectangle is what shows however the sheet slides in
its envelope; the standard or the envelope that it comes from stands in the column `why` of `data/letter_windows.csv`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from xlcrm.errors import CrmError

FILE = Path(__file__).parent.parent / "data" / "letter_windows.csv"


@dataclass(frozen=True)
class LetterWindow:
    """A window: the rectangle for sender's line and address.

    sender  height of the part on top that the sender's line takes, 0 without one; the address stands under it
    folds   distances from the upper edge of the fold marks; hole is that of the mark for punching, 0 without
    """

    window: str
    paper: str
    left: float
    top: float
    width: float
    height: float
    sender: float
    folds: tuple[float, ...]
    hole: float


@cache
def letter_windows() -> dict[str, LetterWindow]:
    """All windows by name, in the order in which they are to be offered."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["window"]: _window(row) for row in csv.DictReader(file)}


def letter_window(name: str) -> LetterWindow:
    """The window of this name, "" is none; CrmError "papers.unknown_window" that names those there are."""
    found = letter_windows().get(name.strip().lower() or "none")
    if found is None:
        raise CrmError("papers.unknown_window", window=name, windows=", ".join(letter_windows()))
    return found


def _window(row: dict[str, str]) -> LetterWindow:
    measures = {name: float(row[name]) for name in ("left", "top", "width", "height", "sender")}
    folds = tuple(float(fold) for fold in row["folds"].split("|") if fold)
    return LetterWindow(row["window"], row["paper"], folds=folds, hole=float(row["hole"] or 0), **measures)
