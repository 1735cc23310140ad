"""The launcher as a program of its own: odd workbook names arrive whole, and nothing beside a workbook is executed."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import CASES, ROOT
from tests.support.shipped import shipped

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="starts shell scripts; file names Windows doesn't take")

# Excel's place is taken by an engine in memory; all else is the program as it is installed
STAND_IN = """#!/bin/sh
exec "{python}" -I -c '
import sys
sys.path.insert(0, "{root}")
from tests.support.engines import memory
engine = memory.Engine()
memory.front(engine)
engine.app.books.open(sys.argv.pop(1))
from xlcrm.ribbon import click
try:
    click.main()
finally:
    print(engine.app.state["status_bar"])
    print(sorted(sys.modules), file=sys.stderr)
' "$XLCRM_OPEN_BOOK" "$@"
"""
PLANT = 'import pathlib; pathlib.Path(r"{witness}").write_text(__name__)\n'
PLANTED = (
    "xlcrm.py", "jinja2.py", "xlwings.py", "pandas.py", "openpyxl.py", "fastexcel.py", "numpy.py", "argparse.py",
    "sitecustomize.py", "usercustomize.py", "xlcrm/__init__.py", "xlcrm/ribbon/__init__.py", "xlcrm/ribbon/click.py",
)  # fmt: skip


def names() -> list[dict[str, str]]:
    with (CASES / "book_names.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if "/" not in row["name"] and len(row["name"].encode()) < 200]


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("launcher") / "Empty.xlsm"
    shipped(path, language="en")
    return path


@pytest.fixture
def launcher(tmp_path: Path) -> Path:
    path = tmp_path / "my launcher" / "xlcrmw"
    path.parent.mkdir()
    path.write_text(STAND_IN.format(python=sys.executable, root=ROOT), encoding="utf-8")
    path.chmod(0o755)
    return path


def click(launcher: Path, arguments: str, book: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """The macro's command line, as it is, through a shell that would make something of an odd name."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(
        f'"{launcher}" {arguments}', shell=True, cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        env={**plain, "XLCRM_OPEN_BOOK": str(book), "XLCRM_LANGUAGE": "en"},
    )  # fmt: skip


ODD = names()


def test_the_names_hold_what_shells_and_windows_mistake() -> None:
    letters = "".join(row["name"] for row in ODD)
    assert all(sign in letters for sign in [" ", "&", "%", "=", "'", "$("])
    assert any(row["name"].count(".") > 1 for row in ODD)
    assert any(re.search("[а-я]", row["name"]) for row in ODD)


@pytest.mark.parametrize("row", ODD, ids=lambda row: row["why"])
def test_a_click_in_a_workbook_of_any_name_reaches_that_workbook(
    launcher: Path, empty: Path, tmp_path: Path, row: dict[str, str]
) -> None:
    folder = tmp_path / "desk"
    folder.mkdir()
    book = folder / row["name"]
    shutil.copy(empty, book)
    done = click(launcher, f"backup --hwnd 4711 --book {row['encoded']}", book, folder)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert done.stdout.strip() not in ("", "False")
    backups = folder / f"{book.stem} backups"
    assert sorted(path.name for path in folder.iterdir()) == sorted([book.name, backups.name])
    assert any(path.name.startswith(book.stem) and path.suffix == book.suffix for path in backups.iterdir())


def plant(folder: Path) -> Path:
    witness = folder.parent / "executed"
    for name in PLANTED:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PLANT.format(witness=witness), encoding="utf-8")
    program = folder / "python"
    program.write_text(f"#!/bin/sh\ntouch '{witness}'\n", encoding="utf-8")
    program.chmod(0o755)
    (folder / "xlwings.conf").write_text(
        f'"INTERPRETER_WIN","{program}"\n"INTERPRETER_MAC","{program}"\n"PYTHONPATH","{folder}"\n', encoding="utf-8"
    )
    (folder / "pyvenv.cfg").write_text(f"home = {folder}\n", encoding="utf-8")
    return witness


@pytest.mark.parametrize("action", ["lists", "split", "refresh"])
def test_nothing_planted_beside_the_workbook_is_executed(
    launcher: Path, empty: Path, tmp_path: Path, action: str
) -> None:
    folder = tmp_path / "desk"
    folder.mkdir()
    book = folder / "My.xlsm"
    shutil.copy(empty, book)
    witness = plant(folder)
    done = click(launcher, f"{action} --hwnd 4711 --book My.xlsm", book, folder)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    used = {"xlcrm", "pandas", "openpyxl", "xlwings", *(["jinja2"] if action == "lists" else [])}
    assert [name for name in sorted(used) if f"'{name}'" not in done.stderr] == []
    assert not witness.exists(), f"executed: {witness.read_text(encoding='utf-8')}"


def installed() -> Path:
    found = Path(sys.executable).parent / "xlcrmw"
    if not found.is_file():
        pytest.skip("the installed launcher (xlcrmw) is missing")
    return found


def test_the_plants_would_be_executed_by_a_careless_program(tmp_path: Path) -> None:
    """Else the test above would prove nothing."""
    folder = tmp_path / "desk"
    folder.mkdir()
    witness = plant(folder)
    subprocess.run([sys.executable, "-c", "import jinja2"], cwd=folder, capture_output=True, check=False)
    assert witness.exists()


@pytest.mark.skipif(sys.platform == "darwin", reason="would look for an open workbook in a real Excel")
def test_the_installed_launcher_executes_nothing_planted(tmp_path: Path) -> None:
    """Here without an Excel: it says so by its code, without a traceback, and has imported xlwings by then."""
    folder = tmp_path / "desk"
    folder.mkdir()
    witness = plant(folder)
    done = click(installed(), "split --hwnd 0 --book My.xlsm", folder / "My.xlsm", folder)
    assert (done.returncode, done.stdout, done.stderr) == (4, "", "")
    assert not witness.exists(), f"executed: {witness.read_text(encoding='utf-8')}"


@pytest.mark.parametrize("arguments", ["", "--help", "split", "split --book", "split --hwnd x --book a", "-x -y"])
def test_a_command_line_that_no_button_makes_is_refused_quietly(tmp_path: Path, arguments: str) -> None:
    done = click(installed(), arguments, tmp_path / "My.xlsm", tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
