"""Neighbours in full: everything that a person may do with each workbook of each situation; nothing is ever mixed.

    python benchmarks/neighbours.py [--only SITUATION]

Each step starts from the situation as it was made. A step is wrong where a workbook holds another firm's clients, where
another workbook was changed, or where a backup with another firm's clients counts as a workbook's own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.support.neighbours import SITUATIONS, Town, steps, wrong


def again(town: Town, kept: Path) -> None:
    """The town as it was made."""
    shutil.rmtree(town.folder)
    shutil.copytree(kept, town.folder)


def tried(situation: Callable[[Path], Town], folder: Path) -> tuple[int, list[str]]:
    """How many steps were done in a situation, and what each wrong one did."""
    (folder / "made").mkdir()
    town = situation(folder / "made")
    kept = folder / "kept"
    shutil.copytree(town.folder, kept)
    done, faults = 0, []
    for book in list(town.firms):
        names = [name for name, _ in steps(town, book)]
        for place, name in enumerate(names):
            again(town, kept)
            fresh = replace(town, told=[])
            before = {path: path.read_bytes() for path in fresh.firms}
            _, step = list(steps(fresh, book))[place]
            said = step()
            done += 1
            if fault := wrong(fresh, book, before, name):
                faults.append(f"{situation.__name__}, {book.name}: {name}: {fault} ({said})")
    return done, faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="one situation by its name")
    only = parser.parse_args().only
    begun, total, wrongs = time.perf_counter(), 0, 0
    for situation in SITUATIONS:
        if only not in ("", situation.__name__):
            continue
        with TemporaryDirectory() as name:
            config = Path(name) / "xlcrm"
            config.mkdir()
            (config / "backup folders.txt").write_text(f"{Path(name).resolve()}\n", encoding="utf-8")
            os.environ.update(XDG_CONFIG_HOME=name, APPDATA=name, XLCRM_LANGUAGE="en")
            done, faults = tried(situation, Path(name))
        total, wrongs = total + done, wrongs + len(faults)
        print(f"{situation.__name__:16} {done:4} steps, {len(faults)} wrong  ({situation.__doc__})", flush=True)
        print("".join(f"    {fault}\n" for fault in faults), end="")
    print(f"{total} steps, {wrongs} wrong, {time.perf_counter() - begun:.0f} s")
    return 1 if wrongs else 0


if __name__ == "__main__":
    sys.exit(main())
