"""Nights killed at moments spread over them: `python benchmarks/nights.py [--kills 20]`.

Each night takes in two lists of the inbox, checks and refreshes; it runs as the timer starts it and is ended with
SIGKILL. Then the workbook must be whole (of each list all rows or none, all backups as they were written), the next
night must finish, and after it each list is in once, nothing waits, and a further night changes nothing.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.live_help import three_clients
from xlcrm.backups.store import Store
from xlcrm.backups.verify import verify
from xlcrm.scheduling.inbox_folder import inbox_of
from xlcrm.values import as_text
from xlcrm.xlsx.reading import read_tables

NAME = "My.xlsm"
JOBS = "inbox check refresh"
# each list names two clients, so that a half of one would be seen
LISTS = {
    "first.csv": "First name,Last name,E-mail\nCarla,Neri,carla@example.com\nDino,Blu,dino@example.com\n",
    "second.csv": "First name,Last name,E-mail\nElsa,Rossi,elsa@example.com\nFabio,Verdi,fabio@example.com\n",
}


def prepared(folder: Path, lists: Sequence[str] = tuple(LISTS)) -> Path:
    """A workbook of three clients with lists in its inbox, in a new folder; the workbook."""
    folder.mkdir(parents=True)
    book = three_clients(folder / NAME)
    inbox = inbox_of(book, "en")
    inbox.make()
    for name in lists:
        (inbox.path / name).write_text(LISTS[name], encoding="utf-8")
    return book


def night(book: Path, *, once: bool = False) -> list[str]:
    """The command of a night; `once`: as the timer starts it, where one that was done is not done again."""
    when = ["--night", "--at", "00:00"] if once else ["--now"]
    return [sys.executable, "-P", "-m", "xlcrm", "schedule", str(book), *when, "--do", JOBS]


def halves(book: Path) -> list[str]:
    """What is not whole in a workbook after a kill; nothing where all is."""
    found = [f"damaged: {name}" for name in [zipfile.ZipFile(book).testzip()] if name]
    mails = Counter(as_text(read_tables.read(book)["Clients"].frame["email"]))
    for name, content in LISTS.items():
        there = [mails[line.split(",")[2]] for line in content.splitlines()[1:]]
        if there not in ([0, 0], [1, 1]):
            found.append(f"{name}: {there}")
    return found + [str(one) for one in verify(Store(book)) if one.level != "note"]


def not_finished(book: Path, lists: Sequence[str] = tuple(LISTS)) -> list[str]:
    """What a night that went well should have done and has not: lists that wait, clients that lack or stand twice."""
    inbox = inbox_of(book, "en")
    waiting = [f"waits: {path.name}" for path in inbox.path.iterdir() if path.is_file()]
    aside = [f"set aside: {path.name}" for path in inbox.to_look_at.iterdir()]
    mails = Counter(as_text(read_tables.read(book)["Clients"].frame["email"]))
    wanted = [line.split(",")[2] for name in lists for line in LISTS[name].splitlines()[1:]]
    wrong = [f"{mail}: {mails[mail]} times" for mail in wanted if mails[mail] != 1]
    return waiting + aside + wrong + [path.name for path in book.parent.glob("* NOT UPDATED *")]


def trial(start: Path, folder: Path, seconds: float) -> tuple[bool, list[str]]:
    """Whether the kill after `seconds` met the night at work, and all that was wrong then or after the next nights."""
    shutil.copytree(start, folder)
    book = folder / NAME
    process = subprocess.Popen(night(book), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    met = process.poll() is None
    process.kill()
    process.wait()
    wrong = halves(book)
    for when in (False, True):
        done = subprocess.run(night(book, once=when), capture_output=True, text=True, check=False)
        wrong += [f"night {done.returncode}: {done.stdout}{done.stderr}"] if done.returncode not in (0, 1) else []
    return met, wrong + not_finished(book)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=20)
    kills = asked.parse_args().kills
    with tempfile.TemporaryDirectory(prefix="xlcrm-nights-") as scratch:
        start = prepared(Path(scratch) / "start").parent
        whole = Path(scratch) / "whole"
        shutil.copytree(start, whole)
        begun = time.monotonic()
        subprocess.run(night(whole / NAME), capture_output=True, check=False)
        length = time.monotonic() - begun
        print(f"a night of two lists, check and refresh: {length:.1f} s; left undone: {not_finished(whole / NAME)}")
        met, wrong = 0, 0
        for number in range(kills):
            moment = length * (number + 0.5) / kills
            at_work, found = trial(start, Path(scratch) / str(number), moment)
            met, wrong = met + at_work, wrong + bool(found)
            print(
                f"killed after {moment:5.1f} s{'' if at_work else ' (done before)'}: {found or 'whole, then finished'}"
            )
            shutil.rmtree(Path(scratch) / str(number))
        print(f"{kills} kills, {met} of them while it was at work: {wrong} wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
