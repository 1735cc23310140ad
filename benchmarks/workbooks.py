"""The part writer on a folder of workbooks by anybody: what is written or refused, and whether anything else suffers.

    python benchmarks/workbooks.py [FOLDER] [--no-office] [--no-validator]     (default ../shared/data/workbooks)

In every workbook one cell is changed; in each table cells are changed, rows added and removed, and each of these is
undone. After each step: entries, their order, times and bytes; the rows as openpyxl and calamine read them; every
other cell; the lint. At the end Microsoft's validator (errors that weren't there before) and LibreOffice.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.workbook_trials import Trial, tried  # noqa: E402

VALIDATOR = ROOT / "node_modules" / ".bin" / "ooxml-validator"
ENDINGS = {".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".xls"}


def complaints(path: Path) -> set[str]:
    """What Microsoft's validator says, without the numbers of rows and elements, which a change may shift."""
    command = [str(VALIDATOR), str(path), "--officeVersion", "Microsoft365"]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300).stdout
    start = said.find("{")
    if start < 0:
        return {f"the validator failed: {said[:200]}"}
    report = json.loads(said[start:])
    errors = report.get("errors", report.get("Errors", []))
    return {re.sub(r"\[\d+\]", "", json.dumps(error, sort_keys=True)) for error in errors}


def opened(paths: dict[str, Path], folder: Path) -> set[str]:
    """Which of the files LibreOffice opens and saves again; `folder` is a new one."""
    program = shutil.which("soffice")
    if not program or not paths:
        return set()
    folder.mkdir()
    source, out = folder / "in", folder / "out"
    source.mkdir()
    for name, path in paths.items():
        shutil.copy(path, source / f"{name}{path.suffix}")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    files = sorted(str(file) for file in source.iterdir())
    for at in range(0, len(files), 20):
        command = [program, profile, "--headless", "--convert-to", "ods", "--outdir", str(out), *files[at : at + 20]]
        subprocess.run(command, capture_output=True, check=False, timeout=900)
    return {file.stem for file in out.glob("*")} if out.exists() else set()


def attempted(path: Path, folder: Path) -> Trial:
    try:
        return tried(path, folder)
    except Exception as crash:  # noqa: BLE001 - one workbook must not end the run
        return Trial(path, path, wrong=[f"crashed: {crash!r}"])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", nargs="?", type=Path, default=ROOT.parent / "shared" / "data" / "workbooks")
    options.add_argument("--no-office", action="store_true")
    options.add_argument("--no-validator", action="store_true")
    asked = options.parse_args()
    files = sorted(p for p in asked.folder.rglob("*") if p.suffix.lower() in ENDINGS)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        trials = []
        for i, path in enumerate(files):
            (folder / str(i)).mkdir()
            trials.append(trial := attempted(path, folder / str(i)))
            if trial.written and not asked.no_validator and VALIDATOR.exists():
                new = complaints(trial.last) - complaints(path)
                trial.wrong += [f"validator: {complaint}" for complaint in sorted(new)]
        results = {str(i): trial.last for i, trial in enumerate(trials) if trial.written}
        if not asked.no_office:
            shut = results.keys() - opened(results, folder / "after")
            for name in opened({name: trials[int(name)].path for name in shut}, folder / "before"):
                trials[int(name)].wrong.append("LibreOffice does not open it, and did before")
    for trial in trials:
        show(trial)
    total(trials)


def show(trial: Trial) -> None:
    refused = Counter(key for _, key in trial.refused)
    why = "".join(f", refused {count} ({key})" for key, count in refused.items())
    print(f"{'WRONG' if trial.wrong else 'right'}  {trial.path.name}: {len(trial.written)} steps written{why}")
    for wrong in trial.wrong[:8]:
        print(f"       {wrong[:300]}")
    if len(trial.wrong) > 8:
        print(f"       and {len(trial.wrong) - 8} more")


def total(trials: list[Trial]) -> None:
    written = sum(bool(trial.written) for trial in trials)
    steps = sum(len(trial.written) for trial in trials)
    refused = Counter(key for trial in trials for _, key in trial.refused)
    right = sum(not trial.wrong for trial in trials)
    print(f"\n{right} of {len(trials)} workbooks right: {written} written in {steps} steps", end="")
    print("".join(f", {count} x {key}" for key, count in refused.most_common()))


if __name__ == "__main__":
    main()
