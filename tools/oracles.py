"""Oracles for refactoring: what every command prints and writes on the demo, in six languages, as text to compare.

    python tools/oracles.py freeze FOLDER      writes one text file a language
    python tools/oracles.py compare FOLDER     does it all again and shows what differs; exit code 1 if anything does

For each language: the SHA-256 of each part of the workbook that `build-workbook` makes; then, on the demo's lists with
the clock standing still, the plain output and the `--json` output of every command that changes or reads the client
file, its exit code, the files it left with their checksums, and the parts of the workbook after it. A change that moves
code and nothing else shows no difference.
"""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
import os
import sys
import tempfile
import zipfile
from multiprocessing import Pool
from pathlib import Path

LANGUAGES = ("en", "it", "es", "nb", "fr", "de")
DAY = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
BOOK = "Clients.xlsm"

COMMANDS = (
    ("new", BOOK, "--country", "IT", "--language", "{language}"),
    ("import", BOOK, "customers.csv"),
    ("import", BOOK, "orders.csv", "--table", "Purchases"),
    ("import", BOOK, "customers.csv", "--update"),
    ("split", BOOK),
    ("check", BOOK),
    ("correct", BOOK),
    ("check", BOOK),
    ("refresh", BOOK),
    ("refresh", BOOK),
    ("search", BOOK, "--where", "spend within 90 days > 500"),
    ("search", BOOK, "--where", "city contains o", "--out", "found.csv"),
    ("lists", BOOK),
    ("lists", BOOK, "--mark-invoiced"),
    ("undo", BOOK),
    ("backup", BOOK),
    ("backups", BOOK),
    ("restore", BOOK, "--rows", "C0007,C0009"),
    ("verify", BOOK),
    ("restore", BOOK, "3"),
    ("undo", BOOK, "4"),
)
JSON = {"import", "split", "check", "correct", "refresh", "search", "lists", "undo"}


def parts(path: Path) -> list[str]:
    """The checksum of each part of a workbook, a line each."""
    with zipfile.ZipFile(path) as package:
        return [f"  {name} {hashlib.sha256(package.read(name)).hexdigest()[:16]}" for name in package.namelist()]


def transcript(language: str) -> str:
    """Everything that the commands print and write in one language."""
    import time_machine
    from click.testing import CliRunner

    os.environ |= {"TZ": "UTC", "USER": "anna", "LOGNAME": "anna", "LANG": "C.UTF-8", "XLCRM_DEBUG": "1"}
    from xlcrm import building
    from xlcrm.demo import make

    home = Path.cwd()
    found = [f"# {language}", "## the workbook"]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        building.build(folder / "built.xlsm", language=language)
        found += [hashlib.sha256((folder / "built.xlsm").read_bytes()).hexdigest(), *parts(folder / "built.xlsm")]
        (folder / "built.xlsm").unlink()
        demo = make(DAY.date())
        (folder / "customers.csv").write_text(demo.clients, encoding="utf-8-sig", newline="")
        (folder / "orders.csv").write_text(demo.purchases, encoding="utf-8-sig", newline="")
        os.chdir(folder)
        try:
            for number, words in enumerate(COMMANDS):
                told = [word.format(language=language) for word in words]
                with time_machine.travel(DAY + dt.timedelta(minutes=number), tick=False):
                    if words[0] in JSON:
                        found += _run(CliRunner(), [*told, "--dry-run", "--json"], folder)
                        found += _run(CliRunner(), [*told, "--dry-run"], folder)
                    found += _run(CliRunner(), told, folder)
                found += [f"{p.relative_to(folder)} {p.stat().st_size}" for p in sorted(folder.rglob("*")) if _ours(p)]
                found += parts(folder / BOOK)
        finally:
            os.chdir(home)
    return "\n".join(found) + "\n"


def _ours(path: Path) -> bool:
    return path.is_file() and path.suffix not in (".xlsm", ".jsonl", ".sha256") and "lock" not in path.name


def _run(runner: object, words: list[str], folder: Path) -> list[str]:
    try:
        from xlcrm.cli.commands import main
    except ImportError:
        from xlcrm.cli.commands import main
    result = runner.invoke(main, words)  # type: ignore[attr-defined]
    told = result.output.replace(str(folder), "FOLDER").rstrip().splitlines()
    return [f"$ xlcrm {' '.join(words)}", *told, f"exit code {result.exit_code}"]


def main() -> None:
    what, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with Pool(2, maxtasksperchild=1) as pool:
        made = dict(zip(LANGUAGES, pool.map(transcript, LANGUAGES, chunksize=1), strict=True))
    differs = 0
    for language, text in made.items():
        file = folder / f"{language}.txt"
        if what == "freeze":
            file.write_text(text, encoding="utf-8")
            continue
        (folder / f"{language}.new.txt").write_text(text, encoding="utf-8")
        lines = list(
            difflib.unified_diff(file.read_text(encoding="utf-8").splitlines(), text.splitlines(), lineterm="")
        )
        differs += len(lines)
        print(f"{language}: {len(lines)} lines differ", *lines[:40], sep="\n")
    sys.exit(1 if differs else 0)


if __name__ == "__main__":
    main()
